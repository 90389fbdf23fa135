/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdatomic.h>

G_BEGIN_DECLS

/**
 * McpMediaSampleRing: samples on their way from a media worker to a thread that encodes them: one
 * writer, one reader, no lock, no allocation after it was made. What finds no room is counted, and
 * the reader is told of a gap of that length in its place.
 */
typedef struct _McpMediaSampleRing McpMediaSampleRing;

/** McpMediaSampleRun: what the reader gets next. */
typedef struct {
    guint64 gap; /* frames that are missing before @samples */
    const gint16 *samples;
    guint n; /* frames */
} McpMediaSampleRun;

/**
 * mcp_media_sample_ring_new: (transfer full).
 * @block: frames of a block: what is pushed at once takes whole blocks
 */
McpMediaSampleRing *mcp_media_sample_ring_new(guint channels, guint block, guint n_blocks);
/** mcp_media_sample_ring_free: frees it. */
void mcp_media_sample_ring_free(McpMediaSampleRing *ring);
/** mcp_media_sample_ring_push: takes @n frames, interleaved. The writer. */
void mcp_media_sample_ring_push(McpMediaSampleRing *ring, const gint16 *samples, guint n);
/** mcp_media_sample_ring_peek: FALSE when there is nothing. The reader. */
gboolean mcp_media_sample_ring_peek(McpMediaSampleRing *ring, McpMediaSampleRun *out_run);
/** mcp_media_sample_ring_next: done with what was peeked at. The reader. */
void mcp_media_sample_ring_next(McpMediaSampleRing *ring);
/** mcp_media_sample_ring_get_rest: frames missing at the very end, once nothing is pushed. */
guint64 mcp_media_sample_ring_get_rest(McpMediaSampleRing *ring);
/** mcp_media_sample_ring_get_dropped: frames that found no room so far. Any thread. */
guint64 mcp_media_sample_ring_get_dropped(McpMediaSampleRing *ring);

G_END_DECLS
