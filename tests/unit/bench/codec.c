/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The callers' codecs, what they say, and the chirp that is looked for in what they hear.
 */
#include "../../bench/chirp.h"
#include "../../bench/json_out.h"
#include "../../bench/material.h"
#include "../../bench/speech.h"

#include <string.h>

static void
test_alaw(void)
{
    for (guint i = 0; i < 256; i++)
        g_assert_cmpuint(mcp_bench_alaw_encode(mcp_bench_alaw_decode((guint8)i)), ==, i);
    g_assert_cmpint(mcp_bench_alaw_decode(0xd5), ==, 8); /* ITU-T G.711 table 1a: the least one */
    g_assert_cmpint(mcp_bench_alaw_decode(0xaa), ==, 32256);
    g_assert_cmpint(mcp_bench_alaw_decode(mcp_bench_alaw_encode(G_MININT16)), ==, -32256);
}

/* What was said is heard: as loud, frame by frame, whatever the codec. */
static void
test_round_trip(void)
{
    for (guint id = 0; id < MCP_BENCH_N_CODECS; id++) {
        const McpBenchCodec *codec = mcp_bench_codec_get(id);
        g_autoptr(McpBenchMaterial) material = mcp_bench_material_new(codec, 2, 100, 20);
        g_autoptr(McpBenchDecoder) decoder = mcp_bench_decoder_new(codec);
        const McpBenchPiece *piece = mcp_bench_material_speech(material, 1);
        gsize total = 100 * (gsize)codec->samples;
        g_autofree gint16 *said = mcp_bench_speech_samples(total, codec->sample_rate, 21);
        guint64 level = 0;
        g_assert_true(mcp_bench_codec_find(codec->name) == codec);
        g_assert_cmpuint(mcp_bench_piece_frames(piece), ==, 100);
        g_assert_cmpuint(codec->step * 50, ==, codec->clock_rate);
        for (guint i = 0; i < 100; i++) {
            gint16 heard[MCP_BENCH_SAMPLES_MAX];
            McpBenchFrame frame = mcp_bench_piece_at(piece, i);
            guint n = mcp_bench_decoder_take(decoder, frame.data, frame.length, heard);
            g_assert_cmpuint(n, ==, codec->samples);
            level += mcp_bench_level(heard, n);
        }
        guint wanted = mcp_bench_level(said, total);
        g_assert_cmpuint(level / 100, >, wanted * 7 / 10);
        g_assert_cmpuint(level / 100, <, wanted * 13 / 10);
    }
    g_assert_null(mcp_bench_codec_find("MP3"));
}

/* Callers say different things, and those of a seed say them again. */
static void
test_pieces(void)
{
    const McpBenchCodec *codec = mcp_bench_codec_get(MCP_BENCH_G722);
    g_autoptr(McpBenchMaterial) one = mcp_bench_material_new(codec, 3, 10, 7);
    g_autoptr(McpBenchMaterial) two = mcp_bench_material_new(codec, 3, 10, 7);
    McpBenchFrame first = mcp_bench_piece_at(mcp_bench_material_speech(one, 0), 12);
    McpBenchFrame again = mcp_bench_piece_at(mcp_bench_material_speech(two, 3), 2);
    McpBenchFrame other = mcp_bench_piece_at(mcp_bench_material_speech(one, 1), 2);
    g_assert_cmpmem(first.data, first.length, again.data, again.length);
    g_assert_cmpuint(other.length, ==, 160);
    g_assert_cmpint(memcmp(first.data, other.data, 160), !=, 0);
}

/* Bytes from a network: never more samples than there is room for. */
static void
test_hostile(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);
    for (guint id = 0; id < MCP_BENCH_N_CODECS; id++) {
        g_autoptr(McpBenchDecoder) decoder = mcp_bench_decoder_new(mcp_bench_codec_get(id));
        for (guint i = 0; i < 2000; i++) {
            gint16 heard[MCP_BENCH_SAMPLES_MAX];
            gsize length = (gsize)g_rand_int_range(rand, 0, 2500);
            g_autofree guint8 *bytes = g_malloc(length + 1);
            for (gsize at = 0; at < length; at++)
                bytes[at] = (guint8)g_rand_int(rand);
            guint n = mcp_bench_decoder_take(decoder, bytes, length, heard);
            g_assert_cmpuint(n, <=, MCP_BENCH_SAMPLES_MAX);
            g_assert_true(length > 0 || n == 0);
        }
    }
}

/* A chirp at each place of a packet, quieter and in noise: found to the sample, once. */
static void
test_chirp(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(5);
    for (guint place = 0; place < 160; place++) {
        gint16 samples[4 * 160] = {0};
        McpBenchChirpEar ear = {0};
        guint found = 0;
        mcp_bench_chirp_add(samples + 160 + place);
        for (guint i = 0; i < G_N_ELEMENTS(samples); i++)
            samples[i] = (gint16)(samples[i] / 3 + g_rand_int_range(rand, -150, 151));
        for (guint i = 0; i < 4; i++) {
            McpBenchHeard heard = {.time_ns = 1000000000 + i * (gint64)20000000,
                                   .index = i,
                                   .samples = samples + i * 160,
                                   .n = 160};
            McpBenchChirpHeard chirp;
            if (!mcp_bench_chirp_ear_take(&ear, &heard, &chirp))
                continue;
            found++;
            gint64 distance = chirp.first_ns - 1020000000 - place * (gint64)125000;
            g_assert_cmpint(ABS(distance), <=, 125000);
            g_assert_true(chirp.in_earlier == (i == 2) || place == 0 || place >= 158);
        }
        g_assert_cmpuint(found, ==, 1);
    }
}

static void
test_no_chirp(void)
{
    g_autofree gint16 *speech = mcp_bench_speech_samples(8000 * 20, 8000, 20);
    for (guint at = 0; at + 320 <= 8000 * 20; at += 160)
        g_assert_cmpint(mcp_bench_chirp_find(speech + at, 320), ==, -1);
}

static void
test_distribution(void)
{
    g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(gint64));
    McpBenchJson json;
    for (gint64 i = -1; i < 9; i++) {
        gint64 value = i * 1000000;
        g_array_append_val(values, value);
    }
    mcp_bench_json_init(&json);
    mcp_bench_json_distribution(&json, "ms", values);
    g_autofree char *text = mcp_bench_json_finish(&json);
    g_assert_nonnull(strstr(text, "\"count\": 10"));
    g_assert_nonnull(strstr(text, "\"min\": -1"));
    g_assert_nonnull(strstr(text, "\"p50\": 3"));
    g_assert_nonnull(strstr(text, "\"max\": 8"));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/bench/codec/alaw", test_alaw);
    g_test_add_func("/bench/codec/round-trip", test_round_trip);
    g_test_add_func("/bench/codec/pieces", test_pieces);
    g_test_add_func("/bench/codec/hostile", test_hostile);
    g_test_add_func("/bench/chirp/places", test_chirp);
    g_test_add_func("/bench/chirp/none", test_no_chirp);
    g_test_add_func("/bench/json/distribution", test_distribution);
    return g_test_run();
}
