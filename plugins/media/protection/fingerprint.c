/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fingerprints of certificates in SDP (RFC 8122). Pure functions, any thread.
 */
#include "fingerprint.h"

#include <mcp/error.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#define QUOTED_MAX 40

static const struct {
    const char *name;
    guint length;
} hashes[MCP_MEDIA_N_HASHES] = {
    [MCP_MEDIA_HASH_SHA1] = {"sha-1", 20},     [MCP_MEDIA_HASH_SHA224] = {"sha-224", 28},
    [MCP_MEDIA_HASH_SHA256] = {"sha-256", 32}, [MCP_MEDIA_HASH_SHA384] = {"sha-384", 48},
    [MCP_MEDIA_HASH_SHA512] = {"sha-512", 64},
};

static const EVP_MD *
function_of(McpMediaFingerprintHash hash)
{
    const EVP_MD *functions[MCP_MEDIA_N_HASHES] = {EVP_sha1(), EVP_sha224(), EVP_sha256(),
                                                   EVP_sha384(), EVP_sha512()};

    return functions[hash];
}

const char *
mcp_media_fingerprint_get_hash_name(McpMediaFingerprintHash hash)
{
    return hashes[hash].name;
}

static gboolean
find_hash(const char *name, gsize length, McpMediaFingerprintHash *out_hash)
{
    for (guint i = 0; i < MCP_MEDIA_N_HASHES; i++)
        if (strlen(hashes[i].name) == length &&
            g_ascii_strncasecmp(hashes[i].name, name, length) == 0) {
            *out_hash = (McpMediaFingerprintHash)i;
            return TRUE;
        }
    return FALSE;
}

/* "12:AB:…", as many bytes as the function has. */
static gboolean
read_digest(const char *at, McpMediaFingerprint *fingerprint)
{
    for (guint i = 0; i < fingerprint->length; i++) {
        gint high = g_ascii_xdigit_value(at[0]);
        gint low = high < 0 ? -1 : g_ascii_xdigit_value(at[1]);

        if (low < 0)
            return FALSE;
        fingerprint->digest[i] = (guint8)(high << 4 | low);
        at += 2;
        if (i + 1 < fingerprint->length && *at++ != ':')
            return FALSE;
    }
    return at[strspn(at, " \t\r\n")] == 0;
}

gboolean
mcp_media_fingerprint_parse(const char *value, McpMediaFingerprint *out_fingerprint, GError **error)
{
    McpMediaFingerprint fingerprint = {0};
    const char *name = value + strspn(value, " \t");
    gsize length = strcspn(name, " \t");
    const char *digest = name + length + strspn(name + length, " \t");

    if (!find_hash(name, length, &fingerprint.hash)) {
        g_autofree char *quoted = g_strndup(name, MIN(length, QUOTED_MAX));
        g_autofree char *printable = g_strescape(quoted, NULL);

        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "fingerprint by \"%s\" cannot be used",
                    printable);
        return FALSE;
    }
    fingerprint.length = hashes[fingerprint.hash].length;
    if (!read_digest(digest, &fingerprint)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "fingerprint is no %u bytes of hexadecimal digits with colons",
                    fingerprint.length);
        return FALSE;
    }
    *out_fingerprint = fingerprint;
    return TRUE;
}

char *
mcp_media_fingerprint_format(const McpMediaFingerprint *fingerprint)
{
    GString *text = g_string_new(hashes[fingerprint->hash].name);

    for (guint i = 0; i < fingerprint->length; i++)
        g_string_append_printf(text, "%c%02X", i == 0 ? ' ' : ':', fingerprint->digest[i]);
    return g_string_free(text, FALSE);
}

gboolean
mcp_media_fingerprint_compute(const X509 *certificate, McpMediaFingerprintHash hash,
                              McpMediaFingerprint *out_fingerprint)
{
    McpMediaFingerprint fingerprint = {.hash = hash};

    if (X509_digest(certificate, function_of(hash), fingerprint.digest, &fingerprint.length) != 1)
        return FALSE;
    *out_fingerprint = fingerprint;
    return TRUE;
}

gboolean
mcp_media_fingerprints_match(const McpMediaFingerprint *fingerprints, guint n,
                             const X509 *certificate, McpMediaFingerprintHash *out_hash)
{
    McpMediaFingerprint actual = {0};
    McpMediaFingerprintHash strongest = MCP_MEDIA_HASH_SHA1;
    gboolean found = FALSE;

    for (guint i = 0; i < n; i++)
        strongest = MAX(strongest, fingerprints[i].hash);
    *out_hash = strongest;
    if (!mcp_media_fingerprint_compute(certificate, strongest, &actual))
        return FALSE;
    for (guint i = 0; i < n; i++)
        found |= fingerprints[i].hash == strongest &&
                 CRYPTO_memcmp(fingerprints[i].digest, actual.digest, actual.length) == 0;
    return found;
}
