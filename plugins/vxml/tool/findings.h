/* SPDX-License-Identifier: Apache-2.0 */
/* What was found where, and how it is told: text, JSON, SARIF 2.1.0. One thread. */
#pragma once
#include "rules.h"

G_BEGIN_DECLS

/** McpVxmlFinding: one of them. */
typedef struct {
    const McpVxmlRule *rule;
    char *file; /* as the user named it, else a URL */
    char *url;
    guint line;
    guint column;
    char *text;
    char *hint; /* nullable: better than the rule's own */
} McpVxmlFinding;

typedef enum {
    MCP_VXML_FORM_TEXT,
    MCP_VXML_FORM_JSON,
    MCP_VXML_FORM_SARIF,
} McpVxmlForm;

/** mcp_vxml_findings_new: (transfer full): an array of McpVxmlFinding. */
GPtrArray *mcp_vxml_findings_new(void);
/** mcp_vxml_findings_sort: by file in the order given, line, column; the same twice counts once. */
void mcp_vxml_findings_sort(GPtrArray *findings);
/** mcp_vxml_findings_count: how many are at least as grave as @severity. */
guint mcp_vxml_findings_count(const GPtrArray *findings, McpVxmlSeverity severity);
/** mcp_vxml_findings_write: (transfer full): those at least as grave as @level. */
char *mcp_vxml_findings_write(const GPtrArray *findings, McpVxmlForm form, McpVxmlSeverity level);

G_END_DECLS
