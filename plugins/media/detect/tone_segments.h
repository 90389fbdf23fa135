/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "spectrum.h"

G_BEGIN_DECLS

/** MCP_MEDIA_SEGMENT_BLOCK_MS: times of segments are counted in blocks of 10 ms. */
#define MCP_MEDIA_SEGMENT_BLOCK_MS 10
#define MCP_MEDIA_SEGMENTS_REMEMBERED 16

/** McpMediaSegment: a stretch of sound or of silence. */
typedef struct {
    gboolean on;
    guint start;        /* blocks since init */
    guint length;       /* blocks; 0 while it lasts */
    guint frames;       /* spectra that lie wholly in it, one each 20 ms */
    guint tonal;        /* of them: one or two steady tones and nothing else */
    guint flat;         /* of them: noise */
    guint same;         /* of the tonal ones: those with the frequencies below */
    float frequency[2]; /* Hz, ascending; the second 0 when there is one tone */
} McpMediaSegment;

/**
 * McpMediaSegments: cuts the audio where sound begins and ends, against a noise floor that it
 * learns, and notes the tones of each sound.
 */
typedef struct {
    gint16 window[MCP_MEDIA_SPECTRUM_WINDOW];
    guint fresh;  /* samples of the present block */
    guint blocks; /* since init */
    float floor;  /* power of the noise */
    guint turned; /* blocks in a row that are not as the present segment */
    McpMediaSegment current;
    McpMediaSegment past[MCP_MEDIA_SEGMENTS_REMEMBERED]; /* a ring */
    guint n_past;                                        /* in all */
    McpMediaSpectrum spectrum;                           /* of the last frame; power 0: silence */
    gboolean has_spectrum;                               /* the last block brought one */
    gboolean has_ended;                                  /* the last block ended a segment */
} McpMediaSegments;

/** mcp_media_segments_init: Any thread. */
void mcp_media_segments_init(McpMediaSegments *segments);
/**
 * mcp_media_segments_push: takes samples of 8 kHz up to the end of a block.
 * @samples: (inout): moved on behind what was taken
 * @n: (inout): samples that are left
 *
 * Returns: whether a block is complete; then the flags of @segments tell what it brought. Media
 * worker; no allocation.
 */
gboolean mcp_media_segments_push(McpMediaSegments *segments, const gint16 **samples, gsize *n);
/** mcp_media_segments_past: (nullable): an earlier segment; 0 is the last that ended. */
const McpMediaSegment *mcp_media_segments_past(const McpMediaSegments *segments, guint age);
/** mcp_media_segments_forget: the past and what the present segment has collected. */
void mcp_media_segments_forget(McpMediaSegments *segments);
/** mcp_media_segment_is_tone: steady tones that did not change. */
gboolean mcp_media_segment_is_tone(const McpMediaSegment *segment);
/** mcp_media_segment_is_speech: sound that is neither tones nor noise, 60 ms of it at least. */
gboolean mcp_media_segment_is_speech(const McpMediaSegment *segment);

G_END_DECLS
