/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies that ask for a trial: what is taken, and what is refused by the name of the member.
 */
#include <mcp/error.h>
#include <speech_trial/request.h>
#include <string.h>

static GBytes *
body_of(const char *text)
{
    return g_bytes_new_static(text, strlen(text));
}

static void
test_say(void)
{
    g_autoptr(GBytes) body = body_of("{\"text\":\"hello\",\"language\":\"de\",\"voice\":\"v\","
                                     "\"engine\":\"e\",\"rate\":16000,\"timeout\":\"2s\"}");
    g_autoptr(GBytes) marked = body_of("{\"ssml\":\"<speak/>\",\"language\":null}");
    g_autoptr(McpSpeechSay) say = mcp_speech_say_parse(body, NULL);
    g_autoptr(McpSpeechSay) ssml = mcp_speech_say_parse(marked, NULL);

    g_assert_nonnull(say);
    g_assert_cmpstr(say->text, ==, "hello");
    g_assert_cmpstr(say->language, ==, "de");
    g_assert_cmpstr(say->voice, ==, "v");
    g_assert_cmpstr(say->engine, ==, "e");
    g_assert_cmpuint(say->rate, ==, 16000);
    g_assert_cmpint(say->timeout, ==, 2 * G_USEC_PER_SEC);
    g_assert_false(say->ssml);
    g_assert_nonnull(ssml);
    g_assert_cmpstr(ssml->text, ==, "<speak/>");
    g_assert_true(ssml->ssml);
    g_assert_null(ssml->language);
    g_assert_cmpuint(ssml->rate, ==, 8000);
}

static void
test_hear(void)
{
    g_autoptr(GBytes) body = body_of("{\"grammar\":\"#ABNF\",\"grammar_type\":\"t\","
                                     "\"audio\":\"UklGRg==\",\"complete_timeout\":\"300ms\"}");
    g_autoptr(McpSpeechHear) hear = mcp_speech_hear_parse(body, NULL);

    g_assert_nonnull(hear);
    g_assert_cmpstr(hear->grammar, ==, "#ABNF");
    g_assert_cmpstr(hear->grammar_type, ==, "t");
    g_assert_null(hear->grammar_uri);
    g_assert_cmpmem(g_bytes_get_data(hear->audio, NULL), g_bytes_get_size(hear->audio), "RIFF", 4);
    g_assert_cmpint(hear->complete_timeout, ==, 300 * G_TIME_SPAN_MILLISECOND);
    g_assert_cmpint(hear->incomplete_timeout, ==, 0);
}

static void
test_refused(void)
{
    static const struct {
        const char *text;
        const char *say;
        const char *hear;
    } rows[] = {
        {"", "no JSON", "no JSON"},
        {"[]", "no JSON object", "no JSON object"},
        {"{}", "text or ssml", "grammar or grammar_uri"},
        {"{\"text\":\"a\",\"ssml\":\"b\",\"grammar\":\"a\",\"grammar_uri\":\"b\"}", "text or ssml",
         "grammar or grammar_uri"},
        {"{\"text\":1,\"grammar\":1}", "text is no string", "grammar is no string"},
        {"{\"text\":\"a\",\"timeout\":\"3m\",\"grammar\":\"a\"}", "timeout", "timeout"},
        {"{\"text\":\"a\",\"timeout\":\"soon\",\"grammar\":\"a\"}", "timeout", "timeout"},
        {"{\"text\":\"a\",\"rate\":44100,\"grammar\":\"a\"}", "rate", "audio is missing"},
        {"{\"text\":\"a\",\"voice\":{},\"grammar\":\"a\",\"audio\":\"!\"}", "voice is no string",
         "audio is no base64"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GBytes) body = body_of(rows[i].text);
        g_autoptr(GError) of_say = NULL;
        g_autoptr(GError) of_hear = NULL;

        g_assert_null(mcp_speech_say_parse(body, &of_say));
        g_assert_error(of_say, MCP_ERROR, MCP_ERROR_INVALID);
        g_assert_nonnull(strstr(of_say->message, rows[i].say));
        g_assert_null(mcp_speech_hear_parse(body, &of_hear));
        g_assert_error(of_hear, MCP_ERROR, MCP_ERROR_INVALID);
        g_assert_nonnull(strstr(of_hear->message, rows[i].hear));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/control/speech-request/say", test_say);
    g_test_add_func("/control/speech-request/hear", test_hear);
    g_test_add_func("/control/speech-request/refused", test_refused);
    return g_test_run();
}
