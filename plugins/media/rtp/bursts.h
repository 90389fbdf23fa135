/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * McpMediaBursts: how packet loss is spread: in bursts, or alone in the gaps between them (RFC 3611
 * §4.7.2 and appendix A.2, whose names these are). Media worker.
 */
typedef struct {
    guint packets; /* received since the last loss */
    guint lost;    /* in the present burst */
    guint64 c11, c13, c14, c22, c23, c33;
} McpMediaBursts;

/** McpMediaBurstReport: densities in 1/256, durations in ms. */
typedef struct {
    guint8 burst_density, gap_density;
    guint16 burst_ms, gap_ms;
} McpMediaBurstReport;

/** MCP_MEDIA_BURST_GMIN: a gap has at least so many packets without a loss (§4.7.2). */
#define MCP_MEDIA_BURST_GMIN 16

/** mcp_media_bursts_note: @lost packets did not come, then one did. */
void mcp_media_bursts_note(McpMediaBursts *bursts, guint lost);
/** mcp_media_bursts_report: since the beginning. @packet_ms: length of a packet. */
void mcp_media_bursts_report(const McpMediaBursts *bursts, guint packet_ms,
                             McpMediaBurstReport *out_report);

G_END_DECLS
