/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arithmetic of the bench: percentiles, timing deviation of a packet stream, packets due.
 * Pure functions, any thread.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One received packet: its kernel receive time and its place on the sender's 20 ms grid. */
typedef struct {
    gint64 time_ns;
    gint64 index; /* packets since the first of the stream, by sequence number and pauses */
} McpBenchArrival;

/* Sorts @values (GArray of gint64) in place, for mcp_bench_percentile(). */
void mcp_bench_sort(GArray *values);

/* Nearest-rank percentile of a sorted GArray of gint64; @percent is 0 … 100. 0 when empty. */
gint64 mcp_bench_percentile(const GArray *sorted, double percent);

/* Share (0 … 1) of the sorted values that are above @limit. */
double mcp_bench_share_over(const GArray *sorted, gint64 limit);

/* Mean of a GArray of gint64; 0 when empty. */
double mcp_bench_mean(const GArray *values);

/*
 * Timing deviation of one stream: receive time − (first packet's time + period × index distance),
 * less the constant that fits best (least squares, hence the mean). Appends the absolute value of
 * each packet's deviation in nanoseconds to @out_values (GArray of gint64).
 */
void mcp_bench_deviation(const McpBenchArrival *arrivals, gsize n, gint64 period_ns,
                         GArray *out_values);

/*
 * Packets that a sender on a steady grid owes between @from_ns and @until_ns, when the first packet
 * in that time came at @first_ns and the last at @last_ns. Jitter below half a period does not
 * change the result; silence at either end of more than one period and a half does.
 */
guint64 mcp_bench_packets_due(gint64 first_ns, gint64 last_ns, gint64 from_ns, gint64 until_ns,
                              gint64 period_ns);

G_END_DECLS
