/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A turn's audio, kept: what the source brings is appended, and read by taps that each have a place
 * of their own in it. The source's context.
 */
#include "replay.h"

#include <math.h>
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <string.h>

#define FRAME_MS 20
#define FRAME_US ((gint64)FRAME_MS * 1000)
#define SAMPLES_MAX (16000 * FRAME_MS / 1000)
/* Of the low-pass before every second sample is dropped: half-band, odd. */
#define TAPS 31

MCP_LEDGER_DEFINE(McpReplayTap);

/* One frame of the source. */
typedef struct {
    gint64 time;
    guint64 dropped;
    gint16 samples[];
} Kept;

struct _McpReplay {
    McpTap *source;
    guint rate;
    guint samples; /* a frame */
    guint most;    /* frames that are kept */
    GQueue frames; /* Kept */
    guint64 first; /* number of the oldest one */
    GList *taps;   /* McpReplayTap, not owned */
};

#define MCP_TYPE_REPLAY_TAP (mcp_replay_tap_get_type())
G_DECLARE_FINAL_TYPE(McpReplayTap, mcp_replay_tap, MCP, REPLAY_TAP, GObject)

struct _McpReplayTap {
    GObject parent_instance;
    McpReplay *replay; /* nullable: it has ended */
    McpTapEncoding encoding;
    gboolean half;
    gint16 before[TAPS - 1]; /* samples of the frame before, for the low-pass */
    GList *place;            /* the frame read last; NULL: none */
    guint64 next;            /* number of the frame to be read */
    guint64 position;        /* samples handed over */
    McpTapFigures figures;
    McpTapFunc func;
    gpointer user_data;
    gboolean waiting; /* nothing was there: it is told */
    guint8 data[2 * SAMPLES_MAX];
};

static void tap_iface_init(McpTapInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpReplayTap, mcp_replay_tap, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_TAP, tap_iface_init))

/* --- what is kept --- */

static void
tell_taps(McpReplay *self)
{
    g_autoptr(GPtrArray) taps = g_ptr_array_new_with_free_func(g_object_unref);

    /* Whoever is told may close a tap, or drop all of this. */
    for (GList *link = self->taps; link != NULL; link = link->next)
        g_ptr_array_add(taps, g_object_ref(link->data));
    for (guint i = 0; i < taps->len; i++) {
        McpReplayTap *tap = taps->pdata[i];

        if (!tap->waiting || tap->func == NULL)
            continue;
        tap->waiting = FALSE;
        tap->func(MCP_TAP(tap), tap->user_data);
    }
}

static void
forget_oldest(McpReplay *self)
{
    for (GList *link = self->taps; link != NULL; link = link->next) {
        McpReplayTap *tap = link->data;

        if (tap->next == self->first) {
            tap->next++;
            tap->figures.dropped++;
        }
        if (tap->place == self->frames.head)
            tap->place = NULL;
    }
    g_free(g_queue_pop_head(&self->frames));
    self->first++;
}

static void
on_source(McpTap *source, gpointer user_data)
{
    McpReplay *self = user_data;
    McpTapFrame frame;

    while (mcp_tap_read(source, &frame)) {
        gsize length = sizeof(gint16) * self->samples;
        Kept *kept = g_malloc0(sizeof(Kept) + length);

        kept->time = frame.time;
        kept->dropped = frame.dropped;
        memcpy(kept->samples, frame.data, MIN(frame.length, length));
        if (self->frames.length >= self->most)
            forget_oldest(self);
        g_queue_push_tail(&self->frames, kept);
    }
    tell_taps(self);
}

McpReplay *
mcp_replay_new(McpTap *source, guint rate, gint64 keep)
{
    McpReplay *replay = g_new0(McpReplay, 1);

    replay->source = g_object_ref(source);
    replay->rate = rate;
    replay->samples = rate * FRAME_MS / 1000;
    replay->most = (guint)MAX(keep / FRAME_US, 1);
    g_queue_init(&replay->frames);
    mcp_tap_set_ready(source, on_source, replay);
    return replay;
}

/* Its place among the frames is gone with it. */
static void
detach(McpReplayTap *tap)
{
    if (tap->replay != NULL)
        tap->replay->taps = g_list_remove(tap->replay->taps, tap);
    tap->replay = NULL;
    tap->place = NULL;
}

void
mcp_replay_free(McpReplay *replay)
{
    if (replay == NULL)
        return;
    mcp_tap_set_ready(replay->source, NULL, NULL);
    while (replay->taps != NULL)
        detach(replay->taps->data);
    g_queue_clear_full(&replay->frames, g_free);
    g_object_unref(replay->source);
    g_free(replay);
}

/* --- formats --- */

/* ITU-T G.711: the sign, the place of the first bit, and four bits behind it. */
static guint8
to_mulaw(gint16 sample)
{
    gint value = MIN(ABS((gint)sample), 32635) + 132;
    guint exponent = (guint)g_bit_nth_msf((gulong)value, -1) - 7;
    guint8 coded = (guint8)(exponent << 4 | ((guint)value >> (exponent + 3) & 15));

    return (guint8) ~(coded | (sample < 0 ? 0x80 : 0));
}

static guint8
to_alaw(gint16 sample)
{
    gint value = sample >= 0 ? sample : -sample - 1;
    guint exponent = value >= 256 ? (guint)g_bit_nth_msf((gulong)value, -1) - 7 : 0;
    guint8 coded =
        (guint8)(exponent << 4 | ((guint)value >> (exponent > 0 ? exponent + 3 : 4) & 15));

    return coded ^ (sample >= 0 ? 0xd5 : 0x55);
}

/* Every second tap but the middle one is zero (half-band, Hamming window). */
static void
make_filter(double *out)
{
    for (gint i = 0; i < TAPS; i++) {
        double x = i - TAPS / 2;
        double window = 0.54 - 0.46 * cos(2 * G_PI * i / (TAPS - 1));

        out[i] = x == 0 ? 0.5 : sin(G_PI * x / 2) / (G_PI * x) * window;
    }
}

static guint
halve(McpReplayTap *self, const gint16 *samples, guint n, gint16 *out)
{
    static gsize made;
    static double filter[TAPS];
    gint16 all[TAPS - 1 + SAMPLES_MAX];

    if (g_once_init_enter(&made)) {
        make_filter(filter);
        g_once_init_leave(&made, 1);
    }
    memcpy(all, self->before, sizeof self->before);
    memcpy(all + TAPS - 1, samples, n * sizeof *samples);
    memcpy(self->before, all + n, sizeof self->before);
    for (guint i = 0; i < n / 2; i++) {
        double sum = 0;

        for (guint k = 0; k < TAPS; k++)
            sum += filter[k] * all[2 * i + k];
        out[i] = (gint16)CLAMP(sum, G_MININT16, G_MAXINT16);
    }
    return n / 2;
}

/* Returns: bytes in the tap's own buffer. */
static gsize
convert(McpReplayTap *self, const gint16 *samples, guint n)
{
    gint16 halved[SAMPLES_MAX];

    if (self->half) {
        n = halve(self, samples, n, halved);
        samples = halved;
    }
    for (guint i = 0; i < n; i++) {
        gint16 big = (gint16)GINT16_TO_BE(samples[i]);

        if (self->encoding == MCP_TAP_MULAW)
            self->data[i] = to_mulaw(samples[i]);
        else if (self->encoding == MCP_TAP_ALAW)
            self->data[i] = to_alaw(samples[i]);
        else
            memcpy(self->data + 2 * i, self->encoding == MCP_TAP_L16 ? &big : &samples[i], 2);
    }
    self->position += n;
    return self->encoding == MCP_TAP_MULAW || self->encoding == MCP_TAP_ALAW ? n : 2 * (gsize)n;
}

/* --- the tap --- */

McpTap *
mcp_replay_open(McpReplay *replay, const McpTapParams *params, GError **error)
{
    guint rate = params->rate > 0 ? params->rate : 8000;
    McpReplayTap *tap = NULL;

    if (rate != replay->rate && rate * 2 != replay->rate) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED,
                    "audio of %u Hz cannot be had from %u Hz", rate, replay->rate);
        return NULL;
    }
    tap = g_object_new(MCP_TYPE_REPLAY_TAP, NULL);
    tap->replay = replay;
    tap->encoding = params->encoding;
    tap->half = rate != replay->rate;
    tap->next = replay->first;
    replay->taps = g_list_prepend(replay->taps, tap);
    return MCP_TAP(tap);
}

static void
set_ready(McpTap *tap, McpTapFunc func, gpointer user_data)
{
    McpReplayTap *self = MCP_REPLAY_TAP(tap);

    self->func = func;
    self->user_data = user_data;
}

static gboolean
read_frame(McpTap *tap, McpTapFrame *out_frame)
{
    McpReplayTap *self = MCP_REPLAY_TAP(tap);
    McpReplay *replay = self->replay;
    GList *link = NULL;
    const Kept *kept = NULL;

    if (replay != NULL)
        link = self->place != NULL ? self->place->next : replay->frames.head;
    if (link == NULL) {
        self->waiting = TRUE;
        return FALSE;
    }
    kept = link->data;
    self->place = link;
    self->next++;
    out_frame->position = self->position;
    out_frame->time = kept->time;
    out_frame->dropped = kept->dropped;
    out_frame->length = convert(self, kept->samples, replay->samples);
    out_frame->data = self->data;
    self->figures.frames++;
    return TRUE;
}

static gboolean
has_ended(McpTap *tap)
{
    McpReplayTap *self = MCP_REPLAY_TAP(tap);

    return self->replay == NULL || mcp_tap_has_ended(self->replay->source);
}

static void
get_figures(McpTap *tap, McpTapFigures *out_figures)
{
    *out_figures = MCP_REPLAY_TAP(tap)->figures;
}

static void
close_tap(McpTap *tap)
{
    detach(MCP_REPLAY_TAP(tap));
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
mcp_replay_tap_finalize(GObject *object)
{
    detach(MCP_REPLAY_TAP(object));
    MCP_LEDGER_FINALIZED(McpReplayTap);
    G_OBJECT_CLASS(mcp_replay_tap_parent_class)->finalize(object);
}

static void
mcp_replay_tap_init(McpReplayTap *self)
{
    /* Whoever sets a function before it reads anything is told of what is there already. */
    self->waiting = TRUE;
    MCP_LEDGER_CREATED(McpReplayTap);
}

static void
mcp_replay_tap_class_init(McpReplayTapClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_replay_tap_finalize;
}
