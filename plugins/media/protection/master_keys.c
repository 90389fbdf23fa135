/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The suites of SRTP and the type that holds master keys. Pure functions, any thread.
 */
#include "master_keys.h"

#include <mcp/error.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <string.h>

#define NO_PROFILE NULL, 0

/* The shorter tag is for RTP only: RTCP keeps 80 bits (RFC 4568 §6.2, RFC 5764 §4.1.2). */
static const McpMediaSuiteInfo suites[MCP_MEDIA_N_SUITES] = {
    [MCP_MEDIA_SUITE_NONE] = {"", NO_PROFILE, 0, 0, 0, 0, FALSE},
    [MCP_MEDIA_SUITE_AEAD_AES_128_GCM] = {"AEAD_AES_128_GCM", "SRTP_AEAD_AES_128_GCM", 7, 16, 12,
                                          16, 16, TRUE},
    [MCP_MEDIA_SUITE_AEAD_AES_256_GCM] = {"AEAD_AES_256_GCM", "SRTP_AEAD_AES_256_GCM", 8, 32, 12,
                                          16, 16, TRUE},
    [MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_80] = {"AES_CM_128_HMAC_SHA1_80",
                                                 "SRTP_AES128_CM_SHA1_80", 1, 16, 14, 10, 10,
                                                 FALSE},
    [MCP_MEDIA_SUITE_AES_CM_128_HMAC_SHA1_32] = {"AES_CM_128_HMAC_SHA1_32",
                                                 "SRTP_AES128_CM_SHA1_32", 2, 16, 14, 4, 10, FALSE},
    [MCP_MEDIA_SUITE_AES_256_CM_HMAC_SHA1_80] = {"AES_256_CM_HMAC_SHA1_80", NO_PROFILE, 32, 14, 10,
                                                 10, FALSE},
    [MCP_MEDIA_SUITE_AES_256_CM_HMAC_SHA1_32] = {"AES_256_CM_HMAC_SHA1_32", NO_PROFILE, 32, 14, 4,
                                                 10, FALSE},
};

const McpMediaSuiteInfo *
mcp_media_suite_get_info(McpMediaSuite suite)
{
    return &suites[(guint)suite < MCP_MEDIA_N_SUITES ? suite : MCP_MEDIA_SUITE_NONE];
}

McpMediaSuite
mcp_media_suite_from_name(const char *name, gsize length)
{
    for (guint i = MCP_MEDIA_SUITE_NONE + 1; i < MCP_MEDIA_N_SUITES; i++)
        if (strlen(suites[i].name) == length && memcmp(suites[i].name, name, length) == 0)
            return (McpMediaSuite)i;
    return MCP_MEDIA_SUITE_NONE;
}

McpMediaSuite
mcp_media_suite_from_profile(gulong profile_id)
{
    for (guint i = MCP_MEDIA_SUITE_NONE + 1; i < MCP_MEDIA_N_SUITES; i++)
        if (suites[i].profile_id != 0 && suites[i].profile_id == profile_id)
            return (McpMediaSuite)i;
    return MCP_MEDIA_SUITE_NONE;
}

gboolean
mcp_media_keys_generate(McpMediaKeys *out_keys, McpMediaSuite suite, GError **error)
{
    const McpMediaSuiteInfo *info = mcp_media_suite_get_info(suite);
    g_auto(McpMediaKeys) keys = {.suite = suite, .n_keys = 1};

    if (info->key_length == 0 ||
        RAND_bytes(keys.keys[0].secret, info->key_length + info->salt_length) != 1) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "no fresh key for suite %d", (int)suite);
        return FALSE;
    }
    *out_keys = keys;
    return TRUE;
}

gboolean
mcp_media_keys_equal(const McpMediaKeys *a, const McpMediaKeys *b)
{
    const McpMediaSuiteInfo *info = mcp_media_suite_get_info(a->suite);
    gsize length = (gsize)info->key_length + info->salt_length;
    int differences = 0;

    if (a->suite != b->suite || a->n_keys != b->n_keys || a->mki_length != b->mki_length)
        return FALSE;
    for (guint i = 0; i < a->n_keys; i++) {
        differences |= CRYPTO_memcmp(a->keys[i].secret, b->keys[i].secret, length);
        differences |= CRYPTO_memcmp(a->keys[i].mki, b->keys[i].mki, a->mki_length);
    }
    return differences == 0;
}

gboolean
mcp_media_keys_share_secret(const McpMediaKeys *a, const McpMediaKeys *b)
{
    const McpMediaSuiteInfo *info = mcp_media_suite_get_info(a->suite);
    gsize length = MIN(info->key_length, mcp_media_suite_get_info(b->suite)->key_length);

    for (guint i = 0; i < a->n_keys; i++)
        for (guint k = 0; k < b->n_keys; k++)
            if (CRYPTO_memcmp(a->keys[i].secret, b->keys[k].secret, length) == 0)
                return TRUE;
    return FALSE;
}

void
mcp_media_keys_clear(McpMediaKeys *keys)
{
    explicit_bzero(keys, sizeof *keys);
}
