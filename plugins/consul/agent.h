/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "config.h"

#include <mcp/contract/health.h>
#include <peer_http/peer_http.h>

G_BEGIN_DECLS

/** McpConsulAction: what the agent is asked to do. */
typedef enum {
    MCP_CONSUL_REGISTER,
    MCP_CONSUL_UPDATE,
    MCP_CONSUL_MAINTAIN,
    MCP_CONSUL_DEREGISTER,
} McpConsulAction;

/** McpConsulState: how the platform is, as the check says. */
typedef struct {
    McpHealthState health;
    const char *output;
} McpConsulState;

/** McpConsulRequest: a request that owns its parts. */
typedef struct {
    char *path;
    char *body;             /* nullable */
    const char *headers[3]; /* borrowed from the configuration */
} McpConsulRequest;

/** mcp_consul_request_init: Consul's agent API (HTTP API v1). */
void mcp_consul_request_init(McpConsulRequest *request, const McpConsulConfig *config,
                             McpConsulAction action, const McpConsulState *state);
/** mcp_consul_request_clear: frees the parts. */
void mcp_consul_request_clear(McpConsulRequest *request);

G_END_DECLS
