/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The injected clock. Each context has one GSource that carries a heap of its timers: a loop with
 * thousands of timers looks at one source. The lock guards heaps and the virtual time; callbacks
 * run
 * without it, on the timer's context.
 */
#include <gio/gio.h>
#include <mcp/clock.h>
#include <mcp/ledger.h>

#define VIRTUAL_EPOCH G_GINT64_CONSTANT(1893456000000000) /* 2030-01-01T00:00:00Z in µs */

MCP_LEDGER_DEFINE(McpTimer);

typedef struct _TimerSource TimerSource;

struct _McpTimer {
    McpClock *clock;
    TimerSource *source; /* NULL once fired */
    gint64 due;          /* µs on the clock */
    guint64 order;       /* equal times fire in order of making */
    guint index;         /* in the heap */
    McpTimerFunc func;
    gpointer user_data;
};

struct _TimerSource {
    GSource source;
    McpClock *clock; /* borrowed: the clock destroys its sources first */
    GMainContext *context;
    GPtrArray *heap;
};

struct _McpClock {
    GObject parent_instance;
    gboolean is_virtual;
    GMutex lock;
    GHashTable *sources; /* GMainContext → TimerSource, under lock */
    gint64 now;          /* virtual µs, under lock */
    guint64 next_order;
};

G_DEFINE_FINAL_TYPE(McpClock, mcp_clock, G_TYPE_OBJECT)

static gint64
clock_now_locked(McpClock *clock)
{
    return clock->is_virtual ? clock->now : g_get_monotonic_time();
}

static gboolean
timer_before(const McpTimer *a, const McpTimer *b)
{
    return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void
heap_place(GPtrArray *heap, guint index, McpTimer *timer)
{
    heap->pdata[index] = timer;
    timer->index = index;
}

static void
heap_up(GPtrArray *heap, guint index)
{
    McpTimer *timer = heap->pdata[index];

    while (index > 0 && timer_before(timer, heap->pdata[(index - 1) / 2])) {
        heap_place(heap, index, heap->pdata[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    heap_place(heap, index, timer);
}

static void
heap_down(GPtrArray *heap, guint index)
{
    McpTimer *timer = heap->pdata[index];

    for (;;) {
        guint child = 2 * index + 1;

        if (child + 1 < heap->len && timer_before(heap->pdata[child + 1], heap->pdata[child]))
            child++;
        if (child >= heap->len || !timer_before(heap->pdata[child], timer))
            break;
        heap_place(heap, index, heap->pdata[child]);
        index = child;
    }
    heap_place(heap, index, timer);
}

static void
heap_remove(GPtrArray *heap, guint index)
{
    McpTimer *last = heap->pdata[heap->len - 1];

    g_ptr_array_set_size(heap, (gint)heap->len - 1);
    if (index == heap->len)
        return;
    heap_place(heap, index, last);
    heap_up(heap, index);
    heap_down(heap, last->index);
}

/* µs until the first timer of @source is due: 0 now, -1 never or not before the clock is moved. */
static gint64
source_wait_locked(const TimerSource *source)
{
    const McpTimer *first = source->heap->len > 0 ? source->heap->pdata[0] : NULL;
    gint64 now = clock_now_locked(source->clock);

    if (first == NULL)
        return -1;
    if (first->due <= now)
        return 0;
    return source->clock->is_virtual ? -1 : first->due - now;
}

/*
 * The loop asks for the time to wait before it sleeps, so only a loop that may be asleep has to be
 * told of an earlier timer: g_source_set_ready_time() would cost a system call for each timer.
 */
static void
source_tell_locked(TimerSource *source)
{
    if (!g_main_context_is_owner(source->context))
        g_main_context_wakeup(source->context);
}

static gboolean
source_prepare(GSource *base, gint *timeout)
{
    TimerSource *source = (TimerSource *)base;
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&source->clock->lock);
    gint64 wait = source_wait_locked(source);

    /* Rounded up: a timer never fires early, and the loop never spins for the last millisecond. */
    *timeout = wait < 0 ? -1 : (gint)MIN((wait + 999) / 1000, G_MAXINT);
    return wait == 0;
}

static gboolean
source_check(GSource *base)
{
    TimerSource *source = (TimerSource *)base;
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&source->clock->lock);

    return source_wait_locked(source) == 0;
}

static McpTimer *
source_pop_due(TimerSource *source)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&source->clock->lock);
    McpTimer *timer = source->heap->len > 0 ? source->heap->pdata[0] : NULL;

    if (timer == NULL || timer->due > clock_now_locked(source->clock))
        return NULL;
    heap_remove(source->heap, 0);
    timer->source = NULL;
    return timer;
}

/* One timer a dispatch: other sources of the context get their turn in between. */
static gboolean
source_dispatch(GSource *base, GSourceFunc func, gpointer user_data)
{
    McpTimer *timer = source_pop_due((TimerSource *)base);

    if (timer != NULL)
        timer->func(timer->user_data);
    return G_SOURCE_CONTINUE;
}

/* The context went away before the clock did. */
static void
source_finalize(GSource *base)
{
    TimerSource *source = (TimerSource *)base;

    if (source->clock != NULL) {
        g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&source->clock->lock);

        g_hash_table_remove(source->clock->sources, source->context);
        for (guint i = 0; i < source->heap->len; i++)
            ((McpTimer *)source->heap->pdata[i])->source = NULL;
    }
    g_ptr_array_unref(source->heap);
}

static GSourceFuncs source_funcs = {
    .prepare = source_prepare,
    .check = source_check,
    .dispatch = source_dispatch,
    .finalize = source_finalize,
};

static TimerSource *
clock_source_locked(McpClock *clock, GMainContext *context)
{
    TimerSource *source = g_hash_table_lookup(clock->sources, context);

    if (source != NULL)
        return source;
    source = (TimerSource *)g_source_new(&source_funcs, sizeof *source);
    source->clock = clock;
    source->context = context;
    source->heap = g_ptr_array_new();
    g_source_set_static_name((GSource *)source, "mcp-clock");
    g_hash_table_insert(clock->sources, context, source);
    g_source_attach((GSource *)source, context);
    g_source_unref((GSource *)source); /* the context owns it */
    return source;
}

static void
mcp_clock_finalize(GObject *object)
{
    McpClock *clock = MCP_CLOCK(object);
    GHashTableIter iter;
    TimerSource *source;

    g_hash_table_iter_init(&iter, clock->sources);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&source)) {
        source->clock = NULL;
        g_source_destroy((GSource *)source);
    }
    g_hash_table_unref(clock->sources);
    g_mutex_clear(&clock->lock);
    G_OBJECT_CLASS(mcp_clock_parent_class)->finalize(object);
}

static void
mcp_clock_class_init(McpClockClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_clock_finalize;
}

static void
mcp_clock_init(McpClock *clock)
{
    g_mutex_init(&clock->lock);
    clock->sources = g_hash_table_new(NULL, NULL);
}

McpClock *
mcp_clock_new(void)
{
    return g_object_new(MCP_TYPE_CLOCK, NULL);
}

McpClock *
mcp_clock_new_virtual(void)
{
    McpClock *clock = g_object_new(MCP_TYPE_CLOCK, NULL);

    clock->is_virtual = TRUE;
    return clock;
}

gboolean
mcp_clock_is_virtual(McpClock *clock)
{
    return clock->is_virtual;
}

gint64
mcp_clock_now(McpClock *clock)
{
    g_autoptr(GMutexLocker) locker = NULL;

    if (!clock->is_virtual)
        return g_get_monotonic_time();
    locker = g_mutex_locker_new(&clock->lock);
    return clock->now;
}

gint64
mcp_clock_wall(McpClock *clock)
{
    return clock->is_virtual ? VIRTUAL_EPOCH + mcp_clock_now(clock) : g_get_real_time();
}

McpTimer *
mcp_clock_after(McpClock *clock, GMainContext *context, gint64 delay, McpTimerFunc func,
                gpointer user_data)
{
    g_autoptr(GMainContext) own = context == NULL ? g_main_context_ref_thread_default() : NULL;
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&clock->lock);
    McpTimer *timer = g_new(McpTimer, 1);

    timer->clock = g_object_ref(clock);
    timer->due = clock_now_locked(clock) + MAX(delay, 0);
    timer->order = clock->next_order++;
    timer->func = func;
    timer->user_data = user_data;
    timer->source = clock_source_locked(clock, context != NULL ? context : own);
    g_ptr_array_add(timer->source->heap, timer);
    heap_up(timer->source->heap, timer->source->heap->len - 1);
    if (timer->index == 0)
        source_tell_locked(timer->source);
    MCP_LEDGER_CREATED(McpTimer);
    return timer;
}

void
mcp_timer_free(McpTimer *timer)
{
    g_autoptr(McpClock) clock = timer->clock;

    g_mutex_lock(&clock->lock);
    if (timer->source != NULL)
        heap_remove(timer->source->heap, timer->index);
    g_mutex_unlock(&clock->lock);
    g_free(timer);
    MCP_LEDGER_FINALIZED(McpTimer);
}

void
mcp_timer_clear(McpTimer **timer)
{
    g_clear_pointer(timer, mcp_timer_free);
}

void
mcp_clock_advance(McpClock *clock, gint64 delta)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&clock->lock);
    GHashTableIter iter;
    TimerSource *source;

    g_return_if_fail(clock->is_virtual && delta >= 0);
    clock->now += delta;
    g_hash_table_iter_init(&iter, clock->sources);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&source))
        source_tell_locked(source);
}

gint64
mcp_clock_next(McpClock *clock)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&clock->lock);
    gint64 next = -1;
    GHashTableIter iter;
    TimerSource *source;

    g_hash_table_iter_init(&iter, clock->sources);
    while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&source)) {
        const McpTimer *first = source->heap->len > 0 ? source->heap->pdata[0] : NULL;

        if (first != NULL && (next < 0 || first->due - clock->now < next))
            next = MAX(first->due - clock->now, 0);
    }
    return next;
}
