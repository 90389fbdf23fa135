/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Token buckets. What is missing is kept, not what is there: a bucket of zeros is full, whatever
 * its size, and a change of rate or size needs no conversion. Pure functions, any thread.
 */
#include <mcp/bucket.h>

static double
missing_at(const McpBucket *bucket, gint64 now, guint rate)
{
    double back = (double)(now - bucket->at) * rate / G_USEC_PER_SEC;

    return back >= bucket->taken ? 0 : bucket->taken - MAX(back, 0);
}

static double
size_of(guint rate, guint burst)
{
    return burst > 0 ? burst : MAX(rate, 1);
}

gboolean
mcp_bucket_has(const McpBucket *bucket, gint64 now, guint rate, guint burst)
{
    return rate == 0 || missing_at(bucket, now, rate) + 1 <= size_of(rate, burst);
}

gboolean
mcp_bucket_take(McpBucket *bucket, gint64 now, guint rate, guint burst)
{
    if (rate == 0)
        return TRUE;
    if (!mcp_bucket_has(bucket, now, rate, burst))
        return FALSE;
    bucket->taken = missing_at(bucket, now, rate) + 1;
    bucket->at = now;
    return TRUE;
}
