/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * McpBackoff: how long to wait before each next try of what failed. All zero is one that nothing
 * has failed yet. Has no lock: its owner has.
 */
typedef struct {
    guint tries; /* waits handed out so far */
} McpBackoff;

/**
 * mcp_backoff_next: µs to wait before the next try: doubles from @first up to @most µs, less a
 * random part of up to a half, so that those who failed together do not come back together.
 */
gint64 mcp_backoff_next(McpBackoff *backoff, gint64 first, gint64 most);
/** mcp_backoff_reset: the next wait is a first one again. */
void mcp_backoff_reset(McpBackoff *backoff);

/**
 * McpBreaker: keeps work from a peer that fails anyway: after some failures in a row nothing is let
 * through for a while, then one try, whose end decides. All zero is closed, which lets everything
 * through. Has no lock: its owner has.
 */
typedef struct {
    guint failures; /* in a row */
    gint64 until;   /* clock µs; 0: closed */
    gboolean trying;
} McpBreaker;

/** mcp_breaker_allows: whether to try at @now (clock µs); the end of each try must be told. */
gboolean mcp_breaker_allows(McpBreaker *breaker, gint64 now);
/** mcp_breaker_succeeded: a try went well: closed. */
void mcp_breaker_succeeded(McpBreaker *breaker);
/**
 * mcp_breaker_failed: a try failed at @now (clock µs). @limit failures in a row open it for @pause
 * µs, as does a failed try after a pause.
 *
 * Returns: whether this failure opened it.
 */
gboolean mcp_breaker_failed(McpBreaker *breaker, gint64 now, guint limit, gint64 pause);
/** mcp_breaker_unknown: a try ended without telling anything of the peer, for it was cancelled. */
void mcp_breaker_unknown(McpBreaker *breaker);
/** mcp_breaker_is_open: whether it lets through less than everything. */
gboolean mcp_breaker_is_open(const McpBreaker *breaker);

G_END_DECLS
