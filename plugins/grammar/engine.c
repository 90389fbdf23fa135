/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar service: the contract's functions over compiler, grammar and matcher. Any thread.
 */
#include "engine.h"
#include "fsg.h"
#include "matcher.h"
#include "text_match.h"
#include <mcp/ledger.h>

struct _McpSrgsEngine {
    GObject parent_instance;
    McpCompiler *compiler;
    McpMetrics *metrics; /* nullable */
};

MCP_LEDGER_DEFINE(McpSrgsEngine);

static void engine_iface_init(McpGrammarEngineInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpSrgsEngine, mcp_srgs_engine, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_GRAMMAR_ENGINE, engine_iface_init))

static void
engine_compile_async(McpGrammarEngine *engine, const McpGrammarSource *source,
                     GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
    GTask *task = g_task_new(engine, cancellable, callback, user_data);

    g_task_set_source_tag(task, engine_compile_async);
    mcp_compiler_run(MCP_SRGS_ENGINE(engine)->compiler, source, task);
}

static McpGrammar *
engine_compile_finish(McpGrammarEngine *engine, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

static McpGrammar *
engine_grammar_ref(McpGrammarEngine *engine, McpGrammar *grammar)
{
    return mcp_compiled_grammar_ref(grammar);
}

static void
engine_grammar_unref(McpGrammarEngine *engine, McpGrammar *grammar)
{
    mcp_compiled_grammar_unref(grammar);
}

static McpGrammarMode
engine_get_mode(McpGrammarEngine *engine, McpGrammar *grammar)
{
    return mcp_compiled_grammar_get_mode(grammar);
}

static McpDtmfMatcher *
engine_matcher_new(McpGrammarEngine *engine, McpGrammar *const *grammars, guint n_grammars)
{
    return mcp_dtmf_matcher_new(grammars, n_grammars);
}

static McpMatchState
engine_matcher_feed(McpGrammarEngine *engine, McpDtmfMatcher *matcher, char digit)
{
    return mcp_dtmf_matcher_feed(matcher, digit);
}

static McpGrammarResult *
engine_matcher_result(McpGrammarEngine *engine, McpDtmfMatcher *matcher, GError **error)
{
    McpSrgsEngine *self = MCP_SRGS_ENGINE(engine);

    if (self->metrics != NULL)
        mcp_metrics_add(self->metrics, MCP_GRAMMAR_METRIC_MATCHES, 0, 1);
    return mcp_dtmf_matcher_result(matcher, error);
}

static void
engine_matcher_free(McpGrammarEngine *engine, McpDtmfMatcher *matcher)
{
    mcp_dtmf_matcher_free(matcher);
}

static McpGrammarResult *
engine_match_words(McpGrammarEngine *engine, McpGrammar *const *grammars, guint n_grammars,
                   const char *words, GError **error)
{
    McpSrgsEngine *self = MCP_SRGS_ENGINE(engine);
    g_autoptr(GPtrArray) list = mcp_text_list_matches(grammars, n_grammars, words, 1, error);

    if (list == NULL || list->len == 0)
        return NULL;
    if (self->metrics != NULL)
        mcp_metrics_add(self->metrics, MCP_GRAMMAR_METRIC_MATCHES, 0, 1);
    return g_ptr_array_steal_index(list, 0);
}

static GPtrArray *
engine_list_matches(McpGrammarEngine *engine, McpGrammar *const *grammars, guint n_grammars,
                    const char *words, guint max, GError **error)
{
    McpSrgsEngine *self = MCP_SRGS_ENGINE(engine);
    GPtrArray *list = mcp_text_list_matches(grammars, n_grammars, words, max, error);

    if (list != NULL && list->len > 0 && self->metrics != NULL)
        mcp_metrics_add(self->metrics, MCP_GRAMMAR_METRIC_MATCHES, 0, 1);
    return list;
}

static McpFsg *
engine_to_fsg(McpGrammarEngine *engine, McpGrammar *grammar, guint max_states, GError **error)
{
    return mcp_compiled_grammar_to_fsg(grammar, max_states, error);
}

McpSrgsEngine *
mcp_srgs_engine_new(const McpGrammarConfig *config, const McpCompilerDeps *deps)
{
    McpSrgsEngine *self = g_object_new(MCP_TYPE_SRGS_ENGINE, NULL);

    self->compiler = mcp_compiler_new(config, deps);
    self->metrics = deps->metrics;
    return self;
}

void
mcp_srgs_engine_configure(McpSrgsEngine *self, const McpGrammarConfig *config)
{
    mcp_compiler_configure(self->compiler, config);
}

static void
mcp_srgs_engine_finalize(GObject *object)
{
    mcp_compiler_unref(MCP_SRGS_ENGINE(object)->compiler);
    MCP_LEDGER_FINALIZED(McpSrgsEngine);
    G_OBJECT_CLASS(mcp_srgs_engine_parent_class)->finalize(object);
}

static void
mcp_srgs_engine_init(McpSrgsEngine *self)
{
    MCP_LEDGER_CREATED(McpSrgsEngine);
}

static void
mcp_srgs_engine_class_init(McpSrgsEngineClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_srgs_engine_finalize;
}

static void
engine_iface_init(McpGrammarEngineInterface *iface)
{
    iface->compile_async = engine_compile_async;
    iface->compile_finish = engine_compile_finish;
    iface->grammar_ref = engine_grammar_ref;
    iface->grammar_unref = engine_grammar_unref;
    iface->get_mode = engine_get_mode;
    iface->matcher_new = engine_matcher_new;
    iface->matcher_feed = engine_matcher_feed;
    iface->matcher_result = engine_matcher_result;
    iface->matcher_free = engine_matcher_free;
    iface->match_words = engine_match_words;
    iface->to_fsg = engine_to_fsg;
    iface->list_matches = engine_list_matches;
}
