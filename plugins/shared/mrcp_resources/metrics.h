/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** McpMrcpdMetric: rows of the metrics table. */
typedef enum {
    MCP_MRCPD_METRIC_CHANNELS,
    MCP_MRCPD_METRIC_CONNECTIONS,
    MCP_MRCPD_METRIC_REQUESTS,
    MCP_MRCPD_METRIC_RESPONSES,
    MCP_MRCPD_METRIC_REFUSED,
} McpMrcpdMetric;

/** MCP_MRCPD_KINDS: values of the label of channels; in the order of McpMrcpResource. */
#define MCP_MRCPD_KINDS "speechsynth|speechrecog"
/** MCP_MRCPD_CARRIERS: of connections; in the order of McpMrcpdLink. */
#define MCP_MRCPD_CARRIERS "tcp|tls|rtsp"
/** MCP_MRCPD_METHODS: of requests. */
#define MCP_MRCPD_METHODS                                                                       \
    "set-params|get-params|speak|stop|pause|resume|barge-in-occurred|define-grammar|recognize|" \
    "interpret|get-result|start-input-timers|other"
/** MCP_MRCPD_STATUSES: of responses. */
#define MCP_MRCPD_STATUSES "200|401|402|403|404|405|406|407|408|409|410|other"
/** MCP_MRCPD_REFUSALS: why what came over a connection was no request to a resource. */
#define MCP_MRCPD_REFUSALS "connection|garbage|channel|limit"

/** McpMrcpdLink: kinds of connections. */
typedef enum {
    MCP_MRCPD_LINK_TCP,
    MCP_MRCPD_LINK_TLS,
    MCP_MRCPD_LINK_RTSP,
} McpMrcpdLink;

/** McpMrcpdRefusal: places in MCP_MRCPD_REFUSALS. */
typedef enum {
    MCP_MRCPD_REFUSAL_CONNECTION,
    MCP_MRCPD_REFUSAL_GARBAGE,
    MCP_MRCPD_REFUSAL_CHANNEL,
    MCP_MRCPD_REFUSAL_LIMIT,
} McpMrcpdRefusal;

/** mcp_mrcpd_label: place of @text in @values, which are lower case; the last one if it is none. */
guint mcp_mrcpd_label(const char *values, const char *text);

G_END_DECLS
