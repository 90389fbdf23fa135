/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names out of tokens: declarations first, of every depth at once, then the uses that none of them
 * covers. One thread.
 */
#include "script_names.h"

#include <string.h>

#include "script_tokens.h"

typedef struct {
    GArray *tokens;
    McpVxmlScriptNames *names;
} Reading;

static const McpVxmlToken *
token_at(const Reading *reading, gint64 index)
{
    static const McpVxmlToken none = {MCP_VXML_TOKEN_SIGN, "", 0, 0};

    if (index < 0 || index >= (gint64)reading->tokens->len)
        return &none;
    return &g_array_index(reading->tokens, McpVxmlToken, index);
}

static gboolean
is(const Reading *reading, gint64 index, const char *text)
{
    const McpVxmlToken *token = token_at(reading, index);

    return token->kind != MCP_VXML_TOKEN_STRING && token->kind != MCP_VXML_TOKEN_REGEXP &&
           mcp_vxml_token_is(token, text);
}

static gboolean
is_one_of(const Reading *reading, gint64 index, const char *list)
{
    const McpVxmlToken *token = token_at(reading, index);

    return token->kind == MCP_VXML_TOKEN_SIGN && token->length == 1 &&
           strchr(list, *token->text) != NULL;
}

static void
declare(Reading *reading, gint64 index)
{
    const McpVxmlToken *token = token_at(reading, index);

    if (token->kind == MCP_VXML_TOKEN_NAME)
        g_hash_table_add(reading->names->declared, g_strndup(token->text, token->length));
}

/* The bracket that closes the one at @index, or the end. */
static gint64
closing(const Reading *reading, gint64 index)
{
    guint depth = 0;

    for (; index < (gint64)reading->tokens->len; index++) {
        if (is_one_of(reading, index, "([{"))
            depth++;
        else if (is_one_of(reading, index, ")]}") && --depth == 0)
            return index;
    }
    return index;
}

static gint64
opening(const Reading *reading, gint64 index)
{
    guint depth = 0;

    for (; index > 0; index--) {
        if (is_one_of(reading, index, ")]}"))
            depth++;
        else if (is_one_of(reading, index, "([{") && --depth == 0)
            return index;
    }
    return 0;
}

static void
declare_between(Reading *reading, gint64 from, gint64 to)
{
    for (gint64 i = from; i < to; i++)
        declare(reading, i);
}

/* var a = f(x, y), {b, c} = d */
static void
declare_list(Reading *reading, gint64 index)
{
    gboolean expected = TRUE;

    for (; index < (gint64)reading->tokens->len; index++) {
        if (expected && is_one_of(reading, index, "[{"))
            declare_between(reading, index, closing(reading, index));
        else if (expected)
            declare(reading, index);
        expected = is_one_of(reading, index, ",");
        if (is_one_of(reading, index, "([{"))
            index = closing(reading, index);
        else if (is_one_of(reading, index, ";)]}") || is(reading, index, "of") ||
                 is(reading, index, "in"))
            return;
    }
}

static void
declare_function(Reading *reading, gint64 index)
{
    if (is(reading, index, "*"))
        index++;
    declare(reading, index);
    if (!is(reading, index, "("))
        index++;
    if (is(reading, index, "("))
        declare_between(reading, index, closing(reading, index));
}

static void
declare_arrow(Reading *reading, gint64 index)
{
    if (is(reading, index - 1, ")"))
        declare_between(reading, opening(reading, index - 1), index);
    else
        declare(reading, index - 1);
}

/* name(…) { is a method, and keywords aside nothing else. */
static gboolean
is_method(const Reading *reading, gint64 index)
{
    return is(reading, index + 1, "(") && is(reading, closing(reading, index + 1) + 1, "{") &&
           token_at(reading, index)->kind == MCP_VXML_TOKEN_NAME;
}

static void
find_declared(Reading *reading)
{
    for (gint64 i = 0; i < (gint64)reading->tokens->len; i++) {
        if (is(reading, i - 1, ".") || is(reading, i - 1, "?."))
            continue;
        if (is(reading, i, "var") || is(reading, i, "let") || is(reading, i, "const"))
            declare_list(reading, i + 1);
        else if (is(reading, i, "function"))
            declare_function(reading, i + 1);
        else if (is(reading, i, "class"))
            declare(reading, i + 1);
        else if (is(reading, i, "catch") && is(reading, i + 1, "("))
            declare_between(reading, i + 1, closing(reading, i + 1));
        else if (is(reading, i, "=>"))
            declare_arrow(reading, i);
        else if (is_method(reading, i))
            declare_between(reading, i + 1, closing(reading, i + 1));
    }
}

/* Names that are no variables where they stand: members, keys, labels, words of the language. */
static gboolean
is_other(const Reading *reading, gint64 index)
{
    static const char *const words[] = {"get", "set", "static", "async"};

    if (is(reading, index - 1, ".") || is(reading, index - 1, "?."))
        return TRUE;
    if (is(reading, index + 1, ":") &&
        (index == 0 || is_one_of(reading, index - 1, "{,;}") || is(reading, index - 1, ")")))
        return TRUE;
    if (is_method(reading, index))
        return TRUE;
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (is(reading, index, words[i]) &&
            token_at(reading, index + 1)->kind == MCP_VXML_TOKEN_NAME)
            return TRUE;
    return is(reading, index, "of") && token_at(reading, index - 1)->kind == MCP_VXML_TOKEN_NAME;
}

static char *
path_at(const Reading *reading, gint64 index)
{
    const McpVxmlToken *token = token_at(reading, index);
    GString *path = g_string_new_len(token->text, (gssize)token->length);

    while (is(reading, index + 1, ".")) {
        index += 2;
        token = token_at(reading, index);
        g_string_append_c(path, '.');
        g_string_append_len(path, token->text, (gssize)token->length);
    }
    return g_string_free(path, FALSE);
}

static void
add_use(Reading *reading, gint64 index)
{
    const McpVxmlToken *token = token_at(reading, index);
    g_autofree char *name = g_strndup(token->text, token->length);
    McpVxmlNameUse *use;

    if (is_other(reading, index) || g_hash_table_contains(reading->names->declared, name))
        return;
    use = g_new0(McpVxmlNameUse, 1);
    use->path = path_at(reading, index);
    use->name = g_steal_pointer(&name);
    use->line = token->line;
    use->guarded = is(reading, index - 1, "typeof") ||
                   (is(reading, index - 1, "(") && is(reading, index - 2, "typeof"));
    g_ptr_array_add(reading->names->uses, use);
}

static void
find_uses(Reading *reading)
{
    McpVxmlScriptNames *names = reading->names;
    guint depth = 0;

    for (gint64 i = 0; i < (gint64)reading->tokens->len; i++) {
        const McpVxmlToken *token = token_at(reading, i);

        if (is_one_of(reading, i, "([{"))
            depth++;
        else if (is_one_of(reading, i, ")]}") && depth > 0)
            depth--;
        else if (is_one_of(reading, i, "=") && depth == 0)
            names->assigns = TRUE;
        if (token->kind == MCP_VXML_TOKEN_STRING && token->length >= 2)
            g_ptr_array_add(names->strings, g_strndup(token->text + 1, token->length - 2));
        names->unclear |= is(reading, i, "with") || is(reading, i, "eval");
        if (token->kind == MCP_VXML_TOKEN_NAME)
            add_use(reading, i);
    }
    names->literal =
        reading->tokens->len == 1 && token_at(reading, 0)->kind == MCP_VXML_TOKEN_STRING;
}

static void
use_free(gpointer data)
{
    McpVxmlNameUse *use = data;

    g_free(use->name);
    g_free(use->path);
    g_free(use);
}

McpVxmlScriptNames *
mcp_vxml_script_names_new(const char *source)
{
    McpVxmlScriptNames *names = g_new0(McpVxmlScriptNames, 1);
    g_autoptr(GArray) tokens = mcp_vxml_script_tokens(source);
    Reading reading = {tokens, names};

    names->uses = g_ptr_array_new_with_free_func(use_free);
    names->declared = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    names->strings = g_ptr_array_new_with_free_func(g_free);
    find_declared(&reading);
    find_uses(&reading);
    return names;
}

void
mcp_vxml_script_names_free(McpVxmlScriptNames *names)
{
    g_ptr_array_unref(names->uses);
    g_hash_table_unref(names->declared);
    g_ptr_array_unref(names->strings);
    g_free(names);
}
