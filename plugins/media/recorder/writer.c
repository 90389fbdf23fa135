/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of a recording. Putting happens on the media worker, all else on the leg's context.
 */
#include "writer.h"

#include <speex/speex_resampler.h>

#include "wave_header.h"
#include <sound/g711.h>

#define CHUNK 320
#define BASIC_RATE 8000
#define RESAMPLER_QUALITY 4

struct _McpMediaRecordWriter {
    McpStoreStream *stream;
    McpMediaEncodeQueue *queue;     /* nullable */
    SpeexResamplerState *resampler; /* nullable: to the rate that the format is bound to */
    McpRecordFormat format;
    McpGraphFormat wave;
    guint64 bytes; /* of samples */
    gboolean failed;
};

static void
append(McpMediaRecordWriter *self, gconstpointer data, gsize length)
{
    if (!mcp_store_stream_append(self->stream, data, length))
        self->failed = TRUE;
    self->bytes += length;
}

static void
put_chunk(McpMediaRecordWriter *self, const gint16 *samples, guint n)
{
    guint8 bytes[CHUNK];
    gint16 swapped[CHUNK];

    switch (self->format) {
    case MCP_RECORD_WAV_MULAW:
    case MCP_RECORD_MULAW:
        mcp_sound_mulaw_encode(samples, n, bytes);
        append(self, bytes, n);
        break;
    case MCP_RECORD_WAV_ALAW:
    case MCP_RECORD_ALAW:
        mcp_sound_alaw_encode(samples, n, bytes);
        append(self, bytes, n);
        break;
    case MCP_RECORD_L16:
        for (guint i = 0; i < n; i++)
            swapped[i] = (gint16)GUINT16_TO_BE((guint16)samples[i]);
        append(self, swapped, 2 * n);
        break;
    case MCP_RECORD_WAV_PCM:
    case MCP_RECORD_OGG_OPUS:
    case MCP_RECORD_MP3:
    default:
        for (guint i = 0; i < n; i++)
            swapped[i] = (gint16)GUINT16_TO_LE((guint16)samples[i]);
        append(self, swapped, 2 * n);
        break;
    }
}

/* One channel, to a lower rate. */
static void
put_resampled(McpMediaRecordWriter *self, const gint16 *samples, guint n)
{
    gint16 lower[CHUNK];
    spx_uint32_t made = CHUNK;
    spx_uint32_t used = n;

    speex_resampler_process_int(self->resampler, 0, samples, &used, lower, &made);
    put_chunk(self, lower, made);
}

void
mcp_media_record_writer_put(McpMediaRecordWriter *writer, const gint16 *samples, guint n)
{
    n *= writer->queue == NULL ? writer->wave.channels : 1;
    if (writer->queue != NULL) {
        mcp_media_encode_queue_push(writer->queue, samples, n);
        return;
    }
    for (guint at = 0; at < n; at += CHUNK) {
        if (writer->resampler != NULL)
            put_resampled(writer, samples + at, MIN(CHUNK, n - at));
        else
            put_chunk(writer, samples + at, MIN(CHUNK, n - at));
    }
}

gboolean
mcp_media_record_writer_failed(McpMediaRecordWriter *writer)
{
    return writer->failed ||
           (writer->queue != NULL && mcp_media_encode_queue_failed(writer->queue));
}

guint64
mcp_media_record_writer_get_dropped(McpMediaRecordWriter *writer)
{
    return writer->queue != NULL ? mcp_media_encode_queue_get_dropped(writer->queue) : 0;
}

/* --- the leg's context --- */

static gboolean
is_wave(const McpMediaRecordWriter *self)
{
    return self->format == MCP_RECORD_WAV_PCM || self->format == MCP_RECORD_WAV_MULAW ||
           self->format == MCP_RECORD_WAV_ALAW;
}

static gboolean
is_basic(McpRecordFormat format)
{
    return format == MCP_RECORD_MULAW || format == MCP_RECORD_ALAW;
}

static gboolean
open_basic(McpMediaRecordWriter *self, const McpMediaEncodeParams *params)
{
    if (params->channels != 1 || params->rate < BASIC_RATE)
        return FALSE;
    if (params->rate == BASIC_RATE)
        return TRUE;
    self->resampler = speex_resampler_init(1, params->rate, BASIC_RATE, RESAMPLER_QUALITY, NULL);
    if (self->resampler == NULL)
        return FALSE;
    speex_resampler_skip_zeros(self->resampler);
    return TRUE;
}

static gboolean
open_queue(McpMediaRecordWriter *self, const McpMediaEncodeParams *params)
{
    g_autoptr(GByteArray) head = g_byte_array_new();
    McpMediaFileEncoder *encoder =
        self->format == MCP_RECORD_OGG_OPUS
            ? mcp_media_opus_file_new(params->rate, params->channels, head)
            : mcp_media_mp3_file_new(params->rate, params->channels);

    if (encoder != NULL)
        self->queue = mcp_media_encode_queue_new(params, encoder, head);
    return encoder != NULL;
}

static McpGraphFormat
wave_format(const McpMediaEncodeParams *params, McpRecordFormat format)
{
    McpGraphFormat result = {MCP_GRAPH_S16LE, params->rate, params->channels};

    if (format == MCP_RECORD_WAV_MULAW)
        result.encoding = MCP_GRAPH_MULAW;
    else if (format == MCP_RECORD_WAV_ALAW)
        result.encoding = MCP_GRAPH_ALAW;
    return result;
}

McpMediaRecordWriter *
mcp_media_record_writer_new(const McpMediaEncodeParams *params, McpRecordFormat format)
{
    McpMediaRecordWriter *self = g_new0(McpMediaRecordWriter, 1);
    guint8 header[MCP_MEDIA_WAVE_HEADER_MAX];

    self->stream = g_object_ref(params->stream);
    self->format = format;
    self->wave = wave_format(params, format);
    if (is_wave(self))
        self->failed = !mcp_store_stream_append(
            self->stream, header, mcp_media_wave_header(&self->wave, G_MAXUINT32, header));
    else if (is_basic(format) ? !open_basic(self, params)
                              : format != MCP_RECORD_L16 && !open_queue(self, params))
        g_clear_pointer(&self, mcp_media_record_writer_free);
    return self;
}

void
mcp_media_record_writer_free(McpMediaRecordWriter *writer)
{
    if (writer == NULL)
        return;
    mcp_media_encode_queue_free(writer->queue);
    g_clear_pointer(&writer->resampler, speex_resampler_destroy);
    g_object_unref(writer->stream);
    g_free(writer);
}

void
mcp_media_record_writer_abort(McpMediaRecordWriter *writer)
{
    if (writer->queue != NULL)
        mcp_media_encode_queue_abort(g_steal_pointer(&writer->queue));
    else
        mcp_store_stream_abort(writer->stream);
    mcp_media_record_writer_free(writer);
}

void
mcp_media_record_writer_finish(McpMediaRecordWriter *writer, void (*func)(gpointer user_data),
                               gpointer user_data)
{
    guint8 header[MCP_MEDIA_WAVE_HEADER_MAX];
    gsize length = 0;

    if (writer->queue != NULL) {
        mcp_media_encode_queue_finish(writer->queue, func, user_data);
        return;
    }
    length = mcp_media_wave_header(&writer->wave,
                                   (guint32)MIN(writer->bytes, (guint64)G_MAXUINT32 - 1), header);
    /* A store that failed may have taken not even the header. */
    if (is_wave(writer) && mcp_store_stream_get_length(writer->stream) >= length)
        mcp_store_stream_patch(writer->stream, 0, header, length);
    func(user_data);
}
