/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/json.h>

/** McpFindings: what stands in the way of a yes, and what makes it less than a whole one. */
typedef struct {
    GPtrArray *fatal;    /* McpFinding */
    GPtrArray *degraded; /* McpFinding */
} McpFindings;

/** McpFinding: one reason. */
typedef struct {
    const char *what; /* static: "loop", "node", "service", "dependency" */
    char *name;
    char *text;
} McpFinding;

/** mcp_findings_new: (transfer full): none. */
McpFindings *mcp_findings_new(void);
/** mcp_findings_free: */
void mcp_findings_free(McpFindings *findings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpFindings, mcp_findings_free)
/** mcp_findings_add: @fatal: it makes the answer no. */
void mcp_findings_add(McpFindings *findings, gboolean fatal, const char *what, const char *name,
                      const char *format, ...) G_GNUC_PRINTF(5, 6);
/** mcp_findings_write: members status, reasons and degraded of an open object. */
void mcp_findings_write(const McpFindings *findings, McpJson *json);
/** mcp_findings_to_line: (transfer full): "consul: connection refused; loop sip: …". */
char *mcp_findings_to_line(const GPtrArray *list);
