/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "cadence.h"

G_BEGIN_DECLS

/** McpMediaSpecial: tones that are known by what they are, in any country. */
typedef enum {
    MCP_MEDIA_SPECIAL_NONE,
    MCP_MEDIA_SPECIAL_SIT,   /* special information tone, ITU-T E.180 */
    MCP_MEDIA_SPECIAL_FAX,   /* T.30 CNG or CED */
    MCP_MEDIA_SPECIAL_MODEM, /* V.8 ANSam, V.25 answer tone with reversals, Bell 103 */
    MCP_MEDIA_SPECIAL_BEEP,  /* a single tone that came and went */
} McpMediaSpecial;

/** McpMediaTonePart: one of the three tones of a special information tone. */
typedef struct {
    guint frames; /* 20 ms each */
    float frequency;
} McpMediaTonePart;

/** McpMediaSpecialTones: follows the tones that no cadence tells. */
typedef struct {
    McpMediaTonePart parts[3];
    guint part;        /* the one that lasts */
    guint part_misses; /* frames in a row */
    guint answer_frames, answer_misses;
    float answer_frequency;
    guint answer_blocks;   /* of 10 ms */
    float phase, step;     /* of 2100 Hz at the last block, and what it turned by */
    guint reversals, hold; /* hold: blocks until another one counts */
    float wave[2], height; /* 15 Hz in the height of the tone; sum of heights */
    guint beep_frames;
    float beep_frequency;
} McpMediaSpecialTones;

/** mcp_media_special_tones_init: Any thread. */
void mcp_media_special_tones_init(McpMediaSpecialTones *tones);
/**
 * mcp_media_special_tones_push: after each block of @segments.
 * @out_detail: which of its kind: of SIT "intercept", "vacant", "reorder", "no-circuit", "plain"
 *   or "other", of fax "cng" or "ced", of modem "ansam", "ans", "bell"; static
 * @evidence: what was measured, MCP_MEDIA_EVIDENCE_BYTES
 *
 * Returns: what has become certain with this block. Media worker; no allocation.
 */
McpMediaSpecial mcp_media_special_tones_push(McpMediaSpecialTones *tones,
                                             const McpMediaSegments *segments,
                                             const char **out_detail, char *evidence);

G_END_DECLS
