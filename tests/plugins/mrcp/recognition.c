/* SPDX-License-Identifier: Apache-2.0 */
/* Turns of callers at servers of both versions: what is said, what is asked for, what is wrong. */
#include "fixture.h"

#include <string.h>

#define ONE "{\"input\": \"yes\", \"instance\": {\"answer\": \"y\"}, \"confidence\": 0.8}"
#define RECOGNIZE(step) "{\"requests\": {\"RECOGNIZE\": [{\"result\": [" ONE "]" step "}]}}"

static void
test_words(gconstpointer data)
{
    guint version = GPOINTER_TO_UINT(data);
    Server server;
    Platform platform;
    g_autofree char *report = NULL;

    server_start(&server, "one", RECOGNIZE(""));
    platform_open_one(&platform, &server, version, "");
    for (guint i = 0; i < 2; i++) {
        Turn turn;

        turn_init(&turn);
        turn_run(&turn, &platform);
        g_assert_no_error(turn.error);
        g_assert_cmpint(turn.end, ==, MCP_RECOGNITION_MATCH);
        g_assert_true(turn.heard);
        g_assert_cmpstr(turn.words, ==, "yes");
        g_assert_cmpstr(turn.interpretation, ==, "{\"answer\":\"y\"}");
        g_assert_cmpfloat_with_epsilon(turn.confidence, 0.8, 0.001);
        g_assert_cmpint(turn.grammar, ==, 0);
        turn_clear(&turn);
        platform_settle(&platform);
    }
    platform_close(&platform);
    report = server_end(&server);
    g_assert_cmpuint(requests_of(report, "DEFINE-GRAMMAR"), ==, 2);
    g_assert_cmpuint(requests_of(report, "RECOGNIZE"), ==, 2);
    g_assert_cmpuint(
        count_words(report, version == 1 ? "\"ended\": \"teardown\"" : "\"ended\": \"bye\""), ==,
        2);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (guint version = 1; version <= 2; version++) {
        g_autofree char *words = g_strdup_printf("/mrcp/v%u/words", version);

        g_test_add_data_func(words, GUINT_TO_POINTER(version), test_words);
    }
    return g_test_run();
}
