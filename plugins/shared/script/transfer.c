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

/* JSON, with the zero character after it, where the value has parts that only code can have. */
struct _McpScriptData {
    GBytes *bytes;
    gboolean is_json;
};

void
mcp_script_items_free(McpScriptItems *items)
{
    g_return_if_fail(items != NULL);
    for (guint i = 0; i < items->values->len; i++)
        mcp_script_drop(items->script, g_array_index(items->values, JSValue, i));
    g_array_unref(items->values);
    mcp_script_unref(items->script);
    g_free(items);
}

/* The items of an array on their way out. */
typedef struct {
    McpScriptItems *items;
    JSValueConst array;
} Copying;

static int
copy_items(McpScript *script, gpointer data)
{
    const Copying *copying = data;
    JSContext *context = script->context;
    JSValueConst array = copying->array;
    int is_array = JS_IsArray(context, array);
    JSValue length = JS_UNDEFINED;
    uint32_t n = 0;

    if (is_array <= 0) {
        if (is_array == 0)
            JS_ThrowTypeError(context, "value is not an array");
        return -1;
    }
    length = JS_GetPropertyStr(context, array, "length");
    if (JS_ToUint32(context, &n, length) < 0)
        return -1;
    JS_FreeValue(context, length);
    if (n > ITEMS_MAX) {
        JS_ThrowRangeError(context, "array has more than %d items", ITEMS_MAX);
        return -1;
    }
    for (uint32_t i = 0; i < n; i++) {
        JSValue item = JS_GetPropertyUint32(context, array, i);

        if (JS_IsException(item))
            return -1;
        g_array_append_val(copying->items->values, item);
    }
    return 0;
}

McpScriptItems *
mcp_script_eval_items(McpScript *script, McpScriptCode *code, GError **error)
{
    g_autoptr(McpScriptItems) items = NULL;
    JSValue array = JS_UNDEFINED;
    Copying copying;
    gboolean done = FALSE;

    if (!mcp_script_enter(script, error))
        return NULL;
    items = g_new0(McpScriptItems, 1);
    items->script = mcp_script_ref(script);
    items->values = g_array_new(FALSE, FALSE, sizeof(JSValue));
    array = mcp_script_evaluate(script, code);
    copying = (Copying){items, array};
    done = !JS_IsException(array) && mcp_script_try(script, copy_items, &copying) >= 0;
    mcp_script_drop(script, array);
    if (!mcp_script_finish(script, done ? 0 : -1, error))
        return NULL;
    return g_steal_pointer(&items);
}

guint
mcp_script_items_length(const McpScriptItems *items)
{
    return items->values->len;
}

/* An item on its way into a variable. */
typedef struct {
    JSValueConst value;
    const char *name;
} Storing;

static int
store(McpScript *script, gpointer data)
{
    const Storing *storing = data;
    JSContext *context = script->context;
    Scope *scope = mcp_script_innermost(script);
    JSAtom atom = JS_NewAtom(context, storing->name);
    JSValue value = JS_DupValue(context, storing->value);
    int result = -1;

    if (scope == NULL)
        JS_ThrowReferenceError(context, "no scope is open");
    else
        result = JS_HasProperty(context, script->view, atom);
    if (result > 0)
        result = JS_SetProperty(context, script->view, atom, value);
    else if (result == 0)
        result = JS_DefinePropertyValue(context, scope->store, atom, value,
                                        JS_PROP_C_W_E | JS_PROP_THROW);
    else
        JS_FreeValue(context, value);
    JS_FreeAtom(context, atom);
    return result;
}

gboolean
mcp_script_items_store(McpScriptItems *items, guint index, const char *name, GError **error)
{
    McpScript *script = items->script;
    Storing storing = {JS_UNDEFINED, name};

    g_return_val_if_fail(index < items->values->len, FALSE);
    if (!mcp_script_enter(script, error))
        return FALSE;
    storing.value = g_array_index(items->values, JSValue, index);
    return mcp_script_finish(script, mcp_script_try(script, store, &storing), error);
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

typedef struct {
    JSValueConst value;
    uint8_t *written;
    size_t size;
} Writing;

static int
write_value(McpScript *script, gpointer data)
{
    Writing *writing = data;

    writing->written =
        JS_WriteObject(script->context, &writing->size, writing->value, JS_WRITE_OBJ_REFERENCE);
    return writing->written != NULL ? 0 : -1;
}

/* NULL with an exception pending. */
static McpScriptData *
export_value(McpScript *script, JSValueConst value)
{
    JSContext *context = script->context;
    Writing writing = {.value = value};
    g_auto(McpScriptValue) plain = {.kind = MCP_SCRIPT_UNDEFINED};
    McpScriptData *data = NULL;

    if (mcp_script_try(script, write_value, &writing) >= 0) {
        data = data_new(writing.written, writing.size, FALSE);
        js_free(context, writing.written);
        return data;
    }
    if (script->interrupted)
        return NULL;
    JS_FreeValue(context, JS_GetException(context));
    if (!mcp_script_to_value(script, value, &plain))
        return NULL;
    if (plain.text == NULL)
        return data_new("null", sizeof "null", TRUE);
    return data_new(plain.text, plain.length + 1, TRUE);
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
    mcp_script_drop(script, value);
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

    if (!data->is_json)
        return JS_ReadObject(context, bytes, size, JS_READ_OBJ_REFERENCE);
    return JS_ParseJSON(context, bytes, size - 1, "json");
}

gboolean
mcp_script_import(McpScript *script, const char *scope, const char *path, const McpScriptData *data,
                  GError **error)
{
    return mcp_script_set_made(script, scope, path, read_data, data, error);
}
