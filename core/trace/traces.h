/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>
#include <mcp/pool.h>
#include <mcp/trace.h>

G_BEGIN_DECLS

/** McpTraceCall: by what traces know a call. */
typedef struct {
    const char *id;
    const char *dialog;       /* nullable: SIP Call-ID */
    const char *const *users; /* NULL-terminated */
    const char *peer;         /* nullable */
} McpTraceCall;

/** mcp_traces_new: (transfer full): @context is the control context. */
McpTraces *mcp_traces_new(McpClock *clock, McpPool *disk, GMainContext *context);

/** McpTraceWalk: calls mcp_traces_add_call() for each call that runs. */
typedef void (*McpTraceWalk)(McpTraces *traces, gpointer user_data);
/** mcp_traces_set_walk: how traces get to know the calls that run when they begin. */
void mcp_traces_set_walk(McpTraces *traces, McpTraceWalk walk, gpointer user_data);

/** mcp_traces_set_folder: where files go from now on; NULL or "": none can be made. */
void mcp_traces_set_folder(McpTraces *traces, const char *folder);

/** mcp_traces_add_call: a call begins, or its dialog is known now. Any thread. */
void mcp_traces_add_call(McpTraces *traces, const McpTraceCall *call);
/** mcp_traces_add_refused: the INVITE of @dialog was refused; watchers hear of it. Any thread. */
void mcp_traces_add_refused(McpTraces *traces, const char *id, const char *dialog);
/** mcp_traces_remove_call: it has ended. Any thread. */
void mcp_traces_remove_call(McpTraces *traces, const char *id);

/** McpTracesClosed: all files are written. Control context. */
typedef void (*McpTracesClosed)(gpointer user_data);
/** mcp_traces_close: ends all; @func is called when the files have got what waited. */
void mcp_traces_close(McpTraces *traces, McpTracesClosed func, gpointer user_data);
/** mcp_traces_is_active: whether any trace or watcher is there; two atomic reads. Any thread. */
gboolean mcp_traces_is_active(McpTraces *traces);

G_END_DECLS
