/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all parts of the plugin share: the core's services, the settings, limits of the log. Any
 * thread.
 */
#include "services.h"

#include <mcp/log.h>
#include <string.h>

#define SECTION "mrcp-server"
#define REFUSALS_PER_SOURCE 5
#define REFUSALS_TOTAL 20
#define MAX_LINE (8 * 1024)
#define MAX_HEAD (32 * 1024)
#define MAX_FIELDS 64

static char *
address_of(McpSettings *settings)
{
    const char *value = mcp_settings_get_string(settings, SECTION, NULL, "address");
    g_autofree char *bare = g_strdup(value);

    if (bare[0] == '[' && g_str_has_suffix(bare, "]")) {
        bare[strlen(bare) - 1] = '\0';
        return g_strdup(bare + 1);
    }
    return g_steal_pointer(&bare);
}

static guint
number(McpSettings *settings, const char *key)
{
    return (guint)mcp_settings_get_int(settings, SECTION, NULL, key);
}

McpMrcpdServices *
mcp_mrcpd_services_new(McpHost *host, McpSettings *settings)
{
    McpMrcpdServices *self = g_new0(McpMrcpdServices, 1);

    g_atomic_ref_count_init(&self->refs);
    g_mutex_init(&self->lock);
    self->host = g_object_ref(host);
    self->clock = mcp_host_get_clock(host);
    self->control = mcp_host_get_control_context(host);
    self->metrics = mcp_host_get_metrics(host);
    self->channels =
        mcp_mrcpd_channels_new(self->control, number(settings, "max_channels"), self->metrics);
    self->refusals =
        mcp_log_limit_new(REFUSALS_PER_SOURCE, REFUSALS_TOTAL, G_LOG_DOMAIN, "mrcp-refused");
    self->limits = (McpMrcpLimits){
        .max_line = MAX_LINE,
        .max_head = MAX_HEAD,
        .max_fields = MAX_FIELDS,
        .max_body = (gsize)mcp_settings_get_int(settings, SECTION, NULL, "max_message"),
    };
    self->address = address_of(settings);
    self->ports[MCP_MRCPD_LINK_TCP] = number(settings, "port");
    self->ports[MCP_MRCPD_LINK_TLS] = number(settings, "tls_port");
    self->ports[MCP_MRCPD_LINK_RTSP] = number(settings, "rtsp_port");
    self->synthesizer =
        g_strdup(mcp_settings_get_string(settings, SECTION, NULL, "synthesizer"));
    self->recognizer = g_strdup(mcp_settings_get_string(settings, SECTION, NULL, "recognizer"));
    self->max_connections = number(settings, "max_connections");
    self->idle_timeout = mcp_settings_get_int(settings, SECTION, NULL, "idle_timeout");
    self->session_timeout = mcp_settings_get_int(settings, SECTION, NULL, "session_timeout");
    return self;
}

McpMrcpdServices *
mcp_mrcpd_services_ref(McpMrcpdServices *services)
{
    g_atomic_ref_count_inc(&services->refs);
    return services;
}

void
mcp_mrcpd_services_unref(McpMrcpdServices *services)
{
    if (services == NULL || !g_atomic_ref_count_dec(&services->refs))
        return;
    mcp_mrcpd_channels_unref(services->channels);
    mcp_log_limit_free(services->refusals);
    g_clear_pointer(&services->tls, mcp_tls_context_unref);
    g_mutex_clear(&services->lock);
    g_free(services->fingerprint);
    g_free(services->address);
    g_free(services->synthesizer);
    g_free(services->recognizer);
    g_object_unref(services->host);
    g_free(services);
}

void
mcp_mrcpd_refuse(McpMrcpdServices *services, McpMrcpdRefusal why, const char *remote,
                 const char *text)
{
    const char *port = strrchr(remote, ':');
    g_autofree char *source =
        g_strndup(remote, port != NULL ? (gsize)(port - remote) : strlen(remote));

    if (services->metrics != NULL)
        mcp_metrics_add(services->metrics, MCP_MRCPD_METRIC_REFUSED, why, 1);
    if (mcp_log_limit_pass(services->refusals, source, mcp_clock_now(services->clock)))
        mcp_log_warning("mrcp-refused", NULL, "%s: %s", remote, text);
}
