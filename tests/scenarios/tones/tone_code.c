/* SPDX-License-Identifier: Apache-2.0 */
/* Finds numbers in tones, frame by frame. Any one thread. */
#include "tone_code.h"

#include <math.h>

#define QUIET 300.0 /* root mean square below which a frame is silence */
#define PURE 0.6    /* part of the energy that a tone has alone, at least */
#define SURE 2      /* frames in a row that make a tone */

/* Goertzel: the part of @energy that is at @pitch. */
static double
share_of(const gint16 *samples, guint n, double pitch, double energy)
{
    double k = 2 * cos(2 * G_PI * pitch / TONE_CODE_RATE);
    double one = 0;
    double two = 0;

    for (guint i = 0; i < n; i++) {
        double now = samples[i] + k * one - two;

        two = one;
        one = now;
    }
    return 2 * (one * one + two * two - k * one * two) / (n * energy);
}

/* Index of the pitch that a frame has, −1: none alone. */
static int
pitch_of(const gint16 *samples, guint n, double energy)
{
    for (int i = 0; i < TONE_CODE_PITCHES; i++)
        if (share_of(samples, n, TONE_CODE_LOWEST + TONE_CODE_STEP * i, energy) > PURE)
            return i;
    return -1;
}

gboolean
tone_code_feed(ToneCode *code, const gint16 *samples, guint n)
{
    double energy = 0;
    gboolean sounds;
    int pitch;

    for (guint i = 0; i < n; i++)
        energy += (double)samples[i] * samples[i];
    sounds = energy > QUIET * QUIET * n;
    pitch = sounds ? pitch_of(samples, n, energy) : -1;
    code->same = pitch + 1 == code->last ? code->same + 1 : 1;
    code->last = pitch + 1;
    if (pitch >= 0 && code->same == SURE) {
        if (code->n < TONE_CODE_LENGTH)
            code->tones[code->n] = (guint8)pitch;
        code->n = MIN(code->n + 1, TONE_CODE_LENGTH + 1);
    }
    return sounds;
}

int
tone_code_get(const ToneCode *code)
{
    guint8 check = code->tones[0] ^ code->tones[1] ^ TONE_CODE_CHECK;

    if (code->n != TONE_CODE_LENGTH || code->tones[2] != check)
        return -1;
    return code->tones[0] << 4 | code->tones[1];
}
