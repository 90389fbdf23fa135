/* SPDX-License-Identifier: Apache-2.0 */
/* Pages for tests, from folders and from memory. One thread. */
#include <mcp/error.h>
#include <string.h>

#include "fakes.h"

#define SILENCE 1
#define REFUSAL 2

struct _FakeFetcher {
    GObject parent_instance;
    char *base;
    GPtrArray *folders;
    GHashTable *pages;
    GHashTable *statuses;
    GHashTable *delays; /* char* path → Delay */
    GPtrArray *log;
    GPtrArray *requests;
    guint cancelled;
};

typedef struct {
    McpClock *clock;
    gint64 time;
} Delay;

/* An answer that is late. */
typedef struct {
    FakeFetcher *fetcher;
    GTask *task;
    char *url;
    gsize max_bytes;
    McpTimer *timer;
} Late;

static void fetcher_iface_init(McpFetcherInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeFetcher, fake_fetcher, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_FETCHER, fetcher_iface_init))

/* The suite serves each page as x.vxml and as x.txml. */
static char *
other_name(const char *path)
{
    gsize length = strlen(path);

    if (g_str_has_suffix(path, ".vxml") || g_str_has_suffix(path, ".txml"))
        return g_strdup_printf("%.*s.%s", (int)length - 5, path,
                               g_str_has_suffix(path, ".vxml") ? "txml" : "vxml");
    return g_strdup(path);
}

static GBytes *
read_path(FakeFetcher *self, const char *path)
{
    const char *text = g_hash_table_lookup(self->pages, path);

    if (text != NULL)
        return g_bytes_new(text, strlen(text));
    for (guint i = 0; i < self->folders->len; i++) {
        g_autofree char *file = g_build_filename(self->folders->pdata[i], path, NULL);
        char *data;
        gsize length;

        if (g_file_get_contents(file, &data, &length, NULL))
            return g_bytes_new_take(data, length);
    }
    return NULL;
}

static const char *
type_of(const char *path)
{
    if (g_str_has_suffix(path, ".wav"))
        return "audio/x-wav";
    if (g_str_has_suffix(path, ".au"))
        return "audio/basic";
    if (g_str_has_suffix(path, ".js"))
        return "text/javascript";
    if (g_str_has_suffix(path, ".grxml"))
        return "application/srgs+xml";
    if (g_str_has_suffix(path, ".txt"))
        return "text/plain";
    return "application/voicexml+xml";
}

static void
answer(GTask *task, const char *url, guint status, const char *type, GBytes *body)
{
    g_autofree char *id = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, body);
    McpFetchFacts facts = {
        .status = status, .url = url, .content_type = type, .body = body, .content_id = id};

    g_task_return_pointer(task, mcp_fetch_response_new(&facts),
                          (GDestroyNotify)mcp_fetch_response_unref);
}

/* What is asked for and under which rules. */
static char *
describe(FakeFetcher *self, const McpFetchRequest *request, const char *url)
{
    GString *text = g_string_new(request->method);
    gboolean known = g_str_has_prefix(url, self->base);

    g_string_append_printf(text, " %s", known ? url + strlen(self->base) : url);
    if (request->max_age >= 0)
        g_string_append_printf(text, " maxage=%" G_GINT64_FORMAT, request->max_age);
    if (request->max_stale >= 0)
        g_string_append_printf(text, " maxstale=%" G_GINT64_FORMAT, request->max_stale);
    if (request->timeout > 0)
        g_string_append_printf(text, " timeout=%" G_GINT64_FORMAT "ms", request->timeout / 1000);
    if (request->content_type != NULL)
        g_string_append_printf(text, " type=%s", request->content_type);
    if (request->body != NULL)
        g_string_append_printf(text, " %.*s", (int)g_bytes_get_size(request->body),
                               (const char *)g_bytes_get_data(request->body, NULL));
    return g_string_free(text, FALSE);
}

static void
note(FakeFetcher *self, const McpFetchRequest *request, const char *url)
{
    gsize length = 0;
    const char *body = request->body != NULL ? g_bytes_get_data(request->body, &length) : "";

    g_ptr_array_add(self->requests, describe(self, request, url));
    g_ptr_array_add(self->log, g_strdup_printf("%s %s%s%.*s", request->method, url,
                                               length > 0 ? " " : "", (int)length, body));
}

/* The handler holds the task, the task the cancellable: once is enough. */
static void
on_cancelled(GCancellable *cancellable, gpointer user_data)
{
    FAKE_FETCHER(g_task_get_source_object(user_data))->cancelled++;
    g_task_return_error_if_cancelled(user_data);
    g_signal_handlers_disconnect_by_data(cancellable, user_data);
}

static void
wait_for_cancel(GTask *task, GCancellable *cancellable)
{
    g_cancellable_connect(cancellable, G_CALLBACK(on_cancelled), g_object_ref(task),
                          g_object_unref);
}

static char *
path_of(FakeFetcher *self, const char *url)
{
    const char *path = url + strlen(self->base);

    return g_strndup(path, strcspn(path, "?#"));
}

static void
answer_path(FakeFetcher *self, GTask *task, const char *url, gsize max_bytes)
{
    g_autoptr(GBytes) none = g_bytes_new_static("", 0);
    g_autofree char *path = path_of(self, url);
    g_autofree char *other = other_name(path);
    g_autoptr(GBytes) body = NULL;
    gpointer status;

    if (g_hash_table_lookup_extended(self->statuses, path, NULL, &status)) {
        if (GPOINTER_TO_UINT(status) == SILENCE)
            wait_for_cancel(task, g_task_get_cancellable(task));
        else if (GPOINTER_TO_UINT(status) == REFUSAL)
            g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_REFUSED, "%s is not for you", url);
        else if (GPOINTER_TO_UINT(status) == 0)
            g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_TIMEOUT, "no answer from %s", url);
        else
            answer(task, url, GPOINTER_TO_UINT(status), "text/plain", none);
        return;
    }
    body = read_path(self, path);
    if (body == NULL)
        body = read_path(self, other);
    if (body == NULL)
        answer(task, url, 404, "text/plain", none);
    else if (max_bytes > 0 && g_bytes_get_size(body) > max_bytes)
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_LIMIT, "%s is larger than allowed", url);
    else
        answer(task, url, 200, type_of(path), body);
}

static void
on_late(gpointer user_data)
{
    Late *late = user_data;

    mcp_timer_clear(&late->timer);
    answer_path(late->fetcher, late->task, late->url, late->max_bytes);
    g_object_unref(late->task);
    g_object_unref(late->fetcher);
    g_free(late->url);
    g_free(late);
}

static void
answer_late(FakeFetcher *self, GTask *task, const char *url, gsize max_bytes, const Delay *delay)
{
    Late *late = g_new0(Late, 1);

    late->fetcher = g_object_ref(self);
    late->task = g_object_ref(task);
    late->url = g_strdup(url);
    late->max_bytes = max_bytes;
    late->timer = mcp_clock_after(delay->clock, NULL, delay->time, on_late, late);
}

static void
fetch_async(McpFetcher *fetcher, const McpFetchRequest *request, GCancellable *cancellable,
            GAsyncReadyCallback callback, gpointer user_data)
{
    FakeFetcher *self = FAKE_FETCHER(fetcher);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(GBytes) none = g_bytes_new_static("", 0);
    g_autofree char *url =
        request->base != NULL
            ? g_uri_resolve_relative(request->base, request->url, G_URI_FLAGS_ENCODED, NULL)
            : g_strdup(request->url);
    g_autofree char *path = NULL;
    const Delay *delay;

    if (url == NULL || !g_uri_is_valid(url, G_URI_FLAGS_ENCODED, NULL)) {
        g_task_return_new_error(task, MCP_ERROR, MCP_ERROR_INVALID, "\"%s\" is no URL",
                                request->url);
        return;
    }
    note(self, request, url);
    if (!g_str_has_prefix(url, self->base)) {
        answer(task, url, 404, "text/plain", none);
        return;
    }
    path = path_of(self, url);
    delay = g_hash_table_lookup(self->delays, path);
    if (delay != NULL)
        answer_late(self, task, url, request->max_bytes, delay);
    else
        answer_path(self, task, url, request->max_bytes);
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
    FakeFetcher *self = FAKE_FETCHER(object);

    g_free(self->base);
    g_ptr_array_unref(self->folders);
    g_hash_table_unref(self->pages);
    g_hash_table_unref(self->statuses);
    g_hash_table_unref(self->delays);
    g_ptr_array_unref(self->log);
    g_ptr_array_unref(self->requests);
    G_OBJECT_CLASS(fake_fetcher_parent_class)->finalize(object);
}

static void
fake_fetcher_class_init(FakeFetcherClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = finalize;
}

static void
delay_free(gpointer data)
{
    Delay *delay = data;

    g_object_unref(delay->clock);
    g_free(delay);
}

static void
fake_fetcher_init(FakeFetcher *self)
{
    self->folders = g_ptr_array_new_with_free_func(g_free);
    self->pages = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    self->statuses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    self->delays = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, delay_free);
    self->log = g_ptr_array_new_with_free_func(g_free);
    self->requests = g_ptr_array_new_with_free_func(g_free);
}

FakeFetcher *
fake_fetcher_new(const char *base)
{
    FakeFetcher *self = g_object_new(FAKE_TYPE_FETCHER, NULL);

    self->base = g_strdup(base);
    return self;
}

void
fake_fetcher_add_folder(FakeFetcher *self, const char *folder)
{
    g_ptr_array_add(self->folders, g_strdup(folder));
}

void
fake_fetcher_add_page(FakeFetcher *self, const char *path, const char *text)
{
    g_hash_table_replace(self->pages, g_strdup(path), g_strdup(text));
}

void
fake_fetcher_add_silence(FakeFetcher *self, const char *path)
{
    fake_fetcher_add_status(self, path, SILENCE);
}

void
fake_fetcher_add_refusal(FakeFetcher *self, const char *path)
{
    fake_fetcher_add_status(self, path, REFUSAL);
}

void
fake_fetcher_add_status(FakeFetcher *self, const char *path, guint status)
{
    g_hash_table_replace(self->statuses, g_strdup(path), GUINT_TO_POINTER(status));
}

void
fake_fetcher_add_delay(FakeFetcher *self, const char *path, McpClock *clock, gint64 time)
{
    Delay *delay = g_new0(Delay, 1);

    delay->clock = g_object_ref(clock);
    delay->time = time;
    g_hash_table_replace(self->delays, g_strdup(path), delay);
}

guint
fake_fetcher_get_cancelled(FakeFetcher *self)
{
    return self->cancelled;
}

guint
fake_fetcher_asked(FakeFetcher *self, const char *path)
{
    g_autofree char *line = g_strconcat("GET ", self->base, path, NULL);
    guint count = 0;

    for (guint i = 0; i < self->log->len; i++)
        count += g_strcmp0(self->log->pdata[i], line) == 0 ? 1 : 0;
    return count;
}

GPtrArray *
fake_fetcher_get_log(FakeFetcher *self)
{
    return self->log;
}

GPtrArray *
fake_fetcher_get_requests(FakeFetcher *self)
{
    return self->requests;
}
