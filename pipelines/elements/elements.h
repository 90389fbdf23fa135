/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * The elements at both ends of a graph. Each works in two ways: driven from outside (frames are
 * pushed in and taken out, no thread of the element's own), and in a pipeline of gst-launch with a
 * file as its other end.
 */

#define MCP_TYPE_FRAME_SOURCE (mcp_frame_source_get_type())
G_DECLARE_FINAL_TYPE(McpFrameSource, mcp_frame_source, MCP, FRAME_SOURCE, GstElement)

/**
 * mcp_frame_source_push:
 * @self: "mcpframesrc" without "location", at least PAUSED
 * @data: bytes of one frame in the format of the property "caps"; copied
 * @length: their number
 *
 * Pushes one frame through whatever is linked, synchronously. One caller at a time, any thread.
 */
GstFlowReturn mcp_frame_source_push(McpFrameSource *self, gconstpointer data, gsize length);

/** mcp_frame_source_finish: sends EOS, so that elements give out what they still hold. */
void mcp_frame_source_finish(McpFrameSource *self);

#define MCP_TYPE_FRAME_SINK (mcp_frame_sink_get_type())
G_DECLARE_FINAL_TYPE(McpFrameSink, mcp_frame_sink, MCP, FRAME_SINK, GstElement)

/** McpFrameFunc: @data is valid during the call, which is made on the pushing thread. */
typedef void (*McpFrameFunc)(gconstpointer data, gsize length, gpointer user_data);

/** mcp_frame_sink_set_func: who takes what "mcpframesink" receives; not while frames flow. */
void mcp_frame_sink_set_func(McpFrameSink *self, McpFrameFunc func, gpointer user_data);

G_END_DECLS
