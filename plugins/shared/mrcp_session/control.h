/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>
#include <mrcp/message.h>
#include <stream/stream.h>

G_BEGIN_DECLS

/**
 * McpMrcpControls: the control connections of a client (RFC 6787 §4.2), which channels of one
 * context to one server share. Any thread; shared by reference.
 */
typedef struct _McpMrcpControls McpMrcpControls;
/** McpMrcpChannel: a control channel: one resource. On the context it was opened on. */
typedef struct _McpMrcpChannel McpMrcpChannel;

/**
 * McpMrcpChannelFunc: a @message of the channel; or its connection is open: neither; or gone:
 * @error. The channel may be closed within.
 */
typedef void (*McpMrcpChannelFunc)(McpMrcpChannel *channel, const McpMrcpMessage *message,
                                   const GError *error, gpointer user_data);

/** mcp_mrcp_controls_new: (transfer full). */
McpMrcpControls *mcp_mrcp_controls_new(McpClock *clock);
/** mcp_mrcp_controls_ref: (transfer full). */
McpMrcpControls *mcp_mrcp_controls_ref(McpMrcpControls *controls);
/** mcp_mrcp_controls_unref: drops a reference. */
void mcp_mrcp_controls_unref(McpMrcpControls *controls);
/**
 * mcp_mrcp_controls_has: whether a connection of this context to @server, any name, is open that a
 * new channel may share.
 */
gboolean mcp_mrcp_controls_has(McpMrcpControls *controls, const char *server);
/**
 * mcp_mrcp_channel_open: (transfer full):
 * @server: name under which the connection is shared; NULL: with nobody
 * @target: where it leads; of a connection that is there already nothing is looked at
 * @existing: on the connection to @server that is there already, if it still is
 * @id: "ID@resource"
 * @func: never before this has returned
 */
McpMrcpChannel *mcp_mrcp_channel_open(McpMrcpControls *controls, const char *server,
                                      const McpStreamTarget *target, gboolean existing,
                                      const char *id, McpMrcpChannelFunc func, gpointer user_data);
/** mcp_mrcp_channel_close: frees it; the connection goes with the last of its channels. */
void mcp_mrcp_channel_close(McpMrcpChannel *channel);
/** mcp_mrcp_channel_send: with the channel's identifier, before anything else. */
void mcp_mrcp_channel_send(McpMrcpChannel *channel, McpMrcpMessage *message);
/** mcp_mrcp_channel_next_id: a request-id that no request of the channel had (RFC 6787 §5.2). */
guint32 mcp_mrcp_channel_next_id(McpMrcpChannel *channel);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMrcpChannel, mcp_mrcp_channel_close)

G_END_DECLS
