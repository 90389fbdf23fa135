/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/error.h>
#include <rpc_error.h>

G_BEGIN_DECLS

/** mcp_gapi_class_of: what a caller of a contract makes of a failure (MCP_RPC_ERROR, MCP_ERROR). */
McpError mcp_gapi_class_of(const GError *error);
/**
 * mcp_gapi_label_of: place of a failure among "failed|invalid|unsupported|limit|timeout|refused",
 * 6 for what was cancelled or closed.
 */
guint mcp_gapi_label_of(const GError *error);
/** mcp_gapi_may_pass: whether the same request may go well a little later. */
gboolean mcp_gapi_may_pass(const GError *error);
/**
 * mcp_gapi_is_illness: whether it tells of a service that is ill; what it refuses, and a quota, it
 * refuses in health.
 */
gboolean mcp_gapi_is_illness(const GError *error);

G_END_DECLS
