/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "voice_bands.h"

G_BEGIN_DECLS

/** MCP_MEDIA_VOICE_ECHO_LAGS: hops after which an echo may come, 0 to 620 ms: that of a line and a
 * jitter buffer. */
#define MCP_MEDIA_VOICE_ECHO_LAGS 32

/**
 * McpMediaVoiceEcho: what of our own prompt is to be expected back, a band. The delay is where the
 * rises of both signals agree best, the loss a high quantile of what came back so far.
 */
typedef struct {
    gboolean active; /* a reference was heard lately */
    guint quiet;     /* hops since it was */
    gfloat sent[MCP_MEDIA_VOICE_ECHO_LAGS][MCP_MEDIA_VOICE_BANDS];  /* newest at @newest */
    gfloat rises[MCP_MEDIA_VOICE_ECHO_LAGS][MCP_MEDIA_VOICE_BANDS]; /* changes of @sent */
    guint newest;
    gfloat agreement[MCP_MEDIA_VOICE_ECHO_LAGS];
    gfloat sent_change;
    gfloat heard_change;
    gfloat heard_before[MCP_MEDIA_VOICE_BANDS];
    gfloat loss[MCP_MEDIA_VOICE_BANDS];     /* log10 of echo over what was sent */
    gfloat expected[MCP_MEDIA_VOICE_BANDS]; /* log10 power, at most */
    gfloat expected_full;
    guint lag;        /* the delay in hops, where @certainty is high */
    gfloat certainty; /* 0 … 1 */
} McpMediaVoiceEcho;

/** mcp_media_voice_echo_init: no prompt was sent so far. */
void mcp_media_voice_echo_init(McpMediaVoiceEcho *self);
/**
 * mcp_media_voice_echo_sent: a hop of the prompt; before mcp_media_voice_echo_expect() of the same
 * hop.
 * @sent: (nullable): its bands; NULL when nothing is being sent
 */
void mcp_media_voice_echo_sent(McpMediaVoiceEcho *self, const McpMediaVoiceBands *sent);
/** mcp_media_voice_echo_expect: brings delay and @expected up to date for a hop that came in. */
void mcp_media_voice_echo_expect(McpMediaVoiceEcho *self, const McpMediaVoiceBands *heard);
/**
 * mcp_media_voice_echo_learn: adapts the loss to a hop that came in.
 * @floor: log10 of the line's noise a band, which is no echo
 * @trust: 1 when nobody but the prompt spoke, 0 when somebody surely did
 */
void mcp_media_voice_echo_learn(McpMediaVoiceEcho *self, const McpMediaVoiceBands *heard,
                                const gfloat *floor, gfloat trust);

G_END_DECLS
