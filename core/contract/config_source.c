/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of settings from elsewhere: values, certificates, and dispatch with a function a
 * slot.
 */
#include <mcp/contract/config_source.h>
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpCertificates);

struct _McpCertificates {
    gatomicrefcount refs;
    char *name;
    GPtrArray *ders;
    gint64 begin;
    gint64 expiry;
};

G_DEFINE_INTERFACE(McpConfigSource, mcp_config_source, G_TYPE_OBJECT)

static void
mcp_config_source_default_init(McpConfigSourceInterface *iface)
{
}

McpConfigValue *
mcp_config_value_new(const char *name, const char *text, const char *origin)
{
    McpConfigValue *value = g_new(McpConfigValue, 1);

    *value = (McpConfigValue){g_strdup(name), g_strdup(text), g_strdup(origin)};
    return value;
}

void
mcp_config_value_free(McpConfigValue *value)
{
    explicit_bzero(value->text, strlen(value->text));
    g_free(value->text);
    g_free(value->name);
    g_free(value->origin);
    g_free(value);
}

McpCertificates *
mcp_certificates_new(const char *name, const GPtrArray *ders, gint64 begin, gint64 expiry)
{
    McpCertificates *certificates = g_new0(McpCertificates, 1);

    g_atomic_ref_count_init(&certificates->refs);
    certificates->name = g_strdup(name);
    certificates->ders = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    for (guint i = 0; i < ders->len; i++)
        g_ptr_array_add(certificates->ders, g_bytes_ref(g_ptr_array_index(ders, i)));
    certificates->begin = begin;
    certificates->expiry = expiry;
    MCP_LEDGER_CREATED(McpCertificates);
    return certificates;
}

McpCertificates *
mcp_certificates_ref(McpCertificates *certificates)
{
    g_atomic_ref_count_inc(&certificates->refs);
    return certificates;
}

void
mcp_certificates_unref(McpCertificates *certificates)
{
    if (!g_atomic_ref_count_dec(&certificates->refs))
        return;
    g_ptr_array_unref(certificates->ders);
    g_free(certificates->name);
    g_free(certificates);
    MCP_LEDGER_FINALIZED(McpCertificates);
}

const char *
mcp_certificates_get_name(const McpCertificates *certificates)
{
    return certificates->name;
}

guint
mcp_certificates_get_count(const McpCertificates *certificates)
{
    return certificates->ders->len;
}

GBytes *
mcp_certificates_get_der(const McpCertificates *certificates, guint index)
{
    return g_ptr_array_index(certificates->ders, index);
}

gint64
mcp_certificates_get_begin(const McpCertificates *certificates)
{
    return certificates->begin;
}

gint64
mcp_certificates_get_expiry(const McpCertificates *certificates)
{
    return certificates->expiry;
}

GPtrArray *
mcp_config_source_read(McpConfigSource *self, McpHost *host, McpSettings *settings, GError **error)
{
    McpConfigSourceInterface *iface = MCP_CONFIG_SOURCE_GET_IFACE(self);

    return iface->read != NULL ? iface->read(self, host, settings, error) : NULL;
}

GPtrArray *
mcp_config_source_fall_back(McpConfigSource *self)
{
    McpConfigSourceInterface *iface = MCP_CONFIG_SOURCE_GET_IFACE(self);

    return iface->fall_back != NULL ? iface->fall_back(self) : NULL;
}

GPtrArray *
mcp_config_source_get(McpConfigSource *self)
{
    McpConfigSourceInterface *iface = MCP_CONFIG_SOURCE_GET_IFACE(self);

    return iface->get != NULL ? iface->get(self) : NULL;
}

McpCertificates *
mcp_config_source_get_certificates(McpConfigSource *self, const char *name, GError **error)
{
    McpConfigSourceInterface *iface = MCP_CONFIG_SOURCE_GET_IFACE(self);

    if (iface->get_certificates == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s has no certificates",
                    G_OBJECT_TYPE_NAME(self));
        return NULL;
    }
    return iface->get_certificates(self, name, error);
}
