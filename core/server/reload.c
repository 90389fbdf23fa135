/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reload as a transaction: read, check with everybody, then apply; a single fault leaves all as it
 * was. Control context.
 */
#include "event/jsonl_sink.h"
#include "server/core.h"
#include "util/log.h"

#include <mcp/error.h>
#include <mcp/log.h>

static void
report_failure(GPtrArray *errors, McpReloadFunc func, gpointer user_data)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) error = NULL;

    for (guint i = 0; i < errors->len; i++)
        mcp_log_error("reload-refused", NULL, "%s", (char *)g_ptr_array_index(errors, i));
    g_ptr_array_add(errors, NULL);
    text = g_strjoinv("\n", (char **)errors->pdata);
    error = g_error_new_literal(MCP_ERROR, MCP_ERROR_INVALID, text);
    if (func != NULL)
        func(error, user_data);
}

static void
apply(McpCore *core, McpSettings *settings)
{
    McpEvent *event = mcp_event_new(MCP_EVENT_STATE, NULL, "reload");

    mcp_log_configure(mcp_settings_get_string(settings, "core", NULL, "log_level"),
                      mcp_settings_get_string(settings, "core", NULL, "log_format"));
    mcp_core_set_settings(core, mcp_settings_ref(settings));
    mcp_calls_reconfigure(core->calls, settings);
    mcp_health_configure(core->health, settings);
    mcp_traces_set_folder(core->traces,
                          mcp_settings_get_string(settings, "core", NULL, "trace_directory"));
    mcp_jsonl_sink_set_file(core->jsonl,
                            mcp_settings_get_string(settings, "records", NULL, "file"));
    for (guint i = 0; i < core->units->len; i++) {
        McpUnit *unit = g_ptr_array_index(core->units, i);
        McpPluginInterface *iface = MCP_PLUGIN_GET_IFACE(unit->plugin);

        if (unit->state == MCP_UNIT_STARTED && iface->reconfigure != NULL)
            iface->reconfigure(unit->plugin, settings);
    }
    mcp_events_publish(core->events, event);
}

void
mcp_core_reload(McpCore *core, McpReloadFunc func, gpointer user_data)
{
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(McpSettings) present = mcp_core_get_settings(core);
    McpUnit *source = mcp_core_find_source(core);
    g_autoptr(McpSettings) read = NULL;
    g_autoptr(McpSettings) next = NULL;

    if (source != NULL)
        mcp_core_use_remote(core, mcp_config_source_get(MCP_CONFIG_SOURCE(source->plugin)));
    read = mcp_settings_load(core->schema, &core->source, errors);
    if (read != NULL)
        next = mcp_settings_carry_over(present, read, notes);
    if (next == NULL || !mcp_units_configure(core, next, errors) ||
        !mcp_calls_check(next, errors)) {
        report_failure(errors, func, user_data);
        return;
    }
    for (guint i = 0; i < notes->len; i++)
        mcp_log_warning("reload-later", NULL, "%s", (char *)g_ptr_array_index(notes, i));
    apply(core, next);
    mcp_log_info("reload", NULL, "new settings are in force");
    if (func != NULL)
        func(NULL, user_data);
}
