/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input of a stream: digits, arming, barge-in, no-input. All decided here, on the media worker, in
 * the tick in which it happens.
 */
#include "stream_private.h"
#include "stream_send.h"

#include <stdlib.h>

/* A key press that came by RTP and by INFO: the two are at most so far apart. */
#define PAIR_US G_USEC_PER_SEC

static gboolean
counts(const McpArm *arm, char digit)
{
    gint event = mcp_media_digit_to_event(digit);

    return event >= 0 && (arm->digits >> event & 1) != 0;
}

/* The input that was waited for is there. */
static void
trigger(McpMediaStream *self, McpStopReason reason, gint64 now)
{
    McpBargeIn barge_in = self->arm.barge_in;
    gboolean stops =
        reason == MCP_STOP_SPEECH ? barge_in == MCP_BARGE_IN_SPEECH : barge_in != MCP_BARGE_IN_NONE;

    self->no_input_at = 0;
    self->armed = FALSE;
    if (stops && self->player.list != NULL && self->player.list->generation == self->arm.generation)
        mcp_media_stream_end_list(self, reason, NULL, now);
}

/* TRUE: another source brought the same key press; each report pairs with one other at most. */
static gboolean
is_double(McpMediaStream *self, const McpDigit *digit)
{
    guint64 n = MIN(self->digits_reported, MCP_MEDIA_RECENT_DIGITS);

    for (guint64 i = self->digits_reported - n; i < self->digits_reported; i++) {
        McpMediaRecentDigit *recent = &self->recent[i % MCP_MEDIA_RECENT_DIGITS];

        if (!recent->paired && recent->digit.digit == digit->digit &&
            recent->digit.source != digit->source &&
            llabs(digit->start - recent->digit.start) <
                PAIR_US + (gint64)digit->duration_ms * 1000) {
            recent->paired = TRUE;
            return TRUE;
        }
    }
    return FALSE;
}

void
mcp_media_stream_digit(McpMediaStream *stream, const McpDigit *digit, gint64 now)
{
    McpMediaRecentDigit *recent = NULL;
    McpMediaEvent *event = NULL;

    if (stream->removed || is_double(stream, digit))
        return;
    mcp_media_counter_add(&stream->counters.digits, 1);
    /* A digit that ends a recording belongs to it and does not enter the queue. */
    if (stream->recorder != NULL &&
        mcp_media_recorder_is_end_digit(stream->recorder, digit->digit)) {
        mcp_media_stream_end_recording(stream, MCP_STOP_DIGIT, digit->digit, now);
        return;
    }
    if (stream->armed && counts(&stream->arm, digit->digit))
        trigger(stream, MCP_STOP_DIGIT, now);
    recent = &stream->recent[stream->digits_reported++ % MCP_MEDIA_RECENT_DIGITS];
    recent->digit = *digit;
    recent->paired = FALSE;
    event = mcp_media_stream_event(stream, MCP_LEG_DIGIT, now);
    event->digit = *digit;
    mcp_media_stream_post(stream, event);
}

/* A digit that is on its way to the context while the arming came the other way. */
static gboolean
has_unseen_digit(const McpMediaStream *self, guint64 seen)
{
    guint64 n = MIN(self->digits_reported - seen, MCP_MEDIA_RECENT_DIGITS);

    for (guint64 i = self->digits_reported - n; i < self->digits_reported; i++)
        if (counts(&self->arm, self->recent[i % MCP_MEDIA_RECENT_DIGITS].digit.digit))
            return TRUE;
    return FALSE;
}

void
mcp_media_stream_apply_arm(McpMediaStream *stream, const McpArm *arm, guint64 digits_seen,
                           gboolean queued, gint64 now)
{
    gboolean playing = stream->player.list != NULL && arm->generation != 0 &&
                       stream->player.list->generation == arm->generation;

    stream->arm = *arm;
    stream->armed = TRUE;
    stream->no_input_at = 0;
    if (arm->no_input >= 0 && !playing)
        stream->no_input_at =
            (arm->generation != 0 && arm->generation == stream->last_generation ? stream->last_end
                                                                                : now) +
            arm->no_input;
    if (queued || has_unseen_digit(stream, digits_seen))
        trigger(stream, MCP_STOP_DIGIT, now);
    mcp_media_stream_listen_for_speech(stream, arm->speech.listen ? &arm->speech : NULL, now);
}

void
mcp_media_stream_speech(McpMediaStream *stream, gboolean began, gint64 time, gint64 now)
{
    McpMediaEvent *event = NULL;

    if (stream->removed)
        return;
    if (began && stream->armed)
        trigger(stream, MCP_STOP_SPEECH, now);
    event =
        mcp_media_stream_event(stream, began ? MCP_LEG_SPEECH_STARTED : MCP_LEG_SPEECH_ENDED, time);
    event->generation = stream->arm.generation;
    mcp_media_stream_post(stream, event);
}

void
mcp_media_stream_list_ended(McpMediaStream *stream, guint64 generation, gint64 now)
{
    stream->last_generation = generation;
    stream->last_end = now;
    if (stream->armed && stream->arm.generation == generation && stream->arm.no_input >= 0)
        stream->no_input_at = now + stream->arm.no_input;
}

void
mcp_media_stream_check_input(McpMediaStream *stream, gint64 now)
{
    McpMediaEvent *event = NULL;

    if (stream->no_input_at == 0 || now < stream->no_input_at)
        return;
    stream->no_input_at = 0;
    event = mcp_media_stream_event(stream, MCP_LEG_NO_INPUT, now);
    event->generation = stream->arm.generation;
    mcp_media_stream_post(stream, event);
}
