/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/listener.h>
#include <mcp/host.h>

G_BEGIN_DECLS

/**
 * McpControlStreams: the event streams that clients have open (text/event-stream). Control context.
 */
typedef struct _McpControlStreams McpControlStreams;

/** McpControlFilter: which events a stream carries. */
typedef struct {
    const char *call_id;   /* nullable: of all calls */
    guint types;           /* mask of 1 << McpEventType */
    guint other_types;     /* with @call_id: these of other calls too */
    gboolean until_record; /* ends after the record of @call_id */
} McpControlFilter;

/** mcp_control_streams_new: (transfer full). */
McpControlStreams *mcp_control_streams_new(McpHost *host, McpListener *listener);
/** mcp_control_streams_free: ends all. */
void mcp_control_streams_free(McpControlStreams *streams);
/** McpControlStream: one stream. */
typedef struct _McpControlStream McpControlStream;

/**
 * mcp_control_streams_subscribe: a stream that has no client yet: events wait for it from now on,
 * until mcp_control_stream_open() or mcp_control_stream_drop(), which come before the main loop
 * runs again.
 */
McpControlStream *mcp_control_streams_subscribe(McpControlStreams *streams,
                                                const McpControlFilter *filter);
/**
 * mcp_control_stream_open: @request becomes the stream.
 * @call_id: (nullable): replaces the filter's
 */
void mcp_control_stream_open(McpControlStream *stream, McpWebRequest *request, const char *call_id);
/** mcp_control_stream_drop: forgets a stream that was not opened. */
void mcp_control_stream_drop(McpControlStream *stream);
/**
 * mcp_control_event_types: mask of comma-separated type names; NULL or "" gives all; FALSE when one
 * is unknown.
 */
gboolean mcp_control_event_types(const char *names, guint *out_types);

G_END_DECLS
