/* SPDX-License-Identifier: Apache-2.0 */
/* Properties by scope (VoiceXML 2.0 §6.3): form item, form, document, root document, platform. */
#include <string.h>

#include "interpreter_scopes.h"

static const char *
property_of(const McpVxmlElement *scope, const char *name)
{
    const char *value = NULL;

    /* Later ones of the same scope win, as in a document that sets twice. */
    for (const McpVxmlElement *property = scope->first_property; property != NULL;
         property = property->next_alike)
        if (strcmp(mcp_vxml_element_get(property, "name"), name) == 0)
            value = mcp_vxml_element_get(property, "value");
    return value;
}

const char *
mcp_vxml_property(McpVxmlInterpreter *interpreter, const char *name)
{
    McpVxmlContext *context = interpreter->context;
    const char *value = NULL;

    if (context->current != NULL && context->current->element != context->dialog)
        value = property_of(context->current->element, name);
    if (value == NULL && context->dialog != NULL)
        value = property_of(context->dialog, name);
    if (value == NULL)
        value = property_of(mcp_vxml_document_get_root(context->document), name);
    if (value == NULL && context->root != NULL)
        value = property_of(mcp_vxml_document_get_root(context->root), name);
    if (value == NULL && interpreter->setup.defaults != NULL)
        value = property_of(mcp_vxml_document_get_root(interpreter->setup.defaults), name);
    if (value == NULL && interpreter->setup.properties != NULL)
        value = g_hash_table_lookup(interpreter->setup.properties, name);
    return value;
}

const char *
mcp_vxml_property_at(McpVxmlInterpreter *interpreter, const McpVxmlElement *element,
                     const char *name)
{
    McpVxmlContext *context = interpreter->context;
    const char *value = NULL;

    for (element = element->parent; element != NULL && value == NULL; element = element->parent)
        value = property_of(element, name);
    if (value == NULL && context->root != NULL)
        value = property_of(mcp_vxml_document_get_root(context->root), name);
    if (value == NULL && interpreter->setup.defaults != NULL)
        value = property_of(mcp_vxml_document_get_root(interpreter->setup.defaults), name);
    if (value == NULL && interpreter->setup.properties != NULL)
        value = g_hash_table_lookup(interpreter->setup.properties, name);
    return value;
}

const char *
mcp_vxml_language(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    const char *language = mcp_xml_lang(element->node);

    return language != NULL ? language : mcp_vxml_property(interpreter, "mcp.language");
}

/* §6.3: a value that cannot be should be heard of. */
gboolean
mcp_vxml_check_timing(McpVxmlInterpreter *interpreter)
{
    static const char *const names[] = {"timeout", "interdigittimeout", "termtimeout"};
    gint64 parsed;

    for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *value = mcp_vxml_property(interpreter, names[i]);

        if (value != NULL && !mcp_vxml_time(value, &parsed))
            return mcp_vxml_throw(interpreter, "error.semantic", "\"%s\" of property %s is no time",
                                  value, names[i]);
    }
    return TRUE;
}

gint64
mcp_vxml_property_time(McpVxmlInterpreter *interpreter, const char *name, gint64 fallback)
{
    const char *value = mcp_vxml_property(interpreter, name);
    gint64 parsed;

    return value != NULL && mcp_vxml_time(value, &parsed) ? parsed : fallback;
}

gboolean
mcp_vxml_property_bool(McpVxmlInterpreter *interpreter, const char *name, gboolean fallback)
{
    const char *value = mcp_vxml_property(interpreter, name);

    return value != NULL ? strcmp(value, "true") == 0 : fallback;
}
