/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What OpenSSL calls back for a DTLS session: datagrams in and out, cookies, the certificate, the
 * timer. On the context of the session that is being called.
 */
#include "dtls_callbacks.h"

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <string.h>

#define RETRANSMIT_MS 400
#define RETRANSMIT_MAX_US 6000000

static int
write_datagram(BIO *bio, const char *data, int length)
{
    McpMediaDtls *self = BIO_get_data(bio);

    BIO_clear_retry_flags(bio);
    if (length > 0)
        self->config.send((const guint8 *)data, (gsize)length, self->config.user_data);
    return length;
}

/* A read gives one datagram whole, as a socket does. */
static int
read_datagram(BIO *bio, char *out, int size)
{
    McpMediaDtls *self = BIO_get_data(bio);
    gsize length = MIN(self->input_length, (gsize)MAX(size, 0));

    BIO_clear_retry_flags(bio);
    if (self->input == NULL) {
        BIO_set_retry_read(bio);
        return -1;
    }
    memcpy(out, self->input, length);
    self->input = NULL;
    return (int)length;
}

static long
control(BIO *bio, int command, long number, void *pointer)
{
    switch (command) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
        return MCP_MEDIA_DTLS_DATAGRAM;
    default:
        return 0;
    }
}

/* RFC 5763 §5: the certificate is signed by itself; all that counts is the fingerprint. */
static int
verify(X509_STORE_CTX *store, void *unused)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    const X509 *certificate = X509_STORE_CTX_get0_cert(store);
    McpMediaDtls *self = SSL_get_app_data(ssl);

    if (certificate != NULL && mcp_media_dtls_judge(self, certificate))
        return 1;
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    return 0;
}

/* RFC 6347 §4.2.1: of a secret of the process, the session and where the datagram came from. */
static int
make_cookie(SSL *ssl, guint8 *out_cookie, guint *out_length)
{
    McpMediaDtls *self = SSL_get_app_data(ssl);

    *out_length = MCP_MEDIA_DTLS_COOKIE;
    return mcp_media_dtls_credentials_make_cookie(self->credentials, self->origin,
                                                  sizeof self->origin, out_cookie);
}

static int
check_cookie(SSL *ssl, const guint8 *cookie, guint length)
{
    guint8 wanted[MCP_MEDIA_DTLS_COOKIE];
    guint n = 0;

    return length == sizeof wanted && make_cookie(ssl, wanted, &n) == 1 &&
           CRYPTO_memcmp(wanted, cookie, sizeof wanted) == 0;
}

void
mcp_media_dtls_install_callbacks(SSL_CTX *context)
{
    SSL_CTX_set_cert_verify_callback(context, verify, NULL);
    SSL_CTX_set_cookie_generate_cb(context, make_cookie);
    SSL_CTX_set_cookie_verify_cb(context, check_cookie);
}

/* The table of functions is process-wide, made once and only read afterwards. */
BIO_METHOD *
mcp_media_dtls_bio_method(void)
{
    static gsize made = 0;

    if (g_once_init_enter(&made)) {
        BIO_METHOD *functions =
            BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagram");

        BIO_meth_set_write(functions, write_datagram);
        BIO_meth_set_read(functions, read_datagram);
        BIO_meth_set_ctrl(functions, control);
        g_once_init_leave(&made, (gsize)functions);
    }
    return (BIO_METHOD *)made;
}

guint
mcp_media_dtls_next_interval(SSL *ssl, guint previous_us)
{
    McpMediaDtls *self = SSL_get_app_data(ssl);
    guint first_ms = self->config.retransmit_ms != 0 ? self->config.retransmit_ms : RETRANSMIT_MS;

    return previous_us == 0 ? first_ms * 1000 : MIN(previous_us * 2, RETRANSMIT_MAX_US);
}

gboolean
mcp_media_dtls_judge(McpMediaDtls *dtls, const X509 *certificate)
{
    McpMediaFingerprintHash hash = MCP_MEDIA_HASH_SHA1;

    if (dtls->n_fingerprints == 0 ||
        mcp_media_fingerprints_match(dtls->fingerprints, dtls->n_fingerprints, certificate, &hash))
        return TRUE;
    mcp_media_dtls_fail(dtls,
                        "the peer's certificate is not that of the description, by fingerprint",
                        mcp_media_fingerprint_get_hash_name(hash));
    return FALSE;
}

McpMediaDtlsState
mcp_media_dtls_fail(McpMediaDtls *dtls, const char *what, const char *why)
{
    if (dtls->state != MCP_MEDIA_DTLS_FAILED)
        g_snprintf(dtls->reason, sizeof dtls->reason, "%s%s%s", what, why != NULL ? ": " : "",
                   why != NULL ? why : "");
    dtls->state = MCP_MEDIA_DTLS_FAILED;
    return dtls->state;
}
