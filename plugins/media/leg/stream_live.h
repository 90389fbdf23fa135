/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "bridge.h"
#include "stream.h"

G_BEGIN_DECLS

/*
 * Live audio of a stream: of a room that it is in, and of the stream at the other end of a bridge.
 */

typedef struct _McpMediaMember McpMediaMember;
typedef struct _McpMediaLiveEncoder McpMediaLiveEncoder;

#define MCP_MEDIA_SHARED_CODECS 4

/** McpMediaSharedCoding: the packets of samples that several hear alike; one a codec. */
typedef struct {
    guint n;
    struct {
        const McpMediaCodec *codec;
        gsize length;
        guint8 payload[MCP_MEDIA_CODED_MAX];
    } codings[MCP_MEDIA_SHARED_CODECS];
} McpMediaSharedCoding;

/* Commands: on the leg's context. */

/** mcp_media_stream_join: (transfer full) all: the stream speaks and hears for @member. */
void mcp_media_stream_join(McpMediaStream *stream, McpMediaMember *member, McpMediaEar *ear,
                           McpMediaLiveEncoder *encoder);
/** mcp_media_stream_leave: ends that. */
void mcp_media_stream_leave(McpMediaStream *stream);
/** mcp_media_stream_expel: the same, asked for by others; MCP_LEG_LEFT follows. Any thread. */
void mcp_media_member_expel(McpMediaMember *member);
/** mcp_media_stream_bridge: (transfer full) @bridge, of which it is end @end from now on. */
void mcp_media_stream_bridge(McpMediaStream *stream, McpMediaBridge *bridge, guint end);
/** mcp_media_stream_pass_audio: packets of audio, too, pass over the bridge as they are; or not. */
void mcp_media_stream_pass_audio(McpMediaStream *stream, gboolean passes);
/** mcp_media_stream_unbridge: ends that. */
void mcp_media_stream_unbridge(McpMediaStream *stream);

/* Media worker. */

/** mcp_media_stream_hear_live: the next @n samples of what it hears, for its member. */
McpMediaPlayed mcp_media_stream_hear_live(McpMediaStream *stream, gint16 *out, guint n, gint64 now);
/** mcp_media_stream_send_live: @n samples at the encoder's rate, as part of what it says. */
void mcp_media_stream_send_live(McpMediaStream *stream, const gint16 *samples, guint n, gint64 now);
/** mcp_media_stream_send_shared: the same of what others hear too, as @shared knows already. */
void mcp_media_stream_send_shared(McpMediaStream *stream, const gint16 *samples, guint n,
                                  McpMediaSharedCoding *shared, gint64 now);
/** mcp_media_stream_relay: a packet that came in, to the other end of its bridge. */
void mcp_media_stream_relay(McpMediaStream *stream, const McpMediaRtpPacket *packet,
                            guint32 sequence, gint64 timestamp, gboolean restart, gint64 now);
/** mcp_media_stream_take_relayed: a packet of the other end. */
void mcp_media_stream_take_relayed(McpMediaStream *stream, const McpMediaRelayed *relayed,
                                   gint64 now);
/** mcp_media_stream_end_live: the stream ends. */
void mcp_media_stream_end_live(McpMediaStream *stream);
/** mcp_media_stream_change_live: another codec; what it takes the place of is in @change then. */
void mcp_media_stream_change_live(McpMediaStream *stream, McpMediaStreamChange *change, gint64 now);

G_END_DECLS
