/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The synthesizer service: names each request by a hash, answers from the cache, else lets one run
 * of the engine on the compute pool serve all equal requests. Called on any thread; a request
 * finishes on its caller's context.
 */
#include "synthesizer.h"
#include "ssml.h"
#include "voice.h"
#include <lru/lru.h>
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <mcp/log.h>
#include <string.h>
#include <synthesis/flight.h>

#define LOGGED_LANGUAGES 64

struct _McpSpeechSynthesizer {
    GObject parent_instance;
    McpPool *compute; /* not owned: one of its threads may drop the last reference to this */
    McpClock *clock;
    McpMetrics *metrics;
    McpSynthesisFlights *flights;

    GMutex lock; /* guards all below */
    McpSpeechConfig config;
    char *voice;
    McpLru *cache;
    GHashTable *languages; /* those for which a line was written */
};

typedef struct {
    McpSynthesisFlight *flight;
    char *text;
    char *voice;
    gboolean ssml;
    gboolean any_language;
    guint rate;
} Job;

MCP_LEDGER_DEFINE(McpSpeechSynthesizer);

static void synthesizer_iface_init(McpSynthesizerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpSpeechSynthesizer, mcp_speech_synthesizer, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_SYNTHESIZER, synthesizer_iface_init))

static void
count(McpSpeechSynthesizer *self, McpSpeechMetric row, guint label)
{
    if (self->metrics != NULL)
        mcp_metrics_add(self->metrics, row, label, 1);
}

/* The order is that of MCP_SPEECH_FAILURES. */
static void
count_failure(McpSpeechSynthesizer *self, const GError *error)
{
    static const McpError classes[] = {MCP_ERROR_FAILED, MCP_ERROR_INVALID, MCP_ERROR_UNSUPPORTED,
                                       MCP_ERROR_LIMIT, MCP_ERROR_TIMEOUT};
    guint label = 0;

    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        label = G_N_ELEMENTS(classes);
    for (guint i = 0; i < G_N_ELEMENTS(classes); i++)
        if (g_error_matches(error, MCP_ERROR, (int)classes[i]))
            label = i;
    count(self, MCP_SPEECH_METRIC_FAILURES, label);
}

/* All that changes the sound, and nothing else, goes into the name of a request. */
static char *
make_key(const Job *job)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_autofree char *head = g_strdup_printf("flite 1\n%s\n%u\n%d\n%d\n", job->voice, job->rate,
                                            job->ssml, job->ssml && job->any_language);

    g_checksum_update(sum, (const guchar *)head, -1);
    g_checksum_update(sum, (const guchar *)job->text, -1);
    return g_strconcat("flite-", g_checksum_get_string(sum), NULL);
}

static void
job_free(gpointer data)
{
    Job *job = data;

    g_clear_pointer(&job->flight, mcp_synthesis_flight_unref);
    g_free(job->text);
    g_free(job->voice);
    g_free(job);
}

static gboolean
is_english(const char *language)
{
    return language == NULL || *language == '\0' ||
           (g_ascii_strncasecmp(language, "en", 2) == 0 && !g_ascii_isalpha(language[2]));
}

static void
log_language(McpSpeechSynthesizer *self, const char *language)
{
    gboolean first;

    g_mutex_lock(&self->lock);
    first = g_hash_table_size(self->languages) < LOGGED_LANGUAGES &&
            g_hash_table_add(self->languages, g_strndup(language, 40));
    g_mutex_unlock(&self->lock);
    if (first)
        mcp_log_warning("speech-language", NULL,
                        "no voice for language '%.40s', an English one reads it", language);
}

static gboolean
check_language(McpSpeechSynthesizer *self, const char *language, gboolean any, GError **error)
{
    if (is_english(language))
        return TRUE;
    if (any) {
        log_language(self, language);
        return TRUE;
    }
    g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "no voice for language '%.40s'", language);
    return FALSE;
}

static McpSpeechPlan *
make_plan(McpSpeechSynthesizer *self, const Job *job, GError **error)
{
    g_autoptr(McpSpeechPlan) plan = NULL;
    g_autofree char *language = NULL;

    if (job->ssml) {
        plan = mcp_speech_ssml_plan(job->text, &language, error);
        if (plan == NULL || !check_language(self, language, job->any_language, error))
            return NULL;
    } else {
        plan = mcp_speech_plan_new();
        mcp_speech_plan_text(plan, job->text);
    }
    return g_steal_pointer(&plan);
}

static McpAudio *
run_engine(McpSpeechSynthesizer *self, Job *job, GError **error)
{
    g_autoptr(McpSpeechPlan) plan = make_plan(self, job, error);
    g_autoptr(GBytes) samples = NULL;
    g_autofree char *type = NULL;
    guint rate;

    if (plan == NULL)
        return NULL;
    samples = mcp_speech_render(plan, job->voice, job->rate,
                                mcp_synthesis_flight_get_abandoned(job->flight), &rate, error);
    if (samples == NULL)
        return NULL;
    type = g_strdup_printf("audio/L16;rate=%u", rate);
    return mcp_audio_new(samples, type, mcp_synthesis_flight_get_key(job->flight));
}

/* Compute pool. */
static void
run_job(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    McpSpeechSynthesizer *self = source;
    Job *job = data;
    g_autoptr(GError) error = NULL;
    gint64 start = mcp_clock_now(self->clock);
    g_autoptr(McpAudio) audio = run_engine(self, job, &error);

    if (audio != NULL) {
        g_mutex_lock(&self->lock);
        mcp_lru_put(self->cache, mcp_synthesis_flight_get_key(job->flight), audio,
                    g_bytes_get_size(mcp_audio_get_bytes(audio)) + 512);
        g_mutex_unlock(&self->lock);
    }
    if (self->metrics != NULL)
        mcp_metrics_observe(self->metrics, MCP_SPEECH_METRIC_DURATION, 0,
                            (double)(mcp_clock_now(self->clock) - start) / G_USEC_PER_SEC);
    mcp_synthesis_flight_land(job->flight, audio, error);
    g_task_return_boolean(task, TRUE);
}

/* Only for a job that the pool did not run. */
static void
job_done(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Job *job = g_task_get_task_data(G_TASK(result));
    g_autoptr(GError) error = NULL;

    if (!g_task_propagate_boolean(G_TASK(result), &error))
        mcp_synthesis_flight_land(job->flight, NULL, error);
}

static void
start_job(McpSpeechSynthesizer *self, Job *job)
{
    g_autoptr(GTask) task = g_task_new(self, NULL, job_done, NULL);

    g_task_set_source_tag(task, start_job);
    g_task_set_task_data(task, job, job_free);
    mcp_pool_run(self->compute, task, run_job);
}

static Job *
job_new(McpSpeechSynthesizer *self, const McpSynthesisRequest *request, gint64 *out_deadline)
{
    Job *job = g_new0(Job, 1);

    job->ssml = request->ssml;
    job->text = g_strdup(request->text != NULL ? request->text : "");
    job->rate = request->sample_rate >= 16000 ? 16000 : 8000;
    g_mutex_lock(&self->lock);
    job->voice = g_strdup(mcp_speech_voice_known(request->voice) ? request->voice : self->voice);
    job->any_language = self->config.any_language;
    *out_deadline = request->deadline > 0 ? request->deadline : self->config.deadline;
    g_mutex_unlock(&self->lock);
    return job;
}

static gboolean
check_request(McpSpeechSynthesizer *self, const McpSynthesisRequest *request, const Job *job,
              GError **error)
{
    gsize length = strlen(job->text);
    guint64 limit;

    g_mutex_lock(&self->lock);
    limit = self->config.text_limit;
    g_mutex_unlock(&self->lock);
    if (length > limit) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT,
                    "text has %" G_GSIZE_FORMAT " bytes, %" G_GUINT64_FORMAT " at most are spoken",
                    length, limit);
        return FALSE;
    }
    return check_language(self, request->language, job->any_language, error);
}

static void
synthesize_async(McpSynthesizer *synthesizer, const McpSynthesisRequest *request,
                 GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
    McpSpeechSynthesizer *self = MCP_SPEECH_SYNTHESIZER(synthesizer);
    GTask *task = g_task_new(self, cancellable, callback, user_data);
    gint64 deadline;
    Job *job = job_new(self, request, &deadline);
    g_autofree char *key = make_key(job);
    GError *error = NULL;
    McpAudio *known;

    g_task_set_source_tag(task, synthesize_async);
    count(self, MCP_SPEECH_METRIC_REQUESTS, 0);
    if (!check_request(self, request, job, &error)) {
        g_task_return_error(task, error);
        g_object_unref(task);
        job_free(job);
        return;
    }
    g_mutex_lock(&self->lock);
    known = mcp_lru_get(self->cache, key);
    g_mutex_unlock(&self->lock);
    if (known != NULL) {
        count(self, MCP_SPEECH_METRIC_CACHE_HITS, 0);
        g_task_return_pointer(task, known, (GDestroyNotify)mcp_audio_unref);
        g_object_unref(task);
        job_free(job);
        return;
    }
    job->flight = mcp_synthesis_flights_join(self->flights, key, task, deadline);
    if (job->flight != NULL) {
        start_job(self, job);
    } else {
        count(self, MCP_SPEECH_METRIC_SHARED, 0);
        job_free(job);
    }
}

static McpAudio *
synthesize_finish(McpSynthesizer *synthesizer, GAsyncResult *result, GError **error)
{
    GError *fault = NULL;
    McpAudio *audio = g_task_propagate_pointer(G_TASK(result), &fault);

    if (audio == NULL) {
        count_failure(MCP_SPEECH_SYNTHESIZER(synthesizer), fault);
        g_propagate_error(error, fault);
    }
    return audio;
}

void
mcp_speech_synthesizer_configure(McpSpeechSynthesizer *self, const McpSpeechConfig *config)
{
    g_mutex_lock(&self->lock);
    self->config = *config;
    g_free(self->voice);
    self->voice = g_strdup(config->voice);
    self->config.voice = self->voice;
    mcp_lru_set_limit(self->cache, config->cache);
    g_mutex_unlock(&self->lock);
}

McpSpeechSynthesizer *
mcp_speech_synthesizer_new(const McpSpeechConfig *config, McpPool *compute, McpClock *clock,
                           McpMetrics *metrics)
{
    McpSpeechSynthesizer *self = g_object_new(MCP_TYPE_SPEECH_SYNTHESIZER, NULL);

    self->compute = compute;
    self->clock = g_object_ref(clock);
    self->metrics = metrics;
    self->flights = mcp_synthesis_flights_new(clock);
    mcp_speech_synthesizer_configure(self, config);
    return self;
}

static void
mcp_speech_synthesizer_finalize(GObject *object)
{
    McpSpeechSynthesizer *self = MCP_SPEECH_SYNTHESIZER(object);

    g_clear_pointer(&self->flights, mcp_synthesis_flights_unref);
    mcp_lru_free(self->cache);
    g_hash_table_unref(self->languages);
    g_clear_object(&self->clock);
    g_mutex_clear(&self->lock);
    g_free(self->voice);
    MCP_LEDGER_FINALIZED(McpSpeechSynthesizer);
    G_OBJECT_CLASS(mcp_speech_synthesizer_parent_class)->finalize(object);
}

static void
mcp_speech_synthesizer_init(McpSpeechSynthesizer *self)
{
    g_mutex_init(&self->lock);
    self->cache = mcp_lru_new(0, (McpLruRef)mcp_audio_ref, (GDestroyNotify)mcp_audio_unref);
    self->languages = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    MCP_LEDGER_CREATED(McpSpeechSynthesizer);
}

static void
mcp_speech_synthesizer_class_init(McpSpeechSynthesizerClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_speech_synthesizer_finalize;
}

static void
synthesizer_iface_init(McpSynthesizerInterface *iface)
{
    iface->synthesize_async = synthesize_async;
    iface->synthesize_finish = synthesize_finish;
}
