/* SPDX-License-Identifier: Apache-2.0 */
/*
 * G.729 as a codec that another plugin brings: without a provider, in frames of 10 ms, with the
 * silence of Annex B from an encoder of its own, with packets lost and malformed.
 */
#include "codec/offered.h"
#include <bcg729/encoder.h>
#include <g729/codec.h>
#include <math.h>
#include <string.h>

#define FRAME MCP_G729_FRAME_SAMPLES

static McpMediaFormat
format_of_g729(void)
{
    McpMediaFormat format;

    mcp_media_format_init(&format, mcp_media_codec_get(MCP_MEDIA_CODEC_G729), NULL);
    return format;
}

static void
provide(void)
{
    g_autoptr(McpG729Codec) codec = mcp_g729_codec_new();

    mcp_media_offered_set(mcp_media_codec_get(MCP_MEDIA_CODEC_G729), MCP_CODEC(codec));
}

static void
withdraw(void)
{
    mcp_media_offered_set(mcp_media_codec_get(MCP_MEDIA_CODEC_G729), NULL);
}

static double
loudness(const gint16 *samples, guint n)
{
    double sum = 0;

    for (guint i = 0; i < n; i++)
        sum += (double)samples[i] * samples[i];
    return sqrt(sum / MAX(n, 1));
}

static void
tone(gint16 *samples, guint n, guint from)
{
    for (guint i = 0; i < n; i++)
        samples[i] = (gint16)(6000 * sin(2 * G_PI * 400 * (from + i) / 8000));
}

static void
test_nobody(void)
{
    const McpMediaFormat format = format_of_g729();
    g_autoptr(McpMediaEncoder) encoder = mcp_media_encoder_new(&format);
    g_autoptr(McpMediaDecoder) decoder = mcp_media_decoder_new(&format, 8000);
    gint16 samples[MCP_MEDIA_SAMPLES_MAX] = {0};
    guint8 coded[64] = {0};

    g_assert_false(mcp_media_codec_is_usable(format.codec));
    g_assert_true(mcp_media_codec_is_usable(mcp_media_codec_get(MCP_MEDIA_CODEC_PCMU)));
    g_assert_cmpuint(mcp_media_encoder_take(encoder, samples, 160, coded, sizeof coded), ==, 0);
    g_assert_cmpuint(mcp_media_decoder_take(decoder, coded, 20, samples), ==, 0);
    g_assert_cmpuint(mcp_media_decoder_conceal(decoder, NULL, 0, samples, 160), ==, 0);
}

/* Whoever has a coder keeps it when the plugin goes. */
static void
test_withdrawn(void)
{
    const McpMediaFormat format = format_of_g729();
    McpG729Codec *codec = mcp_g729_codec_new();
    McpMediaEncoder *encoder = NULL;
    gint16 samples[160] = {0};
    guint8 coded[64];

    mcp_media_offered_set(format.codec, MCP_CODEC(codec));
    g_assert_true(mcp_media_codec_is_usable(format.codec));
    encoder = mcp_media_encoder_new(&format);
    withdraw();
    g_assert_false(mcp_media_codec_is_usable(format.codec));
    g_assert_cmpuint(mcp_media_encoder_take(encoder, samples, 160, coded, sizeof coded), ==, 20);
    mcp_media_encoder_free(encoder);
    g_assert_finalize_object(codec);
}

/* RFC 3551 §4.5.6: any number of frames of 10 ms. */
static void
test_frames(void)
{
    McpMediaFormat format = format_of_g729();
    gint16 in[FRAME * 6];
    gint16 out[MCP_MEDIA_SAMPLES_MAX];
    guint8 coded[64];

    provide();
    tone(in, FRAME * 6, 0);
    for (guint n = 1; n <= 6; n++) {
        g_autoptr(McpMediaEncoder) encoder = mcp_media_encoder_new(&format);
        g_autoptr(McpMediaDecoder) decoder = mcp_media_decoder_new(&format, 8000);

        g_assert_cmpuint(mcp_media_encoder_take(encoder, in, n * FRAME, coded, sizeof coded), ==,
                         n * MCP_G729_FRAME_BYTES);
        g_assert_cmpuint(mcp_media_decoder_take(decoder, coded, n * 10, out), ==, n * FRAME);
        g_assert_cmpuint(mcp_media_encoder_take(encoder, in, n * FRAME, coded, n * 10 - 1), ==, 0);
        g_assert_cmpuint(mcp_media_encoder_take(encoder, in, n * FRAME + 1, coded, sizeof coded),
                         ==, 0);
    }
    mcp_media_format_set_ptime(&format, 30);
    g_assert_cmpuint(format.frame_ms, ==, 10);
    g_assert_cmpuint(mcp_media_format_frame_samples(&format), ==, FRAME);
    mcp_media_format_set_ptime(&format, 40);
    g_assert_cmpuint(format.frame_ms, ==, 20);
    withdraw();
}

/*
 * An encoder with Annex B: speech, then a quiet noise of which only some frames are sent. What is
 * not sent is made up, as quiet as it was.
 */
static void
test_silence(void)
{
    const McpMediaFormat format = format_of_g729();
    bcg729EncoderChannelContextStruct *theirs = initBcg729EncoderChannel(1);
    McpMediaDecoder *decoder = NULL;
    guint silences = 0;
    guint unsent = 0;
    g_autoptr(GRand) random = g_rand_new_with_seed(7);

    provide();
    decoder = mcp_media_decoder_new(&format, 8000);
    for (guint i = 0; i < 300; i++) {
        gint16 in[FRAME];
        gint16 out[MCP_MEDIA_SAMPLES_MAX];
        guint8 coded[MCP_G729_FRAME_BYTES];
        guint8 length = 0;

        tone(in, FRAME, i * FRAME);
        for (guint k = 0; k < FRAME && i >= 100; k++)
            in[k] = (gint16)g_rand_int_range(random, -40, 40);
        bcg729Encoder(theirs, in, coded, &length);
        if (length == 0)
            g_assert_cmpuint(mcp_media_decoder_conceal(decoder, NULL, 0, out, FRAME), ==, FRAME);
        else
            g_assert_cmpuint(mcp_media_decoder_take(decoder, coded, length, out), ==, FRAME);
        silences += length == MCP_G729_SID_BYTES;
        unsent += length == 0;
        if (i > 20 && i < 100)
            g_assert_cmpfloat(loudness(out, FRAME), >, 1500);
        if (i > 200)
            g_assert_cmpfloat(loudness(out, FRAME), <, 300);
    }
    g_assert_cmpuint(silences, >, 0);
    g_assert_cmpuint(unsent, >, 100);
    mcp_media_decoder_free(decoder);
    closeBcg729EncoderChannel(theirs);
    withdraw();
}

/* A frame of silence stands last in its packet; nothing else is that long. */
static void
test_malformed(void)
{
    const McpMediaFormat format = format_of_g729();
    McpMediaDecoder *decoder = NULL;
    guint8 payload[1500];
    gint16 out[MCP_MEDIA_SAMPLES_MAX];

    provide();
    decoder = mcp_media_decoder_new(&format, 8000);
    for (guint i = 0; i < sizeof payload; i++)
        payload[i] = (guint8)g_random_int();
    for (guint length = 0; length <= sizeof payload; length++) {
        guint rest = length % MCP_G729_FRAME_BYTES;
        guint wanted = length / MCP_G729_FRAME_BYTES * FRAME;

        if (rest == MCP_G729_SID_BYTES)
            wanted += FRAME;
        else if (rest != 0)
            wanted = 0;
        g_assert_cmpuint(mcp_media_decoder_take(decoder, payload, length, out), ==,
                         MIN(wanted, MCP_MEDIA_SAMPLES_MAX));
    }
    mcp_media_decoder_free(decoder);
    withdraw();
}

/* The tone goes on over two packets that are lost, and fades in a longer gap. */
static void
test_lost(void)
{
    const McpMediaFormat format = format_of_g729();
    McpMediaEncoder *encoder = NULL;
    McpMediaDecoder *decoder = NULL;
    gint16 in[2 * FRAME];
    gint16 out[MCP_MEDIA_SAMPLES_MAX];
    guint8 coded[20];

    provide();
    encoder = mcp_media_encoder_new(&format);
    decoder = mcp_media_decoder_new(&format, 8000);
    for (guint i = 0; i < 30; i++) {
        tone(in, 2 * FRAME, i * 2 * FRAME);
        g_assert_cmpuint(mcp_media_encoder_take(encoder, in, 2 * FRAME, coded, sizeof coded), ==,
                         20);
        g_assert_cmpuint(mcp_media_decoder_take(decoder, coded, 20, out), ==, 2 * FRAME);
    }
    g_assert_cmpuint(mcp_media_decoder_conceal(decoder, NULL, 0, out, 4 * FRAME), ==, 4 * FRAME);
    g_assert_cmpfloat(loudness(out, 2 * FRAME), >, 1000);
    for (guint i = 0; i < 50; i++)
        g_assert_cmpuint(mcp_media_decoder_conceal(decoder, NULL, 0, out, 2 * FRAME), ==,
                         2 * FRAME);
    g_assert_cmpfloat(loudness(out, 2 * FRAME), <, 200);
    mcp_media_encoder_free(encoder);
    mcp_media_decoder_free(decoder);
    withdraw();
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/g729/nobody", test_nobody);
    g_test_add_func("/media/g729/withdrawn", test_withdrawn);
    g_test_add_func("/media/g729/frames", test_frames);
    g_test_add_func("/media/g729/silence", test_silence);
    g_test_add_func("/media/g729/malformed", test_malformed);
    g_test_add_func("/media/g729/lost", test_lost);
    return g_test_run();
}
