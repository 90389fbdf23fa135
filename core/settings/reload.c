/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a reload keeps: keys that need a restart stay as they are, and the operator is told.
 */
#include "settings/private.h"

#include <string.h>

static gboolean
same_text(const McpValue *a, const McpValue *b)
{
    gsize a_length = a != NULL && a->secret != NULL ? a->secret->length : 0;
    gsize b_length = b != NULL && b->secret != NULL ? b->secret->length : 0;

    if ((a == NULL) != (b == NULL))
        return FALSE;
    if (a == NULL)
        return TRUE;
    if (a_length != b_length ||
        (a_length > 0 && memcmp(a->secret->bytes, b->secret->bytes, a_length) != 0))
        return FALSE;
    return strcmp(a->text, b->text) == 0;
}

static void
carry_value(McpSettingsSection *from, McpSettingsSection *to, const McpSettingDef *def,
            const char *instance, GPtrArray *notes)
{
    McpValue *present = mcp_settings_section_get(from, instance, def->key);
    McpValue *next = mcp_settings_section_get(to, instance, def->key);

    if ((def->flags & MCP_SETTING_RELOADABLE) != 0 || same_text(present, next))
        return;
    g_ptr_array_add(notes, g_strdup_printf("[%s%s%s%s] %s changes at the next start only",
                                           from->section->path, instance != NULL ? " \"" : "",
                                           instance != NULL ? instance : "",
                                           instance != NULL ? "\"" : "", def->key));
    if (present != NULL)
        mcp_settings_section_set(to, instance, def->key, mcp_value_ref(present));
}

static gboolean
needs_restart(const McpSchemaSection *section)
{
    for (guint i = 0; i < section->rows->len; i++) {
        const McpSettingDef *def = g_ptr_array_index(section->rows, i);

        if ((def->flags & MCP_SETTING_RELOADABLE) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean
same_names(const McpSettingsSection *a, const McpSettingsSection *b)
{
    return g_strv_equal((const char *const *)a->names->pdata, (const char *const *)b->names->pdata);
}

static void
copy_section(const McpSettingsSection *from, McpSettingsSection *to)
{
    GHashTableIter iter;
    char *name;
    McpValue *value;

    g_hash_table_remove_all(to->values);
    g_ptr_array_set_size(to->names, 0);
    g_ptr_array_add(to->names, NULL);
    for (guint i = 0; i + 1 < from->names->len; i++)
        mcp_settings_section_add(to, g_ptr_array_index(from->names, i));
    g_hash_table_iter_init(&iter, from->values);
    while (g_hash_table_iter_next(&iter, (gpointer *)&name, (gpointer *)&value))
        g_hash_table_insert(to->values, g_strdup(name), mcp_value_ref(value));
}

static void
carry_section(McpSettingsSection *from, McpSettingsSection *to, GPtrArray *notes)
{
    const McpSchemaSection *def = from->section;

    if (def->named && needs_restart(def) && !same_names(from, to)) {
        g_ptr_array_add(notes, g_strdup_printf("[%s \"…\"] sections come and go at the next start "
                                               "only",
                                               def->path));
        copy_section(from, to);
        return;
    }
    for (guint i = 0; i < def->rows->len; i++) {
        const McpSettingDef *row = g_ptr_array_index(def->rows, i);

        if (!def->named)
            carry_value(from, to, row, NULL, notes);
        for (guint j = 0; j + 1 < from->names->len; j++)
            carry_value(from, to, row, g_ptr_array_index(from->names, j), notes);
    }
}

McpSettings *
mcp_settings_carry_over(McpSettings *present, McpSettings *next, GPtrArray *notes)
{
    for (guint i = 0; i < present->schema->sections->len; i++) {
        const McpSchemaSection *def = g_ptr_array_index(present->schema->sections, i);

        carry_section(mcp_settings_section(present, def->path),
                      mcp_settings_section(next, def->path), notes);
    }
    return mcp_settings_ref(next);
}
