/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/health.h>
#include <mcp/host.h>

#include "config.h"

G_BEGIN_DECLS

/** Rows of the plugin's metrics. */
enum {
    MCP_HEP_METRIC_SENT, /* by kind, as the next two */
    MCP_HEP_METRIC_DROPPED,
    MCP_HEP_METRIC_CUT,
    MCP_HEP_METRIC_FAILURES,
    MCP_HEP_METRIC_CONNECTED,
    MCP_HEP_METRIC_QUEUE,
};

/** MCP_HEP_KIND_LABELS: values of their label, in the order of McpHepKind. */
#define MCP_HEP_KIND_LABELS "sip|rtcp|log"

/**
 * McpHepAgent: the capture agent: what is shown to it is brought to a server, in the order of
 * showing but for what waits for its call. Made and freed on the control context.
 */
typedef struct _McpHepAgent McpHepAgent;

/** mcp_hep_agent_new: (transfer full): @config (transfer full): begins to connect. */
McpHepAgent *mcp_hep_agent_new(McpHost *host, McpHepConfig *config, GError **error);
/** mcp_hep_agent_free: what waits is sent if that can be done at once. */
void mcp_hep_agent_free(McpHepAgent *agent);
/** mcp_hep_agent_put: (transfer full): drops and counts it when too much waits. Any thread. */
void mcp_hep_agent_put(McpHepAgent *agent, McpHepItem *item);

G_END_DECLS
