/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grammars as networks of words: that they take the same sentences, and what cannot be written out.
 */
#include "support.h"
#include <mcp/error.h>
#include <string.h>

#define RULES(rules)                                                                  \
    "<grammar xmlns='http://www.w3.org/2001/06/grammar' version='1.0' xml:lang='en' " \
    "root='r'>" rules "</grammar>"
#define VOICE(body) RULES("<rule id='r' scope='public'>" body "</rule>")

#define MAX_STATES 2000

typedef struct {
    const char *text;
    const char *taken[4];
    const char *refused[4];
} Case;

static const Case cases[] = {
    {VOICE("yes"), {"yes"}, {"", "no", "yes yes"}},
    {VOICE("New York"), {"New York"}, {"New", "new york"}},
    {VOICE("<one-of><item>a b</item><item>c</item></one-of> d"), {"a b d", "c d"}, {"a d", "c"}},
    {VOICE("<item repeat='0-1'>please</item> go"), {"go", "please go"}, {"please please go"}},
    {VOICE("<item repeat='2-3'>ha</item>"), {"ha ha", "ha ha ha"}, {"ha", "ha ha ha ha"}},
    {VOICE("<item repeat='2-'>ha</item> end"), {"ha ha end", "ha ha ha ha end"}, {"ha end"}},
    {VOICE("<item repeat='0-'>ha</item>"), {"", "ha", "ha ha ha"}, {"he"}},
    {VOICE("<item repeat='0-2'><item repeat='1-'>x</item> y</item>"),
     {"", "x y", "x x y x y"},
     {"y", "x", "x y x y x y"}},
    {VOICE("<item repeat='1-'><item repeat='0-1'>x</item></item>"), {"", "x x"}, {"y"}},
    {VOICE("a <ruleref special='NULL'/> b"), {"a b"}, {"a"}},
    {VOICE("<one-of><item>a <ruleref special='VOID'/></item><item>b</item></one-of>"),
     {"b"},
     {"a", ""}},
    {VOICE("<ruleref special='GARBAGE'/> pizza <tag>x</tag>"),
     {"pizza", "i want pizza"},
     {"", "i want"}},
    {RULES("<rule id='r'><ruleref uri='#d'/> to <ruleref uri='#d'/></rule>"
           "<rule id='d'><one-of><item>x</item><item>y z</item></one-of></rule>"),
     {"x to x", "y z to x"},
     {"x to", "to", "x y z"}},
};

/* The states that can be reached without a word. */
static void
close_over(const McpFsg *fsg, gboolean *states)
{
    gboolean more = TRUE;

    while (more) {
        more = FALSE;
        for (guint i = 0; i < fsg->n_arcs; i++) {
            const McpFsgArc *arc = &fsg->arcs[i];

            if (arc->word != NULL || !states[arc->from] || states[arc->to])
                continue;
            states[arc->to] = TRUE;
            more = TRUE;
        }
    }
}

static gboolean
takes(const McpFsg *fsg, const char *sentence)
{
    g_auto(GStrv) words = g_strsplit(sentence, " ", -1);
    g_autofree gboolean *states = g_new0(gboolean, fsg->n_states);

    states[fsg->start] = TRUE;
    close_over(fsg, states);
    for (guint i = 0; words[i] != NULL; i++) {
        g_autofree gboolean *next = g_new0(gboolean, fsg->n_states);

        for (guint j = 0; j < fsg->n_arcs; j++) {
            const McpFsgArc *arc = &fsg->arcs[j];

            if (arc->word != NULL && states[arc->from] &&
                (g_str_equal(arc->word, words[i]) || g_str_equal(arc->word, MCP_FSG_GARBAGE)))
                next[arc->to] = TRUE;
        }
        memcpy(states, next, fsg->n_states * sizeof(gboolean));
        close_over(fsg, states);
    }
    return states[fsg->final];
}

static McpFsg *
write_out(Fixture *f, const char *text, guint max_states, GError **error)
{
    g_autoptr(GError) fault = NULL;
    McpGrammar *grammar = compile_text(f, text, &fault);
    McpFsg *fsg;

    g_assert_no_error(fault);
    fsg = mcp_grammar_to_fsg(f->engine, grammar, max_states, error);
    mcp_grammar_unref(f->engine, grammar);
    return fsg;
}

static void
test_sentences(Fixture *f, gconstpointer data)
{
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(McpFsg) fsg = write_out(f, cases[i].text, MAX_STATES, &error);

        g_assert_no_error(error);
        g_test_message("%s: %u states, %u arcs", cases[i].text, fsg->n_states, fsg->n_arcs);
        for (guint j = 0; cases[i].taken[j] != NULL; j++)
            g_assert_true(takes(fsg, cases[i].taken[j]));
        for (guint j = 0; cases[i].refused[j] != NULL; j++)
            g_assert_false(takes(fsg, cases[i].refused[j]));
    }
}

static void
test_builtin(Fixture *f, gconstpointer data)
{
    McpGrammar *grammar = compile_uri(f, "builtin:grammar/number", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(McpFsg) fsg = mcp_grammar_to_fsg(f->engine, grammar, MAX_STATES, &error);

    g_assert_no_error(error);
    g_test_message("number: %u states, %u arcs", fsg->n_states, fsg->n_arcs);
    g_assert_true(takes(fsg, "two thousand three hundred forty five"));
    g_assert_false(takes(fsg, "hundred hundred"));
    mcp_grammar_unref(f->engine, grammar);
}

/* SRGS 1.0 §2.4.1: an alternative carries its weight, all else 1. */
static void
test_weights(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpFsg) fsg =
        write_out(f,
                  VOICE("<one-of><item weight='2.5'>a</item><item>b</item><item weight='0.5'>c"
                        "</item></one-of> <item weight='7'>d</item>"),
                  MAX_STATES, &error);
    guint found = 0;
    double product = 1;

    g_assert_no_error(error);
    for (guint i = 0; i < fsg->n_arcs; i++) {
        g_assert_true(fsg->arcs[i].word == NULL || fsg->arcs[i].weight == 1);
        found += fsg->arcs[i].weight != 1 ? 1 : 0;
        product *= fsg->arcs[i].weight;
    }
    g_assert_cmpuint(found, ==, 2);
    g_assert_cmpfloat(product, ==, 1.25);
}

static void
expect_fault(Fixture *f, const char *text, McpError code, const char *part)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(write_out(f, text, MAX_STATES, &error));
    g_assert_error(error, MCP_ERROR, (int)code);
    if (strstr(error->message, part) == NULL)
        g_error("'%s' lacks '%s'", error->message, part);
}

/* Rules of which each refers to the next one twice. */
static char *
doubling_rules(guint n)
{
    GString *text = g_string_new("<grammar xmlns='http://www.w3.org/2001/06/grammar' "
                                 "version='1.0' xml:lang='en' root='r0'>");

    for (guint i = 0; i < n; i++)
        g_string_append_printf(text,
                               "<rule id='r%u'><one-of><item><ruleref uri='#r%u'/></item><item>"
                               "<ruleref uri='#r%u'/></item></one-of></rule>",
                               i, i + 1, i + 1);
    g_string_append_printf(text, "<rule id='r%u'>x</rule></grammar>", n);
    return g_string_free(text, FALSE);
}

static void
test_faults(Fixture *f, gconstpointer data)
{
    g_autofree char *wide = doubling_rules(40);
    g_autofree char *deep = doubling_rules(400);

    expect_fault(f,
                 RULES("<rule id='r'>a <ruleref uri='#again'/></rule><rule id='again'>"
                       "b <item repeat='0-1'><ruleref uri='#again'/></item></rule>"),
                 MCP_ERROR_UNSUPPORTED, "'again'");
    expect_fault(f, DTMF("1"), MCP_ERROR_UNSUPPORTED, "dtmf");
    expect_fault(f, VOICE("<item repeat='50000'>ha</item>"), MCP_ERROR_LIMIT, "2000");
    expect_fault(f, wide, MCP_ERROR_LIMIT, "2000");
    expect_fault(f, deep, MCP_ERROR_LIMIT, "deep");
}

#define ADD(name, func) \
    g_test_add("/grammar/fsg/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("sentences", test_sentences);
    ADD("builtin", test_builtin);
    ADD("weights", test_weights);
    ADD("faults", test_faults);
    return g_test_run();
}
