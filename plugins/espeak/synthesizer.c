/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The synthesizer service: chooses the voice, names each request by a hash of what a worker is
 * told, answers from the cache, else has one order of all equal requests worked on. Called on any
 * thread; orders are worked on on the context it was made on, and a request finishes on its
 * caller's.
 */
#include "synthesizer.h"

#include "pool.h"
#include "ssml.h"
#include "utterance.h"

#include <lru/lru.h>
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <string.h>
#include <synthesis/flight.h>

/* An order tells itself that it is late before those who wait for it lose patience. */
#define PATIENCE (100 * 1000)
#define SILENCE_MS 100

struct _McpEspeakSynthesizer {
    GObject parent_instance;
    McpEspeakDeps deps;
    GMainContext *context;
    McpSynthesisFlights *flights;
    McpEspeakReadyFunc func;
    gpointer user_data;
    McpEspeakPool *pool; /* written on the context, before and after all use */
    gboolean closed;     /* of the context alone */

    GMutex lock; /* guards what follows */
    McpEspeakConfig *config;
    McpEspeakVoices *voices; /* nullable */
    McpLru *cache;
};

/* An order on its way to the context, and on it. */
typedef struct {
    McpEspeakSynthesizer *self;
    McpSynthesisFlight *flight;
    McpEspeakOrder *order;
    gint64 start; /* clock µs */
    gboolean landed;
} Job;

MCP_LEDGER_DEFINE(McpEspeakSynthesizer);

static void synthesizer_iface_init(McpSynthesizerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpEspeakSynthesizer, mcp_espeak_synthesizer, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_SYNTHESIZER, synthesizer_iface_init))

/* The order is that of MCP_ESPEAK_FAILURES. */
static void
count_failure(McpEspeakSynthesizer *self, const GError *error)
{
    static const McpError classes[] = {MCP_ERROR_FAILED, MCP_ERROR_INVALID, MCP_ERROR_UNSUPPORTED,
                                       MCP_ERROR_LIMIT, MCP_ERROR_TIMEOUT};
    guint label = 0;

    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        label = G_N_ELEMENTS(classes);
    for (guint i = 0; i < G_N_ELEMENTS(classes); i++)
        if (g_error_matches(error, MCP_ERROR, (int)classes[i]))
            label = i;
    mcp_espeak_count(&self->deps, MCP_ESPEAK_METRIC_FAILURES, label);
}

/* --- on the context --- */

static void
job_free(gpointer data)
{
    Job *job = data;

    g_clear_pointer(&job->order, mcp_espeak_order_free);
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
ended(McpAudio *audio, const GError *error, gpointer user_data)
{
    Job *job = user_data;
    McpEspeakSynthesizer *self = job->self;
    gint64 took = mcp_clock_now(self->deps.clock) - job->start;

    if (audio != NULL) {
        g_mutex_lock(&self->lock);
        mcp_lru_put(self->cache, mcp_audio_get_id(audio), audio,
                    g_bytes_get_size(mcp_audio_get_bytes(audio)) + 512);
        g_mutex_unlock(&self->lock);
        if (self->deps.metrics != NULL)
            mcp_metrics_observe(self->deps.metrics, MCP_ESPEAK_METRIC_DURATION, 0,
                                (double)took / G_USEC_PER_SEC);
    }
    land(job, audio, error);
    job_free(job);
}

static const McpEspeakUtteranceEvents utterance_events = {begun, ended};

static gboolean
start_job(gpointer user_data)
{
    Job *job = user_data;
    McpEspeakSynthesizer *self = job->self;

    job->start = mcp_clock_now(self->deps.clock);
    if (self->closed) {
        g_autoptr(GError) error =
            g_error_new_literal(MCP_ERROR, MCP_ERROR_CLOSED, "the service is being stopped");

        ended(NULL, error, job);
        return G_SOURCE_REMOVE;
    }
    mcp_espeak_utterance_start(self->pool, self->deps.clock, g_steal_pointer(&job->order),
                               mcp_synthesis_flight_get_abandoned(job->flight), &utterance_events,
                               job);
    return G_SOURCE_REMOVE;
}

static void
pool_ready(McpEspeakVoices *voices, gpointer user_data)
{
    McpEspeakSynthesizer *self = user_data;

    g_mutex_lock(&self->lock);
    g_clear_pointer(&self->voices, mcp_espeak_voices_unref);
    self->voices = mcp_espeak_voices_ref(voices);
    g_mutex_unlock(&self->lock);
    if (self->func != NULL)
        self->func(NULL, self->user_data);
}

static void
pool_failed(const char *why, gpointer user_data)
{
    McpEspeakSynthesizer *self = user_data;

    if (self->func != NULL)
        self->func(why, self->user_data);
}

static const McpEspeakPoolEvents pool_events = {pool_ready, pool_failed};

/* --- on any thread --- */

static void
post_job(McpEspeakSynthesizer *self, McpSynthesisFlight *flight, McpEspeakOrder *order)
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

static gboolean
check_length(const McpEspeakConfig *config, const char *text, GError **error)
{
    gsize length = strlen(text);

    if (length <= config->text_limit)
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT,
                "text has %" G_GSIZE_FORMAT " bytes, %" G_GSIZE_FORMAT " at most are spoken",
                length, config->text_limit);
    return FALSE;
}

/* What the document says of its language comes before what is said about it. */
static const McpEspeakVoice *
choose_voice(const McpEspeakConfig *config, const McpEspeakVoices *voices,
             const McpSynthesisRequest *request, const McpEspeakSpeech *speech, GError **error)
{
    const McpEspeakVoice *voice =
        request->voice != NULL ? mcp_espeak_voices_find(voices, request->voice) : NULL;
    const char *language = speech->language;

    if (voice != NULL)
        return voice;
    if (language == NULL)
        language = request->language;
    if (language == NULL || *language == '\0')
        language = config->language;
    voice = mcp_espeak_voices_choose(voices, language);
    if (voice == NULL)
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "no voice for language '%.40s'",
                    language);
    return voice;
}

/* All that changes the sound is in what a worker is told, but for the engine itself. */
static char *
make_id(const McpEspeakVoices *voices, GBytes *message)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree char *head =
        g_strdup_printf("espeak-ng 1\n%s\n%u\n", mcp_espeak_voices_get_version(voices),
                        mcp_espeak_voices_get_rate(voices));
    gsize length = 0;
    const guchar *data = g_bytes_get_data(message, &length);

    g_checksum_update(sum, (const guchar *)head, -1);
    g_checksum_update(sum, data, (gssize)length);
    return g_strconcat("espeak-", g_checksum_get_string(sum), NULL);
}

static McpEspeakOrder *
make_order(const McpEspeakConfig *config, const McpEspeakVoices *voices,
           const McpSynthesisRequest *request, GError **error)
{
    const char *text = request->text != NULL ? request->text : "";
    g_autoptr(McpEspeakSpeech) speech = NULL;
    const McpEspeakVoice *voice = NULL;
    McpEspeakOrder *order = NULL;
    char *message = NULL;

    if (!check_length(config, text, error))
        return NULL;
    speech = request->ssml ? mcp_espeak_ssml_read(text, voices, error)
                           : mcp_espeak_text_read(text, error);
    if (speech == NULL)
        return NULL;
    voice = choose_voice(config, voices, request, speech, error);
    if (voice == NULL)
        return NULL;
    if (*speech->text == '\0' && speech->silence == 0)
        speech->silence = SILENCE_MS;
    message = g_strdup_printf("%d %u %u %s\n%s", request->ssml ? 1 : 0, config->speed,
                              speech->silence, voice->name, speech->text);
    order = g_new0(McpEspeakOrder, 1);
    order->message = g_bytes_new_take(message, strlen(message));
    order->rate = mcp_espeak_voices_get_rate(voices);
    order->deadline = request->deadline > 0 ? request->deadline : config->deadline;
    order->id = make_id(voices, order->message);
    return order;
}

static McpEspeakOrder *
take_order(McpEspeakSynthesizer *self, const McpSynthesisRequest *request, GError **error)
{
    g_autoptr(McpEspeakConfig) config = NULL;
    g_autoptr(McpEspeakVoices) voices = NULL;

    g_mutex_lock(&self->lock);
    config = mcp_espeak_config_ref(self->config);
    voices = self->voices != NULL ? mcp_espeak_voices_ref(self->voices) : NULL;
    g_mutex_unlock(&self->lock);
    if (voices != NULL)
        return make_order(config, voices, request, error);
    g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "the engine's process has not started");
    return NULL;
}

static McpAudio *
find_kept(McpEspeakSynthesizer *self, const McpEspeakOrder *order)
{
    McpAudio *kept = NULL;

    g_mutex_lock(&self->lock);
    kept = mcp_lru_get(self->cache, order->id);
    g_mutex_unlock(&self->lock);
    if (kept != NULL)
        mcp_espeak_count(&self->deps, MCP_ESPEAK_METRIC_CACHE_HITS, 0);
    return kept;
}

static void
synthesize_async(McpSynthesizer *synthesizer, const McpSynthesisRequest *request,
                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
    McpEspeakSynthesizer *self = MCP_ESPEAK_SYNTHESIZER(synthesizer);
    g_autoptr(GTask) task = g_task_new(self, cancellable, callback, user_data);
    McpSynthesisFlight *flight = NULL;
    GError *error = NULL;
    g_autoptr(McpEspeakOrder) order = take_order(self, request, &error);
    McpAudio *kept = NULL;

    g_task_set_source_tag(task, synthesize_async);
    mcp_espeak_count(&self->deps, MCP_ESPEAK_METRIC_REQUESTS, 0);
    if (order == NULL) {
        g_task_return_error(task, error);
        return;
    }
    kept = find_kept(self, order);
    if (kept != NULL) {
        g_task_set_task_data(task, GINT_TO_POINTER(TRUE), NULL);
        g_task_return_pointer(task, kept, (GDestroyNotify)mcp_audio_unref);
        return;
    }
    flight = mcp_synthesis_flights_join(self->flights, order->id, g_object_ref(task),
                                        order->deadline + PATIENCE);
    if (flight != NULL)
        post_job(self, flight, g_steal_pointer(&order));
    else
        mcp_espeak_count(&self->deps, MCP_ESPEAK_METRIC_SHARED, 0);
}

static McpAudio *
synthesize_finish(McpSynthesizer *synthesizer, GAsyncResult *result, GError **error)
{
    GError *fault = NULL;
    McpAudio *audio = g_task_propagate_pointer(G_TASK(result), &fault);

    if (audio == NULL) {
        count_failure(MCP_ESPEAK_SYNTHESIZER(synthesizer), fault);
        g_propagate_error(error, fault);
    }
    return audio;
}

static void
describe(McpSynthesizer *synthesizer, McpJson *json)
{
    McpEspeakSynthesizer *self = MCP_ESPEAK_SYNTHESIZER(synthesizer);
    guint voices = 0;

    g_mutex_lock(&self->lock);
    if (self->voices != NULL)
        voices = mcp_espeak_voices_get_length(self->voices);
    g_mutex_unlock(&self->lock);
    mcp_json_int(json, "voices", voices);
    mcp_espeak_pool_describe(self->pool, json);
}

static gboolean
flush(McpSynthesizer *synthesizer, GError **error)
{
    McpEspeakSynthesizer *self = MCP_ESPEAK_SYNTHESIZER(synthesizer);

    g_mutex_lock(&self->lock);
    mcp_lru_set_limit(self->cache, 0);
    mcp_lru_set_limit(self->cache, self->config->cache);
    g_mutex_unlock(&self->lock);
    return TRUE;
}

static const char *
get_engine(McpSynthesizer *synthesizer, GAsyncResult *result, gboolean *out_kept)
{
    *out_kept = g_task_get_task_data(G_TASK(result)) != NULL;
    return MCP_ESPEAK_SERVICE;
}

static void
take_config(McpEspeakSynthesizer *self, McpEspeakConfig *config)
{
    g_mutex_lock(&self->lock);
    g_clear_pointer(&self->config, mcp_espeak_config_unref);
    self->config = mcp_espeak_config_ref(config);
    mcp_lru_set_limit(self->cache, config->cache);
    g_mutex_unlock(&self->lock);
}

void
mcp_espeak_synthesizer_configure(McpEspeakSynthesizer *self, McpEspeakConfig *config)
{
    take_config(self, config);
    mcp_espeak_pool_configure(self->pool, config);
}

void
mcp_espeak_synthesizer_close(McpEspeakSynthesizer *self)
{
    self->closed = TRUE;
    self->func = NULL;
    mcp_espeak_pool_close(self->pool);
}

McpEspeakSynthesizer *
mcp_espeak_synthesizer_new(const McpEspeakDeps *deps, McpEspeakConfig *config,
                           McpEspeakReadyFunc func, gpointer user_data)
{
    McpEspeakSynthesizer *self = g_object_new(MCP_TYPE_ESPEAK_SYNTHESIZER, NULL);

    self->deps = *deps;
    self->context = g_main_context_ref_thread_default();
    self->flights = mcp_synthesis_flights_new(deps->clock);
    self->func = func;
    self->user_data = user_data;
    take_config(self, config);
    self->pool = mcp_espeak_pool_new(deps, config, &pool_events, self);
    return self;
}

static void
mcp_espeak_synthesizer_finalize(GObject *object)
{
    McpEspeakSynthesizer *self = MCP_ESPEAK_SYNTHESIZER(object);

    if (!self->closed)
        mcp_espeak_pool_close(self->pool);
    g_clear_pointer(&self->pool, mcp_espeak_pool_unref);
    g_clear_pointer(&self->flights, mcp_synthesis_flights_unref);
    g_clear_pointer(&self->config, mcp_espeak_config_unref);
    g_clear_pointer(&self->voices, mcp_espeak_voices_unref);
    g_clear_pointer(&self->context, g_main_context_unref);
    mcp_lru_free(self->cache);
    g_mutex_clear(&self->lock);
    MCP_LEDGER_FINALIZED(McpEspeakSynthesizer);
    G_OBJECT_CLASS(mcp_espeak_synthesizer_parent_class)->finalize(object);
}

static void
mcp_espeak_synthesizer_init(McpEspeakSynthesizer *self)
{
    g_mutex_init(&self->lock);
    self->cache = mcp_lru_new(0, (McpLruRef)mcp_audio_ref, (GDestroyNotify)mcp_audio_unref);
    MCP_LEDGER_CREATED(McpEspeakSynthesizer);
}

static void
mcp_espeak_synthesizer_class_init(McpEspeakSynthesizerClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_espeak_synthesizer_finalize;
}

static void
synthesizer_iface_init(McpSynthesizerInterface *iface)
{
    iface->synthesize_async = synthesize_async;
    iface->synthesize_finish = synthesize_finish;
    iface->describe = describe;
    iface->flush = flush;
    iface->get_engine = get_engine;
}
