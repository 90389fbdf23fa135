/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The graph between a leg and its recorder: linear samples, their level, and the encoding of the
 * recording. Built on the compute pool, pushed by the leg's media worker while a recording runs.
 */
#include "chain.h"

McpGraph *
mcp_record_graph_new(const McpGraphFormat *from, const McpGraphFormat *to, GError **error)
{
    g_autoptr(GPtrArray) elements = g_ptr_array_new();
    const char *decoder = mcp_graph_decoder(from->encoding);
    const char *encoder = mcp_graph_encoder(to->encoding);

    g_ptr_array_add(elements, (gpointer)(decoder != NULL ? decoder : "audioconvert"));
    g_ptr_array_add(elements, (gpointer)MCP_GRAPH_LEVEL);
    if (encoder != NULL)
        g_ptr_array_add(elements, (gpointer)encoder);
    return mcp_graph_chain("recording", from, elements, to, error);
}
