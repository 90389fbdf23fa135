/* SPDX-License-Identifier: Apache-2.0 */
/* A store in memory for tests: an object is there once it is committed. Any thread. */
#include <mcp/error.h>
#include <string.h>

#include "fakes.h"

struct _FakeStore {
    GObject parent_instance;
    GMutex lock;
    GHashTable *objects; /* char* → GBytes */
};

#define FAKE_TYPE_STREAM (fake_stream_get_type())
G_DECLARE_FINAL_TYPE(FakeStream, fake_stream, FAKE, STREAM, GObject)

struct _FakeStream {
    GObject parent_instance;
    FakeStore *store;
    char *name;
    GByteArray *bytes; /* guarded by the store's lock */
    gboolean ended;
};

static gboolean
stream_append(McpStoreStream *iface, gconstpointer data, gsize length)
{
    FakeStream *stream = FAKE_STREAM(iface);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&stream->store->lock);

    if (stream->ended || length > FAKE_STORE_BUFFER - stream->bytes->len)
        return FALSE;
    g_byte_array_append(stream->bytes, data, (guint)length);
    return TRUE;
}

static void
stream_patch(McpStoreStream *iface, guint64 offset, gconstpointer data, gsize length)
{
    FakeStream *stream = FAKE_STREAM(iface);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&stream->store->lock);

    if (!stream->ended && offset + length <= stream->bytes->len)
        memcpy(stream->bytes->data + offset, data, length);
}

static gboolean
commit(FakeStream *stream, GError **error)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&stream->store->lock);

    if (stream->ended || g_hash_table_contains(stream->store->objects, stream->name)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "object %s is there already", stream->name);
        return FALSE;
    }
    stream->ended = TRUE;
    g_hash_table_insert(stream->store->objects, g_strdup(stream->name),
                        g_bytes_new(stream->bytes->data, stream->bytes->len));
    return TRUE;
}

static void
stream_commit_async(McpStoreStream *iface, GCancellable *cancellable, GAsyncReadyCallback callback,
                    gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(iface, cancellable, callback, user_data);
    g_autoptr(GError) error = NULL;

    if (commit(FAKE_STREAM(iface), &error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, g_steal_pointer(&error));
}

static gboolean
stream_commit_finish(McpStoreStream *stream, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
stream_abort(McpStoreStream *iface)
{
    FakeStream *stream = FAKE_STREAM(iface);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&stream->store->lock);

    stream->ended = TRUE;
}

static const char *
stream_get_name(McpStoreStream *stream)
{
    return FAKE_STREAM(stream)->name;
}

static guint64
stream_get_length(McpStoreStream *iface)
{
    FakeStream *stream = FAKE_STREAM(iface);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&stream->store->lock);

    return stream->bytes->len;
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

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeStream, fake_stream, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_STORE_STREAM, stream_iface_init))

static void
stream_finalize(GObject *object)
{
    FakeStream *self = FAKE_STREAM(object);

    g_object_unref(self->store);
    g_free(self->name);
    g_byte_array_unref(self->bytes);
    G_OBJECT_CLASS(fake_stream_parent_class)->finalize(object);
}

static void
fake_stream_class_init(FakeStreamClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = stream_finalize;
}

static void
fake_stream_init(FakeStream *self)
{
}

static gboolean
is_name(const char *name)
{
    g_auto(GStrv) parts = g_strsplit(name, "/", -1);

    for (guint i = 0; parts[i] != NULL; i++) {
        if (*parts[i] == '\0' || *parts[i] == '.' ||
            parts[i][strspn(parts[i], G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_.")] != '\0')
            return FALSE;
    }
    return parts[0] != NULL;
}

static McpStoreStream *
store_open(McpStore *iface, const McpStoreObject *object, GError **error)
{
    FakeStore *store = FAKE_STORE(iface);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&store->lock);
    FakeStream *stream = NULL;

    if (!is_name(object->name)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "no object name: \"%s\"", object->name);
        return NULL;
    }
    if (g_hash_table_contains(store->objects, object->name)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "object %s is there already", object->name);
        return NULL;
    }
    stream = g_object_new(FAKE_TYPE_STREAM, NULL);
    stream->store = g_object_ref(store);
    stream->name = g_strdup(object->name);
    stream->bytes = g_byte_array_new();
    return MCP_STORE_STREAM(stream);
}

static void
read_async(McpStore *iface, const char *name, GCancellable *cancellable,
           GAsyncReadyCallback callback, gpointer user_data)
{
    FakeStore *store = FAKE_STORE(iface);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&store->lock);
    g_autoptr(GTask) task = g_task_new(store, cancellable, callback, user_data);
    GBytes *bytes = g_hash_table_lookup(store->objects, name);

    if (bytes == NULL)
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_NOT_FOUND, "no object %s", name);
    else
        g_task_return_pointer(task, g_bytes_ref(bytes), (GDestroyNotify)g_bytes_unref);
}

static GBytes *
read_finish(McpStore *store, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

static void
store_iface_init(McpStoreInterface *iface)
{
    iface->open = store_open;
    iface->read_async = read_async;
    iface->read_finish = read_finish;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeStore, fake_store, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_STORE, store_iface_init))

static void
store_finalize(GObject *object)
{
    FakeStore *self = FAKE_STORE(object);

    g_hash_table_unref(self->objects);
    g_mutex_clear(&self->lock);
    G_OBJECT_CLASS(fake_store_parent_class)->finalize(object);
}

static void
fake_store_class_init(FakeStoreClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = store_finalize;
}

static void
fake_store_init(FakeStore *self)
{
    g_mutex_init(&self->lock);
    self->objects =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
}

FakeStore *
fake_store_new(void)
{
    return g_object_new(FAKE_TYPE_STORE, NULL);
}
