/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>
#include <mcp/contract/recognizer.h>

#include "request.h"

G_BEGIN_DECLS

/**
 * mcp_speech_hear_async: a recognizer hears a file. Finishes on the caller's context.
 * @hear: read before it returns
 * @cancellable: of this trial alone: its deadline cancels it, too
 */
void mcp_speech_hear_async(McpRecognizer *recognizer, McpGrammarEngine *grammars, McpClock *clock,
                           const McpSpeechHear *hear, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data);
/**
 * mcp_speech_hear_finish: (transfer full): JSON: how it ended and what was heard; else the error of
 * grammar, audio or recognizer, MCP_ERROR_TIMEOUT, or CLOSED when it was cancelled.
 */
char *mcp_speech_hear_finish(GAsyncResult *result, GError **error);

G_END_DECLS
