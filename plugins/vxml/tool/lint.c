/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lint as a whole: pages in, checks over each, findings out. All pages are surveyed before the
 * first is checked, so that they know of each other. One thread.
 */
#include "lint.h"

#include <mcp/error.h>
#include <string.h>

#include "engine.h"
#include "lint_private.h"

static McpFetcher *
find_fetcher(gpointer user_data)
{
    return g_object_ref(mcp_vxml_loader_get_fetcher(user_data));
}

McpVxmlLint *
mcp_vxml_lint_new(McpVxmlLoader *loader)
{
    McpVxmlLint *lint = g_new0(McpVxmlLint, 1);
    McpGrammarConfig config = {.cache = 16 << 20, .max_size = 16 << 20, .max_documents = 64};
    McpCompilerDeps deps = {.compute = mcp_vxml_loader_get_compute(loader),
                            .clock = mcp_vxml_loader_get_clock(loader),
                            .find_fetcher = find_fetcher,
                            .user_data = loader};

    lint->loader = loader;
    lint->pages = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_vxml_page_free);
    lint->by_url = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    lint->findings = mcp_vxml_findings_new();
    lint->told = g_hash_table_new(NULL, NULL);
    lint->globals = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    lint->script = mcp_script_new(NULL);
    mcp_script_push_scope(lint->script, NULL, FALSE, NULL);
    lint->grammar = MCP_GRAMMAR_ENGINE(mcp_srgs_engine_new(&config, &deps));
    return lint;
}

void
mcp_vxml_lint_free(McpVxmlLint *lint)
{
    g_object_unref(lint->grammar);
    mcp_script_unref(lint->script);
    g_hash_table_unref(lint->told);
    g_hash_table_unref(lint->globals);
    g_ptr_array_unref(lint->findings);
    g_hash_table_unref(lint->by_url);
    g_ptr_array_unref(lint->pages);
    g_free(lint);
}

void
mcp_vxml_lint_tell(McpVxmlLint *lint, McpVxmlSpot spot, const char *id, const char *hint,
                   const char *format, ...)
{
    McpVxmlFinding *finding;
    McpXmlPosition at = {1, 1};
    va_list arguments;

    if (!spot.page->subject)
        return;
    if (spot.node != NULL)
        at = mcp_vxml_source_map_find(spot.page->map, spot.node, spot.attribute);
    finding = g_new0(McpVxmlFinding, 1);
    finding->rule = mcp_vxml_rule_find(id);
    finding->file = g_strdup(spot.page->name);
    finding->url = g_strdup(spot.page->url);
    finding->line = at.line + spot.lines;
    finding->column = spot.lines > 0 ? 1 : at.column;
    finding->hint = g_strdup(hint);
    va_start(arguments, format);
    finding->text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_ptr_array_add(lint->findings, finding);
}

gboolean
mcp_vxml_lint_add_page(McpVxmlLint *lint, const char *argument, GError **error)
{
    g_autofree char *url = mcp_vxml_loader_to_url(argument);
    g_autoptr(McpFetchResponse) response = mcp_vxml_loader_get(lint->loader, url, error);
    McpVxmlPage *page;

    if (response == NULL)
        return FALSE;
    if (g_hash_table_contains(lint->by_url, url))
        return TRUE;
    page = mcp_vxml_page_new(url, argument, response);
    page->subject = TRUE;
    g_ptr_array_add(lint->pages, page);
    g_hash_table_insert(lint->by_url, g_steal_pointer(&url), page);
    return TRUE;
}

/* Whatever the checks have not seen: the platform has the last word. */
static void
ask_platform(McpVxmlLint *lint, McpVxmlPage *page)
{
    g_autoptr(McpVxmlDocument) document = NULL;
    g_autoptr(GError) error = NULL;
    const char *words;
    guint64 line = 1;

    for (guint i = 0; i < lint->findings->len; i++) {
        const McpVxmlFinding *finding = lint->findings->pdata[i];

        if (finding->rule->severity == MCP_VXML_SEVERITY_ERROR &&
            strcmp(finding->url, page->url) == 0)
            return;
    }
    document =
        mcp_vxml_document_parse(page->bytes, page->url, page->charset, 0, NULL, NULL, &error);
    if (document != NULL)
        return;
    words = error->message;
    if (g_str_has_prefix(words, page->url) && words[strlen(page->url)] == ':') {
        words += strlen(page->url) + 1;
        line = g_ascii_strtoull(words, (char **)&words, 10);
        words += strspn(words, ": ");
    }
    mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, NULL, NULL, (guint)MAX(line, 1) - 1}, "refused",
                       NULL, "%s", words);
}

GPtrArray *
mcp_vxml_lint_run(McpVxmlLint *lint)
{
    static void (*const checks[])(McpVxmlLint *, McpVxmlPage *) = {
        mcp_vxml_lint_schema,   mcp_vxml_lint_structure,  mcp_vxml_lint_values,
        mcp_vxml_lint_scripts,  mcp_vxml_lint_references, mcp_vxml_lint_subdialogs,
        mcp_vxml_lint_grammars, mcp_vxml_lint_keys,       mcp_vxml_lint_events,
        mcp_vxml_lint_handlers, mcp_vxml_lint_flow,       mcp_vxml_lint_times,
        mcp_vxml_lint_support,
    };
    guint n_subjects = lint->pages->len;

    for (guint i = 0; i < n_subjects; i++)
        mcp_vxml_page_survey(lint, lint->pages->pdata[i]);
    for (guint i = 0; i < n_subjects; i++) {
        McpVxmlPage *page = lint->pages->pdata[i];

        if (page->xml == NULL)
            continue;
        for (guint k = 0; k < G_N_ELEMENTS(checks); k++)
            checks[k](lint, page);
        ask_platform(lint, page);
    }
    mcp_vxml_findings_sort(lint->findings);
    return lint->findings;
}
