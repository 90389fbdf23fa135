/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of the host that code may call: strings in, a string out. Owner thread, within a run.
 */
#include "engine.h"

#include <string.h>

#define ARGUMENTS_MAX 32

static void
free_arguments(JSContext *context, guint n, const char **arguments)
{
    for (guint i = 0; i < n; i++)
        JS_FreeCString(context, arguments[i]);
}

/* No jump past what this frame holds. */
static JSValue
call_function(JSContext *context, const HostFunction *host, guint n, const char **arguments)
{
    McpScript *script = JS_GetRuntimeOpaque(JS_GetRuntime(context));
    McpScriptEscape *escape = g_steal_pointer(&script->escape);
    g_autoptr(GError) error = NULL;
    g_autofree char *result = host->function(n, arguments, host->data, &error);
    JSValue value = JS_UNDEFINED;

    if (error != NULL)
        value = JS_ThrowTypeError(context, "%s", error->message);
    else if (result != NULL)
        value = JS_NewString(context, result);
    script->escape = escape;
    return value;
}

static JSValue
call_host(JSContext *context, JSValueConst self, int n, JSValueConst *values, int index,
          JSValue *unused)
{
    McpScript *script = JS_GetRuntimeOpaque(JS_GetRuntime(context));
    const char *arguments[ARGUMENTS_MAX];
    guint n_arguments = 0;
    JSValue result = JS_EXCEPTION;

    while (n_arguments < ARGUMENTS_MAX && (int)n_arguments < n) {
        const char *text = JS_ToCString(context, values[n_arguments]);

        if (text == NULL)
            break;
        arguments[n_arguments++] = text;
    }
    if (n_arguments == (guint)MIN(n, ARGUMENTS_MAX))
        result = call_function(context, &g_array_index(script->functions, HostFunction, index),
                               n_arguments, arguments);
    free_arguments(context, n_arguments, arguments);
    return result;
}

gboolean
mcp_script_add_function(McpScript *script, const char *name, McpScriptFunction function,
                        gpointer data, GError **error)
{
    HostFunction host = {function, data};
    JSContext *context = script->context;
    JSValue global = JS_UNDEFINED;
    JSValue made = JS_UNDEFINED;
    int result = -1;

    if (!mcp_script_enter(script, error))
        return FALSE;
    g_array_append_val(script->functions, host);
    global = JS_GetGlobalObject(context);
    made = JS_NewCFunctionData(context, call_host, 0, (int)script->functions->len - 1, 0, NULL);
    if (!JS_IsException(made))
        result = JS_DefinePropertyValueStr(context, global, name, made,
                                           JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE | JS_PROP_THROW);
    JS_FreeValue(context, global);
    return mcp_script_finish(script, result, error);
}
