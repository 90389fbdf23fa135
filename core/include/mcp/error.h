/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * McpError: classes of failure that callers act upon. The message of the GError names what failed
 * and with which value; it is lower case and has no full stop.
 *
 * @MCP_ERROR_FAILED: none of the classes below
 * @MCP_ERROR_UNSUPPORTED: the provider does not implement the operation
 * @MCP_ERROR_INVALID: data from outside (file, network, operator) is malformed or out of range
 * @MCP_ERROR_NOT_FOUND: the named thing does not exist
 * @MCP_ERROR_REFUSED: policy forbids it (peer, page pattern, address filter)
 * @MCP_ERROR_LIMIT: a bound is reached (ports, calls, queue, size)
 * @MCP_ERROR_TIMEOUT: a deadline passed
 * @MCP_ERROR_CLOSED: the object has ended; the operation came too late
 * @MCP_ERROR_STATE: not possible in the present state (for example a second offer outstanding)
 * @MCP_ERROR_MEDIA: offer and capabilities have nothing in common (SIP 488)
 */
typedef enum {
    MCP_ERROR_FAILED,
    MCP_ERROR_UNSUPPORTED,
    MCP_ERROR_INVALID,
    MCP_ERROR_NOT_FOUND,
    MCP_ERROR_REFUSED,
    MCP_ERROR_LIMIT,
    MCP_ERROR_TIMEOUT,
    MCP_ERROR_CLOSED,
    MCP_ERROR_STATE,
    MCP_ERROR_MEDIA,
} McpError;

#define MCP_ERROR (mcp_error_quark())

/** mcp_error_quark: the error domain of the platform. Any thread. */
GQuark mcp_error_quark(void);

G_END_DECLS
