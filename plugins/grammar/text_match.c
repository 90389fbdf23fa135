/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text of a recognizer that returns only words, against several grammars of mode voice: those that
 * match, in the order of the list. Recognizers differ in capitals, punctuation, hyphens and
 * numerals; a word that the grammar does not have as it is written is tried without them. Runs on
 * the caller's thread.
 */
#include "text_match.h"
#include "sisr.h"
#include <mcp/error.h>
#include <srgs/parses.h>
#include <string.h>

/* Longest text, in bytes; words beyond what a chart takes match nothing. */
#define TEXT_MAX 8192
#define EDGES ".,!?;:\"()$"
#define INNER "-"

/* The word as written, in small letters, or with other capitals. */
static guint32
find_word(const McpNetwork *network, const char *word)
{
    guint32 found = mcp_network_find_word(network, word);
    g_autofree char *small = NULL;

    if (found != MCP_NETWORK_NONE)
        return found;
    small = g_utf8_strdown(word, -1);
    found = mcp_network_find_word(network, small);
    for (guint i = 0; i < network->word_texts->len && found == MCP_NETWORK_NONE; i++)
        if (g_ascii_strcasecmp(g_ptr_array_index(network->word_texts, i), word) == 0)
            found = i;
    return found;
}

/* "12.50" and "3:30": digit by digit, as no grammar can list all numerals. */
static void
feed_numeral(McpChart *chart, const char *word)
{
    for (const char *c = word; *c != '\0' && !g_ascii_isalpha(*c); c++) {
        char single[2] = {*c, '\0'};
        const char *token = *c == '.' ? "point" : single;

        if (*c != ':' && *c != ',')
            mcp_chart_feed(chart, mcp_network_find_word(chart->network, token));
    }
}

/* Of an ordinal, "15th", the number counts. */
static gboolean
is_numeral(const char *word)
{
    const char *rest = word + strspn(word, "0123456789.:,");

    return g_ascii_isdigit(*word) &&
           (*rest == '\0' || g_str_equal(rest, "st") || g_str_equal(rest, "nd") ||
            g_str_equal(rest, "rd") || g_str_equal(rest, "th"));
}

static char *
trim(const char *word)
{
    const char *end = word + strlen(word);

    word += strspn(word, EDGES);
    while (end > word && strchr(EDGES, end[-1]) != NULL)
        end--;
    return g_strndup(word, (gsize)(end - word));
}

static void
feed_parts(McpChart *chart, const char *word)
{
    g_auto(GStrv) parts = g_strsplit_set(word, INNER, -1);

    for (guint i = 0; parts[i] != NULL; i++) {
        if (is_numeral(parts[i]))
            feed_numeral(chart, parts[i]);
        else if (*parts[i] != '\0')
            mcp_chart_feed(chart, find_word(chart->network, parts[i]));
    }
}

static void
feed_word(McpChart *chart, const char *word)
{
    guint32 found = find_word(chart->network, word);
    g_autofree char *bare = NULL;

    if (found == MCP_NETWORK_NONE) {
        bare = trim(word);
        found = find_word(chart->network, bare);
    }
    if (found != MCP_NETWORK_NONE || bare == NULL)
        mcp_chart_feed(chart, found);
    else if (is_numeral(bare))
        feed_numeral(chart, bare);
    else if (strchr(bare, *INNER) != NULL)
        feed_parts(chart, bare);
    else if (*bare != '\0') /* a lone punctuation mark is no word */
        mcp_chart_feed(chart, MCP_NETWORK_NONE);
}

static McpChart *
try_grammar(const McpGrammar *grammar, char **words)
{
    g_autoptr(McpChart) chart = NULL;

    if (mcp_compiled_grammar_get_mode(grammar) != MCP_GRAMMAR_VOICE)
        return NULL;
    chart = mcp_chart_new(grammar->network);
    for (guint i = 0; words[i] != NULL; i++) {
        if (*words[i] != '\0')
            feed_word(chart, words[i]);
        if (!mcp_chart_matches(chart) && !mcp_chart_can_go_on(chart))
            return NULL;
    }
    return mcp_chart_matches(chart) ? g_steal_pointer(&chart) : NULL;
}

static gboolean
is_in(const GPtrArray *list, const McpGrammarResult *result)
{
    for (guint i = 0; i < list->len; i++) {
        const McpGrammarResult *other = list->pdata[i];

        if (g_str_equal(other->utterance, result->utterance) &&
            g_str_equal(other->interpretation, result->interpretation))
            return TRUE;
    }
    return FALSE;
}

/* Tags that go wrong are the page's concern when they are those of the best parse. */
static gboolean
add_result(GPtrArray *list, const McpChart *chart, const GArray *steps, guint index, GError **error)
{
    g_autofree char *interpretation =
        mcp_sisr_interpret(chart, steps, list->len == 0 ? error : NULL);
    g_autoptr(McpGrammarResult) result = NULL;

    if (interpretation == NULL)
        return list->len > 0;
    result = g_new0(McpGrammarResult, 1);
    result->index = index;
    result->utterance = mcp_sisr_utterance(chart, " ");
    result->interpretation = g_steal_pointer(&interpretation);
    if (!is_in(list, result))
        g_ptr_array_add(list, g_steal_pointer(&result));
    return TRUE;
}

static gboolean
add_parses(GPtrArray *list, const McpChart *chart, guint index, guint max, GError **error)
{
    g_autoptr(GPtrArray) parses = NULL;
    g_autoptr(GArray) steps = NULL;

    /* One is enough, and none is better than the others. */
    if (max - list->len > 1 || chart->network->weighted)
        parses = mcp_parses_new(chart, max - list->len);
    for (guint i = 0; parses != NULL && i < parses->len && list->len < max; i++)
        if (!add_result(list, chart, parses->pdata[i], index, error))
            return FALSE;
    if (parses != NULL)
        return TRUE;
    steps = mcp_derivation_new(chart, list->len == 0 ? error : NULL);
    return steps != NULL ? add_result(list, chart, steps, index, error) : list->len > 0;
}

GPtrArray *
mcp_text_list_matches(McpGrammar *const *grammars, guint n_grammars, const char *text, guint max,
                      GError **error)
{
    g_autoptr(GPtrArray) list =
        g_ptr_array_new_with_free_func((GDestroyNotify)mcp_grammar_result_free);
    g_auto(GStrv) words = NULL;

    if (strlen(text) > TEXT_MAX || !g_utf8_validate(text, -1, NULL)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "text of a recognizer is too long, or not UTF-8");
        return NULL;
    }
    words = g_strsplit_set(text, " \t\r\n", -1);
    for (guint i = 0; i < n_grammars && list->len < max; i++) {
        g_autoptr(McpChart) chart = try_grammar(grammars[i], words);

        if (chart != NULL && !add_parses(list, chart, i, max, error))
            return NULL;
    }
    return g_steal_pointer(&list);
}
