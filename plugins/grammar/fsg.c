/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a compiled grammar out as one network of words: a rule stands there as often as it is
 * referred to, a repeat as often as it may be said. Runs on the caller's thread.
 */
#include "fsg.h"
#include <mcp/error.h>

/* References within references; rules that nest deeper are hostile. */
#define MAX_DEPTH 200
/* Arcs a state, on average. */
#define MAX_ARCS 16

typedef struct {
    const McpNetwork *network;
    guint max_states;
    guint n_states;
    GArray *arcs; /* McpFsgArc */
    GStringChunk *words;
    gboolean *open; /* by rule: it is being written out */
    guint depth;
    GError **error;
} Writer;

/* One rule being written out: which states of the network have which number in the result. */
typedef struct {
    Writer *writer;
    guint end;           /* number of the rule's end */
    GHashTable *numbers; /* state of the network + 1 -> number + 1 */
    GArray *work;        /* guint32: states of the network that are still to be followed */
} Instance;

static gboolean write_rule(Writer *writer, guint32 rule, guint from, guint to);

static gboolean
add_state(Writer *writer, guint *out_number)
{
    if (writer->n_states >= writer->max_states) {
        g_set_error(writer->error, MCP_ERROR, MCP_ERROR_LIMIT,
                    "grammar has more than %u states when its rules are written out",
                    writer->max_states);
        return FALSE;
    }
    *out_number = writer->n_states++;
    return TRUE;
}

static gboolean
add_weighted(Writer *writer, guint from, guint to, const char *word, double weight)
{
    McpFsgArc arc = {from, to, NULL, weight};

    if (word == NULL && from == to)
        return TRUE;
    if (writer->arcs->len / MAX_ARCS >= writer->max_states) {
        g_set_error(writer->error, MCP_ERROR, MCP_ERROR_LIMIT,
                    "grammar has more than %u arcs when its rules are written out",
                    writer->max_states * MAX_ARCS);
        return FALSE;
    }
    if (word != NULL)
        arc.word = g_string_chunk_insert_const(writer->words, word);
    g_array_append_val(writer->arcs, arc);
    return TRUE;
}

static gboolean
add_arc(Writer *writer, guint from, guint to, const char *word)
{
    return add_weighted(writer, from, to, word, 1);
}

static void
set_number(Instance *instance, guint32 state, guint number)
{
    g_hash_table_insert(instance->numbers, GUINT_TO_POINTER(state + 1),
                        GUINT_TO_POINTER(number + 1));
    g_array_append_val(instance->work, state);
}

static gboolean
place(Instance *instance, guint32 state, guint *out_number)
{
    gpointer known = g_hash_table_lookup(instance->numbers, GUINT_TO_POINTER(state + 1));

    if (mcp_network_state(instance->writer->network, state)->op == MCP_OP_END) {
        *out_number = instance->end;
        return TRUE;
    }
    if (known != NULL) {
        *out_number = GPOINTER_TO_UINT(known) - 1;
        return TRUE;
    }
    if (!add_state(instance->writer, out_number))
        return FALSE;
    set_number(instance, state, *out_number);
    return TRUE;
}

static gboolean
write_weighted(Instance *instance, guint from, guint32 next, const char *word, double weight)
{
    guint to;

    if (!mcp_network_state(instance->writer->network, next)->alive)
        return TRUE;
    return place(instance, next, &to) && add_weighted(instance->writer, from, to, word, weight);
}

/* @word leads on to the next state, unless nothing leads to the end from there. */
static gboolean
write_step(Instance *instance, guint from, guint32 next, const char *word)
{
    return write_weighted(instance, from, next, word, 1);
}

/* Any words, or none: a turn of its own, so that what else begins at @from is not repeated. */
static gboolean
write_garbage(Instance *instance, guint from, guint32 next)
{
    Writer *writer = instance->writer;
    guint turn;

    return add_state(writer, &turn) && add_arc(writer, from, turn, NULL) &&
           add_arc(writer, turn, turn, MCP_FSG_GARBAGE) && write_step(instance, turn, next, NULL);
}

/* Without an upper bound the last turn leads back to its begin. */
static gboolean
write_endless(Writer *writer, const McpLoop *loop, guint from, guint to)
{
    guint turn;

    return add_state(writer, &turn) && add_arc(writer, from, turn, NULL) &&
           write_rule(writer, loop->rule, turn, turn) && add_arc(writer, turn, to, NULL);
}

static gboolean
write_loop(Writer *writer, const McpLoop *loop, guint from, guint to)
{
    gboolean endless = loop->max >= MCP_GRAMMAR_REPEAT_MAX;
    guint turns = endless ? loop->min : loop->max;

    for (guint i = 0; i < turns; i++) {
        guint turn;

        if (i >= loop->min && !add_arc(writer, from, to, NULL))
            return FALSE;
        if (!add_state(writer, &turn) || !write_rule(writer, loop->rule, from, turn))
            return FALSE;
        from = turn;
    }
    return endless ? write_endless(writer, loop, from, to) : add_arc(writer, from, to, NULL);
}

static gboolean
write_part(Instance *instance, const McpState *state, guint from)
{
    Writer *writer = instance->writer;
    const McpNetwork *network = writer->network;
    guint to;

    if (!mcp_network_state(network, state->next)->alive)
        return TRUE;
    if (!place(instance, state->next, &to))
        return FALSE;
    if (state->op == MCP_OP_CALL)
        return write_rule(writer, mcp_network_reference(network, state->arg)->rule, from, to);
    return write_loop(writer, mcp_network_loop(network, state->arg), from, to);
}

static gboolean
write_fork(Instance *instance, const McpState *state, guint from)
{
    const McpNetwork *network = instance->writer->network;

    for (guint32 i = 0; i < state->next; i++)
        if (!write_weighted(instance, from, mcp_network_alternative(network, state->arg + i), NULL,
                            mcp_network_weight(network, state->arg + i)))
            return FALSE;
    return TRUE;
}

static gboolean
write_state(Instance *instance, guint32 number, guint from)
{
    const McpNetwork *network = instance->writer->network;
    const McpState *state = mcp_network_state(network, number);

    switch ((McpOp)state->op) {
    case MCP_OP_TOKEN:
        return write_step(instance, from, state->next, network->word_texts->pdata[state->arg]);
    case MCP_OP_ANY:
        return write_garbage(instance, from, state->next);
    case MCP_OP_FORK:
        return write_fork(instance, state, from);
    case MCP_OP_CALL:
    case MCP_OP_LOOP:
        return write_part(instance, state, from);
    case MCP_OP_TAG:
        return write_step(instance, from, state->next, NULL);
    case MCP_OP_END:
    case MCP_OP_DEAD:
    default:
        return TRUE;
    }
}

static gboolean
follow_rule(Instance *instance, guint32 rule, guint from)
{
    const McpNetwork *network = instance->writer->network;
    guint32 start = mcp_network_rule(network, rule)->start;

    if (!mcp_network_state(network, start)->alive)
        return TRUE;
    if (mcp_network_state(network, start)->op == MCP_OP_END)
        return add_arc(instance->writer, from, instance->end, NULL);
    set_number(instance, start, from);
    while (instance->work->len > 0) {
        guint32 state = g_array_index(instance->work, guint32, instance->work->len - 1);
        gpointer number = g_hash_table_lookup(instance->numbers, GUINT_TO_POINTER(state + 1));

        g_array_set_size(instance->work, instance->work->len - 1);
        if (!write_state(instance, state, GPOINTER_TO_UINT(number) - 1))
            return FALSE;
    }
    return TRUE;
}

static gboolean
enter_rule(Writer *writer, guint32 rule)
{
    const char *name = mcp_network_rule(writer->network, rule)->name;

    if (writer->open[rule]) {
        g_set_error(writer->error, MCP_ERROR, MCP_ERROR_UNSUPPORTED,
                    "rule '%.80s' leads to itself, which no network of words can show",
                    name != NULL ? name : "");
        return FALSE;
    }
    if (writer->depth >= MAX_DEPTH) {
        g_set_error(writer->error, MCP_ERROR, MCP_ERROR_LIMIT,
                    "rules refer to each other more than %d deep", MAX_DEPTH);
        return FALSE;
    }
    return TRUE;
}

static gboolean
write_rule(Writer *writer, guint32 rule, guint from, guint to)
{
    g_autoptr(GHashTable) numbers = NULL;
    g_autoptr(GArray) work = NULL;
    Instance instance = {.writer = writer, .end = to};
    gboolean ok;

    if (!enter_rule(writer, rule))
        return FALSE;
    instance.numbers = numbers = g_hash_table_new(NULL, NULL);
    instance.work = work = g_array_new(FALSE, FALSE, sizeof(guint32));
    writer->open[rule] = TRUE;
    writer->depth++;
    ok = follow_rule(&instance, rule, from);
    writer->depth--;
    writer->open[rule] = FALSE;
    return ok;
}

McpFsg *
mcp_compiled_grammar_to_fsg(const McpGrammar *grammar, guint max_states, GError **error)
{
    const McpNetwork *network = grammar->network;
    g_autofree gboolean *open = g_new0(gboolean, network->rules->len);
    g_autoptr(GArray) arcs = g_array_new(FALSE, FALSE, sizeof(McpFsgArc));
    g_autoptr(McpFsg) fsg = g_new0(McpFsg, 1);
    Writer writer = {network, max_states, 2, arcs, NULL, open, 0, error};

    fsg->words = writer.words = g_string_chunk_new(256);
    if (mcp_compiled_grammar_get_mode(grammar) != MCP_GRAMMAR_VOICE) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "grammar is of mode dtmf");
        return NULL;
    }
    fsg->final = 1;
    if (!write_rule(&writer, network->start, fsg->start, fsg->final))
        return NULL;
    fsg->n_states = writer.n_states;
    fsg->n_arcs = arcs->len;
    fsg->arcs = (McpFsgArc *)(gpointer)g_array_steal(arcs, NULL);
    return g_steal_pointer(&fsg);
}
