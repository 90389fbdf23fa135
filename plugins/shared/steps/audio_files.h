/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/pool.h>

#include "steps.h"

G_BEGIN_DECLS

/**
 * mcp_audio_files_read_async: reads the files of all PLAY steps on a thread of @pool.
 * @steps: must live until it finishes
 */
void mcp_audio_files_read_async(McpPool *pool, McpSteps *steps, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
/** mcp_audio_files_finish: FALSE with the file that cannot be read. */
gboolean mcp_audio_files_finish(GAsyncResult *result, GError **error);

G_END_DECLS
