/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/tap.h>
#include <sound/endpoint.h>

G_BEGIN_DECLS

/**
 * McpGoogleAsrAudio: the latest of what a caller says, so that it can be sent again, and where in
 * it is speech. Positions are samples since its begin. One caller.
 */
typedef struct {
    McpEndpoint endpoint; /* its position is the end of the audio */
    GArray *samples;      /* gint16 */
    guint64 begin;        /* position of the first one that is kept */
    gint64 time;          /* monotonic µs of the end; 0: unknown */
} McpGoogleAsrAudio;

/** mcp_google_asr_audio_init: @rate in Hz; @sensitivity of the request. */
void mcp_google_asr_audio_init(McpGoogleAsrAudio *audio, guint rate, double sensitivity);
void mcp_google_asr_audio_clear(McpGoogleAsrAudio *audio);
/** mcp_google_asr_audio_take: a frame (MCP_TAP_S16) more. */
void mcp_google_asr_audio_take(McpGoogleAsrAudio *audio, const McpTapFrame *frame);
/** mcp_google_asr_audio_forget: what is before @position is not needed any more. */
void mcp_google_asr_audio_forget(McpGoogleAsrAudio *audio, guint64 position);
/** mcp_google_asr_audio_restart: speech before @position, which is kept, does not count. */
void mcp_google_asr_audio_restart(McpGoogleAsrAudio *audio, guint64 position);
/** mcp_google_asr_audio_get: @out_n samples from @position, which is kept, to the end. */
const gint16 *mcp_google_asr_audio_get(const McpGoogleAsrAudio *audio, guint64 position,
                                       gsize *out_n);
/** mcp_google_asr_audio_get_end: position behind the last sample. */
guint64 mcp_google_asr_audio_get_end(const McpGoogleAsrAudio *audio);
/** mcp_google_asr_audio_time_of: monotonic µs of @position; 0: unknown. */
gint64 mcp_google_asr_audio_time_of(const McpGoogleAsrAudio *audio, guint64 position);
/** mcp_google_asr_audio_samples: of @time µs. */
guint64 mcp_google_asr_audio_samples(const McpGoogleAsrAudio *audio, gint64 time);
/** mcp_google_asr_audio_us: µs of @samples. */
gint64 mcp_google_asr_audio_us(const McpGoogleAsrAudio *audio, guint64 samples);

G_END_DECLS
