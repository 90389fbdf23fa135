/* SPDX-License-Identifier: Apache-2.0 */
/* Reasons of the interpreter as notes. On the machine's thread. */
#include "trace_notes.h"

#include <string.h>

#include "interpreter_scopes.h"

void
mcp_vxml_trace_selection(McpVxmlInterpreter *interpreter, const McpVxmlItem *item, gboolean chosen)
{
    McpVxmlContext *context = interpreter->context;
    g_autoptr(GString) text = g_string_new(item != NULL ? item->name : "nothing is left");

    if (chosen)
        g_string_append(text, ": <goto> names it");
    for (guint i = 0; !chosen && i < context->items->len && context->items->pdata[i] != item; i++) {
        const McpVxmlItem *other = context->items->pdata[i];

        g_string_append_printf(text, "%s%s (%s)", i == 0 ? ": not " : ", ", other->name,
                               mcp_vxml_item_is_set(interpreter, other) ? "filled"
                                                                        : "cond is false");
    }
    mcp_vxml_note(interpreter, MCP_EVENT_DIALOG, "selected", item != NULL ? item->element : NULL,
                  text->str);
}

void
mcp_vxml_trace_grammars(McpVxmlInterpreter *interpreter)
{
    const GPtrArray *grammars = interpreter->grammars;
    g_autoptr(GString) text = g_string_new(NULL);

    g_string_append_printf(text, "%u active", grammars->len);
    for (guint i = 0; i < grammars->len; i++) {
        const McpVxmlActiveGrammar *grammar = grammars->pdata[i];

        g_string_append(text, i == 0 ? ": " : ", ");
        /* A universal command belongs to no element. */
        if (grammar->owner != NULL)
            g_string_append_printf(text, "<%s> in line %u",
                                   mcp_vxml_element_get_name(grammar->owner), grammar->owner->line);
        else
            g_string_append(text, grammar->event != NULL ? grammar->event : "the platform's");
    }
    mcp_vxml_note(interpreter, MCP_EVENT_DIALOG, "grammars", NULL, text->str);
}

void
mcp_vxml_trace_handler(McpVxmlInterpreter *interpreter, const McpVxmlElement *handler,
                       const char *event)
{
    const char *count = handler != NULL ? mcp_vxml_element_get(handler, "count") : NULL;
    g_autofree char *text = NULL;

    if (handler == NULL)
        text = g_strdup_printf("the platform's own for %s", event);
    else
        text = g_strdup_printf("<%s%s%s%s> for %s", mcp_vxml_element_get_name(handler),
                               count != NULL ? " count=\"" : "", count != NULL ? count : "",
                               count != NULL ? "\"" : "", event);
    mcp_vxml_note(interpreter, MCP_EVENT_DIALOG, "handler", handler, text);
}

void
mcp_vxml_trace_result(McpVxmlInterpreter *interpreter, const McpVxmlElement *owner)
{
    const char *name = owner != NULL ? mcp_vxml_element_get(owner, "name") : NULL;
    g_autofree char *text = NULL;

    if (owner == NULL)
        text = g_strdup("a universal command matched");
    else
        text = g_strdup_printf("the grammar of <%s%s%s%s> matched",
                               mcp_vxml_element_get_name(owner), name != NULL ? " name=\"" : "",
                               name != NULL ? name : "", name != NULL ? "\"" : "");
    mcp_vxml_note(interpreter, MCP_EVENT_DIALOG, "result", owner, text);
}

/* A query may hold what the caller entered. */
void
mcp_vxml_trace_transition(McpVxmlInterpreter *interpreter, const McpVxmlElement *element,
                          const char *url)
{
    g_autofree char *plain = g_strndup(url, strcspn(url, "?"));
    g_autofree char *text =
        g_strdup_printf("<%s> to %s", mcp_vxml_element_get_name(element), plain);

    mcp_vxml_note(interpreter, MCP_EVENT_DIALOG, "transition", element, text);
}
