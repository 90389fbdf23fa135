/* SPDX-License-Identifier: Apache-2.0 */
/* What <transfer> makes of destinations and of refusals: pure functions, any thread. */
#pragma once
#include "interpreter.h"

G_BEGIN_DECLS

/** mcp_vxml_transfer_type_name: "blind" … */
const char *mcp_vxml_transfer_type_name(McpVxmlTransferType type);
/**
 * mcp_vxml_transfer_target: (transfer full) (nullable): the URI that is called; NULL with
 * @out_event, static, and an error that says why.
 * @gateway: (nullable): HOST[:PORT] for telephone numbers
 */
char *mcp_vxml_transfer_target(const McpVxmlTransfer *transfer, const char *gateway,
                               const char **out_event, GError **error);
/**
 * mcp_vxml_transfer_refusal: what a final failure of the callee's INVITE comes to: the form item's
 * value, or NULL with (transfer full) @out_event.
 */
const char *mcp_vxml_transfer_refusal(McpVxmlTransferType type, guint status, char **out_event);
/** mcp_vxml_transfer_dial_event: static: for a call that could not even be tried. */
const char *mcp_vxml_transfer_dial_event(const GError *error);

G_END_DECLS
