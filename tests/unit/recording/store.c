/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store of files: names, writing, patches, abort, limits, failures.
 */
#include "object_name.h"
#include "support.h"
#include <glib/gstdio.h>
#include <mcp/error.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void
test_names(void)
{
    static const char *const good[] = {"a", "a.wav", "2026/11/22/call-1_x.wav", "A-Z/0"};
    static const char *const bad[] = {"",       "/a", "a/",     "a//b",     "../a",
                                      "a/../b", ".a", "a/.b",   "a b",      "a\\b",
                                      "a\nb",   "ä",  "x.part", "a/x.part", "1/2/3/4/5/6/7/8/9"};
    g_autofree char *longest = g_strnfill(129, 'x');

    for (guint i = 0; i < G_N_ELEMENTS(good); i++)
        g_assert_true(mcp_recording_object_name_check(good[i], NULL));
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_false(mcp_recording_object_name_check(bad[i], &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    }
    g_assert_false(mcp_recording_object_name_check(longest, NULL));
    g_assert_false(mcp_recording_object_name_check(NULL, NULL));
}

static void
test_write(Fixture *f, gconstpointer data)
{
    g_autoptr(McpStoreStream) stream = open_object(f, "day/one.wav", MCP_STORE_REQUIRED);
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = NULL;
    guint8 block[320];
    const guint8 *content;
    gsize size;

    mcp_store_stream_append(stream, wav_head(), 44);
    for (guint i = 0; i < 500; i++) {
        memset(block, (int)i, sizeof block);
        g_assert_true(mcp_store_stream_append(stream, block, sizeof block));
    }
    mcp_store_stream_patch(stream, 40, "\x00\x71\x02\x00", 4);
    g_assert_cmpuint(mcp_store_stream_get_length(stream), ==, 44 + 500 * 320);
    g_assert_cmpstr(mcp_store_stream_get_name(stream), ==, "day/one.wav");
    g_assert_true(commit(stream, &error));
    g_assert_no_error(error);
    g_assert_false(mcp_store_stream_append(stream, block, 1));
    bytes = read_back(f, "day/one.wav", &error);
    g_assert_no_error(error);
    content = g_bytes_get_data(bytes, &size);
    g_assert_cmpuint(size, ==, 44 + 500 * 320);
    g_assert_cmpmem(content + 40, 4, "\x00\x71\x02\x00", 4);
    for (guint i = 0; i < 500; i++)
        g_assert_cmpuint(content[44 + i * 320 + 319], ==, i & 255);
    g_assert_false(exists(f, "day/one.wav.part"));
}

typedef struct {
    Fixture *f;
    const char *name;
    gsize size;
} Expected;

static gboolean
has_size(gpointer data)
{
    Expected *expected = data;
    g_autofree char *path = g_build_filename(expected->f->folder, expected->name, NULL);
    struct stat info;

    return stat(path, &info) == 0 && (gsize)info.st_size == expected->size;
}

static gboolean
is_absent(gpointer data)
{
    Expected *expected = data;

    return !exists(expected->f, expected->name);
}

/* The timer alone brings appended bytes to the disk, under the unfinished name. */
static void
test_timer(Fixture *f, gconstpointer data)
{
    g_autoptr(McpStoreStream) stream = open_object(f, "a", MCP_STORE_REQUIRED);
    Expected there = {f, "a.part", 0};
    Expected more = {f, "a.part", 100};
    g_autofree guint8 *block = g_malloc0(100);

    wait_until(has_size, &there, 5);
    mcp_store_stream_append(stream, block, 100);
    wait_until(has_size, &more, 5);
    mcp_store_stream_abort(stream);
    wait_until(is_absent, &more, 5);
    g_assert_false(exists(f, "a"));
}

static void
test_drop(Fixture *f, gconstpointer data)
{
    McpStoreStream *stream = open_object(f, "a", MCP_STORE_REQUIRED);
    Expected part = {f, "a.part", 0};

    wait_until(has_size, &part, 5);
    g_object_unref(stream);
    wait_until(is_absent, &part, 5);
}

static void
test_taken(Fixture *f, gconstpointer data)
{
    g_autoptr(McpStoreStream) first = open_object(f, "a", MCP_STORE_REQUIRED);
    McpStoreObject object = {"a", NULL, NULL, MCP_STORE_REQUIRED};
    g_autoptr(McpStoreStream) late = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_store_open(MCP_STORE(f->store), &object, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_STATE);
    g_clear_error(&error);
    g_assert_true(commit(first, NULL));
    g_assert_false(commit(first, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_STATE);
    g_clear_error(&error);
    late = open_object(f, "a", MCP_STORE_BEST_EFFORT);
    g_assert_false(commit(late, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_STATE);
    g_assert_true(exists(f, "a"));
}

static void
test_outside(Fixture *f, gconstpointer data)
{
    McpStoreObject object = {"../a", NULL, NULL, MCP_STORE_REQUIRED};
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_store_open(MCP_STORE(f->store), &object, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_null(read_back(f, "../../etc/passwd", &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_null(read_back(f, "nothing", &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND);
}

static void
test_link(Fixture *f, gconstpointer data)
{
    g_autofree char *path = g_build_filename(f->folder, "way", NULL);
    g_autofree char *target = g_build_filename(f->folder, "elsewhere", NULL);
    g_autoptr(McpStoreStream) stream = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(g_mkdir(target, 0700), ==, 0);
    g_assert_cmpint(symlink(target, path), ==, 0);
    stream = open_object(f, "way/out", MCP_STORE_REQUIRED);
    g_assert_false(commit(stream, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_FAILED);
}

/* The disk job cannot run while this thread does not iterate and the pool is not asked. */
static void
test_overflow(Fixture *f, gconstpointer data)
{
    g_autoptr(McpStoreStream) required = open_object(f, "a", MCP_STORE_REQUIRED);
    g_autoptr(McpStoreStream) effort = open_object(f, "b", MCP_STORE_BEST_EFFORT);
    g_autofree guint8 *block = g_malloc0(100 * 1024);
    g_autoptr(GError) error = NULL;

    for (guint i = 0; i < 2; i++) {
        g_assert_true(mcp_store_stream_append(required, block, 100 * 1024));
        g_assert_true(mcp_store_stream_append(effort, block, 100 * 1024));
    }
    g_assert_false(mcp_store_stream_append(required, block, 100 * 1024));
    g_assert_false(mcp_store_stream_append(effort, block, 100 * 1024));
    g_assert_true(commit(effort, &error));
    g_assert_no_error(error);
    g_assert_false(commit(required, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_LIMIT);
}

static void
test_total(Fixture *f, gconstpointer data)
{
    g_autoptr(GPtrArray) streams = g_ptr_array_new_with_free_func(g_object_unref);
    g_autofree guint8 *block = g_malloc0(200 * 1024);
    guint refused = 0;

    for (guint i = 0; i < 40; i++) {
        g_autofree char *name = g_strdup_printf("s%u", i);
        McpStoreStream *stream = open_object(f, name, MCP_STORE_BEST_EFFORT);

        g_ptr_array_add(streams, stream);
        refused += mcp_store_stream_append(stream, block, 200 * 1024) ? 0 : 1;
    }
    g_assert_cmpuint(refused, >=, 19); /* 4 MiB hold 20 of them */
    g_assert_cmpuint(refused, <=, 22);
}

static void
test_disk_full(Fixture *f, gconstpointer data)
{
    g_autoptr(McpStoreStream) stream = open_object(f, "a", MCP_STORE_BEST_EFFORT);
    g_autofree guint8 *block = g_malloc0(64 * 1024);
    struct rlimit before;
    struct rlimit small = {16 * 1024, RLIM_INFINITY};
    g_autoptr(GError) error = NULL;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    setrlimit(RLIMIT_FSIZE, &small);
    mcp_store_stream_append(stream, block, 64 * 1024);
    g_assert_false(commit(stream, &error));
    setrlimit(RLIMIT_FSIZE, &before);
    g_assert_error(error, MCP_ERROR, MCP_ERROR_LIMIT);
    g_assert_false(exists(f, "a"));
    g_assert_false(exists(f, "a.part"));
}

static void
test_free_space(Fixture *f, gconstpointer data)
{
    McpStoreObject object = {"a", NULL, NULL, MCP_STORE_REQUIRED};
    g_autoptr(GError) error = NULL;
    McpRecordingConfig config = f->config;
    g_autoptr(McpStoreStream) stream = NULL;

    config.min_free = G_MAXUINT64;
    mcp_recording_store_configure(f->store, &config);
    g_assert_null(mcp_store_open(MCP_STORE(f->store), &object, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_LIMIT);
    mcp_recording_store_configure(f->store, &f->config);
    stream = open_object(f, "a", MCP_STORE_REQUIRED);
    g_assert_true(commit(stream, NULL));
}

static void
test_patch_outside(Fixture *f, gconstpointer data)
{
    g_autoptr(McpStoreStream) stream = open_object(f, "a", MCP_STORE_BEST_EFFORT);
    g_autoptr(McpStoreStream) beyond = open_object(f, "b", MCP_STORE_BEST_EFFORT);
    g_autoptr(GError) error = NULL;

    mcp_store_stream_patch(stream, 4095, "xy", 2);
    g_assert_false(commit(stream, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    g_clear_error(&error);
    mcp_store_stream_append(beyond, "abc", 3);
    mcp_store_stream_patch(beyond, 2, "xy", 2);
    g_assert_false(commit(beyond, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
}

static void
test_read_limit(Fixture *f, gconstpointer data)
{
    McpRecordingConfig config = f->config;
    g_autoptr(McpStoreStream) stream = open_object(f, "a", MCP_STORE_REQUIRED);
    g_autoptr(GError) error = NULL;

    config.read_limit = 10;
    mcp_recording_store_configure(f->store, &config);
    mcp_store_stream_append(stream, "0123456789ab", 12);
    g_assert_true(commit(stream, NULL));
    g_assert_null(read_back(f, "a", &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_LIMIT);
}

static void
test_writable_folder(Fixture *f, gconstpointer data)
{
    g_autofree char *open_folder = g_build_filename(f->folder, "open", NULL);
    Fixture other = *f;
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(g_mkdir(open_folder, 0700), ==, 0);
    g_assert_cmpint(chmod(open_folder, 0777), ==, 0);
    other.config.directory = open_folder;
    g_assert_null(fixture_new_store(&other, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "0777"));
}

#define ADD(name, func) \
    g_test_add("/recording/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/recording/names", test_names);
    ADD("write", test_write);
    ADD("timer", test_timer);
    ADD("drop", test_drop);
    ADD("taken", test_taken);
    ADD("outside", test_outside);
    ADD("link", test_link);
    ADD("overflow", test_overflow);
    ADD("total", test_total);
    ADD("disk-full", test_disk_full);
    ADD("free-space", test_free_space);
    ADD("patch-outside", test_patch_outside);
    ADD("read-limit", test_read_limit);
    ADD("writable-folder", test_writable_folder);
    return g_test_run();
}
