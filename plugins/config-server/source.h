/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "config.h"

#include <mcp/contract/config_source.h>
#include <mcp/contract/health.h>

G_BEGIN_DECLS

/** McpConfigServerMetric: rows of the metrics table. */
typedef enum {
    MCP_CONFIG_SERVER_METRIC_LOOKS,
    MCP_CONFIG_SERVER_METRIC_EXPIRY,
} McpConfigServerMetric;

/** MCP_CONFIG_SERVER_OUTCOMES: labels of MCP_CONFIG_SERVER_METRIC_LOOKS. */
#define MCP_CONFIG_SERVER_OUTCOMES "unchanged|taken|refused|failed"

/** McpConfigServerSource: what the server has said, what of it is in force. Control context. */
typedef struct _McpConfigServerSource McpConfigServerSource;

/** mcp_config_server_source_new: (transfer full): @config: (transfer full). @host outlives it. */
McpConfigServerSource *mcp_config_server_source_new(McpHost *host, McpConfigServerConfig *config);
/** mcp_config_server_source_free: */
void mcp_config_server_source_free(McpConfigServerSource *source);
/** mcp_config_server_source_read: see mcp_config_source_read(). */
GPtrArray *mcp_config_server_source_read(McpConfigServerSource *source, GError **error);
/** mcp_config_server_source_fall_back: see mcp_config_source_fall_back(). */
GPtrArray *mcp_config_server_source_fall_back(McpConfigServerSource *source);
/** mcp_config_server_source_get: see mcp_config_source_get(). */
GPtrArray *mcp_config_server_source_get(McpConfigServerSource *source);
/** mcp_config_server_source_get_certificates: see mcp_config_source_get_certificates(). */
McpCertificates *mcp_config_server_source_get_certificates(McpConfigServerSource *source,
                                                           const char *name, GError **error);
/** mcp_config_server_source_start: what was read is in force; looks for changes from now on. */
gboolean mcp_config_server_source_start(McpConfigServerSource *source, GError **error);
/** mcp_config_server_source_settled: a reload went well: what was refused may be tried again. */
void mcp_config_server_source_settled(McpConfigServerSource *source);
/** mcp_config_server_source_stop: looks no more. */
void mcp_config_server_source_stop(McpConfigServerSource *source);

G_END_DECLS
