/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "file.h"
#include "store.h"

#define MCP_TYPE_RECORDING_STREAM (mcp_recording_stream_get_type())
G_DECLARE_FINAL_TYPE(McpRecordingStream, mcp_recording_stream, MCP, RECORDING_STREAM, GObject)

/** mcp_recording_stream_new: (transfer full): the writer's end of @file. Any thread. */
McpStoreStream *mcp_recording_stream_new(McpRecordingStore *store, McpRecordingFile *file);

/** mcp_recording_store_kick: a disk job starts soon. Any thread, takes no memory. */
void mcp_recording_store_kick(McpRecordingStore *store);
/** mcp_recording_store_dropped: counts bytes that were lost. Any thread. */
void mcp_recording_store_dropped(McpRecordingStore *store, gsize length);
