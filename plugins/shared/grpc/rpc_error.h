/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/** McpRpcError: how a call ended, by the numbers of gRPC's status codes. */
typedef enum {
    MCP_RPC_ERROR_CANCELLED = 1,
    MCP_RPC_ERROR_UNKNOWN = 2,
    MCP_RPC_ERROR_INVALID_ARGUMENT = 3,
    MCP_RPC_ERROR_DEADLINE_EXCEEDED = 4,
    MCP_RPC_ERROR_NOT_FOUND = 5,
    MCP_RPC_ERROR_ALREADY_EXISTS = 6,
    MCP_RPC_ERROR_PERMISSION_DENIED = 7,
    MCP_RPC_ERROR_RESOURCE_EXHAUSTED = 8,
    MCP_RPC_ERROR_FAILED_PRECONDITION = 9,
    MCP_RPC_ERROR_ABORTED = 10,
    MCP_RPC_ERROR_OUT_OF_RANGE = 11,
    MCP_RPC_ERROR_UNIMPLEMENTED = 12,
    MCP_RPC_ERROR_INTERNAL = 13,
    MCP_RPC_ERROR_UNAVAILABLE = 14,
    MCP_RPC_ERROR_DATA_LOSS = 15,
    MCP_RPC_ERROR_UNAUTHENTICATED = 16,
} McpRpcError;

#define MCP_RPC_ERROR (mcp_rpc_error_quark())

/** mcp_rpc_error_quark: Any thread. */
GQuark mcp_rpc_error_quark(void);
/** mcp_rpc_error_name: "UNAVAILABLE" …; "UNKNOWN" for a number that gRPC does not have. */
const char *mcp_rpc_error_name(int code);
/**
 * mcp_rpc_error_new: (transfer full) (nullable): the error of a call that ended with status @code
 * and @details of @length bytes, as the server sent them; NULL for 0, which stands for success.
 */
GError *mcp_rpc_error_new(int code, const char *details, gsize length);

G_END_DECLS
