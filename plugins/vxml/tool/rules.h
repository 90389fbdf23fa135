/* SPDX-License-Identifier: Apache-2.0 */
/* What the lint can find: ids, how grave each is, and what to do about it. Read-only. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** McpVxmlSeverity: in rising order of weight. */
typedef enum {
    MCP_VXML_SEVERITY_NOTE,    /* works, but callers or operators will regret it */
    MCP_VXML_SEVERITY_WARNING, /* does something else than is likely meant */
    MCP_VXML_SEVERITY_ERROR,   /* does not load, or throws an event when it is reached */
} McpVxmlSeverity;

/** McpVxmlRule: one kind of finding. */
typedef struct {
    const char *id;
    McpVxmlSeverity severity;
    const char *summary; /* one sentence without a full stop */
    const char *hint;    /* what to do */
} McpVxmlRule;

/** mcp_vxml_rules: ends with a NULL id. */
extern const McpVxmlRule mcp_vxml_rules[];

/** mcp_vxml_rule_find: (nullable): by id. */
const McpVxmlRule *mcp_vxml_rule_find(const char *id);
/** mcp_vxml_severity_to_string: "note", "warning", "error". */
const char *mcp_vxml_severity_to_string(McpVxmlSeverity severity);
/** mcp_vxml_severity_from_string: FALSE when it is none of them. */
gboolean mcp_vxml_severity_from_string(const char *text, McpVxmlSeverity *out_severity);

G_END_DECLS
