/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "coder.h"

G_BEGIN_DECLS

/**
 * McpMediaLiveEncoder: makes packets of samples that come as they come: another rate, frames, a
 * payload a packet time. Made and freed on any thread but a media worker; used by one at a time.
 */
typedef struct _McpMediaLiveEncoder McpMediaLiveEncoder;

/**
 * mcp_media_live_encoder_new: (transfer full).
 * @rate: Hz of the samples put in
 * @ptime: ms of a packet
 */
McpMediaLiveEncoder *mcp_media_live_encoder_new(const McpMediaFormat *format, guint rate,
                                                guint ptime);
/** mcp_media_live_encoder_free: frees it. */
void mcp_media_live_encoder_free(McpMediaLiveEncoder *live);
/** mcp_media_live_encoder_get_rate: Hz of the samples put in. */
guint mcp_media_live_encoder_get_rate(const McpMediaLiveEncoder *live);
/** mcp_media_live_encoder_get_ticks: of the RTP clock a packet. */
guint mcp_media_live_encoder_get_ticks(const McpMediaLiveEncoder *live);
/** mcp_media_live_encoder_is_shareable: packets of one part depend on nothing before it. */
gboolean mcp_media_live_encoder_is_shareable(const McpMediaLiveEncoder *live, guint n);
/** mcp_media_live_encoder_reset: what waits is dropped. */
void mcp_media_live_encoder_reset(McpMediaLiveEncoder *live);
/** mcp_media_live_encoder_put: @n samples, 20 ms at most; what finds no room is dropped. */
void mcp_media_live_encoder_put(McpMediaLiveEncoder *live, const gint16 *samples, guint n);
/**
 * mcp_media_live_encoder_next: a packet time is full: its payload, *@out_length bytes; 0 when there
 * is nothing to send in it (DTX).
 * @out: room for MCP_MEDIA_CODED_MAX
 */
gboolean mcp_media_live_encoder_next(McpMediaLiveEncoder *live, guint8 *out, gsize *out_length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMediaLiveEncoder, mcp_media_live_encoder_free)

G_END_DECLS
