/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Back-off between the tries of what failed, and the breaker that stops trying for a while. Pure
 * functions on their owner's structs, any thread.
 */
#include <mcp/breaker.h>

/* Doubling stops long before it could overflow. */
#define MOST_DOUBLINGS 30

gint64
mcp_backoff_next(McpBackoff *backoff, gint64 first, gint64 most)
{
    gint64 wait = first;

    for (guint i = 0; i < MIN(backoff->tries, MOST_DOUBLINGS) && wait < most; i++)
        wait *= 2;
    backoff->tries++;
    return (gint64)((double)MIN(wait, most) * g_random_double_range(0.5, 1));
}

void
mcp_backoff_reset(McpBackoff *backoff)
{
    backoff->tries = 0;
}

gboolean
mcp_breaker_allows(McpBreaker *breaker, gint64 now)
{
    if (breaker->until == 0)
        return TRUE;
    if (breaker->trying || now < breaker->until)
        return FALSE;
    breaker->trying = TRUE;
    return TRUE;
}

void
mcp_breaker_succeeded(McpBreaker *breaker)
{
    *breaker = (McpBreaker){0};
}

/* Tries that were let through before it opened may still fail: they change nothing. */
gboolean
mcp_breaker_failed(McpBreaker *breaker, gint64 now, guint limit, gint64 pause)
{
    gboolean was_open = breaker->until != 0;

    if (was_open && !breaker->trying)
        return FALSE;
    breaker->failures++;
    if (!was_open && breaker->failures < limit)
        return FALSE;
    breaker->until = now + MAX(pause, 1);
    breaker->trying = FALSE;
    return TRUE;
}

void
mcp_breaker_unknown(McpBreaker *breaker)
{
    breaker->trying = FALSE;
}

gboolean
mcp_breaker_is_open(const McpBreaker *breaker)
{
    return breaker->until != 0;
}
