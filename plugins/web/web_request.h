/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <libsoup/soup.h>
#include <mcp/clock.h>
#include <mcp/contract/listener.h>

G_BEGIN_DECLS

/**
 * mcp_web_request_begin: makes a request of @message and hands it to @handler.
 * @path: below the mount point
 */
void mcp_web_request_begin(SoupServerMessage *message, McpClock *clock, const char *path,
                           GHashTable *query, McpWebHandler handler, gpointer user_data);
/** mcp_web_request_respond: as mcp_listener_respond(). */
void mcp_web_request_respond(McpWebRequest *request, guint status, const char *content_type,
                             const char *body, gsize length);
/** mcp_web_request_stream_begin: as mcp_listener_stream_begin(). */
void mcp_web_request_stream_begin(McpWebRequest *request, const char *content_type,
                                  McpWebClosedFunc closed, gpointer user_data);
/** mcp_web_request_stream_write: as mcp_listener_stream_write(). */
gboolean mcp_web_request_stream_write(McpWebRequest *request, const char *text, gsize length);
/** mcp_web_request_stream_end: as mcp_listener_stream_end(). */
void mcp_web_request_stream_end(McpWebRequest *request);

/** mcp_web_set_json_error: answers @message with {"error": …}. */
void mcp_web_set_json_error(SoupServerMessage *message, guint status, const char *text);

G_END_DECLS
