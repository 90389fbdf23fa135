/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/media.h>
#include <mcp/host.h>

G_BEGIN_DECLS

/**
 * mcp_audio_load_async: the audio that @where names: the absolute path of a file, or a URL,
 * which is fetched; made ready to be played. Control context.
 */
void mcp_audio_load_async(McpHost *host, const char *where, GAsyncReadyCallback callback,
                          gpointer user_data);
/**
 * mcp_audio_load_finish: (transfer full): MCP_ERROR_NOT_FOUND: there is none;
 * MCP_ERROR_INVALID: it cannot be played.
 */
McpAudio *mcp_audio_load_finish(GAsyncResult *result, GError **error);

G_END_DECLS
