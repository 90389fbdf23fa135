/* SPDX-License-Identifier: Apache-2.0 */
/* A page's memory, and questions about it: any thread, it does not change once it is built. */
#include "document.h"

#include <mcp/ledger.h>
#include <string.h>

#include "document_private.h"
#include "element_table.h"

MCP_LEDGER_DEFINE(McpVxmlDocument);

static void
element_free(gpointer data)
{
    McpVxmlElement *element = data;

    for (guint i = 0; i < element->n_codes; i++)
        mcp_script_code_unref(element->codes[i].code);
    g_free(element->codes);
    g_clear_pointer(&element->content, mcp_script_code_unref);
    g_free(element);
}

McpVxmlDocument *
mcp_vxml_document_new(char *url)
{
    McpVxmlDocument *document = g_new0(McpVxmlDocument, 1);

    MCP_LEDGER_CREATED(McpVxmlDocument);
    g_atomic_ref_count_init(&document->refs);
    document->elements = g_ptr_array_new_with_free_func(element_free);
    document->texts = g_ptr_array_new_with_free_func(g_free);
    document->url = url;
    return document;
}

McpVxmlElement *
mcp_vxml_document_add(McpVxmlDocument *document)
{
    McpVxmlElement *element = g_new0(McpVxmlElement, 1);

    element->index = document->elements->len;
    element->document = document;
    g_ptr_array_add(document->elements, element);
    return element;
}

McpVxmlDocument *
mcp_vxml_document_ref(McpVxmlDocument *document)
{
    g_atomic_ref_count_inc(&document->refs);
    return document;
}

void
mcp_vxml_document_unref(McpVxmlDocument *document)
{
    if (!g_atomic_ref_count_dec(&document->refs))
        return;
    MCP_LEDGER_FINALIZED(McpVxmlDocument);
    g_clear_pointer(&document->xml, mcp_xml_document_unref);
    g_ptr_array_unref(document->elements);
    g_ptr_array_unref(document->texts);
    g_free(document->url);
    g_free(document->base);
    g_free(document->application);
    g_free(document);
}

const McpVxmlElement *
mcp_vxml_document_get_root(const McpVxmlDocument *document)
{
    return document->root;
}

const char *
mcp_vxml_document_get_url(const McpVxmlDocument *document)
{
    return document->url;
}

const char *
mcp_vxml_document_get_base(const McpVxmlDocument *document)
{
    return document->base != NULL ? document->base : document->url;
}

const char *
mcp_vxml_document_get_application(const McpVxmlDocument *document)
{
    return document->application;
}

gsize
mcp_vxml_document_get_size(const McpVxmlDocument *document)
{
    return sizeof *document + mcp_xml_document_size(document->xml) +
           document->elements->len * (sizeof(McpVxmlElement) + sizeof(gpointer)) +
           document->text_size;
}

/* Each event is offered to all handlers, each selection looks at all items. */
#define MANY_ELEMENTS 2000

gboolean
mcp_vxml_document_is_demanding(const McpVxmlDocument *document)
{
    return document->may_loop || document->elements->len > MANY_ELEMENTS;
}

const McpVxmlElement *
mcp_vxml_document_find_dialog(const McpVxmlDocument *document, const char *id)
{
    for (const McpVxmlElement *child = document->root->first; child != NULL; child = child->next)
        if ((child->kind == MCP_VXML_FORM || child->kind == MCP_VXML_MENU) &&
            (id == NULL || g_strcmp0(mcp_vxml_element_get(child, "id"), id) == 0))
            return child;
    return NULL;
}

const char *
mcp_vxml_kind_to_name(McpVxmlKind kind)
{
    const McpVxmlElementDef *def = mcp_vxml_element_def_of(kind);

    return def != NULL ? def->name : "";
}

const char *
mcp_vxml_element_get(const McpVxmlElement *element, const char *name)
{
    return element->kind == MCP_VXML_TEXT ? NULL : mcp_xml_attribute(element->node, name);
}

const char *
mcp_vxml_element_get_gvp(const McpVxmlElement *element, const char *name)
{
    return element->kind == MCP_VXML_TEXT
               ? NULL
               : mcp_xml_attribute_ns(element->node, MCP_VXML_GVP_NS, name);
}

McpScriptCode *
mcp_vxml_element_code(const McpVxmlElement *element, const char *name)
{
    for (guint i = 0; i < element->n_codes; i++)
        if (strcmp(element->codes[i].name, name) == 0)
            return element->codes[i].code;
    return NULL;
}

gboolean
mcp_vxml_element_get_bool(const McpVxmlElement *element, const char *name, gboolean fallback)
{
    const char *value = mcp_vxml_element_get(element, name);

    return value != NULL ? strcmp(value, "true") == 0 : fallback;
}

const char *
mcp_vxml_element_get_name(const McpVxmlElement *element)
{
    return mcp_xml_name(element->node);
}

gboolean
mcp_vxml_element_is_item(const McpVxmlElement *element)
{
    return element->kind == MCP_VXML_BLOCK || element->kind == MCP_VXML_INITIAL ||
           mcp_vxml_element_is_input(element);
}

gboolean
mcp_vxml_element_is_input(const McpVxmlElement *element)
{
    return element->kind == MCP_VXML_FIELD || element->kind == MCP_VXML_RECORD ||
           element->kind == MCP_VXML_SUBDIALOG || element->kind == MCP_VXML_TRANSFER ||
           element->kind == MCP_VXML_OBJECT;
}

gboolean
mcp_vxml_element_is_handler(const McpVxmlElement *element)
{
    return element->kind == MCP_VXML_CATCH || element->kind == MCP_VXML_ERROR ||
           element->kind == MCP_VXML_HELP || element->kind == MCP_VXML_NOINPUT ||
           element->kind == MCP_VXML_NOMATCH;
}

gboolean
mcp_vxml_element_is_speech(const McpVxmlElement *element)
{
    return element->kind == MCP_VXML_TEXT || element->kind == MCP_VXML_SPEECH ||
           element->kind == MCP_VXML_AUDIO || element->kind == MCP_VXML_VALUE ||
           element->kind == MCP_VXML_ENUMERATE;
}

guint
mcp_vxml_element_count(const McpVxmlElement *element, const char *const *names)
{
    guint count = 0;

    for (; *names != NULL; names++)
        if (mcp_vxml_element_get(element, *names) != NULL)
            count++;
    return count;
}

/* VoiceXML 2.0 §6.5: an unsigned real number with the unit s or ms. */
gboolean
mcp_vxml_time(const char *text, gint64 *out_time)
{
    char *end = NULL;
    double value;

    if (!g_ascii_isdigit(*text) && *text != '.' && *text != '+')
        return FALSE;
    value = g_ascii_strtod(text, &end);
    if (strcmp(end, "s") == 0)
        value *= 1e6;
    else if (strcmp(end, "ms") == 0)
        value *= 1e3;
    else
        return FALSE;
    if (!(value >= 0 && value < 1e13))
        return FALSE;
    *out_time = (gint64)(value + 0.5);
    return TRUE;
}

gboolean
mcp_vxml_number(const char *text, gint64 *out_number)
{
    guint64 value;

    if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT32, &value, NULL))
        return FALSE;
    *out_number = (gint64)value;
    return TRUE;
}
