/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way to the collector: a queue that is bounded in bytes, batches, one request at a time. A
 * collector that is away or full is asked again, ever more seldom, with what still waits; what it
 * refuses for good is dropped and counted. On the context that it was made on.
 */
#include "collector.h"

#include <libsoup/soup.h>
#include <mcp/breaker.h>
#include <mcp/json.h>
#include <mcp/log.h>
#include <string.h>

#include "span.h"

#define BATCH_BYTES (512 * 1024)
#define ANSWER_BYTES (64 * 1024) /* of it, which nobody reads */
/* Together below 10 s: so soon a collector that hung is found to be back. */
#define TIMEOUT (5 * G_TIME_SPAN_SECOND)
#define FIRST_WAIT (G_TIME_SPAN_SECOND / 2)
#define LONGEST_WAIT (4 * G_TIME_SPAN_SECOND)

typedef struct {
    char *spans;
    gsize length;
    guint n;
} Chunk;

/* Outlives the collector when that goes meanwhile. */
typedef struct {
    McpCollector *collector; /* NULL: it is gone */
    SoupMessage *message;
    GCancellable *cancellable;
    McpTimer *deadline;
} Request;

struct _McpCollector {
    char *endpoint;
    char *authorization;
    char *head; /* of each request's body, up to the spans */
    gsize max_queue;
    gint64 delay;
    McpClock *clock;
    McpMetrics *metrics;
    SoupSession *session;
    GQueue waiting;   /* Chunk */
    gsize bytes;      /* of them and of what is being sent */
    GQueue sending;   /* Chunk: goes back to @waiting when it may be tried again */
    Request *request; /* NULL: none is under way */
    McpTimer *timer;
    McpBackoff backoff;
    McpDependency *dependency; /* nullable */
    gboolean asking;           /* whether it is there, though nothing waits */
    gboolean lost;             /* the log knows */
};

static void schedule(McpCollector *self, gint64 wait);

static void
chunk_free(gpointer data)
{
    Chunk *chunk = data;

    g_free(chunk->spans);
    g_free(chunk);
}

static void
count(McpCollector *self, guint row, guint label, gint64 n)
{
    if (self->metrics != NULL)
        mcp_metrics_add(self->metrics, row, label, n);
}

static void
show_queue(McpCollector *self)
{
    if (self->metrics != NULL)
        mcp_metrics_set(self->metrics, MCP_TRACING_METRIC_QUEUE, 0, (gint64)self->bytes);
}

static void
drop(McpCollector *self, Chunk *chunk, guint label)
{
    count(self, MCP_TRACING_METRIC_SPANS, label, chunk->n);
    self->bytes -= chunk->length;
    chunk_free(chunk);
}

static char *
write_head(const McpCollectorConfig *config)
{
    McpJson *json = mcp_json_new();
    g_autofree char *resource = NULL;

    mcp_json_begin_object(json, NULL);
    mcp_json_begin_array(json, "attributes");
    mcp_span_write_string(json, "service.name", config->service);
    mcp_span_write_string(json, "service.version", MCP_VERSION);
    mcp_span_write_string(json, "service.instance.id", config->instance);
    mcp_json_end_array(json);
    mcp_json_end_object(json);
    resource = mcp_json_finish(json);
    return g_strdup_printf("{\"resourceSpans\":[{\"resource\":%s,\"scopeSpans\":[{\"scope\":"
                           "{\"name\":\"mcp\",\"version\":\"" MCP_VERSION "\"},\"spans\":[",
                           resource);
}

McpCollector *
mcp_collector_new(const McpCollectorConfig *config, McpClock *clock, McpMetrics *metrics)
{
    McpCollector *self = g_new0(McpCollector, 1);

    self->endpoint = g_strdup(config->endpoint);
    self->authorization = g_strdup(config->authorization);
    self->head = write_head(config);
    self->max_queue = config->max_queue;
    self->delay = config->delay;
    self->clock = g_object_ref(clock);
    self->metrics = metrics;
    self->dependency = config->dependency;
    self->session =
        soup_session_new_with_options("max-conns", 1, "user-agent", "mcp/" MCP_VERSION, NULL);
    /* What the environment says of proxies is not for the operator's own collector. */
    soup_session_set_proxy_resolver(self->session, NULL);
    if (config->authorities != NULL)
        soup_session_set_tls_database(self->session, config->authorities);
    return self;
}

void
mcp_collector_free(McpCollector *self)
{
    mcp_timer_clear(&self->timer);
    if (self->request != NULL) {
        self->request->collector = NULL;
        mcp_timer_clear(&self->request->deadline);
        g_cancellable_cancel(self->request->cancellable);
    }
    g_queue_clear_full(&self->waiting, chunk_free);
    g_queue_clear_full(&self->sending, chunk_free);
    g_object_unref(self->session);
    g_object_unref(self->clock);
    g_free(self->endpoint);
    g_free(self->authorization);
    g_free(self->head);
    g_free(self);
}

/* One line when it begins to fail, one when it is back. */
static void
tell(McpCollector *self, const char *failure)
{
    if (failure != NULL)
        mcp_dependency_set(self->dependency, MCP_HEALTH_DOWN, "spans do not reach %s: %s",
                           self->endpoint, failure);
    else
        mcp_dependency_set(self->dependency, MCP_HEALTH_UP, NULL);
    if ((failure != NULL) == self->lost)
        return;
    self->lost = failure != NULL;
    if (self->lost)
        mcp_log_warning("collector-lost", NULL, "spans do not reach %s: %s", self->endpoint,
                        failure);
    else
        mcp_log_info("collector-back", NULL, "spans reach %s again", self->endpoint);
}

/* OTLP/HTTP: these may be sent again; whatever else is refused stays so. */
static gboolean
may_pass(guint status)
{
    return status == 429 || status == 502 || status == 503 || status == 504;
}

static void
settle(McpCollector *self, guint label)
{
    Chunk *chunk = NULL;

    while ((chunk = g_queue_pop_head(&self->sending)) != NULL)
        drop(self, chunk, label);
}

static void
try_again(McpCollector *self)
{
    Chunk *chunk = NULL;

    while ((chunk = g_queue_pop_tail(&self->sending)) != NULL)
        g_queue_push_head(&self->waiting, chunk);
}

static void
make_room(McpCollector *self, gsize length)
{
    while (self->bytes + length > self->max_queue && !g_queue_is_empty(&self->waiting))
        drop(self, g_queue_pop_head(&self->waiting), MCP_TRACING_DROPPED);
}

/* @status: 0: no answer came, @error says why. */
static void
take_answer(McpCollector *self, guint status, const GError *error)
{
    g_autofree char *failure = NULL;

    if (error != NULL)
        failure = g_strdup(error->message);
    else if (status >= 300)
        failure = g_strdup_printf("it answers with %u", status);
    count(self, MCP_TRACING_METRIC_REQUESTS, failure != NULL ? 1 : 0, 1);
    tell(self, failure);
    if (failure == NULL)
        settle(self, MCP_TRACING_SENT);
    else if (error != NULL || may_pass(status))
        try_again(self);
    else
        settle(self, MCP_TRACING_REFUSED);
    make_room(self, 0);
    show_queue(self);
    self->asking = failure != NULL;
    if (failure == NULL)
        mcp_backoff_reset(&self->backoff);
    if (self->asking || !g_queue_is_empty(&self->waiting))
        schedule(self,
                 failure == NULL ? 0 : mcp_backoff_next(&self->backoff, FIRST_WAIT, LONGEST_WAIT));
}

/* (transfer full) @request */
static void
request_done(Request *request, const GError *error)
{
    McpCollector *self = request->collector;
    guint status = soup_message_get_status(request->message);
    gboolean late = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_autoptr(GError) timeout =
        late ? g_error_new(G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "no answer within %d s",
                           (int)(TIMEOUT / G_TIME_SPAN_SECOND))
             : NULL;

    mcp_timer_clear(&request->deadline);
    g_object_unref(request->message);
    g_object_unref(request->cancellable);
    g_free(request);
    if (self == NULL)
        return;
    self->request = NULL;
    take_answer(self, error == NULL ? status : 0, late ? timeout : error);
}

static void
on_skipped(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GError) error = NULL;

    g_input_stream_skip_finish(G_INPUT_STREAM(source), result, &error);
    request_done(user_data, error);
}

static void
on_answer(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Request *request = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GInputStream) stream = soup_session_send_finish(SOUP_SESSION(source), result, &error);

    if (stream == NULL)
        request_done(request, error);
    else
        g_input_stream_skip_async(stream, ANSWER_BYTES, G_PRIORITY_LOW, request->cancellable,
                                  on_skipped, request);
}

static void
on_deadline(gpointer user_data)
{
    g_cancellable_cancel(((Request *)user_data)->cancellable);
}

/* (transfer full): a batch of what waits, which then counts as being sent. */
static GBytes *
take_batch(McpCollector *self)
{
    GString *body = g_string_new(self->head);
    Chunk *chunk = NULL;

    while ((chunk = g_queue_peek_head(&self->waiting)) != NULL &&
           (g_queue_is_empty(&self->sending) || body->len + chunk->length < BATCH_BYTES)) {
        if (!g_queue_is_empty(&self->sending))
            g_string_append_c(body, ',');
        g_string_append_len(body, chunk->spans, (gssize)chunk->length);
        g_queue_push_tail(&self->sending, g_queue_pop_head(&self->waiting));
    }
    g_string_append(body, "]}]}]}");
    return g_string_free_to_bytes(body);
}

static Request *
request_new(McpCollector *self)
{
    Request *request = g_new0(Request, 1);

    request->collector = self;
    request->message = soup_message_new("POST", self->endpoint);
    request->cancellable = g_cancellable_new();
    request->deadline = mcp_clock_after(self->clock, NULL, TIMEOUT, on_deadline, request);
    soup_message_add_flags(request->message, SOUP_MESSAGE_NO_REDIRECT);
    if (self->authorization != NULL)
        soup_message_headers_replace(soup_message_get_request_headers(request->message),
                                     "Authorization", self->authorization);
    return request;
}

static void
send_batch(gpointer user_data)
{
    McpCollector *self = user_data;
    g_autoptr(GBytes) body = NULL;

    mcp_timer_clear(&self->timer);
    if (g_queue_is_empty(&self->waiting) && !self->asking)
        return;
    body = take_batch(self);
    self->request = request_new(self);
    soup_message_set_request_body_from_bytes(self->request->message, "application/json", body);
    soup_session_send_async(self->session, self->request->message, G_PRIORITY_LOW,
                            self->request->cancellable, on_answer, self->request);
}

static void
schedule(McpCollector *self, gint64 wait)
{
    if (self->timer == NULL && self->request == NULL)
        self->timer = mcp_clock_after(self->clock, NULL, wait, send_batch, self);
}

void
mcp_collector_probe(McpCollector *self)
{
    self->asking = TRUE;
    schedule(self, 0);
}

void
mcp_collector_add(McpCollector *self, char *spans, guint n)
{
    Chunk *chunk = g_new(Chunk, 1);

    *chunk = (Chunk){spans, strlen(spans), n};
    if (chunk->length <= self->max_queue)
        make_room(self, chunk->length);
    self->bytes += chunk->length;
    if (self->bytes > self->max_queue) {
        drop(self, chunk, MCP_TRACING_DROPPED);
    } else {
        g_queue_push_tail(&self->waiting, chunk);
        schedule(self, self->delay);
    }
    show_queue(self);
}
