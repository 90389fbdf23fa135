/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * McpLogLevel: severities of log lines, in falling order of weight.
 */
typedef enum {
    MCP_LOG_ERROR,
    MCP_LOG_WARNING,
    MCP_LOG_INFO,
    MCP_LOG_DEBUG,
} McpLogLevel;

/**
 * mcp_log_message:
 * @level: severity
 * @domain: G_LOG_DOMAIN of the caller, "mcp-NAME" where NAME is the plugin or core folder
 * @id: stable identifier of this kind of line, for example "call-refused"; lower case and hyphens
 * @call_id: (nullable): id of the call that the line belongs to
 * @format: printf format of the text: one event, one line; control characters are escaped
 *
 * Writes one structured line. Any thread; a media worker may use it at debug level only. Costs an
 * atomic read when the level is off (use the macros, which test first).
 */
void mcp_log_message(McpLogLevel level, const char *domain, const char *id, const char *call_id,
                     const char *format, ...) G_GNUC_PRINTF(5, 6);

/** mcp_log_enabled: whether lines of @level that name no call are written. Any thread. */
gboolean mcp_log_enabled(McpLogLevel level);

/**
 * mcp_log_wanted: whether lines of @level about @call_id (nullable) are written: the level is on,
 * or a trace asks for more of this call. One atomic read unless a trace raises the level. Any
 * thread.
 */
gboolean mcp_log_wanted(McpLogLevel level, const char *call_id);

/** mcp_log_set_level: lines up to @level are written from now on. Any thread. */
void mcp_log_set_level(McpLogLevel level);

/** mcp_log_get_level: the level in force. Any thread. */
McpLogLevel mcp_log_get_level(void);

/** mcp_log_level_to_string: "error", "warning", "info" or "debug". */
const char *mcp_log_level_to_string(McpLogLevel level);

/** mcp_log_level_from_string: FALSE when @name is none of the four. */
gboolean mcp_log_level_from_string(const char *name, McpLogLevel *out_level);

/**
 * McpLogObserver: sees each line that is written, for example to count ids. @plugin is the domain
 * without "mcp-", or a library's. On the thread that writes the line, which waits for it: neither
 * locks nor logs.
 */
typedef void (*McpLogObserver)(McpLogLevel level, const char *plugin, const char *id,
                               const char *call_id, const char *text, gpointer user_data);

/**
 * mcp_log_add_observer: @observer sees lines from now on. Returns: its number, or 0 when there are
 * too many of them (8). Any thread.
 */
guint mcp_log_add_observer(McpLogObserver observer, gpointer user_data);

/**
 * mcp_log_remove_observer: takes the one with @number (0: none) away; it is not called any more
 * after it. Any thread, but for its own call.
 */
void mcp_log_remove_observer(guint number);

#define mcp_log_at(level, id, call_id, ...)                                 \
    G_STMT_START                                                            \
    {                                                                       \
        if (mcp_log_wanted(level, call_id))                                 \
            mcp_log_message(level, G_LOG_DOMAIN, id, call_id, __VA_ARGS__); \
    }                                                                       \
    G_STMT_END
#define mcp_log_error(id, call_id, ...) mcp_log_at(MCP_LOG_ERROR, id, call_id, __VA_ARGS__)
#define mcp_log_warning(id, call_id, ...) mcp_log_at(MCP_LOG_WARNING, id, call_id, __VA_ARGS__)
#define mcp_log_info(id, call_id, ...) mcp_log_at(MCP_LOG_INFO, id, call_id, __VA_ARGS__)
#define mcp_log_debug(id, call_id, ...) mcp_log_at(MCP_LOG_DEBUG, id, call_id, __VA_ARGS__)

G_END_DECLS
