/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "master_keys.h"

G_BEGIN_DECLS

#define MCP_MEDIA_CRYPTO_LINE_MAX 4096
#define MCP_MEDIA_CRYPTO_LINES_MAX 16

/**
 * McpMediaCryptoAttribute: one a=crypto line (RFC 4568). Holds keys: g_auto() clears it.
 *
 * @window: WSH, packets; 0: not given
 * @derivation: KDR, a power of two; 0: one derivation for all
 * @fec_after: FEC_ORDER=SRTP_FEC; of no effect while nobody agrees on FEC
 */
typedef struct {
    guint tag;
    McpMediaKeys keys;
    guint window;
    guint derivation;
    gboolean fec_after;
    gboolean unencrypted_srtp;
    gboolean unencrypted_srtcp;
    gboolean unauthenticated_srtp;
} McpMediaCryptoAttribute;

/** mcp_media_crypto_attribute_clear: wipes the memory. */
void mcp_media_crypto_attribute_clear(McpMediaCryptoAttribute *attribute);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(McpMediaCryptoAttribute, mcp_media_crypto_attribute_clear)

/**
 * mcp_media_crypto_attribute_parse: reads what stands behind "a=crypto:".
 * @out_attribute: untouched on failure
 *
 * Returns: FALSE with MCP_ERROR_INVALID for a malformed line, MCP_ERROR_UNSUPPORTED for a suite, a
 * key method or a mandatory session parameter that is not known. No message holds a part of the
 * key. Any thread.
 */
gboolean mcp_media_crypto_attribute_parse(const char *line, McpMediaCryptoAttribute *out_attribute,
                                          GError **error);

/**
 * mcp_media_crypto_attribute_check: whether our policy takes a well-formed line: encrypted,
 * authenticated, one key derivation.
 *
 * Returns: FALSE with MCP_ERROR_REFUSED or MCP_ERROR_UNSUPPORTED. Any thread.
 */
gboolean mcp_media_crypto_attribute_check(const McpMediaCryptoAttribute *attribute, GError **error);

/**
 * mcp_media_crypto_choose: the line of an offer to accept. A GCM suite wins where one is offered,
 * the first of ours; else the first offered line whose suite is one of ours (RFC 4568 §5.1.2).
 * @lines: values of the a=crypto lines, in order; more than MCP_MEDIA_CRYPTO_LINES_MAX are not read
 * @ours: suites that are allowed, preferred ones first
 * @out_chosen: untouched when none fits
 * @refusals: (nullable): a clause for each line that cannot be used is appended
 *
 * Any thread.
 */
gboolean mcp_media_crypto_choose(const char *const *lines, guint n_lines, const McpMediaSuite *ours,
                                 guint n_ours, McpMediaCryptoAttribute *out_chosen,
                                 GString *refusals);

/**
 * mcp_media_crypto_match_answer: the line of an answer against what was offered: one of our tags,
 * its suite, and a key that is not ours (RFC 4568 §5.1.3, §7.1.2).
 * @out_answer: untouched on failure
 * @out_index: which of @offered was taken
 *
 * Any thread.
 */
gboolean mcp_media_crypto_match_answer(const char *line, const McpMediaCryptoAttribute *offered,
                                       guint n_offered, McpMediaCryptoAttribute *out_answer,
                                       guint *out_index, GError **error);

/**
 * mcp_media_crypto_attribute_make: a line of ours with a fresh key, for an offer, or for an answer
 * with the tag and suite of the accepted line. Any thread.
 */
gboolean mcp_media_crypto_attribute_make(McpMediaCryptoAttribute *out_attribute, guint tag,
                                         McpMediaSuite suite, GError **error);

/**
 * mcp_media_crypto_attribute_format: (transfer full): the value of the a=crypto line, without
 * "a=crypto:". It holds the key: for the SDP alone, never for a log; wiped with
 * mcp_media_crypto_text_free(). Any thread.
 */
char *mcp_media_crypto_attribute_format(const McpMediaCryptoAttribute *attribute);
/** mcp_media_crypto_text_free: wipes and frees a formatted line. */
void mcp_media_crypto_text_free(char *text);

G_END_DECLS
