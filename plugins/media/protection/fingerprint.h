/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <openssl/types.h>

G_BEGIN_DECLS

#define MCP_MEDIA_DIGEST_MAX 64
#define MCP_MEDIA_FINGERPRINTS_MAX 8

/** McpMediaFingerprintHash: the functions that a fingerprint may be of, weaker ones first. */
typedef enum {
    MCP_MEDIA_HASH_SHA1,
    MCP_MEDIA_HASH_SHA224,
    MCP_MEDIA_HASH_SHA256,
    MCP_MEDIA_HASH_SHA384,
    MCP_MEDIA_HASH_SHA512,
    MCP_MEDIA_N_HASHES,
} McpMediaFingerprintHash;

/** McpMediaFingerprint: hash of a certificate (RFC 8122 §5). */
typedef struct {
    McpMediaFingerprintHash hash;
    guint length; /* bytes */
    guint8 digest[MCP_MEDIA_DIGEST_MAX];
} McpMediaFingerprint;

/**
 * mcp_media_fingerprint_parse: the value of an a=fingerprint line, "sha-256 12:AB:…"; neither name
 * nor digits are case-sensitive.
 *
 * Returns: FALSE with MCP_ERROR_UNSUPPORTED for a function that is not known or too weak (MD5,
 * MD2), MCP_ERROR_INVALID for what is malformed or has not its length. Any thread.
 */
gboolean mcp_media_fingerprint_parse(const char *value, McpMediaFingerprint *out_fingerprint,
                                     GError **error);
/** mcp_media_fingerprint_format: (transfer full): the value of an a=fingerprint line. */
char *mcp_media_fingerprint_format(const McpMediaFingerprint *fingerprint);
/** mcp_media_fingerprint_get_hash_name: (transfer none): as in SDP. */
const char *mcp_media_fingerprint_get_hash_name(McpMediaFingerprintHash hash);
/** mcp_media_fingerprint_compute: of @certificate. FALSE: the library cannot. */
gboolean mcp_media_fingerprint_compute(const X509 *certificate, McpMediaFingerprintHash hash,
                                       McpMediaFingerprint *out_fingerprint);
/**
 * mcp_media_fingerprints_match: whether @certificate is one of those that are described. Only
 * fingerprints by the strongest of the functions count (RFC 8122 §5.1).
 * @out_hash: that function
 */
gboolean mcp_media_fingerprints_match(const McpMediaFingerprint *fingerprints, guint n,
                                      const X509 *certificate, McpMediaFingerprintHash *out_hash);

G_END_DECLS
