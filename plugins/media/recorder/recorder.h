/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../ear/ear.h"
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
 * @rate: Hz of what it will hear
 */
McpMediaRecorder *mcp_media_recorder_new(const McpRecordParams *params, guint rate);
/** mcp_media_recorder_free: frees it; not on a media worker. */
void mcp_media_recorder_free(McpMediaRecorder *recorder);
/** mcp_media_recorder_get_stream: (transfer none). */
McpStoreStream *mcp_media_recorder_get_stream(McpMediaRecorder *recorder);
/** mcp_media_recorder_get_format: of its file. */
McpRecordFormat mcp_media_recorder_get_format(const McpMediaRecorder *recorder);

/** mcp_media_recorder_begin: time runs from now on. */
void mcp_media_recorder_begin(McpMediaRecorder *recorder, gint64 now);
/** mcp_media_recorder_has_begun: whether begin was called. */
gboolean mcp_media_recorder_has_begun(McpMediaRecorder *recorder);
/** mcp_media_recorder_hear: an McpMediaHearFunc; of a recorder that has begun. */
void mcp_media_recorder_hear(gpointer recorder, const McpMediaHeard *heard, gint64 now);
/** mcp_media_recorder_is_end_digit: whether @digit ends it. */
gboolean mcp_media_recorder_is_end_digit(McpMediaRecorder *recorder, char digit);
/** mcp_media_recorder_tick: TRUE when it is over, with the reason. */
gboolean mcp_media_recorder_tick(McpMediaRecorder *recorder, gint64 now, McpStopReason *out_reason);
/** mcp_media_recorder_end: nothing is heard after it. */
void mcp_media_recorder_end(McpMediaRecorder *recorder, McpStopReason reason, char digit);

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
