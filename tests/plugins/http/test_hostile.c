/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fetcher against servers, names and redirects that mean no good, and against its own deadline
 * at each phase.
 */
#include <glib/gstdio.h>
#include <mcp/error.h>
#include <unistd.h>

#include "fixture.h"

#define MS 1000

/* A resolver that lies: names ending in .test, one answer after the other. */
#define TYPE_LIAR (liar_get_type())
G_DECLARE_FINAL_TYPE(Liar, liar, TEST, LIAR, GResolver)

struct _Liar {
    GResolver parent_instance;
    const char *answers[4];
    guint asked;
};

G_DEFINE_FINAL_TYPE(Liar, liar, G_TYPE_RESOLVER)

static void
liar_lookup(GResolver *resolver, const char *name, GResolverNameLookupFlags flags,
            GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
    Liar *liar = TEST_LIAR(resolver);
    g_autoptr(GTask) task = g_task_new(resolver, cancellable, callback, user_data);
    const char *answer = liar->answers[MIN(liar->asked, 3)];

    if (flags == G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY) {
        g_task_return_new_error(task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "none");
        return;
    }
    liar->asked++;
    g_task_return_pointer(task, g_list_append(NULL, g_inet_address_new_from_string(answer)), NULL);
}

static void
liar_lookup_plain(GResolver *resolver, const char *name, GCancellable *cancellable,
                  GAsyncReadyCallback callback, gpointer user_data)
{
    liar_lookup(resolver, name, G_RESOLVER_NAME_LOOKUP_FLAGS_IPV4_ONLY, cancellable, callback,
                user_data);
}

static GList *
liar_finish(GResolver *resolver, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

static void
liar_class_init(LiarClass *klass)
{
    GResolverClass *resolver_class = G_RESOLVER_CLASS(klass);

    resolver_class->lookup_by_name_async = liar_lookup_plain;
    resolver_class->lookup_by_name_finish = liar_finish;
    resolver_class->lookup_by_name_with_flags_async = liar_lookup;
    resolver_class->lookup_by_name_with_flags_finish = liar_finish;
}

static void
liar_init(Liar *liar)
{
}

static void
lie(const char *first, const char *then)
{
    g_autoptr(Liar) liar = g_object_new(TYPE_LIAR, NULL);

    liar->answers[0] = first;
    for (guint i = 1; i < G_N_ELEMENTS(liar->answers); i++)
        liar->answers[i] = then;
    g_resolver_set_default(G_RESOLVER(liar));
}

static void
expect_refused(Fixture *fixture, const char *url)
{
    McpFetchRequest request = {REQUEST_INIT, .url = url, .timeout = 5000 * MS};
    Got got;

    fixture_fetch(fixture, &request, &got);
    g_assert_error(got.error, MCP_ERROR, MCP_ERROR_REFUSED);
    g_assert_cmpint(got.duration, <, 2000 * MS);
    got_clear(&got);
}

static void
test_literal(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *denied = g_strdup_printf("http://127.0.0.2:%u/x", fixture->port);

    expect_refused(fixture, "http://169.254.169.254/latest/meta-data/");
    expect_refused(fixture, "http://[fe80::1]/");
    expect_refused(fixture, "http://[::ffff:169.254.169.254]/");
    expect_refused(fixture, "http://10.0.0.1/");
    expect_refused(fixture, "http://0.0.0.0/");
    expect_refused(fixture, denied);
    g_assert_cmpuint(fixture_connections(fixture, "127.0.0.2"), ==, 0);
}

static void
test_redirect_to_metadata(Fixture *fixture, gconstpointer unused)
{
    const guint statuses[] = {301, 302, 303, 307, 308};

    for (guint i = 0; i < G_N_ELEMENTS(statuses); i++) {
        g_autofree char *url = fixture_url(
            fixture, "/r%u?status=%u&h=Location:http://169.254.169.254/", i, statuses[i]);
        g_autofree char *denied =
            fixture_url(fixture, "/d%u?status=%u&h=Location:http://127.0.0.2:%u/", i, statuses[i],
                        fixture->port);

        expect_refused(fixture, url);
        expect_refused(fixture, denied);
    }
    g_assert_cmpuint(fixture_connections(fixture, "127.0.0.2"), ==, 0);
}

static void
test_redirect_to_file(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *url = fixture_url(fixture, "/f?status=302&h=Location:file:///etc/passwd");
    g_autofree char *other = fixture_url(fixture, "/g?status=302&h=Location:gopher://x/");
    McpFetchRequest request = {REQUEST_INIT, .url = other};
    Got got;

    expect_refused(fixture, url);
    fixture_fetch(fixture, &request, &got);
    g_assert_error(got.error, MCP_ERROR, MCP_ERROR_INVALID);
    got_clear(&got);
}

static void
test_rebind(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(GResolver) real = g_resolver_get_default();
    g_autofree char *url = g_strdup_printf(
        "http://rebind.test:%u/b?h=Connection:%%20close&h=Cache-Control:no-store", fixture->port);
    g_autofree char *first = NULL;

    lie("127.0.0.1", "127.0.0.2");
    first = fixture_get(fixture, url, NULL);
    /* A new session asks for the name anew; within one, an address once found is kept. */
    fixture->config->max_connection_age = 0;
    expect_refused(fixture, url);
    lie("169.254.169.254", "169.254.169.254");
    expect_refused(fixture, "http://meta.test/");
    g_resolver_set_default(real);
    g_assert_cmpuint(fixture_connections(fixture, "127.0.0.2"), ==, 0);
    g_assert_cmpuint(fixture_hits(fixture, "/b"), ==, 1);
}

static void
test_redirects(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *loop = fixture_url(fixture, "/loop?status=302&h=Location:/loop?status=302%%26h"
                                                 "=Location:/loop");
    g_autofree char *relative = fixture_url(fixture, "/a/b?status=302&h=Location:c?body=here");
    g_autofree char *final = fixture_url(fixture, "/a/c?body=here");
    g_autoptr(GBytes) body = g_bytes_new_static("a=1", 3);
    McpFetchRequest request = {REQUEST_INIT, .url = relative};
    Got got;
    g_autofree char *text = NULL;

    fixture_fetch(fixture, &request, &got);
    text = got_body(&got);
    g_assert_cmpstr(text, ==, "here");
    g_assert_cmpstr(mcp_fetch_response_get_facts(got.response)->url, ==, final);
    got_clear(&got);
    for (guint status = 302; status <= 307; status += 5) {
        g_autofree char *url =
            fixture_url(fixture, "/m?status=%u&h=Location:/target%u", status, status);
        g_autofree char *answer = NULL;

        request = (McpFetchRequest){REQUEST_INIT, .url = url, .method = "POST", .body = body};
        fixture_fetch(fixture, &request, &got);
        answer = got_body(&got);
        g_assert_nonnull(strstr(answer, status == 307 ? "\"method\": \"POST\"" : "\"GET\""));
        g_assert_nonnull(strstr(answer, status == 307 ? "\"body\": \"a=1\"" : "\"body\": \"\""));
        got_clear(&got);
    }
    request = (McpFetchRequest){REQUEST_INIT, .url = loop};
    fixture_fetch(fixture, &request, &got);
    g_assert_cmpuint(got_status(&got), ==, 200);
    got_clear(&got);
}

static void
test_redirect_limit(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *url = fixture_url(fixture, "/again?status=302&h=Location:?status=302%%26");
    McpFetchRequest request = {REQUEST_INIT, .url = NULL};
    GString *nested = g_string_new("/done");
    Got got;

    for (guint i = 0; i < 12; i++) {
        g_autofree char *inner = g_uri_escape_string(nested->str, NULL, FALSE);

        g_string_printf(nested, "/hop%u?status=302&h=Location:%s", i, inner);
    }
    g_free(url);
    url = fixture_url(fixture, "%s", nested->str);
    request.url = url;
    fixture_fetch(fixture, &request, &got);
    g_assert_error(got.error, MCP_ERROR, MCP_ERROR_LIMIT);
    got_clear(&got);
    g_string_free(nested, TRUE);
}

static void
test_bad_servers(Fixture *fixture, gconstpointer unused)
{
    const struct {
        const char *path;
        McpError code;
    } rows[] = {
        {"/truncated", MCP_ERROR_FAILED},
        {"/announced", MCP_ERROR_LIMIT},
        {"/chunk-truncated", MCP_ERROR_FAILED},
        {"/no-http", MCP_ERROR_FAILED},
        {"/nothing", MCP_ERROR_FAILED},
        {"/huge-head", MCP_ERROR_FAILED},
        {"/endless", MCP_ERROR_LIMIT},
        {"/bomb", MCP_ERROR_LIMIT},
        {"/large?size=2000000", MCP_ERROR_LIMIT},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *url = fixture_url(fixture, "%s", rows[i].path);
        McpFetchRequest request = {REQUEST_INIT, .url = url, .timeout = 10000 * MS,
                                   .max_bytes = 1000000};
        Got got;

        g_test_message("%s", rows[i].path);
        fixture_fetch(fixture, &request, &got);
        g_assert_error(got.error, MCP_ERROR, (int)rows[i].code);
        got_clear(&got);
    }
    {
        /* libsoup takes a chunk size that is no number for the last chunk, and what does not
         * unpack for plain. */
        g_autofree char *packed = fixture_url(fixture, "/gzip-garbage");
        g_autofree char *plain = fixture_get(fixture, packed, NULL);
        g_autofree char *garbage = fixture_url(fixture, "/chunk-garbage");
        g_autofree char *nothing = fixture_get(fixture, garbage, NULL);
        g_autofree char *url = fixture_url(fixture, "/alive?body=yes");
        g_autofree char *body = fixture_get(fixture, url, NULL);

        g_assert_cmpstr(nothing, ==, "");
        g_assert_cmpstr(plain, ==, "nope");
        g_assert_cmpstr(body, ==, "yes");
    }
}

static void
expect_timeout(Fixture *fixture, const char *url)
{
    McpFetchRequest request = {REQUEST_INIT, .url = url, .timeout = 200 * MS};
    Got got;

    fixture_fetch(fixture, &request, &got);
    g_assert_error(got.error, MCP_ERROR, MCP_ERROR_TIMEOUT);
    g_assert_cmpint(got.duration, >=, 190 * MS);
    g_assert_cmpint(got.duration, <, 2000 * MS);
    got_clear(&got);
}

static void
test_timeouts(Fixture *fixture, gconstpointer unused)
{
    const char *paths[] = {"/silent", "/drip", "/drip-head", "/late?delay=5000"};

    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autofree char *url = fixture_url(fixture, "%s", paths[i]);

        expect_timeout(fixture, url);
    }
}

/* What this process listens on is not for pages, loopback allowed or not. */
static void
test_own_port(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(GInetAddress) loopback = g_inet_address_new_from_string("127.0.0.3");
    g_autoptr(GSocketAddress) bound = g_inet_socket_address_new(loopback, 0);
    g_autoptr(GSocketAddress) local = NULL;
    g_autoptr(GSocket) listener =
        g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
    g_autofree char *url = NULL;

    g_assert_true(g_socket_bind(listener, bound, FALSE, NULL));
    g_assert_true(g_socket_listen(listener, NULL));
    local = g_socket_get_local_address(listener, NULL);
    url = g_strdup_printf("http://127.0.0.3:%u/",
                          g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(local)));
    expect_refused(fixture, url);
}

/* Waiting for a free connection counts. */
static void
test_timeout_queued(Fixture *fixture, gconstpointer unused)
{
    Got got[64];

    for (guint i = 0; i < G_N_ELEMENTS(got); i++) {
        g_autofree char *url = fixture_url(fixture, "/queue%u?delay=2000", i);
        McpFetchRequest request = {REQUEST_INIT, .url = url, .timeout = 300 * MS};

        fixture_start(fixture, &request, NULL, &got[i]);
    }
    for (guint i = 0; i < G_N_ELEMENTS(got); i++) {
        fixture_wait(&got[i]);
        g_assert_error(got[i].error, MCP_ERROR, MCP_ERROR_TIMEOUT);
        g_assert_cmpint(got[i].duration, <, 1500 * MS);
        got_clear(&got[i]);
    }
}

static void
test_cancel(Fixture *fixture, gconstpointer unused)
{
    const char *paths[] = {"/silent", "/drip"};

    for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
        g_autofree char *url = fixture_url(fixture, "%s", paths[i]);
        McpFetchRequest request = {REQUEST_INIT, .url = url};
        g_autoptr(GCancellable) cancellable = g_cancellable_new();
        Got got;

        fixture_start(fixture, &request, cancellable, &got);
        while (fixture_hits(fixture, paths[i]) == 0)
            ;
        g_cancellable_cancel(cancellable);
        fixture_wait(&got);
        g_assert_error(got.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
        got_clear(&got);
        fixture_start(fixture, &request, cancellable, &got);
        fixture_wait(&got);
        g_assert_error(got.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
        got_clear(&got);
    }
}

static void
expect_file(Fixture *fixture, const char *url, const char *body, McpError code)
{
    McpFetchRequest request = {REQUEST_INIT, .url = url, .max_bytes = 100};
    Got got;

    fixture_fetch(fixture, &request, &got);
    if (body != NULL) {
        g_autofree char *text = got_body(&got);

        g_assert_cmpstr(text, ==, body);
    } else {
        g_assert_error(got.error, MCP_ERROR, (int)code);
    }
    got_clear(&got);
}

static void
test_files(Fixture *fixture, gconstpointer unused)
{
    g_autofree char *made = g_dir_make_tmp("mcp-XXXXXX", NULL);
    g_autofree char *root = realpath(made, NULL);
    g_autofree char *page = g_build_filename(root, "page.vxml", NULL);
    g_autofree char *large = g_build_filename(root, "large", NULL);
    g_autofree char *link = g_build_filename(root, "link", NULL);
    g_autofree char *folder_link = g_build_filename(root, "up", NULL);
    g_autofree char *text = g_strnfill(200, 'x');
    const struct {
        const char *path;
        const char *body;
        McpError code;
    } rows[] = {
        {"/page.vxml", "<vxml/>", 0},
        {"/./page.vxml?x#y", "<vxml/>", 0},
        {"/large", NULL, MCP_ERROR_LIMIT},
        {"/link", NULL, MCP_ERROR_REFUSED},
        {"/up/etc/passwd", NULL, MCP_ERROR_NOT_FOUND},
        {"/%2e%2e/etc/passwd", NULL, MCP_ERROR_REFUSED},
        {"/none", NULL, MCP_ERROR_NOT_FOUND},
        {"/page.vxml/more", NULL, MCP_ERROR_NOT_FOUND},
        {"/", NULL, MCP_ERROR_NOT_FOUND},
        {"/a%2fb", NULL, MCP_ERROR_INVALID},
        {"/a%00b", NULL, MCP_ERROR_INVALID},
    };

    g_assert_true(g_file_set_contents(page, "<vxml/>", -1, NULL));
    g_assert_true(g_file_set_contents(large, text, -1, NULL));
    g_assert_cmpint(symlink("/etc/passwd", link), ==, 0);
    g_assert_cmpint(symlink("/", folder_link), ==, 0);
    expect_file(fixture, "file:///etc/passwd", NULL, MCP_ERROR_REFUSED);
    fixture->config->file_root = g_strdup(root);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *url = g_strconcat("file://", root, rows[i].path, NULL);

        g_test_message("%s", rows[i].path);
        expect_file(fixture, url, rows[i].body, rows[i].code);
    }
    expect_file(fixture, "file:///etc/passwd", NULL, MCP_ERROR_REFUSED);
    expect_file(fixture, "file://other.test/page.vxml", NULL, MCP_ERROR_REFUSED);
    g_unlink(page);
    g_unlink(large);
    g_unlink(link);
    g_unlink(folder_link);
    g_rmdir(root);
}

#define ADD(path, func) \
    g_test_add("/http/hostile/" path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("literal", test_literal);
    ADD("redirect-to-metadata", test_redirect_to_metadata);
    ADD("redirect-to-file", test_redirect_to_file);
    ADD("rebind", test_rebind);
    ADD("redirects", test_redirects);
    ADD("redirect-limit", test_redirect_limit);
    ADD("bad-servers", test_bad_servers);
    ADD("timeouts", test_timeouts);
    ADD("own-port", test_own_port);
    ADD("timeout-queued", test_timeout_queued);
    ADD("cancel", test_cancel);
    ADD("files", test_files);
    return g_test_run();
}
