/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ring of samples: order, what finds no room, and two threads at it.
 */
#include "recorder/sample_ring.h"

#include <string.h>

#define CHANNELS 2
#define BLOCK 160
#define MANY 2000000

/* Frames @first to @first + @n - 1: each has its number in both channels. */
static void
push(McpMediaSampleRing *ring, guint first, guint n)
{
    gint16 samples[BLOCK * 4 * CHANNELS];

    for (guint i = 0; i < n; i++) {
        samples[2 * i] = (gint16)(first + i);
        samples[2 * i + 1] = (gint16) ~(first + i);
    }
    mcp_media_sample_ring_push(ring, samples, n);
}

static void
test_order(void)
{
    McpMediaSampleRing *ring = mcp_media_sample_ring_new(CHANNELS, BLOCK, 4);
    McpMediaSampleRun run;
    guint n = 0;

    g_assert_false(mcp_media_sample_ring_peek(ring, &run));
    push(ring, 0, 400);
    while (mcp_media_sample_ring_peek(ring, &run)) {
        g_assert_cmpuint(run.gap, ==, 0);
        for (guint i = 0; i < run.n; i++) {
            g_assert_cmpint(run.samples[2 * i], ==, (gint16)(n + i));
            g_assert_cmpint(run.samples[2 * i + 1], ==, (gint16) ~(n + i));
        }
        n += run.n;
        mcp_media_sample_ring_next(ring);
    }
    g_assert_cmpuint(n, ==, 400);
    g_assert_cmpuint(mcp_media_sample_ring_get_dropped(ring), ==, 0);
    mcp_media_sample_ring_free(ring);
}

/* What finds no room is a gap of its length, in its place. */
static void
test_full(void)
{
    McpMediaSampleRing *ring = mcp_media_sample_ring_new(CHANNELS, BLOCK, 2);
    McpMediaSampleRun run;

    push(ring, 0, BLOCK * 2 + 30);
    push(ring, 1000, BLOCK);
    g_assert_cmpuint(mcp_media_sample_ring_get_dropped(ring), ==, BLOCK + 30);
    g_assert_true(mcp_media_sample_ring_peek(ring, &run));
    mcp_media_sample_ring_next(ring);
    push(ring, 2000, 10);
    g_assert_true(mcp_media_sample_ring_peek(ring, &run));
    g_assert_cmpuint(run.gap, ==, 0);
    g_assert_cmpint(run.samples[0], ==, BLOCK);
    mcp_media_sample_ring_next(ring);
    g_assert_true(mcp_media_sample_ring_peek(ring, &run));
    g_assert_cmpuint(run.gap, ==, BLOCK + 30);
    g_assert_cmpuint(run.n, ==, 10);
    g_assert_cmpint(run.samples[0], ==, 2000);
    push(ring, 0, BLOCK);
    push(ring, 0, 7);
    g_assert_cmpuint(mcp_media_sample_ring_get_rest(ring), ==, 7);
    mcp_media_sample_ring_free(ring);
}

static gpointer
write_many(gpointer data)
{
    for (guint i = 0; i < MANY; i += BLOCK)
        push(data, i, BLOCK);
    return NULL;
}

static void
test_threads(void)
{
    McpMediaSampleRing *ring = mcp_media_sample_ring_new(CHANNELS, BLOCK, 8);
    GThread *writer = g_thread_new("writer", write_many, ring);
    guint64 n = 0;
    guint64 rest = 0;

    while (n + rest < MANY) {
        McpMediaSampleRun run;

        if (!mcp_media_sample_ring_peek(ring, &run)) {
            /* The last ones may have found no room; then nothing more comes. */
            if (n + mcp_media_sample_ring_get_dropped(ring) >= MANY && writer != NULL) {
                g_thread_join(g_steal_pointer(&writer));
                rest = mcp_media_sample_ring_get_rest(ring);
            }
            g_thread_yield();
            continue;
        }
        n += run.gap;
        for (guint i = 0; i < run.n; i++, n++) {
            g_assert_cmpint(run.samples[2 * i], ==, (gint16)n);
            g_assert_cmpint(run.samples[2 * i + 1], ==, (gint16)~n);
        }
        mcp_media_sample_ring_next(ring);
    }
    if (writer != NULL)
        g_thread_join(writer);
    g_assert_cmpuint(n + rest, ==, MANY);
    mcp_media_sample_ring_free(ring);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/sample-ring/order", test_order);
    g_test_add_func("/media/sample-ring/full", test_full);
    g_test_add_func("/media/sample-ring/threads", test_threads);
    return g_test_run();
}
