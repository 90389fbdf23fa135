/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns an XML tree into a typed VoiceXML tree. A fault that leaves the page without a meaning
 * refuses it, so that whoever goes to it gets error.badfetch. Blocks its thread; any thread.
 */
#include <mcp/error.h>
#include <string.h>

#include "document_check.h"
#include "document_private.h"
#include "element_table.h"

#define SRGS_NS "http://www.w3.org/2001/06/grammar"
#define SSML_NS "http://www.w3.org/2001/10/synthesis"

static const char *const expression_names[] = {
    "expr",       "cond",        "eventexpr", "messageexpr",     "expritem",       "srcexpr",
    "array",      "asyncexpr",   "bodyexpr",  "contenttypeexpr", "fetchaudioexpr", "maxtimeexpr",
    "targetexpr", "timeoutexpr", "destexpr",  "aaiexpr",         "nameexpr"};

typedef struct {
    McpVxmlDocument *document;
    McpVxmlWarnFunc warn;
    gpointer user_data;
    const char *namespace_uri; /* of <vxml>: pages name it wrongly or not at all */
} Builder;

static gboolean fault(Builder *builder, const McpXmlNode *node, GError **error, const char *format,
                      ...) G_GNUC_PRINTF(4, 5);

static gboolean
fault(Builder *builder, const McpXmlNode *node, GError **error, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s:%u: %s", builder->document->url,
                mcp_xml_line(node), text);
    return FALSE;
}

static void warn(Builder *builder, const McpXmlNode *node, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static void
warn(Builder *builder, const McpXmlNode *node, const char *format, ...)
{
    g_autofree char *what = NULL;
    g_autofree char *text = NULL;
    va_list arguments;

    if (builder->warn == NULL)
        return;
    va_start(arguments, format);
    what = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    text = g_strdup_printf("%s:%u: %s", builder->document->url, mcp_xml_line(node), what);
    builder->warn(text, builder->user_data);
}

static const char *
keep(Builder *builder, char *text)
{
    g_ptr_array_add(builder->document->texts, text);
    builder->document->text_size += strlen(text);
    return text;
}

/* ---- attributes ---- */

static gboolean
check_value(Builder *builder, const McpXmlNode *node, const char *name, char type, GError **error)
{
    const char *value = mcp_xml_attribute(node, name);
    gint64 parsed;

    if (value == NULL)
        return type != '!' ||
               fault(builder, node, error, "<%s> lacks \"%s\"", mcp_xml_name(node), name);
    switch (type) {
    case '?':
        if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
            return fault(builder, node, error, "%s=\"%s\" is neither true nor false", name, value);
        break;
    case '@':
        if (!mcp_vxml_time(value, &parsed))
            return fault(builder, node, error, "%s=\"%s\" is not a time (\"5s\", \"500ms\")", name,
                         value);
        break;
    case '#':
        if (!mcp_vxml_number(value, &parsed))
            return fault(builder, node, error, "%s=\"%s\" is not a number", name, value);
        break;
    default:
        break;
    }
    return TRUE;
}

static gboolean
is_listed(const McpVxmlElementDef *def, const char *name)
{
    g_auto(GStrv) words = g_strsplit(def->attributes, " ", -1);

    for (guint i = 0; words[i] != NULL; i++) {
        gsize length = strcspn(words[i], "!?@#");

        if (strlen(name) == length && strncmp(words[i], name, length) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean
check_attributes(Builder *builder, const McpXmlNode *node, const McpVxmlElementDef *def,
                 GError **error)
{
    g_auto(GStrv) words = NULL;
    const McpXmlAttribute *attributes;
    guint n_attributes;

    if (strcmp(def->attributes, "*") == 0)
        return TRUE;
    words = g_strsplit(def->attributes, " ", -1);
    for (guint i = 0; words[i] != NULL; i++) {
        gsize length = strcspn(words[i], "!?@#");
        char type = words[i][length];

        words[i][length] = '\0';
        if (length > 0 && !check_value(builder, node, words[i], type, error))
            return FALSE;
    }
    attributes = mcp_xml_attributes(node, &n_attributes);
    for (guint i = 0; i < n_attributes; i++)
        if (*attributes[i].namespace_uri == '\0' && !is_listed(def, attributes[i].name))
            warn(builder, node, "attribute \"%s\" is not known here", attributes[i].name);
    return TRUE;
}

/* Words without which ECMAScript has neither loops nor functions of its own, nor patterns. */
static void
judge_code(Builder *builder, const char *code)
{
    static const char *const words[] = {"while",    "for(",    "for (",    "do{",     "do {",
                                        "function", "=>",      "RegExp",   ".test",   ".exec",
                                        ".match",   ".search", ".replace", ".repeat", ".sort",
                                        ".join",    ".split",  ".pad",     ".fill",   ".concat",
                                        "eval",     "Array(",  "get ",     "`",       "\\u"};

    for (guint i = 0; i < G_N_ELEMENTS(words) && !builder->document->may_loop; i++)
        builder->document->may_loop = strstr(code, words[i]) != NULL;
}

static void
keep_expressions(Builder *builder, McpVxmlElement *element)
{
    McpVxmlExpression found[G_N_ELEMENTS(expression_names)];
    guint n_found = 0;

    for (guint i = 0; i < G_N_ELEMENTS(expression_names); i++) {
        const char *value = mcp_xml_attribute(element->node, expression_names[i]);

        if (value == NULL)
            continue;
        judge_code(builder, value);
        found[n_found].name = expression_names[i];
        found[n_found++].code = mcp_script_code_new(MCP_SCRIPT_EXPRESSION, value,
                                                    builder->document->url, element->line);
        builder->document->text_size += strlen(value);
    }
    if (n_found == 0)
        return;
    element->codes = g_memdup2(found, n_found * sizeof *found);
    element->n_codes = n_found;
}

/* ---- elements ---- */

static McpVxmlElement *
add_element(Builder *builder, McpVxmlElement *parent, McpVxmlElement **last, McpVxmlKind kind,
            const McpXmlNode *node)
{
    McpVxmlElement *element = mcp_vxml_document_add(builder->document);

    element->kind = kind;
    element->line = mcp_xml_line(node);
    element->parent = parent;
    element->node = node;
    if (*last != NULL)
        (*last)->next = element;
    else if (parent != NULL)
        parent->first = element;
    *last = element;
    return element;
}

/*
 * An attribute of the extension namespace that means nothing here is no fault of the page, but must
 * not be passed over in silence: the element gives an event when it is reached.
 */
static void
check_extensions(Builder *builder, McpVxmlElement *element)
{
    guint count;
    const McpXmlAttribute *attributes = mcp_xml_attributes(element->node, &count);

    for (guint i = 0; i < count && element->unsupported == NULL; i++)
        if (strcmp(attributes[i].namespace_uri, MCP_VXML_GVP_NS) == 0 &&
            !mcp_vxml_is_extension_attribute(element->kind, attributes[i].name))
            element->unsupported = attributes[i].name;
    if (element->unsupported != NULL)
        warn(builder, element->node, "attribute \"%s\" of the extension namespace is not supported",
             element->unsupported);
}

static gboolean build_children(Builder *builder, McpVxmlElement *element, guint classes,
                               GError **error);

static gboolean
build_speech(Builder *builder, McpVxmlElement *parent, McpVxmlElement **last,
             const McpXmlNode *node, GError **error)
{
    McpVxmlElement *element;

    /* SSML 1.0 §3.3.3: a description is not for the ear. */
    if (strcmp(mcp_xml_name(node), "desc") == 0)
        return TRUE;
    element = add_element(builder, parent, last, MCP_VXML_SPEECH, node);
    keep_expressions(builder, element);
    check_extensions(builder, element);
    return build_children(builder, element, MCP_VXML_IN_SPEECH, error);
}

static gboolean
check_choices(Builder *builder, const McpVxmlElement *element, GError **error)
{
    for (const McpVxmlChoice *choice = mcp_vxml_choices; choice->names[0] != NULL; choice++) {
        guint count;

        if (choice->kind != element->kind)
            continue;
        count = mcp_vxml_element_count(element, choice->names);
        if (count == 1 || (count == 0 && !choice->required))
            continue;
        return fault(builder, element->node, error, "<%s> has %u of %s, %s%s%s",
                     mcp_vxml_element_get_name(element), count, choice->names[0], choice->names[1],
                     choice->names[2] != NULL ? ", " : "",
                     choice->names[2] != NULL ? choice->names[2] : "");
    }
    return TRUE;
}

/* VoiceXML 2.1 §3: one source for a grammar or a script, or none of it loads. */
static gboolean
check_source(Builder *builder, McpVxmlElement *element, GError **error)
{
    static const char *const sources[] = {"src", "srcexpr", NULL};
    guint count = mcp_vxml_element_count(element, sources);

    if (element->text != NULL)
        count++;
    if (count == 1)
        return TRUE;
    return fault(builder, element->node, error, "<%s> needs exactly one of src, srcexpr, content",
                 mcp_vxml_element_get_name(element));
}

static gboolean
keep_content(Builder *builder, McpVxmlElement *element, GError **error)
{
    const McpXmlNode *node = element->node;
    g_autofree char *content = NULL;

    if (element->kind == MCP_VXML_GRAMMAR && mcp_xml_first_element(node) != NULL) {
        element->text = keep(builder, mcp_xml_to_text(node, SRGS_NS));
        return check_source(builder, element, error);
    }
    content = mcp_xml_content(node);
    if (*g_strchug(content) != '\0')
        element->text = keep(builder, g_steal_pointer(&content));
    if (element->kind == MCP_VXML_SCRIPT && element->text == NULL &&
        mcp_vxml_element_get(element, "src") == NULL &&
        mcp_vxml_element_get(element, "srcexpr") == NULL)
        element->text = "";
    if (element->kind == MCP_VXML_SCRIPT && element->text != NULL) {
        judge_code(builder, element->text);
        element->content = mcp_script_code_new(MCP_SCRIPT_PROGRAM, element->text,
                                               builder->document->url, element->line);
    }
    return check_source(builder, element, error);
}

/* An element of a namespace that means nothing here; what is in it is not looked at. */
static gboolean
build_extension(Builder *builder, McpVxmlElement *parent, McpVxmlElement **last,
                const McpXmlNode *node)
{
    warn(builder, node, "<%s> of namespace \"%s\" is not supported", mcp_xml_name(node),
         mcp_xml_namespace(node));
    add_element(builder, parent, last, MCP_VXML_EXTENSION, node);
    return TRUE;
}

static gboolean
is_extension(const Builder *builder, const McpXmlNode *node)
{
    static const char *const ours[] = {"", MCP_VXML_NS, SSML_NS, SRGS_NS, NULL};
    const char *uri = mcp_xml_namespace(node);

    if (strcmp(uri, MCP_VXML_GVP_NS) == 0) {
        const McpVxmlElementDef *def = mcp_vxml_element_def(mcp_xml_name(node));

        return def == NULL || (def->kind != MCP_VXML_SEND && def->kind != MCP_VXML_RECEIVE);
    }
    return strcmp(uri, builder->namespace_uri) != 0 && !g_strv_contains(ours, uri);
}

static gboolean
build_element(Builder *builder, McpVxmlElement *parent, McpVxmlElement **last,
              const McpXmlNode *node, guint classes, GError **error)
{
    const char *name = mcp_xml_name(node);
    const McpVxmlElementDef *def = mcp_vxml_element_def(name);
    McpVxmlElement *element;

    if (def == NULL || (def->classes & (classes | MCP_VXML_IN_ANYTHING)) == 0) {
        if ((classes & MCP_VXML_IN_SPEECH) != 0 && mcp_vxml_is_speech_name(name))
            return build_speech(builder, parent, last, node, error);
        return fault(builder, node, error, "<%s> cannot stand in <%s>", name,
                     mcp_vxml_element_get_name(parent));
    }
    if (!check_attributes(builder, node, def, error))
        return FALSE;
    element = add_element(builder, parent, last, def->kind, node);
    check_extensions(builder, element);
    keep_expressions(builder, element);
    if (!check_choices(builder, element, error))
        return FALSE;
    if (def->kind == MCP_VXML_GRAMMAR || def->kind == MCP_VXML_SCRIPT)
        return keep_content(builder, element, error);
    if (def->kind == MCP_VXML_METADATA)
        return TRUE;
    return build_children(builder, element, def->children, error);
}

static gboolean
build_text(Builder *builder, McpVxmlElement *parent, McpVxmlElement **last, const McpXmlNode *node,
           guint classes, GError **error)
{
    McpVxmlElement *element;

    if ((classes & MCP_VXML_IN_SPEECH) == 0) {
        if (mcp_xml_is_blank(node))
            return TRUE;
        return fault(builder, node, error, "text cannot stand in <%s>",
                     mcp_vxml_element_get_name(parent));
    }
    /* Blank text counts between the words of a prompt only. */
    if (mcp_xml_is_blank(node) && *last == NULL)
        return TRUE;
    element = add_element(builder, parent, last, MCP_VXML_TEXT, node);
    element->text = mcp_xml_text(node);
    return TRUE;
}

static gboolean
build_children(Builder *builder, McpVxmlElement *element, guint classes, GError **error)
{
    McpVxmlElement *last = NULL;
    const McpXmlNode *node;

    for (node = mcp_xml_first_child(element->node); node != NULL; node = mcp_xml_next(node)) {
        if (mcp_xml_kind(node) == MCP_XML_TEXT) {
            if (!build_text(builder, element, &last, node, classes, error))
                return FALSE;
            continue;
        }
        if (is_extension(builder, node)) {
            build_extension(builder, element, &last, node);
            continue;
        }
        if (!build_element(builder, element, &last, node, classes, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
build_root(Builder *builder, GError **error)
{
    const McpXmlNode *node = mcp_xml_document_root(builder->document->xml);
    const McpVxmlElementDef *def = mcp_vxml_element_def_of(MCP_VXML_VXML);
    const char *application = mcp_xml_attribute(node, "application");
    const char *version = mcp_xml_attribute(node, "version");
    McpVxmlElement *last = NULL;
    g_autofree char *resolved = NULL;

    if (strcmp(mcp_xml_name(node), "vxml") != 0)
        return fault(builder, node, error, "<%s> is not a VoiceXML page", mcp_xml_name(node));
    if (version == NULL || (strcmp(version, "2.0") != 0 && strcmp(version, "2.1") != 0))
        return fault(builder, node, error, "version \"%s\" is not 2.0 or 2.1",
                     version != NULL ? version : "");
    builder->namespace_uri = mcp_xml_namespace(node);
    if (strcmp(builder->namespace_uri, MCP_VXML_NS) != 0)
        warn(builder, node, "the namespace of <vxml> is \"%s\"", builder->namespace_uri);
    if (!check_attributes(builder, node, def, error))
        return FALSE;
    builder->document->root = add_element(builder, NULL, &last, MCP_VXML_VXML, node);
    check_extensions(builder, builder->document->root);
    builder->document->base = mcp_xml_base(node);
    if (application != NULL) {
        resolved = mcp_xml_resolve(node, application);
        builder->document->application = g_strndup(resolved, strcspn(resolved, "#"));
    }
    return build_children(builder, builder->document->root, def->children, error);
}

static gboolean
check_names(Builder *builder, GError **error)
{
    g_autoptr(GHashTable) ids = g_hash_table_new(g_str_hash, g_str_equal);

    for (const McpVxmlElement *child = builder->document->root->first; child != NULL;
         child = child->next) {
        g_autoptr(GHashTable) items = g_hash_table_new(g_str_hash, g_str_equal);
        const char *id = mcp_vxml_element_get(child, "id");

        if (child->kind != MCP_VXML_FORM && child->kind != MCP_VXML_MENU)
            continue;
        if (id != NULL && !g_hash_table_add(ids, (gpointer)id))
            return fault(builder, child->node, error, "a second dialog has the id \"%s\"", id);
        for (const McpVxmlElement *item = child->first; item != NULL; item = item->next) {
            const char *name = mcp_vxml_element_get(item, "name");

            if (!mcp_vxml_element_is_item(item) || name == NULL)
                continue;
            if (!g_hash_table_add(items, (gpointer)name))
                return fault(builder, item->node, error, "a second form item is named \"%s\"",
                             name);
        }
    }
    return TRUE;
}

/* Every look at a property or for a handler begins here: few elements have any. */
static void
chain_alike(Builder *builder)
{
    GPtrArray *elements = builder->document->elements;

    for (guint i = elements->len; i > 0; i--) {
        McpVxmlElement *element = elements->pdata[i - 1];
        McpVxmlElement *parent =
            element->parent != NULL ? elements->pdata[element->parent->index] : NULL;
        const McpVxmlElement **first = NULL;

        if (parent != NULL && element->kind == MCP_VXML_PROPERTY)
            first = &parent->first_property;
        else if (parent != NULL && mcp_vxml_element_is_handler(element))
            first = &parent->first_handler;
        if (first == NULL)
            continue;
        element->next_alike = *first;
        *first = element;
    }
}

McpVxmlDocument *
mcp_vxml_document_parse(GBytes *bytes, const char *url, const char *charset, gsize max_bytes,
                        McpVxmlWarnFunc warn_func, gpointer user_data, GError **error)
{
    g_autoptr(McpVxmlDocument) document = mcp_vxml_document_new(g_strndup(url, strcspn(url, "#")));
    McpXmlSource source = {
        .url = document->url, .charset = charset, .limits = {.max_bytes = max_bytes}};
    Builder builder = {document, warn_func, user_data, ""};
    g_autoptr(GError) syntax = NULL;

    document->xml = mcp_xml_parse(bytes, &source, NULL, &syntax);
    if (document->xml == NULL) {
        g_set_error_literal(error, MCP_ERROR, MCP_ERROR_INVALID, syntax->message);
        return NULL;
    }
    if (!build_root(&builder, error) || !check_names(&builder, error) ||
        !mcp_vxml_document_check(document->elements, error))
        return NULL;
    chain_alike(&builder);
    return g_steal_pointer(&document);
}
