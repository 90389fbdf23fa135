/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * McpAudio: immutable audio content: bytes with a media type and an identity. Shared by reference
 * between threads. The identity names the content for caches: equal identities mean equal bytes.
 */
typedef struct _McpAudio McpAudio;

/**
 * mcp_audio_new:
 * @bytes: (transfer none): the content
 * @content_type: "audio/x-wav", "audio/basic" (raw μ-law 8 kHz), "audio/x-alaw-basic",
 *   "audio/L16;rate=8000" (big-endian, RFC 3551 §4.5.11), "audio/x-au" …; a RIFF or .snd header
 *   wins
 * @id: (nullable): identity; NULL: a hash of the bytes is taken
 *
 * Returns: (transfer full). Any thread.
 */
McpAudio *mcp_audio_new(GBytes *bytes, const char *content_type, const char *id);
/** mcp_audio_ref: (transfer full). Any thread. */
McpAudio *mcp_audio_ref(McpAudio *audio);
/** mcp_audio_unref: Any thread. */
void mcp_audio_unref(McpAudio *audio);
/** mcp_audio_get_bytes: (transfer none). */
GBytes *mcp_audio_get_bytes(McpAudio *audio);
/** mcp_audio_get_content_type: (transfer none). */
const char *mcp_audio_get_content_type(McpAudio *audio);
/** mcp_audio_get_id: (transfer none). */
const char *mcp_audio_get_id(McpAudio *audio);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpAudio, mcp_audio_unref)

G_END_DECLS
