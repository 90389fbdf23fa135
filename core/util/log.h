/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/log.h>

/** McpLogOutput: the form of log lines. AUTO: human on a terminal, journal fields or JSON else. */
typedef enum {
    MCP_LOG_OUTPUT_AUTO,
    MCP_LOG_OUTPUT_HUMAN,
    MCP_LOG_OUTPUT_JSON,
    MCP_LOG_OUTPUT_JOURNAL,
} McpLogOutput;

/** mcp_log_set_output: chooses the form; standard error takes human and JSON lines. Any thread. */
void mcp_log_set_output(McpLogOutput output);

/** mcp_log_configure: level and form by their names; others change nothing. Any thread. */
void mcp_log_configure(const char *level, const char *output);
/** mcp_log_install_writer: lines that libraries write through GLib take the same way. Once. */
void mcp_log_install_writer(void);

/** McpLogOverride: whether a line of @level about @call_id (nullable) is wanted. Any thread. */
typedef gboolean (*McpLogOverride)(McpLogLevel level, const char *call_id);

/**
 * mcp_log_set_override: @func decides on lines that the level leaves out, up to @highest; NULL ends
 * that. One at a time; the pointer itself must stay valid for ever. Any thread.
 */
void mcp_log_set_override(McpLogOverride func, McpLogLevel highest);
