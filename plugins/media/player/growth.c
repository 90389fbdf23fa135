/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Audio in a wire format that grows at its end. It stands in blocks that never move; how much is
 * there is published last, so that a media worker reads without a lock. Compute pool.
 */
#include "growth.h"

#include "container.h"
#include <mcp/error.h>
#include <string.h>

/* Of samples of any size. */
#define BLOCK_BYTES 8192
#define BLOCK_FRAMES 64
/* 35 minutes of G.711, 43 of frames of 20 ms. */
#define BLOCKS 2048
/* A multiple of every frame size. */
#define CHUNK_BYTES 8192
/* Samples that a codec which can be cut takes at once; an even number. */
#define CHUNK_SAMPLES 960

typedef union {
    guint8 bytes[BLOCK_BYTES];
    McpMediaFrame frames[BLOCK_FRAMES];
} Block;

struct _McpMediaGrowth {
    McpMediaFormat format;
    McpGraph *graph;          /* nullable: the content has the wire format already */
    McpMediaEncoder *encoder; /* nullable: the graph encodes */
    gsize step;               /* bytes of a sample of all channels of the content */
    gsize taken;              /* bytes of the content */
    GByteArray *pending;      /* out of the graph, not yet in blocks */
    gsize size;
    gboolean full;
    Block *blocks[BLOCKS];
    gint length; /* atomic: what is below it stands */
};

static gboolean
is_framed(const McpMediaGrowth *self)
{
    return mcp_media_codec_is_framed(self->format.codec);
}

static void
collect(gconstpointer data, gsize length, gpointer user_data)
{
    McpMediaGrowth *self = user_data;

    g_byte_array_append(self->pending, data, (guint)length);
}

McpMediaGrowth *
mcp_media_growth_new(const char *content_type, const McpMediaFormat *format, GError **error)
{
    g_autoptr(McpMediaGrowth) self = g_new0(McpMediaGrowth, 1);
    const McpMediaCodec *codec = format->codec;
    McpGraphFormat to = {codec->raw, codec->clock_rate, 1};
    McpMediaContent content;

    self->format = *format;
    self->pending = g_byte_array_new();
    if (!mcp_media_container_parse((const guint8 *)"", 0, content_type, &content, error))
        return NULL;
    self->step = content.format.channels;
    if (content.format.encoding == MCP_GRAPH_S16LE || content.format.encoding == MCP_GRAPH_S16BE)
        self->step *= 2;
    if (!codec->is_raw) {
        to = (McpGraphFormat){MCP_GRAPH_S16LE, format->rate, 1};
        /* Whether silence is sent is decided when it is played. */
        self->format.dtx = FALSE;
        self->encoder = mcp_media_encoder_new(&self->format);
    } else if (content.format.encoding == to.encoding && content.format.rate == to.rate &&
               content.format.channels == 1) {
        return g_steal_pointer(&self);
    }
    self->graph = mcp_prompt_graph_new(&content.format, &to, error);
    if (self->graph == NULL)
        return NULL;
    mcp_graph_set_func(self->graph, collect, self);
    return g_steal_pointer(&self);
}

static void
free_frames(Block *block)
{
    for (guint i = 0; i < BLOCK_FRAMES; i++)
        g_free((gpointer)block->frames[i].data);
}

void
mcp_media_growth_free(McpMediaGrowth *growth)
{
    if (growth == NULL)
        return;
    for (guint i = 0; i < BLOCKS && growth->blocks[i] != NULL; i++) {
        if (is_framed(growth))
            free_frames(growth->blocks[i]);
        g_free(growth->blocks[i]);
    }
    g_clear_pointer(&growth->graph, mcp_graph_free);
    g_clear_pointer(&growth->encoder, mcp_media_encoder_free);
    g_byte_array_unref(growth->pending);
    g_free(growth);
}

/* --- writing --- */

/* NULL: there is no room for it. */
static Block *
get_block(McpMediaGrowth *self, guint index)
{
    if (index >= BLOCKS) {
        self->full = TRUE;
        return NULL;
    }
    if (self->blocks[index] == NULL) {
        self->blocks[index] = g_new0(Block, 1);
        self->size += sizeof(Block);
    }
    return self->blocks[index];
}

static void
add_bytes(McpMediaGrowth *self, const guint8 *data, gsize n)
{
    while (n > 0) {
        guint length = mcp_media_growth_get_length(self);
        gsize room = BLOCK_BYTES - length % BLOCK_BYTES;
        Block *block = get_block(self, length / BLOCK_BYTES);

        if (block == NULL)
            return;
        memcpy(block->bytes + length % BLOCK_BYTES, data, MIN(n, room));
        g_atomic_int_set(&self->length, (gint)(length + MIN(n, room)));
        data += MIN(n, room);
        n -= MIN(n, room);
    }
}

static void
add_frame(McpMediaGrowth *self, const guint8 *data, gsize n)
{
    guint length = mcp_media_growth_get_length(self);
    Block *block = get_block(self, length / BLOCK_FRAMES);
    McpMediaFrame *frame = NULL;

    if (block == NULL)
        return;
    frame = &block->frames[length % BLOCK_FRAMES];
    frame->data = g_memdup2(data, n);
    frame->length = n;
    self->size += n;
    g_atomic_int_set(&self->length, (gint)(length + 1));
}

/* Samples to frames; the last one is filled up with silence. */
static gsize
encode_frames(McpMediaGrowth *self, const gint16 *samples, gsize n, gboolean ended)
{
    const guint size = mcp_media_format_frame_samples(&self->format);
    guint8 coded[MCP_MEDIA_CODED_MAX];
    gint16 last[MCP_MEDIA_SAMPLES_MAX] = {0};
    gsize at = 0;

    for (; n - at >= size; at += size)
        add_frame(self, coded,
                  mcp_media_encoder_take(self->encoder, samples + at, size, coded, sizeof coded));
    if (!ended || at == n)
        return at;
    memcpy(last, samples + at, (n - at) * sizeof *samples);
    add_frame(self, coded, mcp_media_encoder_take(self->encoder, last, size, coded, sizeof coded));
    return n;
}

static gsize
encode_bytes(McpMediaGrowth *self, const gint16 *samples, gsize n)
{
    guint8 coded[MCP_MEDIA_CODED_MAX];
    gsize at = 0;

    /* G.722 takes two samples a byte. */
    n -= n % 2;
    while (at < n) {
        guint some = (guint)MIN(CHUNK_SAMPLES, n - at);

        add_bytes(self, coded,
                  mcp_media_encoder_take(self->encoder, samples + at, some, coded, sizeof coded));
        at += some;
    }
    return n;
}

/* What is pending goes into blocks, as far as it makes up whole frames. */
static void
drain(McpMediaGrowth *self, gboolean ended)
{
    const gint16 *samples = (const gint16 *)(gconstpointer)self->pending->data;
    gsize used = self->pending->len;

    if (self->encoder == NULL)
        add_bytes(self, self->pending->data, used);
    else if (is_framed(self))
        used = 2 * encode_frames(self, samples, used / 2, ended);
    else
        used = 2 * encode_bytes(self, samples, used / 2);
    if (used > 0)
        g_byte_array_remove_range(self->pending, 0, (guint)used);
}

static gboolean
push(McpMediaGrowth *self, const guint8 *data, gsize length, GError **error)
{
    if (self->graph == NULL) {
        collect(data, length, self);
        return TRUE;
    }
    for (gsize at = 0; at < length; at += CHUNK_BYTES)
        if (!mcp_graph_push(self->graph, data + at, MIN(CHUNK_BYTES, length - at))) {
            g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "the audio cannot be converted");
            return FALSE;
        }
    return TRUE;
}

gboolean
mcp_media_growth_work(McpMediaGrowth *growth, McpAudioWatch *watch, gboolean *out_ended,
                      GError **error)
{
    g_autoptr(GError) ending = NULL;
    g_autoptr(GBytes) bytes = mcp_audio_watch_read(watch, growth->taken, out_ended, &ending);
    gsize length = 0;
    const guint8 *data = g_bytes_get_data(bytes, &length);

    length -= length % growth->step;
    growth->taken += length;
    if (!push(growth, data, length, error)) {
        *out_ended = TRUE;
        return FALSE;
    }
    if (*out_ended && growth->graph != NULL)
        mcp_graph_finish(growth->graph);
    drain(growth, *out_ended);
    if (growth->full) {
        *out_ended = TRUE;
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "the audio is longer than %u blocks of %u",
                    BLOCKS, is_framed(growth) ? BLOCK_FRAMES : BLOCK_BYTES);
        return FALSE;
    }
    if (ending == NULL)
        return TRUE;
    g_propagate_error(error, g_steal_pointer(&ending));
    return FALSE;
}

/* --- reading --- */

guint
mcp_media_growth_get_length(McpMediaGrowth *growth)
{
    return (guint)g_atomic_int_get(&growth->length);
}

void
mcp_media_growth_copy(McpMediaGrowth *growth, gsize at, guint8 *out, gsize n)
{
    while (n > 0) {
        gsize within = at % BLOCK_BYTES;
        gsize some = MIN(n, BLOCK_BYTES - within);

        memcpy(out, growth->blocks[at / BLOCK_BYTES]->bytes + within, some);
        at += some;
        out += some;
        n -= some;
    }
}

McpMediaFrame
mcp_media_growth_get_frame(McpMediaGrowth *growth, guint index)
{
    return growth->blocks[index / BLOCK_FRAMES]->frames[index % BLOCK_FRAMES];
}

gsize
mcp_media_growth_get_size(McpMediaGrowth *growth)
{
    return growth->size;
}
