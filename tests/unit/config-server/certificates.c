/* SPDX-License-Identifier: Apache-2.0 */
/* Files of certificates: PEM, DER, several, expired, broken. They are made by openssl(1). */
#include <certificate_file.h>
#include <glib/gstdio.h>
#include <mcp/error.h>
#include <string.h>

#define DAY 86400

typedef struct {
    char *folder;
    GBytes *rsa; /* PEM */
    GBytes *ec;
    GBytes *der;
    gint64 now;
} Fixture;

static GBytes *
make(const char *folder, const char *options, const char *output)
{
    g_autofree char *command =
        g_strdup_printf("openssl req -x509 -newkey %s -nodes -days 10 -subj /CN=recording "
                        "-keyout %s/key.pem -out %s/file %s",
                        options, folder, folder, output);
    g_autofree char *file = g_build_filename(folder, "file", NULL);
    char *content = NULL;
    gsize length = 0;
    int status = 1;
    g_autoptr(GError) error = NULL;

    g_spawn_command_line_sync(command, NULL, NULL, &status, &error);
    g_assert_no_error(error);
    g_assert_cmpint(status, ==, 0);
    g_assert_true(g_file_get_contents(file, &content, &length, NULL));
    g_unlink(file);
    return g_bytes_new_take(content, length);
}

static void
set_up(Fixture *f, gconstpointer data)
{
    f->folder = g_dir_make_tmp("mcp-certificates-XXXXXX", NULL);
    f->rsa = make(f->folder, "rsa:2048", "");
    f->ec = make(f->folder, "ec -pkeyopt ec_paramgen_curve:P-256", "");
    f->der = make(f->folder, "rsa:2048", "-outform DER");
    f->now = g_get_real_time() / G_USEC_PER_SEC + 60;
}

static void
tear_down(Fixture *f, gconstpointer data)
{
    g_autofree char *key = g_build_filename(f->folder, "key.pem", NULL);

    g_unlink(key);
    g_rmdir(f->folder);
    g_free(f->folder);
    g_bytes_unref(f->rsa);
    g_bytes_unref(f->ec);
    g_bytes_unref(f->der);
}

static GBytes *
concat(GBytes *first, const char *between, GBytes *second)
{
    GByteArray *all = g_byte_array_new();

    g_byte_array_append(all, g_bytes_get_data(first, NULL), (guint)g_bytes_get_size(first));
    g_byte_array_append(all, (const guint8 *)between, (guint)strlen(between));
    g_byte_array_append(all, g_bytes_get_data(second, NULL), (guint)g_bytes_get_size(second));
    return g_byte_array_free_to_bytes(all);
}

static void
test_good(Fixture *f, gconstpointer data)
{
    g_autoptr(GBytes) both = concat(f->rsa, "\nsubject: what stands between is text\n", f->ec);
    g_autoptr(GError) error = NULL;
    g_autoptr(McpCertificates) two = mcp_certificate_file_read(both, "two", f->now, &error);
    g_autoptr(McpCertificates) der = NULL;

    g_assert_no_error(error);
    g_assert_cmpuint(mcp_certificates_get_count(two), ==, 2);
    g_assert_cmpstr(mcp_certificates_get_name(two), ==, "two");
    g_assert_cmpint(mcp_certificates_get_expiry(two) - f->now, >, 8 * DAY);
    g_assert_cmpint(mcp_certificates_get_begin(two), <=, f->now);
    der = mcp_certificate_file_read(f->der, "der", f->now, &error);
    g_assert_no_error(error);
    g_assert_true(g_bytes_equal(mcp_certificates_get_der(der, 0), f->der));
}

static void
assert_refused(GBytes *file, gint64 now, const char *why)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_certificate_file_read(file, "x", now, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, why));
}

static void
test_bad(Fixture *f, gconstpointer data)
{
    gsize size = 0;
    const char *pem = g_bytes_get_data(f->rsa, &size);
    g_autoptr(GBytes) none = g_bytes_new_static("", 0);
    g_autoptr(GBytes) text = g_bytes_new_static("not found", 9);
    g_autoptr(GBytes) half = g_bytes_new(pem, size / 2);
    g_autoptr(GBytes) short_der = g_bytes_new_from_bytes(f->der, 0, g_bytes_get_size(f->der) / 2);
    g_autoptr(GBytes) one_bad = concat(f->ec,
                                       "-----BEGIN CERTIFICATE-----\nAAAA\n"
                                       "-----END CERTIFICATE-----\n",
                                       f->rsa);
    g_autoptr(GBytes) null = g_bytes_new_static("-----BEGIN CERTIFICATE-----\0", 28);

    assert_refused(none, f->now, "the file has 0 bytes");
    assert_refused(text, f->now, "number 1 is no X.509 certificate");
    assert_refused(half, f->now, "number 1 has no end");
    assert_refused(short_der, f->now, "number 1 is no X.509 certificate");
    assert_refused(one_bad, f->now, "number 2 is no X.509 certificate");
    assert_refused(null, f->now, "a PEM file has a null byte");
    assert_refused(f->rsa, f->now + 30 * DAY, "number 1 has expired on ");
    assert_refused(f->rsa, f->now - 30 * DAY, "number 1 is not valid before ");
}

static void
test_too_many(Fixture *f, gconstpointer data)
{
    g_autoptr(GBytes) all = g_bytes_ref(f->ec);

    for (guint i = 0; i < MCP_RECIPIENTS_MAX; i++) {
        GBytes *more = concat(all, "", f->ec);

        g_bytes_unref(all);
        all = more;
    }
    assert_refused(all, f->now, "there are more than 32");
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/config-server/certificates/good", Fixture, NULL, set_up, test_good, tear_down);
    g_test_add("/config-server/certificates/bad", Fixture, NULL, set_up, test_bad, tear_down);
    g_test_add("/config-server/certificates/many", Fixture, NULL, set_up, test_too_many, tear_down);
    return g_test_run();
}
