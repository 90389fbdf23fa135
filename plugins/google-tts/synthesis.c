/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpGoogleSynthesis: one order: waits for its turn, chooses the voice, gets the token, asks, and
 * asks again after failures that may pass. Streamed speech is handed on with its first samples and
 * then grows. Runs on the backend's context. Each asynchronous step holds a reference and looks
 * whether the order has ended meanwhile.
 */
#include "synthesis.h"

#include "linear16.h"
#include "stream.h"
#include "voices.h"

#include <google_api/status.h>
#include <mcp/breaker.h>
#include <mcp/error.h>
#include <mcp/log.h>
#include <string.h>

#define FIRST_WAIT (200 * 1000)
#define LAST_WAIT (5 * G_USEC_PER_SEC)
#define MOST_SECONDS 600

struct _McpGoogleSynthesis {
    guint refs;
    McpGoogleBackend *backend; /* until it has ended */
    McpGoogleOrder *order;
    const McpGoogleSynthesisEvents *events; /* NULL: it has ended */
    gpointer user_data;
    gint64 start; /* clock µs, as the next */
    gint64 end;
    McpTimer *deadline;
    McpTimer *pause;
    GSource *abandoned; /* by who waits, then by who listens */
    GCancellable *cancellable;
    gboolean entered;
    gboolean trying; /* the breaker waits to be told */
    gboolean reauthorized;
    guint retries;
    McpBackoff backoff;
    char *voice; /* nullable: the service chooses */
    char *language;
    char **metadata;
    McpGoogleStream *stream;
    GByteArray *samples;        /* of the stream so far */
    McpAudioProducer *producer; /* nullable: has not begun */
};

static void attempt(McpGoogleSynthesis *synthesis);

void
mcp_google_order_free(McpGoogleOrder *order)
{
    g_free(order->id);
    g_free(order->text);
    g_free(order->language);
    g_free(order->voice);
    g_free(order);
}

static void
synthesis_unref(McpGoogleSynthesis *synthesis)
{
    if (--synthesis->refs > 0)
        return;
    g_clear_pointer(&synthesis->samples, g_byte_array_unref);
    g_free(synthesis->voice);
    g_free(synthesis->language);
    g_strfreev(synthesis->metadata);
    g_object_unref(synthesis->cancellable);
    mcp_google_order_free(synthesis->order);
    g_free(synthesis);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpGoogleSynthesis, synthesis_unref)

static McpGoogleSynthesis *
synthesis_ref(McpGoogleSynthesis *synthesis)
{
    synthesis->refs++;
    return synthesis;
}

static const McpGoogleDeps *
deps_of(McpGoogleSynthesis *synthesis)
{
    return mcp_google_backend_get_deps(synthesis->backend);
}

static void
stop_watching(McpGoogleSynthesis *synthesis)
{
    if (synthesis->abandoned != NULL)
        g_source_destroy(synthesis->abandoned);
    g_clear_pointer(&synthesis->abandoned, g_source_unref);
}

static void
stop(McpGoogleSynthesis *synthesis, const GError *error)
{
    mcp_timer_clear(&synthesis->deadline);
    mcp_timer_clear(&synthesis->pause);
    stop_watching(synthesis);
    g_clear_pointer(&synthesis->stream, mcp_google_stream_close);
    g_cancellable_cancel(synthesis->cancellable);
    if (synthesis->producer != NULL)
        mcp_audio_producer_finish(synthesis->producer, error);
    g_clear_pointer(&synthesis->producer, mcp_audio_producer_free);
}

static void
finish(McpGoogleSynthesis *synthesis, McpAudio *audio, const GError *error)
{
    const McpGoogleSynthesisEvents *events = g_steal_pointer(&synthesis->events);

    if (events == NULL)
        return;
    stop(synthesis, error);
    if (synthesis->trying)
        mcp_gapi_service_tell_unknown(mcp_google_backend_get_service(synthesis->backend));
    if (synthesis->entered)
        mcp_google_backend_leave(synthesis->backend, synthesis);
    /* Steps under way hold this, but must not hold the channel. */
    g_clear_pointer(&synthesis->backend, mcp_google_backend_unref);
    events->ended(synthesis, audio, error, synthesis->user_data);
    synthesis_unref(synthesis);
}

static void
finish_literal(McpGoogleSynthesis *synthesis, McpError code, const char *message)
{
    g_autoptr(GError) error = g_error_new_literal(MCP_ERROR, (int)code, message);

    finish(synthesis, NULL, error);
}

static void
pause_over(gpointer user_data)
{
    McpGoogleSynthesis *synthesis = user_data;

    mcp_timer_clear(&synthesis->pause);
    attempt(synthesis);
}

/* FALSE: there is no time, or no try, left. */
static gboolean
try_later(McpGoogleSynthesis *synthesis)
{
    const McpGoogleDeps *deps = deps_of(synthesis);
    gint64 wait = 0;

    if (synthesis->retries >= mcp_google_backend_get_config(synthesis->backend)->retries)
        return FALSE;
    wait = mcp_backoff_next(&synthesis->backoff, FIRST_WAIT, LAST_WAIT);
    if (mcp_clock_now(deps->service.clock) + wait >= synthesis->end)
        return FALSE;
    synthesis->retries++;
    mcp_google_count(deps, MCP_GOOGLE_METRIC_RETRIES, 0, 1);
    synthesis->pause = mcp_clock_after(deps->service.clock, NULL, wait, pause_over, synthesis);
    return TRUE;
}

static void
fail(McpGoogleSynthesis *synthesis, const GError *error)
{
    g_autoptr(GError) told = NULL;

    if (synthesis->producer == NULL && mcp_gapi_may_pass(error) && try_later(synthesis))
        return;
    told = g_error_new(MCP_ERROR, (int)mcp_gapi_class_of(error), "%s", error->message);
    if (synthesis->producer != NULL)
        mcp_log_warning("speech-broken", NULL, "a prompt ends before its end: %s", told->message);
    finish(synthesis, NULL, told);
}

/* The end of a call that was made. */
static void
call_failed(McpGoogleSynthesis *synthesis, const GError *error)
{
    McpGoogleBackend *backend = synthesis->backend;

    synthesis->trying = FALSE;
    mcp_gapi_service_tell(mcp_google_backend_get_service(backend), error);
    g_clear_pointer(&synthesis->stream, mcp_google_stream_close);
    if (g_error_matches(error, MCP_RPC_ERROR, MCP_RPC_ERROR_RESOURCE_EXHAUSTED))
        mcp_google_count(deps_of(synthesis), MCP_GOOGLE_METRIC_QUOTA, 0, 1);
    if (g_error_matches(error, MCP_RPC_ERROR, MCP_RPC_ERROR_UNAUTHENTICATED) &&
        !synthesis->reauthorized && synthesis->producer == NULL &&
        mcp_gapi_service_unauthorize(mcp_google_backend_get_service(backend),
                                     synthesis->metadata)) {
        synthesis->reauthorized = TRUE;
        attempt(synthesis);
        return;
    }
    fail(synthesis, error);
}

/* An answer that makes no sense is a failure of the service like any other. */
static void
call_made_no_sense(McpGoogleSynthesis *synthesis, const GError *why)
{
    g_autoptr(GError) error =
        g_error_new(MCP_RPC_ERROR, MCP_RPC_ERROR_INTERNAL, "INTERNAL: %s", why->message);

    call_failed(synthesis, error);
}

static char *
audio_type(guint rate)
{
    return g_strdup_printf("audio/L16;rate=%u", rate);
}

static void
succeed(McpGoogleSynthesis *synthesis, GBytes *samples, guint rate)
{
    const McpGoogleDeps *deps = deps_of(synthesis);
    const McpGoogleOrder *order = synthesis->order;
    g_autofree char *type = audio_type(rate);
    g_autoptr(McpAudio) audio = mcp_audio_new(samples, type, order->id);

    synthesis->trying = FALSE;
    mcp_gapi_service_tell(mcp_google_backend_get_service(synthesis->backend), NULL);
    mcp_google_count(deps, MCP_GOOGLE_METRIC_CHARACTERS, 0, g_utf8_strlen(order->text, -1));
    if (deps->metrics != NULL)
        mcp_metrics_observe(deps->metrics, MCP_GOOGLE_METRIC_DURATION, 0,
                            (double)(mcp_clock_now(deps->service.clock) - synthesis->start) /
                                G_USEC_PER_SEC);
    finish(synthesis, audio, NULL);
}

static void
take_answer(McpGoogleSynthesis *synthesis, GBytes *answer)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) wav = mcp_google_message_read_audio(answer, &error);
    g_autoptr(GBytes) samples = NULL;
    guint rate = 0;

    if (wav != NULL)
        samples = mcp_google_linear16_from_wav(wav, &rate, &error);
    if (samples != NULL)
        succeed(synthesis, samples, rate);
    else
        call_made_no_sense(synthesis, error);
}

static void
got_answer(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(McpGoogleSynthesis) synthesis = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) answer = mcp_rpc_unary_finish(result, &error);

    if (synthesis->events == NULL)
        return;
    if (answer != NULL)
        take_answer(synthesis, answer);
    else
        call_failed(synthesis, error);
}

static void
deadline_passed(gpointer user_data)
{
    McpGoogleSynthesis *synthesis = user_data;

    if (synthesis->trying) {
        g_autoptr(GError) error = mcp_rpc_error_new(MCP_RPC_ERROR_DEADLINE_EXCEEDED, NULL, 0);

        synthesis->trying = FALSE;
        mcp_gapi_service_tell(mcp_google_backend_get_service(synthesis->backend), error);
    }
    finish_literal(synthesis, MCP_ERROR_TIMEOUT,
                   synthesis->producer == NULL ? "speech was not ready in time"
                                               : "the rest of the speech did not come");
}

static gboolean
was_abandoned(GCancellable *cancellable, gpointer user_data)
{
    finish_literal(user_data, MCP_ERROR_CLOSED, "nobody waits any more");
    return G_SOURCE_REMOVE;
}

static void
watch(McpGoogleSynthesis *synthesis, GCancellable *abandoned)
{
    stop_watching(synthesis);
    synthesis->abandoned = g_cancellable_source_new(abandoned);
    g_source_set_callback(synthesis->abandoned, G_SOURCE_FUNC(was_abandoned), synthesis, NULL);
    g_source_attach(synthesis->abandoned, g_main_context_get_thread_default());
}

/* Any thread. */
static void
not_heard(gpointer user_data)
{
    g_cancellable_cancel(user_data);
}

/* Those who waited get the audio; from now on it counts whether anybody listens. */
static void
begin(McpGoogleSynthesis *synthesis)
{
    const McpGoogleOrder *order = synthesis->order;
    g_autoptr(GCancellable) unheard = g_cancellable_new();
    g_autofree char *type = audio_type(order->sample_rate);
    g_autoptr(McpAudio) audio = NULL;

    synthesis->producer = mcp_audio_producer_new(
        type, order->id, (gsize)order->sample_rate * 2 * MOST_SECONDS, &audio);
    mcp_audio_producer_on_abandoned(synthesis->producer, not_heard, g_object_ref(unheard),
                                    g_object_unref);
    mcp_audio_producer_append(synthesis->producer, synthesis->samples->data,
                              synthesis->samples->len);
    watch(synthesis, unheard);
    synthesis->events->begun(audio, synthesis->user_data);
}

static void
got_chunk(GBytes *samples, gpointer user_data)
{
    g_autoptr(McpGoogleSynthesis) synthesis = synthesis_ref(user_data);
    McpClock *clock = deps_of(synthesis)->service.clock;
    gsize length = 0;
    const guint8 *data = g_bytes_get_data(samples, &length);

    g_byte_array_append(synthesis->samples, data, (guint)length);
    mcp_timer_clear(&synthesis->deadline);
    synthesis->deadline =
        mcp_clock_after(clock, NULL, synthesis->order->deadline, deadline_passed, synthesis);
    if (synthesis->producer == NULL)
        begin(synthesis);
    else if (!mcp_audio_producer_append(synthesis->producer, data, length))
        finish_literal(synthesis, MCP_ERROR_LIMIT, "the prompt is longer than ten minutes");
}

static void
stream_ended(const GError *error, gpointer user_data)
{
    McpGoogleSynthesis *synthesis = user_data;
    GByteArray *samples = g_steal_pointer(&synthesis->samples);
    g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes(samples);
    g_autoptr(GError) nothing = g_error_new_literal(MCP_ERROR, MCP_ERROR_FAILED, "no audio came");

    if (error == NULL && g_bytes_get_size(bytes) == 0)
        call_made_no_sense(synthesis, nothing);
    else if (error == NULL)
        succeed(synthesis, bytes, synthesis->order->sample_rate);
    else if (error->domain == MCP_RPC_ERROR)
        call_failed(synthesis, error);
    else
        call_made_no_sense(synthesis, error);
}

static const McpGoogleStreamEvents stream_events = {got_chunk, stream_ended};

static McpGoogleUtterance
utterance_of(McpGoogleSynthesis *synthesis)
{
    const McpGoogleConfig *config = mcp_google_backend_get_config(synthesis->backend);
    const McpGoogleOrder *order = synthesis->order;

    return (McpGoogleUtterance){
        .text = order->text,
        .ssml = order->ssml,
        .sample_rate = order->sample_rate,
        .language = synthesis->language,
        .voice = synthesis->voice,
        .gender = config->gender,
        .model = config->model,
        .speaking_rate = config->speaking_rate,
        .pitch = config->pitch,
        .volume_gain = config->volume_gain,
        .effects = config->effects,
    };
}

static void
send(McpGoogleSynthesis *synthesis)
{
    McpRpcChannel *channel =
        mcp_gapi_service_get_channel(mcp_google_backend_get_service(synthesis->backend));
    McpGoogleUtterance utterance = utterance_of(synthesis);
    McpRpcRequest request = {
        .method = MCP_GOOGLE_METHOD("SynthesizeSpeech"),
        .metadata = (const char *const *)synthesis->metadata,
        .deadline = MAX(synthesis->end - mcp_clock_now(deps_of(synthesis)->service.clock), 1),
    };
    g_autoptr(GBytes) message = NULL;

    if (mcp_google_backend_get_config(synthesis->backend)->streaming && !utterance.ssml) {
        request.method = MCP_GOOGLE_METHOD("StreamingSynthesize");
        request.deadline = 0; /* it may take as long as it brings something */
        g_clear_pointer(&synthesis->samples, g_byte_array_unref);
        synthesis->samples = g_byte_array_new();
        synthesis->stream =
            mcp_google_stream_open(channel, &request, &utterance, &stream_events, synthesis);
        return;
    }
    message = mcp_google_message_synthesize(&utterance);
    mcp_rpc_unary_async(channel, &request, message, synthesis->cancellable, got_answer,
                        synthesis_ref(synthesis));
}

static void
authorized(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(McpGoogleSynthesis) synthesis = user_data;
    g_autoptr(GError) error = NULL;
    char **metadata = mcp_gapi_service_authorize_finish(result, &error);

    g_strfreev(synthesis->metadata);
    synthesis->metadata = metadata;
    if (synthesis->events == NULL)
        return;
    if (metadata == NULL) {
        fail(synthesis, error);
    } else if (!mcp_gapi_service_allows(mcp_google_backend_get_service(synthesis->backend),
                                        &error)) {
        finish(synthesis, NULL, error);
    } else {
        synthesis->trying = TRUE;
        send(synthesis);
    }
}

static void
attempt(McpGoogleSynthesis *synthesis)
{
    mcp_gapi_service_authorize_async(mcp_google_backend_get_service(synthesis->backend), authorized,
                                     synthesis_ref(synthesis));
}

static void
take_voices(McpGoogleSynthesis *synthesis, const GPtrArray *voices)
{
    const McpGoogleConfig *config = mcp_google_backend_get_config(synthesis->backend);
    McpGoogleVoiceWish wish = {synthesis->language, config->gender, config->voice_family};
    McpGoogleVoiceChoice choice = {0};
    g_autoptr(GError) error = NULL;

    if (!mcp_google_voices_choose(voices, &wish, &choice, &error)) {
        finish(synthesis, NULL, error);
        return;
    }
    synthesis->voice = g_strdup(choice.name);
    g_free(synthesis->language);
    synthesis->language = g_strdup(choice.language);
    attempt(synthesis);
}

static void
got_voices(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(McpGoogleSynthesis) synthesis = user_data;
    g_autoptr(GPtrArray) voices = mcp_google_backend_list_voices_finish(result);

    if (synthesis->events == NULL)
        return;
    if (voices != NULL)
        take_voices(synthesis, voices);
    else
        attempt(synthesis);
}

/* The voice of the request, else that of the settings where it speaks the language. */
static const char *
named_voice(const McpGoogleOrder *order, const McpGoogleConfig *config)
{
    if (order->voice != NULL)
        return order->voice;
    if (config->voice == NULL || order->language == NULL ||
        mcp_google_language_fits(config->voice, order->language))
        return config->voice;
    return NULL;
}

static char *
language_of(const McpGoogleOrder *order, const McpGoogleConfig *config, const char *voice)
{
    char *language = voice != NULL ? mcp_google_voice_language(voice) : NULL;

    if (language != NULL)
        return language;
    return g_strdup(order->language != NULL ? order->language : config->language);
}

static void
turn_has_come(gpointer user_data)
{
    McpGoogleSynthesis *synthesis = user_data;
    const McpGoogleConfig *config = mcp_google_backend_get_config(synthesis->backend);
    const char *voice = named_voice(synthesis->order, config);

    synthesis->voice = g_strdup(voice);
    synthesis->language = language_of(synthesis->order, config, voice);
    if (voice != NULL || config->model != NULL)
        attempt(synthesis);
    else
        mcp_google_backend_list_voices_async(synthesis->backend, got_voices,
                                             synthesis_ref(synthesis));
}

void
mcp_google_synthesis_abort(McpGoogleSynthesis *synthesis, const GError *error)
{
    finish(synthesis, NULL, error);
}

McpGoogleSynthesis *
mcp_google_synthesis_start(McpGoogleBackend *backend, McpGoogleOrder *order,
                           GCancellable *abandoned, const McpGoogleSynthesisEvents *events,
                           gpointer user_data)
{
    McpGoogleSynthesis *synthesis = g_new0(McpGoogleSynthesis, 1);
    McpClock *clock = mcp_google_backend_get_deps(backend)->service.clock;
    g_autoptr(McpGoogleSynthesis) held = synthesis;
    g_autoptr(GError) error = NULL;

    synthesis->refs = 2;
    synthesis->backend = mcp_google_backend_ref(backend);
    synthesis->order = order;
    synthesis->events = events;
    synthesis->user_data = user_data;
    synthesis->cancellable = g_cancellable_new();
    synthesis->start = mcp_clock_now(clock);
    synthesis->end = synthesis->start + order->deadline;
    synthesis->deadline = mcp_clock_after(clock, NULL, order->deadline, deadline_passed, synthesis);
    watch(synthesis, abandoned);
    synthesis->entered = TRUE;
    if (!mcp_google_backend_enter(backend, turn_has_come, synthesis, &error)) {
        synthesis->entered = FALSE;
        finish(synthesis, NULL, error);
    }
    return synthesis->events != NULL ? synthesis : NULL;
}
