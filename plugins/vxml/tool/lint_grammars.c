/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grammars: compiled by the platform's own engine; the rules that one refers to within itself are
 * looked for first, since that can be pointed at. Main context.
 */
#include <mcp/error.h>
#include <string.h>

#include "lint_private.h"

/* What the engine calls a grammar without a URL. */
#define INLINE "inline grammar:"
#define SRGS_NS "http://www.w3.org/2001/06/grammar"

/* ---- rules of a grammar in XML ---- */

static void
collect_rules(const McpXmlNode *grammar, GHashTable *ids)
{
    for (const McpXmlNode *node = mcp_xml_first_element(grammar); node != NULL;
         node = mcp_xml_next_element(node)) {
        const char *id = mcp_xml_attribute(node, "id");

        if (strcmp(mcp_xml_name(node), "rule") == 0 && id != NULL)
            g_hash_table_add(ids, (gpointer)id);
    }
}

static gboolean
check_references(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *below, GHashTable *ids)
{
    gboolean good = TRUE;

    for (const McpXmlNode *node = mcp_xml_first_element(below); node != NULL;
         node = mcp_xml_next_element(node)) {
        const char *uri = mcp_xml_attribute(node, "uri");

        if (strcmp(mcp_xml_name(node), "ruleref") == 0 && uri != NULL && *uri == '#' &&
            !g_hash_table_contains(ids, uri + 1)) {
            mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, node, "uri", 0}, "undefined-rule", NULL,
                               "the grammar has no rule \"%s\"", uri + 1);
            good = FALSE;
        }
        good &= check_references(lint, page, node, ids);
    }
    return good;
}

static gboolean
check_rules(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *grammar)
{
    g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);
    const char *root = mcp_xml_attribute(grammar, "root");
    gboolean good;

    collect_rules(grammar, ids);
    good = check_references(lint, page, grammar, ids);
    if (root != NULL && !g_hash_table_contains(ids, root)) {
        mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, grammar, "root", 0}, "undefined-rule", NULL,
                           "the grammar has no rule \"%s\"", root);
        good = FALSE;
    }
    return good;
}

/* ---- the engine ---- */

static void
on_compiled(GObject *source, GAsyncResult *result, gpointer user_data)
{
    *(GAsyncResult **)user_data = g_object_ref(result);
}

/* (transfer full) (nullable): why it does not compile. */
static GError *
compile(McpVxmlLint *lint, const McpGrammarSource *source)
{
    g_autoptr(GAsyncResult) result = NULL;
    GError *error = NULL;
    McpGrammar *grammar;

    mcp_grammar_engine_compile_async(lint->grammar, source, NULL, on_compiled, &result);
    while (result == NULL)
        g_main_context_iteration(NULL, TRUE);
    grammar = mcp_grammar_engine_compile_finish(lint->grammar, result, &error);
    if (grammar != NULL)
        mcp_grammar_unref(lint->grammar, grammar);
    return error;
}

static void
tell(McpVxmlLint *lint, McpVxmlSpot spot, const GError *error)
{
    const char *text = error->message;
    const char *rule = "bad-grammar";
    guint64 line;

    if (g_error_matches(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED))
        rule = strstr(text, "builtin") != NULL ? "unknown-builtin" : "unsupported-grammar";
    else if (!g_error_matches(error, MCP_ERROR, MCP_ERROR_INVALID))
        rule = "missing-resource";
    /* The line within the grammar, which begins where the element does. */
    if (g_str_has_prefix(text, INLINE)) {
        line = g_ascii_strtoull(text + strlen(INLINE), (char **)&text, 10);
        text += strspn(text, ": ");
        spot.lines = (guint)MAX(line, 1) - 1;
    }
    mcp_vxml_lint_tell(lint, spot, rule, NULL, "%s", text);
}

/* That of the page, else the platform's. */
static const char *
language_of(const McpXmlNode *node)
{
    const char *language = mcp_xml_lang(node);

    return language != NULL ? language : "en-US";
}

static void
check_inline(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    const char *mode = mcp_xml_attribute(node, "mode");
    g_autofree char *text = mcp_xml_first_element(node) != NULL ? mcp_xml_to_text(node, SRGS_NS)
                                                                : mcp_xml_content(node);
    g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
    g_autofree char *base = mcp_xml_base(node);
    McpGrammarSource source = {.bytes = bytes,
                               .content_type = mcp_xml_attribute(node, "type"),
                               .base = base != NULL ? base : page->url,
                               .language = language_of(node),
                               .mode = g_strcmp0(mode, "dtmf") == 0 ? MCP_GRAMMAR_DTMF
                                                                    : MCP_GRAMMAR_VOICE,
                               .max_age = -1,
                               .max_stale = -1};
    g_autoptr(GError) error = NULL;

    if (mcp_xml_first_element(node) != NULL && !check_rules(lint, page, node))
        return;
    error = compile(lint, &source);
    if (error != NULL)
        tell(lint, (McpVxmlSpot){page, node, NULL, 0}, error);
}

static void
check_external(McpVxmlLint *lint, McpVxmlSpot spot, const char *url)
{
    const char *mode = mcp_xml_attribute(spot.node, "mode");
    McpGrammarSource source = {.uri = url,
                               .content_type = mcp_xml_attribute(spot.node, "type"),
                               .language = language_of(spot.node),
                               .mode = g_strcmp0(mode, "dtmf") == 0 ? MCP_GRAMMAR_DTMF
                                                                    : MCP_GRAMMAR_VOICE,
                               .max_age = -1,
                               .max_stale = -1};
    g_autoptr(GError) error = NULL;

    if (!g_str_has_prefix(url, "builtin:") && !mcp_vxml_lint_may_follow(url))
        return;
    error = compile(lint, &source);
    if (error != NULL)
        tell(lint, spot, error);
}

static void
check_node(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    const char *type = mcp_xml_attribute(node, "type");
    g_autofree char *builtin = NULL;
    g_autofree char *content = NULL;
    g_autofree char *source = NULL;

    if (mcp_vxml_node_is(node, MCP_VXML_FIELD) && type != NULL) {
        builtin = g_strdup_printf("builtin:dtmf/%s", type);
        check_external(lint, (McpVxmlSpot){page, node, "type", 0}, builtin);
    }
    if (!mcp_vxml_node_is(node, MCP_VXML_GRAMMAR))
        return;
    content = mcp_xml_content(node);
    source = mcp_vxml_node_target(page, node, "src");
    if (source != NULL)
        check_external(lint, (McpVxmlSpot){page, node, "src", 0}, source);
    else if (mcp_xml_first_element(node) != NULL || *g_strstrip(content) != '\0')
        check_inline(lint, page, node);
}

void
mcp_vxml_lint_grammars(McpVxmlLint *lint, McpVxmlPage *page)
{
    mcp_vxml_page_each(lint, page, check_node);
}
