/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recording of a leg: the stream records, and the object is committed before RECORDING_ENDED.
 * On the call's context.
 */
#include "../recorder/ending.h"
#include "leg_private.h"

#include <math.h>
#include <mcp/error.h>

#define BEEP_HZ 1000
#define BEEP_MS 250
#define BEEP_PEAK 8000
#define BEEP_RATE 8000
/* Busier than that a media worker keeps its time for the packets that it has already. */
#define LOAD_MAX 0.6

/* --- the beep --- */

static McpAudio *
beep_audio(void)
{
    const guint n = BEEP_RATE * BEEP_MS / 1000;
    guint8 *samples = g_malloc(2 * n);
    g_autoptr(GBytes) bytes = NULL;

    for (guint i = 0; i < n; i++) {
        /* Faded in and out over 5 ms, so that it does not click. */
        double edge = MIN(MIN(i, n - 1 - i) / (BEEP_RATE * 0.005), 1.0);
        gint16 value = (gint16)(BEEP_PEAK * edge * sin(2 * G_PI * BEEP_HZ * i / (double)BEEP_RATE));

        samples[2 * i] = (guint8)((guint16)value >> 8);
        samples[2 * i + 1] = (guint8)value;
    }
    bytes = g_bytes_new_take(samples, 2 * n);
    return mcp_audio_new(bytes, "audio/L16;rate=8000", "mcp:beep");
}

static McpMediaPlayList *
beep_list(McpMediaLeg *self)
{
    g_autoptr(McpAudio) audio = beep_audio();
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};

    return mcp_media_play_list_new(0, &item, 1, mcp_media_service_get_cache(self->service),
                                   mcp_media_leg_get_format(self));
}

/* --- the end --- */

typedef struct {
    McpMediaLeg *leg;
    gint64 time;
} Ending;

static void
ended(const McpRecordingResult *result, const GError *error, gpointer user_data)
{
    Ending *ending = user_data;
    const McpLegEvent event = {
        .type = MCP_LEG_RECORDING_ENDED,
        .stop = result->stop,
        .time = ending->time,
        .recording = result,
        .error = error,
    };

    mcp_media_leg_emit(ending->leg, &event);
    g_object_unref(ending->leg);
    g_free(ending);
}

void
mcp_media_leg_recording_ended(McpMediaLeg *leg, McpMediaRecorder *recorder, gint64 time)
{
    Ending *ending = g_new0(Ending, 1);

    if (leg->recorder == recorder)
        leg->recorder = NULL;
    ending->leg = g_object_ref(leg);
    ending->time = time;
    mcp_media_recording_finish(recorder, mcp_media_service_get_metrics(leg->service), ended,
                               ending);
}

/* --- the beginning --- */

static gboolean
can_record(McpMediaLeg *self, GError **error)
{
    double load = mcp_media_worker_get_load(mcp_media_stream_get_worker(self->stream));

    if (self->closed)
        g_set_error(error, MCP_ERROR, MCP_ERROR_CLOSED, "the leg is closed");
    else if (self->recorder != NULL)
        g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "the leg records already");
    else if (self->agreement.codec == NULL)
        g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "the leg has no codec yet");
    else if (load > LOAD_MAX)
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT,
                    "the leg's media worker is %.0f %% busy and takes no new recording",
                    load * 100);
    else
        return TRUE;
    return FALSE;
}

void
mcp_media_leg_open_mouth(McpMediaLeg *leg)
{
    if (leg->has_mouth)
        return;
    leg->has_mouth = TRUE;
    mcp_media_stream_open_mouth(leg->stream,
                                mcp_media_mouth_new(&leg->agreement.format, leg->ear_rate));
}

gboolean
mcp_media_leg_record(McpLeg *leg, const McpRecordParams *params, GError **error)
{
    McpMediaLeg *self = MCP_MEDIA_LEG(leg);

    if (!can_record(self, error) || !mcp_media_leg_listen(self))
        return FALSE;
    self->recorder =
        mcp_media_recorder_new(params, self->ear_rate, mcp_media_service_get_pool(self->service),
                               mcp_media_service_get_clock(self->service));
    if (self->recorder == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED,
                    "%s cannot be recorded in %s at %u samples a second",
                    mcp_record_format_get_type(params->format),
                    params->source == MCP_RECORD_STEREO ? "two channels" : "one channel",
                    self->ear_rate);
        return FALSE;
    }
    if (params->source != MCP_RECORD_HEARD)
        mcp_media_leg_open_mouth(self);
    mcp_media_stream_record(self->stream, self->recorder, params->beep ? beep_list(self) : NULL);
    return TRUE;
}

void
mcp_media_leg_stop_recording(McpLeg *leg)
{
    McpMediaLeg *self = MCP_MEDIA_LEG(leg);

    if (self->recorder != NULL && !self->closed)
        mcp_media_stream_stop_recording(self->stream);
}

gboolean
mcp_media_leg_pause_recording(McpLeg *leg, gboolean paused, McpRecordPause with, GError **error)
{
    McpMediaLeg *self = MCP_MEDIA_LEG(leg);

    if (self->recorder == NULL || self->closed) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "the leg does not record");
        return FALSE;
    }
    mcp_media_stream_pause_recording(self->stream, paused, with);
    return TRUE;
}
