/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The deadline of a trial, and its end before that. One context.
 */
#include "trial.h"

#include <mcp/error.h>

static void
on_late(gpointer user_data)
{
    McpSpeechTrial *trial = user_data;

    trial->late = TRUE;
    g_cancellable_cancel(trial->cancellable);
}

static gboolean
on_cancelled(GCancellable *cancellable, gpointer user_data)
{
    McpSpeechTrial *trial = user_data;

    trial->end(trial->user_data);
    return G_SOURCE_REMOVE;
}

void
mcp_speech_trial_begin(McpSpeechTrial *trial, McpClock *clock, gint64 timeout,
                       GCancellable *cancellable)
{
    trial->clock = g_object_ref(clock);
    trial->cancellable = g_object_ref(cancellable);
    trial->timeout = timeout;
    trial->began = mcp_clock_now(clock);
    trial->deadline = mcp_clock_after(clock, NULL, timeout, on_late, trial);
    trial->cancelled = g_cancellable_source_new(cancellable);
    g_source_set_callback(trial->cancelled, G_SOURCE_FUNC(on_cancelled), trial, NULL);
    g_source_attach(trial->cancelled, g_main_context_get_thread_default());
}

void
mcp_speech_trial_clear(McpSpeechTrial *trial)
{
    mcp_timer_clear(&trial->deadline);
    if (trial->cancelled != NULL)
        g_source_destroy(trial->cancelled);
    g_clear_pointer(&trial->cancelled, g_source_unref);
    g_clear_object(&trial->cancellable);
    g_clear_object(&trial->clock);
}

gint64
mcp_speech_trial_ms(const McpSpeechTrial *trial)
{
    return (mcp_clock_now(trial->clock) - trial->began) / G_TIME_SPAN_MILLISECOND;
}

GError *
mcp_speech_trial_error(const McpSpeechTrial *trial)
{
    if (trial->late)
        return g_error_new(MCP_ERROR, MCP_ERROR_TIMEOUT, "not done within %" G_GINT64_FORMAT " ms",
                           trial->timeout / G_TIME_SPAN_MILLISECOND);
    return g_error_new(MCP_ERROR, MCP_ERROR_CLOSED, "the server stops");
}
