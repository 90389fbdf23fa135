/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tags make of an input: scripts, literals, the drafts' notation, defaults, and limits.
 */
#include "support.h"
#include <mcp/error.h>
#include <string.h>

#define SCRIPT(rules) DTMF_WITH("tag-format='semantics/1.0'", rules)
#define LITERALS(rules) DTMF_WITH("tag-format='semantics/1.0-literals'", rules)
#define OLD(rules) DTMF_WITH("", rules)
#define ROOT(body) "<rule id='r'>" body "</rule>"

typedef struct {
    const char *grammar;
    const char *digits;
    const char *json;
} Case;

static const Case cases[] = {
    {SCRIPT(ROOT("1<tag>out = 'one';</tag>")), "1", "\"one\""},
    {SCRIPT(ROOT("1<tag>out.a = 1; out.b = ['x', true, null];</tag>")), "1",
     "{\"a\":1,\"b\":[\"x\",true,null]}"},
    {SCRIPT(ROOT("1<tag>var n = 20 + 1; out = n * 2</tag>")), "1", "42"},
    {SCRIPT(ROOT("1<tag>out = undefined</tag>")), "1", "null"},
    {SCRIPT(ROOT("1<tag>;</tag>")), "1", "{}"},
    {SCRIPT(ROOT("1 2")), "12", "\"12\""},
    {SCRIPT(ROOT("<one-of><item>1<tag>out='a'</tag></item><item>2<tag>out='b'</tag></item>"
                 "</one-of>")),
     "2", "\"b\""},
    {SCRIPT(ROOT("<ruleref uri='#d'/><tag>out.first = rules.d</tag><ruleref uri='#d'/>"
                 "<tag>out.second = rules.latest()</tag>") "<rule id='d'><one-of>"
                                                           "<item>1<tag>out='one'</tag></"
                                                           "item><item>2<tag>out='two'</tag></"
                                                           "item></one-of>"
                                                           "</rule>"),
     "12", "{\"first\":\"one\",\"second\":\"two\"}"},
    {SCRIPT(ROOT("<tag>out=''</tag><item repeat='1-4'><ruleref uri='#d'/>"
                 "<tag>out = rules.d + out</tag></item>") "<rule id='d'><one-of><item>1</item>"
                                                          "<item>2</item></one-of></rule>"),
     "1221", "\"1221\""},
    {SCRIPT(ROOT("<ruleref uri='#d'/><tag>out = meta.d.text + meta.current().text.length"
                 "</tag>") "<rule id='d'>1 2</rule>"),
     "12", "\"122\""},
    {SCRIPT(ROOT("<ruleref uri='#d'/>") "<rule id='d'>1<tag>out.x='y'</tag></rule>"), "1",
     "{\"x\":\"y\"}"},
    {SCRIPT("<tag>var base = 40; function plus(n) { return base + n; }</tag>" ROOT(
         "2<tag>out = plus(2)</tag>")),
     "2", "42"},
    {LITERALS(ROOT("1<tag>out = 1;</tag>")), "1", "\"out = 1;\""},
    {LITERALS(ROOT("<one-of><item>1<tag>sales \"x\"</tag></item></one-of>")), "1",
     "\"sales \\\"x\\\"\""},
    {LITERALS(ROOT("<ruleref uri='#d'/>") "<rule id='d'>1<tag>deep</tag></rule>"), "1", "\"deep\""},
    {OLD(ROOT("1<tag>coke</tag>")), "1", "\"coke\""},
    {OLD(ROOT("1<tag>$ = 'coke'</tag>")), "1", "\"coke\""},
    {OLD(ROOT("1<tag>$.drink = 'coke'</tag>")), "1", "{\"drink\":\"coke\"}"},
    {OLD(ROOT("<ruleref uri='#d'/><tag>$.size = $d; $.also = $$</tag>") "<rule id='d'>1<tag>$='big'"
                                                                        "</tag></rule>"),
     "1", "{\"size\":\"big\",\"also\":\"big\"}"},
    {OLD(ROOT("1<tag>out.drink='tea'</tag>")), "1", "{\"drink\":\"tea\"}"},
    {OLD(ROOT("1<tag>out = {a: 1}</tag>")), "1", "{\"a\":1}"},
};

static void
test_cases(Fixture *f, gconstpointer data)
{
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        McpGrammar *grammar = compile_text(f, cases[i].grammar, &error);
        g_autofree char *json = NULL;

        g_assert_no_error(error);
        match(f, grammar, cases[i].digits, &json, &error);
        if (error != NULL || g_strcmp0(json, cases[i].json) != 0)
            g_error("%s with %s: %s %s", cases[i].grammar, cases[i].digits, json,
                    error != NULL ? error->message : "");
        mcp_grammar_unref(f->engine, grammar);
    }
}

static void
test_failures(Fixture *f, gconstpointer data)
{
    static const struct {
        const char *grammar;
        McpError code;
    } bad[] = {
        {SCRIPT(ROOT("1<tag>out = </tag>")), MCP_ERROR_INVALID},
        {SCRIPT(ROOT("1<tag>out = nowhere.x</tag>")), MCP_ERROR_INVALID},
        {SCRIPT(ROOT("1<tag>throw 'x'</tag>")), MCP_ERROR_INVALID},
        {SCRIPT(ROOT("1<tag>while (true) ;</tag>")), MCP_ERROR_LIMIT},
        {SCRIPT(ROOT("1<tag>var a = []; while (true) a.push(new Array(9999).fill(1));</tag>")),
         MCP_ERROR_LIMIT},
        {SCRIPT("<tag>while (true) ;</tag>" ROOT("1<tag>out = 1</tag>")), MCP_ERROR_LIMIT},
        {SCRIPT(ROOT("1<tag>out = {}; out.self = out</tag>")), MCP_ERROR_INVALID},
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        McpGrammar *grammar = compile_text(f, bad[i].grammar, NULL);
        g_autofree char *json = NULL;

        match(f, grammar, "1", &json, &error);
        if (json != NULL)
            g_error("%s gives %s", bad[i].grammar, json);
        g_assert_error(error, MCP_ERROR, (int)bad[i].code);
        mcp_grammar_unref(f->engine, grammar);
    }
}

/* What one grammar does to the engine's own objects must not reach the next. */
static void
test_apart(Fixture *f, gconstpointer data)
{
    McpGrammar *evil =
        compile_text(f,
                     SCRIPT(ROOT("1<tag>JSON.stringify = function () { return '\"stolen\"'; };"
                                 "Object.prototype.x = 'stolen'; out = 1</tag>")),
                     NULL);
    McpGrammar *good =
        compile_text(f, SCRIPT(ROOT("1<tag>out = ({}).x === undefined</tag>")), NULL);
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;

    match(f, evil, "1", &first, NULL);
    match(f, good, "1", &second, NULL);
    g_assert_cmpstr(second, ==, "true");
    mcp_grammar_unref(f->engine, evil);
    mcp_grammar_unref(f->engine, good);
}

#define ADD(name, func) \
    g_test_add("/grammar/sisr/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("cases", test_cases);
    ADD("failures", test_failures);
    ADD("apart", test_apart);
    return g_test_run();
}
