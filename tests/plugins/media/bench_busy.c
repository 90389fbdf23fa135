/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a prompt stops at once while the threads that own the legs cannot: two shards, each
 * blocked for 100 ms of every 110, legs that play a prompt, callers who press a key or speak amid
 * it. Trigger: the key's first packet leaves, or the worker decides that this is speech (its
 * function is wrapped by the linker, as no event tells that moment). Stop: arrival of the prompt's
 * last packet, by the kernel. Prompts alternate between two loudnesses, by which callers tell them
 * apart. Prints one JSON document; no pass or fail on a time.
 *
 *   bench-busy [LEGS [SECONDS [MODE]]]      MODE: idle (not blocked), sleep, spin
 */
#include "bench_callers.h"

#include "json_out.h"
#include "leg/leg_private.h"
#include "leg/stream_private.h"
#include "rtp/telephone_event.h"
#include "stats.h"
#include <sound/g711.h>
#include <stdio.h>
#include <string.h>

#define SHARDS 2
#define BLOCK_MS 100
#define FREE_MS 10
#define ITEMS 8
#define PROMPT_BYTES 160000
#define EVENT_TYPE 101
#define EVENT_PACKETS 8
#define EVENT_ENDS 3
#define KEY_LEAST 40 /* packets of prompt before the next key */
#define KEY_MOST 80
#define WORDS_LEAST 50
#define HEARD_NS 40000000 /* a prompt whose last packet is younger goes on */

/* One leg with its caller: the upper part is the shard's, the lower one the traffic's. */
typedef struct {
    McpLeg *leg;
    gboolean speaks; /* else it presses keys */
    guint turn;      /* which prompt */

    gint64 decided; /* ns, atomic: the worker's, 0: not */
    gint64 triggered;
    gint64 last;   /* ns */
    guint8 volume; /* of the last packet */
    guint heard;   /* packets of this prompt */
    guint wait;    /* packets until the next trigger */
    guint at;      /* packet of the key or of the words; 0: none */
} Line;

typedef struct {
    GThread *thread;
    GMainContext *context;
    guint first;
    GArray *lags; /* ns from an event to its handler */
    gint64 blocked;
    gint64 lived;
} Shard;

typedef struct {
    Platform platform;
    BenchCallers *callers;
    Line *lines;
    McpAudio *prompts[2];
    GHashTable *by_stream;
    guint8 *words;
    guint n_words; /* packets */
    Shard shards[SHARDS];
    gboolean spin, block;
    gint connected; /* atomic */
    gint over;      /* atomic */
    gint replaced;  /* atomic: prompts that ended for another reason than their trigger */
    GArray *digit_stops, *speech_stops;
    guint keys, unanswered;
} Bench;

static Bench bench;

/* --- the decision, in a media worker --- */

void __real_mcp_media_stream_speech(McpMediaStream *stream, gboolean began, gint64 time,
                                    gint64 now);
void __wrap_mcp_media_stream_speech(McpMediaStream *stream, gboolean began, gint64 time,
                                    gint64 now);

void
__wrap_mcp_media_stream_speech(McpMediaStream *stream, gboolean began, gint64 time, gint64 now)
{
    Line *line = bench.by_stream != NULL ? g_hash_table_lookup(bench.by_stream, stream) : NULL;

    if (line != NULL && began && stream->armed)
        __atomic_store_n(&line->decided, bench_now(), __ATOMIC_RELEASE);
    __real_mcp_media_stream_speech(stream, began, time, now);
}

/* --- callers --- */

static void
send_key(BenchCallers *callers, guint caller, Line *line)
{
    guint i = line->at - 1;
    guint duration = BENCH_FRAME * (MIN(i, EVENT_PACKETS - EVENT_ENDS) + 1);
    const guint8 payload[MCP_MEDIA_EVENT_BYTES] = {
        (guint8)mcp_media_digit_to_event('5'),
        (guint8)(i + EVENT_ENDS >= EVENT_PACKETS ? 0x8a : 0x0a),
        (guint8)(duration >> 8),
        (guint8)duration,
    };

    if (i == 0) {
        bench.keys++;
        bench.unanswered += line->triggered != 0;
        line->triggered = bench_now();
    }
    bench_callers_send(callers, caller, EVENT_TYPE, i == 0, payload, sizeof payload);
    if (++line->at > EVENT_PACKETS) {
        callers->callers[caller].timestamp += EVENT_PACKETS * BENCH_FRAME;
        line->at = 0;
        line->wait = (guint)g_random_int_range(KEY_LEAST, KEY_MOST);
    }
}

static void
say_words(BenchCallers *callers, guint caller, Line *line)
{
    bench_callers_speak(callers, caller, bench.words + (line->at - 1) * BENCH_FRAME);
    if (++line->at > bench.n_words) {
        line->at = 0;
        line->wait = WORDS_LEAST + (guint)g_random_int_range(0, KEY_LEAST);
    }
}

static void
speak(BenchCallers *callers, guint caller, gpointer user_data)
{
    static const guint8 silence[BENCH_FRAME] = {[0 ... BENCH_FRAME - 1] = 0xff};
    Line *line = &bench.lines[caller];
    gboolean hears = line->heard > 0 && bench_now() - line->last < HEARD_NS;

    if (line->at == 0 && hears && line->heard >= line->wait)
        line->at = 1;
    if (line->at == 0)
        bench_callers_speak(callers, caller, silence);
    else if (line->speaks)
        say_words(callers, caller, line);
    else
        send_key(callers, caller, line);
}

static void
prompt_changed(Line *line)
{
    gint64 decided = __atomic_exchange_n(&line->decided, 0, __ATOMIC_ACQ_REL);
    gint64 trigger = line->speaks ? decided : line->triggered;
    gint64 took = line->last - trigger;

    line->triggered = 0;
    line->heard = 0;
    if (trigger == 0)
        bench.unanswered++;
    else
        g_array_append_val(line->speaks ? bench.speech_stops : bench.digit_stops, took);
}

static void
note(const BenchPacket *packet, gpointer user_data)
{
    Line *line = &bench.lines[packet->caller];
    guint8 volume = packet->data[MCP_MEDIA_RTP_HEADER] & 0x7f;

    if ((packet->data[1] & 0x7f) != 0)
        return;
    if (line->last != 0 && volume != line->volume)
        prompt_changed(line);
    line->volume = volume;
    line->last = packet->time;
    line->heard++;
}

/* --- shards --- */

static void
play(Line *line)
{
    McpPlayItem items[ITEMS];
    McpArm arm = {
        .barge_in = line->speaks ? MCP_BARGE_IN_SPEECH : MCP_BARGE_IN_DTMF,
        .digits = MCP_DIGITS_ALL,
        .no_input = -1,
        .speech = {.listen = line->speaks, .sensitivity = 0.5, .end_silence_ms = 300},
    };

    for (guint i = 0; i < ITEMS; i++)
        items[i] = (McpPlayItem){.kind = MCP_PLAY_AUDIO, .audio = bench.prompts[line->turn % 2]};
    line->turn++;
    mcp_leg_flush_digits(line->leg);
    arm.generation = mcp_leg_play(line->leg, items, ITEMS);
    mcp_leg_arm(line->leg, &arm);
}

/*
 * The next prompt: when the key is in the queue, or when the caller has finished. A prompt that was
 * not stopped by the worker itself would be replaced by it, which is no answer.
 */
static void
on_event(McpLeg *leg, const McpLegEvent *event, gpointer user_data)
{
    Line *line = user_data;
    Shard *shard = &bench.shards[(guint)(line - bench.lines) % SHARDS];
    gint64 lag = (g_get_monotonic_time() - event->time) * 1000;

    if (g_atomic_int_get(&bench.over))
        return;
    if (event->type == MCP_LEG_PLAYBACK_ENDED) {
        g_array_append_val(shard->lags, lag);
        if (event->stop != (line->speaks ? MCP_STOP_SPEECH : MCP_STOP_DIGIT))
            g_atomic_int_inc(&bench.replaced);
    }
    if (event->type == (line->speaks ? MCP_LEG_SPEECH_ENDED : MCP_LEG_DIGIT))
        play(line);
}

static void
block(Shard *shard)
{
    gint64 start = g_get_monotonic_time();

    if (!bench.block)
        return;
    /* lint: allow sleep a thread that cannot do anything is what this is about */
    if (!bench.spin)
        g_usleep(BLOCK_MS * 1000);
    while (g_get_monotonic_time() - start < BLOCK_MS * 1000)
        continue;
    shard->blocked += g_get_monotonic_time() - start;
}

static gpointer
run_shard(gpointer data)
{
    Shard *shard = data;
    gint64 start = 0;

    g_main_context_push_thread_default(shard->context);
    for (guint i = shard->first; i < bench.callers->n; i += SHARDS) {
        bench_callers_connect(bench.callers, i, &bench.platform, "0 101", BENCH_EVENTS);
        bench.lines[i].leg = bench.callers->callers[i].leg;
        mcp_leg_set_handler(bench.lines[i].leg, on_event, &bench.lines[i]);
    }
    g_atomic_int_inc(&bench.connected);
    while (g_atomic_int_get(&bench.connected) <= SHARDS)
        bench_run_for(FREE_MS);
    for (guint i = shard->first; i < bench.callers->n; i += SHARDS)
        play(&bench.lines[i]);
    start = g_get_monotonic_time();
    while (!g_atomic_int_get(&bench.over)) {
        bench_run_for(FREE_MS);
        block(shard);
    }
    shard->lived = g_get_monotonic_time() - start;
    for (guint i = shard->first; i < bench.callers->n; i += SHARDS)
        mcp_leg_close(bench.lines[i].leg);
    bench_run_for(1000);
    for (guint i = shard->first; i < bench.callers->n; i += SHARDS)
        g_clear_object(&bench.callers->callers[i].leg);
    bench_run_for(500);
    g_main_context_pop_thread_default(shard->context);
    return NULL;
}

static void
start_shards(void)
{
    for (guint i = 0; i < SHARDS; i++) {
        bench.shards[i].first = i;
        bench.shards[i].context = g_main_context_new();
        bench.shards[i].lags = g_array_new(FALSE, FALSE, sizeof(gint64));
        bench.shards[i].thread = g_thread_new("bench-shard", run_shard, &bench.shards[i]);
        /* One after the other: the table of callers has no lock. */
        while (g_atomic_int_get(&bench.connected) <= (gint)i)
            bench_run_for(FREE_MS);
    }
    for (guint i = 0; i < bench.callers->n; i++)
        g_hash_table_insert(bench.by_stream, MCP_MEDIA_LEG(bench.lines[i].leg)->stream,
                            &bench.lines[i]);
}

/* --- all of it --- */

static McpAudio *
make_prompt(guint8 volume)
{
    guint8 *data = g_malloc(PROMPT_BYTES);
    g_autoptr(GBytes) bytes = NULL;

    for (guint i = 0; i < PROMPT_BYTES; i++)
        data[i] = volume | (i / 4 % 2 == 0 ? 0 : 0x80);
    bytes = g_bytes_new_take(data, PROMPT_BYTES);
    return mcp_audio_new(bytes, "audio/basic", NULL);
}

static void
make_words(void)
{
    gsize n = 0;
    g_autofree gint16 *samples = flite_samples("I would like to speak to someone please", &n);

    bench.n_words = (guint)n / BENCH_FRAME;
    bench.words = g_malloc((gsize)bench.n_words * BENCH_FRAME);
    mcp_sound_mulaw_encode(samples, bench.n_words * BENCH_FRAME, bench.words);
}

static void
open_bench(guint n, const char *mode)
{
    bench.block = !g_str_equal(mode, "idle");
    bench.spin = g_str_equal(mode, "spin");
    if (bench.block && !bench.spin && !g_str_equal(mode, "sleep"))
        g_error("no mode \"%s\"", mode);
    platform_open(&bench.platform);
    bench.callers = bench_callers_open(n, MCP_MEDIA_SUITE_NONE);
    bench.by_stream = g_hash_table_new(NULL, NULL);
    bench.digit_stops = g_array_new(FALSE, FALSE, sizeof(gint64));
    bench.speech_stops = g_array_new(FALSE, FALSE, sizeof(gint64));
    bench.prompts[0] = make_prompt(0x21);
    bench.prompts[1] = make_prompt(0x25);
    make_words();
    bench.lines = g_new0(Line, n);
    for (guint i = 0; i < n; i++) {
        bench.lines[i].speaks = i / SHARDS % 2 == 1;
        bench.lines[i].wait = WORDS_LEAST + (guint)g_random_int_range(0, KEY_LEAST);
    }
}

static void
report(const char *mode)
{
    g_autoptr(GArray) lags = g_array_new(FALSE, FALSE, sizeof(gint64));
    McpBenchJson json;
    g_autofree char *text = NULL;
    double blocked = 0;

    for (guint i = 0; i < SHARDS; i++) {
        Shard *shard = &bench.shards[i];

        g_array_append_vals(lags, shard->lags->data, shard->lags->len);
        blocked += (double)shard->blocked / (double)MAX(shard->lived, 1) / SHARDS;
    }
    mcp_bench_sort(lags);
    mcp_bench_sort(bench.digit_stops);
    mcp_bench_sort(bench.speech_stops);
    mcp_bench_json_init(&json);
    mcp_bench_json_string(&json, "mode", mode);
    mcp_bench_json_int(&json, "legs", bench.callers->n);
    mcp_bench_json_int(&json, "keys", bench.keys);
    mcp_bench_json_int(&json, "unanswered", bench.unanswered);
    mcp_bench_json_int(&json, "replaced", g_atomic_int_get(&bench.replaced));
    mcp_bench_json_double(&json, "blocked_share", blocked);
    mcp_bench_json_distribution(&json, "digit_stop_ms", bench.digit_stops);
    mcp_bench_json_distribution(&json, "speech_stop_ms", bench.speech_stops);
    mcp_bench_json_distribution(&json, "shard_lag_ms", lags);
    text = mcp_bench_json_finish(&json);
    fputs(text, stdout);
}

static void
close_bench(void)
{
    bench_callers_free(bench.callers);
    for (guint i = 0; i < SHARDS; i++) {
        g_main_context_unref(bench.shards[i].context);
        g_array_unref(bench.shards[i].lags);
        mcp_audio_unref(bench.prompts[i]);
    }
    g_hash_table_unref(g_steal_pointer(&bench.by_stream));
    g_array_unref(bench.digit_stops);
    g_array_unref(bench.speech_stops);
    g_free(bench.words);
    g_free(bench.lines);
    platform_close(&bench.platform);
}

int
main(int argc, char **argv)
{
    guint n = bench_argument(argc, argv, 1, 200);
    guint seconds = bench_argument(argc, argv, 2, 10);
    const char *mode = argc > 3 ? argv[3] : "sleep";
    BenchTraffic traffic = {.speak = speak, .heard = note};
    gboolean good = FALSE;

    open_bench(n, mode);
    start_shards();
    traffic.callers = bench.callers;
    bench_traffic_start(&traffic);
    g_atomic_int_inc(&bench.connected);
    bench_run_for(seconds * 1000);
    bench_traffic_stop(&traffic);
    g_atomic_int_set(&bench.over, TRUE);
    for (guint i = 0; i < SHARDS; i++)
        g_thread_join(bench.shards[i].thread);
    report(mode);
    good = bench.unanswered == 0 && bench.replaced == 0 && bench.digit_stops->len > 0 &&
           bench.speech_stops->len > 0;
    close_bench();
    return good ? 0 : 1;
}
