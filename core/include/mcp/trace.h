/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/json.h>
#include <mcp/log.h>

G_BEGIN_DECLS

/** McpTraces: what an operator looks at closely for a while: log level, messages, packets. */
#define MCP_TYPE_TRACES (mcp_traces_get_type())
G_DECLARE_FINAL_TYPE(McpTraces, mcp_traces, MCP, TRACES, GObject)

/** McpTraceScope: whom a trace is about. */
typedef enum {
    MCP_TRACE_ALL,
    MCP_TRACE_CALL,   /* a call's id, or the Call-ID of its SIP dialog */
    MCP_TRACE_NUMBER, /* pattern (*) of a user part in From, To or request-URI */
    MCP_TRACE_PEER,   /* a peer's name */
} McpTraceScope;

/** McpTraceRequest: what to trace, how, and for how long. */
typedef struct {
    McpTraceScope scope;
    const char *subject; /* what @scope names; NULL for MCP_TRACE_ALL */
    gboolean raise_level;
    McpLogLevel level; /* with @raise_level: the log has lines up to this one */
    gboolean messages; /* SIP messages go into the log */
    const char *text;  /* nullable: name of a file that gets the messages as text */
    const char *pcap;  /* nullable: name of a file that gets them as packets */
    gint64 duration;   /* µs; 0: 10 minutes; 24 hours at most */
    gint64 max_bytes;  /* of messages; 0: 64 MiB; 4 GiB at most */
} McpTraceRequest;

/**
 * mcp_traces_start_async: begins a trace. Fails with MCP_ERROR_INVALID (a limit, a file name),
 * MCP_ERROR_NOT_FOUND (no such call), MCP_ERROR_LIMIT (too many). Control context.
 */
void mcp_traces_start_async(McpTraces *traces, const McpTraceRequest *request,
                            GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer user_data);
/** mcp_traces_start_finish: (transfer full): the trace's id. */
char *mcp_traces_start_finish(McpTraces *traces, GAsyncResult *result, GError **error);
/** mcp_traces_stop: FALSE when no such trace runs. Control context. */
gboolean mcp_traces_stop(McpTraces *traces, const char *id);
/** mcp_traces_list: adds an array "traces": those that run and the last ended ones. */
void mcp_traces_list(McpTraces *traces, McpJson *json);

/** McpTraceEnd: one end of a connection. */
typedef struct {
    gboolean ipv6;
    guint8 address[16]; /* in network order, 4 bytes without @ipv6 */
    guint16 port;
} McpTraceEnd;

/** McpTraceKind: what a message is. */
typedef enum {
    MCP_TRACE_SIP,
    MCP_TRACE_RTCP, /* a compound packet in the clear; watchers alone see it */
} McpTraceKind;

/** McpTraceMessage: a message as it went over the wire, secrets masked. */
typedef struct {
    McpTraceKind kind;
    const char *call; /* nullable: id of the call it is known to belong to */
    gint64 wall;      /* µs since 1970 */
    gboolean sent;
    gboolean stream;       /* over a connection */
    const char *transport; /* "udp", "tcp", "tls" */
    McpTraceEnd local;
    McpTraceEnd remote;
    const char *dialog;       /* SIP Call-ID; NULL for RTCP, as the next two */
    const char *const *users; /* user parts; NULL-terminated */
    const char *peer;         /* name */
    const char *data;
    gsize length;
} McpTraceMessage;

/** mcp_traces_wanted: whether anybody wants SIP messages; two atomic reads. Any thread. */
gboolean mcp_traces_wanted(McpTraces *traces);
/**
 * mcp_traces_message: shows a message to all traces and watchers; copies what is wanted. Any
 * thread, but no media worker.
 */
void mcp_traces_message(McpTraces *traces, const McpTraceMessage *message);

/**
 * McpTraceWatcher: sees messages of all calls, whether a trace runs or not. On the thread that
 * shows them, which waits: neither blocks nor logs.
 *
 * @message: one message; copies what it keeps
 * @dialog: the dialog of this SIP Call-ID is that of the call, or of the refused INVITE, with this
 *   id; messages of it may have been shown before
 */
typedef struct {
    void (*message)(const McpTraceMessage *message, gpointer user_data);
    void (*dialog)(const char *call_id, const char *sip_call_id, gpointer user_data);
} McpTraceWatcher;

/**
 * mcp_traces_watch: @watcher, which is static, sees messages from now on. Returns: its number, or 0
 * when there are too many of them (4). Control context.
 */
guint mcp_traces_watch(McpTraces *traces, const McpTraceWatcher *watcher, gpointer user_data);
/**
 * mcp_traces_unwatch: takes the one with @number (0: none) away; none of its functions runs any
 * more after it. Control context.
 */
void mcp_traces_unwatch(McpTraces *traces, guint number);
/** mcp_traces_watched: whether there is a watcher; one atomic read. Any thread. */
gboolean mcp_traces_watched(McpTraces *traces);

G_END_DECLS
