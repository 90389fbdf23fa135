/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arithmetic of the bench. No state; any thread.
 */
#include "stats.h"

#include <math.h>
#include <stdlib.h>

static int
compare_values(const void *a, const void *b)
{
    gint64 left = *(const gint64 *)a;
    gint64 right = *(const gint64 *)b;
    return (left > right) - (left < right);
}

static gint64
value_at(const GArray *values, gsize i)
{
    return ((const gint64 *)(const void *)values->data)[i];
}

void
mcp_bench_sort(GArray *values)
{
    if (values->len > 1)
        qsort(values->data, values->len, sizeof(gint64), compare_values);
}

gint64
mcp_bench_percentile(const GArray *sorted, double percent)
{
    if (sorted->len == 0)
        return 0;
    double rank = ceil(CLAMP(percent, 0.0, 100.0) / 100.0 * sorted->len);
    gsize place = rank < 1.0 ? 0 : (gsize)rank - 1;
    return value_at(sorted, MIN(place, (gsize)sorted->len - 1));
}

double
mcp_bench_share_over(const GArray *sorted, gint64 limit)
{
    gsize low = 0;
    gsize high = sorted->len;
    while (low < high) {
        gsize middle = low + (high - low) / 2;
        if (value_at(sorted, middle) > limit)
            high = middle;
        else
            low = middle + 1;
    }
    return sorted->len == 0 ? 0.0 : (double)(sorted->len - low) / sorted->len;
}

double
mcp_bench_mean(const GArray *values)
{
    double sum = 0.0;
    for (gsize i = 0; i < values->len; i++)
        sum += (double)value_at(values, i);
    return values->len == 0 ? 0.0 : sum / values->len;
}

static gint64
offset_of(const McpBenchArrival *arrivals, gsize i, gint64 period_ns)
{
    return arrivals[i].time_ns - arrivals[0].time_ns -
           (arrivals[i].index - arrivals[0].index) * period_ns;
}

void
mcp_bench_deviation(const McpBenchArrival *arrivals, gsize n, gint64 period_ns, GArray *out_values)
{
    if (n == 0)
        return;
    double sum = 0.0;
    for (gsize i = 0; i < n; i++)
        sum += (double)offset_of(arrivals, i, period_ns);
    gint64 fit = llround(sum / (double)n);
    for (gsize i = 0; i < n; i++) {
        gint64 deviation = offset_of(arrivals, i, period_ns) - fit;
        gint64 absolute = deviation < 0 ? -deviation : deviation;
        g_array_append_val(out_values, absolute);
    }
}

/* Whole periods of silence, once it is longer than jitter can make it. */
static guint64
missed_in(gint64 silence_ns, gint64 period_ns)
{
    return silence_ns > period_ns + period_ns / 2 ? (guint64)(silence_ns / period_ns) : 0;
}

guint64
mcp_bench_packets_due(gint64 first_ns, gint64 last_ns, gint64 from_ns, gint64 until_ns,
                      gint64 period_ns)
{
    guint64 between = (guint64)((last_ns - first_ns + period_ns / 2) / period_ns) + 1;
    return between + missed_in(first_ns - from_ns, period_ns) +
           missed_in(until_ns - last_ns - 1, period_ns);
}
