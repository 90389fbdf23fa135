/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Fourier transform of one fixed size: radix 4 in Stockham's order, whose inner loops the
 * compiler turns into vector code, on half the size, as the input is real. Media worker.
 */
#include "fourier.h"

#include <math.h>
#include <string.h>

#define HALF (MCP_MEDIA_FOURIER_SIZE / 2)

typedef struct {
    gfloat re[HALF];
    gfloat im[HALF];
} Complex;

/* exp(-2πik/512); a stage of the half size uses every second one. */
static gfloat cosines[MCP_MEDIA_FOURIER_SIZE];
static gfloat sines[MCP_MEDIA_FOURIER_SIZE];

static void
prepare(void)
{
    static gsize ready = 0;

    if (!g_once_init_enter(&ready))
        return;
    for (gint i = 0; i < MCP_MEDIA_FOURIER_SIZE; i++) {
        cosines[i] = (gfloat)cos(2 * G_PI * i / MCP_MEDIA_FOURIER_SIZE);
        sines[i] = (gfloat)-sin(2 * G_PI * i / MCP_MEDIA_FOURIER_SIZE);
    }
    g_once_init_leave(&ready, 1);
}

/* The four outputs of one twiddle factor, for @stride transforms side by side. */
static void
butterflies(const Complex *restrict in, Complex *restrict out, guint from, guint to, guint stride,
            guint turn)
{
    gfloat w1re = cosines[turn];
    gfloat w1im = sines[turn];
    gfloat w2re = cosines[2 * turn];
    gfloat w2im = sines[2 * turn];
    gfloat w3re = cosines[3 * turn];
    gfloat w3im = sines[3 * turn];
    const gfloat *re = in->re + from;
    const gfloat *im = in->im + from;
    gfloat *to_re = out->re + to;
    gfloat *to_im = out->im + to;

    for (guint q = 0; q < stride; q++) {
        gfloat sum_re = re[q] + re[q + HALF / 2];
        gfloat sum_im = im[q] + im[q + HALF / 2];
        gfloat difference_re = re[q] - re[q + HALF / 2];
        gfloat difference_im = im[q] - im[q + HALF / 2];
        gfloat odd_re = re[q + HALF / 4] + re[q + HALF * 3 / 4];
        gfloat odd_im = im[q + HALF / 4] + im[q + HALF * 3 / 4];
        gfloat turned_re = im[q + HALF / 4] - im[q + HALF * 3 / 4];
        gfloat turned_im = re[q + HALF * 3 / 4] - re[q + HALF / 4];
        gfloat a_re = difference_re + turned_re;
        gfloat a_im = difference_im + turned_im;
        gfloat b_re = sum_re - odd_re;
        gfloat b_im = sum_im - odd_im;
        gfloat c_re = difference_re - turned_re;
        gfloat c_im = difference_im - turned_im;

        to_re[q] = sum_re + odd_re;
        to_im[q] = sum_im + odd_im;
        to_re[q + stride] = a_re * w1re - a_im * w1im;
        to_im[q + stride] = a_re * w1im + a_im * w1re;
        to_re[q + 2 * stride] = b_re * w2re - b_im * w2im;
        to_im[q + 2 * stride] = b_re * w2im + b_im * w2re;
        to_re[q + 3 * stride] = c_re * w3re - c_im * w3im;
        to_im[q + 3 * stride] = c_re * w3im + c_im * w3re;
    }
}

/* HALF is a power of four; the result is in @a again after its four stages. */
static void
transform_half(Complex *a, Complex *b)
{
    Complex *in = a;
    Complex *out = b;

    for (guint stride = 1; stride < HALF; stride *= 4) {
        guint groups = HALF / (4 * stride);
        Complex *swap = in;

        for (guint p = 0; p < groups; p++)
            butterflies(in, out, p * stride, 4 * p * stride, stride, 2 * p * stride);
        in = out;
        out = swap;
    }
}

void
mcp_media_fourier_transform(const gfloat *in, gfloat *out_re, gfloat *out_im)
{
    Complex a;
    Complex b;

    prepare();
    for (guint i = 0; i < HALF; i++) {
        a.re[i] = in[2 * i];
        a.im[i] = in[2 * i + 1];
    }
    transform_half(&a, &b);
    out_re[0] = a.re[0] + a.im[0];
    out_im[0] = 0;
    out_re[HALF] = a.re[0] - a.im[0];
    out_im[HALF] = 0;
    /* Even and odd samples were one complex signal: taken apart by symmetry. */
    for (guint k = 1; k < HALF; k++) {
        gfloat even_re = 0.5f * (a.re[k] + a.re[HALF - k]);
        gfloat even_im = 0.5f * (a.im[k] - a.im[HALF - k]);
        gfloat odd_re = 0.5f * (a.im[k] + a.im[HALF - k]);
        gfloat odd_im = 0.5f * (a.re[HALF - k] - a.re[k]);

        out_re[k] = even_re + odd_re * cosines[k] - odd_im * sines[k];
        out_im[k] = even_im + odd_re * sines[k] + odd_im * cosines[k];
    }
}
