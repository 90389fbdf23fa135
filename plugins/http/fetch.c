/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One fetch from request to response: cache, single flight, exchange, redirects, deadline. It lives
 * on the context of its caller; only landings of flights come from elsewhere, as posted messages.
 */
#include "fetch.h"

#include <mcp/error.h>
#include <mcp/ledger.h>
#include <mcp/trace_context.h>

#include "call_state.h"
#include "exchange.h"
#include "file_read.h"
#include "freshness.h"
#include "redirect.h"
#include "report.h"

/* Larger bodies are not hashed on the caller's context: each is an identity of its own. */
#define HASH_MAX (1024 * 1024)

MCP_LEDGER_DEFINE(McpHttpFetch);

typedef struct {
    gatomicrefcount refs;
    McpHttpFetcher *fetcher;
    McpHttpConfig *config;
    GTask *task;
    McpCall *call; /* nullable */
    char *accept;
    char *accept_language;
    char *content_type;
    GBytes *body;
    const char *method; /* "GET" or "POST" */
    gint64 max_age;
    gint64 max_stale;
    gsize max_bytes;
    gint64 started;                               /* monotonic µs */
    char span_id[MCP_SPAN_ID_LENGTH + 1];         /* "": nobody traces the call */
    char traceparent[MCP_TRACEPARENT_LENGTH + 1]; /* "": the request is to carry none */
    McpTimer *deadline;
    GSource *cancelled;
    /* of the present hop */
    GUri *uri;
    char *url;
    char *cookie;
    char *flight; /* key of the flight that this fetch leads, else NULL */
    gboolean alone;
    gboolean disk_asked;
    McpHttpEntry *stored;   /* what the cache has, not usable without a question */
    GCancellable *exchange; /* running, else NULL */
    McpHttpCacheUse use;
    guint redirects;
    gboolean done;
} McpHttpFetch;

static void visit(McpHttpFetch *fetch);

static McpHttpFetch *
fetch_ref(McpHttpFetch *fetch)
{
    g_atomic_ref_count_inc(&fetch->refs);
    return fetch;
}

static void
fetch_unref(gpointer data)
{
    McpHttpFetch *fetch = data;

    if (!g_atomic_ref_count_dec(&fetch->refs))
        return;
    g_clear_object(&fetch->call);
    g_free(fetch->accept);
    g_free(fetch->accept_language);
    g_free(fetch->content_type);
    g_clear_pointer(&fetch->body, g_bytes_unref);
    g_clear_pointer(&fetch->uri, g_uri_unref);
    g_free(fetch->url);
    g_free(fetch->cookie);
    g_clear_pointer(&fetch->stored, mcp_http_entry_unref);
    g_clear_object(&fetch->task);
    mcp_http_config_unref(fetch->config);
    g_object_unref(fetch->fetcher);
    g_free(fetch);
    MCP_LEDGER_FINALIZED(McpHttpFetch);
}

static gint64
now_of(McpHttpFetch *fetch)
{
    return mcp_clock_now(mcp_http_fetcher_get_deps(fetch->fetcher)->clock);
}

static const char *
call_id_of(McpHttpFetch *fetch)
{
    return fetch->call != NULL ? mcp_call_get_id(fetch->call) : NULL;
}

static void
land(McpHttpFetch *fetch, McpHttpLanding landing, const GError *error)
{
    g_autofree char *key = g_steal_pointer(&fetch->flight);

    if (key != NULL)
        mcp_http_flights_land(mcp_http_fetcher_get_flights(fetch->fetcher), key, now_of(fetch),
                              landing, error);
}

/* The one way out. Whatever still runs finds the fetch done and drops its result. */
static void
complete(McpHttpFetch *fetch, McpFetchResponse *response, GError *error)
{
    const McpFetchFacts *facts = response != NULL ? mcp_fetch_response_get_facts(response) : NULL;
    McpHttpReport report = {
        .call_id = call_id_of(fetch),
        .span_id = fetch->span_id[0] != '\0' ? fetch->span_id : NULL,
        .url = fetch->url != NULL ? fetch->url : "",
        .status = facts != NULL ? facts->status : 0,
        .bytes = facts != NULL ? g_bytes_get_size(facts->body) : 0,
        .use = fetch->use,
        .duration = now_of(fetch) - fetch->started,
        .error = error,
    };

    fetch->done = TRUE;
    mcp_timer_clear(&fetch->deadline);
    if (fetch->cancelled != NULL) {
        g_source_destroy(fetch->cancelled);
        g_clear_pointer(&fetch->cancelled, g_source_unref);
    }
    land(fetch, MCP_HTTP_LANDING_ABANDONED, NULL);
    if (fetch->exchange != NULL)
        g_cancellable_cancel(fetch->exchange);
    mcp_http_report_end(fetch->fetcher, &report);
    if (response != NULL)
        g_task_return_pointer(fetch->task, response, (GDestroyNotify)mcp_fetch_response_unref);
    else
        g_task_return_error(fetch->task, error);
    fetch_unref(fetch);
}

static void
set_uri(McpHttpFetch *fetch, GUri *uri)
{
    g_clear_pointer(&fetch->uri, g_uri_unref);
    g_free(fetch->url);
    fetch->uri = uri;
    fetch->url = g_uri_to_string(uri);
    g_clear_pointer(&fetch->cookie, g_free);
    g_clear_pointer(&fetch->stored, mcp_http_entry_unref);
    fetch->alone = FALSE;
    fetch->disk_asked = FALSE;
}

static void
follow(McpHttpFetch *fetch, guint status, const char *location)
{
    g_autoptr(GUri) uri = NULL;
    g_autofree char *target = g_strdup(location);
    GError *error = NULL;

    if (++fetch->redirects > fetch->config->max_redirects) {
        complete(fetch, NULL,
                 g_error_new(MCP_ERROR, MCP_ERROR_LIMIT, "more than %u redirects",
                             fetch->config->max_redirects));
        return;
    }
    uri = mcp_http_resolve_url(fetch->url, target, &error);
    if (uri != NULL && strcmp(g_uri_get_scheme(uri), "file") == 0)
        g_set_error(&error, MCP_ERROR, MCP_ERROR_REFUSED, "redirect to a file");
    if (error != NULL) {
        g_prefix_error(&error, "redirect %u: ", status);
        complete(fetch, NULL, error);
        return;
    }
    fetch->method = mcp_http_redirect_method(status, fetch->method);
    if (strcmp(fetch->method, "GET") == 0)
        g_clear_pointer(&fetch->body, g_bytes_unref);
    set_uri(fetch, g_steal_pointer(&uri));
    visit(fetch);
}

/* A response is there, from wherever: it ends the fetch, or leads on. */
static void
deliver(McpHttpFetch *fetch, const McpHttpHead *head, GBytes *body, const char *content_id)
{
    McpFetchFacts facts = {
        .status = head->status,
        .url = fetch->url,
        .content_type = head->content_type != NULL ? head->content_type : "",
        .charset = head->charset,
        .body = body,
        .content_id = content_id,
        .from_cache = fetch->use <= MCP_HTTP_CACHE_STALE,
    };

    if (mcp_http_is_redirect(head->status) && head->location != NULL)
        follow(fetch, head->status, head->location);
    else
        complete(fetch, mcp_fetch_response_new(&facts), NULL);
}

static void
deliver_entry(McpHttpFetch *fetch, McpHttpEntry *entry, McpHttpCacheUse use)
{
    g_autoptr(McpHttpEntry) kept = mcp_http_entry_ref(entry);

    fetch->use = use;
    deliver(fetch, &kept->head, kept->body, kept->content_id);
}

/* The origin fails: what the cache has may serve (RFC 5861 §4). FALSE: it may not. */
static gboolean
serve_stale(McpHttpFetch *fetch)
{
    if (fetch->stored == NULL ||
        !mcp_http_is_usable_on_error(&fetch->stored->head,
                                     mcp_http_entry_age(fetch->stored, now_of(fetch)),
                                     fetch->config->stale_if_error))
        return FALSE;
    land(fetch, MCP_HTTP_LANDING_STALE, NULL);
    deliver_entry(fetch, fetch->stored, MCP_HTTP_CACHE_STALE);
    return TRUE;
}

static McpHttpQuery
query_of(McpHttpFetch *fetch)
{
    return (McpHttpQuery){
        .url = fetch->url,
        .accept = fetch->accept,
        .accept_language = fetch->accept_language,
        .cookie = fetch->cookie,
        .call_id = call_id_of(fetch),
        .max_age = fetch->max_age,
        .max_stale = fetch->max_stale,
    };
}

static char *
identity_of(GBytes *body)
{
    static gint serial = 0;

    if (g_bytes_get_size(body) <= HASH_MAX)
        return mcp_http_content_id(body);
    return g_strdup_printf("once:%d", g_atomic_int_add(&serial, 1));
}

/* Makes a stored response of @head and @body. Returns (transfer full): it, in the cache by now. */
static McpHttpEntry *
store(McpHttpFetch *fetch, const McpHttpExchange *exchange, const McpHttpHead *head, GBytes *body,
      gboolean shared)
{
    McpHttpFetcher *fetcher = fetch->fetcher;
    McpHttpQuery query = query_of(fetch);
    g_autofree char *id = fetch->stored != NULL && fetch->stored->body == body
                              ? g_strdup(fetch->stored->content_id)
                              : identity_of(body);
    McpHttpEntryFacts facts = {
        .query = &query,
        .head = head,
        .body = body,
        .content_id = id,
        .shared = shared,
        .initial_age =
            mcp_http_initial_age(head, mcp_clock_wall(mcp_http_fetcher_get_deps(fetcher)->clock),
                                 exchange->arrived - exchange->sent),
        .arrived = exchange->arrived,
    };
    McpHttpEntry *entry = mcp_http_entry_new(&facts);

    mcp_http_cache_store(mcp_http_fetcher_get_cache(fetcher), entry);
    if (!shared)
        mcp_http_call_state_get(fetcher, fetch->call)->has_private = TRUE;
    else if (mcp_http_fetcher_get_disk_tier(fetcher) != NULL)
        mcp_http_disk_tier_store(mcp_http_fetcher_get_disk_tier(fetcher), entry);
    return entry;
}

/* 304: the stored response is good again (RFC 9111 §4.3.4). */
static void
on_not_modified(McpHttpFetch *fetch, const McpHttpExchange *exchange)
{
    McpHttpHead head;
    g_autoptr(McpHttpEntry) fresh = NULL;
    guint status = fetch->stored->head.status;

    mcp_http_head_copy(&fetch->stored->head, &head);
    mcp_http_head_update(&head, &exchange->head);
    head.status = status;
    fresh = store(fetch, exchange, &head, fetch->stored->body, fetch->stored->owner == NULL);
    mcp_http_head_clear(&head);
    land(fetch, MCP_HTTP_LANDING_STORED, NULL);
    deliver_entry(fetch, fresh, MCP_HTTP_CACHE_REVALIDATED);
}

static void
on_new_response(McpHttpFetch *fetch, const McpHttpExchange *exchange)
{
    gboolean get = strcmp(fetch->method, "GET") == 0;
    McpHttpScope scope = mcp_http_storage_scope(&exchange->head, fetch->cookie != NULL,
                                                exchange->set_cookies->len > 0);
    g_autoptr(McpHttpEntry) entry = NULL;
    g_autofree char *id = NULL;

    fetch->use = get ? MCP_HTTP_CACHE_MISS : MCP_HTTP_CACHE_NONE;
    if (get && scope != MCP_HTTP_SCOPE_NOBODY &&
        (scope == MCP_HTTP_SCOPE_ALL || fetch->call != NULL))
        entry =
            store(fetch, exchange, &exchange->head, exchange->body, scope == MCP_HTTP_SCOPE_ALL);
    land(fetch,
         entry != NULL && scope == MCP_HTTP_SCOPE_ALL ? MCP_HTTP_LANDING_STORED
                                                      : MCP_HTTP_LANDING_UNCACHEABLE,
         NULL);
    if (entry == NULL)
        id = identity_of(exchange->body);
    deliver(fetch, &exchange->head, exchange->body, entry != NULL ? entry->content_id : id);
}

static void
invalidate_url(McpHttpFetcher *fetcher, const char *url)
{
    McpHttpDiskTier *disk_tier = mcp_http_fetcher_get_disk_tier(fetcher);

    mcp_http_cache_invalidate(mcp_http_fetcher_get_cache(fetcher), url);
    if (disk_tier != NULL && mcp_http_disk_tier_has(disk_tier, url))
        mcp_http_disk_tier_invalidate(disk_tier, url);
}

/* RFC 9111 §4.4: an unsafe request makes what is stored under its URLs doubtful. */
static void
invalidate(McpHttpFetch *fetch, const McpHttpHead *head)
{
    const char *named[] = {head->location, head->content_location};

    invalidate_url(fetch->fetcher, fetch->url);
    for (guint i = 0; i < G_N_ELEMENTS(named); i++) {
        g_autoptr(GUri) uri =
            named[i] != NULL ? mcp_http_resolve_url(fetch->url, named[i], NULL) : NULL;
        g_autofree char *url = uri != NULL ? g_uri_to_string(uri) : NULL;

        if (url != NULL && g_strcmp0(g_uri_get_host(uri), g_uri_get_host(fetch->uri)) == 0)
            invalidate_url(fetch->fetcher, url);
    }
}

static void
take_cookies(McpHttpFetch *fetch, const McpHttpExchange *exchange)
{
    McpClock *clock = mcp_http_fetcher_get_deps(fetch->fetcher)->clock;

    for (guint i = 0; fetch->call != NULL && i < exchange->set_cookies->len; i++)
        mcp_http_cookie_jar_put(mcp_http_call_state_get(fetch->fetcher, fetch->call)->jar,
                                fetch->uri, g_ptr_array_index(exchange->set_cookies, i),
                                mcp_clock_wall(clock) / G_USEC_PER_SEC);
}

static gboolean
is_origin_failure(guint status)
{
    return status == 500 || status == 502 || status == 503 || status == 504;
}

static void
on_exchange(GObject *source, GAsyncResult *result, gpointer data)
{
    McpHttpFetch *fetch = data;
    GError *error = NULL;
    g_autoptr(McpHttpExchange) exchange = mcp_http_exchange_finish(result, &error);

    g_clear_object(&fetch->exchange);
    if (fetch->done) {
        g_clear_error(&error);
    } else if (exchange == NULL) {
        if (g_error_matches(error, MCP_ERROR, MCP_ERROR_FAILED) && serve_stale(fetch)) {
            g_clear_error(&error);
        } else {
            land(fetch, MCP_HTTP_LANDING_FAILED, error);
            complete(fetch, NULL, error);
        }
    } else {
        take_cookies(fetch, exchange);
        if (strcmp(fetch->method, "POST") == 0 && exchange->head.status < 400)
            invalidate(fetch, &exchange->head);
        if (exchange->head.status == 304 && fetch->stored != NULL)
            on_not_modified(fetch, exchange);
        else if (!is_origin_failure(exchange->head.status) || !serve_stale(fetch))
            on_new_response(fetch, exchange);
    }
    fetch_unref(fetch);
}

static void
send_request(McpHttpFetch *fetch, McpHttpSlot *slot)
{
    g_autoptr(SoupSession) session = mcp_http_wires_get(mcp_http_fetcher_get_wires(fetch->fetcher));
    McpHttpExchangeRequest request = {
        .session = session,
        .slot = slot,
        .config = fetch->config,
        .clock = mcp_http_fetcher_get_deps(fetch->fetcher)->clock,
        .method = fetch->method,
        .uri = fetch->uri,
        .accept = fetch->accept,
        .accept_language = fetch->accept_language,
        .cookie = fetch->cookie,
        .traceparent = fetch->traceparent,
        .content_type = fetch->content_type,
        .body = fetch->body,
        .etag = fetch->stored != NULL ? fetch->stored->head.etag : NULL,
        .last_modified = fetch->stored != NULL ? fetch->stored->head.last_modified : NULL,
        .max_age = fetch->max_age,
        .max_bytes = fetch->max_bytes,
    };

    fetch->exchange = g_cancellable_new();
    mcp_http_exchange_async(&request, fetch->exchange, on_exchange, fetch_ref(fetch));
}

static void
on_slot(McpHttpSlot *slot, gpointer data)
{
    McpHttpFetch *fetch = data;

    if (!fetch->done && !mcp_http_fetcher_is_closed(fetch->fetcher)) {
        send_request(fetch, slot);
        return;
    }
    mcp_http_slot_release(slot, TRUE);
    if (!fetch->done)
        complete(fetch, NULL, g_error_new(MCP_ERROR, MCP_ERROR_CLOSED, "the fetcher is stopping"));
}

/* Goes to the wire as soon as the process may have one more connection there. */
static void
ask_origin(McpHttpFetch *fetch)
{
    McpHttpSlotRequest request = {
        .uri = fetch->uri,
        .reuse = strcmp(fetch->method, "GET") == 0,
        .func = on_slot,
        .user_data = fetch_ref(fetch),
        .destroy = fetch_unref,
    };

    mcp_http_connections_take(mcp_http_fetcher_get_connections(fetch->fetcher), &request);
}

static void
on_landed(McpHttpLanding landing, const GError *error, gpointer data)
{
    McpHttpFetch *fetch = data;

    if (fetch->done)
        return;
    if (landing == MCP_HTTP_LANDING_FAILED) {
        if (!serve_stale(fetch))
            complete(fetch, NULL, g_error_copy(error));
        return;
    }
    if (landing == MCP_HTTP_LANDING_STALE && serve_stale(fetch))
        return;
    fetch->alone = landing != MCP_HTTP_LANDING_ABANDONED;
    visit(fetch);
}

/* Asks the origin, unless somebody is already asking it for the same. */
static void
board(McpHttpFetch *fetch)
{
    g_autofree char *key =
        g_strjoin("\n", fetch->url, fetch->accept != NULL ? fetch->accept : "",
                  fetch->accept_language != NULL ? fetch->accept_language : "", NULL);
    McpHttpPassenger passenger = {
        .context = g_task_get_context(fetch->task),
        .func = on_landed,
        .user_data = fetch,
        .destroy = fetch_unref,
    };
    McpHttpBoarding boarding = MCP_HTTP_BOARDING_ALONE;

    if (!fetch->alone) {
        fetch_ref(fetch);
        boarding = mcp_http_flights_join(mcp_http_fetcher_get_flights(fetch->fetcher), key,
                                         now_of(fetch), &passenger);
        if (boarding != MCP_HTTP_BOARDING_WAIT)
            fetch_unref(fetch);
    }
    if (boarding == MCP_HTTP_BOARDING_LEAD)
        fetch->flight = g_steal_pointer(&key);
    if (boarding != MCP_HTTP_BOARDING_WAIT)
        ask_origin(fetch);
}

static void
on_loaded(GObject *source, GAsyncResult *result, gpointer data)
{
    McpHttpFetch *fetch = data;

    if (!fetch->done)
        visit(fetch);
    fetch_unref(fetch);
}

/* Whether the disk is asked first for what memory does not have. */
static gboolean
ask_disk(McpHttpFetch *fetch)
{
    McpHttpDiskTier *disk_tier = mcp_http_fetcher_get_disk_tier(fetch->fetcher);

    if (disk_tier == NULL || fetch->stored != NULL || fetch->disk_asked ||
        !mcp_http_disk_tier_has(disk_tier, fetch->url))
        return FALSE;
    fetch->disk_asked = TRUE;
    mcp_http_disk_tier_load_async(disk_tier, fetch->url, mcp_http_fetcher_get_cache(fetch->fetcher),
                                  on_loaded, fetch_ref(fetch));
    return TRUE;
}

static void
visit_http(McpHttpFetch *fetch)
{
    McpHttpFetcher *fetcher = fetch->fetcher;
    McpClock *clock = mcp_http_fetcher_get_deps(fetcher)->clock;
    McpHttpQuery query;
    gboolean usable = FALSE;

    g_clear_pointer(&fetch->cookie, g_free);
    if (fetch->call != NULL)
        fetch->cookie = mcp_http_cookie_jar_get(mcp_http_call_state_get(fetcher, fetch->call)->jar,
                                                fetch->uri, mcp_clock_wall(clock) / G_USEC_PER_SEC);
    if (strcmp(fetch->method, "POST") == 0) {
        ask_origin(fetch);
        return;
    }
    query = query_of(fetch);
    g_clear_pointer(&fetch->stored, mcp_http_entry_unref);
    fetch->stored = mcp_http_cache_lookup(mcp_http_fetcher_get_cache(fetcher), &query,
                                          mcp_clock_now(clock), &usable);
    if (usable)
        deliver_entry(fetch, fetch->stored, MCP_HTTP_CACHE_HIT);
    else if (!ask_disk(fetch))
        board(fetch);
}

static void
on_file(GObject *source, GAsyncResult *result, gpointer data)
{
    McpHttpFetch *fetch = data;
    GError *error = NULL;
    g_autoptr(McpHttpFile) file = mcp_http_file_read_finish(result, &error);

    g_clear_object(&fetch->exchange);
    if (fetch->done) {
        g_clear_error(&error);
    } else if (file == NULL) {
        complete(fetch, NULL, error);
    } else {
        McpHttpHead head = {.status = 200, .content_type = (char *)file->content_type};

        deliver(fetch, &head, file->body, file->content_id);
    }
    fetch_unref(fetch);
}

static void
visit_file(McpHttpFetch *fetch)
{
    g_autofree char *path = g_uri_unescape_string(g_uri_get_path(fetch->uri), "/");
    const char *host = g_uri_get_host(fetch->uri);
    GError *error = NULL;

    fetch->use = MCP_HTTP_CACHE_NONE;
    if (fetch->config->file_root == NULL)
        error = g_error_new(MCP_ERROR, MCP_ERROR_REFUSED, "file: is off, no file_root is set");
    else if (path == NULL || strcmp(fetch->method, "GET") != 0)
        error = g_error_new(MCP_ERROR, MCP_ERROR_INVALID, "\"%s\" is no file to read", fetch->url);
    else if (host != NULL && host[0] != '\0' && strcmp(host, "localhost") != 0)
        error = g_error_new(MCP_ERROR, MCP_ERROR_REFUSED, "file of another host: %s", host);
    if (error != NULL) {
        complete(fetch, NULL, error);
        return;
    }
    fetch->exchange = g_cancellable_new();
    mcp_http_file_read_async(mcp_http_fetcher_get_deps(fetch->fetcher)->disk,
                             fetch->config->file_root, path, fetch->max_bytes, fetch->exchange,
                             on_file, fetch_ref(fetch));
}

static void
visit(McpHttpFetch *fetch)
{
    if (strcmp(g_uri_get_scheme(fetch->uri), "file") == 0)
        visit_file(fetch);
    else
        visit_http(fetch);
}

static void
on_deadline(gpointer data)
{
    McpHttpFetch *fetch = data;

    if (!serve_stale(fetch))
        complete(fetch, NULL,
                 g_error_new(MCP_ERROR, MCP_ERROR_TIMEOUT, "not complete after %d ms",
                             (int)((now_of(fetch) - fetch->started) / 1000)));
}

static gboolean
on_cancelled(GCancellable *cancellable, gpointer data)
{
    complete(data, NULL, g_error_new(G_IO_ERROR, G_IO_ERROR_CANCELLED, "fetch was cancelled"));
    return G_SOURCE_REMOVE;
}

static void
watch(McpHttpFetch *fetch, gint64 timeout, GCancellable *cancellable)
{
    GMainContext *context = g_task_get_context(fetch->task);

    fetch->deadline = mcp_clock_after(mcp_http_fetcher_get_deps(fetch->fetcher)->clock, context,
                                      timeout, on_deadline, fetch);
    if (cancellable == NULL)
        return;
    fetch->cancelled = g_cancellable_source_new(cancellable);
    g_source_set_callback(fetch->cancelled, G_SOURCE_FUNC(on_cancelled), fetch, NULL);
    g_source_attach(fetch->cancelled, context);
}

/* What the server does for the fetch is caused by the fetch's span. */
static void
take_span(McpHttpFetch *fetch)
{
    McpTraceContext context;

    if (fetch->call == NULL || !mcp_call_get_trace_context(fetch->call, &context))
        return;
    mcp_span_id_new(fetch->span_id);
    mcp_call_print_traceparent(fetch->call, fetch->span_id, fetch->traceparent);
}

static McpHttpFetch *
fetch_new(McpHttpFetcher *fetcher, const McpFetchRequest *request, GTask *task)
{
    McpHttpFetch *fetch = g_new0(McpHttpFetch, 1);

    g_atomic_ref_count_init(&fetch->refs);
    fetch->fetcher = g_object_ref(fetcher);
    fetch->config = mcp_http_fetcher_get_config(fetcher);
    fetch->task = task;
    fetch->call = request->call != NULL ? g_object_ref(request->call) : NULL;
    fetch->accept = g_strdup(request->accept);
    fetch->accept_language = g_strdup(request->accept_language);
    fetch->content_type = g_strdup(request->content_type);
    fetch->body = request->body != NULL ? g_bytes_ref(request->body) : NULL;
    fetch->method = g_strcmp0(request->method, "POST") == 0 ? "POST" : "GET";
    fetch->max_age = request->max_age;
    fetch->max_stale = request->max_stale;
    fetch->max_bytes = request->max_bytes > 0 ? request->max_bytes : fetch->config->max_size;
    fetch->use = MCP_HTTP_CACHE_NONE;
    fetch->started = now_of(fetch);
    take_span(fetch);
    MCP_LEDGER_CREATED(McpHttpFetch);
    return fetch;
}

void
mcp_http_fetch_start(McpHttpFetcher *fetcher, const McpFetchRequest *request,
                     GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
    GTask *task = g_task_new(fetcher, cancellable, callback, user_data);
    McpHttpFetch *fetch = fetch_new(fetcher, request, task);
    GError *error = NULL;
    GUri *uri = mcp_http_resolve_url(request->base, request->url, &error);

    g_task_set_check_cancellable(task, FALSE);
    mcp_http_report_begin(fetcher);
    if (uri == NULL)
        fetch->url = mcp_http_display_url(request->url != NULL ? request->url : "");
    else
        set_uri(fetch, uri);
    if (error == NULL && mcp_http_fetcher_is_closed(fetcher))
        error = g_error_new(MCP_ERROR, MCP_ERROR_CLOSED, "the fetcher is stopping");
    if (error == NULL && request->method != NULL && strcmp(request->method, "GET") != 0 &&
        strcmp(request->method, "POST") != 0)
        error = g_error_new(MCP_ERROR, MCP_ERROR_INVALID, "method %s is neither GET nor POST",
                            request->method);
    if (error != NULL) {
        complete(fetch, NULL, error);
        return;
    }
    watch(fetch, request->timeout > 0 ? request->timeout : fetch->config->timeout, cancellable);
    visit(fetch);
}
