/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../worker/block_pool.h"

G_BEGIN_DECLS

#define MCP_MEDIA_JITTER_SLOTS 32
/** MCP_MEDIA_PAYLOAD_MAX: the longest payload taken; 60 ms of L16 at 16 kHz are 1,920 bytes. */
#define MCP_MEDIA_PAYLOAD_MAX 2048

/** McpMediaJitterPacket: a packet that waits; a block of the worker's pool. */
typedef struct {
    McpMediaLink link;
    guint32 sequence; /* extended */
    gint64 timestamp; /* extended */
    gint64 arrival;   /* monotonic µs */
    gsize length;
    gboolean is_noise; /* comfort noise, no audio */
    guint8 payload[MCP_MEDIA_PAYLOAD_MAX];
} McpMediaJitterPacket;

/**
 * McpMediaJitterBuffer: gives packets out in order. A packet that is next in turn leaves at once;
 * a gap is waited for as long as the measured jitter says. Used while somebody needs samples.
 */
typedef struct {
    McpMediaBlockPool *pool;
    McpMediaJitterPacket *slots[MCP_MEDIA_JITTER_SLOTS];
    gboolean started;
    guint32 next; /* extended sequence */
    guint held;
    gint64 delay; /* µs that a gap is waited for */
    guint64 too_late;
} McpMediaJitterBuffer;

/** mcp_media_jitter_buffer_init: @pool of blocks of sizeof(McpMediaJitterPacket). */
void mcp_media_jitter_buffer_init(McpMediaJitterBuffer *buffer, McpMediaBlockPool *pool);
/** mcp_media_jitter_buffer_clear: drops what waits. */
void mcp_media_jitter_buffer_clear(McpMediaJitterBuffer *buffer);
/** mcp_media_jitter_buffer_set_jitter: adapts the waiting time to a measured jitter in µs. */
void mcp_media_jitter_buffer_set_jitter(McpMediaJitterBuffer *buffer, gint64 jitter);
/** mcp_media_jitter_buffer_is_late: whether a packet's turn is over. */
gboolean mcp_media_jitter_buffer_is_late(const McpMediaJitterBuffer *buffer, guint32 sequence);
/**
 * mcp_media_jitter_buffer_put: FALSE when there is no room before older packets were taken out
 * (mcp_media_jitter_buffer_pop() with @force).
 */
gboolean mcp_media_jitter_buffer_put(McpMediaJitterBuffer *buffer, guint32 sequence,
                                     gint64 timestamp, gint64 arrival, const guint8 *payload,
                                     gsize length, gboolean is_noise);
/**
 * mcp_media_jitter_buffer_pop: (nullable) (transfer full): the next packet that may leave; given
 * back with mcp_media_block_pool_give().
 * @force: gaps are not waited for
 */
McpMediaJitterPacket *mcp_media_jitter_buffer_pop(McpMediaJitterBuffer *buffer, gint64 now,
                                                  gboolean force);

G_END_DECLS
