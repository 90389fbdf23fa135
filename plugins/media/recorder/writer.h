/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "encode_queue.h"
#include <mcp/contract/recording.h>

G_BEGIN_DECLS

/**
 * McpMediaRecordWriter: samples into a file of one of the formats. What takes no more than a table
 * is done at once; Opus and MP3 go through a queue. Made, finished and freed on the leg's context.
 */
typedef struct _McpMediaRecordWriter McpMediaRecordWriter;

/**
 * mcp_media_record_writer_new: (transfer full) (nullable): writes the header, of unknown length, at
 * once; NULL: the format cannot have that rate or so many channels.
 */
McpMediaRecordWriter *mcp_media_record_writer_new(const McpMediaEncodeParams *params,
                                                  McpRecordFormat format);
/** mcp_media_record_writer_free: frees it. */
void mcp_media_record_writer_free(McpMediaRecordWriter *writer);
/** mcp_media_record_writer_abort: frees it and aborts the stream. */
void mcp_media_record_writer_abort(McpMediaRecordWriter *writer);
/** mcp_media_record_writer_put: @n frames, interleaved. Media worker. */
void mcp_media_record_writer_put(McpMediaRecordWriter *writer, const gint16 *samples, guint n);
/** mcp_media_record_writer_failed: the store took not all. Any thread. */
gboolean mcp_media_record_writer_failed(McpMediaRecordWriter *writer);
/** mcp_media_record_writer_get_dropped: frames that stand as silence. Any thread. */
guint64 mcp_media_record_writer_get_dropped(McpMediaRecordWriter *writer);
/**
 * mcp_media_record_writer_finish: after the last put: the file is complete when @func is called, on
 * this context, maybe at once; not when the writer is freed before.
 */
void mcp_media_record_writer_finish(McpMediaRecordWriter *writer, void (*func)(gpointer user_data),
                                    gpointer user_data);

G_END_DECLS
