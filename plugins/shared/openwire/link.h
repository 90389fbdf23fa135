/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>
#include <tls/tls_context.h>

#include "openwire.h"

G_BEGIN_DECLS

/**
 * McpOpenwireLink: one connection to one broker, from the look-up of its name to its end. Control
 * context.
 */
typedef struct _McpOpenwireLink McpOpenwireLink;

/**
 * McpOpenwireLinkEvents: each function may free the link.
 *
 * @ready: messages may be sent
 * @answered: the broker has a message; or refuses it, with @error_class and @error_text (nullable)
 * @closed: the last event
 */
typedef struct {
    void (*ready)(McpOpenwireLink *link, gpointer user_data);
    void (*answered)(McpOpenwireLink *link, gint32 command, const char *error_class,
                     const char *error_text, gpointer user_data);
    void (*closed)(McpOpenwireLink *link, const GError *error, gpointer user_data);
} McpOpenwireLinkEvents;

/** McpOpenwireLinkOptions: strings are copied. */
typedef struct {
    const char *host; /* name or literal */
    guint port;
    McpTlsContext *tls;     /* nullable: TCP */
    const char *connection; /* id: an earlier connection of it is ended by the broker */
    const char *user;       /* nullable */
    const char *password;   /* nullable */
    gint64 timeout;         /* µs until it is ready */
    gint64 inactivity;      /* µs of silence that end it, at most; 0: never */
} McpOpenwireLinkOptions;

/** mcp_openwire_link_new: (transfer full): begins to connect. */
McpOpenwireLink *mcp_openwire_link_new(const McpOpenwireLinkOptions *options, McpClock *clock,
                                       const McpOpenwireLinkEvents *events, gpointer user_data);
/** mcp_openwire_link_free: says goodbye if it can. */
void mcp_openwire_link_free(McpOpenwireLink *link);
/**
 * mcp_openwire_link_send: the number of the command, by which it is answered; 0: it is larger than
 * the broker says that it takes, and was not sent.
 */
gint32 mcp_openwire_link_send(McpOpenwireLink *link, const McpOpenwireMessage *message);
/** mcp_openwire_link_begin: a transaction for messages, which then are not answered each. */
gint64 mcp_openwire_link_begin(McpOpenwireLink *link);
/** mcp_openwire_link_commit: the number of the command that is answered for all of its messages. */
gint32 mcp_openwire_link_commit(McpOpenwireLink *link, gint64 transaction);
/** mcp_openwire_link_get_remote: (transfer none): "broker:61616". */
const char *mcp_openwire_link_get_remote(const McpOpenwireLink *link);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpOpenwireLink, mcp_openwire_link_free)

G_END_DECLS
