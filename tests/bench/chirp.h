/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sound of 10 ms that is found again to the sample: a linear sweep from 500 to 3300 Hz at a rate
 * of 8000. What is said in a room begins with it, and the prompts of tests/bench/serve whose start
 * is measured. Pure functions and a plain struct, one thread each.
 */
#pragma once

#include "rtp_receive.h"

G_BEGIN_DECLS

#define MCP_BENCH_CHIRP 80 /* samples */

/* Adds a chirp to @samples, which has room for MCP_BENCH_CHIRP. */
void mcp_bench_chirp_add(gint16 *samples);
/* Place of a chirp's first sample in @n @samples, -1: none. */
gint mcp_bench_chirp_find(const gint16 *samples, guint n);

/* Listens for chirps across the packets of one stream. */
typedef struct {
    gint16 tail[MCP_BENCH_CHIRP - 1]; /* the end of what was heard, in which one may begin */
    gint64 tail_ns;                   /* when its packet came, plus that packet's length */
    gint64 next_index;
} McpBenchChirpEar;

/* A chirp that was heard. */
typedef struct {
    gint64 first_ns;     /* when the packet with its first sample came, plus the place in there */
    gboolean in_earlier; /* that was the packet before the one just taken */
} McpBenchChirpHeard;

/* Takes a packet. Returns: whether one was heard; not again for the same one. */
gboolean mcp_bench_chirp_ear_take(McpBenchChirpEar *ear, const McpBenchHeard *heard,
                                  McpBenchChirpHeard *out_heard);

G_END_DECLS
