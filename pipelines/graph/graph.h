/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * McpGraph: a chain of GStreamer elements, ours at both ends, linked pad to pad without a bin,
 * clock, bus, queue or task. Made on the compute pool; one thread at a time pushes frames through
 * it. No GStreamer type appears here.
 */
typedef struct _McpGraph McpGraph;

/** McpGraphEncoding: how samples stand in bytes. */
typedef enum {
    MCP_GRAPH_MULAW,
    MCP_GRAPH_ALAW,
    MCP_GRAPH_U8,
    MCP_GRAPH_S8,
    MCP_GRAPH_S16LE,
    MCP_GRAPH_S16BE,
} McpGraphEncoding;

/** McpGraphFormat: format at one end of a graph. */
typedef struct {
    McpGraphEncoding encoding;
    guint rate; /* Hz */
    guint channels;
} McpGraphFormat;

/** McpGraphFunc: takes what comes out, on the thread that pushes. */
typedef void (*McpGraphFunc)(gconstpointer data, gsize length, gpointer user_data);

/** mcp_graph_setup: prepares GStreamer, once a process; FALSE with a reason. */
gboolean mcp_graph_setup(GError **error);

/**
 * mcp_prompt_graph_new: (transfer full): from the format of a file to the wire format of a leg:
 * decoder, mix-down, resampler, encoder, as far as they are needed.
 */
McpGraph *mcp_prompt_graph_new(const McpGraphFormat *from, const McpGraphFormat *to,
                               GError **error);

/** mcp_graph_free: ends and frees it; on the compute pool or where nothing is hurried. */
void mcp_graph_free(McpGraph *graph);

/** mcp_graph_set_func: who takes what comes out; not while frames flow. */
void mcp_graph_set_func(McpGraph *graph, McpGraphFunc func, gpointer user_data);

/** mcp_graph_push: one frame through the chain; FALSE when an element refused it. */
gboolean mcp_graph_push(McpGraph *graph, gconstpointer data, gsize length);

/** mcp_graph_finish: elements give out what they hold; nothing can be pushed afterwards. */
void mcp_graph_finish(McpGraph *graph);

/** mcp_graph_get_elements: (transfer none): names in order, NULL-terminated. Any thread. */
const char *const *mcp_graph_get_elements(McpGraph *graph);

/** mcp_graph_get_dot: (transfer none): the chain in the language of Graphviz. Any thread. */
const char *mcp_graph_get_dot(McpGraph *graph);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpGraph, mcp_graph_free)

G_END_DECLS
