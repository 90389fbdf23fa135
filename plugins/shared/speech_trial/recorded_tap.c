/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file's audio as frames of a tap: in the encoding and, within bounds, at the rate that the
 * consumer wants. A few frames a turn of the loop, so that nothing else waits. One context.
 */
#include "recorded_tap.h"

#include <mcp/error.h>
#include <mcp/ledger.h>
#include <sound/container.h>
#include <sound/g711.h>
#include <sound/half_band.h>
#include <string.h>

#define FRAMES_A_TURN 10
#define FRAME_MS_MAX 100

MCP_LEDGER_DEFINE(McpRecordedTap);

struct _McpRecordedTap {
    GObject parent_instance;
    GBytes *file;
    McpSoundContent content; /* of @file */
    McpClock *clock;
    McpTapEncoding encoding;
    guint rate;
    guint frame;   /* samples, of the consumer */
    guint taken;   /* samples of a frame, of the file */
    guint64 count; /* frames that were read */
    guint64 total;
    gint64 begin;
    McpSoundHalfBand low_pass;
    guint allowed; /* frames that may be read in this turn */
    gboolean closed;
    gboolean waiting; /* nothing was there: it is told */
    GSource *turn;    /* nullable */
    McpTapFunc func;
    gpointer user_data;
    McpTapFunc drained;
    gpointer drained_data;
    guint8 data[2 * MCP_SOUND_BLOCK];
};

static void tap_iface_init(McpTapInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpRecordedTap, mcp_recorded_tap, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_TAP, tap_iface_init))

static gboolean
on_turn(gpointer user_data)
{
    g_autoptr(McpRecordedTap) self = g_object_ref(MCP_RECORDED_TAP(user_data));
    McpTapFunc drained = self->drained;

    g_clear_pointer(&self->turn, g_source_unref);
    self->allowed = FRAMES_A_TURN;
    if (self->count < self->total) {
        if (self->waiting && self->func != NULL) {
            self->waiting = FALSE;
            self->func(MCP_TAP(self), self->user_data);
        }
        return G_SOURCE_REMOVE;
    }
    self->drained = NULL;
    if (drained != NULL)
        drained(MCP_TAP(self), self->drained_data);
    return G_SOURCE_REMOVE;
}

static void
arm(McpRecordedTap *self)
{
    if (self->turn != NULL || self->closed)
        return;
    self->turn = g_idle_source_new();
    g_source_set_priority(self->turn, G_PRIORITY_DEFAULT);
    g_source_set_callback(self->turn, on_turn, self, NULL);
    g_source_attach(self->turn, g_main_context_get_thread_default());
}

/* --- formats --- */

static guint
next_samples(McpRecordedTap *self, gint16 *out)
{
    gint16 samples[MCP_SOUND_BLOCK] = {0};

    mcp_sound_content_read(&self->content, self->count * self->taken, self->taken, samples);
    if (self->taken < self->frame)
        return mcp_sound_double(&self->low_pass, samples, self->taken, out);
    if (self->taken > self->frame)
        return mcp_sound_halve(&self->low_pass, samples, self->taken, out);
    memcpy(out, samples, self->taken * sizeof *out);
    return self->taken;
}

/* Returns: bytes in the tap's own buffer. */
static gsize
encode(McpRecordedTap *self, const gint16 *samples, guint n)
{
    if (self->encoding == MCP_TAP_MULAW) {
        mcp_sound_mulaw_encode(samples, n, self->data);
        return n;
    }
    if (self->encoding == MCP_TAP_ALAW) {
        mcp_sound_alaw_encode(samples, n, self->data);
        return n;
    }
    for (guint i = 0; i < n; i++) {
        gint16 big = (gint16)GINT16_TO_BE(samples[i]);

        memcpy(self->data + 2 * i, self->encoding == MCP_TAP_L16 ? &big : &samples[i], 2);
    }
    return 2 * (gsize)n;
}

/* --- the tap --- */

static gboolean
check_content(const McpSoundContent *content, guint rate, GError **error)
{
    if (content->channels != 1 || (content->rate != 8000 && content->rate != 16000)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "audio of %u Hz with %u channels is not of 8000 or 16000 Hz, mono",
                    content->rate, content->channels);
        return FALSE;
    }
    if (rate == content->rate || rate == 2 * content->rate || 2 * rate == content->rate)
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED,
                "the recognizer takes audio of %u Hz, which cannot be had from %u Hz", rate,
                content->rate);
    return FALSE;
}

McpRecordedTap *
mcp_recorded_tap_new(GBytes *file, const McpTapParams *params, gint64 silence, McpClock *clock,
                     GError **error)
{
    guint rate = params->rate > 0 ? params->rate : 8000;
    guint frame_ms = params->frame_ms > 0 ? MIN(params->frame_ms, FRAME_MS_MAX) : 20;
    McpRecordedTap *self = NULL;
    McpSoundContent content;
    gsize length = 0;
    const guint8 *data = g_bytes_get_data(file, &length);
    guint64 samples = 0;

    if (length < 12 || memcmp(data, "RIFF", 4) != 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "the audio is no WAV file");
        return NULL;
    }
    if (!mcp_sound_container_parse(data, length, NULL, &content, error) ||
        !check_content(&content, rate, error))
        return NULL;
    self = g_object_new(MCP_TYPE_RECORDED_TAP, NULL);
    self->file = g_bytes_ref(file);
    self->content = content;
    self->clock = g_object_ref(clock);
    self->encoding = params->encoding;
    self->rate = rate;
    self->frame = rate * frame_ms / 1000;
    self->taken = content.rate * frame_ms / 1000;
    samples = content.length / mcp_sound_content_frame(&content) +
              (guint64)silence * content.rate / G_USEC_PER_SEC;
    self->total = (samples + self->taken - 1) / self->taken;
    return self;
}

void
mcp_recorded_tap_on_drained(McpRecordedTap *tap, McpTapFunc func, gpointer user_data)
{
    tap->drained = func;
    tap->drained_data = user_data;
}

gint64
mcp_recorded_tap_get_begin(McpRecordedTap *tap)
{
    return tap->begin;
}

static void
set_ready(McpTap *tap, McpTapFunc func, gpointer user_data)
{
    McpRecordedTap *self = MCP_RECORDED_TAP(tap);

    self->func = func;
    self->user_data = user_data;
    if (func != NULL && self->waiting)
        arm(self);
}

static gboolean
read_frame(McpTap *tap, McpTapFrame *out_frame)
{
    McpRecordedTap *self = MCP_RECORDED_TAP(tap);
    gint16 samples[MCP_SOUND_BLOCK];
    guint n = 0;

    if (self->closed || self->count >= self->total || self->allowed == 0) {
        self->waiting = TRUE;
        arm(self);
        return FALSE;
    }
    if (self->begin == 0)
        self->begin = mcp_clock_now(self->clock);
    n = next_samples(self, samples);
    out_frame->position = self->count * self->frame;
    out_frame->time = self->begin + (gint64)(out_frame->position * G_USEC_PER_SEC / self->rate);
    out_frame->dropped = 0;
    out_frame->length = encode(self, samples, n);
    out_frame->data = self->data;
    self->count++;
    self->allowed--;
    return TRUE;
}

static gboolean
has_ended(McpTap *tap)
{
    return MCP_RECORDED_TAP(tap)->closed;
}

static void
get_figures(McpTap *tap, McpTapFigures *out_figures)
{
    *out_figures = (McpTapFigures){.frames = MCP_RECORDED_TAP(tap)->count};
}

static void
close_tap(McpTap *tap)
{
    McpRecordedTap *self = MCP_RECORDED_TAP(tap);

    self->closed = TRUE;
    self->func = NULL;
    self->drained = NULL;
    if (self->turn != NULL)
        g_source_destroy(self->turn);
    g_clear_pointer(&self->turn, g_source_unref);
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
mcp_recorded_tap_finalize(GObject *object)
{
    McpRecordedTap *self = MCP_RECORDED_TAP(object);

    close_tap(MCP_TAP(self));
    g_bytes_unref(self->file);
    g_object_unref(self->clock);
    MCP_LEDGER_FINALIZED(McpRecordedTap);
    G_OBJECT_CLASS(mcp_recorded_tap_parent_class)->finalize(object);
}

static void
mcp_recorded_tap_init(McpRecordedTap *self)
{
    /* Whoever sets a function before it reads anything is told of what is there already. */
    self->waiting = TRUE;
    self->allowed = FRAMES_A_TURN;
    MCP_LEDGER_CREATED(McpRecordedTap);
}

static void
mcp_recorded_tap_class_init(McpRecordedTapClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_recorded_tap_finalize;
}
