/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/leg.h>

G_BEGIN_DECLS

#define MCP_MEDIA_DIGIT_QUEUE 64

/** McpMediaDigitQueue: digits not taken yet; survives pages and dialogs. On the leg's context. */
typedef struct {
    McpDigit digits[MCP_MEDIA_DIGIT_QUEUE];
    guint first, n;
    guint dropped; /* came when it was full */
} McpMediaDigitQueue;

/** mcp_media_digit_queue_put: FALSE when it is full. */
gboolean mcp_media_digit_queue_put(McpMediaDigitQueue *queue, const McpDigit *digit);
/** mcp_media_digit_queue_take: the oldest one. */
gboolean mcp_media_digit_queue_take(McpMediaDigitQueue *queue, McpDigit *out_digit);
/** mcp_media_digit_queue_matches: whether one of @mask waits. */
gboolean mcp_media_digit_queue_matches(const McpMediaDigitQueue *queue, guint32 mask);

G_END_DECLS
