/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workers that hang, crash, send nonsense, never end, do not start and do not stop: how a request
 * ends, and that the next one is spoken. Time passes only where a test lets it.
 */
#include "fixture.h"

#include <string.h>

#define REST (30 * G_USEC_PER_SEC) /* longer than any */

static void
open_fake(Fixture *fixture, const char *lines)
{
    fixture_open(fixture, TEST_FAKE, lines);
    g_assert_cmpuint(fixture->ready, ==, 1);
}

/* The one that was lost is replaced, and speaks. */
static void
expect_replaced(Fixture *fixture, guint times)
{
    g_autoptr(GBytes) bytes = NULL;

    fixture_advance(fixture, REST);
    fixture_wait_count(fixture, "restarts", times);
    bytes = fixture_say(fixture, "say 5", NULL);
    g_assert_cmpuint(g_bytes_get_size(bytes), ==, 5 * 4410);
    g_assert_cmpuint(fixture_count(fixture, "restarts"), ==, times);
}

static void
expect(Spoken *spoken, McpError code, const char *words)
{
    g_assert_error(spoken->error, MCP_ERROR, (int)code);
    if (strstr(spoken->error->message, words) == NULL)
        g_error("'%s' without '%s'", spoken->error->message, words);
    spoken_clear(spoken);
}

/* Ends before there is audio. */
static const struct {
    const char *steps;
    const char *words;
    guint restarts;
} silent_faults[] = {
    {"crash", "signal 11", 1},
    {"leave", "exit status 3", 1},
    {"noise", "it sent what no worker sends", 1},
    {"odd", "it sent what no worker sends", 1},
    {"long", "it sent what no worker sends", 1},
    {"again", "it sent what no worker sends", 1},
    {"error", "no such \xef\xbf\xbdword", 0},
};

static void
test_before_audio(Fixture *fixture, gconstpointer unused)
{
    for (guint i = 0; i < G_N_ELEMENTS(silent_faults); i++) {
        Spoken spoken;

        open_fake(fixture, "workers = 1");
        fixture_start_text(fixture, silent_faults[i].steps, &spoken);
        fixture_wait(&spoken);
        expect(&spoken, MCP_ERROR_FAILED, silent_faults[i].words);
        expect_replaced(fixture, silent_faults[i].restarts);
        fixture_close(fixture);
        fixture->ready = 0;
    }
}

/* What is there is heard, then the error is told. */
static void
test_amid_audio(Fixture *fixture, gconstpointer unused)
{
    for (guint i = 0; i < G_N_ELEMENTS(silent_faults); i++) {
        g_autofree char *steps = g_strdup_printf("say 3, %s", silent_faults[i].steps);
        g_autoptr(GBytes) heard = NULL;
        Spoken spoken;

        open_fake(fixture, "workers = 1");
        fixture_start_text(fixture, steps, &spoken);
        fixture_wait(&spoken);
        g_assert_no_error(spoken.error);
        fixture_wait_end(spoken.audio, &spoken.error);
        heard = fixture_heard(spoken.audio);
        g_assert_cmpuint(g_bytes_get_size(heard), ==, 3 * 4410);
        expect(&spoken, MCP_ERROR_FAILED, silent_faults[i].words);
        expect_replaced(fixture, silent_faults[i].restarts);
        fixture_close(fixture);
        fixture->ready = 0;
    }
}

/* Audio after the end is nobody's; who asked has had it all. */
static void
test_after_the_end(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(GBytes) bytes = NULL;

    open_fake(fixture, "workers = 1");
    bytes = fixture_say(fixture, "say 2, late", NULL);
    g_assert_cmpuint(g_bytes_get_size(bytes), ==, 2 * 4410);
    fixture_wait_count(fixture, "workers", 0);
    expect_replaced(fixture, 1);
}

static void
test_hang(Fixture *fixture, gconstpointer unused)
{
    Spoken spoken;
    Spoken waiting;

    open_fake(fixture, "workers = 1\ndeadline = 5s");
    fixture_start_text(fixture, "hang", &spoken);
    fixture_start_text(fixture, "say 1", &waiting);
    fixture_wait_count(fixture, "busy", 1);
    fixture_advance(fixture, 4900 * 1000);
    g_assert_false(spoken.done);
    fixture_advance(fixture, 200 * 1000);
    fixture_wait(&spoken);
    expect(&spoken, MCP_ERROR_TIMEOUT, "not ready in time");
    fixture_wait(&waiting);
    expect(&waiting, MCP_ERROR_TIMEOUT, "not ready in time");
    /* It was told to stop, and has a second to do so. */
    g_assert_cmpuint(fixture_count(fixture, "busy"), ==, 1);
    fixture_advance(fixture, G_USEC_PER_SEC);
    g_assert_cmpuint(fixture_count(fixture, "workers"), ==, 0);
    expect_replaced(fixture, 1);
}

static void
test_hang_amid_audio(Fixture *fixture, gconstpointer unused)
{
    Spoken spoken;

    open_fake(fixture, "workers = 1\ndeadline = 5s");
    fixture_start_text(fixture, "say 2, hang", &spoken);
    fixture_wait(&spoken);
    g_assert_no_error(spoken.error);
    fixture_advance(fixture, 6 * G_USEC_PER_SEC);
    fixture_wait_end(spoken.audio, &spoken.error);
    expect(&spoken, MCP_ERROR_TIMEOUT, "the rest of the speech did not come");
    fixture_advance(fixture, G_USEC_PER_SEC);
    expect_replaced(fixture, 1);
}

/* Ten minutes are heard, and the worker stops as it is told. */
static void
test_endless(Fixture *fixture, gconstpointer unused)
{
    Spoken spoken;

    open_fake(fixture, "workers = 1");
    fixture_start_text(fixture, "endless", &spoken);
    fixture_wait(&spoken);
    g_assert_no_error(spoken.error);
    fixture_wait_end(spoken.audio, &spoken.error);
    expect(&spoken, MCP_ERROR_LIMIT, "longer than ten minutes");
    fixture_wait_count(fixture, "busy", 0);
    g_assert_cmpuint(fixture_noted(fixture, "cancel"), ==, 1);
    expect_replaced(fixture, 0);
}

/* Nobody waits, or nobody listens. */
static void
test_abandoned(Fixture *fixture, gconstpointer unused)
{
    static const char *const steps[] = {"wait", "say 1, wait"};

    open_fake(fixture, "workers = 1");
    for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
        McpSynthesisRequest request = {.text = steps[i]};
        g_autoptr(GCancellable) cancellable = g_cancellable_new();
        Spoken spoken;

        fixture_start(fixture, &request, cancellable, &spoken);
        fixture_wait_count(fixture, "busy", 1);
        if (i == 0)
            g_cancellable_cancel(cancellable);
        fixture_wait(&spoken);
        if (i == 0)
            g_assert_error(spoken.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
        else
            g_assert_no_error(spoken.error);
        spoken_clear(&spoken);
        fixture_wait_noted(fixture, "cancel", i + 1);
        fixture_wait_count(fixture, "busy", 0);
    }
    expect_replaced(fixture, 0);
}

static void
test_queue(Fixture *fixture, gconstpointer unused)
{
    McpSynthesisRequest request = {.text = "wait"};
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    Spoken spoken[5];

    open_fake(fixture, "workers = 1\nqueue = 2");
    fixture_start(fixture, &request, cancellable, &spoken[0]);
    for (guint i = 1; i < G_N_ELEMENTS(spoken); i++) {
        g_autofree char *text = g_strdup_printf("say %u", i);

        fixture_start_text(fixture, text, &spoken[i]);
    }
    for (guint i = 3; i < 5; i++) {
        fixture_wait(&spoken[i]);
        expect(&spoken[i], MCP_ERROR_LIMIT, "2 prompts wait");
    }
    g_cancellable_cancel(cancellable);
    for (guint i = 0; i < 3; i++) {
        fixture_wait(&spoken[i]);
        if (i > 0) {
            g_assert_no_error(spoken[i].error);
            fixture_wait_end(spoken[i].audio, &spoken[i].error);
            g_assert_no_error(spoken[i].error);
        }
        spoken_clear(&spoken[i]);
    }
    g_assert_cmpuint(fixture_count(fixture, "restarts"), ==, 0);
}

/* One that crashes every time is started once a rest, and no more often. */
static void
test_crash_loop(Fixture *fixture, gconstpointer unused)
{
    open_fake(fixture, "workers = 1");
    for (guint i = 1; i <= 6; i++) {
        g_autofree char *text = g_strdup_printf("say 0, crash, say %u", i);
        Spoken spoken;

        fixture_start_text(fixture, text, &spoken);
        fixture_wait(&spoken);
        expect(&spoken, MCP_ERROR_FAILED, "signal 11");
        g_assert_cmpuint(fixture_count(fixture, "workers"), ==, 0);
        g_assert_cmpuint(fixture_noted(fixture, "start"), ==, i);
        /* The first rest is of 50 ms at least, the sixth of 1.6 s. */
        fixture_advance(fixture, (i < 6 ? 50 : 1500) * 1000 - 1000);
        g_assert_cmpuint(fixture_noted(fixture, "start"), ==, i);
        g_assert_cmpuint(fixture_count(fixture, "workers"), ==, 0);
        fixture_advance(fixture, REST);
        fixture_wait_noted(fixture, "start", i + 1);
    }
    expect_replaced(fixture, 6);
}

static const struct {
    const char *start;
    const char *words;
} start_faults[] = {
    {"exit", "exit status 1"},
    {"error", "there are no data"},
    {"nonsense", "it tells of no voices"},
    {"silent", "it does not start"},
};

static void
test_start(Fixture *fixture, gconstpointer unused)
{
    for (guint i = 0; i < G_N_ELEMENTS(start_faults); i++) {
        Spoken spoken;

        g_setenv("MCP_TEST_START", start_faults[i].start, TRUE);
        fixture_begin(fixture, TEST_FAKE, "workers = 1");
        if (i == 3) {
            fixture_wait_count(fixture, "workers", 1);
            fixture_advance(fixture, 11 * G_USEC_PER_SEC);
        }
        while (fixture->failed == 0)
            g_main_context_iteration(NULL, TRUE);
        g_assert_cmpstr(fixture->why, ==, start_faults[i].words);
        fixture_start_text(fixture, "say 1", &spoken);
        fixture_wait(&spoken);
        expect(&spoken, MCP_ERROR_FAILED, "has not started");
        g_assert_cmpuint(fixture_count(fixture, "workers"), ==, 0);
        g_unsetenv("MCP_TEST_START");
        fixture_advance(fixture, REST);
        while (fixture->ready == 0)
            g_main_context_iteration(NULL, TRUE);
        expect_replaced(fixture, 1);
        fixture_close(fixture);
        fixture->ready = 0;
        fixture->failed = 0;
    }
}

/* Once it had voices: who waits does not wait for what does not come. */
static void
test_start_later(Fixture *fixture, gconstpointer unused)
{
    Spoken spoken;
    Spoken waiting;

    open_fake(fixture, "workers = 1\ndeadline = 5m");
    g_setenv("MCP_TEST_START", "exit", TRUE);
    fixture_start_text(fixture, "say 1, wait", &spoken);
    fixture_start_text(fixture, "say 7", &waiting);
    fixture_wait(&spoken);
    g_assert_no_error(spoken.error);
    spoken_clear(&spoken);
    fixture_wait(&waiting);
    g_assert_no_error(waiting.error);
    spoken_clear(&waiting);
    fixture_start_text(fixture, "crash", &spoken);
    fixture_start_text(fixture, "say 8", &waiting);
    fixture_wait(&spoken);
    expect(&spoken, MCP_ERROR_FAILED, "signal 11");
    g_assert_false(waiting.done);
    fixture_advance(fixture, REST);
    fixture_wait(&waiting);
    expect(&waiting, MCP_ERROR_FAILED, "exit status 1");
    fixture_start_text(fixture, "say 9", &spoken);
    fixture_wait(&spoken);
    expect(&spoken, MCP_ERROR_FAILED, "exit status 1");
    g_unsetenv("MCP_TEST_START");
    expect_replaced(fixture, 2);
}

static void
test_no_program(Fixture *fixture, gconstpointer unused)
{
    fixture_open(fixture, "/nowhere/mcp-espeak-worker", "workers = 3");
    g_assert_cmpuint(fixture->ready, ==, 0);
    g_assert_nonnull(strstr(fixture->why, "/nowhere/mcp-espeak-worker"));
    g_assert_cmpuint(fixture_count(fixture, "workers"), ==, 0);
}

/* The service stops with something under way and something that waits. */
static void
test_close(Fixture *fixture, gconstpointer unused)
{
    Spoken spoken;
    Spoken waiting;
    Spoken late;

    open_fake(fixture, "workers = 1");
    fixture_start_text(fixture, "say 2, wait", &spoken);
    fixture_wait(&spoken);
    fixture_start_text(fixture, "say 1", &waiting);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    mcp_espeak_synthesizer_close(fixture->synthesizer);
    fixture_start_text(fixture, "say 3", &late);
    fixture_wait_end(spoken.audio, &spoken.error);
    expect(&spoken, MCP_ERROR_CLOSED, "being stopped");
    fixture_wait(&waiting);
    expect(&waiting, MCP_ERROR_CLOSED, "being stopped");
    fixture_wait(&late);
    expect(&late, MCP_ERROR_CLOSED, "being stopped");
}

/* Fewer workers, and another program, for what comes next; what is under way goes on. */
static void
test_reload(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(McpEspeakConfig) fewer = fixture_config(fixture, TEST_FAKE, "workers = 1");
    g_autoptr(McpEspeakConfig) other = fixture_config(fixture, TEST_WORKER, "workers = 1");
    Spoken spoken[3];

    open_fake(fixture, "workers = 3");
    for (guint i = 0; i < G_N_ELEMENTS(spoken); i++) {
        g_autofree char *text = g_strdup_printf("say %u, wait", i + 1);

        fixture_start_text(fixture, text, &spoken[i]);
    }
    for (guint i = 0; i < G_N_ELEMENTS(spoken); i++)
        fixture_wait(&spoken[i]);
    g_assert_cmpuint(fixture_count(fixture, "workers"), ==, 3);
    mcp_espeak_synthesizer_configure(fixture->synthesizer, fewer);
    g_assert_cmpuint(fixture_count(fixture, "busy"), ==, 3);
    for (guint i = 0; i < G_N_ELEMENTS(spoken); i++)
        spoken_clear(&spoken[i]);
    fixture_wait_count(fixture, "busy", 0);
    g_assert_cmpuint(fixture_count(fixture, "workers"), ==, 1);
    g_assert_cmpuint(fixture_count(fixture, "voices"), ==, 2);
    mcp_espeak_synthesizer_configure(fixture->synthesizer, other);
    g_bytes_unref(fixture_say(fixture, "hello", NULL));
    g_assert_cmpuint(fixture_count(fixture, "voices"), >, 100);
    g_assert_cmpuint(fixture_count(fixture, "restarts"), ==, 0);
}

#define ADD(name, func) \
    g_test_add("/espeak/faults/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("before-audio", test_before_audio);
    ADD("amid-audio", test_amid_audio);
    ADD("after-the-end", test_after_the_end);
    ADD("hang", test_hang);
    ADD("hang-amid-audio", test_hang_amid_audio);
    ADD("endless", test_endless);
    ADD("abandoned", test_abandoned);
    ADD("queue", test_queue);
    ADD("crash-loop", test_crash_loop);
    ADD("start", test_start);
    ADD("start-later", test_start_later);
    ADD("no-program", test_no_program);
    ADD("close", test_close);
    ADD("reload", test_reload);
    return g_test_run();
}
