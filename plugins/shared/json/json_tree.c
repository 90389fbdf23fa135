/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON from outside, parsed by json-glib once it is sure that this is safe. Any thread.
 */
#include "json_tree.h"

#include <mcp/error.h>

#define DEPTH_MAX 32

static gboolean
is_shallow(const char *json, gsize length)
{
    guint depth = 0;
    gboolean quoted = FALSE;

    for (gsize i = 0; i < length; i++) {
        if (quoted) {
            if (json[i] == '\\')
                i++;
            else if (json[i] == '"')
                quoted = FALSE;
        } else if (json[i] == '"') {
            quoted = TRUE;
        } else if (json[i] == '[' || json[i] == '{') {
            if (++depth > DEPTH_MAX)
                return FALSE;
        } else if ((json[i] == ']' || json[i] == '}') && depth > 0) {
            depth--;
        }
    }
    return TRUE;
}

JsonNode *
mcp_json_tree_parse(const char *text, gsize length, GError **error)
{
    g_autoptr(JsonParser) parser = json_parser_new_immutable();
    g_autoptr(GError) cause = NULL;
    JsonNode *root = NULL;

    if (!is_shallow(text, length)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "nested too deeply");
        return NULL;
    }
    if (json_parser_load_from_data(parser, text, (gssize)length, &cause))
        root = json_parser_steal_root(parser);
    if (root == NULL)
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s",
                    cause != NULL ? cause->message : "empty");
    return root;
}
