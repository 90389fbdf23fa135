/* SPDX-License-Identifier: Apache-2.0 */
/* What a debugger sees of a machine. One thread, that of the machine. */
#include "debug.h"

#include <json-glib/json-glib.h>
#include <mcp/error.h>
#include <string.h>

#include "interpreter_scopes.h"

void
mcp_vxml_debug_set_probe(McpVxmlInterpreter *interpreter, McpVxmlProbeFunc func, gpointer user_data)
{
    interpreter->probe = func;
    interpreter->probe_data = user_data;
}

void
mcp_vxml_debug_probe(McpVxmlInterpreter *interpreter, const McpVxmlElement *element, gboolean item)
{
    gint64 before = mcp_vxml_cpu_time();

    interpreter->probe(interpreter, element, item, interpreter->probe_data);
    interpreter->begun += mcp_vxml_cpu_time() - before;
}

GPtrArray *
mcp_vxml_debug_stack(McpVxmlInterpreter *interpreter)
{
    GPtrArray *stack = g_ptr_array_new();

    for (McpVxmlContext *context = interpreter->context; context != NULL;
         context = context->caller) {
        if (context->current != NULL && context->current->element != context->dialog)
            g_ptr_array_add(stack, (gpointer)context->current->element);
        if (context->dialog != NULL)
            g_ptr_array_add(stack, (gpointer)context->dialog);
    }
    return stack;
}

static char *
evaluate(McpVxmlInterpreter *interpreter, const char *source, GError **error)
{
    g_autoptr(McpScriptCode) code =
        mcp_script_code_new(MCP_SCRIPT_EXPRESSION, source, "debugger", 1);
    McpScript *script = interpreter->context->script;
    g_auto(McpScriptValue) value = {0};
    gboolean done;

    mcp_script_set_uncounted(script, TRUE);
    done = mcp_script_eval(script, code, &value, error);
    mcp_script_set_uncounted(script, FALSE);
    if (!done)
        return NULL;
    if (value.kind == MCP_SCRIPT_UNDEFINED)
        return g_strdup("undefined");
    if (value.kind == MCP_SCRIPT_FUNCTION)
        return g_strdup("function");
    return mcp_vxml_value_to_json(&value);
}

char *
mcp_vxml_debug_redact(McpVxmlInterpreter *interpreter, const char *text)
{
    return mcp_vxml_secrets_redact(interpreter->setup.secrets, text);
}

static void
add_name(GPtrArray *names, const char *name)
{
    if (!g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
        g_ptr_array_add(names, g_strdup(name));
}

/* Form items are of interest above all while they are undefined, which JSON leaves out. */
static void
add_items(McpVxmlInterpreter *interpreter, GPtrArray *names)
{
    McpVxmlContext *context = interpreter->context;

    for (guint i = 0; i < context->items->len; i++) {
        const McpVxmlItem *item = context->items->pdata[i];

        if (!g_str_has_prefix(item->name, "__item"))
            add_name(names, item->name);
    }
}

GPtrArray *
mcp_vxml_debug_names(McpVxmlInterpreter *interpreter, const char *scope)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *text = evaluate(interpreter, scope, NULL);
    g_autoptr(JsonNode) root = text != NULL ? json_from_string(text, NULL) : NULL;
    JsonObjectIter iterator;
    const char *name;

    if (strcmp(scope, "dialog") == 0)
        add_items(interpreter, names);
    if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root))
        return names;
    json_object_iter_init_ordered(&iterator, json_node_get_object(root));
    while (json_object_iter_next_ordered(&iterator, &name, NULL))
        if (!g_str_has_prefix(name, "__item"))
            add_name(names, name);
    return names;
}

/* ---- private input ---- */

const char *const mcp_vxml_debug_scopes[] = {"dialog", "document", "application", "session", NULL};

void
mcp_vxml_debug_remember(McpVxmlInterpreter *interpreter)
{
    gint64 before = mcp_vxml_cpu_time();

    if (interpreter->remembered != NULL || !mcp_vxml_secrets_is_empty(interpreter->setup.secrets))
        return;
    interpreter->remembered = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    for (guint i = 0; mcp_vxml_debug_scopes[i] != NULL; i++) {
        const char *scope = mcp_vxml_debug_scopes[i];
        g_autoptr(GPtrArray) names = mcp_vxml_debug_names(interpreter, scope);

        for (guint n = 0; n < names->len; n++) {
            char *path = g_strconcat(scope, ".", names->pdata[n], NULL);

            g_hash_table_replace(interpreter->remembered, path, evaluate(interpreter, path, NULL));
        }
    }
    interpreter->begun += mcp_vxml_cpu_time() - before;
}

static gboolean
is_name(const char *text)
{
    return *text != '\0' && !g_ascii_isdigit(*text) &&
           text[strspn(text, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "_$")] == '\0';
}

/* (nullable): the name behind the scope, or that without one; NULL: more than a name. */
static const char *
name_in(const char *source)
{
    const char *dot = strchr(source, '.');
    g_autofree char *scope = dot != NULL ? g_strndup(source, (gsize)(dot - source)) : NULL;

    if (dot == NULL)
        return is_name(source) ? source : NULL;
    return g_strv_contains(mcp_vxml_debug_scopes, scope) && is_name(dot + 1) ? dot + 1 : NULL;
}

/* Whether the variable had this value, in any scope, before there was private input. */
static gboolean
was_known(McpVxmlInterpreter *interpreter, const char *name, const char *value)
{
    if (strcmp(value, "undefined") == 0)
        return TRUE;
    for (guint i = 0; interpreter->remembered != NULL && mcp_vxml_debug_scopes[i] != NULL; i++) {
        g_autofree char *path = g_strconcat(mcp_vxml_debug_scopes[i], ".", name, NULL);

        if (g_strcmp0(g_hash_table_lookup(interpreter->remembered, path), value) == 0)
            return TRUE;
    }
    return FALSE;
}

char *
mcp_vxml_debug_evaluate(McpVxmlInterpreter *interpreter, const char *source, GError **error)
{
    gboolean private = !mcp_vxml_secrets_is_empty(interpreter->setup.secrets);
    g_autofree char *wanted = g_strstrip(g_strdup(source));
    const char *name = private ? name_in(wanted) : NULL;
    g_autofree char *value = NULL;

    if (private && name == NULL) {
        g_set_error_literal(error, MCP_ERROR, MCP_ERROR_REFUSED,
                            "the application has private input: only variables are shown, by "
                            "their names");
        return NULL;
    }
    value = evaluate(interpreter, wanted, error);
    if (value != NULL && private && !was_known(interpreter, name, value))
        return g_strdup(MCP_VXML_PRIVATE);
    return g_steal_pointer(&value);
}
