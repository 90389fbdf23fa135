/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One watcher of a set. Calls go through a source on the watcher's context; the data of a watch is
 * destroyed there as well, with the last of its sources. Any thread.
 */
#include "watch.h"

#include <string.h>

struct _McpCredentialWatch {
    gatomicrefcount refs;
    gint alive; /* atomic */
    guint id;
    char *name;
    GMainContext *context;
    McpCredentialsFunc func;
    gpointer user_data;
    GDestroyNotify destroy;
};

typedef struct {
    McpCredentialWatch *watch;
    McpCredentialSet *set; /* NULL: only carries the reference */
} News;

static void
watch_unref(McpCredentialWatch *watch)
{
    if (!g_atomic_ref_count_dec(&watch->refs))
        return;
    if (watch->destroy != NULL)
        watch->destroy(watch->user_data);
    g_main_context_unref(watch->context);
    g_free(watch->name);
    g_free(watch);
}

static void
news_free(gpointer data)
{
    News *news = data;

    g_clear_pointer(&news->set, mcp_credential_set_unref);
    watch_unref(news->watch);
    g_free(news);
}

static gboolean
deliver(gpointer data)
{
    News *news = data;

    if (news->set != NULL && g_atomic_int_get(&news->watch->alive))
        news->watch->func(news->set, news->watch->user_data);
    return G_SOURCE_REMOVE;
}

static void
post(McpCredentialWatch *watch, McpCredentialSet *set)
{
    g_autoptr(GSource) source = g_idle_source_new();
    News *news = g_new0(News, 1);

    g_atomic_ref_count_inc(&watch->refs);
    news->watch = watch;
    news->set = set != NULL ? mcp_credential_set_ref(set) : NULL;
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, deliver, news, news_free);
    g_source_attach(source, watch->context);
}

McpCredentialWatch *
mcp_credential_watch_new(guint id, const char *name, GMainContext *context, McpCredentialsFunc func,
                         gpointer user_data, GDestroyNotify destroy)
{
    McpCredentialWatch *watch = g_new0(McpCredentialWatch, 1);

    g_atomic_ref_count_init(&watch->refs);
    watch->alive = TRUE;
    watch->id = id;
    watch->name = g_strdup(name);
    watch->context = g_main_context_ref(context != NULL ? context : g_main_context_default());
    watch->func = func;
    watch->user_data = user_data;
    watch->destroy = destroy;
    return watch;
}

void
mcp_credential_watch_end(McpCredentialWatch *watch)
{
    g_atomic_int_set(&watch->alive, FALSE);
    if (watch->destroy != NULL)
        post(watch, NULL);
    watch_unref(watch);
}

guint
mcp_credential_watch_get_id(const McpCredentialWatch *watch)
{
    return watch->id;
}

void
mcp_credential_watch_tell(McpCredentialWatch *watch, McpCredentialSet *set)
{
    if (strcmp(watch->name, mcp_credential_set_get_name(set)) == 0)
        post(watch, set);
}
