/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/clock.h>
#include <mcp/trace.h>
#include <tls/tls_context.h>

G_BEGIN_DECLS

/**
 * McpHepLink: the way to one capture server, from the look-up of its name to its end. The protocol
 * has no answers: what the server sends is thrown away. Control context.
 */
typedef struct _McpHepLink McpHepLink;

/**
 * McpHepLinkEvents: each function may free the link.
 *
 * @connected: something is to be sent now that shows whether anybody listens
 * @ready: nothing speaks against it: what there is may be sent
 * @writable: it is not full any more
 * @closed: the last event
 */
typedef struct {
    void (*connected)(McpHepLink *link, gpointer user_data);
    void (*ready)(McpHepLink *link, gpointer user_data);
    void (*writable)(McpHepLink *link, gpointer user_data);
    void (*closed)(McpHepLink *link, const GError *error, gpointer user_data);
} McpHepLinkEvents;

/** McpHepSent: what became of a packet. */
typedef enum {
    MCP_HEP_SENT,
    MCP_HEP_NOT_NOW, /* again when it is writable, or over the next link */
    MCP_HEP_LOST,    /* the network takes none of this length */
} McpHepSent;

/** McpHepLinkOptions: strings are copied. */
typedef struct {
    const char *host; /* name or literal */
    guint port;
    guint attempt;      /* which one of the name's addresses: each in turn */
    gboolean datagrams; /* UDP */
    McpTlsContext *tls; /* nullable: TCP, or UDP */
} McpHepLinkOptions;

/** mcp_hep_link_new: (transfer full): begins to connect. */
McpHepLink *mcp_hep_link_new(const McpHepLinkOptions *options, McpClock *clock,
                             const McpHepLinkEvents *events, gpointer user_data);
/** mcp_hep_link_free: closes it; of what was sent goes out what can at once. */
void mcp_hep_link_free(McpHepLink *link);
/** mcp_hep_link_is_full: nothing more is to be sent until it is writable. */
gboolean mcp_hep_link_is_full(const McpHepLink *link);
/** mcp_hep_link_send: a whole packet; with TCP and TLS it waits for mcp_hep_link_flush(). */
McpHepSent mcp_hep_link_send(McpHepLink *link, const guint8 *data, gsize length);
/** mcp_hep_link_flush: what was sent goes out. */
void mcp_hep_link_flush(McpHepLink *link);
/** mcp_hep_link_get_ends: of the connection, once there is one. */
void mcp_hep_link_get_ends(const McpHepLink *link, McpTraceEnd *out_local, McpTraceEnd *out_remote);
/** mcp_hep_link_get_remote: (transfer none): "capture.example:9060". */
const char *mcp_hep_link_get_remote(const McpHepLink *link);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpHepLink, mcp_hep_link_free)

G_END_DECLS
