/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recorder: packets in order out of the jitter buffer, through the graph, into the store's
 * stream; gaps become silence by media time. Media worker, but for making, sealing and freeing.
 */
#include "recorder.h"

#include "../rtp/telephone_event.h"
#include "wave_header.h"
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
#define SILENCE_CHUNK 320

struct _McpMediaRecorder {
    McpStoreStream *stream;
    McpRecordParams params;
    const McpMediaCodec *codec;
    McpGraphFormat format;
    guint sample_bytes;
    guint8 silence;
    McpGraph *graph;
    McpMediaJitterBuffer jitter_buffer;
    gboolean begun;
    gint64 began;
    gboolean anchored; /* timestamp @anchor is sample @anchor_position */
    gint64 anchor;
    gint64 anchor_position;
    guint64 written; /* samples */
    guint64 limit;   /* samples, 0 none */
    guint skip;      /* samples of the frame being pushed that are written already */
    gboolean failed;
    gboolean spoken;
    gint64 loud;       /* µs of consecutive speech */
    gint64 quiet_from; /* µs of the recording */
    gint64 noise;      /* level of the quietest frames, slowly rising */
    McpStopReason stop;
    char digit;
};

McpGraphFormat
mcp_media_recorder_get_format(McpRecordFormat format, const McpMediaCodec *codec)
{
    McpGraphFormat result = {MCP_GRAPH_S16LE, codec->clock_rate, 1};

    if (format == MCP_RECORD_WAV_MULAW)
        result.encoding = MCP_GRAPH_MULAW;
    else if (format == MCP_RECORD_WAV_ALAW)
        result.encoding = MCP_GRAPH_ALAW;
    return result;
}

static gint64
to_us(const McpMediaRecorder *self, guint64 samples)
{
    return (gint64)(samples * G_USEC_PER_SEC / self->codec->clock_rate);
}

static gint64
to_samples(const McpMediaRecorder *self, gint64 us)
{
    return us * self->codec->clock_rate / G_USEC_PER_SEC;
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
    guint8 chunk[SILENCE_CHUNK * 2];

    memset(chunk, self->silence, sizeof chunk);
    while (samples > 0) {
        guint64 n = MIN(samples, SILENCE_CHUNK);
        guint64 before = self->written;

        append(self, chunk, n);
        if (self->written == before)
            return;
        samples -= n;
    }
}

/* What comes out of the graph. */
static void
take_frame(gconstpointer data, gsize length, gpointer user_data)
{
    McpMediaRecorder *self = user_data;
    gsize samples = length / self->sample_bytes;
    gsize skip = MIN(self->skip, samples);

    self->skip -= (guint)skip;
    append(self, (const guint8 *)data + skip * self->sample_bytes, samples - skip);
}

/*
 * Speech is what is louder than a fixed level and than the noise of the line; the noise floor
 * falls at once and rises slowly.
 */
static void
note_level(McpMediaRecorder *self, gint64 duration)
{
    gint64 level = mcp_graph_get_level(self->graph);

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

static void
write_packet(McpMediaRecorder *self, const McpMediaJitterPacket *packet, gint64 now)
{
    gint64 samples = (gint64)(packet->length / self->codec->sample_bytes);
    gint64 clock = to_samples(self, packet->arrival - self->began);
    gint64 position = packet->timestamp - self->anchor + self->anchor_position;

    if (!self->anchored || ABS(position - clock) > to_samples(self, JUMP_US)) {
        position = MAX((gint64)self->written, clock - samples);
        self->anchored = TRUE;
        self->anchor = packet->timestamp;
        self->anchor_position = position;
    }
    if (position + samples <= (gint64)self->written)
        return;
    if (position > (gint64)self->written)
        append_silence(self, (guint64)position - self->written);
    self->skip = (guint)((gint64)self->written - position);
    if (!mcp_graph_push(self->graph, packet->payload, packet->length))
        self->failed = TRUE;
    self->skip = 0;
    note_level(self, to_us(self, (guint64)samples));
}

static void
drain(McpMediaRecorder *self, gint64 now, gboolean force)
{
    McpMediaJitterPacket *packet = NULL;

    while ((packet = mcp_media_jitter_buffer_pop(&self->jitter_buffer, now, force)) != NULL) {
        write_packet(self, packet, now);
        mcp_media_block_pool_give(self->jitter_buffer.pool, packet);
    }
}

void
mcp_media_recorder_begin(McpMediaRecorder *recorder, McpMediaBlockPool *pool, gint64 now)
{
    mcp_media_jitter_buffer_init(&recorder->jitter_buffer, pool);
    recorder->begun = TRUE;
    recorder->began = now;
}

gboolean
mcp_media_recorder_has_begun(McpMediaRecorder *recorder)
{
    return recorder->begun;
}

void
mcp_media_recorder_take(McpMediaRecorder *recorder, guint32 sequence, gint64 timestamp,
                        const guint8 *payload, gsize length, gint64 jitter, gint64 now)
{
    if (!recorder->begun)
        return;
    mcp_media_jitter_buffer_set_jitter(&recorder->jitter_buffer, jitter);
    if (!mcp_media_jitter_buffer_put(&recorder->jitter_buffer, sequence, timestamp, now, payload,
                                     length)) {
        drain(recorder, now, TRUE);
        mcp_media_jitter_buffer_put(&recorder->jitter_buffer, sequence, timestamp, now, payload,
                                    length);
    }
    drain(recorder, now, FALSE);
}

void
mcp_media_recorder_restart(McpMediaRecorder *recorder)
{
    if (!recorder->begun)
        return;
    drain(recorder, recorder->began, TRUE);
    mcp_media_jitter_buffer_clear(&recorder->jitter_buffer);
    /* The next packet's timestamp says nothing about those before it. */
    recorder->anchor = G_MININT64 / 4;
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

    drain(recorder, now, FALSE);
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
mcp_media_recorder_end(McpMediaRecorder *recorder, McpStopReason reason, char digit, gint64 now)
{
    if (recorder->begun) {
        drain(recorder, now, TRUE);
        mcp_media_jitter_buffer_clear(&recorder->jitter_buffer);
    }
    recorder->stop = reason;
    recorder->digit = digit;
}

/* --- on the leg's context --- */

McpMediaRecorder *
mcp_media_recorder_new(const McpRecordParams *params, const McpMediaCodec *codec, McpGraph *graph)
{
    McpMediaRecorder *self = g_new0(McpMediaRecorder, 1);
    guint8 header[MCP_MEDIA_WAVE_HEADER_MAX];
    gsize length = 0;

    MCP_LEDGER_CREATED(McpMediaRecorder);
    self->params = *params;
    self->stream = g_object_ref(params->stream);
    self->codec = codec;
    self->format = mcp_media_recorder_get_format(params->format, codec);
    self->sample_bytes = self->format.encoding == MCP_GRAPH_S16LE ? 2 : 1;
    if (self->format.encoding == MCP_GRAPH_MULAW)
        self->silence = 0xff;
    else if (self->format.encoding == MCP_GRAPH_ALAW)
        self->silence = 0xd5;
    self->graph = graph;
    self->noise = SPEECH_LEVEL / 4;
    if (params->max_time > 0)
        self->limit = (guint64)MAX(to_samples(self, params->max_time), 1);
    mcp_graph_set_func(graph, take_frame, self);
    length = mcp_media_wave_header(&self->format, G_MAXUINT32, header);
    self->failed = !mcp_store_stream_append(self->stream, header, length);
    return self;
}

void
mcp_media_recorder_free(McpMediaRecorder *recorder)
{
    if (recorder == NULL)
        return;
    mcp_graph_free(recorder->graph);
    g_object_unref(recorder->stream);
    g_free(recorder);
    MCP_LEDGER_FINALIZED(McpMediaRecorder);
}

McpGraph *
mcp_media_recorder_steal_graph(McpMediaRecorder *recorder)
{
    /* One that refused a frame is not used again. */
    return recorder->failed ? NULL : g_steal_pointer(&recorder->graph);
}

const McpMediaCodec *
mcp_media_recorder_get_codec(McpMediaRecorder *recorder)
{
    return recorder->codec;
}

McpRecordFormat
mcp_media_recorder_get_record_format(McpMediaRecorder *recorder)
{
    return recorder->params.format;
}

McpGraph *
mcp_media_recorder_get_graph(McpMediaRecorder *recorder)
{
    return recorder->graph;
}

McpStoreStream *
mcp_media_recorder_get_stream(McpMediaRecorder *recorder)
{
    return recorder->stream;
}

gboolean
mcp_media_recorder_wants_beep(McpMediaRecorder *recorder)
{
    return recorder->params.beep;
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
