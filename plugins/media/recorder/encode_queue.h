/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "file_encoder.h"
#include <mcp/clock.h>
#include <mcp/contract/store.h>
#include <mcp/pool.h>

G_BEGIN_DECLS

/**
 * McpMediaEncodeQueue: a recording that is encoded beside the media worker: the worker pushes
 * samples, a job of the compute pool encodes them every few hundred ms and appends to the stream.
 * Belongs to the leg's context, but for what is marked.
 */
typedef struct _McpMediaEncodeQueue McpMediaEncodeQueue;

/** McpMediaEncodeParams: what a queue is made of. */
typedef struct {
    McpStoreStream *stream; /* (transfer none) */
    McpPool *pool;          /* (transfer none) */
    McpClock *clock;        /* (transfer none) */
    guint rate;
    guint channels;
} McpMediaEncodeParams;

/**
 * mcp_media_encode_queue_new: (transfer full): begins to encode.
 * @encoder: (transfer full)
 * @head: (nullable): the file begins with it
 */
McpMediaEncodeQueue *mcp_media_encode_queue_new(const McpMediaEncodeParams *params,
                                                McpMediaFileEncoder *encoder,
                                                const GByteArray *head);
/** mcp_media_encode_queue_free: no job begins any more; one that runs may still append. */
void mcp_media_encode_queue_free(McpMediaEncodeQueue *queue);
/** mcp_media_encode_queue_abort: frees it, and aborts the stream once no job uses it. */
void mcp_media_encode_queue_abort(McpMediaEncodeQueue *queue);
/** mcp_media_encode_queue_push: takes @n frames, interleaved. Media worker. */
void mcp_media_encode_queue_push(McpMediaEncodeQueue *queue, const gint16 *samples, guint n);
/** mcp_media_encode_queue_failed: the store took not all. Any thread. */
gboolean mcp_media_encode_queue_failed(McpMediaEncodeQueue *queue);
/** mcp_media_encode_queue_get_dropped: frames that stand as silence. Any thread. */
guint64 mcp_media_encode_queue_get_dropped(McpMediaEncodeQueue *queue);
/**
 * mcp_media_encode_queue_finish: after the last push: encodes what is left, and the end of the
 * file. @func: called once on this context, unless the queue is freed before
 */
void mcp_media_encode_queue_finish(McpMediaEncodeQueue *queue, void (*func)(gpointer user_data),
                                   gpointer user_data);

G_END_DECLS
