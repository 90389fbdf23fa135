/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single flight across contexts: who leads, who waits, and which resources are known to be
 * uncacheable, so that nobody waits for them in vain. Any thread; the lock guards the tables and is
 * never held across a callback.
 */
#include "flight.h"

/* How long a resource counts as uncacheable after it proved so, and how many are remembered. */
#define MARK_AGE (60 * G_TIME_SPAN_SECOND)
#define MARKS_MAX 4096

struct _McpHttpFlights {
    GMutex lock;         /* guards all below */
    GHashTable *flights; /* key → GPtrArray of Waiter */
    GHashTable *marks;   /* key → gint64*: when it proved uncacheable */
};

typedef struct {
    McpHttpPassenger passenger;
    McpHttpLanding landing;
    GError *error;
} Waiter;

static void
waiter_free(gpointer data)
{
    Waiter *waiter = data;

    if (waiter->passenger.destroy != NULL)
        waiter->passenger.destroy(waiter->passenger.user_data);
    g_main_context_unref(waiter->passenger.context);
    g_clear_error(&waiter->error);
    g_free(waiter);
}

static gboolean
wake(gpointer data)
{
    Waiter *waiter = data;

    waiter->passenger.func(waiter->landing, waiter->error, waiter->passenger.user_data);
    return G_SOURCE_REMOVE;
}

McpHttpFlights *
mcp_http_flights_new(void)
{
    McpHttpFlights *flights = g_new0(McpHttpFlights, 1);

    g_mutex_init(&flights->lock);
    flights->flights =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    flights->marks = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return flights;
}

void
mcp_http_flights_free(McpHttpFlights *flights)
{
    g_hash_table_unref(flights->flights);
    g_hash_table_unref(flights->marks);
    g_mutex_clear(&flights->lock);
    g_free(flights);
}

/* Lock held. */
static gboolean
is_marked(McpHttpFlights *flights, const char *key, gint64 now)
{
    const gint64 *since = g_hash_table_lookup(flights->marks, key);

    if (since == NULL)
        return FALSE;
    if (now - *since < MARK_AGE)
        return TRUE;
    g_hash_table_remove(flights->marks, key);
    return FALSE;
}

/* Lock held. */
static void
mark(McpHttpFlights *flights, const char *key, gint64 now)
{
    gint64 *since = g_new(gint64, 1);

    *since = now;
    if (g_hash_table_size(flights->marks) >= MARKS_MAX)
        g_hash_table_remove_all(flights->marks);
    g_hash_table_insert(flights->marks, g_strdup(key), since);
}

static Waiter *
waiter_new(const McpHttpPassenger *passenger)
{
    Waiter *waiter = g_new0(Waiter, 1);

    waiter->passenger = *passenger;
    g_main_context_ref(passenger->context);
    return waiter;
}

McpHttpBoarding
mcp_http_flights_join(McpHttpFlights *flights, const char *key, gint64 now,
                      const McpHttpPassenger *passenger)
{
    McpHttpBoarding boarding = MCP_HTTP_BOARDING_LEAD;
    GPtrArray *waiters = NULL;

    g_mutex_lock(&flights->lock);
    waiters = g_hash_table_lookup(flights->flights, key);
    if (is_marked(flights, key, now)) {
        boarding = MCP_HTTP_BOARDING_ALONE;
    } else if (waiters != NULL) {
        g_ptr_array_add(waiters, waiter_new(passenger));
        boarding = MCP_HTTP_BOARDING_WAIT;
    } else {
        g_hash_table_insert(flights->flights, g_strdup(key), g_ptr_array_new());
    }
    g_mutex_unlock(&flights->lock);
    return boarding;
}

static void
post(Waiter *waiter)
{
    g_autoptr(GSource) source = g_idle_source_new();

    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, wake, waiter, waiter_free);
    g_source_attach(source, waiter->passenger.context);
}

void
mcp_http_flights_land(McpHttpFlights *flights, const char *key, gint64 now, McpHttpLanding landing,
                      const GError *error)
{
    g_autoptr(GPtrArray) waiters = NULL;
    gpointer stolen_key = NULL;
    gpointer stolen = NULL;

    g_mutex_lock(&flights->lock);
    if (g_hash_table_steal_extended(flights->flights, key, &stolen_key, &stolen))
        waiters = stolen;
    if (landing == MCP_HTTP_LANDING_UNCACHEABLE)
        mark(flights, key, now);
    else if (landing == MCP_HTTP_LANDING_STORED)
        g_hash_table_remove(flights->marks, key);
    g_mutex_unlock(&flights->lock);
    g_free(stolen_key);
    for (guint i = 0; waiters != NULL && i < waiters->len; i++) {
        Waiter *waiter = g_ptr_array_index(waiters, i);

        waiter->landing = landing;
        waiter->error = error != NULL ? g_error_copy(error) : NULL;
        post(waiter);
    }
}
