/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Results of recognition: hypotheses and digits with what the grammars make of them, as NLSML (RFC
 * 6787 §9.6). On the call's shard.
 */
#include "results.h"

#include <string.h>

McpMrcpdResults *
mcp_mrcpd_results_new(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)mcp_mrcp_interpretation_free);
}

static McpMrcpInterpretation *
add(McpMrcpdResults *results, const McpMrcpdGrammar *grammar, const char *mode, const char *text,
    const char *instance)
{
    McpMrcpInterpretation *one = g_new0(McpMrcpInterpretation, 1);

    one->input = MCP_MRCP_INPUT_MATCH;
    one->grammar = grammar != NULL ? g_strdup(grammar->name) : NULL;
    one->confidence = MCP_MRCP_CONFIDENCE_UNKNOWN;
    one->mode = g_strdup(mode);
    one->text = g_strdup(text);
    one->instance = g_strdup(instance);
    g_ptr_array_add(results, one);
    return one;
}

/* §9.6.3.2: each names a grammar. */
static const McpMrcpdGrammar *
first_of(const GPtrArray *grammars)
{
    return grammars->len > 0 ? grammars->pdata[0] : NULL;
}

/* An engine that has run the tags itself says which grammar it was. */
static gboolean
is_interpreted(const GPtrArray *grammars, const McpHypothesis *hypothesis)
{
    return hypothesis->interpretation != NULL && hypothesis->grammar >= 0 &&
           (guint)hypothesis->grammar < grammars->len;
}

static GPtrArray *
list_matches(const GPtrArray *grammars, const char *words, guint max, GError **error)
{
    g_autofree McpGrammar **compiled = g_new0(McpGrammar *, grammars->len + 1);
    McpGrammarEngine *engine = NULL;

    for (guint i = 0; i < grammars->len; i++) {
        const McpMrcpdGrammar *grammar = grammars->pdata[i];

        compiled[i] = grammar->compiled;
        engine = grammar->engine;
    }
    return engine != NULL
               ? mcp_grammar_list_matches(engine, compiled, grammars->len, words, max, error)
               : g_ptr_array_new();
}

gboolean
mcp_mrcpd_results_add_words(McpMrcpdResults *results, const GPtrArray *grammars,
                            const McpHypothesis *hypothesis, guint max, GError **error)
{
    g_autoptr(GPtrArray) matches = NULL;

    if (is_interpreted(grammars, hypothesis)) {
        add(results, grammars->pdata[hypothesis->grammar], "speech", hypothesis->words,
            hypothesis->interpretation)
            ->confidence = hypothesis->confidence;
        return TRUE;
    }
    matches = list_matches(grammars, hypothesis->words, max, error);
    if (matches == NULL) {
        add(results, first_of(grammars), "speech", hypothesis->words, NULL)->confidence =
            hypothesis->confidence;
        return FALSE;
    }
    for (guint i = 0; i < matches->len; i++) {
        const McpGrammarResult *match = matches->pdata[i];

        add(results, grammars->pdata[match->index], "speech", match->utterance,
            match->interpretation)
            ->confidence = hypothesis->confidence;
    }
    return TRUE;
}

void
mcp_mrcpd_results_add_digits(McpMrcpdResults *results, const GPtrArray *grammars,
                             const McpGrammarResult *match)
{
    add(results, grammars->pdata[match->index], "dtmf", match->utterance, match->interpretation)
        ->confidence = 1;
}

void
mcp_mrcpd_results_add_unmatched(McpMrcpdResults *results, const GPtrArray *grammars,
                                const char *words, const char *mode)
{
    add(results, first_of(grammars), mode, words, NULL)->input = MCP_MRCP_INPUT_NOMATCH;
}

static gint
compare(gconstpointer a, gconstpointer b)
{
    const McpMrcpInterpretation *one = *(const McpMrcpInterpretation *const *)a;
    const McpMrcpInterpretation *other = *(const McpMrcpInterpretation *const *)b;

    return (one->confidence < other->confidence) - (one->confidence > other->confidence);
}

void
mcp_mrcpd_results_sort(McpMrcpdResults *results)
{
    g_ptr_array_sort(results, compare);
}

static gboolean
is_wanted(const McpMrcpInterpretation *one, double confidence)
{
    return one->input != MCP_MRCP_INPUT_MATCH || one->confidence < 0 ||
           one->confidence >= confidence;
}

guint
mcp_mrcpd_results_write(const McpMrcpdResults *results, double confidence, guint max,
                        McpMrcpMessage *message)
{
    g_autofree McpMrcpInterpretation *list = g_new0(McpMrcpInterpretation, results->len + 1);
    g_autofree char *text = NULL;
    g_autoptr(GBytes) body = NULL;
    guint n = 0;

    for (guint i = 0; i < results->len && n < max; i++)
        if (is_wanted(results->pdata[i], confidence))
            list[n++] = *(const McpMrcpInterpretation *)results->pdata[i];
    if (n == 0)
        return 0;
    text = mcp_mrcp_nlsml_write(MCP_MRCP_V2, list, n);
    body = g_bytes_new(text, strlen(text));
    mcp_mrcp_message_set_body(message, mcp_mrcp_nlsml_type(MCP_MRCP_V2), body);
    return n;
}
