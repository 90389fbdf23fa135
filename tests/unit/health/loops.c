/* SPDX-License-Identifier: Apache-2.0 */
/* Beats that come and that are missing. Looks are taken by hand: no clock is asked. */
#include "call/load.h"
#include "health/limits.h"

#define INTERVAL (200 * G_TIME_SPAN_MILLISECOND)

static void
look(McpLoadGuard *guard, guint times)
{
    for (guint i = 0; i < times; i++)
        mcp_load_guard_look(guard, INTERVAL, INTERVAL);
}

static void
test_silence(void)
{
    McpLoadGuard *guard = mcp_load_guard_new();
    McpLoopLoad *good = mcp_load_guard_add(guard, "shard-0");
    McpLoopLoad *bad = mcp_load_guard_add(guard, "shard-1");
    guint looks = 0;

    mcp_loop_load_beat(good);
    mcp_loop_load_beat(bad);
    look(guard, 1);
    for (; mcp_loop_load_get_silence(bad) < MCP_LOOP_STUCK; looks++) {
        mcp_loop_load_beat(good);
        look(guard, 1);
        g_assert_cmpint(mcp_loop_load_is_late(bad), ==, looks >= 4);
    }
    /* Eight looks without a beat, and two more that may be added at the ends, are two seconds. */
    g_assert_cmpuint(looks, ==, 8);
    g_assert_cmpuint(mcp_loop_load_get_silence(good), ==, 0);
    g_assert_false(mcp_loop_load_is_late(good));
    mcp_loop_load_beat(bad);
    look(guard, 1);
    g_assert_cmpuint(mcp_loop_load_get_silence(bad), ==, 0);
    mcp_load_guard_free(guard);
}

/* When the process was stopped for an hour, no loop is to blame. */
static void
test_standstill(void)
{
    McpLoadGuard *guard = mcp_load_guard_new();
    McpLoopLoad *load = mcp_load_guard_add(guard, "sip");

    mcp_loop_load_beat(load);
    look(guard, 1);
    mcp_load_guard_look(guard, G_TIME_SPAN_HOUR, INTERVAL);
    g_assert_cmpuint(mcp_loop_load_get_silence(load), ==, 2 * INTERVAL / 1000);
    mcp_load_guard_free(guard);
}

/* Nobody waits for a loop before its first beat, and after its last one. */
static void
test_rest(void)
{
    McpLoadGuard *guard = mcp_load_guard_new();
    McpLoopLoad *load = mcp_load_guard_add(guard, "media-0");

    look(guard, 100);
    g_assert_cmpuint(mcp_loop_load_get_silence(load), ==, 0);
    mcp_loop_load_beat(load);
    g_assert_cmpint(mcp_loop_load_get_thread(load), !=, 0);
    look(guard, 20);
    g_assert_true(mcp_loop_load_is_late(load));
    mcp_loop_load_rest(load);
    g_assert_false(mcp_loop_load_is_late(load));
    look(guard, 20);
    g_assert_cmpuint(mcp_loop_load_get_silence(load), ==, 0);
    g_assert_cmpint(mcp_loop_load_get_thread(load), ==, 0);
    mcp_loop_load_beat(load);
    look(guard, 20);
    g_assert_true(mcp_loop_load_is_late(load));
    mcp_load_guard_free(guard);
}

static void
test_beat(void)
{
    McpLoadGuard *guard = mcp_load_guard_new();
    McpLoopLoad *load = mcp_load_guard_add(guard, "control");
    g_autoptr(McpClock) clock = mcp_clock_new_virtual();
    g_autoptr(GMainContext) context = g_main_context_new();
    McpLoopBeat *beat = mcp_loop_beat_new(load, clock, context, TRUE);

    for (guint i = 0; i < 40; i++) {
        mcp_clock_advance(clock, 250 * G_TIME_SPAN_MILLISECOND);
        while (g_main_context_iteration(context, FALSE))
            ;
        look(guard, 1);
        g_assert_cmpuint(mcp_loop_load_get_silence(load), ==, 0);
    }
    look(guard, 1);
    g_assert_cmpuint(mcp_loop_load_get_silence(load), >, 0);
    mcp_loop_beat_free(beat);
    g_assert_cmpint(mcp_loop_load_get_thread(load), ==, 0);
    mcp_load_guard_free(guard);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/health/silence", test_silence);
    g_test_add_func("/health/standstill", test_standstill);
    g_test_add_func("/health/rest", test_rest);
    g_test_add_func("/health/beat", test_beat);
    return g_test_run();
}
