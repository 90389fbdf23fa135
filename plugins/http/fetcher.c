/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fetcher service: what all fetches of the process share. Called on any calling context; the
 * lock guards the configuration in force.
 */
#include "fetcher.h"

#include <mcp/error.h>

#include "fetch.h"

struct _McpHttpFetcher {
    GObject parent_instance;
    McpHttpFetcherDeps deps;
    McpHttpCache *cache;
    McpHttpDiskTier *disk_tier; /* nullable */
    McpHttpFlights *flights;
    McpHttpConnections *connections;
    McpHttpWires *wires;
    GMutex lock; /* guards config */
    McpHttpConfig *config;
    gint closed; /* atomic */
};

static void mcp_http_fetcher_iface_init(McpFetcherInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpHttpFetcher, mcp_http_fetcher, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_FETCHER, mcp_http_fetcher_iface_init))

McpHttpFetcher *
mcp_http_fetcher_new(const McpHttpFetcherDeps *deps, McpHttpConfig *config)
{
    McpHttpFetcher *self = g_object_new(MCP_TYPE_HTTP_FETCHER, NULL);

    self->deps = *deps;
    g_object_ref(deps->clock);
    g_object_ref(deps->disk);
    if (deps->events != NULL)
        g_object_ref(deps->events);
    self->config = mcp_http_config_ref(config);
    self->cache = mcp_http_cache_new(config->cache_memory);
    if (config->cache_dir != NULL)
        self->disk_tier =
            mcp_http_disk_tier_new(config->cache_dir, config->cache_disk, deps->disk, deps->clock);
    self->flights = mcp_http_flights_new();
    self->connections = mcp_http_connections_new(config);
    self->wires = mcp_http_wires_new(config, deps->clock);
    return self;
}

void
mcp_http_fetcher_reconfigure(McpHttpFetcher *self, McpHttpConfig *config)
{
    g_autoptr(McpHttpConfig) old = NULL;

    g_mutex_lock(&self->lock);
    old = self->config;
    self->config = mcp_http_config_ref(config);
    g_mutex_unlock(&self->lock);
    mcp_http_cache_set_limit(self->cache, config->cache_memory);
    mcp_http_connections_configure(self->connections, config);
    mcp_http_wires_configure(self->wires, config);
}

void
mcp_http_fetcher_close(McpHttpFetcher *self, GSourceFunc done, gpointer user_data)
{
    g_atomic_int_set(&self->closed, 1);
    mcp_http_wires_close(self->wires, done, user_data);
}

const McpHttpFetcherDeps *
mcp_http_fetcher_get_deps(McpHttpFetcher *self)
{
    return &self->deps;
}

McpHttpCache *
mcp_http_fetcher_get_cache(McpHttpFetcher *self)
{
    return self->cache;
}

McpHttpDiskTier *
mcp_http_fetcher_get_disk_tier(McpHttpFetcher *self)
{
    return self->disk_tier;
}

McpHttpFlights *
mcp_http_fetcher_get_flights(McpHttpFetcher *self)
{
    return self->flights;
}

McpHttpConnections *
mcp_http_fetcher_get_connections(McpHttpFetcher *self)
{
    return self->connections;
}

McpHttpWires *
mcp_http_fetcher_get_wires(McpHttpFetcher *self)
{
    return self->wires;
}

McpHttpConfig *
mcp_http_fetcher_get_config(McpHttpFetcher *self)
{
    McpHttpConfig *config = NULL;

    g_mutex_lock(&self->lock);
    config = mcp_http_config_ref(self->config);
    g_mutex_unlock(&self->lock);
    return config;
}

gboolean
mcp_http_fetcher_is_closed(McpHttpFetcher *self)
{
    return g_atomic_int_get(&self->closed) != 0;
}

static void
mcp_http_fetcher_fetch_async(McpFetcher *fetcher, const McpFetchRequest *request,
                             GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data)
{
    mcp_http_fetch_start(MCP_HTTP_FETCHER(fetcher), request, cancellable, callback, user_data);
}

static McpFetchResponse *
mcp_http_fetcher_fetch_finish(McpFetcher *fetcher, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

static void
mcp_http_fetcher_iface_init(McpFetcherInterface *iface)
{
    iface->fetch_async = mcp_http_fetcher_fetch_async;
    iface->fetch_finish = mcp_http_fetcher_fetch_finish;
}

static void
mcp_http_fetcher_finalize(GObject *object)
{
    McpHttpFetcher *self = MCP_HTTP_FETCHER(object);

    mcp_http_wires_unref(self->wires);
    mcp_http_connections_unref(self->connections);
    mcp_http_flights_free(self->flights);
    g_clear_pointer(&self->disk_tier, mcp_http_disk_tier_unref);
    mcp_http_cache_free(self->cache);
    mcp_http_config_unref(self->config);
    g_clear_object(&self->deps.events);
    g_object_unref(self->deps.disk);
    g_object_unref(self->deps.clock);
    g_mutex_clear(&self->lock);
    G_OBJECT_CLASS(mcp_http_fetcher_parent_class)->finalize(object);
}

static void
mcp_http_fetcher_class_init(McpHttpFetcherClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_http_fetcher_finalize;
}

static void
mcp_http_fetcher_init(McpHttpFetcher *self)
{
    g_mutex_init(&self->lock);
}
