/* SPDX-License-Identifier: Apache-2.0 */
/* A caller with the voice of the synthesizer, heard through a telephone. On the test's context. */
#include "voice_tap.h"
#include "voice.h"
#include <math.h>

#define FRAME 320
#define RATE 16000
#define TICK_MS 5
#define MULAW_BIAS 132
#define MULAW_MOST 32635

struct _VoiceTap {
    GObject parent_instance;
    GArray *audio; /* gint16 */
    guint at;      /* sample that is read next */
    guint open;    /* samples that may be read by now */
    guint frames;
    McpTapEncoding encoding;
    guint reads;
    gint64 begin;
    gboolean ends;
    gboolean holds;
    GSource *tick;
    McpTapFunc func;
    gpointer user_data;
    gint16 frame[FRAME];
};

static void tap_iface_init(McpTapInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(VoiceTap, voice_tap, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_TAP, tap_iface_init))

/* G.711: what is left of a sample's 16 bits. */
static gint16
through_mulaw(gint16 sample)
{
    int size = MIN(ABS((int)sample), MULAW_MOST) + MULAW_BIAS;
    int step = 8;

    for (int top = 256; top <= size; top *= 2)
        step = top / 16;
    size = size / step * step + step / 2 - MULAW_BIAS;
    return (gint16)(sample < 0 ? -MAX(size, 0) : MAX(size, 0));
}

/* Half-way between two samples: sinc with 16 taps under a Hann window. */
static gint16
between(const gint16 *samples, gint n, gint at)
{
    double sum = 0;

    for (gint i = -7; i <= 8; i++) {
        double x = G_PI * (i - 0.5);
        double window = 0.5 + 0.5 * cos(x / 8.5);

        if (at + i >= 0 && at + i < n)
            sum += samples[at + i] * sin(x) / x * window;
    }
    return (gint16)CLAMP(sum, G_MININT16, G_MAXINT16);
}

void
voice_tap_say(VoiceTap *self, const char *name, const char *text, double stretch)
{
    g_autoptr(McpSpeechPlan) plan = mcp_speech_plan_new();
    g_autoptr(GBytes) bytes = NULL;
    g_autofree gint16 *samples = NULL;
    const guint8 *data;
    gsize size;
    guint rate;

    mcp_speech_plan_set_stretch(plan, stretch);
    mcp_speech_plan_text(plan, text);
    bytes = mcp_speech_render(plan, name, 8000, NULL, &rate, NULL);
    g_assert_cmpuint(rate, ==, 8000);
    data = g_bytes_get_data(bytes, &size);
    samples = g_new(gint16, size / 2);
    for (gsize i = 0; i < size / 2; i++)
        samples[i] = through_mulaw((gint16)(data[2 * i] << 8 | data[2 * i + 1]));
    for (gsize i = 0; i < size / 2; i++) {
        gint16 second = between(samples, (gint)(size / 2), (gint)i);

        g_array_append_val(self->audio, samples[i]);
        g_array_append_val(self->audio, second);
    }
}

void
voice_tap_pause(VoiceTap *self, guint ms)
{
    g_array_set_size(self->audio, self->audio->len + ms * RATE / 1000);
}

void
voice_tap_end(VoiceTap *self)
{
    self->ends = TRUE;
}

void
voice_tap_hold(VoiceTap *self)
{
    self->holds = TRUE;
}

guint
voice_tap_get_reads(VoiceTap *self)
{
    return self->reads;
}

static gboolean
on_tick(gpointer user_data)
{
    g_autoptr(VoiceTap) self = g_object_ref(VOICE_TAP(user_data));

    self->open += self->frames * FRAME;
    if (self->func != NULL)
        self->func(MCP_TAP(self), self->user_data);
    return G_SOURCE_CONTINUE;
}

VoiceTap *
voice_tap_new(guint frames)
{
    VoiceTap *self = g_object_new(VOICE_TYPE_TAP, NULL);

    self->frames = frames;
    self->begin = g_get_monotonic_time();
    self->tick = g_timeout_source_new(TICK_MS);
    g_source_set_callback(self->tick, on_tick, self, NULL);
    g_source_attach(self->tick, g_main_context_get_thread_default());
    return self;
}

void
voice_tap_set_encoding(VoiceTap *self, McpTapEncoding encoding)
{
    self->encoding = encoding;
}

static void
set_ready(McpTap *tap, McpTapFunc func, gpointer user_data)
{
    VOICE_TAP(tap)->func = func;
    VOICE_TAP(tap)->user_data = user_data;
}

static gboolean
is_over(const VoiceTap *self)
{
    return (self->ends || self->holds) && self->at >= self->audio->len;
}

static gboolean
read_frame(McpTap *tap, McpTapFrame *out_frame)
{
    VoiceTap *self = VOICE_TAP(tap);

    if (self->at + FRAME > self->open || is_over(self))
        return FALSE;
    for (guint i = 0; i < FRAME; i++) {
        gint16 sample =
            self->at + i < self->audio->len ? g_array_index(self->audio, gint16, self->at + i) : 0;

        self->frame[i] = self->encoding == MCP_TAP_L16 ? GINT16_TO_BE(sample) : sample;
    }
    *out_frame = (McpTapFrame){.data = (const guint8 *)self->frame,
                               .length = sizeof self->frame,
                               .position = self->at,
                               .time = self->begin + (gint64)self->at * G_USEC_PER_SEC / RATE};
    self->at += FRAME;
    self->reads++;
    return TRUE;
}

static gboolean
has_ended(McpTap *tap)
{
    return VOICE_TAP(tap)->ends && is_over(VOICE_TAP(tap));
}

static void
tap_iface_init(McpTapInterface *iface)
{
    iface->set_ready = set_ready;
    iface->read = read_frame;
    iface->has_ended = has_ended;
}

static void
voice_tap_finalize(GObject *object)
{
    VoiceTap *self = VOICE_TAP(object);

    g_source_destroy(self->tick);
    g_source_unref(self->tick);
    g_array_unref(self->audio);
    G_OBJECT_CLASS(voice_tap_parent_class)->finalize(object);
}

static void
voice_tap_class_init(VoiceTapClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = voice_tap_finalize;
}

static void
voice_tap_init(VoiceTap *self)
{
    self->audio = g_array_new(FALSE, TRUE, sizeof(gint16));
}
