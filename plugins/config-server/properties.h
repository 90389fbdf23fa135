/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/config_source.h>

G_BEGIN_DECLS

/** Bounds of what is taken from a server. */
#define MCP_PROPERTIES_BODY_MAX (1024 * 1024)
#define MCP_PROPERTIES_MAX 4096
#define MCP_PROPERTY_NAME_MAX 512
#define MCP_PROPERTY_TEXT_MAX 16384

/**
 * mcp_properties_read: (transfer full) (element-type McpConfigValue): the settings of an answer to
 * GET /APPLICATION/PROFILE. MCP_ERROR_INVALID says what is wrong with it. Any thread.
 * @application: for the origins
 * @prefix: what names begin with that are settings
 */
GPtrArray *mcp_properties_read(GBytes *body, const char *application, const char *prefix,
                               GError **error);

G_END_DECLS
