/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encoding beside the media worker when things go wrong: a pool that stalls or is full, a store
 * that fails, an end in the middle of a job. The encoder here writes down what it is given.
 */
#include "recorder/encode_queue.h"

#include "test_stream.h"
#include <mcp/error.h>
#include <string.h>

#define RATE 8000
#define FRAME 160
#define RING_FRAMES (RATE * 5 / 2)

typedef struct {
    McpPool *pool;
    McpClock *clock;
    TestStream *stream;
    McpMediaEncodeQueue *queue;
    gboolean finished;
    GMutex gate; /* held: the pool's only thread stands still */
} Case;

/* --- an encoder that writes the samples as they are --- */

static gint encoders;

static void
plain_take(McpMediaFileEncoder *self, const gint16 *samples, guint n, GByteArray *out)
{
    g_byte_array_append(out, (const guint8 *)samples, 2 * n);
}

static GBytes *
plain_finish(McpMediaFileEncoder *self, GByteArray *out)
{
    g_byte_array_append(out, (const guint8 *)"end.", 4);
    return g_bytes_new_static("HEAD", 4);
}

static void
plain_free(McpMediaFileEncoder *self)
{
    g_atomic_int_add(&encoders, -1);
    g_free(self);
}

static void
case_open(Case *test, guint queue)
{
    g_autoptr(GByteArray) head = g_byte_array_new();
    McpMediaFileEncoder *encoder = g_new0(McpMediaFileEncoder, 1);
    McpMediaEncodeParams params = {.rate = RATE, .channels = 1};

    memset(test, 0, sizeof *test);
    *encoder = (McpMediaFileEncoder){plain_take, plain_finish, plain_free};
    g_atomic_int_inc(&encoders);
    g_byte_array_append(head, (const guint8 *)"head", 4);
    g_mutex_init(&test->gate);
    test->pool = mcp_pool_new("compute", 1, queue);
    test->clock = mcp_clock_new_virtual();
    test->stream = test_stream_new();
    params.stream = MCP_STORE_STREAM(test->stream);
    params.pool = test->pool;
    params.clock = test->clock;
    test->queue = mcp_media_encode_queue_new(&params, encoder, head);
}

static void
case_close(Case *test)
{
    mcp_media_encode_queue_free(test->queue);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    /* Waits for a job that still runs; then nothing holds the stream or the encoder. */
    g_assert_finalize_object(test->pool);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    g_object_unref(test->clock);
    g_assert_finalize_object(test->stream);
    g_assert_cmpint(g_atomic_int_get(&encoders), ==, 0);
    g_mutex_clear(&test->gate);
}

static void
push(Case *test, guint frames, gint16 value)
{
    gint16 samples[FRAME];

    for (guint i = 0; i < FRAME; i++)
        samples[i] = value;
    for (guint i = 0; i < frames; i++)
        mcp_media_encode_queue_push(test->queue, samples, FRAME);
}

static void
note_finished(gpointer user_data)
{
    *(gboolean *)user_data = TRUE;
}

static void
finish(Case *test)
{
    gint64 deadline = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;

    mcp_media_encode_queue_finish(test->queue, note_finished, &test->finished);
    while (!test->finished && g_get_monotonic_time() < deadline) {
        g_main_context_iteration(NULL, FALSE);
        mcp_clock_advance(test->clock, 1000);
    }
    g_assert_true(test->finished);
}

/* Waits until @bytes are in the stream; time passes slowly, so that the next job begins. */
static void
wait_for(Case *test, gsize bytes)
{
    gint64 deadline = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;
    gsize length = 0;

    while (length < bytes && g_get_monotonic_time() < deadline) {
        g_autoptr(GByteArray) copy = test_stream_copy(test->stream);

        length = copy->len;
        mcp_clock_advance(test->clock, 100);
        g_main_context_iteration(NULL, FALSE);
    }
    g_assert_cmpuint(length, ==, bytes);
}

/* A job on the pool that lasts as long as the gate is closed. */
static void
stall_job(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    g_mutex_lock(data);
    g_mutex_unlock(data);
    g_task_return_boolean(task, TRUE);
}

static void
stall(Case *test)
{
    g_autoptr(GTask) task = g_task_new(NULL, NULL, NULL, NULL);

    g_task_set_task_data(task, &test->gate, NULL);
    mcp_pool_run(test->pool, task, stall_job);
}

/* Every quarter of a second what came is encoded, without waiting for the end. */
static void
test_drains(void)
{
    Case test;

    case_open(&test, 10);
    g_assert_cmpuint(test.stream->bytes->len, ==, 4);
    for (guint i = 1; i <= 4; i++) {
        push(&test, 12, (gint16)i);
        mcp_clock_advance(test.clock, 250000);
        wait_for(&test, 4 + (gsize)i * 12 * FRAME * 2);
        while (g_main_context_iteration(NULL, FALSE))
            continue;
    }
    push(&test, 3, 9);
    finish(&test);
    g_assert_cmpuint(test.stream->bytes->len, ==, 4 + (48 + 3) * FRAME * 2 + 4);
    g_assert_cmpmem(test.stream->bytes->data, 4, "HEAD", 4);
    g_assert_false(mcp_media_encode_queue_failed(test.queue));
    case_close(&test);
}

/* The pool stands still for 10 s: what found no room is silence of its length, in its place. */
static void
test_overflow(void)
{
    Case test;
    const gint16 *samples = NULL;
    const guint n = 500 * FRAME;

    case_open(&test, 10);
    g_mutex_lock(&test.gate);
    stall(&test);
    push(&test, 500, 7);
    g_assert_cmpuint(mcp_media_encode_queue_get_dropped(test.queue), ==, n - RING_FRAMES);
    mcp_clock_advance(test.clock, 250000);
    g_mutex_unlock(&test.gate);
    wait_for(&test, 4 + RING_FRAMES * 2);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    push(&test, 10, 8);
    finish(&test);
    g_assert_cmpuint(test.stream->bytes->len, ==, 4 + (n + 10 * FRAME) * 2 + 4);
    samples = (const gint16 *)(gpointer)(test.stream->bytes->data + 4);
    g_assert_cmpint(samples[RING_FRAMES - 1], ==, 7);
    g_assert_cmpint(samples[RING_FRAMES], ==, 0);
    g_assert_cmpint(samples[n - 1], ==, 0);
    g_assert_cmpint(samples[n], ==, 8);
    case_close(&test);
}

/* Also at the very end. */
static void
test_overflow_at_end(void)
{
    Case test;

    case_open(&test, 10);
    push(&test, 200, 7);
    finish(&test);
    g_assert_cmpuint(test.stream->bytes->len, ==, 4 + 200 * FRAME * 2 + 4);
    case_close(&test);
}

/* The pool takes no job: the end waits until it does. */
static void
test_full_pool(void)
{
    Case test;
    gint64 deadline = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;

    case_open(&test, 1);
    g_mutex_lock(&test.gate);
    stall(&test);
    while (mcp_pool_get_waiting(test.pool) > 0)
        g_thread_yield();
    stall(&test);
    push(&test, 10, 7);
    mcp_clock_advance(test.clock, 250000);
    mcp_media_encode_queue_finish(test.queue, note_finished, &test.finished);
    for (guint i = 0; i < 50; i++) {
        mcp_clock_advance(test.clock, 100000);
        while (g_main_context_iteration(NULL, FALSE))
            continue;
    }
    g_assert_false(test.finished);
    g_mutex_unlock(&test.gate);
    while (!test.finished && g_get_monotonic_time() < deadline) {
        /* The pool's thread lives in real time, the tries do not. */
        if (mcp_pool_get_waiting(test.pool) == 0)
            mcp_clock_advance(test.clock, 1000);
        g_main_context_iteration(NULL, FALSE);
    }
    g_assert_true(test.finished);
    g_assert_false(mcp_media_encode_queue_failed(test.queue));
    g_assert_cmpuint(test.stream->bytes->len, ==, 4 + 10 * FRAME * 2 + 4);
    case_close(&test);
}

static void
test_failing_store(void)
{
    Case test;

    case_open(&test, 10);
    test_stream_set_full(test.stream);
    push(&test, 10, 7);
    g_assert_false(mcp_media_encode_queue_failed(test.queue));
    finish(&test);
    g_assert_true(mcp_media_encode_queue_failed(test.queue));
    case_close(&test);
}

/* The stream is aborted once, and not while a job may append. */
static void
test_abort(void)
{
    Case test;
    gint64 deadline = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;

    case_open(&test, 10);
    mcp_media_encode_queue_abort(g_steal_pointer(&test.queue));
    g_assert_true(test.stream->aborted);
    case_close(&test);
    case_open(&test, 10);
    g_mutex_lock(&test.gate);
    stall(&test);
    push(&test, 10, 7);
    mcp_clock_advance(test.clock, 250000);
    while (g_main_context_iteration(NULL, FALSE))
        continue;
    mcp_media_encode_queue_abort(g_steal_pointer(&test.queue));
    g_assert_false(test.stream->aborted);
    g_mutex_unlock(&test.gate);
    while (!test.stream->aborted && g_get_monotonic_time() < deadline)
        g_main_context_iteration(NULL, FALSE);
    g_assert_true(test.stream->aborted);
    case_close(&test);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/encode-queue/drains", test_drains);
    g_test_add_func("/media/encode-queue/overflow", test_overflow);
    g_test_add_func("/media/encode-queue/overflow-at-end", test_overflow_at_end);
    g_test_add_func("/media/encode-queue/full-pool", test_full_pool);
    g_test_add_func("/media/encode-queue/failing-store", test_failing_store);
    g_test_add_func("/media/encode-queue/abort", test_abort);
    return g_test_run();
}
