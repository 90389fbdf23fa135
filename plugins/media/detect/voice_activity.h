/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "voice_model.h"

G_BEGIN_DECLS

/** McpMediaVoiceSettings: what a recognition asks for. */
typedef struct {
    gdouble sensitivity;     /* 0 … 1: 0.5 is right for most lines; more finds quieter speech */
    guint minimum_speech_ms; /* less than that is no speech; 20 to 1000 */
    guint end_silence_ms;    /* ends speech, as completetimeout of VoiceXML does; 20 or more */
} McpMediaVoiceSettings;

#define MCP_MEDIA_VOICE_SETTINGS_DEFAULT \
    ((McpMediaVoiceSettings){.sensitivity = 0.5, .minimum_speech_ms = 60, .end_silence_ms = 700})

typedef enum {
    MCP_MEDIA_VOICE_SPEECH_START,
    MCP_MEDIA_VOICE_SPEECH_END,
} McpMediaVoiceEventType;

/** McpMediaVoiceEvent: positions in samples of the input's rate since init. */
typedef struct {
    McpMediaVoiceEventType type;
    guint64 sample;  /* where speech began or ended */
    guint64 decided; /* how much had been heard when that was known */
} McpMediaVoiceEvent;

/**
 * McpMediaVoiceActivity: tells the caller's speech from noise, music, breath and the echo of our
 * own prompt. A plain struct, one an input; used on one media worker, allocates nothing.
 */
typedef struct {
    McpMediaVoiceSettings settings;
    guint rate;
    guint64 samples; /* taken so far */
    McpMediaVoiceFramer heard;
    McpMediaVoiceFramer sent;
    guint without_reference; /* samples since the last one with */
    McpMediaVoiceEcho echo;
    McpMediaVoiceBackground background;
    McpMediaVoiceMeter meter;
    McpMediaVoiceModel model;
    gfloat features[MCP_MEDIA_VOICE_FEATURES]; /* of the last hop */
    gfloat probability;                        /* of speech, of the last hop */
    guint64 lively;                            /* last 64 hops: 1 where it may be speech */
    guint64 loud;                              /* last 64 hops: 1 where it tops the background */
    gfloat evidence;                           /* sum of odds that counted */
    guint evidence_ms;                         /* of the hops that made it */
    gboolean speaking;
    guint64 last_speech; /* sample */
} McpMediaVoiceActivity;

/**
 * mcp_media_voice_activity_init:
 * @rate: 8000 or 16000 samples a second; the detector itself works at 8000
 * @settings: (nullable): copied and brought within range; NULL: the default
 */
void mcp_media_voice_activity_init(McpMediaVoiceActivity *self, guint rate,
                                   const McpMediaVoiceSettings *settings);
/**
 * mcp_media_voice_activity_take: judges samples, in hops of 20 ms whatever @n is.
 * @samples: @n samples that came in
 * @reference: (nullable): what was sent at the same time; NULL when nothing was
 * @n_reference: samples of it; fewer than @n are followed by silence, what is beyond @n is ignored
 * @out_events: room for @max events, oldest first; what does not fit is not reported
 *
 * Returns: how many events there are; at most one a hop. The probability of the last hop stays
 * in the struct.
 */
guint mcp_media_voice_activity_take(McpMediaVoiceActivity *self, const gint16 *samples, gsize n,
                                    const gint16 *reference, gsize n_reference,
                                    McpMediaVoiceEvent *out_events, guint max);
/** mcp_media_voice_activity_rearm: forgets speech that goes on, keeps what is known of the line. */
void mcp_media_voice_activity_rearm(McpMediaVoiceActivity *self);

G_END_DECLS
