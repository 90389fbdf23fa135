/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading: file, drop-ins and environment into one checked snapshot. Every fault is collected; a
 * snapshot exists only when there is none.
 */
#include "settings/private.h"

#include <string.h>

static void G_GNUC_PRINTF(3, 4)
    fault(GPtrArray *errors, const McpAssignment *assignment, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    if (assignment->line > 0)
        g_ptr_array_add(errors, g_strdup_printf("%s:%u:%u: %s", assignment->file, assignment->line,
                                                assignment->column, text));
    else
        g_ptr_array_add(errors, g_strdup_printf("%s: %s", assignment->file, text));
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
read_drop_ins(const char *folder, GPtrArray *assignments, GPtrArray *errors)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name;

    if (dir == NULL)
        return;
    while ((name = g_dir_read_name(dir)) != NULL) {
        if (g_str_has_suffix(name, ".conf"))
            g_ptr_array_add(names, g_build_filename(folder, name, NULL));
    }
    g_ptr_array_sort(names, compare_names);
    for (guint i = 0; i < names->len; i++)
        mcp_document_read(g_ptr_array_index(names, i), assignments, errors);
}

/* The section that an assignment belongs to, or NULL with a fault. */
static McpSettingsSection *
find_section(McpSettings *settings, const McpAssignment *assignment, GPtrArray *errors)
{
    McpSettingsSection *section = mcp_settings_section(settings, assignment->section);

    if (section == NULL) {
        const char *near = mcp_schema_nearest_section(settings->schema, assignment->section);

        if (assignment->key == NULL)
            fault(errors, assignment, "unknown section [%s]%s%s%s", assignment->section,
                  near != NULL ? "; did you mean [" : "", near != NULL ? near : "",
                  near != NULL ? "]?" : "");
        return NULL;
    }
    if (section->section->named == (assignment->instance != NULL))
        return section;
    if (assignment->key == NULL)
        fault(errors, assignment,
              section->section->named ? "section [%s] needs a name: [%s \"NAME\"]"
                                      : "section [%s] takes no name: write [%s]",
              assignment->section, assignment->section);
    return NULL;
}

static char *
value_text(const McpSettingsSection *section, const McpAssignment *assignment)
{
    const McpValue *before =
        assignment->append
            ? mcp_settings_section_get(section, assignment->instance, assignment->key)
            : NULL;

    if (before == NULL || *before->text == '\0')
        return g_strdup(assignment->text);
    return g_strdup_printf("%s, %s", before->text, assignment->text);
}

static void
assign(McpSettingsSection *section, const McpAssignment *assignment, GPtrArray *errors)
{
    const McpSettingDef *def = mcp_schema_section_find(section->section, assignment->key);
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    McpValue *value;

    if (def == NULL) {
        const char *near = mcp_schema_nearest_key(section->section, assignment->key);

        fault(errors, assignment, "unknown key \"%s\" in [%s]%s%s%s", assignment->key,
              assignment->section, near != NULL ? "; did you mean \"" : "",
              near != NULL ? near : "", near != NULL ? "\"?" : "");
        return;
    }
    if (assignment->append && def->type != MCP_SETTING_LIST) {
        fault(errors, assignment, "\"%s\" is not a list: write \"=\"", assignment->key);
        return;
    }
    text = value_text(section, assignment);
    value = mcp_value_parse(def, text, assignment->folder, &error);
    if (value == NULL) {
        fault(errors, assignment, "%s: %s", assignment->key, error->message);
        return;
    }
    value->is_set = TRUE;
    value->origin = assignment->line > 0
                        ? g_strdup_printf("%s:%u", assignment->file, assignment->line)
                        : g_strdup(assignment->file);
    mcp_settings_section_set(section, assignment->instance, assignment->key, value);
}

static void
set_defaults(McpSettingsSection *section, const char *instance)
{
    for (guint i = 0; i < section->section->rows->len; i++) {
        const McpSettingDef *def = g_ptr_array_index(section->section->rows, i);

        if (def->default_value != NULL)
            mcp_settings_section_set(section, instance, def->key,
                                     mcp_value_parse(def, def->default_value, "/", NULL));
    }
}

static void
check_required(const McpSettingsSection *section, const char *instance, GPtrArray *errors)
{
    for (guint i = 0; i < section->section->rows->len; i++) {
        const McpSettingDef *def = g_ptr_array_index(section->section->rows, i);

        if ((def->flags & MCP_SETTING_REQUIRED) == 0 ||
            mcp_settings_section_get(section, instance, def->key) != NULL)
            continue;
        if (instance != NULL)
            g_ptr_array_add(errors, g_strdup_printf("[%s \"%s\"]: key \"%s\" is required",
                                                    section->section->path, instance, def->key));
        else
            g_ptr_array_add(errors, g_strdup_printf("[%s]: key \"%s\" is required",
                                                    section->section->path, def->key));
    }
}

static void
apply(McpSettings *settings, const McpAssignment *assignment, GPtrArray *errors)
{
    McpSettingsSection *section = find_section(settings, assignment, errors);

    if (section == NULL)
        return;
    if (assignment->instance != NULL && !mcp_settings_section_has(section, assignment->instance)) {
        mcp_settings_section_add(section, assignment->instance);
        set_defaults(section, assignment->instance);
    }
    if (assignment->key != NULL)
        assign(section, assignment, errors);
}

static void
finish(McpSettings *settings, GPtrArray *errors)
{
    for (guint i = 0; i < settings->schema->sections->len; i++) {
        const McpSchemaSection *def = g_ptr_array_index(settings->schema->sections, i);
        McpSettingsSection *section = mcp_settings_section(settings, def->path);

        if (!def->named)
            check_required(section, NULL, errors);
        for (guint j = 0; j + 1 < section->names->len; j++)
            check_required(section, g_ptr_array_index(section->names, j), errors);
    }
}

/* All that could be read, whatever else is wrong; faults go to @errors. */
static McpSettings *
load(McpSchema *schema, const McpSettingsSource *source, GPtrArray *errors)
{
    g_autoptr(GPtrArray) assignments =
        g_ptr_array_new_with_free_func((GDestroyNotify)mcp_assignment_free);
    McpSettings *settings = mcp_settings_new_empty(schema);

    for (guint i = 0; i < schema->sections->len; i++) {
        const McpSchemaSection *def = g_ptr_array_index(schema->sections, i);

        if (!def->named)
            set_defaults(mcp_settings_section(settings, def->path), NULL);
    }
    mcp_remote_read(schema, source->remote, assignments, errors);
    if (source->file != NULL)
        mcp_document_read(source->file, assignments, errors);
    if (source->drop_ins != NULL)
        read_drop_ins(source->drop_ins, assignments, errors);
    mcp_environment_read(schema, source->environ, assignments, errors);
    for (guint i = 0; i < assignments->len; i++)
        apply(settings, g_ptr_array_index(assignments, i), errors);
    finish(settings, errors);
    return settings;
}

McpSettings *
mcp_settings_load(McpSchema *schema, const McpSettingsSource *source, GPtrArray *errors)
{
    guint faults = errors->len;
    g_autoptr(McpSettings) settings = load(schema, source, errors);

    return errors->len == faults ? g_steal_pointer(&settings) : NULL;
}

McpSettings *
mcp_settings_load_leniently(McpSchema *schema, const McpSettingsSource *source)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);

    return load(schema, source, errors);
}

char **
mcp_settings_list_sections(const McpSettingsSource *source)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) assignments =
        g_ptr_array_new_with_free_func((GDestroyNotify)mcp_assignment_free);
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();

    if (source->file != NULL)
        mcp_document_read(source->file, assignments, errors);
    if (source->drop_ins != NULL)
        read_drop_ins(source->drop_ins, assignments, errors);
    for (guint i = 0; source->remote != NULL && i < source->remote->len; i++)
        g_strv_builder_add(names, ((McpConfigValue *)g_ptr_array_index(source->remote, i))->name);
    for (guint i = 0; i < assignments->len; i++)
        g_strv_builder_add(names, ((McpAssignment *)g_ptr_array_index(assignments, i))->section);
    return g_strv_builder_end(names);
}
