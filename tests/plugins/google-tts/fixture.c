/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The common ground of the tests: the synthesizer on the default context, and what it is asked
 * with.
 */
#include "fixture.h"

#include <string.h>

void
fixture_set_up(Fixture *fixture, gconstpointer absent)
{
    stand_set_up(&fixture->stand, TEST_SERVER, mcp_google_settings, absent);
    fixture->deps = (McpGoogleDeps){.service = fixture->stand.deps};
}

void
fixture_tear_down(Fixture *fixture, gconstpointer unused)
{
    if (fixture->synthesizer != NULL)
        mcp_google_synthesizer_close(fixture->synthesizer);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    if (fixture->synthesizer != NULL)
        g_assert_finalize_object(g_steal_pointer(&fixture->synthesizer));
    stand_tear_down(&fixture->stand);
}

McpGoogleConfig *
fixture_config(Fixture *fixture, const char *lines)
{
    g_autoptr(McpSettings) settings = stand_settings(&fixture->stand, MCP_GOOGLE_SECTION, lines);
    g_autoptr(GError) error = NULL;
    McpGoogleConfig *config = mcp_google_config_new(settings, &error);

    g_assert_no_error(error);
    return config;
}

void
fixture_open_with(Fixture *fixture, const char *lines)
{
    g_autoptr(McpGoogleConfig) config = fixture_config(fixture, lines);
    g_autoptr(GError) error = NULL;

    fixture->synthesizer = mcp_google_synthesizer_new(&fixture->deps, config, &error);
    g_assert_no_error(error);
}

void
fixture_open(Fixture *fixture, const char *lines)
{
    g_autofree char *all = stand_lines(&fixture->stand, lines);

    fixture_open_with(fixture, all);
}

static void
on_spoken(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Spoken *spoken = user_data;

    g_assert_false(spoken->done);
    spoken->audio =
        mcp_synthesizer_synthesize_finish(MCP_SYNTHESIZER(source), result, &spoken->error);
    spoken->done = TRUE;
}

void
fixture_start(Fixture *fixture, const McpSynthesisRequest *request, GCancellable *cancellable,
              Spoken *spoken)
{
    *spoken = (Spoken){0};
    mcp_synthesizer_synthesize_async(MCP_SYNTHESIZER(fixture->synthesizer), request, cancellable,
                                     on_spoken, spoken);
}

static gboolean
is_done(gpointer user_data)
{
    return ((Spoken *)user_data)->done;
}

void
fixture_wait(Fixture *fixture, Spoken *spoken)
{
    stand_wait_until(&fixture->stand, is_done, spoken);
}

void
fixture_speak(Fixture *fixture, const McpSynthesisRequest *request, Spoken *spoken)
{
    fixture_start(fixture, request, NULL, spoken);
    fixture_wait(fixture, spoken);
}

McpAudio *
fixture_say(Fixture *fixture, const char *text)
{
    McpSynthesisRequest request = {.text = text, .sample_rate = 8000};
    Spoken spoken;

    fixture_speak(fixture, &request, &spoken);
    g_assert_no_error(spoken.error);
    return spoken.audio;
}

void
fixture_fail(Fixture *fixture, const char *text, McpError code, const char *words)
{
    McpSynthesisRequest request = {.text = text, .sample_rate = 8000};
    Spoken spoken;

    fixture_speak(fixture, &request, &spoken);
    g_assert_error(spoken.error, MCP_ERROR, (int)code);
    g_assert_nonnull(strstr(spoken.error->message, words));
    spoken_clear(&spoken);
}

void
spoken_clear(Spoken *spoken)
{
    g_clear_pointer(&spoken->audio, mcp_audio_unref);
    g_clear_error(&spoken->error);
}

void
audio_check(McpAudio *audio, gsize length, guint rate)
{
    g_autofree char *type = g_strdup_printf("audio/L16;rate=%u", rate);
    gsize size = 0;
    const guint8 *data = g_bytes_get_data(mcp_audio_get_bytes(audio), &size);
    gsize count = rate / 100 * length;

    g_assert_cmpstr(mcp_audio_get_content_type(audio), ==, type);
    g_assert_cmpuint(size, ==, count * 2);
    for (gsize i = 0; i < count; i++)
        g_assert_cmpuint((guint)data[2 * i] << 8 | data[2 * i + 1], ==, (i * 3 + length) % 32768);
}
