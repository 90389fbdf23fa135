/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store stream in memory, for tests of what records: written by a media worker, read by the test.
 */
#include "test_stream.h"

#include <mcp/error.h>
#include <string.h>

static void test_stream_iface_init(McpStoreStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(TestStream, test_stream, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_STORE_STREAM, test_stream_iface_init))

static gboolean
stream_append(McpStoreStream *stream, gconstpointer data, gsize length)
{
    TestStream *self = TEST_STREAM(stream);
    gboolean taken = FALSE;

    g_mutex_lock(&self->lock);
    taken = !self->full;
    if (taken)
        g_byte_array_append(self->bytes, data, (guint)length);
    g_mutex_unlock(&self->lock);
    return taken;
}

static void
stream_patch(McpStoreStream *stream, guint64 offset, gconstpointer data, gsize length)
{
    TestStream *self = TEST_STREAM(stream);

    g_mutex_lock(&self->lock);
    g_assert_cmpuint(offset + length, <=, self->bytes->len);
    memcpy(self->bytes->data + offset, data, length);
    g_mutex_unlock(&self->lock);
}

static void
stream_commit_async(McpStoreStream *stream, GCancellable *cancellable, GAsyncReadyCallback callback,
                    gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(stream, cancellable, callback, user_data);

    TEST_STREAM(stream)->committed = TRUE;
    if (TEST_STREAM(stream)->full)
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_FAILED, "no space left");
    else
        g_task_return_boolean(task, TRUE);
}

static gboolean
stream_commit_finish(McpStoreStream *stream, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
stream_abort(McpStoreStream *stream)
{
    TEST_STREAM(stream)->aborted = TRUE;
}

static const char *
stream_get_name(McpStoreStream *stream)
{
    return "test.wav";
}

static guint64
stream_get_length(McpStoreStream *stream)
{
    TestStream *self = TEST_STREAM(stream);
    guint64 length = 0;

    g_mutex_lock(&self->lock);
    length = self->bytes->len;
    g_mutex_unlock(&self->lock);
    return length;
}

static void
test_stream_iface_init(McpStoreStreamInterface *iface)
{
    iface->append = stream_append;
    iface->patch = stream_patch;
    iface->commit_async = stream_commit_async;
    iface->commit_finish = stream_commit_finish;
    iface->abort = stream_abort;
    iface->get_name = stream_get_name;
    iface->get_length = stream_get_length;
}

static void
test_stream_finalize(GObject *object)
{
    TestStream *self = TEST_STREAM(object);

    g_byte_array_unref(self->bytes);
    g_mutex_clear(&self->lock);
    G_OBJECT_CLASS(test_stream_parent_class)->finalize(object);
}

static void
test_stream_class_init(TestStreamClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = test_stream_finalize;
}

static void
test_stream_init(TestStream *self)
{
    g_mutex_init(&self->lock);
    self->bytes = g_byte_array_new();
}

TestStream *
test_stream_new(void)
{
    return g_object_new(TEST_TYPE_STREAM, NULL);
}

GByteArray *
test_stream_copy(TestStream *stream)
{
    GByteArray *copy = g_byte_array_new();

    g_mutex_lock(&stream->lock);
    g_byte_array_append(copy, stream->bytes->data, stream->bytes->len);
    g_mutex_unlock(&stream->lock);
    return copy;
}

void
test_stream_set_full(TestStream *stream)
{
    g_mutex_lock(&stream->lock);
    stream->full = TRUE;
    g_mutex_unlock(&stream->lock);
}
