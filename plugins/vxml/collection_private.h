/* SPDX-License-Identifier: Apache-2.0 */
/* The input that is awaited, as its two files see it. On the call's shard. */
#pragma once
#include <mcp/contract/recognizer.h>

#include "session_private.h"
#include "speech_listener.h"

G_BEGIN_DECLS

struct _McpVxmlCollection {
    GPtrArray *groups;             /* McpVxmlGroup: nullable until prepared */
    GArray *places;                /* guint: matcher index → index in the action's grammars */
    McpDtmfMatcher *matcher;       /* nullable: no grammar of mode DTMF */
    GPtrArray *active;             /* McpGrammar of the matcher, referenced */
    McpVxmlSpeechListener *speech; /* nullable: no grammar of mode voice */
    gboolean compiled;
    guint next_group;
    gboolean playing;
    gint64 silent_since; /* monotonic µs: the last prompt was over, or stopped; 0: not yet */
    gboolean hotword;    /* of the group that plays or played last */
    gboolean barge_in;
    GString *digits;
    McpMatchState state;
    gboolean complete; /* waits for a terminating character */
    McpTimer *timer;
    /* 2.1 §6.1: what is said is kept, and what came of it waits for the recording's end. */
    McpStoreStream *stream; /* nullable: recording */
    char *kept;             /* nullable: name of a recording that ended before the input did */
    gint64 kept_duration;
    guint64 kept_size;
    McpVxmlOutcome *result; /* nullable: owned, with its strings */
    McpTimer *stop_timer;
    McpTimer *verdict_timer; /* speech is over, and the recognizer has not said a word */
    gint64 input_ended;      /* monotonic µs: of the last key, or of what was said; 0: unknown */
};

/** mcp_vxml_collection_keys: what a grammar made of the keys ends the input. */
void mcp_vxml_collection_keys(McpVxmlSession *session, const McpGrammarResult *match);
/** mcp_vxml_collection_words: the same of words, McpVxmlReading, the best first, at least one. */
void mcp_vxml_collection_words(McpVxmlSession *session, GPtrArray *readings);
/**
 * mcp_vxml_collection_no_match: @best is what was heard or keyed, @readings (nullable) all that may
 * have been heard.
 */
void mcp_vxml_collection_no_match(McpVxmlSession *session, const McpHypothesis *best,
                                  const char *input_mode, GPtrArray *readings);
void mcp_vxml_collection_no_input(McpVxmlSession *session);
/** mcp_vxml_collection_keep: begins to keep what is said, if the page wants it and it can be. */
void mcp_vxml_collection_keep(McpVxmlSession *session);
/** mcp_vxml_collection_kept: the recording has ended; @recording nullable. */
void mcp_vxml_collection_kept(McpVxmlSession *session, const McpRecordingResult *recording);
void mcp_vxml_collection_forget(McpVxmlSession *session);
/** mcp_vxml_collection_go_on: what was heard is no input (hotword): the wait goes on. */
void mcp_vxml_collection_go_on(McpVxmlSession *session);

/* recognition.c */
/** mcp_vxml_recognition_wanted: words count, and there is a recognizer for them. */
gboolean mcp_vxml_recognition_wanted(McpVxmlSession *session);
/** mcp_vxml_recognition_begin: the caller may speak from now on; the input may be over after it. */
void mcp_vxml_recognition_begin(McpVxmlSession *session);
/** mcp_vxml_recognition_quiet: no prompt is played any more: the recognizer may hear everything. */
void mcp_vxml_recognition_quiet(McpVxmlSession *session);
/** mcp_vxml_recognition_take: what was recognized ends the input, unless it is no hotword. */
void mcp_vxml_recognition_take(McpVxmlSession *session, const McpHypothesis *hypotheses,
                               guint n_hypotheses);
void mcp_vxml_recognition_stop(McpVxmlSession *session);
/** mcp_vxml_recognition_event: SPEECH_STARTED or SPEECH_ENDED of the leg. */
void mcp_vxml_recognition_event(McpVxmlSession *session, const McpLegEvent *event);

G_END_DECLS
