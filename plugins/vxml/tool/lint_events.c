/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events by name: thrown but nowhere caught, caught but by a name that nothing throws, names of
 * VoiceXML 1.0. One thread.
 */
#include <string.h>

#include "interpreter_private.h"
#include "lint_private.h"

static const char *const known_events[] = {
    "cancel",
    "connection.disconnect",
    "connection.disconnect.hangup",
    "connection.disconnect.transfer",
    "error",
    "error.badfetch",
    "error.connection",
    "error.noauthorization",
    "error.noresource",
    "error.semantic",
    "error.unsupported",
    "error.unsupported.builtin",
    "error.unsupported.format",
    "error.unsupported.language",
    "error.unsupported.object",
    "error.unsupported.transfer",
    "exit",
    "externalmessage",
    "help",
    "maxspeechtimeout",
    "noinput",
    "nomatch",
    NULL,
};

static gboolean
is_known(const char *name)
{
    /* Whole families: error.badfetch.http.404, error.unsupported.transfer.bridge … */
    return strcmp(name, ".") == 0 || g_strv_contains(known_events, name) ||
           g_str_has_prefix(name, "error.") || g_str_has_prefix(name, "com.");
}

/* Whether a page that is given throws an event that a handler for @name takes. */
static gboolean
is_thrown(McpVxmlLint *lint, const char *name)
{
    for (guint i = 0; i < lint->pages->len; i++) {
        McpVxmlPage *page = lint->pages->pdata[i];
        GHashTableIter iterator;
        gpointer event;

        if (page->throws_any)
            return TRUE;
        g_hash_table_iter_init(&iterator, page->thrown);
        while (g_hash_table_iter_next(&iterator, &event, NULL))
            if (mcp_vxml_event_matches(name, event))
                return TRUE;
    }
    return FALSE;
}

static void
check_caught(McpVxmlLint *lint, McpVxmlSpot spot, const char *name)
{
    const char *near = mcp_vxml_nearest(name, known_events);
    g_autofree char *hint = NULL;

    if (g_str_has_prefix(name, "telephone.")) {
        hint = g_strdup_printf("write connection.%s", name + strlen("telephone."));
        mcp_vxml_lint_tell(lint, spot, "deprecated-event", hint, "\"%s\" is of VoiceXML 1.0", name);
        return;
    }
    /* What nobody throws may still come from outside; a slip of the pen is told. */
    if (*name == '\0' || is_known(name) || near == NULL || is_thrown(lint, name))
        return;
    hint = g_strdup_printf("did you mean \"%s\"?", near);
    mcp_vxml_lint_tell(lint, spot, "unknown-event", hint, "nothing throws \"%s\"", name);
}

static gboolean
is_caught_below(const McpXmlNode *node, const char *event)
{
    for (node = mcp_xml_first_element(node); node != NULL; node = mcp_xml_next_element(node)) {
        const char *names = mcp_vxml_node_events(node);

        if ((names != NULL && mcp_vxml_event_matches(names, event)) || is_caught_below(node, event))
            return TRUE;
    }
    return FALSE;
}

/* Any handler of any page that is given: which of them is in force depends on the way taken. */
static void
check_thrown(McpVxmlLint *lint, McpVxmlSpot spot, const char *event)
{
    if (*event == '\0' || is_known(event))
        return;
    if (g_str_has_prefix(event, "telephone.") || g_str_has_prefix(event, "connection."))
        return;
    for (guint i = 0; i < lint->pages->len; i++) {
        McpVxmlPage *page = lint->pages->pdata[i];

        if (page->xml != NULL && is_caught_below(mcp_xml_document_root(page->xml), event))
            return;
    }
    if (spot.page->root != NULL && g_hash_table_lookup(lint->by_url, spot.page->root) == NULL)
        return;
    mcp_vxml_lint_tell(lint, spot, "uncaught-event", NULL, "nobody catches \"%s\"", event);
}

static void
check_node(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    const char *event = mcp_xml_attribute(node, "event");
    g_auto(GStrv) words = g_strsplit_set(event != NULL ? event : "", " \t\r\n", -1);
    McpVxmlSpot spot = {page, node, "event", 0};

    for (guint i = 0; words[i] != NULL; i++) {
        if (mcp_vxml_node_events(node) != NULL)
            check_caught(lint, spot, words[i]);
        /* What <return> throws is caught by pages that may not be given; <send> names a message. */
        else if (!mcp_vxml_node_is(node, MCP_VXML_RETURN) && !mcp_vxml_node_is(node, MCP_VXML_SEND))
            check_thrown(lint, spot, words[i]);
    }
}

void
mcp_vxml_lint_events(McpVxmlLint *lint, McpVxmlPage *page)
{
    mcp_vxml_page_each(lint, page, check_node);
}
