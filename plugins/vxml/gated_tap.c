/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tap that holds back: the echo of a prompt is none of a recognizer's business, but the begin of
 * what is said into the prompt is, and that it was one is known only after it. Frames of the last
 * second wait for that. The lock guards the queue, which is filled on the leg's context and read by
 * any one thread.
 */
#include "gated_tap.h"

#include <mcp/ledger.h>
#include <string.h>

#define HOLD G_USEC_PER_SEC
#define BUFFER_MS 1000

MCP_LEDGER_DEFINE(McpVxmlGatedTap);

typedef struct {
    McpTapFrame frame;
    guint8 data[];
} Kept;

struct _McpVxmlGatedTap {
    GObject parent_instance;
    McpTap *source;
    gint64 buffer; /* µs that may wait for the reader */
    McpTapFunc func;
    gpointer user_data;
    GMutex lock;
    GQueue queue; /* Kept */
    Kept *out;    /* nullable: the reader's */
    gint64 since;
    gint64 newest; /* time of the last frame */
    McpTapFigures figures;
};

static void tap_iface_init(McpTapInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpVxmlGatedTap, mcp_vxml_gated_tap, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_TAP, tap_iface_init))

static gboolean
is_early(const McpVxmlGatedTap *self, const Kept *kept)
{
    return kept->frame.time < self->since;
}

/* What will not pass any more, and what nobody has taken in time. */
static void
trim(McpVxmlGatedTap *self)
{
    Kept *oldest = NULL;

    while ((oldest = g_queue_peek_head(&self->queue)) != NULL) {
        gint64 age = self->newest - oldest->frame.time;

        if (is_early(self, oldest) ? age <= HOLD && self->newest < self->since
                                   : age <= MAX(self->buffer, HOLD))
            return;
        if (!is_early(self, oldest))
            self->figures.dropped++;
        g_free(g_queue_pop_head(&self->queue));
    }
}

/* TRUE: there is something to read. */
static gboolean
take_frames(McpVxmlGatedTap *self)
{
    g_autoptr(GPtrArray) taken = g_ptr_array_new();
    g_autoptr(GMutexLocker) locker = NULL;
    McpTapFrame frame;
    Kept *oldest = NULL;

    while (mcp_tap_read(self->source, &frame)) {
        Kept *kept = g_malloc(sizeof(Kept) + frame.length);

        kept->frame = frame;
        kept->frame.data = kept->data;
        memcpy(kept->data, frame.data, frame.length);
        g_ptr_array_add(taken, kept);
    }
    locker = g_mutex_locker_new(&self->lock);
    for (guint i = 0; i < taken->len; i++) {
        Kept *kept = taken->pdata[i];

        self->newest = kept->frame.time;
        g_queue_push_tail(&self->queue, kept);
        trim(self);
    }
    oldest = g_queue_peek_head(&self->queue);
    return oldest != NULL && !is_early(self, oldest);
}

static void
tell(McpVxmlGatedTap *self)
{
    g_autoptr(McpVxmlGatedTap) kept = g_object_ref(self);
    gboolean ready = take_frames(kept);

    if ((ready || mcp_tap_has_ended(kept->source)) && kept->func != NULL)
        kept->func(MCP_TAP(kept), kept->user_data);
}

static void
on_source(McpTap *source, gpointer user_data)
{
    tell(user_data);
}

McpVxmlGatedTap *
mcp_vxml_gated_tap_new(McpTap *source, guint buffer_ms)
{
    McpVxmlGatedTap *self = g_object_new(MCP_TYPE_VXML_GATED_TAP, NULL);

    self->source = g_object_ref(source);
    self->buffer = (gint64)(buffer_ms > 0 ? buffer_ms : BUFFER_MS) * 1000;
    mcp_tap_set_ready(source, on_source, self);
    take_frames(self);
    return self;
}

static void
move_gate(McpVxmlGatedTap *self, gint64 since)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&self->lock);

    self->since = MIN(self->since, since);
    trim(self);
}

void
mcp_vxml_gated_tap_open(McpVxmlGatedTap *tap, gint64 since)
{
    move_gate(tap, since);
    tell(tap);
}

/* ---- McpTap ---- */

static void
set_ready(McpTap *tap, McpTapFunc func, gpointer user_data)
{
    McpVxmlGatedTap *self = MCP_VXML_GATED_TAP(tap);

    self->func = func;
    self->user_data = user_data;
}

static gboolean
read_frame(McpTap *tap, McpTapFrame *out_frame)
{
    McpVxmlGatedTap *self = MCP_VXML_GATED_TAP(tap);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&self->lock);
    Kept *oldest = g_queue_peek_head(&self->queue);

    if (oldest == NULL || is_early(self, oldest))
        return FALSE;
    g_free(self->out);
    self->out = g_queue_pop_head(&self->queue);
    self->figures.frames++;
    *out_frame = self->out->frame;
    return TRUE;
}

static gboolean
has_ended(McpTap *tap)
{
    return mcp_tap_has_ended(MCP_VXML_GATED_TAP(tap)->source);
}

static void
get_figures(McpTap *tap, McpTapFigures *out_figures)
{
    McpVxmlGatedTap *self = MCP_VXML_GATED_TAP(tap);
    McpTapFigures source = {0};
    g_autoptr(GMutexLocker) locker = NULL;

    mcp_tap_get_figures(self->source, &source);
    locker = g_mutex_locker_new(&self->lock);
    *out_figures = self->figures;
    out_figures->dropped += source.dropped;
}

static void
close_tap(McpTap *tap)
{
    mcp_tap_close(MCP_VXML_GATED_TAP(tap)->source);
}

static void
tap_iface_init(McpTapInterface *iface)
{
    iface->set_ready = set_ready;
    iface->read = read_frame;
    iface->has_ended = has_ended;
    iface->get_figures = get_figures;
    iface->close = close_tap;
}

static void
mcp_vxml_gated_tap_finalize(GObject *object)
{
    McpVxmlGatedTap *self = MCP_VXML_GATED_TAP(object);

    mcp_tap_set_ready(self->source, NULL, NULL);
    g_object_unref(self->source);
    g_queue_clear_full(&self->queue, g_free);
    g_free(self->out);
    g_mutex_clear(&self->lock);
    MCP_LEDGER_FINALIZED(McpVxmlGatedTap);
    G_OBJECT_CLASS(mcp_vxml_gated_tap_parent_class)->finalize(object);
}

static void
mcp_vxml_gated_tap_class_init(McpVxmlGatedTapClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_vxml_gated_tap_finalize;
}

static void
mcp_vxml_gated_tap_init(McpVxmlGatedTap *self)
{
    g_mutex_init(&self->lock);
    g_queue_init(&self->queue);
    self->since = G_MAXINT64;
    MCP_LEDGER_CREATED(McpVxmlGatedTap);
}
