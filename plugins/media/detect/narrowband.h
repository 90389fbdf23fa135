/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** MCP_MEDIA_NARROWBAND_RATE: the rate that detectors of tones work at. */
#define MCP_MEDIA_NARROWBAND_RATE 8000
#define MCP_MEDIA_NARROWBAND_TAPS 31

/**
 * McpMediaNarrowband: brings samples of 8 or 16 kHz to 8 kHz; what lies above 4.8 kHz does not
 * fold down (half-band filter).
 */
typedef struct {
    guint factor;                              /* input samples an output sample: 1 or 2 */
    gboolean odd;                              /* half of a pair is in */
    gint16 history[MCP_MEDIA_NARROWBAND_TAPS]; /* newest at the end */
} McpMediaNarrowband;

/** mcp_media_narrowband_init: @rate 8000 or 16000; FALSE for others. Any thread. */
gboolean mcp_media_narrowband_init(McpMediaNarrowband *narrowband, guint rate);
/**
 * mcp_media_narrowband_take: as many of the samples as fill @out.
 * @samples: (inout): moved on behind what was taken
 * @n: (inout): samples that are left
 * @out: room for @max samples of 8 kHz
 *
 * Returns: how many samples are in @out; 0 only when @n is 0 too. Media worker.
 */
gsize mcp_media_narrowband_take(McpMediaNarrowband *narrowband, const gint16 **samples, gsize *n,
                                gint16 *out, gsize max);
/** mcp_media_narrowband_position: where an output sample lies in the input, in input samples. */
gint64 mcp_media_narrowband_position(const McpMediaNarrowband *narrowband, gint64 position);

G_END_DECLS
