/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "audio.h"
#include "recognizer.h"

G_BEGIN_DECLS

/**
 * McpGoogleAsrSession: audio on its way to the service: a stream, and another one when the first
 * has failed in a way that may pass or is as long as the service lets it be. Used on the context it
 * was made on.
 */
typedef struct _McpGoogleAsrSession McpGoogleAsrSession;

/**
 * McpGoogleAsrSessionEvents:
 * @answer: the service says something of the audio from @begin on
 * @anew: another stream begins: what was answered so far does not count
 * @ended: the stream has; @error is NULL when the service has said all of the audio before @next,
 *   else nothing more is tried
 * @tick: some time has passed
 * A session may be freed in any of them.
 */
typedef struct {
    void (*answer)(const McpGoogleAsrAnswer *answer, guint64 begin, gpointer user_data);
    void (*anew)(gpointer user_data);
    void (*ended)(const GError *error, guint64 next, gpointer user_data);
    void (*tick)(gpointer user_data);
} McpGoogleAsrSessionEvents;

/** McpGoogleAsrSessionParams: what a session works with; copied, what it names outlives it. */
typedef struct {
    McpGoogleAsrRecognizer *recognizer; /* whose latest service is asked */
    McpGoogleAsrConfig *config;
    const McpGoogleAsrSetup *setup;
    McpGoogleAsrAudio *audio;
    const char *call_id; /* nullable */
    const McpGoogleAsrSessionEvents *events;
    gpointer user_data; /* for them */
} McpGoogleAsrSessionParams;

/** mcp_google_asr_session_new: (transfer full): nothing is opened yet. */
McpGoogleAsrSession *mcp_google_asr_session_new(const McpGoogleAsrSessionParams *params);
/** mcp_google_asr_session_free: at any time; no event comes any more. */
void mcp_google_asr_session_free(McpGoogleAsrSession *session);
/** mcp_google_asr_session_pump: sends what is new of the audio; where there is no stream, one is
 * opened, and gets all that is kept. */
void mcp_google_asr_session_pump(McpGoogleAsrSession *session);
/** mcp_google_asr_session_end: there is no more audio; the service is to say all. */
void mcp_google_asr_session_end(McpGoogleAsrSession *session);
/** mcp_google_asr_session_drop: the stream is not needed any more; the next audio gets another. */
void mcp_google_asr_session_drop(McpGoogleAsrSession *session);
/** mcp_google_asr_session_is_ending: no more audio is taken. */
gboolean mcp_google_asr_session_is_ending(const McpGoogleAsrSession *session);
/** mcp_google_asr_session_needs: position from which on the audio has not been sent. */
guint64 mcp_google_asr_session_needs(const McpGoogleAsrSession *session);

G_END_DECLS
