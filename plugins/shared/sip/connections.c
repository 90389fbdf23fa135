/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TCP connections within bounds. The library accepts whoever connects, one a turn of its loop,
 * tells nobody, and has no way to go through all that it has: its list is a tree of which only the
 * right half is shown. So its listening sockets are watched here as well. What one accepts gets the
 * lowest free descriptor; that is looked up a turn later, and where it was another thread's after
 * all, all descriptors are. Shutting one down makes the library close it, also when it has stopped
 * reading.
 *
 * The library moves all later descriptors when it closes one, each move with two writes and two
 * searches: the newest is cheap to close, a thousand old ones are not. And as long as a listening
 * socket has something to accept, it does nothing for connections. So the listening socket is
 * hidden from it every other turn; what is too much is shut down as soon as it has been accepted,
 * and closed in that turn; strangers have few places in all; of the old only some are closed at a
 * time.
 *
 * A stranger must say something within a time; peers may keep quiet connections for [sip]
 * tcp_idle_timeout. What serves a transaction is left alone. SIP context.
 */
#include "connections.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* How many old connections are closed at a time, and how soon the next ones. */
#define CLOSINGS_MAX 8
#define MOMENT (20 * G_TIME_SPAN_MILLISECOND)

typedef struct {
    GSource source;
    McpSipConnections *connections;
    gpointer tag;
    tport_t *primary;
    int fd;
    int guess;     /* what the connection that is being accepted will have; -1 none */
    gboolean hide; /* the next turn is for others */
} Watch;

typedef struct {
    su_sockaddr_t address; /* of the other side */
    const Watch *watch;
    int fd;
    guint64 number; /* in order of acceptance */
    gint64 last;    /* clock µs of the last message, or of its first sight */
    gboolean listed;
    gboolean condemned;
    gboolean closing; /* has been shut down; the library closes it */
} Connection;

struct _McpSipConnections {
    McpSipConnectionsParams params;
    GHashTable *known; /* Connection by its address */
    GPtrArray *watches;
    McpTimer *soon;  /* nullable: a sweep is due */
    gboolean missed; /* a connection was not found by its guess */
    guint64 accepted;
    guint closings; /* in this sweep */
};

static guint
hash_address(gconstpointer key)
{
    const su_sockaddr_t *address = key;
    const guint8 *bytes = SU_ADDR(address);
    guint hash = address->su_port;

    for (gsize i = 0; i < (gsize)SU_ADDRLEN(address); i++)
        hash = hash * 31 + bytes[i];
    return hash;
}

static gboolean
same_host(const su_sockaddr_t *a, const su_sockaddr_t *b)
{
    return a->su_family == b->su_family &&
           memcmp(SU_ADDR(a), SU_ADDR(b), (gsize)SU_ADDRLEN(a)) == 0;
}

static gboolean
same_address(gconstpointer a, gconstpointer b)
{
    return ((const su_sockaddr_t *)a)->su_port == ((const su_sockaddr_t *)b)->su_port &&
           same_host(a, b);
}

McpSipConnections *
mcp_sip_connections_new(const McpSipConnectionsParams *params)
{
    McpSipConnections *connections = g_new0(McpSipConnections, 1);

    connections->params = *params;
    connections->known = g_hash_table_new_full(hash_address, same_address, NULL, g_free);
    connections->watches = g_ptr_array_new();
    return connections;
}

void
mcp_sip_connections_free(McpSipConnections *connections)
{
    mcp_timer_clear(&connections->soon);
    g_hash_table_unref(connections->known);
    for (guint i = 0; i < connections->watches->len; i++) {
        g_source_destroy(connections->watches->pdata[i]);
        g_source_unref(connections->watches->pdata[i]);
    }
    g_ptr_array_unref(connections->watches);
    g_free(connections);
}

static void
on_soon(gpointer user_data)
{
    McpSipConnections *connections = user_data;

    mcp_timer_clear(&connections->soon);
    mcp_sip_connections_sweep(connections);
}

static void
sweep_soon(McpSipConnections *connections)
{
    if (connections->soon == NULL)
        connections->soon = mcp_clock_after(connections->params.clock, connections->params.context,
                                            MOMENT, on_soon, connections);
}

/* The other side of @fd, if it is a connection that @watch has accepted. */
static gboolean
read_peer(const Watch *watch, int fd, su_sockaddr_t *out_address)
{
    su_sockaddr_t local;
    socklen_t local_length = sizeof local;
    socklen_t length = sizeof *out_address;
    const su_sockaddr_t *bound =
        (const su_sockaddr_t *)(gconstpointer)tport_get_address(watch->primary)->ai_addr;

    memset(&local, 0, sizeof local);
    memset(out_address, 0, sizeof *out_address);
    return fd != watch->fd && getsockname(fd, &local.su_sa, &local_length) == 0 &&
           same_address(&local, bound) && getpeername(fd, &out_address->su_sa, &length) == 0;
}

static void
close_one(McpSipConnections *connections, Connection *connection, McpSipConnectionEnd why)
{
    connections->params.closing(why, &connection->address, connections->params.user_data);
    connection->closing = TRUE;
    connections->closings++;
    shutdown(connection->fd, SHUT_RDWR);
}

/* Those that have gone are forgotten. */
static void
forget_gone(McpSipConnections *connections)
{
    GHashTableIter iter;
    gpointer value = NULL;

    g_hash_table_iter_init(&iter, connections->known);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Connection *connection = value;
        su_sockaddr_t address;

        if (!read_peer(connection->watch, connection->fd, &address) ||
            !same_address(&address, &connection->address))
            g_hash_table_iter_remove(&iter);
    }
}

/* Returns: the end that @connection must find; MCP_SIP_CONNECTION_ENDS if it may stay. */
static McpSipConnectionEnd
judge_new(McpSipConnections *connections, const Connection *connection)
{
    const McpSipConnectionsParams *params = &connections->params;
    guint of_source = 0;
    guint strangers = 0;
    guint all = 0;
    GHashTableIter iter;
    gpointer value = NULL;

    g_hash_table_iter_init(&iter, connections->known);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const Connection *other = value;

        if (other->closing)
            continue;
        all++;
        strangers += !other->listed;
        of_source += same_host(&other->address, &connection->address);
    }
    if (of_source > params->max_per_source)
        return MCP_SIP_CONNECTION_SOURCE_LIMIT;
    if (!connection->listed && (strangers > params->max_strangers || all > params->max))
        return MCP_SIP_CONNECTION_LIMIT;
    if (all > params->max)
        sweep_soon(connections);
    return MCP_SIP_CONNECTION_ENDS;
}

/* A new one that is too much goes at once. */
static void
limit_new(McpSipConnections *connections, const su_sockaddr_t *address)
{
    Connection *connection = g_hash_table_lookup(connections->known, address);
    McpSipConnectionEnd end = judge_new(connections, connection);

    if (end == MCP_SIP_CONNECTION_ENDS)
        return;
    /* Short ones are known until the next sweep: they do not count. */
    forget_gone(connections);
    connection = g_hash_table_lookup(connections->known, address);
    if (connection == NULL)
        return;
    end = judge_new(connections, connection);
    if (end != MCP_SIP_CONNECTION_ENDS)
        close_one(connections, connection, end);
}

/* FALSE when @fd is no connection of @watch. */
static gboolean
take(McpSipConnections *connections, const Watch *watch, int fd)
{
    su_sockaddr_t address;
    Connection *connection = NULL;

    if (!read_peer(watch, fd, &address))
        return FALSE;
    connection = g_hash_table_lookup(connections->known, &address);
    if (connection != NULL && connection->fd == fd)
        return TRUE;
    connection = g_new0(Connection, 1);
    connection->address = address;
    connection->watch = watch;
    connection->fd = fd;
    connection->number = ++connections->accepted;
    connection->last = mcp_clock_now(connections->params.clock);
    connection->listed = connections->params.is_listed(&address, connections->params.user_data);
    g_hash_table_replace(connections->known, &connection->address, connection);
    limit_new(connections, &address);
    return TRUE;
}

/* A turn later: the library has accepted. */
static gboolean
watch_prepare(GSource *source, gint *timeout)
{
    Watch *watch = (Watch *)source;

    *timeout = -1;
    if (watch->guess < 0)
        return FALSE;
    if (!take(watch->connections, watch, watch->guess)) {
        watch->connections->missed = TRUE;
        sweep_soon(watch->connections);
    }
    watch->guess = -1;
    return FALSE;
}

/* The library looks again at what poll said when it acts, after this. */
static void
hide_listener(const Watch *watch)
{
    for (GSList *item = watch->connections->params.library->poll_fds; item; item = item->next) {
        GPollFD *poll = item->data;

        if (poll->fd == watch->fd)
            poll->revents = 0;
    }
}

static gboolean
watch_check(GSource *source)
{
    Watch *watch = (Watch *)source;

    if ((g_source_query_unix_fd(source, watch->tag) & G_IO_IN) == 0)
        return FALSE;
    watch->hide = !watch->hide;
    if (!watch->hide) {
        hide_listener(watch);
        return FALSE;
    }
    /* The lowest free descriptor: that of the next one that is opened. */
    watch->guess = dup(watch->fd);
    if (watch->guess >= 0)
        close(watch->guess);
    else
        watch->connections->missed = TRUE;
    return FALSE;
}

static gboolean
watch_dispatch(GSource *source, GSourceFunc func, gpointer data)
{
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs watch_funcs = {
    .prepare = watch_prepare, .check = watch_check, .dispatch = watch_dispatch};

void
mcp_sip_connections_watch(McpSipConnections *connections, tport_t *primary, int fd)
{
    GSource *source = g_source_new(&watch_funcs, sizeof(Watch));
    Watch *watch = (Watch *)source;

    watch->connections = connections;
    watch->primary = primary;
    watch->fd = fd;
    watch->guess = -1;
    watch->tag = g_source_add_unix_fd(source, fd, G_IO_IN);
    g_source_set_static_name(source, "sip listener");
    g_source_set_can_recurse(source, TRUE);
    g_source_attach(source, connections->params.context);
    g_ptr_array_add(connections->watches, source);
}

void
mcp_sip_connections_note(McpSipConnections *connections, const su_sockaddr_t *address)
{
    Connection *connection = g_hash_table_lookup(connections->known, address);

    if (connection != NULL)
        connection->last = mcp_clock_now(connections->params.clock);
}

void
mcp_sip_connections_condemn(McpSipConnections *connections, const su_sockaddr_t *address)
{
    Connection *connection = g_hash_table_lookup(connections->known, address);

    if (connection == NULL)
        return;
    connection->condemned = TRUE;
    sweep_soon(connections);
}

/* All descriptors of the process, for connections that were not found otherwise. */
static void
scan(McpSipConnections *connections)
{
    g_autoptr(GDir) folder = g_dir_open("/proc/self/fd", 0, NULL);
    const char *name = NULL;

    while (folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
        guint64 fd = 0;

        if (!g_ascii_string_to_unsigned(name, 10, 0, G_MAXINT, &fd, NULL))
            continue;
        for (guint i = 0; i < connections->watches->len; i++) {
            if (take(connections, connections->watches->pdata[i], (int)fd))
                break;
        }
    }
}

/* (nullable): the library's side; it finds none that it has stopped reading from. */
static tport_t *
find_transport(const Connection *connection)
{
    char host[INET6_ADDRSTRLEN] = "";
    char port[8];
    tp_name_t name[1] = {{NULL}};
    tport_t *transport = NULL;

    su_inet_ntop(connection->address.su_family, SU_ADDR(&connection->address), host, sizeof host);
    g_snprintf(port, sizeof port, "%u", ntohs(connection->address.su_port));
    name->tpn_proto = "tcp";
    name->tpn_host = name->tpn_canon = host;
    name->tpn_port = port;
    transport = tport_by_name(connection->watch->primary, name);
    /* Without one it gives the listening socket, from which one would be made. */
    return transport != NULL && tport_is_secondary(transport) ? transport : NULL;
}

/* The library's own measure of it: transactions hold references. */
static gboolean
is_in_use(const Connection *connection)
{
    tport_t *transport = find_transport(connection);

    return transport != NULL && su_home_refcount((su_home_t *)(gpointer)transport) > 1;
}

/* All that are open and not yet shut down. */
static GPtrArray *
list_open(McpSipConnections *connections)
{
    const McpSipConnectionsParams *params = &connections->params;
    GPtrArray *all = g_ptr_array_new();
    GHashTableIter iter;
    gpointer value = NULL;

    forget_gone(connections);
    g_hash_table_iter_init(&iter, connections->known);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Connection *connection = value;

        if (connection->closing)
            continue;
        /* A reload may have changed it. */
        connection->listed = params->is_listed(&connection->address, params->user_data);
        g_ptr_array_add(all, connection);
    }
    return all;
}

/* Strangers first; of equals, those not in use, then the longest silent, then the newest. */
static gint
compare_worth(gconstpointer a, gconstpointer b)
{
    const Connection *one = *(const Connection *const *)a;
    const Connection *other = *(const Connection *const *)b;

    if (one->listed != other->listed)
        return one->listed ? 1 : -1;
    if (is_in_use(one) != is_in_use(other))
        return is_in_use(one) ? 1 : -1;
    if (one->last != other->last)
        return one->last < other->last ? -1 : 1;
    return one->number > other->number ? -1 : one->number < other->number;
}

/* What must go whatever the numbers; the rest stays in @all. */
static void
close_bad(McpSipConnections *connections, GPtrArray *all)
{
    gint64 now = mcp_clock_now(connections->params.clock);

    for (guint i = all->len; i > 0 && connections->closings < CLOSINGS_MAX; i--) {
        Connection *connection = all->pdata[i - 1];
        gint64 silence = now - connection->last;
        /* The library may not have got to it yet. */
        gboolean rubbish = connection->condemned ||
                           (silence > G_USEC_PER_SEC && find_transport(connection) == NULL);

        if (!rubbish && (connection->listed || silence < connections->params.stranger_time ||
                         is_in_use(connection)))
            continue;
        g_ptr_array_remove_index_fast(all, i - 1);
        close_one(connections, connection,
                  rubbish ? MCP_SIP_CONNECTION_RUBBISH : MCP_SIP_CONNECTION_SILENT);
    }
}

guint
mcp_sip_connections_sweep(McpSipConnections *connections)
{
    g_autoptr(GPtrArray) all = NULL;
    guint max = connections->params.max;

    if (connections->missed)
        scan(connections);
    connections->missed = FALSE;
    connections->closings = 0;
    all = list_open(connections);
    close_bad(connections, all);
    if (all->len > max)
        g_ptr_array_sort(all, compare_worth);
    for (guint i = 0; i + max < all->len && connections->closings < CLOSINGS_MAX; i++)
        close_one(connections, all->pdata[i], MCP_SIP_CONNECTION_LIMIT);
    if (connections->closings == CLOSINGS_MAX)
        sweep_soon(connections);
    return all->len;
}
