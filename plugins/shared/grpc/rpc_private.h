/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "rpc_channel.h"
#include <grpc/grpc.h>

/**
 * McpRpcOperation: the tag of a batch. @done runs on the loop's thread when the batch is over; it
 * is set last, and atomically: how the library hands over a tag no sanitizer sees.
 */
typedef struct _McpRpcOperation McpRpcOperation;
typedef void (*McpRpcOperationFunc)(McpRpcOperation *operation, gboolean success);
struct _McpRpcOperation {
    McpRpcOperationFunc done;
};

/** mcp_rpc_loop_get_queue: where batches of its calls complete. */
grpc_completion_queue *mcp_rpc_loop_get_queue(McpRpcLoop *loop);
/** mcp_rpc_channel_get: the library's channel; lives as long as @channel. */
grpc_channel *mcp_rpc_channel_get(McpRpcChannel *channel);
/** mcp_rpc_channel_get_loop: (transfer none). */
McpRpcLoop *mcp_rpc_channel_get_loop(McpRpcChannel *channel);
