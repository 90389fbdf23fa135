/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * McpSettingType: how the text of a setting is read.
 *
 * @MCP_SETTING_BOOL: true/false, yes/no, on/off
 * @MCP_SETTING_INT: decimal; range "MIN..MAX"
 * @MCP_SETTING_DURATION: number with us, ms, s, m, h or d; kept in µs; range "MIN..MAX"
 * @MCP_SETTING_SIZE: number with optional K, M, G (powers of 1024); bytes; range "MIN..MAX"
 * @MCP_SETTING_STRING: text as it stands
 * @MCP_SETTING_ENUM: one of range "a|b|c"
 * @MCP_SETTING_PATH: a file or folder; relative to the file that sets it
 * @MCP_SETTING_ADDRESS: IPv4 or [IPv6] literal, optional :port, or "auto"
 * @MCP_SETTING_SECRET: text, or @file:PATH, @env:NAME, @credential:NAME; never printed
 * @MCP_SETTING_LIST: comma-separated items; "key += item" appends
 */
typedef enum {
    MCP_SETTING_BOOL,
    MCP_SETTING_INT,
    MCP_SETTING_DURATION,
    MCP_SETTING_SIZE,
    MCP_SETTING_STRING,
    MCP_SETTING_ENUM,
    MCP_SETTING_PATH,
    MCP_SETTING_ADDRESS,
    MCP_SETTING_SECRET,
    MCP_SETTING_LIST,
} McpSettingType;

/**
 * McpSettingFlags:
 * @MCP_SETTING_REQUIRED: a named section without the key, or a plain one, is refused
 * @MCP_SETTING_RELOADABLE: a change takes effect on reload; others need a restart (and say so)
 * @MCP_SETTING_PER_CALL: a call may override it (gvp.config), where the peer allows it
 */
typedef enum {
    MCP_SETTING_NONE = 0,
    MCP_SETTING_REQUIRED = 1 << 0,
    MCP_SETTING_RELOADABLE = 1 << 1,
    MCP_SETTING_PER_CALL = 1 << 2,
} McpSettingFlags;

/**
 * McpSettingDef: one row of a settings table; the only source of parser, check, help, reference.
 * A table ends with a row whose @key is NULL. All strings are static.
 */
typedef struct {
    const char *section; /* "sip", or "sip.peer *" for [sip.peer "NAME"] sections */
    const char *key;
    McpSettingType type;
    const char *default_value; /* NULL: unset */
    const char *range;         /* "1..65535", "udp|tcp", or NULL */
    McpSettingFlags flags;
    const char *since;   /* version that brought it */
    const char *summary; /* one sentence */
} McpSettingDef;

/** McpSecret: text that has no printable form; readable only through mcp_secret_peek(). */
typedef struct _McpSecret McpSecret;

/** mcp_secret_peek: (transfer none): the bytes, NUL-terminated; @out_length may be NULL. */
const char *mcp_secret_peek(const McpSecret *secret, gsize *out_length);

/**
 * McpSettings: one immutable snapshot of all settings. Shared between threads by reference. In
 * every
 * getter below @section is the name as in the table without " *", @instance the name of a named
 * section or NULL; asking for a row that no table has is a programmer error. Values are valid as
 * long as
 * the snapshot.
 */
typedef struct _McpSettings McpSettings;

/** mcp_settings_ref: (transfer full). Any thread. */
McpSettings *mcp_settings_ref(McpSettings *settings);
/** mcp_settings_unref: Any thread. */
void mcp_settings_unref(McpSettings *settings);
/** mcp_settings_get_bool: value or default; FALSE if unset. */
gboolean mcp_settings_get_bool(McpSettings *settings, const char *section, const char *instance,
                               const char *key);
/** mcp_settings_get_int: INT as it is, DURATION in µs, SIZE in bytes; 0 if unset. */
gint64 mcp_settings_get_int(McpSettings *settings, const char *section, const char *instance,
                            const char *key);
/** mcp_settings_get_string: (nullable): STRING, ENUM, PATH (absolute), ADDRESS. */
const char *mcp_settings_get_string(McpSettings *settings, const char *section,
                                    const char *instance, const char *key);
/** mcp_settings_get_list: (not nullable): NULL-terminated items, empty if unset. */
const char *const *mcp_settings_get_list(McpSettings *settings, const char *section,
                                         const char *instance, const char *key);
/** mcp_settings_get_secret: (nullable) (transfer none). */
const McpSecret *mcp_settings_get_secret(McpSettings *settings, const char *section,
                                         const char *instance, const char *key);
/** mcp_settings_is_set: whether a file or the environment set the key. */
gboolean mcp_settings_is_set(McpSettings *settings, const char *section, const char *instance,
                             const char *key);
/** mcp_settings_get_instances: (not nullable): names of the [SECTION "NAME"] sections, in order. */
const char *const *mcp_settings_get_instances(McpSettings *settings, const char *section);
/**
 * mcp_settings_get_origin: (not nullable): "FILE:LINE", "environment", "default", or what a config
 * source says.
 */
const char *mcp_settings_get_origin(McpSettings *settings, const char *section,
                                    const char *instance, const char *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpSettings, mcp_settings_unref)

G_END_DECLS
