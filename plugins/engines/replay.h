/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/tap.h>

G_BEGIN_DECLS

/**
 * McpReplay: what a caller says in a turn, kept so that it can be heard again: one tap is read, any
 * number are given out, each from the beginning on, in a format of its own. The tap's context.
 */
typedef struct _McpReplay McpReplay;

/**
 * mcp_replay_new: (transfer full): reads @source from now on.
 * @rate: Hz of @source, which is MCP_TAP_S16
 * @keep: µs of the latest audio that are kept
 */
McpReplay *mcp_replay_new(McpTap *source, guint rate, gint64 keep);
/** mcp_replay_free: @source is not read any more; its taps have ended. */
void mcp_replay_free(McpReplay *replay);
/**
 * mcp_replay_open: (transfer full): frames of 20 ms from the oldest that is kept on: those there
 * are at once, then as they come.
 *
 * Returns: NULL with MCP_ERROR_UNSUPPORTED when @params want a rate other than that of the source
 * or half of it.
 */
McpTap *mcp_replay_open(McpReplay *replay, const McpTapParams *params, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpReplay, mcp_replay_free)

G_END_DECLS
