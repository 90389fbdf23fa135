/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cost, pacing and memory of the media plugin alone, in the clear or by SRTP: legs play a prompt in
 * a loop while a forked generator sends 50 packets a second to each. Memory is the growth of PSS
 * between the legs of a warm-up and all of them, both after they had media for a while. Prints one
 * JSON document; no pass or fail.
 *
 *   bench-legs [LEGS [SECONDS [SUITE]]]      SUITE: clear, AES_CM_128_HMAC_SHA1_80 …
 */
#include "bench_callers.h"

#include "json_out.h"
#include "process_usage.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PACKET_US 20000
#define SAMPLES_MAX 4096
#define LATE_US 5000
#define ITEMS 16
#define WARM_LEGS 50
#define SETTLE_SECONDS 2
#define SKIP 1000 /* packets, more than a warm-up has */

typedef struct {
    gboolean first_set;
    guint16 first_sequence;
    gint64 first_time;
    guint32 first_timestamp, last_timestamp;
    guint n;
    gint32 deviation[SAMPLES_MAX];
} Stream;

typedef struct {
    guint64 due, received, late, sent;
} Outcome;

typedef struct {
    double cpu_s;
    guint64 taken, sent, refused; /* packets */
} Work;

typedef struct {
    Stream *streams;
    guint n;
    gint64 settled, end; /* ns */
    gboolean counting;
    guint64 sent;
    BenchTraffic traffic;
} Generator;

/* --- the generator, a process of its own --- */

static void
speak(BenchCallers *callers, guint caller, gpointer user_data)
{
    static guint8 payload[BENCH_FRAME];
    Generator *self = user_data;
    gint64 now = bench_now();

    if (payload[0] == 0)
        memset(payload, 0xd5, sizeof payload);
    if (!self->counting && now >= self->settled) {
        self->counting = TRUE;
        self->sent = 0;
        memset(self->streams, 0, self->n * sizeof(Stream));
    }
    if (now >= self->end)
        g_atomic_int_set(&self->traffic.over, TRUE);
    bench_callers_speak(callers, caller, payload);
    self->sent++;
}

static void
note(const BenchPacket *packet, gpointer user_data)
{
    Generator *self = user_data;
    Stream *stream = &self->streams[packet->caller];
    const guint8 *data = packet->data;
    guint16 sequence = (guint16)(data[2] << 8 | data[3]);
    guint32 timestamp =
        (guint32)data[4] << 24 | (guint32)data[5] << 16 | (guint32)data[6] << 8 | data[7];
    gint64 time = packet->time / 1000;

    if (!stream->first_set) {
        stream->first_set = TRUE;
        stream->first_sequence = sequence;
        stream->first_time = time;
        stream->first_timestamp = timestamp;
    }
    stream->last_timestamp = timestamp;
    if (stream->n < SAMPLES_MAX)
        stream->deviation[stream->n++] =
            (gint32)(time - stream->first_time -
                     (gint64)(guint16)(sequence - stream->first_sequence) * PACKET_US);
}

static int
compare(gconstpointer a, gconstpointer b)
{
    gint32 x = *(const gint32 *)a;
    gint32 y = *(const gint32 *)b;

    return (x > y) - (x < y);
}

static void
evaluate(const Generator *self, Outcome *outcome)
{
    outcome->sent = self->sent;
    for (guint i = 0; i < self->n; i++) {
        Stream *stream = &self->streams[i];
        gint32 fit = 0;

        qsort(stream->deviation, stream->n, sizeof(gint32), compare);
        fit = stream->n > 0 ? stream->deviation[stream->n / 2] : 0;
        outcome->received += stream->n;
        for (guint k = 0; k < stream->n; k++)
            outcome->late += ABS(stream->deviation[k] - fit) > LATE_US;
        /* The RTP clock goes on when a packet time is left out. */
        if (stream->n > 0)
            outcome->due += (stream->last_timestamp - stream->first_timestamp) / 160 + 1;
    }
}

static void
generate(BenchCallers *callers, guint seconds, int report)
{
    gint64 now = bench_now();
    Generator self = {
        .streams = g_new0(Stream, callers->n),
        .n = callers->n,
        .settled = now + (gint64)SETTLE_SECONDS * 1000000000,
        .end = now + (gint64)(SETTLE_SECONDS + seconds) * 1000000000,
        .traffic = {.callers = callers, .speak = speak, .heard = note},
    };
    Outcome outcome = {0};

    self.traffic.user_data = &self;
    bench_traffic_run(&self.traffic);
    evaluate(&self, &outcome);
    _exit(write(report, &outcome, sizeof outcome) == sizeof outcome ? 0 : 1);
}

/* --- the legs --- */

static McpBenchUsage
read_usage(gboolean memory)
{
    McpBenchUsage usage;
    g_autoptr(GError) error = NULL;

    if (!mcp_bench_usage_read(getpid(), memory, &usage, &error))
        g_error("%s", error->message);
    return usage;
}

static void
connect_legs(BenchCallers *callers, Platform *platform, McpAudio *audio, guint from, guint until)
{
    McpPlayItem items[ITEMS];

    for (guint i = 0; i < ITEMS; i++)
        items[i] = (McpPlayItem){.kind = MCP_PLAY_AUDIO, .audio = audio};
    for (guint i = from; i < until; i++) {
        bench_callers_connect(callers, i, platform, "0 101", BENCH_EVENTS);
        mcp_leg_play(callers->callers[i].leg, items, ITEMS);
    }
}

/* What the first @n legs took from their callers and sent, and what it cost, until now. */
static Work
read_work(const BenchCallers *callers, guint n)
{
    Work work = {.cpu_s = read_usage(FALSE).cpu_s};

    for (guint i = 0; i < n; i++) {
        McpLegStatistics statistics;

        mcp_leg_get_statistics(callers->callers[i].leg, &statistics);
        work.taken += statistics.packets_received;
        work.sent += statistics.packets_sent;
        work.refused += statistics.packets_unauthentic + statistics.packets_replayed;
    }
    return work;
}

/* Of the first @n legs, in the measured time. */
static Work
have_media(BenchCallers *callers, guint n, guint seconds, Outcome *out_outcome)
{
    int ends[2];
    Work before;
    Work after;
    pid_t child = 0;

    if (pipe(ends) != 0)
        g_error("no pipe: %s", g_strerror(errno));
    child = fork();
    if (child == 0)
        generate(callers, seconds, ends[1]);
    close(ends[1]);
    bench_run_for(SETTLE_SECONDS * 1000);
    before = read_work(callers, n);
    bench_run_for(seconds * 1000);
    after = read_work(callers, n);
    if (read(ends[0], out_outcome, sizeof *out_outcome) != sizeof *out_outcome)
        g_error("the generator failed");
    close(ends[0]);
    waitpid(child, NULL, 0);
    return (Work){.cpu_s = after.cpu_s - before.cpu_s,
                  .taken = after.taken - before.taken,
                  .sent = after.sent - before.sent,
                  .refused = after.refused - before.refused};
}

static void
report(const char *suite, guint n, const Work *work, double kb, const Outcome *outcome)
{
    McpBenchJson json;
    g_autofree char *text = NULL;

    mcp_bench_json_init(&json);
    mcp_bench_json_string(&json, "suite", suite);
    mcp_bench_json_int(&json, "legs", n);
    mcp_bench_json_double(&json, "cpu_s", work->cpu_s);
    mcp_bench_json_double(&json, "cpu_us_per_packet",
                          work->cpu_s * 1e6 / (double)MAX(work->taken + work->sent, 1));
    mcp_bench_json_int(&json, "packets_taken", (gint64)work->taken);
    mcp_bench_json_int(&json, "packets_sent", (gint64)work->sent);
    mcp_bench_json_int(&json, "packets_refused", (gint64)work->refused);
    mcp_bench_json_double(&json, "kb_per_leg", kb);
    mcp_bench_json_int(&json, "sent", (gint64)outcome->sent);
    mcp_bench_json_int(&json, "due", (gint64)outcome->due);
    mcp_bench_json_int(&json, "received", (gint64)outcome->received);
    mcp_bench_json_int(&json, "late_over_5ms", (gint64)outcome->late);
    text = mcp_bench_json_finish(&json);
    fputs(text, stdout);
}

/* What the generator sent was not sent here: numbers go on behind it. */
static void
skip_ahead(BenchCallers *callers, guint n)
{
    for (guint i = 0; i < n; i++) {
        callers->callers[i].sequence += SKIP;
        callers->callers[i].timestamp += SKIP * BENCH_FRAME;
    }
}

int
main(int argc, char **argv)
{
    guint n = bench_argument(argc, argv, 1, 500);
    guint seconds = bench_argument(argc, argv, 2, 10);
    const char *suite = argc > 3 ? argv[3] : "clear";
    guint all = n + WARM_LEGS;
    g_autoptr(McpAudio) audio = raw_mulaw(160000, 1);
    Platform platform;
    BenchCallers *callers = NULL;
    Outcome outcome = {0};
    guint64 before = 0;
    Work work;
    gboolean good = FALSE;

    platform_open(&platform);
    callers = bench_callers_open(all, bench_suite(suite));
    connect_legs(callers, &platform, audio, 0, WARM_LEGS);
    have_media(callers, WARM_LEGS, 1, &outcome);
    skip_ahead(callers, WARM_LEGS);
    before = read_usage(TRUE).pss_kb;
    connect_legs(callers, &platform, audio, WARM_LEGS, all);
    outcome = (Outcome){0};
    work = have_media(callers, all, seconds, &outcome);
    report(suite, all, &work, ((double)read_usage(TRUE).pss_kb - (double)before) / n, &outcome);
    /* Strangers' packets are refused, and few. */
    good = work.taken > 0 && outcome.received > 0 && work.refused * 100 <= work.taken;
    bench_callers_close(callers);
    bench_run_for(1000);
    bench_callers_free(callers);
    platform_close(&platform);
    return good ? 0 : 1;
}
