/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bounded queue of digits of a leg. On the leg's context.
 */
#include "digit_queue.h"

#include "../rtp/telephone_event.h"

gboolean
mcp_media_digit_queue_put(McpMediaDigitQueue *queue, const McpDigit *digit)
{
    if (queue->n == MCP_MEDIA_DIGIT_QUEUE) {
        queue->dropped++;
        return FALSE;
    }
    queue->digits[(queue->first + queue->n++) % MCP_MEDIA_DIGIT_QUEUE] = *digit;
    return TRUE;
}

gboolean
mcp_media_digit_queue_take(McpMediaDigitQueue *queue, McpDigit *out_digit)
{
    if (queue->n == 0)
        return FALSE;
    *out_digit = queue->digits[queue->first];
    queue->first = (queue->first + 1) % MCP_MEDIA_DIGIT_QUEUE;
    queue->n--;
    return TRUE;
}

gboolean
mcp_media_digit_queue_matches(const McpMediaDigitQueue *queue, guint32 mask)
{
    for (guint i = 0; i < queue->n; i++) {
        const McpDigit *digit = &queue->digits[(queue->first + i) % MCP_MEDIA_DIGIT_QUEUE];
        gint event = mcp_media_digit_to_event(digit->digit);

        if (event >= 0 && (mask >> event & 1) != 0)
            return TRUE;
    }
    return FALSE;
}
