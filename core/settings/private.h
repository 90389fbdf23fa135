/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "settings/settings.h"

#include <mcp/error.h>

/* What the files of this folder share; nobody else includes it. */

typedef struct {
    char *path; /* "core.c: [sip]" rows: "sip"; "sip.peer *" → "sip.peer", named */
    gboolean named;
    GPtrArray *rows; /* const McpSettingDef */
} McpSchemaSection;

struct _McpSchema {
    gatomicrefcount refs;
    GPtrArray *sections; /* McpSchemaSection, in order of adding */
};

McpSchemaSection *mcp_schema_find(const McpSchema *schema, const char *section);
const McpSettingDef *mcp_schema_section_find(const McpSchemaSection *section, const char *key);
/* Nearest name by edit distance, or NULL when nothing is near. */
const char *mcp_schema_nearest_section(const McpSchema *schema, const char *name);
const char *mcp_schema_nearest_key(const McpSchemaSection *section, const char *key);

/* One assignment as it stands in a file or in the environment. */
typedef struct {
    char *section;
    char *instance; /* nullable */
    char *key;      /* NULL: the heading of a section */
    char *text;
    gboolean append; /* += */
    char *file;      /* as shown; "environment", or where else it comes from */
    guint line;      /* 0: no file */
    guint column;
    char *folder; /* base of relative paths */
} McpAssignment;

void mcp_assignment_free(McpAssignment *assignment);
/* Reads one file; faults of form go to @errors. */
void mcp_document_read(const char *file, GPtrArray *assignments, GPtrArray *errors);
/* Reads the environment; @assignments so far tell which instances exist. */
void mcp_environment_read(const McpSchema *schema, const char *const *environ,
                          GPtrArray *assignments, GPtrArray *errors);

/* What stands below the files; to be read first. */
void mcp_remote_read(const McpSchema *schema, const GPtrArray *values, GPtrArray *assignments,
                     GPtrArray *errors);

struct _McpSecret {
    char *bytes;
    gsize length;
};

typedef struct {
    gatomicrefcount refs;
    char *text; /* as written, lists joined; masked when dumped */
    gint64 number;
    char *string;
    char **list;
    McpSecret *secret;
    char *origin;
    gboolean is_set;
} McpValue;

/* NULL with an error when @text does not fit the row. @folder: base of relative paths. */
McpValue *mcp_value_parse(const McpSettingDef *def, const char *text, const char *folder,
                          GError **error);
McpValue *mcp_value_ref(McpValue *value);
void mcp_value_unref(McpValue *value);
gboolean mcp_value_check_def(const McpSettingDef *def, GError **error);

typedef struct {
    const McpSchemaSection *section;
    GPtrArray *names;   /* instances in order, NULL-terminated; plain: none */
    GHashTable *values; /* "INSTANCE\nKEY" or "KEY" → McpValue, set ones and defaults */
} McpSettingsSection;

struct _McpSettings {
    gatomicrefcount refs;
    McpSchema *schema;
    McpSettings *base;    /* nullable: where the sections are that this one does not have */
    GHashTable *sections; /* path → McpSettingsSection */
};

McpSettings *mcp_settings_new_empty(McpSchema *schema);
McpSettingsSection *mcp_settings_section(const McpSettings *settings, const char *section);
gboolean mcp_settings_section_has(const McpSettingsSection *section, const char *instance);
void mcp_settings_section_add(McpSettingsSection *section, const char *instance);
McpValue *mcp_settings_section_get(const McpSettingsSection *section, const char *instance,
                                   const char *key);
void mcp_settings_section_set(McpSettingsSection *section, const char *instance, const char *key,
                              McpValue *value);
