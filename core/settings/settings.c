/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The immutable snapshot and its getters. Any thread; built by load.c before anyone else sees it.
 */
#include "settings/private.h"
#include <mcp/ledger.h>

#include <string.h>

MCP_LEDGER_DEFINE(McpSettings);

static void
section_free(McpSettingsSection *section)
{
    g_ptr_array_unref(section->names);
    g_hash_table_unref(section->values);
    g_free(section);
}

static McpSettings *
settings_new(McpSchema *schema)
{
    McpSettings *settings = g_new0(McpSettings, 1);

    g_atomic_ref_count_init(&settings->refs);
    settings->schema = mcp_schema_ref(schema);
    settings->sections =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)section_free);
    MCP_LEDGER_CREATED(McpSettings);
    return settings;
}

static McpSettingsSection *
add_section(McpSettings *settings, const McpSchemaSection *def)
{
    McpSettingsSection *section = g_new0(McpSettingsSection, 1);

    section->section = def;
    section->names = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(section->names, NULL);
    section->values =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)mcp_value_unref);
    g_hash_table_insert(settings->sections, def->path, section);
    return section;
}

McpSettings *
mcp_settings_new_empty(McpSchema *schema)
{
    McpSettings *settings = settings_new(schema);

    for (guint i = 0; i < schema->sections->len; i++)
        add_section(settings, g_ptr_array_index(schema->sections, i));
    return settings;
}

McpSettings *
mcp_settings_new_overlay(McpSettings *base)
{
    McpSettings *overlay = settings_new(base->schema);

    overlay->base = mcp_settings_ref(base);
    return overlay;
}

/* The section as a copy of its own: values are shared. */
static McpSettingsSection *
own_section(McpSettings *overlay, const McpSettingsSection *section)
{
    McpSettingsSection *own = g_hash_table_lookup(overlay->sections, section->section->path);
    GHashTableIter iter;
    gpointer name = NULL;
    gpointer value = NULL;

    if (own != NULL)
        return own;
    own = add_section(overlay, section->section);
    g_hash_table_iter_init(&iter, section->values);
    while (g_hash_table_iter_next(&iter, &name, &value))
        g_hash_table_insert(own->values, g_strdup(name), mcp_value_ref(value));
    return own;
}

gboolean
mcp_settings_override(McpSettings *overlay, const char *name, const char *text, GError **error)
{
    const char *dot = strrchr(name, '.');
    g_autofree char *path = dot != NULL ? g_strndup(name, (gsize)(dot - name)) : g_strdup(name);
    McpSettingsSection *section = mcp_settings_section(overlay, path);
    const McpSettingDef *def = NULL;
    McpValue *value = NULL;

    if (section != NULL && dot != NULL)
        def = mcp_schema_section_find(section->section, dot + 1);
    if (def == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "there is no setting %s", name);
        return FALSE;
    }
    if (section->section->named || def->type == MCP_SETTING_SECRET ||
        (def->flags & MCP_SETTING_PER_CALL) == 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_REFUSED, "%s cannot be set by a call", name);
        return FALSE;
    }
    value = mcp_value_parse(def, text, "/", error);
    if (value == NULL) {
        g_prefix_error(error, "%s: ", name);
        return FALSE;
    }
    value->is_set = TRUE;
    value->origin = g_strdup("call");
    mcp_settings_section_set(own_section(overlay, section), NULL, def->key, value);
    return TRUE;
}

McpSettings *
mcp_settings_ref(McpSettings *settings)
{
    g_atomic_ref_count_inc(&settings->refs);
    return settings;
}

void
mcp_settings_unref(McpSettings *settings)
{
    if (!g_atomic_ref_count_dec(&settings->refs))
        return;
    g_hash_table_unref(settings->sections);
    g_clear_pointer(&settings->base, mcp_settings_unref);
    mcp_schema_unref(settings->schema);
    g_free(settings);
    MCP_LEDGER_FINALIZED(McpSettings);
}

McpSettingsSection *
mcp_settings_section(const McpSettings *settings, const char *section)
{
    McpSettingsSection *found = g_hash_table_lookup(settings->sections, section);

    return found != NULL || settings->base == NULL ? found
                                                   : mcp_settings_section(settings->base, section);
}

gboolean
mcp_settings_section_has(const McpSettingsSection *section, const char *instance)
{
    return g_strv_contains((const char *const *)section->names->pdata, instance);
}

void
mcp_settings_section_add(McpSettingsSection *section, const char *instance)
{
    g_ptr_array_insert(section->names, (gint)section->names->len - 1, g_strdup(instance));
}

static void
value_name(char *buffer, gsize size, const char *instance, const char *key)
{
    g_snprintf(buffer, size, "%s\n%s", instance != NULL ? instance : "", key);
}

McpValue *
mcp_settings_section_get(const McpSettingsSection *section, const char *instance, const char *key)
{
    char name[512];

    value_name(name, sizeof name, instance, key);
    return g_hash_table_lookup(section->values, name);
}

void
mcp_settings_section_set(McpSettingsSection *section, const char *instance, const char *key,
                         McpValue *value)
{
    char name[512];

    value_name(name, sizeof name, instance, key);
    g_hash_table_insert(section->values, g_strdup(name), value);
}

/* NULL when unset and without default. */
static McpValue *
lookup(McpSettings *settings, const char *section, const char *instance, const char *key)
{
    McpSettingsSection *found = mcp_settings_section(settings, section);

    if (found == NULL || mcp_schema_section_find(found->section, key) == NULL) {
        g_critical("no table has setting [%s] %s", section, key);
        return NULL;
    }
    return mcp_settings_section_get(found, instance, key);
}

gboolean
mcp_settings_get_bool(McpSettings *settings, const char *section, const char *instance,
                      const char *key)
{
    const McpValue *value = lookup(settings, section, instance, key);

    return value != NULL && value->number != 0;
}

gint64
mcp_settings_get_int(McpSettings *settings, const char *section, const char *instance,
                     const char *key)
{
    const McpValue *value = lookup(settings, section, instance, key);

    return value != NULL ? value->number : 0;
}

const char *
mcp_settings_get_string(McpSettings *settings, const char *section, const char *instance,
                        const char *key)
{
    const McpValue *value = lookup(settings, section, instance, key);

    return value != NULL ? value->string : NULL;
}

const char *const *
mcp_settings_get_list(McpSettings *settings, const char *section, const char *instance,
                      const char *key)
{
    static const char *const empty[] = {NULL};
    const McpValue *value = lookup(settings, section, instance, key);

    return value != NULL && value->list != NULL ? (const char *const *)value->list : empty;
}

const McpSecret *
mcp_settings_get_secret(McpSettings *settings, const char *section, const char *instance,
                        const char *key)
{
    const McpValue *value = lookup(settings, section, instance, key);

    return value != NULL ? value->secret : NULL;
}

gboolean
mcp_settings_is_set(McpSettings *settings, const char *section, const char *instance,
                    const char *key)
{
    const McpValue *value = lookup(settings, section, instance, key);

    return value != NULL && value->is_set;
}

const char *const *
mcp_settings_get_instances(McpSettings *settings, const char *section)
{
    static const char *const empty[] = {NULL};
    McpSettingsSection *found = mcp_settings_section(settings, section);

    return found != NULL ? (const char *const *)found->names->pdata : empty;
}

const char *
mcp_settings_get_origin(McpSettings *settings, const char *section, const char *instance,
                        const char *key)
{
    const McpValue *value = lookup(settings, section, instance, key);

    return value != NULL && value->origin != NULL ? value->origin : "default";
}
