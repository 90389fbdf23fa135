/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recognition by MRCP servers: a session a turn, the caller's audio sent to its leg, RECOGNIZE and
 * its result. When a server fails the next one hears the turn from its beginning, faster than it
 * was said. On the context that the recognition was begun on.
 */
#include "recognizer.h"

#include "recognize_request.h"
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <mcp/log.h>
#include <mrcp/nlsml.h>
#include <string.h>

#define FRAME_MS 20
#define BUFFER_MS 2000
/* Of a turn's audio, which is kept for the next server. */
#define AUDIO_MAX (32 * 1024 * 1024)
/* As many packets in the time of one while there are any that are late. */
#define PACE 4

struct _McpMrcpRecognizer {
    GObject parent_instance;
    McpMrcpServices services;
    McpMrcpPool *pool;
    guint rate;
    gint turns; /* atomic */
};

#define MCP_TYPE_MRCP_RECOGNITION (mcp_mrcp_recognition_get_type())
G_DECLARE_FINAL_TYPE(McpMrcpRecognition, mcp_mrcp_recognition, MCP, MRCP_RECOGNITION, GObject)

struct _McpMrcpRecognition {
    GObject parent_instance;
    McpMrcpRecognizer *recognizer;
    guint turn;
    McpRecognitionRequest *request; /* a copy */
    McpTap *tap;
    McpAudioProducer *producer;
    McpAudio *audio;  /* what the caller says */
    GPtrArray *tried; /* McpMrcpServer */
    const McpMrcpServer *server;
    McpMrcpSession *session;
    guint32 defining;    /* request-id of the last DEFINE-GRAMMAR that is not answered; 0: none */
    guint next_grammar;  /* to be defined */
    guint32 recognizing; /* request-id of RECOGNIZE; 0: not sent */
    gboolean heard;
    McpTimer *timer; /* for an answer */
    GSource *source; /* nullable: to the next server, or the end */
    GError *error;   /* of the last server */
    McpRecognitionFunc func;
    gpointer user_data;
};

MCP_LEDGER_DEFINE(McpMrcpRecognizer);
MCP_LEDGER_DEFINE(McpMrcpRecognition);

static void recognizer_iface_init(McpRecognizerInterface *iface);
static void recognition_iface_init(McpRecognitionInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpMrcpRecognizer, mcp_mrcp_recognizer, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_RECOGNIZER, recognizer_iface_init))
G_DEFINE_FINAL_TYPE_WITH_CODE(McpMrcpRecognition, mcp_mrcp_recognition, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_RECOGNITION, recognition_iface_init))

static void schedule(McpMrcpRecognition *self);

static const char *
call_id(const McpMrcpRecognition *self)
{
    return self->request->call != NULL ? mcp_call_get_id(self->request->call) : NULL;
}

/* --- telling --- */

static void
leave_server(McpMrcpRecognition *self)
{
    mcp_timer_clear(&self->timer);
    g_clear_pointer(&self->session, mcp_mrcp_session_free);
    self->server = NULL;
    self->defining = 0;
    self->next_grammar = 0;
    self->recognizing = 0;
}

static void
tell(McpMrcpRecognition *self, McpRecognitionEvent *event)
{
    g_autoptr(McpMrcpRecognition) held = g_object_ref(self);
    McpRecognitionFunc func = self->func;

    if (event->type >= MCP_RECOGNITION_MATCH) {
        self->func = NULL;
        leave_server(self);
    }
    if (func != NULL)
        func(MCP_RECOGNITION(self), event, self->user_data);
}

static void
tell_failure(McpMrcpRecognition *self, McpError code, const char *what, gboolean elsewhere)
{
    g_autoptr(GError) error = g_error_new_literal(MCP_ERROR, (int)code, what);
    McpRecognitionEvent event = {
        .type = MCP_RECOGNITION_FAILED, .error = error, .elsewhere = elsewhere};

    tell(self, &event);
}

/* The server in question has failed: the next one is asked. */
static void
server_failed(McpMrcpRecognition *self, const GError *error)
{
    mcp_mrcp_pool_failed(self->recognizer->pool, self->server, error);
    g_clear_error(&self->error);
    self->error = g_error_copy(error);
    g_prefix_error(&self->error, "server %s: ", self->server->name);
    leave_server(self);
    schedule(self);
}

static void
server_failed_with(McpMrcpRecognition *self, McpError code, const char *what)
{
    g_autoptr(GError) error = g_error_new_literal(MCP_ERROR, (int)code, what);

    server_failed(self, error);
}

/* --- results --- */

/* Those that are words; an instance says the rest where the grammar it is of is known. */
static guint
to_hypotheses(const McpMrcpRecognition *self, const GPtrArray *results, McpHypothesis *out)
{
    guint n = 0;

    for (guint i = 0; i < results->len; i++) {
        const McpMrcpInterpretation *result = results->pdata[i];
        gint grammar = mcp_mrcp_grammar_index(self->turn, result->grammar);

        if (result->input != MCP_MRCP_INPUT_MATCH)
            continue;
        if (grammar < 0 && self->request->n_grammars == 1)
            grammar = 0;
        out[n++] = (McpHypothesis){
            .words = result->text,
            .confidence = result->confidence >= 0 ? result->confidence : 1,
            .grammar = grammar < (gint)self->request->n_grammars ? grammar : -1,
            .interpretation = result->instance,
        };
    }
    return n;
}

static void
take_result(McpMrcpRecognition *self, const McpMrcpMessage *message, McpRecognitionEventType type)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) results =
        message->body != NULL ? mcp_mrcp_nlsml_parse(message->body, &error) : g_ptr_array_new();
    g_autofree McpHypothesis *hypotheses = NULL;
    McpRecognitionEvent event = {.type = type};

    if (results == NULL) {
        server_failed(self, error);
        return;
    }
    hypotheses = g_new0(McpHypothesis, results->len + 1);
    event.n_hypotheses = to_hypotheses(self, results, hypotheses);
    event.hypotheses = hypotheses;
    if (type == MCP_RECOGNITION_MATCH && event.n_hypotheses == 0)
        event.type = MCP_RECOGNITION_NO_MATCH;
    mcp_mrcp_pool_succeeded(self->recognizer->pool, self->server);
    tell(self, &event);
}

/* A fault of what was asked: no other server does better. */
static void
take_fault(McpMrcpRecognition *self, const McpMrcpMessage *message, McpError code,
           gboolean elsewhere)
{
    const char *reason = mcp_mrcp_message_get(message, "Completion-Reason");
    const char *cause = mcp_mrcp_message_get(message, "Completion-Cause");
    g_autofree char *text = g_strdup_printf(
        "server %s: %s%s%s", self->server->name, cause != NULL ? cause : "it cannot",
        reason != NULL ? ": " : "", reason != NULL ? reason : "");

    mcp_mrcp_pool_unknown(self->recognizer->pool, self->server);
    tell_failure(self, code, text, elsewhere);
}

/* RFC 6787 §9.4.11. */
static void
take_cause(McpMrcpRecognition *self, const McpMrcpMessage *message, guint cause)
{
    switch (cause) {
    case MCP_MRCP_RECOG_SUCCESS:
        take_result(self, message, MCP_RECOGNITION_MATCH);
        break;
    case MCP_MRCP_RECOG_NO_MATCH:
    case MCP_MRCP_RECOG_NO_INPUT_TIMEOUT:
    case MCP_MRCP_RECOG_SPEECH_TOO_EARLY:
    case MCP_MRCP_RECOG_PARTIAL_MATCH:
    case MCP_MRCP_RECOG_CANCELLED:
        take_result(self, message, MCP_RECOGNITION_NO_MATCH);
        break;
    case MCP_MRCP_RECOG_HOTWORD_MAXTIME:
    case MCP_MRCP_RECOG_SUCCESS_MAXTIME:
    case MCP_MRCP_RECOG_PARTIAL_MATCH_MAXTIME:
    case MCP_MRCP_RECOG_NO_MATCH_MAXTIME:
        take_result(self, message, MCP_RECOGNITION_TOO_LONG);
        break;
    case MCP_MRCP_RECOG_GRAMMAR_LOAD_FAILURE:
    case MCP_MRCP_RECOG_GRAMMAR_COMPILATION_FAILURE:
    case MCP_MRCP_RECOG_URI_FAILURE:
    case MCP_MRCP_RECOG_SEMANTICS_FAILURE:
    case MCP_MRCP_RECOG_GRAMMAR_DEFINITION_FAILURE:
        take_fault(self, message, MCP_ERROR_INVALID, FALSE);
        break;
    case MCP_MRCP_RECOG_LANGUAGE_UNSUPPORTED:
        take_fault(self, message, MCP_ERROR_UNSUPPORTED, TRUE);
        break;
    default:
        server_failed_with(self, MCP_ERROR_FAILED, "recognizer-error");
        break;
    }
}

static void
take_complete(McpMrcpRecognition *self, const McpMrcpMessage *message)
{
    const char *text = mcp_mrcp_message_get(message, "Completion-Cause");
    guint cause = 0;

    if (text != NULL && mcp_mrcp_cause_parse(MCP_MRCP_V2, MCP_MRCP_SPEECHRECOG, text, &cause))
        take_cause(self, message, cause);
    else
        server_failed_with(self, MCP_ERROR_INVALID, "RECOGNITION-COMPLETE without a cause");
}

static void
take_event(McpMrcpRecognition *self, const McpMrcpMessage *message)
{
    McpRecognitionEvent event = {.type = MCP_RECOGNITION_SPEECH};

    /* Of a request that is over. */
    if (message->id != self->recognizing || self->recognizing == 0)
        return;
    if (strcmp(message->name, "RECOGNITION-COMPLETE") == 0) {
        take_complete(self, message);
    } else if (strcmp(message->name, "START-OF-INPUT") == 0 && !self->heard) {
        self->heard = TRUE;
        event.time = mcp_clock_now(self->recognizer->services.clock);
        tell(self, &event);
    }
}

/* --- requests --- */

static void
on_no_answer(gpointer user_data)
{
    server_failed_with(user_data, MCP_ERROR_TIMEOUT, "a request was not answered");
}

static void
wait_for_answer(McpMrcpRecognition *self)
{
    mcp_timer_clear(&self->timer);
    self->timer = mcp_clock_after(self->recognizer->services.clock, NULL, self->server->timeout,
                                  on_no_answer, self);
}

/* Grammars one after the other, then RECOGNIZE. */
static void
send_next(McpMrcpRecognition *self)
{
    McpMrcpMessage *message = NULL;

    while (self->next_grammar < self->request->n_grammars &&
           self->request->grammars[self->next_grammar].text == NULL)
        self->next_grammar++;
    if (self->next_grammar < self->request->n_grammars) {
        g_autofree char *id = mcp_mrcp_grammar_id(self->turn, self->next_grammar);

        message = mcp_mrcp_session_request(self->session, MCP_MRCP_SPEECHRECOG, "DEFINE-GRAMMAR");
        mcp_mrcp_fill_define(message, &self->request->grammars[self->next_grammar], id);
        self->defining = message->id;
        self->next_grammar++;
    } else {
        message = mcp_mrcp_session_request(self->session, MCP_MRCP_SPEECHRECOG, "RECOGNIZE");
        mcp_mrcp_fill_recognize(message, self->request, self->turn);
        self->recognizing = message->id;
    }
    wait_for_answer(self);
    mcp_mrcp_session_send(self->session, MCP_MRCP_SPEECHRECOG, message);
}

static gboolean
is_success(const McpMrcpMessage *message)
{
    return message->status >= 200 && message->status < 300;
}

/* RFC 6787 §5.4: of 4xx what is about a grammar comes with a cause. */
static void
take_refusal(McpMrcpRecognition *self, const McpMrcpMessage *message)
{
    const char *text = mcp_mrcp_message_get(message, "Completion-Cause");
    g_autofree char *what = NULL;
    guint cause = 0;

    if (text != NULL && mcp_mrcp_cause_parse(MCP_MRCP_V2, MCP_MRCP_SPEECHRECOG, text, &cause) &&
        cause != MCP_MRCP_RECOG_SUCCESS) {
        take_cause(self, message, cause);
        return;
    }
    what = g_strdup_printf("a request was answered by %u", message->status);
    server_failed_with(self, MCP_ERROR_REFUSED, what);
}

static void
take_response(McpMrcpRecognition *self, const McpMrcpMessage *message)
{
    gboolean defined = self->defining != 0 && message->id == self->defining;
    gboolean begun = self->recognizing != 0 && message->id == self->recognizing;

    if (!defined && !begun)
        return;
    mcp_timer_clear(&self->timer);
    self->defining = 0;
    if (!is_success(message))
        take_refusal(self, message);
    else if (defined)
        send_next(self);
    else if (message->state == MCP_MRCP_COMPLETE)
        take_complete(self, message);
}

static void
on_ready(McpMrcpRecognition *self)
{
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = self->audio, .pace = PACE};

    mcp_leg_play(mcp_mrcp_session_get_leg(self->session), &item, 1);
    send_next(self);
}

static void
on_session(McpMrcpSession *session, const McpMrcpSessionEvent *event, gpointer user_data)
{
    g_autoptr(McpMrcpRecognition) self = g_object_ref(user_data);

    if (event->type == MCP_MRCP_SESSION_READY)
        on_ready(self);
    else if (event->type == MCP_MRCP_SESSION_ENDED)
        server_failed(self, event->error);
    else if (event->message->kind == MCP_MRCP_RESPONSE)
        take_response(self, event->message);
    else if (event->message->kind == MCP_MRCP_EVENT)
        take_event(self, event->message);
}

/* --- a turn --- */

static gboolean
ask_next(gpointer user_data)
{
    g_autoptr(McpMrcpRecognition) self = g_object_ref(user_data);

    g_source_destroy(self->source);
    g_clear_pointer(&self->source, g_source_unref);
    self->server = mcp_mrcp_pool_take(self->recognizer->pool, MCP_MRCP_SPEECHRECOG,
                                      self->request->language, self->tried);
    if (self->server != NULL) {
        if (self->error != NULL)
            mcp_log_info("mrcp-failover", call_id(self), "%s; %s is asked", self->error->message,
                         self->server->name);
        self->session =
            mcp_mrcp_server_open(self->server, &self->recognizer->services, call_id(self),
                                 MCP_MRCP_SPEECHRECOG, MCP_SDP_SENDONLY, on_session, self);
        return G_SOURCE_REMOVE;
    }
    if (self->error != NULL)
        tell_failure(self, (McpError)self->error->code, self->error->message, TRUE);
    else
        tell_failure(self, MCP_ERROR_UNSUPPORTED, "no MRCP server is there for it", TRUE);
    return G_SOURCE_REMOVE;
}

/* Not within a callback of the session that it ends. */
static void
schedule(McpMrcpRecognition *self)
{
    if (self->source != NULL)
        return;
    self->source = g_idle_source_new();
    g_source_set_priority(self->source, G_PRIORITY_DEFAULT);
    g_source_set_callback(self->source, ask_next, self, NULL);
    g_source_attach(self->source, g_main_context_get_thread_default());
}

static void
on_audio(McpTap *tap, gpointer user_data)
{
    McpMrcpRecognition *self = user_data;
    McpTapFrame frame;

    while (mcp_tap_read(tap, &frame))
        mcp_audio_producer_append(self->producer, frame.data, frame.length);
    if (mcp_tap_has_ended(tap))
        mcp_audio_producer_finish(self->producer, NULL);
}

static void
stop(McpRecognition *recognition)
{
    McpMrcpRecognition *self = MCP_MRCP_RECOGNITION(recognition);

    self->func = NULL;
    if (self->server != NULL)
        mcp_mrcp_pool_unknown(self->recognizer->pool, self->server);
    leave_server(self);
    if (self->source != NULL)
        g_source_destroy(self->source);
    g_clear_pointer(&self->source, g_source_unref);
    if (self->tap != NULL)
        mcp_tap_set_ready(self->tap, NULL, NULL);
    g_clear_object(&self->tap);
    g_clear_pointer(&self->producer, mcp_audio_producer_free);
    g_clear_pointer(&self->audio, mcp_audio_unref);
}

static void
recognition_iface_init(McpRecognitionInterface *iface)
{
    iface->stop = stop;
}

static void
mcp_mrcp_recognition_finalize(GObject *object)
{
    McpMrcpRecognition *self = MCP_MRCP_RECOGNITION(object);

    stop(MCP_RECOGNITION(self));
    mcp_recognition_request_free(self->request, NULL);
    g_ptr_array_unref(self->tried);
    g_clear_error(&self->error);
    g_clear_object(&self->recognizer);
    MCP_LEDGER_FINALIZED(McpMrcpRecognition);
    G_OBJECT_CLASS(mcp_mrcp_recognition_parent_class)->finalize(object);
}

static void
mcp_mrcp_recognition_init(McpMrcpRecognition *self)
{
    self->tried = g_ptr_array_new();
    MCP_LEDGER_CREATED(McpMrcpRecognition);
}

static void
mcp_mrcp_recognition_class_init(McpMrcpRecognitionClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_mrcp_recognition_finalize;
}

/* --- the recognizer --- */

static void
get_format(McpRecognizer *recognizer, McpTapParams *out_params)
{
    *out_params = (McpTapParams){.source = MCP_TAP_HEARD,
                                 .encoding = MCP_TAP_L16,
                                 .rate = MCP_MRCP_RECOGNIZER(recognizer)->rate,
                                 .frame_ms = FRAME_MS,
                                 .buffer_ms = BUFFER_MS};
}

static McpRecognition *
begin(McpRecognizer *recognizer, const McpRecognitionRequest *request, McpRecognitionFunc func,
      gpointer user_data)
{
    McpMrcpRecognizer *self = MCP_MRCP_RECOGNIZER(recognizer);
    McpMrcpRecognition *recognition = g_object_new(MCP_TYPE_MRCP_RECOGNITION, NULL);
    g_autofree char *type = g_strdup_printf("audio/L16;rate=%u", self->rate);

    recognition->recognizer = g_object_ref(self);
    recognition->turn = (guint)g_atomic_int_add(&self->turns, 1);
    /* The compiled grammars are of no use here; what they were made of is sent. */
    recognition->request = mcp_recognition_request_copy(request, NULL);
    recognition->func = func;
    recognition->user_data = user_data;
    recognition->tap = g_object_ref(request->tap);
    recognition->producer = mcp_audio_producer_new(type, NULL, AUDIO_MAX, &recognition->audio);
    mcp_tap_set_ready(recognition->tap, on_audio, recognition);
    on_audio(recognition->tap, recognition);
    schedule(recognition);
    return MCP_RECOGNITION(recognition);
}

static void
describe(McpRecognizer *recognizer, McpJson *json)
{
    mcp_mrcp_pool_describe(MCP_MRCP_RECOGNIZER(recognizer)->pool, json);
}

static void
recognizer_iface_init(McpRecognizerInterface *iface)
{
    iface->get_format = get_format;
    iface->begin = begin;
    iface->describe = describe;
}

McpMrcpRecognizer *
mcp_mrcp_recognizer_new(const McpMrcpServices *services, McpMrcpPool *pool, guint rate)
{
    McpMrcpRecognizer *self = g_object_new(MCP_TYPE_MRCP_RECOGNIZER, NULL);

    self->services = *services;
    g_object_ref(services->signalling);
    g_object_ref(services->media);
    g_object_ref(services->clock);
    mcp_mrcp_controls_ref(services->controls);
    self->pool = mcp_mrcp_pool_ref(pool);
    self->rate = rate;
    return self;
}

static void
mcp_mrcp_recognizer_finalize(GObject *object)
{
    McpMrcpRecognizer *self = MCP_MRCP_RECOGNIZER(object);

    mcp_mrcp_controls_unref(self->services.controls);
    g_object_unref(self->services.signalling);
    g_object_unref(self->services.media);
    g_object_unref(self->services.clock);
    mcp_mrcp_pool_unref(self->pool);
    MCP_LEDGER_FINALIZED(McpMrcpRecognizer);
    G_OBJECT_CLASS(mcp_mrcp_recognizer_parent_class)->finalize(object);
}

static void
mcp_mrcp_recognizer_init(McpMrcpRecognizer *self)
{
    MCP_LEDGER_CREATED(McpMrcpRecognizer);
}

static void
mcp_mrcp_recognizer_class_init(McpMrcpRecognizerClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_mrcp_recognizer_finalize;
}
