/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures with a private key, for tokens that a service asks for. Any thread.
 */
#include "signature.h"

#include "tls_context.h"

#include <mcp/error.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#define LEAST_BITS 2048

static EVP_PKEY *
read_rsa_key(const char *pem, gsize length)
{
    /* Without a password of its own the library asks for one on the terminal. */
    static char no_password[] = "";
    BIO *bio = BIO_new_mem_buf(pem, (int)length);
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, NULL, no_password) : NULL;

    BIO_free(bio);
    if (key != NULL &&
        (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA || EVP_PKEY_get_bits(key) < LEAST_BITS))
        g_clear_pointer(&key, EVP_PKEY_free);
    return key;
}

static GBytes *
sign(EVP_PKEY *key, const char *text)
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    gsize length = (gsize)EVP_PKEY_get_size(key);
    g_autofree guchar *signature = g_malloc(length);
    gboolean done =
        EVP_DigestSignInit(digest, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestSign(digest, signature, &length, (const guchar *)text, strlen(text)) == 1;

    EVP_MD_CTX_free(digest);
    return done ? g_bytes_new_take(g_steal_pointer(&signature), length) : NULL;
}

GBytes *
mcp_tls_sign_rs256(const char *pem, gsize length, const char *text, GError **error)
{
    EVP_PKEY *key = read_rsa_key(pem, length);
    GBytes *signature = NULL;
    g_autofree char *why = NULL;

    if (key != NULL)
        signature = sign(key, text);
    EVP_PKEY_free(key);
    why = mcp_tls_error_text();
    if (signature == NULL)
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "not a private RSA key of %d bits or more: %s", LEAST_BITS, why);
    return signature;
}
