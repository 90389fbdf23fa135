/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records between two threads. Each stands behind a header with its length and is whole in the
 * ring: where the end comes too early, a header without a record says so. One thread writes, one
 * reads; the counters only grow and wrap.
 */
#include "pipe.h"

#include <mcp/ledger.h>

MCP_LEDGER_DEFINE(McpMediaPipe);

#define ALIGNMENT 8
#define SKIP G_MAXUINT32

typedef struct {
    guint32 length; /* SKIP: the rest of the ring is empty */
    guint32 padding;
} Header;

G_STATIC_ASSERT(sizeof(Header) == ALIGNMENT);

McpMediaPipe *
mcp_media_pipe_new(guint size, McpMediaPipeFunc func, gpointer owner)
{
    McpMediaPipe *self = g_new0(McpMediaPipe, 1);

    MCP_LEDGER_CREATED(McpMediaPipe);
    self->size = size;
    self->data = g_malloc(size);
    self->func = func;
    self->owner = owner;
    return self;
}

void
mcp_media_pipe_free(McpMediaPipe *pipe)
{
    if (pipe == NULL)
        return;
    g_free(pipe->data);
    g_free(pipe);
    MCP_LEDGER_FINALIZED(McpMediaPipe);
}

static guint
padded(gsize length)
{
    return (guint)((length + ALIGNMENT - 1) & ~(gsize)(ALIGNMENT - 1)) + (guint)sizeof(Header);
}

static Header *
header_at(McpMediaPipe *self, guint count)
{
    return (Header *)(self->data + (count & (self->size - 1)));
}

gpointer
mcp_media_pipe_reserve(McpMediaPipe *pipe, gsize length)
{
    guint head = atomic_load_explicit(&pipe->head, memory_order_relaxed);
    guint used = head - atomic_load_explicit(&pipe->tail, memory_order_acquire);
    guint to_end = pipe->size - (head & (pipe->size - 1));
    guint wanted = length < pipe->size ? padded(length) : pipe->size + 1;
    guint skipped = wanted > to_end ? to_end : 0;

    if (wanted > pipe->size - used || skipped > pipe->size - used - wanted) {
        atomic_fetch_add_explicit(&pipe->dropped, 1, memory_order_relaxed);
        return NULL;
    }
    if (skipped > 0) {
        header_at(pipe, head)->length = SKIP;
        head += skipped;
    }
    header_at(pipe, head)->length = (guint32)length;
    pipe->reserved = skipped + wanted;
    return header_at(pipe, head) + 1;
}

void
mcp_media_pipe_commit(McpMediaPipe *pipe)
{
    guint head = atomic_load_explicit(&pipe->head, memory_order_relaxed);

    atomic_store_explicit(&pipe->head, head + pipe->reserved, memory_order_release);
    pipe->reserved = 0;
}

gconstpointer
mcp_media_pipe_peek(McpMediaPipe *pipe, gsize *out_length)
{
    guint head = atomic_load_explicit(&pipe->head, memory_order_acquire);
    guint tail = atomic_load_explicit(&pipe->tail, memory_order_relaxed);
    const Header *header = header_at(pipe, tail);
    guint skipped = 0;

    if (head == tail)
        return NULL;
    if (header->length == SKIP) {
        skipped = pipe->size - (tail & (pipe->size - 1));
        header = header_at(pipe, tail + skipped);
    }
    *out_length = header->length;
    pipe->peeked = skipped + padded(header->length);
    return header + 1;
}

void
mcp_media_pipe_next(McpMediaPipe *pipe)
{
    guint tail = atomic_load_explicit(&pipe->tail, memory_order_relaxed);

    atomic_store_explicit(&pipe->tail, tail + pipe->peeked, memory_order_release);
    pipe->peeked = 0;
}

void
mcp_media_pipe_drain(McpMediaPipe *pipe, gint64 now)
{
    gsize length = 0;
    gconstpointer record = NULL;

    while ((record = mcp_media_pipe_peek(pipe, &length)) != NULL) {
        pipe->func(pipe->owner, record, length, now);
        mcp_media_pipe_next(pipe);
    }
}

guint64
mcp_media_pipe_get_dropped(McpMediaPipe *pipe)
{
    return atomic_load_explicit(&pipe->dropped, memory_order_relaxed);
}
