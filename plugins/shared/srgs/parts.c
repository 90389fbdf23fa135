/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of SRGS that do not depend on its form: names, tokens, repeats, references. Used by one
 * thread on a document that is being read.
 */
#include "parts.h"
#include <mcp/error.h>
#include <string.h>

#define MAX_REFERENCES 64
#define LEAST_WEIGHT 1e-6
#define MOST_WEIGHT 1e6

gboolean
mcp_srgs_is_rule_name(const char *name)
{
    if (g_str_equal(name, "NULL") || g_str_equal(name, "VOID") || g_str_equal(name, "GARBAGE"))
        return FALSE;
    if (*name == '\0' || g_ascii_isdigit(*name))
        return FALSE;
    for (const char *p = name; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        if (c < 128 && !g_ascii_isalnum((char)c) && c != '_')
            return FALSE;
    }
    return TRUE;
}

gboolean
mcp_srgs_is_number(const char *text, double max)
{
    char *end = NULL;
    double value;

    if (!g_ascii_isdigit(*text) && *text != '.')
        return FALSE;
    value = g_ascii_strtod(text, &end);
    return end != text && *end == '\0' && value <= max;
}

float
mcp_srgs_weight(const char *text)
{
    /* Zero is what is not said; the least that can be said comes close to it. */
    if (text == NULL)
        return 0;
    return (float)CLAMP(g_ascii_strtod(text, NULL), LEAST_WEIGHT, MOST_WEIGHT);
}

static gboolean
parse_count(const char **text, guint *out)
{
    char *end = NULL;
    guint64 value;

    if (!g_ascii_isdigit(**text))
        return FALSE;
    value = g_ascii_strtoull(*text, &end, 10);
    *text = end;
    /* More than an input can be long makes no difference. */
    *out = (guint)MIN(value, MCP_GRAMMAR_REPEAT_MAX);
    return TRUE;
}

gboolean
mcp_srgs_parse_repeat(const char *text, guint *out_min, guint *out_max)
{
    g_autofree char *trimmed = g_strstrip(g_strdup(text));
    const char *p = trimmed;

    if (!parse_count(&p, out_min))
        return FALSE;
    *out_max = *out_min;
    if (*p == '-') {
        p++;
        *out_max = MCP_GRAMMAR_REPEAT_MAX;
        if (*p != '\0' && !parse_count(&p, out_max))
            return FALSE;
    }
    return *p == '\0' && *out_min <= *out_max;
}

static void
add_one(McpGrammarDocument *document, guint line, McpExpansion *parent, const char *text)
{
    McpExpansion *token = mcp_grammar_document_expansion(document, MCP_EXPANSION_TOKEN, line);

    token->text = g_string_chunk_insert_const(document->strings, text);
    mcp_expansion_append(parent, token);
}

/* SRGS 1.0 Appendix E: keys, "star" and "pound"; keys without blanks are single ones too. */
static gboolean
add_keys(McpGrammarDocument *document, guint line, McpExpansion *parent, const char *text,
         GError **error)
{
    if (g_str_equal(text, "star"))
        text = "*";
    else if (g_str_equal(text, "pound"))
        text = "#";
    if (text[strspn(text, "0123456789*#ABCDabcd")] != '\0')
        return mcp_grammar_document_fault(document, line, error, "'%.40s' is no DTMF key", text);
    for (; *text != '\0'; text++) {
        char key[2] = {g_ascii_toupper(*text), '\0'};

        add_one(document, line, parent, key);
    }
    return TRUE;
}

gboolean
mcp_srgs_add_token(McpGrammarDocument *document, guint line, McpExpansion *parent, const char *text,
                   GError **error)
{
    g_auto(GStrv) words = g_strsplit_set(text, " \t\r\n", -1);
    g_autoptr(GString) clean = g_string_new(NULL);

    if (mcp_grammar_document_is_full(document)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "%s:%u: grammar has too many parts",
                    document->name, line);
        return FALSE;
    }
    for (guint i = 0; words[i] != NULL; i++) {
        if (*words[i] == '\0')
            continue;
        if (document->mode == MCP_GRAMMAR_DTMF &&
            !add_keys(document, line, parent, words[i], error))
            return FALSE;
        g_string_append_printf(clean, "%s%s", clean->len > 0 ? " " : "", words[i]);
    }
    if (clean->len == 0)
        return mcp_grammar_document_fault(document, line, error, "token is empty");
    if (document->mode == MCP_GRAMMAR_VOICE)
        add_one(document, line, parent, clean->str);
    return TRUE;
}

gboolean
mcp_srgs_add_special(McpGrammarDocument *document, guint line, McpExpansion *parent,
                     const char *name, GError **error)
{
    McpExpansionKind kind = MCP_EXPANSION_GARBAGE;

    if (g_str_equal(name, "NULL"))
        kind = MCP_EXPANSION_NULL;
    else if (g_str_equal(name, "VOID"))
        kind = MCP_EXPANSION_VOID;
    else if (!g_str_equal(name, "GARBAGE"))
        return mcp_grammar_document_fault(document, line, error,
                                          "special rule '%.40s' is not known", name);
    mcp_expansion_append(parent, mcp_grammar_document_expansion(document, kind, line));
    return TRUE;
}

gboolean
mcp_srgs_refer(McpGrammarDocument *document, McpExpansion *reference, const char *whole,
               GError **error)
{
    const char *hash = strchr(whole, '#');
    g_autofree char *url = hash != NULL ? g_strndup(whole, (gsize)(hash - whole)) : g_strdup(whole);

    if (hash != NULL && !mcp_srgs_is_rule_name(hash + 1))
        return mcp_grammar_document_fault(document, reference->line, error,
                                          "'%.40s' is no rule name", hash + 1);
    if (hash != NULL)
        reference->rule = g_string_chunk_insert_const(document->strings, hash + 1);
    if (g_str_equal(url, document->url))
        return TRUE; /* itself by its full name: the network sees to the root */
    reference->url = g_string_chunk_insert_const(document->strings, url);
    if (g_ptr_array_find(document->references, reference->url, NULL))
        return TRUE;
    if (document->references->len >= MAX_REFERENCES)
        return mcp_grammar_document_fault(document, reference->line, error,
                                          "more than %d other grammars are referenced",
                                          MAX_REFERENCES);
    g_ptr_array_add(document->references, (gpointer)reference->url);
    return TRUE;
}

gboolean
mcp_srgs_add_rule(McpGrammarDocument *document, const McpGrammarRule *rule, GError **error)
{
    if (!mcp_srgs_is_rule_name(rule->name))
        return mcp_grammar_document_fault(document, rule->line, error, "'%.40s' is no rule name",
                                          rule->name);
    if (mcp_grammar_document_find(document, rule->name) != NULL)
        return mcp_grammar_document_fault(document, rule->line, error,
                                          "rule '%.40s' is defined twice", rule->name);
    g_array_append_vals(document->rules, rule, 1);
    g_hash_table_insert(document->by_name, (gpointer)rule->name,
                        GUINT_TO_POINTER(document->rules->len));
    return TRUE;
}

gboolean
mcp_srgs_set_root(McpGrammarDocument *document, guint line, const char *name, GError **error)
{
    if (name != NULL && mcp_grammar_document_find(document, name) == NULL)
        return mcp_grammar_document_fault(document, line, error, "root rule '%.40s' is not defined",
                                          name);
    document->root = name != NULL ? g_string_chunk_insert_const(document->strings, name) : NULL;
    if (document->rules->len == 0)
        return mcp_grammar_document_fault(document, line, error, "grammar has no rule");
    return TRUE;
}

McpTagFormat
mcp_srgs_tag_format(const char *name)
{
    if (name == NULL)
        return MCP_TAG_FORMAT_UNDECLARED;
    if (g_str_has_prefix(name, "semantics/1.0-literals"))
        return MCP_TAG_FORMAT_LITERALS;
    if (g_str_has_prefix(name, "semantics/1.0"))
        return MCP_TAG_FORMAT_SCRIPT;
    return MCP_TAG_FORMAT_OTHER;
}
