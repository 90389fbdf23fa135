/* SPDX-License-Identifier: Apache-2.0 */
/* The table of [vxml] and its reading; immutable once made, any thread. */
#include "config.h"

#include <mcp/error.h>
#include <string.h>

#include "document.h"

#define KEY(key_, type_, default_, range_, text_)                                   \
    {                                                                               \
        "vxml", key_, type_, default_, range_, MCP_SETTING_RELOADABLE, "0.1", text_ \
    }
#define START_KEY(key_, type_, default_, range_, text_)                       \
    {                                                                         \
        "vxml", key_, type_, default_, range_, MCP_SETTING_NONE, "0.1", text_ \
    }
#define CALL_KEY(key_, type_, default_, range_, text_)                                        \
    {                                                                                         \
        "vxml", key_, type_, default_, range_, MCP_SETTING_RELOADABLE | MCP_SETTING_PER_CALL, \
            "0.1", text_                                                                      \
    }

const McpSettingDef mcp_vxml_settings[] = {
    KEY("max_transitions", MCP_SETTING_INT, "1000", "10..1000000",
        "Transitions, visits and events without input after which a page counts as endless."),
    KEY("max_subdialog_depth", MCP_SETTING_INT, "16", "1..100", "How deep subdialogs may nest."),
    KEY("max_page_bytes", MCP_SETTING_SIZE, "4M", "1K..64M", "Size of a page."),
    KEY("page_cache_bytes", MCP_SETTING_SIZE, "32M", "0..1G", "Memory for parsed pages."),
    KEY("script_memory", MCP_SETTING_SIZE, "12M", "1M..256M", "Memory of a session's scripts."),
    KEY("script_time", MCP_SETTING_DURATION, "100ms", "1ms..5s", "CPU time of one script run."),
    KEY("script_time_window", MCP_SETTING_DURATION, "250ms", "1ms..2s",
        "CPU time of a session's scripts in any two seconds."),
    KEY("final_processing", MCP_SETTING_DURATION, "10s", "0s..14s",
        "How long a page may go on after the caller hung up."),
    KEY("gateway", MCP_SETTING_STRING, NULL, NULL,
        "HOST[:PORT] at which the telephone numbers (tel:) of <transfer> are called."),
    CALL_KEY("connecttimeout", MCP_SETTING_DURATION, "30s", "1s..10m",
             "Default of connecttimeout of <transfer>."),
    KEY("defaults", MCP_SETTING_PATH, NULL, NULL,
        "Page of event handlers, properties and links for all pages that have none of their own."),
    START_KEY(
        "debug_socket", MCP_SETTING_PATH, NULL, NULL,
        "Unix socket at which mcpctl vxml debug attaches to calls: for the own user and root."),
    START_KEY("debug_calls", MCP_SETTING_INT, "4", "1..16",
              "Calls that are debugged at a time; each has a thread of its own."),
    KEY("builtin_prompts", MCP_SETTING_STRING, NULL, NULL,
        "URL below which <audio src=\"builtin:prompt/NAME\"> is looked for, ending in a slash."),
    CALL_KEY("timeout", MCP_SETTING_DURATION, "5s", "0s..1h", "Default of the property timeout."),
    CALL_KEY("interdigittimeout", MCP_SETTING_DURATION, "3s", "0s..1m",
             "Default of the property interdigittimeout."),
    CALL_KEY("termtimeout", MCP_SETTING_DURATION, "0s", "0s..1m",
             "Default of the property termtimeout."),
    CALL_KEY("termchar", MCP_SETTING_STRING, "#", NULL, "Default of the property termchar."),
    CALL_KEY("bargein", MCP_SETTING_BOOL, "true", NULL, "Default of the property bargein."),
    CALL_KEY("fetchtimeout", MCP_SETTING_DURATION, "7s", "100ms..5m",
             "Default of the property fetchtimeout."),
    CALL_KEY("fetchaudiodelay", MCP_SETTING_DURATION, "2s", "0s..1m",
             "Default of the property fetchaudiodelay."),
    CALL_KEY("fetchaudiominimum", MCP_SETTING_DURATION, "5s", "0s..1m",
             "Default of the property fetchaudiominimum."),
    CALL_KEY("documentfetchhint", MCP_SETTING_ENUM, "safe", "prefetch|safe",
             "Default of the property documentfetchhint."),
    CALL_KEY("audiofetchhint", MCP_SETTING_ENUM, "prefetch", "prefetch|safe",
             "Default of the property audiofetchhint."),
    CALL_KEY("grammarfetchhint", MCP_SETTING_ENUM, "prefetch", "prefetch|safe",
             "Default of the property grammarfetchhint."),
    CALL_KEY("scriptfetchhint", MCP_SETTING_ENUM, "prefetch", "prefetch|safe",
             "Default of the property scriptfetchhint."),
    KEY("prefetch_prompts", MCP_SETTING_BOOL, "true", NULL,
        "Whether the prompt that most likely comes next, if its words are fixed, is said ahead "
        "while "
        "the caller listens; costs an engine what is said in vain."),
    CALL_KEY("record_maxtime", MCP_SETTING_DURATION, "5m", "1s..4h",
             "Default of maxtime of <record>."),
    CALL_KEY("record_finalsilence", MCP_SETTING_DURATION, "3s", "0s..1m",
             "Default of finalsilence of <record>."),
    CALL_KEY("language", MCP_SETTING_STRING, "en-US", NULL, "Language of pages without xml:lang."),
    CALL_KEY("help_text", MCP_SETTING_STRING, "No help is available.", NULL,
             "What is said for a help event that no page handles."),
    CALL_KEY("nomatch_text", MCP_SETTING_STRING, "Sorry, that is not possible here.", NULL,
             "What is said for a nomatch event that no page handles."),
    CALL_KEY("error_text", MCP_SETTING_STRING, "An error has occurred. Goodbye.", NULL,
             "What is said before a call ends for an event that no page handles."),
    {NULL},
};

static const struct {
    const char *key;
    const char *property;
} properties[] = {
    {"timeout", "timeout"},
    {"interdigittimeout", "interdigittimeout"},
    {"termtimeout", "termtimeout"},
    {"termchar", "termchar"},
    {"bargein", "bargein"},
    {"fetchtimeout", "fetchtimeout"},
    {"fetchaudiodelay", "fetchaudiodelay"},
    {"fetchaudiominimum", "fetchaudiominimum"},
    {"documentfetchhint", "documentfetchhint"},
    {"audiofetchhint", "audiofetchhint"},
    {"grammarfetchhint", "grammarfetchhint"},
    {"scriptfetchhint", "scriptfetchhint"},
    {"record_maxtime", "mcp.maxtime"},
    {"record_finalsilence", "mcp.finalsilence"},
    {"language", "mcp.language"},
    {"help_text", "mcp.help"},
    {"nomatch_text", "mcp.nomatch"},
    {"error_text", "mcp.error"},
    {"builtin_prompts", "mcp.builtin_prompts"},
};

static const McpSettingDef *
find_def(const char *key)
{
    for (const McpSettingDef *def = mcp_vxml_settings; def->key != NULL; def++)
        if (strcmp(def->key, key) == 0)
            return def;
    return NULL;
}

static gint64
parse_default(const McpSettingDef *def)
{
    char *end = NULL;
    gint64 value = g_ascii_strtoll(def->default_value, &end, 10);

    if (def->type == MCP_SETTING_DURATION)
        return strcmp(end, "ms") == 0  ? value * 1000
               : strcmp(end, "m") == 0 ? value * 60 * G_USEC_PER_SEC
                                       : value * G_USEC_PER_SEC;
    return *end == 'M' ? value << 20 : *end == 'K' ? value << 10 : value;
}

static gint64
get_int(McpSettings *settings, const char *key)
{
    return settings != NULL ? mcp_settings_get_int(settings, "vxml", NULL, key)
                            : parse_default(find_def(key));
}

static char *
get_text(McpSettings *settings, const char *key)
{
    const McpSettingDef *def = find_def(key);

    if (def->type == MCP_SETTING_DURATION)
        return g_strdup_printf("%" G_GINT64_FORMAT "ms", get_int(settings, key) / 1000);
    if (settings == NULL)
        return g_strdup(def->default_value);
    if (def->type == MCP_SETTING_BOOL)
        return g_strdup(mcp_settings_get_bool(settings, "vxml", NULL, key) ? "true" : "false");
    return g_strdup(mcp_settings_get_string(settings, "vxml", NULL, key));
}

/* (nullable): with @error unset there is none. Read once, when the settings are. */
static McpVxmlDocument *
read_defaults(McpSettings *settings, GError **error)
{
    const char *path =
        settings != NULL ? mcp_settings_get_string(settings, "vxml", NULL, "defaults") : NULL;
    g_autofree char *url = NULL;
    g_autoptr(GBytes) bytes = NULL;
    char *data;
    gsize length;

    if (path == NULL || *path == '\0')
        return NULL;
    if (!g_file_get_contents(path, &data, &length, error))
        return NULL;
    bytes = g_bytes_new_take(data, length);
    url = g_filename_to_uri(path, NULL, error);
    return url != NULL ? mcp_vxml_document_parse(bytes, url, NULL, 0, NULL, NULL, error) : NULL;
}

static gboolean
get_bool(McpSettings *settings, const char *key)
{
    g_autofree char *text = get_text(settings, key);

    return g_strcmp0(text, "true") == 0;
}

McpVxmlConfig *
mcp_vxml_config_new(McpSettings *settings)
{
    McpVxmlConfig *config = g_new0(McpVxmlConfig, 1);

    g_atomic_ref_count_init(&config->refs);
    config->properties = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    for (guint i = 0; i < G_N_ELEMENTS(properties); i++) {
        char *text = get_text(settings, properties[i].key);

        if (text != NULL)
            g_hash_table_insert(config->properties, (gpointer)properties[i].property, text);
    }
    config->defaults = read_defaults(settings, NULL);
    config->max_transitions = (guint)get_int(settings, "max_transitions");
    config->max_depth = (guint)get_int(settings, "max_subdialog_depth");
    config->max_page_bytes = (gsize)get_int(settings, "max_page_bytes");
    config->cache_bytes = (gsize)get_int(settings, "page_cache_bytes");
    config->script_memory = (gsize)get_int(settings, "script_memory");
    config->script_time = get_int(settings, "script_time");
    config->script_window = get_int(settings, "script_time_window");
    config->final_processing = get_int(settings, "final_processing");
    config->next_prompts = get_bool(settings, "prefetch_prompts");
    config->connect_timeout = get_int(settings, "connecttimeout");
    config->gateway = get_text(settings, "gateway");
    return config;
}

McpVxmlConfig *
mcp_vxml_config_ref(McpVxmlConfig *config)
{
    g_atomic_ref_count_inc(&config->refs);
    return config;
}

void
mcp_vxml_config_unref(McpVxmlConfig *config)
{
    if (!g_atomic_ref_count_dec(&config->refs))
        return;
    g_hash_table_unref(config->properties);
    g_free(config->gateway);
    g_clear_pointer(&config->defaults, mcp_vxml_document_unref);
    g_free(config);
}

gboolean
mcp_vxml_config_check(McpSettings *settings, GError **error)
{
    const char *term = mcp_settings_get_string(settings, "vxml", NULL, "termchar");
    g_autoptr(McpVxmlDocument) defaults = NULL;
    GError *fault = NULL;

    defaults = read_defaults(settings, &fault);
    if (fault != NULL) {
        g_propagate_prefixed_error(
            error, fault, "%s: ", mcp_settings_get_origin(settings, "vxml", NULL, "defaults"));
        return FALSE;
    }

    if (term == NULL || *term == '\0' ||
        (strlen(term) == 1 && strchr("0123456789*#ABCD", *term) != NULL))
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s: termchar \"%s\" is not a key",
                mcp_settings_get_origin(settings, "vxml", NULL, "termchar"), term);
    return FALSE;
}
