/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "narrowband.h"

G_BEGIN_DECLS

/** MCP_MEDIA_SPECTRUM_WINDOW: samples of 8 kHz a spectrum is made of, 64 ms. */
#define MCP_MEDIA_SPECTRUM_WINDOW 512
/** MCP_MEDIA_SPECTRUM_PEAKS: tones told apart in one spectrum, strongest first. */
#define MCP_MEDIA_SPECTRUM_PEAKS 3

/** McpMediaPeak: a tone. */
typedef struct {
    float frequency; /* Hz, to about 1 Hz when it is alone */
    float share;     /* of the power of the whole spectrum, 0-1 */
} McpMediaPeak;

/** McpMediaSpectrum: what a window of audio is made of. */
typedef struct {
    float power; /* as the square of samples; 0: nothing there, no peaks */
    McpMediaPeak peaks[MCP_MEDIA_SPECTRUM_PEAKS];
    guint n_peaks;
    float flatness; /* of 200-3400 Hz: 0 tones, 0.1 voice, 0.5 and more noise */
} McpMediaSpectrum;

/** mcp_media_spectrum_prepare: computes the tables, once a process. Any thread. */
void mcp_media_spectrum_prepare(void);
/**
 * mcp_media_spectrum_compute: peaks 50 Hz apart are told apart.
 * @window: MCP_MEDIA_SPECTRUM_WINDOW samples of 8 kHz
 *
 * Media worker, after mcp_media_spectrum_prepare(); no allocation.
 */
void mcp_media_spectrum_compute(const gint16 *window, McpMediaSpectrum *out_spectrum);

G_END_DECLS
