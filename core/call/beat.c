/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The beats of loops: each says a few times a second that it is alive, somebody looks whether it
 * does. A beat is an atomic increment on the loop's own thread.
 */
#include "call/load_private.h"

#include <unistd.h>

#define BEAT_INTERVAL (250 * G_TIME_SPAN_MILLISECOND)
/* The period that load is judged by: every other beat. */
#define BEATS_A_SAMPLE 2
/* ms without a beat after which a loop gets no new work. */
#define LATE 1000

struct _McpLoopBeat {
    McpLoopLoad *load;
    McpClock *clock;
    GMainContext *context;
    McpTimer *timer;
    gint64 due;
    gboolean sample;
    guint beats;
};

void
mcp_loop_load_beat(McpLoopLoad *load)
{
    if (g_atomic_int_get(&load->thread) == 0)
        g_atomic_int_set(&load->thread, (gint)gettid());
    g_atomic_int_inc(&load->beats);
}

void
mcp_loop_load_rest(McpLoopLoad *load)
{
    g_atomic_int_set(&load->thread, 0);
    g_atomic_int_set(&load->silence, 0);
}

gboolean
mcp_loop_load_is_late(McpLoopLoad *load)
{
    return g_atomic_int_get(&load->silence) >= LATE;
}

const char *
mcp_loop_load_get_name(const McpLoopLoad *load)
{
    return load->name;
}

guint
mcp_loop_load_get_silence(McpLoopLoad *load)
{
    return (guint)g_atomic_int_get(&load->silence);
}

gint
mcp_loop_load_get_thread(McpLoopLoad *load)
{
    return g_atomic_int_get(&load->thread);
}

guint
mcp_load_guard_get_loops(McpLoadGuard *guard)
{
    return (guint)g_atomic_int_get(&guard->n_loops);
}

McpLoopLoad *
mcp_load_guard_get_loop(McpLoadGuard *guard, guint index)
{
    return &guard->loops[index];
}

void
mcp_load_guard_look(McpLoadGuard *guard, gint64 elapsed, gint64 interval)
{
    gint passed = (gint)(CLAMP(elapsed, 0, 2 * interval) / G_TIME_SPAN_MILLISECOND);

    for (guint i = 0; i < mcp_load_guard_get_loops(guard); i++) {
        McpLoopLoad *load = &guard->loops[i];
        gint beats = g_atomic_int_get(&load->beats);

        if (beats == load->seen && g_atomic_int_get(&load->thread) != 0)
            g_atomic_int_add(&load->silence, passed);
        else
            g_atomic_int_set(&load->silence, 0);
        load->seen = beats;
    }
}

static void on_due(gpointer user_data);

static void
schedule(McpLoopBeat *beat)
{
    beat->due = mcp_clock_now(beat->clock) + BEAT_INTERVAL;
    beat->timer = mcp_clock_after(beat->clock, beat->context, BEAT_INTERVAL, on_due, beat);
}

static void
on_due(gpointer user_data)
{
    McpLoopBeat *beat = user_data;

    mcp_timer_clear(&beat->timer);
    mcp_loop_load_beat(beat->load);
    if (beat->sample && ++beat->beats % BEATS_A_SAMPLE == 0)
        mcp_loop_load_sample(beat->load, mcp_clock_now(beat->clock) - beat->due);
    schedule(beat);
}

/* At once: a loop that stands still before its second beat is waited for, too. */
static void
on_first(gpointer user_data)
{
    McpLoopBeat *beat = user_data;

    mcp_timer_clear(&beat->timer);
    mcp_loop_load_beat(beat->load);
    schedule(beat);
}

McpLoopBeat *
mcp_loop_beat_new(McpLoopLoad *load, McpClock *clock, GMainContext *context, gboolean sample)
{
    McpLoopBeat *beat = g_new0(McpLoopBeat, 1);

    beat->load = load;
    beat->clock = g_object_ref(clock);
    beat->context = g_main_context_ref(context);
    beat->sample = sample;
    beat->timer = mcp_clock_after(clock, context, 0, on_first, beat);
    return beat;
}

void
mcp_loop_beat_free(McpLoopBeat *beat)
{
    mcp_timer_clear(&beat->timer);
    mcp_loop_load_rest(beat->load);
    g_main_context_unref(beat->context);
    g_object_unref(beat->clock);
    g_free(beat);
}
