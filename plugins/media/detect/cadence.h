/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "tone_segments.h"

G_BEGIN_DECLS

/** MCP_MEDIA_CADENCE_TIMES: the longest list of on and off times. */
#define MCP_MEDIA_CADENCE_TIMES 6
#define MCP_MEDIA_EVIDENCE_BYTES 96

/** McpMediaSignal: what a cadence means. */
typedef enum {
    MCP_MEDIA_SIGNAL_RINGING,
    MCP_MEDIA_SIGNAL_BUSY,
    MCP_MEDIA_SIGNAL_CONGESTION,
} McpMediaSignal;

/** McpMediaCadence: a row of a country's table (ITU-T E.180 Supplement 2). */
typedef struct {
    const char *country; /* ISO 3166, two letters */
    const char *name;
    McpMediaSignal signal;
    float frequency[2];                        /* Hz, ascending; the second 0: one tone */
    guint16 times_ms[MCP_MEDIA_CADENCE_TIMES]; /* on, off, …, 0; on alone: a steady tone */
    guint tolerance;                           /* percent of each time, 40 ms at least */
} McpMediaCadence;

/**
 * mcp_media_cadences: the built-in rows of a country (US, GB, DE, FR, JP); (nullable) NULL when
 * there are none.
 * @country: (nullable): NULL for those of all
 * @out_n: how many
 *
 * Any thread.
 */
const McpMediaCadence *mcp_media_cadences(const char *country, guint *out_n);
/**
 * mcp_media_cadence_match: whether the segments are this cadence: a ringing tone when one cycle
 * is over but for the end of its last pause, others after two cycles and 1.5 s, a steady tone after
 * 2.5 s. It may have begun anywhere in its cycle.
 * @out_cycles: how many were heard
 *
 * Media worker; no allocation.
 */
gboolean mcp_media_cadence_match(const McpMediaCadence *cadence, const McpMediaSegments *segments,
                                 guint *out_cycles);
/**
 * mcp_media_cadence_explain: writes what was measured, "480+620 Hz, 0.50/0.50 s, 2 cycles".
 * @evidence: MCP_MEDIA_EVIDENCE_BYTES
 *
 * Media worker; no allocation.
 */
void mcp_media_cadence_explain(const McpMediaCadence *cadence, const McpMediaSegments *segments,
                               guint cycles, char *evidence);

G_END_DECLS
