/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON from outside, parsed by json-glib once it is sure that this is safe. The library calls
 * itself for each level, takes comments, assignments and single quotes, and of several values in a
 * row frees but one: none of that is shown to it (RFC 8259 §2). Any thread.
 */
#include "json_tree.h"

#include <mcp/error.h>

#define DEPTH_MAX 32

typedef struct {
    guint depth;
    gboolean scalar; /* amid a number or a word */
    gboolean over;   /* the value has ended */
} Scan;

/* Of the string that begins at @at: its closing quote; @length when there is none. */
static gsize
end_of_string(const char *json, gsize length, gsize at)
{
    for (at++; at < length && json[at] != '"'; at++) {
        if (json[at] == '\\')
            at++;
    }
    return MIN(at, length);
}

static gboolean
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static gboolean
is_scalar(char c)
{
    return g_ascii_isalnum(c) || c == '+' || c == '-' || c == '.';
}

/* (nullable): what is wrong with one character that stands outside of strings. */
static const char *
take(Scan *scan, char c)
{
    gboolean scalar = is_scalar(c);

    if (scan->depth == 0 && scan->scalar && !scalar)
        scan->over = TRUE;
    scan->scalar = scalar;
    if (is_space(c))
        return NULL;
    if (scan->over)
        return "something follows the value";
    if (c == '[' || c == '{')
        return ++scan->depth > DEPTH_MAX ? "nested too deeply" : NULL;
    if (c == ']' || c == '}') {
        if (scan->depth == 0)
            return "a bracket closes nothing";
        scan->over = --scan->depth == 0;
        return NULL;
    }
    if (c == '"') {
        scan->over = scan->depth == 0;
        return NULL;
    }
    return scalar || c == ',' || c == ':' ? NULL : "a character that is no JSON";
}

/* (nullable): what is wrong with @json; what is not said here the library says. */
static const char *
fault_of(const char *json, gsize length)
{
    Scan scan = {0};

    for (gsize i = 0; i < length; i++) {
        const char *fault = take(&scan, json[i]);

        if (fault != NULL)
            return fault;
        if (json[i] == '"')
            i = end_of_string(json, length, i);
    }
    return NULL;
}

JsonNode *
mcp_json_tree_parse(const char *text, gsize length, GError **error)
{
    g_autoptr(JsonParser) parser = json_parser_new_immutable();
    g_autoptr(GError) cause = NULL;
    const char *fault = fault_of(text, length);
    JsonNode *root = NULL;

    if (fault != NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s", fault);
        return NULL;
    }
    if (json_parser_load_from_data(parser, text, (gssize)length, &cause))
        root = json_parser_steal_root(parser);
    if (root == NULL)
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s",
                    cause != NULL ? cause->message : "empty");
    return root;
}
