/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/host.h>

G_BEGIN_DECLS

/**
 * The config-source contract: settings from elsewhere, which stand below files and environment in
 * precedence, and certificates that recordings are encrypted for. The plugin's own object
 * implements it, for settings are wanted before anything is started; it publishes itself for those
 * who ask for certificates.
 */
#define MCP_CONTRACT_CONFIG_SOURCE "config-source"
#define MCP_CONTRACT_CONFIG_SOURCE_MAJOR 1
#define MCP_CONTRACT_CONFIG_SOURCE_MINOR 0

/** McpConfigValue: one setting. A list may come in parts: "core.plugins[0]", "core.plugins[1]". */
typedef struct {
    char *name;   /* "SECTION.KEY" or "SECTION.INSTANCE.KEY" */
    char *text;   /* as it would stand in a file; paths absolute */
    char *origin; /* shown with the value and in errors: "config server mcp (vault)" */
} McpConfigValue;

/** mcp_config_value_new: (transfer full): all are copied. */
McpConfigValue *mcp_config_value_new(const char *name, const char *text, const char *origin);
/** mcp_config_value_free: wipes the text, which may be a secret. */
void mcp_config_value_free(McpConfigValue *value);

/** McpCertificates: those that a recording is encrypted for. Immutable, shared by reference. */
typedef struct _McpCertificates McpCertificates;

/**
 * mcp_certificates_new: (transfer full): for providers. Any thread, as all that follow.
 * @ders: (element-type GBytes): DER of each X.509 certificate
 * @begin, @expiry: seconds since 1970 between which all of them are valid
 */
McpCertificates *mcp_certificates_new(const char *name, const GPtrArray *ders, gint64 begin,
                                      gint64 expiry);
/** mcp_certificates_ref: (transfer full). */
McpCertificates *mcp_certificates_ref(McpCertificates *certificates);
/** mcp_certificates_unref: */
void mcp_certificates_unref(McpCertificates *certificates);
/** mcp_certificates_get_name: of the configured set. */
const char *mcp_certificates_get_name(const McpCertificates *certificates);
/** mcp_certificates_get_count: recipients, at least one. */
guint mcp_certificates_get_count(const McpCertificates *certificates);
/** mcp_certificates_get_der: (transfer none): of recipient @index. */
GBytes *mcp_certificates_get_der(const McpCertificates *certificates, guint index);
/** mcp_certificates_get_begin: seconds since 1970. */
gint64 mcp_certificates_get_begin(const McpCertificates *certificates);
/** mcp_certificates_get_expiry: seconds since 1970, of the one that ends first. */
gint64 mcp_certificates_get_expiry(const McpCertificates *certificates);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpCertificates, mcp_certificates_unref)

#define MCP_TYPE_CONFIG_SOURCE (mcp_config_source_get_type())
G_DECLARE_INTERFACE(McpConfigSource, mcp_config_source, MCP, CONFIG_SOURCE, GObject)

/** McpConfigSourceInterface: members as the functions of the same names. */
struct _McpConfigSourceInterface {
    GTypeInterface parent_iface;
    GPtrArray *(*read)(McpConfigSource *self, McpHost *host, McpSettings *settings, GError **error);
    GPtrArray *(*fall_back)(McpConfigSource *self);
    GPtrArray *(*get)(McpConfigSource *self);
    McpCertificates *(*get_certificates)(McpConfigSource *self, const char *name, GError **error);
};

/**
 * mcp_config_source_read: (transfer full) (nullable) (element-type McpConfigValue): what is to
 * be in force at start. Called by the core once, before anything runs; may block for as long as its
 * own settings say. Control context.
 * @settings: what files and environment say so far, checked or not
 *
 * Returns: NULL without @error when there is nothing: neither the source nor an earlier copy; with
 * @error what the source says makes no sense.
 */
GPtrArray *mcp_config_source_read(McpConfigSource *self, McpHost *host, McpSettings *settings,
                                  GError **error);
/**
 * mcp_config_source_fall_back: (transfer full) (nullable): what was read is no good; the
 * values that were in force last time, unless they were returned already. Control context.
 */
GPtrArray *mcp_config_source_fall_back(McpConfigSource *self);
/**
 * mcp_config_source_get: (transfer full) (nullable): what a reload is to try: new values, or those
 * in force. Control context.
 */
GPtrArray *mcp_config_source_get(McpConfigSource *self);
/**
 * mcp_config_source_get_certificates: (transfer full): those in force of the configured set @name.
 * Any thread. Returns: NULL with MCP_ERROR_NOT_FOUND when there is no such set or none was ever
 * read, MCP_ERROR_REFUSED when one of them is not valid now.
 */
McpCertificates *mcp_config_source_get_certificates(McpConfigSource *self, const char *name,
                                                    GError **error);

G_END_DECLS
