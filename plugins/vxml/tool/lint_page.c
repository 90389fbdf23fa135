/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of a lint: reading them, and a survey of each: which names it declares, where it goes, what
 * it throws. One thread.
 */
#include <mcp/error.h>
#include <string.h>

#include "lint_private.h"

McpVxmlPage *
mcp_vxml_page_new(const char *url, const char *name, McpFetchResponse *response)
{
    const McpFetchFacts *facts = mcp_fetch_response_get_facts(response);
    McpVxmlPage *page = g_new0(McpVxmlPage, 1);

    page->url = g_strdup(url);
    page->name = g_strdup(name);
    page->bytes = g_bytes_ref(facts->body);
    page->charset = g_strdup(facts->charset);
    page->dialogs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    page->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    page->thrown = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    page->mentions = g_ptr_array_new_with_free_func(g_free);
    return page;
}

void
mcp_vxml_page_free(McpVxmlPage *page)
{
    g_clear_pointer(&page->map, mcp_vxml_source_map_free);
    g_clear_pointer(&page->xml, mcp_xml_document_unref);
    g_bytes_unref(page->bytes);
    g_hash_table_unref(page->dialogs);
    g_hash_table_unref(page->names);
    g_hash_table_unref(page->thrown);
    g_ptr_array_unref(page->mentions);
    g_free(page->charset);
    g_free(page->root);
    g_free(page->url);
    g_free(page->name);
    g_free(page);
}

gboolean
mcp_vxml_lint_may_follow(const char *url)
{
    return g_str_has_prefix(url, "file:");
}

/* ---- survey ---- */

static void
take_words(GHashTable *set, const char *list)
{
    g_auto(GStrv) words = g_strsplit_set(list, " \t\r\n", -1);

    for (guint i = 0; words[i] != NULL; i++)
        if (*words[i] != '\0')
            g_hash_table_add(set, g_strdup(words[i]));
}

static void
take_script(McpVxmlPage *page, const char *source)
{
    g_autoptr(McpVxmlScriptNames) names = mcp_vxml_script_names_new(source);
    GHashTableIter iterator;
    gpointer name;

    g_hash_table_iter_init(&iterator, names->declared);
    while (g_hash_table_iter_next(&iterator, &name, NULL))
        g_hash_table_add(page->names, g_strdup(name));
    for (guint i = 0; i < names->strings->len; i++)
        g_ptr_array_add(page->mentions, g_strdup(names->strings->pdata[i]));
    page->open |= names->unclear;
}

static void
survey_script(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    g_autofree char *source = mcp_vxml_node_target(page, node, "src");
    g_autofree char *content = mcp_xml_content(node);
    g_autoptr(McpFetchResponse) response = NULL;
    gsize length;
    const char *data;

    if (source == NULL && mcp_xml_attribute(node, "srcexpr") == NULL) {
        take_script(page, content);
        return;
    }
    if (source != NULL)
        response = mcp_vxml_loader_get(lint->loader, source, NULL);
    if (response == NULL) {
        page->open = TRUE;
        return;
    }
    data = g_bytes_get_data(mcp_fetch_response_get_facts(response)->body, &length);
    g_free(content);
    content = g_strndup(data, length);
    take_script(page, content);
}

static void
survey_expression(McpVxmlPage *page, const McpXmlNode *node, const McpXmlAttribute *attribute)
{
    g_autoptr(McpVxmlScriptNames) names = mcp_vxml_script_names_new(attribute->value);
    gboolean moves =
        mcp_vxml_node_is(node, MCP_VXML_GOTO) || mcp_vxml_node_is(node, MCP_VXML_SUBMIT) ||
        mcp_vxml_node_is(node, MCP_VXML_CHOICE) || mcp_vxml_node_is(node, MCP_VXML_LINK) ||
        mcp_vxml_node_is(node, MCP_VXML_SUBDIALOG);
    gboolean address =
        strcmp(attribute->name, "srcexpr") == 0 || strcmp(attribute->name, "expritem") == 0 ||
        (strcmp(attribute->name, "expr") == 0 && !mcp_vxml_node_is(node, MCP_VXML_SUBDIALOG));

    for (guint i = 0; i < names->strings->len; i++)
        g_ptr_array_add(page->mentions, g_strdup(names->strings->pdata[i]));
    page->dynamic |= moves && address && !names->literal;
    page->throws_any |= strcmp(attribute->name, "eventexpr") == 0;
}

static void
survey_names(McpVxmlPage *page, const McpXmlNode *node)
{
    const char *name = mcp_xml_attribute(node, "name");
    const char *item = mcp_xml_attribute(node, "item");
    const char *id = mcp_xml_attribute(node, "id");
    const char *event = mcp_xml_attribute(node, "event");

    if (name != NULL && (mcp_vxml_node_is(node, MCP_VXML_VAR) || mcp_vxml_node_is_item(node) ||
                         mcp_vxml_node_is(node, MCP_VXML_DATA)))
        g_hash_table_add(page->names, g_strdup(name));
    if (name != NULL && mcp_vxml_node_is_item(node))
        g_hash_table_add(page->names, g_strconcat(name, "$", NULL));
    if (item != NULL && mcp_vxml_node_is(node, MCP_VXML_FOREACH))
        g_hash_table_add(page->names, g_strdup(item));
    if (id != NULL && mcp_vxml_node_dialog(node) == node)
        g_hash_table_insert(page->dialogs, g_strdup(id), (gpointer)node);
    if (event != NULL && mcp_vxml_node_events(node) == NULL)
        take_words(page->thrown, event);
}

static void
survey_node(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    static const char *const addresses[] = {"next", "src"};
    const McpXmlAttribute *attributes;
    guint n_attributes;

    survey_names(page, node);
    for (guint i = 0; i < G_N_ELEMENTS(addresses); i++) {
        char *target = mcp_vxml_node_target(page, node, addresses[i]);

        if (target != NULL)
            g_ptr_array_add(page->mentions, target);
        /* In a root document that may be a dialog of any leaf. */
        if (target != NULL && *mcp_xml_attribute(node, addresses[i]) == '#' &&
            mcp_vxml_node_dialog(node) == NULL)
            g_ptr_array_add(page->mentions, g_strdup(mcp_xml_attribute(node, addresses[i])));
    }
    attributes = mcp_xml_attributes(node, &n_attributes);
    for (guint i = 0; i < n_attributes; i++)
        if (mcp_vxml_is_expression(attributes[i].name) && *attributes[i].namespace_uri == '\0')
            survey_expression(page, node, &attributes[i]);
    if (mcp_vxml_node_is(node, MCP_VXML_SCRIPT))
        survey_script(lint, page, node);
}

void
mcp_vxml_page_survey(McpVxmlLint *lint, McpVxmlPage *page)
{
    McpXmlSource source = {.url = page->url, .charset = page->charset};
    McpXmlPosition at = {0, 0};
    g_autoptr(GError) error = NULL;
    const char *application;

    page->xml = mcp_xml_parse(page->bytes, &source, &at, &error);
    if (page->xml == NULL) {
        const char *text = g_str_has_prefix(error->message, page->url)
                               ? error->message + strlen(page->url) + 1
                               : error->message;
        /* What is left begins with line and column. */
        const char *words = strstr(text, ": ");

        mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, NULL, NULL, MAX(at.line, 1) - 1},
                           "not-well-formed", NULL, "%s", words != NULL ? words + 2 : text);
        return;
    }
    page->map = mcp_vxml_source_map_new(page->bytes, page->xml);
    application = mcp_xml_attribute(mcp_xml_document_root(page->xml), "application");
    if (application != NULL) {
        g_autofree char *root =
            mcp_vxml_node_target(page, mcp_xml_document_root(page->xml), "application");

        page->root = g_strndup(root, strcspn(root, "#"));
    }
    mcp_vxml_page_each(lint, page, survey_node);
}

McpVxmlPage *
mcp_vxml_lint_find_page(McpVxmlLint *lint, const char *url, GError **error)
{
    g_autofree char *plain = g_strndup(url, strcspn(url, "#"));
    g_autoptr(McpFetchResponse) response = NULL;
    g_autoptr(GError) failure = NULL;
    gpointer found = NULL;
    McpVxmlPage *page;

    if (g_hash_table_lookup_extended(lint->by_url, plain, NULL, &found)) {
        if (found == NULL)
            g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "%s cannot be read", plain);
        return found;
    }
    response = mcp_vxml_loader_get(lint->loader, plain, &failure);
    if (response == NULL) {
        g_hash_table_insert(lint->by_url, g_steal_pointer(&plain), NULL);
        g_propagate_error(error, g_steal_pointer(&failure));
        return NULL;
    }
    page = mcp_vxml_page_new(plain, plain, response);
    g_ptr_array_add(lint->pages, page);
    g_hash_table_insert(lint->by_url, g_steal_pointer(&plain), page);
    mcp_vxml_page_survey(lint, page);
    return page;
}
