/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The connections of the process. libsoup counts those of one session only, and each context has a
 * session; so they are counted here: a slot stands for a connection from before it is opened until
 * it is closed, idle in between. The lock guards the tables; sockets are touched on the context of
 * their session alone.
 */
#include "connections.h"

#define SERIAL "mcp-serial"

struct _McpHttpConnections {
    gatomicrefcount refs;
    GMutex lock; /* guards all below */
    McpHttpConfig *config;
    GHashTable *hosts; /* "scheme://host:port" → number of slots */
    GQueue busy;       /* McpHttpSlot */
    GQueue idle;       /* McpHttpSlot, the longest idle first */
    GQueue closing;    /* McpHttpSlot, idle ones that their contexts were asked to close */
    GQueue waiting;    /* Waiter, first come first served */
    guint open;        /* busy, idle and closing */
};

/* Which connection a slot stands for changes when libsoup takes another one than was expected. */
typedef struct {
    GWeakRef socket; /* GSocket, while libsoup has it */
    guint session;   /* serial of its session; 0 before the exchange starts */
    guint64 id;      /* within the session */
} Connection;

struct _McpHttpSlot {
    McpHttpConnections *connections; /* owned but when idle */
    char *host;
    GMainContext *context;
    Connection connection; /* under the lock */
    SoupMessage *message;  /* of the exchange, NULL when idle */
    guint session;         /* serial of the exchange's */
    gboolean used;         /* the exchange got as far as a connection */
    gboolean started;      /* and is on it; before, another one may get the connection */
};

typedef struct {
    McpHttpSlotRequest request; /* its URI is @host */
    char *host;
    GMainContext *context;
    McpHttpSlot *slot; /* granted and not handed over */
} Waiter;

static McpHttpConnections *
connections_ref(McpHttpConnections *self)
{
    g_atomic_ref_count_inc(&self->refs);
    return self;
}

static McpHttpSlot *
slot_new(const char *host, GMainContext *context)
{
    McpHttpSlot *slot = g_new0(McpHttpSlot, 1);

    slot->host = g_strdup(host);
    slot->context = g_main_context_ref(context);
    g_weak_ref_init(&slot->connection.socket, NULL);
    return slot;
}

static void
slot_free(gpointer data)
{
    McpHttpSlot *slot = data;

    g_weak_ref_clear(&slot->connection.socket);
    g_main_context_unref(slot->context);
    g_free(slot->host);
    g_free(slot);
}

McpHttpConnections *
mcp_http_connections_new(McpHttpConfig *config)
{
    McpHttpConnections *self = g_new0(McpHttpConnections, 1);

    g_atomic_ref_count_init(&self->refs);
    g_mutex_init(&self->lock);
    self->config = mcp_http_config_ref(config);
    self->hosts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return self;
}

void
mcp_http_connections_unref(McpHttpConnections *self)
{
    if (!g_atomic_ref_count_dec(&self->refs))
        return;
    g_queue_clear_full(&self->idle, slot_free);
    g_hash_table_unref(self->hosts);
    mcp_http_config_unref(self->config);
    g_mutex_clear(&self->lock);
    g_free(self);
}

static char *
host_of(GUri *uri)
{
    g_autofree char *host = g_ascii_strdown(g_uri_get_host(uri), -1);

    return g_strdup_printf("%s://%s:%d", g_uri_get_scheme(uri), host, g_uri_get_port(uri));
}

/* Lock held, as in all that follow until the public functions. */
static guint
count_host(McpHttpConnections *self, const char *host)
{
    return GPOINTER_TO_UINT(g_hash_table_lookup(self->hosts, host));
}

static void
set_host(McpHttpConnections *self, const char *host, guint count)
{
    if (count > 0)
        g_hash_table_insert(self->hosts, g_strdup(host), GUINT_TO_POINTER(count));
    else
        g_hash_table_remove(self->hosts, host);
}

/* A connection is no more. */
static void
drop(McpHttpConnections *self, McpHttpSlot *slot)
{
    self->open--;
    set_host(self, slot->host, count_host(self, slot->host) - 1);
    slot_free(slot);
}

static gboolean
is_alive(McpHttpSlot *slot)
{
    g_autoptr(GObject) socket = g_weak_ref_get(&slot->connection.socket);

    return socket != NULL;
}

/* (nullable): an idle slot, taken out; @host and @context NULL: of any. Dead ones are dropped. */
static McpHttpSlot *
take_idle(McpHttpConnections *self, const char *host, GMainContext *context)
{
    for (GList *item = self->idle.head; item != NULL;) {
        McpHttpSlot *slot = item->data;
        GList *next = item->next;
        gboolean fits = (host == NULL || strcmp(slot->host, host) == 0) &&
                        (context == NULL || slot->context == context);

        if (!is_alive(slot)) {
            g_queue_delete_link(&self->idle, item);
            drop(self, slot);
        } else if (fits) {
            g_queue_delete_link(&self->idle, item);
            return slot;
        }
        item = next;
    }
    return NULL;
}

static gboolean
is_same(const Connection *connection, guint session, guint64 id)
{
    return connection->id == id && connection->session == session && session != 0;
}

/* (nullable): another slot of @queue that stands for the connection. */
static McpHttpSlot *
find_connection(GQueue *queue, guint session, guint64 id, const McpHttpSlot *but)
{
    for (GList *item = queue->head; item != NULL; item = item->next) {
        McpHttpSlot *slot = item->data;

        if (slot != but && is_same(&slot->connection, session, id))
            return slot;
    }
    return NULL;
}

/* (nullable): another slot that stands for the connection, whatever becomes of it. */
static McpHttpSlot *
find_other(McpHttpConnections *self, const McpHttpSlot *slot, guint64 id)
{
    GQueue *queues[] = {&self->idle, &self->closing, &self->busy};
    McpHttpSlot *other = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(queues) && other == NULL; i++)
        other = find_connection(queues[i], slot->session, id, slot);
    return other;
}

static void pump_and_unlock(McpHttpConnections *self);

/* (transfer full) (nullable): the socket that nobody counts once the slot stands for another. */
static GSocket *
forsake(McpHttpSlot *slot)
{
    Connection *own = &slot->connection;

    if (find_connection(&slot->connections->busy, own->session, own->id, slot) != NULL)
        return NULL;
    return g_weak_ref_get(&own->socket);
}

/* libsoup takes no idle connection whose socket is not connected (soup-connection.c). */
static void
shut_down(GSocket *socket)
{
    if (socket != NULL)
        g_socket_shutdown(socket, TRUE, TRUE, NULL);
}

/* On the slot's context. libsoup may have begun to use the connection in the meantime. */
static gboolean
close_idle(gpointer data)
{
    McpHttpSlot *slot = data;
    g_autoptr(GSocket) socket = NULL;

    g_mutex_lock(&slot->connections->lock);
    socket = forsake(slot);
    g_mutex_unlock(&slot->connections->lock);
    shut_down(socket);
    return G_SOURCE_REMOVE;
}

static void
idle_closed(gpointer data)
{
    McpHttpSlot *slot = data;
    g_autoptr(McpHttpConnections) self = slot->connections;

    g_mutex_lock(&self->lock);
    g_queue_remove(&self->closing, slot);
    drop(self, slot);
    pump_and_unlock(self);
}

static void
attach(GMainContext *context, GSourceFunc func, gpointer data, GDestroyNotify destroy)
{
    g_autoptr(GSource) source = g_idle_source_new();

    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, func, data, destroy);
    g_source_attach(source, context);
}

/* One at a time: who is served by it need not close a second one. */
static void
make_room(McpHttpConnections *self, const char *host)
{
    McpHttpSlot *victim = self->closing.length == 0 ? take_idle(self, host, NULL) : NULL;

    if (victim == NULL)
        return;
    g_queue_push_tail(&self->closing, victim);
    victim->connections = connections_ref(self);
    attach(victim->context, close_idle, victim, idle_closed);
}

static gboolean
is_full(McpHttpConnections *self, const char *host, gboolean *out_host)
{
    *out_host = count_host(self, host) >= self->config->max_connections_per_host;
    return *out_host || self->open >= self->config->max_connections;
}

/* (transfer full) (nullable): a slot, when there is one at present. */
static McpHttpSlot *
grant(McpHttpConnections *self, const char *host, GMainContext *context, gboolean reuse)
{
    McpHttpSlot *slot = reuse ? take_idle(self, host, context) : NULL;
    gboolean host_full = FALSE;

    if (slot == NULL && is_full(self, host, &host_full)) {
        make_room(self, host_full ? host : NULL);
        /* What was idle only on paper is not there any more. */
        if (is_full(self, host, &host_full))
            return NULL;
    }
    if (slot == NULL) {
        slot = slot_new(host, context);
        self->open++;
        set_host(self, host, count_host(self, host) + 1);
    }
    slot->connections = connections_ref(self);
    g_queue_push_tail(&self->busy, slot);
    return slot;
}

static void
waiter_free(gpointer data)
{
    Waiter *waiter = data;

    if (waiter->slot != NULL)
        mcp_http_slot_release(waiter->slot, TRUE);
    waiter->request.destroy(waiter->request.user_data);
    g_main_context_unref(waiter->context);
    g_free(waiter->host);
    g_free(waiter);
}

static gboolean
hand_over(gpointer data)
{
    Waiter *waiter = data;

    waiter->request.func(g_steal_pointer(&waiter->slot), waiter->request.user_data);
    return G_SOURCE_REMOVE;
}

/* Serves whoever waits and can be served. Gives the lock back. */
static void
pump_and_unlock(McpHttpConnections *self)
{
    g_autoptr(GPtrArray) served = g_ptr_array_new();

    for (GList *item = self->waiting.head; item != NULL;) {
        Waiter *waiter = item->data;
        GList *next = item->next;

        waiter->slot = grant(self, waiter->host, waiter->context, waiter->request.reuse);
        if (waiter->slot != NULL) {
            g_queue_delete_link(&self->waiting, item);
            g_ptr_array_add(served, waiter);
        }
        item = next;
    }
    g_mutex_unlock(&self->lock);
    for (guint i = 0; i < served->len; i++) {
        Waiter *waiter = g_ptr_array_index(served, i);

        attach(waiter->context, hand_over, waiter, waiter_free);
    }
}

void
mcp_http_connections_configure(McpHttpConnections *self, McpHttpConfig *config)
{
    g_autoptr(McpHttpConfig) old = NULL;

    g_mutex_lock(&self->lock);
    old = self->config;
    self->config = mcp_http_config_ref(config);
    pump_and_unlock(self);
}

void
mcp_http_connections_count(McpHttpConnections *self, guint *out_open, guint *out_waiting)
{
    g_mutex_lock(&self->lock);
    *out_open = self->open;
    *out_waiting = g_queue_get_length(&self->waiting);
    g_mutex_unlock(&self->lock);
}

void
mcp_http_connections_take(McpHttpConnections *self, const McpHttpSlotRequest *request)
{
    g_autoptr(GMainContext) context = g_main_context_ref_thread_default();
    g_autofree char *host = host_of(request->uri);
    McpHttpSlot *slot = NULL;
    Waiter *waiter = NULL;

    g_mutex_lock(&self->lock);
    if (g_queue_is_empty(&self->waiting))
        slot = grant(self, host, context, request->reuse);
    if (slot == NULL) {
        waiter = g_new0(Waiter, 1);
        waiter->request = *request;
        waiter->host = g_steal_pointer(&host);
        waiter->context = g_main_context_ref(context);
        g_queue_push_tail(&self->waiting, waiter);
        pump_and_unlock(self);
        return;
    }
    g_mutex_unlock(&self->lock);
    request->func(slot, request->user_data);
    request->destroy(request->user_data);
}

static void
swap(Connection *a, Connection *b)
{
    g_autoptr(GObject) socket_a = g_weak_ref_get(&a->socket);
    g_autoptr(GObject) socket_b = g_weak_ref_get(&b->socket);
    Connection kept = *a;

    a->session = b->session;
    a->id = b->id;
    b->session = kept.session;
    b->id = kept.id;
    g_weak_ref_set(&a->socket, socket_b);
    g_weak_ref_set(&b->socket, socket_a);
}

/*
 * libsoup has chosen a connection: the slot stands for that one from here on. Whoever stood for it
 * without being on it takes what this one stood for. HTTP/2: who is on it shares it.
 */
static void
on_starting(SoupMessage *message, gpointer data)
{
    McpHttpSlot *slot = data;
    McpHttpConnections *self = slot->connections;
    guint64 id = soup_message_get_connection_id(message);
    McpHttpSlot *other = NULL;
    g_autoptr(GSocket) before = NULL;

    slot->used = TRUE;
    g_mutex_lock(&self->lock);
    if (!is_same(&slot->connection, slot->session, id)) {
        other = find_other(self, slot, id);
        if (other != NULL && !other->started) {
            swap(&slot->connection, &other->connection);
        } else if (other != NULL) {
            g_autoptr(GObject) shared = g_weak_ref_get(&other->connection.socket);

            before = forsake(slot);
            g_weak_ref_set(&slot->connection.socket, shared);
        }
        slot->connection.session = slot->session;
        slot->connection.id = id;
    }
    slot->started = TRUE;
    g_mutex_unlock(&self->lock);
    shut_down(before);
}

/* A new connection: if the slot stood for an idle one, that one is not to be used any more. */
static void
on_network_event(SoupMessage *message, GSocketClientEvent event, GIOStream *stream, gpointer data)
{
    McpHttpSlot *slot = data;
    g_autoptr(GSocket) before = NULL;
    GSocket *socket = NULL;

    if (event != G_SOCKET_CLIENT_CONNECTED || !G_IS_SOCKET_CONNECTION(stream))
        return;
    slot->used = TRUE;
    socket = g_socket_connection_get_socket(G_SOCKET_CONNECTION(stream));
    g_mutex_lock(&slot->connections->lock);
    before = forsake(slot);
    g_weak_ref_set(&slot->connection.socket, socket);
    slot->connection.session = 0;
    g_mutex_unlock(&slot->connections->lock);
    if (before != socket)
        shut_down(before);
}

/* Addresses of sessions come back; their numbers do not. */
static guint
serial_of(SoupSession *session)
{
    static gint last; /* atomic */
    guint serial = GPOINTER_TO_UINT(g_object_get_data(G_OBJECT(session), SERIAL));

    if (serial == 0) {
        serial = (guint)g_atomic_int_add(&last, 1) + 1;
        g_object_set_data(G_OBJECT(session), SERIAL, GUINT_TO_POINTER(serial));
    }
    return serial;
}

void
mcp_http_slot_attach(McpHttpSlot *slot, SoupSession *session, SoupMessage *message)
{
    slot->session = serial_of(session);
    slot->message = g_object_ref(message);
    slot->used = FALSE;
    slot->started = FALSE;
    g_signal_connect(message, "starting", G_CALLBACK(on_starting), slot);
    g_signal_connect(message, "network-event", G_CALLBACK(on_network_event), slot);
}

void
mcp_http_slot_release(McpHttpSlot *slot, gboolean keep)
{
    g_autoptr(McpHttpConnections) self = g_steal_pointer(&slot->connections);
    const Connection *connection = &slot->connection;

    if (slot->message != NULL)
        g_signal_handlers_disconnect_by_data(slot->message, slot);
    g_clear_object(&slot->message);
    g_mutex_lock(&self->lock);
    slot->started = FALSE;
    g_queue_remove(&self->busy, slot);
    /* HTTP/2: exchanges share a connection; the last one of them leaves it idle. */
    if ((keep || !slot->used) && connection->session != 0 && is_alive(slot) &&
        find_connection(&self->busy, connection->session, connection->id, slot) == NULL)
        g_queue_push_tail(&self->idle, slot);
    else
        drop(self, slot);
    pump_and_unlock(self);
}
