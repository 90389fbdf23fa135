/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chain of scopes (VoiceXML 5.1.2). Each scope is a plain object with its variables and a view
 * of it in which names are looked up outwards. Code runs inside `with (view)`, so closures keep the
 * scope in which they were made. Undeclared names fall through to the global object, whose
 * prototype refuses assignments. Owner thread, within a run.
 */
#include "engine.h"

/* Read by the wrapped code; a program first collects its declarations. */
enum {
    FOR_EXPRESSION,
    FOR_PROGRAM,
};

static JSClassID view_class;
static JSClassID locked_class;
static JSClassID border_class;

static Scope *
scope_of(JSValueConst view)
{
    return JS_GetOpaque(view, view_class);
}

gboolean
mcp_script_is_scope_object(JSValueConst object)
{
    JSClassID found = JS_GetClassID(object);

    return found == view_class || found == locked_class;
}

Scope *
mcp_script_innermost(McpScript *script)
{
    return script->depth > 0 ? scope_of(script->view) : NULL;
}

static gboolean
is_named(const Scope *scope, JSAtom name)
{
    return name != JS_ATOM_NULL && (scope->name == name || scope->alias == name);
}

Scope *
mcp_script_find_scope(McpScript *script, JSAtom name)
{
    Scope *scope = mcp_script_innermost(script);

    while (scope != NULL && !is_named(scope, name))
        scope = scope->parent;
    return scope;
}

int
mcp_script_scope_has(Scope *scope, JSAtom name)
{
    return JS_GetOwnProperty(scope->script->context, NULL, scope->store, name);
}

static int
throw_read_only(JSContext *context, JSAtom name)
{
    const char *text = JS_AtomToCString(context, name);

    JS_ThrowTypeError(context, "variable '%s' is read-only", text != NULL ? text : "");
    JS_FreeCString(context, text);
    return -1;
}

static int
throw_undeclared(JSContext *context, JSAtom name)
{
    const char *text = JS_AtomToCString(context, name);

    JS_ThrowReferenceError(context, "'%s' is not declared", text != NULL ? text : "");
    JS_FreeCString(context, text);
    return -1;
}

/* A read-only scope reached by its name: reads pass, everything else throws. Its opaque pointer is
 * the store object, referenced. */
static JSValue
store_of(JSValueConst locked)
{
    return JS_MKPTR(JS_TAG_OBJECT, JS_GetOpaque(locked, locked_class));
}

static int
locked_get_own(JSContext *context, JSPropertyDescriptor *descriptor, JSValueConst object,
               JSAtom name)
{
    return JS_GetOwnProperty(context, descriptor, store_of(object), name);
}

static int
locked_names(JSContext *context, JSPropertyEnum **names, uint32_t *n, JSValueConst object)
{
    return JS_GetOwnPropertyNames(context, names, n, store_of(object), JS_GPN_STRING_MASK);
}

static int
locked_delete(JSContext *context, JSValueConst object, JSAtom name)
{
    return throw_read_only(context, name);
}

static int
locked_define(JSContext *context, JSValueConst object, JSAtom name, JSValueConst value,
              JSValueConst getter, JSValueConst setter, int flags)
{
    return throw_read_only(context, name);
}

static int
locked_set(JSContext *context, JSValueConst object, JSAtom name, JSValueConst value,
           JSValueConst receiver, int flags)
{
    return throw_read_only(context, name);
}

static void
locked_finalize(JSRuntime *runtime, JSValue object)
{
    if (JS_GetOpaque(object, locked_class) != NULL)
        JS_FreeValueRT(runtime, store_of(object));
}

static void
locked_mark(JSRuntime *runtime, JSValueConst object, JS_MarkFunc *mark)
{
    if (JS_GetOpaque(object, locked_class) != NULL)
        JS_MarkValue(runtime, store_of(object), mark);
}

static JSValue
by_name(JSContext *context, const Scope *scope)
{
    JSValue locked = JS_UNDEFINED;

    if (!scope->read_only)
        return JS_DupValue(context, scope->store);
    locked = JS_NewObjectProtoClass(context, JS_NULL, locked_class);
    if (!JS_IsException(locked)) {
        JSValue held = JS_DupValue(context, scope->store);

        JS_SetOpaque(locked, JS_VALUE_GET_PTR(held));
    }
    return locked;
}

static int
view_has(JSContext *context, JSValueConst view, JSAtom name)
{
    for (Scope *scope = scope_of(view); scope != NULL; scope = scope->parent) {
        int has = mcp_script_scope_has(scope, name);

        if (has != 0)
            return has;
        if (is_named(scope, name))
            return TRUE;
    }
    return FALSE;
}

static JSValue
view_get(JSContext *context, JSValueConst view, JSAtom name, JSValueConst receiver)
{
    for (Scope *scope = scope_of(view); scope != NULL; scope = scope->parent) {
        int has = mcp_script_scope_has(scope, name);

        if (has < 0)
            return JS_EXCEPTION;
        if (has)
            return JS_GetProperty(context, scope->store, name);
        if (is_named(scope, name))
            return by_name(context, scope);
    }
    return JS_UNDEFINED;
}

static int
store_set(JSContext *context, Scope *scope, JSAtom name, JSValueConst value)
{
    if (scope->read_only)
        return throw_read_only(context, name);
    return JS_SetProperty(context, scope->store, name, JS_DupValue(context, value));
}

/* A name that is nowhere gets here only as a member of `this` in a plain call: it is declared. */
static int
view_set(JSContext *context, JSValueConst view, JSAtom name, JSValueConst value,
         JSValueConst receiver, int flags)
{
    for (Scope *scope = scope_of(view); scope != NULL; scope = scope->parent) {
        int has = mcp_script_scope_has(scope, name);

        if (has < 0)
            return -1;
        if (has)
            return store_set(context, scope, name, value);
        if (is_named(scope, name))
            return throw_read_only(context, name);
    }
    return store_set(context, scope_of(view), name, value);
}

static int
view_delete(JSContext *context, JSValueConst view, JSAtom name)
{
    return FALSE;
}

static int
view_define(JSContext *context, JSValueConst view, JSAtom name, JSValueConst value,
            JSValueConst getter, JSValueConst setter, int flags)
{
    JS_ThrowTypeError(context, "a scope's variables are declared with var");
    return -1;
}

static void
view_finalize(JSRuntime *runtime, JSValue view)
{
    Scope *scope = scope_of(view);

    if (scope == NULL)
        return;
    JS_FreeValueRT(runtime, scope->store);
    JS_FreeValueRT(runtime, scope->parent_view);
    JS_FreeAtomRT(runtime, scope->name);
    JS_FreeAtomRT(runtime, scope->alias);
    js_free_rt(runtime, scope);
}

static void
view_mark(JSRuntime *runtime, JSValueConst view, JS_MarkFunc *mark)
{
    Scope *scope = scope_of(view);

    if (scope == NULL)
        return;
    JS_MarkValue(runtime, scope->store, mark);
    JS_MarkValue(runtime, scope->parent_view, mark);
}

/* A function that stands in a program is assigned to its variable where it stands, past the
 * `with`: that variable is in the innermost scope by then. */
static int
border_set(JSContext *context, JSValueConst border, JSAtom name, JSValueConst value,
           JSValueConst receiver, int flags)
{
    McpScript *script = JS_GetRuntimeOpaque(JS_GetRuntime(context));
    Scope *scope = mcp_script_innermost(script);
    int has = scope != NULL ? mcp_script_scope_has(scope, name) : FALSE;

    if (has < 0)
        return -1;
    return has ? store_set(context, scope, name, value) : throw_undeclared(context, name);
}

static JSClassExoticMethods view_exotic = {
    .has_property = view_has,
    .get_property = view_get,
    .set_property = view_set,
    .delete_property = view_delete,
    .define_own_property = view_define,
};

static JSClassExoticMethods locked_exotic = {
    .get_own_property = locked_get_own,
    .get_own_property_names = locked_names,
    .delete_property = locked_delete,
    .define_own_property = locked_define,
    .set_property = locked_set,
};

static JSClassExoticMethods border_exotic = {
    .set_property = border_set,
};

static const JSClassDef VIEW_DEF = {"Scope", .finalizer = view_finalize, .gc_mark = view_mark,
                                    .exotic = &view_exotic};
static const JSClassDef LOCKED_DEF = {"Variables", .finalizer = locked_finalize,
                                      .gc_mark = locked_mark, .exotic = &locked_exotic};
static const JSClassDef BORDER_DEF = {"Border", .exotic = &border_exotic};

static int
hoist_one(McpScript *script, JSValueConst global, JSAtom name)
{
    Scope *scope = mcp_script_innermost(script);
    JSValue value = JS_GetProperty(script->context, global, name);
    int has = 0;
    int result = 0;

    if (JS_IsException(value))
        return -1;
    has = mcp_script_scope_has(scope, name);
    /* `var x` of a variable that exists leaves its value alone (ECMA-262 §14.3.2). */
    if (has < 0)
        result = -1;
    else if (scope->read_only)
        result = throw_read_only(script->context, name);
    else if (!has || !JS_IsUndefined(value))
        result = JS_DefinePropertyValue(script->context, scope->store, name,
                                        JS_DupValue(script->context, value), JS_PROP_C_W_E);
    JS_FreeValue(script->context, value);
    if (JS_DeleteProperty(script->context, global, name, 0) < 0)
        result = -1;
    return result;
}

/* The engine's own members of the global object are not enumerable, declarations are. */
int
mcp_script_hoist(McpScript *script)
{
    JSContext *context = script->context;
    JSValue global = JS_GetGlobalObject(context);
    JSPropertyEnum *names = NULL;
    uint32_t n = 0;
    int result =
        JS_GetOwnPropertyNames(context, &names, &n, global, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY);

    for (uint32_t i = 0; result >= 0 && i < n; i++)
        result = hoist_one(script, global, names[i].atom);
    for (uint32_t i = 0; i < n; i++)
        JS_FreeAtom(context, names[i].atom);
    js_free(context, names);
    JS_FreeValue(context, global);
    return result < 0 ? -1 : 0;
}

static JSValue
get_scope(JSContext *context, JSValueConst global, int purpose)
{
    McpScript *script = JS_GetRuntimeOpaque(JS_GetRuntime(context));

    if (script->depth == 0)
        return JS_ThrowReferenceError(context, "no scope is open");
    if (purpose == FOR_PROGRAM && mcp_script_hoist(script) < 0)
        return JS_EXCEPTION;
    return JS_DupValue(context, script->view);
}

static gboolean
define_getter(JSContext *context, JSValueConst global, const char *name, int purpose)
{
    JSCFunctionType function = {.getter_magic = get_scope};
    JSAtom atom = JS_NewAtom(context, name);
    JSValue getter =
        JS_NewCFunction2(context, function.generic, name, 0, JS_CFUNC_getter_magic, purpose);
    int result = -1;

    if (!JS_IsException(getter))
        result = JS_DefinePropertyGetSet(context, global, atom, getter, JS_UNDEFINED, 0);
    JS_FreeAtom(context, atom);
    return result >= 0;
}

static void
init_classes(void)
{
    static gsize once = 0;

    if (g_once_init_enter(&once)) {
        JS_NewClassID(&view_class);
        JS_NewClassID(&locked_class);
        JS_NewClassID(&border_class);
        g_once_init_leave(&once, 1);
    }
}

gboolean
mcp_script_scope_init(McpScript *script)
{
    JSContext *context = script->context;
    JSValue global = JS_UNDEFINED;
    JSValue border = JS_UNDEFINED;
    JSValue object = JS_UNDEFINED;
    gboolean done = FALSE;

    init_classes();
    if (JS_NewClass(script->runtime, view_class, &VIEW_DEF) < 0 ||
        JS_NewClass(script->runtime, locked_class, &LOCKED_DEF) < 0 ||
        JS_NewClass(script->runtime, border_class, &BORDER_DEF) < 0)
        return FALSE;
    global = JS_GetGlobalObject(context);
    script->eval = JS_GetPropertyStr(context, global, "eval");
    object = JS_GetPrototype(context, global);
    border = JS_NewObjectProtoClass(context, object, border_class);
    done = !JS_IsException(border) && JS_SetPrototype(context, global, border) >= 0 &&
           define_getter(context, global, MCP_SCRIPT_SCOPE_NAME, FOR_EXPRESSION) &&
           define_getter(context, global, MCP_SCRIPT_PROGRAM_SCOPE_NAME, FOR_PROGRAM);
    JS_FreeValue(context, border);
    JS_FreeValue(context, object);
    JS_FreeValue(context, global);
    return done;
}

static gboolean
open_scope(McpScript *script, const char *name, gboolean read_only)
{
    JSContext *context = script->context;
    Scope *scope = NULL;
    JSValue store = JS_NewObject(context);
    JSValue view = JS_NewObjectProtoClass(context, JS_NULL, view_class);

    scope = js_mallocz(context, sizeof *scope);
    if (JS_IsException(store) || JS_IsException(view) || scope == NULL) {
        js_free(context, scope);
        JS_FreeValue(context, store);
        JS_FreeValue(context, view);
        return FALSE;
    }
    scope->script = script;
    scope->parent = mcp_script_innermost(script);
    scope->name = name != NULL ? JS_NewAtom(context, name) : JS_ATOM_NULL;
    scope->alias = JS_ATOM_NULL;
    scope->read_only = read_only;
    scope->store = store;
    scope->parent_view = script->view;
    JS_SetOpaque(view, scope);
    script->view = view;
    script->depth++;
    return TRUE;
}

gboolean
mcp_script_push_scope(McpScript *script, const char *name, gboolean read_only, GError **error)
{
    gboolean opened = FALSE;

    if (!mcp_script_enter(script, error))
        return FALSE;
    opened = open_scope(script, name, read_only);
    if (!opened)
        mcp_script_take_exception(script, error);
    return mcp_script_leave(script, !opened, error) && opened;
}

void
mcp_script_alias_scope(McpScript *script, const char *name)
{
    Scope *scope = mcp_script_innermost(script);

    g_return_if_fail(scope != NULL);
    if (script->buried)
        return;
    JS_FreeAtom(script->context, scope->alias);
    scope->alias = JS_NewAtom(script->context, name);
}

void
mcp_script_pop_scope(McpScript *script)
{
    Scope *scope = mcp_script_innermost(script);
    JSValue view = script->view;

    g_return_if_fail(scope != NULL);
    script->view = JS_DupValue(script->context, scope->parent_view);
    script->depth--;
    mcp_script_drop(script, view);
}

guint
mcp_script_scope_depth(const McpScript *script)
{
    return script->depth;
}
