/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file's audio by a tap: all of it, at other rates and in other encodings, then silence, and
 * never all of it in one turn of the loop.
 */
#include <mcp/error.h>
#include <speech_trial/recorded_tap.h>
#include <string.h>

#include "wave_file.h"

typedef struct {
    GByteArray *bytes;
    guint turns;
    guint most; /* frames in one turn */
    gboolean drained;
    gint64 last; /* time of the last frame */
} Heard;

static void
on_ready(McpTap *tap, gpointer user_data)
{
    Heard *heard = user_data;
    McpTapFrame frame;
    guint n = 0;

    for (; mcp_tap_read(tap, &frame); n++) {
        g_byte_array_append(heard->bytes, frame.data, (guint)frame.length);
        g_assert_cmpint(frame.time, >, heard->last);
        heard->last = frame.time;
    }
    heard->turns++;
    heard->most = MAX(heard->most, n);
}

static void
on_drained(McpTap *tap, gpointer user_data)
{
    Heard *heard = user_data;

    g_assert_false(heard->drained);
    heard->drained = TRUE;
}

static Heard
hear_all(GBytes *file, const McpTapParams *params, gint64 silence)
{
    g_autoptr(McpClock) clock = mcp_clock_new_virtual();
    g_autoptr(GError) error = NULL;
    McpRecordedTap *tap = mcp_recorded_tap_new(file, params, silence, clock, &error);
    Heard heard = {.bytes = g_byte_array_new()};

    g_assert_no_error(error);
    mcp_clock_advance(clock, G_USEC_PER_SEC);
    mcp_recorded_tap_on_drained(tap, on_drained, &heard);
    /* Told of what is there already. */
    mcp_tap_set_ready(MCP_TAP(tap), on_ready, &heard);
    while (!heard.drained)
        g_main_context_iteration(NULL, TRUE);
    g_assert_false(mcp_tap_has_ended(MCP_TAP(tap)));
    mcp_tap_close(MCP_TAP(tap));
    g_assert_true(mcp_tap_has_ended(MCP_TAP(tap)));
    g_assert_finalize_object(tap);
    while (g_main_context_iteration(NULL, FALSE))
        ;
    return heard;
}

/* How strong @hz is, against a tone of full height, after the filter has settled. */
static double
strength(const Heard *heard, guint rate, guint hz, guint n)
{
    const gint16 *samples = (const gint16 *)(gconstpointer)heard->bytes->data;
    double real = 0;
    double imaginary = 0;

    for (guint i = 200; i < 200 + n; i++) {
        real += samples[i] * cos(2 * G_PI * hz * i / rate);
        imaginary += samples[i] * sin(2 * G_PI * hz * i / rate);
    }
    return hypot(real, imaginary) / (4000.0 * n);
}

static void
test_plain(void)
{
    g_autoptr(GBytes) file = wave_file(MCP_SOUND_S16LE, 8000, 1, 500, 1000);
    const McpTapParams params = {.encoding = MCP_TAP_S16, .rate = 8000};
    Heard heard = hear_all(file, &params, G_USEC_PER_SEC / 2);

    g_assert_cmpuint(heard.bytes->len, ==, 75 * 320);
    g_assert_cmpuint(heard.turns, >, 5);
    g_assert_cmpuint(heard.most, <=, 10);
    g_assert_cmpmem(heard.bytes->data, 16000, (const guint8 *)g_bytes_get_data(file, NULL) + 44,
                    16000);
    for (guint i = 16000; i < heard.bytes->len; i++)
        g_assert_cmpuint(heard.bytes->data[i], ==, 0);
    g_byte_array_unref(heard.bytes);
}

static void
test_rates(void)
{
    static const guint rates[][2] = {{8000, 16000}, {16000, 8000}};

    for (guint i = 0; i < G_N_ELEMENTS(rates); i++) {
        g_autoptr(GBytes) file = wave_file(MCP_SOUND_S16LE, rates[i][0], 1, 1000, 500);
        const McpTapParams params = {.encoding = MCP_TAP_S16, .rate = rates[i][1]};
        Heard heard = hear_all(file, &params, 0);

        g_assert_cmpuint(heard.bytes->len, ==, rates[i][1]);
        g_assert_cmpfloat_with_epsilon(strength(&heard, rates[i][1], 1000, 1600), 1, 0.03);
        /* Its mirror at half of the band is not there. */
        if (rates[i][1] == 16000)
            g_assert_cmpfloat(strength(&heard, 16000, 7000, 1600), <, 0.02);
        g_byte_array_unref(heard.bytes);
    }
}

static void
test_encodings(void)
{
    g_autoptr(GBytes) linear = wave_file(MCP_SOUND_S16LE, 8000, 1, 500, 100);
    g_autoptr(GBytes) mulaw = wave_file(MCP_SOUND_MULAW, 8000, 1, 500, 100);
    const guint8 *coded = (const guint8 *)g_bytes_get_data(mulaw, NULL) + 58;
    const McpTapParams as_mulaw = {.encoding = MCP_TAP_MULAW};
    const McpTapParams as_l16 = {.encoding = MCP_TAP_L16};
    Heard one = hear_all(linear, &as_mulaw, 0);
    Heard two = hear_all(mulaw, &as_mulaw, 0);
    Heard big = hear_all(linear, &as_l16, 0);
    const guint8 *little = (const guint8 *)g_bytes_get_data(linear, NULL) + 44;

    g_assert_cmpmem(one.bytes->data, one.bytes->len, coded, 800);
    g_assert_cmpmem(two.bytes->data, two.bytes->len, coded, 800);
    g_assert_cmpuint(big.bytes->len, ==, 1600);
    for (guint i = 0; i < 1600; i++)
        g_assert_cmpuint(big.bytes->data[i], ==, little[i ^ 1]);
    g_byte_array_unref(one.bytes);
    g_byte_array_unref(two.bytes);
    g_byte_array_unref(big.bytes);
}

static void
assert_refused(GBytes *file, guint rate, McpError code)
{
    g_autoptr(McpClock) clock = mcp_clock_new_virtual();
    const McpTapParams params = {.rate = rate};
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_recorded_tap_new(file, &params, 0, clock, &error));
    g_assert_error(error, MCP_ERROR, (gint)code);
    g_bytes_unref(file);
}

static void
test_refused(void)
{
    assert_refused(g_bytes_new_static("no sound at all", 15), 8000, MCP_ERROR_INVALID);
    assert_refused(g_bytes_new_static("RIFF\4\0\0\0WAVE", 12), 8000, MCP_ERROR_INVALID);
    assert_refused(wave_file(MCP_SOUND_S16LE, 8000, 2, 500, 10), 8000, MCP_ERROR_INVALID);
    assert_refused(wave_file(MCP_SOUND_S16LE, 44100, 1, 500, 10), 8000, MCP_ERROR_INVALID);
    assert_refused(wave_file(MCP_SOUND_S16LE, 8000, 1, 500, 10), 48000, MCP_ERROR_UNSUPPORTED);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/control/recorded-tap/plain", test_plain);
    g_test_add_func("/control/recorded-tap/rates", test_rates);
    g_test_add_func("/control/recorded-tap/encodings", test_encodings);
    g_test_add_func("/control/recorded-tap/refused", test_refused);
    return g_test_run();
}
