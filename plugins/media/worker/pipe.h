/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <stdatomic.h>

G_BEGIN_DECLS

/**
 * McpMediaPipe: records from one thread to another, in order, without a lock: a ring of bytes with
 * one writer and one reader. What finds no room is dropped and counted; nobody waits.
 */
typedef struct _McpMediaPipe McpMediaPipe;

/** McpMediaPipeFunc: takes one record, aligned to 8. On the reader's thread. */
typedef void (*McpMediaPipeFunc)(gpointer owner, gconstpointer record, gsize length, gint64 now);

struct _McpMediaPipe {
    McpMediaPipe *next;    /* of the reader's list */
    gboolean attached;     /* reader's */
    McpMediaPipeFunc func; /* reader's */
    gpointer owner;
    guint size; /* power of two */
    guint8 *data;
    _Atomic guint head; /* bytes ever written */
    _Atomic guint tail; /* bytes ever read */
    _Atomic guint64 dropped;
    guint reserved; /* writer's: bytes of the record being written */
    guint peeked;   /* reader's: bytes up to behind the record peeked at */
};

/**
 * mcp_media_pipe_new: (transfer full): room for @size bytes, a power of two; records longer than
 * half of that may find no room. Any thread.
 */
McpMediaPipe *mcp_media_pipe_new(guint size, McpMediaPipeFunc func, gpointer owner);
/** mcp_media_pipe_free: when neither side uses it any more. */
void mcp_media_pipe_free(McpMediaPipe *pipe);
/** mcp_media_pipe_reserve: (nullable): room for a record of @length bytes; NULL: it is dropped. */
gpointer mcp_media_pipe_reserve(McpMediaPipe *pipe, gsize length);
/** mcp_media_pipe_commit: the reserved record can be read. */
void mcp_media_pipe_commit(McpMediaPipe *pipe);
/** mcp_media_pipe_drain: hands all records to the reader's function. */
void mcp_media_pipe_drain(McpMediaPipe *pipe, gint64 now);
/** mcp_media_pipe_peek: (nullable): the oldest record; until mcp_media_pipe_next(). The reader. */
gconstpointer mcp_media_pipe_peek(McpMediaPipe *pipe, gsize *out_length);
/** mcp_media_pipe_next: done with the record that was peeked at, if one was. The reader. */
void mcp_media_pipe_next(McpMediaPipe *pipe);
/** mcp_media_pipe_get_dropped: records dropped so far. Any thread. */
guint64 mcp_media_pipe_get_dropped(McpMediaPipe *pipe);

G_END_DECLS
