/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

/** McpEndpoint: where speech begins and ends, by its loudness. Positions are samples. */
typedef struct {
    guint rate;    /* Hz */
    double margin; /* dB over the floor that are speech */
    double floor;  /* dB below full scale: the line's noise */
    guint64 position;
    guint64 active; /* samples of activity just before @position */
    gboolean speaking;
    guint64 onset;  /* first sample of speech, once @speaking */
    guint64 spoken; /* samples of activity since the onset */
    guint64 last;   /* first sample after the last speech so far */
} McpEndpoint;

/** mcp_endpoint_init: @rate in Hz; @sensitivity 0 … 1: 0.5 for most lines. */
void mcp_endpoint_init(McpEndpoint *self, guint rate, double sensitivity);
/** mcp_endpoint_feed: @n linear samples. */
void mcp_endpoint_feed(McpEndpoint *self, const gint16 *samples, gsize n);
/** mcp_endpoint_restart: what was said does not count; what is known of the line stays. */
void mcp_endpoint_restart(McpEndpoint *self);
/** mcp_endpoint_silence: µs since the last speech. */
gint64 mcp_endpoint_silence(const McpEndpoint *self);
