/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The [http] section as one immutable object, checked as a whole before it is used. Made on the
 * control context, read on any thread.
 */
#include "http_config.h"

#include <mcp/error.h>
#include <stdlib.h>

#define SECTION "http"

const McpSettingDef mcp_http_setting_defs[] = {
    {SECTION, "timeout", MCP_SETTING_DURATION, "15s", "100ms..10m", MCP_SETTING_RELOADABLE, "0.1",
     "Time for a whole fetch, waiting for a connection included, when the page does not say."},
    {SECTION, "max_size", MCP_SETTING_SIZE, "10M", "1K..1G", MCP_SETTING_RELOADABLE, "0.1",
     "Largest body accepted, on the wire and unpacked."},
    {SECTION, "max_connections", MCP_SETTING_INT, "256", "1..4096", MCP_SETTING_RELOADABLE, "0.1",
     "Connections open at once, in use and idle, in the whole process; fetches wait for one."},
    {SECTION, "max_connections_per_host", MCP_SETTING_INT, "32", "1..1024", MCP_SETTING_RELOADABLE,
     "0.1", "Connections open at once to one host, in use and idle, in the whole process."},
    {SECTION, "max_connection_age", MCP_SETTING_DURATION, "30s", "1s..1d", MCP_SETTING_RELOADABLE,
     "0.1",
     "Connections, and the address that the name of their host had, serve no new fetch after this "
     "time."},
    {SECTION, "max_redirects", MCP_SETTING_INT, "10", "0..20", MCP_SETTING_RELOADABLE, "0.1",
     "Redirects followed in one fetch."},
    {SECTION, "user_agent", MCP_SETTING_STRING, "mcp/" MCP_VERSION, NULL, MCP_SETTING_RELOADABLE,
     "0.1", "Value of the User-Agent header."},
    {SECTION, "cache_memory", MCP_SETTING_SIZE, "64M", "0..16G", MCP_SETTING_RELOADABLE, "0.1",
     "Memory for stored responses; 0 stores none."},
    {SECTION, "cache_dir", MCP_SETTING_PATH, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "Folder for stored responses that outlive memory and restarts; unset keeps none."},
    {SECTION, "cache_disk", MCP_SETTING_SIZE, "256M", "1M..1024G", MCP_SETTING_NONE, "0.1",
     "Bytes that cache_dir may hold."},
    {SECTION, "stale_if_error", MCP_SETTING_DURATION, "0s", "0s..30d", MCP_SETTING_RELOADABLE,
     "0.1",
     "How long past its freshness a stored response serves when the origin fails and the "
     "response does not say."},
    {SECTION, "allow_addresses", MCP_SETTING_LIST, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Loopback and private address ranges that fetches may connect to."},
    {SECTION, "deny_addresses", MCP_SETTING_LIST, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Address ranges that fetches may never connect to."},
    {SECTION, "file_root", MCP_SETTING_PATH, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Folder below which file: URLs are read; unset refuses them."},
    {SECTION, "ca_file", MCP_SETTING_PATH, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "PEM file of certificate authorities trusted beside those of the system."},
    {NULL},
};

static McpHttpConfig *
config_alloc(void)
{
    McpHttpConfig *config = g_new0(McpHttpConfig, 1);

    g_atomic_ref_count_init(&config->refs);
    return config;
}

McpHttpConfig *
mcp_http_config_new_default(const char *const *allow)
{
    McpHttpConfig *config = config_alloc();

    config->timeout = 15 * G_TIME_SPAN_SECOND;
    config->max_size = 10 * 1024 * 1024;
    config->cache_memory = 64 * 1024 * 1024;
    config->cache_disk = 256 * 1024 * 1024;
    config->max_connections = 256;
    config->max_connections_per_host = 32;
    config->max_connection_age = 30 * G_TIME_SPAN_SECOND;
    config->max_redirects = 10;
    config->user_agent = g_strdup("mcp/" MCP_VERSION);
    config->policy = mcp_http_address_policy_new(allow, NULL, NULL);
    return config;
}

static gboolean
read_policy(McpHttpConfig *config, McpSettings *settings, GError **error)
{
    config->policy = mcp_http_address_policy_new(
        mcp_settings_get_list(settings, SECTION, NULL, "allow_addresses"),
        mcp_settings_get_list(settings, SECTION, NULL, "deny_addresses"), error);
    if (config->policy == NULL)
        g_prefix_error(error, "[http] allow_addresses or deny_addresses: ");
    return config->policy != NULL;
}

static gboolean
read_paths(McpHttpConfig *config, McpSettings *settings, GError **error)
{
    const char *root = mcp_settings_get_string(settings, SECTION, NULL, "file_root");
    const char *ca_file = mcp_settings_get_string(settings, SECTION, NULL, "ca_file");
    const char *cache_dir = mcp_settings_get_string(settings, SECTION, NULL, "cache_dir");

    if (cache_dir != NULL && cache_dir[0] != '\0')
        config->cache_dir = g_strdup(cache_dir);
    if (root != NULL && root[0] != '\0') {
        config->file_root = realpath(root, NULL);
        if (config->file_root == NULL || !g_file_test(config->file_root, G_FILE_TEST_IS_DIR)) {
            g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s: file_root %s is no folder",
                        mcp_settings_get_origin(settings, SECTION, NULL, "file_root"), root);
            return FALSE;
        }
    }
    if (ca_file == NULL || ca_file[0] == '\0')
        return TRUE;
    config->extra_cas = g_tls_file_database_new(ca_file, error);
    if (config->extra_cas == NULL)
        g_prefix_error(
            error, "%s: ca_file: ", mcp_settings_get_origin(settings, SECTION, NULL, "ca_file"));
    return config->extra_cas != NULL;
}

McpHttpConfig *
mcp_http_config_new(McpSettings *settings, GError **error)
{
    g_autoptr(McpHttpConfig) config = config_alloc();

    config->timeout = mcp_settings_get_int(settings, SECTION, NULL, "timeout");
    config->stale_if_error =
        mcp_settings_get_int(settings, SECTION, NULL, "stale_if_error") / G_USEC_PER_SEC;
    config->max_size = (gsize)mcp_settings_get_int(settings, SECTION, NULL, "max_size");
    config->cache_memory = (gsize)mcp_settings_get_int(settings, SECTION, NULL, "cache_memory");
    config->cache_disk = (gsize)mcp_settings_get_int(settings, SECTION, NULL, "cache_disk");
    config->max_connections =
        (guint)mcp_settings_get_int(settings, SECTION, NULL, "max_connections");
    config->max_connections_per_host =
        (guint)mcp_settings_get_int(settings, SECTION, NULL, "max_connections_per_host");
    config->max_connection_age =
        mcp_settings_get_int(settings, SECTION, NULL, "max_connection_age");
    config->max_redirects = (guint)mcp_settings_get_int(settings, SECTION, NULL, "max_redirects");
    config->user_agent = g_strdup(mcp_settings_get_string(settings, SECTION, NULL, "user_agent"));
    if (!read_policy(config, settings, error) || !read_paths(config, settings, error))
        return NULL;
    return g_steal_pointer(&config);
}

McpHttpConfig *
mcp_http_config_ref(McpHttpConfig *config)
{
    g_atomic_ref_count_inc(&config->refs);
    return config;
}

void
mcp_http_config_unref(McpHttpConfig *config)
{
    if (!g_atomic_ref_count_dec(&config->refs))
        return;
    g_free(config->user_agent);
    g_free(config->cache_dir);
    free(config->file_root);
    g_clear_object(&config->extra_cas);
    g_clear_pointer(&config->policy, mcp_http_address_policy_unref);
    g_free(config);
}
