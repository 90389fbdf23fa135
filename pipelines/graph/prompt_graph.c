/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The graph that brings a prompt into the wire format of a leg. Runs on the compute pool, once a
 * prompt and codec: the result is cached.
 */
#include "chain.h"

McpGraph *
mcp_prompt_graph_new(const McpGraphFormat *from, const McpGraphFormat *to, GError **error)
{
    g_autoptr(GPtrArray) elements = g_ptr_array_new();
    const char *decoder = mcp_graph_decoder(from->encoding);
    const char *encoder = mcp_graph_encoder(to->encoding);

    if (decoder != NULL)
        g_ptr_array_add(elements, (gpointer)decoder);
    g_ptr_array_add(elements, (gpointer) "audioconvert");
    if (from->rate != to->rate)
        g_ptr_array_add(elements, (gpointer) "audioresample");
    if (encoder != NULL)
        g_ptr_array_add(elements, (gpointer)encoder);
    return mcp_graph_chain("prompt", from, elements, to, error);
}
