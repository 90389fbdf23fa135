/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/config_source.h>

G_BEGIN_DECLS

/** McpSchema: all tables of settings that may stand in a configuration. Control context. */
typedef struct _McpSchema McpSchema;

/** mcp_schema_new: (transfer full): an empty schema. */
McpSchema *mcp_schema_new(void);
/** mcp_schema_unref: snapshots hold a reference. */
void mcp_schema_unref(McpSchema *schema);
/** mcp_schema_ref: (transfer full). */
McpSchema *mcp_schema_ref(McpSchema *schema);
/** mcp_schema_add: adds a static table; FALSE when a row is malformed or stands twice. */
gboolean mcp_schema_add(McpSchema *schema, const McpSettingDef *table, GError **error);
/** mcp_schema_write_reference: (transfer full): all rows as a Markdown document. */
char *mcp_schema_write_reference(const McpSchema *schema);

/** McpSettingsSource: where settings come from; later ones override. */
typedef struct {
    const char *file;           /* nullable: built-in defaults alone */
    const char *drop_ins;       /* nullable: folder whose *.conf follow in name order */
    const char *const *environ; /* nullable: "NAME=VALUE" strings */
    const GPtrArray *remote;    /* nullable: McpConfigValue, below all that follows */
} McpSettingsSource;

/**
 * mcp_settings_load: (transfer full) (nullable): NULL when there are faults; each is one line
 * "FILE:LINE:COLUMN: …" added to @errors (element-type utf8).
 */
McpSettings *mcp_settings_load(McpSchema *schema, const McpSettingsSource *source,
                               GPtrArray *errors);

/** mcp_settings_load_leniently: (transfer full): what can be read, whatever else is wrong. */
McpSettings *mcp_settings_load_leniently(McpSchema *schema, const McpSettingsSource *source);

/** mcp_settings_list_sections: (transfer full): names of all sections in the files, in order. */
char **mcp_settings_list_sections(const McpSettingsSource *source);

/**
 * mcp_settings_carry_over: (transfer full): @next, with the values of @present for keys that need a
 * restart; a line for each such difference is added to @notes.
 */
McpSettings *mcp_settings_carry_over(McpSettings *present, McpSettings *next, GPtrArray *notes);

/**
 * mcp_settings_new_overlay: (transfer full): @base as it is, for mcp_settings_override() before
 * anybody else sees it. Cheap: what is not overridden stays shared.
 */
McpSettings *mcp_settings_new_overlay(McpSettings *base);
/**
 * mcp_settings_override: sets @name ("SECTION.KEY", plain sections only) of an overlay.
 * MCP_ERROR_NOT_FOUND: no such setting; MCP_ERROR_REFUSED: a secret, or not marked per call; any
 * other error: the value does not fit. No message contains the value of a secret.
 */
gboolean mcp_settings_override(McpSettings *overlay, const char *name, const char *text,
                               GError **error);

/** McpSettingsVisit: @text is masked for secrets; @instance is NULL in plain sections. */
typedef void (*McpSettingsVisit)(const McpSettingDef *def, const char *instance, const char *text,
                                 const char *origin, gpointer user_data);

/** mcp_settings_foreach: visits every row, of every instance, with its present value. */
void mcp_settings_foreach(McpSettings *settings, McpSettingsVisit visit, gpointer user_data);

/** mcp_settings_dump: (transfer full): all values with their origins, as a configuration file. */
char *mcp_settings_dump(McpSettings *settings);

G_END_DECLS
