/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "mcplevel": measures the level of 16-bit samples that pass, unchanged. The recorder hears with it
 * whether somebody speaks. Runs on the pushing thread; in gst-launch the property "last-level"
 * can be read.
 */
#include "elements.h"

#include <math.h>

struct _McpLevel {
    GstElement parent_instance;
    GstPad *sink;
    GstPad *source;
    gint level; /* atomic, for readers of the property */
};

enum { PROP_LAST_LEVEL = 1 };

#define LEVEL_CAPS "audio/x-raw, format=(string)S16LE, layout=(string)interleaved"

static GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS(LEVEL_CAPS));
static GstStaticPadTemplate source_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS(LEVEL_CAPS));

G_DEFINE_FINAL_TYPE(McpLevel, mcp_level, GST_TYPE_ELEMENT)

guint
mcp_level_get(McpLevel *self)
{
    g_return_val_if_fail(MCP_IS_LEVEL(self), 0);
    return (guint)g_atomic_int_get(&self->level);
}

/* The mean is taken off first: an offset of the far converter is no speech. */
static guint
root_mean_square(const guint8 *data, gsize length)
{
    gsize n = length / 2;
    gint64 sum = 0;
    guint64 squares = 0;
    double mean = 0;

    if (n == 0)
        return 0;
    for (gsize i = 0; i < n; i++) {
        gint sample = (gint16)GST_READ_UINT16_LE(data + 2 * i);

        sum += sample;
        squares += (guint64)((gint64)sample * sample);
    }
    mean = (double)sum / (double)n;
    return (guint)sqrt(MAX(0.0, (double)squares / (double)n - mean * mean));
}

static GstFlowReturn
chain(GstPad *pad, GstObject *parent, GstBuffer *buffer)
{
    McpLevel *self = MCP_LEVEL(parent);
    GstMapInfo map;

    if (gst_buffer_map(buffer, &map, GST_MAP_READ)) {
        g_atomic_int_set(&self->level, (gint)root_mean_square(map.data, map.size));
        gst_buffer_unmap(buffer, &map);
    }
    return gst_pad_push(self->source, buffer);
}

static void
get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
    if (id == PROP_LAST_LEVEL)
        g_value_set_uint(value, mcp_level_get(MCP_LEVEL(object)));
    else
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
}

static void
mcp_level_class_init(McpLevelClass *klass)
{
    GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
    GObjectClass *object_class = G_OBJECT_CLASS(klass);

    object_class->get_property = get_property;
    g_object_class_install_property(
        object_class, PROP_LAST_LEVEL,
        g_param_spec_uint("last-level", "Last level", "Root mean square of the last buffer", 0,
                          32768, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
    gst_element_class_add_static_pad_template(element_class, &sink_template);
    gst_element_class_add_static_pad_template(element_class, &source_template);
    gst_element_class_set_static_metadata(element_class, "Level", "Filter/Analyzer/Audio",
                                          "Measures the level of what passes",
                                          "Media Control Platform");
}

static void
mcp_level_init(McpLevel *self)
{
    self->sink = gst_pad_new_from_static_template(&sink_template, "sink");
    gst_pad_set_chain_function(self->sink, chain);
    GST_PAD_SET_PROXY_CAPS(self->sink);
    GST_PAD_SET_PROXY_ALLOCATION(self->sink);
    gst_element_add_pad(GST_ELEMENT(self), self->sink);
    self->source = gst_pad_new_from_static_template(&source_template, "src");
    GST_PAD_SET_PROXY_CAPS(self->source);
    gst_element_add_pad(GST_ELEMENT(self), self->source);
}
