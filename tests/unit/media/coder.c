/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The codecs without a network: G.711 code by code, what speech sounds like behind each of them,
 * the payloads of AMR bit by bit, parameters of a=fmtp, and bytes that nobody sent.
 */
#include "codec/coder.h"
#include "codec/amr_payload.h"
#include "codec/fmtp.h"
#include "codec/offered.h"
#ifdef HAVE_G729
#include <g729/codec.h>
#endif
#include <math.h>
#include <sound/g711.h>
#include <string.h>

#define SECONDS 2
#define PTIME 20

static const McpMediaCodecOptions options = {
    .opus_rate = 16000,
    .opus_bitrate = 24000,
    .opus_complexity = 5,
    .opus_fec = TRUE,
    .opus_dtx = TRUE,
};

static McpMediaFormat
format_of(McpMediaCodecId id)
{
    McpMediaFormat format;

    mcp_media_format_init(&format, mcp_media_codec_get(id), &options);
    return format;
}

/* --- G.711 --- */

static void
test_g711(void)
{
    guint8 codes[256];
    guint8 back[256];
    gint16 samples[256];
    const gint16 edges[] = {0, 32767, -32768, -1};
    guint8 out[4];

    for (guint i = 0; i < 256; i++)
        codes[i] = (guint8)i;
    mcp_sound_mulaw_decode(codes, 256, samples);
    mcp_sound_mulaw_encode(samples, 256, back);
    /* μ-law has two zeros. */
    for (guint i = 0; i < 256; i++)
        g_assert_cmpuint(back[i], ==, i == 0x7f ? 0xff : i);
    /* ITU-T G.711, table 2a: the ends of the scale, in units of 16 bits. */
    g_assert_cmpint(samples[0x80], ==, 32124);
    g_assert_cmpint(samples[0x00], ==, -32124);
    g_assert_cmpint(samples[0xff], ==, 0);
    mcp_sound_alaw_decode(codes, 256, samples);
    mcp_sound_alaw_encode(samples, 256, back);
    for (guint i = 0; i < 256; i++)
        g_assert_cmpuint(back[i], ==, i);
    g_assert_cmpint(samples[0xaa], ==, 32256);
    g_assert_cmpint(samples[0x2a], ==, -32256);
    g_assert_cmpint(samples[0xd5], ==, 8);
    mcp_sound_mulaw_encode(edges, 4, out);
    g_assert_cmpuint(out[0], ==, 0xff);
    g_assert_cmpuint(out[1], ==, 0x80);
    g_assert_cmpuint(out[2], ==, 0x00);
    mcp_sound_alaw_encode(edges, 4, out);
    g_assert_cmpuint(out[0], ==, 0xd5);
    g_assert_cmpuint(out[1], ==, 0xaa);
    g_assert_cmpuint(out[2], ==, 0x2a);
    g_assert_cmpuint(out[3], ==, 0x55);
}

/* --- what it sounds like --- */

/* Something voiced: harmonics of a gliding pitch under two formants, in syllables. */
static void
speak(gint16 *samples, guint n, guint rate)
{
    double phase = 0;

    for (guint i = 0; i < n; i++) {
        double t = (double)i / rate;
        double pitch = 120 + 20 * sin(2 * G_PI * 1.5 * t);
        double sum = 0;

        phase += 2 * G_PI * pitch / rate;
        for (guint k = 1; k * pitch < 3200; k++) {
            double f = k * pitch;

            sum += (exp(-pow((f - 600) / 300, 2)) + 0.5 * exp(-pow((f - 1700) / 400, 2)) + 0.02) *
                   sin(k * phase);
        }
        samples[i] = (gint16)(3000 * sum * pow(sin(G_PI * 4 * t), 2));
    }
}

/* Best normalised correlation within 60 ms of delay. */
static double
likeness(const gint16 *a, const gint16 *b, guint n, guint rate)
{
    double best = 0;

    for (guint delay = 0; delay < rate * 60 / 1000; delay++) {
        double ab = 0;
        double aa = 1;
        double bb = 1;

        for (guint i = rate / 5; i + delay < n; i++) {
            ab += (double)a[i] * b[i + delay];
            aa += (double)a[i] * a[i];
            bb += (double)b[i + delay] * b[i + delay];
        }
        best = MAX(best, ab / sqrt(aa * bb));
    }
    return best;
}

/* In packets of @ptime, @lost of each ten missing; heard at @rate. Returns: samples. */
static guint
through(const McpMediaFormat *format, const gint16 *in, guint n, guint rate, guint lost,
        gint16 *out)
{
    g_autoptr(McpMediaEncoder) encoder = mcp_media_encoder_new(format);
    g_autoptr(McpMediaDecoder) decoder = mcp_media_decoder_new(format, rate);
    guint frame = mcp_media_format_frame_samples(format);
    guint heard = 0;

    for (guint i = 0; (i + 1) * frame <= n; i++) {
        guint8 coded[MCP_MEDIA_CODED_MAX];
        guint8 payload[MCP_MEDIA_CODED_MAX];
        gint16 samples[MCP_MEDIA_SAMPLES_MAX];
        const gsize length =
            mcp_media_encoder_take(encoder, in + (gsize)i * frame, frame, coded, sizeof coded);
        const McpMediaFrame one = {coded, length};
        const gsize bytes = mcp_media_join(format, &one, 1, payload, sizeof payload);
        guint got = 0;

        g_assert_cmpuint(length, >, 0);
        g_assert_cmpuint(bytes, >, 0);
        if (i % 10 < lost)
            got = mcp_media_decoder_conceal(decoder, NULL, 0, samples, rate * PTIME / 1000);
        else
            got = mcp_media_decoder_take(decoder, payload, bytes, samples);
        memcpy(out + heard, samples, got * sizeof *samples);
        heard += got;
    }
    return heard;
}

static void
test_speech(void)
{
    static const struct {
        McpMediaCodecId id;
        double least;
    } cases[] = {
        {MCP_MEDIA_CODEC_PCMU, 0.999},       {MCP_MEDIA_CODEC_PCMA, 0.999},
        {MCP_MEDIA_CODEC_G722, 0.99},        {MCP_MEDIA_CODEC_OPUS, 0.97},
        {MCP_MEDIA_CODEC_L16_8000, 0.9999},  {MCP_MEDIA_CODEC_L16_16000, 0.9999},
        {MCP_MEDIA_CODEC_GSM, 0.9},          {MCP_MEDIA_CODEC_SPEEX_8000, 0.9},
        {MCP_MEDIA_CODEC_SPEEX_16000, 0.9},  {MCP_MEDIA_CODEC_AMR, 0.93},
        {MCP_MEDIA_CODEC_AMR_OCTET, 0.93},   {MCP_MEDIA_CODEC_AMR_WB, 0.9},
        {MCP_MEDIA_CODEC_AMR_WB_OCTET, 0.9}, {MCP_MEDIA_CODEC_G729, 0.9},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        McpMediaFormat format = format_of(cases[i].id);
        guint n = SECONDS * format.rate;
        g_autofree gint16 *in = g_new0(gint16, n);
        g_autofree gint16 *out = g_new0(gint16, n + MCP_MEDIA_SAMPLES_MAX);
        double like = 0;

        if (!mcp_media_codec_is_usable(format.codec))
            continue;
        format.dtx = FALSE;
        speak(in, n, format.rate);
        g_assert_cmpuint(through(&format, in, n, format.rate, 0, out), ==, n);
        like = likeness(in, out, n, format.rate);
        g_test_message("%s %.4f", format.codec->setting, like);
        g_assert_cmpfloat(like, >=, cases[i].least);
    }
}

/* A listener at another rate hears as long and the same. */
static void
test_rates(void)
{
    static const guint rates[] = {8000, 16000, 48000};

    for (guint i = 0; i < G_N_ELEMENTS(rates); i++) {
        const McpMediaFormat format = format_of(MCP_MEDIA_CODEC_G722);
        guint n = SECONDS * format.rate;
        guint wanted = SECONDS * rates[i];
        g_autofree gint16 *in = g_new0(gint16, n);
        g_autofree gint16 *same = g_new0(gint16, wanted);
        g_autofree gint16 *out = g_new0(gint16, wanted + 2 * MCP_MEDIA_SAMPLES_MAX);
        guint heard = 0;

        speak(in, n, format.rate);
        speak(same, wanted, rates[i]);
        heard = through(&format, in, n, rates[i], 0, out);
        g_assert_cmpint(ABS((gint)heard - (gint)wanted), <=, (gint)rates[i] / 200);
        g_assert_cmpfloat(likeness(same, out, MIN(heard, wanted), rates[i]), >, 0.9);
    }
}

/* --- AMR --- */

/* RFC 4867 §4.3.5.1: CMR 6, one frame of 7.4 kbit/s, 148 bits, two bits of padding. */
static void
test_amr_bits(void)
{
    guint8 stored[20] = {4 << 3 | 1 << 2};
    const McpMediaFrame frame = {stored, sizeof stored};
    guint8 out[64];
    McpMediaAmrPayload read;

    /* d(0) and d(147) are one, all else is zero. */
    stored[1] = 0x80;
    stored[19] = 0x10;
    g_assert_cmpuint(mcp_media_amr_write(&frame, 1, 6, FALSE, FALSE, out, sizeof out), ==, 20);
    g_assert_cmpuint(out[0], ==, 0x62); /* 0110 0 010 */
    g_assert_cmpuint(out[1], ==, 0x60); /* 0 1 1 00000: end of FT, Q, d(0) */
    for (guint i = 2; i < 19; i++)
        g_assert_cmpuint(out[i], ==, 0);
    g_assert_cmpuint(out[19], ==, 0x04);
    g_assert_true(mcp_media_amr_read(out, 20, FALSE, FALSE, &read));
    g_assert_cmpuint(read.request, ==, 6);
    g_assert_cmpuint(read.n, ==, 1);
    g_assert_cmpmem(read.frames[0], 20, stored, 20);
    /* §4.4.5.1's form: an octet of request, one of contents, then the frame. */
    g_assert_cmpuint(mcp_media_amr_write(&frame, 1, 6, FALSE, TRUE, out, sizeof out), ==, 21);
    g_assert_cmpuint(out[0], ==, 0x60);
    g_assert_cmpuint(out[1], ==, 0x24);
    g_assert_cmpmem(out + 2, 19, stored + 1, 19);
}

static void
test_amr_frames(void)
{
    for (guint octets = 0; octets < 2; octets++) {
        /* A frame, one of comfort noise, one without data, the longest one. */
        const guint8 first[] = {0 << 3 | 4, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0xfe};
        const guint8 noise[] = {8 << 3 | 4, 0xa5, 0x5a, 1, 2, 0x3e};
        const guint8 nothing[] = {15 << 3 | 4};
        guint8 longest[32] = {7 << 3 | 4};
        const McpMediaFrame frames[] = {
            {first, sizeof first},
            {noise, sizeof noise},
            {nothing, sizeof nothing},
            {longest, sizeof longest},
        };
        guint8 out[100];
        McpMediaAmrPayload read;
        gsize length = 0;

        memset(longest + 1, 0x77, 30);
        longest[31] = 0x70;
        length = mcp_media_amr_write(frames, 4, MCP_MEDIA_AMR_NO_REQUEST, FALSE, octets == 1, out,
                                     sizeof out);
        g_assert_cmpuint(length, ==,
                         octets == 1 ? 1 + 4 + 12 + 5 + 31 : (4 + 24 + 95 + 39 + 244 + 7) / 8);
        g_assert_true(mcp_media_amr_read(out, length, FALSE, octets == 1, &read));
        g_assert_cmpuint(read.n, ==, 4);
        for (guint i = 0; i < 4; i++)
            g_assert_cmpmem(read.frames[i], frames[i].length, frames[i].data, frames[i].length);
        /* Cut anywhere it is malformed; no room is said so. */
        for (gsize n = 0; n < length; n++) {
            g_assert_false(mcp_media_amr_read(out, n, FALSE, octets == 1, &read));
            g_assert_cmpuint(mcp_media_amr_write(frames, 4, 15, FALSE, octets == 1, out, n), ==, 0);
            mcp_media_amr_write(frames, 4, 15, FALSE, octets == 1, out, sizeof out);
        }
    }
}

/* --- parameters --- */

static void
test_parameters(void)
{
    McpMediaFormat opus = format_of(MCP_MEDIA_CODEC_OPUS);
    McpMediaFormat amr = format_of(MCP_MEDIA_CODEC_AMR_WB_OCTET);
    g_autofree char *text = NULL;
    g_autofree char *value = mcp_media_fmtp_get(" A=1 ; mode-set = 0,2 ;b", "MODE-SET");

    g_assert_cmpstr(value, ==, "0,2");
    g_assert_cmpuint(mcp_media_fmtp_get_uint("ptime=99999999999999999999", "ptime", 1, 9, 7), ==,
                     7);
    g_assert_true(mcp_media_format_read(&opus, "maxaveragebitrate=9000;useinbandfec=0; cbr=1"));
    g_assert_cmpuint(opus.bitrate, ==, 9000);
    g_assert_false(opus.fec);
    g_assert_false(opus.dtx);
    g_assert_true(opus.cbr);
    mcp_media_format_set_ptime(&opus, 30);
    g_assert_cmpuint(opus.frame_ms, ==, 10);
    mcp_media_format_set_ptime(&opus, 60);
    g_assert_cmpuint(opus.frame_ms, ==, 20);
    g_assert_true(mcp_media_format_read(&amr, "octet-align=1; mode-set=0,1,8"));
    g_assert_cmpuint(amr.mode, ==, 8);
    text = mcp_media_format_write(&amr);
    g_assert_cmpstr(text, ==, "octet-align=1; mode-set=0,1,8");
    g_assert_false(mcp_media_format_read(&amr, "octet-align=1; mode-set=9"));
    g_assert_false(mcp_media_format_read(&amr, "octet-align=1; mode-set="));
    g_assert_false(mcp_media_format_read(&amr, "octet-align=1; interleaving=4"));
    g_assert_false(mcp_media_format_read(&amr, "octet-align=1; crc=1"));
    g_assert_true(mcp_media_codec_find("amr-wb", 16000, 1, "Octet-Align=1")->id ==
                  MCP_MEDIA_CODEC_AMR_WB_OCTET);
    g_assert_true(mcp_media_codec_find("AMR", 8000, 1, NULL)->id == MCP_MEDIA_CODEC_AMR);
    g_assert_null(mcp_media_codec_find("opus", 48000, 1, NULL));
}

/* Opus in packets of 40 and 60 ms, made of its frames. */
static void
test_opus_packets(void)
{
    const McpMediaFormat format = format_of(MCP_MEDIA_CODEC_OPUS);
    g_autoptr(McpMediaEncoder) encoder = mcp_media_encoder_new(&format);
    g_autoptr(McpMediaDecoder) decoder = mcp_media_decoder_new(&format, 16000);
    gint16 in[960];
    gint16 out[MCP_MEDIA_SAMPLES_MAX];
    guint8 coded[3][400];
    guint8 payload[MCP_MEDIA_CODED_MAX];
    McpMediaFrame frames[3];

    speak(in, G_N_ELEMENTS(in), 16000);
    for (guint i = 0; i < 3; i++) {
        frames[i].data = coded[i];
        frames[i].length =
            mcp_media_encoder_take(encoder, in + 320 * i, 320, coded[i], sizeof coded[i]);
    }
    for (guint n = 1; n <= 3; n++) {
        gsize length = mcp_media_join(&format, frames, n, payload, sizeof payload);

        g_assert_cmpuint(length, >, 0);
        g_assert_cmpuint(mcp_media_decoder_take(decoder, payload, length, out), ==, 320 * n);
    }
}

/* --- what nobody sent --- */

static void
test_hostile(void)
{
    for (guint i = 0; i < MCP_MEDIA_N_CODECS; i++) {
        const McpMediaFormat format = format_of((McpMediaCodecId)i);
        g_autoptr(McpMediaDecoder) decoder = mcp_media_decoder_new(&format, 8000);
        g_autoptr(McpMediaEncoder) encoder = mcp_media_encoder_new(&format);
        gint16 out[MCP_MEDIA_SAMPLES_MAX];
        guint8 coded[MCP_MEDIA_CODED_MAX];
        gint16 in[320] = {0};

        for (guint round = 0; round < 500; round++) {
            gsize length = (gsize)g_random_int_range(0, round % 50 == 0 ? 2048 : 80);
            g_autofree guint8 *payload = g_malloc(length + 1);

            for (gsize k = 0; k < length; k++)
                payload[k] = (guint8)g_random_int();
            g_assert_cmpuint(mcp_media_decoder_take(decoder, payload, length, out), <=,
                             MCP_MEDIA_SAMPLES_MAX);
            g_assert_cmpuint(mcp_media_decoder_conceal(decoder, payload, length, out,
                                                       (guint)g_random_int_range(0, 20000)),
                             <=, MCP_MEDIA_SAMPLES_MAX);
        }
        /* A frame of the wrong size, and no room. */
        if (mcp_media_codec_is_framed(format.codec) &&
            format.codec->packing != MCP_MEDIA_PACKING_OPUS)
            g_assert_cmpuint(mcp_media_encoder_take(encoder, in, 7, coded, sizeof coded), ==, 0);
        g_assert_cmpuint(mcp_media_encoder_take(encoder, in, 160, coded, 1), <=, 1);
    }
}

int
main(int argc, char **argv)
{
#ifdef HAVE_G729
    g_autoptr(McpG729Codec) g729 = mcp_g729_codec_new();

    mcp_media_offered_set(mcp_media_codec_get(MCP_MEDIA_CODEC_G729), MCP_CODEC(g729));
#endif
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/coder/g711", test_g711);
    g_test_add_func("/media/coder/speech", test_speech);
    g_test_add_func("/media/coder/rates", test_rates);
    g_test_add_func("/media/coder/amr-bits", test_amr_bits);
    g_test_add_func("/media/coder/amr-frames", test_amr_frames);
    g_test_add_func("/media/coder/parameters", test_parameters);
    g_test_add_func("/media/coder/opus-packets", test_opus_packets);
    g_test_add_func("/media/coder/hostile", test_hostile);
    return g_test_run();
}
