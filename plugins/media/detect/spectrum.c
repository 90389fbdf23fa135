/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tones in 64 ms of audio: a Fourier transform under a Hann window, and its highest peaks.
 * Media worker.
 */
#include "spectrum.h"

#include "fourier.h"
#include <math.h>

#define WINDOW MCP_MEDIA_SPECTRUM_WINDOW
G_STATIC_ASSERT(WINDOW == MCP_MEDIA_FOURIER_SIZE);
#define HALF (WINDOW / 2)
#define BIN_HZ ((float)MCP_MEDIA_NARROWBAND_RATE / WINDOW)
#define LOBE 2 /* bins to each side that a tone fills under a Hann window */
#define LOWEST_BIN 8
#define VOICE_FIRST 13 /* 200 Hz */
#define VOICE_LAST 218 /* 3400 Hz */
#define LEAST_SHARE 0.02f
#define HANN_POWER 0.375f /* mean of the squared window */

/* Written once under the g_once lock of mcp_media_spectrum_prepare(), read only after that. */
static float hann[WINDOW];

static void
fill_table(void)
{
    for (guint n = 0; n < WINDOW; n++)
        hann[n] = (float)(0.5 - 0.5 * cos(2 * G_PI * n / WINDOW));
}

void
mcp_media_spectrum_prepare(void)
{
    static gsize once;

    if (g_once_init_enter(&once)) {
        fill_table();
        g_once_init_leave(&once, 1);
    }
}

static void
power_spectrum(const gint16 *window, float *out_power)
{
    gfloat shaped[WINDOW];
    gfloat re[HALF + 1];
    gfloat im[HALF + 1];

    for (guint n = 0; n < WINDOW; n++)
        shaped[n] = window[n] * hann[n];
    mcp_media_fourier_transform(shaped, re, im);
    out_power[0] = 0;
    for (guint bin = 1; bin < HALF; bin++)
        out_power[bin] = re[bin] * re[bin] + im[bin] * im[bin];
}

/* Of a Hann window: the ratio of the two highest bins tells the place between them. */
static float
peak_frequency(const float *power, guint bin)
{
    gboolean is_above = power[bin + 1] > power[bin - 1];
    float neighbour = is_above ? power[bin + 1] : power[bin - 1];
    float ratio = sqrtf(neighbour / fmaxf(power[bin], 1e-9f));
    float offset = CLAMP((2 * ratio - 1) / (ratio + 1), 0, 0.5f);

    return ((float)bin + (is_above ? offset : -offset)) * BIN_HZ;
}

/* Adds up the lobe of a peak, which ends where the next one begins to rise. */
static float
lobe_power(const float *power, guint bin)
{
    float sum = power[bin];

    for (guint i = 1; i <= LOBE && bin + i < HALF; i++) {
        if (i > 1 && power[bin + i] > power[bin + i - 1])
            break;
        sum += power[bin + i];
    }
    for (guint i = 1; i <= LOBE && i < bin; i++) {
        if (i > 1 && power[bin - i] > power[bin - i + 1])
            break;
        sum += power[bin - i];
    }
    return sum;
}

static void
insert_peak(McpMediaSpectrum *spectrum, McpMediaPeak peak)
{
    guint at = spectrum->n_peaks;

    while (at > 0 && spectrum->peaks[at - 1].share < peak.share) {
        if (at < MCP_MEDIA_SPECTRUM_PEAKS)
            spectrum->peaks[at] = spectrum->peaks[at - 1];
        at--;
    }
    if (at < MCP_MEDIA_SPECTRUM_PEAKS)
        spectrum->peaks[at] = peak;
    spectrum->n_peaks = MIN(spectrum->n_peaks + 1, MCP_MEDIA_SPECTRUM_PEAKS);
}

static float
flatness(const float *power)
{
    float logarithms = 0;
    float sum = 0;

    for (guint bin = VOICE_FIRST; bin < VOICE_LAST; bin++) {
        logarithms += logf(power[bin] + 1);
        sum += power[bin];
    }
    return expf(logarithms / (VOICE_LAST - VOICE_FIRST)) / (sum / (VOICE_LAST - VOICE_FIRST) + 1);
}

void
mcp_media_spectrum_compute(const gint16 *window, McpMediaSpectrum *out_spectrum)
{
    float power[HALF];
    float sum = 0;

    power_spectrum(window, power);
    for (guint bin = 1; bin < HALF; bin++)
        sum += power[bin];
    out_spectrum->power = 2 * sum / ((float)WINDOW * WINDOW * HANN_POWER);
    out_spectrum->n_peaks = 0;
    out_spectrum->flatness = flatness(power);
    if (sum <= 0)
        return;
    for (guint bin = LOWEST_BIN; bin + 1 < HALF; bin++) {
        float lobe;

        if (power[bin] <= power[bin - 1] || power[bin] < power[bin + 1])
            continue;
        lobe = lobe_power(power, bin) / sum;
        if (lobe >= LEAST_SHARE) {
            McpMediaPeak peak = {peak_frequency(power, bin), MIN(lobe, 1)};

            insert_peak(out_spectrum, peak);
        }
    }
}
