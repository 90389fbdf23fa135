/* SPDX-License-Identifier: Apache-2.0 */
/* The arithmetic of a conference, and who is heard. */
#include "room/mix.h"
#include "room/floor.h"
#include <string.h>

#define N 160

static void
fill(gint16 *samples, gint16 value)
{
    for (guint i = 0; i < N; i++)
        samples[i] = value;
}

static void
test_minus_one(void)
{
    g_autofree McpMediaMix *mix = g_new0(McpMediaMix, 1);
    gint16 a[N];
    gint16 b[N];
    gint16 out[N];

    fill(a, 1000);
    fill(b, -300);
    mcp_media_mix_init(mix);
    mcp_media_mix_begin(mix, N);
    mcp_media_mix_add(mix, a);
    mcp_media_mix_add(mix, b);
    mcp_media_mix_end(mix);
    mcp_media_mix_take(mix, a, NULL, out);
    g_assert_cmpint(out[0], ==, -300);
    g_assert_cmpint(out[N - 1], ==, -300);
    mcp_media_mix_take(mix, b, a, out);
    g_assert_cmpint(out[5], ==, 2000);
    mcp_media_mix_take(mix, NULL, NULL, out);
    g_assert_cmpint(out[7], ==, 700);
}

/* A hundred at full scale neither wrap around nor clip: the sum is turned down, and comes back. */
static void
test_loud(void)
{
    g_autofree McpMediaMix *mix = g_new0(McpMediaMix, 1);
    gint16 loud[N];
    gint16 quiet[N];
    gint16 out[N];

    fill(loud, G_MININT16);
    fill(quiet, 100);
    mcp_media_mix_init(mix);
    for (guint step = 0; step < 3; step++) {
        mcp_media_mix_begin(mix, N);
        for (guint i = 0; i < 100; i++)
            mcp_media_mix_add(mix, loud);
        mcp_media_mix_end(mix);
        mcp_media_mix_take(mix, NULL, NULL, out);
        for (guint i = 0; i < N; i++)
            g_assert_cmpint(out[i], <, -20000);
    }
    g_assert_cmpint(out[N - 1], >, -31000);
    for (guint step = 0; step < 250; step++) {
        mcp_media_mix_begin(mix, N);
        mcp_media_mix_add(mix, quiet);
        mcp_media_mix_end(mix);
    }
    mcp_media_mix_take(mix, NULL, NULL, out);
    g_assert_cmpint(out[0], ==, 100);
}

static void
test_gain(void)
{
    gint16 samples[N];

    fill(samples, 1000);
    mcp_media_mix_gain(samples, N, mcp_media_gain_from_db(0));
    g_assert_cmpint(samples[0], ==, 1000);
    mcp_media_mix_gain(samples, N, mcp_media_gain_from_db(-6.0206));
    g_assert_cmpint(ABS(samples[0] - 500), <=, 1);
    mcp_media_mix_gain(samples, N, mcp_media_gain_from_db(40));
    g_assert_cmpint(samples[0], ==, G_MAXINT16);
    g_assert_cmpuint(mcp_media_mix_level(samples, N), ==, G_MAXINT16);
    g_assert_cmpuint(mcp_media_mix_level(samples, 0), ==, 0);
    mcp_media_mix_fade(samples, N, TRUE);
    g_assert_cmpint(samples[0], ==, 0);
    fill(samples, -1000);
    mcp_media_mix_fade(samples, N, FALSE);
    g_assert_cmpint(samples[N - 1], ==, 0);
    g_assert_cmpint(samples[0], <, -900);
}

static void
note(McpMediaSpeaker *speakers, const guint *levels, guint n, guint ms)
{
    for (guint i = 0; i < n; i++) {
        speakers[i].next = i + 1 < n ? &speakers[i + 1] : NULL;
        mcp_media_speaker_note(&speakers[i], levels[i], ms);
    }
}

static void
test_choose(void)
{
    McpMediaSpeaker speakers[5] = {0};
    const guint levels[5] = {100, 3000, 0, 1000, 2000};
    const guint nearly[5] = {100, 3000, 0, 2200, 2000};
    guint chosen = 0;

    note(speakers, levels, 5, 20);
    mcp_media_floor_choose(speakers, 2);
    g_assert_true(speakers[1].chosen && speakers[4].chosen && !speakers[3].chosen);
    /* A little louder than one who is in is not enough. */
    note(speakers, nearly, 5, 20);
    mcp_media_floor_choose(speakers, 2);
    g_assert_true(speakers[4].chosen && !speakers[3].chosen);
    speakers[2].privileged = TRUE;
    mcp_media_floor_choose(speakers, 2);
    g_assert_true(speakers[1].chosen && speakers[2].chosen && speakers[4].chosen);
    mcp_media_floor_choose(speakers, 0);
    for (guint i = 0; i < 5; i++)
        chosen += speakers[i].chosen;
    g_assert_cmpuint(chosen, ==, 5);
    mcp_media_floor_choose(NULL, 3);
}

static void
test_floor(void)
{
    McpMediaFloor floor = {0};
    char a = 0;
    char b = 0;
    guint changes = 0;

    for (guint ms = 0; ms < 1000; ms += 20)
        changes += mcp_media_floor_step(&floor, &a, 1000, floor.holder == &a ? 1000 : 0, 20);
    g_assert_true(floor.holder == &a);
    /* A cough of another one does not take it. */
    for (guint ms = 0; ms < 200; ms += 20)
        changes += mcp_media_floor_step(&floor, &b, 5000, 1000, 20);
    g_assert_true(floor.holder == &a);
    for (guint ms = 0; ms < 400; ms += 20)
        changes += mcp_media_floor_step(&floor, &b, 5000, 1000, 20);
    g_assert_true(floor.holder == &b);
    for (guint ms = 0; ms < 3000; ms += 20)
        changes += mcp_media_floor_step(&floor, &a, 5, 5, 20);
    g_assert_null(floor.holder);
    g_assert_cmpuint(changes, ==, 3);
    floor.holder = &a;
    g_assert_false(mcp_media_floor_forget(&floor, &b));
    g_assert_true(mcp_media_floor_forget(&floor, &a));
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/mix/minus-one", test_minus_one);
    g_test_add_func("/media/mix/loud", test_loud);
    g_test_add_func("/media/mix/gain", test_gain);
    g_test_add_func("/media/mix/choose", test_choose);
    g_test_add_func("/media/mix/floor", test_floor);
    return g_test_run();
}
