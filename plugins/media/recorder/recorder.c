/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recorder: what the ear hears, into the store's stream; gaps become silence by media time.
 * Media worker, but for making, sealing and freeing.
 */
#include "recorder.h"

#include "../codec/g711.h"
#include "../rtp/telephone_event.h"
#include "wave_header.h"
#include <math.h>
#include <mcp/ledger.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpMediaRecorder);

/* So far may the written audio lag behind the clock before silence stands in for it. */
#define LAG_US (300 * 1000)
/* A timestamp that is further off the clock begins a new count. */
#define JUMP_US (2 * G_USEC_PER_SEC)
/* Speech: a level over this (about -36 dBm0, and 4 times the noise floor) for so long. */
#define SPEECH_LEVEL 500
#define SPEECH_MIN_US (60 * 1000)
#define CHUNK 320

struct _McpMediaRecorder {
    McpStoreStream *stream;
    McpRecordParams params;
    McpGraphFormat format;
    guint sample_bytes;
    guint8 silence;
    gboolean begun;
    gint64 began;
    gboolean anchored; /* the ear's position 0 is sample @anchor */
    gint64 anchor;
    guint64 written; /* samples */
    guint64 limit;   /* samples, 0 none */
    gboolean failed;
    gboolean spoken;
    gint64 loud;       /* µs of consecutive speech */
    gint64 quiet_from; /* µs of the recording */
    gint64 noise;      /* level of the quietest frames, slowly rising */
    McpStopReason stop;
    char digit;
};

static gint64
to_us(const McpMediaRecorder *self, guint64 samples)
{
    return (gint64)(samples * G_USEC_PER_SEC / self->format.rate);
}

static gint64
to_samples(const McpMediaRecorder *self, gint64 us)
{
    return us * self->format.rate / G_USEC_PER_SEC;
}

/* --- writing --- */

static void
append(McpMediaRecorder *self, gconstpointer data, guint64 samples)
{
    if (self->limit != 0)
        samples = MIN(samples, self->limit - MIN(self->written, self->limit));
    if (samples == 0)
        return;
    if (!mcp_store_stream_append(self->stream, data, (gsize)samples * self->sample_bytes))
        self->failed = TRUE;
    self->written += samples;
}

static void
append_silence(McpMediaRecorder *self, guint64 samples)
{
    guint8 chunk[CHUNK * 2];

    memset(chunk, self->silence, sizeof chunk);
    while (samples > 0) {
        guint64 n = MIN(samples, CHUNK);
        guint64 before = self->written;

        append(self, chunk, n);
        if (self->written == before)
            return;
        samples -= n;
    }
}

static void
append_samples(McpMediaRecorder *self, const gint16 *samples, guint n)
{
    guint8 chunk[CHUNK];

    if (self->format.encoding == MCP_GRAPH_S16LE) {
        append(self, samples, n);
        return;
    }
    for (guint at = 0; at < n; at += CHUNK) {
        guint part = MIN(CHUNK, n - at);

        if (self->format.encoding == MCP_GRAPH_MULAW)
            mcp_media_mulaw_encode(samples + at, part, chunk);
        else
            mcp_media_alaw_encode(samples + at, part, chunk);
        append(self, chunk, part);
    }
}

static gint64
level_of(const gint16 *samples, guint n)
{
    gint64 sum = 0;

    for (guint i = 0; i < n; i++)
        sum += (gint64)samples[i] * samples[i];
    return n > 0 ? (gint64)sqrt((double)sum / n) : 0;
}

/*
 * Speech is what is louder than a fixed level and than the noise of the line; the noise floor
 * falls at once and rises slowly.
 */
static void
note_level(McpMediaRecorder *self, gint64 level, gint64 duration)
{
    self->noise = level < self->noise ? level : MIN(self->noise + 1 + self->noise / 64, 2000);
    if (level > MAX(SPEECH_LEVEL, self->noise * 4)) {
        self->loud += duration;
        if (self->loud >= SPEECH_MIN_US || self->spoken)
            self->quiet_from = to_us(self, self->written);
        self->spoken |= self->loud >= SPEECH_MIN_US;
    } else {
        self->loud = 0;
    }
}

/* --- the time line --- */

void
mcp_media_recorder_hear(gpointer recorder, const McpMediaHeard *heard, gint64 now)
{
    McpMediaRecorder *self = recorder;
    gint64 clock = to_samples(self, heard->arrival - self->began);
    gint64 position = heard->position + self->anchor;
    gint64 skip = 0;

    if (!self->anchored || heard->restart || ABS(position - clock) > to_samples(self, JUMP_US)) {
        position = MAX((gint64)self->written, clock - (gint64)heard->n);
        self->anchored = TRUE;
        self->anchor = position - heard->position;
    }
    skip = (gint64)self->written - position;
    if (skip >= (gint64)heard->n)
        return;
    if (skip < 0)
        append_silence(self, (guint64)-skip);
    skip = MAX(skip, 0);
    append_samples(self, heard->samples + skip, heard->n - (guint)skip);
    note_level(self, level_of(heard->samples, heard->n), to_us(self, heard->n));
}

void
mcp_media_recorder_begin(McpMediaRecorder *recorder, gint64 now)
{
    recorder->begun = TRUE;
    recorder->began = now;
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

gboolean
mcp_media_recorder_tick(McpMediaRecorder *recorder, gint64 now, McpStopReason *out_reason)
{
    gint64 behind = now - recorder->began - LAG_US - to_us(recorder, recorder->written);
    gint64 position = 0;

    if (behind > 0)
        append_silence(recorder, (guint64)to_samples(recorder, behind));
    position = to_us(recorder, recorder->written);
    if (recorder->failed)
        *out_reason = MCP_STOP_FAILED;
    else if (recorder->limit != 0 && recorder->written >= recorder->limit)
        *out_reason = MCP_STOP_MAX_TIME;
    else if (recorder->params.final_silence > 0 && recorder->spoken &&
             position - recorder->quiet_from >= recorder->params.final_silence)
        *out_reason = MCP_STOP_SILENCE;
    else if (recorder->params.no_input >= 0 && !recorder->spoken &&
             position >= recorder->params.no_input)
        *out_reason = MCP_STOP_NO_INPUT;
    else
        return FALSE;
    return TRUE;
}

void
mcp_media_recorder_end(McpMediaRecorder *recorder, McpStopReason reason, char digit)
{
    recorder->stop = reason;
    recorder->digit = digit;
}

/* --- on the leg's context --- */

static McpGraphFormat
file_format(McpRecordFormat format, guint rate)
{
    McpGraphFormat result = {MCP_GRAPH_S16LE, rate, 1};

    if (format == MCP_RECORD_WAV_MULAW)
        result.encoding = MCP_GRAPH_MULAW;
    else if (format == MCP_RECORD_WAV_ALAW)
        result.encoding = MCP_GRAPH_ALAW;
    return result;
}

McpMediaRecorder *
mcp_media_recorder_new(const McpRecordParams *params, guint rate)
{
    McpMediaRecorder *self = g_new0(McpMediaRecorder, 1);
    guint8 header[MCP_MEDIA_WAVE_HEADER_MAX];
    gsize length = 0;

    MCP_LEDGER_CREATED(McpMediaRecorder);
    self->params = *params;
    self->stream = g_object_ref(params->stream);
    self->format = file_format(params->format, rate);
    self->sample_bytes = self->format.encoding == MCP_GRAPH_S16LE ? 2 : 1;
    if (self->format.encoding == MCP_GRAPH_MULAW)
        self->silence = 0xff;
    else if (self->format.encoding == MCP_GRAPH_ALAW)
        self->silence = 0xd5;
    self->noise = SPEECH_LEVEL / 4;
    if (params->max_time > 0)
        self->limit = (guint64)MAX(to_samples(self, params->max_time), 1);
    length = mcp_media_wave_header(&self->format, G_MAXUINT32, header);
    self->failed = !mcp_store_stream_append(self->stream, header, length);
    return self;
}

void
mcp_media_recorder_free(McpMediaRecorder *recorder)
{
    if (recorder == NULL)
        return;
    g_object_unref(recorder->stream);
    g_free(recorder);
    MCP_LEDGER_FINALIZED(McpMediaRecorder);
}

McpStoreStream *
mcp_media_recorder_get_stream(McpMediaRecorder *recorder)
{
    return recorder->stream;
}

McpRecordFormat
mcp_media_recorder_get_format(const McpMediaRecorder *recorder)
{
    return recorder->params.format;
}

void
mcp_media_recorder_seal(McpMediaRecorder *recorder, McpMediaRecorderOutcome *out_outcome)
{
    guint8 header[MCP_MEDIA_WAVE_HEADER_MAX];
    guint64 bytes = recorder->written * recorder->sample_bytes;
    gsize length =
        mcp_media_wave_header(&recorder->format, (guint32)MIN(bytes, G_MAXUINT32 - 1), header);

    mcp_store_stream_patch(recorder->stream, 0, header, length);
    out_outcome->stop = recorder->stop;
    out_outcome->digit = recorder->digit;
    out_outcome->duration = to_us(recorder, recorder->written);
    out_outcome->failed = recorder->failed;
}
