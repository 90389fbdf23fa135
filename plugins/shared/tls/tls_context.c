/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpTlsContext: the library's contexts made of sets of credentials. TLS 1.2 and 1.3 only (RFC
 * 8996), security level 2 at least, no resumption: a connection lasts for many calls, and each new
 * one is to be judged by the credentials of its time. Any thread.
 */
#include "tls_context.h"

#include "certificate_names.h"

#include <mcp/error.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define SECURITY_LEVEL 2

struct _McpTlsContext {
    gatomicrefcount refs;
    McpTlsOptions options;
    GPtrArray *contexts; /* SSL_CTX, in the order of the sets */
    GPtrArray *names;    /* char **: names of the leaf of each */
};

char *
mcp_tls_error_text(void)
{
    gulong code = ERR_peek_last_error();
    const char *reason = ERR_reason_error_string(code);
    char *text = g_strdup(reason != NULL ? reason : "unknown error");

    ERR_clear_error();
    return text;
}

static gboolean
fail(GError **error, McpCredentialSet *set, const char *what)
{
    g_autofree char *text = mcp_tls_error_text();

    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "credentials \"%s\": %s: %s",
                mcp_credential_set_get_name(set), what, text);
    return FALSE;
}

static BIO *
open_pem(GBytes *pem)
{
    gsize length = 0;
    const char *data = g_bytes_get_data(pem, &length);

    return BIO_new_mem_buf(data, (int)length);
}

static STACK_OF(X509) * read_certificates(GBytes *pem)
{
    STACK_OF(X509) *certificates = sk_X509_new_null();
    BIO *bio = open_pem(pem);
    X509 *certificate = NULL;

    while ((certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
        sk_X509_push(certificates, certificate);
    ERR_clear_error();
    BIO_free(bio);
    return certificates;
}

static EVP_PKEY *
read_key(McpCredentialSet *set)
{
    gsize length = 0;
    const char *pem = mcp_credential_set_peek_key(set, &length);
    BIO *bio = pem != NULL ? BIO_new_mem_buf(pem, (int)length) : NULL;
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;

    BIO_free(bio);
    return key;
}

static gboolean
use_certificates(SSL_CTX *ssl, McpCredentialSet *set, GError **error)
{
    GBytes *pem = mcp_credential_set_get_certificates(set);
    STACK_OF(X509) *chain = NULL;
    EVP_PKEY *key = NULL;
    X509 *leaf = NULL;
    gboolean used = FALSE;

    if (pem == NULL)
        return TRUE;
    chain = read_certificates(pem);
    leaf = sk_X509_shift(chain);
    key = read_key(set);
    used = leaf != NULL && key != NULL && SSL_CTX_use_cert_and_key(ssl, leaf, key, chain, 1) == 1;
    X509_free(leaf);
    EVP_PKEY_free(key);
    sk_X509_pop_free(chain, X509_free);
    return used || fail(error, set, "certificate and key");
}

static gboolean
use_revocations(SSL_CTX *ssl, McpCredentialSet *set, GError **error)
{
    GBytes *pem = mcp_credential_set_get_revocations(set);
    X509_STORE *store = SSL_CTX_get_cert_store(ssl);
    BIO *bio = NULL;
    X509_CRL *list = NULL;
    guint count = 0;

    if (pem == NULL)
        return TRUE;
    bio = open_pem(pem);
    while ((list = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL)) != NULL) {
        count += X509_STORE_add_crl(store, list) == 1;
        X509_CRL_free(list);
    }
    BIO_free(bio);
    if (count == 0)
        return fail(error, set, "revocation list");
    ERR_clear_error();
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
    return TRUE;
}

static gboolean
use_authorities(SSL_CTX *ssl, McpCredentialSet *set, GError **error)
{
    GBytes *pem = mcp_credential_set_get_authorities(set);
    X509_STORE *store = SSL_CTX_get_cert_store(ssl);
    STACK_OF(X509) *anchors = NULL;
    gboolean used = TRUE;

    if (pem == NULL)
        return SSL_CTX_set_default_verify_paths(ssl) == 1 || fail(error, set, "system's anchors");
    anchors = read_certificates(pem);
    for (int i = 0; i < sk_X509_num(anchors) && used; i++) {
        used = X509_STORE_add_cert(store, sk_X509_value(anchors, i)) == 1 &&
               SSL_CTX_add_client_CA(ssl, sk_X509_value(anchors, i)) == 1;
    }
    used = used && sk_X509_num(anchors) > 0;
    sk_X509_pop_free(anchors, X509_free);
    if (!used)
        return fail(error, set, "trust anchors");
    /* What the operator names is trusted, be it an intermediate or the peer's own certificate. */
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    return TRUE;
}

/* In place of the library's own: chain, use of the key, then the name by the connection's judge. */
static int
verify(X509_STORE_CTX *store, void *user_data)
{
    const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    const McpTlsJudge *judge = SSL_get_app_data(ssl);
    X509 *leaf = X509_STORE_CTX_get0_cert(store);

    if (X509_verify_cert(store) != 1)
        return 0;
    if (!mcp_tls_certificate_usage_allows(leaf, !SSL_is_server(ssl))) {
        X509_STORE_CTX_set_error(store, X509_V_ERR_INVALID_PURPOSE);
        return 0;
    }
    return judge == NULL || judge->verify(store, judge->user_data);
}

static int
choose_by_name(SSL *ssl, int *alert, void *user_data)
{
    const McpTlsContext *context = user_data;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

    for (guint i = 0; name != NULL && i < context->contexts->len; i++) {
        const char *const *names = context->names->pdata[i];

        for (; *names != NULL; names++) {
            if (mcp_tls_name_matches(*names, name)) {
                SSL_set_SSL_CTX(ssl, context->contexts->pdata[i]);
                return SSL_TLSEXT_ERR_OK;
            }
        }
    }
    return name != NULL ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

static int
verify_mode(const McpTlsOptions *options)
{
    if (!options->server)
        return SSL_VERIFY_PEER;
    switch (options->client_certificates) {
    case MCP_TLS_CLIENT_CERTIFICATE_REQUIRED:
        return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    case MCP_TLS_CLIENT_CERTIFICATE_OPTIONAL:
        return SSL_VERIFY_PEER;
    case MCP_TLS_CLIENT_CERTIFICATE_OFF:
    default:
        return SSL_VERIFY_NONE;
    }
}

static SSL_CTX *
ssl_new(const McpTlsOptions *options)
{
    SSL_CTX *ssl = SSL_CTX_new(options->server ? TLS_server_method() : TLS_client_method());

    SSL_CTX_set_min_proto_version(ssl, options->only_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
    SSL_CTX_set_security_level(ssl, MAX(SSL_CTX_get_security_level(ssl), SECURITY_LEVEL));
    SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_num_tickets(ssl, 0);
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_verify(ssl, verify_mode(options), NULL);
    SSL_CTX_set_cert_verify_callback(ssl, verify, NULL);
    /* The use of the key is judged by verify(): the library knows nothing of RFC 5924. */
    X509_VERIFY_PARAM_set_purpose(SSL_CTX_get0_param(ssl), X509_PURPOSE_ANY);
    return ssl;
}

static gboolean
add_set(McpTlsContext *context, McpCredentialSet *set, GError **error)
{
    SSL_CTX *ssl = NULL;

    if (context->options.server && mcp_credential_set_get_certificates(set) == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "credentials \"%s\": a server needs a certificate",
                    mcp_credential_set_get_name(set));
        return FALSE;
    }
    ssl = ssl_new(&context->options);
    g_ptr_array_add(context->contexts, ssl);
    g_ptr_array_add(context->names,
                    g_strdupv((char **)(gpointer)mcp_credential_set_get_server_names(set)));
    return use_certificates(ssl, set, error) && use_authorities(ssl, set, error) &&
           use_revocations(ssl, set, error);
}

McpTlsContext *
mcp_tls_context_new(const GPtrArray *sets, const McpTlsOptions *options, GError **error)
{
    g_autoptr(McpTlsContext) context = g_new0(McpTlsContext, 1);

    g_atomic_ref_count_init(&context->refs);
    context->options = *options;
    context->contexts = g_ptr_array_new_with_free_func((GDestroyNotify)SSL_CTX_free);
    context->names = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    ERR_clear_error();
    for (guint i = 0; i < sets->len; i++) {
        if (!add_set(context, sets->pdata[i], error))
            return NULL;
    }
    if (options->server) {
        SSL_CTX_set_tlsext_servername_callback(context->contexts->pdata[0], choose_by_name);
        SSL_CTX_set_tlsext_servername_arg(context->contexts->pdata[0], context);
    }
    return g_steal_pointer(&context);
}

McpTlsContext *
mcp_tls_context_ref(McpTlsContext *context)
{
    g_atomic_ref_count_inc(&context->refs);
    return context;
}

void
mcp_tls_context_unref(McpTlsContext *context)
{
    if (!g_atomic_ref_count_dec(&context->refs))
        return;
    g_ptr_array_unref(context->contexts);
    g_ptr_array_unref(context->names);
    g_free(context);
}

const McpTlsOptions *
mcp_tls_context_get_options(const McpTlsContext *context)
{
    return &context->options;
}

SSL_CTX *
mcp_tls_context_get_ssl(const McpTlsContext *context)
{
    return context->contexts->pdata[0];
}
