/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define MATERIAL_RATE 8000

/** Material: a piece of sound at 8 kHz, full scale 1. */
typedef struct {
    gfloat *samples;
    gsize n;
    gsize start, end;  /* where its energy really begins and ends */
    gsize first, last; /* where it can be heard at all */
    gfloat level;      /* RMS between them, of the parts that are not pauses */
} Material;

/**
 * material_load: a RIFF file of 16-bit mono samples of any rate, brought to 8 kHz; NULL: not
 * readable.
 */
Material *material_load(const char *path, GError **error);
/** material_free: (nullable). */
void material_free(Material *material);
/** material_to_decibels: @amplitude of full scale. */
gdouble material_to_decibels(gdouble amplitude);
/** material_to_amplitude: the other way round. */
gfloat material_to_amplitude(gdouble decibels);
/** material_rms: of @n samples. */
gfloat material_rms(const gfloat *samples, gsize n);

/** Chance: numbers that are the same in each run. */
typedef struct {
    guint64 state;
} Chance;

/** chance_seed: a row of numbers of its own for each seed. */
Chance chance_seed(guint64 seed);
/** chance_between: evenly spread. */
gdouble chance_between(Chance *chance, gdouble from, gdouble to);
/** chance_pick: 0 … @n - 1. */
guint chance_pick(Chance *chance, guint n);
/** chance_normal: of variance 1. */
gdouble chance_normal(Chance *chance);

G_END_DECLS
