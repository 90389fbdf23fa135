/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SoupSessions, one for each calling context. A session lives and dies on its context; the lock
 * guards the table of them alone.
 */
#include "wire.h"

/* Seconds after which an unused connection is closed. */
#define IDLE_SECONDS 30

typedef struct {
    SoupSession *session;
    gint64 made; /* monotonic µs */
    guint generation;
} Wire;

struct _McpHttpWires {
    gatomicrefcount refs;
    McpClock *clock;
    GMutex lock;           /* guards all below */
    GHashTable *wires;     /* GMainContext → Wire */
    McpHttpConfig *config; /* of sessions made from now on */
    guint generation;
    guint closing; /* sessions that are still to close */
    GMainContext *done_context;
    GSourceFunc done;
    gpointer done_data;
};

typedef struct {
    McpHttpWires *wires;
    Wire *wire;
} Closing;

/* On the wire's context. */
static void
wire_free(gpointer data)
{
    Wire *wire = data;

    soup_session_abort(wire->session);
    g_object_unref(wire->session);
    g_free(wire);
}

McpHttpWires *
mcp_http_wires_new(McpHttpConfig *config, McpClock *clock)
{
    McpHttpWires *wires = g_new0(McpHttpWires, 1);

    g_atomic_ref_count_init(&wires->refs);
    g_mutex_init(&wires->lock);
    wires->wires = g_hash_table_new_full(NULL, NULL, (GDestroyNotify)g_main_context_unref, NULL);
    wires->config = mcp_http_config_ref(config);
    wires->clock = g_object_ref(clock);
    return wires;
}

McpHttpWires *
mcp_http_wires_ref(McpHttpWires *wires)
{
    g_atomic_ref_count_inc(&wires->refs);
    return wires;
}

void
mcp_http_wires_unref(McpHttpWires *wires)
{
    if (!g_atomic_ref_count_dec(&wires->refs))
        return;
    g_hash_table_unref(wires->wires);
    mcp_http_config_unref(wires->config);
    g_object_unref(wires->clock);
    g_mutex_clear(&wires->lock);
    g_free(wires);
}

/* How many connections there may be is decided before a message gets here (connections.c). */
static SoupSession *
session_new(const McpHttpConfig *config)
{
    SoupSession *session = soup_session_new_with_options(
        "user-agent", config->user_agent, "max-conns", G_MAXINT, "max-conns-per-host", G_MAXINT,
        "timeout", 0u, "idle-timeout", (guint)IDLE_SECONDS, NULL);

    /* The manager would keep the credentials of one call for the next one. */
    soup_session_remove_feature_by_type(session, SOUP_TYPE_AUTH_MANAGER);
    if (!soup_session_has_feature(session, SOUP_TYPE_CONTENT_DECODER))
        soup_session_add_feature_by_type(session, SOUP_TYPE_CONTENT_DECODER);
    /* The environment's proxy would hide the peer's address from the policy. */
    soup_session_set_proxy_resolver(session, NULL);
    return session;
}

SoupSession *
mcp_http_wires_get(McpHttpWires *wires)
{
    g_autoptr(GMainContext) context = g_main_context_ref_thread_default();
    g_autoptr(McpHttpConfig) config = NULL;
    guint generation = 0;
    Wire *wire = NULL;

    g_mutex_lock(&wires->lock);
    wire = g_hash_table_lookup(wires->wires, context);
    generation = wires->generation;
    config = mcp_http_config_ref(wires->config);
    if (wire == NULL) {
        wire = g_new0(Wire, 1);
        g_hash_table_insert(wires->wires, g_main_context_ref(context), wire);
    }
    g_mutex_unlock(&wires->lock);
    /*
     * Only this context's thread touches its wire, so no lock is needed from here on. A session
     * keeps the addresses of its hosts for as long as there are connections to them and five
     * minutes more, and nothing but its end makes it ask the resolver again. Exchanges on their way
     * keep the old one until they are over.
     */
    if (wire->session == NULL || wire->generation != generation ||
        mcp_clock_now(wires->clock) - wire->made >= config->max_connection_age) {
        g_clear_object(&wire->session);
        wire->session = session_new(config);
        wire->generation = generation;
        wire->made = mcp_clock_now(wires->clock);
    }
    return g_object_ref(wire->session);
}

void
mcp_http_wires_configure(McpHttpWires *wires, McpHttpConfig *config)
{
    g_autoptr(McpHttpConfig) old = NULL;

    g_mutex_lock(&wires->lock);
    old = wires->config;
    wires->config = mcp_http_config_ref(config);
    wires->generation++;
    g_mutex_unlock(&wires->lock);
}

static void
attach(GMainContext *context, GSourceFunc func, gpointer data)
{
    g_autoptr(GSource) source = g_idle_source_new();

    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, func, data, NULL);
    g_source_attach(source, context);
}

static gboolean
close_wire(gpointer data)
{
    Closing *closing = data;
    McpHttpWires *wires = closing->wires;
    gboolean last = FALSE;

    wire_free(closing->wire);
    g_mutex_lock(&wires->lock);
    last = --wires->closing == 0;
    g_mutex_unlock(&wires->lock);
    if (last) {
        attach(wires->done_context, wires->done, wires->done_data);
        g_main_context_unref(wires->done_context);
    }
    mcp_http_wires_unref(wires);
    g_free(closing);
    return G_SOURCE_REMOVE;
}

void
mcp_http_wires_close(McpHttpWires *wires, GSourceFunc done, gpointer user_data)
{
    GHashTableIter iter;
    gpointer context = NULL;
    gpointer wire = NULL;

    g_mutex_lock(&wires->lock);
    wires->done = done;
    wires->done_data = user_data;
    wires->done_context = g_main_context_ref_thread_default();
    wires->closing = g_hash_table_size(wires->wires);
    if (wires->closing == 0) {
        attach(wires->done_context, done, user_data);
        g_main_context_unref(wires->done_context);
    }
    g_hash_table_iter_init(&iter, wires->wires);
    while (g_hash_table_iter_next(&iter, &context, &wire)) {
        Closing *closing = g_new0(Closing, 1);

        closing->wires = mcp_http_wires_ref(wires);
        closing->wire = wire;
        attach(context, close_wire, closing);
        g_hash_table_iter_remove(&iter);
    }
    g_mutex_unlock(&wires->lock);
}
