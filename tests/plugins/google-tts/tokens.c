/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The access token: one for all, renewed, dropped when it is not accepted, refused.
 */
#include "fixture.h"

#include <string.h>

#define MANY 50

static void
speak_many(Fixture *fixture, const char *what)
{
    g_autofree Spoken *all = g_new0(Spoken, MANY);
    char *texts[MANY];

    for (guint i = 0; i < MANY; i++) {
        McpSynthesisRequest request = {.sample_rate = 8000};

        texts[i] = g_strdup_printf("%s %u", what, i);
        request.text = texts[i];
        fixture_start(fixture, &request, NULL, &all[i]);
    }
    for (guint i = 0; i < MANY; i++) {
        fixture_wait(fixture, &all[i]);
        g_assert_no_error(all[i].error);
        audio_check(all[i].audio, strlen(texts[i]), 8000);
        spoken_clear(&all[i]);
        g_free(texts[i]);
    }
}

static void
test_one_for_all(Fixture *fixture, gconstpointer unused)
{
    fixture_open(fixture, "");
    speak_many(fixture, "number");
    g_assert_cmpuint(stand_count(&fixture->stand, "synthesize"), ==, MANY);
    g_assert_cmpuint(stand_count(&fixture->stand, "asked"), ==, 1);
    g_assert_cmpuint(fixture->stand.tokens[TRUE], ==, 1);
    g_assert_cmpuint(stand_count(&fixture->stand, "connections"), ==, 1);
}

/* All of them fail once with the old one; together they ask for one new. */
static void
test_revoked(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(McpAudio) audio = NULL;

    fixture_open(fixture, "");
    audio = fixture_say(fixture, "first");
    g_free(stand_tell(&fixture->stand, "revoke"));
    speak_many(fixture, "number");
    g_assert_cmpuint(stand_count(&fixture->stand, "unauthenticated"), >=, 1);
    g_assert_cmpuint(stand_count(&fixture->stand, "granted"), ==, 2);
}

static gboolean
is_third(gpointer user_data)
{
    return stand_count(&((Fixture *)user_data)->stand, "granted") >= 3;
}

/* A token of four seconds: it is renewed ahead of its end, and nobody sees an old one. */
static void
test_expiry(Fixture *fixture, gconstpointer unused)
{
    guint spoken = 0;

    g_free(stand_tell(&fixture->stand, "lifetime 4"));
    fixture_open(fixture, "retries = 0\ncache = 0");
    while (!is_third(fixture)) {
        g_autoptr(McpAudio) audio = fixture_say(fixture, "and again");

        spoken++;
    }
    g_test_message("%u prompts", spoken);
    g_assert_cmpuint(spoken, >=, 3);
}

static void
test_refused(Fixture *fixture, gconstpointer unused)
{
    g_free(stand_tell(&fixture->stand, "token-status 400"));
    fixture_open(fixture, "");
    fixture_fail(fixture, "hello", MCP_ERROR_REFUSED, "400 out_of_order");
    g_assert_cmpuint(fixture->stand.tokens[FALSE], ==, 1);
    g_assert_cmpuint(stand_count(&fixture->stand, "synthesize"), ==, 0);
}

/* The endpoint is ill for a moment. */
static void
test_unavailable(Fixture *fixture, gconstpointer unused)
{
    McpSynthesisRequest request = {
        .text = "hello", .sample_rate = 8000, .deadline = 25 * G_USEC_PER_SEC};
    Spoken spoken;

    g_free(stand_tell(&fixture->stand, "token-status 503"));
    fixture_open(fixture, "retries = 10");
    fixture_start(fixture, &request, NULL, &spoken);
    stand_wait_count(&fixture->stand, "asked", 1);
    g_free(stand_tell(&fixture->stand, "token-status 200"));
    fixture_wait(fixture, &spoken);
    g_assert_no_error(spoken.error);
    spoken_clear(&spoken);
}

/* A key that the service does not know fails for good, and at once. */
static void
test_bad_key(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *lines =
        g_strdup_printf("endpoint = 127.0.0.1:%u\nca_file = %s/ca.pem\napi_key = wrong",
                        fixture->stand.relay, fixture->stand.folder);

    fixture_open_with(fixture, lines);
    fixture_fail(fixture, "hello", MCP_ERROR_REFUSED, "UNAUTHENTICATED");
    g_assert_cmpuint(stand_count(&fixture->stand, "synthesize"), ==, 1);
}

#define ADD(name, func) \
    g_test_add("/google-tts/token/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("one-for-all", test_one_for_all);
    ADD("revoked", test_revoked);
    ADD("expiry", test_expiry);
    ADD("refused", test_refused);
    ADD("unavailable", test_unavailable);
    ADD("bad-key", test_bad_key);
    return g_test_run();
}
