/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* A swept tone whose every place is known: 200 to 3400 Hz in four seconds, again and again. */

/** SweepFound: what became of it on a way that changes no sample; in samples. */
typedef struct {
    guint64 matched; /* as they were, in their order */
    guint lost;      /* places that do not come */
    guint doubled;   /* that come again */
    guint put_in;    /* samples of something else between two of it */
    guint changed;   /* samples of something else in the place of it */
} SweepFound;

/** sweep_mulaw: @n samples from place @at on, in μ-law. */
void sweep_mulaw(guint64 at, guint n, guint8 *out);
/** sweep_as_alaw: @n samples as they are behind A-law: μ-law and A-law make the same of them. */
void sweep_as_alaw(gint16 *samples, guint n);
/**
 * sweep_find: places 0 to @sent in @n samples; what stands before place 0 does not count.
 * @alaw: the samples went through sweep_as_alaw()
 */
void sweep_find(const gint16 *samples, guint n, guint64 sent, gboolean alaw, SweepFound *out_found);

G_END_DECLS
