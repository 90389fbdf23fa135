/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/settings.h>

#include "address_policy.h"

G_BEGIN_DECLS

/** McpHttpConfig: the [http] section, read once; immutable, shared by reference. */
typedef struct {
    gatomicrefcount refs;
    gint64 timeout;        /* µs */
    gint64 stale_if_error; /* seconds */
    gsize max_size;
    gsize cache_memory;
    gsize cache_disk;
    guint max_connections;
    guint max_connections_per_host;
    gint64 max_connection_age; /* µs */
    guint max_redirects;
    char *user_agent;
    char *cache_dir;         /* nullable: no disk tier */
    char *file_root;         /* nullable */
    GTlsDatabase *extra_cas; /* nullable: certificates of ca_file */
    McpHttpAddressPolicy *policy;
} McpHttpConfig;

/** mcp_http_setting_defs: the table of the plugin's settings. */
extern const McpSettingDef mcp_http_setting_defs[];

/** mcp_http_config_new: (transfer full): NULL with a message that names key and origin. */
McpHttpConfig *mcp_http_config_new(McpSettings *settings, GError **error);
/**
 * mcp_http_config_new_default: (transfer full): the defaults with an allow list; for who has no
 * settings.
 */
McpHttpConfig *mcp_http_config_new_default(const char *const *allow);
/** mcp_http_config_ref: (transfer full). Any thread. */
McpHttpConfig *mcp_http_config_ref(McpHttpConfig *config);
/** mcp_http_config_unref: Any thread. */
void mcp_http_config_unref(McpHttpConfig *config);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpHttpConfig, mcp_http_config_unref)

G_END_DECLS
