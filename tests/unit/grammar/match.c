/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matching of keys: which state each input leads to, for every kind of expansion.
 */
#include "support.h"
#include <mcp/error.h>

typedef struct {
    const char *grammar;
    const char *digits;
    McpMatchState state;
    const char *json; /* nullable: not asked */
} Case;

#define N MCP_MATCH_NONE
#define P MCP_MATCH_PARTIAL
#define M MCP_MATCH_MORE
#define C MCP_MATCH_COMPLETE

#define DIGIT "<rule id='d'><one-of><item>1</item><item>2</item><item>3</item></one-of></rule>"
#define LOOPED \
    DTMF_WITH("", "<rule id='r'><item repeat='2-3'><ruleref uri='#d'/></item></rule>" DIGIT)
#define LEFT                                                                             \
    DTMF_WITH("", "<rule id='r'><one-of><item><ruleref uri='#r'/>1</item><item>2</item>" \
                  "</one-of></rule>")
#define RIGHT DTMF_WITH("", "<rule id='r'>1<item repeat='0-1'><ruleref uri='#r'/></item></rule>")
#define CIRCLE                                                                          \
    DTMF_WITH("", "<rule id='r'><one-of><item><ruleref uri='#s'/></item><item>1</item>" \
                  "</one-of></rule><rule id='s'><ruleref uri='#r'/></rule>")

static const Case cases[] = {
    {DTMF("1 2 3"), "1", P, NULL},
    {DTMF("1 2 3"), "12", P, NULL},
    {DTMF("1 2 3"), "123", C, "\"123\""},
    {DTMF("1 2 3"), "124", N, NULL},
    {DTMF("1 2 3"), "1234", N, NULL},
    {DTMF("123"), "123", C, "\"123\""},
    {DTMF("* # a"), "*#A", C, NULL},
    {DTMF("star pound D"), "*#d", C, NULL},
    {DTMF("<token>1</token> \"2\""), "12", C, NULL},
    {DTMF("1"), "z", N, NULL},
    {DTMF("<one-of><item>1</item><item>1 2</item></one-of>"), "1", M, NULL},
    {DTMF("<one-of><item>1</item><item>1 2</item></one-of>"), "12", C, NULL},
    {DTMF("<item repeat='0-1'>1</item>2"), "2", C, NULL},
    {DTMF("<item repeat='0-1'>1</item>2"), "12", C, NULL},
    {DTMF("<item repeat='3'>1</item>"), "11", P, NULL},
    {DTMF("<item repeat='3'>1</item>"), "111", C, NULL},
    {DTMF("<item repeat='3'>1</item>"), "1111", N, NULL},
    {DTMF("<item repeat='2-'>1</item>"), "1", P, NULL},
    {DTMF("<item repeat='2-'>1</item>"), "11", M, NULL},
    {DTMF("<item repeat='2-'>1</item>"), "1111111111", M, NULL},
    {DTMF("<item repeat='0'>1</item>2"), "1", N, NULL},
    {DTMF("<item repeat='0'>1</item>2"), "2", C, NULL},
    {DTMF("<item repeat='2'><item repeat='2-3'>1</item>2</item>"), "112", P, NULL},
    {DTMF("<item repeat='2'><item repeat='2-3'>1</item>2</item>"), "1121112", C, NULL},
    {DTMF("<item repeat='2'><item repeat='2-3'>1</item>2</item>"), "1112112", C, NULL},
    {DTMF("<item repeat='2'><item repeat='2-3'>1</item>2</item>"), "11121", P, NULL},
    {LOOPED, "1", P, NULL},
    {LOOPED, "12", M, NULL},
    {LOOPED, "123", C, NULL},
    {LEFT, "2", M, NULL},
    {LEFT, "2111111111", M, "\"2111111111\""},
    {RIGHT, "111", M, "\"111\""},
    {CIRCLE, "1", C, "\"1\""},
    {DTMF("<item repeat='0-'><item repeat='0-'/></item>1"), "1", C, "\"1\""},
    {DTMF("<item repeat='3-'><item repeat='0-1'>1</item></item>2"), "2", C, "\"2\""},
    {DTMF("<item repeat='60000'><item repeat='0-1'>1</item></item>2"), "112", C, "\"112\""},
    {DTMF("1<ruleref special='NULL'/>2"), "12", C, NULL},
    {DTMF("1<ruleref special='VOID'/>"), "1", N, NULL},
    {DTMF("<one-of><item>1<ruleref special='VOID'/></item><item>1</item></one-of>"), "1", C, NULL},
    {DTMF("1<ruleref special='GARBAGE'/>2"), "1", P, NULL},
    {DTMF("1<ruleref special='GARBAGE'/>2"), "19992", M, NULL},
    {DTMF("1<ruleref special='GARBAGE'/>2"), "12", M, NULL},
};

static void
test_cases(Fixture *f, gconstpointer data)
{
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        McpGrammar *grammar = compile_text(f, cases[i].grammar, &error);
        g_autofree char *json = NULL;
        McpMatchState state;

        g_assert_no_error(error);
        state = match(f, grammar, cases[i].digits, &json, &error);
        if (state != cases[i].state)
            g_error("%s with %s: state %d", cases[i].grammar, cases[i].digits, (int)state);
        g_assert_no_error(error);
        if (cases[i].json != NULL)
            g_assert_cmpstr(json, ==, cases[i].json);
        mcp_grammar_unref(f->engine, grammar);
    }
}

/* The first grammar given that matches has the result; one that goes on keeps the state open. */
static void
test_several(Fixture *f, gconstpointer data)
{
    McpGrammar *grammars[4] = {compile_text(f, DTMF("1 2"), NULL), compile_text(f, DTMF("1"), NULL),
                               compile_text(f, DTMF("<item repeat='1-'>1</item>"), NULL),
                               compile_uri(f, "builtin:grammar/boolean", NULL)};
    McpDtmfMatcher *matcher = mcp_grammar_matcher_new(f->engine, grammars, 4);
    g_autoptr(McpGrammarResult) first = NULL;
    g_autoptr(McpGrammarResult) second = NULL;

    g_assert_cmpint(mcp_grammar_matcher_feed(f->engine, matcher, '1'), ==, MCP_MATCH_MORE);
    first = mcp_grammar_matcher_result(f->engine, matcher, NULL);
    g_assert_cmpuint(first->index, ==, 1);
    g_assert_cmpstr(first->utterance, ==, "1");
    g_assert_cmpint(mcp_grammar_matcher_feed(f->engine, matcher, '2'), ==, MCP_MATCH_COMPLETE);
    second = mcp_grammar_matcher_result(f->engine, matcher, NULL);
    g_assert_cmpuint(second->index, ==, 0);
    g_assert_cmpstr(second->utterance, ==, "1 2");
    g_assert_cmpint(mcp_grammar_matcher_feed(f->engine, matcher, '2'), ==, MCP_MATCH_NONE);
    g_assert_null(mcp_grammar_matcher_result(f->engine, matcher, NULL));
    mcp_grammar_matcher_free(f->engine, matcher);
    for (guint i = 0; i < 4; i++)
        mcp_grammar_unref(f->engine, grammars[i]);
}

static void
test_no_root(Fixture *f, gconstpointer data)
{
    const char *text = "<grammar xmlns='http://www.w3.org/2001/06/grammar' version='1.0'"
                       " mode='dtmf'><rule id='a' scope='public'>1</rule>"
                       "<rule id='b' scope='public'>2</rule><rule id='c'>3</rule></grammar>";
    McpGrammar *grammar = compile_text(f, text, NULL);

    g_assert_cmpint(match(f, grammar, "1", NULL, NULL), ==, MCP_MATCH_COMPLETE);
    g_assert_cmpint(match(f, grammar, "2", NULL, NULL), ==, MCP_MATCH_COMPLETE);
    g_assert_cmpint(match(f, grammar, "3", NULL, NULL), ==, MCP_MATCH_NONE);
    mcp_grammar_unref(f->engine, grammar);
}

static void
test_shared(Fixture *f, gconstpointer data)
{
    McpGrammar *first = compile_text(f, DTMF("1"), NULL);
    McpGrammar *again = compile_text(f, DTMF("1"), NULL);
    McpGrammar *other = compile_text(f, DTMF("2"), NULL);

    g_assert_true(first == again);
    g_assert_true(first != other);
    g_assert_cmpint(mcp_grammar_get_mode(f->engine, first), ==, MCP_GRAMMAR_DTMF);
    mcp_grammar_unref(f->engine, first);
    mcp_grammar_unref(f->engine, again);
    mcp_grammar_unref(f->engine, other);
}

#define ADD(name, func) \
    g_test_add("/grammar/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("cases", test_cases);
    ADD("several", test_several);
    ADD("no-root", test_no_root);
    ADD("shared", test_shared);
    return g_test_run();
}
