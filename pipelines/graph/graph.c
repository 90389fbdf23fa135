/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all graphs share: building a chain from element names, starting it outside of any bin,
 * pushing frames, describing it. Built and freed on the compute pool; pushed by one thread at a
 * time (a media worker, or a task of the compute pool).
 */
#include "chain.h"

#include "../elements/elements.h"
#include <gst/audio/audio.h>

struct _McpGraph {
    GPtrArray *chain; /* GstElement, from source to sink */
    McpFrameSource *source;
    McpFrameSink *sink;
    char **names;
    char *dot;
};

gboolean
mcp_graph_setup(GError **error)
{
    return gst_init_check(NULL, NULL, error);
}

const char *
mcp_graph_decoder(McpGraphEncoding encoding)
{
    if (encoding == MCP_GRAPH_MULAW)
        return "mulawdec";
    return encoding == MCP_GRAPH_ALAW ? "alawdec" : NULL;
}

const char *
mcp_graph_encoder(McpGraphEncoding encoding)
{
    if (encoding == MCP_GRAPH_MULAW)
        return "mulawenc";
    return encoding == MCP_GRAPH_ALAW ? "alawenc" : NULL;
}

static GstCaps *
caps_of(const McpGraphFormat *format)
{
    static const char *const raw_names[] = {
        [MCP_GRAPH_U8] = "U8",
        [MCP_GRAPH_S8] = "S8",
        [MCP_GRAPH_S16LE] = "S16LE",
        [MCP_GRAPH_S16BE] = "S16BE",
    };
    GstCaps *caps = NULL;

    if (format->encoding == MCP_GRAPH_MULAW || format->encoding == MCP_GRAPH_ALAW)
        return gst_caps_new_simple(
            format->encoding == MCP_GRAPH_MULAW ? "audio/x-mulaw" : "audio/x-alaw", "rate",
            G_TYPE_INT, (gint)format->rate, "channels", G_TYPE_INT, (gint)format->channels, NULL);
    caps = gst_caps_new_simple("audio/x-raw", "format", G_TYPE_STRING, raw_names[format->encoding],
                               "layout", G_TYPE_STRING, "interleaved", "rate", G_TYPE_INT,
                               (gint)format->rate, "channels", G_TYPE_INT, (gint)format->channels,
                               NULL);
    if (format->channels == 2)
        gst_caps_set_simple(caps, "channel-mask", GST_TYPE_BITMASK, (guint64)3, NULL);
    return caps;
}

static gboolean
add_element(McpGraph *self, const char *name, GError **error)
{
    GstElement *element = gst_element_factory_make(name, NULL);

    if (element == NULL) {
        g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                    "GStreamer has no element %s (is its plugin package installed?)", name);
        return FALSE;
    }
    g_ptr_array_add(self->chain, gst_object_ref_sink(element));
    return TRUE;
}

static void
describe(McpGraph *self, const char *name)
{
    g_autoptr(GString) dot = g_string_new(NULL);
    GPtrArray *names = g_ptr_array_new();

    g_string_printf(dot, "digraph %s {\n  rankdir=LR;\n", name);
    for (guint i = 0; i < self->chain->len; i++) {
        GstElement *element = g_ptr_array_index(self->chain, i);
        GstElementFactory *factory = gst_element_get_factory(element);
        const char *shown = factory != NULL ? GST_OBJECT_NAME(factory) : GST_OBJECT_NAME(element);

        g_ptr_array_add(names, g_strdup(shown));
        g_string_append_printf(dot, "  e%u [label=\"%s\"];\n", i, shown);
        if (i > 0)
            g_string_append_printf(dot, "  e%u -> e%u;\n", i - 1, i);
    }
    g_string_append(dot, "}\n");
    g_ptr_array_add(names, NULL);
    self->names = (char **)g_ptr_array_free(names, FALSE);
    self->dot = g_string_free(g_steal_pointer(&dot), FALSE);
}

static gboolean
link_and_start(McpGraph *self, GError **error)
{
    for (guint i = 1; i < self->chain->len; i++) {
        g_autoptr(GstPad) source =
            gst_element_get_static_pad(g_ptr_array_index(self->chain, i - 1), "src");
        g_autoptr(GstPad) sink =
            gst_element_get_static_pad(g_ptr_array_index(self->chain, i), "sink");

        if (gst_pad_link_full(source, sink, GST_PAD_LINK_CHECK_NOTHING) != GST_PAD_LINK_OK) {
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "cannot link %s to %s",
                        self->names[i - 1], self->names[i]);
            return FALSE;
        }
    }
    for (guint i = self->chain->len; i > 0; i--) {
        GstElement *element = g_ptr_array_index(self->chain, i - 1);

        if (gst_element_set_state(element, GST_STATE_PAUSED) == GST_STATE_CHANGE_FAILURE) {
            g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "cannot start %s",
                        self->names[i - 1]);
            return FALSE;
        }
    }
    return TRUE;
}

McpGraph *
mcp_graph_chain(const char *name, const McpGraphFormat *from, GPtrArray *elements,
                const McpGraphFormat *to, GError **error)
{
    g_autoptr(McpGraph) self = g_new0(McpGraph, 1);
    g_autoptr(GstCaps) from_caps = caps_of(from);
    g_autoptr(GstCaps) to_caps = caps_of(to);

    self->chain = g_ptr_array_new_with_free_func(gst_object_unref);
    self->source =
        g_object_new(MCP_TYPE_FRAME_SOURCE, "name", "mcpframesrc", "caps", from_caps, NULL);
    g_ptr_array_add(self->chain, gst_object_ref_sink(self->source));
    for (guint i = 0; i < elements->len; i++)
        if (!add_element(self, g_ptr_array_index(elements, i), error))
            return NULL;
    self->sink = g_object_new(MCP_TYPE_FRAME_SINK, "name", "mcpframesink", "caps", to_caps, NULL);
    g_ptr_array_add(self->chain, gst_object_ref_sink(self->sink));
    describe(self, name);
    if (!link_and_start(self, error))
        return NULL;
    return g_steal_pointer(&self);
}

void
mcp_graph_free(McpGraph *graph)
{
    if (graph == NULL)
        return;
    for (guint i = 0; i < graph->chain->len; i++)
        gst_element_set_state(g_ptr_array_index(graph->chain, i), GST_STATE_NULL);
    g_ptr_array_unref(graph->chain);
    g_strfreev(graph->names);
    g_free(graph->dot);
    g_free(graph);
}

void
mcp_graph_set_func(McpGraph *graph, McpGraphFunc func, gpointer user_data)
{
    mcp_frame_sink_set_func(graph->sink, func, user_data);
}

gboolean
mcp_graph_push(McpGraph *graph, gconstpointer data, gsize length)
{
    return mcp_frame_source_push(graph->source, data, length) == GST_FLOW_OK;
}

void
mcp_graph_finish(McpGraph *graph)
{
    mcp_frame_source_finish(graph->source);
}

const char *const *
mcp_graph_get_elements(McpGraph *graph)
{
    return (const char *const *)graph->names;
}

const char *
mcp_graph_get_dot(McpGraph *graph)
{
    return graph->dot;
}
