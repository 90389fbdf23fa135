/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/tap.h>

G_BEGIN_DECLS

#define MCP_TYPE_VXML_GATED_TAP (mcp_vxml_gated_tap_get_type())
G_DECLARE_FINAL_TYPE(McpVxmlGatedTap, mcp_vxml_gated_tap, MCP, VXML_GATED_TAP, GObject)

/**
 * McpVxmlGatedTap: what another tap brings, from a moment on that is known only later.
 *
 * mcp_vxml_gated_tap_new: nothing passes before mcp_vxml_gated_tap_open(). The leg's context, as
 * all of this but for reading.
 * @source: its format has @buffer_ms; nobody else reads it
 */
McpVxmlGatedTap *mcp_vxml_gated_tap_new(McpTap *source, guint buffer_ms);
/**
 * mcp_vxml_gated_tap_open: what was or will be heard from @since (monotonic µs) on passes, as far
 * as it is not older than a second; the earliest one of several counts.
 */
void mcp_vxml_gated_tap_open(McpVxmlGatedTap *tap, gint64 since);

G_END_DECLS
