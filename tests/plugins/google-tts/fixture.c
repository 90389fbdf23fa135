/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The common ground of the tests: the synthesizer on the default context with a real fetcher, and
 * server.py as a process of its own.
 */
#include "fixture.h"

#include <glib/gstdio.h>
#include <mcp/log.h>
#include <string.h>

#define PATIENCE (30 * G_USEC_PER_SEC)

static McpFetcher *
find_fetcher(gpointer user_data)
{
    return MCP_FETCHER(g_object_ref(((Fixture *)user_data)->fetcher));
}

static void
token_asked(gboolean granted, gpointer user_data)
{
    Fixture *fixture = user_data;

    fixture->tokens[granted ? 1 : 0]++;
}

static void
left_alone(gboolean is, gpointer user_data)
{
    ((Fixture *)user_data)->left_alone = is;
}

static void
start_fetcher(Fixture *fixture)
{
    const char *allow[] = {"127.0.0.0/8", NULL};
    McpHttpFetcherDeps deps = {0};

    fixture->http = mcp_http_config_new_default(allow);
    deps.clock = fixture->clock;
    deps.disk = fixture->pool;
    fixture->fetcher = mcp_http_fetcher_new(&deps, fixture->http);
}

static void
start_server(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *line = NULL;
    g_auto(GStrv) words = NULL;

    fixture->folder = g_dir_make_tmp("mcp-google-XXXXXX", &error);
    g_assert_no_error(error);
    fixture->server =
        g_subprocess_new(G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error,
                         TEST_SERVER, fixture->folder, NULL);
    g_assert_no_error(error);
    fixture->answers = g_data_input_stream_new(g_subprocess_get_stdout_pipe(fixture->server));
    line = g_data_input_stream_read_line(fixture->answers, NULL, NULL, &error);
    g_assert_no_error(error);
    g_assert_nonnull(line);
    words = g_strsplit(line, " ", -1);
    g_assert_cmpuint(g_strv_length(words), ==, 4);
    fixture->relay = (guint)g_ascii_strtoull(words[0], NULL, 10);
    fixture->plain = (guint)g_ascii_strtoull(words[1], NULL, 10);
    fixture->proxy = (guint)g_ascii_strtoull(words[2], NULL, 10);
    fixture->token_uri = g_strdup(words[3]);
}

void
fixture_set_up(Fixture *fixture, gconstpointer absent)
{
    mcp_log_set_level(MCP_LOG_ERROR);
    start_server(fixture);
    fixture->clock = mcp_clock_new();
    fixture->pool = mcp_pool_new("test", 2, 64);
    start_fetcher(fixture);
    fixture->schema = mcp_schema_new();
    g_assert_true(mcp_schema_add(fixture->schema, mcp_google_settings, NULL));
    fixture->deps = (McpGoogleDeps){
        .service = {.clock = fixture->clock,
                    .loop = mcp_rpc_loop_new("google-tts"),
                    .oauth = {fixture->clock, find_fetcher, token_asked, fixture},
                    .left_alone = left_alone,
                    .user_data = fixture},
    };
    if (g_strcmp0(absent, "absent") != 0)
        g_free(fixture_tell(fixture, "up"));
}

static void
set_flag(gpointer user_data)
{
    *(gboolean *)user_data = TRUE;
}

static gboolean
on_closed(gpointer user_data)
{
    set_flag(user_data);
    return G_SOURCE_REMOVE;
}

static gboolean
is_set(gpointer user_data)
{
    return *(gboolean *)user_data;
}

static void
stop_synthesizer(Fixture *fixture)
{
    gboolean ended = FALSE;

    if (fixture->synthesizer != NULL)
        mcp_google_synthesizer_close(fixture->synthesizer);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    if (fixture->synthesizer != NULL)
        g_assert_finalize_object(g_steal_pointer(&fixture->synthesizer));
    mcp_rpc_loop_close(fixture->deps.service.loop, set_flag, &ended);
    fixture_wait_until(fixture, is_set, &ended);
}

static void
remove_tree(const char *folder)
{
    const char *argv[] = {"rm", "-rf", "--", folder, NULL};

    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                 NULL);
}

void
fixture_tear_down(Fixture *fixture, gconstpointer unused)
{
    gboolean closed = FALSE;

    stop_synthesizer(fixture);
    mcp_http_fetcher_close(fixture->fetcher, on_closed, &closed);
    fixture_wait_until(fixture, is_set, &closed);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    g_assert_finalize_object(fixture->fetcher);
    mcp_http_config_unref(fixture->http);
    mcp_schema_unref(fixture->schema);
    g_object_unref(fixture->pool);
    g_object_unref(fixture->clock);
    g_subprocess_force_exit(fixture->server);
    g_subprocess_wait(fixture->server, NULL, NULL);
    g_object_unref(fixture->answers);
    g_object_unref(fixture->server);
    remove_tree(fixture->folder);
    g_free(fixture->folder);
    g_free(fixture->token_uri);
}

McpGoogleConfig *
fixture_config(Fixture *fixture, const char *lines)
{
    g_autofree char *path = g_build_filename(fixture->folder, "mcp.conf", NULL);
    g_autofree char *text = g_strconcat("[google-tts]\n", lines, "\n", NULL);
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    McpSettingsSource source = {path, NULL, NULL};
    g_autoptr(McpSettings) settings = NULL;
    McpGoogleConfig *config = NULL;

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    settings = mcp_settings_load(fixture->schema, &source, errors);
    g_assert_cmpuint(errors->len, ==, 0);
    g_assert_true(mcp_gapi_access_is_wanted(settings, MCP_GOOGLE_SECTION));
    config = mcp_google_config_new(settings, &error);
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
    g_autofree char *all = g_strdup_printf("endpoint = 127.0.0.1:%u\nca_file = %s/ca.pem\n"
                                           "credentials_file = %s/account.json\n%s\n",
                                           fixture->relay, fixture->folder, fixture->folder, lines);

    fixture_open_with(fixture, all);
}

char *
fixture_tell(Fixture *fixture, const char *format, ...)
{
    GOutputStream *to = g_subprocess_get_stdin_pipe(fixture->server);
    g_autofree char *text = NULL;
    char *answer = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_assert_true(g_output_stream_write_all(to, text, strlen(text), NULL, NULL, NULL));
    g_assert_true(g_output_stream_write_all(to, "\n", 1, NULL, NULL, NULL));
    answer = g_data_input_stream_read_line(fixture->answers, NULL, NULL, NULL);
    g_assert_nonnull(answer);
    return answer;
}

guint
fixture_count(Fixture *fixture, const char *what)
{
    g_autofree char *answer = fixture_tell(fixture, "ask %s", what);

    return (guint)g_ascii_strtoull(answer, NULL, 10);
}

void
fixture_wait_count(Fixture *fixture, const char *what, guint wanted)
{
    gint64 end = mcp_clock_now(fixture->clock) + PATIENCE;

    while (fixture_count(fixture, what) != wanted && mcp_clock_now(fixture->clock) < end)
        g_main_context_iteration(NULL, FALSE);
    g_assert_cmpuint(fixture_count(fixture, what), ==, wanted);
}

void
fixture_expect_last(Fixture *fixture, const char *words)
{
    g_autofree char *last = fixture_tell(fixture, "ask last");

    if (strstr(last, words) == NULL)
        g_error("the last request was %s, without %s", last, words);
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

static void
too_late(gpointer user_data)
{
    g_error("waited for 30 s in vain");
}

void
fixture_wait_until(Fixture *fixture, gboolean (*condition)(gpointer), gpointer user_data)
{
    g_autoptr(McpTimer) timer = mcp_clock_after(fixture->clock, NULL, PATIENCE, too_late, NULL);

    while (!condition(user_data))
        g_main_context_iteration(NULL, TRUE);
}

static gboolean
is_done(gpointer user_data)
{
    return ((Spoken *)user_data)->done;
}

void
fixture_wait(Fixture *fixture, Spoken *spoken)
{
    fixture_wait_until(fixture, is_done, spoken);
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
