/* SPDX-License-Identifier: Apache-2.0 */
/* A tap that gives what the test says. */
#include "source_tap.h"

struct _SourceTap {
    GObject parent_instance;
    guint samples;
    GQueue frames; /* gint16 arrays */
    gint16 *given;
    guint64 count;
    gboolean ended;
    McpTapFunc func;
    gpointer user_data;
};

static void tap_iface_init(McpTapInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(SourceTap, source_tap, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_TAP, tap_iface_init))

static void
set_ready(McpTap *tap, McpTapFunc func, gpointer user_data)
{
    TEST_SOURCE_TAP(tap)->func = func;
    TEST_SOURCE_TAP(tap)->user_data = user_data;
}

static gboolean
read_frame(McpTap *tap, McpTapFrame *out_frame)
{
    SourceTap *self = TEST_SOURCE_TAP(tap);

    g_clear_pointer(&self->given, g_free);
    self->given = g_queue_pop_head(&self->frames);
    if (self->given == NULL)
        return FALSE;
    *out_frame = (McpTapFrame){.data = (const guint8 *)self->given,
                               .length = 2 * self->samples,
                               .position = self->count * self->samples,
                               .time = (gint64)self->count * 20000};
    self->count++;
    return TRUE;
}

static gboolean
has_ended(McpTap *tap)
{
    return TEST_SOURCE_TAP(tap)->ended;
}

static void
tap_iface_init(McpTapInterface *iface)
{
    iface->set_ready = set_ready;
    iface->read = read_frame;
    iface->has_ended = has_ended;
}

static void
source_tap_finalize(GObject *object)
{
    SourceTap *self = TEST_SOURCE_TAP(object);

    g_assert_null(self->func);
    g_free(self->given);
    g_queue_clear_full(&self->frames, g_free);
    G_OBJECT_CLASS(source_tap_parent_class)->finalize(object);
}

static void
source_tap_class_init(SourceTapClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = source_tap_finalize;
}

static void
source_tap_init(SourceTap *self)
{
    g_queue_init(&self->frames);
}

SourceTap *
source_tap_new(guint samples)
{
    SourceTap *tap = g_object_new(TEST_TYPE_SOURCE_TAP, NULL);

    tap->samples = samples;
    return tap;
}

void
source_tap_put(SourceTap *tap, const gint16 *samples)
{
    g_queue_push_tail(&tap->frames, g_memdup2(samples, sizeof *samples * tap->samples));
    if (tap->func != NULL)
        tap->func(MCP_TAP(tap), tap->user_data);
}

void
source_tap_end(SourceTap *tap)
{
    tap->ended = TRUE;
    if (tap->func != NULL)
        tap->func(MCP_TAP(tap), tap->user_data);
}
