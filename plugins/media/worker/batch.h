/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "worker.h"

G_BEGIN_DECLS

/*
 * Commands that belong together: between two of them that go to the same worker it reads no packet
 * and ticks nothing. Any thread but a media worker; no other code of the thread runs within.
 */

/** mcp_media_batch_begin: what this thread posts to workers from now on waits; may be nested. */
void mcp_media_batch_begin(void);
/** mcp_media_batch_end: with the outermost one all of it is posted. */
void mcp_media_batch_end(void);
/**
 * mcp_media_batch_keep: (transfer full) @command, if it is kept for later.
 * Returns: FALSE: there is no batch, or no place in it.
 */
gboolean mcp_media_batch_keep(McpMediaWorker *worker, McpMediaCommand *command);

G_END_DECLS
