/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../protection/crypto_attribute.h"
#include <mcp/sdp.h>

G_BEGIN_DECLS

/** McpMediaSuites: suites that are allowed, preferred ones first. */
typedef struct {
    McpMediaSuite suites[MCP_MEDIA_N_SUITES];
    guint n;
} McpMediaSuites;

/**
 * McpMediaSdes: the keys of a session by a=crypto lines (RFC 4568): what was agreed upon, what is
 * offered. Immutable, counted, wiped with its last reference; belongs to the leg's context.
 */
typedef struct _McpMediaSdes McpMediaSdes;

/** mcp_media_sdes_ref: (nullable) (transfer full). */
McpMediaSdes *mcp_media_sdes_ref(McpMediaSdes *sdes);
/** mcp_media_sdes_unref: (nullable). */
void mcp_media_sdes_unref(McpMediaSdes *sdes);

/**
 * mcp_media_sdes_answer: (transfer full): takes one of the offered lines. Our key stays while the
 * suite does: its packets are counted on.
 * @before: (nullable): what holds so far
 *
 * Returns: NULL with MCP_ERROR_MEDIA that says for each line why not.
 */
McpMediaSdes *mcp_media_sdes_answer(McpMediaSdes *before, const McpSdpMedia *offered,
                                    const McpMediaSuites *suites, GError **error);
/**
 * mcp_media_sdes_offer: (transfer full): a line for each suite, the key in use with its own; what
 * was agreed upon stays in force. NULL with MCP_ERROR_FAILED.
 */
McpMediaSdes *mcp_media_sdes_offer(McpMediaSdes *before, const McpMediaSuites *suites,
                                   GError **error);
/** mcp_media_sdes_apply: (transfer full): the answer to our offer. NULL with MCP_ERROR_MEDIA. */
McpMediaSdes *mcp_media_sdes_apply(McpMediaSdes *offered, const McpSdpMedia *answer,
                                   GError **error);
/** mcp_media_sdes_write: adds the a=crypto lines of our offer, or the one of our answer. */
void mcp_media_sdes_write(const McpMediaSdes *sdes, gboolean is_offer, McpSdpBuilder *builder);

/** mcp_media_sdes_get_serial: > 0, the same for the same keys; 0: none are agreed upon. */
guint64 mcp_media_sdes_get_serial(const McpMediaSdes *sdes);
/** mcp_media_sdes_get_own: (transfer none): that we send with. */
const McpMediaCryptoAttribute *mcp_media_sdes_get_own(const McpMediaSdes *sdes);
/** mcp_media_sdes_get_remote: (transfer none): that the other side sends with. */
const McpMediaCryptoAttribute *mcp_media_sdes_get_remote(const McpMediaSdes *sdes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMediaSdes, mcp_media_sdes_unref)

G_END_DECLS
