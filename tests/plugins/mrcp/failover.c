/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first server fails, in each way there is: the second one goes on amid the turn or before the
 * prompt. How long that took is printed.
 */
#include "fixture.h"

#define YES "\"result\": [{\"input\": \"yes\", \"instance\": \"yes\", \"confidence\": 0.8}]"
#define STEP(step) "{\"requests\": {\"RECOGNIZE\": [{" step ", " YES "}]}}"
#define SPEAK(step) "{\"requests\": {\"SPEAK\": [{" step "}]}}"
#define GOOD                                       \
    "{\"requests\": {\"RECOGNIZE\": [{" YES "}], " \
    "\"SPEAK\": [{\"audio\": {\"tone\": 440, \"ms\": 400}}]}}"
/* What a caller of the tests says ends 800 ms after his first packet; servers wait 300 ms. */
#define SAID_US ((800 + 300) * 1000)
#define PATIENT "connect_timeout = 50s\ntimeout = 50s\n"
/* Those of the settings' defaults. */
#define USUAL ""

typedef struct {
    const char *name;
    const char *scripts[3]; /* of version 1 and 2; NULL: that does not have it */
    const char *more;       /* PATIENT: nothing runs out, so that a failure is seen at once */
} Row;

static const Row turns[] = {
    {"refused", {NULL, "{\"rtsp\": {\"setup\": 453}}", "{\"sip\": {\"invite\": 503}}"}, PATIENT},
    {"silent",
     {NULL, "{\"rtsp\": {\"silent\": true}}", "{\"sip\": {\"invite\": \"silent\"}}"},
     USUAL},
    {"control-refused", {NULL, NULL, "{\"control\": \"refuse\"}"}, PATIENT},
    {"control-silent", {NULL, NULL, "{\"control\": \"silent\"}"}, USUAL},
    {"control-closed", {NULL, NULL, "{\"control\": \"close\"}"}, PATIENT},
    {"no-answer",
     {NULL, STEP("\"fault\": \"no-answer\""), STEP("\"fault\": \"no-answer\"")},
     USUAL},
    {"format", {NULL, STEP("\"status\": 407"), STEP("\"status\": 407")}, PATIENT},
    {"recognizer-error",
     {NULL, STEP("\"cause\": \"error\""), STEP("\"cause\": \"recognizer-error\"")},
     PATIENT},
    {"closes",
     {NULL, STEP("\"fault\": \"close\", \"at\": \"progress\""),
      STEP("\"fault\": \"close\", \"at\": \"progress\"")},
     PATIENT},
    {"killed",
     {NULL, STEP("\"fault\": \"exit\", \"at\": \"progress\""),
      STEP("\"fault\": \"exit\", \"at\": \"progress\"")},
     PATIENT},
    {"garbage", {NULL, STEP("\"fault\": \"garbage\""), STEP("\"fault\": \"garbage\"")}, PATIENT},
    {"half", {NULL, STEP("\"fault\": \"half\""), STEP("\"fault\": \"half\"")}, PATIENT},
};

static const Row prompts[] = {
    {"refused", {NULL, "{\"rtsp\": {\"setup\": 453}}", "{\"sip\": {\"invite\": 503}}"}, PATIENT},
    {"silent",
     {NULL, "{\"rtsp\": {\"silent\": true}}", "{\"sip\": {\"invite\": \"silent\"}}"},
     USUAL},
    {"no-answer",
     {NULL, SPEAK("\"fault\": \"no-answer\""), SPEAK("\"fault\": \"no-answer\"")},
     USUAL},
    {"error",
     {NULL, SPEAK("\"status\": 407, \"cause\": \"error\""),
      SPEAK("\"status\": 407, \"cause\": \"error\"")},
     PATIENT},
    {"killed",
     {NULL, SPEAK("\"fault\": \"exit\", \"at\": \"answer\""),
      SPEAK("\"fault\": \"exit\", \"at\": \"answer\"")},
     PATIENT},
};

typedef struct {
    const Row *row;
    guint version;
} Given;

static void
open_both(const Given *given, Server *bad, Server *good, Platform *platform)
{
    server_start(bad, "bad", given->row->scripts[given->version]);
    server_start(good, "good", GOOD);
    platform_open_two(platform, bad, good, given->version, given->row->more);
}

static void
test_turn(gconstpointer data)
{
    const Given *given = data;
    g_autofree char *report = NULL;
    gint64 begun = 0;
    Server bad;
    Server good;
    Platform platform;
    Turn turn;

    open_both(given, &bad, &good, &platform);
    turn_init(&turn);
    begun = g_get_monotonic_time();
    turn_run(&turn, &platform);
    g_test_message("%.2f s behind what was said",
                   (double)(g_get_monotonic_time() - begun - SAID_US) / G_USEC_PER_SEC);
    g_assert_no_error(turn.error);
    g_assert_cmpint(turn.end, ==, MCP_RECOGNITION_MATCH);
    g_assert_cmpstr(turn.words, ==, "yes");
    turn_clear(&turn);
    platform_settle(&platform);
    platform_close(&platform);
    g_free(server_end_by(&bad));
    report = server_end(&good);
    /* It has heard all of it. */
    g_assert_cmpuint(number_of(report, "level"), >, 1000);
    g_assert_cmpuint(number_of(report, "milliseconds"), >, 600);
}

static void
test_prompt(gconstpointer data)
{
    const Given *given = data;
    gint64 begun = 0;
    guint ms = 0;
    Server bad;
    Server good;
    Platform platform;
    Prompt prompt;

    open_both(given, &bad, &good, &platform);
    begun = g_get_monotonic_time();
    prompt_ask(&prompt, &platform, "Hello");
    prompt_wait(&prompt);
    g_test_message("%.2f s until the first audio",
                   (double)(g_get_monotonic_time() - begun) / G_USEC_PER_SEC);
    prompt_wait_end(&prompt);
    g_assert_cmpuint(prompt_level(&prompt, &ms), >, 1000);
    g_assert_cmpuint(ms, >=, 300);
    prompt_clear(&prompt);
    platform_settle(&platform);
    platform_close(&platform);
    g_free(server_end_by(&bad));
    g_free(server_end(&good));
}

/* Nobody listens there. */
static void
test_absent(gconstpointer data)
{
    g_autofree char *target = NULL;
    gint64 begun = 0;
    Server good;
    Platform platform;
    Turn turn;

    server_start(&good, "good", GOOD);
    target = server_target(&good, 1);
    platform_open(&platform,
                  "[mrcp.server \"one\"]\nweight = 1000\ntarget = rtsp://127.0.0.1:%u\nprobe = 0s\n"
                  "[mrcp.server \"two\"]\n%s" PATIENT,
                  unused_port(), target);
    turn_init(&turn);
    begun = g_get_monotonic_time();
    turn_run(&turn, &platform);
    g_test_message("%.2f s behind what was said",
                   (double)(g_get_monotonic_time() - begun - SAID_US) / G_USEC_PER_SEC);
    g_assert_cmpint(turn.end, ==, MCP_RECOGNITION_MATCH);
    turn_clear(&turn);
    platform_settle(&platform);
    platform_close(&platform);
    g_free(server_end(&good));
}

/* The only one fails: another engine may do better. */
static void
test_alone(gconstpointer version)
{
    Server server;
    Platform platform;
    Turn turn;

    server_start(&server, "one", STEP("\"fault\": \"close\", \"at\": \"progress\""));
    platform_open_one(&platform, &server, GPOINTER_TO_UINT(version), "");
    turn_init(&turn);
    turn_run(&turn, &platform);
    g_assert_cmpint(turn.end, ==, MCP_RECOGNITION_FAILED);
    g_assert_error(turn.error, MCP_ERROR, MCP_ERROR_CLOSED);
    g_assert_true(turn.elsewhere);
    turn_clear(&turn);
    platform_settle(&platform);
    platform_close(&platform);
    g_free(server_end_by(&server));
}

static void
add_rows(const char *kind, const Row *rows, guint n, GTestDataFunc func)
{
    for (guint i = 0; i < n; i++) {
        for (guint version = 1; version <= 2; version++) {
            g_autofree char *path =
                g_strdup_printf("/mrcp/failover/v%u/%s/%s", version, kind, rows[i].name);
            Given *given = g_new(Given, 1);

            *given = (Given){&rows[i], version};
            if (rows[i].scripts[version] != NULL)
                g_test_add_data_func_full(path, given, func, g_free);
            else
                g_free(given);
        }
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_rows("turn", turns, G_N_ELEMENTS(turns), test_turn);
    add_rows("prompt", prompts, G_N_ELEMENTS(prompts), test_prompt);
    g_test_add_data_func("/mrcp/failover/v1/absent", NULL, test_absent);
    g_test_add_data_func("/mrcp/failover/v1/alone", GUINT_TO_POINTER(1), test_alone);
    g_test_add_data_func("/mrcp/failover/v2/alone", GUINT_TO_POINTER(2), test_alone);
    return g_test_run();
}
