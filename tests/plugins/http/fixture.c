/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The common ground of the fetcher's tests: a fetcher on the default context, a scripted server as
 * a process of its own, and a double of the call object that has an id alone.
 */
#include "fixture.h"

#include <gio/gio.h>
#include <mcp/log.h>
#include <mcp/trace_context.h>

struct _McpCall {
    GObject parent_instance;
    char *id;
};

G_DEFINE_FINAL_TYPE(McpCall, mcp_call, G_TYPE_OBJECT)

static void
mcp_call_finalize(GObject *object)
{
    g_free(MCP_CALL(object)->id);
    G_OBJECT_CLASS(mcp_call_parent_class)->finalize(object);
}

static void
mcp_call_class_init(McpCallClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_call_finalize;
}

static void
mcp_call_init(McpCall *call)
{
}

const char *
mcp_call_get_id(McpCall *call)
{
    return call->id;
}

/* Nobody traces. */
gboolean
mcp_call_get_trace_context(McpCall *call, McpTraceContext *out_context)
{
    return FALSE;
}

McpCall *
call_double_new(const char *id)
{
    McpCall *call = g_object_new(MCP_TYPE_CALL, NULL);

    call->id = g_strdup(id);
    return call;
}

static void
start_server(Fixture *fixture)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GDataInputStream) lines = NULL;
    g_autofree char *line = NULL;

    fixture->server =
        g_subprocess_new(G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error,
                         "python3", TEST_SERVER, NULL);
    g_assert_no_error(error);
    lines = g_data_input_stream_new(g_subprocess_get_stdout_pipe(fixture->server));
    line = g_data_input_stream_read_line(lines, NULL, NULL, &error);
    g_assert_no_error(error);
    g_assert_nonnull(line);
    fixture->port = (guint)g_ascii_strtoull(line, NULL, 10);
}

void
fixture_set_up(Fixture *fixture, gconstpointer unused)
{
    const char *allow[] = {"127.0.0.0/8", "::1", NULL};
    const char *deny[] = {"127.0.0.2", NULL};
    McpHttpFetcherDeps deps = {0};

    start_server(fixture);
    mcp_log_set_level(MCP_LOG_ERROR);
    fixture->clock = mcp_clock_new();
    fixture->pool = mcp_pool_new("test", 2, 64);
    fixture->config = mcp_http_config_new_default(allow);
    mcp_http_address_policy_unref(fixture->config->policy);
    fixture->config->policy = mcp_http_address_policy_new(allow, deny, NULL);
    deps.clock = fixture->clock;
    deps.disk = fixture->pool;
    fixture->fetcher = mcp_http_fetcher_new(&deps, fixture->config);
}

static gboolean
on_closed(gpointer data)
{
    *(gboolean *)data = TRUE;
    return G_SOURCE_REMOVE;
}

void
fixture_close_fetcher(Fixture *fixture)
{
    gboolean closed = FALSE;

    mcp_http_fetcher_close(fixture->fetcher, on_closed, &closed);
    while (!closed)
        g_main_context_iteration(NULL, TRUE);
    while (g_main_context_iteration(NULL, FALSE))
        ;
    g_assert_finalize_object(g_steal_pointer(&fixture->fetcher));
}

void
fixture_tear_down(Fixture *fixture, gconstpointer unused)
{
    fixture_close_fetcher(fixture);
    mcp_http_config_unref(fixture->config);
    g_object_unref(fixture->pool);
    g_object_unref(fixture->clock);
    g_output_stream_close(g_subprocess_get_stdin_pipe(fixture->server), NULL, NULL);
    g_subprocess_force_exit(fixture->server);
    g_subprocess_wait(fixture->server, NULL, NULL);
    g_object_unref(fixture->server);
}

char *
fixture_url(Fixture *fixture, const char *format, ...)
{
    g_autofree char *path = NULL;
    va_list args;

    va_start(args, format);
    path = g_strdup_vprintf(format, args);
    va_end(args);
    return g_strdup_printf("http://127.0.0.1:%u%s", fixture->port, path);
}

static void
on_fetched(GObject *source, GAsyncResult *result, gpointer data)
{
    Got *got = data;

    got->response = mcp_fetcher_fetch_finish(MCP_FETCHER(source), result, &got->error);
    got->duration = g_get_monotonic_time() - got->duration;
    got->done = TRUE;
}

void
fixture_start(Fixture *fixture, const McpFetchRequest *request, GCancellable *cancellable, Got *got)
{
    *got = (Got){.duration = g_get_monotonic_time()};
    mcp_fetcher_fetch_async(MCP_FETCHER(fixture->fetcher), request, cancellable, on_fetched, got);
}

void
fixture_wait(Got *got)
{
    while (!got->done)
        g_main_context_iteration(NULL, TRUE);
}

void
fixture_fetch(Fixture *fixture, const McpFetchRequest *request, Got *got)
{
    fixture_start(fixture, request, NULL, got);
    fixture_wait(got);
}

guint
got_status(Got *got)
{
    g_assert_no_error(got->error);
    return mcp_fetch_response_get_facts(got->response)->status;
}

char *
got_body(Got *got)
{
    GBytes *body = NULL;

    g_assert_no_error(got->error);
    body = mcp_fetch_response_get_facts(got->response)->body;
    return g_bytes_get_size(body) > 0
               ? g_strndup(g_bytes_get_data(body, NULL), g_bytes_get_size(body))
               : g_strdup("");
}

void
got_clear(Got *got)
{
    g_clear_pointer(&got->response, mcp_fetch_response_unref);
    g_clear_error(&got->error);
}

char *
fixture_get(Fixture *fixture, const char *url, McpCall *call)
{
    McpFetchRequest request = {REQUEST_INIT, .url = url, .call = call};
    Got got;
    char *body = NULL;

    fixture_fetch(fixture, &request, &got);
    body = got_body(&got);
    got_clear(&got);
    return body;
}

static guint
ask_number(Fixture *fixture, const char *what, const char *of)
{
    g_autofree char *url = fixture_url(fixture, "/%s?of=%s&h=Cache-Control:no-store", what, of);
    g_autofree char *body = fixture_get(fixture, url, NULL);

    return (guint)g_ascii_strtoull(body, NULL, 10);
}

guint
fixture_hits(Fixture *fixture, const char *path)
{
    return ask_number(fixture, "hits", path);
}

guint
fixture_connections(Fixture *fixture, const char *address)
{
    return ask_number(fixture, "connections", address);
}
