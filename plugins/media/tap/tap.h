/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../leg/leg.h"
#include "tap_feed.h"

G_BEGIN_DECLS

/** McpMediaTap: an McpTap: the consumer's side of a tap. */
#define MCP_TYPE_MEDIA_TAP (mcp_media_tap_get_type())
G_DECLARE_FINAL_TYPE(McpMediaTap, mcp_media_tap, MCP, MEDIA_TAP, GObject)

/** mcp_media_tap_new: (transfer full): @feed: (transfer full); on the leg's context. */
McpMediaTap *mcp_media_tap_new(McpMediaLeg *leg, McpMediaTapFeed *feed);
/** mcp_media_tap_deliver: an event of kind MCP_MEDIA_EVENT_TAP; what it holds is dropped. */
void mcp_media_tap_deliver(McpMediaEvent *event);

G_END_DECLS
