/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings table, and the settings in force. Control context.
 */
#include "config.h"

#include <mcp/error.h>
#include <string.h>

#define SECTION MCP_ACTIVEMQ_SECTION
#define PORT 61616
#define TLS_PORT 61617

const McpSettingDef mcp_activemq_settings[] = {
    {SECTION, "brokers", MCP_SETTING_LIST, "tcp://127.0.0.1:61616", NULL, MCP_SETTING_RELOADABLE,
     "0.1", "Brokers, tcp://HOST:PORT or ssl://HOST:PORT; the next one is tried when one fails."},
    {SECTION, "user", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "User name for the broker."},
    {SECTION, "password", MCP_SETTING_SECRET, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Password of the user."},
    {SECTION, "credentials", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Set of [credentials] for ssl://; unset: the system's trust anchors, and no certificate."},
    {SECTION, "cdr", MCP_SETTING_STRING, "queue://mcp.cdr", NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Destination of call detail records."},
    {SECTION, "events", MCP_SETTING_STRING, "topic://mcp.events", NULL, MCP_SETTING_RELOADABLE,
     "0.1", "Destination of call events."},
    {SECTION, "operational", MCP_SETTING_STRING, "queue://mcp.ors", NULL, MCP_SETTING_RELOADABLE,
     "0.1", "Destination of operational records."},
    {SECTION, "quality", MCP_SETTING_STRING, "queue://mcp.sqa", NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Destination of service quality records."},
    {SECTION, "component", MCP_SETTING_STRING, NULL, NULL, MCP_SETTING_RELOADABLE, "0.1",
     "Name of this platform in records; unset: the host's."},
    {SECTION, "window", MCP_SETTING_INT, "200", "1..1000", MCP_SETTING_RELOADABLE, "0.1",
     "Messages that may be on their way at a time."},
    {SECTION, "connect_timeout", MCP_SETTING_DURATION, "5s", "100ms..1m", MCP_SETTING_RELOADABLE,
     "0.1", "Until a broker is ready; then the next one is tried."},
    {SECTION, "response_timeout", MCP_SETTING_DURATION, "60s", "1s..1h", MCP_SETTING_RELOADABLE,
     "0.1", "A broker that acknowledges nothing for so long is left."},
    {SECTION, "inactivity", MCP_SETTING_DURATION, "30s", "0s..10m", MCP_SETTING_RELOADABLE, "0.1",
     "A broker that gives no sign of life for so long is left; 0: never."},
    {SECTION, "longest_retry", MCP_SETTING_DURATION, "4s", "500ms..10m", MCP_SETTING_RELOADABLE,
     "0.1", "Longest wait between attempts to reach a broker, or to send what it refused."},
    {SECTION, "call_events", MCP_SETTING_BOOL, "true", NULL, MCP_SETTING_NONE, "0.1",
     "Whether what happens in calls is told, beside their records."},
    {SECTION, "batch_interval", MCP_SETTING_DURATION, "30s", "1s..1h", MCP_SETTING_RELOADABLE,
     "0.1", "Events of a call go out together, after this time or at its end."},
    {SECTION, "interval", MCP_SETTING_DURATION, "1m", "1s..1d", MCP_SETTING_RELOADABLE, "0.1",
     "How often operational and service quality records are made."},
    {SECTION, "setup_limit", MCP_SETTING_DURATION, "2s", "1ms..1h", MCP_SETTING_RELOADABLE, "0.1",
     "A call that takes longer to be answered counts against the service quality."},
    {SECTION, "fetch_limit", MCP_SETTING_DURATION, "3s", "1ms..1h", MCP_SETTING_RELOADABLE, "0.1",
     "So does a fetch that takes longer,"},
    {SECTION, "response_limit", MCP_SETTING_DURATION, "2s", "1ms..1h", MCP_SETTING_RELOADABLE,
     "0.1", "and a prompt that is heard later after the caller was done."},
    {SECTION, "when_full", MCP_SETTING_ENUM, "refuse", "refuse|accept", MCP_SETTING_RELOADABLE,
     "0.1",
     "Whether calls get 503 while their records could not be kept, or their records are lost."},
    {NULL},
};

const char *
mcp_activemq_kind_to_string(guint kind)
{
    static const char *const names[] = {"?", "cdr", "events", "operational", "quality", "start"};

    return names[kind < G_N_ELEMENTS(names) ? kind : 0];
}

static void
broker_free(McpActivemqBroker *broker)
{
    g_free(broker->host);
    g_free(broker);
}

static gboolean
read_broker(McpActivemqConfig *config, const char *text, GError **error)
{
    g_autoptr(GUri) uri = g_uri_parse(text, G_URI_FLAGS_NONE, NULL);
    gboolean tls = uri != NULL && strcmp(g_uri_get_scheme(uri), "ssl") == 0;
    McpActivemqBroker *broker = NULL;

    if (uri == NULL || (!tls && strcmp(g_uri_get_scheme(uri), "tcp") != 0) ||
        g_uri_get_host(uri) == NULL || *g_uri_get_host(uri) == '\0' ||
        g_uri_get_query(uri) != NULL || g_uri_get_userinfo(uri) != NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "[activemq] brokers: '%.80s' is neither tcp://HOST:PORT nor ssl://HOST:PORT",
                    text);
        return FALSE;
    }
    broker = g_new0(McpActivemqBroker, 1);
    broker->host = g_strdup(g_uri_get_host(uri));
    broker->tls = tls;
    broker->port = g_uri_get_port(uri) > 0 ? (guint)g_uri_get_port(uri) : tls ? TLS_PORT : PORT;
    g_ptr_array_add(config->brokers, broker);
    return TRUE;
}

static gboolean
read_destination(McpActivemqConfig *config, McpActivemqKind kind, const char *key, GError **error)
{
    const char *text = mcp_settings_get_string(config->settings, SECTION, NULL, key);
    McpActivemqDestination *destination = &config->destinations[kind];
    const char *name = strstr(text, "://");

    destination->topic = g_str_has_prefix(text, "topic://");
    if ((!destination->topic && !g_str_has_prefix(text, "queue://")) || name[3] == '\0' ||
        strlen(name) > 256 || strpbrk(name + 3, "*>,?") != NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "[activemq] %s: '%.80s' is neither queue://NAME nor topic://NAME", key, text);
        return FALSE;
    }
    destination->name = g_strdup(name + 3);
    return TRUE;
}

static gboolean
read_lists(McpActivemqConfig *config, GError **error)
{
    const char *const *brokers = mcp_settings_get_list(config->settings, SECTION, NULL, "brokers");

    for (; *brokers != NULL; brokers++)
        if (!read_broker(config, *brokers, error))
            return FALSE;
    if (config->brokers->len == 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "[activemq] brokers: none is named");
        return FALSE;
    }
    return read_destination(config, MCP_ACTIVEMQ_CALL_DETAIL, "cdr", error) &&
           read_destination(config, MCP_ACTIVEMQ_CALL_EVENTS, "events", error) &&
           read_destination(config, MCP_ACTIVEMQ_OPERATIONAL, "operational", error) &&
           read_destination(config, MCP_ACTIVEMQ_QUALITY, "quality", error);
}

static const char *
text_of(McpSettings *settings, const char *key)
{
    const char *text = mcp_settings_get_string(settings, SECTION, NULL, key);

    return text != NULL && *text != '\0' ? text : NULL;
}

static gint64
number_of(McpSettings *settings, const char *key)
{
    return mcp_settings_get_int(settings, SECTION, NULL, key);
}

McpActivemqConfig *
mcp_activemq_config_new(McpSettings *settings, GError **error)
{
    g_autoptr(McpActivemqConfig) config = g_new0(McpActivemqConfig, 1);
    const McpSecret *password = mcp_settings_get_secret(settings, SECTION, NULL, "password");

    config->settings = mcp_settings_ref(settings);
    config->brokers = g_ptr_array_new_with_free_func((GDestroyNotify)broker_free);
    if (!read_lists(config, error))
        return NULL;
    config->user = text_of(settings, "user");
    config->password = password != NULL ? mcp_secret_peek(password, NULL) : NULL;
    config->credentials = text_of(settings, "credentials");
    config->component = text_of(settings, "component");
    if (config->component == NULL)
        config->component = config->host_name = g_strdup(g_get_host_name());
    config->window = (guint)number_of(settings, "window");
    config->connect_timeout = number_of(settings, "connect_timeout");
    config->response_timeout = number_of(settings, "response_timeout");
    config->inactivity = number_of(settings, "inactivity");
    config->longest_retry = number_of(settings, "longest_retry");
    config->batch_interval = number_of(settings, "batch_interval");
    config->interval = number_of(settings, "interval");
    config->setup_limit = number_of(settings, "setup_limit");
    config->fetch_limit = number_of(settings, "fetch_limit");
    config->response_limit = number_of(settings, "response_limit");
    config->call_events = mcp_settings_get_bool(settings, SECTION, NULL, "call_events");
    config->refuse_when_full =
        strcmp(mcp_settings_get_string(settings, SECTION, NULL, "when_full"), "refuse") == 0;
    return g_steal_pointer(&config);
}

gboolean
mcp_activemq_config_is_same_way(const McpActivemqConfig *a, const McpActivemqConfig *b)
{
    if (a->brokers->len != b->brokers->len || g_strcmp0(a->user, b->user) != 0 ||
        g_strcmp0(a->password, b->password) != 0 ||
        g_strcmp0(a->credentials, b->credentials) != 0 || a->inactivity != b->inactivity)
        return FALSE;
    for (guint i = 0; i < a->brokers->len; i++) {
        const McpActivemqBroker *one = a->brokers->pdata[i];
        const McpActivemqBroker *other = b->brokers->pdata[i];

        if (strcmp(one->host, other->host) != 0 || one->port != other->port ||
            one->tls != other->tls)
            return FALSE;
    }
    return TRUE;
}

void
mcp_activemq_config_free(McpActivemqConfig *config)
{
    for (guint i = 0; i < G_N_ELEMENTS(config->destinations); i++)
        g_free(config->destinations[i].name);
    g_clear_pointer(&config->brokers, g_ptr_array_unref);
    g_clear_pointer(&config->settings, mcp_settings_unref);
    g_free(config->host_name);
    g_free(config);
}
