/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON bodies that ask for a trial, read into plain values. Pure functions.
 */
#include "request.h"

#include <json/json_tree.h>
#include <mcp/error.h>
#include <string.h>

#include "steps.h"

#define TIMEOUT (30 * G_TIME_SPAN_SECOND)
#define TIMEOUT_MAX (2 * G_TIME_SPAN_MINUTE)

static gboolean
invalid(GError **error, const char *name, const char *what)
{
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s %s", name, what);
    return FALSE;
}

static JsonNode *
parse_object(GBytes *body, GError **error)
{
    gsize length = 0;
    const char *text = g_bytes_get_data(body, &length);
    g_autoptr(JsonNode) root = mcp_json_tree_parse(text != NULL ? text : "", length, error);

    if (root == NULL) {
        g_prefix_error(error, "the body is no JSON: ");
        return NULL;
    }
    if (JSON_NODE_HOLDS_OBJECT(root))
        return g_steal_pointer(&root);
    invalid(error, "the body", "is no JSON object");
    return NULL;
}

/* Nothing is taken from a member that is absent, null or empty. */
static gboolean
take_string(JsonObject *object, const char *name, char **out, GError **error)
{
    JsonNode *node = json_object_get_member(object, name);

    if (node == NULL || JSON_NODE_HOLDS_NULL(node))
        return TRUE;
    if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_STRING)
        return invalid(error, name, "is no string");
    if (*json_node_get_string(node) != '\0')
        *out = json_node_dup_string(node);
    return TRUE;
}

static gboolean
take_duration(JsonObject *object, const char *name, gint64 *out, GError **error)
{
    g_autofree char *text = NULL;

    if (!take_string(object, name, &text, error))
        return FALSE;
    if (text == NULL)
        return TRUE;
    if (!mcp_steps_parse_duration(text, out) || *out <= 0 || *out > TIMEOUT_MAX)
        return invalid(error, name, "is no duration like \"10s\", at most 2m");
    return TRUE;
}

static gboolean
take_rate(JsonObject *object, guint *out, GError **error)
{
    JsonNode *node = json_object_get_member(object, "rate");
    gint64 rate = 8000;

    if (node != NULL && JSON_NODE_HOLDS_VALUE(node))
        rate = json_node_get_int(node);
    if (rate != 8000 && rate != 16000)
        return invalid(error, "rate", "is neither 8000 nor 16000");
    *out = (guint)rate;
    return TRUE;
}

/* Exactly one of the two. */
static gboolean
check_choice(const char *one, const char *other, const char *name, const char *what, GError **error)
{
    return (one != NULL) != (other != NULL) || invalid(error, name, what);
}

void
mcp_speech_say_free(McpSpeechSay *say)
{
    g_free(say->text);
    g_free(say->language);
    g_free(say->voice);
    g_free(say->engine);
    g_free(say);
}

McpSpeechSay *
mcp_speech_say_parse(GBytes *body, GError **error)
{
    g_autoptr(McpSpeechSay) say = g_new0(McpSpeechSay, 1);
    g_autoptr(JsonNode) root = parse_object(body, error);
    JsonObject *object = root != NULL ? json_node_get_object(root) : NULL;
    g_autofree char *ssml = NULL;

    say->timeout = TIMEOUT;
    if (object == NULL || !take_string(object, "text", &say->text, error) ||
        !take_string(object, "ssml", &ssml, error) ||
        !check_choice(say->text, ssml, "text or ssml", "is needed, one of them", error) ||
        !take_string(object, "language", &say->language, error) ||
        !take_string(object, "voice", &say->voice, error) ||
        !take_string(object, "engine", &say->engine, error) ||
        !take_rate(object, &say->rate, error) ||
        !take_duration(object, "timeout", &say->timeout, error))
        return NULL;
    say->ssml = ssml != NULL;
    if (ssml != NULL)
        say->text = g_steal_pointer(&ssml);
    return g_steal_pointer(&say);
}

void
mcp_speech_hear_free(McpSpeechHear *hear)
{
    g_clear_pointer(&hear->audio, g_bytes_unref);
    g_free(hear->grammar);
    g_free(hear->grammar_type);
    g_free(hear->grammar_uri);
    g_free(hear->language);
    g_free(hear->engine);
    g_free(hear);
}

static gboolean
take_audio(JsonObject *object, GBytes **out, GError **error)
{
    g_autofree char *text = NULL;
    guchar *data = NULL;
    gsize length = 0;

    if (!take_string(object, "audio", &text, error))
        return FALSE;
    if (text == NULL)
        return invalid(error, "audio", "is missing");
    data = g_base64_decode(text, &length);
    *out = g_bytes_new_take(data, length);
    return length > 0 || invalid(error, "audio", "is no base64");
}

McpSpeechHear *
mcp_speech_hear_parse(GBytes *body, GError **error)
{
    g_autoptr(McpSpeechHear) hear = g_new0(McpSpeechHear, 1);
    g_autoptr(JsonNode) root = parse_object(body, error);
    JsonObject *object = root != NULL ? json_node_get_object(root) : NULL;

    hear->timeout = TIMEOUT;
    if (object == NULL || !take_string(object, "grammar", &hear->grammar, error) ||
        !take_string(object, "grammar_type", &hear->grammar_type, error) ||
        !take_string(object, "grammar_uri", &hear->grammar_uri, error) ||
        !check_choice(hear->grammar, hear->grammar_uri, "grammar or grammar_uri",
                      "is needed, one of them", error) ||
        !take_string(object, "language", &hear->language, error) ||
        !take_string(object, "engine", &hear->engine, error) ||
        !take_duration(object, "complete_timeout", &hear->complete_timeout, error) ||
        !take_duration(object, "incomplete_timeout", &hear->incomplete_timeout, error) ||
        !take_duration(object, "timeout", &hear->timeout, error) ||
        !take_audio(object, &hear->audio, error))
        return NULL;
    return g_steal_pointer(&hear);
}
