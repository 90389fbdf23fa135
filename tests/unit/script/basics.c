/* SPDX-License-Identifier: Apache-2.0 */
/* The script host: VoiceXML's scopes, values in and out, errors with their lines. */
#include "helper.h"

/* Where engines lie is chance: it must not matter. */
static void
test_template(void)
{
    g_assert_true(mcp_script_has_template());
}

static void
test_scopes(void)
{
    g_autoptr(McpScript) script = new_session(NULL);

    declare_ok(script, "x", "5");
    assert_eval(script, "x + dialog.x", "10");
    assert_eval(script, "typeof document.x", "undefined");
    run_ok(script, "var y = x + 1; function f(a) { return a + y; }");
    assert_eval(script, "f(1)", "7");
    assert_eval(script, "dialog.y", "6");
    assert_eval(script, "typeof globalThis.y", "undefined");
    run_ok(script, "var y; y++;");
    assert_eval(script, "dialog.y", "7");
    /* A function keeps the scope in which it was made. */
    push(script, NULL);
    declare_ok(script, "y", "100");
    assert_eval(script, "f(1)", "8");
    assert_eval(script, "y", "100");
    mcp_script_pop_scope(script);
    assert_eval(script, "y", "7");
    g_assert_cmpuint(mcp_script_scope_depth(script), ==, 4);
}

static void
test_undeclared(void)
{
    g_autoptr(McpScript) script = new_session(NULL);
    g_autoptr(GError) error = NULL;

    assert_eval(script, "nope", "!REFERENCE");
    assert_eval(script, "typeof nope", "undefined");
    assert_eval(script, "nope = 1", "!REFERENCE");
    g_assert_false(run_program(script, "nope = 1;", &error));
    g_assert_error(error, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_REFERENCE);
    g_clear_error(&error);
    g_assert_false(assign(script, "nope", "1", &error));
    g_assert_error(error, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_REFERENCE);
    g_clear_error(&error);
    g_assert_false(assign(script, "document.nope", "1", &error));
    g_assert_error(error, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_REFERENCE);
    assert_eval(script, "typeof nope", "undefined");
}

static void
test_read_only(void)
{
    g_autoptr(McpScript) script = new_session(NULL);
    g_autoptr(GError) error = NULL;

    g_assert_true(mcp_script_set_json(script, "session", "connection",
                                      "{\"local\":{\"uri\":\"sip:a@b\"}}", &error));
    g_assert_true(mcp_script_set_string(script, "session", "id", "42", &error));
    g_assert_true(mcp_script_set_string(script, "session", "id", "43", &error));
    assert_eval(script, "session.connection.local.uri + id", "sip:a@b43");
    assert_eval(script, "id = 1", "!TYPE");
    assert_eval(script, "session.id = 1", "!TYPE");
    assert_eval(script, "session.added = 1", "!TYPE");
    assert_eval(script, "delete session.id", "!TYPE");
    assert_eval(script, "session = 1", "!TYPE");
    g_assert_false(assign(script, "session.connection.local.uri", "'x'", &error));
    g_assert_error(error, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_TYPE);
    assert_eval(script, "session.connection.local.uri = 'x', session.connection.local.uri",
                "sip:a@b");
}

static void
test_programs(void)
{
    g_autoptr(McpScript) script = new_session(NULL);

    run_ok(script, "let a = 1; const b = 2; class C {} var c = a + b;\nfunction g() { return c; }");
    run_ok(script, "let a = 1; const b = 2; class C {} var c = a + b;");
    assert_eval(script, "c + typeof a + g()", "3undefined3");
    run_ok(script, "eval('var e = 1'); function h() {} h();");
    assert_eval(script, "dialog.e + typeof h", "1function");
    run_ok(script, "var later; Promise.resolve(7).then(function (v) { later = v; });");
    assert_eval(script, "later", "7");
    run_ok(script, "");
    run_ok(script, "// nothing");
    assert_eval(script, "1 // comment", "1");
    assert_eval(script, "{a: 1}.a", "1");
}

static void
test_errors(void)
{
    g_autoptr(McpScript) script = new_session(NULL);
    g_autoptr(GError) error = NULL;

    assert_eval(script, "", "!SYNTAX");
    assert_eval(script, "1 +", "!SYNTAX");
    assert_eval(script, "null.x", "!TYPE");
    assert_eval(script, "(function () { throw 5; })()", "!OTHER");
    assert_eval(script, "(function () { throw null; })()", "!OTHER");
    g_assert_false(run_program(script, "var a = 1;\n\nfunction f() {\n  a.b.c;\n}\nf();", &error));
    g_assert_error(error, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_TYPE);
    g_assert_true(g_str_has_prefix(error->message, "page.vxml:13: TypeError: "));
}

static void
test_values(void)
{
    static const struct {
        const char *source;
        McpScriptKind kind;
        const char *text;
    } cases[] = {
        {"undefined", MCP_SCRIPT_UNDEFINED, NULL},
        {"null", MCP_SCRIPT_NULL, NULL},
        {"true", MCP_SCRIPT_BOOLEAN, NULL},
        {"1.5", MCP_SCRIPT_NUMBER, NULL},
        {"'a\\u00e4'", MCP_SCRIPT_STRING, "a\xC3\xA4"},
        {"[1, 'b']", MCP_SCRIPT_ARRAY, "[1,\"b\"]"},
        {"({a: {b: null}, c: function () {}})", MCP_SCRIPT_OBJECT, "{\"a\":{\"b\":null}}"},
        {"Math.max", MCP_SCRIPT_FUNCTION, NULL},
    };
    g_autoptr(McpScript) script = new_session(NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(McpScriptCode) code = code_of(MCP_SCRIPT_EXPRESSION, cases[i].source);
        g_auto(McpScriptValue) value = {.kind = MCP_SCRIPT_UNDEFINED};
        g_autoptr(GError) error = NULL;

        g_assert_true(mcp_script_eval(script, code, &value, &error));
        g_assert_no_error(error);
        g_assert_cmpint((int)value.kind, ==, (int)cases[i].kind);
        g_assert_cmpstr(value.text, ==, cases[i].text);
        g_assert_true(mcp_script_set(script, NULL, "copy", &value, &error));
    }
}

static void
test_paths(void)
{
    g_autoptr(McpScript) script = new_session(NULL);
    g_auto(McpScriptValue) value = {.kind = MCP_SCRIPT_UNDEFINED};
    g_autoptr(GError) error = NULL;

    g_assert_true(mcp_script_set_number(script, "dialog", "field$.confidence", 0.5, &error));
    g_assert_true(mcp_script_set_string(script, NULL, "field$.utterance", "yes", &error));
    assert_eval(script, "field$.confidence + field$.utterance", "0.5yes");
    g_assert_true(mcp_script_set_json(script, "application", "list", "[{\"a\":1}]", &error));
    g_assert_true(assign(script, "list[0].a", "2", &error));
    g_assert_true(assign(script, "list[0]['b']", "3", &error));
    g_assert_true(mcp_script_get(script, NULL, "list[0].b", &value, &error));
    g_assert_cmpfloat(value.number, ==, 3);
    g_assert_false(mcp_script_set_json(script, NULL, "x", "{", &error));
    g_clear_error(&error);
    g_assert_false(mcp_script_set_number(script, "nowhere", "x", 1, &error));
    g_clear_error(&error);
    g_assert_false(mcp_script_set_number(script, NULL, "x..y", 1, &error));
    g_assert_error(error, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_SYNTAX);
    g_assert_true(mcp_script_is_declared(script, NULL, "list"));
    g_assert_false(mcp_script_is_declared(script, "dialog", "list"));
    mcp_script_remove(script, "application", "list");
    g_assert_false(mcp_script_is_declared(script, NULL, "list"));
    g_assert_true(mcp_script_is_name("a$_9"));
    g_assert_false(mcp_script_is_name("9a"));
    g_assert_false(mcp_script_is_name("if"));
    g_assert_false(mcp_script_is_name("session"));
}

static void
test_items(void)
{
    g_autoptr(McpScript) script = new_session(NULL);
    g_autoptr(McpScriptCode) code = code_of(MCP_SCRIPT_EXPRESSION, "[{n: 1}, {n: 2}]");
    g_autoptr(McpScriptCode) none = code_of(MCP_SCRIPT_EXPRESSION, "({length: 3})");
    g_autoptr(GError) error = NULL;
    g_autoptr(McpScriptItems) items = mcp_script_eval_items(script, code, &error);

    g_assert_no_error(error);
    g_assert_cmpuint(mcp_script_items_length(items), ==, 2);
    g_assert_true(mcp_script_items_store(items, 1, "item", &error));
    assert_eval(script, "item.n", "2");
    g_assert_null(mcp_script_eval_items(script, none, &error));
    g_assert_error(error, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_TYPE);
}

static void
test_transfer(void)
{
    g_autoptr(McpScript) from = new_session(NULL);
    g_autoptr(McpScript) to = new_session(NULL);
    g_autoptr(McpScriptCode) plain =
        code_of(MCP_SCRIPT_EXPRESSION, "(function () { var o = {a: [1, undefined, NaN]};"
                                       " o.self = o; return o; })()");
    g_autoptr(McpScriptCode) with_function =
        code_of(MCP_SCRIPT_EXPRESSION, "({a: 1, f: function () {}})");
    g_autoptr(GError) error = NULL;
    g_autoptr(McpScriptData) one = mcp_script_export(from, plain, &error);
    g_autoptr(McpScriptData) two = mcp_script_export(from, with_function, &error);

    g_assert_no_error(error);
    g_assert_true(mcp_script_import(to, NULL, "one", one, &error));
    g_assert_true(mcp_script_import(to, "document", "two", two, &error));
    assert_eval(to, "one.self === one && one.a.length + String(one.a[2])", "3NaN");
    assert_eval(to, "document.two.a + typeof two.f", "1undefined");
}

static char *
join_arguments(guint n, const char *const *arguments, gpointer data, GError **error)
{
    if (n == 0) {
        g_set_error_literal(error, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_OTHER, "nothing to join");
        return NULL;
    }
    return g_strconcat(data, arguments[0], n > 1 ? arguments[1] : NULL, NULL);
}

static void
test_host(void)
{
    g_autoptr(McpScript) script = new_session(NULL);
    g_autoptr(GError) error = NULL;

    g_assert_true(mcp_script_add_function(script, "join", join_arguments, (gpointer) ":", &error));
    assert_eval(script, "join('a', 5)", ":a5");
    assert_eval(script, "join()", "!TYPE");
}

static gpointer
use_elsewhere(gpointer data)
{
    McpScript *script = data;

    mcp_script_adopt_thread(script);
    assert_eval(script, "x * 2", "10");
    return NULL;
}

static void
test_thread(void)
{
    g_autoptr(McpScript) script = new_session(NULL);

    declare_ok(script, "x", "5");
    g_thread_join(g_thread_new("pool", use_elsewhere, script));
    mcp_script_adopt_thread(script);
    assert_eval(script, "x", "5");
}

static void
test_alias(void)
{
    g_autoptr(McpScript) script = mcp_script_new(NULL);

    assert_eval(script, "1", "!REFERENCE");
    push(script, "session");
    push(script, "document");
    mcp_script_alias_scope(script, "application");
    declare_ok(script, "x", "1");
    declare_ok(script, "x", NULL);
    assert_eval(script, "document.x + application.x", "2");
    g_test_message("%s", mcp_script_engine_version());
    g_assert_true(g_str_has_prefix(mcp_script_engine_version(), "QuickJS 20"));
}

/* Engines are copies of one: nothing that one does is seen in another, whenever that was made. */
static void
test_copies(void)
{
    enum { SESSIONS = 20 };
    g_autoptr(GHashTable) series = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_script_unref);

    for (guint i = 0; i < SESSIONS; i++) {
        McpScript *script = new_session(NULL);

        g_ptr_array_add(all, script);
        assert_eval(script, "typeof Array.prototype.mine + typeof Math.mine", "undefinedundefined");
        run_ok(script, "Array.prototype.mine = Math.mine = {}; String = 5; delete globalThis.Map;"
                       "var all = [];"
                       "for (var i = 0; i < 2000; i++) all.push({a: {b: [i]}, c: /x/});"
                       "all.push(all); all = null;"
                       "for (i = 0; i < 3000; i++) all = {next: {of: all}, data: 'x' + i};");
        g_hash_table_add(series, eval_text(script, "'' + Math.random() + Math.random()"));
    }
    g_assert_cmpuint(g_hash_table_size(series), ==, SESSIONS);
    g_ptr_array_remove_range(all, 0, SESSIONS / 2);
    for (guint i = 0; i < all->len; i++) {
        assert_eval(all->pdata[i], "all.data + all.next.of.data + typeof String",
                    "x2999x2998number");
        assert_eval(all->pdata[i], "(function () { try { null.x } catch (e) { return e.name } })()",
                    "TypeError");
    }
}

static void
test_random(void)
{
    g_autoptr(McpScript) script = new_session(NULL);

    run_ok(script, "var low = 0, sum = 0, good = true;"
                   "for (var i = 0; i < 10000; i++) { var x = Math.random();"
                   " good = good && x >= 0 && x < 1; low += x < 0.1; sum += x; }");
    assert_eval(script, "good && low > 800 && low < 1200 && sum > 4800 && sum < 5200", "true");
    assert_eval(script, "Math.random.name + Math.random.length", "random0");
}

/* What is a text as a whole and has members, too; nobody may change it. */
static void
test_described(void)
{
    static const char *const WAY[] = {"a", "uri", NULL};
    static const char C[] = "{\"a\":{\"uri\":{\"x\":\"1\"},\"full\":\"sip:a;x=1\"}}";
    static const char D[] = "{\"a\":{\"full\":\"x\"}}";
    g_autoptr(McpScript) script = new_session(NULL);
    g_autoptr(GError) error = NULL;

    g_assert_true(mcp_script_set_described(script, "session", "c", C, WAY, "full", &error));
    assert_eval(script, "c.a.uri + c.a.uri.x + typeof c.a.full", "sip:a;x=11undefined");
    assert_eval(script, "JSON.stringify(c)", "{\"a\":{\"uri\":{\"x\":\"1\"}}}");
    assert_eval(script, "c.a.uri.x = 2, c.a.uri.x", "1");
    assert_eval(script, "c.a.uri.toString = null, '' + c.a.uri", "sip:a;x=1");
    assert_eval(script, "Object.isFrozen(c) && Object.isFrozen(c.a.uri)", "true");
    /* Without the object, or without the text, it is the value alone. */
    g_assert_true(mcp_script_set_described(script, "session", "d", D, WAY, "full", &error));
    assert_eval(script, "JSON.stringify(d)", "{\"a\":{\"full\":\"x\"}}");
    g_assert_true(
        mcp_script_set_described(script, "session", "e", "[{\"uri\":1}]", WAY, "full", &error));
    assert_eval(script, "JSON.stringify(e)", "[{\"uri\":1}]");
    g_assert_false(mcp_script_set_described(script, "session", "f", "{", WAY, "full", &error));
    g_assert_error(error, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_SYNTAX);
}

/* One name or one text is evaluated without the compiler, to what the compiler makes of it. */
static void
test_words(void)
{
    static const char *const SOURCES[] = {
        "x",         " x ",     "o",      "undefined", "NaN",       "Infinity",
        "Math",      "nope",    "dialog", "session",   "this",      "null",
        "true",      "if",      "getter", "thrower",   "'text'",    "\"te'xt\"",
        "''",        "'a\\tb'", "'a'b'",  "'open",     "'",         "'\xc3\xa9'",
        "'a' + 'b'", "x/*y*/",  "\tx",    "eval",      "arguments", "let",
    };
    g_autoptr(McpScript) script = new_session(NULL);
    g_autoptr(McpScript) bare = mcp_script_new(NULL);

    run_ok(script, "var x = 5, o = {toString: function () { return 'O'; }};"
                   "Object.defineProperty(dialog, 'getter', {get: function () { return x + 1; }});"
                   "Object.defineProperty(dialog, 'thrower', {get: function () { throw 7; }});");
    for (gsize i = 0; i < G_N_ELEMENTS(SOURCES); i++) {
        g_autofree char *compiled = g_strdup_printf("(%s)", SOURCES[i]);
        g_autofree char *wanted = eval_text(script, compiled);

        assert_eval(script, SOURCES[i], wanted);
    }
    assert_eval(script, "getter", "6");
    assert_eval(bare, "'text'", "!REFERENCE");
    assert_eval(bare, "x", "!REFERENCE");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/script/basics/template", test_template);
    g_test_add_func("/script/basics/scopes", test_scopes);
    g_test_add_func("/script/basics/undeclared", test_undeclared);
    g_test_add_func("/script/basics/read-only", test_read_only);
    g_test_add_func("/script/basics/programs", test_programs);
    g_test_add_func("/script/basics/errors", test_errors);
    g_test_add_func("/script/basics/values", test_values);
    g_test_add_func("/script/basics/paths", test_paths);
    g_test_add_func("/script/basics/items", test_items);
    g_test_add_func("/script/basics/transfer", test_transfer);
    g_test_add_func("/script/basics/host", test_host);
    g_test_add_func("/script/basics/thread", test_thread);
    g_test_add_func("/script/basics/alias", test_alias);
    g_test_add_func("/script/basics/copies", test_copies);
    g_test_add_func("/script/basics/random", test_random);
    g_test_add_func("/script/basics/described", test_described);
    g_test_add_func("/script/basics/words", test_words);
    return g_test_run();
}
