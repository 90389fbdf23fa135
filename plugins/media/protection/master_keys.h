/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** McpMediaSuite: encryption and authentication of SRTP (RFC 3711, 6188, 7714). */
typedef enum {
    MCP_MEDIA_SUITE_NONE,
    MCP_MEDIA_SUITE_AEAD_AES_128_GCM,
    MCP_MEDIA_SUITE_AEAD_AES_256_GCM,
    MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_80,
    MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_32,
    MCP_MEDIA_SUITE_AES_256_CM_HMAC_SHA1_80,
    MCP_MEDIA_SUITE_AES_256_CM_HMAC_SHA1_32,
    MCP_MEDIA_N_SUITES,
} McpMediaSuite;

/**
 * McpMediaSuiteInfo: what is fixed for a suite; lengths in bytes.
 *
 * @name: in SDP (RFC 4568 §6.2); "" for none
 * @profile: (nullable): its DTLS-SRTP profile as OpenSSL calls it; NULL: none is defined
 * @profile_id: the profile on the wire (RFC 5764 §4.1.2, RFC 7714 §14.2); 0: none
 */
typedef struct {
    const char *name;
    const char *profile;
    guint16 profile_id;
    guint8 key_length;
    guint8 salt_length;
    guint8 rtp_tag;
    guint8 rtcp_tag;
    gboolean aead;
} McpMediaSuiteInfo;

#define MCP_MEDIA_SECRET_MAX 46 /* AES-256 key and salt of 112 bits */
#define MCP_MEDIA_MKI_MAX 128   /* RFC 4568 §6.1 */
#define MCP_MEDIA_KEYS_MAX 4
/** The longest lives that a key may be given, in packets (RFC 3711 §9.2). */
#define MCP_MEDIA_RTP_LIFETIME (G_GUINT64_CONSTANT(1) << 48)
#define MCP_MEDIA_RTCP_LIFETIME (G_GUINT64_CONSTANT(1) << 31)

/** McpMediaMasterKey: a master key with its salt, and for how many packets it may be used. */
typedef struct {
    guint8 secret[MCP_MEDIA_SECRET_MAX]; /* key, then salt */
    guint8 mki[MCP_MEDIA_MKI_MAX];       /* big endian, the set's @mki_length bytes */
    guint64 lifetime;                    /* packets; 0: the longest */
} McpMediaMasterKey;

/**
 * McpMediaKeys: the master keys of one direction. Nothing prints it; whoever holds one clears it
 * (g_auto() does). The first key is the one that is sent with.
 */
typedef struct {
    McpMediaSuite suite;
    guint n_keys;
    guint mki_length; /* bytes in each packet; 0: no MKI, then one key only */
    McpMediaMasterKey keys[MCP_MEDIA_KEYS_MAX];
} McpMediaKeys;

/** mcp_media_suite_get_info: (transfer none): that of "none" for what is no suite. Any thread. */
const McpMediaSuiteInfo *mcp_media_suite_get_info(McpMediaSuite suite);
/** mcp_media_suite_from_name: the suite of @length bytes of SDP; NONE: unknown. Any thread. */
McpMediaSuite mcp_media_suite_from_name(const char *name, gsize length);
/** mcp_media_suite_from_profile: the suite of a DTLS-SRTP profile; NONE: unknown. Any thread. */
McpMediaSuite mcp_media_suite_from_profile(gulong profile_id);

/**
 * mcp_media_keys_generate: one fresh key of the cryptographic generator, without MKI.
 * @out_keys: untouched on failure
 *
 * Returns: FALSE with MCP_ERROR_FAILED when the generator gives nothing. Any thread.
 */
gboolean mcp_media_keys_generate(McpMediaKeys *out_keys, McpMediaSuite suite, GError **error);
/** mcp_media_keys_equal: the same suite, secrets and MKIs; constant time. Any thread. */
gboolean mcp_media_keys_equal(const McpMediaKeys *a, const McpMediaKeys *b);
/** mcp_media_keys_share_secret: whether one secret is in both. Any thread. */
gboolean mcp_media_keys_share_secret(const McpMediaKeys *a, const McpMediaKeys *b);
/** mcp_media_keys_clear: wipes the memory. */
void mcp_media_keys_clear(McpMediaKeys *keys);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(McpMediaKeys, mcp_media_keys_clear)

G_END_DECLS
