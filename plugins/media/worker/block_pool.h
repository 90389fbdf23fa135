/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "stack.h"

G_BEGIN_DECLS

/**
 * McpMediaBlockPool: blocks of one size for one worker: the worker takes, any thread gives back.
 * Grows by whole slabs, so that the worker asks the allocator once for many blocks.
 */
typedef struct {
    gsize size;
    guint per_slab;
    McpMediaLink *free; /* worker only */
    McpMediaStack returned;
    GPtrArray *slabs;
} McpMediaBlockPool;

/** mcp_media_block_pool_init: @size of a block, which begins with an McpMediaLink. */
void mcp_media_block_pool_init(McpMediaBlockPool *pool, gsize size, guint per_slab);
/** mcp_media_block_pool_clear: frees all slabs; every block must have come back. */
void mcp_media_block_pool_clear(McpMediaBlockPool *pool);
/** mcp_media_block_pool_take: (transfer none): a zeroed block. Worker only. */
gpointer mcp_media_block_pool_take(McpMediaBlockPool *pool);
/** mcp_media_block_pool_give: a block is not used any more. Any thread. */
void mcp_media_block_pool_give(McpMediaBlockPool *pool, gpointer block);

G_END_DECLS
