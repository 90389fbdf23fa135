/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the memory in which appended bytes wait for the disk. Chunks are kept and used again, so
 * that a media worker that records allocates only while the number of recordings grows. Any thread.
 */
#include "buffers.h"

#define KEEP_MIN 64

struct _McpRecordingBuffers {
    gatomicrefcount ref_count;
    GMutex lock; /* guards all below; never held across a call */
    McpRecordingChunk *spare;
    guint n_spare;
    guint n_out;
    guint n_limit;
};

static guint
chunks_for(guint64 limit)
{
    return (guint)MIN(limit / MCP_RECORDING_CHUNK_SIZE + 1, G_MAXINT);
}

McpRecordingBuffers *
mcp_recording_buffers_new(guint64 limit)
{
    McpRecordingBuffers *buffers = g_new0(McpRecordingBuffers, 1);

    g_atomic_ref_count_init(&buffers->ref_count);
    g_mutex_init(&buffers->lock);
    buffers->n_limit = chunks_for(limit);
    return buffers;
}

McpRecordingBuffers *
mcp_recording_buffers_ref(McpRecordingBuffers *buffers)
{
    g_atomic_ref_count_inc(&buffers->ref_count);
    return buffers;
}

static void
free_list(McpRecordingChunk *chunk)
{
    while (chunk != NULL) {
        McpRecordingChunk *next = chunk->next;

        g_free(chunk);
        chunk = next;
    }
}

void
mcp_recording_buffers_unref(McpRecordingBuffers *buffers)
{
    if (!g_atomic_ref_count_dec(&buffers->ref_count))
        return;
    free_list(buffers->spare);
    g_mutex_clear(&buffers->lock);
    g_free(buffers);
}

void
mcp_recording_buffers_set_limit(McpRecordingBuffers *buffers, guint64 limit)
{
    g_mutex_lock(&buffers->lock);
    buffers->n_limit = chunks_for(limit);
    g_mutex_unlock(&buffers->lock);
}

McpRecordingChunk *
mcp_recording_buffers_take(McpRecordingBuffers *buffers, guint n)
{
    McpRecordingChunk *list = NULL;
    guint missing = n;

    g_mutex_lock(&buffers->lock);
    if (buffers->n_out + n > buffers->n_limit) {
        g_mutex_unlock(&buffers->lock);
        return NULL;
    }
    buffers->n_out += n;
    for (; missing > 0 && buffers->spare != NULL; missing--) {
        McpRecordingChunk *chunk = buffers->spare;

        buffers->spare = chunk->next;
        buffers->n_spare--;
        chunk->next = list;
        list = chunk;
    }
    g_mutex_unlock(&buffers->lock);
    for (; missing > 0; missing--) {
        McpRecordingChunk *chunk = g_malloc(sizeof(McpRecordingChunk));

        chunk->used = 0;
        chunk->next = list;
        list = chunk;
    }
    return list;
}

void
mcp_recording_buffers_give(McpRecordingBuffers *buffers, McpRecordingChunk *chunks)
{
    McpRecordingChunk *surplus = NULL;

    g_mutex_lock(&buffers->lock);
    while (chunks != NULL) {
        McpRecordingChunk *next = chunks->next;
        gboolean keep = buffers->n_spare < MAX(KEEP_MIN, buffers->n_out);
        McpRecordingChunk **list = keep ? &buffers->spare : &surplus;

        chunks->used = 0;
        chunks->next = *list;
        *list = chunks;
        buffers->n_spare += keep ? 1 : 0;
        buffers->n_out--;
        chunks = next;
    }
    g_mutex_unlock(&buffers->lock);
    free_list(surplus);
}
