/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The playout buffer under a virtual clock: unchanged sound where nothing is wrong, a delay that
 * fits the network and stays within bounds, no clicks, and no harm from hostile numbers.
 */
#include "ear/playout.h"

#include "playout_network.h"
#include <math.h>
#include <string.h>

#define AMPLITUDE 8000

/* --- signals --- */

/* From 100 Hz up to a quarter of the rate and back, once in 10 s. */
static gint16
sweep(gint64 n, guint rate)
{
    gdouble t = (gdouble)n / rate;
    gdouble middle = rate / 8.0;
    gdouble phase = 2 * G_PI * middle * t - (middle - 100) * 10 * sin(2 * G_PI * t / 10);

    return (gint16)(AMPLITUDE * sin(phase) + 11);
}

/* A voice of about 120 Hz that goes up and down and has pauses. */
static gint16
voice(gint64 n, guint rate)
{
    gdouble t = (gdouble)n / rate;
    gdouble phase = 2 * G_PI * 120 * t - 6 * cos(2 * G_PI * 1.3 * t);
    gdouble loud = CLAMP(sin(2 * G_PI * 0.7 * t) * 2 + 1, 0, 1);

    return (gint16)(AMPLITUDE * loud *
                    (0.6 * sin(phase) + 0.3 * sin(2 * phase + 1) + 0.2 * sin(5 * phase + 2)));
}

/* A mark each second over the rustle of a line. */
static gint16
marks(gint64 n, guint rate)
{
    gint64 at = n % rate;

    if (at >= rate / 2 && at < rate / 2 + rate / 500)
        return 20000;
    return (gint16)(n * 2654435761u % 41) - 20;
}

/* --- measures --- */

static gint
steepest(const gint16 *samples, guint from, guint to)
{
    gint steep = 0;

    for (guint i = from + 1; i < to; i++)
        steep = MAX(steep, ABS(samples[i] - samples[i - 1]));
    return steep;
}

static gdouble
share_of(const Received *received, McpMediaPlayed played, guint from)
{
    guint n = 0;

    for (guint i = from; i < received->n_out; i++)
        n += received->played[i] == played;
    return (gdouble)n / (received->n_out - from);
}

/* Sample of the output from which on it is what was sent, from @from of the latter on; or -1. */
static gint
find_equal(const Received *received, guint from, guint n)
{
    for (guint at = from; at + n <= received->n_out; at++)
        if (memcmp(received->out + at, received->in + from, n * sizeof *received->in) == 0)
            return (gint)at;
    return -1;
}

/* --- tests --- */

/* What was sent comes out, bit by bit, within 20 ms. */
static void
check_steady(const Network *network)
{
    g_autoptr(Received) received = network_run(network);
    guint first = 0;
    guint n = 0;

    /* The sweep begins with a sample that is not 0. */
    while (first < received->n_out && received->out[first] == 0)
        first++;
    n = received->n_out - first;
    g_assert_cmpint(received->out_at + (gint64)first * G_USEC_PER_SEC / network->rate, <=, 20000);
    g_assert_cmpint(received->delay_max, <=, 20000);
    g_assert_cmpuint(received->figures.underruns, ==, 0);
    g_assert_cmpuint(received->figures.inserted, ==, 0);
    g_assert_cmpuint(received->figures.dropped, ==, 0);
    g_assert_cmpmem(received->out + first, n * sizeof(gint16), received->in, n * sizeof(gint16));
}

/* Nothing is wrong, in all shapes and at all phases of the two clocks. */
static void
test_steady(void)
{
    const guint rates[] = {8000, 16000, 24000, 48000};
    const guint packets[] = {10, 20, 30, 60};

    for (guint shape = 0; shape < 4 * 4 * 2 * 4; shape++) {
        const guint at = shape / 32;
        const Network network = {.rate = rates[shape % 4],
                                 .packet_ms = packets[shape / 4 % 4],
                                 .take_ms = shape / 16 % 2 == 0 ? 10 : 20,
                                 .seconds = 6,
                                 .take_at_us = at * 6300,
                                 .direct = rates[shape % 4] > 16000 || at % 2 == 1,
                                 .signal = sweep};

        check_steady(&network);
    }
}

static void
test_jitter(void)
{
    for (guint rate = 8000; rate <= 16000; rate *= 2)
        for (guint take = 10; take <= 20; take += 10) {
            const Network network = {.rate = rate,
                                     .packet_ms = 20,
                                     .take_ms = take,
                                     .seconds = 60,
                                     .take_at_us = 3000,
                                     .jitter = 10,
                                     .signal = voice};
            g_autoptr(Received) received = network_run(&network);

            g_test_message("jitter: max %" G_GINT64_FORMAT " ms, target %u, underruns %u",
                           received->delay_max / 1000, received->figures.target_us / 1000,
                           received->figures.underruns);
            /* 99.5 % of such packets are within 56 ms of the fastest. */
            g_assert_cmpint(received->delay_max, <=, 100000);
            g_assert_cmpuint(received->figures.target_us, >=, 30000);
            g_assert_cmpuint(received->figures.target_us, <=, 70000);
            g_assert_cmpuint(received->figures.underruns - received->underruns_early, <=, 20);
            g_assert_cmpfloat(share_of(received, MCP_MEDIA_PLAYED_SAMPLES, rate * 2), >=, 0.99);
            g_assert_cmpuint(received->figures.late, <=, rate / 2);
            g_assert_cmpint(steepest(received->out, 0, received->n_out), <,
                            steepest(received->in, 0, received->n_in) * 2);
        }
}

/* With an ear lost packets are concealed by it, without one here; the delay hardly changes. */
static void
test_loss(void)
{
    const gdouble losses[] = {0.05, 0.15};

    for (guint i = 0; i < 2; i++)
        for (guint direct = 0; direct < 2; direct++) {
            const Network network = {.rate = 8000,
                                     .packet_ms = 20,
                                     .take_ms = 20,
                                     .seconds = 60,
                                     .take_at_us = 7000,
                                     .loss = losses[i],
                                     .direct = direct,
                                     .signal = voice};
            g_autoptr(Received) received = network_run(&network);
            guint64 concealed = received->figures.concealed;

            g_test_message("loss: max %" G_GINT64_FORMAT " ms, underruns %u, concealed %u",
                           received->delay_max / 1000, received->figures.underruns,
                           (guint)concealed);
            g_assert_cmpint(received->delay_max, <=, 65000);
            g_assert_cmpuint(received->figures.underruns, <=, losses[i] > 0.1 ? 30 : 6);
            g_assert_cmpint(steepest(received->out, 0, received->n_out), <,
                            steepest(received->in, 0, received->n_in) * 2);
            if (direct)
                g_assert_cmpuint(concealed, >=, (guint64)(network.seconds * 8000 * losses[i] / 2));
            else
                g_assert_cmpuint(concealed, <=, (guint64)(network.seconds * 8000 * losses[i] / 2));
        }
}

/* Packets that overtake each other: after a while all of them are waited for. */
static void
test_reorder(void)
{
    const Network network = {.rate = 8000,
                             .packet_ms = 20,
                             .take_ms = 20,
                             .seconds = 40,
                             .take_at_us = 11000,
                             .swap = 0.05,
                             .signal = voice};
    g_autoptr(Received) received = network_run(&network);

    g_assert_cmpint(find_equal(received, 20 * 8000, 19 * 8000), >, 0);
    g_assert_cmpint(received->delay_max, <=, 70000);
}

/* 10 minutes of clocks that differ: marks come out as late at the end as at the beginning. */
static void
test_drift(void)
{
    for (gint sign = -1; sign <= 1; sign += 2) {
        const Network network = {.rate = 8000,
                                 .packet_ms = 20,
                                 .take_ms = 20,
                                 .seconds = 600,
                                 .take_at_us = 9000,
                                 .drift = 200.0 * sign,
                                 .signal = marks};
        g_autoptr(Received) received = network_run(&network);
        guint found = 0;

        for (guint i = 2 * 8000; i < received->n_out; i++) {
            gdouble now = received->out_at / 1000.0 + i / 8.0;
            gdouble sent = 0;

            if (received->out[i] < 18000)
                continue;
            sent = (round((now - 500) / 1000 - 0.05) * 1000 + 500) * (1 + network.drift / 1e6);
            g_assert_cmpfloat(now - sent, >=, -1);
            g_assert_cmpfloat(now - sent, <=, 55);
            found++;
            i += 4000;
        }
        g_assert_cmpuint(found, >=, 596);
        g_assert_cmpint(received->delay_max, <=, 55000);
        g_assert_cmpuint(received->figures.underruns, <=, 12);
        /* 120 ms in all. */
        if (sign < 0)
            g_assert_cmpuint(received->figures.dropped, >=, 700);
        else
            g_assert_cmpuint(received->figures.inserted, >=, 700);
        g_assert_cmpuint(received->figures.inserted + received->figures.dropped, <=, 6000);
    }
}

/* Between talk spurts nothing is sent: each of them is heard in full, silence is silence. */
static void
test_talk_spurts(void)
{
    const Network network = {.rate = 8000,
                             .packet_ms = 20,
                             .take_ms = 20,
                             .seconds = 60,
                             .take_at_us = 2000,
                             .jitter = 5,
                             .talk_ms = 1200,
                             .pause_ms = 800,
                             .signal = marks};
    g_autoptr(Received) received = network_run(&network);
    guint heard = 0;
    guint expected = 0;

    for (guint i = 1; i < received->n_in; i++)
        expected += received->in[i] >= 18000 && received->in[i - 1] < 18000;
    for (guint i = 1; i < received->n_out; i++)
        heard += received->out[i] >= 18000 && received->out[i - 1] < 18000;
    g_assert_cmpuint(expected, >=, 30);
    g_assert_cmpuint(heard, ==, expected);
    g_assert_cmpfloat(share_of(received, MCP_MEDIA_PLAYED_SILENCE, 0), >, 0.34);
    g_assert_cmpfloat(share_of(received, MCP_MEDIA_PLAYED_SILENCE, 0), <, 0.44);
    g_assert_cmpfloat(share_of(received, MCP_MEDIA_PLAYED_UNDERRUN, 0), <, 0.02);
    g_assert_cmpint(received->delay_max, <=, 70000);
}

/* A new count: what was there is played, what comes follows on it. */
static void
test_restart(void)
{
    for (guint direct = 0; direct < 2; direct++) {
        const Network network = {.rate = 8000,
                                 .packet_ms = 20,
                                 .take_ms = 20,
                                 .seconds = 12,
                                 .take_at_us = 5000,
                                 .restart_at = 6000,
                                 .direct = direct,
                                 .signal = sweep};
        g_autoptr(Received) received = network_run(&network);

        g_assert_cmpint(find_equal(received, 0, 11 * 8000), >=, 0);
        g_assert_cmpint(received->delay_max, <=, 20000);
    }
}

/* The network stands still for 150 ms: nothing is lost, and the delay goes back. */
static void
test_stall(void)
{
    const Network network = {.rate = 8000,
                             .packet_ms = 20,
                             .take_ms = 20,
                             .seconds = 60,
                             .take_at_us = 5000,
                             .stall_at = 20000,
                             .signal = voice};
    g_autoptr(Received) received = network_run(&network);

    g_assert_cmpuint(received->figures.late, ==, 0);
    g_assert_cmpint(received->delay_max, >=, 100000);
    g_assert_cmpint(received->delay_max, <=, 200000);
    g_assert_cmpint(received->delay_end, <=, 40000);
    g_assert_cmpint(steepest(received->out, 0, received->n_out), <,
                    steepest(received->in, 0, received->n_in) * 2);
}

/* Nobody takes for 2 s: that is no delay for the rest of the call. */
static void
test_away(void)
{
    const Network network = {.rate = 8000,
                             .packet_ms = 20,
                             .take_ms = 20,
                             .seconds = 20,
                             .take_at_us = 5000,
                             .away_at = 8000,
                             .signal = voice};
    g_autoptr(Received) received = network_run(&network);

    g_assert_cmpint(received->delay_max, <=, 240000);
    g_assert_cmpint(received->delay_end, <=, 60000);
    g_assert_cmpfloat(share_of(received, MCP_MEDIA_PLAYED_SAMPLES, 11 * 8000), >, 0.99);
}

/* Whoever takes comes late once and makes up for it: nothing is left out, nothing put between. */
static void
test_busy(void)
{
    const Network network = {.rate = 8000,
                             .packet_ms = 20,
                             .take_ms = 20,
                             .seconds = 20,
                             .take_at_us = 5000,
                             .busy_at = 8000,
                             .signal = sweep};

    check_steady(&network);
}

static void
test_mute(void)
{
    McpMediaPlayout *playout = mcp_media_playout_new(8000, 200);
    gint16 in[160];
    gint16 out[160];

    for (guint i = 0; i < 160; i++)
        in[i] = (gint16)(4000 + i);
    for (gint64 f = 0; f < 50; f++) {
        mcp_media_playout_put(playout, in, 160, f * 160, f * 20000, f == 0, FALSE);
        if (f == 10)
            mcp_media_playout_mute_from(playout, 10 * 160 + 80);
        if (f == 19)
            mcp_media_playout_unmute(playout, 20 * 160);
        g_assert_cmpint(mcp_media_playout_take(playout, out, 160, f * 20000 + 500), ==,
                        MCP_MEDIA_PLAYED_SAMPLES);
        if (f < 10 || f > 20)
            g_assert_cmpmem(out, sizeof out, in, sizeof in);
        if (f == 10) {
            g_assert_cmpmem(out, 80 * sizeof *out, in, 80 * sizeof *in);
            /* It fades within 2 ms. */
            for (guint i = 97; i < 160; i++)
                g_assert_cmpint(out[i], ==, 0);
        }
        for (guint i = 0; f > 10 && f < 20 && i < 160; i++)
            g_assert_cmpint(out[i], ==, 0);
        if (f == 20)
            g_assert_cmpmem(out + 16, 144 * sizeof *out, in + 16, 144 * sizeof *in);
    }
    mcp_media_playout_free(playout);
}

static gint64
hostile_number(GRand *chance, gint64 sane)
{
    switch (g_rand_int_range(chance, 0, 8)) {
    case 0:
        return G_MININT64;
    case 1:
        return G_MAXINT64;
    case 2:
        return (gint64)g_rand_int(chance) << g_rand_int_range(chance, 0, 32);
    case 3:
        return -((gint64)g_rand_int(chance) << g_rand_int_range(chance, 0, 31));
    default:
        return sane + g_rand_int_range(chance, -900, 900);
    }
}

/* Any numbers, in any order: all is answered, and a sane sender is heard again soon. */
static void
test_hostile(void)
{
    const guint rates[] = {0, 8000, 11025, 24000, 48000, G_MAXUINT};
    g_autofree gint16 *samples = g_new(gint16, 100000);
    g_autofree gint16 *out = g_new(gint16, 100000);
    g_autoptr(GRand) chance = g_rand_new_with_seed(5);

    for (guint i = 0; i < 100000; i++)
        samples[i] = i / 7 % 2 == 0 ? G_MAXINT16 : G_MININT16;
    for (guint r = 0; r < G_N_ELEMENTS(rates); r++) {
        McpMediaPlayout *playout = mcp_media_playout_new(rates[r], r * 300);
        guint frame = mcp_media_playout_get_rate(playout) / 50;
        gint64 sane = 0;
        McpMediaPlayed played = MCP_MEDIA_PLAYED_SILENCE;

        for (guint i = 0; i < 6000; i++, sane += frame) {
            gboolean huge = g_rand_int_range(chance, 0, 60) == 0;
            guint n = (guint)g_rand_int_range(chance, 0, huge ? 100000 : 2000);
            McpMediaPlayoutFigures figures;

            mcp_media_playout_put(playout, samples, n, hostile_number(chance, sane),
                                  hostile_number(chance, i * 20000),
                                  g_rand_int_range(chance, 0, 50) == 0,
                                  g_rand_int_range(chance, 0, 4) == 0);
            mcp_media_playout_note_late(playout, hostile_number(chance, sane),
                                        hostile_number(chance, i * 20000));
            if (i % 100 == 7)
                mcp_media_playout_mute_from(playout, hostile_number(chance, sane));
            if (i % 100 == 17)
                mcp_media_playout_unmute(playout, hostile_number(chance, sane));
            mcp_media_playout_get_patience(playout, n);
            n = (guint)g_rand_int_range(chance, 0, huge ? 100000 : 2000);
            mcp_media_playout_take(playout, out, n, hostile_number(chance, i * 20000));
            mcp_media_playout_get_figures(playout, &figures);
            g_assert_cmpuint(figures.depth, <=, 48 * 1400);
        }
        mcp_media_playout_unmute(playout, G_MININT64);
        for (guint i = 0; i < 1500; i++, sane += frame) {
            mcp_media_playout_put(playout, samples, frame, sane, (6000 + i) * 20000, i == 0, FALSE);
            played = mcp_media_playout_take(playout, out, frame, (6000 + i) * 20000 + 3000);
        }
        g_assert_cmpint(played, ==, MCP_MEDIA_PLAYED_SAMPLES);
        mcp_media_playout_free(playout);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/playout/steady", test_steady);
    g_test_add_func("/media/playout/jitter", test_jitter);
    g_test_add_func("/media/playout/loss", test_loss);
    g_test_add_func("/media/playout/reorder", test_reorder);
    g_test_add_func("/media/playout/drift", test_drift);
    g_test_add_func("/media/playout/talk-spurts", test_talk_spurts);
    g_test_add_func("/media/playout/restart", test_restart);
    g_test_add_func("/media/playout/stall", test_stall);
    g_test_add_func("/media/playout/away", test_away);
    g_test_add_func("/media/playout/busy", test_busy);
    g_test_add_func("/media/playout/mute", test_mute);
    g_test_add_func("/media/playout/hostile", test_hostile);
    return g_test_run();
}
