/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/settings.h>

G_BEGIN_DECLS

/** McpConfigServerFile: a set of certificates. */
typedef struct {
    char *name;
    char *path; /* of the request */
} McpConfigServerFile;

/** McpConfigServerConfig: where what is asked, and how. */
typedef struct {
    char *url;
    char *application;
    char *path;          /* of the settings' request */
    char *prefix;        /* of property names; may be empty */
    char *authorization; /* nullable: value of the header; wiped */
    char *ca_file;       /* nullable */
    char *certificate_file;
    char *key_file;
    char *directory;
    char *copy_id; /* what is asked of whom, for names of copies */
    GPtrArray *files;
    gint64 interval;
    gint64 timeout;
    gint64 start_timeout;
    gint64 warn_before;
} McpConfigServerConfig;

/** mcp_config_server_setting_defs: the table of settings. */
extern const McpSettingDef mcp_config_server_setting_defs[];

/** mcp_config_server_config_new: (transfer full): MCP_ERROR_INVALID names key and origin. */
McpConfigServerConfig *mcp_config_server_config_new(McpSettings *settings, GError **error);
/** mcp_config_server_config_free: */
void mcp_config_server_config_free(McpConfigServerConfig *config);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpConfigServerConfig, mcp_config_server_config_free)

G_END_DECLS
