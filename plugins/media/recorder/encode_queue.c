/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encoding beside the media worker. What a job uses is shared with it by counted references, and
 * used by one job at a time; the rest is the context's.
 */
#include "encode_queue.h"

#include "sample_ring.h"
#include <mcp/ledger.h>

MCP_LEDGER_DEFINE(McpMediaEncodeQueue);

#define DRAIN_US (250 * 1000)
/* The pool is full: the end of a recording is tried again, for 30 s in all. */
#define RETRY_US (100 * 1000)
#define RETRIES 300
/* Frames of a block, as the recorder pushes them; the ring holds 2.5 s, ten jobs' worth. */
#define BLOCK 160
#define RING_MS 2500
#define SILENCE 480

typedef struct {
    gint refs; /* atomic */
    McpStoreStream *stream;
    McpMediaFileEncoder *encoder;
    McpMediaSampleRing *ring;
    guint channels;
    gint failed;        /* atomic */
    gboolean abandoned; /* the context's: the stream is to be aborted when the job is done */
    GByteArray *out;
} Shared;

struct _McpMediaEncodeQueue {
    Shared *shared;
    McpPool *pool;
    McpClock *clock;
    McpTimer *timer; /* nullable */
    GCancellable *gone;
    gboolean busy;
    gboolean finishing;
    guint refusals;
    void (*func)(gpointer user_data);
    gpointer user_data;
};

static Shared *
shared_ref(Shared *shared)
{
    g_atomic_int_inc(&shared->refs);
    return shared;
}

static void
shared_unref(gpointer data)
{
    Shared *shared = data;

    if (!g_atomic_int_dec_and_test(&shared->refs))
        return;
    shared->encoder->free(shared->encoder);
    mcp_media_sample_ring_free(shared->ring);
    g_byte_array_unref(shared->out);
    g_object_unref(shared->stream);
    g_free(shared);
}

/* --- compute pool --- */

static void
encode_silence(Shared *shared, guint64 n)
{
    static const gint16 zeros[SILENCE * 2];

    while (n > 0) {
        guint part = (guint)MIN(n, SILENCE);

        shared->encoder->take(shared->encoder, zeros, part, shared->out);
        n -= part;
    }
}

/* What is done goes to the store in whole pages and frames. */
static void
append(Shared *shared)
{
    if (shared->out->len > 0 &&
        !mcp_store_stream_append(shared->stream, shared->out->data, shared->out->len))
        g_atomic_int_set(&shared->failed, TRUE);
    g_byte_array_set_size(shared->out, 0);
}

static void
drain(Shared *shared)
{
    McpMediaSampleRun run;

    while (mcp_media_sample_ring_peek(shared->ring, &run)) {
        encode_silence(shared, run.gap);
        shared->encoder->take(shared->encoder, run.samples, run.n, shared->out);
        mcp_media_sample_ring_next(shared->ring);
    }
}

static void
encode_job(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    drain(data);
    append(data);
    g_task_return_boolean(task, TRUE);
}

static void
finish_job(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    Shared *shared = data;
    g_autoptr(GBytes) head = NULL;

    drain(shared);
    encode_silence(shared, mcp_media_sample_ring_get_rest(shared->ring));
    head = shared->encoder->finish(shared->encoder, shared->out);
    append(shared);
    /* A store that failed may have taken not even the beginning. */
    if (head != NULL && mcp_store_stream_get_length(shared->stream) >= g_bytes_get_size(head))
        mcp_store_stream_patch(shared->stream, 0, g_bytes_get_data(head, NULL),
                               g_bytes_get_size(head));
    g_task_return_boolean(task, TRUE);
}

/* --- the leg's context --- */

static void start_job(McpMediaEncodeQueue *self);

static void
on_timer(gpointer user_data)
{
    McpMediaEncodeQueue *self = user_data;

    mcp_timer_clear(&self->timer);
    start_job(self);
}

static void
start_timer(McpMediaEncodeQueue *self, gint64 delay)
{
    mcp_timer_clear(&self->timer);
    self->timer = mcp_clock_after(self->clock, NULL, delay, on_timer, self);
}

static void
finished(McpMediaEncodeQueue *self)
{
    void (*func)(gpointer user_data) = self->func;

    self->func = NULL;
    /* It may free the queue. */
    if (func != NULL)
        func(self->user_data);
}

/* TRUE: the queue is gone. */
static gboolean
is_gone(GTask *task)
{
    Shared *shared = g_task_get_task_data(task);

    if (!g_cancellable_is_cancelled(g_task_get_cancellable(task)))
        return FALSE;
    if (shared->abandoned)
        mcp_store_stream_abort(shared->stream);
    return TRUE;
}

static void
on_drained(GObject *source, GAsyncResult *result, gpointer user_data)
{
    McpMediaEncodeQueue *self = user_data;

    if (is_gone(G_TASK(result)))
        return;
    self->busy = FALSE;
    /* A full pool is no harm: the ring holds what the next job will take. */
    if (self->finishing)
        start_job(self);
    else
        start_timer(self, DRAIN_US);
}

static void
on_finished(GObject *source, GAsyncResult *result, gpointer user_data)
{
    McpMediaEncodeQueue *self = user_data;

    if (is_gone(G_TASK(result)))
        return;
    self->busy = FALSE;
    if (g_task_propagate_boolean(G_TASK(result), NULL)) {
        finished(self);
    } else if (++self->refusals < RETRIES) {
        start_timer(self, RETRY_US);
    } else {
        g_atomic_int_set(&self->shared->failed, TRUE);
        finished(self);
    }
}

static void
start_job(McpMediaEncodeQueue *self)
{
    g_autoptr(GTask) task = NULL;

    if (self->busy)
        return;
    self->busy = TRUE;
    mcp_timer_clear(&self->timer);
    task = g_task_new(NULL, self->gone, self->finishing ? on_finished : on_drained, self);
    /* A job that has begun goes on, and lets go of its share. */
    g_task_set_check_cancellable(task, FALSE);
    g_task_set_task_data(task, shared_ref(self->shared), shared_unref);
    mcp_pool_run(self->pool, task, self->finishing ? finish_job : encode_job);
}

McpMediaEncodeQueue *
mcp_media_encode_queue_new(const McpMediaEncodeParams *params, McpMediaFileEncoder *encoder,
                           const GByteArray *head)
{
    McpMediaEncodeQueue *self = g_new0(McpMediaEncodeQueue, 1);
    Shared *shared = g_new0(Shared, 1);

    MCP_LEDGER_CREATED(McpMediaEncodeQueue);
    shared->refs = 1;
    shared->stream = g_object_ref(params->stream);
    shared->encoder = encoder;
    shared->channels = params->channels;
    shared->ring =
        mcp_media_sample_ring_new(params->channels, BLOCK, params->rate * RING_MS / 1000 / BLOCK);
    shared->out = g_byte_array_new();
    if (head != NULL)
        g_byte_array_append(shared->out, head->data, head->len);
    self->shared = shared;
    self->pool = g_object_ref(params->pool);
    self->clock = g_object_ref(params->clock);
    self->gone = g_cancellable_new();
    append(shared);
    start_timer(self, DRAIN_US);
    return self;
}

void
mcp_media_encode_queue_free(McpMediaEncodeQueue *queue)
{
    if (queue == NULL)
        return;
    g_cancellable_cancel(queue->gone);
    g_object_unref(queue->gone);
    mcp_timer_clear(&queue->timer);
    shared_unref(queue->shared);
    g_object_unref(queue->pool);
    g_object_unref(queue->clock);
    g_free(queue);
    MCP_LEDGER_FINALIZED(McpMediaEncodeQueue);
}

void
mcp_media_encode_queue_abort(McpMediaEncodeQueue *queue)
{
    queue->shared->abandoned = queue->busy;
    if (!queue->busy)
        mcp_store_stream_abort(queue->shared->stream);
    mcp_media_encode_queue_free(queue);
}

void
mcp_media_encode_queue_push(McpMediaEncodeQueue *queue, const gint16 *samples, guint n)
{
    mcp_media_sample_ring_push(queue->shared->ring, samples, n);
}

gboolean
mcp_media_encode_queue_failed(McpMediaEncodeQueue *queue)
{
    return g_atomic_int_get(&queue->shared->failed);
}

guint64
mcp_media_encode_queue_get_dropped(McpMediaEncodeQueue *queue)
{
    return mcp_media_sample_ring_get_dropped(queue->shared->ring);
}

void
mcp_media_encode_queue_finish(McpMediaEncodeQueue *queue, void (*func)(gpointer user_data),
                              gpointer user_data)
{
    queue->func = func;
    queue->user_data = user_data;
    queue->finishing = TRUE;
    start_job(queue);
}
