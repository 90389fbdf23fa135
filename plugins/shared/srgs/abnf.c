/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the ABNF form of SRGS 1.0: a scanner over UTF-8 and a parser by descent, whose depth is
 * bounded. One thread a document.
 */
#include "document.h"
#include "parts.h"
#include <mcp/error.h>
#include <string.h>

#define MAX_DEPTH 200
/* Characters that end a token without quotation marks (SRGS 1.0 §2.1). */
#define SYMBOLS "\";=|*+?<>()[]{}$!/"
#define BLANKS " \t\r\n"

typedef struct {
    McpGrammarDocument *document;
    const char *at;
    guint line;
    guint depth;
    gboolean has_language;
    gboolean has_mode;
    char *root;
    char *base;
    char *tag_format;
} Reader;

static gboolean read_alternatives(Reader *reader, McpExpansion *parent, GError **error);

#define fault(reader, error, ...) \
    mcp_grammar_document_fault((reader)->document, (reader)->line, error, __VA_ARGS__)

static void
step(Reader *reader, gsize n)
{
    for (; n > 0 && *reader->at != '\0'; n--)
        reader->line += *reader->at++ == '\n' ? 1 : 0;
}

/* Blanks and comments. */
static void
skip(Reader *reader)
{
    for (;;) {
        const char *end;

        step(reader, strspn(reader->at, BLANKS));
        if (g_str_has_prefix(reader->at, "//")) {
            step(reader, strcspn(reader->at, "\r\n"));
        } else if (g_str_has_prefix(reader->at, "/*")) {
            end = strstr(reader->at + 2, "*/");
            step(reader, end != NULL ? (gsize)(end + 2 - reader->at) : strlen(reader->at));
        } else {
            return;
        }
    }
}

static gboolean
accept(Reader *reader, char symbol)
{
    skip(reader);
    if (*reader->at != symbol)
        return FALSE;
    step(reader, 1);
    return TRUE;
}

static gboolean
expect(Reader *reader, char symbol, GError **error)
{
    if (accept(reader, symbol))
        return TRUE;
    return fault(reader, error, "'%c' is missing before '%.20s'", symbol, reader->at);
}

/* (transfer full): what stands up to @end, which is stepped over. */
static char *
read_until(Reader *reader, const char *end, GError **error)
{
    const char *found = strstr(reader->at, end);
    char *text;

    if (found == NULL) {
        fault(reader, error, "'%s' is missing", end);
        return NULL;
    }
    text = g_strndup(reader->at, (gsize)(found - reader->at));
    step(reader, (gsize)(found - reader->at) + strlen(end));
    return text;
}

/* (transfer full) (nullable): a word without symbols, or NULL. */
static char *
read_word(Reader *reader)
{
    gsize length = strcspn(reader->at, SYMBOLS BLANKS);
    char *word;

    if (length == 0)
        return NULL;
    word = g_strndup(reader->at, length);
    step(reader, length);
    return word;
}

static char *
read_bracketed(Reader *reader, GError **error)
{
    if (!expect(reader, '<', error))
        return NULL;
    return read_until(reader, ">", error);
}

static gboolean
read_tag(Reader *reader, char **out, GError **error)
{
    gboolean wide = g_str_has_prefix(reader->at, "{!{");

    step(reader, wide ? 3 : 1);
    *out = read_until(reader, wide ? "}!}" : "}", error);
    return *out != NULL;
}

/* SRGS 1.0 §2.5, §2.7: "!language" and "<repeat>" after an expansion, in any order. */
static gboolean
read_repeat(Reader *reader, McpExpansion *repeat, GError **error)
{
    g_autofree char *text = read_bracketed(reader, error);
    char *slash;

    if (text == NULL)
        return FALSE;
    slash = strchr(text, '/');
    if (slash != NULL) {
        g_autofree char *number = g_strdup(slash + 1);
        char *end = strchr(number, '/');

        if (end != NULL)
            *end = '\0';
        if (end == NULL || !mcp_srgs_is_number(g_strstrip(number), 1))
            return fault(reader, error, "repeat probability '%.20s' is malformed", slash);
        *slash = '\0';
    }
    if (!mcp_srgs_parse_repeat(text, &repeat->min, &repeat->max))
        return fault(reader, error, "repeat '%.20s' is malformed", text);
    return TRUE;
}

static gboolean
read_suffixes(Reader *reader, McpExpansion *parent, McpExpansion *body, GError **error)
{
    McpExpansion *whole = body;

    for (skip(reader); *reader->at == '!' || *reader->at == '<'; skip(reader)) {
        g_autofree char *language = NULL;
        McpExpansion *repeat;

        if (accept(reader, '!')) {
            language = read_word(reader);
            if (language == NULL)
                return fault(reader, error, "no language after '!'");
            continue;
        }
        repeat =
            mcp_grammar_document_expansion(reader->document, MCP_EXPANSION_REPEAT, reader->line);
        if (!read_repeat(reader, repeat, error))
            return FALSE;
        mcp_expansion_append(repeat, whole);
        whole = repeat;
    }
    mcp_expansion_append(parent, whole);
    return TRUE;
}

static char *
resolve(const Reader *reader, const char *uri)
{
    const char *own = *reader->document->url != '\0' ? reader->document->url : NULL;
    g_autofree char *base = reader->base != NULL
                                ? g_uri_resolve_relative(own, reader->base, G_URI_FLAGS_NONE, NULL)
                                : g_strdup(own);
    char *whole = g_uri_resolve_relative(base, uri, G_URI_FLAGS_NONE, NULL);

    return whole != NULL ? whole : g_strdup(uri);
}

static gboolean
read_external(Reader *reader, McpExpansion *reference, GError **error)
{
    g_autofree char *uri = read_bracketed(reader, error);
    g_autofree char *whole = NULL;
    g_autofree char *type = NULL;

    if (uri == NULL)
        return FALSE;
    if (accept(reader, '~')) {
        type = read_bracketed(reader, error);
        if (type == NULL)
            return FALSE;
    }
    reference->text = g_string_chunk_insert_const(reader->document->strings, uri);
    whole = resolve(reader, uri);
    return mcp_srgs_refer(reader->document, reference, whole, error);
}

static gboolean
read_reference(Reader *reader, McpExpansion *body, GError **error)
{
    g_autofree char *name = NULL;
    McpExpansion *reference;

    step(reader, 1);
    name = read_word(reader);
    if (name != NULL && !mcp_srgs_is_rule_name(name))
        return mcp_srgs_add_special(reader->document, reader->line, body, name, error);
    reference =
        mcp_grammar_document_expansion(reader->document, MCP_EXPANSION_REFERENCE, reader->line);
    mcp_expansion_append(body, reference);
    if (name == NULL)
        return read_external(reader, reference, error);
    reference->rule = g_string_chunk_insert_const(reader->document->strings, name);
    reference->text = reference->rule;
    return TRUE;
}

static gboolean
read_group(Reader *reader, McpExpansion *body, char end, GError **error)
{
    gboolean good;

    step(reader, 1);
    if (end == ')' && accept(reader, ')'))
        return TRUE;
    if (++reader->depth > MAX_DEPTH) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT, "%s:%u: groups are nested too deeply",
                    reader->document->name, reader->line);
        return FALSE;
    }
    good = read_alternatives(reader, body, error) && expect(reader, end, error);
    reader->depth--;
    return good;
}

static gboolean
read_optional(Reader *reader, McpExpansion *body, GError **error)
{
    McpExpansion *optional =
        mcp_grammar_document_expansion(reader->document, MCP_EXPANSION_REPEAT, reader->line);
    McpExpansion *inner =
        mcp_grammar_document_expansion(reader->document, MCP_EXPANSION_SEQUENCE, reader->line);

    optional->max = 1;
    mcp_expansion_append(optional, inner);
    mcp_expansion_append(body, optional);
    return read_group(reader, inner, ']', error);
}

static gboolean
read_token(Reader *reader, McpExpansion *body, GError **error)
{
    g_autofree char *text = NULL;
    guint line = reader->line;

    if (*reader->at == '"') {
        step(reader, 1);
        text = read_until(reader, "\"", error);
        if (text == NULL)
            return FALSE;
    } else {
        text = read_word(reader);
    }
    if (text == NULL)
        return fault(reader, error, "'%.1s' is not allowed here", reader->at);
    return mcp_srgs_add_token(reader->document, line, body, text, error);
}

static gboolean
read_inline_tag(Reader *reader, McpExpansion *parent, GError **error)
{
    McpExpansion *tag =
        mcp_grammar_document_expansion(reader->document, MCP_EXPANSION_TAG, reader->line);
    g_autofree char *text = NULL;

    if (!read_tag(reader, &text, error))
        return FALSE;
    tag->text = g_string_chunk_insert(reader->document->strings, text);
    mcp_expansion_append(parent, tag);
    return TRUE;
}

static gboolean
read_element(Reader *reader, McpExpansion *parent, GError **error)
{
    McpExpansion *body;
    gboolean good;

    if (*reader->at == '{')
        return read_inline_tag(reader, parent, error);
    body = mcp_grammar_document_expansion(reader->document, MCP_EXPANSION_SEQUENCE, reader->line);
    if (*reader->at == '$')
        good = read_reference(reader, body, error);
    else if (*reader->at == '(')
        good = read_group(reader, body, ')', error);
    else if (*reader->at == '[')
        good = read_optional(reader, body, error);
    else
        good = read_token(reader, body, error);
    return good && read_suffixes(reader, parent, body, error);
}

static gboolean
read_sequence(Reader *reader, McpExpansion *parent, GError **error)
{
    McpExpansion *sequence =
        mcp_grammar_document_expansion(reader->document, MCP_EXPANSION_SEQUENCE, reader->line);

    mcp_expansion_append(parent, sequence);
    if (accept(reader, '/')) {
        g_autofree char *weight = read_until(reader, "/", error);

        if (weight == NULL)
            return FALSE;
        if (!mcp_srgs_is_number(g_strstrip(weight), G_MAXDOUBLE))
            return fault(reader, error, "weight '%.20s' is no positive number", weight);
        sequence->weight = mcp_srgs_weight(weight);
    }
    for (skip(reader); *reader->at != '\0' && strchr("|;)]", *reader->at) == NULL; skip(reader))
        if (!read_element(reader, sequence, error))
            return FALSE;
    if (sequence->first == NULL)
        return fault(reader, error, "expansion is empty");
    return TRUE;
}

static gboolean
read_alternatives(Reader *reader, McpExpansion *parent, GError **error)
{
    McpExpansion *all =
        mcp_grammar_document_expansion(reader->document, MCP_EXPANSION_ALTERNATIVES, reader->line);

    mcp_expansion_append(parent, all);
    do {
        if (!read_sequence(reader, all, error))
            return FALSE;
    } while (accept(reader, '|'));
    return TRUE;
}

static gboolean
read_rule(Reader *reader, gboolean is_public, GError **error)
{
    McpGrammarDocument *document = reader->document;
    McpGrammarRule rule = {.is_public = is_public, .line = reader->line};
    g_autofree char *name = NULL;

    if (!expect(reader, '$', error))
        return FALSE;
    name = read_word(reader);
    rule.name = g_string_chunk_insert_const(document->strings, name != NULL ? name : "");
    rule.body = mcp_grammar_document_expansion(document, MCP_EXPANSION_SEQUENCE, reader->line);
    return mcp_srgs_add_rule(document, &rule, error) && expect(reader, '=', error) &&
           read_alternatives(reader, rule.body, error) && expect(reader, ';', error);
}

/* (transfer full) (nullable): text in single or double quotation marks. */
static char *
read_quoted(Reader *reader, GError **error)
{
    skip(reader);
    if (*reader->at != '"' && *reader->at != '\'') {
        fault(reader, error, "quotation mark is missing before '%.20s'", reader->at);
        return NULL;
    }
    step(reader, 1);
    return read_until(reader, reader->at[-1] == '"' ? "\"" : "'", error);
}

static gboolean
read_meta(Reader *reader, GError **error)
{
    g_autofree char *name = read_quoted(reader, error);
    g_autofree char *is = NULL;
    g_autofree char *content = NULL;

    if (name == NULL)
        return FALSE;
    skip(reader);
    is = read_word(reader);
    if (g_strcmp0(is, "is") != 0)
        return fault(reader, error, "'is' is missing");
    content = read_quoted(reader, error);
    return content != NULL;
}

static gboolean
set_once(Reader *reader, char **place, char *value, const char *what, GError **error)
{
    g_autofree char *owned = value;

    if (value == NULL)
        return *error != NULL ? FALSE : fault(reader, error, "%s has no value", what);
    if (*place != NULL)
        return fault(reader, error, "%s is declared twice", what);
    *place = g_steal_pointer(&owned);
    return TRUE;
}

static gboolean
read_mode(Reader *reader, GError **error)
{
    g_autofree char *mode = read_word(reader);

    if (reader->has_mode)
        return fault(reader, error, "mode is declared twice");
    reader->has_mode = TRUE;
    if (g_strcmp0(mode, "dtmf") == 0)
        reader->document->mode = MCP_GRAMMAR_DTMF;
    else if (g_strcmp0(mode, "voice") == 0)
        reader->document->mode = MCP_GRAMMAR_VOICE;
    else
        return fault(reader, error, "mode '%.40s' is neither voice nor dtmf", mode);
    return TRUE;
}

static gboolean
read_language(Reader *reader, GError **error)
{
    g_autofree char *language = read_word(reader);

    if (language == NULL || reader->has_language)
        return fault(reader, error, "language is %s",
                     language == NULL ? "empty" : "declared twice");
    reader->has_language = TRUE;
    return TRUE;
}

static gboolean
read_root(Reader *reader, GError **error)
{
    return expect(reader, '$', error) &&
           set_once(reader, &reader->root, read_word(reader), "root", error);
}

static gboolean
read_header_line(Reader *reader, const char *keyword, GError **error)
{
    gboolean good;

    skip(reader);
    if (g_str_equal(keyword, "language"))
        good = read_language(reader, error);
    else if (g_str_equal(keyword, "mode"))
        good = read_mode(reader, error);
    else if (g_str_equal(keyword, "root"))
        good = read_root(reader, error);
    else if (g_str_equal(keyword, "base"))
        good = set_once(reader, &reader->base, read_bracketed(reader, error), "base", error);
    else if (g_str_equal(keyword, "tag-format"))
        good = set_once(reader, &reader->tag_format, read_bracketed(reader, error), "tag-format",
                        error);
    else if (g_str_equal(keyword, "meta") || g_str_equal(keyword, "http-equiv"))
        good = read_meta(reader, error);
    else if (g_str_equal(keyword, "lexicon"))
        good = accept(reader, '<') && (step(reader, strcspn(reader->at, ">")), TRUE) &&
               expect(reader, '>', error);
    else
        return fault(reader, error, "'%.40s' is not known", keyword);
    return good && expect(reader, ';', error);
}

static gboolean
read_header_tag(Reader *reader, GError **error)
{
    g_autofree char *text = NULL;

    if (!read_tag(reader, &text, error))
        return FALSE;
    g_ptr_array_add(reader->document->header_tags,
                    g_string_chunk_insert(reader->document->strings, text));
    return expect(reader, ';', error);
}

static gboolean
read_declaration(Reader *reader, GError **error)
{
    g_autofree char *keyword = NULL;

    if (*reader->at == '{')
        return read_header_tag(reader, error);
    if (*reader->at == '$')
        return read_rule(reader, FALSE, error);
    keyword = read_word(reader);
    if (keyword == NULL)
        return fault(reader, error, "'%.1s' is not allowed here", reader->at);
    if (g_str_equal(keyword, "public") || g_str_equal(keyword, "private"))
        return read_rule(reader, g_str_equal(keyword, "public"), error);
    return read_header_line(reader, keyword, error);
}

/* SRGS 1.0 §4.1: "#ABNF 1.0 ENCODING;", alone on the first line. */
static gboolean
read_first_line(Reader *reader, char **out_encoding, GError **error)
{
    gsize length = strcspn(reader->at, "\r\n");
    g_autofree char *line = g_strstrip(g_strndup(reader->at, length));
    g_auto(GStrv) words = NULL;
    guint n;

    if (!g_str_has_suffix(line, ";"))
        return fault(reader, error, "first line is not '#ABNF 1.0;'");
    line[strlen(line) - 1] = '\0';
    words = g_strsplit(g_strstrip(line), " ", -1);
    n = g_strv_length(words);
    if (n < 2 || n > 3 || !g_str_equal(words[0], "#ABNF") || !g_str_equal(words[1], "1.0"))
        return fault(reader, error, "first line is not '#ABNF 1.0;'");
    *out_encoding = g_strdup(n == 3 ? words[2] : NULL);
    step(reader, length);
    return TRUE;
}

static gboolean
read_body(Reader *reader, const McpDocumentSource *source, GError **error)
{
    GError *wrong = NULL;

    for (skip(reader); *reader->at != '\0'; skip(reader)) {
        if (!read_declaration(reader, &wrong)) {
            g_propagate_error(error, wrong);
            return FALSE;
        }
    }
    if (reader->document->mode == MCP_GRAMMAR_VOICE && !reader->has_language &&
        source->language == NULL)
        return mcp_grammar_document_fault(reader->document, 1, error,
                                          "grammar of mode voice has no language");
    reader->document->tag_format = mcp_srgs_tag_format(reader->tag_format);
    return mcp_srgs_set_root(reader->document, 1, reader->root, error);
}

gboolean
mcp_grammar_abnf_read(McpGrammarDocument *document, const McpDocumentSource *source, GError **error)
{
    g_autofree char *text = mcp_srgs_decode(document, source, error);
    g_autofree char *encoding = NULL;
    Reader reader = {.document = document, .at = text, .line = 1};
    gboolean good;

    if (text == NULL)
        return FALSE;
    good = read_first_line(&reader, &encoding, error) && read_body(&reader, source, error);
    g_free(reader.root);
    g_free(reader.base);
    g_free(reader.tag_format);
    return good;
}
