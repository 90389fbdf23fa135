/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Variables from outside: declared and assigned by code, set and read by path, copied between
 * sessions. Owner thread.
 */
#include "variables.h"

#include <string.h>

#include "engine.h"

#define FREEZE_DEPTH 128

static const char *const RESERVED[] = {
    "break",  "case",     "catch",  "class",  "const",   "continue",   "debugger",    "default",
    "delete", "do",       "else",   "enum",   "export",  "extends",    "false",       "finally",
    "for",    "function", "if",     "import", "in",      "instanceof", "new",         "null",
    "return", "super",    "switch", "this",   "throw",   "true",       "try",         "typeof",
    "var",    "void",     "while",  "with",   "session", "document",   "application", "dialog",
};

static gsize
name_length(const char *text)
{
    gsize n = 0;

    while (g_ascii_isalpha(text[n]) || text[n] == '_' || text[n] == '$' || (text[n] & 0x80) ||
           (n > 0 && g_ascii_isdigit(text[n])))
        n++;
    return n;
}

gboolean
mcp_script_is_name(const char *name)
{
    if (*name == '\0' || name[name_length(name)] != '\0' || !g_utf8_validate(name, -1, NULL))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(RESERVED); i++) {
        if (strcmp(name, RESERVED[i]) == 0)
            return FALSE;
    }
    return TRUE;
}

/* The length of "[0]", "['k']" or "[\"k\"]" at @text, 0 for anything else; @out_key is within. */
static gsize
bracket_length(const char *text, const char **out_key, gsize *out_length)
{
    const char *key = text + 1;
    gsize n = strspn(key, "0123456789");

    if (*text != '[')
        return 0;
    if (*key == '"' || *key == '\'') {
        const char *close = strchr(key + 1, *key);

        if (close == NULL || close[1] != ']')
            return 0;
        *out_key = key + 1;
        *out_length = (gsize)(close - key - 1);
        return (gsize)(close + 2 - text);
    }
    if (n == 0 || key[n] != ']')
        return 0;
    *out_key = key;
    *out_length = n;
    return n + 2;
}

/* "a.b[2].c" as {"a", "b", "2", "c"}. */
static GStrv
split_path(const char *path, GError **error)
{
    g_autoptr(GStrvBuilder) parts = g_strv_builder_new();
    const char *at = path;

    while (*at != '\0' || at == path) {
        const char *key = at;
        gsize length = 0;
        gsize used = at == path ? 0 : bracket_length(at, &key, &length);
        g_autofree char *part = NULL;

        if (used == 0) {
            if (at != path && *at++ != '.')
                break;
            key = at;
            length = used = name_length(at);
        }
        if (length == 0)
            break;
        part = g_strndup(key, length);
        g_strv_builder_add(parts, part);
        at += used;
        if (*at == '\0')
            return g_strv_builder_end(parts);
    }
    g_set_error(error, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_SYNTAX, "'%s' names no variable", path);
    return NULL;
}

static Scope *
scope_by_name(McpScript *script, const char *name)
{
    JSAtom atom = JS_ATOM_NULL;
    Scope *scope = NULL;

    if (name == NULL || script->buried)
        return mcp_script_innermost(script);
    atom = JS_NewAtom(script->context, name);
    scope = mcp_script_find_scope(script, atom);
    JS_FreeAtom(script->context, atom);
    return scope;
}

static Scope *
need_scope(McpScript *script, const char *name, GError **error)
{
    Scope *scope = scope_by_name(script, name);

    if (scope == NULL)
        g_set_error(error, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_REFERENCE, "no scope %s is open",
                    name != NULL ? name : "at all");
    return scope;
}

static int
freeze(JSContext *context, JSValueConst object, guint depth)
{
    JSPropertyEnum *names = NULL;
    uint32_t n = 0;
    int result = 0;

    if (!JS_IsObject(object))
        return 0;
    if (depth > FREEZE_DEPTH) {
        JS_ThrowTypeError(context, "value is nested too deeply");
        return -1;
    }
    result =
        JS_GetOwnPropertyNames(context, &names, &n, object, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY);
    for (uint32_t i = 0; result >= 0 && i < n; i++) {
        JSValue value = JS_GetProperty(context, object, names[i].atom);

        result = JS_IsException(value) ? -1 : freeze(context, value, depth + 1);
        if (result >= 0)
            result =
                JS_DefineProperty(context, object, names[i].atom, value, JS_UNDEFINED, JS_UNDEFINED,
                                  JS_PROP_HAS_WRITABLE | JS_PROP_HAS_CONFIGURABLE);
        JS_FreeValue(context, value);
    }
    for (uint32_t i = 0; i < n; i++)
        JS_FreeAtom(context, names[i].atom);
    js_free(context, names);
    return result < 0 ? result : JS_PreventExtensions(context, object);
}

/* Defines @value (taken) as member @name of @object, past setters and read-only marks. */
static int
define(McpScript *script, const Scope *scope, JSValueConst object, const char *name, JSValue value)
{
    JSContext *context = script->context;
    int flags = JS_PROP_CONFIGURABLE | JS_PROP_ENUMERABLE | JS_PROP_THROW;
    JSAtom atom = JS_NewAtom(context, name);
    int result = -1;

    if (!scope->read_only)
        flags |= JS_PROP_WRITABLE;
    if (atom == JS_ATOM_NULL || (scope->read_only && freeze(context, value, 0) < 0))
        JS_FreeValue(context, value);
    else
        result = JS_DefinePropertyValue(context, object, atom, value, flags);
    JS_FreeAtom(context, atom);
    return result;
}

/* The object under @name of @object, made when there is none. */
static JSValue
step_into(McpScript *script, const Scope *scope, JSValueConst object, const char *name)
{
    JSValue next = JS_GetPropertyStr(script->context, object, name);

    if (JS_IsException(next) || JS_IsObject(next))
        return next;
    JS_FreeValue(script->context, next);
    next = JS_NewObject(script->context);
    if (JS_IsException(next))
        return next;
    if (define(script, scope, object, name, JS_DupValue(script->context, next)) < 0) {
        JS_FreeValue(script->context, next);
        return JS_EXCEPTION;
    }
    return next;
}

/* Takes @value. */
static int
set_path(McpScript *script, const Scope *scope, GStrv path, JSValue value)
{
    JSContext *context = script->context;
    JSValue object = JS_DupValue(context, scope->store);
    guint i = 0;
    int result = -1;

    for (i = 0; path[i + 1] != NULL && !JS_IsException(object); i++) {
        JSValue next = step_into(script, scope, object, path[i]);

        JS_FreeValue(context, object);
        object = next;
    }
    if (JS_IsException(object))
        JS_FreeValue(context, value);
    else
        result = define(script, scope, object, path[i], value);
    JS_FreeValue(context, object);
    return result;
}

static JSValue
from_value(JSContext *context, gconstpointer data)
{
    const McpScriptValue *value = data;

    switch (value->kind) {
    case MCP_SCRIPT_NULL:
        return JS_NULL;
    case MCP_SCRIPT_BOOLEAN:
        return JS_NewBool(context, value->boolean);
    case MCP_SCRIPT_NUMBER:
        return JS_NewFloat64(context, value->number);
    case MCP_SCRIPT_STRING:
        return JS_NewStringLen(context, value->text, value->length);
    case MCP_SCRIPT_ARRAY:
    case MCP_SCRIPT_OBJECT:
        return JS_ParseJSON(context, value->text, value->length, "json");
    case MCP_SCRIPT_UNDEFINED:
    case MCP_SCRIPT_FUNCTION:
    default:
        return JS_UNDEFINED;
    }
}

/* A value on its way into a variable. */
typedef struct {
    const Scope *scope;
    GStrv path;
    McpScriptMaker make;
    gconstpointer data;
} Setting;

static int
set_body(McpScript *script, gpointer data)
{
    const Setting *setting = data;
    JSValue made = setting->make(script->context, setting->data);

    return JS_IsException(made) ? -1 : set_path(script, setting->scope, setting->path, made);
}

gboolean
mcp_script_set_made(McpScript *script, const char *scope_name, const char *path,
                    McpScriptMaker make, gconstpointer data, GError **error)
{
    g_auto(GStrv) parts = split_path(path, error);
    Scope *scope = parts != NULL ? need_scope(script, scope_name, error) : NULL;
    Setting setting = {scope, parts, make, data};

    if (scope == NULL || !mcp_script_enter(script, error))
        return FALSE;
    return mcp_script_finish(script, mcp_script_try(script, set_body, &setting), error);
}

gboolean
mcp_script_set(McpScript *script, const char *scope, const char *path, const McpScriptValue *value,
               GError **error)
{
    return mcp_script_set_made(script, scope, path, from_value, value, error);
}

gboolean
mcp_script_set_string(McpScript *script, const char *scope, const char *path, const char *text,
                      GError **error)
{
    McpScriptValue value = {
        .kind = MCP_SCRIPT_STRING, .text = (char *)text, .length = strlen(text)};

    return mcp_script_set(script, scope, path, &value, error);
}

gboolean
mcp_script_set_number(McpScript *script, const char *scope, const char *path, double number,
                      GError **error)
{
    McpScriptValue value = {.kind = MCP_SCRIPT_NUMBER, .number = number};

    return mcp_script_set(script, scope, path, &value, error);
}

gboolean
mcp_script_set_boolean(McpScript *script, const char *scope, const char *path, gboolean boolean,
                       GError **error)
{
    McpScriptValue value = {.kind = MCP_SCRIPT_BOOLEAN, .boolean = boolean};

    return mcp_script_set(script, scope, path, &value, error);
}

gboolean
mcp_script_set_json(McpScript *script, const char *scope, const char *path, const char *json,
                    GError **error)
{
    McpScriptValue value = {
        .kind = MCP_SCRIPT_OBJECT, .text = (char *)json, .length = strlen(json)};

    return mcp_script_set(script, scope, path, &value, error);
}

gboolean
mcp_script_set_undefined(McpScript *script, const char *scope, const char *path, GError **error)
{
    McpScriptValue value = {.kind = MCP_SCRIPT_UNDEFINED};

    return mcp_script_set(script, scope, path, &value, error);
}

/* What the first part of a path stands for: along the chain, or in one scope. */
static JSValue
first_of(McpScript *script, const Scope *scope, const char *name)
{
    JSContext *context = script->context;
    JSAtom atom = JS_NewAtom(context, name);
    JSValueConst from = scope != NULL ? scope->store : script->view;
    JSValue value = JS_EXCEPTION;
    int has = scope != NULL ? JS_GetOwnProperty(context, NULL, from, atom)
                            : JS_HasProperty(context, from, atom);

    if (has > 0)
        value = JS_GetProperty(context, from, atom);
    else if (has == 0)
        JS_ThrowReferenceError(context, "'%s' is not declared", name);
    JS_FreeAtom(context, atom);
    return value;
}

/* Follows @path up to, without, @end; the value or an exception. */
static JSValue
walk(McpScript *script, const Scope *scope, GStrv path, guint end)
{
    JSValue value = first_of(script, scope, path[0]);

    for (guint i = 1; i < end && !JS_IsException(value); i++) {
        JSValue next = JS_GetPropertyStr(script->context, value, path[i]);

        JS_FreeValue(script->context, value);
        value = next;
    }
    return value;
}

/* A value that is looked for. */
typedef struct {
    const Scope *scope; /* (nullable): along the chain */
    GStrv path;
    JSValue value;
} Lookup;

static int
get_body(McpScript *script, gpointer data)
{
    Lookup *lookup = data;

    lookup->value = walk(script, lookup->scope, lookup->path, g_strv_length(lookup->path));
    return JS_IsException(lookup->value) ? -1 : 0;
}

gboolean
mcp_script_get(McpScript *script, const char *scope_name, const char *path,
               McpScriptValue *out_value, GError **error)
{
    g_auto(GStrv) parts = split_path(path, error);
    g_auto(McpScriptValue) taken = {.kind = MCP_SCRIPT_UNDEFINED};
    Scope *scope = parts != NULL ? need_scope(script, scope_name, error) : NULL;
    Lookup lookup = {scope_name != NULL ? scope : NULL, parts, JS_UNDEFINED};
    gboolean done = FALSE;

    if (scope == NULL || !mcp_script_enter(script, error))
        return FALSE;
    done = mcp_script_try(script, get_body, &lookup) >= 0 &&
           mcp_script_to_value(script, lookup.value, &taken);
    mcp_script_drop(script, lookup.value);
    if (!mcp_script_finish(script, done ? 0 : -1, error))
        return FALSE;
    *out_value = taken;
    taken.text = NULL;
    return TRUE;
}

static gboolean
owns(Scope *scope, const char *name)
{
    JSAtom atom = JS_NewAtom(scope->script->context, name);
    int has = mcp_script_scope_has(scope, atom);

    JS_FreeAtom(scope->script->context, atom);
    return has > 0;
}

gboolean
mcp_script_is_declared(McpScript *script, const char *scope_name, const char *name)
{
    Scope *scope = script->buried ? NULL : scope_by_name(script, scope_name);

    while (scope != NULL && !owns(scope, name))
        scope = scope_name == NULL ? scope->parent : NULL;
    return scope != NULL;
}

void
mcp_script_remove(McpScript *script, const char *scope_name, const char *name)
{
    Scope *scope = scope_by_name(script, scope_name);
    JSAtom atom = JS_ATOM_NULL;

    if (scope == NULL || script->buried)
        return;
    atom = JS_NewAtom(script->context, name);
    JS_DeleteProperty(script->context, scope->store, atom, 0);
    JS_FreeAtom(script->context, atom);
}

/* A variable that is made. */
typedef struct {
    const Scope *scope;
    const char *name;
    JSValue value;
} Declaration;

static int
declare(McpScript *script, gpointer data)
{
    const Declaration *made = data;

    return define(script, made->scope, made->scope->store, made->name, made->value);
}

gboolean
mcp_script_declare(McpScript *script, const char *name, McpScriptCode *code, GError **error)
{
    Scope *scope = need_scope(script, NULL, error);
    Declaration made = {scope, name, JS_UNDEFINED};
    int result = -1;

    if (scope == NULL)
        return FALSE;
    if (code == NULL && !script->buried && owns(scope, name))
        return TRUE;
    if (!mcp_script_enter(script, error))
        return FALSE;
    if (code != NULL)
        made.value = mcp_script_evaluate(script, code);
    if (!JS_IsException(made.value))
        result = mcp_script_try(script, declare, &made);
    return mcp_script_finish(script, result, error);
}

/* `document.x = 1` declares nothing: VoiceXML §5.3.2 wants the variable to be there. */
static int
check_target(McpScript *script, GStrv path)
{
    Scope *scope = path[1] != NULL ? scope_by_name(script, path[0]) : NULL;
    JSAtom atom = JS_NewAtom(script->context, path[path[1] != NULL ? 1 : 0]);
    int has = TRUE;

    if (path[1] == NULL)
        has = JS_HasProperty(script->context, script->view, atom);
    else if (scope != NULL)
        has = mcp_script_scope_has(scope, atom);
    JS_FreeAtom(script->context, atom);
    if (has == 0)
        JS_ThrowReferenceError(script->context, "'%s' is not declared",
                               path[path[1] != NULL ? 1 : 0]);
    return has > 0 ? 0 : -1;
}

/* A value on its way into what is there; taken. */
typedef struct {
    GStrv path;
    JSValue value;
} Assignment;

static int
assign(McpScript *script, gpointer data)
{
    const Assignment *assignment = data;
    JSContext *context = script->context;
    GStrv path = assignment->path;
    JSValue value = assignment->value;
    guint n = g_strv_length(path);
    JSValue object = JS_EXCEPTION;
    int result = -1;

    if (check_target(script, path) >= 0)
        object = n > 1 ? walk(script, NULL, path, n - 1) : JS_DupValue(context, script->view);
    if (JS_IsException(object))
        JS_FreeValue(context, value);
    else
        result = JS_SetPropertyStr(context, object, path[n - 1], value);
    JS_FreeValue(context, object);
    return result;
}

gboolean
mcp_script_assign(McpScript *script, const char *target, McpScriptCode *code, GError **error)
{
    g_auto(GStrv) path = split_path(target, error);
    Assignment assignment = {path, JS_UNDEFINED};
    int result = -1;

    if (path == NULL || need_scope(script, NULL, error) == NULL || !mcp_script_enter(script, error))
        return FALSE;
    assignment.value = mcp_script_evaluate(script, code);
    if (!JS_IsException(assignment.value))
        result = mcp_script_try(script, assign, &assignment);
    return mcp_script_finish(script, result, error);
}
