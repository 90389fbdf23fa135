/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "server_pool.h"

G_BEGIN_DECLS

/** McpMrcpProbes: asks servers that nobody uses whether they are there. On its maker's context. */
typedef struct _McpMrcpProbes McpMrcpProbes;

/** mcp_mrcp_probes_new: (transfer full): for those of @pool that are to be asked. */
McpMrcpProbes *mcp_mrcp_probes_new(McpMrcpPool *pool, const McpMrcpServices *services);
/** mcp_mrcp_probes_free: nobody is asked any more. */
void mcp_mrcp_probes_free(McpMrcpProbes *probes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMrcpProbes, mcp_mrcp_probes_free)

G_END_DECLS
