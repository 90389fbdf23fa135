/* SPDX-License-Identifier: Apache-2.0 */
/* Synthesizer, media and store for tests. One thread. */
#include <mcp/error.h>
#include <string.h>

#include "fakes.h"

/* ---- synthesizer ---- */

struct _FakeSynthesizer {
    GObject parent_instance;
};

static void
synthesize_async(McpSynthesizer *self, const McpSynthesisRequest *request,
                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(GBytes) bytes = g_bytes_new(request->text, strlen(request->text));

    if (g_strcmp0(request->language, "xx-unknown") == 0)
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "no voice for %s",
                                request->language);
    else
        g_task_return_pointer(task, mcp_audio_new(bytes, "audio/basic", NULL),
                              (GDestroyNotify)mcp_audio_unref);
}

static McpAudio *
synthesize_finish(McpSynthesizer *self, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

static void
synthesizer_iface_init(McpSynthesizerInterface *iface)
{
    iface->synthesize_async = synthesize_async;
    iface->synthesize_finish = synthesize_finish;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeSynthesizer, fake_synthesizer, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_SYNTHESIZER, synthesizer_iface_init))

static void
fake_synthesizer_class_init(FakeSynthesizerClass *klass)
{
}

static void
fake_synthesizer_init(FakeSynthesizer *self)
{
}

FakeSynthesizer *
fake_synthesizer_new(void)
{
    return g_object_new(FAKE_TYPE_SYNTHESIZER, NULL);
}

/* ---- media ---- */

struct _FakeMedia {
    GObject parent_instance;
};

static void
prepare_async(McpMedia *self, McpLeg *leg, McpAudio *audio, GCancellable *cancellable,
              GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);

    if (g_bytes_get_size(mcp_audio_get_bytes(audio)) == 0 ||
        g_str_has_prefix(mcp_audio_get_content_type(audio), "text/"))
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_INVALID, "not audio");
    else
        g_task_return_boolean(task, TRUE);
}

static gboolean
prepare_finish(McpMedia *self, GAsyncResult *result, gint64 *out_duration, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
media_iface_init(McpMediaInterface *iface)
{
    iface->prepare_async = prepare_async;
    iface->prepare_finish = prepare_finish;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeMedia, fake_media, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_MEDIA, media_iface_init))

static void
fake_media_class_init(FakeMediaClass *klass)
{
}

static void
fake_media_init(FakeMedia *self)
{
}

FakeMedia *
fake_media_new(void)
{
    return g_object_new(FAKE_TYPE_MEDIA, NULL);
}

/* ---- store ---- */

struct _FakeStore {
    GObject parent_instance;
    GHashTable *objects; /* char* → GByteArray* */
};

#define FAKE_TYPE_STREAM (fake_stream_get_type())
G_DECLARE_FINAL_TYPE(FakeStream, fake_stream, FAKE, STREAM, GObject)

struct _FakeStream {
    GObject parent_instance;
    char *name;
    GByteArray *bytes;
};

static gboolean
stream_append(McpStoreStream *stream, gconstpointer data, gsize length)
{
    g_byte_array_append(FAKE_STREAM(stream)->bytes, data, (guint)length);
    return TRUE;
}

static void
stream_abort(McpStoreStream *stream)
{
}

static const char *
stream_get_name(McpStoreStream *stream)
{
    return FAKE_STREAM(stream)->name;
}

static void
stream_iface_init(McpStoreStreamInterface *iface)
{
    iface->append = stream_append;
    iface->abort = stream_abort;
    iface->get_name = stream_get_name;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeStream, fake_stream, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_STORE_STREAM, stream_iface_init))

static void
stream_finalize(GObject *object)
{
    FakeStream *self = FAKE_STREAM(object);

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

static McpStoreStream *
store_open(McpStore *store, const McpStoreObject *object, GError **error)
{
    FakeStore *self = FAKE_STORE(store);
    FakeStream *stream = g_object_new(FAKE_TYPE_STREAM, NULL);

    stream->name = g_strdup(object->name);
    stream->bytes = g_byte_array_new();
    g_hash_table_replace(self->objects, g_strdup(object->name), g_byte_array_ref(stream->bytes));
    return MCP_STORE_STREAM(stream);
}

static void
read_async(McpStore *store, const char *name, GCancellable *cancellable,
           GAsyncReadyCallback callback, gpointer user_data)
{
    FakeStore *self = FAKE_STORE(store);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    GByteArray *bytes = g_hash_table_lookup(self->objects, name);

    if (bytes == NULL)
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_NOT_FOUND, "no object %s", name);
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
    iface->open = store_open;
    iface->read_async = read_async;
    iface->read_finish = read_finish;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeStore, fake_store, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_STORE, store_iface_init))

static void
store_finalize(GObject *object)
{
    g_hash_table_unref(FAKE_STORE(object)->objects);
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
    self->objects =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_byte_array_unref);
}

FakeStore *
fake_store_new(void)
{
    return g_object_new(FAKE_TYPE_STORE, NULL);
}
