/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One RECOGNIZE (RFC 6787 §9.9): the recognizer hears a tap of the leg against the grammars of
 * mode voice, keys are matched against those of mode dtmf; what comes first is what counts. On the
 * call's shard.
 */
#include "recognize.h"

#include <mcp/error.h>
#include <mcp/ledger.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpMrcpdRecognize);

struct _McpMrcpdRecognize {
    McpMrcpdResource *resource;
    McpMrcpMessage *request;
    McpMrcpdRecognizeEvents events;
    gpointer user_data;
    GPtrArray *spoken; /* McpMrcpdGrammar of mode voice; of @all */
    GPtrArray *keyed;  /* McpMrcpdGrammar of mode dtmf; of @all */
    GPtrArray *all;
    gboolean hotword;
    gboolean begun;
    gboolean timers;  /* they run, or have run */
    gboolean started; /* somebody speaks or presses keys */
    McpRecognition *recognition;
    McpTap *tap;
    McpDtmfMatcher *matcher; /* nullable: no grammar of keys */
    McpMatchState state;     /* of the keys so far */
    GString *digits;
    McpTimer *input_timer; /* nobody does anything; with hotwords: they are not said */
    McpTimer *key_timer;   /* between keys */
    GSource *telling;      /* nullable: of an end that is known at once */
    guint cause;           /* of that */
    char *reason;          /* nullable */
    McpMrcpdResults *results;
};

static void take_keys(McpMrcpdRecognize *self);

McpMrcpdRecognize *
mcp_mrcpd_recognize_new(McpMrcpdResource *resource, const McpMrcpMessage *request,
                        GPtrArray *grammars, const McpMrcpdRecognizeEvents *events,
                        gpointer user_data)
{
    McpMrcpdRecognize *self = g_new0(McpMrcpdRecognize, 1);

    self->resource = resource;
    self->request = mcp_mrcp_request_new(MCP_MRCP_V2, request->name, request->id);
    g_ptr_array_unref(self->request->fields);
    self->request->fields = g_ptr_array_ref(request->fields);
    self->events = *events;
    self->user_data = user_data;
    self->all = g_ptr_array_ref(grammars);
    self->spoken = g_ptr_array_new();
    self->keyed = g_ptr_array_new();
    for (guint i = 0; i < grammars->len; i++) {
        McpMrcpdGrammar *grammar = grammars->pdata[i];
        gboolean keys =
            mcp_grammar_get_mode(grammar->engine, grammar->compiled) == MCP_GRAMMAR_DTMF;

        g_ptr_array_add(keys ? self->keyed : self->spoken, grammar);
    }
    self->hotword =
        g_ascii_strcasecmp(mcp_mrcpd_get(resource, request, "Recognition-Mode"), "hotword") == 0;
    self->digits = g_string_new(NULL);
    self->results = mcp_mrcpd_results_new();
    MCP_LEDGER_CREATED(McpMrcpdRecognize);
    return self;
}

static void
stop_speech(McpMrcpdRecognize *self)
{
    if (self->recognition != NULL)
        mcp_recognition_stop(self->recognition);
    g_clear_object(&self->recognition);
    if (self->tap != NULL)
        mcp_tap_close(self->tap);
    g_clear_object(&self->tap);
}

static void
stop_listening(McpMrcpdRecognize *self)
{
    mcp_timer_clear(&self->input_timer);
    mcp_timer_clear(&self->key_timer);
    stop_speech(self);
    if (self->matcher != NULL)
        mcp_grammar_matcher_free(self->resource->session->grammar, g_steal_pointer(&self->matcher));
}

void
mcp_mrcpd_recognize_free(McpMrcpdRecognize *recognize)
{
    if (recognize == NULL)
        return;
    stop_listening(recognize);
    if (recognize->telling != NULL)
        g_source_destroy(recognize->telling);
    g_clear_pointer(&recognize->telling, g_source_unref);
    g_ptr_array_unref(recognize->results);
    g_string_free(recognize->digits, TRUE);
    g_ptr_array_unref(recognize->keyed);
    g_ptr_array_unref(recognize->spoken);
    g_ptr_array_unref(recognize->all);
    mcp_mrcp_message_free(recognize->request);
    g_free(recognize->reason);
    g_free(recognize);
    MCP_LEDGER_FINALIZED(McpMrcpdRecognize);
}

const McpMrcpMessage *
mcp_mrcpd_recognize_get_request(const McpMrcpdRecognize *recognize)
{
    return recognize->request;
}

static const char *
get(const McpMrcpdRecognize *self, const char *name)
{
    return mcp_mrcpd_get(self->resource, self->request, name);
}

static guint
get_best(const McpMrcpdRecognize *self)
{
    return (guint)MIN(g_ascii_strtoull(get(self, "N-Best-List-Length"), NULL, 10), 100);
}

static gint64
get_time(const McpMrcpdRecognize *self, const char *name)
{
    return mcp_mrcpd_get_time(self->resource, self->request, name);
}

/* --- its end --- */

static gboolean
tell_end(gpointer user_data)
{
    McpMrcpdRecognize *self = user_data;

    g_clear_pointer(&self->telling, g_source_unref);
    self->events.ended(self, self->cause, self->results, self->reason, self->user_data);
    return G_SOURCE_REMOVE;
}

/* The first one counts. @reason: (nullable) */
static void
end_soon(McpMrcpdRecognize *self, guint cause, const char *reason)
{
    if (self->telling != NULL)
        return;
    stop_listening(self);
    self->cause = cause;
    self->reason = g_strdup(reason);
    self->telling = g_idle_source_new();
    g_source_set_priority(self->telling, G_PRIORITY_DEFAULT);
    g_source_set_callback(self->telling, tell_end, self, NULL);
    g_source_attach(self->telling, g_main_context_get_thread_default());
}

/* --- timers --- */

static void
on_no_input(gpointer user_data)
{
    McpMrcpdRecognize *self = user_data;

    end_soon(self, self->hotword ? MCP_MRCP_RECOG_HOTWORD_MAXTIME : MCP_MRCP_RECOG_NO_INPUT_TIMEOUT,
             NULL);
}

/* §9.4.7, §9.4.26: silence is nothing where a hotword is waited for. */
static void
start_timers(McpMrcpdRecognize *self)
{
    gint64 delay = get_time(self, self->hotword ? "Recognition-Timeout" : "No-Input-Timeout");

    self->timers = TRUE;
    if (!self->begun || self->started || self->telling != NULL)
        return;
    mcp_timer_clear(&self->input_timer);
    self->input_timer =
        mcp_clock_after(self->resource->session->clock, NULL, delay, on_no_input, self);
}

void
mcp_mrcpd_recognize_start_timers(McpMrcpdRecognize *recognize)
{
    if (!recognize->timers)
        start_timers(recognize);
}

/* Of hotwords nothing is told before one was said. */
static void
note_input(McpMrcpdRecognize *self, gboolean dtmf)
{
    if (self->hotword || self->started)
        return;
    self->started = TRUE;
    mcp_timer_clear(&self->input_timer);
    self->events.started(self, dtmf, self->user_data);
}

/* --- speech --- */

static void
take_match(McpMrcpdRecognize *self, const McpRecognitionEvent *event)
{
    double confidence = mcp_mrcpd_get_level(self->resource, self->request, "Confidence-Threshold");
    g_autoptr(GError) error = NULL;
    const McpMrcpInterpretation *best = NULL;

    for (guint i = 0; i < event->n_hypotheses; i++)
        mcp_mrcpd_results_add_words(self->results, self->spoken, &event->hypotheses[i],
                                    get_best(self), error == NULL ? &error : NULL);
    mcp_mrcpd_results_sort(self->results);
    best = self->results->len > 0 ? self->results->pdata[0] : NULL;
    if (error != NULL)
        end_soon(self, MCP_MRCP_RECOG_SEMANTICS_FAILURE, error->message);
    else if (best != NULL && best->confidence >= confidence)
        end_soon(self, MCP_MRCP_RECOG_SUCCESS, NULL);
    else
        end_soon(self, MCP_MRCP_RECOG_NO_MATCH, NULL);
}

static void
take_no_match(McpMrcpdRecognize *self, const McpRecognitionEvent *event, guint cause)
{
    for (guint i = 0; i < MIN(event->n_hypotheses, 1); i++)
        mcp_mrcpd_results_add_unmatched(self->results, self->spoken, event->hypotheses[i].words,
                                        "speech");
    end_soon(self, cause, NULL);
}

static guint
cause_of(const GError *error)
{
    if (g_error_matches(error, MCP_ERROR, MCP_ERROR_INVALID))
        return MCP_MRCP_RECOG_GRAMMAR_COMPILATION_FAILURE;
    if (g_error_matches(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED))
        return MCP_MRCP_RECOG_LANGUAGE_UNSUPPORTED;
    return MCP_MRCP_RECOG_RECOGNIZER_ERROR;
}

static void
on_recognition(McpRecognition *recognition, const McpRecognitionEvent *event, gpointer user_data)
{
    McpMrcpdRecognize *self = user_data;
    g_autoptr(McpRecognition) kept = g_object_ref(recognition);

    switch (event->type) {
    case MCP_RECOGNITION_SPEECH:
        note_input(self, FALSE);
        break;
    case MCP_RECOGNITION_MATCH:
        note_input(self, FALSE);
        take_match(self, event);
        break;
    case MCP_RECOGNITION_NO_MATCH:
        take_no_match(self, event, MCP_MRCP_RECOG_NO_MATCH);
        break;
    case MCP_RECOGNITION_TOO_LONG:
        take_no_match(self, event,
                      self->hotword ? MCP_MRCP_RECOG_HOTWORD_MAXTIME
                                    : MCP_MRCP_RECOG_NO_MATCH_MAXTIME);
        break;
    case MCP_RECOGNITION_FAILED:
        end_soon(self, cause_of(event->error), event->error->message);
        break;
    case MCP_RECOGNITION_PARTIAL:
    default:
        break;
    }
}

static void
fill_grammars(const McpMrcpdRecognize *self, McpRecognitionGrammar *out)
{
    const char *language = mcp_mrcpd_get_set(self->resource, self->request, "Speech-Language");

    for (guint i = 0; i < self->spoken->len; i++) {
        const McpMrcpdGrammar *grammar = self->spoken->pdata[i];

        out[i] = (McpRecognitionGrammar){.grammar = grammar->compiled,
                                         .uri = grammar->uri,
                                         .text = grammar->text,
                                         .content_type = grammar->type,
                                         .base = grammar->base,
                                         .language = language,
                                         .weight = grammar->weight};
    }
}

static void
listen_to_speech(McpMrcpdRecognize *self)
{
    McpMrcpdSession *session = self->resource->session;
    g_autofree McpRecognitionGrammar *grammars = g_new0(McpRecognitionGrammar, self->spoken->len);
    g_autoptr(GHashTable) vendor = mcp_mrcpd_get_vendor(self->resource, self->request);
    g_autoptr(GError) error = NULL;
    McpTapParams format;
    McpRecognitionRequest request = {
        .grammars = grammars,
        .n_grammars = self->spoken->len,
        .language = mcp_mrcpd_get_set(self->resource, self->request, "Speech-Language"),
        .hotword = self->hotword,
        .n_best = get_best(self),
        .confidence = mcp_mrcpd_get_level(self->resource, self->request, "Confidence-Threshold"),
        .sensitivity = mcp_mrcpd_get_level(self->resource, self->request, "Sensitivity-Level"),
        .accuracy = mcp_mrcpd_get_level(self->resource, self->request, "Speed-Vs-Accuracy"),
        .complete_timeout = get_time(self, "Speech-Complete-Timeout"),
        .incomplete_timeout = get_time(self, "Speech-Incomplete-Timeout"),
        .max_speech =
            get_time(self, self->hotword ? "Hotword-Max-Duration" : "Recognition-Timeout"),
        .parameters = vendor,
        .call = session->call,
    };

    if (session->recognizer == NULL) {
        end_soon(self, MCP_MRCP_RECOG_RECOGNIZER_ERROR, "no recognizer is running");
        return;
    }
    fill_grammars(self, grammars);
    mcp_recognizer_get_format(session->recognizer, &format);
    self->tap = mcp_leg_tap(session->leg, &format, &error);
    if (self->tap == NULL) {
        end_soon(self, MCP_MRCP_RECOG_RECOGNIZER_ERROR, error->message);
        return;
    }
    request.tap = self->tap;
    self->recognition = mcp_recognizer_begin(session->recognizer, &request, on_recognition, self);
}

/* --- keys --- */

static void
make_matcher(McpMrcpdRecognize *self)
{
    g_autofree McpGrammar **compiled = g_new0(McpGrammar *, self->keyed->len + 1);

    if (self->matcher != NULL)
        mcp_grammar_matcher_free(self->resource->session->grammar, self->matcher);
    for (guint i = 0; i < self->keyed->len; i++)
        compiled[i] = ((McpMrcpdGrammar *)self->keyed->pdata[i])->compiled;
    self->matcher =
        mcp_grammar_matcher_new(self->resource->session->grammar, compiled, self->keyed->len);
    self->state = MCP_MATCH_PARTIAL;
    g_string_truncate(self->digits, 0);
}

static gboolean
has_matched(const McpMrcpdRecognize *self)
{
    return self->state == MCP_MATCH_MORE || self->state == MCP_MATCH_COMPLETE;
}

/* The keys so far are all: they are a match, or none. */
static void
end_of_keys(McpMrcpdRecognize *self)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpGrammarResult) match = NULL;

    if (has_matched(self))
        match = mcp_grammar_matcher_result(self->resource->session->grammar, self->matcher, &error);
    if (match != NULL) {
        mcp_mrcpd_results_add_digits(self->results, self->keyed, match);
        end_soon(self, MCP_MRCP_RECOG_SUCCESS, NULL);
    } else if (error != NULL) {
        end_soon(self, MCP_MRCP_RECOG_SEMANTICS_FAILURE, error->message);
    } else if (self->hotword) {
        make_matcher(self);
    } else {
        mcp_mrcpd_results_add_unmatched(self->results, self->keyed, self->digits->str, "dtmf");
        end_soon(self, MCP_MRCP_RECOG_NO_MATCH, NULL);
    }
}

static void
on_key_timer(gpointer user_data)
{
    McpMrcpdRecognize *self = user_data;

    mcp_timer_clear(&self->key_timer);
    end_of_keys(self);
}

/* §9.4.18: after the last key that can be only a terminating one is waited for, if there is one. */
static void
wait_for_key(McpMrcpdRecognize *self)
{
    const char *name =
        self->state == MCP_MATCH_COMPLETE ? "DTMF-Term-Timeout" : "DTMF-Interdigit-Timeout";

    mcp_timer_clear(&self->key_timer);
    self->key_timer = mcp_clock_after(self->resource->session->clock, NULL, get_time(self, name),
                                      on_key_timer, self);
}

static void
take_key(McpMrcpdRecognize *self, char key)
{
    char last = g_ascii_toupper(get(self, "DTMF-Term-Char")[0]);

    if (!self->hotword)
        stop_speech(self);
    note_input(self, TRUE);
    if (key == last) {
        end_of_keys(self);
        return;
    }
    g_string_append_printf(self->digits, "%s%c", self->digits->len > 0 ? " " : "", key);
    self->state = mcp_grammar_matcher_feed(self->resource->session->grammar, self->matcher, key);
    if (self->state == MCP_MATCH_NONE || (self->state == MCP_MATCH_COMPLETE && last == '\0'))
        end_of_keys(self);
    else
        wait_for_key(self);
}

/* Without a grammar of keys they stay in the leg's queue (§9.4.31). */
static void
take_keys(McpMrcpdRecognize *self)
{
    McpDigit digit;

    while (self->matcher != NULL && self->telling == NULL &&
           mcp_leg_take_digit(self->resource->session->leg, &digit))
        take_key(self, digit.digit);
}

void
mcp_mrcpd_recognize_take_leg(McpMrcpdRecognize *recognize, const McpLegEvent *event)
{
    if (recognize->begun && event->type == MCP_LEG_DIGIT)
        take_keys(recognize);
}

/* --- its begin --- */

void
mcp_mrcpd_recognize_begin(McpMrcpdRecognize *recognize)
{
    McpMrcpdResource *resource = recognize->resource;
    const char *timers = mcp_mrcp_message_get(recognize->request, "Start-Input-Timers");

    recognize->begun = TRUE;
    if (mcp_mrcpd_get_bool(resource, recognize->request, "Clear-DTMF-Buffer"))
        mcp_leg_flush_digits(resource->session->leg);
    if (recognize->spoken->len > 0)
        listen_to_speech(recognize);
    if (recognize->telling != NULL)
        return;
    if (recognize->timers || timers == NULL || g_ascii_strcasecmp(timers, "true") == 0)
        start_timers(recognize);
    if (recognize->keyed->len > 0) {
        make_matcher(recognize);
        take_keys(recognize);
    }
}
