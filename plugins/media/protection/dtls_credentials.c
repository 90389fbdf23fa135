/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpMediaDtlsCredentials: certificate, key and the library's context of all sessions: DTLS 1.2
 * (RFC 8827 §6.5; 1.0 is refused), forward secrecy and AEAD only, no resumption, no renegotiation.
 * Immutable after it was made, any thread.
 */
#include "dtls_credentials.h"

#include "dtls_callbacks.h"

#include <mcp/error.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>

#define CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20"
#define GROUPS "X25519:P-256:P-384"
#define CERTIFICATES_MAX 16384 /* bytes of a chain; fragments of more are not collected */
#define DAY (24 * 3600)
#define LIFE_DAYS 3650 /* a process may run long; nobody renews within it */

struct _McpMediaDtlsCredentials {
    gatomicrefcount refs;
    SSL_CTX *context;
    char *fingerprint;
    guint8 secret[32]; /* of cookies */
};

static gboolean
configure(SSL_CTX *context, X509 *certificate, EVP_PKEY *key)
{
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_NO_COMPRESSION | SSL_OP_NO_QUERY_MTU |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE);
    mcp_media_dtls_install_callbacks(context);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_max_cert_list(context, CERTIFICATES_MAX);
    return SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(context, CIPHERS) == 1 &&
           SSL_CTX_set1_groups_list(context, GROUPS) == 1 &&
           SSL_CTX_use_certificate(context, certificate) == 1 &&
           SSL_CTX_use_PrivateKey(context, key) == 1 && SSL_CTX_check_private_key(context) == 1;
}

static void
set_library_error(GError **error, McpError code, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    g_set_error(error, MCP_ERROR, code, "%s: %s", what, reason != NULL ? reason : "unknown error");
    ERR_clear_error();
}

McpMediaDtlsCredentials *
mcp_media_dtls_credentials_new(X509 *certificate, EVP_PKEY *key, GError **error)
{
    g_autoptr(McpMediaDtlsCredentials) self = g_new0(McpMediaDtlsCredentials, 1);
    McpMediaFingerprint fingerprint = {0};

    g_atomic_ref_count_init(&self->refs);
    self->context = SSL_CTX_new(DTLS_method());
    if (self->context == NULL || !configure(self->context, certificate, key) ||
        RAND_bytes(self->secret, sizeof self->secret) != 1 ||
        !mcp_media_fingerprint_compute(certificate, MCP_MEDIA_HASH_SHA256, &fingerprint)) {
        set_library_error(error, MCP_ERROR_INVALID, "dtls certificate and key");
        return NULL;
    }
    self->fingerprint = mcp_media_fingerprint_format(&fingerprint);
    return g_steal_pointer(&self);
}

/* RFC 8827 §6.5: nothing in the certificate tells who we are; its name is a random one. */
static gboolean
fill(X509 *certificate, EVP_PKEY *key)
{
    guint8 random[16];
    char name[2 * sizeof random + 1];
    ASN1_INTEGER *serial = X509_get_serialNumber(certificate);
    X509_NAME *subject = X509_get_subject_name(certificate);

    if (RAND_bytes(random, sizeof random) != 1)
        return FALSE;
    for (guint i = 0; i < sizeof random; i++)
        g_snprintf(name + 2 * i, 3, "%02x", random[i]);
    return X509_set_version(certificate, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set_uint64(serial, g_ascii_strtoull(name + 17, NULL, 16)) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -DAY) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), (long)LIFE_DAYS * DAY) != NULL &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const guint8 *)name, -1, -1,
                                      0) == 1 &&
           X509_set_issuer_name(certificate, subject) == 1 &&
           X509_set_pubkey(certificate, key) == 1 && X509_sign(certificate, key, EVP_sha256()) > 0;
}

McpMediaDtlsCredentials *
mcp_media_dtls_credentials_make(GError **error)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    McpMediaDtlsCredentials *self = NULL;

    if (key != NULL && certificate != NULL && fill(certificate, key))
        self = mcp_media_dtls_credentials_new(certificate, key, error);
    else
        set_library_error(error, MCP_ERROR_FAILED, "dtls certificate of our own");
    X509_free(certificate);
    EVP_PKEY_free(key);
    return self;
}

McpMediaDtlsCredentials *
mcp_media_dtls_credentials_ref(McpMediaDtlsCredentials *credentials)
{
    g_atomic_ref_count_inc(&credentials->refs);
    return credentials;
}

void
mcp_media_dtls_credentials_unref(McpMediaDtlsCredentials *credentials)
{
    if (credentials == NULL || !g_atomic_ref_count_dec(&credentials->refs))
        return;
    SSL_CTX_free(credentials->context);
    explicit_bzero(credentials->secret, sizeof credentials->secret);
    g_free(credentials->fingerprint);
    g_free(credentials);
}

const char *
mcp_media_dtls_credentials_get_fingerprint(const McpMediaDtlsCredentials *credentials)
{
    return credentials->fingerprint;
}

SSL_CTX *
mcp_media_dtls_credentials_get_context(const McpMediaDtlsCredentials *credentials)
{
    return credentials->context;
}

gboolean
mcp_media_dtls_credentials_make_cookie(const McpMediaDtlsCredentials *credentials,
                                       const guint8 *data, gsize length, guint8 *out_cookie)
{
    guint n = 0;

    return HMAC(EVP_sha256(), credentials->secret, sizeof credentials->secret, data, length,
                out_cookie, &n) != NULL &&
           n == MCP_MEDIA_DTLS_COOKIE;
}
