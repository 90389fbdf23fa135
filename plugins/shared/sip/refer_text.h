/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "sofia.h"

#include <mcp/contract/refer.h>

G_BEGIN_DECLS

/* REFER and its NOTIFY as text (RFC 3515, RFC 3891, RFC 3892). Pure functions. */

/**
 * mcp_sip_refer_read: (transfer full): what a REFER asks for.
 * Returns: NULL with MCP_ERROR_INVALID when Refer-To is missing, repeated or unusable (400), with
 * MCP_ERROR_UNSUPPORTED when it is no sip:, sips: or tel: URI, or asks for another method than
 * INVITE (RFC 3515 §2.4.2).
 */
McpRefer *mcp_sip_refer_read(const sip_t *sip, GError **error);
/**
 * mcp_sip_refer_lines: (transfer full) (nullable): Refer-To and Referred-By of a REFER of ours;
 * NULL when the target cannot stand between < and >.
 */
char *mcp_sip_refer_lines(const McpRefer *refer);
/** mcp_sip_refer_is_silent: whether the referrer wants no NOTIFY (Refer-Sub: false, RFC 4488). */
gboolean mcp_sip_refer_is_silent(const sip_t *sip);
/** mcp_sip_refer_fragment_status: status of a message/sipfrag body, 0 when there is none. */
guint mcp_sip_refer_fragment_status(const sip_t *sip);

G_END_DECLS
