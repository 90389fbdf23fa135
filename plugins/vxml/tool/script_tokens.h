/* SPDX-License-Identifier: Apache-2.0 */
/* ECMAScript as tokens, as far as names need it. One thread. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef enum {
    MCP_VXML_TOKEN_NAME,
    MCP_VXML_TOKEN_KEYWORD,
    MCP_VXML_TOKEN_NUMBER,
    MCP_VXML_TOKEN_STRING,
    MCP_VXML_TOKEN_REGEXP,
    MCP_VXML_TOKEN_SIGN,
} McpVxmlTokenKind;

/** McpVxmlToken: @text is of the source, not ended by a zero. */
typedef struct {
    McpVxmlTokenKind kind;
    const char *text;
    gsize length;
    guint line; /* from 0 */
} McpVxmlToken;

/** mcp_vxml_script_tokens: (transfer full): GArray of McpVxmlToken; comments are left out. */
GArray *mcp_vxml_script_tokens(const char *source);
/** mcp_vxml_token_is: whether it is @text, character by character. */
gboolean mcp_vxml_token_is(const McpVxmlToken *token, const char *text);

G_END_DECLS
