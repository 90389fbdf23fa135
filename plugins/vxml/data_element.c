/* SPDX-License-Identifier: Apache-2.0 */
/*
 * <data> (VoiceXML 2.1 §5): a document for scripts, who may read it, and the tree that scripts
 * see. On the machine's thread.
 */
#include <string.h>

#include "interpreter_scopes.h"

void
mcp_vxml_run_data(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    const char *names = mcp_vxml_element_get(element, "namelist");
    McpVxmlSubmission *form = NULL;
    g_autofree char *url = NULL;

    if (!mcp_vxml_attribute_or_expr(interpreter, element, "src", "srcexpr", &url) ||
        !mcp_vxml_build_submission(interpreter, names != NULL ? names : "", &form))
        return;
    mcp_vxml_fill_fetch(interpreter, element, "data", &interpreter->action.fetch);
    if (!mcp_vxml_set_request(interpreter, element, url, form))
        return;
    interpreter->action.want_content = mcp_vxml_element_get(element, "name") != NULL;
    interpreter->data = element;
    mcp_vxml_fill_fetch_audio(interpreter, element);
    mcp_vxml_set_action(interpreter, MCP_VXML_ACTION_DATA);
}

/* ---- who may read it ---- */

/* "host", "*.domain", "*"; names only, as URLs have them. */
static gboolean
host_fits(const char *pattern, const char *host)
{
    gsize length;

    if (strcmp(pattern, "*") == 0)
        return TRUE;
    if (!g_str_has_prefix(pattern, "*."))
        return g_ascii_strcasecmp(pattern, host) == 0;
    length = strlen(host);
    return length > strlen(pattern) - 1 &&
           g_ascii_strcasecmp(host + length - (strlen(pattern) - 1), pattern + 1) == 0;
}

/* The pseudo-attribute @name of a processing instruction. (transfer full) (nullable) */
static char *
pseudo_attribute(const char *text, const char *name)
{
    gsize length = strlen(name);

    for (const char *at = strstr(text, name); at != NULL; at = strstr(at + 1, name)) {
        const char *value = at + length;
        const char *end;

        if (at != text && !g_ascii_isspace(at[-1]))
            continue;
        value += strspn(value, " \t\r\n");
        if (*value++ != '=')
            continue;
        value += strspn(value, " \t\r\n");
        if (*value != '"' && *value != '\'')
            continue;
        end = strchr(value + 1, *value);
        return end != NULL ? g_strndup(value + 1, (gsize)(end - value - 1)) : NULL;
    }
    return NULL;
}

static gboolean
is_listed(const char *text, const char *name, const char *host)
{
    g_autofree char *value = pseudo_attribute(text, name);
    g_auto(GStrv) list = NULL;

    if (value == NULL)
        return FALSE;
    list = g_strsplit_set(value, " \t\r\n", -1);
    for (guint i = 0; list[i] != NULL; i++)
        if (*list[i] != '\0' && host_fits(list[i], host))
            return TRUE;
    return FALSE;
}

/* 2.1 §5: <?access-control?> names the hosts whose pages may read; without it all may. */
static gboolean
may_read(McpVxmlInterpreter *interpreter, const McpXmlDocument *xml)
{
    const char *rule = mcp_xml_document_instruction(xml, "access-control");
    const char *page = mcp_vxml_document_get_url(interpreter->context->document);
    g_autoptr(GUri) uri = NULL;
    const char *host = NULL;

    if (rule == NULL)
        return TRUE;
    uri = g_uri_parse(page, G_URI_FLAGS_ENCODED, NULL);
    host = uri != NULL ? g_uri_get_host(uri) : NULL;
    if (host == NULL)
        host = "";
    return !is_listed(rule, "deny", host) && is_listed(rule, "allow", host);
}

/* ---- the tree ---- */

static void
write_attributes(McpJson *json, const McpXmlNode *node)
{
    guint count;
    const McpXmlAttribute *attributes = mcp_xml_attributes(node, &count);

    mcp_json_begin_array(json, NULL);
    for (guint i = 0; i < count; i++) {
        mcp_json_begin_array(json, NULL);
        mcp_json_string(json, NULL, attributes[i].name);
        mcp_json_string(json, NULL, attributes[i].prefix);
        mcp_json_string(json, NULL, attributes[i].namespace_uri);
        mcp_json_string(json, NULL, attributes[i].value);
        mcp_json_end_array(json);
    }
    mcp_json_end_array(json);
}

static void
open_element(McpJson *json, const McpXmlNode *node)
{
    mcp_json_begin_array(json, NULL);
    mcp_json_string(json, NULL, mcp_xml_name(node));
    mcp_json_string(json, NULL, mcp_xml_prefix(node));
    mcp_json_string(json, NULL, mcp_xml_namespace(node));
    write_attributes(json, node);
    mcp_json_begin_array(json, NULL);
}

static void
close_element(McpJson *json)
{
    mcp_json_end_array(json);
    mcp_json_end_array(json);
}

static void
write_leaf(McpJson *json, const McpXmlNode *node)
{
    /* DOM Level 2 Core: nodeType */
    static const int types[] = {
        [MCP_XML_CDATA] = 4, [MCP_XML_INSTRUCTION] = 7, [MCP_XML_COMMENT] = 8};
    McpXmlKind kind = mcp_xml_kind(node);

    if (kind == MCP_XML_TEXT) {
        mcp_json_string(json, NULL, mcp_xml_text(node));
        return;
    }
    mcp_json_begin_array(json, NULL);
    mcp_json_int(json, NULL, types[kind]);
    mcp_json_string(json, NULL, mcp_xml_data(node));
    mcp_json_string(json, NULL, mcp_xml_name(node));
    mcp_json_end_array(json);
}

/* What comes behind @node, whose children are told. (nullable) */
static const McpXmlNode *
go_on(McpJson *json, const McpXmlNode *node)
{
    while (node != NULL && mcp_xml_next(node) == NULL) {
        node = mcp_xml_parent(node);
        if (node != NULL)
            close_element(json);
    }
    return node != NULL ? mcp_xml_next(node) : NULL;
}

/* (transfer full): as mcp_script_set_document() wants it. */
static char *
write_tree(const McpXmlDocument *document)
{
    McpJson *json = mcp_json_new();
    const McpXmlNode *node = mcp_xml_document_first(document);

    mcp_json_begin_array(json, NULL);
    while (node != NULL) {
        if (mcp_xml_kind(node) != MCP_XML_ELEMENT) {
            write_leaf(json, node);
            node = go_on(json, node);
            continue;
        }
        open_element(json, node);
        if (mcp_xml_first_child(node) != NULL) {
            node = mcp_xml_first_child(node);
            continue;
        }
        close_element(json);
        node = go_on(json, node);
    }
    mcp_json_end_array(json);
    return mcp_json_finish(json);
}

void
mcp_vxml_data_ready(McpVxmlInterpreter *interpreter, const McpVxmlOutcome *outcome)
{
    McpScript *script = interpreter->context->script;
    const char *name = mcp_vxml_element_get(interpreter->data, "name");
    g_autofree char *tree = NULL;
    GError *error = NULL;

    if (name == NULL || outcome->xml == NULL)
        return;
    if (!may_read(interpreter, outcome->xml)) {
        mcp_vxml_throw(interpreter, "error.noauthorization", "%s may not be read from here",
                       mcp_xml_document_url(outcome->xml));
        return;
    }
    tree = write_tree(outcome->xml);
    mcp_vxml_check(interpreter,
                   mcp_script_declare(script, name, NULL, &error) &&
                       mcp_script_set_document(script, NULL, name, tree, &error),
                   &error);
}
