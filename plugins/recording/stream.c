/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The writer's end of a stored object. Every function may be called on any thread, one at a time;
 * none blocks. Dropping the last reference of a stream that was not committed removes the object.
 */
#include "stream.h"
#include <mcp/error.h>

/* Waiting bytes that start a disk job before its time. */
#define KICK_AT (64 * 1024)

struct _McpRecordingStream {
    GObject parent_instance;
    McpRecordingStore *store;
    McpRecordingFile *file;
};

static void stream_iface_init(McpStoreStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpRecordingStream, mcp_recording_stream, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_STORE_STREAM, stream_iface_init))

static gboolean
stream_append(McpStoreStream *stream, gconstpointer data, gsize length)
{
    McpRecordingStream *self = MCP_RECORDING_STREAM(stream);
    gsize waiting;
    gboolean taken = mcp_recording_file_append(self->file, data, length, &waiting);

    if (!taken)
        mcp_recording_store_dropped(self->store, length);
    if (!taken || waiting >= KICK_AT)
        mcp_recording_store_kick(self->store);
    return taken;
}

static void
stream_patch(McpStoreStream *stream, guint64 offset, gconstpointer data, gsize length)
{
    mcp_recording_file_patch(MCP_RECORDING_STREAM(stream)->file, offset, data, length);
}

static void
stream_commit_async(McpStoreStream *stream, GCancellable *cancellable, GAsyncReadyCallback callback,
                    gpointer user_data)
{
    McpRecordingStream *self = MCP_RECORDING_STREAM(stream);
    GTask *task = g_task_new(self, cancellable, callback, user_data);

    g_task_set_source_tag(task, stream_commit_async);
    /* Once it is under way the object becomes complete, whoever still waits for it. */
    g_task_set_check_cancellable(task, FALSE);
    if (g_cancellable_is_cancelled(cancellable)) {
        g_task_return_new_error(task, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                "commit of object '%s' was cancelled",
                                mcp_recording_file_get_name(self->file));
        g_object_unref(task);
        return;
    }
    mcp_recording_file_commit(self->file, task);
    mcp_recording_store_kick(self->store);
}

static gboolean
stream_commit_finish(McpStoreStream *stream, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
stream_abort(McpStoreStream *stream)
{
    McpRecordingStream *self = MCP_RECORDING_STREAM(stream);

    mcp_recording_file_abort(self->file);
    mcp_recording_store_kick(self->store);
}

static const char *
stream_get_name(McpStoreStream *stream)
{
    return mcp_recording_file_get_name(MCP_RECORDING_STREAM(stream)->file);
}

static guint64
stream_get_length(McpStoreStream *stream)
{
    return mcp_recording_file_get_length(MCP_RECORDING_STREAM(stream)->file);
}

McpStoreStream *
mcp_recording_stream_new(McpRecordingStore *store, McpRecordingFile *file)
{
    McpRecordingStream *self = g_object_new(MCP_TYPE_RECORDING_STREAM, NULL);

    self->store = g_object_ref(store);
    self->file = mcp_recording_file_ref(file);
    return MCP_STORE_STREAM(self);
}

static void
mcp_recording_stream_finalize(GObject *object)
{
    McpRecordingStream *self = MCP_RECORDING_STREAM(object);

    mcp_recording_file_abort(self->file);
    mcp_recording_store_kick(self->store);
    mcp_recording_file_unref(self->file);
    g_object_unref(self->store);
    G_OBJECT_CLASS(mcp_recording_stream_parent_class)->finalize(object);
}

static void
mcp_recording_stream_init(McpRecordingStream *self)
{
}

static void
mcp_recording_stream_class_init(McpRecordingStreamClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_recording_stream_finalize;
}

static void
stream_iface_init(McpStoreStreamInterface *iface)
{
    iface->append = stream_append;
    iface->patch = stream_patch;
    iface->commit_async = stream_commit_async;
    iface->commit_finish = stream_commit_finish;
    iface->abort = stream_abort;
    iface->get_name = stream_get_name;
    iface->get_length = stream_get_length;
}
