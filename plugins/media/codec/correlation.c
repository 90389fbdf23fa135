/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sums that a search for the pitch consists of. Pure functions.
 */
#include "correlation.h"

#include <string.h>

#define QUAD 4

/* The compiler may not change the order of a sum of floats; here it is said to be any. */
typedef float Quad __attribute__((vector_size(QUAD * sizeof(float))));

static inline Quad
load(const gfloat *from)
{
    Quad quad;

    memcpy(&quad, from, sizeof quad);
    return quad;
}

gfloat
mcp_media_dot(const gfloat *a, const gfloat *b, guint n)
{
    Quad even = {0};
    Quad odd = {0};
    gfloat rest = 0;
    guint i = 0;

    for (; i + 2 * QUAD <= n; i += 2 * QUAD) {
        even += load(a + i) * load(b + i);
        odd += load(a + i + QUAD) * load(b + i + QUAD);
    }
    for (; i < n; i++)
        rest += a[i] * b[i];
    even += odd;
    return even[0] + even[1] + even[2] + even[3] + rest;
}

void
mcp_media_energies(const gfloat *samples, guint n, gdouble *out_energies)
{
    out_energies[0] = 0;
    for (guint i = 0; i < n; i++)
        out_energies[i + 1] = out_energies[i] + (gdouble)samples[i] * samples[i];
}
