/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Audio content with an identity, shared between threads by an atomic counter. What an audio that
 * grows has so far is of its growth, which producer and watches hold without keeping the audio
 * itself wanted.
 */
#include <mcp/audio.h>
#include <mcp/error.h>
#include <mcp/ledger.h>

MCP_LEDGER_DEFINE(McpAudio);

/* Who is told of a change; called without a lock. */
typedef struct {
    gatomicrefcount refs;
    gint silent; /* atomic */
    McpAudioFunc func;
    gpointer user_data;
    GDestroyNotify destroy;
} Listener;

typedef struct {
    gatomicrefcount refs;
    GMutex lock;          /* guards what follows */
    GByteArray *data;     /* until the end */
    GBytes *bytes;        /* from the end on; before: none */
    GPtrArray *listeners; /* of watches */
    Listener *abandoned;  /* nullable */
    GError *error;
    gsize limit;
    gboolean ended;
} Growth;

struct _McpAudio {
    gatomicrefcount refs;
    GBytes *bytes; /* nullable: it grows */
    char *content_type;
    char *id;
    gboolean is_private;
    Growth *growth; /* nullable */
};

struct _McpAudioProducer {
    Growth *growth;
};

struct _McpAudioWatch {
    Growth *growth;  /* nullable: of an immutable audio */
    GBytes *content; /* of an immutable audio */
    Listener *listener;
};

/* --- listeners --- */

static Listener *
listener_new(McpAudioFunc func, gpointer user_data, GDestroyNotify destroy)
{
    Listener *self = g_new0(Listener, 1);

    g_atomic_ref_count_init(&self->refs);
    self->func = func;
    self->user_data = user_data;
    self->destroy = destroy;
    return self;
}

static Listener *
listener_ref(Listener *self)
{
    g_atomic_ref_count_inc(&self->refs);
    return self;
}

static void
listener_unref(gpointer data)
{
    Listener *self = data;

    if (self == NULL || !g_atomic_ref_count_dec(&self->refs))
        return;
    if (self->destroy != NULL)
        self->destroy(self->user_data);
    g_free(self);
}

static void
listener_call(Listener *self)
{
    if (!g_atomic_int_get(&self->silent))
        self->func(self->user_data);
}

/* --- growth --- */

static Growth *
growth_ref(Growth *self)
{
    g_atomic_ref_count_inc(&self->refs);
    return self;
}

static void
growth_unref(Growth *self)
{
    if (!g_atomic_ref_count_dec(&self->refs))
        return;
    g_clear_pointer(&self->data, g_byte_array_unref);
    g_bytes_unref(self->bytes);
    g_ptr_array_unref(self->listeners);
    listener_unref(self->abandoned);
    g_clear_error(&self->error);
    g_mutex_clear(&self->lock);
    g_free(self);
}

/* (transfer full): who is to be told. Under the lock. */
static GPtrArray *
copy_listeners(Growth *self)
{
    GPtrArray *copy = g_ptr_array_new_full(self->listeners->len, listener_unref);

    for (guint i = 0; i < self->listeners->len; i++)
        g_ptr_array_add(copy, listener_ref(g_ptr_array_index(self->listeners, i)));
    return copy;
}

static void
tell(GPtrArray *listeners)
{
    for (guint i = 0; i < listeners->len; i++)
        listener_call(g_ptr_array_index(listeners, i));
    g_ptr_array_unref(listeners);
}

static void
growth_finish(Growth *self, const GError *error)
{
    GPtrArray *listeners = NULL;

    g_mutex_lock(&self->lock);
    if (!self->ended) {
        self->ended = TRUE;
        self->error = error != NULL ? g_error_copy(error) : NULL;
        g_bytes_unref(self->bytes);
        self->bytes = g_byte_array_free_to_bytes(g_steal_pointer(&self->data));
        listeners = copy_listeners(self);
    }
    g_mutex_unlock(&self->lock);
    if (listeners != NULL)
        tell(listeners);
}

static void
growth_abandon(Growth *self)
{
    Listener *abandoned = NULL;

    g_mutex_lock(&self->lock);
    if (!self->ended && self->abandoned != NULL)
        abandoned = listener_ref(self->abandoned);
    g_mutex_unlock(&self->lock);
    if (abandoned != NULL)
        listener_call(abandoned);
    listener_unref(abandoned);
}

/* --- audio --- */

static McpAudio *
audio_new(const char *content_type)
{
    McpAudio *audio = g_new0(McpAudio, 1);

    g_atomic_ref_count_init(&audio->refs);
    audio->content_type = g_strdup(content_type);
    MCP_LEDGER_CREATED(McpAudio);
    return audio;
}

McpAudio *
mcp_audio_new(GBytes *bytes, const char *content_type, const char *id)
{
    McpAudio *audio = audio_new(content_type);

    audio->bytes = g_bytes_ref(bytes);
    audio->id = id != NULL ? g_strdup(id) : g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);
    return audio;
}

McpAudio *
mcp_audio_ref(McpAudio *audio)
{
    g_atomic_ref_count_inc(&audio->refs);
    return audio;
}

void
mcp_audio_unref(McpAudio *audio)
{
    if (!g_atomic_ref_count_dec(&audio->refs))
        return;
    if (audio->growth != NULL)
        growth_abandon(audio->growth);
    g_clear_pointer(&audio->bytes, g_bytes_unref);
    g_clear_pointer(&audio->growth, growth_unref);
    g_free(audio->content_type);
    g_free(audio->id);
    g_free(audio);
    MCP_LEDGER_FINALIZED(McpAudio);
}

GBytes *
mcp_audio_get_bytes(McpAudio *audio)
{
    Growth *growth = audio->growth;
    GBytes *bytes = audio->bytes;

    if (growth == NULL)
        return bytes;
    /* Replaced once, at the end; what was there before had nothing in it. */
    g_mutex_lock(&growth->lock);
    if (growth->ended && audio->bytes == NULL)
        audio->bytes = g_bytes_ref(growth->bytes);
    bytes = audio->bytes;
    g_mutex_unlock(&growth->lock);
    if (bytes == NULL) {
        static gsize none;

        if (g_once_init_enter(&none))
            g_once_init_leave(&none, (gsize)g_bytes_new_static("", 0));
        bytes = (GBytes *)none;
    }
    return bytes;
}

const char *
mcp_audio_get_content_type(McpAudio *audio)
{
    return audio->content_type;
}

const char *
mcp_audio_get_id(McpAudio *audio)
{
    return audio->id;
}

gboolean
mcp_audio_is_private(McpAudio *audio)
{
    return audio->is_private;
}

gboolean
mcp_audio_is_growing(McpAudio *audio)
{
    gboolean growing = FALSE;

    if (audio->growth == NULL)
        return FALSE;
    g_mutex_lock(&audio->growth->lock);
    growing = !audio->growth->ended;
    g_mutex_unlock(&audio->growth->lock);
    return growing;
}

/* --- the producer --- */

static Growth *
growth_new(gsize limit)
{
    Growth *self = g_new0(Growth, 1);

    g_atomic_ref_count_init(&self->refs);
    g_mutex_init(&self->lock);
    self->data = g_byte_array_new();
    self->bytes = g_bytes_new(NULL, 0);
    self->listeners = g_ptr_array_new_with_free_func(listener_unref);
    self->limit = limit;
    return self;
}

McpAudioProducer *
mcp_audio_producer_new(const char *content_type, const char *id, gsize limit, McpAudio **out_audio)
{
    static gint made; /* atomic */
    McpAudioProducer *self = g_new0(McpAudioProducer, 1);
    McpAudio *audio = audio_new(content_type);

    audio->growth = growth_new(limit);
    audio->is_private = id == NULL;
    audio->id = id != NULL ? g_strdup(id)
                           : g_strdup_printf("mcp:growing:%u", (guint)g_atomic_int_add(&made, 1));
    self->growth = growth_ref(audio->growth);
    *out_audio = audio;
    return self;
}

void
mcp_audio_producer_on_abandoned(McpAudioProducer *producer, McpAudioFunc func, gpointer user_data,
                                GDestroyNotify destroy)
{
    Growth *growth = producer->growth;

    g_mutex_lock(&growth->lock);
    growth->abandoned = listener_new(func, user_data, destroy);
    g_mutex_unlock(&growth->lock);
}

gboolean
mcp_audio_producer_append(McpAudioProducer *producer, gconstpointer data, gsize length)
{
    Growth *growth = producer->growth;
    GPtrArray *listeners = NULL;

    g_mutex_lock(&growth->lock);
    if (!growth->ended && length <= growth->limit - growth->data->len) {
        g_byte_array_append(growth->data, data, (guint)length);
        listeners = copy_listeners(growth);
    }
    g_mutex_unlock(&growth->lock);
    if (listeners != NULL)
        tell(listeners);
    return listeners != NULL;
}

void
mcp_audio_producer_finish(McpAudioProducer *producer, const GError *error)
{
    growth_finish(producer->growth, error);
}

void
mcp_audio_producer_free(McpAudioProducer *producer)
{
    g_autoptr(GError) error = NULL;
    Listener *abandoned = NULL;

    if (producer == NULL)
        return;
    error = g_error_new(MCP_ERROR, MCP_ERROR_CLOSED, "whoever made the audio has gone");
    growth_finish(producer->growth, error);
    g_mutex_lock(&producer->growth->lock);
    abandoned = g_steal_pointer(&producer->growth->abandoned);
    g_mutex_unlock(&producer->growth->lock);
    if (abandoned != NULL)
        g_atomic_int_set(&abandoned->silent, TRUE);
    listener_unref(abandoned);
    growth_unref(producer->growth);
    g_free(producer);
}

/* --- watches --- */

McpAudioWatch *
mcp_audio_watch_new(McpAudio *audio, McpAudioFunc grown, gpointer user_data, GDestroyNotify destroy)
{
    McpAudioWatch *self = g_new0(McpAudioWatch, 1);

    self->listener = listener_new(grown, user_data, destroy);
    if (audio->growth == NULL) {
        self->content = g_bytes_ref(audio->bytes);
        return self;
    }
    self->growth = growth_ref(audio->growth);
    g_mutex_lock(&self->growth->lock);
    g_ptr_array_add(self->growth->listeners, listener_ref(self->listener));
    g_mutex_unlock(&self->growth->lock);
    return self;
}

static GBytes *
slice(GBytes *bytes, gsize from)
{
    gsize length = g_bytes_get_size(bytes);

    return g_bytes_new_from_bytes(bytes, MIN(from, length), length - MIN(from, length));
}

GBytes *
mcp_audio_watch_read(McpAudioWatch *watch, gsize from, gboolean *out_ended, GError **error)
{
    Growth *growth = watch->growth;
    GBytes *bytes = NULL;

    *out_ended = TRUE;
    if (growth == NULL)
        return slice(watch->content, from);
    g_mutex_lock(&growth->lock);
    *out_ended = growth->ended;
    if (growth->ended)
        bytes = slice(growth->bytes, from);
    else if (from < growth->data->len)
        bytes = g_bytes_new(growth->data->data + from, growth->data->len - from);
    else
        bytes = g_bytes_new(NULL, 0);
    if (growth->error != NULL && error != NULL)
        *error = g_error_copy(growth->error);
    g_mutex_unlock(&growth->lock);
    return bytes;
}

void
mcp_audio_watch_free(McpAudioWatch *watch)
{
    if (watch == NULL)
        return;
    g_atomic_int_set(&watch->listener->silent, TRUE);
    if (watch->growth != NULL) {
        g_mutex_lock(&watch->growth->lock);
        g_ptr_array_remove_fast(watch->growth->listeners, watch->listener);
        g_mutex_unlock(&watch->growth->lock);
        growth_unref(watch->growth);
    }
    g_clear_pointer(&watch->content, g_bytes_unref);
    listener_unref(watch->listener);
    g_free(watch);
}
