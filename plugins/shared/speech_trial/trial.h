/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/clock.h>

G_BEGIN_DECLS

/**
 * McpSpeechTrial: what trials have in common: when they began, and what ends them early. The
 * context on which it was begun.
 */
typedef struct {
    McpClock *clock;
    GCancellable *cancellable; /* cancelled at its deadline, too */
    McpTimer *deadline;
    GSource *cancelled;
    gint64 began;
    gint64 timeout;
    gboolean late;
    void (*end)(gpointer user_data); /* it was cancelled; once */
    gpointer user_data;
} McpSpeechTrial;

/** mcp_speech_trial_begin: @trial is zeroed but for end() and its data. */
void mcp_speech_trial_begin(McpSpeechTrial *trial, McpClock *clock, gint64 timeout,
                            GCancellable *cancellable);
/** mcp_speech_trial_clear: end() is not called any more. */
void mcp_speech_trial_clear(McpSpeechTrial *trial);
/** mcp_speech_trial_ms: since it began. */
gint64 mcp_speech_trial_ms(const McpSpeechTrial *trial);
/** mcp_speech_trial_error: (transfer full): why it was cancelled. */
GError *mcp_speech_trial_error(const McpSpeechTrial *trial);

G_END_DECLS
