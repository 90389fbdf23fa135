/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema, from the same table by which the platform reads pages: elements and where they stand,
 * attributes, their types, and which of them exclude each other. One thread.
 */
#include <string.h>

#include "lint_private.h"

/* VoiceXML 1.0 had these. */
static const struct {
    const char *name;
    const char *now;
} old_elements[] = {
    {"dtmf", "write a <grammar mode=\"dtmf\">"},
    {"emp", "write <emphasis>"},
    {"div", "write <p> or <s>"},
    {"pros", "write <prosody>"},
    {"sayas", "write <say-as>"},
};
static const struct {
    const char *element; /* nullable: any */
    const char *name;
    const char *now;
} old_attributes[] = {
    {NULL, "caching", "write maxage and maxstale"},
    {"vxml", "base", "write xml:base"},
    {"vxml", "lang", "write xml:lang"},
    {"value", "class", "wrap it in <say-as>"},
    {"value", "mode", "leave it out"},
    {"value", "recsrc", "write <audio expr>"},
    {"field", "hotword", "use the property bargeintype"},
};

static const char *
old_attribute(const char *element, const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(old_attributes); i++)
        if (strcmp(old_attributes[i].name, name) == 0 &&
            (old_attributes[i].element == NULL || strcmp(old_attributes[i].element, element) == 0))
            return old_attributes[i].now;
    return NULL;
}

/* ---- attributes ---- */

static void
check_type(McpVxmlLint *lint, McpVxmlSpot spot, char type)
{
    const char *value = mcp_xml_attribute(spot.node, spot.attribute);
    gint64 parsed;

    if (value == NULL && type == '!')
        mcp_vxml_lint_tell(lint, (McpVxmlSpot){spot.page, spot.node, NULL, 0}, "missing-attribute",
                           NULL, "<%s> lacks \"%s\"", mcp_xml_name(spot.node), spot.attribute);
    if (value == NULL)
        return;
    if (type == '?' && strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
        mcp_vxml_lint_tell(lint, spot, "bad-boolean", NULL, "%s=\"%s\" is neither true nor false",
                           spot.attribute, value);
    else if (type == '@' && !mcp_vxml_time(value, &parsed))
        mcp_vxml_lint_tell(lint, spot, "bad-time", NULL, "%s=\"%s\" is no time", spot.attribute,
                           value);
    else if (type == '#' && !mcp_vxml_number(value, &parsed))
        mcp_vxml_lint_tell(lint, spot, "bad-number", NULL, "%s=\"%s\" is no whole number",
                           spot.attribute, value);
}

static void
check_known(McpVxmlLint *lint, McpVxmlSpot spot, char **known)
{
    const char *element = mcp_xml_name(spot.node);
    const char *now = old_attribute(element, spot.attribute);
    const char *near = mcp_vxml_nearest(spot.attribute, (const char *const *)known);
    g_autofree char *hint = near != NULL ? g_strdup_printf("did you mean \"%s\"?", near) : NULL;

    if (now != NULL)
        mcp_vxml_lint_tell(lint, spot, "deprecated-attribute", now,
                           "\"%s\" of <%s> is of VoiceXML 1.0", spot.attribute, element);
    else if (!g_strv_contains((const char *const *)known, spot.attribute))
        mcp_vxml_lint_tell(lint, spot, "unknown-attribute", hint, "<%s> has no attribute \"%s\"",
                           element, spot.attribute);
}

static void
check_attributes(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node,
                 const McpVxmlElementDef *def)
{
    g_auto(GStrv) words = g_strsplit(def->attributes, " ", -1);
    const McpXmlAttribute *attributes;
    guint n_attributes;

    if (strcmp(def->attributes, "*") == 0)
        return;
    for (guint i = 0; words[i] != NULL; i++) {
        gsize length = strcspn(words[i], "!?@#");
        char type = words[i][length];

        words[i][length] = '\0';
        if (length > 0)
            check_type(lint, (McpVxmlSpot){page, node, words[i], 0}, type);
    }
    attributes = mcp_xml_attributes(node, &n_attributes);
    for (guint i = 0; i < n_attributes; i++)
        if (*attributes[i].namespace_uri == '\0')
            check_known(lint, (McpVxmlSpot){page, node, attributes[i].name, 0}, words);
}

static void
check_choices(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node, McpVxmlKind kind)
{
    for (const McpVxmlChoice *choice = mcp_vxml_choices; choice->names[0] != NULL; choice++) {
        g_autofree char *list = g_strjoinv(", ", (char **)choice->names);
        guint count = 0;

        if (choice->kind != kind)
            continue;
        for (guint i = 0; choice->names[i] != NULL; i++)
            count += mcp_xml_attribute(node, choice->names[i]) != NULL ? 1 : 0;
        if (count > 1 || (count == 0 && choice->required))
            mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, node, NULL, 0}, "choose-one", NULL,
                               "<%s> has %u of: %s", mcp_xml_name(node), count, list);
    }
}

static void
check_source(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    g_autofree char *content = mcp_xml_content(node);
    gboolean filled = *g_strstrip(content) != '\0' || mcp_xml_first_element(node) != NULL;
    guint count = (mcp_xml_attribute(node, "src") != NULL ? 1 : 0) +
                  (mcp_xml_attribute(node, "srcexpr") != NULL ? 1 : 0) + (filled ? 1 : 0);

    if (count > 1 || (count == 0 && mcp_vxml_node_is(node, MCP_VXML_GRAMMAR)))
        mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, node, NULL, 0}, "one-source", NULL,
                           "<%s> has %u sources", mcp_xml_name(node), count);
}

/* ---- elements ---- */

/* Each element that has no business where it stands. */
static void
check_place(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node)
{
    const char *name = mcp_xml_name(node);
    const McpVxmlElementDef *def = mcp_vxml_element_def(name);
    McpVxmlSpot spot = {page, node, NULL, 0};
    GPtrArray *names = NULL;
    g_autofree char *hint = NULL;

    if (def != NULL || mcp_vxml_is_speech_name(name)) {
        mcp_vxml_lint_tell(lint, spot, "misplaced-element", NULL, "<%s> cannot stand in <%s>", name,
                           mcp_xml_name(mcp_xml_parent(node)));
        return;
    }
    for (guint i = 0; i < G_N_ELEMENTS(old_elements); i++)
        if (strcmp(old_elements[i].name, name) == 0) {
            mcp_vxml_lint_tell(lint, spot, "deprecated-element", old_elements[i].now,
                               "<%s> is of VoiceXML 1.0 and not read any more", name);
            return;
        }
    names = g_ptr_array_new();
    for (int kind = 0; kind < MCP_VXML_N_KINDS; kind++)
        if (mcp_vxml_element_def_of((McpVxmlKind)kind) != NULL)
            g_ptr_array_add(names, (gpointer)mcp_vxml_kind_to_name((McpVxmlKind)kind));
    g_ptr_array_add(names, NULL);
    if (mcp_vxml_nearest(name, (const char *const *)names->pdata) != NULL)
        hint = g_strdup_printf("did you mean <%s>?",
                               mcp_vxml_nearest(name, (const char *const *)names->pdata));
    g_ptr_array_unref(names);
    mcp_vxml_lint_tell(lint, spot, "unknown-element", hint, "there is no element <%s>", name);
}

static void check_children(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *parent,
                           guint classes);

static void
check_element(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *node, guint classes)
{
    const McpVxmlElementDef *def = mcp_vxml_element_def(mcp_xml_name(node));

    if (def == NULL || (def->classes & (classes | MCP_VXML_IN_ANYTHING)) == 0) {
        if ((classes & MCP_VXML_IN_SPEECH) != 0 && mcp_vxml_is_speech_name(mcp_xml_name(node)))
            check_children(lint, page, node, MCP_VXML_IN_SPEECH);
        else
            check_place(lint, page, node);
        return;
    }
    check_attributes(lint, page, node, def);
    check_choices(lint, page, node, def->kind);
    if (def->kind == MCP_VXML_GRAMMAR || def->kind == MCP_VXML_SCRIPT)
        check_source(lint, page, node);
    else if (def->kind != MCP_VXML_METADATA && def->kind != MCP_VXML_DATA)
        check_children(lint, page, node, def->children);
}

static void
check_children(McpVxmlLint *lint, McpVxmlPage *page, const McpXmlNode *parent, guint classes)
{
    for (const McpXmlNode *node = mcp_xml_first_child(parent); node != NULL;
         node = mcp_xml_next(node)) {
        if (mcp_xml_kind(node) == MCP_XML_ELEMENT) {
            if (!mcp_vxml_node_is_foreign(node))
                check_element(lint, page, node, classes);
        } else if ((classes & MCP_VXML_IN_SPEECH) == 0 && !mcp_xml_is_blank(node)) {
            mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, node, NULL, 0}, "misplaced-text", NULL,
                               "text cannot stand in <%s>", mcp_xml_name(parent));
        }
    }
}

void
mcp_vxml_lint_schema(McpVxmlLint *lint, McpVxmlPage *page)
{
    const McpXmlNode *root = mcp_xml_document_root(page->xml);
    const McpVxmlElementDef *def = mcp_vxml_element_def_of(MCP_VXML_VXML);
    const char *version = mcp_xml_attribute(root, "version");
    McpVxmlSpot spot = {page, root, NULL, 0};

    if (strcmp(mcp_xml_name(root), "vxml") != 0) {
        mcp_vxml_lint_tell(lint, spot, "refused", "the outermost element is <vxml>",
                           "<%s> is no VoiceXML page", mcp_xml_name(root));
        return;
    }
    if (version != NULL && strcmp(version, "2.0") != 0 && strcmp(version, "2.1") != 0)
        mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, root, "version", 0}, "bad-version", NULL,
                           "version \"%s\" is not 2.0 or 2.1", version);
    if (strcmp(mcp_xml_namespace(root), MCP_VXML_NS) != 0)
        mcp_vxml_lint_tell(lint, (McpVxmlSpot){page, root, "xmlns", 0}, "bad-namespace", NULL,
                           "the namespace of <vxml> is \"%s\"", mcp_xml_namespace(root));
    check_attributes(lint, page, root, def);
    check_children(lint, page, root, def->children);
}
