/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpSipInner: the library's side of TLS. The library accepts whoever connects and tells nobody, so
 * its listening socket is watched here too: what it accepts and none of our connections accounts
 * for is another program's, and is looked up among the descriptors and shut. SIP context.
 */
#include "inner.h"

#include <arpa/inet.h>
#include <errno.h>
#include <mcp/error.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

/* Half-received messages on a connection are given up after this time. */
#define MESSAGE_TIMEOUT_MS 30000
/* Connections that may wait for the library to accept them; it takes one a turn. */
#define BACKLOG 256
/* A look at all descriptors takes its time: a flood of intruders is met together. */
#define LOOK_INTERVAL (100 * G_TIME_SPAN_MILLISECOND)

typedef struct {
    GSource source;
    McpSipInner *inner;
} Guard;

struct _McpSipInner {
    tport_t *primary; /* lives as long as the agent */
    guint port;
    GHashTable *known; /* ports of ours, as pointers */
    GSource *counter;  /* nullable, and so below */
    GSource *finder;
    guint64 connected; /* by us */
    guint64 accepted;  /* by the library */
    gint64 next_look;  /* clock time */
    McpSipInnerParams params;
};

/* Port of the address that @get (getsockname, getpeername) tells of, 0 unless 127.0.0.1. */
static guint
loopback_port(int fd, int (*get)(int, struct sockaddr *, socklen_t *))
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;

    memset(&address, 0, sizeof address);
    if (get(fd, (struct sockaddr *)&address, &length) != 0 || address.sin_family != AF_INET ||
        address.sin_addr.s_addr != htonl(INADDR_LOOPBACK))
        return 0;
    return ntohs(address.sin_port);
}

static gboolean
is_listening(int fd)
{
    int listening = 0;
    socklen_t length = sizeof listening;

    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) == 0 && listening != 0;
}

/* Whether the other side may still send or has just ended; not what was shut before. */
static gboolean
is_open(int fd)
{
    struct tcp_info info;
    socklen_t length = sizeof info;

    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0 &&
           (info.tcpi_state == TCP_ESTABLISHED || info.tcpi_state == TCP_CLOSE_WAIT);
}

typedef gboolean (*SocketFunc)(McpSipInner *inner, int fd);

/* Calls @func for the sockets bound to the port, until it returns TRUE; the descriptor then. */
static int
each_socket(McpSipInner *inner, SocketFunc func)
{
    g_autoptr(GDir) folder = g_dir_open("/proc/self/fd", 0, NULL);
    const char *name = NULL;

    while (folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
        guint64 fd = 0;

        if (g_ascii_string_to_unsigned(name, 10, 0, G_MAXINT, &fd, NULL) &&
            loopback_port((int)fd, getsockname) == inner->port && func(inner, (int)fd))
            return (int)fd;
    }
    return -1;
}

static gboolean
is_own_listener(McpSipInner *inner, int fd)
{
    return is_listening(fd);
}

/* The library sees the end of it and lets go by itself. */
static gboolean
shut_intruder(McpSipInner *inner, int fd)
{
    guint peer = loopback_port(fd, getpeername);

    if (!is_open(fd) || g_hash_table_contains(inner->known, GUINT_TO_POINTER(peer)))
        return FALSE;
    shutdown(fd, SHUT_RDWR);
    inner->params.intruder(peer, inner->params.user_data);
    return FALSE;
}

/* Of the library's own priority: what is readable now, it accepts in this turn, one connection. */
static gboolean
count_acceptance(GSource *source, GSourceFunc func, gpointer data)
{
    ((Guard *)source)->inner->accepted++;
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs counter_funcs = {.dispatch = count_acceptance};

static gboolean
has_intruder(GSource *source, gint *timeout)
{
    McpSipInner *inner = ((Guard *)source)->inner;
    gint64 wait = 0;

    *timeout = -1;
    if (inner->accepted <= inner->connected)
        return FALSE;
    wait = inner->next_look - mcp_clock_now(inner->params.clock);
    if (wait <= 0)
        return TRUE;
    *timeout = (gint)(wait / G_TIME_SPAN_MILLISECOND) + 1;
    return FALSE;
}

static gboolean
find_intruder(GSource *source, GSourceFunc func, gpointer data)
{
    McpSipInner *inner = ((Guard *)source)->inner;

    inner->accepted = inner->connected;
    inner->next_look = mcp_clock_now(inner->params.clock) + LOOK_INTERVAL;
    each_socket(inner, shut_intruder);
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs finder_funcs = {.prepare = has_intruder, .dispatch = find_intruder};

static GSource *
attach_guard(McpSipInner *inner, GSourceFuncs *funcs, int fd, gint priority, GMainContext *main)
{
    GSource *source = g_source_new(funcs, sizeof(Guard));

    ((Guard *)source)->inner = inner;
    g_source_set_static_name(source, "sip inner listener");
    g_source_set_priority(source, priority);
    g_source_set_can_recurse(source, TRUE);
    if (fd >= 0)
        g_source_add_unix_fd(source, fd, G_IO_IN);
    g_source_attach(source, main);
    return source;
}

/*
 * The library takes all that a connection holds for one message, until it has parsed it: many small
 * ones at once would be one too large. Connections inherit the bound of what they may hold.
 */
static void
limit_pending(McpSipInner *inner, int fd)
{
    int bytes = (int)inner->params.max_message / 4;

    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

void
mcp_sip_inner_watch(McpSipInner *inner, GMainContext *main)
{
    int fd = each_socket(inner, is_own_listener);

    if (fd < 0 || inner->counter != NULL)
        return;
    limit_pending(inner, fd);
    inner->counter = attach_guard(inner, &counter_funcs, fd, G_PRIORITY_DEFAULT, main);
    /* Before the library reads from what it accepted in the turn before. */
    inner->finder = attach_guard(inner, &finder_funcs, -1, G_PRIORITY_DEFAULT - 1, main);
}

static void
drop_guard(GSource *source)
{
    g_source_destroy(source);
    g_source_unref(source);
}

static tport_t *
find_primary(nta_agent_t *agent, const char *ident)
{
    tport_t *transport = tport_primaries(nta_agent_tports(agent));

    while (transport != NULL && g_strcmp0(tport_ident(transport), ident) != 0)
        transport = tport_next(transport);
    return transport;
}

McpSipInner *
mcp_sip_inner_new(nta_agent_t *agent, const McpSipInnerParams *params, GError **error)
{
    g_autofree char *url = g_strdup_printf("sip:%s:*;transport=tcp;maddr=127.0.0.1", params->host);
    McpSipInner *inner = NULL;
    guint64 port = 0;

    if (nta_agent_add_tport(
            agent, (const url_string_t *)url, TPTAG_IDENT(params->ident), TPTAG_SERVER(1),
            TPTAG_STUN_SERVER(0), TPTAG_REUSE(1), TPTAG_SDWN_ERROR(1), TPTAG_QUEUESIZE(BACKLOG),
            TPTAG_TIMEOUT(MESSAGE_TIMEOUT_MS), TPTAG_IDLE(params->idle_ms), TAG_END()) != 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "no inner socket: %s", g_strerror(errno));
        return NULL;
    }
    inner = g_new0(McpSipInner, 1);
    inner->primary = find_primary(agent, params->ident);
    if (g_ascii_string_to_unsigned(tport_name(inner->primary)->tpn_port, 10, 1, G_MAXUINT16, &port,
                                   NULL))
        inner->port = (guint)port;
    inner->known = g_hash_table_new(NULL, NULL);
    inner->params = *params;
    return inner;
}

void
mcp_sip_inner_free(McpSipInner *inner)
{
    g_clear_pointer(&inner->counter, drop_guard);
    g_clear_pointer(&inner->finder, drop_guard);
    g_hash_table_unref(inner->known);
    g_free(inner);
}

void
mcp_sip_inner_name(McpSipInner *inner, guint port)
{
    /* nta keeps the Via of each socket here, and compares that of requests with its protocol. */
    sip_via_t *via = (sip_via_t *)(gpointer)tport_magic(inner->primary);
    g_autofree char *text = g_strdup_printf("%u", port);

    for (; via != NULL; via = via->v_next) {
        via->v_protocol = sip_transport_tls;
        /* Interned: outlives every message that points to it. */
        via->v_port = port != 5061 ? g_intern_string(text) : NULL;
    }
}

GSocket *
mcp_sip_inner_connect(McpSipInner *inner, guint *out_port, GError **error)
{
    g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
    g_autoptr(GSocketAddress) own = g_inet_socket_address_new(loopback, 0);
    g_autoptr(GSocketAddress) target = g_inet_socket_address_new(loopback, (guint16)inner->port);
    g_autoptr(GSocket) socket =
        g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);
    g_autoptr(GError) pending = NULL;

    /* Bound without leave to share: nobody else can send from this port while it is open. */
    if (socket == NULL || !g_socket_bind(socket, own, FALSE, error))
        return NULL;
    *out_port = loopback_port(g_socket_get_fd(socket), getsockname);
    g_hash_table_add(inner->known, GUINT_TO_POINTER(*out_port));
    g_socket_set_blocking(socket, FALSE);
    g_socket_set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
    if (!g_socket_connect(socket, target, NULL, &pending) &&
        !g_error_matches(pending, G_IO_ERROR, G_IO_ERROR_PENDING)) {
        mcp_sip_inner_forget(inner, *out_port);
        g_propagate_error(error, g_steal_pointer(&pending));
        return NULL;
    }
    inner->connected++;
    return g_steal_pointer(&socket);
}

void
mcp_sip_inner_forget(McpSipInner *inner, guint port)
{
    g_hash_table_remove(inner->known, GUINT_TO_POINTER(port));
}

tport_t *
mcp_sip_inner_find(McpSipInner *inner, guint port)
{
    char text[8] = "";
    tp_name_t name = {.tpn_proto = "tcp",
                      .tpn_canon = "127.0.0.1",
                      .tpn_host = "127.0.0.1",
                      .tpn_port = text,
                      .tpn_ident = tport_ident(inner->primary)};
    tport_t *found = NULL;

    g_snprintf(text, sizeof text, "%u", port);
    found = tport_by_name(inner->primary, &name);
    return found != NULL && tport_is_secondary(found) ? found : NULL;
}
