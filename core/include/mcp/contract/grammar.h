/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/call.h>

G_BEGIN_DECLS

/**
 * The grammar contract: SRGS 1.0 grammars and the builtin ones, compiled once by content and shared
 * between calls; incremental matching of DTMF; SISR results.
 */
#define MCP_CONTRACT_GRAMMAR "grammar"
#define MCP_CONTRACT_GRAMMAR_MAJOR 1
#define MCP_CONTRACT_GRAMMAR_MINOR 3

/** McpGrammarMode: what a grammar listens to. */
typedef enum {
    MCP_GRAMMAR_VOICE,
    MCP_GRAMMAR_DTMF,
} McpGrammarMode;

/** McpGrammarSource: one grammar; either @uri or @bytes. Strings are copied. */
typedef struct {
    const char *uri;          /* http:, file: (with #rule), or "builtin:dtmf/digits?length=4" */
    GBytes *bytes;            /* inline text, nullable */
    const char *content_type; /* nullable: "application/srgs+xml" … */
    const char *base;         /* nullable: base URL of references and of @uri */
    const char *language;     /* nullable: xml:lang of the page */
    McpGrammarMode mode;      /* of an inline grammar that does not say */
    gint64 timeout;           /* µs for fetches; 0: configured */
    gint64 max_age;           /* seconds, -1 not said */
    gint64 max_stale;         /* seconds, -1 not said */
    McpCall *call;            /* nullable */
} McpGrammarSource;

/** McpGrammar: compiled, immutable. Any thread. */
typedef struct _McpGrammar McpGrammar;
/** McpDtmfMatcher: the state of one input against several grammars. One caller. */
typedef struct _McpDtmfMatcher McpDtmfMatcher;

/** McpMatchState: what the digits so far mean. */
typedef enum {
    MCP_MATCH_NONE,     /* no grammar can match any more */
    MCP_MATCH_PARTIAL,  /* more digits are needed */
    MCP_MATCH_MORE,     /* a grammar matches; more digits could also match */
    MCP_MATCH_COMPLETE, /* a grammar matches and no digit can follow */
} McpMatchState;

/** McpGrammarResult: of a match; freed with mcp_grammar_result_free(). */
typedef struct {
    guint index;          /* which grammar of the list: the first one given that matches */
    char *utterance;      /* raw digits, blank-separated as SRGS tokens: "1 2 3" */
    char *interpretation; /* JSON: SISR result; a string of the digits without tags */
} McpGrammarResult;

/** mcp_grammar_result_free: frees a result. */
void mcp_grammar_result_free(McpGrammarResult *result);

/** MCP_FSG_GARBAGE: word of an arc that takes any one word (GARBAGE of SRGS 1.0 §2.2.3). */
#define MCP_FSG_GARBAGE "\001garbage"

/** McpFsgArc: one step of a network of words. */
typedef struct {
    guint from;
    guint to;
    const char *word; /* as the grammar has it; NULL: nothing is said; MCP_FSG_GARBAGE */
    double weight;    /* against the other arcs of @from (SRGS 1.0 §2.4.1); 1: not said */
} McpFsgArc;

/** McpFsg: all that a grammar takes, as words from @start to @final; mcp_fsg_free(). */
typedef struct {
    guint n_states; /* numbered from 0 */
    guint start;
    guint final;
    guint n_arcs;
    McpFsgArc *arcs;
    GStringChunk *words; /* owns the arcs' words */
} McpFsg;

/** mcp_fsg_free: frees a network of words. */
void mcp_fsg_free(McpFsg *fsg);

#define MCP_TYPE_GRAMMAR_ENGINE (mcp_grammar_engine_get_type())
G_DECLARE_INTERFACE(McpGrammarEngine, mcp_grammar_engine, MCP, GRAMMAR_ENGINE, GObject)

/** McpGrammarEngineInterface: members as the functions below. */
struct _McpGrammarEngineInterface {
    GTypeInterface parent_iface;
    void (*compile_async)(McpGrammarEngine *self, const McpGrammarSource *source,
                          GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data);
    McpGrammar *(*compile_finish)(McpGrammarEngine *self, GAsyncResult *result, GError **error);
    McpGrammar *(*grammar_ref)(McpGrammarEngine *self, McpGrammar *grammar);
    void (*grammar_unref)(McpGrammarEngine *self, McpGrammar *grammar);
    McpGrammarMode (*get_mode)(McpGrammarEngine *self, McpGrammar *grammar);
    McpDtmfMatcher *(*matcher_new)(McpGrammarEngine *self, McpGrammar *const *grammars,
                                   guint n_grammars);
    McpMatchState (*matcher_feed)(McpGrammarEngine *self, McpDtmfMatcher *matcher, char digit);
    McpGrammarResult *(*matcher_result)(McpGrammarEngine *self, McpDtmfMatcher *matcher,
                                        GError **error);
    void (*matcher_free)(McpGrammarEngine *self, McpDtmfMatcher *matcher);
    McpGrammarResult *(*match_words)(McpGrammarEngine *self, McpGrammar *const *grammars,
                                     guint n_grammars, const char *words, GError **error);
    McpFsg *(*to_fsg)(McpGrammarEngine *self, McpGrammar *grammar, guint max_states,
                      GError **error);
    GPtrArray *(*list_matches)(McpGrammarEngine *self, McpGrammar *const *grammars,
                               guint n_grammars, const char *words, guint max, GError **error);
};

/**
 * mcp_grammar_engine_compile_async: fetches if need be, parses, compiles; finishes on the caller's
 * context.
 */
void mcp_grammar_engine_compile_async(McpGrammarEngine *engine, const McpGrammarSource *source,
                                      GCancellable *cancellable, GAsyncReadyCallback callback,
                                      gpointer user_data);
/**
 * mcp_grammar_engine_compile_finish: (transfer full): MCP_ERROR_INVALID with file:line for a fault
 * in
 * the grammar, MCP_ERROR_UNSUPPORTED for a format or builtin unknown, else the fetcher's errors.
 */
McpGrammar *mcp_grammar_engine_compile_finish(McpGrammarEngine *engine, GAsyncResult *result,
                                              GError **error);
/** mcp_grammar_ref: (transfer full). Any thread. */
McpGrammar *mcp_grammar_ref(McpGrammarEngine *engine, McpGrammar *grammar);
/** mcp_grammar_unref: Any thread. */
void mcp_grammar_unref(McpGrammarEngine *engine, McpGrammar *grammar);
/** mcp_grammar_get_mode: mode of the grammar. */
McpGrammarMode mcp_grammar_get_mode(McpGrammarEngine *engine, McpGrammar *grammar);
/**
 * mcp_grammar_matcher_new: (transfer full): for grammars of mode DTMF in order of precedence;
 * keeps references.
 */
McpDtmfMatcher *mcp_grammar_matcher_new(McpGrammarEngine *engine, McpGrammar *const *grammars,
                                        guint n_grammars);
/** mcp_grammar_matcher_feed: one digit more. */
McpMatchState mcp_grammar_matcher_feed(McpGrammarEngine *engine, McpDtmfMatcher *matcher,
                                       char digit);
/**
 * mcp_grammar_matcher_result: (transfer full): valid in MORE and COMPLETE; runs the tags (SISR).
 */
McpGrammarResult *mcp_grammar_matcher_result(McpGrammarEngine *engine, McpDtmfMatcher *matcher,
                                             GError **error);
/** mcp_grammar_matcher_free: frees the matcher. */
void mcp_grammar_matcher_free(McpGrammarEngine *engine, McpDtmfMatcher *matcher);
/**
 * mcp_grammar_match_words: (transfer full) (nullable): words that were said, blank-separated, as a
 * recognizer that returns no more heard them, against the grammars of mode voice; the first one
 * that matches gives the result (SISR). NULL without an error: none does.
 */
McpGrammarResult *mcp_grammar_match_words(McpGrammarEngine *engine, McpGrammar *const *grammars,
                                          guint n_grammars, const char *words, GError **error);
/**
 * mcp_grammar_list_matches: (transfer full): all that words, as above, may mean, as
 * McpGrammarResult: at most @max, by grammar in the order given, and of one that is ambiguous what
 * weighs most first (SRGS 1.0 §2.4.1); each differs from those before it. Empty: none matches. A
 * provider of minor 2 gives one.
 */
GPtrArray *mcp_grammar_list_matches(McpGrammarEngine *engine, McpGrammar *const *grammars,
                                    guint n_grammars, const char *words, guint max, GError **error);
/**
 * mcp_grammar_to_fsg: (transfer full): a grammar of mode voice with its rules written out, for
 * recognizers that know networks of words alone; tags are left out. MCP_ERROR_UNSUPPORTED with the
 * rule's name where a rule leads to itself, and for mode dtmf; MCP_ERROR_LIMIT for more than
 * @max_states states. Any thread.
 */
McpFsg *mcp_grammar_to_fsg(McpGrammarEngine *engine, McpGrammar *grammar, guint max_states,
                           GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpFsg, mcp_fsg_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpGrammarResult, mcp_grammar_result_free)

G_END_DECLS
