/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "agent.h"

G_BEGIN_DECLS

/** McpConsulMetric: rows of the metrics table. */
typedef enum {
    MCP_CONSUL_METRIC_REQUESTS,
    MCP_CONSUL_METRIC_REGISTERED,
} McpConsulMetric;

/** McpConsulOutcome: labels of MCP_CONSUL_METRIC_REQUESTS. */
#define MCP_CONSUL_OUTCOMES "done|refused|failed"

/** McpConsulDeps: what a registration works with; outlives it. */
typedef struct {
    McpClock *clock;
    McpMetrics *metrics;       /* nullable */
    McpDependency *dependency; /* nullable */
    /** (transfer full): output of the check, and how the platform is. */
    char *(*look)(McpHealthState *out_health, gpointer user_data);
    gpointer user_data;
} McpConsulDeps;

/** McpConsulRegistration: keeps the agent informed. Control context. */
typedef struct _McpConsulRegistration McpConsulRegistration;

/** McpConsulGone: the agent was told, or could not be. */
typedef void (*McpConsulGone)(gpointer user_data);

/** mcp_consul_registration_new: (transfer full): at once. @config, @http: (transfer full). */
McpConsulRegistration *mcp_consul_registration_new(const McpConsulDeps *deps,
                                                   McpConsulConfig *config, McpPeerHttp *http);
/** mcp_consul_registration_maintain: no new calls are to be sent from now on. */
void mcp_consul_registration_maintain(McpConsulRegistration *registration);
/**
 * mcp_consul_registration_end: (transfer full): deregisters after what is under way, which takes
 * twice [consul] timeout at most; @gone runs then.
 */
void mcp_consul_registration_end(McpConsulRegistration *registration, McpConsulGone gone,
                                 gpointer user_data);
/** mcp_consul_registration_get_http: (transfer none): for a change of credentials. */
McpPeerHttp *mcp_consul_registration_get_http(McpConsulRegistration *registration);

G_END_DECLS
