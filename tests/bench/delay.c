/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who says a chirp when, and who hears it. The sender's clock is read when a packet is
 * queued, the receiver's time is the kernel's; both are the monotonic one. Everything runs on the
 * run's loop.
 */
#include "delay.h"

#include "chirp.h"
#include "event_loop.h"
#include "speech.h"
#include "stats.h"

#define FRAME MCP_BENCH_FRAME
#define CHIRP_FRAMES 51 /* from one to the next: not a whole second, so that it meets all phases */
#define CHIRPS 8        /* in the piece, each at another place in its packet */
#define CHIRP_AT 25     /* frame of CHIRP_FRAMES */
#define SAMPLE_NS 125000
#define NOISE_PEAK 40
#define NOISE_SEED 51

typedef struct {
    McpLoadDelay *delay;
    McpLoadCall *ear;
    gint64 spoken_ns; /* of the chirp under way, 0: none */
    gboolean counts;
    guint heard;
    McpBenchChirpEar hearing;
} Pair;

struct _McpLoadDelay {
    gboolean echo;
    guint n_pairs;
    Pair *pairs;
    McpBenchPiece *speech;
    McpBenchPiece *noise;
    gint64 from_ns;
    gint64 until_ns;
    gboolean over; /* the window, and the time that its last chirp had to be heard */
    guint spoken;
    GArray *delays_ns;
};

/* Place of chirp @i within its packet: all over it, and into the next one. */
static guint
place_of(guint i)
{
    return (i * 61 + 7) % FRAME;
}

static McpBenchPiece *
piece_new(const McpBenchCodec *codec, gboolean chirps)
{
    gsize total = (gsize)CHIRPS * CHIRP_FRAMES * FRAME;
    g_autofree gint16 *samples = g_new(gint16, total);
    g_autoptr(GRand) rand = g_rand_new_with_seed(NOISE_SEED);
    for (gsize i = 0; i < total; i++)
        samples[i] = (gint16)g_rand_int_range(rand, -NOISE_PEAK, NOISE_PEAK + 1);
    for (guint i = 0; chirps && i < CHIRPS; i++)
        mcp_bench_chirp_add(samples + (gsize)(i * CHIRP_FRAMES + CHIRP_AT) * FRAME + place_of(i));
    return mcp_bench_piece_new(codec, samples, total);
}

McpLoadDelay *
mcp_load_delay_new(const McpBenchCodec *codec, guint calls, gboolean echo)
{
    McpLoadDelay *delay = g_new0(McpLoadDelay, 1);
    delay->echo = echo;
    delay->n_pairs = echo ? calls : calls / 2;
    delay->pairs = g_new0(Pair, delay->n_pairs);
    for (guint i = 0; i < delay->n_pairs; i++)
        delay->pairs[i].delay = delay;
    delay->speech = piece_new(codec, TRUE);
    delay->noise = piece_new(codec, FALSE);
    delay->delays_ns = g_array_new(FALSE, FALSE, sizeof(gint64));
    return delay;
}

void
mcp_load_delay_free(McpLoadDelay *delay)
{
    mcp_bench_piece_free(delay->speech);
    mcp_bench_piece_free(delay->noise);
    g_array_unref(delay->delays_ns);
    g_free(delay->pairs);
    g_free(delay);
}

static void
on_sent(McpLoadStream *stream, guint packet, gboolean event, gpointer user_data)
{
    Pair *pair = user_data;
    McpLoadDelay *delay = pair->delay;
    guint frame = (stream->first + packet) % (CHIRPS * CHIRP_FRAMES);
    if (frame % CHIRP_FRAMES != CHIRP_AT)
        return;
    gint64 now = mcp_bench_now_us() * 1000;
    pair->spoken_ns =
        now - MCP_BENCH_PERIOD_NS + (gint64)place_of(frame / CHIRP_FRAMES) * SAMPLE_NS;
    pair->counts = now >= delay->from_ns && now < delay->until_ns;
    delay->spoken += pair->counts;
}

static void
on_chirp(Pair *pair, gint64 heard_ns)
{
    gint64 took = heard_ns - pair->spoken_ns;
    if (pair->delay->over || pair->spoken_ns == 0 || took > MCP_LOAD_DELAY_LIMIT_NS)
        return;
    if (pair->counts) {
        g_array_append_val(pair->delay->delays_ns, took);
        pair->heard++;
    }
    pair->spoken_ns = 0; /* what comes of it later is an echo */
}

static void
on_heard(const McpBenchHeard *heard, gpointer user_data)
{
    Pair *pair = user_data;
    McpBenchChirpHeard chirp;
    if (mcp_bench_chirp_ear_take(&pair->hearing, heard, &chirp))
        on_chirp(pair, chirp.first_ns);
}

void
mcp_load_delay_join(McpLoadDelay *delay, McpLoadCall *call)
{
    guint number = delay->echo ? call->number : call->number / 2;
    gboolean speaks = delay->echo || call->number % 2 == 0;
    if (number >= delay->n_pairs)
        return;
    Pair *pair = &delay->pairs[number];
    McpLoadStream *stream = &call->stream;
    stream->piece = speaks ? delay->speech : delay->noise;
    stream->first = number * 3 * CHIRP_FRAMES; /* pairs say different ones at a time */
    if (speaks) {
        stream->on_sent = on_sent;
        stream->on_sent_data = pair;
    }
    if (delay->echo || !speaks) {
        pair->ear = call;
        mcp_bench_rtp_receive_listen(&stream->receive, on_heard, pair);
    }
}

void
mcp_load_delay_measure(McpLoadDelay *delay, gint64 from_ns, gint64 until_ns)
{
    delay->from_ns = from_ns;
    delay->until_ns = until_ns - MCP_LOAD_DELAY_LIMIT_NS;
}

void
mcp_load_delay_finish(McpLoadDelay *delay)
{
    delay->over = TRUE;
    for (guint i = 0; i < delay->n_pairs; i++) {
        Pair *pair = &delay->pairs[i];
        if (pair->ear != NULL && pair->heard == 0 && pair->ear->fault == NULL)
            pair->ear->fault = "no chirp heard";
    }
    mcp_bench_sort(delay->delays_ns);
}

static double
delay_ms(const McpLoadDelay *delay, double percent)
{
    return (double)mcp_bench_percentile(delay->delays_ns, percent) / 1e6;
}

void
mcp_load_delay_print(McpLoadDelay *delay)
{
    g_print("mouth-ear   p50 %.2f  p99 %.2f  min %.2f  max %.2f ms, %u chirps spoken, %u heard\n",
            delay_ms(delay, 50), delay_ms(delay, 99), delay_ms(delay, 0), delay_ms(delay, 100),
            delay->spoken, delay->delays_ns->len);
}

void
mcp_load_delay_json(McpLoadDelay *delay, McpBenchJson *json)
{
    mcp_bench_json_open(json, "mouth_to_ear", '{');
    mcp_bench_json_int(json, "spoken", delay->spoken);
    mcp_bench_json_int(json, "heard", delay->delays_ns->len);
    mcp_bench_json_distribution(json, "ms", delay->delays_ns);
    mcp_bench_json_close(json, '}');
}
