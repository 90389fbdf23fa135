/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../sdp/codec.h"
#include <mcp/contract/recording.h>

G_BEGIN_DECLS

/** McpMediaGraphs: recording graphs that wait for their next use, by shape. Any thread. */
typedef struct _McpMediaGraphs McpMediaGraphs;

/** mcp_media_graphs_new: (transfer full): an empty one. */
McpMediaGraphs *mcp_media_graphs_new(void);
/** mcp_media_graphs_free: frees it and what waits in it. */
void mcp_media_graphs_free(McpMediaGraphs *graphs);
/** mcp_media_graphs_take: (transfer full) (nullable): one of this shape, if there is one. */
McpGraph *mcp_media_graphs_take(McpMediaGraphs *graphs, const McpMediaCodec *codec,
                                McpRecordFormat format);
/** mcp_media_graphs_give: (transfer full): @graph is kept, or freed when enough wait. */
void mcp_media_graphs_give(McpMediaGraphs *graphs, const McpMediaCodec *codec,
                           McpRecordFormat format, McpGraph *graph);

G_END_DECLS
