/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>
#include <mcp/contract/tap.h>

G_BEGIN_DECLS

/** McpRecordedTap: a tap whose frames come from a file, as fast as they are read. One context. */
#define MCP_TYPE_RECORDED_TAP (mcp_recorded_tap_get_type())
G_DECLARE_FINAL_TYPE(McpRecordedTap, mcp_recorded_tap, MCP, RECORDED_TAP, GObject)

/**
 * mcp_recorded_tap_new: (transfer full): it does not end before it is closed, as a caller who is
 * silent.
 * @file: a WAV file of 8 or 16 kHz, mono
 * @silence: µs that follow it
 *
 * Returns: NULL with MCP_ERROR_INVALID for what is no such file, MCP_ERROR_UNSUPPORTED when @params
 * want a rate that is neither the file's nor twice nor half of it.
 */
McpRecordedTap *mcp_recorded_tap_new(GBytes *file, const McpTapParams *params, gint64 silence,
                                     McpClock *clock, GError **error);
/** mcp_recorded_tap_on_drained: @func is called once all of it was read, never within a read. */
void mcp_recorded_tap_on_drained(McpRecordedTap *tap, McpTapFunc func, gpointer user_data);
/** mcp_recorded_tap_get_begin: monotonic µs of the first sample; 0: nothing was read yet. */
gint64 mcp_recorded_tap_get_begin(McpRecordedTap *tap);

G_END_DECLS
