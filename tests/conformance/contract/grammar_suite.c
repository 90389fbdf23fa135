/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar contract (mcp/contract/grammar.h): compilation and its failures, matching digit by
 * digit, results, references.
 */
#include "grammar_suite.h"

#include "contract.h"

#include <string.h>

#define TWELVE GRAMMAR_DTMF("<one-of><item>1 2</item><item>1 2 3</item></one-of>")
#define TWELVE_ONLY GRAMMAR_DTMF("1 2")

static McpGrammarEngine *engine;

static McpGrammar *
compile(const McpGrammarSource *source, GError **error)
{
    Finished finished = {0};
    McpGrammar *grammar = NULL;

    mcp_grammar_engine_compile_async(engine, source, NULL, on_finished, &finished);
    g_assert_cmpuint(finished.times, ==, 0);
    finished_wait(&finished);
    grammar = mcp_grammar_engine_compile_finish(engine, finished.result, error);
    finished_clear(&finished);
    return grammar;
}

static McpGrammarSource
source_of(const char *uri, GBytes *bytes)
{
    return (McpGrammarSource){.uri = uri,
                              .bytes = bytes,
                              .base = GRAMMAR_BASE "page.vxml",
                              .mode = MCP_GRAMMAR_DTMF,
                              .max_age = -1,
                              .max_stale = -1};
}

static McpGrammar *
compile_text(const char *text, GError **error)
{
    g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
    McpGrammarSource source = source_of(NULL, bytes);

    return compile(&source, error);
}

static McpGrammar *
compile_uri(const char *uri, GError **error)
{
    McpGrammarSource source = source_of(uri, NULL);

    return compile(&source, error);
}

static McpGrammar *
good(const char *text)
{
    g_autoptr(GError) error = NULL;
    McpGrammar *grammar = compile_text(text, &error);

    g_assert_no_error(error);
    return grammar;
}

static McpMatchState
feed(McpDtmfMatcher *matcher, const char *digits)
{
    McpMatchState state = MCP_MATCH_NONE;

    for (const char *digit = digits; *digit != '\0'; digit++)
        state = mcp_grammar_matcher_feed(engine, matcher, *digit);
    return state;
}

static void
expect_state(McpGrammar *grammar, const char *digits, McpMatchState state)
{
    McpDtmfMatcher *matcher = mcp_grammar_matcher_new(engine, &grammar, 1);

    g_assert_cmpint(feed(matcher, digits), ==, state);
    mcp_grammar_matcher_free(engine, matcher);
}

static void
test_mode(void)
{
    McpGrammar *grammar = good(GRAMMAR_ONE);

    g_assert_cmpint(mcp_grammar_get_mode(engine, grammar), ==, MCP_GRAMMAR_DTMF);
    mcp_grammar_unref(engine, grammar);
}

static void
test_states(void)
{
    McpGrammar *grammar = good(TWELVE);

    expect_state(grammar, "1", MCP_MATCH_PARTIAL);
    expect_state(grammar, "12", MCP_MATCH_MORE);
    expect_state(grammar, "123", MCP_MATCH_COMPLETE);
    expect_state(grammar, "9", MCP_MATCH_NONE);
    expect_state(grammar, "1234", MCP_MATCH_NONE);
    /* "no grammar can match any more": nor does a later digit help. */
    expect_state(grammar, "9123", MCP_MATCH_NONE);
    mcp_grammar_unref(engine, grammar);
}

/* "raw digits, blank-separated as SRGS tokens", "a string of the digits without tags" */
static void
test_result(void)
{
    McpGrammar *grammar = good(TWELVE);
    McpDtmfMatcher *matcher = mcp_grammar_matcher_new(engine, &grammar, 1);
    g_autoptr(McpGrammarResult) result = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(feed(matcher, "123"), ==, MCP_MATCH_COMPLETE);
    result = mcp_grammar_matcher_result(engine, matcher, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(result->index, ==, 0);
    g_assert_cmpstr(result->utterance, ==, "1 2 3");
    g_assert_cmpstr(result->interpretation, ==, "\"123\"");
    mcp_grammar_matcher_free(engine, matcher);
    mcp_grammar_unref(engine, grammar);
}

/* "valid in MORE and COMPLETE" */
static void
test_no_result(void)
{
    McpGrammar *grammar = good(TWELVE);
    McpDtmfMatcher *matcher = mcp_grammar_matcher_new(engine, &grammar, 1);
    g_autoptr(GError) error = NULL;

    g_assert_cmpint(feed(matcher, "1"), ==, MCP_MATCH_PARTIAL);
    g_assert_null(mcp_grammar_matcher_result(engine, matcher, &error));
    g_assert_nonnull(error);
    mcp_grammar_matcher_free(engine, matcher);
    mcp_grammar_unref(engine, grammar);
}

/* "runs the tags (SISR)" */
static void
test_tag(void)
{
    McpGrammar *grammar = good(GRAMMAR_DTMF("<item>1<tag>out = \"yes\";</tag></item>"));
    McpDtmfMatcher *matcher = mcp_grammar_matcher_new(engine, &grammar, 1);
    g_autoptr(McpGrammarResult) result = NULL;

    g_assert_cmpint(feed(matcher, "1"), ==, MCP_MATCH_COMPLETE);
    result = mcp_grammar_matcher_result(engine, matcher, NULL);
    g_assert_cmpstr(result->interpretation, ==, "\"yes\"");
    mcp_grammar_matcher_free(engine, matcher);
    mcp_grammar_unref(engine, grammar);
}

/* "in order of precedence": the first one given that matches; the matcher "keeps references". */
static void
test_precedence(void)
{
    McpGrammar *grammars[] = {good(GRAMMAR_DTMF("7")), good(TWELVE), good(TWELVE_ONLY)};
    McpDtmfMatcher *matcher = mcp_grammar_matcher_new(engine, grammars, 3);
    g_autoptr(McpGrammarResult) result = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(grammars); i++)
        mcp_grammar_unref(engine, grammars[i]);
    g_assert_cmpint(feed(matcher, "12"), ==, MCP_MATCH_MORE);
    result = mcp_grammar_matcher_result(engine, matcher, NULL);
    g_assert_cmpuint(result->index, ==, 1);
    mcp_grammar_matcher_free(engine, matcher);
}

static void
test_builtin(void)
{
    g_autoptr(GError) error = NULL;
    McpGrammar *grammar = compile_uri("builtin:dtmf/digits?length=4", &error);

    g_assert_no_error(error);
    g_assert_cmpint(mcp_grammar_get_mode(engine, grammar), ==, MCP_GRAMMAR_DTMF);
    expect_state(grammar, "123", MCP_MATCH_PARTIAL);
    expect_state(grammar, "1234", MCP_MATCH_COMPLETE);
    mcp_grammar_unref(engine, grammar);
    g_assert_null(compile_uri("builtin:dtmf/nonsense", &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED);
}

/* "http:", and relative to the base */
static void
test_fetched(void)
{
    static const char *const uris[] = {GRAMMAR_URL, "one.grxml"};

    for (guint i = 0; i < G_N_ELEMENTS(uris); i++) {
        g_autoptr(GError) error = NULL;
        McpGrammar *grammar = compile_uri(uris[i], &error);

        g_assert_no_error(error);
        expect_state(grammar, "1", MCP_MATCH_COMPLETE);
        mcp_grammar_unref(engine, grammar);
    }
}

static void
test_absent(void)
{
    g_autoptr(GError) error = NULL;

    g_assert_null(compile_uri("absent.grxml", &error));
    g_assert_nonnull(error);
}

/* "MCP_ERROR_INVALID with file:line for a fault in the grammar" */
static void
test_invalid(void)
{
    static const char *const texts[] = {"<grammar>\n<rule>", "no grammar at all",
                                        GRAMMAR_DTMF("<one-of>")};

    for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;

        g_test_message("%s", texts[i]);
        g_assert_null(compile_text(texts[i], &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
        g_assert_nonnull(strpbrk(error->message, "123456789"));
    }
}

static void
test_copies(void)
{
    g_autofree char *uri = g_strdup(GRAMMAR_URL);
    McpGrammarSource *source = g_new0(McpGrammarSource, 1);
    McpGrammar *grammar = NULL;
    Finished finished = {0};

    *source = source_of(uri, NULL);
    mcp_grammar_engine_compile_async(engine, source, NULL, on_finished, &finished);
    memset(uri, 'x', strlen(uri));
    memset(source, 0xff, sizeof *source);
    g_free(source);
    finished_wait(&finished);
    grammar = mcp_grammar_engine_compile_finish(engine, finished.result, NULL);
    g_assert_nonnull(grammar);
    finished_clear(&finished);
    mcp_grammar_unref(engine, grammar);
}

static void
test_cancelled(void)
{
    McpGrammarSource source = source_of(GRAMMAR_URL, NULL);
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GError) error = NULL;
    Finished finished = {0};

    mcp_grammar_engine_compile_async(engine, &source, cancellable, on_finished, &finished);
    g_cancellable_cancel(cancellable);
    finished_wait(&finished);
    g_assert_null(mcp_grammar_engine_compile_finish(engine, finished.result, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    settle(20);
    finished_clear(&finished);
}

static gpointer
use_there(gpointer data)
{
    McpGrammar *grammar = mcp_grammar_ref(engine, data);
    McpGrammar *own = good(TWELVE);

    expect_state(grammar, "1", MCP_MATCH_COMPLETE);
    mcp_grammar_unref(engine, grammar);
    mcp_grammar_unref(engine, own);
    return NULL;
}

/* A grammar is immutable and any thread's; compilation finishes on the caller's context. */
static void
test_context(void)
{
    McpGrammar *grammar = good(GRAMMAR_ONE);

    in_thread(use_there, grammar);
    expect_state(grammar, "1", MCP_MATCH_COMPLETE);
    mcp_grammar_unref(engine, grammar);
}

static void
expect_no_network(const char *text, guint max_states, McpError code)
{
    McpGrammar *grammar = good(text);
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_grammar_to_fsg(engine, grammar, max_states, &error));
    g_assert_error(error, MCP_ERROR, (gint)code);
    mcp_grammar_unref(engine, grammar);
}

/* "a grammar of mode voice with its rules written out"; "MCP_ERROR_LIMIT for more" states */
static void
test_network(void)
{
    McpGrammar *grammar = good(GRAMMAR_VOICE("go <item repeat='0-1'>home</item>"));
    g_autoptr(McpFsg) fsg = NULL;
    g_autoptr(GError) error = NULL;
    guint words = 0;

    expect_no_network(GRAMMAR_ONE, 100, MCP_ERROR_UNSUPPORTED);
    fsg = mcp_grammar_to_fsg(engine, grammar, 100, &error);
    mcp_grammar_unref(engine, grammar);
    if (!grammar_provider.networks) {
        g_assert_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED);
        return;
    }
    g_assert_no_error(error);
    g_assert_cmpuint(MAX(fsg->start, fsg->final), <, fsg->n_states);
    for (guint i = 0; i < fsg->n_arcs; i++) {
        const McpFsgArc *arc = &fsg->arcs[i];

        g_assert_cmpuint(MAX(arc->from, arc->to), <, fsg->n_states);
        g_assert_cmpfloat(arc->weight, >, 0);
        if (arc->word != NULL)
            g_assert_true(g_str_equal(arc->word, "go") || g_str_equal(arc->word, "home"));
        words += arc->word != NULL ? 1 : 0;
    }
    g_assert_cmpuint(words, ==, 2);
    expect_no_network(GRAMMAR_VOICE("<item repeat='100'>ha</item>"), 50, MCP_ERROR_LIMIT);
}

#define ADD(name, func) g_test_add_func("/grammar/" name, func)

int
main(int argc, char **argv)
{
    int result = 0;

    g_test_init(&argc, &argv, NULL);
    ADD("mode", test_mode);
    ADD("states", test_states);
    ADD("result", test_result);
    ADD("no-result", test_no_result);
    ADD("tag", test_tag);
    ADD("precedence", test_precedence);
    ADD("builtin", test_builtin);
    ADD("fetched", test_fetched);
    ADD("absent", test_absent);
    ADD("invalid", test_invalid);
    ADD("copies", test_copies);
    ADD("cancelled", test_cancelled);
    ADD("context", test_context);
    ADD("network", test_network);
    engine = grammar_provider.open();
    result = g_test_run();
    grammar_provider.close(engine);
    shard_end();
    return result;
}
