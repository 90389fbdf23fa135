/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listening to a call: a store stream between the recorder of a leg and the store. Appends come
 * from the recorder's thread; the lock guards the measurement, which the call's context reads.
 */
#include "ear.h"

#include <math.h>

/* A frame whose level is above -42 dBFS counts as sound. */
#define SOUND_LEVEL 260.0
#define FRAME_MS 20
#define HEADER_MAX 4096

struct _McpEar {
    GObject parent_instance;
    McpStoreStream *inner; /* nullable */
    GMainContext *context;
    McpEarFunc func; /* on context alone */
    gpointer user_data;
    gint told;          /* atomic: a message to context is on its way */
    GMutex lock;        /* guards all below */
    guint64 length;     /* bytes */
    GByteArray *header; /* until the samples begin, then NULL */
    guint rate;
    double energy; /* of the frame being filled */
    guint filled;  /* its samples */
    guint8 odd;    /* first byte of a sample whose second is still to come */
    gboolean has_odd;
    gint64 position; /* µs */
    gint64 mark;
    gint64 sound;
    gint64 silence;
};

static void mcp_ear_iface_init(McpStoreStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpEar, mcp_ear, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_STORE_STREAM, mcp_ear_iface_init))

McpEar *
mcp_ear_new(McpStoreStream *inner, McpEarFunc func, gpointer user_data)
{
    McpEar *self = g_object_new(MCP_TYPE_EAR, NULL);

    self->inner = inner != NULL ? g_object_ref(inner) : NULL;
    self->context = g_main_context_ref_thread_default();
    self->func = func;
    self->user_data = user_data;
    return self;
}

void
mcp_ear_detach(McpEar *self)
{
    self->func = NULL;
}

void
mcp_ear_mark(McpEar *self, gint64 position)
{
    g_mutex_lock(&self->lock);
    self->mark = position;
    self->sound = 0;
    self->silence = 0;
    g_mutex_unlock(&self->lock);
}

void
mcp_ear_get_heard(McpEar *self, McpHeard *out_heard)
{
    g_mutex_lock(&self->lock);
    *out_heard =
        (McpHeard){.position = self->position, .sound = self->sound, .silence = self->silence};
    g_mutex_unlock(&self->lock);
}

static guint32
read_le32(const guint8 *bytes)
{
    return (guint32)bytes[0] | (guint32)bytes[1] << 8 | (guint32)bytes[2] << 16 |
           (guint32)bytes[3] << 24;
}

/* RIFF: the rate from "fmt ", then "data". Returns where the samples begin, 0 if not yet there. */
static gsize
parse_header(McpEar *self)
{
    const guint8 *bytes = self->header->data;
    gsize at = 12;

    while (at + 8 <= self->header->len) {
        guint32 size = read_le32(bytes + at + 4);

        if (memcmp(bytes + at, "data", 4) == 0)
            return at + 8;
        if (memcmp(bytes + at, "fmt ", 4) == 0 && at + 16 <= self->header->len)
            self->rate = CLAMP(read_le32(bytes + at + 12), 4000, 192000);
        if (size > HEADER_MAX)
            return 0;
        at += 8 + size + (size & 1);
    }
    return 0;
}

static void
end_frame(McpEar *self)
{
    gboolean loud = sqrt(self->energy / self->filled) > SOUND_LEVEL;

    self->position += FRAME_MS * 1000;
    self->energy = 0;
    self->filled = 0;
    if (self->position <= self->mark)
        return;
    if (loud)
        self->sound += FRAME_MS * 1000;
    self->silence = loud ? 0 : self->silence + FRAME_MS * 1000;
}

static void
take_sample(McpEar *self, gint16 sample)
{
    self->energy += (double)sample * sample;
    if (++self->filled >= self->rate * FRAME_MS / 1000)
        end_frame(self);
}

static void
take_samples(McpEar *self, const guint8 *bytes, gsize length)
{
    for (gsize i = 0; i < length; i++) {
        if (self->has_odd)
            take_sample(self, (gint16)(self->odd | bytes[i] << 8));
        self->odd = bytes[i];
        self->has_odd = !self->has_odd;
    }
}

/* Lock held. */
static void
listen_to(McpEar *self, const guint8 *bytes, gsize length)
{
    gsize start = 0;

    if (self->header == NULL) {
        take_samples(self, bytes, length);
        return;
    }
    g_byte_array_append(self->header, bytes, (guint)length);
    start = parse_header(self);
    if (start == 0 && self->header->len <= HEADER_MAX)
        return;
    if (start > 0)
        take_samples(self, self->header->data + start, self->header->len - start);
    g_clear_pointer(&self->header, g_byte_array_unref);
}

static gboolean
tell(gpointer data)
{
    McpEar *self = data;

    g_atomic_int_set(&self->told, 0);
    if (self->func != NULL)
        self->func(self->user_data);
    return G_SOURCE_REMOVE;
}

static gboolean
mcp_ear_append(McpStoreStream *stream, gconstpointer data, gsize length)
{
    McpEar *self = MCP_EAR(stream);

    g_mutex_lock(&self->lock);
    listen_to(self, data, length);
    self->length += length;
    g_mutex_unlock(&self->lock);
    if (g_atomic_int_compare_and_exchange(&self->told, 0, 1)) {
        g_autoptr(GSource) source = g_idle_source_new();

        g_source_set_callback(source, tell, g_object_ref(self), g_object_unref);
        g_source_attach(source, self->context);
    }
    return self->inner == NULL || mcp_store_stream_append(self->inner, data, length);
}

static void
mcp_ear_patch(McpStoreStream *stream, guint64 offset, gconstpointer data, gsize length)
{
    McpEar *self = MCP_EAR(stream);

    if (self->inner != NULL)
        mcp_store_stream_patch(self->inner, offset, data, length);
}

static void
on_committed(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(GTask) task = data;
    GError *error = NULL;

    if (mcp_store_stream_commit_finish(MCP_STORE_STREAM(source), result, &error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, error);
}

static void
mcp_ear_commit_async(McpStoreStream *stream, GCancellable *cancellable,
                     GAsyncReadyCallback callback, gpointer user_data)
{
    McpEar *self = MCP_EAR(stream);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);

    if (self->inner != NULL)
        mcp_store_stream_commit_async(self->inner, cancellable, on_committed,
                                      g_steal_pointer(&task));
    else
        g_task_return_boolean(task, TRUE);
}

static gboolean
mcp_ear_commit_finish(McpStoreStream *stream, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
mcp_ear_abort(McpStoreStream *stream)
{
    McpEar *self = MCP_EAR(stream);

    if (self->inner != NULL)
        mcp_store_stream_abort(self->inner);
}

static const char *
mcp_ear_get_name(McpStoreStream *stream)
{
    McpEar *self = MCP_EAR(stream);

    return self->inner != NULL ? mcp_store_stream_get_name(self->inner) : "";
}

static guint64
mcp_ear_get_length(McpStoreStream *stream)
{
    McpEar *self = MCP_EAR(stream);
    guint64 length = 0;

    g_mutex_lock(&self->lock);
    length = self->length;
    g_mutex_unlock(&self->lock);
    return length;
}

static void
mcp_ear_iface_init(McpStoreStreamInterface *iface)
{
    iface->append = mcp_ear_append;
    iface->patch = mcp_ear_patch;
    iface->commit_async = mcp_ear_commit_async;
    iface->commit_finish = mcp_ear_commit_finish;
    iface->abort = mcp_ear_abort;
    iface->get_name = mcp_ear_get_name;
    iface->get_length = mcp_ear_get_length;
}

static void
mcp_ear_finalize(GObject *object)
{
    McpEar *self = MCP_EAR(object);

    g_clear_object(&self->inner);
    g_main_context_unref(self->context);
    g_clear_pointer(&self->header, g_byte_array_unref);
    g_mutex_clear(&self->lock);
    G_OBJECT_CLASS(mcp_ear_parent_class)->finalize(object);
}

static void
mcp_ear_class_init(McpEarClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_ear_finalize;
}

static void
mcp_ear_init(McpEar *self)
{
    g_mutex_init(&self->lock);
    self->header = g_byte_array_new();
    self->rate = 8000;
}
