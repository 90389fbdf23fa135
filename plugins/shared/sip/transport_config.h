/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "tls_context.h"

#include <mcp/settings.h>

G_BEGIN_DECLS

/** McpSipTransportConfig: one socket of a [sip.transport "NAME"] section. */
typedef struct {
    char *name;
    char *ident;          /* tells the sockets of one section apart: "PROTOCOL:NAME@ADDRESS" */
    const char *protocol; /* "udp", "tcp" or "tls" */
    char **credentials;   /* of TLS: names of sets */
    McpTlsOptions tls;
    char *host; /* address to bind, without brackets */
    guint port;
    char *advertised_host; /* nullable */
    guint advertised_port;
} McpSipTransportConfig;

/**
 * mcp_sip_transport_configs_new: (transfer full): McpSipTransportConfig, one a socket: a section
 * that listens on all addresses has one for each. NULL with a message that names key and origin.
 */
GPtrArray *mcp_sip_transport_configs_new(McpSettings *settings, GError **error);
/** mcp_sip_transport_config_free: frees one. */
void mcp_sip_transport_config_free(McpSipTransportConfig *config);
/** mcp_sip_transport_config_shown_host: the host that others are told, without brackets. */
const char *mcp_sip_transport_config_shown_host(const McpSipTransportConfig *config);
/** mcp_sip_transport_config_shown_port: the port that others are told. */
guint mcp_sip_transport_config_shown_port(const McpSipTransportConfig *config);

G_END_DECLS
