/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of RFC 9111 as tables: directives, lifetime, age, who may have a response, redirects.
 */
#include <freshness.h>
#include <redirect.h>

#define DATE "Tue, 01 Jan 2030 00:00:00 GMT"
#define DATE_PLUS_60 "Tue, 01 Jan 2030 00:01:00 GMT"
#define DATE_MINUS_1000 "Mon, 31 Dec 2029 23:43:20 GMT"
#define DATE_WALL (G_GINT64_CONSTANT(1893456000) * G_USEC_PER_SEC)

static McpHttpHead
head(const char *cache_control, const char *expires, const char *last_modified)
{
    return (McpHttpHead){
        .status = 200,
        .cache_control = (char *)cache_control,
        .expires = (char *)expires,
        .last_modified = (char *)last_modified,
        .date = (char *)DATE,
    };
}

static void
test_directives(void)
{
    McpHttpDirectives got;

    mcp_http_directives_parse("max-age=\"60\" , PRIVATE=\"set-cookie\",foo=bar, ,, max-age=30",
                              &got);
    g_assert_cmpint(got.max_age, ==, 30);
    g_assert_true(got.is_private);
    mcp_http_directives_parse("no-store, s-maxage=99999999999999999999, stale-if-error=5", &got);
    g_assert_true(got.no_store);
    g_assert_true(got.must_revalidate);
    g_assert_cmpint(got.s_maxage, ==, G_GINT64_CONSTANT(2147483648));
    g_assert_cmpint(got.stale_if_error, ==, 5);
    mcp_http_directives_parse("max-age=banana, x=\"a, no-store", &got);
    g_assert_cmpint(got.max_age, ==, 0);
    g_assert_false(got.no_store);
    mcp_http_directives_parse("=, =\"\\", &got);
    mcp_http_directives_parse(NULL, &got);
    g_assert_cmpint(got.max_age, ==, -1);
}

static void
test_lifetime(void)
{
    const struct {
        const char *cache_control;
        const char *expires;
        const char *last_modified;
        gint64 lifetime;
    } rows[] = {
        {"max-age=10", NULL, NULL, 10},
        {"max-age=10, s-maxage=20", NULL, NULL, 20},
        {"max-age=10", DATE_PLUS_60, NULL, 10},
        {NULL, DATE_PLUS_60, NULL, 60},
        {NULL, "0", NULL, 0},
        {NULL, DATE_MINUS_1000, DATE_MINUS_1000, 0},
        {NULL, NULL, DATE_MINUS_1000, 100},
        {NULL, NULL, "Mon, 01 Jan 2001 00:00:00 GMT", 24 * 3600},
        {NULL, NULL, DATE_PLUS_60, 0},
        {NULL, NULL, NULL, 0},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        McpHttpHead fields = head(rows[i].cache_control, rows[i].expires, rows[i].last_modified);

        g_assert_cmpint(mcp_http_lifetime(&fields), ==, rows[i].lifetime);
    }
}

static void
test_age(void)
{
    McpHttpHead fields = head(NULL, NULL, NULL);

    g_assert_cmpint(mcp_http_initial_age(&fields, DATE_WALL, 0), ==, 0);
    g_assert_cmpint(mcp_http_initial_age(&fields, DATE_WALL + 7 * G_USEC_PER_SEC, 0), ==, 7);
    g_assert_cmpint(mcp_http_initial_age(&fields, DATE_WALL - 7 * G_USEC_PER_SEC, 0), ==, 0);
    fields.age = (char *)"20";
    g_assert_cmpint(mcp_http_initial_age(&fields, DATE_WALL, 3 * G_USEC_PER_SEC), ==, 23);
    fields.date = NULL;
    fields.age = (char *)"-5";
    g_assert_cmpint(mcp_http_initial_age(&fields, DATE_WALL, 0), ==, 0);
}

static void
test_scope(void)
{
    const struct {
        guint status;
        const char *cache_control;
        const char *last_modified;
        const char *vary;
        gboolean sent_cookie;
        gboolean got_cookie;
        McpHttpScope scope;
    } rows[] = {
        {200, "max-age=60", NULL, NULL, FALSE, FALSE, MCP_HTTP_SCOPE_ALL},
        {200, "max-age=60", NULL, NULL, TRUE, FALSE, MCP_HTTP_SCOPE_ALL},
        {200, "max-age=60", NULL, NULL, FALSE, TRUE, MCP_HTTP_SCOPE_CALL},
        {200, "max-age=60, private", NULL, NULL, FALSE, FALSE, MCP_HTTP_SCOPE_CALL},
        {200, "max-age=60, no-store", NULL, NULL, FALSE, FALSE, MCP_HTTP_SCOPE_NOBODY},
        {200, "max-age=60", NULL, "*", FALSE, FALSE, MCP_HTTP_SCOPE_NOBODY},
        {200, NULL, DATE_MINUS_1000, NULL, FALSE, FALSE, MCP_HTTP_SCOPE_ALL},
        {200, NULL, DATE_MINUS_1000, NULL, TRUE, FALSE, MCP_HTTP_SCOPE_CALL},
        {200, "public", DATE_MINUS_1000, NULL, TRUE, FALSE, MCP_HTTP_SCOPE_ALL},
        {200, NULL, NULL, NULL, FALSE, FALSE, MCP_HTTP_SCOPE_NOBODY},
        {206, "max-age=60", NULL, NULL, FALSE, FALSE, MCP_HTTP_SCOPE_NOBODY},
        {302, NULL, DATE_MINUS_1000, NULL, FALSE, FALSE, MCP_HTTP_SCOPE_NOBODY},
        {302, "max-age=60", NULL, NULL, FALSE, FALSE, MCP_HTTP_SCOPE_ALL},
        {503, NULL, DATE_MINUS_1000, NULL, FALSE, FALSE, MCP_HTTP_SCOPE_NOBODY},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        McpHttpHead fields = head(rows[i].cache_control, NULL, rows[i].last_modified);

        fields.status = rows[i].status;
        fields.vary = (char *)rows[i].vary;
        g_assert_cmpint(mcp_http_storage_scope(&fields, rows[i].sent_cookie, rows[i].got_cookie),
                        ==, rows[i].scope);
    }
}

static void
test_usable(void)
{
    const struct {
        const char *cache_control;
        gint64 age;
        gint64 max_age;
        gint64 max_stale;
        gboolean usable;
    } rows[] = {
        {"max-age=60", 59, -1, -1, TRUE},    {"max-age=60", 60, -1, -1, FALSE},
        {"max-age=60", 10, 5, -1, FALSE},    {"max-age=60", 0, 0, -1, TRUE},
        {"max-age=60", 1, 0, -1, FALSE},     {"max-age=60", 70, -1, 10, TRUE},
        {"max-age=60", 71, -1, 10, FALSE},   {"max-age=60", 12, 5, 10, TRUE},
        {"max-age=60", 16, 5, 10, FALSE},    {"max-age=60, must-revalidate", 61, -1, 100, FALSE},
        {"s-maxage=60", 61, -1, 100, FALSE}, {"max-age=60, no-cache", 0, -1, 100, FALSE},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        McpHttpHead fields = head(rows[i].cache_control, NULL, NULL);

        g_assert_cmpint(
            mcp_http_is_usable(&fields, rows[i].age, rows[i].max_age, rows[i].max_stale), ==,
            rows[i].usable);
    }
}

static void
test_stale_on_error(void)
{
    const struct {
        const char *cache_control;
        gint64 age;
        gint64 allowance;
        gboolean usable;
    } rows[] = {
        {"max-age=60", 60, 0, TRUE},
        {"max-age=60", 61, 0, FALSE},
        {"max-age=60", 61, 5, TRUE},
        {"max-age=60, stale-if-error=10", 70, 0, TRUE},
        {"max-age=60, stale-if-error=10", 71, 100, FALSE},
        {"max-age=60, must-revalidate", 10, 100, FALSE},
        {"no-cache", 0, 100, FALSE},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        McpHttpHead fields = head(rows[i].cache_control, NULL, NULL);

        g_assert_cmpint(mcp_http_is_usable_on_error(&fields, rows[i].age, rows[i].allowance), ==,
                        rows[i].usable);
    }
}

static void
test_redirect_method(void)
{
    const struct {
        guint status;
        const char *before;
        const char *after;
    } rows[] = {
        {301, "POST", "GET"},  {302, "POST", "GET"}, {303, "POST", "GET"}, {307, "POST", "POST"},
        {308, "POST", "POST"}, {301, "GET", "GET"},  {303, "GET", "GET"},  {307, "GET", "GET"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpstr(mcp_http_redirect_method(rows[i].status, rows[i].before), ==,
                        rows[i].after);
    g_assert_false(mcp_http_is_redirect(304));
    g_assert_true(mcp_http_is_redirect(308));
}

static void
test_url(void)
{
    const struct {
        const char *base;
        const char *url;
        const char *result; /* NULL: refused */
    } rows[] = {
        {NULL, "http://h/p?q#f", "http://h/p?q"},
        {"http://h/a/b.vxml", "c.vxml", "http://h/a/c.vxml"},
        {"http://h/a/b.vxml", "#dialog", "http://h/a/b.vxml"},
        {"http://h/a/b?x=1", "?y=2", "http://h/a/b?y=2"},
        {"https://h/a", "//other/b", "https://other/b"},
        {NULL, "c.vxml", NULL},
        {NULL, "", NULL},
        {NULL, "http:///p", NULL},
        {NULL, "ftp://h/p", NULL},
        {NULL, "gopher://h/", NULL},
        {NULL, "http://u:p@h/", NULL},
        {NULL, "http://h:99999/", NULL},
        {NULL, "http://[::1/", NULL},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GUri) uri = mcp_http_resolve_url(rows[i].base, rows[i].url, &error);
        g_autofree char *text = uri != NULL ? g_uri_to_string(uri) : NULL;

        g_assert_cmpstr(text, ==, rows[i].result);
        g_assert_true((uri == NULL) == (error != NULL));
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/freshness/directives", test_directives);
    g_test_add_func("/http/freshness/lifetime", test_lifetime);
    g_test_add_func("/http/freshness/age", test_age);
    g_test_add_func("/http/freshness/scope", test_scope);
    g_test_add_func("/http/freshness/usable", test_usable);
    g_test_add_func("/http/freshness/stale-on-error", test_stale_on_error);
    g_test_add_func("/http/redirect/method", test_redirect_method);
    g_test_add_func("/http/redirect/url", test_url);
    return g_test_run();
}
