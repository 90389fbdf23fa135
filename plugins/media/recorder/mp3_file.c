/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recordings as MPEG audio layer III, by libmp3lame: constant rate, so that a file that was cut off
 * plays up to there. The first frame tells the length at the end, and what the encoder added on
 * both sides. Compute pool.
 */
#include "file_encoder.h"

#include <lame/lame.h>

#define CHUNK 1152
/* lame.h: 1.25 times the samples and 7200 bytes. */
#define CODED_MAX (CHUNK * 5 / 4 + 7200)
/* Of libmp3lame's scale 0…9: 7 is "fast", 5 the default. */
#define QUALITY 5
#define TAG_MAX 2880

typedef struct {
    McpMediaFileEncoder base;
    lame_t lame;
    guint channels;
} Mp3File;

/* kbit/s: allowed ones of MPEG-2.5, MPEG-2 and MPEG-1, in this order. */
static int
bitrate_of(guint rate, guint channels)
{
    if (rate <= 12000)
        return channels == 1 ? 32 : 64;
    if (rate <= 16000)
        return channels == 1 ? 48 : 96;
    return channels == 1 ? 64 : 128;
}

static void
take(McpMediaFileEncoder *base, const gint16 *samples, guint n, GByteArray *out)
{
    Mp3File *self = (Mp3File *)base;
    guint8 coded[CODED_MAX];

    while (n > 0) {
        guint part = MIN(n, CHUNK);
        /* The interface takes samples that are not const; it only reads them. */
        short *from = (short *)samples;
        int length =
            self->channels == 2
                ? lame_encode_buffer_interleaved(self->lame, from, (int)part, coded, sizeof coded)
                : lame_encode_buffer(self->lame, from, from, (int)part, coded, sizeof coded);

        if (length > 0)
            g_byte_array_append(out, coded, (guint)length);
        samples += (gsize)part * self->channels;
        n -= part;
    }
}

static GBytes *
finish(McpMediaFileEncoder *base, GByteArray *out)
{
    Mp3File *self = (Mp3File *)base;
    guint8 coded[CODED_MAX];
    int length = lame_encode_flush(self->lame, coded, sizeof coded);
    gsize tag = 0;

    if (length > 0)
        g_byte_array_append(out, coded, (guint)length);
    tag = lame_get_lametag_frame(self->lame, coded, MIN(sizeof coded, TAG_MAX));
    return tag > 0 && tag <= TAG_MAX ? g_bytes_new(coded, tag) : NULL;
}

static void
free_file(McpMediaFileEncoder *base)
{
    lame_close(((Mp3File *)base)->lame);
    g_free(base);
}

/* The library prints by itself otherwise. */
static void
say_nothing(const char *format, va_list arguments)
{
}

McpMediaFileEncoder *
mcp_media_mp3_file_new(guint rate, guint channels)
{
    lame_t lame = lame_init();
    Mp3File *self = NULL;

    if (lame == NULL)
        return NULL;
    lame_set_errorf(lame, say_nothing);
    lame_set_debugf(lame, say_nothing);
    lame_set_msgf(lame, say_nothing);
    lame_set_in_samplerate(lame, (int)rate);
    lame_set_out_samplerate(lame, (int)rate);
    lame_set_num_channels(lame, (int)channels);
    /* Not joint: the two sides of a call have nothing in common. */
    lame_set_mode(lame, channels == 1 ? MONO : STEREO);
    lame_set_brate(lame, bitrate_of(rate, channels));
    lame_set_quality(lame, QUALITY);
    lame_set_bWriteVbrTag(lame, 1);
    if (lame_init_params(lame) < 0) {
        lame_close(lame);
        return NULL;
    }
    self = g_new0(Mp3File, 1);
    self->base = (McpMediaFileEncoder){take, finish, free_file};
    self->lame = lame;
    self->channels = channels;
    return &self->base;
}
