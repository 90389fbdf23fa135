/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the command to play to the prompt's first packet at the caller, by the kernel's time: legs
 * hear nothing, then, at a random moment, a prompt begins; its end makes room for the next one.
 * All callers speak meanwhile. Prints one JSON document; no pass or fail on a time.
 *
 *   bench-start [LEGS [SECONDS]]
 */
#include "bench_callers.h"

#include "json_out.h"
#include "stats.h"
#include <stdio.h>
#include <string.h>

#define PROMPT_MS 400
#define PAUSE_LEAST_MS 200
#define PAUSE_MOST_MS 1200
#define PERCENT_LOST 1

typedef struct {
    guint index;
    gint64 played; /* ns, atomic by hand-over: 0 while nothing is awaited */
} Start;

typedef struct {
    BenchCallers *callers;
    McpAudio *audio;
    Start *starts;
    GArray *times;     /* ns; of the traffic's thread */
    GArray *phases;    /* ns within the 20 ms of the caller's packets */
    guint commands;    /* context */
    gboolean stopping; /* context */
    guint playing;     /* context */
    guint8 said[BENCH_FRAME];
} Bench;

static Bench bench;

static void
speak(BenchCallers *callers, guint caller, gpointer user_data)
{
    bench_callers_speak(callers, caller, bench.said);
}

/* The first one after the command; what the leg sent before is long past. */
static void
note(const BenchPacket *packet, gpointer user_data)
{
    Start *start = &bench.starts[packet->caller];
    gint64 played = __atomic_exchange_n(&start->played, 0, __ATOMIC_ACQ_REL);
    gint64 took = packet->time - played;

    if (played != 0)
        g_array_append_val(bench.times, took);
}

static gboolean
begin(gpointer data)
{
    Start *start = data;
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = bench.audio};
    gint64 now = bench_now();
    gint64 phase = now % 20000000;

    if (bench.stopping)
        return G_SOURCE_REMOVE;
    g_array_append_val(bench.phases, phase);
    bench.commands++;
    bench.playing++;
    __atomic_store_n(&start->played, now, __ATOMIC_RELEASE);
    mcp_leg_play(bench.callers->callers[start->index].leg, &item, 1);
    return G_SOURCE_REMOVE;
}

static void
plan(Start *start)
{
    g_timeout_add((guint)g_random_int_range(PAUSE_LEAST_MS, PAUSE_MOST_MS), begin, start);
}

static void
on_event(McpLeg *leg, const McpLegEvent *event, gpointer user_data)
{
    if (event->type != MCP_LEG_PLAYBACK_ENDED)
        return;
    bench.playing--;
    plan(user_data);
}

static void
open_legs(Platform *platform, guint n)
{
    bench.callers = bench_callers_open(n, MCP_MEDIA_SUITE_NONE);
    bench.audio = raw_mulaw(PROMPT_MS * 8, 1);
    bench.starts = g_new0(Start, n);
    bench.times = g_array_new(FALSE, FALSE, sizeof(gint64));
    bench.phases = g_array_new(FALSE, FALSE, sizeof(gint64));
    memset(bench.said, 0xd5, sizeof bench.said);
    for (guint i = 0; i < n; i++) {
        bench.starts[i].index = i;
        bench_callers_connect(bench.callers, i, platform, "0 101", BENCH_EVENTS);
        mcp_leg_set_handler(bench.callers->callers[i].leg, on_event, &bench.starts[i]);
        plan(&bench.starts[i]);
    }
}

static void
close_legs(void)
{
    bench_callers_close(bench.callers);
    bench_run_for(1000);
    bench_callers_free(bench.callers);
    mcp_audio_unref(bench.audio);
    g_array_unref(bench.times);
    g_array_unref(bench.phases);
    g_free(bench.starts);
}

static void
report(guint n)
{
    McpBenchJson json;
    g_autofree char *text = NULL;

    mcp_bench_sort(bench.times);
    mcp_bench_sort(bench.phases);
    mcp_bench_json_init(&json);
    mcp_bench_json_int(&json, "legs", n);
    mcp_bench_json_int(&json, "commands", bench.commands);
    mcp_bench_json_distribution(&json, "ms", bench.times);
    mcp_bench_json_distribution(&json, "phase_ms", bench.phases);
    text = mcp_bench_json_finish(&json);
    fputs(text, stdout);
}

int
main(int argc, char **argv)
{
    guint n = bench_argument(argc, argv, 1, 500);
    guint seconds = bench_argument(argc, argv, 2, 10);
    BenchTraffic traffic = {.speak = speak, .heard = note};
    gboolean good = FALSE;
    Platform platform;

    platform_open(&platform);
    open_legs(&platform, n);
    traffic.callers = bench.callers;
    bench_traffic_start(&traffic);
    bench_run_for(seconds * 1000);
    bench.stopping = TRUE;
    while (bench.playing > 0)
        g_main_context_iteration(NULL, TRUE);
    bench_traffic_stop(&traffic);
    report(n);
    /* A datagram may be lost, a prompt not. */
    good = bench.times->len > 0 && bench.times->len * 100 >= bench.commands * (100 - PERCENT_LOST);
    close_legs();
    bench_run_for(PAUSE_MOST_MS + 100);
    platform_close(&platform);
    return good ? 0 : 1;
}
