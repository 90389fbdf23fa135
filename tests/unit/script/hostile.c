/* SPDX-License-Identifier: Apache-2.0 */
/* Code made to hurt the host: each snippet ends within the limits, and the next call is served. */
#include "helper.h"

/* The limit of 100 ms, the engine's own distance between two looks at the clock, and the
 * sanitizers and neighbours of a busy machine. */
#define RUN_MAX_MS 600.0
/* One conversion of the largest integer the engine allows cannot be cut short. */
#define BIG_INT_MAX_MS 3000.0

typedef struct {
    const char *name;
    const char *source;
} Snippet;

static const Snippet SNIPPETS[] = {
    {"loop", "while (true) {}"},
    {"loop-for", "for (;;);"},
    {"loop-catch", "for (;;) { try { while (true) {} } catch (e) {} finally { continue; } }"},
    {"regex", "/^(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!')"},
    {"regex-replace", "'x'.repeat(200000).replace(/(x+x+)+y/g, '')"},
    {"regex-large", "new RegExp('(a{1,1000}){1,1000}b').test('a'.repeat(100000))"},
    {"promises", "function p() { return Promise.resolve().then(p).then(p); } p()"},
    {"promises-simple", "var q = function () { Promise.resolve().then(q); }; q()"},
    {"async", "(async function () { for (;;) await null; })()"},
    {"join", "new Array(4294967295).join('x')"},
    {"join-nested", "var a = [], i; for (i = 0; i < 30; i++) a = [a, a]; a.join()"},
    {"to-string", "String(new Array(100000000))"},
    {"sort", "[3, 2, 1].sort(function () { for (;;); })"},
    {"sort-sparse", "var a = []; a.length = 4294967295; a.sort()"},
    {"sort-random", "var a = []; for (var i = 0; i < 1e5; i++) a.push(i); for (;;)"
                    " a.sort(function () { return Math.random() - 0.5; })"},
    {"string", "var s = 'x'; for (;;) s += s"},
    {"string-repeat", "'x'.repeat(1 << 30)"},
    {"string-pad", "'x'.padStart(1e9, 'abc')"},
    {"string-replace", "var s = 'x'.repeat(1e5); s.replace(/x/g, s)"},
    {"string-split", "'x'.repeat(5e6).split('')"},
    {"string-search", "var s = 'a'.repeat(1e6); for (;;) s.indexOf('a'.repeat(5e5) + 'b')"},
    {"string-raw", "String.raw({raw: {length: 9007199254740991}})"},
    {"recursion", "(function f() { f(); })()"},
    {"recursion-getter", "var o = { get x() { return this.x; } }; o.x"},
    {"recursion-json", "var o = {}, p = o; for (var i = 0; i < 1e5; i++) p = p.x = {};"
                       " JSON.stringify(o)"},
    {"recursion-parse", "JSON.parse('['.repeat(1e6))"},
    {"recursion-source", "eval('('.repeat(1e5))"},
    {"recursion-source-not", "eval('!'.repeat(1e6) + '1')"},
    {"recursion-to-string", "var o = {}; o.toString = function () { return '' + o; }; '' + o"},
    {"recursion-regex", "new RegExp('('.repeat(1e5))"},
    {"getter-loop", "var o = { get x() { for (;;); } }; JSON.stringify(o)"},
    {"value-of-loop", "+{ valueOf: function () { for (;;); } }"},
    {"proxy", "var p = new Proxy({}, { get: function () { for (;;); } }); p.x"},
    {"proxy-chain", "var p = {}; for (var i = 0; i < 1e6; i++) p = new Proxy(p, {}); p.x"},
    {"proxy-self", "var p = new Proxy({}, {}); Object.setPrototypeOf(p, p); p.x"},
    {"proxy-keys", "var n = 0, p = new Proxy({}, { ownKeys: function () { var a = [];"
                   " for (;;) a.push('k' + n++); } }); Object.keys(p)"},
    {"proxy-length", "Array.prototype.indexOf.call(new Proxy({}, { get: function (t, k) {"
                     " return k === 'length' ? 9007199254740991 : 1; } }), 2)"},
    {"json-cycle", "var a = []; a[0] = a; for (;;) try { JSON.stringify(a); } catch (e) {}"},
    {"json-sparse", "JSON.stringify(new Array(4294967295))"},
    {"json-to-json", "JSON.stringify({ toJSON: function () { return { a: this.toJSON }; } })"},
    {"json-wide", "var a = []; for (var i = 0; i < 24; i++) a = [a, a]; JSON.stringify(a)"},
    {"holes-index-of", "new Array(4294967295).indexOf(1)"},
    {"holes-last-index-of", "new Array(4294967295).lastIndexOf(1)"},
    {"holes-includes", "new Array(4294967295).includes(1)"},
    {"holes-reverse", "new Array(4294967295).reverse()"},
    {"holes-for-each", "new Array(4294967295).forEach(function () {})"},
    {"holes-map", "new Array(4294967295).map(function () {})"},
    {"holes-filter", "new Array(4294967295).filter(function () {})"},
    {"holes-some", "new Array(4294967295).some(function () {})"},
    {"holes-every", "new Array(4294967295).every(function () {})"},
    {"holes-reduce", "new Array(4294967295).reduce(function () {}, 0)"},
    {"holes-reduce-right", "new Array(4294967295).reduceRight(function () {}, 0)"},
    {"holes-find", "new Array(4294967295).find(function () {})"},
    {"holes-fill", "new Array(4294967295).fill(0)"},
    {"holes-slice", "new Array(4294967295).slice(1)"},
    {"holes-splice", "new Array(4294967295).splice(1, 4294967290)"},
    {"holes-unshift", "new Array(4294967290).unshift(1)"},
    {"holes-shift", "new Array(4294967290).shift()"},
    {"holes-concat", "[].concat(new Array(4294967290))"},
    {"holes-copy-within", "new Array(4294967290).copyWithin(0, 1)"},
    {"holes-flat", "new Array(4294967290).flat()"},
    {"holes-flat-map", "new Array(4294967290).flatMap(function () {})"},
    {"holes-to-reversed", "new Array(4294967290).toReversed()"},
    {"holes-to-sorted", "new Array(4294967290).toSorted()"},
    {"holes-to-spliced", "new Array(4294967290).toSpliced(1, 1)"},
    {"holes-with", "new Array(4294967290).with(1, 1)"},
    {"holes-to-locale", "new Array(4294967290).toLocaleString()"},
    {"holes-join-empty", "new Array(4294967290).join('')"},
    {"holes-from", "Array.from({ length: 9007199254740991 })"},
    {"holes-spread", "[...new Array(4294967290)]"},
    {"holes-apply", "Math.max.apply(null, new Array(4294967290))"},
    {"like-index-of", "Array.prototype.indexOf.call({ length: 9007199254740991 }, 1)"},
    {"like-getter", "var n = 0; Array.prototype.indexOf.call({ get length() {"
                    " return n++ ? 9007199254740991 : 1; } }, 1)"},
    {"like-inherited", "Array.prototype.indexOf.call(Object.create({ length: 1e15 }), 1)"},
    {"like-function", "var f = function () {}; Object.defineProperty(f, 'length', { value: 1e15 });"
                      " Array.prototype.indexOf.call(f, 1)"},
    {"like-reverse", "Array.prototype.reverse.call({ length: 9007199254740991 })"},
    {"like-splice", "Array.prototype.splice.call({ length: 9007199254740991 }, 0, 1)"},
    {"like-concat", "var o = { length: 9007199254740991 }; o[Symbol.isConcatSpreadable] = true;"
                    " [].concat(o)"},
    {"like-push", "Array.prototype.push.call({ length: 9007199254740990 }, 1)"},
    {"like-sort", "Array.prototype.sort.call({ length: 9007199254740991 })"},
    {"like-at", "Array.prototype.at.call({ length: 9007199254740991 }, 5)"},
    {"length-object", "Array.prototype.indexOf.call({ length: { valueOf: function () {"
                      " return 1e15; } } }, 1)"},
    {"flat-cycle", "var a = []; a[0] = a; a.flat(Infinity)"},
    {"big-int", "var x = 2n ** 1000000n; for (;;) x = x * x % (2n ** 900000n)"},
    {"big-int-power", "2n ** 1000000000n"},
    {"big-int-string", "String(2n ** 1000000n)"},
    {"big-int-parse", "BigInt('9'.repeat(300000))"},
    {"big-int-shift", "1n << 1000000000n"},
    {"map", "var m = new Map(); for (var i = 0; ; i++) m.set(i, i)"},
    {"map-iterate", "var s = new Set([1]); s.forEach(function (v) { s.delete(v); s.add(v); })"},
    {"iterator", "Array.from({ [Symbol.iterator]: function () { return { next: function () {"
                 " return { done: false }; } }; } })"},
    {"iterator-spread", "[...(function* () { for (;;) yield 1; })()]"},
    {"generator", "var g = (function* () { yield* g; })(); g.next()"},
    {"function-arguments", "Function.apply(null, 'a'.repeat(60000).split(''))"},
    {"define-many", "var o = {}; for (var i = 0; ; i++) o['k' + i] = o"},
    {"prototype-chain", "var o = {}; for (var i = 0; i < 1e6; i++) o = Object.create(o); o.x"},
    {"bind-chain", "var f = function () {}; for (var i = 0; i < 1e6; i++) f = f.bind(null); f()"},
    {"normalize", "'\\u0344'.repeat(1e6).normalize('NFD')"},
    {"locale", "for (;;) 'x'.repeat(1e5).localeCompare('x'.repeat(1e5))"},
    {"date", "for (;;) new Date('2020-01-01' + ' '.repeat(1e5))"},
    {"uri", "for (;;) decodeURIComponent(encodeURIComponent('\\u20ac'.repeat(1e5)))"},
    {"error-stack", "Error.prepareStackTrace = function () { for (;;); }; throw new Error('x')"},
    {"error-message", "throw { toString: function () { for (;;); } }"},
    {"error-getter", "var e = new Error('x'); Object.defineProperty(e, 'message',"
                     " { get: function () { for (;;); } }); throw e"},
    {"border", "Object.setPrototypeOf(globalThis, null); x = 1"},
    {"freeze-global", "Object.freeze(globalThis)"},
    {"delete-globals",
     "for (var k of Object.getOwnPropertyNames(globalThis)) delete globalThis[k]"},
};

static gsize
resident_bytes(void)
{
    g_autofree char *text = NULL;
    gsize pages = 0;

    if (g_file_get_contents("/proc/self/statm", &text, NULL, NULL))
        pages = (gsize)g_ascii_strtoull(strchr(text, ' '), NULL, 10);
    return pages * 4096;
}

static void
test_snippet(gconstpointer data)
{
    const Snippet *snippet = data;
    McpScriptLimits limits = {.window_us = 10 * G_USEC_PER_SEC};
    gsize before = resident_bytes();
    g_autoptr(McpScript) script = new_session(&limits);
    g_autoptr(GError) error = NULL;
    double start = cpu_ms();
    double took = 0;

    run_program(script, snippet->source, &error);
    took = cpu_ms() - start;
    g_test_message("%s: %.1f ms, %zu KB heap, %zu KB more resident: %s", snippet->name, took,
                   mcp_script_memory(script) / 1024,
                   (resident_bytes() - MIN(before, resident_bytes())) / 1024,
                   error != NULL ? error->message : "ended");
    g_assert_cmpfloat(took, <,
                      g_str_has_prefix(snippet->name, "big-int") ? BIG_INT_MAX_MS : RUN_MAX_MS);
    mcp_script_set_string(script, "dialog", "after", "alive", NULL);
}

/* Whatever the page did, another session is as it should be. */
static void
test_neighbour(void)
{
    g_autoptr(McpScript) script = new_session(NULL);

    run_ok(script, "var a = [3, 1, 2]; a.sort(); var s = 'a-b'.replace('-', '+').split('+');");
    assert_eval(script, "a.join('') + s.length + 'abc'.indexOf('c') + a.indexOf(2)", "123221");
    assert_eval(script, "'a1b2'.replace(/[0-9]/g, function (d) { return '<' + d + '>'; })",
                "a<1>b<2>");
    assert_eval(script, "[1, 2, 3].map(function (x) { return x * 2; }).concat([7], 8).join()",
                "2,4,6,7,8");
    assert_eval(script, "Array.prototype.slice.call({0: 'a', length: 1}).length", "1");
    assert_eval(script, "(function () { return [].slice.call(arguments, 1).length; })(1, 2)", "1");
    assert_eval(script, "'null'.indexOf(null) + 'x'.split().length", "1");
}

/* The session's share of two seconds is used up, and given back when they are over. */
static gint64
test_now(gpointer data)
{
    return *(gint64 *)data;
}

static void
test_window(void)
{
    gint64 now = 100 * G_USEC_PER_SEC;
    McpScriptLimits limits = {.now = test_now, .now_data = &now};
    g_autoptr(McpScript) script = new_session(&limits);
    double start = cpu_ms();

    g_assert_false(mcp_script_is_heavy(script));
    for (guint i = 0; i < 5; i++)
        assert_eval(script, "(function () { for (;;); })()", "!TIMEOUT");
    g_assert_cmpfloat(cpu_ms() - start, <, 250 + RUN_MAX_MS);
    assert_eval(script, "1", "!TIMEOUT");
    g_assert_true(mcp_script_is_heavy(script));
    now += 3 * G_USEC_PER_SEC;
    assert_eval(script, "1", "1");
}

static void
test_memory_recovers(void)
{
    g_autoptr(McpScript) script = new_session(NULL);

    assert_eval(script, "(function () { var a = []; for (;;) a.push({}); })()", "!MEMORY");
    assert_eval(script,
                "(function () { for (;;) try { var a = []; for (;;) a.push([a]); }"
                " catch (e) {} })()",
                "!MEMORY");
    assert_eval(script, "1 + 1", "2");
}

/* The heap ends at each point of @source's run in turn: it is told, and the next call is served or
 * refused. */
static void
starve_at_each_point(const char *source)
{
    enum { FROM = 120 * 1024, TO = 420 * 1024, STEP = 736 };
    guint n_stopped = 0;

    for (gsize memory = FROM; memory < TO; memory += STEP) {
        McpScriptLimits limits = {.memory = memory, .window_us = 10 * G_USEC_PER_SEC};
        g_autoptr(McpScript) script = new_session(&limits);
        g_autoptr(GError) error = NULL;
        g_autoptr(GError) after = NULL;

        run_program(script, source, &error);
        if (error == NULL)
            continue;
        n_stopped++;
        g_assert_error(error, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_MEMORY);
        if (!mcp_script_set_string(script, "dialog", "after", "alive", &after))
            g_assert_error(after, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_MEMORY);
    }
    g_test_message("%u of them stopped", n_stopped);
    g_assert_cmpuint(n_stopped, >, 10);
}

static void
test_memory_amid_compiling(void)
{
    starve_at_each_point("var part = 'function f(a, b) { var c = \"x\" + a; for (;;) {"
                         " try { if (b) c++; else break; } catch (e) { return [a, /x/]; } } }';"
                         " for (var i = 0; i < 7; i++) part += part; eval(part)");
}

static void
test_memory_amid_errors(void)
{
    starve_at_each_point("var kept = []; function deep(n) { if (n > 0) return deep(n - 1);"
                         " try { null.member; } catch (e) { kept.push(e); }"
                         " try { nobody(); } catch (e) { kept.push(e); } return 1; }"
                         " for (var i = 0; i < 300; i++) deep(i % 40)");
}

/* No compiler is stopped amid its work: the session is left, and says so from then on. */
static void
test_memory_past_loan(void)
{
    McpScriptLimits limits = {.run_us = 5 * G_USEC_PER_SEC, .window_us = 10 * G_USEC_PER_SEC};
    g_autoptr(McpScript) script = new_session(&limits);
    g_autoptr(GError) error = NULL;
    g_autoptr(GError) after = NULL;
    g_autoptr(McpScriptItems) items = NULL;
    g_autoptr(McpScriptCode) array = code_of(MCP_SCRIPT_EXPRESSION, "[1, {}]");

    items = mcp_script_eval_items(script, array, NULL);
    g_assert_nonnull(items);
    run_program(script, "var s = '(function () { return 1; });'; for (;;) { s += s; eval(s); }",
                &error);
    g_assert_error(error, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_MEMORY);
    g_assert_false(mcp_script_set_string(script, "dialog", "after", "alive", &after));
    g_assert_error(after, MCP_SCRIPT_ERROR, MCP_SCRIPT_ERROR_MEMORY);
    g_assert_nonnull(strstr(after->message, "could not be stopped"));
    g_assert_false(mcp_script_is_declared(script, "dialog", "after"));
    mcp_script_remove(script, "dialog", "after");
    mcp_script_alias_scope(script, "other");
    mcp_script_pop_scope(script);
    g_assert_cmpuint(mcp_script_memory(script), >, 0);
}

/* What the host itself sets off: a conversion, a member, a setter. */
static void
test_memory_amid_host(void)
{
    static const char COMPILE[] =
        "function grow() { var s = '(function () { return 1; });'; for (;;) {"
        " s += s; eval(s); } }";
    static const char *const ENDS[] = {
        "({toString: grow})",
        "({toJSON: grow})",
        "({valueOf: grow})",
        "({get a() { grow(); }})",
        "Object.defineProperty(new Error('x'), 'message', {get: grow})",
    };

    for (gsize i = 0; i < G_N_ELEMENTS(ENDS); i++) {
        g_autoptr(McpScript) script = new_session(NULL);
        g_autofree char *source = g_strdup_printf("%s var value = %s", COMPILE, ENDS[i]);
        g_autoptr(McpScriptCode) value = code_of(MCP_SCRIPT_EXPRESSION, "value");
        g_autoptr(McpScriptCode) thrown = code_of(MCP_SCRIPT_PROGRAM, "throw value");
        g_auto(McpScriptValue) read = {.kind = MCP_SCRIPT_UNDEFINED};
        g_autofree char *text = NULL;
        double number = 0;

        run_ok(script, source);
        mcp_script_eval(script, value, &read, NULL);
        text = mcp_script_eval_string(script, value, NULL);
        mcp_script_eval_number(script, value, &number, NULL);
        mcp_script_value_clear(&read);
        mcp_script_get(script, NULL, "value.a", &read, NULL);
        g_assert_false(mcp_script_run(script, thrown, NULL));
    }
}

static void
test_memory_amid_setter(void)
{
    g_autoptr(McpScript) script = new_session(NULL);
    g_autoptr(McpScriptCode) one = code_of(MCP_SCRIPT_EXPRESSION, "1");
    g_autoptr(GError) error = NULL;

    run_ok(script, "var o = { set x(v) { var s = '(function () { return 1; });'; for (;;) {"
                   " s += s; eval(s); } } }");
    g_assert_false(mcp_script_assign(script, "o.x", one, &error));
    g_assert_nonnull(error);
}

/* Prints what a session and an expression cost; a time is no verdict. */
static void
test_cost(void)
{
    enum { SESSIONS = 200, ROUNDS = 20000 };
    g_autoptr(GPtrArray) sessions =
        g_ptr_array_new_with_free_func((GDestroyNotify)mcp_script_unref);
    g_autoptr(McpScriptCode) code = code_of(MCP_SCRIPT_EXPRESSION, "x == 1 && y != 'b'");
    g_autoptr(McpScript) script = new_session(NULL);
    gsize resident = resident_bytes();
    gboolean value = FALSE;
    double start = cpu_ms();

    for (guint i = 0; i < SESSIONS; i++)
        g_ptr_array_add(sessions, new_session(NULL));
    g_test_message("session: %.0f us, %zu KB resident", (cpu_ms() - start) * 1e3 / SESSIONS,
                   (resident_bytes() - resident) / SESSIONS / 1024);
    declare_ok(script, "x", "1");
    declare_ok(script, "y", "'a'");
    push(script, NULL);
    start = cpu_ms();
    for (guint i = 0; i < ROUNDS; i++)
        mcp_script_eval_boolean(script, code, &value, NULL);
    g_assert_true(value);
    g_test_message("expression: %.2f us", (cpu_ms() - start) * 1e3 / ROUNDS);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(SNIPPETS); i++) {
        g_autofree char *path = g_strconcat("/script/hostile/", SNIPPETS[i].name, NULL);

        g_test_add_data_func(path, &SNIPPETS[i], test_snippet);
    }
    g_test_add_func("/script/hostile/neighbour", test_neighbour);
    g_test_add_func("/script/hostile/window", test_window);
    g_test_add_func("/script/hostile/memory-recovers", test_memory_recovers);
    g_test_add_func("/script/hostile/memory-amid-compiling", test_memory_amid_compiling);
    g_test_add_func("/script/hostile/memory-amid-errors", test_memory_amid_errors);
    g_test_add_func("/script/hostile/memory-past-loan", test_memory_past_loan);
    g_test_add_func("/script/hostile/memory-amid-host", test_memory_amid_host);
    g_test_add_func("/script/hostile/memory-amid-setter", test_memory_amid_setter);
    g_test_add_func("/script/hostile/cost", test_cost);
    return g_test_run();
}
