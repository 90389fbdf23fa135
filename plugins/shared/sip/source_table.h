/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sofia.h"

#include <mcp/bucket.h>

G_BEGIN_DECLS

/**
 * McpSipSources: what the addresses that requests come from have done lately. Its size is fixed: of
 * too many addresses those seen longest ago are forgotten. IPv6 addresses of one /64 are one
 * source. SIP context.
 */
typedef struct _McpSipSources McpSipSources;

/** mcp_sip_sources_new: (transfer full): a stranger gets @limit answers a second, all @total. */
McpSipSources *mcp_sip_sources_new(guint limit, guint total);
/** mcp_sip_sources_free: frees it. */
void mcp_sip_sources_free(McpSipSources *sources);

/**
 * mcp_sip_sources_is_silenced: whether a request of @address at @now (clock µs) is to be dropped
 * without a word, and counted.
 */
gboolean mcp_sip_sources_is_silenced(McpSipSources *sources, const su_sockaddr_t *address,
                                     gint64 now);
/**
 * mcp_sip_sources_note_stranger: a request of a stranger; FALSE when it has had all its answers of
 * this second: it is silenced for a second then.
 */
gboolean mcp_sip_sources_note_stranger(McpSipSources *sources, const su_sockaddr_t *address,
                                       gint64 now);
/** mcp_sip_sources_take_call: whether @address may make a call: @rate a second, 0: any number. */
gboolean mcp_sip_sources_take_call(McpSipSources *sources, const su_sockaddr_t *address, gint64 now,
                                   guint rate);
/**
 * mcp_sip_sources_proof_wait: µs until credentials of @address are looked at again, after too many
 * wrong ones; 0: now.
 */
gint64 mcp_sip_sources_proof_wait(McpSipSources *sources, const su_sockaddr_t *address, gint64 now);
/** mcp_sip_sources_note_proof: credentials of @address were looked at. */
void mcp_sip_sources_note_proof(McpSipSources *sources, const su_sockaddr_t *address, gint64 now,
                                gboolean good);
/**
 * mcp_sip_sources_flush: logs how many requests were dropped since the last time, a line for each
 * of the worst sources; returns how many in all. About once a second.
 */
guint mcp_sip_sources_flush(McpSipSources *sources);

G_END_DECLS
