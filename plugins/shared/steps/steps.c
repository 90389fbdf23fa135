/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The step list of a placed call: from JSON to typed steps, every fault named. Pure functions.
 */
#include "steps.h"

#include <json/json_tree.h>
#include <mcp/error.h>

#define STEPS_MAX 1000
#define DEFAULT_TIMEOUT (10 * G_TIME_SPAN_SECOND)
#define DEFAULT_SOUND (300 * G_TIME_SPAN_MILLISECOND)
#define DEFAULT_SILENCE (1 * G_TIME_SPAN_SECOND)
#define DURATION_MAX (24 * G_TIME_SPAN_HOUR)

static const struct {
    const char *word;
    McpStepKind kind;
} expectations[] = {
    {"answered", MCP_STEP_EXPECT_ANSWERED}, {"status", MCP_STEP_EXPECT_STATUS},
    {"audio", MCP_STEP_EXPECT_AUDIO},       {"silence", MCP_STEP_EXPECT_SILENCE},
    {"digits", MCP_STEP_EXPECT_DIGITS},     {"hangup", MCP_STEP_EXPECT_HANGUP},
    {"progress", MCP_STEP_EXPECT_PROGRESS},
};

static void
step_free(gpointer data)
{
    McpStep *step = data;

    g_free(step->text);
    g_free(step->country);
    g_free(step->label);
    g_clear_pointer(&step->audio, mcp_audio_unref);
    g_free(step);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpStep, step_free)

void
mcp_steps_free(McpSteps *steps)
{
    g_ptr_array_unref(steps->steps);
    g_free(steps);
}

gboolean
mcp_steps_parse_duration(const char *text, gint64 *out_duration)
{
    static const struct {
        const char *unit;
        gint64 factor;
    } units[] = {{"ms", 1000},
                 {"s", G_TIME_SPAN_SECOND},
                 {"m", G_TIME_SPAN_MINUTE},
                 {"h", G_TIME_SPAN_HOUR}};
    char *end = NULL;
    double value = 0;

    if (text == NULL || !g_ascii_isdigit(text[0]))
        return FALSE;
    value = g_ascii_strtod(text, &end);
    for (guint i = 0; i < G_N_ELEMENTS(units); i++) {
        if (strcmp(end, units[i].unit) != 0)
            continue;
        if (!(value * (double)units[i].factor <= (double)DURATION_MAX))
            return FALSE;
        *out_duration = (gint64)(value * (double)units[i].factor);
        return TRUE;
    }
    return FALSE;
}

static const char *
string_member(JsonObject *object, const char *name)
{
    JsonNode *node = json_object_get_member(object, name);

    return node != NULL && JSON_NODE_HOLDS_VALUE(node) &&
                   json_node_get_value_type(node) == G_TYPE_STRING
               ? json_node_get_string(node)
               : NULL;
}

static gboolean
fault(GError **error, guint number, const char *format, const char *value)
{
    g_autofree char *text = g_strdup_printf("step %u: %s", number, format);

    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s%s%s", text, value != NULL ? ": " : "",
                value != NULL ? value : "");
    return FALSE;
}

/* A duration member that may be absent. */
static gboolean
read_duration(JsonObject *object, const char *name, guint number, gint64 *out, GError **error)
{
    const char *text = string_member(object, name);

    if (!json_object_has_member(object, name))
        return TRUE;
    if (mcp_steps_parse_duration(text, out))
        return TRUE;
    return fault(error, number, name, "is no duration like \"500ms\" or \"10s\"");
}

static gboolean
are_digits(const char *text)
{
    if (text[0] == '\0' || strlen(text) > 256)
        return FALSE;
    return strspn(text, "0123456789*#ABCDabcdp,") == strlen(text);
}

static gboolean
read_digits(McpStep *step, const char *digits, guint number, GError **error)
{
    g_auto(GStrv) parts = NULL;

    if (digits == NULL || !are_digits(digits))
        return fault(error, number, "digits may be 0-9 * # A-D, p for a pause and commas", NULL);
    parts = g_strsplit(digits, ",", -1);
    step->text = g_strjoinv("", parts);
    return step->text[0] != '\0' || fault(error, number, "no digits", NULL);
}

static gboolean
read_progress(McpStep *step, JsonObject *object, guint number, GError **error)
{
    static const char *const verdicts[] = {"busy",    "fast-busy", "sit",     "fax", "modem",
                                           "machine", "person",    "silence", NULL};
    const char *verdict = string_member(object, "verdict");

    if (verdict != NULL && !g_strv_contains(verdicts, verdict))
        return fault(
            error, number,
            "verdict is none of busy, fast-busy, sit, fax, modem, machine, person, silence",
            verdict);
    step->text = g_strdup(verdict);
    step->country = g_strdup(string_member(object, "country"));
    return TRUE;
}

static gboolean
read_expectation(McpStep *step, JsonObject *object, guint number, GError **error)
{
    const char *word = string_member(object, "expect");
    gboolean known = FALSE;

    for (guint i = 0; word != NULL && i < G_N_ELEMENTS(expectations); i++) {
        if (strcmp(word, expectations[i].word) == 0) {
            step->kind = expectations[i].kind;
            known = TRUE;
        }
    }
    if (!known)
        return fault(error, number, "unknown expectation", word != NULL ? word : "not a string");
    step->label = g_strdup_printf("expect %s", word);
    step->length = step->kind == MCP_STEP_EXPECT_SILENCE ? DEFAULT_SILENCE : DEFAULT_SOUND;
    if (!read_duration(object, "for", number, &step->length, error))
        return FALSE;
    if (step->kind == MCP_STEP_EXPECT_STATUS) {
        step->status = (guint)json_object_get_int_member_with_default(object, "status", 0);
        if (step->status < 100 || step->status > 699)
            return fault(error, number, "status is not between 100 and 699", NULL);
    }
    if (step->kind == MCP_STEP_EXPECT_PROGRESS)
        return read_progress(step, object, number, error);
    if (step->kind == MCP_STEP_EXPECT_DIGITS)
        return read_digits(step, string_member(object, "digits"), number, error);
    return TRUE;
}

static gboolean
read_action(McpStep *step, JsonObject *object, guint number, GError **error)
{
    if (json_object_has_member(object, "send")) {
        step->kind = MCP_STEP_SEND;
        if (!read_digits(step, string_member(object, "send"), number, error))
            return FALSE;
        step->label = g_strdup_printf("send %s", step->text);
    } else if (json_object_has_member(object, "wait")) {
        step->kind = MCP_STEP_WAIT;
        if (!read_duration(object, "wait", number, &step->length, error))
            return FALSE;
        step->label = g_strdup_printf("wait %s", string_member(object, "wait"));
    } else if (json_object_has_member(object, "play")) {
        const char *path = string_member(object, "play");

        step->kind = MCP_STEP_PLAY;
        if (path == NULL || !g_path_is_absolute(path))
            return fault(error, number, "play needs an absolute path", path);
        step->text = g_strdup(path);
        step->label = g_strdup_printf("play %s", path);
    } else if (json_object_has_member(object, "hangup")) {
        step->kind = MCP_STEP_HANGUP;
        step->label = g_strdup("hangup");
    } else {
        return fault(error, number, "is none of expect, send, wait, play, hangup", NULL);
    }
    return TRUE;
}

static McpStep *
read_step(JsonNode *node, guint number, GError **error)
{
    g_autoptr(McpStep) step = g_new0(McpStep, 1);
    JsonObject *object = JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
    gboolean good = FALSE;

    step->timeout = DEFAULT_TIMEOUT;
    if (object == NULL)
        fault(error, number, "is no object", NULL);
    else if (json_object_has_member(object, "expect"))
        good = read_expectation(step, object, number, error);
    else
        good = read_action(step, object, number, error);
    if (!good || !read_duration(object, "timeout", number, &step->timeout, error))
        return NULL;
    return g_steal_pointer(&step);
}

static gboolean
read_array(McpSteps *steps, JsonNode *root, GError **error)
{
    JsonArray *array =
        root != NULL && JSON_NODE_HOLDS_ARRAY(root) ? json_node_get_array(root) : NULL;
    guint length = array != NULL ? json_array_get_length(array) : 0;

    if (array == NULL || length > STEPS_MAX) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "steps are no array of at most %d objects",
                    STEPS_MAX);
        return FALSE;
    }
    for (guint i = 0; i < length; i++) {
        McpStep *step = read_step(json_array_get_element(array, i), i + 1, error);

        if (step == NULL)
            return FALSE;
        g_ptr_array_add(steps->steps, step);
    }
    return TRUE;
}

McpSteps *
mcp_steps_parse(const char *json, GError **error)
{
    g_autoptr(McpSteps) steps = g_new0(McpSteps, 1);
    g_autoptr(JsonNode) root = mcp_json_tree_parse(json, strlen(json), error);

    steps->steps = g_ptr_array_new_with_free_func(step_free);
    if (root == NULL)
        g_prefix_error(error, "steps: ");
    if (root == NULL || !read_array(steps, root, error))
        return NULL;
    return g_steal_pointer(&steps);
}
