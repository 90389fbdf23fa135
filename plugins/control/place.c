/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON bodies of requests, read into plain values. Pure functions.
 */
#include "place.h"

#include <json-glib/json-glib.h>
#include <mcp/error.h>

#include "steps.h"

#define UUI_MAX 256

/* (transfer full): the object that @body must be, {} if it is empty; NULL with @error. */
static JsonNode *
parse_object(GBytes *body, GError **error)
{
    g_autoptr(JsonParser) parser = json_parser_new_immutable();
    g_autoptr(GError) cause = NULL;
    gsize length = 0;
    const char *text = g_bytes_get_data(body, &length);
    JsonNode *root = NULL;

    if (length == 0) {
        text = "{}";
        length = 2;
    }
    if (!mcp_steps_is_shallow(text, length)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "the body is nested too deeply");
        return NULL;
    }
    if (!json_parser_load_from_data(parser, text, (gssize)length, &cause)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "the body is no JSON: %s", cause->message);
        return NULL;
    }
    root = json_parser_get_root(parser);
    if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "the body is no JSON object");
        return NULL;
    }
    return json_node_ref(root);
}

/* FALSE when the member is there and no string. */
static gboolean
take_string(JsonObject *object, const char *name, char **out, GError **error)
{
    JsonNode *node = json_object_get_member(object, name);

    if (node == NULL || JSON_NODE_HOLDS_NULL(node))
        return TRUE;
    if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_STRING) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s is no string", name);
        return FALSE;
    }
    g_free(*out);
    *out = json_node_dup_string(node);
    return TRUE;
}

char *
mcp_control_parse_member(GBytes *body, const char *name, GError **error)
{
    g_autoptr(JsonNode) root = parse_object(body, error);
    char *value = NULL;

    if (root != NULL)
        take_string(json_node_get_object(root), name, &value, error);
    return value;
}

void
mcp_control_place_free(McpControlPlace *place)
{
    g_free(place->target);
    g_free(place->from);
    g_free(place->uui);
    g_free(place->dialog);
    g_hash_table_unref(place->parameters);
    g_free(place);
}

static gboolean
take_parameters(McpControlPlace *place, JsonObject *object, GError **error)
{
    JsonNode *node = json_object_get_member(object, "parameters");
    g_autoptr(GList) names = NULL;

    if (node == NULL)
        return TRUE;
    if (!JSON_NODE_HOLDS_OBJECT(node)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "parameters is no object");
        return FALSE;
    }
    names = json_object_get_members(json_node_get_object(node));
    for (GList *at = names; at != NULL; at = at->next) {
        char *value = NULL;

        if (!take_string(json_node_get_object(node), at->data, &value, error))
            return FALSE;
        if (value != NULL)
            g_hash_table_insert(place->parameters, g_strdup(at->data), value);
    }
    return TRUE;
}

/* Steps go to the dialog as they are, once it is sure that it will understand them. */
static gboolean
take_steps(McpControlPlace *place, JsonObject *object, GError **error)
{
    JsonNode *node = json_object_get_member(object, "steps");
    g_autofree char *text = node != NULL ? json_to_string(node, FALSE) : NULL;
    g_autoptr(McpSteps) steps = NULL;

    if (text == NULL)
        return TRUE;
    steps = mcp_steps_parse(text, error);
    if (steps == NULL)
        return FALSE;
    g_hash_table_insert(place->parameters, g_strdup("steps"), g_steal_pointer(&text));
    return TRUE;
}

static gboolean
take_text_parameter(McpControlPlace *place, JsonObject *object, const char *name, GError **error)
{
    char *value = NULL;

    if (!take_string(object, name, &value, error))
        return FALSE;
    if (value != NULL)
        g_hash_table_insert(place->parameters, g_strdup(name), value);
    return TRUE;
}

static gboolean
take_durations(McpControlPlace *place, JsonObject *object, GError **error)
{
    g_autofree char *deadline = NULL;
    const char *timeout = NULL;
    gint64 parsed = 0;

    if (!take_string(object, "deadline", &deadline, error) ||
        !take_text_parameter(place, object, "timeout", error))
        return FALSE;
    timeout = g_hash_table_lookup(place->parameters, "timeout");
    if ((timeout == NULL || mcp_steps_parse_duration(timeout, &parsed)) &&
        (deadline == NULL || mcp_steps_parse_duration(deadline, &place->deadline)))
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                "timeout or deadline is no duration like \"10s\"");
    return FALSE;
}

/* RFC 7433 §3: twice as long in hexadecimal, and a header must stay a header. */
static gboolean
take_uui(McpControlPlace *place, JsonObject *object, GError **error)
{
    if (!take_string(object, "uui", &place->uui, error))
        return FALSE;
    if (place->uui == NULL || strlen(place->uui) <= UUI_MAX)
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "uui has more than %d bytes", UUI_MAX);
    return FALSE;
}

McpControlPlace *
mcp_control_place_parse(GBytes *body, GError **error)
{
    g_autoptr(McpControlPlace) place = g_new0(McpControlPlace, 1);
    g_autoptr(JsonNode) root = NULL;
    JsonObject *object = NULL;

    place->parameters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    place->dialog = g_strdup("script");
    root = parse_object(body, error);
    if (root == NULL)
        return NULL;
    object = json_node_get_object(root);
    if (!take_string(object, "target", &place->target, error) ||
        !take_string(object, "from", &place->from, error) || !take_uui(place, object, error) ||
        !take_string(object, "dialog", &place->dialog, error) ||
        !take_parameters(place, object, error) || !take_steps(place, object, error) ||
        !take_text_parameter(place, object, "record", error) ||
        !take_durations(place, object, error))
        return NULL;
    if (place->target == NULL ||
        (!g_str_has_prefix(place->target, "sip:") && !g_str_has_prefix(place->target, "sips:"))) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "target is no sip: URI");
        return NULL;
    }
    return g_steal_pointer(&place);
}
