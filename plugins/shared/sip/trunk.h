/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "digest.h"

#include <mcp/settings.h>

G_BEGIN_DECLS

/**
 * McpSipTrunk: one [sip.trunk "NAME"] section: how sessions to certain targets are placed;
 * immutable.
 */
typedef struct {
    char *name;
    char **targets;          /* patterns as of mcp_dial_match() */
    char *proxy;             /* nullable: sip: URI that requests go to first */
    char *identity;          /* nullable: sip: URI for From */
    char *asserted_identity; /* nullable: URI, or "from": that of From */
    char *privacy;           /* nullable: value of Privacy (RFC 3323) */
    McpSipAccount account;
    char *registrar;         /* nullable: sip: URI */
    guint register_interval; /* seconds */
} McpSipTrunk;

/**
 * mcp_sip_trunks_new: (transfer full): all of them, in the order of the settings; NULL with a
 * message that names key and origin.
 */
GPtrArray *mcp_sip_trunks_new(McpSettings *settings, GError **error);
/** mcp_sip_trunks_find: (transfer none) (nullable): the first one that has @target. */
const McpSipTrunk *mcp_sip_trunks_find(const GPtrArray *trunks, const char *target);
/** mcp_sip_trunk_answers: whether @trunk's account may be shown to whoever names @realm. */
gboolean mcp_sip_trunk_answers(const McpSipTrunk *trunk, const char *realm);
/** mcp_sip_trunk_append_route: adds the line that leads over its proxy, which it has. */
void mcp_sip_trunk_append_route(const McpSipTrunk *trunk, GString *lines);

G_END_DECLS
