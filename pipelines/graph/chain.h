/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "graph.h"

G_BEGIN_DECLS

/**
 * mcp_graph_chain:
 * @name: name of the graph, for its description
 * @from: format that is pushed
 * @elements: (transfer none): names of what stands between source and sink, in order
 * @to: format that comes out
 *
 * Builds and starts a chain. Only names written in this folder get here: nothing is plugged by
 * what the content says.
 */
McpGraph *mcp_graph_chain(const char *name, const McpGraphFormat *from, GPtrArray *elements,
                          const McpGraphFormat *to, GError **error);

/** mcp_graph_decoder: name of the decoder to linear samples, NULL if none is needed. */
const char *mcp_graph_decoder(McpGraphEncoding encoding);

/** mcp_graph_encoder: name of the encoder from linear samples, NULL if none is needed. */
const char *mcp_graph_encoder(McpGraphEncoding encoding);

G_END_DECLS
