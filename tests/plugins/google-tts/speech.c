/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speech as the service gives it: text and SSML, rates, voices, languages, streams, what is kept,
 * identities by key and account, proxy, plaintext.
 */
#include "fixture.h"

#include <string.h>

static void
test_text(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(McpAudio) audio = NULL;

    fixture_open(fixture, "speaking_rate = 1.25\npitch = -2\nvolume_gain_db = 3.5\n"
                          "effects_profile = telephony-class-application, handset-class-device");
    audio = fixture_say(fixture, "good morning");
    audio_check(audio, strlen("good morning"), 8000);
    stand_expect_last(&fixture->stand, "\"kind\": \"text\", \"text\": \"good morning\"");
    stand_expect_last(&fixture->stand, "\"rate\": 8000, \"encoding\": 1, \"speed\": 1.25");
    stand_expect_last(&fixture->stand,
                      "\"pitch\": -2.0, \"gain\": 3.5, \"effects\": "
                      "[\"telephony-class-application\", \"handset-class-device\"]");
}

static void
test_ssml(Fixture *fixture, gconstpointer unused)
{
    McpSynthesisRequest request = {
        .text = "<speak>hello</speak>", .ssml = TRUE, .sample_rate = 16000, .language = "en-GB"};
    Spoken spoken;

    fixture_open(fixture, "streaming = true");
    fixture_speak(fixture, &request, &spoken);
    g_assert_no_error(spoken.error);
    audio_check(spoken.audio, strlen("hello"), 16000);
    stand_expect_last(&fixture->stand, "\"kind\": \"ssml\", \"text\": \"<speak>hello</speak>\"");
    stand_expect_last(&fixture->stand, "\"language\": \"en-GB\", \"voice\": \"en-GB-Standard-A\"");
    spoken_clear(&spoken);
    request.text = "<speak>hello";
    fixture_speak(fixture, &request, &spoken);
    g_assert_error(spoken.error, MCP_ERROR, MCP_ERROR_INVALID);
    spoken_clear(&spoken);
}

/* What is asked for, and the voice that the service must have been asked for. */
static const struct {
    const char *language;
    const char *voice;
    const char *wanted;
} choices[] = {
    {NULL, NULL, "\"language\": \"en-US\", \"voice\": \"en-US-Standard-A\""},
    {"de-DE", NULL, "\"language\": \"de-DE\", \"voice\": \"de-DE-Standard-B\""},
    {"de", NULL, "\"language\": \"de-DE\", \"voice\": \"de-DE-Standard-B\""},
    {"de-CH", NULL, "\"language\": \"de-DE\", \"voice\": \"de-DE-Standard-B\""},
    {"en-GB", NULL, "\"language\": \"en-GB\", \"voice\": \"en-GB-Standard-A\""},
    {NULL, "de-DE-Chirp3-HD-Kore", "\"language\": \"de-DE\", \"voice\": \"de-DE-Chirp3-HD-Kore\""},
    {"en-US", "Kore", "\"language\": \"en-US\", \"voice\": \"Kore\""},
};

static void
test_voices(Fixture *fixture, gconstpointer unused)
{
    McpSynthesisRequest request = {.text = "hallo", .sample_rate = 8000, .language = "ja-JP"};
    Spoken spoken;

    fixture_open(fixture, "gender = male\ncache = 0");
    for (gsize i = 0; i < G_N_ELEMENTS(choices); i++) {
        request.language = choices[i].language;
        request.voice = choices[i].voice;
        fixture_speak(fixture, &request, &spoken);
        g_assert_no_error(spoken.error);
        stand_expect_last(&fixture->stand, choices[i].wanted);
        spoken_clear(&spoken);
    }
    request.language = "ja-JP";
    request.voice = NULL;
    fixture_speak(fixture, &request, &spoken);
    g_assert_error(spoken.error, MCP_ERROR, MCP_ERROR_UNSUPPORTED);
    g_assert_nonnull(strstr(spoken.error->message, "'ja-JP'"));
    spoken_clear(&spoken);
    g_assert_cmpuint(stand_count(&fixture->stand, "voices"), ==, 1);
    g_assert_cmpuint(stand_count(&fixture->stand, "synthesize"), ==, G_N_ELEMENTS(choices));
}

/* Without a list the service itself chooses. */
static void
test_no_list(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(McpAudio) audio = NULL;

    g_free(stand_tell(&fixture->stand, "voices off"));
    fixture_open(fixture, "language = de-DE\ngender = female");
    audio = fixture_say(fixture, "hallo");
    stand_expect_last(&fixture->stand, "\"language\": \"de-DE\", \"voice\": \"\", \"gender\": 2");
}

static void
test_settings_voice(Fixture *fixture, gconstpointer unused)
{
    McpSynthesisRequest request = {.text = "hallo", .sample_rate = 8000, .language = "de-AT"};
    g_autoptr(McpAudio) audio = NULL;
    Spoken spoken;

    fixture_open(fixture, "voice = en-US-Wavenet-A");
    audio = fixture_say(fixture, "hello");
    stand_expect_last(&fixture->stand, "\"language\": \"en-US\", \"voice\": \"en-US-Wavenet-A\"");
    fixture_speak(fixture, &request, &spoken);
    g_assert_no_error(spoken.error);
    stand_expect_last(&fixture->stand, "\"voice\": \"de-DE-Standard-A\"");
    spoken_clear(&spoken);
}

static void
test_kept(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(McpAudio) first = NULL;
    g_autoptr(McpAudio) again = NULL;
    g_autoptr(McpAudio) silence = NULL;
    Spoken one;
    Spoken two;
    McpSynthesisRequest request = {.text = "both at once", .sample_rate = 8000};

    fixture_open(fixture, "");
    first = fixture_say(fixture, "the same");
    again = fixture_say(fixture, "the same");
    g_assert_true(first == again);
    g_assert_true(mcp_synthesizer_flush(MCP_SYNTHESIZER(fixture->synthesizer), NULL));
    mcp_audio_unref(again);
    again = fixture_say(fixture, "the same");
    g_assert_true(first != again);
    g_assert_cmpuint(stand_count(&fixture->stand, "synthesize"), ==, 2);
    fixture_start(fixture, &request, NULL, &one);
    fixture_start(fixture, &request, NULL, &two);
    fixture_wait(fixture, &one);
    fixture_wait(fixture, &two);
    g_assert_nonnull(one.audio);
    g_assert_true(one.audio == two.audio);
    g_assert_cmpuint(stand_count(&fixture->stand, "synthesize"), ==, 3);
    silence = fixture_say(fixture, " \n");
    g_assert_cmpuint(g_bytes_get_size(mcp_audio_get_bytes(silence)), ==, 1600);
    g_assert_cmpuint(stand_count(&fixture->stand, "synthesize"), ==, 3);
    spoken_clear(&one);
    spoken_clear(&two);
}

static gboolean
has_ended(gpointer audio)
{
    return !mcp_audio_is_growing(audio);
}

static void
ignore(gpointer user_data)
{
    g_main_context_wakeup(NULL);
}

static void
wait_whole(Fixture *fixture, McpAudio *audio)
{
    g_autoptr(McpAudioWatch) watch = mcp_audio_watch_new(audio, ignore, NULL, NULL);

    stand_wait_until(&fixture->stand, has_ended, audio);
}

static void
test_stream(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(McpAudio) audio = NULL;
    g_autoptr(McpAudio) kept = NULL;
    const char *text = "a longer text of which the first piece comes before the last one does";

    fixture_open(fixture, "streaming = true\nspeaking_rate = 0.9");
    audio = fixture_say(fixture, text);
    wait_whole(fixture, audio);
    audio_check(audio, strlen(text), 8000);
    stand_expect_last(&fixture->stand, "\"rate\": 8000, \"encoding\": 7, \"speed\": 0.9");
    stand_expect_last(&fixture->stand, "\"kind\": \"stream\"");
    stand_expect_last(&fixture->stand, "\"closed\": true");
    g_assert_cmpuint(stand_count(&fixture->stand, "synthesize"), ==, 0);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    kept = fixture_say(fixture, text);
    g_assert_cmpstr(mcp_audio_get_id(kept), ==, mcp_audio_get_id(audio));
    audio_check(kept, strlen(text), 8000);
    g_assert_cmpuint(stand_count(&fixture->stand, "stream"), ==, 1);
}

/* The first piece is there while the service still holds the rest back. */
static void
test_first_piece(Fixture *fixture, gconstpointer unused)
{
    McpAudio *audio = NULL;
    McpAudioWatch *watch = NULL;
    g_autoptr(GBytes) bytes = NULL;
    gboolean over = FALSE;

    fixture_open(fixture, "streaming = true");
    audio = fixture_say(fixture, "hold the rest of this back");
    watch = mcp_audio_watch_new(audio, ignore, NULL, NULL);
    bytes = mcp_audio_watch_read(watch, 0, &over, NULL);
    g_assert_cmpuint(g_bytes_get_size(bytes), ==, 1600);
    g_assert_false(over);
    mcp_audio_watch_free(watch);
    stand_wait_count(&fixture->stand, "active", 1);
    g_assert_cmpuint(stand_count(&fixture->stand, "stream"), ==, 1);
    /* Nobody listens any more: the call is given up. */
    mcp_audio_unref(audio);
    stand_wait_count(&fixture->stand, "active", 0);
}

static void
test_api_key(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *lines =
        g_strdup_printf("endpoint = 127.0.0.1:%u\nca_file = %s/ca.pem\napi_key = key-of-the-tests",
                        fixture->stand.relay, fixture->stand.folder);
    g_autoptr(McpAudio) audio = NULL;

    fixture_open_with(fixture, lines);
    audio = fixture_say(fixture, "hello");
    audio_check(audio, 5, 8000);
    g_assert_cmpuint(stand_count(&fixture->stand, "asked"), ==, 0);
}

static void
test_plaintext(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *lines =
        g_strdup_printf("endpoint = 127.0.0.1:%u\nplaintext = true\napi_key = key-of-the-tests",
                        fixture->stand.plain);
    g_autoptr(McpAudio) audio = NULL;

    fixture_open_with(fixture, lines);
    audio = fixture_say(fixture, "hello");
    audio_check(audio, 5, 8000);
}

static void
test_proxy(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *proxy = g_strdup_printf("proxy = http://127.0.0.1:%u", fixture->stand.proxy);
    g_autoptr(McpAudio) audio = NULL;
    g_autofree char *asked = NULL;
    g_autofree char *wanted = NULL;

    fixture_open(fixture, proxy);
    audio = fixture_say(fixture, "hello");
    asked = stand_tell(&fixture->stand, "ask proxied");
    wanted = g_strdup_printf("CONNECT 127.0.0.1:%u HTTP/1.1", fixture->stand.relay);
    g_assert_cmpstr(asked, ==, wanted);
    g_assert_cmpuint(stand_count(&fixture->stand, "connections"), ==, 0);
}

/* A certificate of an authority that is not ours: nobody is asked. */
static void
test_wrong_authority(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *lines = g_strdup_printf(
        "endpoint = 127.0.0.1:%u\napi_key = key-of-the-tests\nretries = 0", fixture->stand.relay);

    fixture_open_with(fixture, lines);
    fixture_fail(fixture, "hello", MCP_ERROR_FAILED, "UNAVAILABLE");
    g_assert_cmpuint(stand_count(&fixture->stand, "synthesize"), ==, 0);
}

/* New settings for new requests; the old backend goes with its last one. */
static void
test_reload(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *lines =
        g_strdup_printf("endpoint = 127.0.0.1:%u\nca_file = %s/ca.pem\napi_key = key-of-the-tests\n"
                        "voice = de-DE-Standard-A",
                        fixture->stand.relay, fixture->stand.folder);
    g_autoptr(McpGoogleConfig) next = NULL;
    McpSynthesisRequest request = {.text = "crowd 2", .sample_rate = 8000};
    Spoken one;
    Spoken two;

    fixture_open(fixture, "");
    fixture_start(fixture, &request, NULL, &one);
    stand_wait_count(&fixture->stand, "synthesize", 1);
    next = fixture_config(fixture, lines);
    g_assert_true(mcp_google_synthesizer_configure(fixture->synthesizer, next, NULL));
    fixture_start(fixture, &request, NULL, &two);
    fixture_wait(fixture, &one);
    fixture_wait(fixture, &two);
    g_assert_no_error(one.error);
    g_assert_no_error(two.error);
    g_assert_cmpstr(mcp_audio_get_id(one.audio), !=, mcp_audio_get_id(two.audio));
    stand_expect_last(&fixture->stand, "\"voice\": \"de-DE-Standard-A\"");
    spoken_clear(&one);
    spoken_clear(&two);
}

#define ADD(name, func) \
    g_test_add("/google-tts/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("text", test_text);
    ADD("ssml", test_ssml);
    ADD("voices", test_voices);
    ADD("no-list", test_no_list);
    ADD("settings-voice", test_settings_voice);
    ADD("kept", test_kept);
    ADD("stream", test_stream);
    ADD("first-piece", test_first_piece);
    ADD("api-key", test_api_key);
    ADD("plaintext", test_plaintext);
    ADD("proxy", test_proxy);
    ADD("wrong-authority", test_wrong_authority);
    ADD("reload", test_reload);
    return g_test_run();
}
