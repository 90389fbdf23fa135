/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../detect/voice_activity.h"

G_BEGIN_DECLS

/** MCP_MEDIA_SPEECH_BLOCK: samples of 20 ms at 16 kHz. */
#define MCP_MEDIA_SPEECH_BLOCK 320

/**
 * McpMediaSpeechEnd: whether somebody spoke in a recording, and since when it is quiet. Places are
 * samples of the recording's time line. A plain struct; media worker, allocates nothing.
 */
typedef struct {
    gboolean spoken;
    gint64 quiet_from; /* place */
    guint step;        /* samples of the recording for one that is looked at */
    guint block_size;
    guint n; /* of @block */
    gint32 sum;
    guint summed;
    guint voiced_ms; /* in a row */
    gint64 noise;    /* level of the quietest blocks, slowly rising */
    McpMediaVoiceActivity voice;
    gint16 block[MCP_MEDIA_SPEECH_BLOCK];
} McpMediaSpeechEnd;

/** mcp_media_speech_end_init: @rate: Hz of what it will take. */
void mcp_media_speech_end_init(McpMediaSpeechEnd *self, guint rate);
/** mcp_media_speech_end_take: what was heard; @end: the place behind it. */
void mcp_media_speech_end_take(McpMediaSpeechEnd *self, const gint16 *samples, guint n, gint64 end);
/** mcp_media_speech_end_skip: a pause of @n samples is over, in which nothing was taken. */
void mcp_media_speech_end_skip(McpMediaSpeechEnd *self, gint64 n);

G_END_DECLS
