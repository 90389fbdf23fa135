/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fetcher contract (mcp/contract/fetcher.h): facts of a response, classes of failure, whose
 * context it finishes on, cancellation.
 */
#include "fetcher_suite.h"

#include "contract.h"

#include <string.h>

#define PLAIN .method = "GET", .max_age = -1, .max_stale = -1

static McpFetcher *fetcher;

static McpFetchResponse *
fetch(const McpFetchRequest *request, GError **error)
{
    Finished finished = {0};
    McpFetchResponse *response = NULL;

    mcp_fetcher_fetch_async(fetcher, request, NULL, on_finished, &finished);
    g_assert_cmpuint(finished.times, ==, 0);
    finished_wait(&finished);
    response = mcp_fetcher_fetch_finish(fetcher, finished.result, error);
    finished_clear(&finished);
    return response;
}

static McpFetchResponse *
get(const char *url)
{
    McpFetchRequest request = {PLAIN, .url = url};
    g_autoptr(GError) error = NULL;
    McpFetchResponse *response = fetch(&request, &error);

    g_assert_no_error(error);
    return response;
}

static void
expect_error(const char *url, McpError code)
{
    McpFetchRequest request = {PLAIN, .url = url};
    g_autoptr(GError) error = NULL;

    g_test_message("%s", url);
    g_assert_null(fetch(&request, &error));
    g_assert_error(error, MCP_ERROR, (gint)code);
}

static void
expect_body(McpFetchResponse *response, const char *wanted)
{
    GBytes *body = mcp_fetch_response_get_facts(response)->body;

    g_assert_cmpmem(g_bytes_get_data(body, NULL), g_bytes_get_size(body), wanted, strlen(wanted));
}

static void
test_facts(void)
{
    g_autoptr(McpFetchResponse) response = get(fetcher_provider.page());
    const McpFetchFacts *facts = mcp_fetch_response_get_facts(response);

    g_assert_cmpuint(facts->status, ==, 200);
    g_assert_cmpstr(facts->url, ==, fetcher_provider.page());
    g_assert_cmpstr(facts->content_type, ==, "text/plain");
    g_assert_nonnull(facts->content_id);
    expect_body(response, "PAGE");
}

/* "equal ids mean equal bytes" */
static void
test_identity(void)
{
    g_autoptr(McpFetchResponse) first = get(fetcher_provider.page());
    g_autoptr(McpFetchResponse) other = get(fetcher_provider.other());

    expect_body(other, "OTHER");
    g_assert_cmpstr(mcp_fetch_response_get_facts(first)->content_id, !=,
                    mcp_fetch_response_get_facts(other)->content_id);
}

/* "a response of any status is a success here" */
static void
test_status(void)
{
    g_autoptr(McpFetchResponse) response = get(fetcher_provider.missing());

    g_assert_cmpuint(mcp_fetch_response_get_facts(response)->status, ==, 404);
    g_assert_nonnull(mcp_fetch_response_get_facts(response)->body);
}

/* "absolute, or relative to @base" */
static void
test_base(void)
{
    McpFetchRequest request = {PLAIN, .url = fetcher_provider.relative};
    g_autoptr(McpFetchResponse) response = NULL;

    request.base = fetcher_provider.base();
    response = fetch(&request, NULL);
    g_assert_nonnull(response);
    g_assert_cmpstr(mcp_fetch_response_get_facts(response)->url, ==, fetcher_provider.page());
    expect_body(response, "PAGE");
}

/* "Strings are copied by the provider": they are gone before it has begun. */
static void
test_copies(void)
{
    g_autofree char *url = g_strdup(fetcher_provider.page());
    McpFetchRequest *request = g_new0(McpFetchRequest, 1);
    g_autoptr(McpFetchResponse) response = NULL;
    Finished finished = {0};

    *request = (McpFetchRequest){PLAIN, .url = url};
    mcp_fetcher_fetch_async(fetcher, request, NULL, on_finished, &finished);
    memset(url, 'x', strlen(url));
    memset(request, 0xff, sizeof *request);
    g_free(request);
    finished_wait(&finished);
    response = mcp_fetcher_fetch_finish(fetcher, finished.result, NULL);
    expect_body(response, "PAGE");
    finished_clear(&finished);
}

static void
test_post(void)
{
    g_autoptr(GBytes) body = g_bytes_new_static("a=1", 3);
    McpFetchRequest request = {.method = "POST",
                               .body = body,
                               .content_type = "application/x-www-form-urlencoded",
                               .max_age = -1,
                               .max_stale = -1};
    g_autoptr(McpFetchResponse) response = NULL;
    g_autofree char *got = NULL;
    GBytes *answer = NULL;

    request.url = fetcher_provider.echo();
    response = fetch(&request, NULL);
    g_assert_nonnull(response);
    answer = mcp_fetch_response_get_facts(response)->body;
    got = g_strndup(g_bytes_get_data(answer, NULL), g_bytes_get_size(answer));
    g_assert_nonnull(strstr(got, "a=1"));
}

static void
test_invalid(void)
{
    expect_error("http://[", MCP_ERROR_INVALID);
    expect_error("", MCP_ERROR_INVALID);
}

/* "µs until all is there" */
static void
test_timeout(void)
{
    McpFetchRequest request = {PLAIN, .timeout = 200 * G_TIME_SPAN_MILLISECOND};
    g_autoptr(GError) error = NULL;
    gint64 start = g_get_monotonic_time();

    request.url = fetcher_provider.slow();
    g_assert_null(fetch(&request, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_TIMEOUT);
    g_assert_cmpint(g_get_monotonic_time() - start, <, 5 * G_TIME_SPAN_SECOND);
}

static void
test_limit(void)
{
    McpFetchRequest request = {PLAIN, .max_bytes = 3};
    g_autoptr(GError) error = NULL;

    request.url = fetcher_provider.other();
    g_assert_null(fetch(&request, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_LIMIT);
}

static void
test_refused(void)
{
    if (fetcher_provider.refused != NULL)
        expect_error(fetcher_provider.refused(), MCP_ERROR_REFUSED);
    if (fetcher_provider.nobody != NULL)
        expect_error(fetcher_provider.nobody(), MCP_ERROR_FAILED);
    if (fetcher_provider.no_file != NULL)
        expect_error(fetcher_provider.no_file(), MCP_ERROR_NOT_FOUND);
}

/* "cancelled with its cancellable": at once, and it finishes once. */
static void
test_cancel(void)
{
    McpFetchRequest request = {PLAIN};
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GError) error = NULL;
    Finished finished = {0};

    request.url = fetcher_provider.silent();
    mcp_fetcher_fetch_async(fetcher, &request, cancellable, on_finished, &finished);
    settle(30);
    g_assert_cmpuint(finished.times, ==, 0);
    g_cancellable_cancel(cancellable);
    finished_wait(&finished);
    g_assert_null(mcp_fetcher_fetch_finish(fetcher, finished.result, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    settle(20);
    finished_clear(&finished);
}

static void
test_cancelled_before(void)
{
    McpFetchRequest request = {PLAIN};
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GError) error = NULL;
    Finished finished = {0};

    request.url = fetcher_provider.page();
    g_cancellable_cancel(cancellable);
    mcp_fetcher_fetch_async(fetcher, &request, cancellable, on_finished, &finished);
    finished_wait(&finished);
    g_assert_null(mcp_fetcher_fetch_finish(fetcher, finished.result, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    finished_clear(&finished);
}

static gpointer
fetch_there(gpointer data)
{
    g_autoptr(McpFetchResponse) response = get(fetcher_provider.page());

    expect_body(response, "PAGE");
    mcp_fetch_response_unref(mcp_fetch_response_ref(response));
    expect_error("http://[", MCP_ERROR_INVALID);
    return NULL;
}

/* "Called on the caller's context, where it also finishes" (finished_clear()). */
static void
test_context(void)
{
    in_thread(fetch_there, NULL);
}

/* A response outlives the request and is any thread's. */
static gpointer
drop_there(gpointer data)
{
    expect_body(data, "PAGE");
    mcp_fetch_response_unref(data);
    return NULL;
}

static void
test_response(void)
{
    in_thread(drop_there, get(fetcher_provider.page()));
}

#define ADD(name, func) g_test_add_func("/fetcher/" name, func)

int
main(int argc, char **argv)
{
    int result = 0;

    g_test_init(&argc, &argv, NULL);
    ADD("facts", test_facts);
    ADD("identity", test_identity);
    ADD("status", test_status);
    ADD("base", test_base);
    ADD("copies", test_copies);
    if (fetcher_provider.echo != NULL)
        ADD("post", test_post);
    ADD("invalid", test_invalid);
    ADD("timeout", test_timeout);
    ADD("limit", test_limit);
    ADD("refused", test_refused);
    ADD("cancel", test_cancel);
    ADD("cancelled-before", test_cancelled_before);
    ADD("context", test_context);
    ADD("response", test_response);
    fetcher = fetcher_provider.open();
    result = g_test_run();
    fetcher_provider.close(fetcher);
    shard_end();
    return result;
}
