/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cuts ECMAScript into tokens. The expressions within a template literal become tokens of their own
 * between "`" signs. One thread.
 */
#include "script_tokens.h"

#include <string.h>

typedef struct {
    const char *at;
    guint line;
    GArray *tokens;
} Reader;

static const char *const keywords[] = {
    "break",   "case",   "catch",      "class",     "const",     "continue", "debugger",
    "default", "delete", "do",         "else",      "export",    "extends",  "false",
    "finally", "for",    "function",   "if",        "import",    "in",       "new",
    "null",    "return", "super",      "switch",    "this",      "throw",    "true",
    "try",     "typeof", "var",        "void",      "while",     "with",     "let",
    "yield",   "await",  "instanceof", "arguments", "undefined", NULL};

/* Longer ones first. */
static const char *const signs[] = {
    ">>>=", "...", "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=", "||=", "?\?=", "=>",
    "==",   "!=",  "<=",  ">=",  "&&",  "||",  "?\?", "?.",  "+=",  "-=",  "*=",   "/=",
    "%=",   "&=",  "|=",  "^=",  "++",  "--",  "**",  "<<",  ">>",  NULL};

gboolean
mcp_vxml_token_is(const McpVxmlToken *token, const char *text)
{
    return strlen(text) == token->length && strncmp(token->text, text, token->length) == 0;
}

static void
add(Reader *reader, McpVxmlTokenKind kind, const char *from)
{
    McpVxmlToken token = {kind, from, (gsize)(reader->at - from), reader->line};

    if (kind == MCP_VXML_TOKEN_NAME)
        for (guint i = 0; keywords[i] != NULL; i++)
            if (mcp_vxml_token_is(&token, keywords[i]))
                token.kind = MCP_VXML_TOKEN_KEYWORD;
    g_array_append_val(reader->tokens, token);
    for (const char *c = from; c < reader->at; c++)
        reader->line += *c == '\n' ? 1 : 0;
}

static gboolean
skip_blank(Reader *reader)
{
    const char *from = reader->at;

    while (g_ascii_isspace(*reader->at))
        reader->line += *reader->at++ == '\n' ? 1 : 0;
    if (strncmp(reader->at, "//", 2) == 0 || strncmp(reader->at, "<!--", 4) == 0)
        reader->at += strcspn(reader->at, "\n");
    if (strncmp(reader->at, "/*", 2) == 0) {
        const char *end = strstr(reader->at + 2, "*/");
        const char *stop = end != NULL ? end + 2 : reader->at + strlen(reader->at);

        for (; reader->at < stop; reader->at++)
            reader->line += *reader->at == '\n' ? 1 : 0;
    }
    return reader->at != from;
}

/* A "/" begins a regular expression where no operand stands before it. */
static gboolean
operand_before(const Reader *reader)
{
    const McpVxmlToken *last;

    if (reader->tokens->len == 0)
        return FALSE;
    last = &g_array_index(reader->tokens, McpVxmlToken, reader->tokens->len - 1);
    if (last->kind == MCP_VXML_TOKEN_SIGN)
        return strchr(")]}", *last->text) != NULL;
    if (last->kind == MCP_VXML_TOKEN_KEYWORD)
        return mcp_vxml_token_is(last, "this") || mcp_vxml_token_is(last, "null") ||
               mcp_vxml_token_is(last, "true") || mcp_vxml_token_is(last, "false") ||
               mcp_vxml_token_is(last, "undefined");
    return TRUE;
}

static void
read_regexp(Reader *reader)
{
    const char *from = reader->at++;
    gboolean in_class = FALSE;

    while (*reader->at != '\0' && *reader->at != '\n' && (in_class || *reader->at != '/')) {
        if (*reader->at == '\\' && reader->at[1] != '\0')
            reader->at++;
        else if (*reader->at == '[')
            in_class = TRUE;
        else if (*reader->at == ']')
            in_class = FALSE;
        reader->at++;
    }
    if (*reader->at == '/')
        reader->at++;
    while (g_ascii_isalpha(*reader->at))
        reader->at++;
    add(reader, MCP_VXML_TOKEN_REGEXP, from);
}

static void
read_string(Reader *reader)
{
    const char *from = reader->at++;

    while (*reader->at != '\0' && *reader->at != *from) {
        if (*reader->at == '\\' && reader->at[1] != '\0')
            reader->at++;
        reader->at++;
    }
    if (*reader->at != '\0')
        reader->at++;
    add(reader, MCP_VXML_TOKEN_STRING, from);
}

static void read_tokens(Reader *reader, gboolean in_template);

static void
read_template(Reader *reader)
{
    const char *from = reader->at++;

    add(reader, MCP_VXML_TOKEN_SIGN, from);
    while (*reader->at != '\0' && *reader->at != '`') {
        if (strncmp(reader->at, "${", 2) == 0) {
            reader->at += 2;
            read_tokens(reader, TRUE);
            continue;
        }
        if (*reader->at == '\\' && reader->at[1] != '\0')
            reader->at++;
        reader->line += *reader->at++ == '\n' ? 1 : 0;
    }
    if (*reader->at == '\0')
        return;
    from = reader->at++;
    add(reader, MCP_VXML_TOKEN_SIGN, from);
}

static void
read_sign(Reader *reader)
{
    const char *from = reader->at;

    for (guint i = 0; signs[i] != NULL; i++)
        if (strncmp(from, signs[i], strlen(signs[i])) == 0) {
            reader->at += strlen(signs[i]);
            add(reader, MCP_VXML_TOKEN_SIGN, from);
            return;
        }
    reader->at++;
    add(reader, MCP_VXML_TOKEN_SIGN, from);
}

static gboolean
is_name_start(char c)
{
    return g_ascii_isalpha(c) || c == '_' || c == '$' || ((guchar)c & 0x80) != 0;
}

static void
read_token(Reader *reader)
{
    const char *from = reader->at;

    if (is_name_start(*from)) {
        while (is_name_start(*reader->at) || g_ascii_isdigit(*reader->at))
            reader->at++;
        add(reader, MCP_VXML_TOKEN_NAME, from);
    } else if (g_ascii_isdigit(*from) || (*from == '.' && g_ascii_isdigit(from[1]))) {
        while (g_ascii_isalnum(*reader->at) || *reader->at == '.' || *reader->at == '_')
            reader->at++;
        add(reader, MCP_VXML_TOKEN_NUMBER, from);
    } else if (*from == '"' || *from == '\'') {
        read_string(reader);
    } else if (*from == '`') {
        read_template(reader);
    } else if (*from == '/' && !operand_before(reader)) {
        read_regexp(reader);
    } else {
        read_sign(reader);
    }
}

static void
read_tokens(Reader *reader, gboolean in_template)
{
    guint depth = 0;

    while (*reader->at != '\0') {
        if (skip_blank(reader))
            continue;
        if (in_template && *reader->at == '}' && depth == 0) {
            reader->at++;
            return;
        }
        depth += *reader->at == '{' ? 1 : 0;
        depth -= *reader->at == '}' && depth > 0 ? 1 : 0;
        read_token(reader);
    }
}

GArray *
mcp_vxml_script_tokens(const char *source)
{
    Reader reader = {source, 0, g_array_new(FALSE, FALSE, sizeof(McpVxmlToken))};

    read_tokens(&reader, FALSE);
    return reader.tokens;
}
