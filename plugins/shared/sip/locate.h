/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sofia.h"

#include <gio/gio.h>
#include <mcp/clock.h>

G_BEGIN_DECLS

/**
 * McpSipDestination: one place that a request may be sent to.
 *
 * @name: host name, what its certificate must be for
 * @address: IPv4 or IPv6 literal, without brackets
 */
typedef struct {
    const char *protocol; /* "udp", "tcp", "tls" */
    char *name;
    char *address;
    guint port;
} McpSipDestination;

/** McpSipLocator: where a SIP URI leads (RFC 3263), one a stack. SIP context. */
typedef struct _McpSipLocator McpSipLocator;
/** McpSipSearch: one question to it that is under way. */
typedef struct _McpSipSearch McpSipSearch;

/**
 * McpSipLocated: @destinations (transfer full) in the order to try them; empty with @failure, a
 * text, when there is none.
 */
typedef void (*McpSipLocated)(GPtrArray *destinations, const char *failure, gpointer user_data);

/**
 * McpSipLocatorUse: whether sockets of a protocol are there; what has none is not looked for.
 */
typedef gboolean (*McpSipLocatorUse)(const char *protocol, gpointer user_data);

/** mcp_sip_locator_new: (transfer full): asks the name servers of resolv.conf. */
McpSipLocator *mcp_sip_locator_new(su_root_t *root, GMainContext *context, McpClock *clock,
                                   McpSipLocatorUse use, gpointer user_data);
/** mcp_sip_locator_free: no search may be left. */
void mcp_sip_locator_free(McpSipLocator *locator);

/**
 * mcp_sip_locator_find: (nullable) (transfer none): looks for where @url leads, at most five
 * seconds. @func runs later, or at once for an address; then NULL is returned.
 */
McpSipSearch *mcp_sip_locator_find(McpSipLocator *locator, const url_t *url, McpSipLocated func,
                                   gpointer user_data);
/** mcp_sip_search_cancel: its function will not be called. */
void mcp_sip_search_cancel(McpSipSearch *search);

/** mcp_sip_destination_to_string: (transfer full): "tcp:192.0.2.1:5060", for people. */
char *mcp_sip_destination_to_string(const McpSipDestination *destination);
/** mcp_sip_destination_to_url: (transfer full): "sip:192.0.2.1:5060;transport=tcp". */
char *mcp_sip_destination_to_url(const McpSipDestination *destination);

G_END_DECLS
