/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "document.h"

#define MCP_NETWORK_NONE G_MAXUINT32

/** McpOp: what a state of the network does; "next" is the state after it. */
typedef enum {
    MCP_OP_TOKEN, /* consumes the word @arg */
    MCP_OP_ANY,   /* consumes any words, or none */
    MCP_OP_FORK,  /* goes on at any of @next states listed from @arg on */
    MCP_OP_CALL,  /* the rule of reference @arg, then next */
    MCP_OP_LOOP,  /* loop @arg: a rule several times, then next */
    MCP_OP_TAG,   /* tag @arg */
    MCP_OP_END,   /* end of the rule */
    MCP_OP_DEAD,  /* nothing matches */
} McpOp;

typedef struct {
    guint8 op;
    guint8 continues; /* TOKEN: not the first word of a token of several words */
    guint8 alive;     /* the end of the rule can be reached from here */
    guint32 arg;
    guint32 next;
} McpState;

typedef struct {
    guint32 rule;
    guint32 min;
    guint32 max;
} McpLoop;

typedef struct {
    guint32 rule;
    const char *text; /* name of a local rule, else the absolute URL */
    gboolean external;
} McpReference;

typedef struct {
    const char *name; /* NULL: a repeated part, which is no rule of its own */
    guint32 start;
    guint32 document;
    gboolean is_public;
} McpNetworkRule;

typedef struct {
    const char *text;
    guint line;
    guint32 document;
} McpTag;

/**
 * McpNetwork: the rules of a grammar and of all that it references, as one set of states. Immutable
 * once built. Any thread.
 */
typedef struct {
    GPtrArray *documents; /* McpGrammarDocument; the first one is the grammar itself */
    GArray *states;
    GArray *alternatives; /* guint32 */
    GArray *weights;      /* float, of the alternatives */
    gboolean weighted;    /* one of them is not 1 */
    GArray *loops;
    GArray *references;
    GArray *rules;
    GArray *tags;
    GHashTable *words; /* text -> number + 1 */
    GPtrArray *word_texts;
    GStringChunk *strings;
    guint32 start; /* the rule that is active */
    guint n_named; /* rules with a name come first */
} McpNetwork;

/**
 * mcp_network_build:
 * @documents: the grammar and all that it references, directly or not
 * @rule: (nullable): a public rule of the first one instead of its root
 *
 * Returns: (transfer full) (nullable): MCP_ERROR_INVALID for references to what is not there or
 * not public, MCP_ERROR_LIMIT. Big ones: compute pool.
 */
McpNetwork *mcp_network_build(GPtrArray *documents, const char *rule, GError **error);
void mcp_network_free(McpNetwork *network);
/** mcp_network_find_word: MCP_NETWORK_NONE for a word that the grammar does not have. */
guint32 mcp_network_find_word(const McpNetwork *network, const char *word);
/** mcp_network_mark_alive: finds the states from which a rule's end can be reached. */
void mcp_network_mark_alive(McpNetwork *network);
/** mcp_network_size: bytes held, about. */
gsize mcp_network_size(const McpNetwork *network);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpNetwork, mcp_network_free)

#define mcp_network_state(network, i) (&g_array_index((network)->states, McpState, i))
#define mcp_network_rule(network, i) (&g_array_index((network)->rules, McpNetworkRule, i))
#define mcp_network_loop(network, i) (&g_array_index((network)->loops, McpLoop, i))
#define mcp_network_reference(network, i) (&g_array_index((network)->references, McpReference, i))
#define mcp_network_tag(network, i) (&g_array_index((network)->tags, McpTag, i))
#define mcp_network_weight(network, i) ((double)g_array_index((network)->weights, float, i))
#define mcp_network_alternative(network, i) (g_array_index((network)->alternatives, guint32, i))
