/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/json.h>

G_BEGIN_DECLS

/** McpControlAnswer: an answer with a JSON body. */
typedef void (*McpControlAnswer)(guint status, const char *json, gpointer user_data);

/** mcp_control_object: (transfer full): a JSON object with one string. */
char *mcp_control_object(const char *key, const char *value);
/** mcp_control_status_of: the HTTP status that @error is. */
guint mcp_control_status_of(const GError *error);
/** mcp_control_status_of_sip: that of a transfer or redirect which failed with SIP status @sip. */
guint mcp_control_status_of_sip(guint sip);

G_END_DECLS
