/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The set of calls in figures: how many are in which state, and what keeps new ones out. Any
 * thread.
 */
#include "call/figures.h"

#include "call/calls_private.h"
#include <string.h>

G_STATIC_ASSERT(MCP_CALLS_STATES == MCP_CALL_ENDED);

void
mcp_calls_measure(McpCalls *calls, McpCallsFigures *out_figures)
{
    g_autoptr(McpCallsConfig) config = mcp_calls_get_config(calls);
    GHashTableIter iter;
    gpointer call = NULL;

    memset(out_figures, 0, sizeof *out_figures);
    g_mutex_lock(&calls->lock);
    g_hash_table_iter_init(&iter, calls->running);
    while (g_hash_table_iter_next(&iter, NULL, &call)) {
        gint state = g_atomic_int_get(&((McpCall *)call)->state);

        if (state < MCP_CALLS_STATES)
            out_figures->states[state]++;
    }
    out_figures->full = g_hash_table_size(calls->running) >= config->max_calls;
    g_mutex_unlock(&calls->lock);
    out_figures->limit = config->max_calls;
    out_figures->draining = g_atomic_int_get(&calls->core->draining) != 0;
    out_figures->busy = mcp_load_guard_is_full(calls->load);
    out_figures->held = g_atomic_pointer_get(&calls->held) != NULL;
    out_figures->stuck = mcp_calls_is_stuck(calls) != NULL;
}

guint
mcp_calls_ender_label(const char *by)
{
    static const char *const enders[] = {"caller", "callee", "platform", "network"};
    guint label = 0;

    while (label < G_N_ELEMENTS(enders) - 1 && g_strcmp0(by, enders[label]) != 0)
        label++;
    return label;
}
