/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The section [consul], checked as a whole. Control context.
 */
#include "config.h"

#include <mcp/error.h>
#include <peer_http/peer_http.h>
#include <string.h>

#define SECTION "consul"
/* Bounds of the agent. */
#define META_MAX 512
#define ID_MAX 128

const McpSettingDef mcp_consul_setting_defs[] = {
    {SECTION, "url", MCP_SETTING_STRING, "http://127.0.0.1:8500", NULL, MCP_SETTING_NONE, "0.1",
     "The agent on this host; https://HOST:8501 with TLS."},
    {SECTION, "token", MCP_SETTING_SECRET, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "ACL token; sent in a header, never in a URL."},
    {SECTION, "credentials", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "Name of the [credentials] with the agent's authorities and our certificate, for https."},
    {SECTION, "service", MCP_SETTING_STRING, "mcp", NULL, MCP_SETTING_NONE, "0.1",
     "Name of the service."},
    {SECTION, "id", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_NONE, "0.1",
     "Id of this instance, unique on its agent; unset: service and host name."},
    {SECTION, "address", MCP_SETTING_STRING, "", NULL, MCP_SETTING_NONE, "0.1",
     "Address that callers reach this platform at; empty: that of the agent."},
    {SECTION, "port", MCP_SETTING_INT, "5060", "1..65535", MCP_SETTING_NONE, "0.1",
     "Port that callers reach this platform at."},
    {SECTION, "tags", MCP_SETTING_LIST, "", NULL, MCP_SETTING_NONE, "0.1", "Tags of the service."},
    {SECTION, "ttl", MCP_SETTING_DURATION, "15s", "3s..10m", MCP_SETTING_NONE, "0.1",
     "Time without news after which the agent takes this platform for critical."},
    {SECTION, "deregister_after", MCP_SETTING_DURATION, "10m", "1m..7d", MCP_SETTING_NONE, "0.1",
     "Time in a critical state after which the agent forgets it."},
    {SECTION, "timeout", MCP_SETTING_DURATION, "2s", "100ms..1m", MCP_SETTING_NONE, "0.1",
     "Time for the answer to a request."},
    {NULL},
};

void
mcp_consul_config_free(McpConsulConfig *config)
{
    g_free(config->url);
    g_free(config->credentials);
    g_free(config->service);
    g_free(config->id);
    g_free(config->check);
    g_free(config->address);
    g_strfreev(config->tags);
    g_free(config->services);
    g_clear_pointer(&config->settings, mcp_settings_unref);
    g_free(config);
}

static gboolean
refuse(McpSettings *settings, const char *key, const char *value, const char *why, GError **error)
{
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s: [" SECTION "] %s: \"%s\" %s",
                mcp_settings_get_origin(settings, SECTION, NULL, key), key, value, why);
    return FALSE;
}

/* DNS labels are made of both; what else could stand in a path or a log line does not. */
static gboolean
is_name(const char *text)
{
    gsize length = strlen(text);

    for (gsize i = 0; i < length; i++) {
        if (!g_ascii_isalnum(text[i]) && strchr("-._", text[i]) == NULL)
            return FALSE;
    }
    return length > 0 && length <= ID_MAX;
}

/* What a header can hold. The value itself stands in no message. */
static gboolean
is_token(const McpSecret *token)
{
    gsize length = 0;
    const char *text = token != NULL ? mcp_secret_peek(token, &length) : "";

    for (gsize i = 0; i < length; i++) {
        if (!g_ascii_isgraph(text[i]))
            return FALSE;
    }
    return TRUE;
}

static char *
join_services(McpSettings *settings)
{
    const char *const *names = mcp_settings_get_instances(settings, "service");
    GString *text = g_string_new(NULL);

    for (; *names != NULL && text->len + strlen(*names) + 1 <= META_MAX; names++)
        g_string_append_printf(text, "%s%s", text->len > 0 ? "," : "", *names);
    return g_string_free(text, FALSE);
}

static char *
get(McpSettings *settings, const char *key)
{
    return g_strdup(mcp_settings_get_string(settings, SECTION, NULL, key));
}

static gboolean
check(const McpConsulConfig *config, McpSettings *settings, GError **error)
{
    g_autoptr(GError) why = NULL;

    if (!mcp_peer_http_check_url(config->url, &why))
        return refuse(settings, "url", config->url, why->message, error);
    if (config->credentials != NULL && !g_str_has_prefix(config->url, "https:"))
        return refuse(settings, "credentials", config->credentials, "need an https url", error);
    if (!is_token(config->token))
        return refuse(settings, "token", "***", "has blanks or other than ASCII", error);
    if (!is_name(config->service))
        return refuse(settings, "service", config->service, "has other than letters, digits, -._",
                      error);
    if (!is_name(config->id))
        return refuse(settings, "id", config->id, "has other than letters, digits, -._", error);
    return TRUE;
}

McpConsulConfig *
mcp_consul_config_new(McpSettings *settings, GError **error)
{
    g_autoptr(McpConsulConfig) config = g_new0(McpConsulConfig, 1);

    config->settings = mcp_settings_ref(settings);
    config->url = get(settings, "url");
    config->token = mcp_settings_get_secret(settings, SECTION, NULL, "token");
    config->credentials = get(settings, "credentials");
    config->service = get(settings, "service");
    config->id = get(settings, "id");
    if (config->id == NULL)
        config->id = g_strdup_printf("%s-%s", config->service, g_get_host_name());
    config->check = g_strconcat(config->id, ":health", NULL);
    config->address = get(settings, "address");
    config->port = (guint)mcp_settings_get_int(settings, SECTION, NULL, "port");
    config->tags = g_strdupv((char **)mcp_settings_get_list(settings, SECTION, NULL, "tags"));
    config->services = join_services(settings);
    config->capacity = mcp_settings_get_int(settings, "core", NULL, "max_calls");
    config->ttl = mcp_settings_get_int(settings, SECTION, NULL, "ttl");
    config->deregister_after = mcp_settings_get_int(settings, SECTION, NULL, "deregister_after");
    config->timeout = mcp_settings_get_int(settings, SECTION, NULL, "timeout");
    if (!check(config, settings, error))
        return NULL;
    return g_steal_pointer(&config);
}
