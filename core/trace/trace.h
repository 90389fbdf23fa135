/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "trace/pcap.h"
#include "trace/trace_file.h"
#include "trace/traces.h"

G_BEGIN_DECLS

/** McpTrace: one trace. All but the making happens under the lock of its McpTraces. */
typedef struct {
    char *id;
    McpTraceScope scope;
    char *subject; /* nullable */
    gboolean raise_level;
    McpLogLevel level;
    gboolean messages; /* into the log */
    char *text_name;   /* nullable */
    char *pcap_name;   /* nullable */
    gint64 duration;
    gint64 max_bytes;
    gint64 started_wall;
    gint64 deadline;     /* µs of the clock */
    gboolean running;    /* files are open, messages are taken */
    const char *ended;   /* nullable: why */
    GHashTable *calls;   /* id of a call → itself */
    GHashTable *dialogs; /* SIP Call-ID → id of its call, or "" */
    GQueue order;        /* keys of @dialogs, the oldest first */
    McpTraceFile *text;  /* nullable, as the next two */
    McpTraceFile *packets;
    McpPcap *pcap;
    char *error; /* nullable: what went wrong with the files */
    guint64 taken;
    gint64 bytes;
    guint64 dropped;
} McpTrace;

/** mcp_trace_new: (transfer full): NULL when @request asks for what cannot be. */
McpTrace *mcp_trace_new(const McpTraceRequest *request, GError **error);
/** mcp_trace_free: files must have been closed. */
void mcp_trace_free(McpTrace *trace);

/** mcp_trace_add_call: notes @call if the trace is about it. */
void mcp_trace_add_call(McpTrace *trace, const McpTraceCall *call);
/** mcp_trace_wants_messages: whether it is about more than the log's level. */
gboolean mcp_trace_wants_messages(const McpTrace *trace);
/** mcp_trace_fits: whether @message belongs to it; remembers its dialog. */
gboolean mcp_trace_fits(McpTrace *trace, const McpTraceMessage *message);
/** mcp_trace_write: copies @message into the files; counts it. */
void mcp_trace_write(McpTrace *trace, const McpTraceMessage *message);
/** mcp_trace_is_full: the limit of size is reached. */
gboolean mcp_trace_is_full(const McpTrace *trace);
/** mcp_trace_open_files: makes the files that are asked for. On the disk pool. */
gboolean mcp_trace_open_files(McpTrace *trace, const char *folder, GError **error);
/** mcp_trace_close_files: what waits is written later; @func is called for each file then. */
void mcp_trace_close_files(McpTrace *trace, McpTraceFileClosed func, gpointer user_data);
/** mcp_trace_describe: members of an object of the list. */
void mcp_trace_describe(const McpTrace *trace, McpJson *json);
/** mcp_trace_message_head: (transfer full): "sent 192.0.2.1:5060 > 192.0.2.9:5060 udp, 9 bytes". */
char *mcp_trace_message_head(const McpTraceMessage *message);

G_END_DECLS
