/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loses frames of speech and prints how far concealment, repetition of the last frame and silence
 * are from what was lost: segmental SNR of the lost 20 ms frames, and log-spectral distance of
 * windows of 40 ms around their beginnings, middles and ends, so that joints count. One thread.
 * tests/plugins/media/concealment.py judges.
 *
 * usage: concealment_tool FILE…
 */
#include "voice_material.h"

#include "codec/concealment.h"
#include "detect/fourier.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME 160
#define WINDOW 320
#define SNR_MIN -10.0
#define SNR_MAX 35.0
/* Frames with less than -45 dB of full scale are pauses. */
#define PAUSE 185.0
/* Spectra are compared down to -75 dB of full scale a bin. */
#define BIN_FLOOR 3e-8
#define MEAN_BURST 3.0
/* Each file is lost from so often; a single pattern would be much of chance. */
#define PATTERNS 6

typedef enum { METHOD_SILENCE, METHOD_REPEAT, METHOD_CONCEAL, METHODS } Method;
static const char *const method_names[] = {"silence", "repeat", "conceal"};

typedef struct {
    gdouble snr, distance;
    guint frames, windows;
} Score;

typedef struct {
    gint16 *good;
    gint16 *got;
    gboolean *lost;
    gsize frames;
} Stream;

/* Gilbert's model: bursts of @burst frames on average; one frame is chance alone. */
static void
lose(Stream *stream, gdouble share, gdouble burst, Chance *chance)
{
    gdouble leave = 1 / burst;
    gdouble enter = share * leave / (1 - share);
    gboolean bad = FALSE;

    for (gsize f = 0; f < stream->frames; f++) {
        gdouble at = chance_between(chance, 0, 1);

        if (burst <= 1)
            bad = at < share;
        else
            bad = bad ? at >= leave : at < enter;
        stream->lost[f] = bad;
    }
}

static void
receive(Stream *stream, Method method)
{
    McpMediaConcealment concealment;

    mcp_media_concealment_init(&concealment, MATERIAL_RATE);
    memcpy(stream->got, stream->good, stream->frames * FRAME * sizeof *stream->got);
    for (gsize f = 0; f < stream->frames; f++) {
        gint16 *frame = stream->got + f * FRAME;

        if (method == METHOD_CONCEAL && !stream->lost[f])
            mcp_media_concealment_put(&concealment, frame, FRAME);
        else if (method == METHOD_CONCEAL)
            mcp_media_concealment_conceal(&concealment, frame, FRAME);
        else if (stream->lost[f] && (method == METHOD_SILENCE || f == 0))
            memset(frame, 0, FRAME * sizeof *frame);
        else if (stream->lost[f])
            memcpy(frame, frame - FRAME, FRAME * sizeof *frame);
    }
}

static void
analyse(const gint16 *samples, gdouble *out_decibels)
{
    gfloat in[MCP_MEDIA_FOURIER_SIZE] = {0};
    gfloat re[MCP_MEDIA_FOURIER_BINS];
    gfloat im[MCP_MEDIA_FOURIER_BINS];

    for (guint i = 0; i < WINDOW; i++)
        in[i] = (gfloat)(samples[i] / 32768.0 * (0.5 - 0.5 * cos(2 * G_PI * (i + 0.5) / WINDOW)));
    mcp_media_fourier_transform(in, re, im);
    for (guint k = 0; k < MCP_MEDIA_FOURIER_BINS; k++) {
        gdouble power = ((gdouble)re[k] * re[k] + (gdouble)im[k] * im[k]) / WINDOW;

        out_decibels[k] = 10 * log10(power + BIN_FLOOR);
    }
}

static gdouble
spectral_distance(const gint16 *a, const gint16 *b)
{
    gdouble first[MCP_MEDIA_FOURIER_BINS];
    gdouble second[MCP_MEDIA_FOURIER_BINS];
    gdouble sum = 0;

    analyse(a, first);
    analyse(b, second);
    for (guint k = 0; k < MCP_MEDIA_FOURIER_BINS; k++)
        sum += (first[k] - second[k]) * (first[k] - second[k]);
    return sqrt(sum / MCP_MEDIA_FOURIER_BINS);
}

static void
compare(const Stream *stream, Score *score)
{
    for (gsize f = 1; f + 2 < stream->frames; f++) {
        const gint16 *good = stream->good + f * FRAME;
        const gint16 *got = stream->got + f * FRAME;
        gdouble energy = 0;
        gdouble error = 1;

        for (guint i = 0; i < FRAME; i++) {
            gdouble difference = (gdouble)good[i] - got[i];

            energy += (gdouble)good[i] * good[i];
            error += difference * difference;
        }
        if (!stream->lost[f] || sqrt(energy / FRAME) < PAUSE)
            continue;
        score->snr += CLAMP(10 * log10(energy / error), SNR_MIN, SNR_MAX);
        score->frames++;
        for (gint shift = -FRAME; shift <= 0; shift += FRAME / 2) {
            score->distance += spectral_distance(good + shift, got + shift);
            score->windows++;
        }
    }
}

static void
run(char **paths, gdouble share, gdouble burst)
{
    Score scores[METHODS] = {0};

    for (guint i = 0; paths[i] != NULL; i++) {
        Material *speech = material_load(paths[i], NULL);
        gsize frames = speech == NULL ? 0 : speech->n / FRAME;
        g_autofree gint16 *good = g_new0(gint16, frames * FRAME + 1);
        g_autofree gint16 *got = g_new0(gint16, frames * FRAME + 1);
        g_autofree gboolean *lost = g_new0(gboolean, frames + 1);
        Stream stream = {.good = good, .got = got, .lost = lost, .frames = frames};
        Chance chance = chance_seed((guint64)(share * 100) * 1000 + i);

        for (gsize n = 0; n < frames * FRAME; n++)
            good[n] = (gint16)CLAMP(speech->samples[n] * 32768, -32768, 32767);
        for (guint pattern = 0; pattern < PATTERNS; pattern++) {
            lose(&stream, share, burst, &chance);
            for (guint method = 0; method < METHODS; method++) {
                receive(&stream, method);
                compare(&stream, &scores[method]);
            }
        }
        material_free(speech);
    }
    for (guint method = 0; method < METHODS; method++)
        printf("%s %.0f %s %.2f %.2f %u\n", burst > 1 ? "bursts" : "random", share * 100,
               method_names[method], scores[method].snr / MAX(scores[method].frames, 1),
               scores[method].distance / MAX(scores[method].windows, 1), scores[method].frames);
}

int
main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: concealment_tool FILE…\n");
        return EXIT_FAILURE;
    }
    for (guint i = 0; i < 4; i++)
        run(argv + 1, i % 2 == 0 ? 0.05 : 0.15, i < 2 ? 1 : MEAN_BURST);
    return EXIT_SUCCESS;
}
