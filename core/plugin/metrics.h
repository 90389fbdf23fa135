/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/json.h>
#include <mcp/metrics.h>

/** mcp_metrics_new: (transfer full): values of a static table, all zero. Any thread. */
McpMetrics *mcp_metrics_new(const McpMetricDef *table);
/** mcp_metrics_free: nobody may use the values any more. */
void mcp_metrics_free(McpMetrics *metrics);
/** mcp_metrics_describe: adds one object a row and label value to an open array. Any thread. */
void mcp_metrics_describe(McpMetrics *metrics, McpJson *json);
