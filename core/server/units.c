/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The enabled plugins: found, checked, loaded, put in order, asked about the settings. Control
 * context.
 */
#include "plugin/metrics.h"
#include "plugin/module.h"
#include "plugin/order.h"
#include "server/core.h"

#include <mcp/error.h>
#include <string.h>

void
mcp_unit_free(McpUnit *unit)
{
    g_clear_object(&unit->plugin);
    g_clear_object(&unit->host);
    g_clear_pointer(&unit->metrics, mcp_metrics_free);
    g_free(unit);
}

static const McpPluginDesc *
find_static(McpCore *core, const char *name)
{
    for (guint i = 0; i < core->static_descs->len; i++) {
        const McpPluginDesc *desc = g_ptr_array_index(core->static_descs, i);

        if (strcmp(desc->name, name) == 0)
            return desc;
    }
    return NULL;
}

static const McpPluginDesc *
load_desc(McpCore *core, const char *path, const char *name, GError **error)
{
    const McpPluginDesc *desc = find_static(core, name);
    g_autofree char *file = NULL;

    if (desc != NULL)
        return mcp_plugin_check_desc(desc, name, name, error) ? desc : NULL;
    file = mcp_plugin_find(path, name);
    if (file == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "plugin %s: no %s.so in %s", name, name,
                    path);
        return NULL;
    }
    return mcp_plugin_load(file, error);
}

static void
add_unit(McpCore *core, const char *path, const char *name, GPtrArray *errors)
{
    g_autoptr(GError) error = NULL;
    const McpPluginDesc *desc = load_desc(core, path, name, &error);
    McpUnit *unit;

    if (desc != NULL && !mcp_schema_add(core->schema, desc->settings, &error))
        g_prefix_error(&error, "plugin %s: ", name);
    if (error != NULL)
        g_ptr_array_add(errors, g_strdup(error->message));
    if (desc == NULL || error != NULL)
        return;
    unit = g_new0(McpUnit, 1);
    unit->core = core;
    unit->desc = desc;
    if (desc->metrics != NULL)
        unit->metrics = mcp_metrics_new(desc->metrics);
    unit->host = mcp_host_new(unit);
    g_ptr_array_add(core->units, unit);
}

/* Sections of a plugin that is there but not enabled are checked all the same. */
static void
add_disabled_schema(McpCore *core, const char *path, const char *const *enabled)
{
    g_auto(GStrv) sections = mcp_settings_list_sections(&core->source);

    for (guint i = 0; sections[i] != NULL; i++) {
        g_autofree char *name = g_strndup(sections[i], strcspn(sections[i], "."));
        /* What a config source says is no path. */
        g_autofree char *file = strchr(name, '/') == NULL ? mcp_plugin_find(path, name) : NULL;
        const McpPluginDesc *desc;

        if (g_strv_contains(enabled, name) || file == NULL ||
            g_hash_table_contains(core->disabled, name))
            continue;
        desc = mcp_plugin_load(file, NULL);
        if (desc != NULL)
            mcp_schema_add(core->schema, desc->settings, NULL);
        g_hash_table_add(core->disabled, g_steal_pointer(&name));
    }
}

static void
sort_units(McpCore *core, GPtrArray *errors)
{
    guint n = core->units->len;
    g_autofree const McpPluginDesc **descs = g_new0(const McpPluginDesc *, n + 1);
    g_autofree guint *order = g_new0(guint, n + 1);
    g_autofree gpointer *units = g_memdup2(core->units->pdata, n * sizeof(gpointer));

    for (guint i = 0; i < n; i++)
        descs[i] = ((McpUnit *)units[i])->desc;
    if (!mcp_plugin_order(descs, n, order, errors))
        return;
    for (guint i = 0; i < n; i++)
        core->units->pdata[i] = units[order[i]];
}

static void
make_objects(McpCore *core)
{
    for (guint i = 0; i < core->units->len; i++) {
        McpUnit *unit = g_ptr_array_index(core->units, i);

        unit->plugin = g_object_new(unit->desc->get_type(), NULL);
    }
}

void
mcp_units_add_disabled(McpCore *core)
{
    g_autoptr(McpSettings) early = mcp_settings_load_leniently(core->schema, &core->source);
    const char *wanted = mcp_settings_get_string(early, "core", NULL, "plugin_path");

    add_disabled_schema(core, wanted != NULL ? wanted : MCP_PLUGIN_DIR,
                        mcp_settings_get_list(early, "core", NULL, "plugins"));
}

gboolean
mcp_units_load(McpCore *core, GPtrArray *errors)
{
    g_autoptr(McpSettings) early = mcp_settings_load_leniently(core->schema, &core->source);
    const char *wanted = mcp_settings_get_string(early, "core", NULL, "plugin_path");
    const char *path = wanted != NULL ? wanted : MCP_PLUGIN_DIR;
    const char *const *names = mcp_settings_get_list(early, "core", NULL, "plugins");
    guint faults = errors->len;

    for (guint i = 0; names[i] != NULL; i++) {
        if (!g_strv_contains(names + i + 1, names[i]))
            add_unit(core, path, names[i], errors);
    }
    add_disabled_schema(core, path, names);
    if (errors->len == faults)
        sort_units(core, errors);
    if (errors->len == faults)
        make_objects(core);
    return errors->len == faults;
}

gboolean
mcp_units_configure(McpCore *core, McpSettings *settings, GPtrArray *errors)
{
    guint faults = errors->len;

    for (guint i = 0; i < core->units->len; i++) {
        McpUnit *unit = g_ptr_array_index(core->units, i);
        McpPluginInterface *iface = MCP_PLUGIN_GET_IFACE(unit->plugin);
        g_autoptr(GError) error = NULL;

        if (iface->configure != NULL &&
            !iface->configure(unit->plugin, unit->host, settings, &error))
            g_ptr_array_add(errors, g_strdup_printf("plugin %s: %s", unit->desc->name,
                                                    error != NULL ? error->message : "refused"));
        else if (unit->state == MCP_UNIT_LOADED)
            unit->state = MCP_UNIT_CONFIGURED;
    }
    return errors->len == faults;
}
