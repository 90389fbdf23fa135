/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spoken builtin grammars of VoiceXML 2.0 Appendix P in English, written as SRGS with SISR tags
 * so that text from any recognizer is matched and interpreted as an author's own grammar would be.
 * Numerals that a recognizer writes as such arrive as single digits (see text_match.c). Pure
 * functions, any thread.
 */
#include "builtin_voice.h"
#include <string.h>

#define REF(rule) "<ruleref uri='#" rule "'/>"
#define TAG(script) "<tag>" script "</tag>"
#define ITEM(words, script) "<item>" words TAG(script) "</item>"
#define ONE_OF(items) "<one-of>" items "</one-of>"
#define MAYBE(content) "<item repeat='0-1'>" content "</item>"
#define RULE(id, body) "<rule id='" id "'>" body "</rule>"
#define WORD(word, value) ITEM(word, "out = " value ";")

/* ---- parts that the types share ---- */

/* The formatter would make lines of one word out of these. */
/* clang-format off */
static const char header[] =
    TAG("function pad(n, w) { n = '' + n; while (n.length &lt; w) n = '0' + n; return n; }");

static const char numerals[] =
    RULE("key",
        ONE_OF(
            WORD("0", "'0'") WORD("1", "'1'") WORD("2", "'2'") WORD("3", "'3'") WORD("4", "'4'")
            WORD("5", "'5'") WORD("6", "'6'") WORD("7", "'7'") WORD("8", "'8'") WORD("9", "'9'")));

static const char digit[] =
    RULE("d",
        ONE_OF(
            "<item>" REF("key") "</item>" WORD("zero", "'0'") WORD("oh", "'0'")
            WORD("one", "'1'") WORD("two", "'2'") WORD("three", "'3'") WORD("four", "'4'")
            WORD("five", "'5'") WORD("six", "'6'") WORD("seven", "'7'") WORD("eight", "'8'")
            WORD("nine", "'9'")));

static const char ones[] =
    RULE("ones",
        ONE_OF(
            WORD("one", "1") WORD("two", "2") WORD("three", "3") WORD("four", "4")
            WORD("five", "5") WORD("six", "6") WORD("seven", "7") WORD("eight", "8")
            WORD("nine", "9")));

static const char below_hundred[] =
    RULE("teen",
        ONE_OF(
            WORD("ten", "10") WORD("eleven", "11") WORD("twelve", "12") WORD("thirteen", "13")
            WORD("fourteen", "14") WORD("fifteen", "15") WORD("sixteen", "16")
            WORD("seventeen", "17") WORD("eighteen", "18") WORD("nineteen", "19")))
    RULE("tens",
        ONE_OF(
            WORD("twenty", "20") WORD("thirty", "30") WORD("forty", "40") WORD("fifty", "50")
            WORD("sixty", "60") WORD("seventy", "70") WORD("eighty", "80") WORD("ninety", "90")))
    RULE("n99",
        ONE_OF(
            "<item>" REF("ones") "</item><item>" REF("teen") "</item><item>" REF("tens")
            TAG("out = rules.tens;") MAYBE(REF("ones") TAG("out += rules.ones;")) "</item>"));

/* up to 999,999,999 */
static const char cardinal[] =
    RULE("n999",
        TAG("out = 0;")
        ONE_OF(
            "<item>" ONE_OF(ITEM(REF("ones"), "out = rules.ones * 100;") WORD("a", "100"))
            " hundred " MAYBE(MAYBE("and") REF("n99") TAG("out += rules.n99;")) "</item>"
            ITEM(REF("n99"), "out = rules.n99;")))
    RULE("group", MAYBE("and") REF("n999") TAG("out = rules.n999;"))
    RULE("n",
        TAG("out = 0;")
        ONE_OF(
            WORD("zero", "0") "<item>"
            ONE_OF(ITEM(REF("n999"), "out += rules.n999 * 1000000;") WORD("a", "1000000"))
            " million " MAYBE(REF("n999") " thousand" TAG("out += rules.n999 * 1000;"))
            MAYBE(REF("group") TAG("out += rules.group;")) "</item><item>"
            ONE_OF(ITEM(REF("n999"), "out += rules.n999 * 1000;") WORD("a", "1000"))
            " thousand " MAYBE(REF("group") TAG("out += rules.group;")) "</item>"
            ITEM(REF("n999"), "out += rules.n999;")
            ITEM(
                "<item repeat='1-15'>" REF("key") TAG("out += rules.key;") "</item>",
                "out = Number(out);")));

/* ---- the types ---- */

static const char boolean[] =
    RULE("builtin",
        ONE_OF(
            ITEM(
                ONE_OF(
                    "<item>yes</item><item>yeah</item><item>yep</item><item>yup</item>"
                    "<item>sure</item><item>okay</item><item>ok</item><item>right</item>"
                    "<item>correct</item><item>true</item><item>yes please</item>"
                    "<item>that's right</item><item>that is right</item>"),
                "out = true;")
            ITEM(
                ONE_OF(
                    "<item>no</item><item>nope</item><item>nah</item><item>wrong</item>"
                    "<item>incorrect</item><item>false</item><item>no thanks</item>"
                    "<item>no thank you</item><item>that's wrong</item>"
                    "<item>that is wrong</item>"),
                "out = false;")));

static const char number[] =
    RULE("fraction",
        TAG("out = '.';") "point <item repeat='1-'>" REF("d") TAG("out += rules.d;") "</item>")
    RULE("sign", ONE_OF(WORD("minus", "'-'") WORD("negative", "'-'") WORD("plus", "'+'")))
    RULE("builtin",
        TAG("out = '';") MAYBE(REF("sign") TAG("out = rules.sign;"))
        ONE_OF(
            "<item>" REF("n") TAG("out += rules.n;")
            MAYBE(REF("fraction") TAG("out += rules.fraction;")) "</item>"
            ITEM(REF("fraction"), "out += rules.fraction;")));

static const char phone[] =
    RULE("builtin",
        TAG("out = '';") "<item repeat='1-'>" REF("d") TAG("out += rules.d;") "</item>"
        MAYBE(
            ONE_OF("<item>extension</item><item>ext</item><item>x</item>") TAG("out += 'x';")
            "<item repeat='1-'>" REF("d") TAG("out += rules.d;") "</item>"));

/* Appendix P: the currency is named only where the words leave no doubt: "dollars" are of several
 * countries. */
static const char currency[] =
    RULE("unit",
        ONE_OF(
            ITEM(
                ONE_OF(
                    "<item>dollar</item><item>dollars</item><item>bucks</item>"
                    "<item>pound</item><item>pounds</item>"),
                "out = '';")
            ITEM(
                ONE_OF(
                    "<item>u s dollars</item><item>us dollars</item>"
                    "<item>american dollars</item>"),
                "out = 'USD';")
            WORD("canadian dollars", "'CAD'") WORD("australian dollars", "'AUD'")
            ITEM(ONE_OF("<item>euro</item><item>euros</item>"), "out = 'EUR';")
            ITEM(
                ONE_OF("<item>pounds sterling</item><item>british pounds</item>"),
                "out = 'GBP';")
            WORD("swiss francs", "'CHF'")))
    RULE("cents",
        ONE_OF(
            "<item>" REF("n99") "</item><item>" TAG("out = '';") "<item repeat='1-2'>"
            REF("key") TAG("out += rules.key;") "</item>" TAG("out = Number(out);") "</item>"))
    RULE("small", ONE_OF("<item>cent</item><item>cents</item><item>pence</item>"))
    RULE("builtin",
        TAG("var unit = '', whole = 0, cents = 0;")
        ONE_OF(
            "<item>" REF("n") TAG("whole = rules.n;") REF("unit") TAG("unit = rules.unit;")
            MAYBE(MAYBE("and") REF("cents") MAYBE(REF("small")) TAG("cents = rules.cents;"))
            "</item><item>" REF("n") TAG("whole = rules.n;") " point " REF("d")
            TAG("cents = rules.d * 10;") MAYBE(REF("d") TAG("cents += Number(rules.d);"))
            MAYBE(REF("unit") TAG("unit = rules.unit;")) "</item>"
            ITEM(REF("cents") REF("small"), "cents = rules.cents;"))
        TAG("out = unit + whole + '.' + pad(cents, 2);"));

static const char date[] =
    RULE("month",
        ONE_OF(
            WORD("january", "1") WORD("february", "2") WORD("march", "3") WORD("april", "4")
            WORD("may", "5") WORD("june", "6") WORD("july", "7") WORD("august", "8")
            WORD("september", "9") WORD("october", "10") WORD("november", "11")
            WORD("december", "12")))
    RULE("th",
        ONE_OF(
            WORD("first", "1") WORD("second", "2") WORD("third", "3") WORD("fourth", "4")
            WORD("fifth", "5") WORD("sixth", "6") WORD("seventh", "7") WORD("eighth", "8")
            WORD("ninth", "9")))
    RULE("day",
        ONE_OF(
            "<item>" REF("th") "</item>" WORD("tenth", "10") WORD("eleventh", "11")
            WORD("twelfth", "12") WORD("thirteenth", "13") WORD("fourteenth", "14")
            WORD("fifteenth", "15") WORD("sixteenth", "16") WORD("seventeenth", "17")
            WORD("eighteenth", "18") WORD("nineteenth", "19") WORD("twentieth", "20")
            WORD("thirtieth", "30") ITEM("twenty " REF("th"), "out = 20 + rules.th;")
            WORD("thirty first", "31")))
    RULE("plain",
        ONE_OF(
            WORD("1", "1") WORD("2", "2") WORD("3", "3") WORD("4", "4") WORD("5", "5")
            WORD("6", "6") WORD("7", "7") WORD("8", "8") WORD("9", "9")
            ITEM("1 " REF("key"), "out = 10 + Number(rules.key);")
            ITEM("2 " REF("key"), "out = 20 + Number(rules.key);") WORD("3 0", "30")
            WORD("3 1", "31") "<item>" REF("ones") "</item><item>" REF("teen") "</item>"
            WORD("twenty", "20") WORD("thirty", "30") WORD("thirty one", "31")
            ITEM("twenty " REF("ones"), "out = 20 + rules.ones;")))
    RULE("year",
        ONE_OF(
            "<item>two thousand" TAG("out = 2000;")
            MAYBE(MAYBE("and") REF("n99") TAG("out += rules.n99;")) "</item><item>"
            ONE_OF(WORD("eighteen", "1800") WORD("nineteen", "1900") WORD("twenty", "2000"))
            ONE_OF(
                "<item>hundred</item>" ITEM(REF("teen"), "out += rules.teen;")
                ITEM("oh " REF("ones"), "out += rules.ones;") "<item>" REF("tens")
                TAG("out += rules.tens;") MAYBE(REF("ones") TAG("out += rules.ones;")) "</item>")
            "</item><item>" TAG("out = '';") "<item repeat='4'>" REF("key")
            TAG("out += rules.key;") "</item></item>"))
    RULE("builtin",
        TAG("var y = '\?\?\?\?';")
        ONE_OF(
            "<item>" REF("month") MAYBE("the")
            ONE_OF(
                ITEM(REF("day"), "out = rules.day;") ITEM(REF("plain"), "out = rules.plain;"))
            "</item><item>" MAYBE("the") REF("day") TAG("out = rules.day;") MAYBE("of")
            REF("month") "</item>")
        MAYBE(REF("year") TAG("y = rules.year;"))
        TAG("out = y + pad(rules.month, 2) + pad(out, 2);"));

static const char time_of_day[] =
    RULE("h2",
        ONE_OF(
            "<item>" REF("key") "</item>" ITEM("0 " REF("key"), "out = rules.key;")
            ITEM("1 " REF("key"), "out = '1' + rules.key;") WORD("2 0", "'20'")
            WORD("2 1", "'21'") WORD("2 2", "'22'") WORD("2 3", "'23'")))
    RULE("m2",
        ONE_OF(
            WORD("0", "'0'") WORD("1", "'1'") WORD("2", "'2'") WORD("3", "'3'") WORD("4", "'4'")
            WORD("5", "'5'"))
        REF("key") TAG("out += rules.key;"))
    RULE("half",
        ONE_OF(
            ITEM(
                ONE_OF("<item>am</item><item>a m</item><item>in the morning</item>"),
                "out = 'a';")
            ITEM(
                ONE_OF(
                    "<item>pm</item><item>p m</item><item>in the afternoon</item>"
                    "<item>in the evening</item><item>at night</item>"),
                "out = 'p';")))
    RULE("hour",
        ONE_OF(
            "<item>" REF("ones") "</item>" WORD("ten", "10") WORD("eleven", "11")
            WORD("twelve", "12")))
    RULE("hour24",
        ONE_OF(
            ITEM("oh " REF("ones"), "out = rules.ones;")
            ITEM("zero " REF("ones"), "out = rules.ones;") "<item>" REF("teen") "</item>"
            WORD("zero", "0") WORD("twenty", "20") WORD("twenty one", "21")
            WORD("twenty two", "22") WORD("twenty three", "23")))
    RULE("few",
        ONE_OF(
            "<item>" REF("ones") "</item><item>" REF("teen") "</item><item>"
            ONE_OF(
                WORD("twenty", "20") WORD("thirty", "30") WORD("forty", "40")
                WORD("fifty", "50"))
            MAYBE(REF("ones") TAG("out += rules.ones;")) "</item>"))
    RULE("minute",
        ONE_OF(
            ITEM(ONE_OF("<item>oh</item><item>zero</item>") REF("ones"), "out = rules.ones;")
            "<item>" REF("teen") "</item><item>"
            ONE_OF(
                WORD("twenty", "20") WORD("thirty", "30") WORD("forty", "40")
                WORD("fifty", "50"))
            MAYBE(REF("ones") TAG("out += rules.ones;")) "</item>"))
    RULE("away",
        ONE_OF(
            WORD("half", "30") WORD("quarter", "15") WORD("a quarter", "15")
            ITEM(REF("few") MAYBE("minutes"), "out = rules.few;")))
    RULE("builtin",
        TAG("var h = 0, m = 0, x = '?';")
        ONE_OF(
            ITEM("noon", "h = 12; x = 'p';") ITEM("midnight", "h = 12; x = 'a';") "<item>"
            ONE_OF(
                ITEM(REF("hour") MAYBE("o'clock"), "h = rules.hour;")
                ITEM(REF("hour") REF("minute"), "h = rules.hour; m = rules.minute;")
                ITEM(
                    REF("away") ONE_OF("<item>past</item><item>after</item>") REF("hour"),
                    "h = rules.hour; m = rules.away;")
                ITEM(
                    REF("away") ONE_OF("<item>to</item><item>till</item>") REF("hour"),
                    "h = rules.hour == 1 ? 12 : rules.hour - 1; m = 60 - rules.away;")
                ITEM(REF("h2") REF("m2"), "h = Number(rules.h2); m = Number(rules.m2);"))
            MAYBE(REF("half") TAG("x = rules.half;")) "</item><item>" REF("hour24")
            TAG("h = rules.hour24; x = 'h';")
            ONE_OF("<item>hundred</item>" ITEM(REF("minute"), "m = rules.minute;"))
            MAYBE("hours") "</item>")
        TAG(
            "if (x == '?' &amp;&amp; (h == 0 || h &gt; 12)) x = 'h'; out = pad(h, 2) + pad(m, "
            "2) + x;"));
/* clang-format on */

static const struct {
    McpBuiltinKind kind;
    const char *rules[6];
} types[] = {
    {MCP_BUILTIN_BOOLEAN, {boolean}},
    {MCP_BUILTIN_NUMBER, {numerals, digit, ones, below_hundred, cardinal, number}},
    {MCP_BUILTIN_PHONE, {numerals, digit, phone}},
    {MCP_BUILTIN_CURRENCY, {numerals, digit, ones, below_hundred, cardinal, currency}},
    {MCP_BUILTIN_DATE, {numerals, ones, below_hundred, date}},
    {MCP_BUILTIN_TIME, {numerals, ones, below_hundred, time_of_day}},
};

/* Only digits have lengths. */
static char *
make_digits(const McpBuiltin *builtin)
{
    return g_strdup_printf("%s%s<rule id='builtin'><tag>out = '';</tag><item repeat='%u-%u'>" REF(
                               "d") TAG("out += rules.d;") "</item></rule>",
                           numerals, digit, builtin->min, builtin->max);
}

char *
mcp_builtin_voice_rules(const McpBuiltin *builtin)
{
    GString *out = g_string_new(header);

    if (builtin->kind == MCP_BUILTIN_DIGITS) {
        g_autofree char *digits = make_digits(builtin);

        g_string_append(out, digits);
    }
    for (guint i = 0; i < G_N_ELEMENTS(types); i++)
        for (guint k = 0; types[i].kind == builtin->kind && k < G_N_ELEMENTS(types[i].rules) &&
                          types[i].rules[k] != NULL;
             k++)
            g_string_append(out, types[i].rules[k]);
    return g_string_free(out, FALSE);
}
