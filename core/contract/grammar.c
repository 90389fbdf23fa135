/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch of the contract of grammars: a function a slot, so that a provider which lacks one gives
 * MCP_ERROR_UNSUPPORTED and nobody touches a vtable. Runs on the caller's context.
 */
#include <mcp/contract/grammar.h>
#include <mcp/error.h>

G_DEFINE_INTERFACE(McpGrammarEngine, mcp_grammar_engine, G_TYPE_OBJECT)

static void
mcp_grammar_engine_default_init(McpGrammarEngineInterface *iface)
{
}

void
mcp_grammar_engine_compile_async(McpGrammarEngine *engine, const McpGrammarSource *source,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
    McpGrammarEngineInterface *iface = MCP_GRAMMAR_ENGINE_GET_IFACE(engine);

    if (iface->compile_async == NULL) {
        g_task_report_new_error(engine, callback, user_data, NULL, MCP_ERROR, MCP_ERROR_UNSUPPORTED,
                                "%s cannot compile", G_OBJECT_TYPE_NAME(engine));
        return;
    }
    iface->compile_async(engine, source, cancellable, callback, user_data);
}

McpGrammar *
mcp_grammar_engine_compile_finish(McpGrammarEngine *engine, GAsyncResult *result, GError **error)
{
    McpGrammarEngineInterface *iface = MCP_GRAMMAR_ENGINE_GET_IFACE(engine);

    if (iface->compile_finish == NULL)
        return g_task_propagate_pointer(G_TASK(result), error);
    return iface->compile_finish(engine, result, error);
}

McpGrammar *
mcp_grammar_ref(McpGrammarEngine *engine, McpGrammar *grammar)
{
    McpGrammarEngineInterface *iface = MCP_GRAMMAR_ENGINE_GET_IFACE(engine);

    if (iface->grammar_ref == NULL)
        return NULL;
    return iface->grammar_ref(engine, grammar);
}

void
mcp_grammar_unref(McpGrammarEngine *engine, McpGrammar *grammar)
{
    McpGrammarEngineInterface *iface = MCP_GRAMMAR_ENGINE_GET_IFACE(engine);

    if (iface->grammar_unref != NULL)
        iface->grammar_unref(engine, grammar);
}

McpGrammarMode
mcp_grammar_get_mode(McpGrammarEngine *engine, McpGrammar *grammar)
{
    McpGrammarEngineInterface *iface = MCP_GRAMMAR_ENGINE_GET_IFACE(engine);

    if (iface->get_mode == NULL)
        return MCP_GRAMMAR_VOICE;
    return iface->get_mode(engine, grammar);
}

McpDtmfMatcher *
mcp_grammar_matcher_new(McpGrammarEngine *engine, McpGrammar *const *grammars, guint n_grammars)
{
    McpGrammarEngineInterface *iface = MCP_GRAMMAR_ENGINE_GET_IFACE(engine);

    if (iface->matcher_new == NULL)
        return NULL;
    return iface->matcher_new(engine, grammars, n_grammars);
}

McpMatchState
mcp_grammar_matcher_feed(McpGrammarEngine *engine, McpDtmfMatcher *matcher, char digit)
{
    McpGrammarEngineInterface *iface = MCP_GRAMMAR_ENGINE_GET_IFACE(engine);

    if (iface->matcher_feed == NULL)
        return MCP_MATCH_NONE;
    return iface->matcher_feed(engine, matcher, digit);
}

McpGrammarResult *
mcp_grammar_matcher_result(McpGrammarEngine *engine, McpDtmfMatcher *matcher, GError **error)
{
    McpGrammarEngineInterface *iface = MCP_GRAMMAR_ENGINE_GET_IFACE(engine);

    if (iface->matcher_result == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s has no matcher result",
                    G_OBJECT_TYPE_NAME(engine));
        return NULL;
    }
    return iface->matcher_result(engine, matcher, error);
}

void
mcp_grammar_matcher_free(McpGrammarEngine *engine, McpDtmfMatcher *matcher)
{
    McpGrammarEngineInterface *iface = MCP_GRAMMAR_ENGINE_GET_IFACE(engine);

    if (iface->matcher_free != NULL)
        iface->matcher_free(engine, matcher);
}

McpGrammarResult *
mcp_grammar_match_words(McpGrammarEngine *engine, McpGrammar *const *grammars, guint n_grammars,
                        const char *words, GError **error)
{
    McpGrammarEngineInterface *iface = MCP_GRAMMAR_ENGINE_GET_IFACE(engine);

    if (iface->match_words == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s matches no words",
                    G_OBJECT_TYPE_NAME(engine));
        return NULL;
    }
    return iface->match_words(engine, grammars, n_grammars, words, error);
}

GPtrArray *
mcp_grammar_list_matches(McpGrammarEngine *engine, McpGrammar *const *grammars, guint n_grammars,
                         const char *words, guint max, GError **error)
{
    McpGrammarEngineInterface *iface = MCP_GRAMMAR_ENGINE_GET_IFACE(engine);
    g_autoptr(GPtrArray) list = NULL;
    GError *wrong = NULL;
    McpGrammarResult *one;

    if (iface->list_matches != NULL)
        return iface->list_matches(engine, grammars, n_grammars, words, max, error);
    one = mcp_grammar_match_words(engine, grammars, n_grammars, words, &wrong);
    if (wrong != NULL) {
        g_propagate_error(error, wrong);
        return NULL;
    }
    list = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_grammar_result_free);
    if (one != NULL)
        g_ptr_array_add(list, one);
    return g_steal_pointer(&list);
}

McpFsg *
mcp_grammar_to_fsg(McpGrammarEngine *engine, McpGrammar *grammar, guint max_states, GError **error)
{
    McpGrammarEngineInterface *iface = MCP_GRAMMAR_ENGINE_GET_IFACE(engine);

    if (iface->to_fsg == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s writes no network of words",
                    G_OBJECT_TYPE_NAME(engine));
        return NULL;
    }
    return iface->to_fsg(engine, grammar, max_states, error);
}
