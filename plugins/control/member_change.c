/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a member of a room is to be, read from JSON. Pure function.
 */
#include "member_change.h"

#include <json/json_tree.h>
#include <mcp/error.h>
#include <string.h>

typedef struct {
    McpRoomMember *how;
    char **out_partner;
} Change;

static gboolean
invalid(GError **error, const char *name, const char *wanted)
{
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s is not %s", name, wanted);
    return FALSE;
}

static gboolean
is_value(JsonNode *node, GType type)
{
    return JSON_NODE_HOLDS_VALUE(node) && json_node_get_value_type(node) == type;
}

static gboolean
read_flag(JsonNode *node, const char *name, gboolean *out, GError **error)
{
    if (!is_value(node, G_TYPE_BOOLEAN))
        return invalid(error, name, "true or false");
    *out = json_node_get_boolean(node);
    return TRUE;
}

static gboolean
read_level(JsonNode *node, const char *name, double *out, GError **error)
{
    double value = 0;

    if (!is_value(node, G_TYPE_INT64) && !is_value(node, G_TYPE_DOUBLE))
        return invalid(error, name, "a number of dB");
    value = json_node_get_double(node);
    if (!(value >= -MCP_ROOM_GAIN_MAX && value <= MCP_ROOM_GAIN_MAX))
        return invalid(error, name, "from -40 to 40 dB");
    *out = value;
    return TRUE;
}

static gboolean
read_role(JsonNode *node, McpRoomRole *out, GError **error)
{
    if (!is_value(node, G_TYPE_STRING))
        return invalid(error, "role", "a string");
    if (mcp_room_role_parse(json_node_get_string(node), out))
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "\"%s\" is no role",
                json_node_get_string(node));
    return FALSE;
}

static gboolean
read_partner(JsonNode *node, const Change *change, GError **error)
{
    if (!is_value(node, G_TYPE_STRING) || *json_node_get_string(node) == '\0')
        return invalid(error, "partner", "the name of a member");
    g_free(*change->out_partner);
    *change->out_partner = json_node_dup_string(node);
    change->how->partner = *change->out_partner;
    return TRUE;
}

static gboolean
read_property(const Change *change, const char *name, JsonNode *node, GError **error)
{
    McpRoomMember *how = change->how;

    if (strcmp(name, "muted") == 0)
        return read_flag(node, name, &how->muted, error);
    if (strcmp(name, "deaf") == 0)
        return read_flag(node, name, &how->deaf, error);
    if (strcmp(name, "gain_db") == 0)
        return read_level(node, name, &how->gain, error);
    if (strcmp(name, "volume_db") == 0)
        return read_level(node, name, &how->volume, error);
    if (strcmp(name, "role") == 0)
        return read_role(node, &how->role, error);
    if (strcmp(name, "partner") == 0)
        return read_partner(node, change, error);
    return invalid(error, name, "one of muted, deaf, gain_db, volume_db, role, partner");
}

gboolean
mcp_control_member_change(GBytes *body, McpRoomMember *how, char **out_partner, GError **error)
{
    const Change change = {how, out_partner};
    gsize length = 0;
    const char *text = g_bytes_get_data(body, &length);
    g_autoptr(JsonNode) root = length > 0 ? mcp_json_tree_parse(text, length, NULL) : NULL;
    g_autoptr(GList) names = NULL;

    if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root))
        return invalid(error, "the body", "a JSON object");
    names = json_object_get_members(json_node_get_object(root));
    for (GList *at = names; at != NULL; at = at->next) {
        JsonNode *node = json_object_get_member(json_node_get_object(root), at->data);

        if (!read_property(&change, at->data, node, error))
            return FALSE;
    }
    return TRUE;
}
