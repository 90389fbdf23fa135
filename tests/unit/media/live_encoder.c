/* SPDX-License-Identifier: Apache-2.0 */
/* Samples as they come into packets: every codec, packet time and rate. */
#include "codec/live_encoder.h"
#include "codec/offered.h"

#ifdef HAVE_G729
#include <g729/codec.h>
#endif
#include <math.h>

static const McpMediaCodecOptions options = {
    .opus_rate = 16000, .opus_bitrate = 24000, .opus_complexity = 0};

/* Seconds of a tone in steps of @step_ms; returns how many packets came of it. */
static guint
speak(McpMediaLiveEncoder *live, McpMediaDecoder *decoder, guint rate, guint step_ms,
      double *out_energy)
{
    guint n = rate * step_ms / 1000;
    gint16 samples[960];
    gint16 heard[MCP_MEDIA_SAMPLES_MAX];
    guint8 payload[MCP_MEDIA_CODED_MAX];
    gsize length = 0;
    guint packets = 0;
    guint at = 0;

    *out_energy = 0;
    for (guint step = 0; step < 1200 / step_ms; step++) {
        for (guint i = 0; i < n; i++)
            samples[i] = (gint16)(8000 * sin(2 * G_PI * 500 * at++ / rate));
        mcp_media_live_encoder_put(live, samples, n);
        while (mcp_media_live_encoder_next(live, payload, &length)) {
            guint made = mcp_media_decoder_take(decoder, payload, length, heard);

            g_assert_cmpuint(length, >, 0);
            for (guint i = 0; i < made; i++)
                *out_energy += (double)heard[i] * heard[i] / mcp_media_decoder_get_rate(decoder);
            packets++;
        }
    }
    return packets;
}

static void
check(McpMediaCodecId id, guint ptime, guint rate, guint step_ms)
{
    McpMediaFormat format;
    double energy = 0;

    mcp_media_format_init(&format, mcp_media_codec_get(id), &options);
    mcp_media_format_set_ptime(&format, ptime);
    {
        g_autoptr(McpMediaLiveEncoder) live = mcp_media_live_encoder_new(&format, rate, ptime);
        g_autoptr(McpMediaDecoder) decoder = mcp_media_decoder_new(&format, format.rate);
        guint packets = speak(live, decoder, rate, step_ms, &energy);

        g_test_message("%s, %u ms, %u Hz, steps of %u: %u packets, level %.0f",
                       format.codec->setting, ptime, rate, step_ms, packets, sqrt(energy / 1.2));
        g_assert_cmpuint(packets, >=, 1200 / ptime - 1);
        g_assert_cmpuint(packets, <=, 1200 / ptime);
        g_assert_cmpuint(mcp_media_live_encoder_get_ticks(live), ==,
                         format.codec->clock_rate * ptime / 1000);
        /* 8000 / √2 less what codecs make of a tone. */
        g_assert_cmpfloat(sqrt(energy / 1.2), >, 3500);
        g_assert_cmpfloat(sqrt(energy / 1.2), <, 7500);
    }
}

static void
test_all(void)
{
    static const guint rates[] = {8000, 16000, 48000};

    for (guint id = 0; id < MCP_MEDIA_N_CODECS; id++)
        for (guint i = 0; i < G_N_ELEMENTS(rates); i++)
            if (mcp_media_codec_is_usable(mcp_media_codec_get((McpMediaCodecId)id)))
                check((McpMediaCodecId)id, 20, rates[i], 20);
}

static void
test_ptimes(void)
{
    check(MCP_MEDIA_CODEC_PCMU, 10, 8000, 10);
    check(MCP_MEDIA_CODEC_PCMU, 10, 8000, 20);
    check(MCP_MEDIA_CODEC_PCMU, 30, 8000, 10);
    check(MCP_MEDIA_CODEC_G722, 40, 16000, 20);
    check(MCP_MEDIA_CODEC_OPUS, 10, 16000, 10);
    check(MCP_MEDIA_CODEC_OPUS, 60, 48000, 20);
    check(MCP_MEDIA_CODEC_GSM, 60, 8000, 20);
    check(MCP_MEDIA_CODEC_AMR, 40, 8000, 20);
    check(MCP_MEDIA_CODEC_AMR_WB_OCTET, 60, 16000, 20);
    if (mcp_media_codec_is_usable(mcp_media_codec_get(MCP_MEDIA_CODEC_G729)))
        check(MCP_MEDIA_CODEC_G729, 30, 8000, 20);
}

static void
test_bounds(void)
{
    McpMediaFormat format;
    gint16 samples[960] = {0};
    guint8 payload[MCP_MEDIA_CODED_MAX];
    gsize length = 0;
    guint packets = 0;

    mcp_media_format_init(&format, mcp_media_codec_get(MCP_MEDIA_CODEC_PCMA), &options);
    {
        g_autoptr(McpMediaLiveEncoder) live = mcp_media_live_encoder_new(&format, 8000, 20);

        g_assert_true(mcp_media_live_encoder_is_shareable(live, 160));
        g_assert_false(mcp_media_live_encoder_is_shareable(live, 80));
        for (guint i = 0; i < 1000; i++)
            mcp_media_live_encoder_put(live, samples, 160);
        while (mcp_media_live_encoder_next(live, payload, &length))
            packets++;
        g_assert_cmpuint(packets, <=, 3);
        mcp_media_live_encoder_put(live, samples, 80);
        mcp_media_live_encoder_reset(live);
        mcp_media_live_encoder_put(live, samples, 80);
        g_assert_false(mcp_media_live_encoder_next(live, payload, &length));
    }
}

int
main(int argc, char *argv[])
{
#ifdef HAVE_G729
    g_autoptr(McpG729Codec) g729 = mcp_g729_codec_new();

    mcp_media_offered_set(mcp_media_codec_get(MCP_MEDIA_CODEC_G729), MCP_CODEC(g729));
#endif
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/live-encoder/all", test_all);
    g_test_add_func("/media/live-encoder/ptimes", test_ptimes);
    g_test_add_func("/media/live-encoder/bounds", test_bounds);
    return g_test_run();
}
