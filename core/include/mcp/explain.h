/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/json.h>

G_BEGIN_DECLS

/**
 * McpExplain: the steps by which something is decided, for who asks why. Who decides adds them as
 * it goes, and does the same without one: every function takes NULL. One thread at a time.
 */
typedef struct _McpExplain McpExplain;

/** McpExplainOutcome: of one step. */
typedef enum {
    MCP_EXPLAIN_PASSED,
    MCP_EXPLAIN_REFUSED,
    MCP_EXPLAIN_NOTED, /* decides nothing by itself */
} McpExplainOutcome;

/** mcp_explain_new: (transfer full): without steps. */
McpExplain *mcp_explain_new(void);
/** mcp_explain_ref: (transfer full). Any thread. */
McpExplain *mcp_explain_ref(McpExplain *explain);
/** mcp_explain_unref: Any thread. */
void mcp_explain_unref(McpExplain *explain);

/**
 * mcp_explain_add: a step.
 * @explain: (nullable)
 * @check: short name of what was looked at
 * @format: printf format of what was found
 */
void mcp_explain_add(McpExplain *explain, const char *check, McpExplainOutcome outcome,
                     const char *format, ...) G_GNUC_PRINTF(4, 5);

/** mcp_explain_write: adds an array "steps" of {check, outcome, text}. */
void mcp_explain_write(const McpExplain *explain, McpJson *json);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpExplain, mcp_explain_unref)

G_END_DECLS
