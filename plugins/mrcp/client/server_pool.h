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
    gint64 connect_timeout; /* µs until a session is ready */
    gint64 timeout;         /* µs for the answer to a request */
    McpTlsContext *tls;     /* nullable */
} McpMrcpServer;

/** McpMrcpPoolConfig: servers, and when one of them is left alone. */
typedef struct {
    const McpMrcpServer *servers; /* copied, strings too */
    guint n_servers;
    guint failures;
    gint64 pause;
    gint64 longest;
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
/** mcp_mrcp_pool_describe: adds an array "servers". */
void mcp_mrcp_pool_describe(McpMrcpPool *pool, McpJson *json);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMrcpPool, mcp_mrcp_pool_unref)

G_END_DECLS
