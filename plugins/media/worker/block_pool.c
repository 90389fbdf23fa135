/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blocks of one size for one worker. Taken on the worker's thread, given back on any.
 */
#include "block_pool.h"

#include <string.h>

void
mcp_media_block_pool_init(McpMediaBlockPool *pool, gsize size, guint per_slab)
{
    pool->size = (size + 15) & ~(gsize)15;
    pool->per_slab = per_slab;
    pool->free = NULL;
    atomic_init(&pool->returned.head, NULL);
    pool->slabs = g_ptr_array_new_with_free_func(g_free);
}

void
mcp_media_block_pool_clear(McpMediaBlockPool *pool)
{
    g_clear_pointer(&pool->slabs, g_ptr_array_unref);
    pool->free = NULL;
}

static void
add_slab(McpMediaBlockPool *pool)
{
    guint8 *slab = g_malloc(pool->size * pool->per_slab);

    g_ptr_array_add(pool->slabs, slab);
    for (guint i = 0; i < pool->per_slab; i++) {
        McpMediaLink *link = (McpMediaLink *)(slab + i * pool->size);

        link->next = pool->free;
        pool->free = link;
    }
}

gpointer
mcp_media_block_pool_take(McpMediaBlockPool *pool)
{
    McpMediaLink *link = NULL;

    if (pool->free == NULL)
        pool->free = mcp_media_stack_take(&pool->returned);
    if (pool->free == NULL)
        add_slab(pool);
    link = pool->free;
    pool->free = link->next;
    memset(link, 0, pool->size);
    return link;
}

void
mcp_media_block_pool_give(McpMediaBlockPool *pool, gpointer block)
{
    mcp_media_stack_push(&pool->returned, block);
}
