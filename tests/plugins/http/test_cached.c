/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fetcher against a real server: what the cache spares the origin, and what calls never share.
 */
#include <glib/gstdio.h>
#include <mcp/error.h>

#include "fixture.h"

#define FRESH "h=Cache-Control:max-age=60"

static void
test_hit(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *url = fixture_url(fixture, "/hit?" FRESH "&h=Content-Type:Text/XML;charset=x");
    McpFetchRequest request = {REQUEST_INIT, .url = url};
    Got first;
    Got second;
    const McpFetchFacts *a = NULL;
    const McpFetchFacts *b = NULL;

    fixture_fetch(fixture, &request, &first);
    fixture_fetch(fixture, &request, &second);
    a = mcp_fetch_response_get_facts(first.response);
    b = mcp_fetch_response_get_facts(second.response);
    g_assert_false(a->from_cache);
    g_assert_true(b->from_cache);
    g_assert_true(a->body == b->body);
    g_assert_cmpstr(a->content_id, ==, b->content_id);
    g_assert_cmpstr(a->content_type, ==, "text/xml");
    g_assert_cmpstr(b->charset, ==, "x");
    g_assert_cmpuint(fixture_hits(fixture, "/hit"), ==, 1);
    got_clear(&first);
    got_clear(&second);
    request.max_age = 0;
    fixture_fetch(fixture, &request, &first);
    g_assert_cmpuint(got_status(&first), ==, 200);
    got_clear(&first);
}

static void
test_vary(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *url = fixture_url(fixture, "/vary?" FRESH "&h=Vary:Accept-Language");
    const char *languages[] = {"en", "de", "en", "de", NULL};

    for (guint i = 0; languages[i] != NULL; i++) {
        McpFetchRequest request = {REQUEST_INIT, .url = url, .accept_language = languages[i]};
        g_autofree char *expected = g_strdup_printf("\"language\": \"%s\"", languages[i]);
        g_autofree char *body = NULL;
        Got got;

        fixture_fetch(fixture, &request, &got);
        body = got_body(&got);
        g_assert_nonnull(strstr(body, expected));
        got_clear(&got);
    }
    g_assert_cmpuint(fixture_hits(fixture, "/vary"), ==, 2);
}

static void
test_not_modified(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *url = fixture_url(fixture, "/etag?etag=\"v1\"&h=Cache-Control:no-cache");
    g_autofree char *first = fixture_get(fixture, url, NULL);
    McpFetchRequest request = {REQUEST_INIT, .url = url};
    Got got;
    g_autofree char *second = NULL;

    fixture_fetch(fixture, &request, &got);
    second = got_body(&got);
    g_assert_cmpuint(got_status(&got), ==, 200);
    g_assert_true(mcp_fetch_response_get_facts(got.response)->from_cache);
    g_assert_cmpstr(first, ==, second);
    g_assert_cmpuint(fixture_hits(fixture, "/etag"), ==, 2);
    got_clear(&got);
}

static void
test_stale_if_error(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *url = fixture_url(
        fixture, "/stale?fail_from=2&h=Cache-Control:max-age=0,stale-if-error=60&etag=\"a\"");
    g_autofree char *strict = fixture_url(
        fixture, "/strict?fail_from=2&h=Cache-Control:max-age=0,must-revalidate&etag=\"a\"");
    g_autofree char *first = fixture_get(fixture, url, NULL);
    g_autofree char *second = fixture_get(fixture, url, NULL);
    g_autofree char *other = fixture_get(fixture, strict, NULL);
    McpFetchRequest request = {REQUEST_INIT, .url = strict};
    Got got;

    g_assert_cmpstr(first, ==, second);
    fixture_fetch(fixture, &request, &got);
    g_assert_cmpuint(got_status(&got), ==, 503);
    got_clear(&got);
}

static void
test_post_invalidates(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *url = fixture_url(fixture, "/thing?" FRESH);
    g_autofree char *first = fixture_get(fixture, url, NULL);
    g_autoptr(GBytes) body = g_bytes_new_static("a=1", 3);
    McpFetchRequest request = {REQUEST_INIT, .url = url, .method = "POST", .body = body,
                               .content_type = "application/x-www-form-urlencoded"};
    g_autofree char *answer = NULL;
    g_autofree char *second = NULL;
    Got got;

    fixture_fetch(fixture, &request, &got);
    answer = got_body(&got);
    g_assert_nonnull(strstr(answer, "\"method\": \"POST\""));
    g_assert_nonnull(strstr(answer, "\"body\": \"a=1\""));
    g_assert_nonnull(strstr(answer, "x-www-form-urlencoded"));
    got_clear(&got);
    second = fixture_get(fixture, url, NULL);
    g_assert_cmpstr(first, !=, second);
}

static void
test_cookies_apart(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(McpCall) first = call_double_new("call-1");
    g_autoptr(McpCall) second = call_double_new("call-2");
    g_autofree char *set_1 = fixture_url(fixture, "/login?h=Set-Cookie:who=one&" FRESH);
    g_autofree char *set_2 = fixture_url(fixture, "/login2?h=Set-Cookie:who=two");
    g_autofree char *show = fixture_url(fixture, "/show?h=Cache-Control:no-store");
    g_autofree char *login_1 = fixture_get(fixture, set_1, first);
    g_autofree char *before = fixture_get(fixture, show, second);
    g_autofree char *login_2 = fixture_get(fixture, set_2, second);
    g_autofree char *seen_1 = fixture_get(fixture, show, first);
    g_autofree char *seen_2 = fixture_get(fixture, show, second);
    g_autofree char *nobody = fixture_get(fixture, show, NULL);
    g_autofree char *again = fixture_get(fixture, set_1, first);
    g_autofree char *other = fixture_get(fixture, set_1, second);

    g_assert_nonnull(strstr(before, "\"cookie\": \"\""));
    g_assert_nonnull(strstr(seen_1, "\"cookie\": \"who=one\""));
    g_assert_nonnull(strstr(seen_2, "\"cookie\": \"who=two\""));
    g_assert_nonnull(strstr(nobody, "\"cookie\": \"\""));
    /* What set a cookie is the first call's alone, though fresh for a minute. */
    g_assert_cmpstr(again, ==, login_1);
    g_assert_cmpstr(other, !=, login_1);
    g_assert_cmpuint(fixture_hits(fixture, "/login"), ==, 2);
}

static void
test_private_goes_with_call(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *url = fixture_url(fixture, "/mine?h=Cache-Control:private,max-age=60");
    McpCall *call = call_double_new("call-1");
    g_autofree char *first = fixture_get(fixture, url, call);
    g_autofree char *second = fixture_get(fixture, url, call);

    g_assert_cmpstr(first, ==, second);
    g_assert_cmpuint(mcp_http_cache_get_size(mcp_http_fetcher_get_cache(fixture->fetcher)), >, 0);
    g_object_unref(call);
    g_assert_cmpuint(mcp_http_cache_get_size(mcp_http_fetcher_get_cache(fixture->fetcher)), ==, 0);
}

/* What memory lost, a restart included, comes from the disk; a POST removes it there too. */
static void
test_disk(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *folder = g_dir_make_tmp("mcp-cache-XXXXXX", NULL);
    g_autofree char *url = fixture_url(fixture, "/kept?" FRESH "&h=Vary:Accept");
    g_autoptr(GBytes) nothing = g_bytes_new_static("", 0);
    McpFetchRequest post = {REQUEST_INIT, .url = url, .method = "POST", .body = nothing};
    g_autofree char *first = NULL;
    Got got;

    for (guint run = 0; run < 3; run++) {
        McpHttpFetcherDeps deps = {.clock = fixture->clock, .disk = fixture->pool};
        g_autofree char *body = NULL;
        gboolean stored = FALSE;

        fixture_close_fetcher(fixture);
        if (fixture->config->cache_dir == NULL)
            fixture->config->cache_dir = g_strdup(folder);
        fixture->fetcher = mcp_http_fetcher_new(&deps, fixture->config);
        /* The folder is looked through in the background, the write comes behind the answer. */
        while (run > 0 && !stored)
            stored = mcp_http_disk_tier_has(mcp_http_fetcher_get_disk_tier(fixture->fetcher), url);
        body = fixture_get(fixture, url, NULL);
        if (run == 0)
            first = g_steal_pointer(&body);
        else
            g_assert_cmpstr(body, ==, first);
        while (!stored)
            stored = mcp_http_disk_tier_has(mcp_http_fetcher_get_disk_tier(fixture->fetcher), url);
    }
    g_assert_cmpuint(fixture_hits(fixture, "/kept"), ==, 1);
    fixture_fetch(fixture, &post, &got);
    g_assert_cmpuint(got_status(&got), ==, 200);
    got_clear(&got);
    while (mcp_http_disk_tier_has(mcp_http_fetcher_get_disk_tier(fixture->fetcher), url))
        ;
    g_rmdir(folder);
    g_assert_false(g_file_test(folder, G_FILE_TEST_EXISTS));
}

#define MANY 100

static void
fetch_many(Fixture *fixture, const char *url, Got got[MANY])
{
    McpFetchRequest request = {REQUEST_INIT, .url = url};

    for (guint i = 0; i < MANY; i++)
        fixture_start(fixture, &request, NULL, &got[i]);
    for (guint i = 0; i < MANY; i++)
        fixture_wait(&got[i]);
}

static void
test_single_flight(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *url = fixture_url(fixture, "/popular?delay=100&" FRESH);
    Got got[MANY];

    fetch_many(fixture, url, got);
    for (guint i = 0; i < MANY; i++) {
        g_assert_cmpuint(got_status(&got[i]), ==, 200);
        got_clear(&got[i]);
    }
    g_assert_cmpuint(fixture_hits(fixture, "/popular"), ==, 1);
}

static void
test_flight_uncacheable(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *url = fixture_url(fixture, "/each?delay=20&h=Cache-Control:no-store");
    Got got[MANY];

    fetch_many(fixture, url, got);
    for (guint i = 0; i < MANY; i++) {
        g_assert_cmpuint(got_status(&got[i]), ==, 200);
        got_clear(&got[i]);
    }
    g_assert_cmpuint(fixture_hits(fixture, "/each"), ==, MANY);
}

static void
test_flight_leader_leaves(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *url = fixture_url(fixture, "/left?delay=100&" FRESH);
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    McpFetchRequest request = {REQUEST_INIT, .url = url};
    Got leader;
    Got follower;

    fixture_start(fixture, &request, cancellable, &leader);
    fixture_start(fixture, &request, NULL, &follower);
    g_cancellable_cancel(cancellable);
    fixture_wait(&leader);
    fixture_wait(&follower);
    g_assert_error(leader.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_assert_cmpuint(got_status(&follower), ==, 200);
    got_clear(&leader);
    got_clear(&follower);
}

static void
test_flight_failure_shared(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *url = fixture_url(fixture, "/nothing");
    Got got[MANY];

    fetch_many(fixture, url, got);
    for (guint i = 0; i < MANY; i++) {
        g_assert_error(got[i].error, MCP_ERROR, MCP_ERROR_FAILED);
        got_clear(&got[i]);
    }
}

static int
compare_durations(gconstpointer a, gconstpointer b)
{
    gint64 first = *(const gint64 *)a;
    gint64 second = *(const gint64 *)b;

    return first < second ? -1 : first > second;
}

/* 500 fetches, each of a resource of its own, from a server that takes 200 ms: reported. */
static void
test_latency(Fixture *fixture, gconstpointer unused)
{
    enum { COUNT = 500 };
    g_autofree Got *got = g_new0(Got, COUNT);
    gint64 durations[COUNT];
    g_autofree char *page = fixture_url(fixture, "/page?delay=200&" FRESH);

    for (guint i = 0; i < COUNT; i++) {
        g_autofree char *own = fixture_url(fixture, "/own%u?delay=200&" FRESH, i);
        McpFetchRequest request = {REQUEST_INIT, .url = i % 50 == 0 ? own : page};

        fixture_start(fixture, &request, NULL, &got[i]);
    }
    for (guint i = 0; i < COUNT; i++) {
        fixture_wait(&got[i]);
        g_assert_cmpuint(got_status(&got[i]), ==, 200);
        durations[i] = got[i].duration;
        got_clear(&got[i]);
    }
    qsort(durations, COUNT, sizeof(durations[0]), compare_durations);
    g_test_message("500 fetches at once, 200 ms each: p50 %d ms, p99 %d ms, most %d ms",
                   (int)(durations[COUNT / 2] / 1000), (int)(durations[COUNT * 99 / 100] / 1000),
                   (int)(durations[COUNT - 1] / 1000));
}

#define ADD(path, func) \
    g_test_add("/http/cached/" path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("hit", test_hit);
    ADD("vary", test_vary);
    ADD("not-modified", test_not_modified);
    ADD("stale-if-error", test_stale_if_error);
    ADD("post", test_post_invalidates);
    ADD("cookies", test_cookies_apart);
    ADD("private", test_private_goes_with_call);
    ADD("disk", test_disk);
    ADD("single-flight", test_single_flight);
    ADD("flight-uncacheable", test_flight_uncacheable);
    ADD("flight-leader-leaves", test_flight_leader_leaves);
    ADD("flight-failure", test_flight_failure_shared);
    ADD("latency", test_latency);
    return g_test_run();
}
