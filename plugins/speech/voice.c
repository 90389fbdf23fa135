/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine: turns a plan into samples. A voice is read-only once it is loaded; loading, and the
 * first sentence, in which the engine fills its tables, are done once under a lock. Compute pool.
 */
#include "voice.h"
#include <flite/flite.h>
#include <mcp/error.h>
#include <string.h>

#define MAX_SECONDS 600
#define SILENCE_MS 100 /* of an empty prompt: a player wants at least some samples */

cst_voice *register_cmu_us_kal(const char *folder);
cst_voice *register_cmu_us_slt(const char *folder);
cst_voice *register_cmu_us_rms(const char *folder);
cst_voice *register_cmu_us_awb(const char *folder);

typedef struct {
    const char *name;
    cst_voice *(*load)(const char *folder);
    cst_voice *voice;
} Voice;

static GMutex voice_lock; /* guards the voices while they are loaded */
static Voice voices[] = {
    {"kal", register_cmu_us_kal, NULL},
    {"slt", register_cmu_us_slt, NULL},
    {"rms", register_cmu_us_rms, NULL},
    {"awb", register_cmu_us_awb, NULL},
};

typedef struct {
    GByteArray *samples;
    guint rate;
} Output;

static Voice *
find_voice(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(voices); i++)
        if (g_strcmp0(voices[i].name, name) == 0)
            return &voices[i];
    return NULL;
}

gboolean
mcp_speech_voice_known(const char *name)
{
    return find_voice(name) != NULL;
}

static cst_utterance *
synthesize(cst_voice *voice, const char *text, double stretch)
{
    cst_utterance *utterance = new_utterance();
    /* Set on the utterance, the voice is shared. */
    double usual = get_param_float(voice->features, "duration_stretch", 1.0F);

    utt_set_input_text(utterance, text);
    utt_set_feat_float(utterance, "duration_stretch", (float)(usual * stretch));
    return flite_do_synth(utterance, voice, utt_synth);
}

static cst_voice *
load_voice(const char *name)
{
    static gboolean ready;
    Voice *row = find_voice(name);
    cst_voice *voice = NULL;

    g_mutex_lock(&voice_lock);
    if (!ready)
        flite_init();
    ready = TRUE;
    if (row->voice == NULL) {
        cst_utterance *first;

        row->voice = row->load(NULL);
        first = row->voice != NULL ? synthesize(row->voice, "one 2 $3.50 Dr.", 1) : NULL;
        if (first != NULL)
            delete_utterance(first);
    }
    voice = row->voice;
    g_mutex_unlock(&voice_lock);
    return voice;
}

static void
add_silence(Output *out, guint ms)
{
    guint length = out->samples->len;
    guint bytes = (guint)((guint64)out->rate * ms / 1000 * 2);

    if (bytes == 0)
        return;
    g_byte_array_set_size(out->samples, length + bytes);
    memset(out->samples->data + length, 0, bytes);
}

/* Every second sample of 16 kHz behind a low-pass of 31 taps (a half-band filter, so that every
 * second coefficient is zero). The engine's own converter copies between overlapping memory. */
static gint16
decimate(const cst_wave *wave, int at)
{
    static const double taps[8] = {0.3155, -0.0979, 0.0506, -0.0286,
                                   0.0159, -0.0082, 0.0039, -0.0019};
    double sum = 0.5 * wave->samples[at];

    for (int i = 0; i < 8; i++) {
        int before = at - (2 * i + 1);
        int after = at + 2 * i + 1;

        sum += taps[i] * (before >= 0 ? wave->samples[before] : 0);
        sum += taps[i] * (after < wave->num_samples ? wave->samples[after] : 0);
    }
    return (gint16)CLAMP(sum, G_MININT16, G_MAXINT16);
}

static void
add_wave(Output *out, const cst_wave *wave)
{
    int step = wave->sample_rate >= (int)out->rate * 2 ? 2 : 1;
    guint length = out->samples->len;
    guint n = (guint)(wave->num_samples / step);
    guint8 *to;

    g_byte_array_set_size(out->samples, length + n * 2);
    to = out->samples->data + length;
    for (guint i = 0; i < n; i++) {
        gint16 sample = step == 2 ? decimate(wave, (int)i * 2) : wave->samples[i];

        *to++ = (guint8)((guint16)sample >> 8);
        *to++ = (guint8)sample;
    }
}

static void
say_piece(Output *out, cst_voice *voice, const McpSpeechPiece *piece)
{
    cst_utterance *utterance;
    cst_wave *wave;

    /* Marks alone give the engine nothing to work on. */
    if (strpbrk(piece->text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789$%&") !=
        NULL) {
        utterance = synthesize(voice, piece->text, piece->stretch);
        wave = utterance != NULL ? utt_wave(utterance) : NULL;
        if (wave != NULL && wave->num_samples > 1 && wave->num_channels == 1)
            add_wave(out, wave);
        if (utterance != NULL)
            delete_utterance(utterance);
    }
    add_silence(out, piece->pause);
}

GBytes *
mcp_speech_render(McpSpeechPlan *plan, const char *name, guint rate, GCancellable *abandoned,
                  guint *out_rate, GError **error)
{
    const GPtrArray *pieces = mcp_speech_plan_finish(plan);
    cst_voice *voice = load_voice(name);
    Output out = {NULL, rate >= 16000 && !g_str_equal(name, "kal") ? 16000 : 8000};

    if (voice == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "voice '%s' cannot be loaded", name);
        return NULL;
    }
    out.samples = g_byte_array_new();
    for (guint i = 0; i < pieces->len; i++) {
        gboolean gone = g_cancellable_is_cancelled(abandoned);

        if (gone || out.samples->len > MAX_SECONDS * 2 * out.rate) {
            g_set_error(error, MCP_ERROR, gone ? MCP_ERROR_CLOSED : MCP_ERROR_LIMIT, "%s",
                        gone ? "nobody waits any more" : "the prompt is longer than ten minutes");
            g_byte_array_unref(out.samples);
            return NULL;
        }
        say_piece(&out, voice, pieces->pdata[i]);
    }
    if (out.samples->len == 0)
        add_silence(&out, SILENCE_MS);
    *out_rate = out.rate;
    return g_byte_array_free_to_bytes(out.samples);
}
