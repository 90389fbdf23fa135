/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/credentials.h>
#include <openssl/ssl.h>

G_BEGIN_DECLS

/** McpTlsClientPolicy: whether a server asks its clients for a certificate. */
typedef enum {
    MCP_TLS_CLIENT_CERTIFICATE_OFF,
    MCP_TLS_CLIENT_CERTIFICATE_OPTIONAL, /* taken and checked when there is one */
    MCP_TLS_CLIENT_CERTIFICATE_REQUIRED,
} McpTlsClientPolicy;

/** McpTlsOptions: what a context is to be. */
typedef struct {
    gboolean server;
    gboolean only_1_3; /* else TLS 1.2 and 1.3 */
    McpTlsClientPolicy client_certificates;
    gboolean wildcards; /* of a client: whether "*." in a server's certificate stands for a label */
} McpTlsOptions;

/**
 * McpTlsContext: credentials ready for use: for a client one set, for a server one or several, of
 * which the name that the client asks for (RFC 6066 §3) chooses one, the first if none fits.
 * Immutable; a change of credentials makes a new one. Any thread.
 */
typedef struct _McpTlsContext McpTlsContext;

/**
 * mcp_tls_context_new: (transfer full):
 * @sets: (element-type McpCredentialSet): at least one; a server's all need certificates
 *
 * Returns: NULL with a message that names set and cause.
 */
McpTlsContext *mcp_tls_context_new(const GPtrArray *sets, const McpTlsOptions *options,
                                   GError **error);
/** mcp_tls_context_ref: (transfer full). */
McpTlsContext *mcp_tls_context_ref(McpTlsContext *context);
/** mcp_tls_context_unref: */
void mcp_tls_context_unref(McpTlsContext *context);
/** mcp_tls_context_get_options: (transfer none). */
const McpTlsOptions *mcp_tls_context_get_options(const McpTlsContext *context);
/** mcp_tls_context_get_ssl: (transfer none): what a connection is made of. */
SSL_CTX *mcp_tls_context_get_ssl(const McpTlsContext *context);

/** mcp_tls_error_text: (transfer full): the library's last error in words; empties its queue. */
char *mcp_tls_error_text(void);

/**
 * McpTlsVerifyFunc: judges the peer's certificate after its chain has been found good; FALSE with
 * X509_STORE_CTX_set_error() refuses it. Set as the app data of an SSL object's McpTlsJudge.
 */
typedef gboolean (*McpTlsVerifyFunc)(X509_STORE_CTX *store, gpointer user_data);

/** McpTlsJudge: app data of each SSL object made from a context. */
typedef struct {
    McpTlsVerifyFunc verify;
    gpointer user_data;
} McpTlsJudge;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpTlsContext, mcp_tls_context_unref)

G_END_DECLS
