/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hints from grammars: all ways through a network of words, or its words where these are too many.
 * Pure functions, any thread; bounded, for it is the call's own thread that waits.
 */
#include "phrases.h"

#include <string.h>

/* Limit of the service. */
#define MOST_CHARACTERS 100
#define MAX_STATES 2000
#define MAX_STEPS 20000
#define MAX_DEPTH 100

typedef struct {
    const McpFsg *network;
    GPtrArray *leaving; /* by state: GArray of arc numbers */
    GString *sentence;
    GPtrArray *found; /* char*, of the table */
    GHashTable *known;
    guint max;
    guint steps;
} Walk;

static void
add(Walk *walk, const char *phrase)
{
    char *copy = NULL;

    if (*phrase == '\0' || walk->found->len >= walk->max ||
        g_hash_table_contains(walk->known, phrase) || g_utf8_strlen(phrase, -1) > MOST_CHARACTERS)
        return;
    copy = g_strdup(phrase);
    g_hash_table_add(walk->known, copy);
    g_ptr_array_add(walk->found, copy);
}

static gboolean follow(Walk *walk, guint state, guint depth);

static gboolean
take_arc(Walk *walk, const McpFsgArc *arc, guint depth)
{
    gsize before = walk->sentence->len;
    gboolean whole = FALSE;

    if (arc->word != NULL && g_str_equal(arc->word, MCP_FSG_GARBAGE))
        return FALSE;
    if (arc->word != NULL)
        g_string_append_printf(walk->sentence, "%s%s", before > 0 ? " " : "", arc->word);
    whole = walk->sentence->len <= MOST_CHARACTERS * 4 && follow(walk, arc->to, depth + 1);
    g_string_truncate(walk->sentence, before);
    return whole;
}

/* FALSE: not everything that may be said has been found. */
static gboolean
follow(Walk *walk, guint state, guint depth)
{
    const GArray *arcs = walk->leaving->pdata[state];

    if (++walk->steps > MAX_STEPS || depth > MAX_DEPTH)
        return FALSE;
    if (state == walk->network->final) {
        if (walk->found->len >= walk->max)
            return FALSE;
        add(walk, walk->sentence->str);
    }
    for (guint i = 0; i < arcs->len; i++)
        if (!take_arc(walk, &walk->network->arcs[g_array_index(arcs, guint, i)], depth))
            return FALSE;
    return TRUE;
}

static void
sort_arcs(Walk *walk)
{
    const McpFsg *network = walk->network;

    for (guint i = 0; i < network->n_states; i++)
        g_ptr_array_add(walk->leaving, g_array_new(FALSE, FALSE, sizeof(guint)));
    for (guint i = 0; i < network->n_arcs; i++)
        g_array_append_val((GArray *)walk->leaving->pdata[network->arcs[i].from], i);
}

/* In the order in which they may be said. */
static void
add_words(Walk *walk)
{
    const McpFsg *network = walk->network;
    g_autofree gboolean *seen = g_new0(gboolean, network->n_states);
    g_autofree guint *states = g_new(guint, network->n_states);
    guint count = 0;

    states[count++] = network->start;
    seen[network->start] = TRUE;
    for (guint i = 0; i < count; i++) {
        const GArray *arcs = walk->leaving->pdata[states[i]];

        for (guint k = 0; k < arcs->len; k++) {
            const McpFsgArc *arc = &network->arcs[g_array_index(arcs, guint, k)];

            if (arc->word != NULL && !g_str_equal(arc->word, MCP_FSG_GARBAGE))
                add(walk, arc->word);
            if (!seen[arc->to])
                states[count++] = arc->to;
            seen[arc->to] = TRUE;
        }
    }
}

static void
add_network(GPtrArray *found, GHashTable *known, const McpFsg *network, guint max)
{
    g_autoptr(GPtrArray) leaving = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
    g_autoptr(GString) sentence = g_string_new(NULL);
    guint before = found->len;
    Walk walk = {.network = network,
                 .leaving = leaving,
                 .sentence = sentence,
                 .found = found,
                 .known = known,
                 .max = max};

    sort_arcs(&walk);
    if (follow(&walk, network->start, 0))
        return;
    /* Some of the sentences would mislead the service about the others. */
    for (guint i = before; i < found->len; i++)
        g_hash_table_remove(known, found->pdata[i]);
    g_ptr_array_set_size(found, (gint)before);
    add_words(&walk);
}

char **
mcp_google_asr_phrases(McpGrammarEngine *engine, const McpRecognitionRequest *request, guint max)
{
    g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);

    for (guint i = 0; i < request->n_grammars && found->len < max; i++) {
        g_autoptr(McpFsg) network =
            mcp_grammar_to_fsg(engine, request->grammars[i].grammar, MAX_STATES, NULL);

        if (network != NULL)
            add_network(found, known, network, max);
    }
    g_ptr_array_add(found, NULL);
    g_ptr_array_set_free_func(found, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&found), FALSE);
}
