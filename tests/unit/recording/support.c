/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of the recording store share: a store in a folder of its own, and the synchronous
 * forms of its calls.
 */
#include "support.h"
#include <glib/gstdio.h>
#include <string.h>

static void
remember(GObject *source, GAsyncResult *result, gpointer user_data)
{
    *(GAsyncResult **)user_data = g_object_ref(result);
}

static void
wait_result(GAsyncResult **result)
{
    while (*result == NULL)
        g_main_context_iteration(NULL, TRUE);
}

McpRecordingStore *
fixture_new_store(Fixture *f, GError **error)
{
    g_autoptr(McpRecordingStore) store =
        mcp_recording_store_new(&f->config, f->pool, f->clock, NULL);
    g_autoptr(GAsyncResult) result = NULL;

    mcp_recording_store_start_async(store, NULL, remember, &result);
    wait_result(&result);
    if (!mcp_recording_store_start_finish(store, result, error))
        return NULL;
    return g_steal_pointer(&store);
}

void
fixture_stop_store(McpRecordingStore *store)
{
    g_autoptr(GAsyncResult) result = NULL;

    mcp_recording_store_stop_async(store, remember, &result);
    wait_result(&result);
    g_assert_true(mcp_recording_store_stop_finish(store, result, NULL));
    while (g_main_context_iteration(NULL, FALSE)) {
    }
}

void
fixture_set_up(Fixture *f, gconstpointer data)
{
    g_autoptr(GError) error = NULL;

    f->folder = g_dir_make_tmp("mcp-recording-XXXXXX", NULL);
    f->pool = mcp_pool_new("disk", 2, 1000);
    f->clock = mcp_clock_new();
    f->config = (McpRecordingConfig){f->folder, 256 * 1024, 4 << 20, 100000, 0, 1 << 20};
    f->store = fixture_new_store(f, &error);
    g_assert_no_error(error);
}

static void
remove_tree(const char *path)
{
    /* A link is removed itself, what it leads to is none of ours. */
    gboolean link = g_file_test(path, G_FILE_TEST_IS_SYMLINK);
    g_autoptr(GDir) dir = link ? NULL : g_dir_open(path, 0, NULL);
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *below = g_build_filename(path, name, NULL);

        remove_tree(below);
    }
    g_remove(path);
}

void
fixture_tear_down(Fixture *f, gconstpointer data)
{
    gpointer store = f->store;

    fixture_stop_store(f->store);
    g_object_add_weak_pointer(store, &store);
    g_object_unref(f->store);
    g_object_unref(f->pool); /* its threads are gone after this, with what they held */
    g_assert_null(store);
    g_object_unref(f->clock);
    remove_tree(f->folder);
    g_free(f->folder);
}

McpStoreStream *
open_object(Fixture *f, const char *name, McpStorePolicy policy)
{
    McpStoreObject object = {name, "audio/x-wav", "call-1", policy};
    g_autoptr(GError) error = NULL;
    McpStoreStream *stream = mcp_store_open(MCP_STORE(f->store), &object, &error);

    g_assert_no_error(error);
    return stream;
}

gboolean
commit(McpStoreStream *stream, GError **error)
{
    g_autoptr(GAsyncResult) result = NULL;

    mcp_store_stream_commit_async(stream, NULL, remember, &result);
    wait_result(&result);
    return mcp_store_stream_commit_finish(stream, result, error);
}

GBytes *
read_back(Fixture *f, const char *name, GError **error)
{
    g_autoptr(GAsyncResult) result = NULL;

    mcp_store_read_async(MCP_STORE(f->store), name, NULL, remember, &result);
    wait_result(&result);
    return mcp_store_read_finish(MCP_STORE(f->store), result, error);
}

static gboolean
ring(gpointer data)
{
    *(gboolean *)data = TRUE;
    return G_SOURCE_REMOVE;
}

void
wait_until(gboolean (*test)(gpointer), gpointer data, guint seconds)
{
    gboolean late = FALSE;
    gboolean tick = FALSE;
    guint id = g_timeout_add_seconds(seconds, ring, &late);

    while (!test(data)) {
        g_assert_false(late);
        tick = FALSE;
        g_timeout_add(5, ring, &tick);
        while (!tick)
            g_main_context_iteration(NULL, TRUE);
    }
    if (!late)
        g_source_remove(id);
}

gboolean
exists(Fixture *f, const char *name)
{
    g_autofree char *path = g_build_filename(f->folder, name, NULL);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

const guint8 *
wav_head(void)
{
    static const guint8 head[44] = {'R', 'I', 'F',  'F',  255, 255, 255,  255,  'W', 'A', 'V',
                                    'E', 'f', 'm',  't',  ' ', 16,  0,    0,    0,   1,   0,
                                    1,   0,   0x40, 0x1f, 0,   0,   0x80, 0x3e, 0,   0,   2,
                                    0,   16,  0,    'd',  'a', 't', 'a',  255,  255, 255, 255};

    return head;
}
