/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One prompt said by a server (RFC 6787 §8): SPEAK, what its leg hears from the first packet on,
 * and the end. Until the first audio a server that fails gives way to the next one. On the context
 * of whoever asked.
 */
#include "utterance.h"

#include <mcp/error.h>
#include <mcp/ledger.h>
#include <mcp/log.h>
#include <string.h>

#define FRAME_MS 20
#define BUFFER_MS 5000
/* After the end is told: packets that are still on their way, or in the jitter buffer. */
#define TAIL_US (300 * 1000)
/* So long nothing may come after SPEAK was taken; longer at a server that has more time. */
#define SILENT_US (3 * G_USEC_PER_SEC)

MCP_LEDGER_DEFINE(McpMrcpUtterance);

typedef struct {
    gatomicrefcount refs; /* the audio tells from any thread that nobody wants it */
    GMainContext *context;
    McpMrcpServices services;
    McpMrcpPool *pool;
    McpSynthesisRequest request; /* its strings are its own */
    guint rate;
    gsize limit;
    GTask *task;      /* nullable: the audio was given */
    GPtrArray *tried; /* McpMrcpServer */
    const McpMrcpServer *server;
    McpMrcpSession *session;
    McpTap *tap;
    McpAudioProducer *producer;
    McpTimer *timer;
    GSource *source;   /* nullable: to the next server */
    GError *error;     /* of the last server */
    guint32 speaking;  /* request-id of SPEAK; 0: not sent */
    gboolean sounding; /* the first packet is there */
    gboolean over;     /* nothing is left to do */
} Utterance;

static void schedule(Utterance *self);

static Utterance *
utterance_ref(Utterance *self)
{
    g_atomic_ref_count_inc(&self->refs);
    return self;
}

static void
utterance_unref(gpointer data)
{
    Utterance *self = data;

    if (!g_atomic_ref_count_dec(&self->refs))
        return;
    g_free((char *)self->request.text);
    g_free((char *)self->request.language);
    g_free((char *)self->request.voice);
    g_clear_pointer(&self->request.parameters, g_hash_table_unref);
    g_clear_object(&self->request.call);
    g_ptr_array_unref(self->tried);
    g_clear_error(&self->error);
    mcp_mrcp_pool_unref(self->pool);
    mcp_mrcp_controls_unref(self->services.controls);
    g_object_unref(self->services.signalling);
    g_object_unref(self->services.media);
    g_object_unref(self->services.clock);
    g_main_context_unref(self->context);
    g_free(self);
    MCP_LEDGER_FINALIZED(McpMrcpUtterance);
}

static const char *
call_id(const Utterance *self)
{
    return self->request.call != NULL ? mcp_call_get_id(self->request.call) : NULL;
}

static void
leave_server(Utterance *self)
{
    mcp_timer_clear(&self->timer);
    if (self->tap != NULL)
        mcp_tap_set_ready(self->tap, NULL, NULL);
    g_clear_object(&self->tap);
    g_clear_pointer(&self->session, mcp_mrcp_session_free);
    self->server = NULL;
    self->speaking = 0;
    self->sounding = FALSE;
}

/* The end of it all; the audio (nullable) ends with @error (nullable). */
static void
finish(Utterance *self, const GError *error)
{
    g_autoptr(GTask) task = g_steal_pointer(&self->task);

    if (self->over)
        return;
    self->over = TRUE;
    leave_server(self);
    if (self->source != NULL)
        g_source_destroy(self->source);
    g_clear_pointer(&self->source, g_source_unref);
    if (self->producer != NULL)
        mcp_audio_producer_finish(self->producer, error);
    g_clear_pointer(&self->producer, mcp_audio_producer_free);
    if (task != NULL)
        g_task_return_error(
            task, error != NULL ? g_error_copy(error)
                                : g_error_new(MCP_ERROR, MCP_ERROR_FAILED, "nothing was said"));
    utterance_unref(self);
}

static void
server_failed(Utterance *self, const GError *error)
{
    g_autoptr(GError) copy = g_error_copy(error);

    g_prefix_error(&copy, "server %s: ", self->server->name);
    mcp_mrcp_pool_failed(self->pool, self->server, error);
    /* What was heard cannot be taken back. */
    if (self->task == NULL) {
        finish(self, copy);
        return;
    }
    leave_server(self);
    g_clear_error(&self->error);
    self->error = g_steal_pointer(&copy);
    schedule(self);
}

static void
server_failed_with(Utterance *self, McpError code, const char *what)
{
    g_autoptr(GError) error = g_error_new_literal(MCP_ERROR, (int)code, what);

    server_failed(self, error);
}

/* --- audio --- */

static void
on_silent(gpointer user_data)
{
    server_failed_with(user_data, MCP_ERROR_TIMEOUT, "no audio came");
}

static void
watch_silence(Utterance *self)
{
    mcp_timer_clear(&self->timer);
    self->timer = mcp_clock_after(self->services.clock, NULL, MAX(SILENT_US, self->server->timeout),
                                  on_silent, self);
}

/* Runs on whatever thread lets the last reference go. */
static gboolean
on_unwanted(gpointer user_data)
{
    Utterance *self = user_data;

    if (self->over)
        return G_SOURCE_REMOVE;
    if (self->session != NULL && self->speaking != 0)
        mcp_mrcp_session_send(
            self->session, MCP_MRCP_SPEECHSYNTH,
            mcp_mrcp_session_request(self->session, MCP_MRCP_SPEECHSYNTH, "BARGE-IN-OCCURRED"));
    if (self->server != NULL)
        mcp_mrcp_pool_succeeded(self->pool, self->server);
    finish(self, NULL);
    return G_SOURCE_REMOVE;
}

static void
on_abandoned(gpointer user_data)
{
    Utterance *self = user_data;

    g_main_context_invoke_full(self->context, G_PRIORITY_DEFAULT, on_unwanted, utterance_ref(self),
                               utterance_unref);
}

static void
begin_audio(Utterance *self)
{
    g_autofree char *type = g_strdup_printf("audio/L16;rate=%u", self->rate);
    g_autoptr(GTask) task = g_steal_pointer(&self->task);
    McpAudio *audio = NULL;

    self->sounding = TRUE;
    if (task == NULL)
        return;
    self->producer = mcp_audio_producer_new(type, NULL, self->limit, &audio);
    mcp_audio_producer_on_abandoned(self->producer, on_abandoned, utterance_ref(self),
                                    utterance_unref);
    g_task_return_pointer(task, audio, (GDestroyNotify)mcp_audio_unref);
}

static void
on_frames(McpTap *tap, gpointer user_data)
{
    Utterance *self = user_data;
    McpTapFrame frame;

    while (mcp_tap_read(tap, &frame)) {
        if (!self->sounding)
            continue;
        if (mcp_audio_producer_append(self->producer, frame.data, frame.length))
            continue;
        server_failed_with(self, MCP_ERROR_LIMIT, "the prompt is longer than may be");
        return;
    }
}

static void
on_leg(McpLeg *leg, const McpLegEvent *event, gpointer user_data)
{
    Utterance *self = user_data;

    if (event->type != MCP_LEG_MEDIA_STARTED || self->sounding || self->speaking == 0)
        return;
    mcp_timer_clear(&self->timer);
    begin_audio(self);
}

/* --- messages --- */

static void
on_tail(gpointer user_data)
{
    Utterance *self = user_data;

    if (self->server != NULL)
        mcp_mrcp_pool_succeeded(self->pool, self->server);
    finish(self, NULL);
}

/* RFC 6787 §8.4.4. */
static void
take_complete(Utterance *self, const McpMrcpMessage *message)
{
    const char *text = mcp_mrcp_message_get(message, "Completion-Cause");
    g_autoptr(GError) error = NULL;
    guint cause = MCP_MRCP_SYNTH_NORMAL;

    if (text != NULL)
        mcp_mrcp_cause_parse(MCP_MRCP_V2, MCP_MRCP_SPEECHSYNTH, text, &cause);
    if (cause == MCP_MRCP_SYNTH_NORMAL || cause == MCP_MRCP_SYNTH_BARGE_IN) {
        mcp_timer_clear(&self->timer);
        self->timer = mcp_clock_after(self->services.clock, NULL, TAIL_US, on_tail, self);
    } else if (cause == MCP_MRCP_SYNTH_PARSE_FAILURE) {
        error =
            g_error_new(MCP_ERROR, MCP_ERROR_INVALID, "server %s: %s", self->server->name, text);
        mcp_mrcp_pool_unknown(self->pool, self->server);
        finish(self, error);
    } else {
        server_failed_with(self,
                           cause == MCP_MRCP_SYNTH_LANGUAGE_UNSUPPORTED ? MCP_ERROR_UNSUPPORTED
                                                                        : MCP_ERROR_FAILED,
                           text);
    }
}

static void
take_message(Utterance *self, const McpMrcpMessage *message)
{
    g_autofree char *what = NULL;

    if (self->speaking == 0 || message->id != self->speaking)
        return;
    if (message->kind == MCP_MRCP_EVENT) {
        if (strcmp(message->name, "SPEAK-COMPLETE") == 0)
            take_complete(self, message);
        return;
    }
    if (message->kind != MCP_MRCP_RESPONSE)
        return;
    if (message->state == MCP_MRCP_COMPLETE && message->status < 300) {
        take_complete(self, message);
    } else if (message->status >= 300 &&
               mcp_mrcp_message_get(message, "Completion-Cause") != NULL) {
        take_complete(self, message);
    } else if (message->status >= 300) {
        what = g_strdup_printf("SPEAK was answered by %u", message->status);
        server_failed_with(self, MCP_ERROR_REFUSED, what);
    } else if (!self->sounding) {
        watch_silence(self);
    }
}

static void
send_speak(Utterance *self)
{
    McpMrcpMessage *message =
        mcp_mrcp_session_request(self->session, MCP_MRCP_SPEECHSYNTH, "SPEAK");
    g_autoptr(GBytes) body = g_bytes_new(self->request.text, strlen(self->request.text));

    if (self->request.language != NULL)
        mcp_mrcp_message_set(message, "Speech-Language", self->request.language);
    if (self->request.voice != NULL)
        mcp_mrcp_message_set(message, "Voice-Name", self->request.voice);
    mcp_mrcp_message_set_body(message, self->request.ssml ? "application/ssml+xml" : "text/plain",
                              body);
    self->speaking = message->id;
    mcp_timer_clear(&self->timer);
    self->timer =
        mcp_clock_after(self->services.clock, NULL, self->server->timeout, on_silent, self);
    mcp_mrcp_session_send(self->session, MCP_MRCP_SPEECHSYNTH, message);
}

static void
on_ready(Utterance *self)
{
    const McpTapParams params = {.source = MCP_TAP_HEARD,
                                 .encoding = MCP_TAP_L16,
                                 .rate = self->rate,
                                 .frame_ms = FRAME_MS,
                                 .buffer_ms = BUFFER_MS};
    McpLeg *leg = mcp_mrcp_session_get_leg(self->session);
    g_autoptr(GError) error = NULL;

    mcp_leg_set_handler(leg, on_leg, self);
    self->tap = mcp_leg_tap(leg, &params, &error);
    if (self->tap == NULL) {
        server_failed(self, error);
        return;
    }
    mcp_tap_set_ready(self->tap, on_frames, self);
    on_frames(self->tap, self);
    send_speak(self);
}

static void
on_session(McpMrcpSession *session, const McpMrcpSessionEvent *event, gpointer user_data)
{
    Utterance *self = utterance_ref(user_data);

    if (event->type == MCP_MRCP_SESSION_READY)
        on_ready(self);
    else if (event->type == MCP_MRCP_SESSION_ENDED)
        server_failed(self, event->error);
    else
        take_message(self, event->message);
    utterance_unref(self);
}

/* --- servers --- */

static gboolean
ask_next(gpointer user_data)
{
    Utterance *self = user_data;
    g_autoptr(GError) error = NULL;

    g_clear_pointer(&self->source, g_source_unref);
    if (g_cancellable_is_cancelled(g_task_get_cancellable(self->task))) {
        finish(self, NULL);
        return G_SOURCE_REMOVE;
    }
    self->server =
        mcp_mrcp_pool_take(self->pool, MCP_MRCP_SPEECHSYNTH, self->request.language, self->tried);
    if (self->server != NULL) {
        if (self->error != NULL)
            mcp_log_info("mrcp-failover", call_id(self), "%s; %s is asked", self->error->message,
                         self->server->name);
        self->session =
            mcp_mrcp_server_open(self->server, &self->services, call_id(self), MCP_MRCP_SPEECHSYNTH,
                                 MCP_SDP_RECVONLY, on_session, self);
        return G_SOURCE_REMOVE;
    }
    error = self->error != NULL
                ? g_error_copy(self->error)
                : g_error_new(MCP_ERROR, MCP_ERROR_UNSUPPORTED, "no MRCP server is there for it");
    finish(self, error);
    return G_SOURCE_REMOVE;
}

/* Not within a callback of the session that it ends. */
static void
schedule(Utterance *self)
{
    self->source = g_idle_source_new();
    g_source_set_priority(self->source, G_PRIORITY_DEFAULT);
    g_source_set_callback(self->source, ask_next, self, NULL);
    g_source_attach(self->source, self->context);
}

void
mcp_mrcp_utterance_speak(const McpMrcpServices *services, McpMrcpPool *pool,
                         const McpMrcpUtteranceParams *params, GTask *task)
{
    Utterance *self = g_new0(Utterance, 1);
    const McpSynthesisRequest *request = params->request;

    g_atomic_ref_count_init(&self->refs);
    MCP_LEDGER_CREATED(McpMrcpUtterance);
    self->context = g_main_context_ref_thread_default();
    self->services = *services;
    g_object_ref(services->signalling);
    g_object_ref(services->media);
    g_object_ref(services->clock);
    mcp_mrcp_controls_ref(services->controls);
    self->pool = mcp_mrcp_pool_ref(pool);
    self->request = *request;
    self->request.text = g_strdup(request->text);
    self->request.language = g_strdup(request->language);
    self->request.voice = g_strdup(request->voice);
    self->request.engines = NULL;
    if (request->parameters != NULL)
        g_hash_table_ref(request->parameters);
    if (request->call != NULL)
        g_object_ref(request->call);
    self->rate = params->rate;
    self->limit = params->limit;
    self->tried = g_ptr_array_new();
    self->task = g_object_ref(task);
    schedule(self);
}
