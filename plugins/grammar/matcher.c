/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One input of keys against several grammars, the first one in the list that matches wins. Owned by
 * one caller, on one thread at a time.
 */
#include "matcher.h"
#include "sisr.h"
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <srgs/chart.h>
#include <srgs/derivation.h>

struct _McpDtmfMatcher {
    guint n;
    McpGrammar **grammars;
    McpChart **charts; /* NULL: not of mode DTMF, or cannot match any more */
};

MCP_LEDGER_DEFINE(McpDtmfMatcher);

McpDtmfMatcher *
mcp_dtmf_matcher_new(McpGrammar *const *grammars, guint n_grammars)
{
    McpDtmfMatcher *matcher = g_new0(McpDtmfMatcher, 1);

    matcher->n = n_grammars;
    matcher->grammars = g_new0(McpGrammar *, n_grammars);
    matcher->charts = g_new0(McpChart *, n_grammars);
    for (guint i = 0; i < n_grammars; i++) {
        matcher->grammars[i] = mcp_compiled_grammar_ref(grammars[i]);
        if (mcp_compiled_grammar_get_mode(grammars[i]) == MCP_GRAMMAR_DTMF)
            matcher->charts[i] = mcp_chart_new(grammars[i]->network);
    }
    MCP_LEDGER_CREATED(McpDtmfMatcher);
    return matcher;
}

void
mcp_dtmf_matcher_free(McpDtmfMatcher *matcher)
{
    for (guint i = 0; i < matcher->n; i++) {
        g_clear_pointer(&matcher->charts[i], mcp_chart_free);
        mcp_compiled_grammar_unref(matcher->grammars[i]);
    }
    g_free(matcher->grammars);
    g_free(matcher->charts);
    g_free(matcher);
    MCP_LEDGER_FINALIZED(McpDtmfMatcher);
}

McpMatchState
mcp_dtmf_matcher_feed(McpDtmfMatcher *matcher, char digit)
{
    char word[2] = {g_ascii_toupper(digit), '\0'};
    gboolean matches = FALSE;
    gboolean more = FALSE;

    for (guint i = 0; i < matcher->n; i++) {
        McpChart *chart = matcher->charts[i];
        gboolean match;
        gboolean open;

        if (chart == NULL)
            continue;
        mcp_chart_feed(chart, mcp_network_find_word(chart->network, word));
        match = mcp_chart_matches(chart);
        open = mcp_chart_can_go_on(chart);
        if (!match && !open)
            g_clear_pointer(&matcher->charts[i], mcp_chart_free);
        matches |= match;
        more |= open;
    }
    if (matches)
        return more ? MCP_MATCH_MORE : MCP_MATCH_COMPLETE;
    return more ? MCP_MATCH_PARTIAL : MCP_MATCH_NONE;
}

static char *
interpret(const McpGrammar *grammar, const McpChart *chart, GError **error)
{
    g_autoptr(GArray) steps = NULL;

    if (grammar->builtin.kind != MCP_BUILTIN_NONE) {
        g_autofree char *input = mcp_sisr_utterance(chart, "");

        return mcp_builtin_result(&grammar->builtin, input);
    }
    steps = mcp_derivation_new(chart, error);
    return steps != NULL ? mcp_sisr_interpret(chart, steps, error) : NULL;
}

McpGrammarResult *
mcp_dtmf_matcher_result(McpDtmfMatcher *matcher, GError **error)
{
    guint i = 0;
    g_autofree char *interpretation = NULL;
    McpGrammarResult *result;

    while (i < matcher->n && (matcher->charts[i] == NULL || !mcp_chart_matches(matcher->charts[i])))
        i++;
    if (i == matcher->n) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "no grammar matches the input");
        return NULL;
    }
    interpretation = interpret(matcher->grammars[i], matcher->charts[i], error);
    if (interpretation == NULL)
        return NULL;
    result = g_new0(McpGrammarResult, 1);
    result->index = i;
    result->utterance = mcp_sisr_utterance(matcher->charts[i], " ");
    result->interpretation = g_steal_pointer(&interpretation);
    return result;
}
