/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../ear/ear.h"
#include <mcp/clock.h>
#include <mcp/contract/recording.h>
#include <mcp/pool.h>

G_BEGIN_DECLS

/**
 * McpMediaRecorder: one recording. Made, sealed and freed on the leg's context; between
 * mcp_media_recorder_begin() and mcp_media_recorder_end() it belongs to the media worker.
 * Its time line is the clock's: both parties stand where they passed the wire, what did not come
 * is silence of the right length.
 */
typedef struct _McpMediaRecorder McpMediaRecorder;

/**
 * mcp_media_recorder_new: (transfer full) (nullable): writes the header, of unknown length, at
 * once; NULL: the format has no encoder for @rate.
 * @params: copied; the stream is referenced
 * @rate: Hz of what it will hear
 * @pool: where Opus and MP3 are encoded
 */
McpMediaRecorder *mcp_media_recorder_new(const McpRecordParams *params, guint rate, McpPool *pool,
                                         McpClock *clock);
/** mcp_media_recorder_free: frees it; not on a media worker. */
void mcp_media_recorder_free(McpMediaRecorder *recorder);
/** mcp_media_recorder_abort: frees it, and aborts its stream. */
void mcp_media_recorder_abort(McpMediaRecorder *recorder);
/** mcp_media_recorder_get_stream: (transfer none). */
McpStoreStream *mcp_media_recorder_get_stream(McpMediaRecorder *recorder);
/** mcp_media_recorder_get_params: of the recording; the stream among them is of no use. */
const McpRecordParams *mcp_media_recorder_get_params(const McpMediaRecorder *recorder);

/** mcp_media_recorder_begin: time runs from now on. */
void mcp_media_recorder_begin(McpMediaRecorder *recorder, gint64 now);
/** mcp_media_recorder_has_begun: whether begin was called. */
gboolean mcp_media_recorder_has_begun(McpMediaRecorder *recorder);
/** mcp_media_recorder_needs_heard: whether it wants to hear the other side. */
gboolean mcp_media_recorder_needs_heard(const McpMediaRecorder *recorder);
/** mcp_media_recorder_needs_sent: whether it wants to hear what is sent. */
gboolean mcp_media_recorder_needs_sent(const McpMediaRecorder *recorder);
/** mcp_media_recorder_hear: an McpMediaHearFunc, of the ear; of a recorder that has begun. */
void mcp_media_recorder_hear(gpointer recorder, const McpMediaHeard *heard, gint64 now);
/** mcp_media_recorder_hear_sent: an McpMediaHearFunc, of the mouth. */
void mcp_media_recorder_hear_sent(gpointer recorder, const McpMediaHeard *heard, gint64 now);
/** mcp_media_recorder_is_end_digit: whether @digit ends it. */
gboolean mcp_media_recorder_is_end_digit(McpMediaRecorder *recorder, char digit);
/** mcp_media_recorder_pause: see mcp_leg_pause_recording(); also before it has begun. */
void mcp_media_recorder_pause(McpMediaRecorder *recorder, gboolean paused, McpRecordPause with,
                              gint64 now);
/** mcp_media_recorder_tick: TRUE when it is over, with the reason. */
gboolean mcp_media_recorder_tick(McpMediaRecorder *recorder, gint64 now, McpStopReason *out_reason);
/** mcp_media_recorder_end: nothing is heard after it; what is missing up to @now is silence. */
void mcp_media_recorder_end(McpMediaRecorder *recorder, McpStopReason reason, char digit,
                            gint64 now);

/** McpMediaRecorderOutcome: what it came to, after the end. */
typedef struct {
    McpStopReason stop;
    char digit;
    gint64 duration; /* µs */
    gboolean failed; /* the store took not all */
    guint rate;
    guint channels;
    guint64 dropped; /* frames that stand as silence */
} McpMediaRecorderOutcome;

/**
 * mcp_media_recorder_seal: makes the file complete; the stream can be committed when @func is
 * called, on this context, maybe at once. On the leg's context, after mcp_media_recorder_end().
 */
void mcp_media_recorder_seal(McpMediaRecorder *recorder, void (*func)(gpointer user_data),
                             gpointer user_data);
/** mcp_media_recorder_get_outcome: after it was sealed. */
void mcp_media_recorder_get_outcome(McpMediaRecorder *recorder,
                                    McpMediaRecorderOutcome *out_outcome);

G_END_DECLS
