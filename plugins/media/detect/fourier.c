/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Fourier transform of one fixed size: radix 4 without reordering, on half the size, as the input
 * is real. Each stage leaves rows of contiguous values, so that the compiler makes vector code of
 * the inner loops. Media worker.
 */
#include "fourier.h"

#include <math.h>
#include <string.h>

#define HALF (MCP_MEDIA_FOURIER_SIZE / 2)

typedef struct {
    gfloat re[HALF];
    gfloat im[HALF];
} Complex;

/* Turns of the stages whose rows have 256, 64 and 16 values, one after the other. */
#define TURNS (64 + 16 + 4)

typedef struct {
    gfloat re[3][TURNS]; /* of the second, third and fourth quarter */
    gfloat im[3][TURNS];
} Turns;

static Turns turns;
/* exp(-2πik/512) */
static gfloat cosines[HALF];
static gfloat sines[HALF];

static void
prepare_turns(guint at, guint length)
{
    for (guint p = 0; p < length / 4; p++)
        for (guint j = 0; j < 3; j++) {
            gdouble angle = -2 * G_PI * (j + 1) * p / length;

            turns.re[j][at + p] = (gfloat)cos(angle);
            turns.im[j][at + p] = (gfloat)sin(angle);
        }
}

static void
prepare(void)
{
    static gsize ready = 0;

    if (!g_once_init_enter(&ready))
        return;
    for (guint i = 0; i < HALF; i++) {
        cosines[i] = (gfloat)cos(2 * G_PI * i / MCP_MEDIA_FOURIER_SIZE);
        sines[i] = (gfloat)-sin(2 * G_PI * i / MCP_MEDIA_FOURIER_SIZE);
    }
    prepare_turns(0, 256);
    prepare_turns(64, 64);
    prepare_turns(64 + 16, 16);
    g_once_init_leave(&ready, 1);
}

/*
 * @rows of @length values each become four times as many of a quarter of it. Inlined, so that both
 * are constants.
 */
static G_ALWAYS_INLINE inline void
stage(const Complex *restrict in, Complex *restrict out, guint rows, guint length, guint turn)
{
    const guint quarter = length / 4;

    for (guint row = 0; row < rows; row++) {
        const gfloat *restrict re = in->re + row * length;
        const gfloat *restrict im = in->im + row * length;
        gfloat *restrict to_re = out->re + row * quarter;
        gfloat *restrict to_im = out->im + row * quarter;
        const guint apart = rows * quarter;

        for (guint p = 0; p < quarter; p++) {
            gfloat sum_re = re[p] + re[p + 2 * quarter];
            gfloat sum_im = im[p] + im[p + 2 * quarter];
            gfloat difference_re = re[p] - re[p + 2 * quarter];
            gfloat difference_im = im[p] - im[p + 2 * quarter];
            gfloat odd_re = re[p + quarter] + re[p + 3 * quarter];
            gfloat odd_im = im[p + quarter] + im[p + 3 * quarter];
            gfloat turned_re = im[p + quarter] - im[p + 3 * quarter];
            gfloat turned_im = re[p + 3 * quarter] - re[p + quarter];
            gfloat a_re = difference_re + turned_re;
            gfloat a_im = difference_im + turned_im;
            gfloat b_re = sum_re - odd_re;
            gfloat b_im = sum_im - odd_im;
            gfloat c_re = difference_re - turned_re;
            gfloat c_im = difference_im - turned_im;
            const gfloat *w = turns.re[0] + turn + p;
            const gfloat *v = turns.im[0] + turn + p;

            to_re[p] = sum_re + odd_re;
            to_im[p] = sum_im + odd_im;
            to_re[p + apart] = a_re * w[0] - a_im * v[0];
            to_im[p + apart] = a_re * v[0] + a_im * w[0];
            to_re[p + 2 * apart] = b_re * w[TURNS] - b_im * v[TURNS];
            to_im[p + 2 * apart] = b_re * v[TURNS] + b_im * w[TURNS];
            to_re[p + 3 * apart] = c_re * w[2 * TURNS] - c_im * v[2 * TURNS];
            to_im[p + 3 * apart] = c_re * v[2 * TURNS] + c_im * w[2 * TURNS];
        }
    }
}

/* Rows of four values, which are not turned any more. */
static void
last_stage(const Complex *restrict in, Complex *restrict out)
{
    for (guint row = 0; row < HALF / 4; row++) {
        const gfloat *re = in->re + 4 * row;
        const gfloat *im = in->im + 4 * row;

        out->re[row] = (re[0] + re[2]) + (re[1] + re[3]);
        out->im[row] = (im[0] + im[2]) + (im[1] + im[3]);
        out->re[row + HALF / 4] = (re[0] - re[2]) + (im[1] - im[3]);
        out->im[row + HALF / 4] = (im[0] - im[2]) + (re[3] - re[1]);
        out->re[row + HALF / 2] = (re[0] + re[2]) - (re[1] + re[3]);
        out->im[row + HALF / 2] = (im[0] + im[2]) - (im[1] + im[3]);
        out->re[row + HALF * 3 / 4] = (re[0] - re[2]) - (im[1] - im[3]);
        out->im[row + HALF * 3 / 4] = (im[0] - im[2]) - (re[3] - re[1]);
    }
}

static void
transform_half(Complex *a, Complex *b)
{
    stage(a, b, 1, 256, 0);
    stage(b, a, 4, 64, 64);
    stage(a, b, 16, 16, 64 + 16);
    last_stage(b, a);
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
