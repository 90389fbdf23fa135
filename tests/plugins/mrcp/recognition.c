/* SPDX-License-Identifier: Apache-2.0 */
/* Turns of callers at servers of both versions: what is said, what is asked for, what is wrong. */
#include "fixture.h"

#include <string.h>

#define ONE "{\"input\": \"yes\", \"instance\": {\"answer\": \"y\"}, \"confidence\": 0.8}"
#define TWO "{\"input\": \"no\", \"instance\": \"no\", \"confidence\": 0.6}"
#define RECOGNIZE(step) \
    "{\"requests\": {\"RECOGNIZE\": [{" step "\"result\": [" ONE ", " TWO "]}]}}"

typedef struct {
    Server server;
    Platform platform;
    Turn turn;
    char *report; /* once it is closed */
} Case;

static void
case_open(Case *test, guint version, const char *script)
{
    *test = (Case){0};
    server_start(&test->server, "one", script);
    platform_open_one(&test->platform, &test->server, version, "");
    turn_init(&test->turn);
}

static void
case_close(Case *test)
{
    turn_clear(&test->turn);
    platform_settle(&test->platform);
    platform_close(&test->platform);
    test->report = server_end(&test->server);
}

static void
check_match(const Turn *turn)
{
    g_assert_no_error(turn->error);
    g_assert_cmpint(turn->end, ==, MCP_RECOGNITION_MATCH);
    g_assert_cmpstr(turn->words, ==, "yes");
    g_assert_cmpstr(turn->interpretation, ==, "{\"answer\":\"y\"}");
    g_assert_cmpfloat_with_epsilon(turn->confidence, 0.8, 0.001);
    g_assert_cmpint(turn->grammar, ==, 0);
}

static void
test_words(gconstpointer version)
{
    g_autofree char *report = NULL;
    Case test;

    case_open(&test, GPOINTER_TO_UINT(version), RECOGNIZE(""));
    turn_run(&test.turn, &test.platform);
    g_assert_true(test.turn.heard);
    check_match(&test.turn);
    g_assert_cmpuint(test.turn.n, ==, 1);
    turn_clear(&test.turn);
    platform_settle(&test.platform);
    turn_init(&test.turn);
    test.turn.request.n_best = 3;
    turn_run(&test.turn, &test.platform);
    check_match(&test.turn);
    g_assert_cmpuint(test.turn.n, ==, 2);
    case_close(&test);
    report = test.report;
    g_assert_cmpuint(requests_of(report, "DEFINE-GRAMMAR"), ==, 2);
    g_assert_cmpuint(requests_of(report, "RECOGNIZE"), ==, 2);
    g_assert_cmpuint(number_of(report, "level"), >, 1000);
    g_assert_cmpuint(count_words(report, version == GUINT_TO_POINTER(1) ? "\"ended\": \"teardown\""
                                                                        : "\"ended\": \"bye\""),
                     ==, 2);
}

/* How a server ends it, and what that is to whoever asked. */
static void
check_end(guint version, const char *script, McpRecognitionEventType end)
{
    Case test;

    case_open(&test, version, script);
    turn_run(&test.turn, &test.platform);
    g_assert_cmpint(test.turn.end, ==, end);
    case_close(&test);
    g_free(test.report);
}

static void
test_no_match(gconstpointer version)
{
    check_end(GPOINTER_TO_UINT(version), RECOGNIZE("\"cause\": \"no-match\", "),
              MCP_RECOGNITION_NO_MATCH);
}

static void
test_no_input(gconstpointer version)
{
    check_end(GPOINTER_TO_UINT(version),
              RECOGNIZE("\"cause\": \"no-input-timeout\", \"start\": \"never\", "
                        "\"complete_ms\": 50, "),
              MCP_RECOGNITION_NO_MATCH);
}

static void
test_too_long(gconstpointer version)
{
    check_end(GPOINTER_TO_UINT(version),
              version == GUINT_TO_POINTER(1) ? RECOGNIZE("\"cause\": \"recognition-timeout\", ")
                                             : RECOGNIZE("\"cause\": \"no-match-maxtime\", "),
              MCP_RECOGNITION_TOO_LONG);
}

/* A grammar that one server cannot read is no better elsewhere. */
static void
check_grammar_fault(guint version, const char *script)
{
    Server server;
    Server other;
    Platform platform;
    Turn turn;
    g_autofree char *report = NULL;

    server_start(&server, "one", script);
    server_start(&other, "other", NULL);
    platform_open_two(&platform, &server, &other, version,
                      "connect_timeout = 50s\ntimeout = 50s\n");
    turn_init(&turn);
    turn_run(&turn, &platform);
    g_assert_cmpint(turn.end, ==, MCP_RECOGNITION_FAILED);
    g_assert_error(turn.error, MCP_ERROR, MCP_ERROR_INVALID);
    g_assert_false(turn.elsewhere);
    turn_clear(&turn);
    platform_settle(&platform);
    platform_close(&platform);
    g_free(server_end(&server));
    report = server_end(&other);
    g_assert_nonnull(strstr(report, "\"sessions\": []"));
}

static void
test_grammar_fault(gconstpointer data)
{
    guint version = GPOINTER_TO_UINT(data);
    g_autofree char *define = g_strdup_printf(
        "{\"requests\": {\"DEFINE-GRAMMAR\": {\"status\": 407, \"cause\": \"%s\"}}}",
        version == 1 ? "gram-comp-failure" : "grammar-compilation-failure");

    check_grammar_fault(version, define);
    check_grammar_fault(version, "{\"requests\": {\"RECOGNIZE\": {\"status\": 407, "
                                 "\"cause\": \"uri-failure\"}}}");
}

/* Two grammars with weights, one of them by URI, and parameters of a vendor. */
static void
test_parameters(gconstpointer data)
{
    guint version = GPOINTER_TO_UINT(data);
    g_autoptr(GHashTable) parameters = g_hash_table_new(g_str_hash, g_str_equal);
    g_autofree char *report = NULL;
    Case test;

    case_open(&test, version, RECOGNIZE(""));
    g_hash_table_insert(parameters, (gpointer) "swirec.load", (gpointer) "0.5");
    test.turn.grammars[0].weight = 2;
    test.turn.grammars[1] =
        (McpRecognitionGrammar){.uri = "digits.grxml", .base = "http://192.0.2.1/app/page.vxml"};
    test.turn.request.n_grammars = 2;
    test.turn.request.parameters = parameters;
    test.turn.request.language = "en-US";
    turn_run(&test.turn, &test.platform);
    check_match(&test.turn);
    case_close(&test);
    report = test.report;
    /* In the list of MRCP requests; what carried them is in the report as well. */
    g_assert_cmpuint(count_words(report, "\"swirec.load=0.5\""), ==, 1);
    g_assert_cmpuint(requests_of(report, "SET-PARAMS"), ==, version == 1 ? 1 : 0);
    g_assert_cmpuint(
        count_words(report, version == 1 ? "\"body\": \"session:" : "\"body\": \"<session:"), ==,
        1);
    g_assert_nonnull(
        strstr(report, version == 1 ? "store\\r\\nhttp://192.0.2.1/app/digits.grxml\\r\\n\""
                                    : "<http://192.0.2.1/app/digits.grxml>;weight=\\\"1.000\\\""));
}

/* Who does not want to know any more is not told, and the server hears of it. */
static void
test_stop(gconstpointer version)
{
    Case test;

    case_open(&test, GPOINTER_TO_UINT(version), RECOGNIZE("\"complete_ms\": 60000, "));
    turn_begin(&test.turn, &test.platform);
    turn_wait_heard(&test.turn);
    mcp_recognition_stop(test.turn.recognition);
    server_wait_report(&test.server, "\"ended\": ");
    g_assert_false(test.turn.over);
    case_close(&test);
    g_free(test.report);
}

/* Before the server has even answered. */
static void
test_stop_early(gconstpointer version)
{
    Case test;

    case_open(&test, GPOINTER_TO_UINT(version),
              "{\"sip\": {\"delay_ms\": 300}, \"rtsp\": {\"delay_ms\": 300}}");
    turn_begin(&test.turn, &test.platform);
    run_for(100);
    mcp_recognition_stop(test.turn.recognition);
    run_for(600);
    g_assert_false(test.turn.over);
    case_close(&test);
    g_assert_cmpuint(requests_of(test.report, "DEFINE-GRAMMAR"), ==, 0);
    g_free(test.report);
}

/* However it comes, and whatever comes besides, is the one result of the turn. */
static void
test_strange(gconstpointer version)
{
    static const char *const faults[] = {"split", "together", "twice"};

    for (guint i = 0; i < G_N_ELEMENTS(faults); i++) {
        g_autofree char *step = g_strdup_printf(
            "{\"requests\": {\"RECOGNIZE\": [{\"fault\": \"%s\", \"result\": [" ONE "]}]}}",
            faults[i]);
        Case test;

        case_open(&test, GPOINTER_TO_UINT(version), step);
        turn_run(&test.turn, &test.platform);
        check_match(&test.turn);
        case_close(&test);
        g_free(test.report);
    }
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        GTestDataFunc func;
    } tests[] = {
        {"words", test_words},
        {"no-match", test_no_match},
        {"no-input", test_no_input},
        {"too-long", test_too_long},
        {"parameters", test_parameters},
        {"grammar-fault", test_grammar_fault},
        {"stop", test_stop},
        {"stop-early", test_stop_early},
        {"strange", test_strange},
    };

    g_test_init(&argc, &argv, NULL);
    for (guint version = 1; version <= 2; version++) {
        for (guint i = 0; i < G_N_ELEMENTS(tests); i++) {
            g_autofree char *path = g_strdup_printf("/mrcp/v%u/%s", version, tests[i].name);

            g_test_add_data_func(path, GUINT_TO_POINTER(version), tests[i].func);
        }
    }
    return g_test_run();
}
