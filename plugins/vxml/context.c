/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Execution contexts: each has a script engine of its own, so that nothing of the caller is visible
 * in a subdialog. On the thread that runs the machine.
 */
#include "context.h"

#include <string.h>

#include "interpreter_scopes.h"

/* A subdialog has that much for its variables whatever the callers hold. */
#define LEAST_MEMORY (512 * 1024)

static void
item_free(gpointer data)
{
    McpVxmlItem *item = data;

    g_free(item->name);
    g_clear_pointer(&item->event_counts, g_hash_table_unref);
    g_free(item);
}

/*
 * RFC 5552 §2.4: the variable session, which nobody may change; its request-URI is a string as a
 * whole and has the parameters as members.
 */
static McpScript *
make_script(McpVxmlInterpreter *interpreter, const McpVxmlContext *caller)
{
    static const char *const uri[] = {"protocol", "sip", "requesturi", NULL};
    McpScriptLimits limits = interpreter->setup.limits;
    g_autoptr(McpScript) script = NULL;

    /* The limit is the session's: what the callers of a subdialog hold is not there any more. */
    for (; caller != NULL && limits.memory > 0; caller = caller->caller) {
        gsize held = mcp_script_memory(caller->script);

        limits.memory = limits.memory > held + LEAST_MEMORY ? limits.memory - held : LEAST_MEMORY;
    }
    script = mcp_script_new(&limits);

    if (script == NULL || !mcp_script_push_scope(script, "session", TRUE, NULL) ||
        !mcp_script_set_described(script, "session", "connection", interpreter->session, uri,
                                  "fulluri", NULL) ||
        (interpreter->extra != NULL &&
         !mcp_script_set_json(script, "session", "com", interpreter->extra, NULL)))
        return NULL;
    return g_steal_pointer(&script);
}

McpVxmlContext *
mcp_vxml_context_new(McpVxmlInterpreter *interpreter, McpVxmlDocument *document,
                     McpVxmlDocument *root, McpVxmlContext *caller)
{
    McpScript *script = make_script(interpreter, caller);
    McpVxmlContext *context;

    if (script == NULL)
        return NULL;
    context = g_new0(McpVxmlContext, 1);
    context->script = script;
    context->document = mcp_vxml_document_ref(document);
    context->root = root != NULL ? mcp_vxml_document_ref(root) : NULL;
    context->caller = caller;
    context->items = g_ptr_array_new_with_free_func(item_free);
    context->event_counts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    context->phase = MCP_VXML_PHASE_ROOT;
    return context;
}

void
mcp_vxml_context_free(McpVxmlContext *context)
{
    g_ptr_array_unref(context->items);
    g_hash_table_unref(context->event_counts);
    g_clear_pointer(&context->parameters, g_hash_table_unref);
    mcp_script_unref(context->script);
    mcp_vxml_document_unref(context->document);
    g_clear_pointer(&context->root, mcp_vxml_document_unref);
    g_free(context);
}

void
mcp_vxml_context_leave_dialog(McpVxmlContext *context)
{
    mcp_vxml_close_scopes(context, MCP_VXML_SCOPE_APPLICATION | MCP_VXML_SCOPE_DOCUMENT);
    g_ptr_array_set_size(context->items, 0);
    g_hash_table_remove_all(context->event_counts);
    context->dialog = NULL;
    context->current = NULL;
    context->chosen = NULL;
    context->quiet = FALSE;
    context->in_handler = FALSE;
    context->filled = NULL;
    context->filled_inner = NULL;
}

McpVxmlItem *
mcp_vxml_context_find_item(McpVxmlContext *context, const char *name)
{
    for (guint i = 0; i < context->items->len; i++) {
        McpVxmlItem *item = context->items->pdata[i];

        if (strcmp(item->name, name) == 0)
            return item;
    }
    return NULL;
}

McpVxmlItem *
mcp_vxml_context_item_of(McpVxmlContext *context, const McpVxmlElement *element)
{
    for (guint i = 0; i < context->items->len; i++) {
        McpVxmlItem *item = context->items->pdata[i];

        if (item->element == element)
            return item;
    }
    return NULL;
}
