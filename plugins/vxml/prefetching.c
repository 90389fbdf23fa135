/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fetches ahead what a page will need (VoiceXML 2.0 §6.1.1, fetchhint), while its caller listens or
 * thinks: into the fetcher's cache, two at a time, each URL once a session, none that the session
 * has fetched already. Ends with the session. On the call's shard.
 */
#include "session_loading.h"

#define AT_ONCE 2
#define KNOWN_MAX 512

struct _McpVxmlPrefetcher {
    GHashTable *known; /* char*: URLs that were asked for, by whomever */
    GQueue waiting;    /* Item */
    guint running;
    GCancellable *cancellable;
};

typedef struct {
    McpVxmlResource resource;
    McpVxmlFetch fetch;
} Item;

static const char *const accepts[] = {
    [MCP_VXML_RESOURCE_DOCUMENT] = MCP_VXML_ACCEPT_PAGE,
    [MCP_VXML_RESOURCE_AUDIO] = MCP_VXML_ACCEPT_AUDIO,
    [MCP_VXML_RESOURCE_SCRIPT] = MCP_VXML_ACCEPT_SCRIPT,
    [MCP_VXML_RESOURCE_GRAMMAR] = NULL,
};

static void
item_free(gpointer data)
{
    Item *item = data;

    mcp_vxml_fetch_clear(&item->fetch);
    g_free(item);
}

void
mcp_vxml_prefetcher_open(McpVxmlSession *session)
{
    McpVxmlPrefetcher *self;

    if (session->prefetcher != NULL || session->services.fetcher == NULL || session->ended)
        return;
    self = g_new0(McpVxmlPrefetcher, 1);
    self->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self->cancellable = g_cancellable_new();
    session->prefetcher = self;
}

void
mcp_vxml_prefetcher_free(McpVxmlSession *session)
{
    McpVxmlPrefetcher *self = g_steal_pointer(&session->prefetcher);

    if (self == NULL)
        return;
    g_cancellable_cancel(self->cancellable);
    g_object_unref(self->cancellable);
    g_queue_clear_full(&self->waiting, item_free);
    g_hash_table_unref(self->known);
    g_free(self);
}

/* FALSE when it is known already, or too much is. */
static gboolean
note(McpVxmlPrefetcher *self, const char *url)
{
    return g_hash_table_size(self->known) < KNOWN_MAX &&
           g_hash_table_add(self->known, g_strdup(url));
}

void
mcp_vxml_prefetcher_note(McpVxmlSession *session, const char *url)
{
    if (session->prefetcher != NULL)
        note(session->prefetcher, url);
}

static void start_some(McpVxmlSession *session);

/* What came of it is in the cache, or is found out when it is needed. */
static void
on_fetched(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(McpVxmlSession) session = user_data;
    g_autoptr(McpFetchResponse) response =
        mcp_fetcher_fetch_finish(MCP_FETCHER(source), result, NULL);

    if (session->prefetcher == NULL)
        return;
    session->prefetcher->running--;
    start_some(session);
}

static void
start_some(McpVxmlSession *session)
{
    McpVxmlPrefetcher *self = session->prefetcher;

    while (self->running < AT_ONCE && !g_queue_is_empty(&self->waiting)) {
        Item *item = g_queue_pop_head(&self->waiting);
        McpFetchRequest request = {
            .url = item->fetch.url,
            .method = "GET",
            .accept = accepts[item->resource],
            .timeout = item->fetch.timeout,
            .max_age = item->fetch.max_age,
            .max_stale = item->fetch.max_stale,
            .call = session->call,
        };

        self->running++;
        mcp_fetcher_fetch_async(session->services.fetcher, &request, self->cancellable, on_fetched,
                                g_object_ref(session));
        item_free(item);
    }
}

void
mcp_vxml_prefetch(McpVxmlSession *session, GPtrArray *list)
{
    McpVxmlPrefetcher *self = session->prefetcher;

    if (self == NULL)
        return;
    for (guint i = 0; i < list->len; i++) {
        const McpVxmlPrefetch *prefetch = list->pdata[i];
        Item *item;

        if (!note(self, prefetch->fetch.url))
            continue;
        item = g_new0(Item, 1);
        item->resource = prefetch->resource;
        item->fetch = prefetch->fetch;
        item->fetch.url = g_strdup(prefetch->fetch.url);
        g_queue_push_tail(&self->waiting, item);
    }
    start_some(session);
}
