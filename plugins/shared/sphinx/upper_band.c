/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speech of a telephone for a model of 16 kHz: where a model of wideband speech looks for hissing,
 * a telephone has nothing at all, which is further from both "s" and "a" than they are from each
 * other. The mirror image of the band below 4 kHz is closer to what was said. Any thread.
 */
#include "upper_band.h"
#include <math.h>

/* Speech of a wide band has more than this part of its energy above 5 kHz, unless it hisses not. */
#define WIDE_PART 0.001
/* Every second sample at half its size leaves the image at a third: -9.5 dB. */
#define HALF 2
#define CUT_HZ 5000.0
#define RATE_HZ 16000.0

typedef struct {
    double b;
    double a1;
    double a2;
    double x1;
    double x2;
    double y1;
    double y2;
} Section;

static Section
high_pass(double quality)
{
    double angle = 2 * G_PI * CUT_HZ / RATE_HZ;
    double alpha = sin(angle) / (2 * quality);
    double a0 = 1 + alpha;

    return (Section){
        .b = (1 + cos(angle)) / 2 / a0, .a1 = -2 * cos(angle) / a0, .a2 = (1 - alpha) / a0};
}

static double
run_section(Section *section, double x)
{
    double y = section->b * (x - 2 * section->x1 + section->x2) - section->a1 * section->y1 -
               section->a2 * section->y2;

    section->x2 = section->x1;
    section->x1 = x;
    section->y2 = section->y1;
    section->y1 = y;
    return y;
}

/* Behind a Butterworth filter of the eighth order. */
static double
upper_part(const gint16 *samples, gsize n)
{
    Section sections[] = {high_pass(0.5098), high_pass(0.6013), high_pass(0.9), high_pass(2.5629)};
    double all = 1;
    double upper = 0;

    for (gsize i = 0; i < n; i++) {
        double x = samples[i];

        all += x * x;
        for (guint j = 0; j < G_N_ELEMENTS(sections); j++)
            x = run_section(&sections[j], x);
        upper += x * x;
    }
    return upper / all;
}

gboolean
mcp_upper_band_fill(gint16 *samples, gsize n)
{
    if (upper_part(samples, n) >= WIDE_PART)
        return FALSE;
    for (gsize i = 1; i < n; i += 2)
        samples[i] = (gint16)(samples[i] / HALF);
    return TRUE;
}
