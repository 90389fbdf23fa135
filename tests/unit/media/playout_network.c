/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A network under a virtual clock: packets of a signal, sent in time, late, swapped or lost; an ear
 * or none; and a playout buffer that is taken from in time. One thread.
 */
#include "playout_network.h"

#include <math.h>
#include <string.h>

#define START (5 * G_USEC_PER_SEC)
#define SETTLED_MS 2000
#define STALL_US 150000
#define SWAP_US 30000
#define AWAY_US 2000000
#define BUSY_US 300000
/* A restart's positions have nothing to do with those before. */
#define ELSEWHERE G_GINT64_CONSTANT(7000000011)

typedef struct {
    gint64 arrival;
    gint64 place; /* of the signal */
    guint32 sequence;
} Sent;

typedef struct {
    const Network *network;
    Received *received;
    McpMediaPlayout *playout;
    McpMediaEar *ear; /* nullable */
    McpMediaBlockPool pool;
    gint64 next; /* direct: place after the last one */
    gint64 base; /* added to places */
    gboolean restarted;
} Run;

static gdouble
normal(GRand *chance)
{
    gdouble sum = 0;

    for (guint i = 0; i < 12; i++)
        sum += g_rand_double(chance);
    return sum - 6;
}

static gint
earlier(gconstpointer a, gconstpointer b)
{
    const Sent *first = a;
    const Sent *second = b;

    if (first->arrival != second->arrival)
        return first->arrival < second->arrival ? -1 : 1;
    return first->sequence < second->sequence ? -1 : 1;
}

static gboolean
is_sent(const Network *network, gint64 ms)
{
    return network->talk_ms == 0 || ms % (network->talk_ms + network->pause_ms) < network->talk_ms;
}

static gint64
delay_of(const Network *network, gint64 sent, GRand *chance)
{
    gint64 delay = 0;
    gint64 stall = (gint64)network->stall_at * 1000;

    if (network->jitter > 0)
        delay += (gint64)(MAX(0, 3 + normal(chance)) * network->jitter * 1000);
    if (g_rand_double(chance) < network->swap)
        delay += SWAP_US;
    if (stall > 0 && sent >= stall && sent < stall + STALL_US)
        delay += stall + STALL_US - sent;
    return delay;
}

static GArray *
send_all(const Network *network)
{
    g_autoptr(GRand) chance = g_rand_new_with_seed(17);
    GArray *sent = g_array_new(FALSE, FALSE, sizeof(Sent));
    guint32 sequence = 1000;

    for (guint ms = 0; ms < network->seconds * 1000; ms += network->packet_ms) {
        gint64 at = (gint64)(ms * 1000.0 * (1 + network->drift / 1e6));
        Sent packet = {.place = (gint64)ms * network->rate / 1000, .sequence = sequence};

        if (!is_sent(network, ms))
            continue;
        sequence++;
        packet.arrival = START + at + delay_of(network, at, chance);
        if (g_rand_double(chance) >= network->loss)
            g_array_append_val(sent, packet);
    }
    g_array_sort(sent, earlier);
    return sent;
}

static void
fill_in(const Network *network, Received *received)
{
    received->n_in = network->seconds * network->rate;
    received->in = g_new0(gint16, received->n_in);
    for (guint i = 0; i < received->n_in; i++)
        if (is_sent(network, (gint64)i * 1000 / network->rate))
            received->in[i] = network->signal(i, network->rate);
}

static void
arrive_direct(Run *run, const Sent *packet, guint n)
{
    if (packet->place < run->next) {
        mcp_media_playout_note_late(run->playout, packet->place + run->base, packet->arrival);
        return;
    }
    mcp_media_playout_put(run->playout, run->received->in + packet->place, n,
                          packet->place + run->base, packet->arrival, run->restarted, FALSE);
    run->next = packet->place + n;
    run->restarted = FALSE;
}

static void
arrive(Run *run, const Sent *packet)
{
    const Network *network = run->network;
    guint n = network->packet_ms * network->rate / 1000;
    guint8 payload[MCP_MEDIA_PAYLOAD_MAX];

    if (network->restart_at > 0 && run->base == 0 &&
        packet->place >= (gint64)network->restart_at * network->rate / 1000) {
        run->base = ELSEWHERE;
        run->restarted = TRUE;
        if (run->ear != NULL)
            mcp_media_ear_restart(run->ear, packet->arrival);
    }
    if (run->ear == NULL) {
        arrive_direct(run, packet, n);
        return;
    }
    for (guint i = 0; i < n; i++) {
        const guint16 sample = GUINT16_TO_BE((guint16)run->received->in[packet->place + i]);

        memcpy(payload + 2 * i, &sample, 2);
    }
    mcp_media_ear_take(run->ear, packet->sequence + (run->base > 0 ? 5000 : 0),
                       packet->place + run->base, payload, 2 * (gsize)n, 5000, packet->arrival);
}

static void
take(Run *run, gint64 now)
{
    Received *received = run->received;
    guint n = run->network->take_ms * run->network->rate / 1000;
    gint16 *out = received->out + received->n_out;
    McpMediaPlayed played = MCP_MEDIA_PLAYED_SILENCE;

    if (run->ear != NULL)
        played = mcp_media_ear_play(run->ear, out, n, now);
    else
        played = mcp_media_playout_take(run->playout, out, n, now);
    memset(received->played + received->n_out, (int)played, n);
    received->n_out += n;
    mcp_media_playout_get_figures(run->playout, &received->figures);
    received->delay_end = received->figures.delay_us;
    if (now < START + SETTLED_MS * 1000)
        received->underruns_early = received->figures.underruns;
    else
        received->delay_max = MAX(received->delay_max, received->delay_end);
}

static void
open_run(Run *run)
{
    const McpMediaCodecOptions options = {.opus_rate = 16000, .opus_bitrate = 24000};
    McpMediaFormat format;

    run->playout = mcp_media_playout_new(run->network->rate, 0);
    if (run->network->direct)
        return;
    g_assert_cmpuint(run->network->rate, <=, 16000);
    mcp_media_format_init(&format,
                          mcp_media_codec_get(run->network->rate == 8000
                                                  ? MCP_MEDIA_CODEC_L16_8000
                                                  : MCP_MEDIA_CODEC_L16_16000),
                          &options);
    mcp_media_block_pool_init(&run->pool, sizeof(McpMediaJitterPacket), 8);
    run->ear = mcp_media_ear_new(&format, 0);
    mcp_media_ear_open(run->ear, &run->pool);
    mcp_media_ear_set_playout(run->ear, run->playout, START);
}

static void
close_run(Run *run)
{
    if (run->ear != NULL) {
        mcp_media_ear_close(run->ear);
        mcp_media_ear_free(run->ear);
        mcp_media_block_pool_clear(&run->pool);
    }
    mcp_media_playout_free(run->playout);
}

/* When it is really taken what should be taken now. */
static gint64
take_time(const Network *network, gint64 now)
{
    gint64 busy = START + (gint64)network->busy_at * 1000;

    return network->busy_at > 0 && now >= busy ? MAX(now, busy + BUSY_US) : now;
}

Received *
network_run(const Network *network)
{
    g_autoptr(GArray) sent = send_all(network);
    Received *received = g_new0(Received, 1);
    Run run = {.network = network, .received = received, .restarted = TRUE};
    guint arrived = 0;

    fill_in(network, received);
    received->out = g_new0(gint16, received->n_in);
    received->played = g_new0(guint8, received->n_in);
    received->out_at = network->take_at_us;
    open_run(&run);
    for (gint64 now = START + network->take_at_us;
         received->n_out + network->take_ms * network->rate / 1000 <= received->n_in;
         now += network->take_ms * 1000) {
        gint64 until = take_time(network, now);

        for (; arrived < sent->len && g_array_index(sent, Sent, arrived).arrival <= until;
             arrived++)
            arrive(&run, &g_array_index(sent, Sent, arrived));
        if (network->away_at > 0 && now >= START + network->away_at * 1000 &&
            now < START + network->away_at * 1000 + AWAY_US)
            received->n_out += network->take_ms * network->rate / 1000;
        else
            take(&run, until);
    }
    close_run(&run);
    return received;
}

void
received_free(Received *received)
{
    g_free(received->in);
    g_free(received->out);
    g_free(received->played);
    g_free(received);
}
