/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "dtls_session.h"

#include <openssl/bio.h>

G_BEGIN_DECLS

#define MCP_MEDIA_DTLS_REASON 160
#define MCP_MEDIA_DTLS_ADDRESS 18 /* bytes of address and port, either family */

/* The session as its callbacks see it; for dtls_session.c and dtls_callbacks.c alone. */
struct _McpMediaDtls {
    SSL *ssl;
    McpMediaDtlsCredentials *credentials;
    McpMediaDtlsConfig config; /* without the suites */
    McpMediaDtlsState state;
    char reason[MCP_MEDIA_DTLS_REASON];
    McpMediaFingerprint fingerprints[MCP_MEDIA_FINGERPRINTS_MAX];
    guint n_fingerprints;
    const guint8 *input; /* what is being fed; NULL: read */
    gsize input_length;
    guint8
        origin[16 + MCP_MEDIA_DTLS_ADDRESS]; /* nonce of the session and address of what is fed */
    guint datagrams;
    gint64 started;
};

/** mcp_media_dtls_install_callbacks: once for each context of the library, before sessions. */
void mcp_media_dtls_install_callbacks(SSL_CTX *context);
/** mcp_media_dtls_bio_method: (transfer none): reads what is fed, writes by the session's send. */
BIO_METHOD *mcp_media_dtls_bio_method(void);
/** mcp_media_dtls_next_interval: µs until a flight is sent again. */
guint mcp_media_dtls_next_interval(SSL *ssl, guint previous_us);
/**
 * mcp_media_dtls_judge: whether the certificate is one that was described; TRUE also while nothing
 * is known of the other side. FALSE: the session has failed.
 */
gboolean mcp_media_dtls_judge(McpMediaDtls *dtls, const X509 *certificate);
/** mcp_media_dtls_fail: the first reason stays. Returns the state. */
McpMediaDtlsState mcp_media_dtls_fail(McpMediaDtls *dtls, const char *what, const char *why);

G_END_DECLS
