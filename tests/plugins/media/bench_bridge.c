/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mouth to ear between two legs, on one media worker and on two: what the second one adds. Packets
 * as they are (relay), PCMU to PCMA (transcode), or in a room. Every other caller makes a short
 * loud sound now and then, anywhere in a packet; the one behind it hears where it begins. Spoken:
 * when its packet leaves, less 20 ms, plus the place in it; heard: when the packet arrives, by the
 * kernel, plus the place. Prints one JSON document; no pass or fail on a time.
 *
 *   bench-bridge [PAIRS [SECONDS [KIND [WORKERS]]]]      KIND: relay, transcode, room
 */
#include "bench_callers.h"

#include "json_out.h"
#include "leg/leg_private.h"
#include "stats.h"
#include <mcp/contract/room.h>
#include <sound/g711.h>
#include <stdio.h>
#include <string.h>

#define BURST 400 /* samples */
#define AMPLITUDE 8000
#define LOUD 3000
#define NS_A_SAMPLE 125000
#define NS_A_PACKET 20000000
#define EVERY_LEAST 20 /* packets between two bursts */
#define EVERY_MOST 40
#define QUIET_NS 100000000 /* silence ahead of a sound that counts as another one */
#define LATEST_NS 400000000
#define MANY 600 /* legs that a worker seems to have, so that the other one is taken */

/* One direction, from caller 2i to 2i + 1. */
typedef struct {
    guint wait;    /* packets */
    guint left;    /* samples of the burst */
    gint64 spoken; /* ns, 0: nothing is under way */
    gint64 loud;   /* ns: when something loud was heard last */
} Line;

static struct {
    BenchCallers *callers;
    Line *lines;
    GArray *times;
    gint64 settled;
    guint spoken;
} bench;

static void
make_packet(Line *line, guint8 *payload)
{
    gint16 samples[BENCH_FRAME] = {0};
    guint offset = 0;

    if (line->left == 0 && line->wait-- == 0) {
        offset = (guint)g_random_int_range(0, BENCH_FRAME);
        line->wait = (guint)g_random_int_range(EVERY_LEAST, EVERY_MOST);
        line->left = BURST;
        line->spoken = bench_now() - NS_A_PACKET + (gint64)offset * NS_A_SAMPLE;
        bench.spoken += line->spoken > bench.settled;
    }
    for (guint i = offset; i < BENCH_FRAME && line->left > 0; i++, line->left--)
        samples[i] = line->left / 4 % 2 == 0 ? AMPLITUDE : -AMPLITUDE;
    mcp_sound_mulaw_encode(samples, BENCH_FRAME, payload);
}

static void
speak(BenchCallers *callers, guint caller, gpointer user_data)
{
    guint8 payload[BENCH_FRAME];

    memset(payload, callers->callers[caller].type == 8 ? 0xd5 : 0xff, sizeof payload);
    if (caller % 2 == 0)
        make_packet(&bench.lines[caller / 2], payload);
    bench_callers_speak(callers, caller, payload);
}

static void
note(const BenchPacket *packet, gpointer user_data)
{
    Line *line = &bench.lines[packet->caller / 2];
    const guint8 *payload = packet->data + MCP_MEDIA_RTP_HEADER;
    gint16 samples[BENCH_FRAME];
    guint at = 0;
    gint64 heard = 0;

    if (packet->caller % 2 == 0 || (packet->data[1] & 0x7f) == 101)
        return;
    if ((packet->data[1] & 0x7f) == 8)
        mcp_sound_alaw_decode(payload, BENCH_FRAME, samples);
    else
        mcp_sound_mulaw_decode(payload, BENCH_FRAME, samples);
    while (at < BENCH_FRAME && ABS(samples[at]) < LOUD)
        at++;
    if (at == BENCH_FRAME)
        return;
    heard = packet->time + (gint64)at * NS_A_SAMPLE;
    if (line->spoken > bench.settled && heard - line->loud > QUIET_NS &&
        heard - line->spoken < LATEST_NS) {
        gint64 took = heard - line->spoken;

        g_array_append_val(bench.times, took);
    }
    line->spoken = 0;
    line->loud = heard;
}

static void
join_room(Platform *platform, guint pair)
{
    const McpRoomParams params = {.rate = 8000};
    const McpRoomMember how = {.role = MCP_ROLE_TALKER};
    g_autofree char *name = g_strdup_printf("pair-%u", pair);
    g_autoptr(GError) error = NULL;
    g_autoptr(McpRoom) room =
        mcp_media_open_room(MCP_MEDIA(platform->service), name, &params, &error);

    if (room == NULL || !mcp_room_join(room, bench.callers->callers[2 * pair].leg, &how, &error) ||
        !mcp_room_join(room, bench.callers->callers[2 * pair + 1].leg, &how, &error))
        g_error("room of pair %u: %s", pair, error->message);
}

static McpMediaWorker *
worker_of(guint caller)
{
    return mcp_media_stream_get_worker(MCP_MEDIA_LEG(bench.callers->callers[caller].leg)->stream);
}

/* The legs of a pair stay on one worker, or are apart. */
static void
connect_pairs(Platform *platform, guint pairs, const char *kind, gboolean apart)
{
    const char *second = g_str_equal(kind, "transcode") ? "8 101" : "0 101";
    McpMediaWorker *first = NULL;

    for (guint i = 0; i < 2 * pairs; i++) {
        if (apart && i % 2 == 1)
            mcp_media_worker_place(first, MANY);
        bench_callers_connect(bench.callers, i, platform, i % 2 == 0 ? "0 101" : second,
                              BENCH_EVENTS);
        if (first == NULL)
            first = worker_of(0);
        if (apart && i % 2 == 1)
            mcp_media_worker_place(first, -MANY);
        if (i % 2 == 1 && (worker_of(i) != worker_of(i - 1)) != apart)
            g_error("pair %u is not on the workers that it should be on", i / 2);
    }
    for (guint i = 0; i < pairs; i++) {
        g_autoptr(GError) error = NULL;

        if (g_str_equal(kind, "room"))
            join_room(platform, i);
        else if (!mcp_leg_bridge(bench.callers->callers[2 * i].leg,
                                 bench.callers->callers[2 * i + 1].leg, &error))
            g_error("pair %u: %s", i, error->message);
    }
}

static void
report(guint pairs, const char *kind, guint workers)
{
    McpBenchJson json;
    g_autofree char *text = NULL;

    mcp_bench_sort(bench.times);
    mcp_bench_json_init(&json);
    mcp_bench_json_string(&json, "kind", kind);
    mcp_bench_json_int(&json, "workers", workers);
    mcp_bench_json_int(&json, "pairs", pairs);
    mcp_bench_json_int(&json, "spoken", bench.spoken);
    mcp_bench_json_distribution(&json, "ms", bench.times);
    text = mcp_bench_json_finish(&json);
    fputs(text, stdout);
}

int
main(int argc, char **argv)
{
    guint pairs = bench_argument(argc, argv, 1, 10);
    guint seconds = bench_argument(argc, argv, 2, 5);
    const char *kind = argc > 3 ? argv[3] : "relay";
    guint workers = bench_argument(argc, argv, 4, 1);
    BenchTraffic traffic = {.speak = speak, .heard = note};
    gboolean good = FALSE;
    Platform platform;

    if (!g_str_equal(kind, "relay") && !g_str_equal(kind, "transcode") &&
        !g_str_equal(kind, "room"))
        g_error("no kind \"%s\"", kind);
    platform_open(&platform);
    bench.callers = bench_callers_open(2 * pairs, MCP_MEDIA_SUITE_NONE);
    bench.lines = g_new0(Line, pairs);
    for (guint i = 0; i < pairs; i++)
        bench.lines[i].wait = EVERY_LEAST + i;
    bench.times = g_array_new(FALSE, FALSE, sizeof(gint64));
    bench.settled = bench_now() + G_GINT64_CONSTANT(1000000000);
    connect_pairs(&platform, pairs, kind, workers > 1);
    traffic.callers = bench.callers;
    bench_traffic_start(&traffic);
    bench_run_for(seconds * 1000 + 1000);
    bench_traffic_stop(&traffic);
    report(pairs, kind, workers);
    /* The last one of each pair may be under way. */
    good = bench.times->len > 0 && bench.times->len + pairs >= bench.spoken;
    bench_callers_close(bench.callers);
    bench_run_for(1000);
    bench_callers_free(bench.callers);
    g_array_unref(bench.times);
    g_free(bench.lines);
    platform_close(&platform);
    return good ? 0 : 1;
}
