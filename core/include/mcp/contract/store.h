/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * The store contract: named append-only objects, for recordings first of all. Names are object
 * names, never paths: letters, digits, "-", "_", "." and "/" between parts, no part beginning with
 * ".".
 */
#define MCP_CONTRACT_STORE "store"
#define MCP_CONTRACT_STORE_MAJOR 1
#define MCP_CONTRACT_STORE_MINOR 0

/** McpStorePolicy: whether a failing store ends the work that writes (required) or not. */
typedef enum {
    MCP_STORE_BEST_EFFORT,
    MCP_STORE_REQUIRED,
} McpStorePolicy;

#define MCP_TYPE_STORE_STREAM (mcp_store_stream_get_type())
G_DECLARE_INTERFACE(McpStoreStream, mcp_store_stream, MCP, STORE_STREAM, GObject)

/** McpStoreStreamInterface: members as the functions of the same names. */
struct _McpStoreStreamInterface {
    GTypeInterface parent_iface;
    gboolean (*append)(McpStoreStream *self, gconstpointer data, gsize length);
    void (*patch)(McpStoreStream *self, guint64 offset, gconstpointer data, gsize length);
    void (*commit_async)(McpStoreStream *self, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data);
    gboolean (*commit_finish)(McpStoreStream *self, GAsyncResult *result, GError **error);
    void (*abort)(McpStoreStream *self);
    const char *(*get_name)(McpStoreStream *self);
    guint64 (*get_length)(McpStoreStream *self);
};

/**
 * mcp_store_stream_append: takes bytes for the end of the object. Never blocks: the bytes go into a
 * bounded buffer that the store empties (at least once a second). One writer, any thread.
 * Returns: FALSE when the buffer is full or the store failed: the bytes are lost and counted.
 */
gboolean mcp_store_stream_append(McpStoreStream *stream, gconstpointer data, gsize length);
/**
 * mcp_store_stream_patch: overwrites bytes within the first 4 KiB (lengths in a header) at commit
 * time; ordered after all appends so far. Never blocks.
 */
void mcp_store_stream_patch(McpStoreStream *stream, guint64 offset, gconstpointer data,
                            gsize length);
/**
 * mcp_store_stream_commit_async: all written, then the object is complete; finishes on the
 * caller's context.
 */
void mcp_store_stream_commit_async(McpStoreStream *stream, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data);
/** mcp_store_stream_commit_finish: FALSE with the store's error (disk full …). */
gboolean mcp_store_stream_commit_finish(McpStoreStream *stream, GAsyncResult *result,
                                        GError **error);
/** mcp_store_stream_abort: drops the object. No further call is allowed but unref. */
void mcp_store_stream_abort(McpStoreStream *stream);
/** mcp_store_stream_get_name: object name. */
const char *mcp_store_stream_get_name(McpStoreStream *stream);
/** mcp_store_stream_get_length: bytes accepted so far. Any thread. */
guint64 mcp_store_stream_get_length(McpStoreStream *stream);

/** McpStoreObject: what is to be stored. */
typedef struct {
    const char *name;         /* object name; must not exist */
    const char *content_type; /* "audio/x-wav" */
    const char *call_id;      /* nullable */
    McpStorePolicy policy;
} McpStoreObject;

#define MCP_TYPE_STORE (mcp_store_get_type())
G_DECLARE_INTERFACE(McpStore, mcp_store, MCP, STORE, GObject)

/** McpStoreInterface: members as the functions of the same names. */
struct _McpStoreInterface {
    GTypeInterface parent_iface;
    McpStoreStream *(*open)(McpStore *self, const McpStoreObject *object, GError **error);
    void (*read_async)(McpStore *self, const char *name, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer user_data);
    GBytes *(*read_finish)(McpStore *self, GAsyncResult *result, GError **error);
};

/**
 * mcp_store_open: (transfer full): a stream at once; the file behind it is made in the background.
 * Any thread.
 */
McpStoreStream *mcp_store_open(McpStore *store, const McpStoreObject *object, GError **error);
/** mcp_store_read_async: reads a committed object as a whole. */
void mcp_store_read_async(McpStore *store, const char *name, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data);
/** mcp_store_read_finish: (transfer full): the bytes. */
GBytes *mcp_store_read_finish(McpStore *store, GAsyncResult *result, GError **error);

G_END_DECLS
