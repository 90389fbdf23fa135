/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/call_sink.h>

G_BEGIN_DECLS

/** CallSinkProvider: makes the sink that the suite is run against. */
typedef struct {
    const char *name;
    McpCallSink *(*open)(void);
    void (*close)(McpCallSink *sink);
    char *(*read)(void); /* (transfer full): all that is safe by now */
    void (*break_down)(McpCallSink *sink, gboolean broken); /* nothing can be written, or again */
} CallSinkProvider;

extern const CallSinkProvider call_sink_provider;

G_END_DECLS
