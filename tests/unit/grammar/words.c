/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words of a recognizer against grammars: the spoken builtin ones of VoiceXML 2.0 Appendix P, and
 * what recognizers write otherwise than a grammar does.
 */
#include "support.h"
#include <mcp/error.h>
#include <string.h>

#define VOICE(body)                                                                            \
    "<grammar xmlns='http://www.w3.org/2001/06/grammar' version='1.0' xml:lang='en' root='r' " \
    "tag-format='semantics/1.0'><rule id='r' scope='public'>" body "</rule></grammar>"

typedef struct {
    const char *uri;
    const char *words;
    const char *json; /* NULL: does not match */
} Case;

static const Case cases[] = {
    {"builtin:grammar/boolean", "yes", "true"},
    {"builtin:grammar/boolean", "yeah", "true"},
    {"builtin:grammar/boolean", "no thank you", "false"},
    {"builtin:grammar/boolean", "maybe", NULL},
    {"builtin:grammar/digits", "one two oh zero", "\"1200\""},
    {"builtin:grammar/digits", "4 two", "\"42\""},
    {"builtin:grammar/digits", "eleven", NULL},
    {"builtin:grammar/number", "zero", "\"0\""},
    {"builtin:grammar/number", "twenty one", "\"21\""},
    {"builtin:grammar/number", "one hundred and five", "\"105\""},
    {"builtin:grammar/number", "a hundred", "\"100\""},
    {"builtin:grammar/number", "minus seven point five oh", "\"-7.50\""},
    {"builtin:grammar/number", "point two five", "\".25\""},
    {"builtin:grammar/number", "plus ten", "\"+10\""},
    {"builtin:grammar/number", "two thousand three hundred forty five", "\"2345\""},
    {"builtin:grammar/number", "one million two hundred thousand and one", "\"1200001\""},
    {"builtin:grammar/number",
     "nine hundred ninety nine million nine hundred ninety nine thousand nine hundred ninety nine",
     "\"999999999\""},
    {"builtin:grammar/number", "4 2 point 5", "\"42.5\""},
    {"builtin:grammar/number", "hundred hundred", NULL},
    {"builtin:grammar/number", "a thousand", "\"1000\""},
    {"builtin:grammar/phone", "five five five one two three four", "\"5551234\""},
    {"builtin:grammar/phone", "5 5 5 extension nine nine", "\"555x99\""},
    {"builtin:grammar/phone", "extension nine", NULL},
    {"builtin:grammar/currency", "twelve dollars and fifty cents", "\"12.50\""},
    {"builtin:grammar/currency", "twelve dollars", "\"12.00\""},
    {"builtin:grammar/currency", "fifty cents", "\"0.50\""},
    {"builtin:grammar/currency", "one hundred euros", "\"EUR100.00\""},
    {"builtin:grammar/currency", "ten u s dollars and five cents", "\"USD10.05\""},
    {"builtin:grammar/currency", "five pounds sterling", "\"GBP5.00\""},
    {"builtin:grammar/currency", "1 2 point 5 0 dollars", "\"12.50\""},
    {"builtin:grammar/currency", "three point five", "\"3.50\""},
    {"builtin:grammar/currency", "lots", NULL},
    {"builtin:grammar/date", "march fifteenth nineteen ninety nine", "\"19990315\""},
    {"builtin:grammar/date", "january first", "\"?\??\?0101\""},
    {"builtin:grammar/date", "the third of may two thousand and five", "\"20050503\""},
    {"builtin:grammar/date", "december thirty first twenty twenty six", "\"20261231\""},
    {"builtin:grammar/date", "june twenty second 2 0 0 7", "\"20070622\""},
    {"builtin:grammar/date", "july four nineteen hundred", "\"19000704\""},
    {"builtin:grammar/date", "august ninth nineteen oh five", "\"19050809\""},
    {"builtin:grammar/date", "march twenty twenty twenty six", "\"20260320\""},
    {"builtin:grammar/date", "someday", NULL},
    {"builtin:grammar/time", "three", "\"0300?\""},
    {"builtin:grammar/time", "three thirty p m", "\"0330p\""},
    {"builtin:grammar/time", "five o'clock in the morning", "\"0500a\""},
    {"builtin:grammar/time", "half past six", "\"0630?\""},
    {"builtin:grammar/time", "quarter to one", "\"1245?\""},
    {"builtin:grammar/time", "twenty five past ten", "\"1025?\""},
    {"builtin:grammar/time", "ten to five pm", "\"0450p\""},
    {"builtin:grammar/time", "noon", "\"1200p\""},
    {"builtin:grammar/time", "midnight", "\"1200a\""},
    {"builtin:grammar/time", "fifteen hundred hours", "\"1500h\""},
    {"builtin:grammar/time", "twenty three forty five", "\"2345h\""},
    {"builtin:grammar/time", "oh nine thirty", "\"0930h\""},
    {"builtin:grammar/time", "3 3 0", "\"0330?\""},
    {"builtin:grammar/time", "1 5 3 0", "\"1530h\""},
    {"builtin:grammar/time", "9 9 9", NULL},
    {"builtin:grammar/time", "later", NULL},
    {"builtin:grammar/digits?length=4", "one two three four", "\"1234\""},
    {"builtin:grammar/digits?length=4", "one two three", NULL},
    {"builtin:grammar/digits?minlength=2;maxlength=3", "one two three four", NULL},
    {"builtin:grammar/digits?minlength=2;maxlength=3", "one two", "\"12\""},
    /* as recognizers write it */
    {"builtin:grammar/digits", "1234", "\"1234\""},
    {"builtin:grammar/boolean", "Yes.", "true"},
    {"builtin:grammar/boolean", "NO, thank you!", "false"},
    {"builtin:grammar/boolean", "That's right.", "true"},
    {"builtin:grammar/number", "Twenty-one", "\"21\""},
    {"builtin:grammar/number", "42.5", "\"42.5\""},
    {"builtin:grammar/currency", "$12.50", "\"12.50\""},
    {"builtin:grammar/currency", "12 euros", "\"EUR12.00\""},
    {"builtin:grammar/time", "3:30 PM", "\"0330p\""},
    {"builtin:grammar/time", "12:65", NULL},
    {"builtin:grammar/date", "March 15th", "\"?\?\?\?0315\""},
    {"builtin:grammar/date", "March 15th, 1999", "\"19990315\""},
    {"builtin:grammar/phone", "555-1234", "\"5551234\""},
    {"builtin:grammar/phone", "", NULL},
    {"builtin:grammar/phone", "...", NULL},
};

/* Returns: (transfer full) (nullable): the result; none is no fault. */
static McpGrammarResult *
match_words(Fixture *f, McpGrammar *const *grammars, guint n, const char *words)
{
    g_autoptr(GError) error = NULL;
    McpGrammarResult *result = mcp_grammar_match_words(f->engine, grammars, n, words, &error);

    g_assert_no_error(error);
    return result;
}

static void
test_builtins(Fixture *f, gconstpointer data)
{
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        McpGrammar *grammar = compile_uri(f, cases[i].uri, &error);
        g_autoptr(McpGrammarResult) result = NULL;
        const char *json;

        g_assert_no_error(error);
        result = match_words(f, &grammar, 1, cases[i].words);
        json = result != NULL ? result->interpretation : NULL;
        if (g_strcmp0(json, cases[i].json) != 0)
            g_error("%s with '%s': %s", cases[i].uri, cases[i].words, json);
        mcp_grammar_unref(f->engine, grammar);
    }
}

static void
expect(Fixture *f, const char *text, const char *words, const char *json)
{
    g_autoptr(GError) error = NULL;
    McpGrammar *grammar = compile_text(f, text, &error);
    g_autoptr(McpGrammarResult) result = NULL;

    g_assert_no_error(error);
    result = match_words(f, &grammar, 1, words);
    g_assert_cmpstr(result != NULL ? result->interpretation : NULL, ==, json);
    mcp_grammar_unref(f->engine, grammar);
}

static void
test_forms(Fixture *f, gconstpointer data)
{
    expect(f, VOICE("new york"), "new york", "\"new york\"");
    expect(f, VOICE("new york"), "  New   YORK ", "\"new york\"");
    expect(f, VOICE("New York"), "new york.", "\"New York\"");
    expect(f, VOICE("New York"), "new", NULL);
    expect(f, VOICE("New York"), "new york city", NULL);
    expect(f, VOICE("k\xc3\xb6ln"), "K\xc3\x96LN", "\"k\xc3\xb6ln\"");
    expect(f,
           VOICE("<one-of><item weight='0.1'>a<tag>out = 1</tag></item>"
                 "<item weight='9'>b<tag>out = 2</tag></item></one-of>"),
           "B", "2");
    expect(f, VOICE("<item repeat='2-3' repeat-prob='0.5'>ha</item>"), "ha ha ha", "\"ha ha ha\"");
    expect(f, VOICE("<item repeat='2-3'>ha</item>"), "ha", NULL);
    expect(f, VOICE("<ruleref special='GARBAGE'/>pizza<tag>out = 'p'</tag>"), "i want pizza",
           "\"p\"");
    expect(f, VOICE("<ruleref special='NULL'/>pizza"), "pizza", "\"pizza\"");
    expect(f, VOICE("<ruleref special='VOID'/>pizza"), "pizza", NULL);
    expect(f, VOICE("pay <ruleref uri='builtin:grammar/currency'/><tag>out = rules.builtin</tag>"),
           "pay ten dollars", "\"10.00\"");
}

static void
test_references(Fixture *f, gconstpointer data)
{
    g_hash_table_insert(f->documents, (gpointer) "http://test/sub/city.grxml",
                        (gpointer)VOICE("london<tag>out = 'LON'</tag>"));
    expect(f, VOICE("to <ruleref uri='sub/city.grxml'/>"), "to London", "\"LON\"");
    expect(f,
           "<grammar xmlns='http://www.w3.org/2001/06/grammar' version='1.0' xml:lang='en' "
           "root='r' xml:base='http://test/sub/'><rule id='r'><ruleref uri='city.grxml#r'/></rule>"
           "</grammar>",
           "london", "\"LON\"");
}

/* The first grammar of the list that matches wins; those for keys are left out. */
static void
test_several(Fixture *f, gconstpointer data)
{
    McpGrammar *grammars[] = {compile_text(f, DTMF("1"), NULL), compile_text(f, VOICE("no"), NULL),
                              compile_text(f,
                                           VOICE("<one-of><item>yes</item><item>no</item>"
                                                 "</one-of>"),
                                           NULL)};
    g_autoptr(McpGrammarResult) key = match_words(f, grammars, 3, "1");
    g_autoptr(McpGrammarResult) first = match_words(f, grammars, 3, "No");
    g_autoptr(McpGrammarResult) second = match_words(f, grammars, 3, "yes");

    g_assert_null(key);
    g_assert_cmpuint(first->index, ==, 1);
    g_assert_cmpstr(first->utterance, ==, "no");
    g_assert_cmpuint(second->index, ==, 2);
    for (guint i = 0; i < G_N_ELEMENTS(grammars); i++)
        mcp_grammar_unref(f->engine, grammars[i]);
}

static void
expect_fault(Fixture *f, McpGrammar *grammar, const char *words, McpError code)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_grammar_match_words(f->engine, &grammar, 1, words, &error));
    g_assert_error(error, MCP_ERROR, (int)code);
}

static void
test_faults(Fixture *f, gconstpointer data)
{
    McpGrammar *grammar = compile_text(f, VOICE("a<tag>throw 1</tag>"), NULL);
    g_autofree char *many = g_strnfill(9000, 'a');

    expect_fault(f, grammar, "a", MCP_ERROR_INVALID);
    expect_fault(f, grammar, "\xff", MCP_ERROR_INVALID);
    expect_fault(f, grammar, many, MCP_ERROR_INVALID);
    mcp_grammar_unref(f->engine, grammar);
}

#define ADD(name, func) \
    g_test_add("/grammar/words/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("builtins", test_builtins);
    ADD("forms", test_forms);
    ADD("references", test_references);
    ADD("several", test_several);
    ADD("faults", test_faults);
    return g_test_run();
}
