/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The synthesizer service: names each request by a hash, answers from the cache, else has one order
 * of all equal requests worked on. Called on any thread; orders are worked on on the context it was
 * made on, and a request finishes on its caller's.
 */
#include "synthesizer.h"

#include "synthesis.h"

#include <google_api/status.h>
#include <lru/lru.h>
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <string.h>
#include <synthesis/flight.h>

/* An order tells itself that it is late before those who wait for it lose patience. */
#define PATIENCE (100 * 1000)
#define SILENCE_MS 100
#define RATE_DEFAULT 8000
#define LEAST_RATE 8000
#define MOST_RATE 48000

struct _McpGoogleSynthesizer {
    GObject parent_instance;
    McpGoogleDeps deps;
    GMainContext *context;
    McpSynthesisFlights *flights;

    /* Of the context alone. */
    McpGoogleBackend *backend; /* NULL once closed */
    GHashTable *running;       /* McpGoogleSynthesis */

    GMutex lock; /* guards what follows */
    McpGoogleConfig *config;
    McpLru *cache;
};

/* An order on its way to the context, and on it. */
typedef struct {
    McpGoogleSynthesizer *self;
    McpSynthesisFlight *flight;
    McpGoogleOrder *order;
    gboolean landed;
} Job;

MCP_LEDGER_DEFINE(McpGoogleSynthesizer);

static void synthesizer_iface_init(McpSynthesizerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpGoogleSynthesizer, mcp_google_synthesizer, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_SYNTHESIZER, synthesizer_iface_init))

static void
job_free(gpointer data)
{
    Job *job = data;

    g_clear_pointer(&job->order, mcp_google_order_free);
    g_clear_pointer(&job->flight, mcp_synthesis_flight_unref);
    g_clear_object(&job->self);
    g_free(job);
}

static void
land(Job *job, McpAudio *audio, const GError *error)
{
    if (!job->landed)
        mcp_synthesis_flight_land(job->flight, audio, error);
    job->landed = TRUE;
}

static void
begun(McpAudio *audio, gpointer user_data)
{
    land(user_data, audio, NULL);
}

static void
ended(McpGoogleSynthesis *synthesis, McpAudio *audio, const GError *error, gpointer user_data)
{
    Job *job = user_data;
    McpGoogleSynthesizer *self = job->self;

    g_hash_table_remove(self->running, synthesis);
    if (audio != NULL) {
        g_mutex_lock(&self->lock);
        mcp_lru_put(self->cache, mcp_audio_get_id(audio), audio,
                    g_bytes_get_size(mcp_audio_get_bytes(audio)) + 512);
        g_mutex_unlock(&self->lock);
    }
    land(job, audio, error);
    job_free(job);
}

static const McpGoogleSynthesisEvents synthesis_events = {begun, ended};

static void
land_closed(Job *job)
{
    g_autoptr(GError) error =
        g_error_new_literal(MCP_ERROR, MCP_ERROR_CLOSED, "the service is being stopped");

    land(job, NULL, error);
}

/* On the synthesizer's context. */
static gboolean
start_job(gpointer user_data)
{
    Job *job = user_data;
    McpGoogleSynthesizer *self = job->self;
    McpGoogleSynthesis *synthesis = NULL;

    if (self->backend == NULL) {
        land_closed(job);
        job_free(job);
        return G_SOURCE_REMOVE;
    }
    synthesis = mcp_google_synthesis_start(self->backend, g_steal_pointer(&job->order),
                                           mcp_synthesis_flight_get_abandoned(job->flight),
                                           &synthesis_events, job);
    if (synthesis != NULL)
        g_hash_table_add(self->running, synthesis);
    return G_SOURCE_REMOVE;
}

static void
post_job(McpGoogleSynthesizer *self, McpSynthesisFlight *flight, McpGoogleOrder *order)
{
    g_autoptr(GSource) source = g_idle_source_new();
    Job *job = g_new0(Job, 1);

    job->self = g_object_ref(self);
    job->flight = flight;
    job->order = order;
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, start_job, job, NULL);
    g_source_attach(source, self->context);
}

/* All that changes the sound, and nothing else, goes into the name of a request. */
static char *
make_id(const McpGoogleConfig *config, const McpGoogleOrder *order)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree char *head =
        g_strdup_printf("google 1\n%s\n%s\n%s\n%u\n%d\n", config->fingerprint,
                        order->language != NULL ? order->language : "",
                        order->voice != NULL ? order->voice : "", order->sample_rate, order->ssml);

    g_checksum_update(sum, (const guchar *)head, -1);
    g_checksum_update(sum, (const guchar *)order->text, -1);
    return g_strconcat("google-", g_checksum_get_string(sum), NULL);
}

static char *
dup_if_said(const char *text)
{
    return text != NULL && *text != '\0' ? g_strdup(text) : NULL;
}

static McpGoogleOrder *
make_order(const McpGoogleConfig *config, const McpSynthesisRequest *request)
{
    McpGoogleOrder *order = g_new0(McpGoogleOrder, 1);
    guint rate = request->sample_rate > 0 ? request->sample_rate : RATE_DEFAULT;

    order->text = g_strdup(request->text != NULL ? request->text : "");
    order->ssml = request->ssml;
    order->language = dup_if_said(request->language);
    order->voice = dup_if_said(request->voice);
    order->sample_rate = CLAMP(rate, LEAST_RATE, MOST_RATE);
    order->deadline = request->deadline > 0 ? request->deadline : config->deadline;
    order->id = make_id(config, order);
    return order;
}

static gboolean
check_order(const McpGoogleConfig *config, const McpGoogleOrder *order, GError **error)
{
    gsize length = strlen(order->text);

    if (length > config->text_limit) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT,
                    "text has %" G_GSIZE_FORMAT " bytes, %" G_GSIZE_FORMAT " at most are sent",
                    length, config->text_limit);
        return FALSE;
    }
    if (g_utf8_validate(order->text, -1, NULL))
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "text is not UTF-8");
    return FALSE;
}

/* The service refuses empty text; a page may well have nothing to say. */
static McpAudio *
make_silence(const McpGoogleOrder *order)
{
    gsize length = (gsize)order->sample_rate * SILENCE_MS / 1000 * 2;
    g_autoptr(GBytes) samples = g_bytes_new_take(g_malloc0(length), length);
    g_autofree char *type = g_strdup_printf("audio/L16;rate=%u", order->sample_rate);

    return mcp_audio_new(samples, type, order->id);
}

static gboolean
is_blank(const McpGoogleOrder *order)
{
    return !order->ssml && order->text[strspn(order->text, " \t\r\n")] == '\0';
}

static McpAudio *
find_ready(McpGoogleSynthesizer *self, const McpGoogleOrder *order)
{
    McpAudio *known = NULL;

    if (is_blank(order))
        return make_silence(order);
    g_mutex_lock(&self->lock);
    known = mcp_lru_get(self->cache, order->id);
    g_mutex_unlock(&self->lock);
    if (known != NULL)
        mcp_google_count(&self->deps, MCP_GOOGLE_METRIC_CACHE_HITS, 0, 1);
    return known;
}

static McpGoogleConfig *
ref_config(McpGoogleSynthesizer *self)
{
    McpGoogleConfig *config = NULL;

    g_mutex_lock(&self->lock);
    config = mcp_google_config_ref(self->config);
    g_mutex_unlock(&self->lock);
    return config;
}

static void
synthesize_async(McpSynthesizer *synthesizer, const McpSynthesisRequest *request,
                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
    McpGoogleSynthesizer *self = MCP_GOOGLE_SYNTHESIZER(synthesizer);
    GTask *task = g_task_new(self, cancellable, callback, user_data);
    g_autoptr(McpGoogleConfig) config = ref_config(self);
    McpGoogleOrder *order = make_order(config, request);
    McpSynthesisFlight *flight = NULL;
    McpAudio *ready = NULL;
    GError *error = NULL;

    g_task_set_source_tag(task, synthesize_async);
    mcp_google_count(&self->deps, MCP_GOOGLE_METRIC_REQUESTS, 0, 1);
    if (!check_order(config, order, &error)) {
        g_task_return_error(task, error);
    } else if ((ready = find_ready(self, order)) != NULL) {
        g_task_return_pointer(task, ready, (GDestroyNotify)mcp_audio_unref);
    } else {
        flight = mcp_synthesis_flights_join(self->flights, order->id, g_object_ref(task),
                                            order->deadline + PATIENCE);
        if (flight != NULL)
            post_job(self, flight, g_steal_pointer(&order));
        else
            mcp_google_count(&self->deps, MCP_GOOGLE_METRIC_SHARED, 0, 1);
    }
    g_clear_pointer(&order, mcp_google_order_free);
    g_object_unref(task);
}

static McpAudio *
synthesize_finish(McpSynthesizer *synthesizer, GAsyncResult *result, GError **error)
{
    GError *fault = NULL;
    McpAudio *audio = g_task_propagate_pointer(G_TASK(result), &fault);

    if (audio == NULL) {
        mcp_google_count(&MCP_GOOGLE_SYNTHESIZER(synthesizer)->deps, MCP_GOOGLE_METRIC_FAILURES,
                         mcp_gapi_label_of(fault), 1);
        g_propagate_error(error, fault);
    }
    return audio;
}

static gboolean
flush(McpSynthesizer *synthesizer, GError **error)
{
    McpGoogleSynthesizer *self = MCP_GOOGLE_SYNTHESIZER(synthesizer);

    g_mutex_lock(&self->lock);
    mcp_lru_set_limit(self->cache, 0);
    mcp_lru_set_limit(self->cache, self->config->cache);
    g_mutex_unlock(&self->lock);
    return TRUE;
}

gboolean
mcp_google_synthesizer_configure(McpGoogleSynthesizer *self, McpGoogleConfig *config,
                                 GError **error)
{
    McpGoogleBackend *backend = mcp_google_backend_new(&self->deps, config, error);

    if (backend == NULL)
        return FALSE;
    g_clear_pointer(&self->backend, mcp_google_backend_close);
    self->backend = backend;
    g_mutex_lock(&self->lock);
    g_clear_pointer(&self->config, mcp_google_config_unref);
    self->config = mcp_google_config_ref(config);
    mcp_lru_set_limit(self->cache, config->cache);
    g_mutex_unlock(&self->lock);
    return TRUE;
}

void
mcp_google_synthesizer_close(McpGoogleSynthesizer *self)
{
    g_autoptr(GList) running = g_hash_table_get_keys(self->running);
    g_autoptr(GError) error =
        g_error_new_literal(MCP_ERROR, MCP_ERROR_CLOSED, "the service is being stopped");

    g_clear_pointer(&self->backend, mcp_google_backend_close);
    /* The end of one may let another begin, but none takes another one with it. */
    for (GList *it = running; it != NULL; it = it->next)
        if (g_hash_table_contains(self->running, it->data))
            mcp_google_synthesis_abort(it->data, error);
}

McpGoogleSynthesizer *
mcp_google_synthesizer_new(const McpGoogleDeps *deps, McpGoogleConfig *config, GError **error)
{
    g_autoptr(McpGoogleSynthesizer) self = g_object_new(MCP_TYPE_GOOGLE_SYNTHESIZER, NULL);

    self->deps = *deps;
    self->context = g_main_context_ref_thread_default();
    self->flights = mcp_synthesis_flights_new(deps->service.clock);
    if (!mcp_google_synthesizer_configure(self, config, error))
        return NULL;
    return g_steal_pointer(&self);
}

static void
mcp_google_synthesizer_finalize(GObject *object)
{
    McpGoogleSynthesizer *self = MCP_GOOGLE_SYNTHESIZER(object);

    g_clear_pointer(&self->backend, mcp_google_backend_close);
    g_clear_pointer(&self->flights, mcp_synthesis_flights_unref);
    g_clear_pointer(&self->config, mcp_google_config_unref);
    g_clear_pointer(&self->context, g_main_context_unref);
    g_hash_table_unref(self->running);
    mcp_lru_free(self->cache);
    g_mutex_clear(&self->lock);
    MCP_LEDGER_FINALIZED(McpGoogleSynthesizer);
    G_OBJECT_CLASS(mcp_google_synthesizer_parent_class)->finalize(object);
}

static void
mcp_google_synthesizer_init(McpGoogleSynthesizer *self)
{
    g_mutex_init(&self->lock);
    self->running = g_hash_table_new(NULL, NULL);
    self->cache = mcp_lru_new(0, (McpLruRef)mcp_audio_ref, (GDestroyNotify)mcp_audio_unref);
    MCP_LEDGER_CREATED(McpGoogleSynthesizer);
}

static void
mcp_google_synthesizer_class_init(McpGoogleSynthesizerClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_google_synthesizer_finalize;
}

static void
synthesizer_iface_init(McpSynthesizerInterface *iface)
{
    iface->synthesize_async = synthesize_async;
    iface->synthesize_finish = synthesize_finish;
    iface->flush = flush;
}
