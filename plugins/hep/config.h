/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/log.h>
#include <mcp/settings.h>

#include "item.h"

G_BEGIN_DECLS

#define MCP_HEP_SECTION "hep"

/** McpHepTransport: how packets get to the server. */
typedef enum {
    MCP_HEP_UDP,
    MCP_HEP_TCP,
    MCP_HEP_TLS,
} McpHepTransport;

/** McpHepServer: one of the list. */
typedef struct {
    char *host; /* name or literal */
    guint port;
} McpHepServer;

/** McpHepConfig: the settings, read once; strings are those of @settings. */
typedef struct {
    McpSettings *settings;
    GPtrArray *servers; /* McpHepServer, at least one */
    McpHepTransport transport;
    const char *credentials; /* nullable */
    const char *key;         /* nullable */
    guint32 agent;
    gboolean kinds[MCP_HEP_KINDS];
    McpLogLevel log_level;
    gboolean all_lines; /* not those of calls alone */
    gsize queue;        /* bytes */
} McpHepConfig;

/** mcp_hep_settings: rows of the settings table. */
extern const McpSettingDef mcp_hep_settings[];

/** mcp_hep_config_new: (transfer full): MCP_ERROR_INVALID names key and value. */
McpHepConfig *mcp_hep_config_new(McpSettings *settings, GError **error);
/** mcp_hep_config_free: frees it. */
void mcp_hep_config_free(McpHepConfig *config);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpHepConfig, mcp_hep_config_free)

G_END_DECLS
