/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sound for judging the voice activity detector: files read and brought to 8 kHz, marked where
 * their energy begins and ends; chance that repeats. Test programs, one thread.
 */
#include "voice_material.h"

#include <gio/gio.h>
#include <math.h>
#include <string.h>

#define FRAME 80 /* 10 ms */
/* Speech begins where it comes within so much of its loudest 10 ms, for two frames. */
#define MARK_DECIBELS 25.0
/* Before, a soft consonant or a breath of the same speaker may be heard. */
#define SOUND_DECIBELS 45.0
#define SINC_ZEROES 16
#define CUTOFF 3700.0

gdouble
material_to_decibels(gdouble amplitude)
{
    return 20 * log10(amplitude + 1e-9);
}

gfloat
material_to_amplitude(gdouble decibels)
{
    return (gfloat)pow(10, decibels / 20);
}

gfloat
material_rms(const gfloat *samples, gsize n)
{
    gdouble sum = 0;

    for (gsize i = 0; i < n; i++)
        sum += (gdouble)samples[i] * samples[i];
    return (gfloat)sqrt(sum / (gdouble)MAX(n, 1));
}

/* A windowed sinc at each output sample; slow, and good enough to be beyond doubt. */
static void
resample(Material *self, const gint16 *in, gsize n, guint rate)
{
    gdouble cutoff = MIN(CUTOFF, rate / 2.0) * 2 / rate;
    gdouble reach = SINC_ZEROES / cutoff;

    self->n = (gsize)((guint64)n * MATERIAL_RATE / rate);
    self->samples = g_new0(gfloat, self->n + 1);
    for (gsize i = 0; i < self->n; i++) {
        gdouble centre = (gdouble)i * rate / MATERIAL_RATE;
        gint64 from = MAX((gint64)ceil(centre - reach), 0);
        gint64 to = MIN((gint64)floor(centre + reach), (gint64)n - 1);
        gdouble sum = 0;

        for (gint64 k = from; k <= to; k++) {
            gdouble x = ((gdouble)k - centre) * cutoff * G_PI;
            gdouble window = 0.5 + 0.5 * cos(G_PI * ((gdouble)k - centre) / reach);

            sum += in[k] * window * (fabs(x) < 1e-9 ? 1 : sin(x) / x);
        }
        self->samples[i] = (gfloat)(sum * cutoff / 32768);
    }
}

static void
mark(Material *self)
{
    gsize frames = self->n / FRAME;
    gfloat loudest = 0;
    gdouble energy = 0;
    gsize counted = 0;
    gboolean before = FALSE;

    self->end = self->n;
    self->first = self->n;
    for (gsize f = 0; f < frames; f++)
        loudest = MAX(loudest, material_rms(self->samples + f * FRAME, FRAME));
    for (gsize f = 0; f < frames; f++) {
        gfloat rms = material_rms(self->samples + f * FRAME, FRAME);
        gboolean loud = rms > loudest * material_to_amplitude(-MARK_DECIBELS);

        if (rms > loudest * material_to_amplitude(-SOUND_DECIBELS)) {
            self->first = MIN(self->first, f * FRAME);
            self->last = (f + 1) * FRAME;
        }
        if (loud && before && counted++ == 0)
            self->start = (f - 1) * FRAME;
        if (loud && before) {
            energy += (gdouble)rms * rms;
            self->end = (f + 1) * FRAME;
        }
        before = loud;
    }
    self->level = (gfloat)sqrt(energy / (gdouble)MAX(counted, 1)) + 1e-6f;
}

static const guint8 *
find_chunk(const guint8 *data, gsize length, const char *name, gsize *out_length)
{
    gsize at = 12;

    while (at + 8 <= length) {
        guint32 size = 0;

        memcpy(&size, data + at + 4, sizeof size);
        size = GUINT32_FROM_LE(size);
        /* A program that writes to a pipe does not know the length beforehand. */
        if (memcmp(data + at, name, 4) == 0) {
            *out_length = MIN(size, length - at - 8);
            return data + at + 8;
        }
        at += 8 + (gsize)size + (size & 1);
    }
    return NULL;
}

Material *
material_load(const char *path, GError **error)
{
    g_autofree char *data = NULL;
    g_autofree gint16 *samples = NULL;
    const guint8 *format = NULL;
    const guint8 *sound = NULL;
    Material *self = NULL;
    gsize length = 0;
    gsize format_length = 0;
    gsize sound_length = 0;
    guint32 rate = 0;

    if (!g_file_get_contents(path, &data, &length, error))
        return NULL;
    format = find_chunk((const guint8 *)data, length, "fmt ", &format_length);
    sound = find_chunk((const guint8 *)data, length, "data", &sound_length);
    if (format != NULL && format_length >= 8)
        memcpy(&rate, format + 4, sizeof rate);
    rate = GUINT32_FROM_LE(rate);
    if (sound == NULL || rate < 4000 || rate > 96000) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: no RIFF sound", path);
        return NULL;
    }
    self = g_new0(Material, 1);
    samples = g_memdup2(sound, sound_length + (sound_length == 0));
    resample(self, samples, sound_length / 2, rate);
    mark(self);
    return self;
}

void
material_free(Material *material)
{
    if (material == NULL)
        return;
    g_free(material->samples);
    g_free(material);
}

static guint64
chance_next(Chance *self)
{
    /* splitmix64 */
    guint64 z = self->state += G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * G_GUINT64_CONSTANT(0x94d049bb133111eb);
    return z ^ z >> 31;
}

Chance
chance_seed(guint64 seed)
{
    Chance self = {.state = seed * G_GUINT64_CONSTANT(0xd1342543de82ef95)};

    chance_next(&self);
    return self;
}

gdouble
chance_between(Chance *chance, gdouble from, gdouble to)
{
    return from + (to - from) * (gdouble)(chance_next(chance) >> 11) / 9007199254740992.0;
}

guint
chance_pick(Chance *chance, guint n)
{
    return (guint)(chance_next(chance) % MAX(n, 1));
}

gdouble
chance_normal(Chance *chance)
{
    gdouble sum = -6;

    for (guint i = 0; i < 3; i++) {
        guint64 bits = chance_next(chance);

        for (guint k = 0; k < 4; k++)
            sum += (gdouble)(bits >> (16 * k) & 0xffff) / 65536.0;
    }
    return sum;
}
