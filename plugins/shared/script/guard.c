/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fences the engine's own loops that never look at the clock: methods of arrays over a length that
 * costs no memory, and searches in strings. Each such method is called through a check of what it
 * would have to walk over; what cannot be judged is refused. Owner thread, within a run.
 */
#include <string.h>

#include "engine.h"

/* At some 50 ns an item this stays within a run's time. */
#define LENGTH_MAX 500000
/* Comparisons of one search, at about a nanosecond. */
#define SEARCH_MAX 50000000
#define PROTOTYPES_MAX 1000

/* Those that find or copy call code or allocate for each item, and so can be stopped. */
static const char *const ARRAY_METHODS[] = {
    "concat",  "copyWithin", "every",       "fill", "filter", "forEach",        "includes",
    "indexOf", "join",       "lastIndexOf", "map",  "reduce", "reduceRight",    "reverse",
    "shift",   "slice",      "some",        "sort", "splice", "toLocaleString", "unshift",
};

/* They walk over arrays inside of the array as well. */
static const char *const REMOVED_ARRAY_METHODS[] = {"flat", "flatMap"};

static const char *const STRING_METHODS[] = {
    "includes", "indexOf", "lastIndexOf", "replace", "replaceAll", "split",
};

/* Whether @length, as a property has it, is a plain number (or nothing) within the limit. */
static gboolean
check_length(JSContext *context, JSValueConst length)
{
    double n = 0;

    if (JS_IsObject(length)) {
        JS_ThrowTypeError(context, "length is not a number");
        return FALSE;
    }
    if (JS_ToFloat64(context, &n, length) < 0)
        return FALSE;
    if (n > LENGTH_MAX) {
        JS_ThrowRangeError(context, "array is longer than %d", LENGTH_MAX);
        return FALSE;
    }
    return TRUE;
}

/* A length that is computed could be another one the next time. */
static gboolean
check_property(JSContext *context, JSPropertyDescriptor *found)
{
    gboolean good = FALSE;

    if (found->flags & JS_PROP_GETSET)
        JS_ThrowTypeError(context, "length is not a number");
    else
        good = check_length(context, found->value);
    JS_FreeValue(context, found->value);
    JS_FreeValue(context, found->getter);
    JS_FreeValue(context, found->setter);
    return good;
}

static gboolean
check_object(JSContext *context, JSValueConst object)
{
    JSAtom name = JS_NewAtom(context, "length");
    JSValue at = JS_DupValue(context, object);
    JSPropertyDescriptor found = {0, JS_UNDEFINED, JS_UNDEFINED, JS_UNDEFINED};
    int has = 0;
    gboolean good = FALSE;

    for (guint i = 0; i < PROTOTYPES_MAX && JS_IsObject(at); i++) {
        JSValue next = JS_UNDEFINED;

        has = JS_GetOwnProperty(context, &found, at, name);
        if (has != 0)
            break;
        next = JS_GetPrototype(context, at);
        JS_FreeValue(context, at);
        at = next;
    }
    if (has > 0)
        good = check_property(context, &found);
    else if (has == 0 && !JS_IsObject(at))
        good = !JS_IsException(at);
    else if (has == 0)
        JS_ThrowRangeError(context, "too many prototypes");
    JS_FreeValue(context, at);
    JS_FreeAtom(context, name);
    return good;
}

/* A primitive's length is that of a string at most, which has cost its memory. */
static gboolean
check_receiver(JSContext *context, JSValueConst receiver)
{
    if (!JS_IsObject(receiver))
        return TRUE;
    if (mcp_script_is_scope_object(receiver)) {
        JS_ThrowTypeError(context, "a scope is not an array");
        return FALSE;
    }
    return check_object(context, receiver);
}

static JSValue
call_array(JSContext *context, JSValueConst self, int n, JSValueConst *arguments, int concatenates,
           JSValue *data)
{
    if (!check_receiver(context, self))
        return JS_EXCEPTION;
    for (int i = 0; concatenates && i < n; i++) {
        if (!check_receiver(context, arguments[i]))
            return JS_EXCEPTION;
    }
    return JS_Call(context, data[0], self, n, arguments);
}

static gint64
string_length(JSContext *context, JSValueConst string)
{
    JSValue value = JS_GetPropertyStr(context, string, "length");
    int64_t length = 0;

    JS_ToInt64(context, &length, value);
    JS_FreeValue(context, value);
    return length;
}

/* Both are strings by now: nothing of the page runs between the check and the search. */
static JSValue
search(JSContext *context, JSValueConst method, JSValueConst self, int n, JSValueConst *arguments)
{
    gint64 length = string_length(context, self);
    gint64 wanted = string_length(context, arguments[0]);

    if (wanted > 1 && wanted <= length && length > SEARCH_MAX / wanted)
        return JS_ThrowRangeError(context, "search would take too long");
    return JS_Call(context, method, self, n, arguments);
}

static JSValue
call_string(JSContext *context, JSValueConst self, int n, JSValueConst *arguments, int unused,
            JSValue *data)
{
    JSValueConst given[2] = {JS_UNDEFINED, JS_UNDEFINED};
    JSValue text = JS_UNDEFINED;
    JSValue result = JS_EXCEPTION;

    /* Regular expressions look at the clock; null and undefined make the method throw. */
    if (n == 0 || JS_IsNull(self) || JS_IsUndefined(self) ||
        (JS_IsObject(arguments[0]) && JS_GetClassID(arguments[0]) == JS_GetClassID(data[1])))
        return JS_Call(context, data[0], self, n, arguments);
    given[0] = JS_ToString(context, arguments[0]);
    given[1] = n > 1 ? arguments[1] : JS_UNDEFINED;
    text = JS_IsException(given[0]) ? JS_EXCEPTION : JS_ToString(context, self);
    if (!JS_IsException(text))
        result = search(context, data[0], text, MIN(n, 2), given);
    JS_FreeValue(context, text);
    JS_FreeValue(context, given[0]);
    return result;
}

static gboolean
replace_method(JSContext *context, JSValueConst prototype, const char *name, JSCFunctionData *call,
               int magic, JSValueConst pattern)
{
    JSValue data[2] = {JS_GetPropertyStr(context, prototype, name), pattern};
    JSValue made = JS_UNDEFINED;
    int result = 0;

    if (JS_IsException(data[0]))
        return FALSE;
    if (JS_IsFunction(context, data[0])) {
        made = JS_NewCFunctionData(context, call, 1, magic, JS_IsUndefined(pattern) ? 1 : 2, data);
        result = JS_IsException(made)
                     ? -1
                     : JS_DefinePropertyValueStr(context, prototype, name, made,
                                                 JS_PROP_CONFIGURABLE | JS_PROP_WRITABLE);
    }
    JS_FreeValue(context, data[0]);
    return result >= 0;
}

static JSValue
prototype_of(JSContext *context, const char *constructor)
{
    JSValue global = JS_GetGlobalObject(context);
    JSValue function = JS_GetPropertyStr(context, global, constructor);
    JSValue prototype = JS_GetPropertyStr(context, function, "prototype");

    JS_FreeValue(context, function);
    JS_FreeValue(context, global);
    return prototype;
}

static gboolean
guard_arrays(JSContext *context)
{
    JSValue prototype = prototype_of(context, "Array");
    gboolean done = !JS_IsException(prototype);

    for (gsize i = 0; done && i < G_N_ELEMENTS(ARRAY_METHODS); i++)
        done = replace_method(context, prototype, ARRAY_METHODS[i], call_array,
                              strcmp(ARRAY_METHODS[i], "concat") == 0, JS_UNDEFINED);
    for (gsize i = 0; done && i < G_N_ELEMENTS(REMOVED_ARRAY_METHODS); i++) {
        JSAtom name = JS_NewAtom(context, REMOVED_ARRAY_METHODS[i]);

        done = JS_DeleteProperty(context, prototype, name, 0) >= 0;
        JS_FreeAtom(context, name);
    }
    JS_FreeValue(context, prototype);
    return done;
}

/* String.raw() walks over a length of the caller's choice. */
static gboolean
remove_raw(JSContext *context)
{
    JSValue global = JS_GetGlobalObject(context);
    JSValue string = JS_GetPropertyStr(context, global, "String");
    JSAtom name = JS_NewAtom(context, "raw");
    int result = JS_DeleteProperty(context, string, name, 0);

    JS_FreeAtom(context, name);
    JS_FreeValue(context, string);
    JS_FreeValue(context, global);
    return result >= 0;
}

static gboolean
guard_strings(JSContext *context)
{
    static const char PATTERN[] = "/x/";
    JSValue pattern = JS_Eval(context, PATTERN, sizeof PATTERN - 1, "guard", JS_EVAL_TYPE_GLOBAL);
    JSValue prototype = prototype_of(context, "String");
    gboolean done = !JS_IsException(pattern) && !JS_IsException(prototype);

    for (gsize i = 0; done && i < G_N_ELEMENTS(STRING_METHODS); i++)
        done = replace_method(context, prototype, STRING_METHODS[i], call_string, 0, pattern);
    JS_FreeValue(context, prototype);
    JS_FreeValue(context, pattern);
    return done;
}

gboolean
mcp_script_install_guards(JSContext *context)
{
    return guard_arrays(context) && guard_strings(context) && remove_raw(context);
}
