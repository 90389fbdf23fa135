/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>
#include <mcp/contract/synthesizer.h>

#include "request.h"

G_BEGIN_DECLS

/** McpSpeechSaid: a prompt to its end, and how long it took. */
typedef struct {
    char *engine;  /* nullable: it is not known */
    gboolean kept; /* it was said before */
    char *content_type;
    GBytes *sound;
    gint64 first_ms; /* until there was some of it */
    gint64 whole_ms;
} McpSpeechSaid;

/** mcp_speech_said_free: frees it. */
void mcp_speech_said_free(McpSpeechSaid *said);
/** mcp_speech_said_describe: (transfer full): as JSON; NULL with MCP_ERROR_INVALID: no audio. */
char *mcp_speech_said_describe(const McpSpeechSaid *said, GError **error);
/** mcp_speech_said_wave: (transfer full): as a WAV file; NULL as above. */
GBytes *mcp_speech_said_wave(const McpSpeechSaid *said, GError **error);

/**
 * mcp_speech_say_async: has it said, and waits for all of it: audio may still grow. Finishes on the
 * caller's context.
 * @say: read before it returns
 * @cancellable: of this trial alone: its deadline cancels it, too
 */
void mcp_speech_say_async(McpSynthesizer *synthesizer, McpClock *clock, const McpSpeechSay *say,
                          GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data);
/**
 * mcp_speech_say_finish: (transfer full): else the synthesizer's error, MCP_ERROR_TIMEOUT, LIMIT
 * for what is too long, or CLOSED when it was cancelled.
 */
McpSpeechSaid *mcp_speech_say_finish(GAsyncResult *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpSpeechSaid, mcp_speech_said_free)

G_END_DECLS
