/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recordings as Opus in Ogg (RFC 7845): frames of 20 ms, a page a second, so that a file that was
 * cut off anywhere plays up to its last second. Compute pool.
 */
#include "file_encoder.h"
#include "ogg_page.h"

#include <opus/opus.h>
#include <string.h>

#define FRAME_MAX 960
#define PACKET_MAX 1500
#define GRANULE_RATE 48000
#define FRAME_GRANULES (GRANULE_RATE / 50)
#define PAGE_GRANULES GRANULE_RATE
#define COMPLEXITY 5
#define NARROW_RATE 16000
#define BITRATE_NARROW 32000 /* a channel, up to 16 kHz */
#define BITRATE_WIDE 48000

typedef struct {
    McpMediaFileEncoder base;
    OpusEncoder *encoder;
    guint rate;
    guint channels;
    guint frame;    /* samples of one, of each channel */
    guint n;        /* gathered for the next one */
    guint64 taken;  /* frames of samples in all */
    guint64 coded;  /* granules of the packets made so far */
    guint64 paged;  /* of those in pages that are written */
    guint pre_skip; /* granules */
    McpMediaOggPage page;
    gint16 samples[FRAME_MAX * 2];
} OpusFile;

static guint64
to_granules(const OpusFile *self, guint64 samples)
{
    return samples * (GRANULE_RATE / self->rate);
}

static void
write_page(OpusFile *self, McpMediaOggFlags flags, guint64 granule, GByteArray *out)
{
    mcp_media_ogg_page_write(&self->page, flags, granule, out);
    self->paged = self->coded;
}

static void
encode_frame(OpusFile *self, GByteArray *out)
{
    guint8 packet[PACKET_MAX];
    opus_int32 length = 0;

    memset(self->samples + (gsize)self->n * self->channels, 0,
           (gsize)(self->frame - self->n) * self->channels * sizeof *self->samples);
    length = opus_encode(self->encoder, self->samples, (int)self->frame, packet, sizeof packet);
    self->n = 0;
    /* It cannot fail with these arguments; a packet of its first byte alone is a silent one. */
    if (length <= 0) {
        packet[0] = 0x08;
        length = 1;
    }
    if (self->coded - self->paged >= PAGE_GRANULES ||
        !mcp_media_ogg_page_put(&self->page, packet, (gsize)length)) {
        write_page(self, MCP_MEDIA_OGG_NONE, self->coded, out);
        mcp_media_ogg_page_put(&self->page, packet, (gsize)length);
    }
    self->coded += FRAME_GRANULES;
}

static void
take(McpMediaFileEncoder *base, const gint16 *samples, guint n, GByteArray *out)
{
    OpusFile *self = (OpusFile *)base;

    self->taken += n;
    while (n > 0) {
        guint part = MIN(n, self->frame - self->n);

        memcpy(self->samples + (gsize)self->n * self->channels, samples,
               (gsize)part * self->channels * sizeof *samples);
        self->n += part;
        samples += (gsize)part * self->channels;
        n -= part;
        if (self->n == self->frame)
            encode_frame(self, out);
    }
}

/*
 * RFC 7845 §4.4: the granule position of the last page cuts off what the last packet has too much.
 * The encoder's delay makes one packet more at least, so that there is a last page.
 */
static GBytes *
finish(McpMediaFileEncoder *base, GByteArray *out)
{
    OpusFile *self = (OpusFile *)base;
    guint64 end = self->pre_skip + to_granules(self, self->taken);

    while (self->coded < end)
        encode_frame(self, out);
    write_page(self, MCP_MEDIA_OGG_LAST, end, out);
    return NULL;
}

static void
free_file(McpMediaFileEncoder *base)
{
    OpusFile *self = (OpusFile *)base;

    mcp_media_ogg_page_clear(&self->page);
    opus_encoder_destroy(self->encoder);
    g_free(self);
}

static void
put_le32(guint8 *out, guint32 value)
{
    for (guint i = 0; i < 4; i++)
        out[i] = (guint8)(value >> (8 * i));
}

/* RFC 7845 §5.1: mapping family 0. */
static void
write_head(OpusFile *self, GByteArray *out)
{
    guint8 head[19] = "OpusHead\1";

    head[9] = (guint8)self->channels;
    head[10] = (guint8)self->pre_skip;
    head[11] = (guint8)(self->pre_skip >> 8);
    put_le32(head + 12, self->rate);
    mcp_media_ogg_page_put(&self->page, head, sizeof head);
    write_page(self, MCP_MEDIA_OGG_FIRST, 0, out);
}

static void
append_text(GByteArray *to, const char *text)
{
    guint8 length[4];

    put_le32(length, (guint32)strlen(text));
    g_byte_array_append(to, length, sizeof length);
    g_byte_array_append(to, (const guint8 *)text, (guint)strlen(text));
}

/* RFC 7845 §5.2. */
static void
write_tags(OpusFile *self, GByteArray *out)
{
    g_autoptr(GByteArray) tags = g_byte_array_new();
    static const guint8 one[4] = {1, 0, 0, 0};

    g_byte_array_append(tags, (const guint8 *)"OpusTags", 8);
    append_text(tags, opus_get_version_string());
    g_byte_array_append(tags, one, sizeof one);
    append_text(tags, "ENCODER=mcpd");
    mcp_media_ogg_page_put(&self->page, tags->data, tags->len);
    write_page(self, MCP_MEDIA_OGG_NONE, 0, out);
}

McpMediaFileEncoder *
mcp_media_opus_file_new(guint rate, guint channels, GByteArray *out)
{
    OpusFile *self = NULL;
    int error = OPUS_OK;
    opus_int32 lookahead = 0;
    OpusEncoder *encoder =
        opus_encoder_create((opus_int32)rate, (int)channels, OPUS_APPLICATION_AUDIO, &error);

    if (encoder == NULL)
        return NULL;
    self = g_new0(OpusFile, 1);
    self->base = (McpMediaFileEncoder){take, finish, free_file};
    self->encoder = encoder;
    self->rate = rate;
    self->channels = channels;
    self->frame = rate / 50;
    opus_encoder_ctl(encoder, OPUS_SET_COMPLEXITY(COMPLEXITY));
    opus_encoder_ctl(encoder,
                     OPUS_SET_BITRATE((opus_int32)channels *
                                      (rate <= NARROW_RATE ? BITRATE_NARROW : BITRATE_WIDE)));
    /* The two sides of a call are not a picture of one room. */
    opus_encoder_ctl(encoder, OPUS_SET_FORCE_CHANNELS((opus_int32)channels));
    opus_encoder_ctl(encoder, OPUS_GET_LOOKAHEAD(&lookahead));
    self->pre_skip = (guint)to_granules(self, (guint64)lookahead);
    mcp_media_ogg_page_init(&self->page, g_random_int());
    write_head(self, out);
    write_tags(self, out);
    return &self->base;
}
