/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "voice_bands.h"

G_BEGIN_DECLS

#define MCP_MEDIA_VOICE_MINIMA 6

/**
 * McpMediaVoiceBackground: what the line sounds like without the caller's speech: the lowest level
 * of the last second and a half a band (minimum statistics), and how loud it gets at times.
 */
typedef struct {
    guint hops; /* heard so far, saturated */
    gfloat smooth[MCP_MEDIA_VOICE_BANDS + 1];
    gfloat minima[MCP_MEDIA_VOICE_MINIMA][MCP_MEDIA_VOICE_BANDS + 1];
    guint minimum; /* the one that is being made */
    guint minimum_hops;
    /* log10 of power; the last one is the full band. */
    gfloat floor[MCP_MEDIA_VOICE_BANDS + 1];
    gfloat peak[MCP_MEDIA_VOICE_BANDS + 1];
    gfloat mean[MCP_MEDIA_VOICE_BANDS + 1];
    gfloat power[MCP_MEDIA_FOURIER_BINS]; /* mean of each bin, linear */
} McpMediaVoiceBackground;

/** mcp_media_voice_background_init: nothing was heard so far. */
void mcp_media_voice_background_init(McpMediaVoiceBackground *self);
/**
 * mcp_media_voice_background_learn: a hop of 20 ms.
 * @trust: 1 when it is surely background, 0 when it is surely speech
 */
void mcp_media_voice_background_learn(McpMediaVoiceBackground *self,
                                      const McpMediaVoiceBands *heard, gfloat trust);

G_END_DECLS
