/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "mcpframesrc": the first element of a graph. The media worker pushes frames through it with
 * mcp_frame_source_push() on its own thread; with the property "location" the element reads a file
 * of raw audio by itself, on a task, so that it works in gst-launch.
 */
#include "elements.h"

#include <stdio.h>

#define FRAME_BYTES_DEFAULT 160

struct _McpFrameSource {
    GstElement parent_instance;
    GstPad *pad;
    GstCaps *caps; /* nullable */
    char *location;
    guint frame_bytes;
    FILE *file;
    gboolean started; /* stream-start, caps and segment are out */
    guint64 bytes;    /* pushed so far */
    guint byte_rate;  /* of @caps, 0 unknown */
};

enum { PROP_CAPS = 1, PROP_LOCATION, PROP_FRAME_BYTES };

static GstStaticPadTemplate source_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

G_DEFINE_FINAL_TYPE(McpFrameSource, mcp_frame_source, GST_TYPE_ELEMENT)

/* Bytes a second of the formats that graphs are fed with. */
static guint
byte_rate_of(GstCaps *caps)
{
    const GstStructure *structure = gst_caps_get_structure(caps, 0);
    const char *format = gst_structure_get_string(structure, "format");
    gint rate = 0;
    gint channels = 1;
    guint width = 1;

    if (!gst_structure_get_int(structure, "rate", &rate))
        return 0;
    gst_structure_get_int(structure, "channels", &channels);
    if (format != NULL && g_str_has_prefix(format, "S16"))
        width = 2;
    return (guint)rate * (guint)channels * width;
}

static void
send_headers(McpFrameSource *self)
{
    GstSegment segment;

    self->started = TRUE;
    self->bytes = 0;
    gst_pad_push_event(self->pad, gst_event_new_stream_start("mcp"));
    if (self->caps != NULL) {
        gst_pad_push_event(self->pad, gst_event_new_caps(self->caps));
        self->byte_rate = byte_rate_of(self->caps);
    }
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(self->pad, gst_event_new_segment(&segment));
}

static GstFlowReturn
push_buffer(McpFrameSource *self, GstBuffer *buffer)
{
    gsize length = gst_buffer_get_size(buffer);

    if (self->byte_rate != 0) {
        GST_BUFFER_PTS(buffer) = gst_util_uint64_scale(self->bytes, GST_SECOND, self->byte_rate);
        GST_BUFFER_DURATION(buffer) = gst_util_uint64_scale(length, GST_SECOND, self->byte_rate);
    }
    self->bytes += length;
    return gst_pad_push(self->pad, buffer);
}

GstFlowReturn
mcp_frame_source_push(McpFrameSource *self, gconstpointer data, gsize length)
{
    GstBuffer *buffer = NULL;

    g_return_val_if_fail(MCP_IS_FRAME_SOURCE(self), GST_FLOW_ERROR);
    if (!self->started)
        send_headers(self);
    buffer = gst_buffer_new_allocate(NULL, length, NULL);
    gst_buffer_fill(buffer, 0, data, length);
    return push_buffer(self, buffer);
}

void
mcp_frame_source_finish(McpFrameSource *self)
{
    g_return_if_fail(MCP_IS_FRAME_SOURCE(self));
    if (!self->started)
        send_headers(self);
    gst_pad_push_event(self->pad, gst_event_new_eos());
}

/* The element's own thread, only with "location". */
static void
read_file(gpointer user_data)
{
    McpFrameSource *self = user_data;
    GstBuffer *buffer = gst_buffer_new_allocate(NULL, self->frame_bytes, NULL);
    GstFlowReturn flow = GST_FLOW_EOS;
    GstMapInfo map;
    gsize got = 0;

    if (!self->started)
        send_headers(self);
    if (gst_buffer_map(buffer, &map, GST_MAP_WRITE)) {
        got = fread(map.data, 1, map.size, self->file);
        gst_buffer_unmap(buffer, &map);
    }
    if (got == 0) {
        gst_buffer_unref(buffer);
        gst_pad_push_event(self->pad, gst_event_new_eos());
    } else {
        gst_buffer_set_size(buffer, (gssize)got);
        flow = push_buffer(self, buffer);
    }
    if (flow == GST_FLOW_OK)
        return;
    if (flow < GST_FLOW_EOS)
        GST_ELEMENT_FLOW_ERROR(self, flow);
    gst_pad_pause_task(self->pad);
}

static gboolean
activate_mode(GstPad *pad, GstObject *parent, GstPadMode mode, gboolean active)
{
    McpFrameSource *self = MCP_FRAME_SOURCE(parent);

    if (mode != GST_PAD_MODE_PUSH)
        return FALSE;
    self->started = FALSE;
    if (self->location == NULL)
        return TRUE;
    if (active)
        return gst_pad_start_task(pad, read_file, self, NULL);
    return gst_pad_stop_task(pad);
}

static GstStateChangeReturn
change_state(GstElement *element, GstStateChange transition)
{
    McpFrameSource *self = MCP_FRAME_SOURCE(element);
    GstStateChangeReturn result = GST_STATE_CHANGE_FAILURE;

    if (transition == GST_STATE_CHANGE_NULL_TO_READY && self->location != NULL) {
        self->file = fopen(self->location, "rbe");
        if (self->file == NULL) {
            GST_ELEMENT_ERROR(self, RESOURCE, OPEN_READ, ("cannot open %s", self->location),
                              GST_ERROR_SYSTEM);
            return GST_STATE_CHANGE_FAILURE;
        }
    }
    result = GST_ELEMENT_CLASS(mcp_frame_source_parent_class)->change_state(element, transition);
    if (transition == GST_STATE_CHANGE_READY_TO_NULL)
        g_clear_pointer(&self->file, fclose);
    return result;
}

static gboolean
answer_query(GstPad *pad, GstObject *parent, GstQuery *query)
{
    McpFrameSource *self = MCP_FRAME_SOURCE(parent);

    if (GST_QUERY_TYPE(query) == GST_QUERY_CAPS && self->caps != NULL) {
        gst_query_set_caps_result(query, self->caps);
        return TRUE;
    }
    return gst_pad_query_default(pad, parent, query);
}

static void
set_property(GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
    McpFrameSource *self = MCP_FRAME_SOURCE(object);

    switch (id) {
    case PROP_CAPS:
        gst_caps_replace(&self->caps, (GstCaps *)gst_value_get_caps(value));
        break;
    case PROP_LOCATION:
        g_free(self->location);
        self->location = g_value_dup_string(value);
        break;
    case PROP_FRAME_BYTES:
        self->frame_bytes = g_value_get_uint(value);
        break;
    default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
    }
}

static void
mcp_frame_source_finalize(GObject *object)
{
    McpFrameSource *self = MCP_FRAME_SOURCE(object);

    gst_caps_replace(&self->caps, NULL);
    g_free(self->location);
    g_clear_pointer(&self->file, fclose);
    G_OBJECT_CLASS(mcp_frame_source_parent_class)->finalize(object);
}

static void
mcp_frame_source_class_init(McpFrameSourceClass *klass)
{
    GObjectClass *object_class = G_OBJECT_CLASS(klass);
    GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
    const GParamFlags flags = G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS;

    object_class->set_property = set_property;
    object_class->finalize = mcp_frame_source_finalize;
    element_class->change_state = change_state;
    g_object_class_install_property(
        object_class, PROP_CAPS,
        g_param_spec_boxed("caps", "Caps", "Format of the frames", GST_TYPE_CAPS, flags));
    g_object_class_install_property(
        object_class, PROP_LOCATION,
        g_param_spec_string("location", "Location", "File of raw audio to read", NULL, flags));
    g_object_class_install_property(object_class, PROP_FRAME_BYTES,
                                    g_param_spec_uint("frame-bytes", "Frame bytes",
                                                      "Bytes a frame when reading a file", 1, 65536,
                                                      FRAME_BYTES_DEFAULT, flags));
    gst_element_class_add_static_pad_template(element_class, &source_template);
    gst_element_class_set_static_metadata(element_class, "Frame source", "Source/Audio",
                                          "Frames pushed by a media worker, or a raw file",
                                          "Media Control Platform");
}

static void
mcp_frame_source_init(McpFrameSource *self)
{
    self->frame_bytes = FRAME_BYTES_DEFAULT;
    self->pad = gst_pad_new_from_static_template(&source_template, "src");
    gst_pad_set_activatemode_function(self->pad, activate_mode);
    gst_pad_set_query_function(self->pad, answer_query);
    gst_element_add_pad(GST_ELEMENT(self), self->pad);
    GST_OBJECT_FLAG_SET(self, GST_ELEMENT_FLAG_SOURCE);
}
