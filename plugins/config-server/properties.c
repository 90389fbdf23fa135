/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON that a Spring Cloud Config server answers with: sources of properties, of which the
 * first that has a name wins. Only what is text, number or truth is a value. Any thread.
 */
#include "properties.h"

#include <json/json_tree.h>
#include <mcp/error.h>
#include <string.h>

#define ORIGIN_MAX 120

typedef struct {
    const char *prefix;
    char *origin;     /* of the present source */
    GHashTable *seen; /* names without "[0]" → number of the source that had them first */
    guint source;
    GPtrArray *values;
    GError *error;
} Reading;

static void G_GNUC_PRINTF(2, 3) fail(Reading *reading, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    if (reading->error != NULL)
        return;
    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(&reading->error, MCP_ERROR, MCP_ERROR_INVALID, "%s: %s", reading->origin, text);
}

/* Names of sources come from outside and stand in logs. */
static char *
make_origin(const char *application, const char *source)
{
    g_autofree char *valid = g_utf8_make_valid(source, -1);
    g_autoptr(GString) text = g_string_new(NULL);

    for (const char *at = valid; *at != '\0' && text->len < ORIGIN_MAX; at = g_utf8_next_char(at)) {
        gunichar letter = g_utf8_get_char(at);

        g_string_append_unichar(text, g_unichar_isprint(letter) ? letter : '?');
    }
    return g_strdup_printf("config server %s (%s)", application, text->str);
}

/* (transfer full) (nullable): a value as it would stand in a file. */
static char *
value_text(JsonNode *node)
{
    GType type = JSON_NODE_HOLDS_VALUE(node) ? json_node_get_value_type(node) : G_TYPE_INVALID;
    char number[G_ASCII_DTOSTR_BUF_SIZE];

    if (type == G_TYPE_STRING)
        return json_node_dup_string(node);
    if (type == G_TYPE_INT64)
        return g_strdup_printf("%" G_GINT64_FORMAT, json_node_get_int(node));
    if (type == G_TYPE_BOOLEAN)
        return g_strdup(json_node_get_boolean(node) ? "true" : "false");
    if (type == G_TYPE_DOUBLE)
        return g_strdup(g_ascii_dtostr(number, sizeof number, json_node_get_double(node)));
    return NULL;
}

/* Whether it would be the same in a file: one line. */
static gboolean
is_line(const char *text)
{
    for (; *text != '\0'; text++) {
        if (g_ascii_iscntrl(*text) && *text != '\t')
            return FALSE;
    }
    return TRUE;
}

/* Where the "[3]" of a part begins; its end when it is none. */
static gsize
base_length(const char *name)
{
    const char *open = strrchr(name, '[');
    gsize digits = open != NULL ? strspn(open + 1, "0123456789") : 0;

    return digits > 0 && strcmp(open + 1 + digits, "]") == 0 ? (gsize)(open - name) : strlen(name);
}

/* "key[3]" and "key" are one setting: a source has all of it or nothing. */
static gboolean
is_first(Reading *reading, const char *name)
{
    gsize length = base_length(name);
    gboolean part = name[length] != '\0';
    g_autofree char *base = g_strndup(name, length);
    guint before = GPOINTER_TO_UINT(g_hash_table_lookup(reading->seen, base));

    if (before == 0)
        g_hash_table_insert(reading->seen, g_steal_pointer(&base),
                            GUINT_TO_POINTER(reading->source));
    return before == 0 || (part && before == reading->source);
}

static void
add(Reading *reading, const char *name, JsonNode *node)
{
    g_autofree char *text = value_text(node);

    if (text == NULL)
        fail(reading, "%s is neither text nor number", name);
    else if (g_str_has_prefix(text, "{cipher}"))
        fail(reading, "%s is encrypted: the server has no key to decrypt it", name);
    else if (strlen(text) > MCP_PROPERTY_TEXT_MAX)
        fail(reading, "%s has more than %d bytes", name, MCP_PROPERTY_TEXT_MAX);
    else if (!is_line(text))
        fail(reading, "%s has control characters or several lines", name);
    else if (reading->values->len == MCP_PROPERTIES_MAX)
        fail(reading, "there are more than %d settings", MCP_PROPERTIES_MAX);
    else
        g_ptr_array_add(reading->values, mcp_config_value_new(name, text, reading->origin));
    if (text != NULL)
        explicit_bzero(text, strlen(text));
}

static void
on_member(JsonObject *object, const char *name, JsonNode *node, gpointer user_data)
{
    Reading *reading = user_data;
    const char *own = name + strlen(reading->prefix);

    if (!g_str_has_prefix(name, reading->prefix))
        return;
    if (strlen(name) > MCP_PROPERTY_NAME_MAX || !is_line(name))
        fail(reading, "a name is too long or has control characters");
    else if (is_first(reading, own))
        add(reading, own, node);
}

static void
read_source(Reading *reading, JsonNode *node, const char *application)
{
    JsonObject *source = JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
    JsonNode *name = source != NULL ? json_object_get_member(source, "name") : NULL;
    JsonNode *values = source != NULL ? json_object_get_member(source, "source") : NULL;
    gboolean named = name != NULL && JSON_NODE_HOLDS_VALUE(name) &&
                     json_node_get_value_type(name) == G_TYPE_STRING;

    g_free(reading->origin);
    reading->origin = make_origin(application, named ? json_node_get_string(name) : "?");
    reading->source++;
    if (values == NULL || !JSON_NODE_HOLDS_OBJECT(values))
        fail(reading, "a property source has no object \"source\"");
    else
        json_object_foreach_member(json_node_get_object(values), on_member, reading);
}

static JsonArray *
find_sources(JsonNode *root)
{
    JsonNode *sources = root != NULL && JSON_NODE_HOLDS_OBJECT(root)
                            ? json_object_get_member(json_node_get_object(root), "propertySources")
                            : NULL;

    return sources != NULL && JSON_NODE_HOLDS_ARRAY(sources) ? json_node_get_array(sources) : NULL;
}

/* By name, parts by number: [2] before [10]; the same in any locale. */
static int
compare(gconstpointer a, gconstpointer b)
{
    const char *one = (*(McpConfigValue *const *)a)->name;
    const char *two = (*(McpConfigValue *const *)b)->name;
    gsize length = base_length(one);
    gsize other = base_length(two);
    int order = strncmp(one, two, MIN(length, other));
    guint64 first = 0;
    guint64 second = 0;

    if (order != 0 || length != other)
        return order != 0 ? order : (length > other) - (length < other);
    first = one[length] != '\0' ? g_ascii_strtoull(one + length + 1, NULL, 10) : 0;
    second = two[length] != '\0' ? g_ascii_strtoull(two + length + 1, NULL, 10) : 0;
    return first != second ? (first > second) - (first < second) : strcmp(one, two);
}

GPtrArray *
mcp_properties_read(GBytes *body, const char *application, const char *prefix, GError **error)
{
    g_autoptr(GPtrArray) values =
        g_ptr_array_new_with_free_func((GDestroyNotify)mcp_config_value_free);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Reading reading = {.prefix = prefix, .seen = seen, .values = values};
    gsize size = 0;
    const char *text = g_bytes_get_data(body, &size);
    g_autoptr(JsonNode) root = mcp_json_tree_parse(size > 0 ? text : "", size, error);
    JsonArray *sources = find_sources(root);

    if (root == NULL) {
        g_prefix_error(error, "config server %s: the answer is no JSON: ", application);
        return NULL;
    }
    if (sources == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "config server %s: the answer has no list \"propertySources\"", application);
        return NULL;
    }
    for (guint i = 0; i < json_array_get_length(sources) && reading.error == NULL; i++)
        read_source(&reading, json_array_get_element(sources, i), application);
    g_free(reading.origin);
    if (reading.error != NULL) {
        g_propagate_error(error, reading.error);
        return NULL;
    }
    /* The parts of a list in their order, and origins and errors in one that does not change. */
    g_ptr_array_sort(values, compare);
    return g_steal_pointer(&values);
}
