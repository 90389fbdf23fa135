/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/clock.h>
#include <mcp/json.h>
#include <mrcp_session/session.h>

G_BEGIN_DECLS

/** McpMrcpServer: a server as its section says; immutable. What is NULL or empty is any. */
typedef struct {
    const char *name;
    McpMrcpVersion version;
    const char *target;
    const char *const *languages; /* "en", "de-AT"; empty: all */
    const char *const *codecs;    /* empty: all of a leg */
    guint resources;              /* bit 1 << McpMrcpResource */
    guint weight;                 /* 1 …: so many turns of the sum of all */
    gboolean shared;
    gint64 connect_timeout;                  /* µs until a session is ready */
    gint64 timeout;                          /* µs for the answer to a request */
    McpTlsContext *tls;                      /* nullable */
    const char *paths[MCP_MRCP_N_RESOURCES]; /* nullable each: v1 */
    gint64 probe; /* µs between two questions whether it is there; 0: never asked */
} McpMrcpServer;

/**
 * McpMrcpPoolChanged: @server is asked again, or left alone from now on: @error (nullable) says
 * why. Any thread, no lock is held.
 */
typedef void (*McpMrcpPoolChanged)(const McpMrcpServer *server, const GError *error,
                                   gpointer user_data);

/** McpMrcpPoolConfig: servers, and when one of them is left alone. */
typedef struct {
    const McpMrcpServer *servers; /* copied, strings too */
    guint n_servers;
    guint failures;
    gint64 pause;
    gint64 longest;
    McpMrcpPoolChanged changed; /* nullable */
    gpointer user_data;         /* outlives the pool */
} McpMrcpPoolConfig;

/** McpMrcpPool: the servers, which take turns by their weights. Any thread; by reference. */
typedef struct _McpMrcpPool McpMrcpPool;

/** mcp_mrcp_pool_new: (transfer full). */
McpMrcpPool *mcp_mrcp_pool_new(const McpMrcpPoolConfig *config, McpClock *clock);
/** mcp_mrcp_pool_ref: (transfer full). */
McpMrcpPool *mcp_mrcp_pool_ref(McpMrcpPool *pool);
/** mcp_mrcp_pool_unref: drops a reference. */
void mcp_mrcp_pool_unref(McpMrcpPool *pool);
/** mcp_mrcp_pool_has: whether a server has @resource at all. */
gboolean mcp_mrcp_pool_has(McpMrcpPool *pool, McpMrcpResource resource);
/**
 * mcp_mrcp_pool_take: (transfer none) (nullable): the server whose turn it is, which is not in
 * @tried and may be asked now; how that ends has to be told. Lives as long as the pool.
 * @tried: McpMrcpServer that were asked already; the one returned is added
 */
const McpMrcpServer *mcp_mrcp_pool_take(McpMrcpPool *pool, McpMrcpResource resource,
                                        const char *language, GPtrArray *tried);
/** mcp_mrcp_pool_succeeded: it did what it is there for. */
void mcp_mrcp_pool_succeeded(McpMrcpPool *pool, const McpMrcpServer *server);
/** mcp_mrcp_pool_unknown: nobody waited for the end. */
void mcp_mrcp_pool_unknown(McpMrcpPool *pool, const McpMrcpServer *server);
/** mcp_mrcp_pool_failed: it failed with @error. */
void mcp_mrcp_pool_failed(McpMrcpPool *pool, const McpMrcpServer *server, const GError *error);
/** mcp_mrcp_pool_get: (transfer none) (nullable): the server at @index; NULL behind the last. */
const McpMrcpServer *mcp_mrcp_pool_get(McpMrcpPool *pool, guint index);
/** mcp_mrcp_pool_is_in_use: whether somebody has taken @server and not told yet how it ended. */
gboolean mcp_mrcp_pool_is_in_use(McpMrcpPool *pool, const McpMrcpServer *server);
/**
 * mcp_mrcp_pool_probed: @server has answered when asked whether it is there; or has not: @error
 * (nullable). Returns: µs after which it is to be asked again.
 */
gint64 mcp_mrcp_pool_probed(McpMrcpPool *pool, const McpMrcpServer *server, const GError *error);
/**
 * mcp_mrcp_server_open: (transfer full): a session with @server for one resource, as
 * mcp_mrcp_session_new().
 * @call_id: (nullable): of the call that it is for
 * @direction: of the audio, as we see it
 */
McpMrcpSession *mcp_mrcp_server_open(const McpMrcpServer *server, const McpMrcpServices *services,
                                     const char *call_id, McpMrcpResource resource,
                                     McpSdpDirection direction, McpMrcpSessionFunc func,
                                     gpointer user_data);
/** mcp_mrcp_pool_describe: adds an array "servers". */
void mcp_mrcp_pool_describe(McpMrcpPool *pool, McpJson *json);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMrcpPool, mcp_mrcp_pool_unref)

G_END_DECLS
