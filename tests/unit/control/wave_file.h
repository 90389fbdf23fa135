/* SPDX-License-Identifier: Apache-2.0 */
/* WAV files as tests need them. */
#pragma once
#include <math.h>
#include <sound/g711.h>
#include <sound/wave_header.h>

/* (transfer full): a tone of @hz for @ms; silence for 0 Hz. */
static inline GBytes *
wave_file(McpSoundEncoding encoding, guint rate, guint channels, guint hz, guint ms)
{
    const McpSoundContent content = {encoding, rate, channels, NULL, 0};
    guint n = rate * channels * ms / 1000;
    guint frame = encoding == MCP_SOUND_S16LE ? 2 : 1;
    GByteArray *file = g_byte_array_new();
    guint8 header[MCP_SOUND_WAVE_HEADER_MAX];

    g_byte_array_append(file, header, (guint)mcp_sound_wave_header(&content, n * frame, header));
    for (guint i = 0; i < n; i++) {
        gint16 sample = (gint16)lround(8000 * sin(2 * G_PI * hz * i / rate));
        guint8 coded[2] = {(guint8)sample, (guint8)((guint16)sample >> 8)};

        if (encoding == MCP_SOUND_MULAW)
            mcp_sound_mulaw_encode(&sample, 1, coded);
        g_byte_array_append(file, coded, frame);
    }
    return g_byte_array_free_to_bytes(file);
}
