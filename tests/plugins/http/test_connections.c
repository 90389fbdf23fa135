/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many connections there are at once when several contexts fetch, each on a thread of its own
 * as the shards are, and how long one is used.
 */
#include <mcp/error.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "fixture.h"

#define MS 1000
#define SHARDS 4
#define EACH 12
#define LIMIT 3
#define MOST_DESCRIPTORS 256

typedef struct {
    GThread *thread;
    GMainContext *context;
    GMainLoop *loop;
} Shard;

/* One fetch of a shard. */
typedef struct {
    Fixture *fixture;
    char *url;
    gint64 timeout;
    Got got;
    GAsyncQueue *done;
} Job;

static gpointer
run_shard(gpointer data)
{
    Shard *shard = data;

    g_main_context_push_thread_default(shard->context);
    g_main_loop_run(shard->loop);
    g_main_context_pop_thread_default(shard->context);
    return NULL;
}

static void
shard_start(Shard *shard)
{
    shard->context = g_main_context_new();
    shard->loop = g_main_loop_new(shard->context, FALSE);
    shard->thread = g_thread_new("shard", run_shard, shard);
}

static gboolean
quit(gpointer data)
{
    g_main_loop_quit(data);
    return G_SOURCE_REMOVE;
}

static void
shard_end(Shard *shard)
{
    g_autoptr(GSource) source = g_idle_source_new();

    g_source_set_callback(source, quit, shard->loop, NULL);
    g_source_attach(source, shard->context);
    g_thread_join(shard->thread);
    g_main_loop_unref(shard->loop);
    g_main_context_unref(shard->context);
}

static void
on_fetched(GObject *source, GAsyncResult *result, gpointer data)
{
    Job *job = data;

    job->got.response = mcp_fetcher_fetch_finish(MCP_FETCHER(source), result, &job->got.error);
    job->got.duration = g_get_monotonic_time() - job->got.duration;
    g_async_queue_push(job->done, job);
}

static gboolean
start_job(gpointer data)
{
    Job *job = data;
    McpFetchRequest request = {REQUEST_INIT, .url = job->url, .timeout = job->timeout};

    job->got.duration = g_get_monotonic_time();
    mcp_fetcher_fetch_async(MCP_FETCHER(job->fixture->fetcher), &request, NULL, on_fetched, job);
    return G_SOURCE_REMOVE;
}

static void
submit(Shard *shard, Job *job)
{
    g_autoptr(GSource) source = g_idle_source_new();

    g_source_set_callback(source, start_job, job, NULL);
    g_source_attach(source, shard->context);
}

static void
job_init(Job *job, Fixture *fixture, GAsyncQueue *done, char *url)
{
    *job = (Job){.fixture = fixture, .url = url, .done = done};
}

static void
job_clear(Job *job)
{
    got_clear(&job->got);
    g_free(job->url);
}

static void
wait_job(GAsyncQueue *done)
{
    g_assert_nonnull(g_async_queue_timeout_pop(done, 20 * G_USEC_PER_SEC));
}

/* One fetch on @shard that must succeed. Returns: how long it took, µs. */
static gint64
fetch_on(Fixture *fixture, Shard *shard, char *url)
{
    g_autoptr(GAsyncQueue) done = g_async_queue_new();
    gint64 duration = 0;
    Job job;

    job_init(&job, fixture, done, url);
    submit(shard, &job);
    wait_job(done);
    g_assert_cmpuint(got_status(&job.got), ==, 200);
    duration = job.got.duration;
    job_clear(&job);
    return duration;
}

/* The fetcher closes its sessions on the shards, which must still run; the next one is unused. */
static void
end_all(Fixture *fixture, Shard *shards, guint n)
{
    McpHttpFetcherDeps deps = {.clock = fixture->clock, .disk = fixture->pool};

    fixture_close_fetcher(fixture);
    for (guint i = 0; i < n; i++)
        shard_end(&shards[i]);
    fixture->fetcher = mcp_http_fetcher_new(&deps, fixture->config);
}

/* Local port of the established connection to the server that is descriptor @fd; 0 for none. */
static guint
local_port(Fixture *fixture, int fd)
{
    struct sockaddr_in own = {0};
    struct sockaddr_in peer = {0};
    struct tcp_info info = {0};
    socklen_t own_size = sizeof own;
    socklen_t peer_size = sizeof peer;
    socklen_t info_size = sizeof info;

    if (getpeername(fd, (struct sockaddr *)&peer, &peer_size) != 0 || peer.sin_family != AF_INET ||
        ntohs(peer.sin_port) != fixture->port ||
        getsockname(fd, (struct sockaddr *)&own, &own_size) != 0 ||
        getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &info_size) != 0)
        return 0;
    return info.tcpi_state == TCP_ESTABLISHED ? ntohs(own.sin_port) : 0;
}

/* (transfer full): the local ports of all, as keys. */
static GHashTable *
list_connections(Fixture *fixture)
{
    GHashTable *ports = g_hash_table_new(NULL, NULL);

    for (int fd = 0; fd < MOST_DESCRIPTORS; fd++) {
        guint port = local_port(fixture, fd);

        if (port != 0)
            g_hash_table_add(ports, GUINT_TO_POINTER(port));
    }
    return ports;
}

/*
 * A list is no picture of one moment: a connection that closes while it is made stands in it beside
 * its successor. What stands in two lists, though, was there at once when the first was complete.
 */
static guint
count_connections(Fixture *fixture)
{
    g_autoptr(GHashTable) first = list_connections(fixture);
    g_autoptr(GHashTable) second = list_connections(fixture);
    GHashTableIter iter;
    gpointer port = NULL;
    guint count = 0;

    g_hash_table_iter_init(&iter, first);
    while (g_hash_table_iter_next(&iter, &port, NULL))
        count += g_hash_table_contains(second, port) ? 1 : 0;
    return count;
}

static void
test_shards(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(GAsyncQueue) done = g_async_queue_new();
    Shard shards[SHARDS];
    Job jobs[SHARDS * EACH];
    guint left = G_N_ELEMENTS(jobs);
    guint most = 0;

    fixture->config->max_connections_per_host = LIMIT;
    for (guint i = 0; i < SHARDS; i++)
        shard_start(&shards[i]);
    for (guint i = 0; i < G_N_ELEMENTS(jobs); i++) {
        job_init(&jobs[i], fixture, done, fixture_url(fixture, "/each%u?delay=20", i));
        submit(&shards[i % SHARDS], &jobs[i]);
    }
    while (left > 0) {
        const Job *job = g_async_queue_timeout_pop(done, 2 * MS);

        most = MAX(most, count_connections(fixture));
        left -= job != NULL ? 1 : 0;
    }
    for (guint i = 0; i < G_N_ELEMENTS(jobs); i++) {
        g_assert_cmpuint(got_status(&jobs[i].got), ==, 200);
        job_clear(&jobs[i]);
    }
    g_test_message("at most %u connections were seen", most);
    g_assert_cmpuint(most, <=, LIMIT);
    {
        g_autofree char *url = fixture_url(fixture, "/busiest");
        g_autofree char *busiest = fixture_get(fixture, url, NULL);

        /* The server may count one more, whose end it has not noticed yet. */
        g_assert_cmpuint(g_ascii_strtoull(busiest, NULL, 10), >=, LIMIT);
    }
    end_all(fixture, shards, SHARDS);
}

/* With one connection for all, a shard's idle one must not keep the others waiting. */
static void
test_idle_makes_room(Fixture *fixture, gconstpointer unused)
{
    Shard shards[2];
    guint open = 0;
    guint waiting = 0;

    fixture->config->max_connections = 1;
    for (guint i = 0; i < G_N_ELEMENTS(shards); i++)
        shard_start(&shards[i]);
    for (guint i = 0; i < 6; i++) {
        char *url = i % 3 == 0 ? g_strdup_printf("http://localhost:%u/room%u", fixture->port, i)
                               : fixture_url(fixture, "/room%u", i);

        g_assert_cmpint(fetch_on(fixture, &shards[i % 2], url), <, 5000 * MS);
        mcp_http_connections_count(mcp_http_fetcher_get_connections(fixture->fetcher), &open,
                                   &waiting);
        g_assert_cmpuint(open, ==, 1);
        g_assert_cmpuint(waiting, ==, 0);
    }
    end_all(fixture, shards, G_N_ELEMENTS(shards));
}

/* Waiting for the connection that another shard uses counts. */
static void
test_timeout_waiting(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(GAsyncQueue) slow_done = g_async_queue_new();
    g_autoptr(GAsyncQueue) done = g_async_queue_new();
    Shard shards[2];
    Job slow;
    Job job;
    guint open = 0;
    guint waiting = 0;

    fixture->config->max_connections = 1;
    for (guint i = 0; i < G_N_ELEMENTS(shards); i++)
        shard_start(&shards[i]);
    job_init(&slow, fixture, slow_done, fixture_url(fixture, "/slow?delay=3000"));
    submit(&shards[0], &slow);
    do
        mcp_http_connections_count(mcp_http_fetcher_get_connections(fixture->fetcher), &open,
                                   &waiting);
    while (open == 0);
    job_init(&job, fixture, done, fixture_url(fixture, "/behind"));
    job.timeout = 200 * MS;
    submit(&shards[1], &job);
    wait_job(done);
    g_assert_error(job.got.error, MCP_ERROR, MCP_ERROR_TIMEOUT);
    g_assert_cmpint(job.got.duration, <, 2500 * MS);
    wait_job(slow_done);
    g_assert_cmpuint(got_status(&slow.got), ==, 200);
    g_assert_cmpuint(fixture_hits(fixture, "/behind"), ==, 0);
    job_clear(&slow);
    job_clear(&job);
    end_all(fixture, shards, G_N_ELEMENTS(shards));
}

static void
test_reuse(Fixture *fixture, gconstpointer unused)
{
    for (guint i = 0; i < 5; i++) {
        g_autofree char *url = fixture_url(fixture, "/again%u", i);

        g_free(fixture_get(fixture, url, NULL));
    }
    g_assert_cmpuint(fixture_connections(fixture, "127.0.0.1"), ==, 1);
}

/* A connection that is too old serves no new fetch. */
static void
test_age(Fixture *fixture, gconstpointer unused)
{
    gint64 end = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;

    fixture->config->max_connection_age = 100 * MS;
    while (fixture_connections(fixture, "127.0.0.1") < 3)
        g_assert_cmpint(g_get_monotonic_time(), <, end);
}

#define ADD(path, func) \
    g_test_add("/http/connections/" path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("shards", test_shards);
    ADD("idle-makes-room", test_idle_makes_room);
    ADD("timeout-waiting", test_timeout_waiting);
    ADD("reuse", test_reuse);
    ADD("age", test_age);
    return g_test_run();
}
