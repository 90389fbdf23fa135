/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recorder: one track a party, and what of both is final goes to the writer, less the pauses.
 * Places are samples since the beginning, by the clock. Media worker, but for making, sealing and
 * freeing.
 */
#include "recorder.h"

#include "../rtp/telephone_event.h"
#include "pauses.h"
#include "speech_end.h"
#include "track.h"
#include "writer.h"
#include <mcp/ledger.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpMediaRecorder);

/* Frames that are mixed at once. */
#define CHUNK 160
/* What may stand later than it arrived. */
#define SLACK_US (50 * 1000)

struct _McpMediaRecorder {
    McpStoreStream *stream;
    McpRecordParams params;
    McpMediaRecordWriter *writer;
    guint rate;
    guint channels;
    gboolean begun;
    gint64 began;
    gint64 flushed;  /* place up to which all is written */
    guint64 written; /* frames of the file */
    guint64 limit;   /* frames, 0 none */
    gint64 no_input_from;
    McpMediaTrack *heard; /* nullable */
    McpMediaTrack *sent;  /* nullable */
    gboolean heard_in_pause;
    gboolean sent_in_pause;
    gboolean paused_at_once; /* before it began */
    McpRecordPause paused_with;
    gint64 paused_from;
    McpMediaPauses pauses;
    McpMediaSpeechEnd speech;
    McpStopReason stop;
    char digit;
};

static gint64
to_us(const McpMediaRecorder *self, guint64 samples)
{
    return (gint64)(samples * G_USEC_PER_SEC / self->rate);
}

static gint64
to_samples(const McpMediaRecorder *self, gint64 us)
{
    return us * self->rate / G_USEC_PER_SEC;
}

static gint64
place_of(const McpMediaRecorder *self, gint64 time)
{
    return to_samples(self, time - self->began);
}

/* --- writing --- */

static void
put(McpMediaRecorder *self, const gint16 *samples, guint n)
{
    if (self->limit != 0)
        n = (guint)MIN(n, self->limit - MIN(self->written, self->limit));
    if (n > 0)
        mcp_media_record_writer_put(self->writer, samples, n);
    self->written += n;
}

/* @heard, @sent: CHUNK samples of each; the result stands in @out, interleaved. */
static void
combine(const McpMediaRecorder *self, const gint16 *heard, const gint16 *sent, guint n, gint16 *out)
{
    for (guint i = 0; i < n; i++) {
        gint both = heard[i] + sent[i];

        if (self->channels == 2) {
            out[2 * i] = heard[i];
            out[2 * i + 1] = sent[i];
        } else {
            out[i] = (gint16)CLAMP(both, G_MININT16, G_MAXINT16);
        }
    }
}

static void
write_run(McpMediaRecorder *self, guint n, const McpMediaPause *pause)
{
    gint16 heard[CHUNK] = {0};
    gint16 sent[CHUNK] = {0};
    gint16 out[2 * CHUNK];

    if (self->heard != NULL)
        mcp_media_track_take(self->heard, heard, n);
    if (self->sent != NULL)
        mcp_media_track_take(self->sent, sent, n);
    if (pause != NULL) {
        mcp_media_pauses_fill(&self->pauses, pause, self->flushed, heard, n);
        /* One tone is enough for one channel. */
        if (self->channels == 2)
            memcpy(sent, heard, n * sizeof *sent);
        else
            memset(sent, 0, n * sizeof *sent);
    }
    self->flushed += n;
    if (pause != NULL && pause->with == MCP_RECORD_PAUSE_CUT)
        return;
    combine(self, heard, sent, n, out);
    put(self, out, n);
}

static void
flush_to(McpMediaRecorder *self, gint64 place)
{
    while (self->flushed < place) {
        const McpMediaPause *pause = NULL;
        guint n = mcp_media_pauses_run(&self->pauses, self->flushed,
                                       (guint)MIN(place - self->flushed, CHUNK), &pause);

        write_run(self, n, pause);
        mcp_media_pauses_forget(&self->pauses, self->flushed);
    }
}

/* --- hearing --- */

static gint64
packet(const McpMediaRecorder *self)
{
    return to_samples(self, MCP_MEDIA_TRACK_PACKET_MS * 1000);
}

/* Nothing of a pause, and nothing that was made up from it. */
static gboolean
is_muted(const McpMediaRecorder *self, const McpMediaHeard *heard, gint64 arrival,
         gboolean *in_pause)
{
    gboolean muted = mcp_media_pauses_holds(&self->pauses, arrival + packet(self));

    if (heard->concealed)
        return muted || *in_pause;
    *in_pause = muted;
    return muted;
}

/* Returns: the place behind it. */
static gint64
take(McpMediaRecorder *self, McpMediaTrack *track, const McpMediaHeard *heard, gboolean muted)
{
    gint64 arrival = place_of(self, heard->arrival);

    /* After a time without a tick there is no room before what is old has gone. */
    if (arrival + packet(self) + to_samples(self, SLACK_US) > mcp_media_track_room(track))
        flush_to(self, arrival - to_samples(self, MCP_MEDIA_TRACK_LAG_MS * 1000));
    return mcp_media_track_put(track, heard, arrival, muted);
}

static gboolean
listens_for_speech(const McpMediaRecorder *self)
{
    return self->params.final_silence > 0 || (self->params.no_input >= 0 && !self->speech.spoken);
}

void
mcp_media_recorder_hear(gpointer recorder, const McpMediaHeard *heard, gint64 now)
{
    McpMediaRecorder *self = recorder;
    gint64 end = place_of(self, heard->arrival);
    gboolean muted = is_muted(self, heard, end, &self->heard_in_pause);

    if (self->heard != NULL)
        end = take(self, self->heard, heard, muted);
    if (!muted && listens_for_speech(self))
        mcp_media_speech_end_take(&self->speech, heard->samples, heard->n, end);
}

void
mcp_media_recorder_hear_sent(gpointer recorder, const McpMediaHeard *heard, gint64 now)
{
    McpMediaRecorder *self = recorder;
    gboolean muted = is_muted(self, heard, place_of(self, heard->arrival), &self->sent_in_pause);

    take(self, self->sent, heard, muted);
}

gboolean
mcp_media_recorder_needs_heard(const McpMediaRecorder *recorder)
{
    return recorder->heard != NULL || listens_for_speech(recorder);
}

gboolean
mcp_media_recorder_needs_sent(const McpMediaRecorder *recorder)
{
    return recorder->sent != NULL;
}

/* --- the beginning, the end and pauses --- */

void
mcp_media_recorder_begin(McpMediaRecorder *recorder, gint64 now)
{
    recorder->begun = TRUE;
    recorder->began = now;
    if (recorder->paused_at_once)
        mcp_media_pauses_begin(&recorder->pauses, 0, recorder->paused_with);
}

gboolean
mcp_media_recorder_has_begun(McpMediaRecorder *recorder)
{
    return recorder->begun;
}

gboolean
mcp_media_recorder_is_end_digit(McpMediaRecorder *recorder, char digit)
{
    gint event = mcp_media_digit_to_event(digit);

    return recorder->begun && event >= 0 && (recorder->params.end_digits >> event & 1) != 0;
}

void
mcp_media_recorder_pause(McpMediaRecorder *recorder, gboolean paused, McpRecordPause with,
                         gint64 now)
{
    /* What passed the wire before now ends there at the latest. */
    gint64 place = place_of(recorder, now) + packet(recorder);
    gboolean open = mcp_media_pauses_is_open(&recorder->pauses);

    recorder->paused_at_once = paused && !recorder->begun;
    recorder->paused_with = with;
    if (!recorder->begun)
        return;
    if (paused) {
        recorder->paused_from = open ? recorder->paused_from : place;
        mcp_media_pauses_begin(&recorder->pauses, place, with);
    } else if (open) {
        gint64 length = mcp_media_pauses_end(&recorder->pauses, place) - recorder->paused_from;

        recorder->no_input_from += length;
        mcp_media_speech_end_skip(&recorder->speech, length);
    }
}

/* Frames that the file would have if it ended at @place. */
static guint64
length_at(const McpMediaRecorder *self, gint64 place)
{
    return self->written + (guint64)(place - self->flushed -
                                     mcp_media_pauses_cut(&self->pauses, self->flushed, place));
}

/* A party whose voice does not come may still be on its way for a while. */
static gint64
final_place(const McpMediaRecorder *self, gint64 place)
{
    gint64 final = place;

    if (self->heard != NULL)
        final = MIN(final, mcp_media_track_final(self->heard));
    if (self->sent != NULL)
        final = MIN(final, mcp_media_track_final(self->sent));
    return MAX(final, place - to_samples(self, MCP_MEDIA_TRACK_LAG_MS * 1000));
}

static gboolean
is_silent_end(const McpMediaRecorder *self, gint64 place, McpStopReason *out_reason)
{
    const McpRecordParams *params = &self->params;

    if (mcp_media_pauses_is_open(&self->pauses))
        return FALSE;
    if (params->final_silence > 0 && self->speech.spoken &&
        to_us(self, (guint64)MAX(place - self->speech.quiet_from, 0)) >= params->final_silence)
        *out_reason = MCP_STOP_SILENCE;
    else if (params->no_input >= 0 && !self->speech.spoken &&
             to_us(self, (guint64)MAX(place - self->no_input_from, 0)) >= params->no_input)
        *out_reason = MCP_STOP_NO_INPUT;
    else
        return FALSE;
    return TRUE;
}

gboolean
mcp_media_recorder_tick(McpMediaRecorder *recorder, gint64 now, McpStopReason *out_reason)
{
    gint64 place = place_of(recorder, now);

    flush_to(recorder, final_place(recorder, place));
    if (mcp_media_record_writer_failed(recorder->writer))
        *out_reason = MCP_STOP_FAILED;
    else if (recorder->limit != 0 && length_at(recorder, place) >= recorder->limit)
        *out_reason = MCP_STOP_MAX_TIME;
    else
        return is_silent_end(recorder, place, out_reason);
    return TRUE;
}

void
mcp_media_recorder_end(McpMediaRecorder *recorder, McpStopReason reason, char digit, gint64 now)
{
    recorder->stop = reason;
    recorder->digit = digit;
    if (recorder->begun)
        flush_to(recorder, place_of(recorder, now));
}

/* --- on the leg's context --- */

McpMediaRecorder *
mcp_media_recorder_new(const McpRecordParams *params, guint rate, McpPool *pool, McpClock *clock)
{
    McpMediaRecorder *self = g_new0(McpMediaRecorder, 1);
    const McpMediaEncodeParams how = {
        .stream = params->stream,
        .pool = pool,
        .clock = clock,
        .rate = rate,
        .channels = params->source == MCP_RECORD_STEREO ? 2 : 1,
    };

    MCP_LEDGER_CREATED(McpMediaRecorder);
    self->params = *params;
    self->stream = g_object_ref(params->stream);
    self->rate = rate;
    self->channels = how.channels;
    self->pauses.rate = rate;
    mcp_media_speech_end_init(&self->speech, rate);
    if (params->source != MCP_RECORD_SENT)
        self->heard = mcp_media_track_new(rate);
    if (params->source != MCP_RECORD_HEARD)
        self->sent = mcp_media_track_new(rate);
    if (params->max_time > 0)
        self->limit = (guint64)MAX(to_samples(self, params->max_time), 1);
    self->writer = mcp_media_record_writer_new(&how, params->format);
    if (self->writer == NULL)
        g_clear_pointer(&self, mcp_media_recorder_free);
    return self;
}

void
mcp_media_recorder_free(McpMediaRecorder *recorder)
{
    if (recorder == NULL)
        return;
    mcp_media_record_writer_free(recorder->writer);
    mcp_media_track_free(recorder->heard);
    mcp_media_track_free(recorder->sent);
    g_object_unref(recorder->stream);
    g_free(recorder);
    MCP_LEDGER_FINALIZED(McpMediaRecorder);
}

void
mcp_media_recorder_abort(McpMediaRecorder *recorder)
{
    mcp_media_record_writer_abort(g_steal_pointer(&recorder->writer));
    mcp_media_recorder_free(recorder);
}

McpStoreStream *
mcp_media_recorder_get_stream(McpMediaRecorder *recorder)
{
    return recorder->stream;
}

const McpRecordParams *
mcp_media_recorder_get_params(const McpMediaRecorder *recorder)
{
    return &recorder->params;
}

void
mcp_media_recorder_seal(McpMediaRecorder *recorder, void (*func)(gpointer user_data),
                        gpointer user_data)
{
    mcp_media_record_writer_finish(recorder->writer, func, user_data);
}

void
mcp_media_recorder_get_outcome(McpMediaRecorder *recorder, McpMediaRecorderOutcome *out_outcome)
{
    *out_outcome = (McpMediaRecorderOutcome){
        .stop = recorder->stop,
        .digit = recorder->digit,
        .duration = to_us(recorder, recorder->written),
        .failed = mcp_media_record_writer_failed(recorder->writer),
        .rate = recorder->rate,
        .channels = recorder->channels,
        .dropped = mcp_media_record_writer_get_dropped(recorder->writer),
    };
}
