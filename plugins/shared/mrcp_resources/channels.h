/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/metrics.h>
#include <mrcp/names.h>

G_BEGIN_DECLS

/** McpMrcpdChannels: all channels there are, by id. Any thread. */
typedef struct _McpMrcpdChannels McpMrcpdChannels;
/**
 * McpMrcpdChannel: a control channel (RFC 6787 §4.2): a resource of a session on one side, on its
 * shard; whoever carries its messages on the other, on the control context. MRCPv2 is spoken.
 */
typedef struct _McpMrcpdChannel McpMrcpdChannel;
/** McpMrcpdCarrier: a connection, or what stands for one, as a channel sees it. */
typedef struct _McpMrcpdCarrier McpMrcpdCarrier;

/** McpMrcpdCarrier: control context. */
struct _McpMrcpdCarrier {
    /* A response or event of @channel. */
    void (*write)(McpMrcpdCarrier *carrier, McpMrcpdChannel *channel, McpMrcpMessage *message);
    /* @channel is over. */
    void (*left)(McpMrcpdCarrier *carrier, McpMrcpdChannel *channel);
};

/** McpMrcpdTakeFunc: a request (transfer full); NULL: its carrier is gone. On the shard. */
typedef void (*McpMrcpdTakeFunc)(McpMrcpMessage *message, gpointer user_data);

/** mcp_mrcpd_channels_new: (transfer full): at most @max; @metrics: (nullable). */
McpMrcpdChannels *mcp_mrcpd_channels_new(GMainContext *control, guint max, McpMetrics *metrics);
/** mcp_mrcpd_channels_ref: (transfer full). */
McpMrcpdChannels *mcp_mrcpd_channels_ref(McpMrcpdChannels *channels);
/** mcp_mrcpd_channels_unref: */
void mcp_mrcpd_channels_unref(McpMrcpdChannels *channels);

/* --- the resource's side: the context that is thread-default --- */

/**
 * mcp_mrcpd_channel_open: (transfer full): a channel with an id that cannot be guessed.
 * @call_id: for log lines
 *
 * Returns: NULL with MCP_ERROR_LIMIT.
 */
McpMrcpdChannel *mcp_mrcpd_channel_open(McpMrcpdChannels *channels, McpMrcpResource resource,
                                        const char *call_id, McpMrcpdTakeFunc func,
                                        gpointer user_data, GError **error);
/** mcp_mrcpd_channel_send: @message (transfer full): a response or event. */
void mcp_mrcpd_channel_send(McpMrcpdChannel *channel, McpMrcpMessage *message);
/** mcp_mrcpd_channel_close: (transfer full): nothing comes any more; what was sent goes out. */
void mcp_mrcpd_channel_close(McpMrcpdChannel *channel);

/* --- the carrier's side: the control context --- */

/** mcp_mrcpd_channels_find: (transfer full) (nullable): the channel @id, in any case. */
McpMrcpdChannel *mcp_mrcpd_channels_find(McpMrcpdChannels *channels, const char *id);
/** mcp_mrcpd_channel_attach: FALSE: it is another carrier's. */
gboolean mcp_mrcpd_channel_attach(McpMrcpdChannel *channel, McpMrcpdCarrier *carrier);
/** mcp_mrcpd_channel_deliver: @message (transfer full), a request, goes to the resource. */
void mcp_mrcpd_channel_deliver(McpMrcpdChannel *channel, McpMrcpMessage *message);
/** mcp_mrcpd_channel_get_unanswered: requests that have no response; of one that left: never. */
guint mcp_mrcpd_channel_get_unanswered(const McpMrcpdChannel *channel);
/** mcp_mrcpd_channel_lose: its carrier is gone, and the resource hears of it. */
void mcp_mrcpd_channel_lose(McpMrcpdChannel *channel);

/* --- any thread --- */

/** mcp_mrcpd_channel_get_id: (transfer none): "ID@speechrecog". */
const char *mcp_mrcpd_channel_get_id(const McpMrcpdChannel *channel);
/** mcp_mrcpd_channel_get_call_id: (transfer none). */
const char *mcp_mrcpd_channel_get_call_id(const McpMrcpdChannel *channel);
/** mcp_mrcpd_channel_get_resource: what it leads to. */
McpMrcpResource mcp_mrcpd_channel_get_resource(const McpMrcpdChannel *channel);
/** mcp_mrcpd_channel_ref: (transfer full). */
McpMrcpdChannel *mcp_mrcpd_channel_ref(McpMrcpdChannel *channel);
/** mcp_mrcpd_channel_unref: */
void mcp_mrcpd_channel_unref(McpMrcpdChannel *channel);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMrcpdChannel, mcp_mrcpd_channel_unref)

G_END_DECLS
