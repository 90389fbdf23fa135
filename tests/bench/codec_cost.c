/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mcp-codec-cost: what Opus and G.722 cost by themselves, on one thread: the frames of all streams
 * are coded in turn, 20 ms by 20 ms, as a server does, and nothing else is timed. What a server
 * costs above that is its own doing.
 */
#include "json_out.h"
#include "material.h"
#include "speech.h"

#include <stdio.h>
#include <time.h>

#define SPEECH_FRAMES 250 /* 5 s a stream, round and round */
#define SEED 1000
#define FRAMES_A_MINUTE 3000.0

typedef struct {
    gint16 *samples;
    guint8 coded[MCP_BENCH_CODED_MAX];
    gsize length;
    McpBenchEncoder *encoder;
    McpBenchDecoder *decoder;
} Stream;

typedef struct {
    double encode_s;
    double decode_s;
    guint64 bytes;
    guint64 sound; /* frames that were sound when they were decoded */
} Cost;

static double
cpu_s(void)
{
    struct timespec spent;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return (double)spent.tv_sec + (double)spent.tv_nsec / 1e9;
}

static Stream *
streams_new(const McpBenchCodec *codec, guint n)
{
    Stream *streams = g_new0(Stream, n);
    for (guint i = 0; i < n; i++) {
        gsize total = (gsize)SPEECH_FRAMES * codec->samples;
        streams[i].samples = mcp_bench_speech_samples(total, codec->sample_rate, SEED + i);
        streams[i].encoder = mcp_bench_encoder_new(codec);
        streams[i].decoder = mcp_bench_decoder_new(codec);
    }
    return streams;
}

static void
streams_free(Stream *streams, guint n)
{
    for (guint i = 0; i < n; i++) {
        mcp_bench_encoder_free(streams[i].encoder);
        mcp_bench_decoder_free(streams[i].decoder);
        g_free(streams[i].samples);
    }
    g_free(streams);
}

/* 20 ms of all streams. */
static void
step(const McpBenchCodec *codec, Stream *streams, guint n, guint frame, Cost *cost)
{
    gint16 heard[MCP_BENCH_SAMPLES_MAX];
    gsize at = (gsize)(frame % SPEECH_FRAMES) * codec->samples;
    double begun = cpu_s();
    for (guint i = 0; i < n; i++)
        streams[i].length =
            mcp_bench_encoder_take(streams[i].encoder, streams[i].samples + at, streams[i].coded);
    double coded = cpu_s();
    for (guint i = 0; i < n; i++) {
        guint made =
            mcp_bench_decoder_take(streams[i].decoder, streams[i].coded, streams[i].length, heard);
        cost->sound += made == codec->samples && heard[made - 1] != heard[0];
    }
    cost->decode_s += cpu_s() - coded;
    cost->encode_s += coded - begun;
    for (guint i = 0; i < n; i++)
        cost->bytes += streams[i].length;
}

static void
measure(McpBenchJson *json, const McpBenchCodec *codec, guint n, guint frames)
{
    Cost cost = {0};
    Stream *streams = streams_new(codec, n);
    for (guint frame = 0; frame < frames; frame++)
        step(codec, streams, n, frame, &cost);
    streams_free(streams, n);
    double minutes = n * (double)frames / FRAMES_A_MINUTE;
    double seconds = minutes * 60.0;
    mcp_bench_json_open(json, codec->name, '{');
    mcp_bench_json_int(json, "sample_rate", codec->sample_rate);
    mcp_bench_json_double(json, "bits_per_second", 8.0 * (double)cost.bytes / seconds);
    mcp_bench_json_double(json, "sound_share", (double)cost.sound / ((double)n * frames));
    mcp_bench_json_double(json, "encode_cpu_s_per_call_min", cost.encode_s / minutes);
    mcp_bench_json_double(json, "decode_cpu_s_per_call_min", cost.decode_s / minutes);
    mcp_bench_json_double(json, "cpu_s_per_call_min", (cost.encode_s + cost.decode_s) / minutes);
    mcp_bench_json_close(json, '}');
}

int
main(int argc, char **argv)
{
    int streams = 50;
    int frames = (int)FRAMES_A_MINUTE;
    const GOptionEntry entries[] = {
        {"streams", 's', 0, G_OPTION_ARG_INT, &streams, "streams of different speech (50)", "N"},
        {"frames", 'f', 0, G_OPTION_ARG_INT, &frames, "frames of 20 ms a stream (3000)", "N"},
        {NULL}};
    g_autoptr(GError) error = NULL;
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_option_context_set_summary(
        context,
        "What Opus and G.722 cost by themselves: CPU-seconds a call-minute, which is 3000\n"
        "frames encoded and as many decoded, with the settings that mcpd has by default.\n"
        "Prints JSON.");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        g_printerr("mcp-codec-cost: %s\n", error->message);
        return 2;
    }
    if (streams < 1 || streams > 1000 || frames < 1 || frames > 1000000) {
        g_printerr("mcp-codec-cost: --streams must be 1 to 1000, --frames 1 to 1000000\n");
        return 2;
    }
    McpBenchJson json;
    mcp_bench_json_init(&json);
    mcp_bench_json_string(&json, "program", "mcp-codec-cost");
    mcp_bench_json_int(&json, "streams", streams);
    mcp_bench_json_int(&json, "frames", frames);
    mcp_bench_json_open(&json, "opus_settings", '{');
    mcp_bench_json_int(&json, "opus_rate", MCP_BENCH_OPUS_RATE);
    mcp_bench_json_int(&json, "opus_bitrate", MCP_BENCH_OPUS_BITRATE);
    mcp_bench_json_int(&json, "opus_complexity", MCP_BENCH_OPUS_COMPLEXITY);
    mcp_bench_json_bool(&json, "opus_fec", MCP_BENCH_OPUS_FEC);
    mcp_bench_json_close(&json, '}');
    measure(&json, mcp_bench_codec_get(MCP_BENCH_OPUS), (guint)streams, (guint)frames);
    measure(&json, mcp_bench_codec_get(MCP_BENCH_G722), (guint)streams, (guint)frames);
    g_autofree char *text = mcp_bench_json_finish(&json);
    fputs(text, stdout);
    return 0;
}
