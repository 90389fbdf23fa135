/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Brings audio into a wire format: through a graph where samples have to change, and through a
 * codec of ours where the format is more than samples. Compute pool.
 */
#include "encoder.h"

#include "container.h"
#include <mcp/error.h>
#include <string.h>

/* A multiple of every frame size. */
#define CHUNK_BYTES 8192
/* Samples that a codec of ours takes at once; an even number. */
#define CHUNK_SAMPLES 960
/* An hour of L16 at 16 kHz: nobody listens to a longer prompt, and a file must not eat the host. */
#define OUTPUT_MAX (128 * 1024 * 1024)

typedef struct {
    GByteArray *out;
    gboolean full;
} Collector;

static void
collect(gconstpointer data, gsize length, gpointer user_data)
{
    Collector *collector = user_data;

    if (collector->out->len + length > OUTPUT_MAX)
        collector->full = TRUE;
    else
        g_byte_array_append(collector->out, data, (guint)length);
}

static gboolean
run_graph(McpGraph *graph, const McpMediaContent *content, Collector *collector, GError **error)
{
    for (gsize at = 0; at < content->length; at += CHUNK_BYTES) {
        if (!mcp_graph_push(graph, content->data + at, MIN(CHUNK_BYTES, content->length - at))) {
            g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "the audio cannot be converted");
            return FALSE;
        }
        if (collector->full) {
            g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "the audio is longer than %u MB",
                        OUTPUT_MAX >> 20);
            return FALSE;
        }
    }
    mcp_graph_finish(graph);
    return TRUE;
}

/* Through a graph; (transfer full) what comes out. */
static GByteArray *
convert(const McpMediaContent *content, const McpGraphFormat *to, GError **error)
{
    g_autoptr(McpGraph) graph = mcp_prompt_graph_new(&content->format, to, error);
    Collector collector = {0};

    if (graph == NULL)
        return NULL;
    collector.out = g_byte_array_new();
    mcp_graph_set_func(graph, collect, &collector);
    if (run_graph(graph, content, &collector, error))
        return collector.out;
    g_byte_array_unref(collector.out);
    return NULL;
}

/* --- codecs of ours --- */

static void
encode_bytes(McpMediaEncoder *encoder, const gint16 *samples, gsize n, GByteArray *out)
{
    guint8 coded[MCP_MEDIA_CODED_MAX];

    for (gsize at = 0; at < n; at += CHUNK_SAMPLES) {
        gsize bytes = mcp_media_encoder_take(
            encoder, samples + at, (guint)MIN(CHUNK_SAMPLES, n - at), coded, sizeof coded);

        g_byte_array_append(out, coded, (guint)bytes);
    }
}

/* The last frame is filled up with silence. */
static void
encode_frames(McpMediaEncoder *encoder, const gint16 *samples, gsize n, GByteArray *out,
              McpMediaCoded *coded)
{
    const guint size = mcp_media_format_frame_samples(mcp_media_encoder_get_format(encoder));
    guint8 frame[MCP_MEDIA_CODED_MAX];
    gint16 last[MCP_MEDIA_SAMPLES_MAX] = {0};

    coded->n_frames = (guint)((n + size - 1) / size);
    coded->offsets = g_new0(guint32, coded->n_frames + 1);
    for (guint i = 0; i < coded->n_frames; i++) {
        const gint16 *from = samples + (gsize)i * size;
        gsize left = n - (gsize)i * size;

        if (left < size) {
            memcpy(last, from, left * sizeof *from);
            from = last;
        }
        g_byte_array_append(
            out, frame, (guint)mcp_media_encoder_take(encoder, from, size, frame, sizeof frame));
        coded->offsets[i + 1] = out->len;
    }
}

static gboolean
encode_own(const McpMediaContent *content, const McpMediaFormat *format, McpMediaCoded *out_coded,
           GError **error)
{
    const McpGraphFormat linear = {MCP_GRAPH_S16LE, format->rate, 1};
    g_autoptr(GByteArray) samples = convert(content, &linear, error);
    g_autoptr(McpMediaEncoder) encoder = NULL;
    McpMediaFormat cached = *format;
    GByteArray *out = NULL;

    if (samples == NULL)
        return FALSE;
    /* Whether silence is sent is decided when it is played. */
    cached.dtx = FALSE;
    encoder = mcp_media_encoder_new(&cached);
    out = g_byte_array_new();
    if (mcp_media_codec_is_framed(format->codec))
        encode_frames(encoder, (const gint16 *)(gconstpointer)samples->data, samples->len / 2, out,
                      out_coded);
    else
        encode_bytes(encoder, (const gint16 *)(gconstpointer)samples->data, samples->len / 2, out);
    out_coded->bytes = g_byte_array_free_to_bytes(out);
    return TRUE;
}

gboolean
mcp_media_encode(McpAudio *audio, const McpMediaFormat *format, McpMediaCoded *out_coded,
                 GError **error)
{
    GBytes *bytes = mcp_audio_get_bytes(audio);
    const McpGraphFormat wire = {format->codec->raw, format->codec->clock_rate, 1};
    gsize length = 0;
    const guint8 *data = g_bytes_get_data(bytes, &length);
    McpMediaContent content;
    GByteArray *out = NULL;

    memset(out_coded, 0, sizeof *out_coded);
    if (!mcp_media_container_parse(data, length, mcp_audio_get_content_type(audio), &content,
                                   error))
        return FALSE;
    if (!format->codec->is_raw)
        return encode_own(&content, format, out_coded, error);
    if (content.format.encoding == wire.encoding && content.format.rate == wire.rate &&
        content.format.channels == 1) {
        out_coded->bytes =
            g_bytes_new_from_bytes(bytes, (gsize)(content.data - data), content.length);
        return TRUE;
    }
    out = convert(&content, &wire, error);
    if (out != NULL)
        out_coded->bytes = g_byte_array_free_to_bytes(out);
    return out != NULL;
}

void
mcp_media_coded_clear(McpMediaCoded *coded)
{
    g_clear_pointer(&coded->bytes, g_bytes_unref);
    g_clear_pointer(&coded->offsets, g_free);
    coded->n_frames = 0;
}
