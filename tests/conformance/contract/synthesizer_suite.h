/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/synthesizer.h>

G_BEGIN_DECLS

/** SynthesizerProvider: makes the synthesizer that the suite is run against. */
typedef struct {
    const char *name;
    McpSynthesizer *(*open)(void);
    void (*close)(McpSynthesizer *synthesizer);
    const char *unknown_language; /* no voice speaks it */
    gsize too_long;               /* characters; 0: no limit */
    gboolean takes_time;          /* a long text is not there at once */
} SynthesizerProvider;

extern const SynthesizerProvider synthesizer_provider;

G_END_DECLS
