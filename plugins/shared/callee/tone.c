/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tones that callers hear while they wait. Pure function, any thread.
 */
#include "tone.h"

#include <math.h>

#define RATE 8000
#define AMPLITUDE 5000 /* about -16 dBm0, as exchanges send their tones */
#define FADE 40        /* samples without a click at both ends */

McpAudio *
mcp_tone_new(guint pitch, guint ms)
{
    gsize n = (gsize)ms * RATE / 1000;
    gint16 *samples = g_new(gint16, n);
    g_autoptr(GBytes) bytes = NULL;
    g_autofree char *id = g_strdup_printf("tone:%u:%u", pitch, ms);

    for (gsize i = 0; i < n; i++) {
        gsize edge = MIN(MIN(i, n - 1 - i), FADE);
        double level = AMPLITUDE * (double)edge / FADE;

        /* RFC 3551 §4.5.11: big-endian. */
        samples[i] = GINT16_TO_BE((gint16)(level * sin(2 * G_PI * pitch * (double)i / RATE)));
    }
    bytes = g_bytes_new_take(samples, n * sizeof *samples);
    return mcp_audio_new(bytes, "audio/L16;rate=8000", id);
}
