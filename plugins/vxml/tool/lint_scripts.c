/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ECMAScript in a page: whether it parses, by the engine that will run it, and whether the names it
 * uses are declared anywhere that its place may see. Handlers run where an event is thrown, so they
 * may see every page that is given. One thread.
 */
#include <string.h>

#include "lint_private.h"

static const struct {
    const char *path;
    const char *now;
} old_variables[] = {
    {"session.telephone.ani", "write session.connection.remote.uri"},
    {"session.telephone.dnis", "write session.connection.local.uri"},
    {"session.telephone.redirect_reason", "write session.connection.redirect"},
    {"session.telephone", "write session.connection"},
    {"session.uui", "write session.connection.aai"},
    {"session.iidigits", "write session.connection"},
};

/* ---- names ---- */

static gboolean
is_global(McpVxmlLint *lint, const char *name)
{
    static const char *const of_page[] = {"DOMException", "session",    "application", "document",
                                          "dialog",       "_event",     "_message",    "_prompt",
                                          "_dtmf",        "lastresult$"};
    g_autofree char *source = g_strdup_printf("typeof %s != 'undefined'", name);
    g_autoptr(McpScriptCode) code = NULL;
    gpointer known;
    gboolean there = FALSE;

    for (guint i = 0; i < G_N_ELEMENTS(of_page); i++)
        if (strcmp(of_page[i], name) == 0)
            return TRUE;
    if (g_hash_table_lookup_extended(lint->globals, name, NULL, &known))
        return GPOINTER_TO_INT(known);
    code = mcp_script_code_new(MCP_SCRIPT_EXPRESSION, source, NULL, 1);
    if (!mcp_script_eval_boolean(lint->script, code, &there, NULL))
        there = FALSE;
    g_hash_table_insert(lint->globals, g_strdup(name), GINT_TO_POINTER(there));
    return there;
}

static gboolean
in_shared_handler(const McpXmlNode *node)
{
    for (; node != NULL; node = mcp_xml_parent(node))
        if (mcp_vxml_node_events(node) != NULL)
            return mcp_vxml_node_dialog(node) == NULL;
    return FALSE;
}

/* Whether a page that the place may see declares @name, or may do so unseen. */
static gboolean
is_declared(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node, const char *name)
{
    gboolean shared = in_shared_handler(node);

    for (guint i = 0; i < lint->pages->len; i++) {
        McpVxmlPage *other = lint->pages->pdata[i];
        gboolean visible = other == page || shared || g_strcmp0(page->root, other->url) == 0;

        if (visible && (other->open || g_hash_table_contains(other->names, name)))
            return TRUE;
    }
    /* A root that cannot be read may declare anything. */
    return page->root != NULL && g_hash_table_lookup(lint->by_url, page->root) == NULL;
}

static void
tell_undefined(McpVxmlLint *lint, McpVxmlSpot spot, const char *name)
{
    g_autofree char **names = (char **)g_hash_table_get_keys_as_array(spot.page->names, NULL);
    const char *near = mcp_vxml_nearest(name, (const char *const *)names);
    g_autofree char *hint = near != NULL ? g_strdup_printf("did you mean \"%s\"?", near) : NULL;

    mcp_vxml_lint_tell(lint, spot, "undefined-variable", hint, "\"%s\" is declared nowhere", name);
}

static void
check_name(McpVxmlLint *lint, McpVxmlSpot spot, const char *name)
{
    if (!is_declared(lint, spot.page, spot.node, name) && !is_global(lint, name))
        tell_undefined(lint, spot, name);
}

static gboolean
check_old(McpVxmlLint *lint, McpVxmlSpot spot, const char *path)
{
    for (guint i = 0; i < G_N_ELEMENTS(old_variables); i++)
        if (g_str_has_prefix(path, old_variables[i].path)) {
            mcp_vxml_lint_tell(lint, spot, "deprecated-variable", old_variables[i].now,
                               "\"%s\" is of VoiceXML 1.0", path);
            return TRUE;
        }
    return FALSE;
}

static void
check_uses(McpVxmlLint *lint, McpVxmlSpot spot, const McpVxmlScriptNames *names)
{
    guint below = spot.lines;

    if (names->unclear)
        return;
    for (guint i = 0; i < names->uses->len; i++) {
        const McpVxmlNameUse *use = names->uses->pdata[i];

        spot.lines = spot.attribute == NULL ? below + use->line : 0;
        if (!check_old(lint, spot, use->path) && !use->guarded)
            check_name(lint, spot, use->name);
    }
}

/* ---- syntax ---- */

/* The engine's "FILE:LINE: what". */
static void
tell_syntax(McpVxmlLint *lint, McpVxmlSpot spot, const GError *error)
{
    const char *text = error->message != NULL ? error->message : "";
    const char *number = g_str_has_prefix(text, "lint:") ? text + strlen("lint:") : NULL;
    char *rest = NULL;
    guint64 line = number != NULL ? g_ascii_strtoull(number, &rest, 10) : 1;

    if (rest != NULL)
        text = rest;
    text += strspn(text, ": ");
    if (spot.attribute == NULL && line > 1)
        spot.lines += (guint)(line - 1);
    mcp_vxml_lint_tell(lint, spot, "script-syntax", NULL, "%s", text);
}

/* As the body of a function that is never called, so that nothing but its syntax matters. */
static gboolean
parses(McpVxmlLint *lint, McpVxmlSpot spot, const char *source, gboolean expression)
{
    g_autofree char *wrapped = expression
                                   ? g_strdup_printf("(function () { return (%s\n) })", source)
                                   : g_strdup_printf("(function () {%s\n})", source);
    g_autoptr(McpScriptCode) code = mcp_script_code_new(MCP_SCRIPT_EXPRESSION, wrapped, "lint", 1);
    g_autoptr(GError) error = NULL;

    if (mcp_script_run(lint->script, code, &error) ||
        !g_error_matches(error, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_SYNTAX))
        return TRUE;
    tell_syntax(lint, spot, error);
    return FALSE;
}

static void
check_expression(McpVxmlLint *lint, McpVxmlSpot spot, const char *source)
{
    g_autoptr(McpVxmlScriptNames) names = mcp_vxml_script_names_new(source);

    if (!parses(lint, spot, source, TRUE))
        return;
    if (strcmp(spot.attribute, "cond") == 0 && names->assigns)
        mcp_vxml_lint_tell(lint, spot, "assignment-in-cond", NULL, "cond=\"%s\" assigns", source);
    check_uses(lint, spot, names);
}

static void
check_script(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    g_autofree char *source = mcp_xml_content(node);
    g_autoptr(McpVxmlScriptNames) names = mcp_vxml_script_names_new(source);
    McpVxmlSpot spot = {page, node, NULL, 0};

    /* The content begins where the tag ends. */
    spot.lines = mcp_xml_line(node) - mcp_vxml_source_map_find(page->map, node, NULL).line;
    if (parses(lint, spot, source, FALSE))
        check_uses(lint, spot, names);
}

/* ---- where names stand without being expressions ---- */

static void
check_list(McpVxmlLint *lint, McpVxmlSpot spot)
{
    const char *list = mcp_xml_attribute(spot.node, spot.attribute);
    g_auto(GStrv) words = g_strsplit_set(list != NULL ? list : "", " \t\r\n", -1);

    for (guint i = 0; words[i] != NULL; i++) {
        g_autofree char *name = g_strndup(words[i], strcspn(words[i], ".["));

        if (*name != '\0')
            check_name(lint, spot, name);
    }
}

static void
check_node(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    const McpXmlAttribute *attributes;
    guint n_attributes;

    attributes = mcp_xml_attributes(node, &n_attributes);
    for (guint i = 0; i < n_attributes; i++)
        if (*attributes[i].namespace_uri == '\0' && mcp_vxml_is_expression(attributes[i].name))
            check_expression(lint, (McpVxmlSpot){page, node, attributes[i].name, 0},
                             attributes[i].value);
    if (mcp_vxml_node_is(node, MCP_VXML_SCRIPT))
        check_script(lint, page, node);
    if (mcp_vxml_node_is(node, MCP_VXML_ASSIGN))
        check_list(lint, (McpVxmlSpot){page, node, "name", 0});
    /* Those of <filled> are form items, which another check looks at. */
    if (!mcp_vxml_node_is(node, MCP_VXML_FILLED))
        check_list(lint, (McpVxmlSpot){page, node, "namelist", 0});
}

void
mcp_vxml_lint_scripts(McpVxmlLint *lint, McpVxmlPage *page)
{
    if (page->root != NULL)
        mcp_vxml_lint_find_page(lint, page->root, NULL);
    mcp_vxml_page_each(lint, page, check_node);
}
