/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/invite.h>
#include <mcp/settings.h>

/** MCP_OVERRIDE_PREFIX: of the URI parameters that set something for one call. */
#define MCP_OVERRIDE_PREFIX "gvp.config."

/**
 * mcp_override_read: the settings of a call: @base with what the gvp.config parameters of @invite
 * set. Returns: NULL with nothing in @out_reject when there are none; else (transfer full) the
 * settings, or NULL with (transfer full) @out_reject: 403 where the peer may not or nobody may, 400
 * for unknown keys, bad values and repeated ones.
 */
McpSettings *mcp_override_read(const McpInvite *invite, McpSettings *base, McpReject **out_reject);

/**
 * mcp_override_mask: (transfer full): @uri with "..." for the values of gvp.config parameters: they
 * may be meant for a secret.
 */
char *mcp_override_mask(const char *uri);
