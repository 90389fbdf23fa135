/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which states of a network can reach the end of their rule. Only those are followed in a match, so
 * that "more digits can match" is never said because of a part that can never end. Linear in the
 * size of the network.
 */
#include "network.h"

typedef struct {
    McpNetwork *network;
    guint32 *offsets; /* of each state's first user in @users */
    guint32 *users;   /* states that depend on a state */
    GArray *work;
} Marker;

static guint32
called_start(const McpNetwork *network, const McpState *state)
{
    guint32 rule = state->op == MCP_OP_CALL ? mcp_network_reference(network, state->arg)->rule
                                            : mcp_network_loop(network, state->arg)->rule;

    return mcp_network_rule(network, rule)->start;
}

/* The states on which @state depends, by a callback-free walk: returns the n-th, or NONE. */
static guint32
dependency(const McpNetwork *network, const McpState *state, guint32 n)
{
    if (state->op == MCP_OP_FORK)
        return n < state->next ? mcp_network_alternative(network, state->arg + n)
                               : MCP_NETWORK_NONE;
    if (state->op == MCP_OP_END || state->op == MCP_OP_DEAD)
        return MCP_NETWORK_NONE;
    if (n == 0)
        return state->next;
    if (n == 1 && (state->op == MCP_OP_CALL || state->op == MCP_OP_LOOP))
        return called_start(network, state);
    return MCP_NETWORK_NONE;
}

static void
list_users(Marker *marker)
{
    McpNetwork *network = marker->network;
    guint32 n_states = network->states->len;
    guint32 total = 0;
    guint32 on;

    for (guint32 i = 0; i < n_states; i++)
        for (guint32 n = 0;
             (on = dependency(network, mcp_network_state(network, i), n)) != MCP_NETWORK_NONE; n++)
            marker->offsets[on + 1]++;
    for (guint32 i = 0; i < n_states; i++)
        marker->offsets[i + 1] += marker->offsets[i];
    total = marker->offsets[n_states];
    marker->users = g_new(guint32, total + 1);
    /* Filled from the back, which leaves each offset at the first entry of its state. */
    for (guint32 i = 0; i < n_states; i++)
        for (guint32 n = 0;
             (on = dependency(network, mcp_network_state(network, i), n)) != MCP_NETWORK_NONE; n++)
            marker->users[--marker->offsets[on + 1]] = i;
    marker->offsets[n_states + 1] = total;
}

static gboolean
is_alive(const McpNetwork *network, const McpState *state)
{
    if (state->op == MCP_OP_FORK) {
        for (guint32 n = 0; n < state->next; n++)
            if (mcp_network_state(network, mcp_network_alternative(network, state->arg + n))->alive)
                return TRUE;
        return FALSE;
    }
    if (state->op == MCP_OP_DEAD || !mcp_network_state(network, state->next)->alive)
        return FALSE;
    if (state->op == MCP_OP_LOOP && mcp_network_loop(network, state->arg)->min == 0)
        return TRUE;
    if (state->op == MCP_OP_CALL || state->op == MCP_OP_LOOP)
        return mcp_network_state(network, called_start(network, state))->alive;
    return TRUE;
}

static void
spread(Marker *marker, guint32 from)
{
    /* After the filling, the users of a state begin one place further on. */
    for (guint32 i = marker->offsets[from + 1]; i < marker->offsets[from + 2]; i++) {
        guint32 user = marker->users[i];
        McpState *state = mcp_network_state(marker->network, user);

        if (!state->alive && is_alive(marker->network, state)) {
            state->alive = 1;
            g_array_append_val(marker->work, user);
        }
    }
}

void
mcp_network_mark_alive(McpNetwork *network)
{
    guint32 n_states = network->states->len;
    Marker marker = {network, g_new0(guint32, n_states + 2), NULL,
                     g_array_new(FALSE, FALSE, sizeof(guint32))};

    list_users(&marker);
    for (guint32 i = 0; i < n_states; i++) {
        if (mcp_network_state(network, i)->op != MCP_OP_END)
            continue;
        mcp_network_state(network, i)->alive = 1;
        g_array_append_val(marker.work, i);
    }
    while (marker.work->len > 0) {
        guint32 last = g_array_index(marker.work, guint32, marker.work->len - 1);

        g_array_set_size(marker.work, marker.work->len - 1);
        spread(&marker, last);
    }
    g_free(marker.offsets);
    g_free(marker.users);
    g_array_unref(marker.work);
}
