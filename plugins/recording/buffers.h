/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

#define MCP_RECORDING_CHUNK_SIZE (16 * 1024 - 16)

/** McpRecordingChunk: a piece of a stream that waits for the disk. */
typedef struct _McpRecordingChunk McpRecordingChunk;
struct _McpRecordingChunk {
    McpRecordingChunk *next;
    guint used;
    guint8 data[MCP_RECORDING_CHUNK_SIZE];
};

/** McpRecordingBuffers: the chunks of all streams, bounded in their sum. */
typedef struct _McpRecordingBuffers McpRecordingBuffers;

/** mcp_recording_buffers_new: (transfer full): at most @limit bytes outstanding. */
McpRecordingBuffers *mcp_recording_buffers_new(guint64 limit);
McpRecordingBuffers *mcp_recording_buffers_ref(McpRecordingBuffers *buffers);
void mcp_recording_buffers_unref(McpRecordingBuffers *buffers);
/** mcp_recording_buffers_set_limit: for chunks taken from now on. Any thread. */
void mcp_recording_buffers_set_limit(McpRecordingBuffers *buffers, guint64 limit);
/**
 * mcp_recording_buffers_take: (transfer full) (nullable): a list of @n empty chunks, or NULL when
 * the limit does not allow them all. Any thread; holds a lock for a few instructions only.
 */
McpRecordingChunk *mcp_recording_buffers_take(McpRecordingBuffers *buffers, guint n);
/** mcp_recording_buffers_give: (transfer full): takes a list of chunks back. Any thread. */
void mcp_recording_buffers_give(McpRecordingBuffers *buffers, McpRecordingChunk *chunks);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpRecordingBuffers, mcp_recording_buffers_unref)
