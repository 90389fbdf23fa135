/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/call_sink.h>
#include <mcp/metrics.h>
#include <mcp/pool.h>

#define MCP_TYPE_JSONL_SINK (mcp_jsonl_sink_get_type())
G_DECLARE_FINAL_TYPE(McpJsonlSink, mcp_jsonl_sink, MCP, JSONL_SINK, GObject)

/**
 * mcp_jsonl_sink_new: (transfer full): appends each call record as a line to @file; NULL or ""
 * writes
 * none. Control context; files are written on @disk.
 */
McpJsonlSink *mcp_jsonl_sink_new(McpPool *disk, McpMetrics *metrics, const char *file);
/** mcp_jsonl_sink_set_file: later records go to @file. */
void mcp_jsonl_sink_set_file(McpJsonlSink *sink, const char *file);
