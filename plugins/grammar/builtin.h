/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/contract/grammar.h>

/** McpBuiltinKind: the builtin types of VoiceXML 2.0 Appendix P. */
typedef enum {
    MCP_BUILTIN_NONE,
    MCP_BUILTIN_BOOLEAN,
    MCP_BUILTIN_DIGITS,
    MCP_BUILTIN_NUMBER,
    MCP_BUILTIN_PHONE,
    MCP_BUILTIN_CURRENCY,
    MCP_BUILTIN_DATE,
    MCP_BUILTIN_TIME,
} McpBuiltinKind;

/** McpBuiltin: a builtin grammar with its parameters. */
typedef struct {
    McpBuiltinKind kind;
    McpGrammarMode mode;
    char yes;
    char no;
    guint min;
    guint max;
} McpBuiltin;

/** mcp_builtin_is: whether @uri is of the scheme "builtin:". */
gboolean mcp_builtin_is(const char *uri);
/**
 * mcp_builtin_parse: "builtin:dtmf/digits?minlength=3;maxlength=9", "builtin:grammar/boolean".
 * MCP_ERROR_UNSUPPORTED for a type or parameter that is not known, MCP_ERROR_INVALID for a value.
 */
gboolean mcp_builtin_parse(const char *uri, McpBuiltin *out, GError **error);
/** mcp_builtin_source: (transfer full): the grammar in the XML form of SRGS. */
GBytes *mcp_builtin_source(const McpBuiltin *builtin);
/** mcp_builtin_result: (transfer full): JSON for the keys @input, which the grammar matched. */
char *mcp_builtin_result(const McpBuiltin *builtin, const char *input);
