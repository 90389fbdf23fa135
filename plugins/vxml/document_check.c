/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks a page that has been read for rules between its elements whose breach the standard calls
 * error.badfetch. Any thread.
 */
#include "document_check.h"

#include <mcp/error.h>
#include <string.h>

static gboolean fault(const McpVxmlElement *element, GError **error, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static gboolean
fault(const McpVxmlElement *element, GError **error, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s:%u: %s",
                mcp_vxml_document_get_url(element->document), element->line, text);
    return FALSE;
}

/* An attribute that has one of two words, if it is there. */
static gboolean
check_words(const McpVxmlElement *element, const char *name, const char *one, const char *other,
            GError **error)
{
    const char *value = mcp_vxml_element_get(element, name);

    if (value == NULL || strcmp(value, one) == 0 || strcmp(value, other) == 0)
        return TRUE;
    return fault(element, error, "%s=\"%s\" of <%s> is neither %s nor %s", name, value,
                 mcp_vxml_element_get_name(element), one, other);
}

/* §3.1.3: only grammars of a form choose their scope. */
static gboolean
check_grammar(const McpVxmlElement *grammar, GError **error)
{
    if (mcp_vxml_element_get(grammar, "scope") != NULL && grammar->parent->kind != MCP_VXML_FORM)
        return fault(grammar, error, "a <grammar> in <%s> cannot have a scope",
                     mcp_vxml_element_get_name(grammar->parent));
    return check_words(grammar, "scope", "document", "dialog", error);
}

static gboolean
names_input_item(const McpVxmlElement *form, const char *name)
{
    for (const McpVxmlElement *item = form->first; item != NULL; item = item->next)
        if (mcp_vxml_element_is_input(item) &&
            g_strcmp0(mcp_vxml_element_get(item, "name"), name) == 0)
            return TRUE;
    return FALSE;
}

/* §2.4: mode and namelist are for the form's own, and the namelist for input items. */
static gboolean
check_filled(const McpVxmlElement *filled, GError **error)
{
    static const char *const names[] = {"mode", "namelist", NULL};
    const McpVxmlElement *form = filled->parent;
    const char *namelist = mcp_vxml_element_get(filled, "namelist");
    g_auto(GStrv) list = g_strsplit_set(namelist != NULL ? namelist : "", " \t\r\n", -1);

    if (form->kind != MCP_VXML_FORM) {
        if (mcp_vxml_element_count(filled, names) == 0)
            return TRUE;
        return fault(filled, error, "a <filled> in <%s> has neither mode nor namelist",
                     mcp_vxml_element_get_name(form));
    }
    for (guint i = 0; list[i] != NULL; i++)
        if (*list[i] != '\0' && !names_input_item(form, list[i]))
            return fault(filled, error, "\"%s\" in the namelist of <filled> is no input item",
                         list[i]);
    return check_words(filled, "mode", "all", "any", error);
}

/* §2.2.1: where the platform numbers the choices, their own keys are those it does not give. */
static gboolean
check_choice(const McpVxmlElement *choice, GError **error)
{
    const char *keys = mcp_vxml_element_get(choice, "dtmf");
    g_autofree char *plain = keys != NULL ? g_strstrip(g_strdup(keys)) : NULL;

    if (plain == NULL || choice->parent->kind != MCP_VXML_MENU ||
        !mcp_vxml_element_get_bool(choice->parent, "dtmf", FALSE))
        return TRUE;
    if (strlen(plain) == 1 && strchr("*#0", *plain) != NULL)
        return TRUE;
    return fault(choice, error, "dtmf=\"%s\" of a choice that is numbered is none of *, #, 0",
                 keys);
}

static gboolean
check_element(const McpVxmlElement *element, GError **error)
{
    switch ((int)element->kind) {
    case MCP_VXML_GRAMMAR:
        return check_grammar(element, error);
    case MCP_VXML_FORM:
    case MCP_VXML_MENU:
        return check_words(element, "scope", "document", "dialog", error);
    case MCP_VXML_FILLED:
        return check_filled(element, error);
    case MCP_VXML_CHOICE:
        return check_choice(element, error);
    case MCP_VXML_PROMPT:
        return check_words(element, "bargeintype", "speech", "hotword", error);
    default:
        return TRUE;
    }
}

gboolean
mcp_vxml_document_check(const GPtrArray *elements, GError **error)
{
    for (guint i = 0; i < elements->len; i++)
        if (!check_element(elements->pdata[i], error))
            return FALSE;
    return TRUE;
}
