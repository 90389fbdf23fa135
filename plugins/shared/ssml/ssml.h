/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <xml/xml.h>

G_BEGIN_DECLS

#define MCP_SSML_NAMESPACE "http://www.w3.org/2001/10/synthesis"

/** McpSsmlChecks: how much is demanded. */
typedef enum {
    MCP_SSML_CONFORMING, /* all that SSML 1.0 or 1.1, as the document says, demands */
    MCP_SSML_TOLERANT,   /* well-formed values of the attributes that are known */
} McpSsmlChecks;

/**
 * mcp_ssml_check: whether @root is a <speak> as the standard has it. MCP_ERROR_INVALID with
 * "line N: …" for the first fault. Any thread.
 */
gboolean mcp_ssml_check(const McpXmlNode *root, McpSsmlChecks checks, GError **error);

/** mcp_ssml_pause: what the <break> @node lasts; MCP_ERROR_INVALID with "line N: …". Any thread. */
gboolean mcp_ssml_pause(const McpXmlNode *node, guint *out_ms, GError **error);

/** McpSsmlValue: kinds of attribute values. */
typedef enum {
    MCP_SSML_ANY,
    MCP_SSML_FILLED, /* not empty */
    MCP_SSML_LANGUAGE,
    MCP_SSML_TIME,
    MCP_SSML_NUMBER,
    MCP_SSML_RATE,
    MCP_SSML_PITCH,
    MCP_SSML_VOLUME,
    MCP_SSML_CONTOUR,
    MCP_SSML_STRENGTH,
    MCP_SSML_LEVEL,
    MCP_SSML_GENDER,
    MCP_SSML_ALPHABET,
    MCP_SSML_HINT,
    MCP_SSML_FAILURE,
} McpSsmlValue;

/** mcp_ssml_is_value: whether @text is a value of @kind. */
gboolean mcp_ssml_is_value(McpSsmlValue kind, const char *text);

G_END_DECLS
