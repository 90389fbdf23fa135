/* SPDX-License-Identifier: Apache-2.0 */
/* A caller who makes noise for words. On the test's context. */
#include "caller_tap.h"

#define FRAME_MS 20
#define FRAME_MOST (16000 * FRAME_MS / 1000)
#define TICK_MS 5
#define LOUDNESS 8000
#define SOFTNESS 500

struct _CallerTap {
    GObject parent_instance;
    guint rate;
    guint frame;   /* samples */
    GArray *audio; /* gint16 */
    guint at;      /* sample that is read next */
    guint open;    /* samples that may be read by now */
    guint frames;
    guint reads;
    gint64 begin;
    gboolean ends;
    guint32 seed;
    GSource *tick; /* nullable */
    McpTapFunc func;
    gpointer user_data;
    gint16 out[FRAME_MOST];
};

static void tap_iface_init(McpTapInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(CallerTap, caller_tap, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_TAP, tap_iface_init))

static void
tell(CallerTap *self)
{
    g_autoptr(CallerTap) held = g_object_ref(self);

    if (self->func != NULL)
        self->func(MCP_TAP(self), self->user_data);
}

static gboolean
on_tick(gpointer user_data)
{
    CallerTap *self = user_data;

    self->open += self->frames * self->frame;
    tell(self);
    return G_SOURCE_CONTINUE;
}

CallerTap *
caller_tap_new(guint rate, guint frames)
{
    CallerTap *self = g_object_new(CALLER_TYPE_TAP, NULL);

    self->rate = rate;
    self->frame = rate * FRAME_MS / 1000;
    self->frames = frames;
    self->begin = g_get_monotonic_time();
    if (frames == 0)
        return self;
    self->tick = g_timeout_source_new(TICK_MS);
    g_source_set_callback(self->tick, on_tick, self, NULL);
    g_source_attach(self->tick, g_main_context_get_thread_default());
    return self;
}

static void
added(CallerTap *self)
{
    if (self->frames > 0)
        return;
    self->open = self->audio->len;
    tell(self);
}

static void
add_noise(CallerTap *self, guint ms, gint loudness)
{
    for (guint i = 0; i < ms * self->rate / 1000; i++) {
        gint16 sample = 0;

        self->seed = self->seed * 1664525 + 1013904223;
        sample = (gint16)((gint)(self->seed >> 16) % loudness - loudness / 2);
        g_array_append_val(self->audio, sample);
    }
    added(self);
}

void
caller_tap_speak(CallerTap *self, guint ms)
{
    add_noise(self, ms, LOUDNESS);
}

void
caller_tap_murmur(CallerTap *self, guint ms)
{
    add_noise(self, ms, SOFTNESS);
}

void
caller_tap_pause(CallerTap *self, guint ms)
{
    g_array_set_size(self->audio, self->audio->len + ms * self->rate / 1000);
    added(self);
}

void
caller_tap_end(CallerTap *self)
{
    self->ends = TRUE;
    tell(self);
}

guint
caller_tap_get_reads(CallerTap *self)
{
    return self->reads;
}

const gint16 *
caller_tap_get_samples(CallerTap *self, gsize *out_n)
{
    *out_n = self->audio->len;
    return (const gint16 *)self->audio->data;
}

static void
set_ready(McpTap *tap, McpTapFunc func, gpointer user_data)
{
    CALLER_TAP(tap)->func = func;
    CALLER_TAP(tap)->user_data = user_data;
}

static gboolean
read_frame(McpTap *tap, McpTapFrame *out_frame)
{
    CallerTap *self = CALLER_TAP(tap);

    if (self->at + self->frame > self->open || (self->ends && self->at >= self->audio->len))
        return FALSE;
    for (guint i = 0; i < self->frame; i++)
        self->out[i] =
            self->at + i < self->audio->len ? g_array_index(self->audio, gint16, self->at + i) : 0;
    *out_frame =
        (McpTapFrame){.data = (const guint8 *)self->out,
                      .length = self->frame * sizeof(gint16),
                      .position = self->at,
                      .time = self->begin + (gint64)self->at * G_USEC_PER_SEC / self->rate};
    self->at += self->frame;
    self->reads++;
    return TRUE;
}

static gboolean
has_ended(McpTap *tap)
{
    return CALLER_TAP(tap)->ends && CALLER_TAP(tap)->at >= CALLER_TAP(tap)->audio->len;
}

static void
tap_iface_init(McpTapInterface *iface)
{
    iface->set_ready = set_ready;
    iface->read = read_frame;
    iface->has_ended = has_ended;
}

static void
caller_tap_finalize(GObject *object)
{
    CallerTap *self = CALLER_TAP(object);

    g_assert_null(self->func);
    if (self->tick != NULL)
        g_source_destroy(self->tick);
    g_clear_pointer(&self->tick, g_source_unref);
    g_array_unref(self->audio);
    G_OBJECT_CLASS(caller_tap_parent_class)->finalize(object);
}

static void
caller_tap_class_init(CallerTapClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = caller_tap_finalize;
}

static void
caller_tap_init(CallerTap *self)
{
    self->audio = g_array_new(FALSE, TRUE, sizeof(gint16));
    self->seed = 1;
}
