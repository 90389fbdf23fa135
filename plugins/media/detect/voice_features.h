/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "voice_background.h"
#include "voice_echo.h"

G_BEGIN_DECLS

/** McpMediaVoiceFeature: what a hop of 20 ms is judged by. Levels: 1 is 10 dB. */
typedef enum {
    MCP_MEDIA_VOICE_LEVEL,           /* of full scale, plus 4 */
    MCP_MEDIA_VOICE_OVER_FLOOR,      /* full band */
    MCP_MEDIA_VOICE_OVER_PEAK,       /* full band, over the background's peaks */
    MCP_MEDIA_VOICE_OVER_ECHO,       /* full band, over the echo expected; 3: no prompt */
    MCP_MEDIA_VOICE_MEAN_OVER_FLOOR, /* mean of bands */
    MCP_MEDIA_VOICE_MEAN_OVER,       /* mean of bands, over peaks and echo */
    MCP_MEDIA_VOICE_MEAN_OVER_ECHO,  /* mean of bands */
    MCP_MEDIA_VOICE_LOW_OVER,        /* to 660 Hz */
    MCP_MEDIA_VOICE_MIDDLE_OVER,     /* to 1860 Hz */
    MCP_MEDIA_VOICE_HIGH_OVER,       /* to 3720 Hz */
    MCP_MEDIA_VOICE_BANDS_OVER,      /* share of bands over peaks and echo by 3 dB */
    MCP_MEDIA_VOICE_PERIODICITY,     /* of what exceeds the background, 0 … 1 */
    MCP_MEDIA_VOICE_PITCH,           /* octaves over 100 Hz */
    MCP_MEDIA_VOICE_PITCH_CHANGE,    /* octaves since the hop before */
    MCP_MEDIA_VOICE_EXCESS,          /* share of the magnitude that exceeds the background */
    MCP_MEDIA_VOICE_FLATNESS,        /* log10 of geometric over arithmetic mean of bins */
    MCP_MEDIA_VOICE_RISE,            /* mean of bands */
    MCP_MEDIA_VOICE_FALL,            /* mean of bands */
    MCP_MEDIA_VOICE_TILT,            /* low over high bands */
    MCP_MEDIA_VOICE_SHAPE_2,         /* cosine transform of the bands */
    MCP_MEDIA_VOICE_SHAPE_3,
    MCP_MEDIA_VOICE_OVER_USUAL,      /* full band, over the background's mean */
    MCP_MEDIA_VOICE_MEAN_OVER_USUAL, /* mean of bands, over the background's means */
    MCP_MEDIA_VOICE_UNREST,          /* background: peaks over floor */
    MCP_MEDIA_VOICE_FEATURES,
} McpMediaVoiceFeature;

/** McpMediaVoiceMeter: what is remembered from one hop to the next. */
typedef struct {
    gfloat before[MCP_MEDIA_VOICE_BANDS];
    gfloat pitch; /* octaves over 100 Hz */
} McpMediaVoiceMeter;

/** mcp_media_voice_meter_init: nothing was heard so far. */
void mcp_media_voice_meter_init(McpMediaVoiceMeter *self);
/**
 * mcp_media_voice_meter_measure: the features of a hop.
 * @echo: brought up to date for this hop
 * @background: as it was before this hop
 * @out_features: (out): MCP_MEDIA_VOICE_FEATURES values
 */
void mcp_media_voice_meter_measure(McpMediaVoiceMeter *self, const McpMediaVoiceBands *heard,
                                   const McpMediaVoiceEcho *echo,
                                   const McpMediaVoiceBackground *background, gfloat *out_features);

G_END_DECLS
