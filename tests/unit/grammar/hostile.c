/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grammars made to take time, memory or stack: each ends in a result or an error within bounds. The
 * tests' deadline is that of the test program.
 */
#include "support.h"
#include <mcp/error.h>

static GString *
begin(void)
{
    return g_string_new("<grammar xmlns='http://www.w3.org/2001/06/grammar' version='1.0'"
                        " mode='dtmf' root='r'>");
}

static McpGrammar *
compile(Fixture *f, GString *text, GError **error)
{
    McpGrammar *grammar;

    g_string_append(text, "</grammar>");
    grammar = compile_text(f, text->str, error);
    g_string_free(text, TRUE);
    return grammar;
}

/* Each digit has as many meanings as there are ways to cut the input. */
static void
test_ambiguous(Fixture *f, gconstpointer data)
{
    GString *text = begin();
    g_autoptr(GError) error = NULL;
    g_autofree char *json = NULL;
    g_autofree char *digits = g_strnfill(120, '1');
    McpGrammar *grammar;

    g_string_append(text, "<rule id='r'><one-of><item>1</item><item><ruleref uri='#r'/>"
                          "<ruleref uri='#r'/></item><item><ruleref uri='#r'/>"
                          "<ruleref uri='#r'/><ruleref uri='#r'/></item></one-of></rule>");
    grammar = compile(f, text, &error);
    g_assert_no_error(error);
    g_assert_cmpint(match(f, grammar, digits, &json, &error), ==, MCP_MATCH_MORE);
    g_assert_no_error(error);
    g_assert_nonnull(json);
    mcp_grammar_unref(f->engine, grammar);
}

static McpMatchState
match_nested(Fixture *f, guint depth, char **out_json)
{
    GString *text = begin();
    g_autoptr(GError) error = NULL;
    g_autofree char *digits = g_strnfill(100, '1');
    McpGrammar *grammar;
    McpMatchState state;

    g_string_append(text, "<rule id='r'>");
    for (guint i = 0; i < depth; i++)
        g_string_append(text, "<item repeat='1-1000000'>");
    g_string_append(text, "<item repeat='0-'>1</item>");
    for (guint i = 0; i < depth; i++)
        g_string_append(text, "</item>");
    g_string_append(text, "</rule>");
    grammar = compile(f, text, &error);
    g_assert_no_error(error);
    state = match(f, grammar, digits, out_json, &error);
    g_assert_no_error(error);
    mcp_grammar_unref(f->engine, grammar);
    return state;
}

/* Beyond the bound of what is followed at once nothing matches any more. */
static void
test_nested_repeats(Fixture *f, gconstpointer data)
{
    g_autofree char *json = NULL;

    g_assert_cmpint(match_nested(f, 20, &json), ==, MCP_MATCH_MORE);
    g_assert_nonnull(json);
    g_assert_cmpint(match_nested(f, 150, NULL), ==, MCP_MATCH_NONE);
}

/* The empty input has 2^40 tags. */
static void
test_tags(Fixture *f, gconstpointer data)
{
    GString *text = begin();
    g_autoptr(GError) error = NULL;
    g_autofree char *json = NULL;
    McpGrammar *grammar;

    g_string_append(text, "<rule id='r'>1<ruleref uri='#a0'/></rule>");
    for (guint i = 0; i < 40; i++)
        g_string_append_printf(text,
                               "<rule id='a%u'><ruleref uri='#a%u'/><ruleref uri='#a%u'/></rule>",
                               i, i + 1, i + 1);
    g_string_append(text, "<rule id='a40'><tag>x</tag></rule>");
    grammar = compile(f, text, &error);
    g_assert_no_error(error);
    g_assert_cmpint(match(f, grammar, "1", &json, &error), ==, MCP_MATCH_COMPLETE);
    g_assert_null(json);
    g_assert_error(error, MCP_ERROR, MCP_ERROR_LIMIT);
    mcp_grammar_unref(f->engine, grammar);
}

static void
test_many_rules(Fixture *f, gconstpointer data)
{
    GString *text = begin();
    g_autoptr(GError) error = NULL;
    McpGrammar *grammar;

    g_string_append(text, "<rule id='r'><ruleref uri='#x0'/></rule>");
    for (guint i = 0; i < 30000; i++)
        g_string_append_printf(text, "<rule id='x%u'><ruleref uri='#x%u'/></rule>", i, i + 1);
    g_string_append(text, "<rule id='x30000'>1</rule>");
    grammar = compile(f, text, &error);
    g_assert_no_error(error);
    g_assert_cmpint(match(f, grammar, "1", NULL, NULL), ==, MCP_MATCH_COMPLETE);
    mcp_grammar_unref(f->engine, grammar);
}

/* The chain is deeper than a parse may be: the match is seen, its result is an error. */
static void
test_deep_chain(Fixture *f, gconstpointer data)
{
    GString *text = begin();
    g_autoptr(GError) error = NULL;
    g_autofree char *json = NULL;
    McpGrammar *grammar;

    g_string_append(text, "<rule id='r'><ruleref uri='#x0'/></rule>");
    for (guint i = 0; i < 5000; i++)
        g_string_append_printf(text, "<rule id='x%u'><ruleref uri='#x%u'/></rule>", i, i + 1);
    g_string_append(text, "<rule id='x5000'>1</rule>");
    grammar = compile(f, text, &error);
    g_assert_cmpint(match(f, grammar, "1", &json, &error), ==, MCP_MATCH_COMPLETE);
    g_assert_error(error, MCP_ERROR, MCP_ERROR_LIMIT);
    mcp_grammar_unref(f->engine, grammar);
}

static void
test_million_rules(Fixture *f, gconstpointer data)
{
    GString *text = begin();
    g_autoptr(GError) error = NULL;

    for (guint i = 0; i < 1000000; i++)
        g_string_append_printf(text, "<rule id='x%u'>1</rule>", i);
    g_assert_null(compile(f, text, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_LIMIT);
}

static void
test_depth(Fixture *f, gconstpointer data)
{
    GString *text = begin();
    g_autoptr(GError) error = NULL;

    g_string_append(text, "<rule id='r'>");
    for (guint i = 0; i < 100000; i++)
        g_string_append(text, "<item>");
    g_assert_null(compile(f, text, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_LIMIT);
}

static void
test_wide(Fixture *f, gconstpointer data)
{
    GString *text = begin();
    g_autoptr(GError) error = NULL;
    McpGrammar *grammar;

    g_string_append(text, "<rule id='r'><one-of>");
    for (guint i = 0; i < 60000; i++)
        g_string_append_printf(text, "<item>%05u</item>", i);
    g_string_append(text, "</one-of></rule>");
    grammar = compile(f, text, &error);
    g_assert_no_error(error);
    g_assert_cmpint(match(f, grammar, "12345", NULL, NULL), ==, MCP_MATCH_COMPLETE);
    g_assert_cmpint(match(f, grammar, "1234", NULL, NULL), ==, MCP_MATCH_PARTIAL);
    g_assert_cmpint(match(f, grammar, "99999", NULL, NULL), ==, MCP_MATCH_NONE);
    mcp_grammar_unref(f->engine, grammar);
}

static void
test_long_input(Fixture *f, gconstpointer data)
{
    g_autofree char *digits = g_strnfill(2000, '1');
    McpGrammar *grammar = compile_text(f, DTMF("<item repeat='1-'>1</item>"), NULL);

    g_assert_cmpint(match(f, grammar, digits, NULL, NULL), ==, MCP_MATCH_NONE);
    mcp_grammar_unref(f->engine, grammar);
}

static void
test_abnf(Fixture *f, gconstpointer data)
{
    g_autofree char *deep = g_strnfill(300000, '(');
    g_autofree char *nested = g_strconcat("#ABNF 1.0;\nmode dtmf;\n$r = ", deep, NULL);
    g_autofree char *wide = g_strnfill(3000000, '1');
    g_autofree char *many = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_null(compile_text(f, nested, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_LIMIT);
    g_clear_error(&error);
    for (guint i = 1; i < 3000000; i += 2)
        wide[i] = ' ';
    many = g_strconcat("#ABNF 1.0;\nmode dtmf;\nroot $r;\n$r = ", wide, ";", NULL);
    g_assert_null(compile_text(f, many, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_LIMIT);
}

#define ADD(name, func) \
    g_test_add("/grammar/hostile/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("ambiguous", test_ambiguous);
    ADD("nested-repeats", test_nested_repeats);
    ADD("tags", test_tags);
    ADD("many-rules", test_many_rules);
    ADD("deep-chain", test_deep_chain);
    ADD("million-rules", test_million_rules);
    ADD("depth", test_depth);
    ADD("wide", test_wide);
    ADD("long-input", test_long_input);
    ADD("abnf", test_abnf);
    return g_test_run();
}
