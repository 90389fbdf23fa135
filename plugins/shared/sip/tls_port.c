/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpSipTlsPort: one TLS socket. Its contexts are made anew when its credentials change; what is
 * connected keeps the ones it began with. SIP context.
 */
#include "tls_port.h"

#include "socket_options.h"

#include <mcp/error.h>
#include <mcp/log.h>

/* The stack accepts one connection a turn: so many new flows can begin in one turn. */
#define STOCK 16
/* Connections accepted before others have their turn. */
#define ACCEPTS_A_TURN 16
#define LISTEN_BACKLOG 512

typedef struct {
    GSocket *socket;
    guint port;
} Spare;

struct _McpSipTlsPort {
    McpSipFrontParams params;
    char *ident;
    char *section;
    guint shown_port;
    char **credentials;
    McpTlsOptions server_options;
    McpTlsOptions client_options;
    McpTlsContext *server;
    McpTlsContext *client;
    GArray *watches; /* guint */
    GSocket *listener;
    GSource *source; /* nullable: accepting stopped for want of descriptors */
    McpSipInner *inner;
    GQueue spares; /* Spare */
    McpSipTlsAcceptFunc accept;
    gpointer user_data;
};

static void
spare_free(gpointer data)
{
    Spare *spare = data;

    g_socket_close(spare->socket, NULL);
    g_object_unref(spare->socket);
    g_free(spare);
}

static GPtrArray *
get_sets(McpSipTlsPort *port, GError **error)
{
    g_autoptr(GPtrArray) sets =
        g_ptr_array_new_with_free_func((GDestroyNotify)mcp_credential_set_unref);

    for (guint i = 0; port->credentials[i] != NULL; i++) {
        McpCredentialSet *set =
            mcp_credentials_get(port->params.credentials, port->credentials[i], error);

        if (set == NULL)
            return NULL;
        g_ptr_array_add(sets, set);
    }
    return g_steal_pointer(&sets);
}

static gboolean
make_contexts(McpSipTlsPort *port, GError **error)
{
    g_autoptr(GPtrArray) sets = get_sets(port, error);
    g_autoptr(GPtrArray) first = NULL;
    g_autoptr(McpTlsContext) server = NULL;
    g_autoptr(McpTlsContext) client = NULL;

    if (sets == NULL)
        return FALSE;
    first = g_ptr_array_new();
    g_ptr_array_add(first, sets->pdata[0]);
    server = mcp_tls_context_new(sets, &port->server_options, error);
    client = server != NULL ? mcp_tls_context_new(first, &port->client_options, error) : NULL;
    if (client == NULL)
        return FALSE;
    g_clear_pointer(&port->server, mcp_tls_context_unref);
    g_clear_pointer(&port->client, mcp_tls_context_unref);
    port->server = g_steal_pointer(&server);
    port->client = g_steal_pointer(&client);
    return TRUE;
}

static void
on_credentials(McpCredentialSet *set, gpointer user_data)
{
    McpSipTlsPort *port = user_data;
    g_autoptr(GError) error = NULL;

    if (make_contexts(port, &error))
        mcp_log_info("sip-tls-credentials", NULL,
                     "[sip.transport \"%s\"]: new connections use the changed credentials \"%s\"",
                     port->section, mcp_credential_set_get_name(set));
    else
        mcp_log_error("sip-tls-credentials", NULL,
                      "[sip.transport \"%s\"] goes on with the credentials it had: %s",
                      port->section, error->message);
}

static void
watch_credentials(McpSipTlsPort *port)
{
    for (guint i = 0; port->credentials[i] != NULL; i++) {
        guint id = mcp_credentials_watch(port->params.credentials, port->credentials[i],
                                         port->params.main, on_credentials, port, NULL);

        g_array_append_val(port->watches, id);
    }
}

static gboolean
on_incoming(GSocket *listener, GIOCondition condition, gpointer user_data)
{
    McpSipTlsPort *port = user_data;

    for (guint i = 0; i < ACCEPTS_A_TURN; i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GSocket) socket = g_socket_accept(listener, NULL, &error);

        if (socket != NULL) {
            port->accept(port, socket, port->user_data);
        } else if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES)) {
            /* Else the loop would turn for nothing until a descriptor is free. */
            mcp_log_warning("sip-tls-accept", NULL, "[sip.transport \"%s\"]: %s", port->section,
                            error->message);
            g_clear_pointer(&port->source, g_source_unref);
            return G_SOURCE_REMOVE;
        } else {
            break;
        }
    }
    return G_SOURCE_CONTINUE;
}

static void
accept_on(McpSipTlsPort *port)
{
    port->source = g_socket_create_source(port->listener, G_IO_IN, NULL);
    g_source_set_callback(port->source, (GSourceFunc)(void (*)(void))on_incoming, port, NULL);
    g_source_set_can_recurse(port->source, TRUE);
    g_source_attach(port->source, port->params.main);
}

static gboolean
listen_on(McpSipTlsPort *port, const McpSipFrontSocket *socket, GError **error)
{
    g_autoptr(GInetAddress) host = g_inet_address_new_from_string(socket->host);
    g_autoptr(GSocketAddress) address = g_inet_socket_address_new(host, (guint16)socket->port);

    port->listener = g_socket_new(g_inet_address_get_family(host), G_SOCKET_TYPE_STREAM,
                                  G_SOCKET_PROTOCOL_TCP, error);
    if (port->listener == NULL)
        return FALSE;
    g_socket_set_blocking(port->listener, FALSE);
    mcp_sip_socket_set_dscp(g_socket_get_fd(port->listener),
                            g_inet_address_get_family(host) == G_SOCKET_FAMILY_IPV6, socket->dscp);
    g_socket_set_listen_backlog(port->listener, LISTEN_BACKLOG);
    if (!g_socket_bind(port->listener, address, TRUE, error) ||
        !g_socket_listen(port->listener, error))
        return FALSE;
    accept_on(port);
    return TRUE;
}

static void
on_intruder(guint inner_port, gpointer user_data)
{
    McpSipTlsPort *port = user_data;

    mcp_log_warning("sip-tls-intruder", NULL,
                    "[sip.transport \"%s\"]: closed a connection of another program on this "
                    "machine, from port %u, to the inner socket",
                    port->section, inner_port);
    port->params.count(MCP_SIP_TLS_INTRUDER, port->params.user_data);
}

static gboolean
open_port(McpSipTlsPort *port, nta_agent_t *agent, const McpSipFrontSocket *socket, GError **error)
{
    McpSipInnerParams inner = {.ident = socket->ident,
                               .host = socket->shown_host,
                               .idle_ms = (guint)(port->params.idle_timeout / 1000),
                               .max_message = port->params.max_message,
                               .clock = port->params.clock,
                               .intruder = on_intruder,
                               .user_data = port};

    if (port->params.credentials == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND,
                    "TLS needs a service of credentials: enable the plugin credentials");
        return FALSE;
    }
    if (!make_contexts(port, error) || !listen_on(port, socket, error))
        return FALSE;
    port->inner = mcp_sip_inner_new(agent, &inner, error);
    if (port->inner == NULL)
        return FALSE;
    watch_credentials(port);
    return TRUE;
}

McpSipTlsPort *
mcp_sip_tls_port_new(const McpSipFrontParams *params, nta_agent_t *agent,
                     const McpSipFrontSocket *socket, McpSipTlsAcceptFunc accept,
                     gpointer user_data, GError **error)
{
    McpSipTlsPort *port = g_new0(McpSipTlsPort, 1);

    port->params = *params;
    port->ident = g_strdup(socket->ident);
    port->section = g_strdup(socket->section);
    port->shown_port = socket->shown_port;
    port->credentials = g_strdupv((char **)(gpointer)socket->credentials);
    port->server_options = socket->options;
    port->server_options.server = TRUE;
    port->client_options = socket->options;
    port->client_options.server = FALSE;
    port->watches = g_array_new(FALSE, FALSE, sizeof(guint));
    port->accept = accept;
    port->user_data = user_data;
    g_queue_init(&port->spares);
    if (open_port(port, agent, socket, error))
        return port;
    g_prefix_error(error, "cannot listen on %s:%u/tls ([sip.transport \"%s\"]): ", socket->host,
                   socket->port, socket->section);
    mcp_sip_tls_port_free(port);
    return NULL;
}

void
mcp_sip_tls_port_free(McpSipTlsPort *port)
{
    for (guint i = 0; i < port->watches->len; i++)
        mcp_credentials_unwatch(port->params.credentials, g_array_index(port->watches, guint, i));
    g_array_unref(port->watches);
    if (port->source != NULL)
        g_source_destroy(port->source);
    g_clear_pointer(&port->source, g_source_unref);
    if (port->listener != NULL)
        g_socket_close(port->listener, NULL);
    g_clear_object(&port->listener);
    g_queue_clear_full(&port->spares, spare_free);
    g_clear_pointer(&port->inner, mcp_sip_inner_free);
    g_clear_pointer(&port->server, mcp_tls_context_unref);
    g_clear_pointer(&port->client, mcp_tls_context_unref);
    g_strfreev(port->credentials);
    g_free(port->ident);
    g_free(port->section);
    g_free(port);
}

static void
stock_up(McpSipTlsPort *port)
{
    while (port->spares.length < STOCK) {
        guint inner_port = 0;
        GSocket *socket = mcp_sip_inner_connect(port->inner, &inner_port, NULL);
        Spare *spare = NULL;

        if (socket == NULL)
            return;
        spare = g_new0(Spare, 1);
        spare->socket = socket;
        spare->port = inner_port;
        g_queue_push_tail(&port->spares, spare);
    }
}

void
mcp_sip_tls_port_start(McpSipTlsPort *port)
{
    mcp_sip_inner_name(port->inner, port->shown_port);
    mcp_sip_inner_watch(port->inner, port->params.main);
    stock_up(port);
}

/* Whether the stack has hung up: a spare says nothing, so only its end can be readable. */
static gboolean
has_ended(const Spare *spare)
{
    return g_socket_condition_check(spare->socket, G_IO_IN | G_IO_HUP | G_IO_ERR) != 0;
}

void
mcp_sip_tls_port_tick(McpSipTlsPort *port)
{
    if (port->source == NULL)
        accept_on(port);
    for (guint i = port->spares.length; i > 0; i--) {
        Spare *spare = g_queue_pop_head(&port->spares);

        if (has_ended(spare)) {
            mcp_sip_inner_forget(port->inner, spare->port);
            spare_free(spare);
        } else {
            g_queue_push_tail(&port->spares, spare);
        }
    }
    stock_up(port);
}

const char *
mcp_sip_tls_port_get_ident(const McpSipTlsPort *port)
{
    return port->ident;
}

McpSipInner *
mcp_sip_tls_port_get_inner(McpSipTlsPort *port)
{
    return port->inner;
}

McpTlsContext *
mcp_sip_tls_port_get_context(McpSipTlsPort *port, gboolean server)
{
    return server ? port->server : port->client;
}

gboolean
mcp_sip_tls_port_is_stocked(McpSipTlsPort *port)
{
    const Spare *last = g_queue_peek_tail(&port->spares);

    /* Accepted in order: with the last one all are. */
    return last != NULL && mcp_sip_inner_find(port->inner, last->port) != NULL;
}

GSocket *
mcp_sip_tls_port_take(McpSipTlsPort *port, guint *out_inner_port)
{
    Spare *spare = g_queue_peek_head(&port->spares);
    GSocket *socket = NULL;

    if (spare == NULL || mcp_sip_inner_find(port->inner, spare->port) == NULL)
        return NULL;
    g_queue_pop_head(&port->spares);
    socket = spare->socket;
    *out_inner_port = spare->port;
    g_free(spare);
    stock_up(port);
    return socket;
}
