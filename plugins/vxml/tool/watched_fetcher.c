/* SPDX-License-Identifier: Apache-2.0 */
/* Counts, measures and remembers; all else is the inner fetcher's. Main context. */
#include "watched_fetcher.h"

struct _McpVxmlWatchedFetcher {
    GObject parent_instance;
    McpFetcher *inner;
    McpClock *clock;
    GHashTable *urls; /* char* content id → char* URL */
    McpVxmlFetchedFunc func;
    gpointer user_data;
    guint pending;
};

static void fetcher_iface_init(McpFetcherInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpVxmlWatchedFetcher, mcp_vxml_watched_fetcher, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_FETCHER, fetcher_iface_init))

typedef struct {
    char *url;
    gint64 start;
} Watch;

static void
watch_free(gpointer data)
{
    Watch *watch = data;

    g_free(watch->url);
    g_free(watch);
}

static void
on_fetched(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GTask) task = user_data;
    McpVxmlWatchedFetcher *self = g_task_get_source_object(task);
    Watch *watch = g_task_get_task_data(task);
    g_autoptr(McpFetchResponse) response = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *outcome = NULL;

    self->pending--;
    response = mcp_fetcher_fetch_finish(MCP_FETCHER(source), result, &error);
    if (response != NULL) {
        const McpFetchFacts *facts = mcp_fetch_response_get_facts(response);

        outcome = g_strdup_printf("%u, %" G_GSIZE_FORMAT " bytes%s", facts->status,
                                  g_bytes_get_size(facts->body),
                                  facts->from_cache ? " from the cache" : "");
        if (facts->content_id != NULL)
            g_hash_table_replace(self->urls, g_strdup(facts->content_id), g_strdup(facts->url));
    }
    self->func(watch->url, response != NULL ? outcome : error->message,
               mcp_clock_now(self->clock) - watch->start, self->user_data);
    if (response != NULL)
        g_task_return_pointer(task, g_steal_pointer(&response),
                              (GDestroyNotify)mcp_fetch_response_unref);
    else
        g_task_return_error(task, g_steal_pointer(&error));
}

static void
fetch_async(McpFetcher *fetcher, const McpFetchRequest *request, GCancellable *cancellable,
            GAsyncReadyCallback callback, gpointer user_data)
{
    McpVxmlWatchedFetcher *self = MCP_VXML_WATCHED_FETCHER(fetcher);
    GTask *task = g_task_new(self, cancellable, callback, user_data);
    Watch *watch = g_new0(Watch, 1);

    watch->url = request->base != NULL ? g_uri_resolve_relative(request->base, request->url,
                                                                G_URI_FLAGS_PARSE_RELAXED, NULL)
                                       : NULL;
    if (watch->url == NULL)
        watch->url = g_strdup(request->url);
    watch->start = mcp_clock_now(self->clock);
    g_task_set_task_data(task, watch, watch_free);
    self->pending++;
    mcp_fetcher_fetch_async(self->inner, request, cancellable, on_fetched, task);
}

static McpFetchResponse *
fetch_finish(McpFetcher *fetcher, GAsyncResult *result, GError **error)
{
    return g_task_propagate_pointer(G_TASK(result), error);
}

static void
fetcher_iface_init(McpFetcherInterface *iface)
{
    iface->fetch_async = fetch_async;
    iface->fetch_finish = fetch_finish;
}

static void
finalize(GObject *object)
{
    McpVxmlWatchedFetcher *self = MCP_VXML_WATCHED_FETCHER(object);

    g_object_unref(self->inner);
    g_object_unref(self->clock);
    g_hash_table_unref(self->urls);
    G_OBJECT_CLASS(mcp_vxml_watched_fetcher_parent_class)->finalize(object);
}

static void
mcp_vxml_watched_fetcher_class_init(McpVxmlWatchedFetcherClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = finalize;
}

static void
mcp_vxml_watched_fetcher_init(McpVxmlWatchedFetcher *self)
{
    self->urls = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

McpVxmlWatchedFetcher *
mcp_vxml_watched_fetcher_new(McpFetcher *inner, McpClock *clock, McpVxmlFetchedFunc func,
                             gpointer user_data)
{
    McpVxmlWatchedFetcher *self = g_object_new(MCP_TYPE_VXML_WATCHED_FETCHER, NULL);

    self->inner = g_object_ref(inner);
    self->clock = g_object_ref(clock);
    self->func = func;
    self->user_data = user_data;
    return self;
}

guint
mcp_vxml_watched_fetcher_get_pending(McpVxmlWatchedFetcher *self)
{
    return self->pending;
}

const char *
mcp_vxml_watched_fetcher_find_url(McpVxmlWatchedFetcher *self, const char *content_id)
{
    return g_hash_table_lookup(self->urls, content_id);
}
