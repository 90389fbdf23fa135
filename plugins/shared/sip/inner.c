/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpSipInner: the library's side of TLS. The library accepts whoever connects and tells nobody, so
 * its listening socket is watched here too: an acceptance that no connection of ours accounts for is
 * that of another program, and is looked up among the descriptors and shut. SIP context.
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

typedef struct {
    GSource source;
    McpSipInner *inner;
    gpointer tag;
} Guard;

struct _McpSipInner {
    tport_t *primary; /* lives as long as the agent */
    guint port;
    GHashTable *known; /* ports of ours, as pointers */
    GSource *guard;    /* nullable */
    guint64 connected; /* by us */
    guint64 accepted;  /* by the library */
    McpSipInnerFunc intruder;
    gpointer user_data;
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
    guint peer = is_listening(fd) ? 0 : loopback_port(fd, getpeername);

    if (is_listening(fd) || g_hash_table_contains(inner->known, GUINT_TO_POINTER(peer)))
        return FALSE;
    shutdown(fd, SHUT_RDWR);
    inner->intruder(peer, inner->user_data);
    return FALSE;
}

static gboolean
guard_prepare(GSource *source, gint *timeout)
{
    McpSipInner *inner = ((Guard *)source)->inner;

    *timeout = -1;
    return inner->accepted > inner->connected;
}

/* What is readable now is accepted by the library within this turn, one connection. */
static gboolean
guard_check(GSource *source)
{
    Guard *guard = (Guard *)source;

    if ((g_source_query_unix_fd(source, guard->tag) & G_IO_IN) != 0)
        guard->inner->accepted++;
    return FALSE;
}

static gboolean
guard_dispatch(GSource *source, GSourceFunc func, gpointer data)
{
    McpSipInner *inner = ((Guard *)source)->inner;

    inner->accepted = inner->connected;
    each_socket(inner, shut_intruder);
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs guard_funcs = {
    .prepare = guard_prepare, .check = guard_check, .dispatch = guard_dispatch};

void
mcp_sip_inner_watch(McpSipInner *inner, GMainContext *main)
{
    int fd = each_socket(inner, is_own_listener);

    if (fd < 0 || inner->guard != NULL)
        return;
    inner->guard = g_source_new(&guard_funcs, sizeof(Guard));
    ((Guard *)inner->guard)->inner = inner;
    ((Guard *)inner->guard)->tag = g_source_add_unix_fd(inner->guard, fd, G_IO_IN);
    g_source_set_static_name(inner->guard, "sip inner listener");
    /* Before the library reads from what it accepted in the turn before. */
    g_source_set_priority(inner->guard, G_PRIORITY_DEFAULT - 1);
    g_source_attach(inner->guard, main);
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
mcp_sip_inner_new(nta_agent_t *agent, const char *ident, const char *host, guint idle_ms,
                  McpSipInnerFunc intruder, gpointer user_data, GError **error)
{
    g_autofree char *url = g_strdup_printf("sip:%s:*;transport=tcp;maddr=127.0.0.1", host);
    McpSipInner *inner = NULL;
    guint64 port = 0;

    if (nta_agent_add_tport(agent, (const url_string_t *)url, TPTAG_IDENT(ident), TPTAG_SERVER(1),
                            TPTAG_STUN_SERVER(0), TPTAG_REUSE(1), TPTAG_QUEUESIZE(BACKLOG),
                            TPTAG_TIMEOUT(MESSAGE_TIMEOUT_MS), TPTAG_IDLE(idle_ms),
                            TAG_END()) != 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "no inner socket: %s", g_strerror(errno));
        return NULL;
    }
    inner = g_new0(McpSipInner, 1);
    inner->primary = find_primary(agent, ident);
    if (g_ascii_string_to_unsigned(tport_name(inner->primary)->tpn_port, 10, 1, G_MAXUINT16, &port,
                                   NULL))
        inner->port = (guint)port;
    inner->known = g_hash_table_new(NULL, NULL);
    inner->intruder = intruder;
    inner->user_data = user_data;
    return inner;
}

void
mcp_sip_inner_free(McpSipInner *inner)
{
    if (inner->guard != NULL) {
        g_source_destroy(inner->guard);
        g_source_unref(inner->guard);
    }
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
