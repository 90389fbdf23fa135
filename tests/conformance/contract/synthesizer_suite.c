/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The synthesizer contract (mcp/contract/synthesizer.h): audio and its identity, classes of
 * failure, whose context it finishes on, cancellation.
 */
#include "synthesizer_suite.h"

#include "contract.h"

#include <string.h>

static McpSynthesizer *synthesizer;

static McpAudio *
speak(const McpSynthesisRequest *request, GCancellable *cancellable, GError **error)
{
    Finished finished = {0};
    McpAudio *audio = NULL;

    mcp_synthesizer_synthesize_async(synthesizer, request, cancellable, on_finished, &finished);
    g_assert_cmpuint(finished.times, ==, 0);
    finished_wait(&finished);
    audio = mcp_synthesizer_synthesize_finish(synthesizer, finished.result, error);
    finished_clear(&finished);
    return audio;
}

/* One that grows has its bytes at its end. */
static void
wait_end(McpAudio *audio)
{
    while (mcp_audio_is_growing(audio))
        if (!g_main_context_iteration(NULL, FALSE))
            g_thread_yield();
}

static McpAudio *
say(const char *text, gboolean ssml)
{
    McpSynthesisRequest request = {.text = text, .ssml = ssml, .sample_rate = 8000};
    g_autoptr(GError) error = NULL;
    McpAudio *audio = speak(&request, NULL, &error);

    g_assert_no_error(error);
    return audio;
}

static void
expect_error(const McpSynthesisRequest *request, McpError code)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(speak(request, NULL, &error));
    g_assert_error(error, MCP_ERROR, (gint)code);
}

static void
test_audio(void)
{
    g_autoptr(McpAudio) plain = say("hello", FALSE);
    g_autoptr(McpAudio) ssml = say("<speak>hello</speak>", TRUE);

    wait_end(plain);
    wait_end(ssml);
    g_assert_cmpuint(g_bytes_get_size(mcp_audio_get_bytes(plain)), >, 0);
    g_assert_true(g_str_has_prefix(mcp_audio_get_content_type(plain), "audio/"));
    g_assert_cmpuint(g_bytes_get_size(mcp_audio_get_bytes(ssml)), >, 0);
}

/* "equal requests give audio of equal identity, so caches hit" */
static void
test_identity(void)
{
    g_autoptr(McpAudio) first = say("the same words", FALSE);
    g_autoptr(McpAudio) again = say("the same words", FALSE);
    g_autoptr(McpAudio) other = say("other words", FALSE);

    g_assert_cmpstr(mcp_audio_get_id(first), ==, mcp_audio_get_id(again));
    g_assert_cmpstr(mcp_audio_get_id(first), !=, mcp_audio_get_id(other));
}

/* "Strings are copied." */
static void
test_copies(void)
{
    g_autofree char *text = g_strdup("the same words");
    McpSynthesisRequest *request = g_new0(McpSynthesisRequest, 1);
    g_autoptr(McpAudio) wanted = say("the same words", FALSE);
    g_autoptr(McpAudio) audio = NULL;
    Finished finished = {0};

    *request = (McpSynthesisRequest){.text = text, .sample_rate = 8000};
    mcp_synthesizer_synthesize_async(synthesizer, request, NULL, on_finished, &finished);
    memset(text, 'x', strlen(text));
    g_free(request);
    finished_wait(&finished);
    audio = mcp_synthesizer_synthesize_finish(synthesizer, finished.result, NULL);
    g_assert_cmpstr(mcp_audio_get_id(audio), ==, mcp_audio_get_id(wanted));
    finished_clear(&finished);
}

static void
test_malformed(void)
{
    McpSynthesisRequest request = {.text = "<speak>one<", .ssml = TRUE, .sample_rate = 8000};

    expect_error(&request, MCP_ERROR_INVALID);
}

static void
test_language(void)
{
    McpSynthesisRequest request = {.text = "eins", .sample_rate = 8000};

    request.language = synthesizer_provider.unknown_language;
    expect_error(&request, MCP_ERROR_UNSUPPORTED);
}

static void
test_limit(void)
{
    g_autofree char *text = g_strnfill(synthesizer_provider.too_long, 'a');
    McpSynthesisRequest request = {.text = text, .sample_rate = 8000};

    expect_error(&request, MCP_ERROR_LIMIT);
}

static char *
make_story(void)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < 300; i++)
        g_string_append_printf(text, "This is sentence number %u. ", i);
    return g_string_free(text, FALSE);
}

static void
test_deadline(void)
{
    g_autofree char *story = make_story();
    McpSynthesisRequest request = {.text = story, .sample_rate = 8000, .deadline = 1000};

    expect_error(&request, MCP_ERROR_TIMEOUT);
}

static void
test_cancel(void)
{
    g_autofree char *story = make_story();
    McpSynthesisRequest request = {.text = story, .sample_rate = 8000};
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GError) error = NULL;
    Finished finished = {0};

    mcp_synthesizer_synthesize_async(synthesizer, &request, cancellable, on_finished, &finished);
    g_cancellable_cancel(cancellable);
    finished_wait(&finished);
    g_assert_null(mcp_synthesizer_synthesize_finish(synthesizer, finished.result, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    settle(20);
    finished_clear(&finished);
}

static gpointer
speak_there(gpointer data)
{
    g_autoptr(McpAudio) audio = say("said elsewhere", FALSE);

    return NULL;
}

/* "Finishes on the caller's context" (finished_clear()). */
static void
test_context(void)
{
    in_thread(speak_there, NULL);
}

#define ADD(name, func) g_test_add_func("/synthesizer/" name, func)

int
main(int argc, char **argv)
{
    int result = 0;

    g_test_init(&argc, &argv, NULL);
    ADD("audio", test_audio);
    ADD("identity", test_identity);
    ADD("copies", test_copies);
    ADD("malformed", test_malformed);
    ADD("language", test_language);
    if (synthesizer_provider.too_long > 0)
        ADD("limit", test_limit);
    if (synthesizer_provider.takes_time)
        ADD("deadline", test_deadline);
    ADD("cancel", test_cancel);
    ADD("context", test_context);
    synthesizer = synthesizer_provider.open();
    result = g_test_run();
    synthesizer_provider.close(synthesizer);
    shard_end();
    return result;
}
