/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "block_pool.h"
#include "pipe.h"
#include <gio/gio.h>
#include <mcp/load.h>
#include <mcp/metrics.h>

G_BEGIN_DECLS

/**
 * McpMediaWorker: one media thread. It sleeps on a timer of MCP_MEDIA_SLOT_US, then runs the
 * commands posted to it, reads the sockets that have something, and ticks the streams that are due.
 * Streams are spread over the slots of their period.
 */
typedef struct _McpMediaWorker McpMediaWorker;

/** MCP_MEDIA_SLOT_US: distance of two slots; every packet time is a multiple of it. */
#define MCP_MEDIA_SLOT_US 5000
/** MCP_MEDIA_SLOTS_MAX: the longest period of a stream in slots is one less. */
#define MCP_MEDIA_SLOTS_MAX 16

/** McpMediaSocket: which of a stream's sockets has something to read. */
typedef enum {
    MCP_MEDIA_SOCKET_RTP,
    MCP_MEDIA_SOCKET_RTCP,
} McpMediaSocket;

typedef struct _McpMediaTicked McpMediaTicked;

/** McpMediaTickedClass: what a worker does with a stream. Media worker. */
typedef struct {
    void (*tick)(McpMediaTicked *self, gint64 now);
    void (*receive)(McpMediaTicked *self, McpMediaSocket which, gint64 now);
    void (*shutdown)(McpMediaTicked *self, gint64 now); /* the worker ends; remove yourself */
} McpMediaTickedClass;

/** McpMediaTicked: base of a stream. All members belong to the worker once it is added. */
struct _McpMediaTicked {
    const McpMediaTickedClass *klass;
    McpMediaTicked *next, *previous;
    guint64 due;     /* slot of the next tick */
    guint period;    /* slots */
    guint64 skipped; /* ticks left out because the worker came a whole period late */
    gboolean added;
};

typedef struct _McpMediaCommand McpMediaCommand;

/** McpMediaCommand: base of what is posted to a worker. */
struct _McpMediaCommand {
    McpMediaLink link;
    void (*run)(McpMediaCommand *self, gint64 now); /* media worker */
    GDestroyNotify free;                            /* any thread, never the worker */
};

/** McpMediaWorkerRows: rows of the plugin's metrics table that a worker fills. */
typedef struct {
    guint lateness;
    guint load;
    guint skipped;
} McpMediaWorkerRows;

/**
 * mcp_media_worker_new: (transfer full): starts the thread.
 * @index: number of the worker, label of its metrics
 * @metrics: (nullable)
 * @rows: static
 */
McpMediaWorker *mcp_media_worker_new(guint index, McpMetrics *metrics,
                                     const McpMediaWorkerRows *rows, GError **error);
/** mcp_media_worker_ref: (transfer full). Any thread. */
McpMediaWorker *mcp_media_worker_ref(McpMediaWorker *worker);
/** mcp_media_worker_unref: Any thread but the worker's own. */
void mcp_media_worker_unref(McpMediaWorker *worker);
/** mcp_media_worker_stop: shuts all streams down and waits for the thread. */
void mcp_media_worker_stop(McpMediaWorker *worker);
/**
 * mcp_media_worker_post: (transfer full): @command runs within a slot; its memory is freed on a
 * later poster's thread. Commands run in the order of posting. Any thread, never blocks.
 */
void mcp_media_worker_post(McpMediaWorker *worker, McpMediaCommand *command);
/**
 * mcp_media_worker_tidy: frees the commands that have run, and what they hold, when there may be no
 * later poster. Any thread but the worker's own, never blocks.
 */
void mcp_media_worker_tidy(McpMediaWorker *worker);
/** mcp_media_worker_post_chain: several, @newest linked down to @oldest; for batch.h. */
void mcp_media_worker_post_chain(McpMediaWorker *worker, McpMediaLink *newest,
                                 McpMediaLink *oldest);
/** mcp_media_worker_get_streams: number of streams placed on the worker. Any thread. */
guint mcp_media_worker_get_streams(McpMediaWorker *worker);
/** mcp_media_worker_place: counts a stream that will be (@delta 1) or was (-1) on the worker. */
void mcp_media_worker_place(McpMediaWorker *worker, gint delta);
/** mcp_media_worker_set_loop: where it tells how busy and late it is. Any thread. */
void mcp_media_worker_set_loop(McpMediaWorker *worker, McpLoopLoad *loop);
/** mcp_media_worker_get_loop: (nullable): the same. Any thread. */
McpLoopLoad *mcp_media_worker_get_loop(McpMediaWorker *worker);
/** mcp_media_worker_is_late: whether its thread seems to be stuck: no new streams. Any thread. */
gboolean mcp_media_worker_is_late(McpMediaWorker *worker);
/** mcp_media_worker_get_load: share of time that the worker was busy in the last second, 0…1. */
double mcp_media_worker_get_load(McpMediaWorker *worker);

/** mcp_media_worker_add: from now on @ticked is ticked, in the least used phase. Media worker. */
void mcp_media_worker_add(McpMediaWorker *worker, McpMediaTicked *ticked, guint period);
/**
 * mcp_media_worker_advance: the next tick of @ticked comes in the next slot, or as soon as there is
 * a phase that has not much more than its share; the later ones a period apart from it. Nothing
 * where that is not sooner. Media worker.
 */
void mcp_media_worker_advance(McpMediaWorker *worker, McpMediaTicked *ticked);
/** mcp_media_worker_remove: not ticked any more. Media worker. */
void mcp_media_worker_remove(McpMediaWorker *worker, McpMediaTicked *ticked);
/** mcp_media_worker_set_period: from the next tick on. Media worker. */
void mcp_media_worker_set_period(McpMediaWorker *worker, McpMediaTicked *ticked, guint period);
/** mcp_media_worker_watch: @fd is read from now on. Media worker. */
gboolean mcp_media_worker_watch(McpMediaWorker *worker, McpMediaTicked *ticked, int fd,
                                McpMediaSocket which);
/** mcp_media_worker_unwatch: Media worker. */
void mcp_media_worker_unwatch(McpMediaWorker *worker, int fd);
/**
 * mcp_media_worker_wall_offset: µs to add to monotonic time for wall time; of the present slot.
 * Media worker.
 */
gint64 mcp_media_worker_wall_offset(McpMediaWorker *worker);
/** mcp_media_worker_get_slot: number of the present slot. Media worker. */
guint64 mcp_media_worker_get_slot(McpMediaWorker *worker);
/** mcp_media_worker_attach_pipe: @pipe is drained in each slot from now on. Media worker. */
void mcp_media_worker_attach_pipe(McpMediaWorker *worker, McpMediaPipe *pipe);
/** mcp_media_worker_detach_pipe: not any more; without it nothing happens. Media worker. */
void mcp_media_worker_detach_pipe(McpMediaWorker *worker, McpMediaPipe *pipe);
/** mcp_media_worker_get_events: (transfer none): pool of event blocks. Media worker takes. */
McpMediaBlockPool *mcp_media_worker_get_events(McpMediaWorker *worker);

/** mcp_media_worker_get_packets: (transfer none): blocks for packets that wait. Media worker. */
McpMediaBlockPool *mcp_media_worker_get_packets(McpMediaWorker *worker);

/** MCP_MEDIA_PACKET_SIZE: size of a block of mcp_media_worker_get_packets(). */
#define MCP_MEDIA_PACKET_SIZE 2112
/** MCP_MEDIA_EVENT_SIZE: size of a block of mcp_media_worker_get_events(). */
#define MCP_MEDIA_EVENT_SIZE 320

G_END_DECLS
