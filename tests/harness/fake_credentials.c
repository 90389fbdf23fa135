/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fake credentials: sets that the test puts; a set put again is a change, told at once by a source
 * on each watcher's context.
 */
#include "harness.h"

#include <mcp/error.h>

typedef struct {
    gatomicrefcount refs; /* the table's, and one for each source on its way */
    gint alive;           /* atomic */
    char *name;
    GMainContext *context;
    McpCredentialsFunc func;
    gpointer user_data;
    GDestroyNotify destroy;
} Watch;

typedef struct {
    Watch *watch;
    McpCredentialSet *set; /* NULL: the end of the watch */
} News;

struct _FakeCredentials {
    GObject parent_instance;
    GHashTable *sets;    /* name → McpCredentialSet */
    GHashTable *watches; /* id → Watch */
    guint last_id;
};

static void credentials_iface_init(McpCredentialsInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeCredentials, fake_credentials, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_CREDENTIALS, credentials_iface_init))

static void
watch_unref(Watch *watch)
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
post(Watch *watch, McpCredentialSet *set)
{
    g_autoptr(GSource) source = g_idle_source_new();
    News *news = g_new0(News, 1);

    g_atomic_ref_count_inc(&watch->refs);
    news->watch = watch;
    news->set = set != NULL ? mcp_credential_set_ref(set) : NULL;
    g_source_set_callback(source, deliver, news, news_free);
    g_source_attach(source, watch->context);
}

static void
watch_end(gpointer data)
{
    Watch *watch = data;

    g_atomic_int_set(&watch->alive, FALSE);
    post(watch, NULL);
    watch_unref(watch);
}

void
fake_credentials_put(FakeCredentials *self, McpCredentialSet *set)
{
    const char *name = mcp_credential_set_get_name(set);
    GHashTableIter iter;
    gpointer value = NULL;

    g_hash_table_insert(self->sets, g_strdup(name), mcp_credential_set_ref(set));
    g_hash_table_iter_init(&iter, self->watches);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Watch *watch = value;

        if (g_str_equal(watch->name, name))
            post(watch, set);
    }
}

static McpCredentialSet *
get(McpCredentials *credentials, const char *name, GError **error)
{
    McpCredentialSet *set = g_hash_table_lookup(FAKE_CREDENTIALS(credentials)->sets, name);

    if (set != NULL)
        return mcp_credential_set_ref(set);
    g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "there are no credentials %s", name);
    return NULL;
}

static guint
watch(McpCredentials *credentials, const char *name, GMainContext *context, McpCredentialsFunc func,
      gpointer user_data, GDestroyNotify destroy)
{
    FakeCredentials *self = FAKE_CREDENTIALS(credentials);
    Watch *made = g_new0(Watch, 1);

    g_atomic_ref_count_init(&made->refs);
    made->alive = TRUE;
    made->name = g_strdup(name);
    made->context = g_main_context_ref(context != NULL ? context : g_main_context_default());
    made->func = func;
    made->user_data = user_data;
    made->destroy = destroy;
    g_hash_table_insert(self->watches, GUINT_TO_POINTER(++self->last_id), made);
    return self->last_id;
}

static void
unwatch(McpCredentials *credentials, guint id)
{
    g_hash_table_remove(FAKE_CREDENTIALS(credentials)->watches, GUINT_TO_POINTER(id));
}

static void
fake_credentials_finalize(GObject *object)
{
    FakeCredentials *self = FAKE_CREDENTIALS(object);

    g_hash_table_unref(self->sets);
    g_hash_table_unref(self->watches);
    G_OBJECT_CLASS(fake_credentials_parent_class)->finalize(object);
}

static void
fake_credentials_init(FakeCredentials *self)
{
    self->sets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                       (GDestroyNotify)mcp_credential_set_unref);
    self->watches = g_hash_table_new_full(NULL, NULL, NULL, watch_end);
}

static void
fake_credentials_class_init(FakeCredentialsClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = fake_credentials_finalize;
}

static void
credentials_iface_init(McpCredentialsInterface *iface)
{
    iface->get = get;
    iface->watch = watch;
    iface->unwatch = unwatch;
}

FakeCredentials *
fake_credentials_new(void)
{
    return g_object_new(FAKE_TYPE_CREDENTIALS, NULL);
}
