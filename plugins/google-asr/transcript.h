/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "messages.h"

#include <mcp/contract/grammar.h>

G_BEGIN_DECLS

/**
 * McpGoogleAsrTranscript: what the service has made of a stream so far: pieces that are final, and
 * a guess at what follows them. One caller.
 */
typedef struct _McpGoogleAsrTranscript McpGoogleAsrTranscript;

/** McpGoogleAsrHeard: what may have been said. */
typedef struct {
    char *words;
    double confidence;    /* 0…1 */
    gint grammar;         /* -1: no grammar takes it, or its tags are in error */
    char *interpretation; /* nullable: JSON, with @grammar */
} McpGoogleAsrHeard;

/** McpGoogleAsrGrammars: what transcripts are read by; borrowed. */
typedef struct {
    McpGrammarEngine *engine;
    McpGrammar *const *list;
    guint count;
} McpGoogleAsrGrammars;

/** mcp_google_asr_transcript_new: (transfer full): of nothing. */
McpGoogleAsrTranscript *mcp_google_asr_transcript_new(void);
void mcp_google_asr_transcript_free(McpGoogleAsrTranscript *transcript);
/** mcp_google_asr_transcript_clear: nothing was said. */
void mcp_google_asr_transcript_clear(McpGoogleAsrTranscript *transcript);
/**
 * mcp_google_asr_transcript_take: @results (McpGoogleAsrResult) are the newest. Returns: whether
 * they change the best reading.
 */
gboolean mcp_google_asr_transcript_take(McpGoogleAsrTranscript *transcript, GPtrArray *results);
/** mcp_google_asr_transcript_get_best: the best reading so far, with the guess; "". */
const char *mcp_google_asr_transcript_get_best(const McpGoogleAsrTranscript *transcript);
/** mcp_google_asr_transcript_get_stability: of the guess; 1 without one. */
double mcp_google_asr_transcript_get_stability(const McpGoogleAsrTranscript *transcript);
/** mcp_google_asr_transcript_get_end: µs of the stream's audio that are read; 0: not said. */
gint64 mcp_google_asr_transcript_get_end(const McpGoogleAsrTranscript *transcript);
/** mcp_google_asr_transcript_is_final: there are final pieces, and no guess. */
gboolean mcp_google_asr_transcript_is_final(const McpGoogleAsrTranscript *transcript);
/** mcp_google_asr_transcript_matches: whether a grammar takes the best reading. */
gboolean mcp_google_asr_transcript_matches(const McpGoogleAsrTranscript *transcript,
                                           const McpGoogleAsrGrammars *grammars);
/**
 * mcp_google_asr_transcript_read: (transfer full) (element-type McpGoogleAsrHeard): what the final
 * pieces mean: at most @max ways in which grammars take them with @confidence or more, the best
 * first. Where there are none, what was heard.
 * @out_matched: (out): whether a grammar takes any of it
 */
GPtrArray *mcp_google_asr_transcript_read(const McpGoogleAsrTranscript *transcript,
                                          const McpGoogleAsrGrammars *grammars, guint max,
                                          double confidence, gboolean *out_matched);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpGoogleAsrTranscript, mcp_google_asr_transcript_free)

G_END_DECLS
