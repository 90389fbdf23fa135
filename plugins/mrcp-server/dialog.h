/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "services.h"
#include <mcp/contract/dialog.h>

G_BEGIN_DECLS

/**
 * mcp_mrcpd_dialog_new: (transfer full) (nullable): a session of @call, whose offer has control
 * channels; else @out_reject. On the call's shard.
 */
McpDialog *mcp_mrcpd_dialog_new(McpMrcpdServices *services, McpCall *call, McpReject **out_reject);

G_END_DECLS
