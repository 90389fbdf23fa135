/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The jitter buffer: order out of reordered packets, with a waiting time that follows the measured
 * jitter. Media worker.
 */
#include "jitter_buffer.h"

#include <string.h>

#define DELAY_MIN (40 * 1000)
#define DELAY_MAX (240 * 1000)
#define DELAY_START (80 * 1000)
/* Twice the mean deviation three times over covers all but stray packets. */
#define DELAY_JITTERS 6

void
mcp_media_jitter_buffer_init(McpMediaJitterBuffer *buffer, McpMediaBlockPool *pool)
{
    memset(buffer, 0, sizeof *buffer);
    buffer->pool = pool;
    buffer->delay = DELAY_START;
}

void
mcp_media_jitter_buffer_clear(McpMediaJitterBuffer *buffer)
{
    for (guint i = 0; i < MCP_MEDIA_JITTER_SLOTS; i++) {
        if (buffer->slots[i] != NULL)
            mcp_media_block_pool_give(buffer->pool, buffer->slots[i]);
        buffer->slots[i] = NULL;
    }
    buffer->started = FALSE;
    buffer->held = 0;
}

void
mcp_media_jitter_buffer_set_jitter(McpMediaJitterBuffer *buffer, gint64 jitter)
{
    buffer->delay = CLAMP(jitter * DELAY_JITTERS, DELAY_MIN, DELAY_MAX);
}

gboolean
mcp_media_jitter_buffer_is_late(const McpMediaJitterBuffer *buffer, guint32 sequence)
{
    return buffer->started && (gint32)(sequence - buffer->next) < 0;
}

gboolean
mcp_media_jitter_buffer_put(McpMediaJitterBuffer *buffer, guint32 sequence, gint64 timestamp,
                            gint64 arrival, const guint8 *payload, gsize length, gboolean is_noise)
{
    McpMediaJitterPacket **slot = &buffer->slots[sequence % MCP_MEDIA_JITTER_SLOTS];
    McpMediaJitterPacket *packet = NULL;

    if (!buffer->started) {
        buffer->started = TRUE;
        buffer->next = sequence;
    }
    if (mcp_media_jitter_buffer_is_late(buffer, sequence)) {
        buffer->too_late++;
        return TRUE;
    }
    if (sequence - buffer->next >= MCP_MEDIA_JITTER_SLOTS && buffer->held > 0)
        return FALSE;
    if (sequence - buffer->next >= MCP_MEDIA_JITTER_SLOTS)
        buffer->next = sequence;
    if (*slot != NULL || length > MCP_MEDIA_PAYLOAD_MAX)
        return TRUE;
    packet = mcp_media_block_pool_take(buffer->pool);
    packet->sequence = sequence;
    packet->timestamp = timestamp;
    packet->arrival = arrival;
    packet->length = length;
    packet->is_noise = is_noise;
    if (length > 0)
        memcpy(packet->payload, payload, length);
    *slot = packet;
    buffer->held++;
    return TRUE;
}

McpMediaJitterPacket *
mcp_media_jitter_buffer_pop(McpMediaJitterBuffer *buffer, gint64 now, gboolean force)
{
    McpMediaJitterPacket *packet = NULL;
    guint32 sequence = buffer->next;

    if (buffer->held == 0)
        return NULL;
    while (buffer->slots[sequence % MCP_MEDIA_JITTER_SLOTS] == NULL)
        sequence++;
    packet = buffer->slots[sequence % MCP_MEDIA_JITTER_SLOTS];
    if (sequence != buffer->next && !force && now - packet->arrival < buffer->delay)
        return NULL;
    buffer->slots[sequence % MCP_MEDIA_JITTER_SLOTS] = NULL;
    buffer->held--;
    buffer->next = sequence + 1;
    return packet;
}
