/* SPDX-License-Identifier: Apache-2.0 */
/* Recordings of a call in the terminal, in memory as long as it lasts. One thread. */
#include <mcp/error.h>
#include <string.h>

#include "text_media.h"

struct _McpVxmlTextStore {
    GObject parent_instance;
    GHashTable *objects; /* char* → GByteArray* */
};

/* ---- an object being written ---- */

#define MCP_TYPE_VXML_TEXT_STREAM (mcp_vxml_text_stream_get_type())
G_DECLARE_FINAL_TYPE(McpVxmlTextStream, mcp_vxml_text_stream, MCP, VXML_TEXT_STREAM, GObject)

struct _McpVxmlTextStream {
    GObject parent_instance;
    McpVxmlTextStore *store;
    char *name;
    GByteArray *bytes;
};

static gboolean
append(McpStoreStream *stream, gconstpointer data, gsize length)
{
    g_byte_array_append(MCP_VXML_TEXT_STREAM(stream)->bytes, data, (guint)length);
    return TRUE;
}

static void
patch(McpStoreStream *stream, guint64 offset, gconstpointer data, gsize length)
{
    GByteArray *bytes = MCP_VXML_TEXT_STREAM(stream)->bytes;

    if (offset + length <= bytes->len)
        memcpy(bytes->data + offset, data, length);
}

static void
commit_async(McpStoreStream *stream, GCancellable *cancellable, GAsyncReadyCallback callback,
             gpointer user_data)
{
    McpVxmlTextStream *self = MCP_VXML_TEXT_STREAM(stream);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);

    g_hash_table_replace(self->store->objects, g_strdup(self->name), g_byte_array_ref(self->bytes));
    g_task_return_boolean(task, TRUE);
}

static gboolean
commit_finish(McpStoreStream *stream, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
abort_stream(McpStoreStream *stream)
{
    g_byte_array_set_size(MCP_VXML_TEXT_STREAM(stream)->bytes, 0);
}

static const char *
get_name(McpStoreStream *stream)
{
    return MCP_VXML_TEXT_STREAM(stream)->name;
}

static guint64
get_length(McpStoreStream *stream)
{
    return MCP_VXML_TEXT_STREAM(stream)->bytes->len;
}

static void
stream_iface_init(McpStoreStreamInterface *iface)
{
    iface->append = append;
    iface->patch = patch;
    iface->commit_async = commit_async;
    iface->commit_finish = commit_finish;
    iface->abort = abort_stream;
    iface->get_name = get_name;
    iface->get_length = get_length;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(McpVxmlTextStream, mcp_vxml_text_stream, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_STORE_STREAM, stream_iface_init))

static void
stream_finalize(GObject *object)
{
    McpVxmlTextStream *self = MCP_VXML_TEXT_STREAM(object);

    g_object_unref(self->store);
    g_free(self->name);
    g_byte_array_unref(self->bytes);
    G_OBJECT_CLASS(mcp_vxml_text_stream_parent_class)->finalize(object);
}

static void
mcp_vxml_text_stream_class_init(McpVxmlTextStreamClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = stream_finalize;
}

static void
mcp_vxml_text_stream_init(McpVxmlTextStream *self)
{
    self->bytes = g_byte_array_new();
}

/* ---- the store ---- */

static McpStoreStream *
open_stream(McpStore *store, const McpStoreObject *object, GError **error)
{
    McpVxmlTextStream *stream = g_object_new(MCP_TYPE_VXML_TEXT_STREAM, NULL);

    stream->store = MCP_VXML_TEXT_STORE(g_object_ref(store));
    stream->name = g_strdup(object->name);
    return MCP_STORE_STREAM(stream);
}

static void
read_async(McpStore *store, const char *name, GCancellable *cancellable,
           GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(store, cancellable, callback, user_data);
    GByteArray *bytes = g_hash_table_lookup(MCP_VXML_TEXT_STORE(store)->objects, name);

    if (bytes == NULL)
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_NOT_FOUND, "no recording %s", name);
    else
        g_task_return_pointer(task, g_bytes_new(bytes->data, bytes->len),
                              (GDestroyNotify)g_bytes_unref);
}

static GBytes *
read_finish(McpStore *store, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

static void
store_iface_init(McpStoreInterface *iface)
{
    iface->open = open_stream;
    iface->read_async = read_async;
    iface->read_finish = read_finish;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(McpVxmlTextStore, mcp_vxml_text_store, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_STORE, store_iface_init))

static void
store_finalize(GObject *object)
{
    g_hash_table_unref(MCP_VXML_TEXT_STORE(object)->objects);
    G_OBJECT_CLASS(mcp_vxml_text_store_parent_class)->finalize(object);
}

static void
mcp_vxml_text_store_class_init(McpVxmlTextStoreClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = store_finalize;
}

static void
mcp_vxml_text_store_init(McpVxmlTextStore *self)
{
    self->objects =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_byte_array_unref);
}

McpStore *
mcp_vxml_text_store_new(void)
{
    return g_object_new(MCP_TYPE_VXML_TEXT_STORE, NULL);
}
