/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The builtin grammars of VoiceXML 2.0 Appendix P by keys: what matches and what it comes to.
 */
#include "support.h"
#include <mcp/error.h>

typedef struct {
    const char *uri;
    const char *digits;
    McpMatchState state;
    const char *json;
} Case;

#define N MCP_MATCH_NONE
#define P MCP_MATCH_PARTIAL
#define M MCP_MATCH_MORE
#define C MCP_MATCH_COMPLETE

static const Case cases[] = {
    {"builtin:dtmf/digits", "4", M, "\"4\""},
    {"builtin:dtmf/digits", "0123456789", M, "\"0123456789\""},
    {"builtin:dtmf/digits", "1*", N, NULL},
    {"builtin:dtmf/digits?length=4", "123", P, NULL},
    {"builtin:dtmf/digits?length=4", "1234", C, "\"1234\""},
    {"builtin:dtmf/digits?minlength=3;maxlength=5", "12", P, NULL},
    {"builtin:dtmf/digits?minlength=3;maxlength=5", "123", M, "\"123\""},
    {"builtin:dtmf/digits?minlength=3&maxlength=5", "12345", C, "\"12345\""},
    {"builtin:dtmf/digits?minlength=3;maxlength=5", "123456", N, NULL},
    {"builtin:dtmf/boolean", "1", C, "true"},
    {"builtin:dtmf/boolean", "2", C, "false"},
    {"builtin:dtmf/boolean", "3", N, NULL},
    {"builtin:dtmf/boolean?y=7;n=9", "7", C, "true"},
    {"builtin:dtmf/boolean?y=7;n=9", "9", C, "false"},
    {"builtin:dtmf/boolean?y=7;n=9", "1", N, NULL},
    {"builtin:dtmf/number", "12", M, "\"12\""},
    {"builtin:dtmf/number", "12*5", M, "\"12.5\""},
    {"builtin:dtmf/number", "*5", M, "\".5\""},
    {"builtin:dtmf/number", "*", P, NULL},
    {"builtin:dtmf/number", "1*2*", N, NULL},
    {"builtin:dtmf/phone", "5551234", M, "\"5551234\""},
    {"builtin:dtmf/phone", "5551234*", P, NULL},
    {"builtin:dtmf/phone", "5551234*99", M, "\"5551234x99\""},
    {"builtin:dtmf/currency", "12", M, "\"12.00\""},
    {"builtin:dtmf/currency", "12*", M, "\"12.00\""},
    {"builtin:dtmf/currency", "12*5", M, "\"12.50\""},
    {"builtin:dtmf/currency", "12*05", C, "\"12.05\""},
    {"builtin:dtmf/currency", "*99", C, "\"0.99\""},
    {"builtin:dtmf/currency", "12*055", N, NULL},
    {"builtin:dtmf/date", "20261122", C, "\"20261122\""},
    {"builtin:dtmf/date", "2026112", P, NULL},
    {"builtin:dtmf/date", "202613", N, NULL},
    {"builtin:dtmf/date", "202600", N, NULL},
    {"builtin:dtmf/date", "20261232", N, NULL},
    {"builtin:dtmf/date", "20261200", N, NULL},
    {"builtin:dtmf/date", "20261231", C, "\"20261231\""},
    {"builtin:dtmf/time", "0915", C, "\"0915?\""},
    {"builtin:dtmf/time", "1200", C, "\"1200?\""},
    {"builtin:dtmf/time", "1530", C, "\"1530h\""},
    {"builtin:dtmf/time", "0015", C, "\"0015h\""},
    {"builtin:dtmf/time", "24", N, NULL},
    {"builtin:dtmf/time", "126", N, NULL},
};

static void
test_cases(Fixture *f, gconstpointer data)
{
    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        McpGrammar *grammar = compile_uri(f, cases[i].uri, &error);
        g_autofree char *json = NULL;
        McpMatchState state;

        g_assert_no_error(error);
        state = match(f, grammar, cases[i].digits, &json, &error);
        if (state != cases[i].state)
            g_error("%s with %s: state %d", cases[i].uri, cases[i].digits, (int)state);
        g_assert_no_error(error);
        g_assert_cmpstr(json, ==, cases[i].json);
        mcp_grammar_unref(f->engine, grammar);
    }
    g_assert_cmpuint(f->fetches, ==, 0);
}

static void
test_voice(Fixture *f, gconstpointer data)
{
    static const char *const types[] = {"boolean",  "digits", "number", "phone",
                                        "currency", "date",   "time"};

    for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
        g_autofree char *uri = g_strconcat("builtin:grammar/", types[i], NULL);
        McpGrammar *grammar = compile_uri(f, uri, NULL);

        g_assert_cmpint(mcp_grammar_get_mode(f->engine, grammar), ==, MCP_GRAMMAR_VOICE);
        mcp_grammar_unref(f->engine, grammar);
    }
}

static void
test_refused(Fixture *f, gconstpointer data)
{
    static const struct {
        const char *uri;
        McpError code;
    } bad[] = {
        {"builtin:dtmf/colour", MCP_ERROR_UNSUPPORTED},
        {"builtin:dtmf/", MCP_ERROR_UNSUPPORTED},
        {"builtin:smell/digits", MCP_ERROR_UNSUPPORTED},
        {"builtin:", MCP_ERROR_UNSUPPORTED},
        {"builtin:dtmf/digits?size=3", MCP_ERROR_UNSUPPORTED},
        {"builtin:dtmf/digits?length", MCP_ERROR_UNSUPPORTED},
        {"builtin:dtmf/digits?length=x", MCP_ERROR_INVALID},
        {"builtin:dtmf/digits?length=0", MCP_ERROR_INVALID},
        {"builtin:dtmf/digits?length=100000", MCP_ERROR_INVALID},
        {"builtin:dtmf/digits?minlength=5;maxlength=3", MCP_ERROR_INVALID},
        {"builtin:dtmf/boolean?y=1;n=1", MCP_ERROR_INVALID},
        {"builtin:dtmf/boolean?y=12", MCP_ERROR_INVALID},
    };

    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(compile_uri(f, bad[i].uri, &error));
        g_assert_error(error, MCP_ERROR, (int)bad[i].code);
    }
}

#define ADD(name, func) \
    g_test_add("/grammar/builtin/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("cases", test_cases);
    ADD("voice", test_voice);
    ADD("refused", test_refused);
    return g_test_run();
}
