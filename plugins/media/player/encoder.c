/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Brings audio into a wire format, through a graph where samples have to change. Compute pool.
 */
#include "encoder.h"

#include "container.h"
#include <mcp/error.h>

/* A multiple of every frame size. */
#define CHUNK_BYTES 8192
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

GBytes *
mcp_media_encode(McpAudio *audio, const McpMediaCodec *codec, GError **error)
{
    GBytes *bytes = mcp_audio_get_bytes(audio);
    const McpGraphFormat wire = {codec->graph, codec->clock_rate, 1};
    gsize length = 0;
    const guint8 *data = g_bytes_get_data(bytes, &length);
    McpMediaContent content;
    Collector collector = {0};
    g_autoptr(McpGraph) graph = NULL;
    gboolean ok = FALSE;

    if (!mcp_media_container_parse(data, length, mcp_audio_get_content_type(audio), &content,
                                   error))
        return NULL;
    if (content.format.encoding == wire.encoding && content.format.rate == wire.rate &&
        content.format.channels == 1)
        return g_bytes_new_from_bytes(bytes, (gsize)(content.data - data), content.length);
    graph = mcp_prompt_graph_new(&content.format, &wire, error);
    if (graph == NULL)
        return NULL;
    collector.out = g_byte_array_new();
    mcp_graph_set_func(graph, collect, &collector);
    ok = run_graph(graph, &content, &collector, error);
    if (ok)
        return g_byte_array_free_to_bytes(collector.out);
    g_byte_array_unref(collector.out);
    return NULL;
}
