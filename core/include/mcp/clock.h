/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib-object.h>

G_BEGIN_DECLS

#define MCP_TYPE_CLOCK (mcp_clock_get_type())
G_DECLARE_FINAL_TYPE(McpClock, mcp_clock, MCP, CLOCK, GObject)

/** McpTimer: a one-shot timer; owned by whoever made it, freed once with mcp_timer_free(). */
typedef struct _McpTimer McpTimer;

/** McpTimerFunc: runs once on the context that the timer was made for. */
typedef void (*McpTimerFunc)(gpointer user_data);

/** mcp_clock_new: (transfer full): the real clock: monotonic and wall time of the machine. */
McpClock *mcp_clock_new(void);

/**
 * mcp_clock_new_virtual: (transfer full): a clock that stands still until mcp_clock_advance(); its
 * wall time begins at 2030-01-01T00:00:00Z.
 */
McpClock *mcp_clock_new_virtual(void);

/** mcp_clock_is_virtual: whether it moves by mcp_clock_advance() alone. Any thread. */
gboolean mcp_clock_is_virtual(McpClock *clock);

/** mcp_clock_now: monotonic time in µs. Any thread. */
gint64 mcp_clock_now(McpClock *clock);

/** mcp_clock_wall: wall time in µs since 1970 (UTC), for records only. Any thread. */
gint64 mcp_clock_wall(McpClock *clock);

/**
 * mcp_clock_after:
 * @clock: the clock
 * @context: (nullable): context on which @func runs; NULL for the thread-default one
 * @delay: µs from now, 0 or more
 * @func: called once
 * @user_data: for @func; must outlive the timer
 *
 * Returns: (transfer full): the timer. Free it on the thread that runs @context (before or after it
 * fired): @func is then certain not to run any more.
 */
McpTimer *mcp_clock_after(McpClock *clock, GMainContext *context, gint64 delay, McpTimerFunc func,
                          gpointer user_data);

/** mcp_timer_free: cancels if still pending, and frees. May be called inside its own callback. */
void mcp_timer_free(McpTimer *timer);

/** mcp_timer_clear: frees *@timer if it is set and sets it to NULL. */
void mcp_timer_clear(McpTimer **timer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpTimer, mcp_timer_free)

/**
 * mcp_clock_advance:
 * @clock: a virtual clock
 * @delta: µs
 *
 * Moves a virtual clock on. Timers fall due in order of time; each runs on its own context, so the
 * caller iterates its contexts between steps. mcp_clock_next() tells how far the next timer is.
 */
void mcp_clock_advance(McpClock *clock, gint64 delta);

/** mcp_clock_next: µs until the next timer of a virtual clock, -1 if there is none. */
gint64 mcp_clock_next(McpClock *clock);

G_END_DECLS
