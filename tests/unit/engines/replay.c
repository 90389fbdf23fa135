/* SPDX-License-Identifier: Apache-2.0 */
/* A turn's audio heard again: by several, in their formats, from the beginning on. */
#include "replay.h"

#include "source_tap.h"
#include <math.h>
#include <mcp/error.h>
#include <string.h>

#define KEEP (G_USEC_PER_SEC)

static void
put_number(SourceTap *source, guint samples, gint16 number)
{
    gint16 frame[320];

    for (guint i = 0; i < samples; i++)
        frame[i] = number;
    source_tap_put(source, frame);
}

/* The number of the next frame; -1: there is none. */
static int
next_number(McpTap *tap)
{
    McpTapFrame frame;
    gint16 number = 0;

    if (!mcp_tap_read(tap, &frame))
        return -1;
    g_assert_cmpuint(frame.length, ==, 320);
    memcpy(&number, frame.data, 2);
    g_assert_cmpint(frame.time, ==, number * 20000);
    return number;
}

static void
count(McpTap *tap, gpointer user_data)
{
    (*(guint *)user_data)++;
}

static void
test_again(void)
{
    SourceTap *source = source_tap_new(160);
    McpReplay *replay = mcp_replay_new(MCP_TAP(source), 8000, KEEP);
    const McpTapParams params = {.encoding = MCP_TAP_S16};
    g_autoptr(McpTap) first = mcp_replay_open(replay, &params, NULL);
    g_autoptr(McpTap) second = NULL;
    guint told = 0;

    mcp_tap_set_ready(first, count, &told);
    for (gint16 i = 0; i < 10; i++)
        put_number(source, 160, i);
    /* Told once, until it has looked. */
    g_assert_cmpuint(told, ==, 1);
    for (int i = 0; i < 10; i++)
        g_assert_cmpint(next_number(first), ==, i);
    g_assert_cmpint(next_number(first), ==, -1);
    second = mcp_replay_open(replay, &params, NULL);
    for (int i = 0; i < 5; i++)
        g_assert_cmpint(next_number(second), ==, i);
    put_number(source, 160, 10);
    g_assert_cmpuint(told, ==, 2);
    g_assert_cmpint(next_number(first), ==, 10);
    for (int i = 5; i < 11; i++)
        g_assert_cmpint(next_number(second), ==, i);
    mcp_tap_close(first);
    g_assert_true(mcp_tap_has_ended(first));
    g_assert_cmpint(next_number(first), ==, -1);
    g_assert_false(mcp_tap_has_ended(second));
    source_tap_end(source);
    g_assert_true(mcp_tap_has_ended(second));
    mcp_replay_free(replay);
    g_assert_cmpint(next_number(second), ==, -1);
    g_object_unref(source);
}

/* Only so much is kept; who is too slow has gaps that are counted, and no more. */
static void
test_bound(void)
{
    SourceTap *source = source_tap_new(160);
    McpReplay *replay = mcp_replay_new(MCP_TAP(source), 8000, 200000);
    const McpTapParams params = {.encoding = MCP_TAP_S16};
    g_autoptr(McpTap) slow = mcp_replay_open(replay, &params, NULL);
    g_autoptr(McpTap) late = NULL;
    McpTapFigures figures;

    put_number(source, 160, 0);
    put_number(source, 160, 1);
    g_assert_cmpint(next_number(slow), ==, 0);
    for (gint16 i = 2; i < 25; i++)
        put_number(source, 160, i);
    late = mcp_replay_open(replay, &params, NULL);
    for (int i = 15; i < 25; i++) {
        g_assert_cmpint(next_number(late), ==, i);
        g_assert_cmpint(next_number(slow), ==, i);
    }
    mcp_tap_get_figures(slow, &figures);
    g_assert_cmpuint(figures.frames, ==, 11);
    g_assert_cmpuint(figures.dropped, ==, 14);
    mcp_replay_free(replay);
    g_object_unref(source);
}

/* Power of a tone of @hz at 16 kHz after halving, against that before: dB. */
static double
response(double hz)
{
    SourceTap *source = source_tap_new(320);
    McpReplay *replay = mcp_replay_new(MCP_TAP(source), 16000, KEEP);
    const McpTapParams params = {.encoding = MCP_TAP_S16, .rate = 8000};
    g_autoptr(McpTap) tap = mcp_replay_open(replay, &params, NULL);
    McpTapFrame out;
    double power = 0;
    guint n = 0;

    for (guint k = 0; k < 40; k++) {
        gint16 frame[320];

        for (guint i = 0; i < 320; i++)
            frame[i] = (gint16)(10000 * sin(2 * G_PI * hz * (k * 320 + i) / 16000));
        source_tap_put(source, frame);
        g_assert_true(mcp_tap_read(tap, &out));
        g_assert_cmpuint(out.length, ==, 320);
        for (guint i = 0; k > 0 && i < 160; i++, n++) {
            gint16 sample = 0;

            memcpy(&sample, out.data + 2 * i, 2);
            power += (double)sample * sample;
        }
    }
    mcp_replay_free(replay);
    g_object_unref(source);
    return 10 * log10((power / n + 1e-9) / (10000.0 * 10000.0 / 2));
}

static void
test_half(void)
{
    for (double hz = 200; hz <= 3000; hz += 100)
        g_assert_cmpfloat(fabs(response(hz)), <, 0.5);
    for (double hz = 5200; hz <= 7900; hz += 100)
        g_assert_cmpfloat(response(hz), <, -40);
}

/* The values of ITU-T G.711 tables 1a and 2a at the ends of their segments. */
static void
test_encodings(void)
{
    static const struct {
        gint16 linear;
        guint8 mulaw;
        guint8 alaw;
    } values[] = {
        {0, 0xff, 0xd5},     {8, 0xfe, 0xd5},      {-8, 0x7e, 0x55},   {100, 0xf2, 0xd3},
        {1000, 0xce, 0xfa},  {-1000, 0x4e, 0x7a},  {8031, 0xa0, 0x8a}, {16000, 0x90, 0xba},
        {32767, 0x80, 0xaa}, {-32768, 0x00, 0x2a},
    };
    SourceTap *source = source_tap_new(160);
    McpReplay *replay = mcp_replay_new(MCP_TAP(source), 8000, KEEP);
    const McpTapParams mulaw = {.encoding = MCP_TAP_MULAW};
    const McpTapParams alaw = {.encoding = MCP_TAP_ALAW};
    const McpTapParams l16 = {.encoding = MCP_TAP_L16};
    g_autoptr(McpTap) u = mcp_replay_open(replay, &mulaw, NULL);
    g_autoptr(McpTap) a = mcp_replay_open(replay, &alaw, NULL);
    g_autoptr(McpTap) l = mcp_replay_open(replay, &l16, NULL);
    gint16 frame[160] = {0};
    McpTapFrame out;

    for (guint i = 0; i < G_N_ELEMENTS(values); i++)
        frame[i] = values[i].linear;
    source_tap_put(source, frame);
    g_assert_true(mcp_tap_read(u, &out));
    g_assert_cmpuint(out.length, ==, 160);
    for (guint i = 0; i < G_N_ELEMENTS(values); i++)
        g_assert_cmphex(out.data[i], ==, values[i].mulaw);
    g_assert_true(mcp_tap_read(a, &out));
    for (guint i = 0; i < G_N_ELEMENTS(values); i++)
        g_assert_cmphex(out.data[i], ==, values[i].alaw);
    g_assert_true(mcp_tap_read(l, &out));
    for (guint i = 0; i < G_N_ELEMENTS(values); i++)
        g_assert_cmphex((guint16)(out.data[2 * i] << 8 | out.data[2 * i + 1]), ==,
                        (guint16)values[i].linear);
    mcp_replay_free(replay);
    g_object_unref(source);
}

static void
test_rates(void)
{
    SourceTap *source = source_tap_new(160);
    McpReplay *replay = mcp_replay_new(MCP_TAP(source), 8000, KEEP);
    const McpTapParams params = {.rate = 16000};
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_replay_open(replay, &params, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED);
    mcp_replay_free(replay);
    g_object_unref(source);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/engines/replay/again", test_again);
    g_test_add_func("/engines/replay/bound", test_bound);
    g_test_add_func("/engines/replay/half", test_half);
    g_test_add_func("/engines/replay/encodings", test_encodings);
    g_test_add_func("/engines/replay/rates", test_rates);
    return g_test_run();
}
