/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/settings.h>

G_BEGIN_DECLS

/** McpWebConfig: one [web.listener "NAME"] section. */
typedef struct {
    char *name;
    char *socket; /* path of a Unix socket, or NULL: then all of the next three */
    GInetSocketAddress *address;
    char *credentials;            /* nullable: name of the set that @certificate is from */
    guint watch;                  /* of that set */
    GTlsCertificate *certificate; /* with its key */
    char *token;                  /* nullable on a Unix socket */
    gsize max_body;
    guint max_clients;
    guint idle_seconds;
} McpWebConfig;

/** mcp_web_setting_defs: the table of the plugin's settings. */
extern const McpSettingDef mcp_web_setting_defs[];

/**
 * mcp_web_configs_new: (transfer full): array of McpWebConfig, one a section; NULL with a message
 * that names section and fault: a listener on TCP needs certificate, key and token.
 */
GPtrArray *mcp_web_configs_new(McpSettings *settings, GError **error);

G_END_DECLS
