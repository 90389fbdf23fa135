/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "plugin/registry.h"

#include <mcp/event.h>

/** McpSinks: brings events to all live call sinks. Control context. */
typedef struct _McpSinks McpSinks;

/** mcp_sinks_new: (transfer full): subscribes to what the live sinks want. */
McpSinks *mcp_sinks_new(McpEvents *events, McpRegistry *registry);
/** mcp_sinks_update: a sink has come or gone: events that nobody wants are not even made. */
void mcp_sinks_update(McpSinks *sinks);
/** mcp_sinks_drain: what was published before reaches the sinks now. */
void mcp_sinks_drain(McpSinks *sinks);
/** mcp_sinks_free: unsubscribes. */
void mcp_sinks_free(McpSinks *sinks);
/** mcp_sinks_flush_async: what was published before is safe in every sink when it finishes. */
void mcp_sinks_flush_async(McpSinks *sinks, GAsyncReadyCallback callback, gpointer user_data);
/** mcp_sinks_flush_finish: failures were logged. */
void mcp_sinks_flush_finish(McpSinks *sinks, GAsyncResult *result);
