/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "fourier.h"

G_BEGIN_DECLS

/* The detector works at 8 kHz on windows of 40 ms, every 20 ms. */
#define MCP_MEDIA_VOICE_RATE 8000
#define MCP_MEDIA_VOICE_HOP 160
#define MCP_MEDIA_VOICE_WINDOW 320
#define MCP_MEDIA_VOICE_BANDS 16
/** MCP_MEDIA_VOICE_FIRST_BIN: 125 Hz: below is hum. */
#define MCP_MEDIA_VOICE_FIRST_BIN 8
#define MCP_MEDIA_VOICE_LAST_BIN 238

/**
 * McpMediaVoiceFramer: makes windows of 8 kHz out of samples of any number; 16 kHz is halved by a
 * short filter.
 */
typedef struct {
    guint step;     /* samples in for one of 8 kHz */
    gboolean odd;   /* the next one is the second of two */
    gfloat taps[8]; /* last samples in, of the halving filter */
    gfloat window[MCP_MEDIA_VOICE_WINDOW];
    guint filled; /* of the present hop; a full one is moved on by the next sample */
} McpMediaVoiceFramer;

/** McpMediaVoiceBands: log10 of mean power, 0 being full scale: 0.1 is 1 dB. */
typedef struct {
    gfloat band[MCP_MEDIA_VOICE_BANDS];
    gfloat full;                          /* 140 to 3720 Hz */
    gfloat power[MCP_MEDIA_FOURIER_BINS]; /* of each bin, linear */
} McpMediaVoiceBands;

/** mcp_media_voice_framer_init: @rate 8000 or 16000. */
void mcp_media_voice_framer_init(McpMediaVoiceFramer *self, guint rate);
/** mcp_media_voice_framer_missing: how many samples complete the present window. */
gsize mcp_media_voice_framer_missing(const McpMediaVoiceFramer *self);
/**
 * mcp_media_voice_framer_push:
 * @samples: (nullable): NULL is silence
 * @n: at most mcp_media_voice_framer_missing()
 */
void mcp_media_voice_framer_push(McpMediaVoiceFramer *self, const gint16 *samples, gsize n);
/** mcp_media_voice_framer_analyse: the complete window's spectrum. */
void mcp_media_voice_framer_analyse(const McpMediaVoiceFramer *self, McpMediaVoiceBands *out_bands);
/** mcp_media_voice_band_edges: MCP_MEDIA_VOICE_BANDS + 1 bins at which bands begin and end. */
const guint *mcp_media_voice_band_edges(void);

G_END_DECLS
