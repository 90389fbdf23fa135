/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The media thread: timer wheel, commands, sockets. Everything here runs on the worker's own thread
 * but what worker.h says otherwise. The only code outside core/clock that looks at the clock of the
 * machine by itself: a slot is late or it is not.
 */
#include "worker.h"

#include "batch.h"

#include <errno.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define EPOLL_BATCH 256
/* A flood on some sockets must not keep the due streams from being ticked. */
#define EPOLL_ROUNDS 4
/* The platform's bounds of lateness are made for loops that answer; packets bear less. */
#define LATENESS_WEIGHT 10
#define LOAD_INTERVAL_US G_USEC_PER_SEC
#define TURN_NS 200000
/* So many more than its share may choose a phase, besides a quarter of the share. */
#define ADVANCED_AT_LEAST 16
/* A thread that sleeps says so, so that one that is stuck is known. */
#define IDLE_BEAT_MS 250

struct _McpMediaWorker {
    gint refs; /* atomic */
    guint index;
    McpMetrics *metrics;
    const McpMediaWorkerRows *rows;
    GThread *thread;
    int epoll_fd, timer_fd, wake_fd;
    McpMediaStack commands;
    McpMediaStack spent; /* commands done, for posters to free */
    gint idle;           /* atomic: sleeps without the timer */
    gint stopping;       /* atomic */
    gint ended;          /* atomic: the thread is gone */
    GMutex ended_lock;   /* held while commands run without the thread */
    gint streams;        /* atomic */
    gint load_permille;  /* atomic */
    McpMediaBlockPool events;
    McpMediaBlockPool packets;
    struct {
        McpMediaTicked *head, *tail;
    } wheel[MCP_MEDIA_SLOTS_MAX];
    guint phase_use[MCP_MEDIA_SLOTS_MAX]; /* streams whose slot is congruent, all periods */
    guint n_added;
    guint64 slot; /* number of the present slot */
    gint64 epoch; /* monotonic µs of slot 0 */
    gint64 wall_offset;
    gint64 busy, load_start;
    gint64 late; /* sum of lateness in the present period, µs */
    guint ticks;
    McpMediaPipe *pipes; /* a list */
    McpLoopLoad *loop;   /* nullable; atomic pointer */
};

static gint64
now_us(clockid_t which)
{
    struct timespec time;

    clock_gettime(which, &time);
    return (gint64)time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static void
wake(McpMediaWorker *self)
{
    const guint64 one = 1;

    if (write(self->wake_fd, &one, sizeof one) < 0)
        g_debug("eventfd: %s", g_strerror(errno));
}

/* --- timer wheel --- */

/* At the end: the streams of a slot keep their order, and so each its distance from the slot. */
static void
wheel_insert(McpMediaWorker *self, McpMediaTicked *ticked)
{
    const guint place = (guint)(ticked->due % MCP_MEDIA_SLOTS_MAX);

    ticked->next = NULL;
    ticked->previous = self->wheel[place].tail;
    if (ticked->previous != NULL)
        ticked->previous->next = ticked;
    else
        self->wheel[place].head = ticked;
    self->wheel[place].tail = ticked;
}

static void
wheel_remove(McpMediaWorker *self, McpMediaTicked *ticked)
{
    const guint place = (guint)(ticked->due % MCP_MEDIA_SLOTS_MAX);

    if (ticked->next != NULL)
        ticked->next->previous = ticked->previous;
    else
        self->wheel[place].tail = ticked->previous;
    if (ticked->previous != NULL)
        ticked->previous->next = ticked->next;
    else
        self->wheel[place].head = ticked->next;
    ticked->next = NULL;
    ticked->previous = NULL;
}

static guint
phase_of(const McpMediaTicked *ticked)
{
    return (guint)(ticked->due % ticked->period);
}

void
mcp_media_worker_add(McpMediaWorker *worker, McpMediaTicked *ticked, guint period)
{
    guint best = 0;

    g_return_if_fail(period > 0 && period < MCP_MEDIA_SLOTS_MAX && !ticked->added);
    for (guint phase = 1; phase < period; phase++)
        if (worker->phase_use[phase] < worker->phase_use[best])
            best = phase;
    ticked->period = period;
    ticked->due = worker->slot + 1;
    while (ticked->due % period != best)
        ticked->due++;
    ticked->added = TRUE;
    worker->phase_use[best]++;
    worker->n_added++;
    wheel_insert(worker, ticked);
}

void
mcp_media_worker_remove(McpMediaWorker *worker, McpMediaTicked *ticked)
{
    if (!ticked->added)
        return;
    worker->phase_use[phase_of(ticked)]--;
    worker->n_added--;
    wheel_remove(worker, ticked);
    ticked->added = FALSE;
}

void
mcp_media_worker_advance(McpMediaWorker *worker, McpMediaTicked *ticked)
{
    guint share = 0, room = 0;
    guint64 slot = worker->slot + 1;

    if (!ticked->added)
        return;
    share = worker->n_added / ticked->period;
    room = share + MAX(share / 4, ADVANCED_AT_LEAST);
    while (slot < ticked->due && worker->phase_use[slot % ticked->period] >= room)
        slot++;
    if (slot >= ticked->due)
        return;
    worker->phase_use[phase_of(ticked)]--;
    wheel_remove(worker, ticked);
    ticked->due = slot;
    worker->phase_use[phase_of(ticked)]++;
    wheel_insert(worker, ticked);
}

void
mcp_media_worker_set_period(McpMediaWorker *worker, McpMediaTicked *ticked, guint period)
{
    if (ticked->period == period)
        return;
    if (ticked->added) {
        mcp_media_worker_remove(worker, ticked);
        mcp_media_worker_add(worker, ticked, period);
    } else {
        ticked->period = period;
    }
}

/* Ticks what stands in one place of the wheel and is due by @slot. */
static void
run_place(McpMediaWorker *self, guint place, guint64 slot, gint64 now)
{
    McpMediaTicked *ticked = self->wheel[place].head;
    const McpMediaTicked *last = self->wheel[place].tail;
    guint64 skipped = 0;

    while (ticked != NULL) {
        /* What comes back to this very place stands behind the last one and has had its turn. */
        McpMediaTicked *next = ticked == last ? NULL : ticked->next;

        if (ticked->due <= slot) {
            ticked->klass->tick(ticked, now);
            if (ticked->added) {
                wheel_remove(self, ticked);
                for (ticked->due += ticked->period; ticked->due <= slot;
                     ticked->due += ticked->period, skipped++)
                    ticked->skipped++;
                wheel_insert(self, ticked);
            }
        }
        ticked = next;
    }
    if (skipped > 0 && self->metrics != NULL)
        mcp_metrics_add(self->metrics, self->rows->skipped, 0, (gint64)skipped);
}

static void
run_slots(McpMediaWorker *self, guint64 passed, gint64 now)
{
    const guint64 last = self->slot + passed;
    const guint64 first = last - MIN(passed, MCP_MEDIA_SLOTS_MAX) + 1;

    /* The present slot is set first: what is added meanwhile falls due after it. */
    self->slot = last;
    for (guint64 slot = first; slot <= last; slot++)
        run_place(self, (guint)(slot % MCP_MEDIA_SLOTS_MAX), last, now);
}

/* --- what other workers have --- */

void
mcp_media_worker_attach_pipe(McpMediaWorker *worker, McpMediaPipe *pipe)
{
    if (pipe->attached)
        return;
    pipe->attached = TRUE;
    pipe->next = worker->pipes;
    worker->pipes = pipe;
}

void
mcp_media_worker_detach_pipe(McpMediaWorker *worker, McpMediaPipe *pipe)
{
    McpMediaPipe **at = &worker->pipes;

    while (*at != NULL && *at != pipe)
        at = &(*at)->next;
    if (*at == NULL)
        return;
    *at = pipe->next;
    pipe->attached = FALSE;
}

static void
drain_pipes(McpMediaWorker *self, gint64 now)
{
    for (McpMediaPipe *pipe = self->pipes; pipe != NULL; pipe = pipe->next)
        mcp_media_pipe_drain(pipe, now);
}

/* --- sockets --- */

gboolean
mcp_media_worker_watch(McpMediaWorker *worker, McpMediaTicked *ticked, int fd, McpMediaSocket which)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (guintptr)ticked | which};

    return epoll_ctl(worker->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

void
mcp_media_worker_unwatch(McpMediaWorker *worker, int fd)
{
    epoll_ctl(worker->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

/* --- commands --- */

static void
run_commands(McpMediaWorker *self, gint64 now)
{
    McpMediaLink *link = mcp_media_stack_take(&self->commands);

    while (link != NULL) {
        McpMediaLink *next = link->next;
        McpMediaCommand *command = (McpMediaCommand *)link;

        command->run(command, now);
        mcp_media_stack_push(&self->spent, link);
        link = next;
    }
}

/*
 * One datagram a socket and round: with a packet every 20 ms there is one, and the call that would
 * only say EAGAIN is saved.
 */
static void
read_sockets(McpMediaWorker *self, gint64 now)
{
    struct epoll_event events[EPOLL_BATCH];

    for (guint round = 0; round < EPOLL_ROUNDS * (1 + self->n_added / EPOLL_BATCH); round++) {
        int n = 0;

        /* What was asked for before a packet was sent counts for that packet. */
        run_commands(self, now);
        n = epoll_wait(self->epoll_fd, events, EPOLL_BATCH, 0);
        if (n <= 0)
            return;
        for (int i = 0; i < n; i++) {
            guintptr tagged = (guintptr)events[i].data.u64;
            McpMediaTicked *ticked = (McpMediaTicked *)(tagged & ~(guintptr)1);

            if (ticked != NULL)
                ticked->klass->receive(ticked, (McpMediaSocket)(tagged & 1), now);
        }
    }
}

static void
free_commands(McpMediaStack *stack)
{
    McpMediaLink *link = mcp_media_stack_take(stack);

    while (link != NULL) {
        McpMediaLink *next = link->next;
        McpMediaCommand *command = (McpMediaCommand *)link;

        command->free(command);
        link = next;
    }
}

/* Streams outlive a stopped worker: their last commands run on the threads that post them. */
static void
run_commands_after_end(McpMediaWorker *self)
{
    g_mutex_lock(&self->ended_lock);
    run_commands(self, now_us(CLOCK_MONOTONIC));
    g_mutex_unlock(&self->ended_lock);
    /* Nobody may post another one, and what commands hold may hold this worker. */
    free_commands(&self->spent);
}

void
mcp_media_worker_post(McpMediaWorker *worker, McpMediaCommand *command)
{
    if (!mcp_media_batch_keep(worker, command))
        mcp_media_worker_post_chain(worker, &command->link, &command->link);
}

void
mcp_media_worker_post_chain(McpMediaWorker *worker, McpMediaLink *newest, McpMediaLink *oldest)
{
    free_commands(&worker->spent);
    mcp_media_stack_push_chain(&worker->commands, newest, oldest);
    if (g_atomic_int_get(&worker->ended)) {
        mcp_media_worker_ref(worker);
        run_commands_after_end(worker);
        mcp_media_worker_unref(worker);
        return;
    }
    if (g_atomic_int_compare_and_exchange(&worker->idle, TRUE, FALSE))
        wake(worker);
}

void
mcp_media_worker_tidy(McpMediaWorker *worker)
{
    free_commands(&worker->spent);
}

/* --- the thread --- */

static void
drain_wake(McpMediaWorker *self)
{
    guint64 value = 0;

    if (read(self->wake_fd, &value, sizeof value) < 0 && errno != EAGAIN)
        g_debug("eventfd: %s", g_strerror(errno));
}

static void
arm_timer(McpMediaWorker *self, gboolean on)
{
    struct itimerspec spec = {0};

    if (on) {
        self->epoch = now_us(CLOCK_MONOTONIC) - (gint64)self->slot * MCP_MEDIA_SLOT_US;
        spec.it_interval.tv_nsec = MCP_MEDIA_SLOT_US * 1000L;
        spec.it_value.tv_sec =
            (self->epoch + (gint64)(self->slot + 1) * MCP_MEDIA_SLOT_US) / G_USEC_PER_SEC;
        spec.it_value.tv_nsec =
            (self->epoch + (gint64)(self->slot + 1) * MCP_MEDIA_SLOT_US) % G_USEC_PER_SEC * 1000;
    }
    timerfd_settime(self->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

static void
begin_period(McpMediaWorker *self, gint64 now)
{
    self->load_start = now;
    self->busy = 0;
    self->late = 0;
    self->ticks = 0;
}

static void
report(McpMediaWorker *self, guint percent, gint64 delay)
{
    McpLoopLoad *loop = g_atomic_pointer_get(&self->loop);

    if (loop != NULL)
        mcp_loop_load_set(loop, percent, delay);
}

static void
beat(McpMediaWorker *self)
{
    McpLoopLoad *loop = g_atomic_pointer_get(&self->loop);

    if (loop != NULL)
        mcp_loop_load_beat(loop);
}

/* Without a stream the thread costs next to nothing: it waits for the next command. */
static void
sleep_idle(McpMediaWorker *self)
{
    struct epoll_event event;

    arm_timer(self, FALSE);
    g_atomic_int_set(&self->load_permille, 0);
    if (self->metrics != NULL)
        mcp_metrics_set(self->metrics, self->rows->load, self->index, 0);
    report(self, 0, 0);
    g_atomic_int_set(&self->idle, TRUE);
    while (mcp_media_stack_is_empty(&self->commands) && !g_atomic_int_get(&self->stopping) &&
           g_atomic_int_get(&self->idle)) {
        beat(self);
        epoll_wait(self->epoll_fd, &event, 1, IDLE_BEAT_MS);
    }
    g_atomic_int_set(&self->idle, FALSE);
    drain_wake(self);
    arm_timer(self, TRUE);
    begin_period(self, now_us(CLOCK_MONOTONIC));
}

static void
note_times(McpMediaWorker *self, gint64 started, guint64 passed)
{
    gint64 ended = now_us(CLOCK_MONOTONIC);
    gint64 late = started - (self->epoch + (gint64)(self->slot - passed + 1) * MCP_MEDIA_SLOT_US);
    gint64 elapsed = ended - self->load_start;

    self->busy += ended - started;
    self->late += MAX(late, 0);
    self->ticks++;
    if (self->metrics != NULL)
        mcp_metrics_observe(self->metrics, self->rows->lateness, 0,
                            (double)MAX(late, 0) / G_USEC_PER_SEC);
    if (elapsed < LOAD_INTERVAL_US)
        return;
    g_atomic_int_set(&self->load_permille, (gint)(self->busy * 1000 / elapsed));
    if (self->metrics != NULL)
        mcp_metrics_set(self->metrics, self->rows->load, self->index, self->busy * 100 / elapsed);
    report(self, (guint)(self->busy * 100 / elapsed),
           self->late * LATENESS_WEIGHT / MAX(self->ticks, 1));
    begin_period(self, ended);
}

static void
shut_streams_down(McpMediaWorker *self)
{
    gint64 now = now_us(CLOCK_MONOTONIC);

    run_commands(self, now);
    for (guint place = 0; place < MCP_MEDIA_SLOTS_MAX; place++) {
        while (self->wheel[place].head != NULL) {
            McpMediaTicked *ticked = self->wheel[place].head;

            ticked->klass->shutdown(ticked, now);
            mcp_media_worker_remove(self, ticked);
        }
    }
}

/* Layout of the kernel's struct sched_attr, first version: the C library has none. */
typedef struct {
    guint32 size;
    guint32 policy;
    guint64 flags;
    gint32 nice;
    guint32 priority;
    guint64 runtime;
    guint64 deadline;
    guint64 period;
} SchedulerAttributes;

/*
 * Asks for short turns: who runs for a moment only is let in sooner (Linux 6.12; older ones take
 * no notice). Needs no privilege and takes nothing from others.
 */
static void
ask_for_short_turns(void)
{
    const SchedulerAttributes attributes = {
        .size = sizeof attributes,
        .nice = getpriority(PRIO_PROCESS, 0),
        .runtime = TURN_NS,
    };

    if (sched_getscheduler(0) == SCHED_OTHER)
        syscall(SYS_sched_setattr, 0, &attributes, 0);
}

static gpointer
worker_main(gpointer user_data)
{
    McpMediaWorker *self = user_data;

    ask_for_short_turns();
    self->load_start = now_us(CLOCK_MONOTONIC);
    arm_timer(self, TRUE);
    while (!g_atomic_int_get(&self->stopping)) {
        guint64 passed = 0;
        gint64 now = 0;

        if (self->n_added == 0) {
            sleep_idle(self);
            run_commands(self, now_us(CLOCK_MONOTONIC));
            continue;
        }
        if (read(self->timer_fd, &passed, sizeof passed) != sizeof passed)
            continue;
        beat(self);
        now = now_us(CLOCK_MONOTONIC);
        self->wall_offset = now_us(CLOCK_REALTIME) - now;
        run_commands(self, now);
        /* What is due leaves first: how much came in does not shift it. */
        run_slots(self, passed, now);
        drain_pipes(self, now);
        read_sockets(self, now);
        note_times(self, now, passed);
    }
    shut_streams_down(self);
    if (g_atomic_pointer_get(&self->loop) != NULL)
        mcp_loop_load_rest(self->loop);
    return NULL;
}

/* --- life --- */

static gboolean
open_descriptors(McpMediaWorker *self, GError **error)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = 0};

    self->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    self->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    self->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (self->epoll_fd >= 0 && self->timer_fd >= 0 && self->wake_fd >= 0 &&
        epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, self->wake_fd, &event) == 0)
        return TRUE;
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
                "cannot open the descriptors of media worker %u: %s", self->index,
                g_strerror(errno));
    return FALSE;
}

McpMediaWorker *
mcp_media_worker_new(guint index, McpMetrics *metrics, const McpMediaWorkerRows *rows,
                     GError **error)
{
    McpMediaWorker *self = g_new0(McpMediaWorker, 1);
    g_autofree char *name = g_strdup_printf("mcp-media-%u", index);

    self->refs = 1;
    g_mutex_init(&self->ended_lock);
    self->index = index;
    self->metrics = metrics;
    self->rows = rows;
    self->epoll_fd = self->timer_fd = self->wake_fd = -1;
    mcp_media_block_pool_init(&self->events, MCP_MEDIA_EVENT_SIZE, 32);
    mcp_media_block_pool_init(&self->packets, MCP_MEDIA_PACKET_SIZE, 16);
    if (open_descriptors(self, error))
        self->thread = g_thread_try_new(name, worker_main, self, error);
    if (self->thread == NULL)
        g_clear_pointer(&self, mcp_media_worker_unref);
    return self;
}

McpMediaWorker *
mcp_media_worker_ref(McpMediaWorker *worker)
{
    g_atomic_int_inc(&worker->refs);
    return worker;
}

void
mcp_media_worker_stop(McpMediaWorker *worker)
{
    if (worker->thread == NULL)
        return;
    g_atomic_int_set(&worker->stopping, TRUE);
    g_atomic_int_set(&worker->idle, FALSE);
    wake(worker);
    g_thread_join(g_steal_pointer(&worker->thread));
    g_atomic_int_set(&worker->ended, TRUE);
    run_commands_after_end(worker);
}

void
mcp_media_worker_unref(McpMediaWorker *worker)
{
    if (!g_atomic_int_dec_and_test(&worker->refs))
        return;
    mcp_media_worker_stop(worker);
    free_commands(&worker->commands);
    free_commands(&worker->spent);
    for (guint i = 0; i < 3; i++) {
        int fd = ((int[]){worker->epoll_fd, worker->timer_fd, worker->wake_fd})[i];

        if (fd >= 0)
            close(fd);
    }
    mcp_media_block_pool_clear(&worker->events);
    mcp_media_block_pool_clear(&worker->packets);
    g_mutex_clear(&worker->ended_lock);
    g_free(worker);
}

guint
mcp_media_worker_get_streams(McpMediaWorker *worker)
{
    return (guint)g_atomic_int_get(&worker->streams);
}

void
mcp_media_worker_place(McpMediaWorker *worker, gint delta)
{
    g_atomic_int_add(&worker->streams, delta);
}

void
mcp_media_worker_set_loop(McpMediaWorker *worker, McpLoopLoad *loop)
{
    g_atomic_pointer_set(&worker->loop, loop);
}

McpLoopLoad *
mcp_media_worker_get_loop(McpMediaWorker *worker)
{
    return g_atomic_pointer_get(&worker->loop);
}

gboolean
mcp_media_worker_is_late(McpMediaWorker *worker)
{
    McpLoopLoad *loop = g_atomic_pointer_get(&worker->loop);

    return loop != NULL && mcp_loop_load_is_late(loop);
}

double
mcp_media_worker_get_load(McpMediaWorker *worker)
{
    return g_atomic_int_get(&worker->load_permille) / 1000.0;
}

gint64
mcp_media_worker_wall_offset(McpMediaWorker *worker)
{
    return worker->wall_offset;
}

McpMediaBlockPool *
mcp_media_worker_get_events(McpMediaWorker *worker)
{
    return &worker->events;
}

guint64
mcp_media_worker_get_slot(McpMediaWorker *worker)
{
    return worker->slot;
}

McpMediaBlockPool *
mcp_media_worker_get_packets(McpMediaWorker *worker)
{
    return &worker->packets;
}
