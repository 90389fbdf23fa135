/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a stream listens for in the audio: speech, digits, the far end's progress. Media worker.
 */
#include "stream_private.h"

#define REPORTS 4
/* What comes late comes within that time. */
#define LATE_US (200 * 1000)
#define SILENCE_MS 20

static gint64
to_us(gint64 samples, guint rate)
{
    return samples * G_USEC_PER_SEC / rate;
}

/* --- speech --- */

static void
on_voice(gpointer owner, gboolean began, gint64 time, gint64 now)
{
    mcp_media_stream_speech(owner, began, time, now);
}

McpMediaVoice *
mcp_media_stream_make_voice(McpMediaStream *stream, const McpMediaFormat *format, guint rate)
{
    return mcp_media_voice_new(format, rate, on_voice, stream);
}

void
mcp_media_stream_listen_for_speech(McpMediaStream *stream, const McpSpeechParams *params,
                                   gint64 now)
{
    McpMediaVoiceSettings settings = MCP_MEDIA_VOICE_SETTINGS_DEFAULT;

    if (stream->voice == NULL || stream->ear == NULL || stream->removed)
        return;
    if (params == NULL) {
        if (stream->voice_listens)
            mcp_media_ear_unlisten(stream->ear, stream->voice, now);
        stream->voice_listens = FALSE;
        return;
    }
    settings.sensitivity = CLAMP(params->sensitivity, 0, 1);
    if (params->minimum_ms > 0)
        settings.minimum_speech_ms = params->minimum_ms;
    if (params->end_silence_ms > 0)
        settings.end_silence_ms = params->end_silence_ms;
    mcp_media_voice_arm(stream->voice, &settings);
    if (!stream->voice_listens)
        stream->voice_listens =
            mcp_media_ear_listen(stream->ear, mcp_media_voice_hear, stream->voice);
}

/* --- digits --- */

static void
hear_tones(gpointer listener, const McpMediaHeard *heard, gint64 now)
{
    McpMediaStream *self = listener;
    McpMediaDtmfTone tones[REPORTS];
    guint n = mcp_media_dtmf_tones_take(self->tones, heard->samples, heard->n, tones, REPORTS);

    for (guint i = 0; i < n; i++) {
        /* The detector counts what it was given; the last sample of that came with the packet. */
        gint64 ago =
            to_us(mcp_media_dtmf_tones_position(self->tones) - tones[i].start, heard->rate);
        const McpDigit digit = {
            .digit = tones[i].digit,
            .source = MCP_DIGIT_INBAND,
            .start = heard->arrival - ago,
            .duration_ms =
                tones[i].duration > 0 ? (guint)(to_us(tones[i].duration, heard->rate) / 1000) : 0,
            .media_time =
                (guint64)MAX(self->receiver.timestamp - self->receiver.first_timestamp, 0),
        };

        mcp_media_stream_digit(self, &digit, now);
    }
}

void
mcp_media_stream_update_tones(McpMediaStream *stream, gint64 now)
{
    gboolean wanted = FALSE;

    if (stream->tones == NULL || stream->ear == NULL || stream->removed)
        return;
    wanted = stream->tones_always || stream->agreement.receive_event_type < 0;
    if (wanted && !stream->tones_listen)
        stream->tones_listen = mcp_media_ear_listen(stream->ear, hear_tones, stream);
    if (!wanted && stream->tones_listen) {
        mcp_media_ear_unlisten(stream->ear, stream, now);
        stream->tones_listen = FALSE;
    }
}

/* --- progress --- */

static void
take_progress(McpMediaStream *self, const gint16 *samples, gsize n, gint64 now)
{
    McpMediaProgressReport reports[REPORTS];
    guint found = mcp_media_call_progress_take(self->progress, samples, n, reports, REPORTS);

    for (guint i = 0; i < found; i++) {
        McpMediaEvent *event = mcp_media_stream_event(self, MCP_LEG_PROGRESS, now);

        event->progress = reports[i];
        mcp_media_stream_post(self, event);
    }
}

/* Told apart from the stream itself, which listens for digits. */
static void
hear_for_progress(gpointer listener, const McpMediaHeard *heard, gint64 now)
{
    McpMediaWatch *watch = listener;

    watch->heard = now;
    take_progress(watch->stream, heard->samples, heard->n, now);
}

void
mcp_media_stream_check_watch(McpMediaStream *stream, gint64 now)
{
    const gint16 silence[MCP_MEDIA_SAMPLES_MAX] = {0};
    guint n = 0;

    if (stream->ear == NULL || now - stream->watch.heard < LATE_US)
        return;
    n = mcp_media_ear_get_rate(stream->ear) * SILENCE_MS / 1000;
    for (; now - stream->watch.heard >= SILENCE_MS * 1000; stream->watch.heard += SILENCE_MS * 1000)
        take_progress(stream, silence, n, now);
}

McpMediaCallProgress *
mcp_media_stream_apply_watch(McpMediaStream *stream, McpMediaCallProgress *progress, gint64 now)
{
    McpMediaCallProgress *before = stream->progress;

    if (before != NULL && stream->ear != NULL)
        mcp_media_ear_unlisten(stream->ear, &stream->watch, now);
    stream->progress = progress;
    stream->watch.stream = stream;
    stream->watch.heard = now;
    if (progress != NULL && stream->ear != NULL && !stream->removed)
        mcp_media_ear_listen(stream->ear, hear_for_progress, &stream->watch);
    return before;
}
