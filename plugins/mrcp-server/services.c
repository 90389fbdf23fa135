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
    self->synthesizer = g_strdup(mcp_settings_get_string(settings, SECTION, NULL, "synthesizer"));
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

/* --- TLS --- */

/* The bytes of the first certificate of a PEM file. */
static guint8 *
decode(GBytes *pem, gsize *out_length)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----";
    gsize length = 0;
    const char *data = g_bytes_get_data(pem, &length);
    g_autofree char *text = g_strndup(data, length);
    char *first = strstr(text, begin);
    char *end = first != NULL ? strstr(first, "-----END") : NULL;

    if (end == NULL)
        return NULL;
    *end = '\0';
    return g_base64_decode(first + strlen(begin), out_length);
}

/* RFC 4572 §5: "SHA-256 4A:AD:…"; NULL: it is no certificate. */
static char *
make_fingerprint(McpCredentialSet *set)
{
    gsize length = 0;
    g_autofree guint8 *der = decode(mcp_credential_set_get_certificates(set), &length);
    g_autofree char *sum =
        der != NULL ? g_compute_checksum_for_data(G_CHECKSUM_SHA256, der, length) : NULL;
    GString *text = g_string_new("SHA-256 ");

    for (guint i = 0; sum != NULL && sum[i] != '\0'; i++)
        g_string_append_printf(text, "%s%c", i > 0 && i % 2 == 0 ? ":" : "",
                               g_ascii_toupper(sum[i]));
    return g_string_free(text, sum == NULL);
}

gboolean
mcp_mrcpd_services_set_tls(McpMrcpdServices *services, McpCredentialSet *set, GError **error)
{
    static const McpTlsOptions options = {.server = TRUE};
    g_autoptr(GPtrArray) sets =
        g_ptr_array_new_with_free_func((GDestroyNotify)mcp_credential_set_unref);
    McpTlsContext *context = NULL;

    g_ptr_array_add(sets, mcp_credential_set_ref(set));
    context = mcp_tls_context_new(sets, &options, error);
    if (context == NULL)
        return FALSE;
    g_clear_pointer(&services->tls, mcp_tls_context_unref);
    services->tls = context;
    g_mutex_lock(&services->lock);
    g_free(services->fingerprint);
    services->fingerprint = make_fingerprint(set);
    g_mutex_unlock(&services->lock);
    return TRUE;
}

char *
mcp_mrcpd_services_dup_fingerprint(McpMrcpdServices *services)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&services->lock);

    return g_strdup(services->fingerprint);
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
