/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "plan.h"
#include <gio/gio.h>

#define MCP_SPEECH_VOICES "kal|slt|rms|awb"

/** mcp_speech_voice_known: whether @name is one of MCP_SPEECH_VOICES. Any thread. */
gboolean mcp_speech_voice_known(const char *name);

/**
 * mcp_speech_render:
 * @plan: what to say
 * @voice: one of MCP_SPEECH_VOICES
 * @rate: 8000 or 16000 Hz; a voice of 8000 Hz is not made finer
 * @abandoned: (nullable): looked at between pieces; when it is cancelled nobody wants the result
 *   any more
 * @out_rate: (out): rate of the result
 *
 * Returns: (transfer full) (nullable): 16-bit big-endian samples; MCP_ERROR_LIMIT when longer than
 * ten minutes. Compute pool, several at once.
 */
GBytes *mcp_speech_render(McpSpeechPlan *plan, const char *voice, guint rate,
                          GCancellable *abandoned, guint *out_rate, GError **error);
