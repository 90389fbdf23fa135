/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/host.h>

G_BEGIN_DECLS

/**
 * McpSpeechTrials: what operators see of speech engines, and try on them. A bounded number of
 * trials runs at once. Counted by reference; control context.
 */
typedef struct _McpSpeechTrials McpSpeechTrials;

/** mcp_speech_trials_new: (transfer full). */
McpSpeechTrials *mcp_speech_trials_new(McpHost *host);
/** mcp_speech_trials_close: drops a reference; trials that run end with MCP_ERROR_CLOSED. */
void mcp_speech_trials_close(McpSpeechTrials *trials);

/** mcp_speech_describe: adds an array "engines", and what is known of the prompt cache. */
void mcp_speech_describe(McpHost *host, McpJson *json);
/** mcp_speech_flush: synthesizers forget prompts; MCP_ERROR_UNSUPPORTED: none keeps any. */
gboolean mcp_speech_flush(McpHost *host, GError **error);

/**
 * mcp_speech_trials_say_async: has @body, as openapi.yaml has it, said.
 * @wave: the audio is wanted, not what is to be told of it
 */
void mcp_speech_trials_say_async(McpSpeechTrials *trials, GBytes *body, gboolean wave,
                                 GAsyncReadyCallback callback, gpointer user_data);
/** mcp_speech_trials_hear_async: has the audio of @body recognized. */
void mcp_speech_trials_hear_async(McpSpeechTrials *trials, GBytes *body,
                                  GAsyncReadyCallback callback, gpointer user_data);
/** mcp_speech_trials_finish: (transfer full): JSON, or a WAV file, of either. */
GBytes *mcp_speech_trials_finish(GAsyncResult *result, GError **error);

G_END_DECLS
