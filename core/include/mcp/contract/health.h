/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/host.h>

G_BEGIN_DECLS

/**
 * The health contract: a plugin declares what it depends on and says how that is; the core puts it
 * together with what it knows itself: loops, start and drain, admission, services. The plugin
 * "health" and the control API show it. [core] ready_requires says without which dependencies the
 * platform is not ready; the others degrade it. Any thread; nothing here blocks.
 */
#define MCP_CONTRACT_HEALTH "health"
#define MCP_CONTRACT_HEALTH_MAJOR 1
#define MCP_CONTRACT_HEALTH_MINOR 0

/** McpHealthState: how a dependency is. */
typedef enum {
    MCP_HEALTH_UP,
    MCP_HEALTH_DEGRADED, /* serves, but not as it should: it never makes the platform unready */
    MCP_HEALTH_DOWN,
} McpHealthState;

/** McpNeed: what a dependency that is down means when no setting says otherwise. */
typedef enum {
    MCP_NEED_OPTIONAL, /* the platform is degraded */
    MCP_NEED_REQUIRED, /* the platform is not ready */
} McpNeed;

/** McpDependency: an outside peer, a file, a service that a plugin cannot do its work without. */
typedef struct _McpDependency McpDependency;

/**
 * mcp_host_add_dependency: (transfer full): one that is down until mcp_dependency_set() says
 * otherwise. To be freed when the plugin is finalized, at the latest.
 * @name: what operators call it, unique by convention: "consul", "mrcp:east", "google-tts"
 */
McpDependency *mcp_host_add_dependency(McpHost *host, const char *name, McpNeed need);
/**
 * mcp_dependency_set: how it is from now on; the same again costs nothing much and tells nobody.
 * @dependency: (nullable): NULL does nothing
 * @format: (nullable): why it is not up, one sentence without secrets
 */
void mcp_dependency_set(McpDependency *dependency, McpHealthState state, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
/** mcp_dependency_free: it is not depended on any more. */
void mcp_dependency_free(McpDependency *dependency);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpDependency, mcp_dependency_free)

/** McpHealthProbe: what is asked. */
typedef enum {
    MCP_PROBE_LIVE,    /* every loop has moved within 30 s: no restart is needed */
    MCP_PROBE_READY,   /* new calls are welcome: every loop moves, nothing required is missing */
    MCP_PROBE_STARTUP, /* all plugins have started */
} McpHealthProbe;

/**
 * mcp_host_probe: (transfer full): the answer as a JSON object {probe, status "up", "degraded" or
 * "down", reasons [{what, name, text}], degraded […]}.
 * @out_good: whether it is yes, degraded or not
 */
char *mcp_host_probe(McpHost *host, McpHealthProbe probe, gboolean *out_good);
/**
 * mcp_host_get_health: whether new calls are welcome: up, degraded, or down for not ready.
 * @out_text: (transfer full): why it is not up, one line; empty when it is
 */
McpHealthState mcp_host_get_health(McpHost *host, char **out_text);
/**
 * mcp_host_describe_health: adds live, ready and startup, each as above, and an array
 * "dependencies" {name, plugin, required, state, text, since} to an open object.
 */
void mcp_host_describe_health(McpHost *host, McpJson *json);

G_END_DECLS
