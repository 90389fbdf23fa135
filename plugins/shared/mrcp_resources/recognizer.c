/* SPDX-License-Identifier: Apache-2.0 */
/*
 * speechrecog (RFC 6787 §9): grammars, RECOGNIZEs one after the other, and what has come of the
 * last one. On the call's shard.
 */
#include "recognize.h"

#include <mcp/log.h>
#include <mrcp/bodies.h>
#include <string.h>

/* RECOGNIZEs that may wait. */
#define MAX_PENDING 20

typedef struct {
    McpMrcpdResource resource; /* first */
    McpMrcpdGrammars *grammars;
    McpMrcpMessage *request;      /* nullable: whose grammars are loaded; answered then */
    McpMrcpdRecognize *recognize; /* nullable: it does not listen */
    GQueue pending;               /* McpMrcpdRecognize */
    McpMrcpdResults *results;     /* nullable: nothing was recognized yet */
    guint starts;                 /* for Proxy-Sync-Id */
} Recognizer;

static void begin_next(Recognizer *self);

static Recognizer *
recognizer_of(McpMrcpdResource *resource)
{
    return (Recognizer *)resource;
}

static guint32
id_of(const McpMrcpdRecognize *recognize)
{
    return mcp_mrcpd_recognize_get_request(recognize)->id;
}

static void
set_cause(McpMrcpMessage *message, guint cause, const char *reason)
{
    g_autofree char *text = mcp_mrcp_cause_text(MCP_MRCP_V2, MCP_MRCP_SPEECHRECOG, cause);

    mcp_mrcp_message_set(message, "Completion-Cause", text);
    mcp_mrcpd_set_reason(message, reason);
}

static guint
best_of(const Recognizer *self, const McpMrcpMessage *request)
{
    const char *text = mcp_mrcpd_get(&self->resource, request, "N-Best-List-Length");

    return (guint)MIN(g_ascii_strtoull(text, NULL, 10), 100);
}

/* --- the queue --- */

/* @reason: (nullable) */
static void
send_complete(Recognizer *self, const McpMrcpdRecognize *recognize, guint cause,
              const McpMrcpdResults *results, const char *reason)
{
    const McpMrcpMessage *request = mcp_mrcpd_recognize_get_request(recognize);
    McpMrcpMessage *event =
        mcp_mrcp_event_new(MCP_MRCP_V2, "RECOGNITION-COMPLETE", request->id, MCP_MRCP_COMPLETE);
    g_autofree char *text = mcp_mrcp_cause_text(MCP_MRCP_V2, MCP_MRCP_SPEECHRECOG, cause);

    set_cause(event, cause, reason);
    if (results != NULL)
        mcp_mrcpd_results_write(
            results, mcp_mrcpd_get_level(&self->resource, request, "Confidence-Threshold"),
            best_of(self, request), event);
    mcp_log_info("mrcp-recognized", self->resource.session->call_id,
                 "channel %s: RECOGNIZE %u: %s%s%s",
                 mcp_mrcpd_channel_get_id(self->resource.channel), request->id, text,
                 reason != NULL ? ": " : "", reason != NULL ? reason : "");
    mcp_mrcpd_send(&self->resource, event);
}

/* §9.12 */
static void
on_started(McpMrcpdRecognize *recognize, gboolean dtmf, gpointer user_data)
{
    Recognizer *self = user_data;
    McpMrcpMessage *event =
        mcp_mrcp_event_new(MCP_MRCP_V2, "START-OF-INPUT", id_of(recognize), MCP_MRCP_IN_PROGRESS);
    g_autofree char *sync = g_strdup_printf("%u-%.8s", ++self->starts,
                                            mcp_mrcpd_channel_get_id(self->resource.channel));

    mcp_mrcp_message_set(event, "Input-Type", dtmf ? "dtmf" : "speech");
    mcp_mrcp_message_set(event, "Proxy-Sync-Id", sync);
    mcp_mrcpd_send(&self->resource, event);
}

/* §9.4.27: with one that fails those that wait are cancelled. */
static void
cancel_pending(Recognizer *self)
{
    McpMrcpdRecognize *recognize = NULL;

    while ((recognize = g_queue_pop_head(&self->pending)) != NULL) {
        send_complete(self, recognize, MCP_MRCP_RECOG_CANCELLED, NULL, NULL);
        mcp_mrcpd_recognize_free(recognize);
    }
}

static void
on_ended(McpMrcpdRecognize *recognize, guint cause, McpMrcpdResults *results, const char *reason,
         gpointer user_data)
{
    Recognizer *self = user_data;

    g_clear_pointer(&self->results, g_ptr_array_unref);
    self->results = g_ptr_array_ref(results);
    send_complete(self, recognize, cause, results, reason);
    if (cause != MCP_MRCP_RECOG_SUCCESS)
        cancel_pending(self);
    g_clear_pointer(&self->recognize, mcp_mrcpd_recognize_free);
    begin_next(self);
}

/* The results of the last one are kept until then (§9.14). */
static void
begin_next(Recognizer *self)
{
    if (self->recognize != NULL || g_queue_is_empty(&self->pending))
        return;
    g_clear_pointer(&self->results, g_ptr_array_unref);
    self->recognize = g_queue_pop_head(&self->pending);
    mcp_mrcpd_recognize_begin(self->recognize);
}

/* --- grammars --- */

static void
refuse_grammars(Recognizer *self, const McpMrcpdLoaded *loaded)
{
    McpMrcpMessage *answer = mcp_mrcpd_respond(self->request, 407, MCP_MRCP_COMPLETE);

    set_cause(answer, loaded->cause, loaded->reason);
    if (loaded->uri != NULL)
        mcp_mrcp_message_set(answer, "Failed-URI", loaded->uri);
    mcp_log_info("mrcp-request", self->resource.session->call_id,
                 "channel %s: %s %u is refused with 407: %s%s%s",
                 mcp_mrcpd_channel_get_id(self->resource.channel), self->request->name,
                 self->request->id, loaded->uri != NULL ? loaded->uri : "",
                 loaded->uri != NULL ? ": " : "", loaded->reason);
    mcp_mrcpd_send(&self->resource, answer);
}

/* Answered when its grammars are there: until then other requests wait. */
static void
load(Recognizer *self, const McpMrcpMessage *request, McpMrcpdLoadedFunc func)
{
    self->request = mcp_mrcp_request_new(MCP_MRCP_V2, request->name, request->id);
    g_ptr_array_unref(self->request->fields);
    self->request->fields = g_ptr_array_ref(request->fields);
    self->request->body = request->body != NULL ? g_bytes_ref(request->body) : NULL;
    mcp_mrcpd_grammars_load(self->grammars, self->request, func, self);
}

static void
loaded_done(Recognizer *self)
{
    g_clear_pointer(&self->request, mcp_mrcp_message_free);
    mcp_mrcpd_resource_run(&self->resource);
}

static void
answer_defined(Recognizer *self, const McpMrcpMessage *request)
{
    McpMrcpMessage *answer = mcp_mrcpd_respond(request, 200, MCP_MRCP_COMPLETE);

    set_cause(answer, MCP_MRCP_RECOG_SUCCESS, NULL);
    mcp_mrcpd_send(&self->resource, answer);
}

static void
on_defined(const McpMrcpdLoaded *loaded, gpointer user_data)
{
    Recognizer *self = user_data;

    if (loaded->grammars == NULL)
        refuse_grammars(self, loaded);
    else
        answer_defined(self, self->request);
    loaded_done(self);
}

/* §9.8; without a body a grammar is forgotten (§9.5.1). */
static void
define_grammar(McpMrcpdResource *resource, McpMrcpMessage *request)
{
    Recognizer *self = recognizer_of(resource);
    const char *id = mcp_mrcp_message_get(request, "Content-ID");

    if (self->recognize != NULL) {
        mcp_mrcpd_refuse_request(resource, request, 402, "it is listening");
    } else if (!mcp_mrcpd_check(resource, request)) {
        return;
    } else if (request->body == NULL && id != NULL) {
        mcp_mrcpd_grammars_forget(self->grammars, id);
        answer_defined(self, request);
    } else {
        load(self, request, on_defined);
    }
}

/* --- RECOGNIZE --- */

static gboolean
gives_way(const Recognizer *self)
{
    const char *value =
        mcp_mrcp_message_get(mcp_mrcpd_recognize_get_request(self->recognize), "Cancel-If-Queue");

    return value != NULL && g_ascii_strcasecmp(value, "true") == 0;
}

static void
on_grammars(const McpMrcpdLoaded *loaded, gpointer user_data)
{
    static const McpMrcpdRecognizeEvents events = {on_started, on_ended};
    Recognizer *self = user_data;
    gboolean waits = self->recognize != NULL && !gives_way(self);

    if (loaded->grammars == NULL) {
        refuse_grammars(self, loaded);
        loaded_done(self);
        return;
    }
    if (self->recognize != NULL && !waits) {
        send_complete(self, self->recognize, MCP_MRCP_RECOG_CANCELLED, NULL, NULL);
        g_clear_pointer(&self->recognize, mcp_mrcpd_recognize_free);
    }
    g_queue_push_tail(&self->pending, mcp_mrcpd_recognize_new(&self->resource, self->request,
                                                              loaded->grammars, &events, self));
    mcp_mrcpd_send(
        &self->resource,
        mcp_mrcpd_respond(self->request, 200, waits ? MCP_MRCP_PENDING : MCP_MRCP_IN_PROGRESS));
    begin_next(self);
    loaded_done(self);
}

static void
recognize(McpMrcpdResource *resource, McpMrcpMessage *request)
{
    Recognizer *self = recognizer_of(resource);

    if (!mcp_mrcpd_check(resource, request))
        return;
    if (g_queue_get_length(&self->pending) >= MAX_PENDING)
        mcp_mrcpd_refuse_request(resource, request, 402, "too many wait to be recognized");
    else
        load(self, request, on_grammars);
}

static void
start_input_timers(McpMrcpdResource *resource, McpMrcpMessage *request)
{
    Recognizer *self = recognizer_of(resource);

    if (self->recognize == NULL) {
        mcp_mrcpd_refuse_request(resource, request, 402, "it is not listening");
        return;
    }
    mcp_mrcpd_recognize_start_timers(self->recognize);
    mcp_mrcpd_send(resource, mcp_mrcpd_respond(request, 200, MCP_MRCP_COMPLETE));
}

static void
stop(McpMrcpdResource *resource, McpMrcpMessage *request)
{
    Recognizer *self = recognizer_of(resource);
    McpMrcpMessage *answer = mcp_mrcpd_respond(request, 200, MCP_MRCP_COMPLETE);
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(guint32));
    GList *link = self->pending.head;
    guint32 id = self->recognize != NULL ? id_of(self->recognize) : 0;

    if (self->recognize != NULL && mcp_mrcpd_is_listed(request, id)) {
        g_array_append_val(ids, id);
        g_clear_pointer(&self->recognize, mcp_mrcpd_recognize_free);
    }
    while (link != NULL) {
        GList *next = link->next;

        id = id_of(link->data);
        if (mcp_mrcpd_is_listed(request, id)) {
            g_array_append_val(ids, id);
            mcp_mrcpd_recognize_free(link->data);
            g_queue_delete_link(&self->pending, link);
        }
        link = next;
    }
    mcp_mrcpd_set_ids(answer, ids);
    mcp_mrcpd_send(resource, answer);
    begin_next(self);
}

static void
get_result(McpMrcpdResource *resource, McpMrcpMessage *request)
{
    Recognizer *self = recognizer_of(resource);
    McpMrcpMessage *answer = NULL;

    if (self->results == NULL || self->recognize != NULL) {
        mcp_mrcpd_refuse_request(resource, request, 402, "nothing has been recognized");
        return;
    }
    if (!mcp_mrcpd_check(resource, request))
        return;
    answer = mcp_mrcpd_respond(request, 200, MCP_MRCP_COMPLETE);
    mcp_mrcpd_results_write(self->results,
                            mcp_mrcpd_get_level(resource, request, "Confidence-Threshold"),
                            best_of(self, request), answer);
    mcp_mrcpd_send(resource, answer);
}

/* --- INTERPRET --- */

/* §9.4.30: text, or the id of a text in the body. */
static char *
text_of(const McpMrcpMessage *request)
{
    const char *value = mcp_mrcp_message_get(request, "Interpret-Text");
    g_autoptr(GPtrArray) parts = mcp_mrcp_read_parts(request, NULL);

    for (guint i = 0; parts != NULL && i < parts->len; i++) {
        const McpMrcpPart *part = parts->pdata[i];
        g_autofree char *text = mcp_mrcp_text(part->body);

        if (part->id != NULL && strcmp(part->type, "text/plain") == 0 &&
            strstr(value, part->id) != NULL && g_utf8_validate(text, -1, NULL))
            return g_steal_pointer(&text);
    }
    return g_strdup(value);
}

static GPtrArray *
spoken_of(const GPtrArray *grammars)
{
    GPtrArray *spoken = g_ptr_array_new();

    for (guint i = 0; i < grammars->len; i++) {
        McpMrcpdGrammar *grammar = grammars->pdata[i];

        if (mcp_grammar_get_mode(grammar->engine, grammar->compiled) == MCP_GRAMMAR_VOICE)
            g_ptr_array_add(spoken, grammar);
    }
    return spoken;
}

static void
send_interpretation(Recognizer *self, const McpMrcpdLoaded *loaded)
{
    McpMrcpMessage *event = mcp_mrcp_event_new(MCP_MRCP_V2, "INTERPRETATION-COMPLETE",
                                               self->request->id, MCP_MRCP_COMPLETE);
    g_autoptr(GPtrArray) spoken = spoken_of(loaded->grammars);
    g_autofree char *text = text_of(self->request);
    g_autoptr(GPtrArray) results = mcp_mrcpd_results_new();
    g_autoptr(GError) error = NULL;
    const McpHypothesis hypothesis = {
        .words = text, .confidence = MCP_MRCP_CONFIDENCE_UNKNOWN, .grammar = -1};
    guint best = best_of(self, self->request);

    mcp_mrcpd_results_add_words(results, spoken, &hypothesis, best, &error);
    if (error != NULL)
        set_cause(event, MCP_MRCP_RECOG_SEMANTICS_FAILURE, error->message);
    else
        set_cause(event, results->len > 0 ? MCP_MRCP_RECOG_SUCCESS : MCP_MRCP_RECOG_NO_MATCH, NULL);
    mcp_mrcpd_results_write(results, 0, best, event);
    mcp_mrcpd_send(&self->resource, event);
}

static void
on_interpreted(const McpMrcpdLoaded *loaded, gpointer user_data)
{
    Recognizer *self = user_data;

    if (loaded->grammars == NULL) {
        refuse_grammars(self, loaded);
    } else {
        mcp_mrcpd_send(&self->resource,
                       mcp_mrcpd_respond(self->request, 200, MCP_MRCP_IN_PROGRESS));
        send_interpretation(self, loaded);
    }
    loaded_done(self);
}

/* §9.20 */
static void
interpret(McpMrcpdResource *resource, McpMrcpMessage *request)
{
    Recognizer *self = recognizer_of(resource);

    if (self->recognize != NULL)
        mcp_mrcpd_refuse_request(resource, request, 402, "it is listening");
    else if (mcp_mrcp_message_get(request, "Interpret-Text") == NULL)
        mcp_mrcpd_refuse_request(resource, request, 406, "there is no Interpret-Text");
    else if (mcp_mrcpd_check(resource, request))
        load(self, request, on_interpreted);
}

/* --- the class --- */

static void
take_leg(McpMrcpdResource *resource, const McpLegEvent *event)
{
    Recognizer *self = recognizer_of(resource);

    if (self->recognize != NULL)
        mcp_mrcpd_recognize_take_leg(self->recognize, event);
}

static void
describe(McpMrcpdResource *resource, McpJson *json)
{
    Recognizer *self = recognizer_of(resource);

    mcp_json_int(json, "recognizing", self->recognize != NULL ? id_of(self->recognize) : 0);
    mcp_json_int(json, "pending", g_queue_get_length(&self->pending));
    mcp_json_int(json, "grammars", mcp_mrcpd_grammars_get_size(self->grammars));
}

static void
recognizer_free(McpMrcpdResource *resource)
{
    Recognizer *self = recognizer_of(resource);

    g_clear_pointer(&self->recognize, mcp_mrcpd_recognize_free);
    g_queue_clear_full(&self->pending, (GDestroyNotify)mcp_mrcpd_recognize_free);
    mcp_mrcpd_grammars_free(self->grammars);
    g_clear_pointer(&self->request, mcp_mrcp_message_free);
    g_clear_pointer(&self->results, g_ptr_array_unref);
    mcp_mrcpd_resource_clear(resource);
    g_free(self);
}

static const McpMrcpdMethod methods[] = {
    {"SET-PARAMS", mcp_mrcpd_set_params},
    {"GET-PARAMS", mcp_mrcpd_get_params},
    {"DEFINE-GRAMMAR", define_grammar},
    {"RECOGNIZE", recognize},
    {"START-INPUT-TIMERS", start_input_timers},
    {"STOP", stop},
    {"GET-RESULT", get_result},
    {"INTERPRET", interpret},
};

static const McpMrcpdResourceClass recognizer_class = {
    .kind = MCP_MRCP_SPEECHRECOG,
    .methods = methods,
    .n_methods = G_N_ELEMENTS(methods),
    .take_leg = take_leg,
    .describe = describe,
    .free = recognizer_free,
};

McpMrcpdResource *
mcp_mrcpd_recognizer_new(McpMrcpdSession *session, GError **error)
{
    g_autofree Recognizer *self = g_new0(Recognizer, 1);

    if (!mcp_mrcpd_resource_init(&self->resource, &recognizer_class, session, error))
        return NULL;
    g_queue_init(&self->pending);
    self->grammars = mcp_mrcpd_grammars_new(&self->resource);
    return &g_steal_pointer(&self)->resource;
}
