/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema: which sections and keys may stand in a configuration. Built on the control context
 * before the first load, unchanged afterwards.
 */
#include "settings/private.h"

#include <string.h>

static void
section_free(McpSchemaSection *section)
{
    g_free(section->path);
    g_ptr_array_unref(section->rows);
    g_free(section);
}

McpSchema *
mcp_schema_new(void)
{
    McpSchema *schema = g_new0(McpSchema, 1);

    g_atomic_ref_count_init(&schema->refs);
    schema->sections = g_ptr_array_new_with_free_func((GDestroyNotify)section_free);
    return schema;
}

McpSchema *
mcp_schema_ref(McpSchema *schema)
{
    g_atomic_ref_count_inc(&schema->refs);
    return schema;
}

void
mcp_schema_unref(McpSchema *schema)
{
    if (!g_atomic_ref_count_dec(&schema->refs))
        return;
    g_ptr_array_unref(schema->sections);
    g_free(schema);
}

McpSchemaSection *
mcp_schema_find(const McpSchema *schema, const char *section)
{
    for (guint i = 0; i < schema->sections->len; i++) {
        McpSchemaSection *found = g_ptr_array_index(schema->sections, i);

        if (strcmp(found->path, section) == 0)
            return found;
    }
    return NULL;
}

const McpSettingDef *
mcp_schema_section_find(const McpSchemaSection *section, const char *key)
{
    for (guint i = 0; i < section->rows->len; i++) {
        const McpSettingDef *row = g_ptr_array_index(section->rows, i);

        if (strcmp(row->key, key) == 0)
            return row;
    }
    return NULL;
}

static McpSchemaSection *
schema_section(McpSchema *schema, const char *name)
{
    gboolean named = g_str_has_suffix(name, " *");
    g_autofree char *path = named ? g_strndup(name, strlen(name) - 2) : g_strdup(name);
    McpSchemaSection *section = mcp_schema_find(schema, path);

    if (section != NULL)
        return section->named == named ? section : NULL;
    section = g_new0(McpSchemaSection, 1);
    section->path = g_steal_pointer(&path);
    section->named = named;
    section->rows = g_ptr_array_new();
    g_ptr_array_add(schema->sections, section);
    return section;
}

gboolean
mcp_schema_add(McpSchema *schema, const McpSettingDef *table, GError **error)
{
    for (const McpSettingDef *row = table; row != NULL && row->key != NULL; row++) {
        McpSchemaSection *section = schema_section(schema, row->section);

        if (section == NULL || mcp_schema_section_find(section, row->key) != NULL) {
            g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "setting [%s] %s stands twice",
                        row->section, row->key);
            return FALSE;
        }
        if (!mcp_value_check_def(row, error))
            return FALSE;
        g_ptr_array_add(section->rows, (gpointer)row);
    }
    return TRUE;
}

/* Edit distance with a bound on length; names are short. */
static guint
distance(const char *a, const char *b)
{
    guint row[65];
    gsize n = MIN(strlen(b), 64);

    for (guint j = 0; j <= n; j++)
        row[j] = j;
    for (guint i = 1; i <= MIN(strlen(a), 64); i++) {
        guint diagonal = row[0];

        row[0] = i;
        for (guint j = 1; j <= n; j++) {
            guint above = row[j];
            guint replace = diagonal + (a[i - 1] != b[j - 1]);

            row[j] = MIN(MIN(above, row[j - 1]) + 1, replace);
            diagonal = above;
        }
    }
    return row[n];
}

static void
consider(const char *name, const char *wanted, const char **best, guint *best_distance)
{
    guint d = distance(name, wanted);

    if (d < *best_distance) {
        *best = name;
        *best_distance = d;
    }
}

const char *
mcp_schema_nearest_section(const McpSchema *schema, const char *name)
{
    guint limit = (guint)MAX(strlen(name) / 2, 2) + 1;
    const char *best = NULL;

    for (guint i = 0; i < schema->sections->len; i++) {
        const McpSchemaSection *section = g_ptr_array_index(schema->sections, i);

        consider(section->path, name, &best, &limit);
    }
    return best;
}

const char *
mcp_schema_nearest_key(const McpSchemaSection *section, const char *key)
{
    guint limit = (guint)MAX(strlen(key) / 2, 2) + 1;
    const char *best = NULL;

    for (guint i = 0; i < section->rows->len; i++)
        consider(((const McpSettingDef *)g_ptr_array_index(section->rows, i))->key, key, &best,
                 &limit);
    return best;
}
