/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * McpBucket: a token bucket: so many a second in the long run, so many at once. All zero is a full
 * one that was never used. Has no lock: its owner has.
 */
typedef struct {
    double taken; /* tokens that are missing at @at */
    gint64 at;    /* clock µs */
} McpBucket;

/**
 * mcp_bucket_has: whether a token is there at @now (clock µs). @rate tokens a second come back, 0
 * stands for no limit; @burst is what it holds, 0 for one second's worth, at least 1.
 */
gboolean mcp_bucket_has(const McpBucket *bucket, gint64 now, guint rate, guint burst);
/** mcp_bucket_take: takes a token; FALSE when there is none. Arguments as above. */
gboolean mcp_bucket_take(McpBucket *bucket, gint64 now, guint rate, guint burst);

G_END_DECLS
