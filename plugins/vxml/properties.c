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

/* ---- engines ---- */

/* Names that are the platform's own mean nothing to an engine. */
static gboolean
is_for_engines(const char *name)
{
    static const char *const own[] = {"mcp.", "com.genesyslab.private",
                                      "com.genesyslab.externalevents.", "com.genesyslab.asrengine",
                                      "com.genesyslab.ttsengine"};

    if (strchr(name, '.') == NULL)
        return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS(own); i++)
        if (g_str_has_prefix(name, own[i]))
            return FALSE;
    return TRUE;
}

/* The wider scope first: what is said closer wins. */
static void
add_parameters(GHashTable **parameters, const McpVxmlElement *scope)
{
    for (const McpVxmlElement *property = scope->first_property; property != NULL;
         property = property->next_alike) {
        const char *name = mcp_vxml_element_get(property, "name");
        const char *value = mcp_vxml_element_get(property, "value");

        if (value == NULL || !is_for_engines(name))
            continue;
        if (*parameters == NULL)
            *parameters = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        g_hash_table_insert(*parameters, g_strdup(name), g_strdup(value));
    }
}

void
mcp_vxml_fill_engines(McpVxmlInterpreter *interpreter, const char *kind,
                      McpVxmlEngines *out_engines)
{
    McpVxmlContext *context = interpreter->context;
    g_autofree char *own = g_strconcat("mcp.", kind, "engine", NULL);
    g_autofree char *theirs = g_strconcat("com.genesyslab.", kind, "engine", NULL);
    const char *names = mcp_vxml_property(interpreter, own);

    if (names == NULL)
        names = mcp_vxml_property(interpreter, theirs);
    out_engines->names = g_strdup(names);
    out_engines->parameters = NULL;
    if (interpreter->setup.defaults != NULL)
        add_parameters(&out_engines->parameters,
                       mcp_vxml_document_get_root(interpreter->setup.defaults));
    if (context->root != NULL)
        add_parameters(&out_engines->parameters, mcp_vxml_document_get_root(context->root));
    add_parameters(&out_engines->parameters, mcp_vxml_document_get_root(context->document));
    if (context->dialog != NULL)
        add_parameters(&out_engines->parameters, context->dialog);
    if (context->current != NULL && context->current->element != context->dialog)
        add_parameters(&out_engines->parameters, context->current->element);
}

void
mcp_vxml_engines_clear(McpVxmlEngines *engines)
{
    g_clear_pointer(&engines->names, g_free);
    g_clear_pointer(&engines->parameters, g_hash_table_unref);
}
