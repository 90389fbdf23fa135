/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "audio.h"
#include "transcript.h"

G_BEGIN_DECLS

/**
 * McpGoogleAsrUtterance: what is said in a turn: the audio, and what the service has told of it.
 * What is heard here may be noise; what the service tells is late. Positions are samples. One
 * caller.
 */
typedef struct {
    McpGoogleAsrAudio audio;
    McpGoogleAsrTranscript *transcript;
    guint64 stream;     /* begin of the stream that was answered last */
    gboolean heard;     /* the service tells of speech */
    guint64 heard_from; /* its begin */
    guint64 quiet_from; /* where the service hears speech end; G_MAXUINT64: it goes on */
} McpGoogleAsrUtterance;

/** mcp_google_asr_utterance_init: @rate in Hz; @sensitivity of the request. */
void mcp_google_asr_utterance_init(McpGoogleAsrUtterance *utterance, guint rate,
                                   double sensitivity);
void mcp_google_asr_utterance_clear(McpGoogleAsrUtterance *utterance);
/** mcp_google_asr_utterance_place: @time µs of the stream that was answered last. */
guint64 mcp_google_asr_utterance_place(const McpGoogleAsrUtterance *utterance, gint64 time);
/** mcp_google_asr_utterance_hear: the service tells of speech from @position on. */
void mcp_google_asr_utterance_hear(McpGoogleAsrUtterance *utterance, guint64 position);
/** mcp_google_asr_utterance_has_speech: heard here, or told by the service. */
gboolean mcp_google_asr_utterance_has_speech(const McpGoogleAsrUtterance *utterance);
/** mcp_google_asr_utterance_get_end: position behind the last speech that is known of. */
guint64 mcp_google_asr_utterance_get_end(const McpGoogleAsrUtterance *utterance);
/** mcp_google_asr_utterance_get_length: µs of speech, with the pauses in it. */
gint64 mcp_google_asr_utterance_get_length(const McpGoogleAsrUtterance *utterance);
/** mcp_google_asr_utterance_get_silence: µs since the last speech. */
gint64 mcp_google_asr_utterance_get_silence(const McpGoogleAsrUtterance *utterance);
/** mcp_google_asr_utterance_is_understood: final words reach to the end of what was said. */
gboolean mcp_google_asr_utterance_is_understood(const McpGoogleAsrUtterance *utterance);
/** mcp_google_asr_utterance_repeat: the service hears it anew: nothing is answered yet. */
void mcp_google_asr_utterance_repeat(McpGoogleAsrUtterance *utterance);
/** mcp_google_asr_utterance_begin_anew: the next one is another one. It may have begun at @next,
 * while the service was asked for the last. */
void mcp_google_asr_utterance_begin_anew(McpGoogleAsrUtterance *utterance, guint64 next);
/** mcp_google_asr_utterance_forget: only so much audio is kept as a stream from now on would need,
 * and what follows @needed. */
void mcp_google_asr_utterance_forget(McpGoogleAsrUtterance *utterance, guint64 needed);

G_END_DECLS
