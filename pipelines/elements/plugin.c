/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The GStreamer plugin "mcp": makes the elements of ours known to gst-launch and gst-inspect. The
 * platform itself makes them by type and does not load this.
 */
#include "elements.h"

static gboolean
plugin_init(GstPlugin *plugin)
{
    return gst_element_register(plugin, "mcpframesrc", GST_RANK_NONE, MCP_TYPE_FRAME_SOURCE) &&
           gst_element_register(plugin, "mcpframesink", GST_RANK_NONE, MCP_TYPE_FRAME_SINK);
}

/* The licence stays "unknown" to GStreamer, which has no name for Apache-2.0 in its list. */
GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, mcp,
                  "Frame source and frame sink of the Media Control Platform", plugin_init,
                  MCP_VERSION, "Apache 2.0", "mcp", "https://gstreamer.freedesktop.org/")
