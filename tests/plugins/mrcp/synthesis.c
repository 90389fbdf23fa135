/* SPDX-License-Identifier: Apache-2.0 */
/* Prompts said by servers of both versions: whole ones, one that nobody wants any more, faults. */
#include "fixture.h"

#include <string.h>

#define SPEAK(step) "{\"requests\": {\"SPEAK\": [{" step "}]}}"
#define LONG "\"audio\": {\"tone\": 440, \"ms\": 60000}"
#define SSML                                                            \
    "<?xml version=\"1.0\"?><speak version=\"1.0\" xml:lang=\"en-US\" " \
    "xmlns=\"http://www.w3.org/2001/10/synthesis\">Hello</speak>"

typedef struct {
    Server server;
    Platform platform;
    Prompt prompt;
} Case;

static void
case_open(Case *test, gconstpointer version, const char *script)
{
    server_start(&test->server, "one", script);
    platform_open_one(&test->platform, &test->server, GPOINTER_TO_UINT(version), "");
}

/* (transfer full): the server's report */
static char *
case_close(Case *test)
{
    prompt_clear(&test->prompt);
    platform_settle(&test->platform);
    platform_close(&test->platform);
    return server_end(&test->server);
}

static void
test_whole(gconstpointer version)
{
    g_autofree char *report = NULL;
    guint ms = 0;
    Case test;

    case_open(&test, version, SPEAK("\"audio\": {\"tone\": 440, \"ms\": 600}"));
    prompt_ask(&test.prompt, &test.platform, "Hello");
    prompt_wait_end(&test.prompt);
    g_assert_cmpuint(prompt_level(&test.prompt, &ms), >, 1000);
    g_assert_cmpuint(ms, >=, 500);
    prompt_clear(&test.prompt);
    platform_settle(&test.platform);
    prompt_ask(&test.prompt, &test.platform, SSML);
    prompt_wait_end(&test.prompt);
    report = case_close(&test);
    g_assert_cmpuint(requests_of(report, "SPEAK"), ==, 2);
    g_assert_cmpuint(count_words(report, "\"text/plain\""), ==, 1);
    g_assert_cmpuint(count_words(report, version == GUINT_TO_POINTER(1)
                                             ? "\"application/synthesis+ssml\""
                                             : "\"application/ssml+xml\""),
                     ==, 1);
}

static gboolean
has_some(gpointer user_data)
{
    guint ms = 0;

    return prompt_level(user_data, &ms) > 1000 && ms >= 200;
}

/* The first audio is there long before the last; who does not want it any more lets the server know
 * that the caller has interrupted. */
static void
test_barge_in(gconstpointer version)
{
    g_autofree char *report = NULL;
    Case test;

    case_open(&test, version, SPEAK(LONG));
    prompt_ask(&test.prompt, &test.platform, "Hello");
    prompt_wait(&test.prompt);
    g_assert_no_error(test.prompt.error);
    g_assert_true(mcp_audio_is_growing(test.prompt.audio));
    wait_until(has_some, &test.prompt, "audio");
    g_assert_true(mcp_audio_is_growing(test.prompt.audio));
    prompt_clear(&test.prompt);
    server_wait_report(&test.server, "\"ended\": ");
    report = case_close(&test);
    g_assert_cmpuint(requests_of(report, "BARGE-IN-OCCURRED"), ==, 1);
}

static void
test_dies_amid(gconstpointer version)
{
    g_autoptr(McpAudioWatch) watch = NULL;
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(GError) error = NULL;
    gboolean ended = FALSE;
    Case test;

    case_open(&test, version, SPEAK(LONG));
    prompt_ask(&test.prompt, &test.platform, "Hello");
    prompt_wait(&test.prompt);
    g_assert_no_error(test.prompt.error);
    wait_until(has_some, &test.prompt, "audio");
    server_kill(&test.server);
    prompt_wait_end(&test.prompt);
    watch = mcp_audio_watch_new(test.prompt.audio, NULL, NULL, NULL);
    bytes = mcp_audio_watch_read(watch, 0, &ended, &error);
    g_assert_true(ended);
    g_assert_error(error, MCP_ERROR, MCP_ERROR_CLOSED);
    g_assert_cmpuint(g_bytes_get_size(bytes), >, 0);
    g_clear_pointer(&watch, mcp_audio_watch_free);
    prompt_clear(&test.prompt);
    platform_settle(&test.platform);
    platform_close(&test.platform);
}

/* What cannot be read is no better elsewhere. */
static void
test_fault(gconstpointer version)
{
    g_autofree char *report = NULL;
    Server other;
    Case test;

    server_start(&test.server, "one", SPEAK("\"status\": 407, \"cause\": \"parse-failure\""));
    server_start(&other, "other", NULL);
    platform_open_two(&test.platform, &test.server, &other, GPOINTER_TO_UINT(version),
                      "connect_timeout = 50s\ntimeout = 50s\n");
    prompt_ask(&test.prompt, &test.platform, SSML);
    prompt_wait(&test.prompt);
    g_assert_null(test.prompt.audio);
    g_assert_error(test.prompt.error, MCP_ERROR, MCP_ERROR_INVALID);
    g_free(case_close(&test));
    report = server_end(&other);
    g_assert_nonnull(strstr(report, "\"sessions\": []"));
}

int
main(int argc, char **argv)
{
    static const struct {
        const char *name;
        GTestDataFunc func;
    } tests[] = {
        {"whole", test_whole},
        {"barge-in", test_barge_in},
        {"dies-amid", test_dies_amid},
        {"fault", test_fault},
    };

    g_test_init(&argc, &argv, NULL);
    for (guint version = 1; version <= 2; version++) {
        for (guint i = 0; i < G_N_ELEMENTS(tests); i++) {
            g_autofree char *path = g_strdup_printf("/mrcp/v%u/speak/%s", version, tests[i].name);

            g_test_add_data_func(path, GUINT_TO_POINTER(version), tests[i].func);
        }
    }
    return g_test_run();
}
