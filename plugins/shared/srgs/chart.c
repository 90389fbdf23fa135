/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Follows an input through a network, all ways at once. One set of items a position; an item stands
 * once in a set, so neither empty loops nor ambiguity make it grow without bound.
 */
#include "chart.h"

#define MAX_ITEMS 400000

#define item_at(chart, i) (&g_array_index((chart)->items, McpChartItem, i))

static guint32
set_start(const McpChart *chart, guint32 position)
{
    return g_array_index(chart->sets, guint32, position);
}

static guint64
rule_key(guint32 rule, guint32 position)
{
    return (guint64)rule << 16 | position;
}

static void
add_item(McpChart *chart, guint32 state, guint32 origin, guint32 count)
{
    McpChartItem item = {state, (guint16)origin, (guint16)count, 0};
    gboolean is_new;

    if (!mcp_network_state(chart->network, state)->alive)
        return;
    if (chart->items->len >= MAX_ITEMS) {
        chart->overflow = TRUE;
        return;
    }
    mcp_table_insert(&chart->present, (guint64)state << 32 | (guint64)count << 12 | origin,
                     &is_new);
    if (is_new)
        g_array_append_val(chart->items, item);
}

/* The rule that @item waits for has ended here; it began at @origin, @here is the present one. */
static void
advance(McpChart *chart, const McpChartItem *item, gboolean empty)
{
    const McpState *state = mcp_network_state(chart->network, item->state);
    const McpLoop *loop;
    guint32 count;

    if (state->op == MCP_OP_CALL) {
        add_item(chart, state->next, item->origin, 0);
        return;
    }
    loop = mcp_network_loop(chart->network, state->arg);
    /* An empty turn can be repeated until there are enough, and is of no use after that. */
    if (empty)
        count = MAX(loop->min, item->count);
    else
        count = loop->max == MCP_GRAMMAR_REPEAT_MAX ? MIN(item->count + 1u, loop->min)
                                                    : item->count + 1u;
    add_item(chart, item->state, item->origin, count);
}

static void
wait_for(McpChart *chart, guint32 index, guint32 rule, guint32 position)
{
    gboolean is_new;
    guint32 *head = mcp_table_insert(&chart->waiting, rule_key(rule, position), &is_new);
    const McpChartEnd *end;

    item_at(chart, index)->waiting = *head;
    *head = index + 1;
    if (is_new)
        add_item(chart, mcp_network_rule(chart->network, rule)->start, position, 0);
    /* It may have ended at once before this item came. */
    for (end = mcp_chart_find_end(chart, rule, position); end != NULL;
         end = end->next > 0 ? &g_array_index(chart->ends, McpChartEnd, end->next - 1) : NULL) {
        if (end->position == position) {
            McpChartItem item = *item_at(chart, index);

            advance(chart, &item, TRUE);
            return;
        }
    }
}

static void
end_rule(McpChart *chart, const McpChartItem *item, guint32 rule, guint32 position)
{
    gboolean is_new;
    guint32 *head = mcp_table_insert(&chart->ended, rule_key(rule, item->origin), &is_new);
    McpChartEnd end = {position, chart->ends->len, *head};
    guint32 *waiting;
    guint32 next;

    g_array_append_val(chart->ends, end);
    *head = chart->ends->len;
    waiting = mcp_table_find(&chart->waiting, rule_key(rule, item->origin));
    for (next = waiting != NULL ? *waiting : 0; next > 0;) {
        McpChartItem waiter = *item_at(chart, next - 1);

        advance(chart, &waiter, item->origin == position);
        next = waiter.waiting;
    }
}

static void
follow(McpChart *chart, guint32 index, guint32 position)
{
    McpChartItem item = *item_at(chart, index);
    const McpState *state = mcp_network_state(chart->network, item.state);
    const McpLoop *loop;

    switch ((McpOp)state->op) {
    case MCP_OP_FORK:
        for (guint32 i = 0; i < state->next; i++)
            add_item(chart, mcp_network_alternative(chart->network, state->arg + i), item.origin,
                     0);
        break;
    case MCP_OP_CALL:
        wait_for(chart, index, mcp_network_reference(chart->network, state->arg)->rule, position);
        break;
    case MCP_OP_LOOP:
        loop = mcp_network_loop(chart->network, state->arg);
        if (item.count >= loop->min)
            add_item(chart, state->next, item.origin, 0);
        if (item.count < loop->max)
            wait_for(chart, index, loop->rule, position);
        break;
    case MCP_OP_TAG:
    case MCP_OP_ANY:
        add_item(chart, state->next, item.origin, 0);
        break;
    case MCP_OP_END:
        end_rule(chart, &item, state->arg, position);
        break;
    case MCP_OP_TOKEN:
    case MCP_OP_DEAD:
    default:
        break;
    }
}

static void
close_set(McpChart *chart, guint32 position)
{
    for (guint32 i = set_start(chart, position); i < chart->items->len && !chart->overflow; i++)
        follow(chart, i, position);
}

McpChart *
mcp_chart_new(const McpNetwork *network)
{
    McpChart *chart = g_new0(McpChart, 1);
    guint32 zero = 0;
    gboolean is_new;

    chart->network = network;
    chart->items = g_array_new(FALSE, FALSE, sizeof(McpChartItem));
    chart->sets = g_array_new(FALSE, FALSE, sizeof(guint32));
    chart->ends = g_array_new(FALSE, FALSE, sizeof(McpChartEnd));
    chart->input = g_array_new(FALSE, FALSE, sizeof(guint32));
    g_array_append_val(chart->sets, zero);
    /* Nobody waits for the active rule, but a second reference to it must not start it again. */
    mcp_table_insert(&chart->waiting, rule_key(network->start, 0), &is_new);
    add_item(chart, mcp_network_rule(network, network->start)->start, 0, 0);
    close_set(chart, 0);
    return chart;
}

void
mcp_chart_free(McpChart *chart)
{
    g_array_unref(chart->items);
    g_array_unref(chart->sets);
    g_array_unref(chart->ends);
    g_array_unref(chart->input);
    mcp_table_clear(&chart->present);
    mcp_table_clear(&chart->waiting);
    mcp_table_clear(&chart->ended);
    g_free(chart);
}

void
mcp_chart_feed(McpChart *chart, guint32 word)
{
    guint32 last = chart->input->len;
    guint32 start = set_start(chart, last);
    guint32 end = chart->items->len;

    if (last >= MCP_CHART_INPUT_MAX)
        chart->overflow = TRUE;
    if (chart->overflow)
        return;
    g_array_append_val(chart->input, word);
    g_array_append_val(chart->sets, end);
    mcp_table_clear(&chart->present);
    for (guint32 i = start; i < end && !chart->overflow; i++) {
        McpChartItem item = *item_at(chart, i);
        const McpState *state = mcp_network_state(chart->network, item.state);

        if (state->op == MCP_OP_TOKEN && state->arg == word)
            add_item(chart, state->next, item.origin, 0);
        else if (state->op == MCP_OP_ANY)
            add_item(chart, item.state, item.origin, 0);
    }
    close_set(chart, last + 1);
}

const McpChartEnd *
mcp_chart_find_end(const McpChart *chart, guint32 rule, guint32 origin)
{
    guint32 *head = mcp_table_find(&chart->ended, rule_key(rule, origin));

    return head != NULL && *head > 0 ? &g_array_index(chart->ends, McpChartEnd, *head - 1) : NULL;
}

gboolean
mcp_chart_matches(const McpChart *chart)
{
    const McpChartEnd *end = mcp_chart_find_end(chart, chart->network->start, 0);

    /* The newest end comes first. */
    return !chart->overflow && end != NULL && end->position == chart->input->len;
}

gboolean
mcp_chart_can_go_on(const McpChart *chart)
{
    if (chart->overflow)
        return FALSE;
    for (guint32 i = set_start(chart, chart->input->len); i < chart->items->len; i++) {
        const McpState *state = mcp_network_state(chart->network, item_at(chart, i)->state);

        if (state->op == MCP_OP_TOKEN || state->op == MCP_OP_ANY)
            return TRUE;
    }
    return FALSE;
}
