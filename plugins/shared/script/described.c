/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects with members that are a text as a whole, too, as RFC 5552 §2.4 has it for the
 * request-URI. Owner thread.
 */
#include <string.h>

#include "engine.h"

typedef struct {
    const char *json;
    const char *const *object;
    const char *text;
} Described;

static JSValue
get_text(JSContext *context, JSValueConst self, int n, JSValueConst *arguments, int unused,
         JSValue *data)
{
    return JS_DupValue(context, data[0]);
}

/* Takes the text out of @parent and makes it what @parent's member @name is as a string. */
static int
describe(JSContext *context, JSValueConst parent, const char *name, const char *text_name)
{
    JSAtom atom = JS_NewAtom(context, text_name);
    JSValue object = JS_GetPropertyStr(context, parent, name);
    JSValue text = JS_GetProperty(context, parent, atom);
    int result = 0;

    if (JS_IsObject(object) && JS_IsString(text)) {
        JSValue function = JS_NewCFunctionData(context, get_text, 0, 0, 1, &text);

        result = JS_DefinePropertyValueStr(context, object, "toString", function, 0);
        if (result >= 0)
            result = JS_DeleteProperty(context, parent, atom, 0);
    }
    JS_FreeValue(context, text);
    JS_FreeValue(context, object);
    JS_FreeAtom(context, atom);
    return result;
}

static JSValue
make_described(JSContext *context, gconstpointer data)
{
    const Described *described = data;
    JSValue value = JS_ParseJSON(context, described->json, strlen(described->json), "json");
    JSValue parent = JS_DupValue(context, value);
    const char *const *name = described->object;
    int result = 0;

    for (; name[1] != NULL && JS_IsObject(parent); name++) {
        JSValue next = JS_GetPropertyStr(context, parent, *name);

        JS_FreeValue(context, parent);
        parent = next;
    }
    if (JS_IsObject(parent))
        result = describe(context, parent, *name, described->text);
    JS_FreeValue(context, parent);
    if (result >= 0)
        return value;
    JS_FreeValue(context, value);
    return JS_EXCEPTION;
}

gboolean
mcp_script_set_described(McpScript *script, const char *scope, const char *path, const char *json,
                         const char *const *object, const char *text, GError **error)
{
    Described described = {json, object, text};

    return mcp_script_set_made(script, scope, path, make_described, &described, error);
}
