/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recognition by whichever engine can: when one fails amid a turn, the next one hears what the
 * caller has said so far and goes on from there. On the context that the recognition was begun on.
 */
#include "listening.h"

#include "replay.h"
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <mcp/log.h>

struct _McpEnginesListening {
    GObject parent_instance;
    McpEngineTable *table;
    McpEvents *events; /* nullable */
    gint keep_ms;      /* atomic */
};

/* One turn. */
#define MCP_TYPE_ENGINES_TURN (mcp_engines_turn_get_type())
G_DECLARE_FINAL_TYPE(McpEnginesTurn, mcp_engines_turn, MCP, ENGINES_TURN, GObject)

struct _McpEnginesTurn {
    GObject parent_instance;
    McpEngineTable *table;
    McpEvents *events;              /* nullable */
    McpRecognitionRequest *request; /* a copy */
    McpGrammarEngine *compiler;     /* nullable: of the grammars */
    GPtrArray *choices;             /* McpEngineChoice; nullable: none is there */
    guint next;                     /* the one in question */
    McpReplay *replay;
    McpTap *tap;             /* of @present */
    McpRecognition *present; /* nullable */
    gint64 asked;            /* clock µs at which @present began to listen */
    GSource *again;          /* to the next engine; nullable */
    GString *faults;
    GError *error;  /* of the first engine that failed */
    gboolean heard; /* SPEECH was told */
    gboolean ended; /* the result was told */
    McpRecognitionFunc func;
    gpointer user_data;
};

MCP_LEDGER_DEFINE(McpEnginesListening);
MCP_LEDGER_DEFINE(McpEnginesTurn);

static void recognizer_iface_init(McpRecognizerInterface *iface);
static void recognition_iface_init(McpRecognitionInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpEnginesListening, mcp_engines_listening, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_RECOGNIZER, recognizer_iface_init))
G_DEFINE_FINAL_TYPE_WITH_CODE(McpEnginesTurn, mcp_engines_turn, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_RECOGNITION, recognition_iface_init))

/* --- the turn --- */

static void schedule(McpEnginesTurn *self);

static const char *
call_id(const McpEnginesTurn *self)
{
    return self->request->call != NULL ? mcp_call_get_id(self->request->call) : NULL;
}

static McpEngineChoice *
choice_of(McpEnginesTurn *self)
{
    return self->choices->pdata[self->next];
}

/* @result: (nullable): of the engine that has listened; NULL: it begins to. */
static void
publish(McpEnginesTurn *self, const char *result)
{
    gint64 now = mcp_clock_now(mcp_engine_table_get_clock(self->table));
    McpEvent *event = NULL;

    if (self->events == NULL || !mcp_events_wanted(self->events, MCP_EVENT_INPUT))
        return;
    event = mcp_event_new(MCP_EVENT_INPUT, call_id(self),
                          result == NULL ? "recognizing" : "recognized");
    mcp_event_set_string(event, "engine", mcp_engine_get_name(choice_of(self)->engine));
    if (result != NULL) {
        mcp_event_set_string(event, "result", result);
        mcp_event_set_int(event, "duration_ms", (now - self->asked) / 1000);
    }
    mcp_events_publish(self->events, event);
}

/* @result: unless the engine has told its own. */
static void
leave_engine(McpEnginesTurn *self, const char *result)
{
    if (self->present != NULL) {
        if (!self->ended)
            publish(self, result);
        mcp_recognition_stop(self->present);
    }
    g_clear_object(&self->present);
    if (self->tap != NULL)
        mcp_tap_close(self->tap);
    g_clear_object(&self->tap);
}

/* To whoever asked; it may drop the turn. */
static void
tell(McpEnginesTurn *self, const McpRecognitionEvent *event)
{
    McpRecognitionFunc func = self->func;

    if (event->type >= MCP_RECOGNITION_MATCH)
        self->func = NULL;
    if (func != NULL)
        func(MCP_RECOGNITION(self), event, self->user_data);
}

static void
tell_failure(McpEnginesTurn *self)
{
    McpRecognitionEvent event = {.type = MCP_RECOGNITION_FAILED};
    g_autoptr(GError) error = NULL;

    if (self->choices != NULL && self->choices->len > 1)
        error = g_error_new(MCP_ERROR, self->error->code, "no recognizer could do it: %s",
                            self->faults->str);
    event.error = error != NULL ? error : self->error;
    tell(self, &event);
}

/* The engine in question cannot. */
static void
pass_over(McpEnginesTurn *self, const GError *error)
{
    McpMetrics *metrics = mcp_engine_table_get_metrics(self->table);

    leave_engine(self, "failed");
    g_string_append_printf(self->faults, "%s%s: %s", self->faults->len > 0 ? "; " : "",
                           mcp_engine_get_name(choice_of(self)->engine), error->message);
    if (self->error == NULL)
        self->error = g_error_copy(error);
    self->next++;
    if (self->next < self->choices->len) {
        mcp_log_info("engine-failover", call_id(self), "%s; %s is asked", self->faults->str,
                     mcp_engine_get_name(choice_of(self)->engine));
        if (metrics != NULL)
            mcp_metrics_add(metrics, MCP_ENGINE_METRIC_FAILOVERS, MCP_ENGINE_RECOGNIZER, 1);
    }
    schedule(self);
}

/* From the end of what was said to the result. */
static gint64
answer_time(McpEnginesTurn *self, const McpRecognitionEvent *event)
{
    gint64 now = mcp_clock_now(mcp_engine_table_get_clock(self->table));

    return event->time > 0 && event->time <= now ? now - event->time : -1;
}

static void
take_failure(McpEnginesTurn *self, const McpRecognitionEvent *event)
{
    McpEngine *engine = choice_of(self)->engine;
    /* It may be a word that it does not know, or a format: that says nothing of its health. */
    gboolean sound = g_error_matches(event->error, MCP_ERROR, MCP_ERROR_INVALID) ||
                     g_error_matches(event->error, MCP_ERROR, MCP_ERROR_UNSUPPORTED);

    if (sound)
        mcp_engine_unknown(engine);
    else
        mcp_engine_failed(engine, event->error);
    if (event->elsewhere) {
        pass_over(self, event->error);
        return;
    }
    leave_engine(self, "failed");
    tell(self, event);
}

/* It has nothing more to say. */
static void
end_engine(McpEnginesTurn *self, const McpRecognitionEvent *event)
{
    static const char *const results[] = {[MCP_RECOGNITION_MATCH] = "match",
                                          [MCP_RECOGNITION_NO_MATCH] = "no-match",
                                          [MCP_RECOGNITION_TOO_LONG] = "too-long"};

    mcp_engine_succeeded(choice_of(self)->engine, answer_time(self, event));
    publish(self, results[event->type]);
    self->ended = TRUE;
}

static void
on_event(McpRecognition *recognition, const McpRecognitionEvent *event, gpointer user_data)
{
    g_autoptr(McpEnginesTurn) self = g_object_ref(user_data);

    if (recognition != self->present)
        return;
    if (event->type == MCP_RECOGNITION_FAILED) {
        take_failure(self, event);
        return;
    }
    if (event->type == MCP_RECOGNITION_SPEECH) {
        if (self->heard)
            return;
        self->heard = TRUE;
    }
    if (event->type >= MCP_RECOGNITION_MATCH)
        end_engine(self, event);
    tell(self, event);
}

static void
ask(McpEnginesTurn *self)
{
    McpEngineChoice *choice = choice_of(self);
    McpRecognizer *recognizer = MCP_RECOGNIZER(choice->service);
    McpRecognitionRequest request = *self->request;
    g_autoptr(GError) error = NULL;
    McpTapParams params;

    mcp_recognizer_get_format(recognizer, &params);
    self->tap = mcp_replay_open(self->replay, &params, &error);
    if (self->tap == NULL) {
        mcp_engine_unknown(choice->engine);
        pass_over(self, error);
        return;
    }
    request.tap = self->tap;
    self->asked = mcp_clock_now(mcp_engine_table_get_clock(self->table));
    publish(self, NULL);
    self->present = mcp_recognizer_begin(recognizer, &request, on_event, self);
}

static gboolean
go_on(gpointer user_data)
{
    g_autoptr(McpEnginesTurn) self = g_object_ref(user_data);
    g_autoptr(GError) error = NULL;

    g_source_destroy(self->again);
    g_clear_pointer(&self->again, g_source_unref);
    if (self->choices == NULL || self->next >= self->choices->len) {
        tell_failure(self);
        return G_SOURCE_REMOVE;
    }
    if (mcp_engine_allows(choice_of(self)->engine)) {
        ask(self);
        return G_SOURCE_REMOVE;
    }
    error = g_error_new(MCP_ERROR, MCP_ERROR_FAILED, "has failed and is left alone");
    pass_over(self, error);
    return G_SOURCE_REMOVE;
}

/* Not within the callback of an engine, and never before begin() has returned. */
static void
schedule(McpEnginesTurn *self)
{
    self->again = g_idle_source_new();
    g_source_set_priority(self->again, G_PRIORITY_DEFAULT);
    g_source_set_callback(self->again, go_on, self, NULL);
    g_source_attach(self->again, g_main_context_get_thread_default());
}

static void
stop(McpRecognition *recognition)
{
    McpEnginesTurn *self = MCP_ENGINES_TURN(recognition);

    self->func = NULL;
    if (self->again != NULL)
        g_source_destroy(self->again);
    g_clear_pointer(&self->again, g_source_unref);
    /* It was asked, and its answer is not waited for. */
    if (self->present != NULL)
        mcp_engine_unknown(choice_of(self)->engine);
    leave_engine(self, "stopped");
    g_clear_pointer(&self->replay, mcp_replay_free);
}

static void
recognition_iface_init(McpRecognitionInterface *iface)
{
    iface->stop = stop;
}

static void
mcp_engines_turn_finalize(GObject *object)
{
    McpEnginesTurn *self = MCP_ENGINES_TURN(object);

    stop(MCP_RECOGNITION(self));
    mcp_recognition_request_free(self->request, self->compiler);
    g_clear_pointer(&self->choices, g_ptr_array_unref);
    g_clear_object(&self->compiler);
    g_clear_error(&self->error);
    g_string_free(self->faults, TRUE);
    mcp_engine_table_unref(self->table);
    g_clear_object(&self->events);
    MCP_LEDGER_FINALIZED(McpEnginesTurn);
    G_OBJECT_CLASS(mcp_engines_turn_parent_class)->finalize(object);
}

static void
mcp_engines_turn_init(McpEnginesTurn *self)
{
    self->faults = g_string_new(NULL);
    MCP_LEDGER_CREATED(McpEnginesTurn);
}

static void
mcp_engines_turn_class_init(McpEnginesTurnClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_engines_turn_finalize;
}

/* --- the recognizer --- */

/* What the engine that is choosiest takes; the others get half of it. */
static void
get_format(McpRecognizer *recognizer, McpTapParams *out_params)
{
    McpEnginesListening *self = MCP_ENGINES_LISTENING(recognizer);
    g_autoptr(GPtrArray) choices =
        mcp_engine_table_choose(self->table, MCP_ENGINE_RECOGNIZER, NULL, NULL, NULL);

    out_params->encoding = MCP_TAP_S16;
    out_params->rate = 8000;
    out_params->frame_ms = 20;
    for (guint i = 0; choices != NULL && i < choices->len; i++) {
        const McpEngineChoice *choice = choices->pdata[i];
        McpTapParams params;

        mcp_recognizer_get_format(MCP_RECOGNIZER(choice->service), &params);
        out_params->rate = MAX(out_params->rate, MIN(params.rate, 16000));
    }
}

static McpRecognition *
begin(McpRecognizer *recognizer, const McpRecognitionRequest *request, McpRecognitionFunc func,
      gpointer user_data)
{
    McpEnginesListening *self = MCP_ENGINES_LISTENING(recognizer);
    McpEnginesTurn *turn = g_object_new(MCP_TYPE_ENGINES_TURN, NULL);
    McpTapParams params = {0};

    turn->table = mcp_engine_table_ref(self->table);
    turn->events = self->events != NULL ? g_object_ref(self->events) : NULL;
    turn->compiler = mcp_engine_table_find(self->table, MCP_CONTRACT_GRAMMAR);
    turn->request = mcp_recognition_request_copy(request, turn->compiler);
    turn->func = func;
    turn->user_data = user_data;
    get_format(recognizer, &params);
    turn->replay =
        mcp_replay_new(request->tap, params.rate, (gint64)g_atomic_int_get(&self->keep_ms) * 1000);
    turn->choices = mcp_engine_table_choose(self->table, MCP_ENGINE_RECOGNIZER, request->engines,
                                            request->language, &turn->error);
    schedule(turn);
    return MCP_RECOGNITION(turn);
}

static void
describe(McpRecognizer *recognizer, McpJson *json)
{
    mcp_engine_table_describe(MCP_ENGINES_LISTENING(recognizer)->table, json);
}

void
mcp_engines_listening_set_keep(McpEnginesListening *self, gint64 keep)
{
    g_atomic_int_set(&self->keep_ms, (gint)(keep / 1000));
}

McpEnginesListening *
mcp_engines_listening_new(McpEngineTable *table, gint64 keep, McpEvents *events)
{
    McpEnginesListening *self = g_object_new(MCP_TYPE_ENGINES_LISTENING, NULL);

    self->table = mcp_engine_table_ref(table);
    self->events = events != NULL ? g_object_ref(events) : NULL;
    mcp_engines_listening_set_keep(self, keep);
    return self;
}

static void
mcp_engines_listening_finalize(GObject *object)
{
    McpEnginesListening *self = MCP_ENGINES_LISTENING(object);

    mcp_engine_table_unref(self->table);
    g_clear_object(&self->events);
    MCP_LEDGER_FINALIZED(McpEnginesListening);
    G_OBJECT_CLASS(mcp_engines_listening_parent_class)->finalize(object);
}

static void
mcp_engines_listening_init(McpEnginesListening *self)
{
    MCP_LEDGER_CREATED(McpEnginesListening);
}

static void
mcp_engines_listening_class_init(McpEnginesListeningClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_engines_listening_finalize;
}

static void
recognizer_iface_init(McpRecognizerInterface *iface)
{
    iface->get_format = get_format;
    iface->begin = begin;
    iface->describe = describe;
}
