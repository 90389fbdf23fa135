/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "fingerprint.h"

G_BEGIN_DECLS

/**
 * McpMediaDtlsCredentials: certificate and key that the sessions of a process show, and what they
 * share. Immutable, counted, any thread.
 */
typedef struct _McpMediaDtlsCredentials McpMediaDtlsCredentials;

/**
 * mcp_media_dtls_credentials_new: (transfer full) (nullable): of a certificate and its key, both
 * counted on. NULL with MCP_ERROR_INVALID when they do not belong together or are too weak.
 */
McpMediaDtlsCredentials *mcp_media_dtls_credentials_new(X509 *certificate, EVP_PKEY *key,
                                                        GError **error);
/**
 * mcp_media_dtls_credentials_make: (transfer full) (nullable): a fresh key of P-256 and a
 * certificate signed by itself (RFC 5763 §5); the fingerprint in the SDP is what makes it worth
 * something. NULL with MCP_ERROR_FAILED. Once a process, not on a media worker.
 */
McpMediaDtlsCredentials *mcp_media_dtls_credentials_make(GError **error);
/** mcp_media_dtls_credentials_ref: (transfer full). */
McpMediaDtlsCredentials *mcp_media_dtls_credentials_ref(McpMediaDtlsCredentials *credentials);
/** mcp_media_dtls_credentials_unref: (nullable). */
void mcp_media_dtls_credentials_unref(McpMediaDtlsCredentials *credentials);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMediaDtlsCredentials, mcp_media_dtls_credentials_unref)

/** mcp_media_dtls_credentials_get_fingerprint: (transfer none): value of a=fingerprint, SHA-256. */
const char *mcp_media_dtls_credentials_get_fingerprint(const McpMediaDtlsCredentials *credentials);
/** mcp_media_dtls_credentials_get_context: (transfer none): for the sessions alone. */
SSL_CTX *mcp_media_dtls_credentials_get_context(const McpMediaDtlsCredentials *credentials);
/**
 * mcp_media_dtls_credentials_make_cookie: 32 bytes that only this process can make of @data, such
 * as the address of a peer (RFC 6347 §4.2.1). FALSE: the library cannot.
 */
gboolean mcp_media_dtls_credentials_make_cookie(const McpMediaDtlsCredentials *credentials,
                                                const guint8 *data, gsize length,
                                                guint8 *out_cookie);

#define MCP_MEDIA_DTLS_COOKIE 32

G_END_DECLS
