/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/settings.h>

G_BEGIN_DECLS

/** McpConsulConfig: [consul] and what of other sections is told. */
typedef struct {
    McpSettings *settings; /* holds the secret */
    char *url;
    const McpSecret *token; /* nullable */
    char *credentials;      /* nullable: name of the set */
    char *service;
    char *id;
    char *check; /* its id */
    char *address;
    guint port;
    char **tags;
    char *services; /* names, comma-separated, at most 512 bytes */
    gint64 capacity;
    gint64 ttl;
    gint64 deregister_after;
    gint64 timeout;
} McpConsulConfig;

/** mcp_consul_setting_defs: the table of settings. */
extern const McpSettingDef mcp_consul_setting_defs[];

/** mcp_consul_config_new: (transfer full): MCP_ERROR_INVALID names key and origin. */
McpConsulConfig *mcp_consul_config_new(McpSettings *settings, GError **error);
/** mcp_consul_config_free: */
void mcp_consul_config_free(McpConsulConfig *config);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpConsulConfig, mcp_consul_config_free)

G_END_DECLS
