/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "call/calls.h"

/* The set of calls in figures, as the core's metrics table shows it. */

#define MCP_CALLS_STATES 8
#define MCP_CALLS_STATE_NAMES \
    "preparing|placing|answering|waiting|running|redirected|closing|releasing"
#define MCP_CALLS_ENDER_NAMES "caller|callee|platform|network"

/** McpCallsFigures: @states in the order of MCP_CALLS_STATE_NAMES. */
typedef struct {
    guint states[MCP_CALLS_STATES];
    gint64 limit;
    gboolean draining; /* these five: no new call is taken because of it */
    gboolean busy;
    gboolean full;
    gboolean held;
    gboolean stuck;
} McpCallsFigures;

/** mcp_calls_measure: fills @out_figures. Any thread. */
void mcp_calls_measure(McpCalls *calls, McpCallsFigures *out_figures);
/** mcp_calls_ender_label: index of @by (nullable) in MCP_CALLS_ENDER_NAMES. */
guint mcp_calls_ender_label(const char *by);
