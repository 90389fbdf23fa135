/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract's McpTap: hands the frames of a feed to their consumer. On the leg's context, but
 * for reading.
 */
#include "tap.h"

#include "../leg/leg_private.h"
#include "../leg/stream_tap.h"
#include <mcp/ledger.h>

MCP_LEDGER_DEFINE(McpMediaTap);

struct _McpMediaTap {
    GObject parent_instance;
    McpMediaLeg *leg; /* nullable: weak */
    McpMediaTapFeed *feed;
    McpMetrics *metrics; /* nullable */
    McpTapFunc func;
    gpointer user_data;
    gboolean closed;
};

static void tap_iface_init(McpTapInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpMediaTap, mcp_media_tap, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_TAP, tap_iface_init))

void
mcp_media_tap_deliver(McpMediaEvent *event)
{
    McpMediaTap *self = event->feed->tap;

    if (self != NULL && self->func != NULL) {
        g_object_ref(self);
        self->func(MCP_TAP(self), self->user_data);
        g_object_unref(self);
    }
    g_clear_pointer(&event->feed, mcp_media_tap_feed_unref);
}

static void
tap_set_ready(McpTap *tap, McpTapFunc func, gpointer user_data)
{
    McpMediaTap *self = MCP_MEDIA_TAP(tap);

    self->func = func;
    self->user_data = user_data;
}

static gboolean
tap_read(McpTap *tap, McpTapFrame *out_frame)
{
    return mcp_media_tap_feed_read(MCP_MEDIA_TAP(tap)->feed, out_frame);
}

static gboolean
tap_has_ended(McpTap *tap)
{
    return g_atomic_int_get(&MCP_MEDIA_TAP(tap)->feed->ended);
}

static void
tap_get_figures(McpTap *tap, McpTapFigures *out_figures)
{
    McpMediaTapFeed *feed = MCP_MEDIA_TAP(tap)->feed;

    out_figures->frames = atomic_load(&feed->frames);
    out_figures->dropped = atomic_load(&feed->dropped);
}

static void
tap_close(McpTap *tap)
{
    McpMediaTap *self = MCP_MEDIA_TAP(tap);

    if (self->closed)
        return;
    self->closed = TRUE;
    /* A leg that is closed lets go of its taps by itself; its stream may be gone before a command
     * would run. */
    if (self->leg == NULL || self->leg->closed || self->leg->removed)
        return;
    self->leg->taps--;
    mcp_media_stream_untap(self->leg->stream, self->feed);
}

static void
tap_iface_init(McpTapInterface *iface)
{
    iface->set_ready = tap_set_ready;
    iface->read = tap_read;
    iface->has_ended = tap_has_ended;
    iface->get_figures = tap_get_figures;
    iface->close = tap_close;
}

McpMediaTap *
mcp_media_tap_new(McpMediaLeg *leg, McpMediaTapFeed *feed)
{
    McpMediaTap *self = g_object_new(MCP_TYPE_MEDIA_TAP, NULL);

    g_set_weak_pointer(&self->leg, leg);
    self->feed = feed;
    self->metrics = mcp_media_service_get_metrics(leg->service);
    feed->tap = self;
    return self;
}

static void
count_frames(McpMediaTap *self)
{
    if (self->metrics == NULL)
        return;
    mcp_metrics_add(self->metrics, MCP_MEDIA_METRIC_TAP_FRAMES, 0,
                    (gint64)atomic_load(&self->feed->frames));
    mcp_metrics_add(self->metrics, MCP_MEDIA_METRIC_TAP_FRAMES, 1,
                    (gint64)atomic_load(&self->feed->dropped));
}

static void
mcp_media_tap_finalize(GObject *object)
{
    McpMediaTap *self = MCP_MEDIA_TAP(object);

    tap_close(MCP_TAP(self));
    count_frames(self);
    self->feed->tap = NULL;
    mcp_media_tap_feed_unref(self->feed);
    g_clear_weak_pointer(&self->leg);
    MCP_LEDGER_FINALIZED(McpMediaTap);
    G_OBJECT_CLASS(mcp_media_tap_parent_class)->finalize(object);
}

static void
mcp_media_tap_class_init(McpMediaTapClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_media_tap_finalize;
}

static void
mcp_media_tap_init(McpMediaTap *self)
{
    MCP_LEDGER_CREATED(McpMediaTap);
}
