/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "network.h"
#include "table.h"

/* Longest input, in words or digits; positions are kept in 12 bits. */
#define MCP_CHART_INPUT_MAX 512

/** McpChartItem: a state reached at some position in a rule that began at @origin. */
typedef struct {
    guint32 state;
    guint16 origin;
    guint16 count;   /* LOOP: how often already */
    guint32 waiting; /* index + 1 of the next item of this set that waits for the same rule */
} McpChartItem;

/** McpChartEnd: a rule that began at some position can end at @position. */
typedef struct {
    guint32 position;
    guint32 order; /* the how-many-eth end that was found: it rests on earlier ones alone */
    guint32 next;  /* index + 1 of another end of the same rule and beginning */
} McpChartEnd;

/**
 * McpChart: the state of one input against one network: all states that can be reached, for each
 * position, after Earley's method. Its size is bounded by the lengths of input and network,
 * whatever the ambiguity, recursion or empty parts. One owner.
 */
typedef struct {
    const McpNetwork *network;
    GArray *items;     /* McpChartItem, all sets after each other */
    GArray *sets;      /* guint32: first item of each set */
    GArray *ends;      /* McpChartEnd */
    GArray *input;     /* guint32: words */
    McpTable present;  /* items of the newest set */
    McpTable waiting;  /* rule and position -> index + 1 of the first item waiting */
    McpTable ended;    /* rule and origin -> index + 1 of the first end */
    gboolean overflow; /* a bound was reached; nothing matches any more */
} McpChart;

McpChart *mcp_chart_new(const McpNetwork *network);
void mcp_chart_free(McpChart *chart);
/** mcp_chart_feed: one word more, MCP_NETWORK_NONE for one that the network does not have. */
void mcp_chart_feed(McpChart *chart, guint32 word);
/** mcp_chart_matches: whether the input so far is what the active rule describes. */
gboolean mcp_chart_matches(const McpChart *chart);
/** mcp_chart_can_go_on: whether some further input can match. */
gboolean mcp_chart_can_go_on(const McpChart *chart);
/** mcp_chart_find_end: (nullable): first of the ends of @rule from @origin; follow next. */
const McpChartEnd *mcp_chart_find_end(const McpChart *chart, guint32 rule, guint32 origin);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpChart, mcp_chart_free)
