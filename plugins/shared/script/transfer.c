/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values kept outside the engine: the items of an array for a loop over them, and deep copies on
 * their way to another session. What the engine reads here it has written itself in this process.
 */
#include "engine.h"

#include <string.h>

/* More than a page could use; they are copied while nothing looks at the clock. */
#define ITEMS_MAX 65536

struct _McpScriptItems {
    McpScript *script;
    GArray *values; /* of JSValue */
};

/* JSON where the value has parts that only code can have. */
struct _McpScriptData {
    GBytes *bytes;
    gboolean is_json;
};

void
mcp_script_items_free(McpScriptItems *items)
{
    g_return_if_fail(items != NULL);
    for (guint i = 0; i < items->values->len; i++)
        JS_FreeValue(items->script->context, g_array_index(items->values, JSValue, i));
    g_array_unref(items->values);
    mcp_script_unref(items->script);
    g_free(items);
}

static gboolean
copy_items(McpScriptItems *items, JSValueConst array)
{
    JSContext *context = items->script->context;
    int is_array = JS_IsArray(context, array);
    JSValue length = JS_UNDEFINED;
    uint32_t n = 0;

    if (is_array <= 0) {
        if (is_array == 0)
            JS_ThrowTypeError(context, "value is not an array");
        return FALSE;
    }
    length = JS_GetPropertyStr(context, array, "length");
    if (JS_ToUint32(context, &n, length) < 0)
        return FALSE;
    JS_FreeValue(context, length);
    if (n > ITEMS_MAX) {
        JS_ThrowRangeError(context, "array has more than %d items", ITEMS_MAX);
        return FALSE;
    }
    for (uint32_t i = 0; i < n; i++) {
        JSValue item = JS_GetPropertyUint32(context, array, i);

        if (JS_IsException(item))
            return FALSE;
        g_array_append_val(items->values, item);
    }
    return TRUE;
}

McpScriptItems *
mcp_script_eval_items(McpScript *script, McpScriptCode *code, GError **error)
{
    g_autoptr(McpScriptItems) items = NULL;
    JSValue array = JS_UNDEFINED;
    gboolean done = FALSE;

    if (!mcp_script_enter(script, error))
        return NULL;
    items = g_new0(McpScriptItems, 1);
    items->script = mcp_script_ref(script);
    items->values = g_array_new(FALSE, FALSE, sizeof(JSValue));
    array = mcp_script_evaluate(script, code);
    done = !JS_IsException(array) && copy_items(items, array);
    JS_FreeValue(script->context, array);
    if (!mcp_script_finish(script, done ? 0 : -1, error))
        return NULL;
    return g_steal_pointer(&items);
}

guint
mcp_script_items_length(const McpScriptItems *items)
{
    return items->values->len;
}

gboolean
mcp_script_items_store(McpScriptItems *items, guint index, const char *name, GError **error)
{
    McpScript *script = items->script;
    JSContext *context = script->context;
    JSValue value = JS_UNDEFINED;
    Scope *scope = NULL;
    JSAtom atom = JS_ATOM_NULL;
    int result = -1;

    g_return_val_if_fail(index < items->values->len, FALSE);
    if (!mcp_script_enter(script, error))
        return FALSE;
    value = g_array_index(items->values, JSValue, index);
    scope = mcp_script_innermost(script);
    atom = JS_NewAtom(context, name);
    if (scope == NULL)
        JS_ThrowReferenceError(context, "no scope is open");
    else
        result = JS_HasProperty(context, script->view, atom);
    if (result > 0)
        result = JS_SetProperty(context, script->view, atom, JS_DupValue(context, value));
    else if (result == 0)
        result = JS_DefinePropertyValue(context, scope->store, atom, JS_DupValue(context, value),
                                        JS_PROP_C_W_E | JS_PROP_THROW);
    JS_FreeAtom(context, atom);
    return mcp_script_finish(script, result, error);
}

static McpScriptData *
data_new(const void *bytes, gsize size, gboolean is_json)
{
    McpScriptData *data = g_new0(McpScriptData, 1);

    data->bytes = g_bytes_new(bytes, size);
    data->is_json = is_json;
    return data;
}

gsize
mcp_script_data_size(const McpScriptData *data)
{
    return data->bytes != NULL ? g_bytes_get_size(data->bytes) : 0;
}

void
mcp_script_data_free(McpScriptData *data)
{
    g_return_if_fail(data != NULL);
    g_bytes_unref(data->bytes);
    g_free(data);
}

/* NULL with an exception pending. */
static McpScriptData *
export_value(McpScript *script, JSValueConst value)
{
    JSContext *context = script->context;
    size_t size = 0;
    uint8_t *written = JS_WriteObject(context, &size, value, JS_WRITE_OBJ_REFERENCE);
    g_auto(McpScriptValue) plain = {.kind = MCP_SCRIPT_UNDEFINED};
    McpScriptData *data = NULL;

    if (written != NULL) {
        data = data_new(written, size, FALSE);
        js_free(context, written);
        return data;
    }
    if (script->interrupted)
        return NULL;
    JS_FreeValue(context, JS_GetException(context));
    if (!mcp_script_to_value(script, value, &plain))
        return NULL;
    if (plain.text == NULL)
        return data_new("null", 4, TRUE);
    return data_new(plain.text, plain.length, TRUE);
}

McpScriptData *
mcp_script_export(McpScript *script, McpScriptCode *code, GError **error)
{
    g_autoptr(McpScriptData) data = NULL;
    JSValue value = JS_UNDEFINED;

    if (!mcp_script_enter(script, error))
        return NULL;
    value = mcp_script_evaluate(script, code);
    if (!JS_IsException(value))
        data = export_value(script, value);
    JS_FreeValue(script->context, value);
    if (!mcp_script_finish(script, data != NULL ? 0 : -1, error))
        return NULL;
    return g_steal_pointer(&data);
}

static JSValue
read_data(JSContext *context, gconstpointer from)
{
    const McpScriptData *data = from;
    gsize size = 0;
    const void *bytes = g_bytes_get_data(data->bytes, &size);
    g_autofree char *json = NULL;

    if (!data->is_json)
        return JS_ReadObject(context, bytes, size, JS_READ_OBJ_REFERENCE);
    json = g_strndup(bytes, size);
    return JS_ParseJSON(context, json, strlen(json), "json");
}

gboolean
mcp_script_import(McpScript *script, const char *scope, const char *path, const McpScriptData *data,
                  GError **error)
{
    return mcp_script_set_made(script, scope, path, read_data, data, error);
}
