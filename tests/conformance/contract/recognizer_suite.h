/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/recognizer.h>

G_BEGIN_DECLS

/** RecognizerProvider: makes the recognizer that the suite is run against. */
typedef struct {
    const char *name;
    McpRecognizer *(*open)(McpGrammarEngine **out_grammars);
    void (*close)(McpRecognizer *recognizer);
    /** @say: (transfer full): a tap of the present context: a caller says @text; NULL: nothing. */
    McpTap *(*say)(const char *text);
    /** @get_reads: frames read from a tap of @say. */
    guint (*get_reads)(McpTap *tap);
} RecognizerProvider;

extern const RecognizerProvider recognizer_provider;

G_END_DECLS
