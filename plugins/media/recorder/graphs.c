/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recording graphs kept for their next use: one costs as much to build as a second of audio to
 * record. Their codecs keep no state from one frame to the next, so that nothing of one call gets
 * into another. Any thread.
 */
#include "graphs.h"

#define N_FORMATS 3
#define KEPT_A_SHAPE 32

struct _McpMediaGraphs {
    GMutex lock; /* guards idle */
    GQueue idle[MCP_MEDIA_N_CODECS][N_FORMATS];
};

McpMediaGraphs *
mcp_media_graphs_new(void)
{
    McpMediaGraphs *self = g_new0(McpMediaGraphs, 1);

    g_mutex_init(&self->lock);
    return self;
}

void
mcp_media_graphs_free(McpMediaGraphs *graphs)
{
    if (graphs == NULL)
        return;
    for (guint i = 0; i < MCP_MEDIA_N_CODECS * N_FORMATS; i++)
        g_queue_clear_full(&graphs->idle[i / N_FORMATS][i % N_FORMATS],
                           (GDestroyNotify)mcp_graph_free);
    g_mutex_clear(&graphs->lock);
    g_free(graphs);
}

McpGraph *
mcp_media_graphs_take(McpMediaGraphs *graphs, const McpMediaCodec *codec, McpRecordFormat format)
{
    McpGraph *graph = NULL;

    g_mutex_lock(&graphs->lock);
    graph = g_queue_pop_head(&graphs->idle[codec->id][format]);
    g_mutex_unlock(&graphs->lock);
    return graph;
}

void
mcp_media_graphs_give(McpMediaGraphs *graphs, const McpMediaCodec *codec, McpRecordFormat format,
                      McpGraph *graph)
{
    GQueue *idle = &graphs->idle[codec->id][format];

    mcp_graph_set_func(graph, NULL, NULL);
    g_mutex_lock(&graphs->lock);
    if (g_queue_get_length(idle) < KEPT_A_SHAPE) {
        g_queue_push_head(idle, graph);
        graph = NULL;
    }
    g_mutex_unlock(&graphs->lock);
    mcp_graph_free(graph);
}
