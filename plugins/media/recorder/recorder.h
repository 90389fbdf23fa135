/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../rtp/jitter_buffer.h"
#include "../sdp/codec.h"
#include <mcp/contract/recording.h>

G_BEGIN_DECLS

/**
 * McpMediaRecorder: one recording. Made and freed on the leg's context; between
 * mcp_media_recorder_begin() and mcp_media_recorder_end() it belongs to the media worker.
 * Its time line is that of the media: what did not come is silence of the right length.
 */
typedef struct _McpMediaRecorder McpMediaRecorder;

/**
 * mcp_media_recorder_new: (transfer full): writes the header, of unknown length, at once.
 * @params: copied; the stream is referenced
 * @graph: (transfer full): from the wire format of @codec to that of the recording
 */
McpMediaRecorder *mcp_media_recorder_new(const McpRecordParams *params, const McpMediaCodec *codec,
                                         McpGraph *graph);
/** mcp_media_recorder_steal_graph: (transfer full) (nullable): after the end, for the next use. */
McpGraph *mcp_media_recorder_steal_graph(McpMediaRecorder *recorder);
/** mcp_media_recorder_get_codec: (transfer none): what it decodes. */
const McpMediaCodec *mcp_media_recorder_get_codec(McpMediaRecorder *recorder);
/** mcp_media_recorder_get_record_format: of its file. */
McpRecordFormat mcp_media_recorder_get_record_format(McpMediaRecorder *recorder);
/** mcp_media_recorder_free: frees it and its graph; not on a media worker. */
void mcp_media_recorder_free(McpMediaRecorder *recorder);
/** mcp_media_recorder_get_format: what a recording of @codec in @format consists of. */
McpGraphFormat mcp_media_recorder_get_format(McpRecordFormat format, const McpMediaCodec *codec);
/** mcp_media_recorder_get_graph: (transfer none). */
McpGraph *mcp_media_recorder_get_graph(McpMediaRecorder *recorder);
/** mcp_media_recorder_get_stream: (transfer none). */
McpStoreStream *mcp_media_recorder_get_stream(McpMediaRecorder *recorder);
/** mcp_media_recorder_wants_beep: a tone is to be played before it begins. */
gboolean mcp_media_recorder_wants_beep(McpMediaRecorder *recorder);

/** mcp_media_recorder_begin: time runs from now on. @pool: blocks for the jitter buffer. */
void mcp_media_recorder_begin(McpMediaRecorder *recorder, McpMediaBlockPool *pool, gint64 now);
/** mcp_media_recorder_has_begun: whether begin was called. */
gboolean mcp_media_recorder_has_begun(McpMediaRecorder *recorder);
/** mcp_media_recorder_take: an audio packet. Extended sequence and timestamp; @jitter in µs. */
void mcp_media_recorder_take(McpMediaRecorder *recorder, guint32 sequence, gint64 timestamp,
                             const guint8 *payload, gsize length, gint64 jitter, gint64 now);
/** mcp_media_recorder_restart: the other side began a new sequence of packets. */
void mcp_media_recorder_restart(McpMediaRecorder *recorder);
/** mcp_media_recorder_is_end_digit: whether @digit ends it. */
gboolean mcp_media_recorder_is_end_digit(McpMediaRecorder *recorder, char digit);
/** mcp_media_recorder_tick: TRUE when it is over, with the reason. */
gboolean mcp_media_recorder_tick(McpMediaRecorder *recorder, gint64 now, McpStopReason *out_reason);
/** mcp_media_recorder_end: writes what waits; no packet after it. */
void mcp_media_recorder_end(McpMediaRecorder *recorder, McpStopReason reason, char digit,
                            gint64 now);

/** McpMediaRecorderOutcome: what it came to, after the end. */
typedef struct {
    McpStopReason stop;
    char digit;
    gint64 duration; /* µs */
    gboolean failed; /* the store took not all */
} McpMediaRecorderOutcome;

/**
 * mcp_media_recorder_seal: patches the true length into the header; the stream can be committed
 * then. On the leg's context, after mcp_media_recorder_end().
 */
void mcp_media_recorder_seal(McpMediaRecorder *recorder, McpMediaRecorderOutcome *out_outcome);

G_END_DECLS
