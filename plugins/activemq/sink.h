/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/call_sink.h>
#include <mcp/host.h>
#include <mcp/spool.h>

#include "config.h"

G_BEGIN_DECLS

/**
 * McpActivemqSink: the call sink: makes records of what the bus tells and puts them into three
 * spools. Control context.
 */
#define MCP_TYPE_ACTIVEMQ_SINK (mcp_activemq_sink_get_type())
G_DECLARE_FINAL_TYPE(McpActivemqSink, mcp_activemq_sink, MCP, ACTIVEMQ_SINK, GObject)

/** McpActivemqSpools: by class. */
typedef struct {
    McpSpool *billing;
    McpSpool *events;
    McpSpool *quality;
} McpActivemqSpools;

/** mcp_activemq_sink_new: (transfer full): @config is borrowed until the next one is given. */
McpActivemqSink *mcp_activemq_sink_new(McpHost *host, const McpActivemqSpools *spools,
                                       const McpActivemqConfig *config);
/** mcp_activemq_sink_configure: from now on. */
void mcp_activemq_sink_configure(McpActivemqSink *sink, const McpActivemqConfig *config);
/**
 * mcp_activemq_sink_recover: (element-type McpSpoolRecord) @starts: calls of an earlier run that
 * have no record get one.
 */
void mcp_activemq_sink_recover(McpActivemqSink *sink, const GPtrArray *starts);
/** mcp_activemq_sink_close: what waits is spooled; nothing is taken any more. */
void mcp_activemq_sink_close(McpActivemqSink *sink);

G_END_DECLS
