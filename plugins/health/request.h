/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/health.h>

G_BEGIN_DECLS

/** Bytes that the head of a request has at most. */
#define MCP_HEALTH_HEAD_MAX 4096

/** McpHealthRequest: what a head asks. */
typedef struct {
    guint status; /* 200: @probe is asked; else why not */
    McpHealthProbe probe;
    gboolean head; /* the body is not wanted (RFC 9110 §9.3.2) */
} McpHealthRequest;

/**
 * mcp_health_request_read: FALSE while @length bytes at @text are not the whole head. Any thread.
 */
gboolean mcp_health_request_read(const char *text, gsize length, McpHealthRequest *out_request);

G_END_DECLS
