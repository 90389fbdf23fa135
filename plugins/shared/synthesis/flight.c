/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single flight: equal requests at the same time share one run of what makes the speech. A
 * waiter's timer, cancellation and delivery live on its own context; the lists are shared under one
 * lock, which is never held across a call out of this file.
 */
#include "flight.h"
#include <mcp/error.h>

struct _McpSynthesisFlights {
    gatomicrefcount ref_count;
    McpClock *clock;
    GMutex lock;
    GHashTable *by_key; /* key -> McpSynthesisFlight, not owned */
};

struct _McpSynthesisFlight {
    gatomicrefcount ref_count;
    McpSynthesisFlights *flights;
    char *key;
    GPtrArray *waiters;
    GCancellable *abandoned;
};

typedef struct {
    McpSynthesisFlight *flight;
    GTask *task;
    GMainContext *context;
    McpTimer *timer;
    GSource *cancelled;
    McpAudio *audio;
    GError *error;
} Waiter;

McpSynthesisFlights *
mcp_synthesis_flights_new(McpClock *clock)
{
    McpSynthesisFlights *flights = g_new0(McpSynthesisFlights, 1);

    g_atomic_ref_count_init(&flights->ref_count);
    flights->clock = g_object_ref(clock);
    g_mutex_init(&flights->lock);
    flights->by_key = g_hash_table_new(g_str_hash, g_str_equal);
    return flights;
}

void
mcp_synthesis_flights_unref(McpSynthesisFlights *flights)
{
    if (!g_atomic_ref_count_dec(&flights->ref_count))
        return;
    g_hash_table_unref(flights->by_key);
    g_mutex_clear(&flights->lock);
    g_object_unref(flights->clock);
    g_free(flights);
}

void
mcp_synthesis_flight_unref(McpSynthesisFlight *flight)
{
    if (!g_atomic_ref_count_dec(&flight->ref_count))
        return;
    mcp_synthesis_flights_unref(flight->flights);
    g_ptr_array_unref(flight->waiters);
    g_object_unref(flight->abandoned);
    g_free(flight->key);
    g_free(flight);
}

/* Called locked: later equal requests start anew. */
static void
forget(McpSynthesisFlight *flight)
{
    if (g_hash_table_lookup(flight->flights->by_key, flight->key) == flight)
        g_hash_table_remove(flight->flights->by_key, flight->key);
}

/* On the waiter's context. */
static gboolean
deliver(gpointer user_data)
{
    Waiter *waiter = user_data;

    mcp_timer_clear(&waiter->timer);
    if (waiter->cancelled != NULL) {
        g_source_destroy(waiter->cancelled);
        g_source_unref(waiter->cancelled);
    }
    if (waiter->audio != NULL)
        g_task_return_pointer(waiter->task, waiter->audio, (GDestroyNotify)mcp_audio_unref);
    else
        g_task_return_error(waiter->task, waiter->error);
    g_object_unref(waiter->task);
    g_main_context_unref(waiter->context);
    mcp_synthesis_flight_unref(waiter->flight);
    g_free(waiter);
    return G_SOURCE_REMOVE;
}

/* On the waiter's context. FALSE: its delivery is under way. */
static gboolean
leave(Waiter *waiter)
{
    McpSynthesisFlight *flight = waiter->flight;
    gboolean found;
    gboolean last;

    g_mutex_lock(&flight->flights->lock);
    found = g_ptr_array_remove_fast(flight->waiters, waiter);
    last = found && flight->waiters->len == 0;
    if (last)
        forget(flight);
    g_mutex_unlock(&flight->flights->lock);
    if (last)
        g_cancellable_cancel(flight->abandoned);
    return found;
}

static void
deadline_passed(gpointer user_data)
{
    Waiter *waiter = user_data;

    mcp_timer_clear(&waiter->timer);
    if (!leave(waiter))
        return;
    g_set_error(&waiter->error, MCP_ERROR, MCP_ERROR_TIMEOUT, "speech was not ready in time");
    deliver(waiter);
}

static gboolean
was_cancelled(GCancellable *cancellable, gpointer user_data)
{
    Waiter *waiter = user_data;

    if (!leave(waiter))
        return G_SOURCE_REMOVE;
    g_set_error(&waiter->error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "speech was cancelled");
    deliver(waiter);
    return G_SOURCE_REMOVE;
}

static Waiter *
waiter_new(McpSynthesisFlights *flights, GTask *task, gint64 deadline)
{
    Waiter *waiter = g_new0(Waiter, 1);
    GCancellable *cancellable = g_task_get_cancellable(task);

    waiter->task = task;
    waiter->context = g_main_context_ref(g_task_get_context(task));
    waiter->timer =
        mcp_clock_after(flights->clock, waiter->context, deadline, deadline_passed, waiter);
    if (cancellable != NULL) {
        waiter->cancelled = g_cancellable_source_new(cancellable);
        g_source_set_callback(waiter->cancelled, G_SOURCE_FUNC(was_cancelled), waiter, NULL);
        g_source_attach(waiter->cancelled, waiter->context);
    }
    return waiter;
}

McpSynthesisFlight *
mcp_synthesis_flights_join(McpSynthesisFlights *flights, const char *key, GTask *task,
                           gint64 deadline)
{
    Waiter *waiter = waiter_new(flights, task, deadline);
    McpSynthesisFlight *flight;
    gboolean is_new;

    g_mutex_lock(&flights->lock);
    flight = g_hash_table_lookup(flights->by_key, key);
    is_new = flight == NULL;
    if (is_new) {
        flight = g_new0(McpSynthesisFlight, 1);
        g_atomic_ref_count_init(&flight->ref_count);
        g_atomic_ref_count_inc(&flights->ref_count);
        flight->flights = flights;
        flight->key = g_strdup(key);
        flight->waiters = g_ptr_array_new();
        flight->abandoned = g_cancellable_new();
        g_hash_table_insert(flights->by_key, flight->key, flight);
    }
    g_atomic_ref_count_inc(&flight->ref_count);
    waiter->flight = flight;
    g_ptr_array_add(flight->waiters, waiter);
    g_mutex_unlock(&flights->lock);
    return is_new ? flight : NULL;
}

void
mcp_synthesis_flight_land(McpSynthesisFlight *flight, McpAudio *audio, const GError *error)
{
    g_autoptr(GPtrArray) waiters = NULL;

    g_mutex_lock(&flight->flights->lock);
    forget(flight);
    waiters = flight->waiters;
    flight->waiters = g_ptr_array_new();
    g_mutex_unlock(&flight->flights->lock);
    for (guint i = 0; i < waiters->len; i++) {
        Waiter *waiter = waiters->pdata[i];
        g_autoptr(GSource) source = g_idle_source_new();

        waiter->audio = audio != NULL ? mcp_audio_ref(audio) : NULL;
        waiter->error = audio == NULL ? g_error_copy(error) : NULL;
        g_source_set_priority(source, G_PRIORITY_DEFAULT);
        g_source_set_callback(source, deliver, waiter, NULL);
        g_source_attach(source, waiter->context);
    }
}

const char *
mcp_synthesis_flight_get_key(const McpSynthesisFlight *flight)
{
    return flight->key;
}

GCancellable *
mcp_synthesis_flight_get_abandoned(McpSynthesisFlight *flight)
{
    return flight->abandoned;
}
