/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns documents into the states of one network and resolves the references between them. Repeats
 * stay loops with a counter, so that the size of the network follows the size of the text. Built by
 * one thread, read by any.
 */
#include "network.h"
#include <mcp/error.h>
#include <string.h>

#define MAX_STATES 1000000

typedef struct {
    McpNetwork *network;
    guint32 document;
    GHashTable *by_url;  /* url -> document number + 1 */
    GArray *first_rules; /* guint32: number of a document's first rule */
    GError **error;
} Builder;

static guint32 build(Builder *builder, const McpExpansion *node, guint32 next);

static const McpGrammarDocument *
document_at(const Builder *builder, guint32 number)
{
    return g_ptr_array_index(builder->network->documents, number);
}

static guint32
add_state(Builder *builder, McpOp op, guint32 arg, guint32 next)
{
    McpState state = {.op = (guint8)op, .arg = arg, .next = next};

    if (builder->network->states->len >= MAX_STATES) {
        if (*builder->error == NULL)
            g_set_error(builder->error, MCP_ERROR, MCP_ERROR_LIMIT,
                        "%s: grammar has more than %d states", document_at(builder, 0)->name,
                        MAX_STATES);
        return MCP_NETWORK_NONE;
    }
    g_array_append_val(builder->network->states, state);
    return builder->network->states->len - 1;
}

static guint32
word_number(McpNetwork *network, const char *word)
{
    guint32 number = GPOINTER_TO_UINT(g_hash_table_lookup(network->words, word));
    char *kept;

    if (number > 0)
        return number - 1;
    kept = g_string_chunk_insert(network->strings, word);
    g_ptr_array_add(network->word_texts, kept);
    g_hash_table_insert(network->words, kept, GUINT_TO_POINTER(network->word_texts->len));
    return network->word_texts->len - 1;
}

guint32
mcp_network_find_word(const McpNetwork *network, const char *word)
{
    guint32 number = GPOINTER_TO_UINT(g_hash_table_lookup(network->words, word));

    return number > 0 ? number - 1 : MCP_NETWORK_NONE;
}

/* A token of several words is a chain of states. */
static guint32
build_token(Builder *builder, const McpExpansion *node, guint32 next)
{
    g_auto(GStrv) words = g_strsplit(node->text, " ", -1);

    for (guint i = g_strv_length(words); i > 0 && next != MCP_NETWORK_NONE; i--) {
        guint32 number = word_number(builder->network, words[i - 1]);

        next = add_state(builder, MCP_OP_TOKEN, number, next);
        if (next != MCP_NETWORK_NONE)
            mcp_network_state(builder->network, next)->continues = i > 1;
    }
    return next;
}

static guint32
build_sequence(Builder *builder, const McpExpansion *node, guint32 next)
{
    g_autoptr(GPtrArray) children = g_ptr_array_new();

    for (const McpExpansion *child = node->first; child != NULL; child = child->next)
        g_ptr_array_add(children, (gpointer)child);
    for (guint i = children->len; i > 0 && next != MCP_NETWORK_NONE; i--)
        next = build(builder, g_ptr_array_index(children, i - 1), next);
    return next;
}

/* @weights: (nullable): all weigh the same */
static guint32
add_fork(Builder *builder, const guint32 *targets, const float *weights, guint32 n)
{
    McpNetwork *network = builder->network;
    guint32 offset = network->alternatives->len;

    g_array_append_vals(network->alternatives, targets, n);
    for (guint32 i = 0; i < n; i++) {
        float weight = weights != NULL && weights[i] > 0 ? weights[i] : 1;

        g_array_append_val(network->weights, weight);
        network->weighted |= weight != 1;
    }
    return add_state(builder, MCP_OP_FORK, offset, n);
}

static guint32
build_alternatives(Builder *builder, const McpExpansion *node, guint32 next)
{
    g_autoptr(GArray) targets = g_array_new(FALSE, FALSE, sizeof(guint32));
    g_autoptr(GArray) weights = g_array_new(FALSE, FALSE, sizeof(float));

    for (const McpExpansion *child = node->first; child != NULL; child = child->next) {
        guint32 target = build(builder, child, next);

        if (target == MCP_NETWORK_NONE)
            return target;
        g_array_append_val(targets, target);
        g_array_append_val(weights, child->weight);
    }
    return add_fork(builder, (const guint32 *)(gpointer)targets->data,
                    (const float *)(gpointer)weights->data, targets->len);
}

/* The repeated part becomes a rule without a name, whose start is known only when it is built. */
static guint32
build_loop(Builder *builder, const McpExpansion *node, guint32 next)
{
    McpNetwork *network = builder->network;
    McpNetworkRule rule = {.document = builder->document};
    McpLoop loop = {0, node->min, node->max};
    guint32 end = add_state(builder, MCP_OP_END, 0, MCP_NETWORK_NONE);
    guint32 number = network->loops->len;

    if (end == MCP_NETWORK_NONE)
        return end;
    rule.start = build(builder, node->first, end);
    if (rule.start == MCP_NETWORK_NONE)
        return rule.start;
    number = network->loops->len;
    loop.rule = network->rules->len;
    mcp_network_state(network, end)->arg = loop.rule;
    g_array_append_val(network->rules, rule);
    g_array_append_val(network->loops, loop);
    return add_state(builder, MCP_OP_LOOP, number, next);
}

static guint32
build_repeat(Builder *builder, const McpExpansion *node, guint32 next)
{
    guint32 targets[2];

    if (node->min == 1 && node->max == 1)
        return build(builder, node->first, next);
    if (node->min != 0 || node->max > 1)
        return build_loop(builder, node, next);
    /* What may occur zero times only is not built to match, but its references are checked. */
    targets[0] = build(builder, node->first, next);
    targets[1] = next;
    if (targets[0] == MCP_NETWORK_NONE || node->max == 0)
        return targets[0] == MCP_NETWORK_NONE ? targets[0] : next;
    return add_fork(builder, targets, NULL, 2);
}

static guint32
refuse(Builder *builder, const McpExpansion *node, const char *what)
{
    mcp_grammar_document_fault(document_at(builder, builder->document), node->line, builder->error,
                               "rule '%.80s' %s", node->text, what);
    return MCP_NETWORK_NONE;
}

static const char *
insert_url(McpNetwork *network, const McpExpansion *node)
{
    g_autofree char *whole = g_strconcat(node->url, "#", node->rule, NULL);

    return g_string_chunk_insert_const(network->strings, whole);
}

static guint32
build_reference(Builder *builder, const McpExpansion *node, guint32 next)
{
    guint32 number = builder->document;
    const McpGrammarDocument *document;
    const char *name = node->rule;
    McpReference reference = {.text = node->text, .external = node->url != NULL || name == NULL};
    guint32 index;

    if (node->url != NULL) {
        number = GPOINTER_TO_UINT(g_hash_table_lookup(builder->by_url, node->url));
        if (number == 0)
            return refuse(builder, node, "is in a grammar that was not loaded");
        number--;
    }
    document = document_at(builder, number);
    if (document->mode != document_at(builder, 0)->mode)
        return refuse(builder, node, "is in a grammar of the other mode");
    /* SRGS 1.0 §2.2.2: without a fragment the root is meant, private or not. */
    if (name == NULL)
        name = document->root;
    if (name == NULL)
        return refuse(builder, node, "is the root of a grammar that has none");
    index = GPOINTER_TO_UINT(g_hash_table_lookup(document->by_name, name));
    if (index == 0)
        return refuse(builder, node, "is not defined");
    if (node->url != NULL && node->rule != NULL &&
        !g_array_index(document->rules, McpGrammarRule, index - 1).is_public)
        return refuse(builder, node, "is private");
    reference.rule = g_array_index(builder->first_rules, guint32, number) + index - 1;
    if (!reference.external)
        reference.text = name;
    else if (node->url != NULL && node->rule == NULL)
        reference.text = node->url;
    else if (node->url != NULL)
        reference.text = insert_url(builder->network, node);
    g_array_append_val(builder->network->references, reference);
    return add_state(builder, MCP_OP_CALL, builder->network->references->len - 1, next);
}

static guint32
build_tag(Builder *builder, const McpExpansion *node, guint32 next)
{
    McpTag tag = {node->text, node->line, builder->document};

    g_array_append_val(builder->network->tags, tag);
    return add_state(builder, MCP_OP_TAG, builder->network->tags->len - 1, next);
}

static guint32
build(Builder *builder, const McpExpansion *node, guint32 next)
{
    switch (node->kind) {
    case MCP_EXPANSION_SEQUENCE:
        return build_sequence(builder, node, next);
    case MCP_EXPANSION_ALTERNATIVES:
        return build_alternatives(builder, node, next);
    case MCP_EXPANSION_REPEAT:
        return build_repeat(builder, node, next);
    case MCP_EXPANSION_TOKEN:
        return build_token(builder, node, next);
    case MCP_EXPANSION_REFERENCE:
        return build_reference(builder, node, next);
    case MCP_EXPANSION_VOID:
        return add_state(builder, MCP_OP_DEAD, 0, next);
    case MCP_EXPANSION_GARBAGE:
        return add_state(builder, MCP_OP_ANY, 0, next);
    case MCP_EXPANSION_TAG:
        return build_tag(builder, node, next);
    case MCP_EXPANSION_NULL:
    default:
        return next;
    }
}

/* Numbers all named rules first, since they may refer to each other in any order. */
static void
declare_rules(Builder *builder)
{
    McpNetwork *network = builder->network;

    for (guint32 d = 0; d < network->documents->len; d++) {
        const McpGrammarDocument *document = document_at(builder, d);
        guint32 first = network->rules->len;

        g_array_append_val(builder->first_rules, first);
        if (!g_hash_table_contains(builder->by_url, document->url))
            g_hash_table_insert(builder->by_url, document->url, GUINT_TO_POINTER(d + 1));
        for (guint i = 0; i < document->rules->len; i++) {
            const McpGrammarRule *from = &g_array_index(document->rules, McpGrammarRule, i);
            McpNetworkRule rule = {from->name, MCP_NETWORK_NONE, d, from->is_public};

            g_array_append_val(network->rules, rule);
        }
    }
    network->n_named = network->rules->len;
}

static gboolean
build_rules(Builder *builder)
{
    McpNetwork *network = builder->network;
    guint32 number = 0;

    for (guint32 d = 0; d < network->documents->len; d++) {
        const McpGrammarDocument *document = document_at(builder, d);

        builder->document = d;
        for (guint i = 0; i < document->rules->len; i++, number++) {
            guint32 end = add_state(builder, MCP_OP_END, number, MCP_NETWORK_NONE);
            guint32 start = end;

            if (end != MCP_NETWORK_NONE)
                start = build(builder, g_array_index(document->rules, McpGrammarRule, i).body, end);
            if (start == MCP_NETWORK_NONE)
                return FALSE;
            mcp_network_rule(network, number)->start = start;
        }
    }
    return TRUE;
}

/* Without a root every public rule is active (SRGS 1.0 §4.7 leaves it to the host). */
static gboolean
activate_public(Builder *builder)
{
    McpNetwork *network = builder->network;
    const McpGrammarDocument *document = document_at(builder, 0);
    McpNetworkRule rule = {NULL, MCP_NETWORK_NONE, 0, FALSE};
    g_autoptr(GArray) targets = g_array_new(FALSE, FALSE, sizeof(guint32));
    guint32 end = add_state(builder, MCP_OP_END, network->rules->len, MCP_NETWORK_NONE);

    for (guint i = 0; i < document->rules->len && end != MCP_NETWORK_NONE; i++) {
        const McpGrammarRule *from = &g_array_index(document->rules, McpGrammarRule, i);
        McpReference reference = {i, from->name, FALSE};
        guint32 call;

        if (!from->is_public)
            continue;
        g_array_append_val(network->references, reference);
        call = add_state(builder, MCP_OP_CALL, network->references->len - 1, end);
        g_array_append_val(targets, call);
    }
    if (targets->len == 0 && *builder->error == NULL)
        return mcp_grammar_document_fault(document, 1, builder->error,
                                          "grammar has neither a root nor a public rule");
    rule.start = add_fork(builder, (const guint32 *)(gpointer)targets->data, NULL, targets->len);
    network->start = network->rules->len;
    g_array_append_val(network->rules, rule);
    return rule.start != MCP_NETWORK_NONE && *builder->error == NULL;
}

static gboolean
activate(Builder *builder, const char *name)
{
    const McpGrammarDocument *document = document_at(builder, 0);
    const McpGrammarRule *rule = NULL;

    if (name == NULL && document->root == NULL)
        return activate_public(builder);
    rule = mcp_grammar_document_find(document, name != NULL ? name : document->root);
    if (rule == NULL || (name != NULL && !rule->is_public))
        return mcp_grammar_document_fault(document, 1, builder->error, "rule '%.80s' %s", name,
                                          rule == NULL ? "is not defined" : "is private");
    builder->network->start =
        GPOINTER_TO_UINT(g_hash_table_lookup(document->by_name, rule->name)) - 1;
    return TRUE;
}

static McpNetwork *
network_new(GPtrArray *documents)
{
    McpNetwork *network = g_new0(McpNetwork, 1);

    network->documents = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_grammar_document_unref);
    for (guint i = 0; i < documents->len; i++)
        g_ptr_array_add(network->documents, mcp_grammar_document_ref(documents->pdata[i]));
    network->states = g_array_new(FALSE, FALSE, sizeof(McpState));
    network->alternatives = g_array_new(FALSE, FALSE, sizeof(guint32));
    network->weights = g_array_new(FALSE, FALSE, sizeof(float));
    network->loops = g_array_new(FALSE, FALSE, sizeof(McpLoop));
    network->references = g_array_new(FALSE, FALSE, sizeof(McpReference));
    network->rules = g_array_new(FALSE, FALSE, sizeof(McpNetworkRule));
    network->tags = g_array_new(FALSE, FALSE, sizeof(McpTag));
    network->words = g_hash_table_new(g_str_hash, g_str_equal);
    network->word_texts = g_ptr_array_new();
    network->strings = g_string_chunk_new(1024);
    return network;
}

McpNetwork *
mcp_network_build(GPtrArray *documents, const char *rule, GError **error)
{
    g_autoptr(McpNetwork) network = network_new(documents);
    g_autoptr(GHashTable) by_url = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GArray) first_rules = g_array_new(FALSE, FALSE, sizeof(guint32));
    GError *wrong = NULL;
    Builder builder = {network, 0, by_url, first_rules, &wrong};

    declare_rules(&builder);
    if (!build_rules(&builder) || !activate(&builder, rule)) {
        g_propagate_error(error, wrong);
        return NULL;
    }
    mcp_network_mark_alive(network);
    return g_steal_pointer(&network);
}

void
mcp_network_free(McpNetwork *network)
{
    g_ptr_array_unref(network->documents);
    g_array_unref(network->states);
    g_array_unref(network->alternatives);
    g_array_unref(network->weights);
    g_array_unref(network->loops);
    g_array_unref(network->references);
    g_array_unref(network->rules);
    g_array_unref(network->tags);
    g_hash_table_unref(network->words);
    g_ptr_array_unref(network->word_texts);
    g_string_chunk_free(network->strings);
    g_free(network);
}

gsize
mcp_network_size(const McpNetwork *network)
{
    gsize size = 4096 + network->states->len * sizeof(McpState) +
                 network->rules->len * sizeof(McpNetworkRule) + network->word_texts->len * 64 +
                 network->alternatives->len * (sizeof(guint32) + sizeof(float));

    for (guint i = 0; i < network->documents->len; i++)
        size += ((McpGrammarDocument *)network->documents->pdata[i])->size * 4;
    return size;
}
