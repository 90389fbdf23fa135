/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "chart.h"

typedef enum {
    MCP_PARSE_ENTER, /* @arg: reference, MCP_NETWORK_NONE for the active rule */
    MCP_PARSE_LEAVE,
    MCP_PARSE_TOKEN, /* @arg: state */
    MCP_PARSE_TAG,   /* @arg: tag */
} McpParseKind;

/** McpParseStep: the parse tree is a list of steps, rules in brackets. */
typedef struct {
    McpParseKind kind;
    guint32 arg;
    guint32 rule; /* ENTER */
} McpParseStep;

/**
 * mcp_derivation_new: (transfer full) (nullable): the McpParseSteps of one parse of the input,
 * which matches: the first alternative that does, repeats as long as they can be. MCP_ERROR_LIMIT
 * when the tree would be too large.
 */
GArray *mcp_derivation_new(const McpChart *chart, GError **error);
/** mcp_derivation_print: (transfer full): $rule["token",$other[…],{!{tag}!}], a rule of another
 * document as $<absolute URL>[…]; for tests. */
char *mcp_derivation_print(const McpChart *chart, const GArray *steps);
