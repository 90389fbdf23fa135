/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../codec/coder.h"
#include "../detect/voice_activity.h"
#include "ear.h"

G_BEGIN_DECLS

/** McpMediaVoiceFunc: speech began or ended at @time, monotonic µs. Media worker. */
typedef void (*McpMediaVoiceFunc)(gpointer owner, gboolean began, gint64 time, gint64 now);

/**
 * McpMediaVoice: finds speech in what a leg hears, and knows what the leg sends, so that its echo
 * is no speech. Made and freed on the leg's context, else used by its media worker.
 */
typedef struct _McpMediaVoice McpMediaVoice;

/**
 * mcp_media_voice_new: (transfer full).
 * @format: of what is sent
 * @rate: of the ear, 8000 or 16000
 */
McpMediaVoice *mcp_media_voice_new(const McpMediaFormat *format, guint rate, McpMediaVoiceFunc func,
                                   gpointer owner);
/** mcp_media_voice_free: frees it. */
void mcp_media_voice_free(McpMediaVoice *voice);
/** mcp_media_voice_arm: forgets speech that goes on, keeps what is known of the line. */
void mcp_media_voice_arm(McpMediaVoice *voice, const McpMediaVoiceSettings *settings);
/** mcp_media_voice_hear: an McpMediaHearFunc. */
void mcp_media_voice_hear(gpointer voice, const McpMediaHeard *heard, gint64 now);
/** mcp_media_voice_note_sent: a payload of audio that leaves now. */
void mcp_media_voice_note_sent(McpMediaVoice *voice, const guint8 *payload, gsize length);
/** mcp_media_voice_set_decoder: (transfer full): of another format. Returns: the one before. */
McpMediaDecoder *mcp_media_voice_set_decoder(McpMediaVoice *voice, McpMediaDecoder *decoder);

G_END_DECLS
