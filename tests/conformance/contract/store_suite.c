/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store contract (mcp/contract/store.h): names, what a stream takes, what is read back, commit
 * and abort.
 */
#include "store_suite.h"

#include "contract.h"

#include <string.h>

static McpStore *store;

static McpStoreStream *
open_object(const char *name)
{
    McpStoreObject object = {name, "audio/x-wav", "call-1", MCP_STORE_REQUIRED};
    g_autoptr(GError) error = NULL;
    McpStoreStream *stream = mcp_store_open(store, &object, &error);

    g_assert_no_error(error);
    return stream;
}

static gboolean
commit(McpStoreStream *stream, GError **error)
{
    Finished finished = {0};
    gboolean done = FALSE;

    mcp_store_stream_commit_async(stream, NULL, on_finished, &finished);
    finished_wait(&finished);
    done = mcp_store_stream_commit_finish(stream, finished.result, error);
    finished_clear(&finished);
    return done;
}

static GBytes *
read_back(const char *name, GError **error)
{
    Finished finished = {0};
    GBytes *bytes = NULL;

    mcp_store_read_async(store, name, NULL, on_finished, &finished);
    finished_wait(&finished);
    bytes = mcp_store_read_finish(store, finished.result, error);
    finished_clear(&finished);
    return bytes;
}

static void
expect_bytes(const char *name, const char *wanted)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = read_back(name, &error);

    g_assert_no_error(error);
    g_assert_cmpmem(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), wanted, strlen(wanted));
}

static void
expect_nothing(const char *name)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(read_back(name, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND);
}

static void
put(const char *name, const char *text)
{
    g_autoptr(McpStoreStream) stream = open_object(name);
    g_autoptr(GError) error = NULL;

    g_assert_true(mcp_store_stream_append(stream, text, strlen(text)));
    g_assert_true(commit(stream, &error));
    g_assert_no_error(error);
}

/* "letters, digits, "-", "_", "." and "/" between parts, no part beginning with "."" */
static void
test_names(void)
{
    static const char *const good[] = {"n-1", "n_2.wav", "2026/n/3.wav"};
    static const char *const bad[] = {"",       "/a", "a/",  "a//b", "../a",
                                      "a/../b", ".a", "a b", "a\\b"};

    for (guint i = 0; i < G_N_ELEMENTS(good); i++) {
        put(good[i], "x");
        expect_bytes(good[i], "x");
    }
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        McpStoreObject object = {bad[i], "audio/x-wav", NULL, MCP_STORE_REQUIRED};
        g_autoptr(GError) error = NULL;

        g_test_message("name \"%s\"", bad[i]);
        g_assert_null(mcp_store_open(store, &object, &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    }
}

/* "name: object name; must not exist" */
static void
test_exists(void)
{
    McpStoreObject object = {"e/1", "audio/x-wav", NULL, MCP_STORE_REQUIRED};
    g_autoptr(McpStoreStream) second = NULL;
    g_autoptr(GError) error = NULL;

    put("e/1", "first");
    second = mcp_store_open(store, &object, &error);
    if (second != NULL) {
        mcp_store_stream_append(second, "second", 6);
        g_assert_false(commit(second, &error));
    }
    g_assert_nonnull(error);
    expect_bytes("e/1", "first");
}

/* "takes bytes for the end of the object", "bytes accepted so far", "object name" */
static void
test_append(void)
{
    g_autoptr(McpStoreStream) stream = open_object("a/1");

    g_assert_cmpstr(mcp_store_stream_get_name(stream), ==, "a/1");
    g_assert_cmpuint(mcp_store_stream_get_length(stream), ==, 0);
    g_assert_true(mcp_store_stream_append(stream, "one ", 4));
    g_assert_true(mcp_store_stream_append(stream, "two", 3));
    g_assert_cmpuint(mcp_store_stream_get_length(stream), ==, 7);
    expect_nothing("a/1");
    g_assert_true(commit(stream, NULL));
    expect_bytes("a/1", "one two");
}

/* "overwrites bytes within the first 4 KiB at commit time; ordered after all appends so far" */
static void
test_patch(void)
{
    g_autoptr(McpStoreStream) stream = open_object("p/1");

    g_assert_true(mcp_store_stream_append(stream, "head----tail", 12));
    mcp_store_stream_patch(stream, 4, "1234", 4);
    g_assert_true(mcp_store_stream_append(stream, " more", 5));
    g_assert_cmpuint(mcp_store_stream_get_length(stream), ==, 17);
    g_assert_true(commit(stream, NULL));
    expect_bytes("p/1", "head1234tail more");
}

/* "a bounded buffer", "FALSE when the buffer is full: the bytes are lost" */
static void
test_full(void)
{
    g_autoptr(McpStoreStream) stream = open_object("f/1");
    g_autofree char *block = g_malloc0(store_provider.buffer);

    g_assert_true(mcp_store_stream_append(stream, "good", 4));
    g_assert_false(mcp_store_stream_append(stream, block, store_provider.buffer));
    g_assert_cmpuint(mcp_store_stream_get_length(stream), ==, 4);
    mcp_store_stream_abort(stream);
}

/* The object is gone once whoever writes it has seen that it is dropped. */
static void
put_when_free(const char *name, const char *text)
{
    McpStoreObject object = {name, "audio/x-wav", "call-1", MCP_STORE_REQUIRED};
    gint64 end = g_get_monotonic_time() + 30 * G_USEC_PER_SEC;
    McpStoreStream *stream = NULL;

    while (stream == NULL) {
        g_autoptr(GError) error = NULL;

        stream = mcp_store_open(store, &object, &error);
        if (stream == NULL)
            g_assert_error(error, MCP_ERROR, MCP_ERROR_STATE);
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        g_main_context_iteration(NULL, FALSE);
        g_thread_yield();
    }
    g_assert_true(mcp_store_stream_append(stream, text, strlen(text)));
    g_assert_true(commit(stream, NULL));
    g_object_unref(stream);
}

/* "drops the object. No further call is allowed but unref" */
static void
test_abort(void)
{
    McpStoreStream *stream = open_object("b/1");

    g_assert_true(mcp_store_stream_append(stream, "x", 1));
    mcp_store_stream_abort(stream);
    g_object_unref(stream);
    expect_nothing("b/1");
    put_when_free("b/1", "again");
    expect_bytes("b/1", "again");
}

static gpointer
write_there(gpointer data)
{
    g_assert_true(mcp_store_stream_append(data, "there ", 6));
    g_assert_cmpuint(mcp_store_stream_get_length(data), ==, 6);
    return NULL;
}

/* "One writer, any thread" */
static void
test_writer_thread(void)
{
    g_autoptr(McpStoreStream) stream = open_object("t/1");

    in_thread(write_there, stream);
    g_assert_cmpuint(mcp_store_stream_get_length(stream), ==, 6);
    g_assert_true(commit(stream, NULL));
    expect_bytes("t/1", "there ");
}

static gpointer
work_there(gpointer data)
{
    put("t/2", "made elsewhere");
    expect_bytes("t/2", "made elsewhere");
    expect_nothing("t/3");
    return NULL;
}

/* Open on any thread; commit and read finish on the caller's context (finished_clear()). */
static void
test_context(void)
{
    in_thread(work_there, NULL);
}

/* A commit whose stream nobody else holds any more still finishes, once. */
static void
test_dropped(void)
{
    McpStoreStream *stream = open_object("d/1");
    Finished finished = {0};

    g_assert_true(mcp_store_stream_append(stream, "kept", 4));
    mcp_store_stream_commit_async(stream, NULL, on_finished, &finished);
    g_assert_cmpuint(finished.times, ==, 0);
    g_object_unref(stream);
    finished_wait(&finished);
    settle(20);
    finished_clear(&finished);
    expect_bytes("d/1", "kept");
}

static void
test_cancelled(void)
{
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GError) error = NULL;
    Finished finished = {0};

    put("c/1", "there");
    g_cancellable_cancel(cancellable);
    mcp_store_read_async(store, "c/1", cancellable, on_finished, &finished);
    finished_wait(&finished);
    g_assert_null(mcp_store_read_finish(store, finished.result, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    finished_clear(&finished);
}

#define ADD(name, func) g_test_add_func("/store/" name, func)

int
main(int argc, char **argv)
{
    int result = 0;

    g_test_init(&argc, &argv, NULL);
    g_test_message("provider %s", store_provider.name);
    ADD("names", test_names);
    ADD("exists", test_exists);
    ADD("append", test_append);
    ADD("patch", test_patch);
    ADD("full", test_full);
    ADD("abort", test_abort);
    ADD("writer-thread", test_writer_thread);
    ADD("context", test_context);
    ADD("dropped", test_dropped);
    ADD("cancelled", test_cancelled);
    store = store_provider.open();
    result = g_test_run();
    store_provider.close(store);
    shard_end();
    return result;
}
