/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The jitter buffer: order out of disorder, gaps given up in time, and never more held than its
 * bounds allow.
 */
#include "rtp/jitter_buffer.h"

static McpMediaBlockPool pool;

static void
put(McpMediaJitterBuffer *buffer, guint32 sequence, gint64 now)
{
    guint8 payload = (guint8)sequence;

    if (!mcp_media_jitter_buffer_put(buffer, sequence, sequence * 160, now, &payload, 1, FALSE)) {
        McpMediaJitterPacket *packet = mcp_media_jitter_buffer_pop(buffer, now, TRUE);

        g_assert_nonnull(packet);
        mcp_media_block_pool_give(&pool, packet);
        put(buffer, sequence, now);
    }
}

/* -1: nothing may leave. */
static gint64
pop(McpMediaJitterBuffer *buffer, gint64 now, gboolean force)
{
    McpMediaJitterPacket *packet = mcp_media_jitter_buffer_pop(buffer, now, force);
    gint64 sequence = -1;

    if (packet == NULL)
        return -1;
    sequence = packet->sequence;
    mcp_media_block_pool_give(&pool, packet);
    return sequence;
}

static void
test_order(void)
{
    McpMediaJitterBuffer buffer;

    mcp_media_jitter_buffer_init(&buffer, &pool);
    put(&buffer, 10, 0);
    g_assert_cmpint(pop(&buffer, 0, FALSE), ==, 10);
    put(&buffer, 12, 20000);
    g_assert_cmpint(pop(&buffer, 20000, FALSE), ==, -1);
    put(&buffer, 11, 25000);
    put(&buffer, 11, 25000);
    g_assert_cmpint(pop(&buffer, 25000, FALSE), ==, 11);
    g_assert_cmpint(pop(&buffer, 25000, FALSE), ==, 12);
    g_assert_cmpint(pop(&buffer, 25000, FALSE), ==, -1);
    /* A packet whose turn is over is too late. */
    g_assert_true(mcp_media_jitter_buffer_is_late(&buffer, 12));
    g_assert_false(mcp_media_jitter_buffer_is_late(&buffer, 13));
    put(&buffer, 9, 26000);
    g_assert_cmpuint(buffer.too_late, ==, 1);
    /* A gap is given up after the waiting time, which follows the jitter. */
    put(&buffer, 15, 30000);
    g_assert_cmpint(pop(&buffer, 100000, FALSE), ==, -1);
    g_assert_cmpint(pop(&buffer, 120000, FALSE), ==, 15);
    mcp_media_jitter_buffer_set_jitter(&buffer, 30000);
    put(&buffer, 17, 130000);
    g_assert_cmpint(pop(&buffer, 250000, FALSE), ==, -1);
    g_assert_cmpint(pop(&buffer, 320000, FALSE), ==, 17);
    put(&buffer, 30, 0);
    g_assert_cmpint(pop(&buffer, 0, TRUE), ==, 30);
}

static void
test_bounds(void)
{
    McpMediaJitterBuffer buffer;

    mcp_media_jitter_buffer_init(&buffer, &pool);
    put(&buffer, 1, 0);
    g_assert_cmpint(pop(&buffer, 0, FALSE), ==, 1);
    for (guint i = 3; i < 200; i++)
        put(&buffer, i, 0);
    g_assert_cmpuint(buffer.held, <=, MCP_MEDIA_JITTER_SLOTS);
    put(&buffer, 1000000, 0);
    g_assert_cmpint(pop(&buffer, 0, TRUE), ==, 1000000);
    mcp_media_jitter_buffer_clear(&buffer);
}

/* Whatever comes, what leaves is in order. */
static void
test_random(void)
{
    McpMediaJitterBuffer buffer;
    gint64 last = -1;
    guint left = 0;

    mcp_media_jitter_buffer_init(&buffer, &pool);
    for (guint i = 0; i < 20000; i++) {
        gint64 now = (gint64)i * 20000;
        gint64 sequence = 0;

        if (i % 10 != 3)
            put(&buffer, i + 5 - (guint)g_random_int_range(0, 5), now);
        while ((sequence = pop(&buffer, now, FALSE)) >= 0) {
            g_assert_cmpint(sequence, >, last);
            last = sequence;
            left++;
        }
    }
    g_assert_cmpuint(left, >, 10000);
    mcp_media_jitter_buffer_clear(&buffer);
}

int
main(int argc, char **argv)
{
    gint result = 0;

    g_test_init(&argc, &argv, NULL);
    mcp_media_block_pool_init(&pool, sizeof(McpMediaJitterPacket), 8);
    g_test_add_func("/media/jitter-buffer/order", test_order);
    g_test_add_func("/media/jitter-buffer/bounds", test_bounds);
    g_test_add_func("/media/jitter-buffer/random", test_random);
    result = g_test_run();
    mcp_media_block_pool_clear(&pool);
    return result;
}
