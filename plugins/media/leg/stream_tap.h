/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../tap/tap_feed.h"
#include "stream.h"

G_BEGIN_DECLS

/* The taps of a stream. Commands on the leg's context. */

/** mcp_media_stream_tap: (transfer full): @feed is fed from now on. */
void mcp_media_stream_tap(McpMediaStream *stream, McpMediaTapFeed *feed);
/** mcp_media_stream_untap: not any more. */
void mcp_media_stream_untap(McpMediaStream *stream, McpMediaTapFeed *feed);

/** mcp_media_stream_tick_taps: frames are made. Media worker. */
void mcp_media_stream_tick_taps(McpMediaStream *stream, gint64 now);
/** mcp_media_stream_end_taps: the stream ends, and they with it. Media worker. */
void mcp_media_stream_end_taps(McpMediaStream *stream, gint64 now);
/** mcp_media_stream_drop_taps: what is left of them. The leg's context, at the end. */
void mcp_media_stream_drop_taps(McpMediaStream *stream);

G_END_DECLS
