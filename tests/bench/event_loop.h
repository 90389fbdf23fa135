/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop of the bench programs: epoll for descriptors, a binary heap for timers with microsecond
 * due times. One loop belongs to one thread. GLib's main loop is not used because it walks every
 * source on each turn, which would show up in a process that turns a thousand times a second.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

G_BEGIN_DECLS

typedef struct _McpBenchLoop McpBenchLoop;
typedef void (*McpBenchFdFunc)(int fd, guint32 events, gpointer user_data);
typedef void (*McpBenchTimerFunc)(gpointer user_data);

/* A timer lives inside its owner's struct; it must be disarmed before the owner goes. */
typedef struct {
    gint64 due_us;
    guint place; /* position in the heap + 1, 0 while not armed */
    McpBenchTimerFunc func;
    gpointer user_data;
} McpBenchTimer;

/* Monotonic time, microseconds. */
gint64 mcp_bench_now_us(void);

McpBenchLoop *mcp_bench_loop_new(GError **error);
void mcp_bench_loop_free(McpBenchLoop *loop);

/* Watches @fd for @events (EPOLLIN …); @fd stays the caller's. */
gboolean mcp_bench_loop_watch(McpBenchLoop *loop, int fd, guint32 events, McpBenchFdFunc func,
                              gpointer user_data, GError **error);
void mcp_bench_loop_set_events(McpBenchLoop *loop, int fd, guint32 events);
/* Legal inside any callback, also for a descriptor whose event is still pending. */
void mcp_bench_loop_unwatch(McpBenchLoop *loop, int fd);

void mcp_bench_timer_init(McpBenchTimer *timer, McpBenchTimerFunc func, gpointer user_data);
/* Arms or re-arms @timer for the monotonic time @due_us. */
void mcp_bench_loop_arm(McpBenchLoop *loop, McpBenchTimer *timer, gint64 due_us);
void mcp_bench_loop_disarm(McpBenchLoop *loop, McpBenchTimer *timer);

/* Runs until mcp_bench_loop_quit(). */
void mcp_bench_loop_run(McpBenchLoop *loop);
void mcp_bench_loop_quit(McpBenchLoop *loop);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpBenchLoop, mcp_bench_loop_free)

G_END_DECLS
