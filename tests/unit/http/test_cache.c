/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store of responses and single flight: variants, owners, bounds, invalidation, landings.
 */
#include <cache.h>
#include <flight.h>

#define SECOND G_USEC_PER_SEC

static McpHttpQuery
query(const char *url, const char *language, const char *call_id)
{
    return (McpHttpQuery){.url = url,
                          .accept_language = language,
                          .call_id = call_id,
                          .max_age = -1,
                          .max_stale = -1};
}

static void
put(McpHttpCache *cache, const McpHttpQuery *asked, const char *vary, gboolean shared, gsize size)
{
    g_autoptr(GBytes) body = g_bytes_new_take(g_malloc0(size), size);
    McpHttpHead head = {.status = 200, .cache_control = (char *)"max-age=60", .vary = (char *)vary};
    McpHttpEntryFacts facts = {.query = asked,
                               .head = &head,
                               .body = body,
                               .content_id = asked->accept_language,
                               .shared = shared,
                               .arrived = 10 * SECOND};
    g_autoptr(McpHttpEntry) entry = mcp_http_entry_new(&facts);

    mcp_http_cache_store(cache, entry);
}

/* The identity of what the cache gives, "" when it is not usable, NULL for nothing. */
static const char *
ask(McpHttpCache *cache, const McpHttpQuery *asked, gint64 now)
{
    gboolean usable = FALSE;
    g_autoptr(McpHttpEntry) entry = mcp_http_cache_lookup(cache, asked, now, &usable);

    if (entry == NULL)
        return NULL;
    return usable ? g_intern_string(entry->content_id != NULL ? entry->content_id : "none") : "";
}

static void
test_vary(void)
{
    McpHttpCache *cache = mcp_http_cache_new(1024 * 1024);
    McpHttpQuery english = query("http://h/", "en", NULL);
    McpHttpQuery german = query("http://h/", "de", NULL);
    McpHttpQuery french = query("http://h/", "fr", NULL);

    put(cache, &english, "Accept-Language", TRUE, 10);
    put(cache, &german, "accept-language", TRUE, 10);
    g_assert_cmpstr(ask(cache, &english, 20 * SECOND), ==, "en");
    g_assert_cmpstr(ask(cache, &german, 20 * SECOND), ==, "de");
    g_assert_null(ask(cache, &french, 20 * SECOND));
    g_assert_cmpstr(ask(cache, &german, 70 * SECOND), ==, "");
    mcp_http_cache_invalidate(cache, "http://h/");
    g_assert_null(ask(cache, &german, 20 * SECOND));
    g_assert_cmpuint(mcp_http_cache_get_size(cache), ==, 0);
    mcp_http_cache_free(cache);
}

static void
test_owner(void)
{
    McpHttpCache *cache = mcp_http_cache_new(1024 * 1024);
    McpHttpQuery first = query("http://h/", "a", "call-1");
    McpHttpQuery second = query("http://h/", "b", "call-2");

    put(cache, &first, NULL, FALSE, 10);
    g_assert_cmpstr(ask(cache, &first, 20 * SECOND), ==, "a");
    g_assert_null(ask(cache, &second, 20 * SECOND));
    put(cache, &second, NULL, FALSE, 10);
    g_assert_cmpstr(ask(cache, &first, 20 * SECOND), ==, "a");
    g_assert_cmpstr(ask(cache, &second, 20 * SECOND), ==, "b");
    mcp_http_cache_forget_call(cache, "call-1");
    g_assert_null(ask(cache, &first, 20 * SECOND));
    g_assert_cmpstr(ask(cache, &second, 20 * SECOND), ==, "b");
    mcp_http_cache_free(cache);
}

static void
test_bounds(void)
{
    McpHttpCache *cache = mcp_http_cache_new(100 * 1024);
    McpHttpQuery kept = query("http://h/kept", "kept", NULL);
    McpHttpQuery huge = query("http://h/huge", "huge", NULL);

    put(cache, &kept, NULL, TRUE, 1000);
    for (guint i = 0; i < 1000; i++) {
        g_autofree char *url = g_strdup_printf("http://h/%u", i);
        McpHttpQuery one = query(url, "x", NULL);

        put(cache, &one, NULL, TRUE, 5000);
        g_assert_cmpuint(mcp_http_cache_get_size(cache), <=, 100 * 1024);
        g_assert_cmpstr(ask(cache, &kept, 20 * SECOND), ==, "kept");
    }
    put(cache, &huge, NULL, TRUE, 60 * 1024);
    g_assert_null(ask(cache, &huge, 20 * SECOND));
    for (guint i = 0; i < 100; i++) {
        g_autofree char *language = g_strdup_printf("l%u", i);
        McpHttpQuery one = query("http://h/kept", language, NULL);

        put(cache, &one, "Accept-Language", TRUE, 10);
    }
    mcp_http_cache_set_limit(cache, 0);
    g_assert_cmpuint(mcp_http_cache_get_size(cache), ==, 0);
    put(cache, &kept, NULL, TRUE, 10);
    g_assert_null(ask(cache, &kept, 20 * SECOND));
    mcp_http_cache_free(cache);
}

typedef struct {
    guint landed;
    guint freed;
    McpHttpLanding landing;
    char *message;
} Seen;

static void
on_landed(McpHttpLanding landing, const GError *error, gpointer data)
{
    Seen *seen = data;

    seen->landed++;
    seen->landing = landing;
    g_free(seen->message);
    seen->message = g_strdup(error != NULL ? error->message : NULL);
}

static void
on_freed(gpointer data)
{
    ((Seen *)data)->freed++;
}

static void
test_flight(void)
{
    McpHttpFlights *flights = mcp_http_flights_new();
    g_autoptr(GMainContext) context = g_main_context_new();
    g_autoptr(GError) error = g_error_new(G_IO_ERROR, G_IO_ERROR_FAILED, "no route");
    Seen seen = {0};
    McpHttpPassenger passenger = {context, on_landed, &seen, on_freed};

    g_assert_cmpint(mcp_http_flights_join(flights, "k", 1, &passenger), ==, MCP_HTTP_BOARDING_LEAD);
    for (guint i = 0; i < 100; i++)
        g_assert_cmpint(mcp_http_flights_join(flights, "k", 1, &passenger), ==,
                        MCP_HTTP_BOARDING_WAIT);
    mcp_http_flights_land(flights, "k", 1, MCP_HTTP_LANDING_FAILED, error);
    g_assert_cmpuint(seen.landed, ==, 0);
    while (g_main_context_iteration(context, FALSE))
        ;
    g_assert_cmpuint(seen.landed, ==, 100);
    g_assert_cmpuint(seen.freed, ==, 100);
    g_assert_cmpint(seen.landing, ==, MCP_HTTP_LANDING_FAILED);
    g_assert_cmpstr(seen.message, ==, "no route");
    g_assert_cmpint(mcp_http_flights_join(flights, "k", 1, &passenger), ==, MCP_HTTP_BOARDING_LEAD);
    mcp_http_flights_land(flights, "k", 1, MCP_HTTP_LANDING_UNCACHEABLE, NULL);
    g_assert_cmpint(mcp_http_flights_join(flights, "k", 2, &passenger), ==,
                    MCP_HTTP_BOARDING_ALONE);
    g_assert_cmpint(mcp_http_flights_join(flights, "k", 100 * SECOND, &passenger), ==,
                    MCP_HTTP_BOARDING_LEAD);
    mcp_http_flights_land(flights, "k", 1, MCP_HTTP_LANDING_STORED, NULL);
    g_free(seen.message);
    mcp_http_flights_free(flights);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/cache/vary", test_vary);
    g_test_add_func("/http/cache/owner", test_owner);
    g_test_add_func("/http/cache/bounds", test_bounds);
    g_test_add_func("/http/flight", test_flight);
    return g_test_run();
}
