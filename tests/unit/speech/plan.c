/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said for a text or an SSML document, before any sound is made.
 */
#include "plan.h"
#include "say_as.h"
#include "ssml.h"
#include <mcp/error.h>
#include <string.h>

#define SSML(body)                                                                            \
    "<speak version='1.0' xmlns='http://www.w3.org/2001/10/synthesis' xml:lang='en-US'>" body \
    "</speak>"

/* "text[pause*stretch]|…" with defaults left out. */
static char *
show(McpSpeechPlan *plan)
{
    const GPtrArray *pieces = mcp_speech_plan_finish(plan);
    GString *out = g_string_new(NULL);

    for (guint i = 0; i < pieces->len; i++) {
        McpSpeechPiece *piece = pieces->pdata[i];
        g_autofree char *text = g_strstrip(g_strdup(piece->text));

        g_string_append_printf(out, "%s%s", i > 0 ? "|" : "", text);
        if (piece->pause > 0)
            g_string_append_printf(out, "[%u]", piece->pause);
        if (piece->stretch < 0.99 || piece->stretch > 1.01)
            g_string_append_printf(out, "{%.2f}", piece->stretch);
    }
    return g_string_free(out, FALSE);
}

static void
test_text(void)
{
    static const struct {
        const char *text;
        const char *said;
    } cases[] = {
        {"", ""},
        {"  \n ", ""},
        {"Hello  world.\nBye!", "Hello world.|Bye!"},
        {"caf\xc3\xa9 \xe2\x80\x9cquoted\xe2\x80\x9d", "cafe \"quoted\""},
        {"bad \xff byte", "bad byte"},
        {"a\x01"
         "b",
         "a b"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(McpSpeechPlan) plan = mcp_speech_plan_new();
        g_autofree char *said = NULL;

        mcp_speech_plan_text(plan, cases[i].text);
        said = show(plan);
        g_assert_cmpstr(said, ==, cases[i].said);
    }
}

static void
test_bounds(void)
{
    g_autoptr(McpSpeechPlan) plan = mcp_speech_plan_new();
    g_autofree char *word = g_strnfill(5000, 'a');
    const GPtrArray *pieces;
    guint pauses = 0;

    mcp_speech_plan_text(plan, word);
    for (guint i = 0; i < 100; i++)
        mcp_speech_plan_pause(plan, 20000);
    pieces = mcp_speech_plan_finish(plan);
    for (guint i = 0; i < pieces->len; i++) {
        McpSpeechPiece *piece = pieces->pdata[i];

        g_assert_cmpuint(strlen(piece->text), <, 400);
        pauses += piece->pause;
    }
    g_assert_cmpuint(pauses, <=, 120000);
}

static void
test_ssml(void)
{
    static const struct {
        const char *ssml;
        const char *said; /* NULL: refused */
    } cases[] = {
        {SSML("Hello"), "Hello"},
        {SSML(""), ""},
        {"<speak>no namespace</speak>", "no namespace"},
        {SSML("<p><s>One</s><s>Two</s></p>"), "One[200]|Two[200]|[450]"},
        {SSML("a<break time='1.5s'/>b"), "a[1500]|b"},
        {SSML("a<break time='250ms'/>b"), "a[250]|b"},
        {SSML("a<break/>b<break strength='none'/>c"), "a[500]|b|c"},
        {SSML("a<break time='1h'/>b"), NULL},
        {SSML("a<break strength='huge'/>b"), NULL},
        {SSML("<sub alias='World Wide Web'>WWW</sub>"), "World Wide Web"},
        {SSML("<sub>WWW</sub>"), NULL},
        {SSML("pin <say-as interpret-as='digits'>12 3</say-as>"), "pin one two, three"},
        {SSML("<prosody rate='slow'>x</prosody>y"), "x{1.33}|y"},
        {SSML("<prosody rate='+100%'>x</prosody>"), "x{0.50}"},
        {SSML("<prosody rate='fastest'>x</prosody>"), NULL},
        {SSML("<emphasis level='strong'>now</emphasis>"), "now{1.25}"},
        {SSML("<unknown>read <through/></unknown> it"), "read it"},
        {SSML("<audio src='a.wav'>instead</audio>"), "instead"},
        {SSML("<metadata><x>not this</x></metadata>that"), "that"},
        {"<speak>open", NULL},
        {"<talk>x</talk>", NULL},
        {"plain", NULL},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(McpSpeechPlan) plan = mcp_speech_ssml_plan(cases[i].ssml, NULL, &error);
        g_autofree char *said = plan != NULL ? show(plan) : NULL;

        g_assert_cmpstr(said, ==, cases[i].said);
        if (plan == NULL)
            g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    }
}

static void
test_say_as(void)
{
    static const struct {
        const char *kind;
        const char *format;
        const char *text;
        const char *said;
    } cases[] = {
        {"digits", NULL, "407#", "four zero seven pound"},
        {"characters", NULL, "aB-1", "ay B dash one"},
        {"spell-out", NULL, "IBM", "I B M"},
        {"telephone", NULL, "555-12x9", "five five five, one two extension nine"},
        {"vxml:phone", NULL, "12x3", "one two extension three"},
        {"ordinal", NULL, "21", "twenty first"},
        {"vxml:boolean", NULL, "true", "yes"},
        {"vxml:date", NULL, "20261122", "November twenty second, 2026"},
        {"vxml:date", NULL, "????0304", "March fourth"},
        {"date", "dmy", "3/4/2026", "April third, 2026"},
        {"date", "mdy", "tomorrow", "tomorrow"},
        {"vxml:time", NULL, "0300p", "3 o'clock P M"},
        {"vxml:time", NULL, "1507?", "15 oh 7"},
        {"vxml:time", NULL, "1300h", "13 hundred hours"},
        {"time", NULL, "9:30", "9 30"},
        {"vxml:currency", NULL, "USD1.05", "1 dollar and 5 cents"},
        {"vxml:currency", NULL, "EUR20.00", "20 euros"},
        {"vxml:currency", NULL, "12", "12"},
        {"vxml:number", NULL, "-3.5", "-3.5"},
        {"unheard-of", NULL, " as is ", "as is"},
        {NULL, NULL, "x", "x"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *said = mcp_speech_say_as(cases[i].kind, cases[i].format, cases[i].text);

        g_assert_cmpstr(said, ==, cases[i].said);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/speech/text", test_text);
    g_test_add_func("/speech/bounds", test_bounds);
    g_test_add_func("/speech/ssml", test_ssml);
    g_test_add_func("/speech/say-as", test_say_as);
    return g_test_run();
}
