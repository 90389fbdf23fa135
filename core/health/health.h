/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "health/findings.h"

#include <mcp/contract/health.h>

typedef struct _McpCore McpCore;

/** McpHealth: how the platform is: what the core knows, and what plugins declare. Any thread. */
typedef struct _McpHealth McpHealth;

/** mcp_health_new: (transfer full). */
McpHealth *mcp_health_new(McpCore *core);
/** mcp_health_free: all plugins are gone. */
void mcp_health_free(McpHealth *health);
/** mcp_health_configure: which dependencies are required, from [core] ready_requires. */
void mcp_health_configure(McpHealth *health, McpSettings *settings);
/** McpHealthPhase: how far the platform is. */
typedef enum {
    MCP_HEALTH_STARTING,
    MCP_HEALTH_RUNNING,
    MCP_HEALTH_STOPPING,
} McpHealthPhase;
/** mcp_health_set_phase: Control context. */
void mcp_health_set_phase(McpHealth *health, McpHealthPhase phase);
/** mcp_health_probe: (transfer full): what stands against a yes. */
McpFindings *mcp_health_probe(McpHealth *health, McpHealthProbe probe);
/** mcp_health_describe: adds an array "dependencies". */
void mcp_health_describe(McpHealth *health, McpJson *json);
/** mcp_health_tell: logs and counts when the platform becomes ready, degraded or neither. */
void mcp_health_tell(McpHealth *health);
/** mcp_health_add: see mcp_host_add_dependency(). */
McpDependency *mcp_health_add(McpHealth *health, const char *plugin, const char *name,
                              McpNeed need);
