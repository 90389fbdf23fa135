/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpEspeakConfig: the settings table, and the settings in force. Read on the control context, used
 * on any thread.
 */
#include "config.h"

#define SECTION MCP_ESPEAK_SECTION

const McpSettingDef mcp_espeak_settings[] = {
    {SECTION, "workers", MCP_SETTING_INT, "2", "1..16", MCP_SETTING_RELOADABLE, "0.1",
     "Processes of the engine, each of which says one thing at a time; started when needed."},
    {SECTION, "queue", MCP_SETTING_INT, "100", "1..10000", MCP_SETTING_RELOADABLE, "0.1",
     "Prompts that wait for a process; what is more fails."},
    {SECTION, "language", MCP_SETTING_STRING, "en-US", NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Language of prompts that name none."},
    {SECTION, "speed", MCP_SETTING_INT, "175", "80..450", MCP_SETTING_RELOADABLE, "0.1",
     "Words a minute."},
    {SECTION, "text_limit", MCP_SETTING_SIZE, "16K", "256..64K", MCP_SETTING_RELOADABLE, "0.1",
     "Longest text or SSML document that is spoken."},
    {SECTION, "deadline", MCP_SETTING_DURATION, "10s", "100ms..5m", MCP_SETTING_RELOADABLE, "0.1",
     "Time within which speech must begin when the request says none."},
    {SECTION, "cache", MCP_SETTING_SIZE, "64M", "0..4G", MCP_SETTING_RELOADABLE, "0.1",
     "Bytes of finished prompts that are kept."},
    {SECTION, "worker", MCP_SETTING_PATH, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Program of the engine; unset: the one that was installed with the plugin."},
    {NULL},
};

static guint
get_number(McpSettings *settings, const char *key)
{
    return (guint)mcp_settings_get_int(settings, SECTION, NULL, key);
}

McpEspeakConfig *
mcp_espeak_config_new(McpSettings *settings, const char *worker)
{
    McpEspeakConfig *config = g_new0(McpEspeakConfig, 1);
    const char *named = mcp_settings_get_string(settings, SECTION, NULL, "worker");

    g_atomic_ref_count_init(&config->refs);
    config->settings = mcp_settings_ref(settings);
    config->worker = g_strdup(named != NULL && *named != '\0' ? named : worker);
    config->workers = get_number(settings, "workers");
    config->queue = get_number(settings, "queue");
    config->language = mcp_settings_get_string(settings, SECTION, NULL, "language");
    config->speed = get_number(settings, "speed");
    config->text_limit = (gsize)mcp_settings_get_int(settings, SECTION, NULL, "text_limit");
    config->deadline = mcp_settings_get_int(settings, SECTION, NULL, "deadline");
    config->cache = (gsize)mcp_settings_get_int(settings, SECTION, NULL, "cache");
    return config;
}

McpEspeakConfig *
mcp_espeak_config_ref(McpEspeakConfig *config)
{
    g_atomic_ref_count_inc(&config->refs);
    return config;
}

void
mcp_espeak_config_unref(McpEspeakConfig *config)
{
    if (!g_atomic_ref_count_dec(&config->refs))
        return;
    g_free(config->worker);
    mcp_settings_unref(config->settings);
    g_free(config);
}
