/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cookie jar (RFC 6265): who may set which cookie, where it is sent, when it goes, bounds.
 */
#include <cookie_jar.h>
#include <redirect.h>

#define NOW 1000000

typedef struct {
    const char *from;   /* URL of the response */
    const char *field;  /* Set-Cookie */
    gboolean taken;     /* by the jar */
    const char *to;     /* URL of the next request */
    const char *cookie; /* sent with it */
} Row;

static const Row rows[] = {
    {"http://a.test/", "s=1", TRUE, "http://a.test/x", "s=1"},
    {"http://a.test/", "s=1", TRUE, "http://b.a.test/", NULL},
    {"http://b.a.test/", "s=1; Domain=a.test", TRUE, "http://c.a.test/", "s=1"},
    {"http://b.a.test/", "s=1; Domain=.A.test", TRUE, "http://a.test/", "s=1"},
    {"http://a.test/", "s=1; Domain=b.a.test", FALSE, "http://b.a.test/", NULL},
    {"http://a.test/", "s=1; Domain=other.test", FALSE, "http://other.test/", NULL},
    {"http://a.co.uk/", "s=1; Domain=co.uk", FALSE, "http://b.co.uk/", NULL},
    {"http://xa.test/", "s=1; Domain=a.test", FALSE, "http://a.test/", NULL},
    {"http://127.0.0.1/", "s=1", TRUE, "http://127.0.0.1:99/", "s=1"},
    {"http://127.0.0.1/", "s=1; Domain=0.0.1", FALSE, "http://127.0.0.1/", NULL},
    {"http://localhost/", "s=1", TRUE, "http://localhost/", "s=1"},
    {"http://a.test/d/p", "s=1", TRUE, "http://a.test/", NULL},
    {"http://a.test/d/p", "s=1", TRUE, "http://a.test/d/q", "s=1"},
    {"http://a.test/d/p", "s=1", TRUE, "http://a.test/dd", NULL},
    {"http://a.test/d/p", "s=1; Path=/", TRUE, "http://a.test/e", "s=1"},
    {"https://a.test/", "s=1; Secure", TRUE, "http://a.test/", NULL},
    {"https://a.test/", "s=1; Secure", TRUE, "https://a.test/", "s=1"},
    {"http://a.test/", "s=1; Secure", FALSE, "https://a.test/", NULL},
    {"http://a.test/", "s=1; Max-Age=0", TRUE, "http://a.test/", NULL},
    {"http://a.test/", "s=1; Max-Age=-5", TRUE, "http://a.test/", NULL},
    {"http://a.test/", "s=1; Max-Age=60", TRUE, "http://a.test/", "s=1"},
    {"http://a.test/", "s=1; Expires=Thu, 01 Jan 1970 00:00:01 GMT", TRUE, "http://a.test/", NULL},
    {"http://a.test/", "s=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:01 GMT", TRUE,
     "http://a.test/", "s=1"},
    {"http://a.test/", "s=\"a b\"; HttpOnly", TRUE, "http://a.test/", "s=\"a b\""},
    {"http://a.test/", "novalue", FALSE, "http://a.test/", NULL},
    {"http://a.test/", "=v", FALSE, "http://a.test/", NULL},
    {"http://a.test/", "s=1\r\nX: y", FALSE, "http://a.test/", NULL},
    {"http://a.test/", "", FALSE, "http://a.test/", NULL},
    {"http://a.test/", ";;;", FALSE, "http://a.test/", NULL},
};

static GUri *
uri_of(const char *text)
{
    GUri *uri = mcp_http_resolve_url(NULL, text, NULL);

    g_assert_nonnull(uri);
    return uri;
}

static void
test_rows(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(McpHttpCookieJar) jar = mcp_http_cookie_jar_new();
        g_autoptr(GUri) from = uri_of(rows[i].from);
        g_autoptr(GUri) to = uri_of(rows[i].to);
        g_autofree char *cookie = NULL;

        g_test_message("row %u", i);
        g_assert_cmpint(mcp_http_cookie_jar_put(jar, from, rows[i].field, NOW), ==, rows[i].taken);
        cookie = mcp_http_cookie_jar_get(jar, to, NOW);
        g_assert_cmpstr(cookie, ==, rows[i].cookie);
    }
}

static void
test_order_and_replacement(void)
{
    g_autoptr(McpHttpCookieJar) jar = mcp_http_cookie_jar_new();
    g_autoptr(GUri) uri = uri_of("http://a.test/d/p");
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;

    mcp_http_cookie_jar_put(jar, uri, "a=1; Path=/", NOW);
    mcp_http_cookie_jar_put(jar, uri, "b=2; Path=/d", NOW);
    mcp_http_cookie_jar_put(jar, uri, "c=3; Path=/; Max-Age=10", NOW);
    mcp_http_cookie_jar_put(jar, uri, "a=4; Path=/", NOW);
    first = mcp_http_cookie_jar_get(jar, uri, NOW + 9);
    g_assert_cmpstr(first, ==, "b=2; c=3; a=4");
    second = mcp_http_cookie_jar_get(jar, uri, NOW + 10);
    g_assert_cmpstr(second, ==, "b=2; a=4");
}

static void
test_secure_is_kept(void)
{
    g_autoptr(McpHttpCookieJar) jar = mcp_http_cookie_jar_new();
    g_autoptr(GUri) secure = uri_of("https://a.test/");
    g_autoptr(GUri) clear = uri_of("http://a.test/");
    g_autofree char *cookie = NULL;

    g_assert_true(mcp_http_cookie_jar_put(jar, secure, "s=1; Secure", NOW));
    g_assert_false(mcp_http_cookie_jar_put(jar, clear, "s=2", NOW));
    cookie = mcp_http_cookie_jar_get(jar, secure, NOW);
    g_assert_cmpstr(cookie, ==, "s=1");
}

static void
test_bounds(void)
{
    g_autoptr(McpHttpCookieJar) jar = mcp_http_cookie_jar_new();
    g_autofree char *large = g_strnfill(5000, 'x');
    g_autofree char *field = g_strconcat("s=", large, NULL);

    for (guint host = 0; host < 20; host++) {
        g_autofree char *url = g_strdup_printf("http://h%u.test/", host);
        g_autoptr(GUri) uri = uri_of(url);

        for (guint i = 0; i < 40; i++) {
            g_autofree char *cookie = g_strdup_printf("c%u=v", i);

            mcp_http_cookie_jar_put(jar, uri, cookie, NOW);
        }
        g_assert_false(mcp_http_cookie_jar_put(jar, uri, field, NOW));
    }
    g_assert_cmpuint(mcp_http_cookie_jar_count(jar), <=, 64);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/http/cookies/rows", test_rows);
    g_test_add_func("/http/cookies/order", test_order_and_replacement);
    g_test_add_func("/http/cookies/secure", test_secure_is_kept);
    g_test_add_func("/http/cookies/bounds", test_bounds);
    return g_test_run();
}
