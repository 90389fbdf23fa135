/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "mcpframesink": the last element of a graph. Hands each buffer to a function on the pushing
 * thread, without clock, preroll or queue; with the property "location" it writes a file, so that
 * it works in gst-launch.
 */
#include "elements.h"

#include <stdio.h>

struct _McpFrameSink {
    GstElement parent_instance;
    GstPad *pad;
    GstCaps *caps; /* nullable: what the chain before it has to come to */
    char *location;
    FILE *file;
    McpFrameFunc func;
    gpointer user_data;
};

enum { PROP_CAPS = 1, PROP_LOCATION };

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

G_DEFINE_FINAL_TYPE(McpFrameSink, mcp_frame_sink, GST_TYPE_ELEMENT)

void
mcp_frame_sink_set_func(McpFrameSink *self, McpFrameFunc func, gpointer user_data)
{
    g_return_if_fail(MCP_IS_FRAME_SINK(self));
    self->func = func;
    self->user_data = user_data;
}

static GstFlowReturn
chain(GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
    McpFrameSink *self = MCP_FRAME_SINK(parent);
    GstFlowReturn flow = GST_FLOW_OK;
    GstMapInfo map;

    if (!gst_buffer_map(buffer, &map, GST_MAP_READ)) {
        gst_buffer_unref(buffer);
        return GST_FLOW_ERROR;
    }
    if (self->func != NULL)
        self->func(map.data, map.size, self->user_data);
    if (self->file != NULL && fwrite(map.data, 1, map.size, self->file) != map.size) {
        GST_ELEMENT_ERROR(self, RESOURCE, WRITE, ("cannot write to %s", self->location),
                          GST_ERROR_SYSTEM);
        flow = GST_FLOW_ERROR;
    }
    gst_buffer_unmap(buffer, &map);
    gst_buffer_unref(buffer);
    return flow;
}

static gboolean
take_event(GstPad *pad, GstObject *parent, GstEvent *event)
{
    if (GST_EVENT_TYPE(event) == GST_EVENT_EOS)
        gst_element_post_message(GST_ELEMENT(parent), gst_message_new_eos(parent));
    return gst_pad_event_default(pad, parent, event);
}

static gboolean
answer_query(GstPad *pad, GstObject *parent, GstQuery *query)
{
    McpFrameSink *self = MCP_FRAME_SINK(parent);
    GstCaps *filter = NULL;
    g_autoptr(GstCaps) result = NULL;

    if (GST_QUERY_TYPE(query) != GST_QUERY_CAPS || self->caps == NULL)
        return gst_pad_query_default(pad, parent, query);
    gst_query_parse_caps(query, &filter);
    result = filter == NULL ? gst_caps_ref(self->caps)
                            : gst_caps_intersect_full(filter, self->caps, GST_CAPS_INTERSECT_FIRST);
    gst_query_set_caps_result(query, result);
    return TRUE;
}

static GstStateChangeReturn
change_state(GstElement *element, GstStateChange transition)
{
    McpFrameSink *self = MCP_FRAME_SINK(element);
    GstStateChangeReturn result = GST_STATE_CHANGE_FAILURE;

    if (transition == GST_STATE_CHANGE_NULL_TO_READY && self->location != NULL) {
        self->file = fopen(self->location, "wbe");
        if (self->file == NULL) {
            GST_ELEMENT_ERROR(self, RESOURCE, OPEN_WRITE, ("cannot open %s", self->location),
                              GST_ERROR_SYSTEM);
            return GST_STATE_CHANGE_FAILURE;
        }
    }
    result = GST_ELEMENT_CLASS(mcp_frame_sink_parent_class)->change_state(element, transition);
    if (transition == GST_STATE_CHANGE_READY_TO_NULL)
        g_clear_pointer(&self->file, fclose);
    return result;
}

static void
set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
    McpFrameSink *self = MCP_FRAME_SINK(object);

    switch (id) {
    case PROP_CAPS:
        gst_caps_replace(&self->caps, (GstCaps *)gst_value_get_caps(value));
        break;
    case PROP_LOCATION:
        g_free(self->location);
        self->location = g_value_dup_string(value);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

static void
mcp_frame_sink_finalize(GObject *object)
{
    McpFrameSink *self = MCP_FRAME_SINK(object);

    gst_caps_replace(&self->caps, NULL);
    g_free(self->location);
    g_clear_pointer(&self->file, fclose);
    G_OBJECT_CLASS(mcp_frame_sink_parent_class)->finalize(object);
}

static void
mcp_frame_sink_class_init(McpFrameSinkClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
    const GParamFlags flags = G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS;

    object_class->set_property = set_property;
    object_class->finalize = mcp_frame_sink_finalize;
    element_class->change_state = change_state;
    g_object_class_install_property(
        object_class, PROP_CAPS,
        g_param_spec_boxed("caps", "Caps", "Format to come to", GST_TYPE_CAPS, flags));
    g_object_class_install_property(
        object_class, PROP_LOCATION,
        g_param_spec_string("location", "Location", "File to write", NULL, flags));
    gst_element_class_add_static_pad_template(element_class, &sink_template);
    gst_element_class_set_static_metadata(element_class, "Frame sink", "Sink/Audio",
                                          "Frames taken by a media worker, or a raw file",
                                          "Media Control Platform");
}

static void
mcp_frame_sink_init(McpFrameSink *self)
{
    self->pad = gst_pad_new_from_static_template(&sink_template, "sink");
    gst_pad_set_chain_function(self->pad, chain);
    gst_pad_set_event_function(self->pad, take_event);
    gst_pad_set_query_function(self->pad, answer_query);
    gst_element_add_pad(GST_ELEMENT(self), self->pad);
    GST_OBJECT_FLAG_SET(self, GST_ELEMENT_FLAG_SINK);
}
