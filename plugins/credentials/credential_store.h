/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/credentials.h>
#include <mcp/contract/health.h>
#include <mcp/host.h>

G_BEGIN_DECLS

/** McpCredentialMetric: rows of the metrics table. */
typedef enum {
    MCP_CREDENTIAL_METRIC_EXPIRY,
    MCP_CREDENTIAL_METRIC_SETS,
    MCP_CREDENTIAL_METRIC_CHANGES,
} McpCredentialMetric;

/** mcp_credential_metric_defs: the metrics table. */
extern const McpMetricDef mcp_credential_metric_defs[];

/**
 * McpCredentialStore: all configured sets, the service "files". Reading and changing on the control
 * context; what the contract says of any thread holds.
 */
#define MCP_TYPE_CREDENTIAL_STORE (mcp_credential_store_get_type())
G_DECLARE_FINAL_TYPE(McpCredentialStore, mcp_credential_store, MCP, CREDENTIAL_STORE, GObject)

/**
 * mcp_credential_store_new: (transfer full): @metrics and @events nullable. Nothing is read yet.
 */
McpCredentialStore *mcp_credential_store_new(McpClock *clock, McpPool *disk, McpMetrics *metrics,
                                             McpEvents *events);

/** mcp_credential_store_declare: tells @dependency, which outlives the store, how its sets are. */
void mcp_credential_store_declare(McpCredentialStore *store, McpDependency *dependency);

/**
 * mcp_credential_store_check: whether every set of @settings can be used; @store (nullable) has the
 * sets in force, of which none is replaced by one that has expired before it.
 */
gboolean mcp_credential_store_check(McpCredentialStore *store, McpSettings *settings, gint64 now,
                                    GError **error);

/**
 * mcp_credential_store_apply: reads all sets of @settings; one that cannot be used stays as it was,
 * with an error line. Then looks after the files every check_interval.
 */
void mcp_credential_store_apply(McpCredentialStore *store, McpSettings *settings);

/** mcp_credential_store_close: looks after nothing any more and forgets its watchers. */
void mcp_credential_store_close(McpCredentialStore *store);

G_END_DECLS
