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
    char *token;                  /* nullable on a Unix socket, and on an open one */
    gboolean open;                /* for whoever reaches it: nothing but public paths */
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
/**
 * mcp_web_config_new_open: (transfer full): an open listener on @address (ADDRESS:PORT) that no
 * section describes, with the sections' defaults.
 */
McpWebConfig *mcp_web_config_new_open(const char *name, const char *address, GError **error);
/** mcp_web_config_free: frees it. */
void mcp_web_config_free(McpWebConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpWebConfig, mcp_web_config_free)

G_END_DECLS
