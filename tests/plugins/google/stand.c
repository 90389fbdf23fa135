/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The common ground of the tests of Google's services: a real fetcher on the default context, and
 * Google's side as a process of its own.
 */
#include "stand.h"

#include <glib/gstdio.h>
#include <mcp/log.h>
#include <string.h>

#define PATIENCE (30 * G_USEC_PER_SEC)

static McpFetcher *
find_fetcher(gpointer user_data)
{
    return MCP_FETCHER(g_object_ref(((Stand *)user_data)->fetcher));
}

static void
token_asked(gboolean granted, gpointer user_data)
{
    Stand *stand = user_data;

    stand->tokens[granted ? 1 : 0]++;
}

/* Any thread. */
static void
left_alone(gboolean is, gpointer user_data)
{
    g_atomic_int_set(&((Stand *)user_data)->left_alone, is);
}

static void
start_fetcher(Stand *stand)
{
    const char *allow[] = {"127.0.0.0/8", NULL};
    McpHttpFetcherDeps deps = {0};

    stand->http = mcp_http_config_new_default(allow);
    deps.clock = stand->clock;
    deps.disk = stand->pool;
    stand->fetcher = mcp_http_fetcher_new(&deps, stand->http);
}

static void
start_server(Stand *stand, const char *program)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *line = NULL;
    g_auto(GStrv) words = NULL;

    stand->folder = g_dir_make_tmp("mcp-google-XXXXXX", &error);
    g_assert_no_error(error);
    stand->server = g_subprocess_new(G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                                     &error, program, stand->folder, NULL);
    g_assert_no_error(error);
    stand->answers = g_data_input_stream_new(g_subprocess_get_stdout_pipe(stand->server));
    line = g_data_input_stream_read_line(stand->answers, NULL, NULL, &error);
    g_assert_no_error(error);
    g_assert_nonnull(line);
    words = g_strsplit(line, " ", -1);
    g_assert_cmpuint(g_strv_length(words), ==, 4);
    stand->relay = (guint)g_ascii_strtoull(words[0], NULL, 10);
    stand->plain = (guint)g_ascii_strtoull(words[1], NULL, 10);
    stand->proxy = (guint)g_ascii_strtoull(words[2], NULL, 10);
    stand->token_uri = g_strdup(words[3]);
}

void
stand_set_up(Stand *stand, const char *program, const McpSettingDef *table, gconstpointer absent)
{
    mcp_log_set_level(MCP_LOG_ERROR);
    start_server(stand, program);
    stand->clock = mcp_clock_new();
    stand->pool = mcp_pool_new("test", 2, 64);
    start_fetcher(stand);
    stand->schema = mcp_schema_new();
    g_assert_true(mcp_schema_add(stand->schema, table, NULL));
    stand->deps = (McpGapiDeps){
        .clock = stand->clock,
        .loop = mcp_rpc_loop_new("google"),
        .oauth = {stand->clock, find_fetcher, token_asked, stand},
        .left_alone = left_alone,
        .user_data = stand,
    };
    if (g_strcmp0(absent, "absent") != 0)
        g_free(stand_tell(stand, "up"));
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
remove_tree(const char *folder)
{
    const char *argv[] = {"rm", "-rf", "--", folder, NULL};

    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                 NULL);
}

static void
stop_server(Stand *stand)
{
    g_subprocess_force_exit(stand->server);
    g_subprocess_wait(stand->server, NULL, NULL);
    g_object_unref(stand->answers);
    g_object_unref(stand->server);
    remove_tree(stand->folder);
    g_free(stand->folder);
    g_free(stand->token_uri);
}

void
stand_tear_down(Stand *stand)
{
    gboolean ended = FALSE;
    gboolean closed = FALSE;

    mcp_rpc_loop_close(stand->deps.loop, set_flag, &ended);
    stand_wait_until(stand, is_set, &ended);
    mcp_http_fetcher_close(stand->fetcher, on_closed, &closed);
    stand_wait_until(stand, is_set, &closed);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    g_assert_finalize_object(stand->fetcher);
    mcp_http_config_unref(stand->http);
    mcp_schema_unref(stand->schema);
    g_object_unref(stand->pool);
    g_object_unref(stand->clock);
    stop_server(stand);
}

McpSettings *
stand_settings(Stand *stand, const char *section, const char *lines)
{
    g_autofree char *path = g_build_filename(stand->folder, "mcp.conf", NULL);
    g_autofree char *text = g_strdup_printf("[%s]\n%s\n", section, lines);
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    McpSettingsSource source = {path, NULL, NULL};
    McpSettings *settings = NULL;

    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    settings = mcp_settings_load(stand->schema, &source, errors);
    g_assert_cmpuint(errors->len, ==, 0);
    g_assert_true(mcp_gapi_access_is_wanted(settings, section));
    return settings;
}

char *
stand_lines(Stand *stand, const char *more)
{
    return g_strdup_printf("endpoint = 127.0.0.1:%u\nca_file = %s/ca.pem\n"
                           "credentials_file = %s/account.json\n%s\n",
                           stand->relay, stand->folder, stand->folder, more);
}

char *
stand_tell(Stand *stand, const char *format, ...)
{
    GOutputStream *to = g_subprocess_get_stdin_pipe(stand->server);
    g_autofree char *text = NULL;
    char *answer = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_assert_true(g_output_stream_write_all(to, text, strlen(text), NULL, NULL, NULL));
    g_assert_true(g_output_stream_write_all(to, "\n", 1, NULL, NULL, NULL));
    answer = g_data_input_stream_read_line(stand->answers, NULL, NULL, NULL);
    g_assert_nonnull(answer);
    return answer;
}

guint
stand_count(Stand *stand, const char *what)
{
    g_autofree char *answer = stand_tell(stand, "ask %s", what);

    return (guint)g_ascii_strtoull(answer, NULL, 10);
}

void
stand_wait_count(Stand *stand, const char *what, guint wanted)
{
    gint64 end = mcp_clock_now(stand->clock) + PATIENCE;

    while (stand_count(stand, what) != wanted && mcp_clock_now(stand->clock) < end)
        g_main_context_iteration(NULL, FALSE);
    g_assert_cmpuint(stand_count(stand, what), ==, wanted);
}

void
stand_expect_last(Stand *stand, const char *words)
{
    g_autofree char *last = stand_tell(stand, "ask last");

    if (strstr(last, words) == NULL)
        g_error("the last request was %s, without %s", last, words);
}

static void
too_late(gpointer user_data)
{
    g_error("waited for 30 s in vain");
}

void
stand_wait_until(Stand *stand, gboolean (*condition)(gpointer), gpointer user_data)
{
    g_autoptr(McpTimer) timer = mcp_clock_after(stand->clock, NULL, PATIENCE, too_late, NULL);

    while (!condition(user_data))
        g_main_context_iteration(NULL, TRUE);
}
