/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Fourier transform of the detectors against the definition.
 */
#include "detect/fourier.h"

#include <math.h>

static void
assert_transform(const gfloat *in, gdouble tolerance)
{
    gfloat re[MCP_MEDIA_FOURIER_BINS];
    gfloat im[MCP_MEDIA_FOURIER_BINS];

    mcp_media_fourier_transform(in, re, im);
    for (guint k = 0; k < MCP_MEDIA_FOURIER_BINS; k++) {
        gdouble sum_re = 0;
        gdouble sum_im = 0;

        for (guint n = 0; n < MCP_MEDIA_FOURIER_SIZE; n++) {
            gdouble angle = 2 * G_PI * (k * n % MCP_MEDIA_FOURIER_SIZE) / MCP_MEDIA_FOURIER_SIZE;

            sum_re += in[n] * cos(angle);
            sum_im -= in[n] * sin(angle);
        }
        g_assert_cmpfloat_with_epsilon(re[k], sum_re, tolerance);
        g_assert_cmpfloat_with_epsilon(im[k], sum_im, tolerance);
    }
}

static void
test_noise(void)
{
    g_autoptr(GRand) chance = g_rand_new_with_seed(1);

    for (guint round = 0; round < 5; round++) {
        gfloat in[MCP_MEDIA_FOURIER_SIZE];

        for (guint n = 0; n < MCP_MEDIA_FOURIER_SIZE; n++)
            in[n] = (gfloat)g_rand_double_range(chance, -1, 1);
        assert_transform(in, 1e-4);
    }
}

static void
test_pulses(void)
{
    for (guint at = 0; at < MCP_MEDIA_FOURIER_SIZE; at += 37) {
        gfloat in[MCP_MEDIA_FOURIER_SIZE] = {0};

        in[at] = 1;
        assert_transform(in, 1e-5);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/fourier/noise", test_noise);
    g_test_add_func("/media/fourier/pulses", test_pulses);
    return g_test_run();
}
