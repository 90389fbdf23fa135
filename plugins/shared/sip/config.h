/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "session_timer.h"
#include "transport_config.h"
#include "trunk.h"

#include <mcp/settings.h>

G_BEGIN_DECLS

/** McpSipReliable: when a 1xx is sent reliably to whoever knows how (RFC 3262). */
typedef enum {
    MCP_SIP_RELIABLE_OFF,
    MCP_SIP_RELIABLE_EARLY_MEDIA, /* when it has a session description */
    MCP_SIP_RELIABLE_ALWAYS,
} McpSipReliable;

/** McpSipConfig: settings of the plugin as it uses them; immutable. */
typedef struct {
    GPtrArray *transports; /* McpSipTransportConfig */
    char *identity;        /* nullable: sip: URI for From of placed sessions */
    char *realm;           /* of our challenges */
    char **digest_algorithms;
    guint max_message; /* bytes */
    guint max_sessions;
    guint t1; /* ms, and so below */
    guint t2;
    guint t4;
    guint tcp_idle;
    guint stranger_time;
    guint max_headers;
    guint max_connections;
    guint max_source_connections;
    guint max_stranger_connections;
    guint stranger_requests;  /* answered a second, of one address */
    guint strangers_requests; /* of all */
    guint source_calls;       /* a second of one address, 0: no limit */
    guint dscp;
    McpSipTimerPolicy session_timer;
    gboolean match_version; /* a refresh is known by its o= line alone */
    McpSipReliable reliable;
    guint tls_connections;
    guint tls_source_connections;
    guint tls_handshakes;
    guint tls_handshake_time;
    GPtrArray *trunks;       /* McpSipTrunk */
    char **redirect_targets; /* patterns */
    guint max_redirects;
    gint64 failover_time; /* µs */
} McpSipConfig;

/** mcp_sip_setting_defs: the settings table. */
extern const McpSettingDef mcp_sip_setting_defs[];

/** mcp_sip_config_new: (transfer full): NULL with a message that names key and origin. */
McpSipConfig *mcp_sip_config_new(McpSettings *settings, GError **error);
/** mcp_sip_config_free: frees it. */
void mcp_sip_config_free(McpSipConfig *config);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpSipConfig, mcp_sip_config_free)

G_END_DECLS
