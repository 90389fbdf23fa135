/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Noises for judging the voice activity detector. Test programs, one thread.
 */
#include "voice_synthesis.h"

#include <math.h>
#include <string.h>

#define NYQUIST_MARGIN 3600.0
#define BELOW_CALLER -10.0
#define ECHO_DECIBELS -20.0
#define HARMONICS_MAX 20
#define ECHO_TAPS 96 /* 12 ms */

typedef struct {
    gdouble a, b, gain; /* y = gain·x + a·y1 + b·y2 */
    gdouble y1, y2;
} Resonator;

static Resonator
resonator(gdouble frequency, gdouble width)
{
    gdouble radius = exp(-G_PI * width / MATERIAL_RATE);
    Resonator self = {
        .a = 2 * radius * cos(2 * G_PI * frequency / MATERIAL_RATE),
        .b = -radius * radius,
        .gain = (1 - radius) * 2,
    };

    return self;
}

static gdouble
resonate(Resonator *self, gdouble x)
{
    gdouble y = self->gain * x + self->a * self->y1 + self->b * self->y2;

    self->y2 = self->y1;
    self->y1 = y;
    return y;
}

/* Adds @from to @out so that it has this RMS. */
static void
add_at(gfloat *out, const gfloat *from, gsize n, gfloat level)
{
    gfloat factor = level / (material_rms(from, n) + 1e-9f);

    for (gsize i = 0; i < n; i++)
        out[i] += from[i] * factor;
}

void
synthesis_hiss(gfloat *out, gsize n, gfloat level, Chance *chance)
{
    for (gsize i = 0; i < n; i++)
        out[i] += level * (gfloat)chance_normal(chance);
}

void
synthesis_line(gfloat *out, gsize n, gfloat level, SynthesisSet set, Chance *chance)
{
    gboolean tune = set == SYNTHESIS_TUNE;
    g_autofree gfloat *hum = g_new0(gfloat, n);
    g_autofree gfloat *hiss = g_new0(gfloat, n);
    gdouble mains = (tune ? 60 : 50) * chance_between(chance, 0.998, 1.002);
    gdouble colour = chance_between(chance, 0, tune ? 0.4 : 0.6);
    gdouble before = 0;

    for (guint h = 1; h <= (tune ? 9 : 12); h++) {
        gdouble amplitude = chance_between(chance, 0.1, 1) / h;
        gdouble phase = chance_between(chance, 0, 6.28);

        for (gsize i = 0; i < n; i++)
            hum[i] += (gfloat)(amplitude *
                               sin(2 * G_PI * mains * h * (gdouble)i / MATERIAL_RATE + phase));
    }
    for (gsize i = 0; i < n; i++) {
        before = colour * before + chance_normal(chance);
        hiss[i] = (gfloat)before;
    }
    add_at(out, hum, n, level * material_to_amplitude(chance_between(chance, -20, -8)));
    add_at(out, hiss, n, level * material_to_amplitude(chance_between(chance, -25, -12)));
}

/* A rise and fall; tuning knows any peak and wavering loudness, judging a flutter of the throat. */
static void
shape_breath(gfloat *breath, gsize n, SynthesisSet set, Chance *chance)
{
    gboolean tune = set == SYNTHESIS_TUNE;
    gdouble peak = chance_between(chance, tune ? 0.05 : 0.25, tune ? 0.95 : 0.75);
    gdouble depth = chance_between(chance, 0, 0.5);
    gdouble hertz = chance_between(chance, 8, 25);
    Resonator waver = resonator(0, chance_between(chance, 2, 25));
    gdouble bend = tune ? chance_between(chance, 0.3, 1.5) : 1;

    for (gsize i = 0; i < n; i++) {
        gdouble at = (gdouble)i / (gdouble)n;
        gdouble rise = pow(at < peak ? at / peak : (1 - at) / (1 - peak), bend);
        gdouble flutter = sin(2 * G_PI * hertz * (gdouble)i / MATERIAL_RATE);

        /* The slow noise has an RMS that goes with the root of its width. */
        if (tune)
            flutter = CLAMP(resonate(&waver, 20 * chance_normal(chance)), -1.9, 1.9);
        breath[i] *= (gfloat)(rise * (1 + depth * flutter));
    }
}

/* Tuning: one to four resonances anywhere, of any width. Judging: three, as of a throat. */
static void
add_breath(gfloat *out, gsize n, gfloat level, SynthesisSet set, Chance *chance)
{
    gboolean tune = set == SYNTHESIS_TUNE;
    guint resonances = tune ? 1 + chance_pick(chance, 4) : 3;
    gdouble hiss = chance_between(chance, 0.02, tune ? 0.4 : 0.1);
    g_autofree gfloat *noise = g_new0(gfloat, n);
    g_autofree gfloat *breath = g_new0(gfloat, n);

    synthesis_hiss(noise, n, 1, chance);
    for (gsize i = 0; i < n; i++)
        breath[i] = (gfloat)hiss * noise[i];
    for (guint r = 0; r < resonances; r++) {
        const gdouble from[] = {400, 1300, 2600};
        const gdouble to[] = {1200, 2700, 3500};
        const gdouble width[] = {300, 500, 400};
        Resonator one =
            tune ? resonator(chance_between(chance, 300, 3500), chance_between(chance, 120, 900))
                 : resonator(chance_between(chance, from[r], to[r]), width[r]);
        gdouble loud = r == 0 ? 1 : chance_between(chance, 0, tune ? 1.2 : 0.9 / r);

        for (gsize i = 0; i < n; i++)
            breath[i] += (gfloat)(loud * resonate(&one, noise[i]));
    }
    shape_breath(breath, n, set, chance);
    add_at(out, breath, n, level);
}

/* Wind on the microphone: a thump of low noise. */
static void
add_puff(gfloat *out, gsize n, gfloat level, Chance *chance)
{
    Resonator low = resonator(chance_between(chance, 60, 180), 120);
    g_autofree gfloat *puff = g_new0(gfloat, n);

    for (gsize i = 0; i < n; i++) {
        gdouble at = (gdouble)i / (gdouble)n;

        puff[i] = (gfloat)(resonate(&low, chance_normal(chance)) * sin(G_PI * at));
    }
    add_at(out, puff, n, level);
}

void
synthesis_breath(gfloat *out, gsize n, gfloat level, SynthesisSet set, Chance *chance)
{
    gsize at = (gsize)chance_between(chance, 0, 2 * MATERIAL_RATE);

    while (at < n) {
        gboolean puff = chance_pick(chance, 4) == 0;
        gdouble seconds =
            puff ? chance_between(chance, 0.05, 0.2) : chance_between(chance, 0.25, 1);
        gsize length = MIN((gsize)(seconds * MATERIAL_RATE), n - at);
        gfloat loud = level * material_to_amplitude(chance_between(chance, -20, -6));

        if (puff)
            add_puff(out + at, length, loud, chance);
        else
            add_breath(out + at, length, loud, set, chance);
        at += length + (gsize)chance_between(chance, 0.3 * MATERIAL_RATE, 3 * MATERIAL_RATE);
    }
}

/* What one track's instruments sound like. */
typedef struct {
    gdouble roll_off; /* of harmonics, as a power */
    gdouble even;     /* amplitude of even harmonics */
    gdouble attack;   /* s */
    gdouble decay;    /* s */
    gdouble vibrato_hertz;
    gdouble vibrato; /* share of the frequency */
} Timbre;

static Timbre
choose_timbre(SynthesisSet set, Chance *chance)
{
    gboolean tune = set == SYNTHESIS_TUNE;
    Timbre self = {
        .roll_off = tune ? chance_between(chance, 0.9, 1.4) : chance_between(chance, 0.7, 2),
        .even = tune ? chance_between(chance, 0.6, 1) : chance_between(chance, 0.05, 1),
        .attack = chance_between(chance, 0.005, tune ? 0.05 : 0.08),
        .decay = chance_between(chance, 0.2, tune ? 1 : 1.5),
        .vibrato_hertz = tune ? chance_between(chance, 5, 6) : chance_between(chance, 4, 7),
        .vibrato = chance_between(chance, 0, tune ? 0.01 : 0.015),
    };

    return self;
}

static void
add_note(gfloat *out, gsize n, gdouble frequency, gdouble amplitude, const Timbre *timbre)
{
    gdouble loud[HARMONICS_MAX + 1] = {0};
    guint harmonics = (guint)MIN(NYQUIST_MARGIN / frequency, HARMONICS_MAX);
    gdouble phase = 0;

    for (guint h = 1; h <= harmonics; h++)
        loud[h] = amplitude * pow(h, -timbre->roll_off) * (h % 2 == 0 ? timbre->even : 1);
    for (gsize i = 0; i < n; i++) {
        gdouble t = (gdouble)i / MATERIAL_RATE;
        gdouble left = (gdouble)(n - i) / MATERIAL_RATE;
        gdouble bend = timbre->vibrato * sin(2 * G_PI * timbre->vibrato_hertz * t);
        gdouble shape = MIN(t / timbre->attack, 1) * exp(-t / timbre->decay) * MIN(left / 0.02, 1);
        gdouble twice = 2 * cos(phase);
        gdouble wave = sin(phase);
        gdouble before = 0;
        gdouble sum = 0;

        /* sin((h + 1)x) = 2 cos(x) sin(hx) - sin((h - 1)x) */
        for (guint h = 1; h <= harmonics; h++) {
            gdouble next = twice * wave - before;

            sum += loud[h] * wave;
            before = wave;
            wave = next;
        }
        out[i] += (gfloat)(shape * sum);
        phase += 2 * G_PI * frequency * (1 + bend) / MATERIAL_RATE;
    }
}

static void
add_drum(gfloat *out, gsize n, guint kind, Chance *chance)
{
    Resonator body = resonator(kind == 0 ? 70 : 190, kind == 0 ? 30 : 80);
    gdouble decay = kind == 0 ? 0.12 : kind == 1 ? 0.08 : 0.02;
    gdouble before = 0;

    for (gsize i = 0; i < n; i++) {
        gdouble shape = exp(-(gdouble)i / MATERIAL_RATE / decay);
        gdouble noise = chance_normal(chance);
        gdouble high = noise - before;

        before = noise;
        if (kind == 0)
            out[i] += (gfloat)(shape * (resonate(&body, i < 20 ? 30 : 0) * 2));
        else if (kind == 1)
            out[i] += (gfloat)(shape * (0.3 * noise + resonate(&body, i < 20 ? 8 : 0)));
        else
            out[i] += (gfloat)(shape * 0.12 * high);
    }
}

static const gint tune_scale[] = {0, 2, 4, 5, 7, 9, 11};
static const gint judge_scale[] = {0, 2, 3, 5, 7, 8, 10};
static const guint tune_chords[] = {0, 3, 4, 0};
static const guint judge_chords[] = {0, 5, 2, 6, 3, 4};

static gdouble
pitch_of(gdouble root, const gint *scale, guint step)
{
    return root * pow(2, (scale[step % 7] + 12.0 * (step / 7)) / 12);
}

/* One beat of the piece. */
typedef struct {
    gboolean chords, melody, drums;
    gdouble root;
    Timbre chord_timbre, melody_timbre;
    const gint *scale;
    const guint *progression;
    guint n_progression;
} Band;

static void
play_beat(const Band *band, gfloat *out, gsize n, gsize beat, guint count, Chance *chance)
{
    guint chord = band->progression[count / 4 % band->n_progression];
    guint notes = chance_pick(chance, 3);

    if (band->chords && count % 2 == 0)
        for (guint i = 0; i < 3; i++)
            add_note(out, MIN(n, 2 * beat), pitch_of(band->root, band->scale, chord + 2 * i), 0.4,
                     &band->chord_timbre);
    for (guint i = 0; band->melody && i < notes; i++) {
        gsize at = i * beat / notes;
        gdouble pitch = pitch_of(band->root * 2, band->scale, chance_pick(chance, 10));

        if (at < n)
            add_note(out + at, MIN(n - at, beat / notes), pitch, 0.7, &band->melody_timbre);
    }
    if (band->drums) {
        add_drum(out, MIN(n, beat), count % 2, chance);
        if (beat / 2 < n)
            add_drum(out + beat / 2, MIN(n - beat / 2, beat / 2), 2, chance);
    }
}

void
synthesis_music(gfloat *out, gsize n, gfloat level, SynthesisSet set, Chance *chance)
{
    gboolean tune = set == SYNTHESIS_TUNE;
    gdouble tempo = tune ? chance_between(chance, 70, 110) : chance_between(chance, 85, 150);
    gsize beat = (gsize)(60 / tempo * MATERIAL_RATE);
    guint style = chance_pick(chance, 4);
    g_autofree gfloat *piece = g_new0(gfloat, n);
    guint count = 0;
    Band band = {
        .chords = style != 1,
        .melody = style != 2,
        .drums = style >= 2,
        .root = chance_between(chance, 110, tune ? 220 : 260),
        .chord_timbre = choose_timbre(set, chance),
        .melody_timbre = choose_timbre(set, chance),
        .scale = tune ? tune_scale : judge_scale,
        .progression = tune ? tune_chords : judge_chords,
        .n_progression = tune ? G_N_ELEMENTS(tune_chords) : G_N_ELEMENTS(judge_chords),
    };

    for (gsize at = 0; at < n; at += beat)
        play_beat(&band, piece + at, n - at, beat, count++, chance);
    add_at(out, piece, n, level * material_to_amplitude(BELOW_CALLER));
}

static void
add_tone(gfloat *out, gsize n, gdouble frequency, gdouble square)
{
    for (gsize i = 0; i < n; i++) {
        gdouble wave = sin(2 * G_PI * frequency * (gdouble)i / MATERIAL_RATE);
        gdouble edge = CLAMP(wave * 20, -1, 1);

        out[i] += (gfloat)(wave + square * (edge - wave));
    }
}

/* A pair of tones of a key, of the network, or a buzz. */
static void
add_signal(gfloat *out, gsize n, SynthesisSet set, guint kind, Chance *chance)
{
    static const gdouble rows[] = {697, 770, 852, 941};
    static const gdouble columns[] = {1209, 1336, 1477, 1633};
    static const gdouble american[] = {350, 440, 480, 620};
    static const gdouble european[] = {425, 400, 450, 425};
    const gdouble *network = set == SYNTHESIS_TUNE ? american : european;

    if (kind == 0) {
        add_tone(out, n, rows[chance_pick(chance, 4)], 0);
        add_tone(out, n, columns[chance_pick(chance, 4)], 0);
    } else if (kind == 1) {
        add_tone(out, n, network[chance_pick(chance, 2)], 0);
        add_tone(out, n, network[2 + chance_pick(chance, 2)], 0);
    } else {
        add_tone(out, n, chance_between(chance, 80, 1200), chance_between(chance, 0, 1));
    }
}

void
synthesis_tones(gfloat *out, gsize n, gfloat level, SynthesisSet set, Chance *chance)
{
    guint kind = chance_pick(chance, 3);
    gsize at = (gsize)chance_between(chance, 0, MATERIAL_RATE);

    while (at < n) {
        gdouble seconds = kind == 0   ? chance_between(chance, 0.05, 0.3)
                          : kind == 1 ? chance_between(chance, 0.2, 2)
                                      : chance_between(chance, 0.1, 8);
        gsize length = MIN((gsize)(seconds * MATERIAL_RATE), n - at);
        gfloat loud = level * material_to_amplitude(chance_between(chance, -15, 5));
        g_autofree gfloat *signal = g_new0(gfloat, length);

        add_signal(signal, length, set, kind, chance);
        add_at(out + at, signal, length, loud);
        at += length + (gsize)chance_between(chance, 0.05 * MATERIAL_RATE, 2 * MATERIAL_RATE);
    }
}

void
synthesis_prompt(gfloat *out, gsize n, gfloat level, GPtrArray *voices, Chance *chance)
{
    gsize at = 0;

    while (at < n) {
        const Material *voice = voices->pdata[chance_pick(chance, voices->len)];
        gsize length = MIN(voice->n, n - at);

        for (gsize i = 0; i < length; i++)
            out[at + i] += voice->samples[i] * level / voice->level;
        at += length + (gsize)chance_between(chance, 0, 0.4 * MATERIAL_RATE);
    }
}

void
synthesis_babble(gfloat *out, gsize n, gfloat level, GPtrArray *voices, SynthesisSet set,
                 Chance *chance)
{
    guint talkers = set == SYNTHESIS_TUNE ? 5 + chance_pick(chance, 3) : 6 + chance_pick(chance, 4);
    gsize ahead = 4 * MATERIAL_RATE; /* so that they do not all begin a sentence at once */
    g_autofree gfloat *crowd = g_new0(gfloat, n + ahead);

    for (guint i = 0; i < talkers; i++) {
        gsize late = (gsize)chance_between(chance, 0, (gdouble)ahead);

        synthesis_prompt(crowd + late, n + ahead - late,
                         material_to_amplitude(chance_between(chance, -4, 4)), voices, chance);
    }
    add_at(out, crowd + ahead, n, level * material_to_amplitude(BELOW_CALLER));
}

void
synthesis_echo(gfloat *out, gsize n, const gfloat *prompt, SynthesisSet set, Chance *chance)
{
    gsize delay = (gsize)chance_between(chance, 0, 0.3 * MATERIAL_RATE);
    gdouble decay =
        set == SYNTHESIS_TUNE ? chance_between(chance, 4, 12) : chance_between(chance, 3, 24);
    g_autofree gfloat *echo = g_new0(gfloat, n);
    gfloat taps[ECHO_TAPS];

    for (guint k = 0; k < ECHO_TAPS; k++)
        taps[k] = (gfloat)(chance_normal(chance) * exp(-(gdouble)k / decay));
    for (gsize i = delay; i < n; i++)
        for (gsize k = 0; k < ECHO_TAPS && k + delay <= i; k++)
            echo[i] += taps[k] * prompt[i - delay - k];
    add_at(out, echo, n, material_rms(prompt, n) * material_to_amplitude(ECHO_DECIBELS));
}
