/* SPDX-License-Identifier: Apache-2.0 */
/* Copies on disk: written as a whole, read only when nobody else could have written them. */
#include <copies.h>
#include <glib/gstdio.h>
#include <mcp/error.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    char *top;
    char *folder;
    char *file;
} Fixture;

static void
set_up(Fixture *f, gconstpointer data)
{
    f->top = g_dir_make_tmp("mcp-copies-XXXXXX", NULL);
    f->folder = g_build_filename(f->top, "copies", NULL);
    f->file = g_build_filename(f->folder, "one", NULL);
}

static void
tear_down(Fixture *f, gconstpointer data)
{
    g_unlink(f->file);
    g_rmdir(f->folder);
    g_rmdir(f->top);
    g_free(f->top);
    g_free(f->folder);
    g_free(f->file);
}

static void
write_one(Fixture *f, const char *text)
{
    g_autoptr(GBytes) content = g_bytes_new(text, strlen(text));
    g_autoptr(GError) error = NULL;

    mcp_copy_write(f->folder, "one", content, &error);
    g_assert_no_error(error);
}

static void
assert_refused(Fixture *f, McpError code)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_copy_read(f->folder, "one", 100, &error));
    g_assert_error(error, MCP_ERROR, (int)code);
}

static void
test_round_trip(Fixture *f, gconstpointer data)
{
    g_autoptr(GBytes) read = NULL;
    GStatBuf facts;

    assert_refused(f, MCP_ERROR_NOT_FOUND);
    write_one(f, "first");
    write_one(f, "second");
    read = mcp_copy_read(f->folder, "one", 100, NULL);
    g_assert_cmpmem(g_bytes_get_data(read, NULL), g_bytes_get_size(read), "second", 6);
    g_assert_cmpint(g_stat(f->file, &facts), ==, 0);
    g_assert_cmpint(facts.st_mode & 0777, ==, 0600);
    g_assert_cmpint(g_stat(f->folder, &facts), ==, 0);
    g_assert_cmpint(facts.st_mode & 0777, ==, 0700);
}

static void
test_refused(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) content = g_bytes_new_static("x", 1);
    g_autofree char *large = g_strnfill(101, 'x');

    write_one(f, large);
    assert_refused(f, MCP_ERROR_LIMIT);
    write_one(f, "x");
    g_assert_cmpint(g_chmod(f->file, 0640), ==, 0);
    assert_refused(f, MCP_ERROR_REFUSED);
    g_unlink(f->file);
    g_assert_cmpint(symlink("/etc/hostname", f->file), ==, 0);
    assert_refused(f, MCP_ERROR_REFUSED);
    g_unlink(f->file);
    g_assert_cmpint(mkfifo(f->file, 0600), ==, 0);
    assert_refused(f, MCP_ERROR_REFUSED);
    g_unlink(f->file);
    if (geteuid() == 0) {
        write_one(f, "x");
        g_assert_cmpint(chown(f->file, 1, 1), ==, 0);
        assert_refused(f, MCP_ERROR_REFUSED);
    }
    g_assert_cmpint(g_chmod(f->folder, 0777), ==, 0);
    g_assert_false(mcp_copy_write(f->folder, "one", content, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_REFUSED);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/config-server/copies/round-trip", Fixture, NULL, set_up, test_round_trip,
               tear_down);
    g_test_add("/config-server/copies/refused", Fixture, NULL, set_up, test_refused, tear_down);
    return g_test_run();
}
