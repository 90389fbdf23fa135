/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/invite.h>

/**
 * mcp_belief_apply: takes out of @invite what its peer is not believed: the reference platform's
 * headers, asserted identities (P-Asserted-Identity, Remote-Party-ID). Sets its identity if one is
 * believed. Before anybody else sees it; doing it twice changes nothing.
 */
void mcp_belief_apply(McpInvite *invite);
