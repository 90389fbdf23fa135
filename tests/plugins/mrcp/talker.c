/* SPDX-License-Identifier: Apache-2.0 */
/* A caller who says a tone: a tap in real time on the test's context. */
#include "talker.h"

#include <math.h>

#define RATE 8000
#define FRAME 160
#define FRAME_MS 20
#define BEGIN 10 /* frames */
#define END 40
#define PITCH 500
#define SIZE 8000

struct _Talker {
    GObject parent_instance;
    GSource *tick;
    guint64 open; /* frames that may be read by now */
    guint64 at;
    gint64 begin;
    McpTapFunc func;
    gpointer user_data;
    guint8 frame[2 * FRAME]; /* big endian */
};

static void tap_iface_init(McpTapInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(Talker, talker, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_TAP, tap_iface_init))

static gboolean
on_tick(gpointer user_data)
{
    g_autoptr(Talker) self = g_object_ref(user_data);
    gint64 passed = g_get_monotonic_time() - self->begin;

    self->open = (guint64)(passed / 1000 / FRAME_MS);
    if (self->func != NULL && self->at < self->open)
        self->func(MCP_TAP(self), self->user_data);
    return G_SOURCE_CONTINUE;
}

Talker *
talker_new(void)
{
    Talker *self = g_object_new(TYPE_TALKER, NULL);

    self->begin = g_get_monotonic_time();
    self->tick = g_timeout_source_new(FRAME_MS / 2);
    g_source_set_callback(self->tick, on_tick, self, NULL);
    g_source_attach(self->tick, g_main_context_get_thread_default());
    return self;
}

static void
set_ready(McpTap *tap, McpTapFunc func, gpointer user_data)
{
    TEST_TALKER(tap)->func = func;
    TEST_TALKER(tap)->user_data = user_data;
}

static gboolean
read_frame(McpTap *tap, McpTapFrame *out_frame)
{
    Talker *self = TEST_TALKER(tap);
    gboolean sounds = self->at >= BEGIN && self->at < END;

    if (self->at >= self->open)
        return FALSE;
    for (guint i = 0; i < FRAME; i++) {
        double phase = 2 * G_PI * PITCH * (double)(self->at * FRAME + i) / RATE;
        gint16 sample = sounds ? (gint16)(SIZE * sin(phase)) : 0;

        self->frame[2 * i] = (guint8)((guint16)sample >> 8);
        self->frame[2 * i + 1] = (guint8)sample;
    }
    *out_frame = (McpTapFrame){.data = self->frame,
                               .length = sizeof self->frame,
                               .position = self->at * FRAME,
                               .time = self->begin + (gint64)self->at * FRAME_MS * 1000};
    self->at++;
    return TRUE;
}

static gboolean
has_ended(McpTap *tap)
{
    return FALSE;
}

static void
tap_iface_init(McpTapInterface *iface)
{
    iface->set_ready = set_ready;
    iface->read = read_frame;
    iface->has_ended = has_ended;
}

static void
talker_finalize(GObject *object)
{
    Talker *self = TEST_TALKER(object);

    g_source_destroy(self->tick);
    g_source_unref(self->tick);
    G_OBJECT_CLASS(talker_parent_class)->finalize(object);
}

static void
talker_class_init(TalkerClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = talker_finalize;
}

static void
talker_init(Talker *self)
{
}
