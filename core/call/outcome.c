/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a transfer or redirect went, on its way from a shard to who asked for it. Any thread.
 */
#include "call/outcome.h"

struct _McpOutcome {
    McpTransferFunc func;
    gpointer user_data;
    GMainContext *context;
    guint status;
    char *reason;
};

McpOutcome *
mcp_outcome_new(McpTransferFunc func, gpointer user_data)
{
    McpOutcome *outcome = g_new0(McpOutcome, 1);

    outcome->func = func;
    outcome->user_data = user_data;
    outcome->context = g_main_context_ref_thread_default();
    return outcome;
}

static void
outcome_free(gpointer data)
{
    McpOutcome *outcome = data;

    g_main_context_unref(outcome->context);
    g_free(outcome->reason);
    g_free(outcome);
}

static gboolean
run(gpointer data)
{
    const McpOutcome *outcome = data;

    outcome->func(outcome->status, outcome->reason, outcome->user_data);
    return G_SOURCE_REMOVE;
}

void
mcp_outcome_tell(McpOutcome *outcome, guint status, const char *reason)
{
    g_autoptr(GSource) source = g_idle_source_new();

    outcome->status = status;
    outcome->reason = g_strdup(reason != NULL ? reason : "");
    g_source_set_callback(source, run, outcome, outcome_free);
    g_source_attach(source, outcome->context);
}
