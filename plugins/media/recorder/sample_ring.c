/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring of blocks of samples. The writer owns blocks [head, tail + n), the reader [tail, head).
 */
#include "sample_ring.h"

#include <string.h>

typedef struct {
    guint64 gap;
    guint n;
    gint16 samples[];
} Block;

struct _McpMediaSampleRing {
    guint channels;
    guint block;
    guint n_blocks;
    gsize stride;
    guint64 gap; /* the writer's: owed to the reader */
    _Atomic guint64 dropped;
    _Atomic guint64 head; /* blocks written so far */
    _Atomic guint64 tail; /* blocks read so far */
    guint8 *memory;
};

McpMediaSampleRing *
mcp_media_sample_ring_new(guint channels, guint block, guint n_blocks)
{
    McpMediaSampleRing *self = g_new0(McpMediaSampleRing, 1);
    gsize size = sizeof(Block) + (gsize)block * channels * sizeof(gint16);

    self->channels = channels;
    self->block = block;
    self->n_blocks = n_blocks;
    self->stride = (size + _Alignof(Block) - 1) / _Alignof(Block) * _Alignof(Block);
    self->memory = g_malloc0(self->stride * n_blocks);
    return self;
}

void
mcp_media_sample_ring_free(McpMediaSampleRing *ring)
{
    if (ring == NULL)
        return;
    g_free(ring->memory);
    g_free(ring);
}

static Block *
block_at(McpMediaSampleRing *self, guint64 index)
{
    return (Block *)(gpointer)(self->memory + index % self->n_blocks * self->stride);
}

void
mcp_media_sample_ring_push(McpMediaSampleRing *ring, const gint16 *samples, guint n)
{
    guint64 head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    guint64 tail = atomic_load_explicit(&ring->tail, memory_order_acquire);

    while (n > 0 && head - tail < ring->n_blocks) {
        Block *block = block_at(ring, head);

        block->gap = ring->gap;
        block->n = MIN(n, ring->block);
        memcpy(block->samples, samples, (gsize)block->n * ring->channels * sizeof *samples);
        samples += (gsize)block->n * ring->channels;
        n -= block->n;
        ring->gap = 0;
        atomic_store_explicit(&ring->head, ++head, memory_order_release);
    }
    if (n == 0)
        return;
    ring->gap += n;
    atomic_fetch_add_explicit(&ring->dropped, n, memory_order_relaxed);
}

gboolean
mcp_media_sample_ring_peek(McpMediaSampleRing *ring, McpMediaSampleRun *out_run)
{
    guint64 tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    Block *block = NULL;

    if (tail == atomic_load_explicit(&ring->head, memory_order_acquire))
        return FALSE;
    block = block_at(ring, tail);
    *out_run = (McpMediaSampleRun){block->gap, block->samples, block->n};
    return TRUE;
}

void
mcp_media_sample_ring_next(McpMediaSampleRing *ring)
{
    guint64 tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);

    atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
}

guint64
mcp_media_sample_ring_get_rest(McpMediaSampleRing *ring)
{
    return ring->gap;
}

guint64
mcp_media_sample_ring_get_dropped(McpMediaSampleRing *ring)
{
    return atomic_load_explicit(&ring->dropped, memory_order_relaxed);
}
