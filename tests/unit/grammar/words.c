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

/* One parse is found otherwise than several; the best one is the same. */
static void
expect_first(Fixture *f, McpGrammar *grammar, const char *words, const McpGrammarResult *one)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) list = mcp_grammar_list_matches(f->engine, &grammar, 1, words, 3, &error);
    const McpGrammarResult *first = NULL;

    g_assert_no_error(error);
    g_assert_cmpuint(list->len > 0, ==, one != NULL);
    if (one == NULL)
        return;
    first = list->pdata[0];
    g_assert_cmpstr(first->interpretation, ==, one->interpretation);
    g_assert_cmpstr(first->utterance, ==, one->utterance);
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
        expect_first(f, grammar, cases[i].words, result);
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
    expect_first(f, grammar, words, result);
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

/* What @words may mean by one grammar, with blanks between. */
static char *
list_all(Fixture *f, const char *text, const char *words, guint max)
{
    g_autoptr(GError) error = NULL;
    McpGrammar *grammar = compile_text(f, text, &error);
    g_autoptr(GPtrArray) list = NULL;
    GString *out = g_string_new(NULL);

    g_assert_no_error(error);
    list = mcp_grammar_list_matches(f->engine, &grammar, 1, words, max, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < list->len; i++)
        g_string_append_printf(out, "%s%s", i > 0 ? " " : "",
                               ((McpGrammarResult *)list->pdata[i])->interpretation);
    mcp_grammar_unref(f->engine, grammar);
    return g_string_free(out, FALSE);
}

static void
expect_list(Fixture *f, const char *text, const char *words, guint max, const char *expected)
{
    g_autofree char *all = list_all(f, text, words, max);

    g_assert_cmpstr(all, ==, expected);
}

#define ITEM(weight, body, value) \
    "<item weight='" weight "'>" body "<tag>out = " value "</tag></item>"
#define ONE_OF(items) "<one-of>" items "</one-of>"

/* SRGS 1.0 §2.4.1: weights multiply; what is not said weighs 1. */
static void
test_weights(Fixture *f, gconstpointer data)
{
    const char *same = VOICE(ONE_OF(ITEM("1", "a", "1") ITEM("1.0", "a", "2")));
    const char *second = VOICE(ONE_OF(ITEM(".5", "a", "1") ITEM("2.", "a", "2")));
    const char *none = VOICE(ONE_OF(ITEM("0", "a", "1") "<item>a<tag>out = 2</tag></item>"));
    /* 2 * 0.1 against 1: the first choice alone would be the wrong one. */
    const char *product = VOICE(
        ONE_OF("<item weight='2'>" ONE_OF(ITEM("0.1", "a", "1")) "</item>" ITEM("1", "a", "2")));
    const char *spread = "#ABNF 1.0 UTF-8;\nlanguage en;\ntag-format <semantics/1.0>;\nroot $r;\n"
                         "$r = $x $y {out = rules.x + rules.y};\n"
                         "$x = /2/ a {out = 'x1'} | /3/ a b {out = 'x2'};\n"
                         "$y = /2/ b c {out = 'y1'} | c {out = 'y2'};\n";

    expect(f, same, "a", "1");
    expect(f, second, "a", "2");
    expect(f, none, "a", "2");
    expect(f, product, "a", "2");
    expect(f, spread, "a b c", "\"x1y1\"");
    expect_list(f, same, "a", 5, "1 2");
    expect_list(f, second, "a", 5, "2 1");
    expect_list(f, none, "a", 5, "2 1");
    expect_list(f, product, "a", 5, "2 1");
    expect_list(f, spread, "a b c", 5, "\"x1y1\" \"x2y2\"");
}

static void
test_ambiguous(Fixture *f, gconstpointer data)
{
    const char *three = VOICE(ONE_OF(ITEM("1", "a", "1") ITEM("1", "a", "2") ITEM("4", "a", "3")));
    const char *equal = VOICE(ONE_OF(ITEM("1", "a", "1") ITEM("1", "a", "1") ITEM("1", "a", "2")));
    const char *garbage = VOICE("<ruleref special='GARBAGE'/>" ONE_OF(
        ITEM("1", "pizza", "1") ITEM("1", "pasta", "2")) "<ruleref special='GARBAGE'/>");
    const char *longest =
        VOICE("<item repeat='0-'>a</item><item repeat='0-1'>a<tag>out = 'rest'</tag></item>"
              "<item repeat='0-1'><tag>out = 'none'</tag></item>");
    const char *inside = VOICE("<item repeat='2'>" ONE_OF(
        "<item>a<tag>out = (out.s || '') + 1; out = {s: out}</tag></item>") "</item>");

    expect_list(f, three, "a", 5, "3 1 2");
    expect_list(f, three, "a", 2, "3 1");
    expect_list(f, three, "a", 1, "3");
    expect_list(f, three, "b", 5, "");
    expect_list(f, equal, "a", 5, "1 2");
    expect_list(f, garbage, "pizza and pasta", 5, "1 2");
    expect_list(f, garbage, "pasta and pizza", 5, "2 1");
    expect_list(f, garbage, "nothing", 5, "");
    expect_list(f, longest, "a a", 1, "\"none\"");
    expect_list(f, inside, "a a", 3, "{\"s\":\"11\"}");
}

#define SELF "<ruleref uri='#r'/>"

/* Rules that lead to themselves, and more ways than anybody could follow. */
static void
test_endless(Fixture *f, gconstpointer data)
{
    g_autoptr(GString) many = g_string_new("a");
    g_autofree char *all = NULL;

    for (guint i = 1; i < 300; i++)
        g_string_append(many, " a");
    expect_list(f, VOICE(ONE_OF("<item>" SELF "</item>" ITEM("1", "a", "1"))), "a", 5, "1");
    expect_list(f, VOICE(ONE_OF("<item>" SELF SELF "</item><item>a</item>")), "a a a", 5,
                "\"a a a\"");
    expect_list(f, VOICE("<item repeat='0-'><item repeat='0-'>a</item></item>"), "a a", 5,
                "\"a a\"");
    all = list_all(f, VOICE(ONE_OF("<item>" SELF SELF "</item><item>a</item>")), many->str, 20);
    g_assert_true(g_str_has_prefix(all, "\"a a"));
    g_assert_cmpuint(strlen(all), ==, many->len + 2);
}

/* By grammar first, and what two of them make the same of counts once. */
static void
test_grammars(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    McpGrammar *grammars[] = {
        compile_text(f, VOICE(ONE_OF(ITEM("1", "a", "1") ITEM("2", "a", "2"))), NULL),
        compile_text(f, DTMF("1"), NULL),
        compile_text(f, VOICE(ONE_OF(ITEM("9", "a", "3") ITEM("1", "a", "2"))), NULL),
        compile_text(f, VOICE("a<tag>throw 1</tag>"), NULL)};
    g_autoptr(GPtrArray) list =
        mcp_grammar_list_matches(f->engine, grammars, G_N_ELEMENTS(grammars), "a", 9, &error);
    static const guint indexes[] = {0, 0, 2};
    static const char *const values[] = {"2", "1", "3"};

    g_assert_no_error(error);
    g_assert_cmpuint(list->len, ==, G_N_ELEMENTS(values));
    for (guint i = 0; i < list->len; i++) {
        g_assert_cmpuint(((McpGrammarResult *)list->pdata[i])->index, ==, indexes[i]);
        g_assert_cmpstr(((McpGrammarResult *)list->pdata[i])->interpretation, ==, values[i]);
    }
    g_assert_null(mcp_grammar_list_matches(f->engine, grammars + 3, 1, "a", 9, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    for (guint i = 0; i < G_N_ELEMENTS(grammars); i++)
        mcp_grammar_unref(f->engine, grammars[i]);
}

#define ADD(name, func) \
    g_test_add("/grammar/words/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("builtins", test_builtins);
    ADD("forms", test_forms);
    ADD("weights", test_weights);
    ADD("ambiguous", test_ambiguous);
    ADD("endless", test_endless);
    ADD("grammars", test_grammars);
    ADD("references", test_references);
    ADD("several", test_several);
    ADD("faults", test_faults);
    return g_test_run();
}
