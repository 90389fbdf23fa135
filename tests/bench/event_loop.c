/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the epoll descriptor, the watches and the timer heap of one thread of a bench program.
 */
#include "event_loop.h"

#include <errno.h>
#include <gio/gio.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_A_TURN 256

typedef struct {
    int fd;
    gboolean removed;
    McpBenchFdFunc func;
    gpointer user_data;
} Watch;

struct _McpBenchLoop {
    int epoll_fd;
    gboolean quit;
    GHashTable *watches; /* fd -> Watch */
    GPtrArray *removed;  /* freed at the end of the turn: epoll may still hold their address */
    GPtrArray *heap;     /* McpBenchTimer, not owned, earliest first */
};

gint64
mcp_bench_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

McpBenchLoop *
mcp_bench_loop_new(GError **error)
{
    int fd = epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "cannot create epoll: %s",
                    g_strerror(errno));
        return NULL;
    }
    McpBenchLoop *loop = g_new0(McpBenchLoop, 1);
    loop->epoll_fd = fd;
    loop->watches = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    loop->removed = g_ptr_array_new_with_free_func(g_free);
    loop->heap = g_ptr_array_new();
    return loop;
}

void
mcp_bench_loop_free(McpBenchLoop *loop)
{
    g_hash_table_unref(loop->watches);
    g_ptr_array_unref(loop->removed);
    g_ptr_array_unref(loop->heap);
    close(loop->epoll_fd);
    g_free(loop);
}

gboolean
mcp_bench_loop_watch(McpBenchLoop *loop, int fd, guint32 events, McpBenchFdFunc func,
                     gpointer user_data, GError **error)
{
    Watch *watch = g_new0(Watch, 1);
    watch->fd = fd;
    watch->func = func;
    watch->user_data = user_data;
    struct epoll_event event = {.events = events, .data.ptr = watch};
    if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
        g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "cannot watch fd %d: %s", fd,
                    g_strerror(errno));
        g_free(watch);
        return FALSE;
    }
    g_hash_table_insert(loop->watches, GINT_TO_POINTER(fd), watch);
    return TRUE;
}

void
mcp_bench_loop_set_events(McpBenchLoop *loop, int fd, guint32 events)
{
    Watch *watch = g_hash_table_lookup(loop->watches, GINT_TO_POINTER(fd));
    if (watch == NULL)
        return;
    struct epoll_event event = {.events = events, .data.ptr = watch};
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, fd, &event);
}

void
mcp_bench_loop_unwatch(McpBenchLoop *loop, int fd)
{
    Watch *watch = NULL;
    gpointer value = NULL;
    if (!g_hash_table_steal_extended(loop->watches, GINT_TO_POINTER(fd), NULL, &value))
        return;
    watch = value;
    watch->removed = TRUE;
    g_ptr_array_add(loop->removed, watch);
    epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

void
mcp_bench_timer_init(McpBenchTimer *timer, McpBenchTimerFunc func, gpointer user_data)
{
    timer->due_us = 0;
    timer->place = 0;
    timer->func = func;
    timer->user_data = user_data;
}

static McpBenchTimer *
heap_at(McpBenchLoop *loop, guint place)
{
    return g_ptr_array_index(loop->heap, place - 1);
}

static void
heap_put(McpBenchLoop *loop, guint place, McpBenchTimer *timer)
{
    g_ptr_array_index(loop->heap, place - 1) = timer;
    timer->place = place;
}

static void
heap_rise(McpBenchLoop *loop, McpBenchTimer *timer)
{
    guint place = timer->place;
    while (place > 1 && heap_at(loop, place / 2)->due_us > timer->due_us) {
        heap_put(loop, place, heap_at(loop, place / 2));
        place /= 2;
    }
    heap_put(loop, place, timer);
}

static void
heap_sink(McpBenchLoop *loop, McpBenchTimer *timer)
{
    guint place = timer->place;
    for (;;) {
        guint child = place * 2;
        if (child > loop->heap->len)
            break;
        if (child < loop->heap->len &&
            heap_at(loop, child + 1)->due_us < heap_at(loop, child)->due_us)
            child++;
        if (heap_at(loop, child)->due_us >= timer->due_us)
            break;
        heap_put(loop, place, heap_at(loop, child));
        place = child;
    }
    heap_put(loop, place, timer);
}

void
mcp_bench_loop_arm(McpBenchLoop *loop, McpBenchTimer *timer, gint64 due_us)
{
    timer->due_us = due_us;
    if (timer->place == 0) {
        g_ptr_array_add(loop->heap, timer);
        timer->place = loop->heap->len;
    }
    heap_rise(loop, timer);
    heap_sink(loop, timer);
}

void
mcp_bench_loop_disarm(McpBenchLoop *loop, McpBenchTimer *timer)
{
    if (timer->place == 0)
        return;
    guint place = timer->place;
    McpBenchTimer *last = heap_at(loop, loop->heap->len);
    g_ptr_array_set_size(loop->heap, loop->heap->len - 1);
    timer->place = 0;
    if (last == timer)
        return;
    heap_put(loop, place, last);
    heap_rise(loop, last);
    heap_sink(loop, last);
}

static void
run_due_timers(McpBenchLoop *loop)
{
    gint64 now = mcp_bench_now_us();
    while (!loop->quit && loop->heap->len > 0 && heap_at(loop, 1)->due_us <= now) {
        McpBenchTimer *timer = heap_at(loop, 1);
        mcp_bench_loop_disarm(loop, timer);
        timer->func(timer->user_data);
    }
}

static int
wait_events(McpBenchLoop *loop, struct epoll_event *events)
{
    struct timespec wait = {.tv_sec = 1};
    if (loop->heap->len > 0) {
        gint64 left = MAX(heap_at(loop, 1)->due_us - mcp_bench_now_us(), 0);
        wait.tv_sec = left / G_USEC_PER_SEC;
        wait.tv_nsec = left % G_USEC_PER_SEC * 1000;
    }
    return epoll_pwait2(loop->epoll_fd, events, EVENTS_A_TURN, &wait, NULL);
}

void
mcp_bench_loop_run(McpBenchLoop *loop)
{
    struct epoll_event events[EVENTS_A_TURN];
    loop->quit = FALSE;
    while (!loop->quit) {
        int n = wait_events(loop, events);
        for (int i = 0; i < n && !loop->quit; i++) {
            Watch *watch = events[i].data.ptr;
            if (!watch->removed)
                watch->func(watch->fd, events[i].events, watch->user_data);
        }
        g_ptr_array_set_size(loop->removed, 0);
        run_due_timers(loop);
    }
}

void
mcp_bench_loop_quit(McpBenchLoop *loop)
{
    loop->quit = TRUE;
}
