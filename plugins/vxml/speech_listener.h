/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Grammars of mode voice, the recognition that is under way for them, and what its hypotheses mean.
 * On the call's shard.
 */
#pragma once
#include <mcp/contract/recognizer.h>

#include "session_private.h"

G_BEGIN_DECLS

typedef struct _McpVxmlSpeechListener McpVxmlSpeechListener;

/**
 * mcp_vxml_speech_listener_new: (transfer full) (nullable): for those of @compiled (McpGrammar,
 * nullable entries, as the action's grammars) that are of mode voice; NULL when none is.
 */
McpVxmlSpeechListener *mcp_vxml_speech_listener_new(McpVxmlSession *session, GPtrArray *compiled);
/** mcp_vxml_speech_listener_free: nullable. */
void mcp_vxml_speech_listener_free(McpVxmlSpeechListener *listener);
/** mcp_vxml_speech_listener_is_wanted: words count, and there is a recognizer for them. */
gboolean mcp_vxml_speech_listener_is_wanted(const McpVxmlSpeechListener *listener);
gboolean mcp_vxml_speech_listener_is_on(const McpVxmlSpeechListener *listener);
/**
 * mcp_vxml_speech_listener_begin: only while it is not on. But for hotwords the recognizer hears
 * nothing before mcp_vxml_speech_listener_hear(). FALSE: the leg cannot be listened to.
 */
gboolean mcp_vxml_speech_listener_begin(McpVxmlSpeechListener *listener, gboolean hotword,
                                        McpRecognitionFunc func, gpointer user_data,
                                        GError **error);
/** mcp_vxml_speech_listener_hear: what comes from @since (monotonic µs) on may be the caller's. */
void mcp_vxml_speech_listener_hear(McpVxmlSpeechListener *listener, gint64 since);
/** mcp_vxml_speech_listener_stop: as often as wanted; @listener is nullable. */
void mcp_vxml_speech_listener_stop(McpVxmlSpeechListener *listener);
/**
 * mcp_vxml_speech_listener_understand: (transfer full) (nullable): what @hypotheses mean, as
 * McpVxmlReading, the best first (VoiceXML 2.0 §5.1.5): those that a grammar takes, of at least the
 * page's confidencelevel, at most maxnbest. NULL with an error: tags of the best one went wrong.
 */
GPtrArray *mcp_vxml_speech_listener_understand(const McpVxmlSpeechListener *listener,
                                               const McpHypothesis *hypotheses, guint n_hypotheses,
                                               GError **error);

/** McpVxmlSpokenFunc: what was said ends the action. */
typedef void (*McpVxmlSpokenFunc)(McpVxmlSession *session, GPtrArray *readings);
/**
 * mcp_vxml_speech_listener_watch: listens for hotwords until there is a match, which calls @func
 * once; what matches nothing was not meant for us, and a recognizer that fails is done without.
 */
void mcp_vxml_speech_listener_watch(McpVxmlSpeechListener *listener, McpVxmlSpokenFunc func);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpVxmlSpeechListener, mcp_vxml_speech_listener_free)

G_END_DECLS
