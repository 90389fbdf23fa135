/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a caller entered where the page said com.genesyslab.private: kept only to be struck out of
 * whatever is told, and never given back. Shared by machine and session; any thread.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** MCP_VXML_PRIVATE: what stands in its place. */
#define MCP_VXML_PRIVATE "(private)"

typedef struct _McpVxmlSecrets McpVxmlSecrets;

McpVxmlSecrets *mcp_vxml_secrets_new(void);
McpVxmlSecrets *mcp_vxml_secrets_ref(McpVxmlSecrets *secrets);
void mcp_vxml_secrets_unref(McpVxmlSecrets *secrets);
/** mcp_vxml_secrets_add: the words or keys, with and without the blanks between them. */
void mcp_vxml_secrets_add(McpVxmlSecrets *secrets, const char *text);
/** mcp_vxml_secrets_add_json: each string and number in a JSON value, names excepted. */
void mcp_vxml_secrets_add_json(McpVxmlSecrets *secrets, const char *json);
gboolean mcp_vxml_secrets_is_empty(McpVxmlSecrets *secrets);
/** mcp_vxml_secrets_redact: (transfer full): @text (nullable) without them and URLs' passwords. */
char *mcp_vxml_secrets_redact(McpVxmlSecrets *secrets, const char *text);
/** mcp_vxml_secrets_is_in: whether redacting would change @text. */
gboolean mcp_vxml_secrets_is_in(McpVxmlSecrets *secrets, const char *text);

G_END_DECLS
