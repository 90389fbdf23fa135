/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One recognition: reads the tap, has a session send it to the service, and decides when the caller
 * has finished: by the silence that the service tells of, or that is heard here, and by whether a
 * grammar takes what was understood so far. All on the context that began it.
 */
#include "recognition.h"

#include "phrases.h"
#include "session.h"
#include "utterance.h"

#include <google_api/status.h>
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <string.h>

#define COMPLETE (600 * G_TIME_SPAN_MILLISECOND)
#define INCOMPLETE (1200 * G_TIME_SPAN_MILLISECOND)
#define MAX_SPEECH (20 * G_TIME_SPAN_SECOND)
/* Frames that stay away for so many ticks are silence: not those that wait for a late thread. */
#define AWAY 2
/* The service ends a stream without audio soon. */
#define IDLE (5 * G_TIME_SPAN_SECOND)
#define N_BEST_MOST 30

/* Places in MCP_GOOGLE_ASR_RESULTS. */
enum { COUNT_MATCH, COUNT_NO_MATCH, COUNT_TOO_LONG, COUNT_FAILED, COUNT_STOPPED };

struct _McpGoogleAsrRecognition {
    GObject parent_instance;
    McpRecognitionFunc func;
    gpointer user_data;
    McpGoogleAsrRecognizer *recognizer;
    McpGoogleAsrConfig *config;
    McpRecognitionRequest *request; /* a copy */
    McpGrammarEngine *engine;       /* nullable */
    McpGrammar **grammars;          /* of the request */
    char **phrases;
    char *language;
    McpGoogleAsrSetup setup;
    McpTap *tap;
    gint64 complete;
    gint64 incomplete;
    gint64 max_speech;

    GMainContext *context;
    GSource *first;   /* nullable: before it nothing is told */
    GSource *closing; /* nullable: the recognizer is being stopped */
    GError *refusal;
    gboolean entered;
    gboolean ended;

    McpGoogleAsrUtterance utterance;
    McpGoogleAsrSession *session; /* nullable: refused, or ended */
    gint64 read_at;               /* clock µs: when a frame came last */
    guint ticks;                  /* since then */
    gboolean told;                /* SPEECH was */
    gboolean matches;             /* a grammar takes what was understood so far */
};

MCP_LEDGER_DEFINE(McpGoogleAsrRecognition);

static void recognition_iface_init(McpRecognitionInterface *iface);
static void decide(McpGoogleAsrRecognition *self);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpGoogleAsrRecognition, mcp_google_asr_recognition, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_RECOGNITION, recognition_iface_init))

static const McpGoogleAsrDeps *
deps_of(const McpGoogleAsrRecognition *self)
{
    return mcp_google_asr_recognizer_get_deps(self->recognizer);
}

static gint64
now_of(const McpGoogleAsrRecognition *self)
{
    return mcp_clock_now(deps_of(self)->service.clock);
}

/* ---- its end ---- */

static void
clear_source(GSource **source)
{
    if (*source != NULL)
        g_source_destroy(*source);
    g_clear_pointer(source, g_source_unref);
}

static void
let_go(McpGoogleAsrRecognition *self, guint count)
{
    if (self->ended)
        return;
    self->ended = TRUE;
    clear_source(&self->first);
    clear_source(&self->closing);
    g_clear_pointer(&self->session, mcp_google_asr_session_free);
    if (self->tap != NULL)
        mcp_tap_set_ready(self->tap, NULL, NULL);
    g_clear_object(&self->tap);
    if (self->entered)
        mcp_google_asr_recognizer_leave(self->recognizer);
    mcp_google_asr_count(deps_of(self), MCP_GOOGLE_ASR_METRIC_RECOGNITIONS, count, 1);
}

static void
tell(McpGoogleAsrRecognition *self, const McpRecognitionEvent *event)
{
    g_autoptr(McpRecognition) kept = g_object_ref(MCP_RECOGNITION(self));

    self->func(kept, event, self->user_data);
}

static void
fail(McpGoogleAsrRecognition *self, const GError *error, gboolean elsewhere)
{
    McpError code = mcp_gapi_class_of(error);
    g_autoptr(GError) told = NULL;
    McpRecognitionEvent event = {.type = MCP_RECOGNITION_FAILED, .elsewhere = elsewhere};

    /* What it does not take of us is a language, or a model: another one may have it. */
    if (code == MCP_ERROR_INVALID)
        code = MCP_ERROR_UNSUPPORTED;
    event.error = told = g_error_new_literal(MCP_ERROR, (int)code, error->message);
    mcp_google_asr_count(deps_of(self), MCP_GOOGLE_ASR_METRIC_FAILURES, mcp_gapi_label_of(told), 1);
    let_go(self, COUNT_FAILED);
    tell(self, &event);
}

static void
fail_literal(McpGoogleAsrRecognition *self, McpError code, const char *message, gboolean elsewhere)
{
    g_autoptr(GError) error = g_error_new_literal(MCP_ERROR, (int)code, message);

    fail(self, error, elsewhere);
}

/* ---- where there is speech ---- */

/* Frames that stay away are silence, too. */
static gint64
silence_of(const McpGoogleAsrRecognition *self)
{
    gint64 silence = mcp_google_asr_utterance_get_silence(&self->utterance);

    if (mcp_tap_has_ended(self->tap))
        return G_MAXINT64;
    return self->ticks >= AWAY ? silence + now_of(self) - self->read_at : silence;
}

static gint64
longest_pause(const McpGoogleAsrRecognition *self)
{
    return MAX(self->incomplete, self->complete);
}

static gboolean
is_too_long(const McpGoogleAsrRecognition *self)
{
    return mcp_google_asr_utterance_get_length(&self->utterance) >= self->max_speech;
}

static void
forget(McpGoogleAsrRecognition *self)
{
    mcp_google_asr_utterance_forget(&self->utterance, mcp_google_asr_session_needs(self->session));
}

static void
hear(McpGoogleAsrRecognition *self, guint64 position)
{
    McpRecognitionEvent event = {.type = MCP_RECOGNITION_SPEECH};

    mcp_google_asr_utterance_hear(&self->utterance, position);
    if (self->told)
        return;
    self->told = TRUE;
    event.time = mcp_google_asr_audio_time_of(&self->utterance.audio, self->utterance.heard_from);
    tell(self, &event);
}

/* Nothing of what was said before @next counts. */
static void
begin_anew(McpGoogleAsrRecognition *self, guint64 next)
{
    mcp_google_asr_session_drop(self->session);
    self->matches = FALSE;
    mcp_google_asr_utterance_begin_anew(&self->utterance, next);
    if (next < mcp_google_asr_audio_get_end(&self->utterance.audio))
        mcp_google_asr_session_pump(self->session);
    else if (mcp_tap_has_ended(self->tap))
        fail_literal(self, MCP_ERROR_CLOSED, "the audio has ended before anything was said", FALSE);
}

/* ---- what was understood ---- */

static McpGoogleAsrGrammars
grammars_of(const McpGoogleAsrRecognition *self)
{
    return (McpGoogleAsrGrammars){self->engine, self->grammars, self->request->n_grammars};
}

static void
observe_duration(McpGoogleAsrRecognition *self, gint64 spoken)
{
    McpMetrics *metrics = deps_of(self)->metrics;
    gint64 now = now_of(self);

    if (metrics != NULL && spoken > 0 && spoken <= now)
        mcp_metrics_observe(metrics, MCP_GOOGLE_ASR_METRIC_DURATION, 0,
                            (double)(now - spoken) / G_USEC_PER_SEC);
}

static void
tell_heard(McpGoogleAsrRecognition *self, McpRecognitionEventType type, const GPtrArray *heard)
{
    g_autofree McpHypothesis *list = g_new0(McpHypothesis, heard->len + 1);
    McpRecognitionEvent event = {.type = type, .hypotheses = list, .n_hypotheses = heard->len};

    for (guint i = 0; i < heard->len; i++) {
        const McpGoogleAsrHeard *one = heard->pdata[i];

        list[i] = (McpHypothesis){.words = one->words,
                                  .confidence = one->confidence,
                                  .grammar = one->grammar,
                                  .interpretation = one->interpretation};
    }
    event.time = mcp_google_asr_audio_time_of(&self->utterance.audio,
                                              mcp_google_asr_utterance_get_end(&self->utterance));
    observe_duration(self, event.time);
    let_go(self, type == MCP_RECOGNITION_MATCH ? COUNT_MATCH : COUNT_NO_MATCH);
    tell(self, &event);
}

/* The service has said all that is needed of what is before @next. */
static void
conclude(McpGoogleAsrRecognition *self, guint64 next)
{
    McpGoogleAsrGrammars grammars = grammars_of(self);
    gboolean matched = FALSE;
    g_autoptr(GPtrArray) heard = mcp_google_asr_transcript_read(
        self->utterance.transcript, &grammars, CLAMP(self->request->n_best, 1, N_BEST_MOST),
        self->request->confidence, &matched);

    if (matched)
        tell_heard(self, MCP_RECOGNITION_MATCH, heard);
    else if (self->request->hotword)
        begin_anew(self, next);
    else
        tell_heard(self, MCP_RECOGNITION_NO_MATCH, heard);
}

static void
tell_too_long(McpGoogleAsrRecognition *self)
{
    McpRecognitionEvent event = {
        .type = MCP_RECOGNITION_TOO_LONG,
        .time = mcp_google_asr_audio_time_of(&self->utterance.audio,
                                             mcp_google_asr_audio_get_end(&self->utterance.audio))};

    let_go(self, COUNT_TOO_LONG);
    tell(self, &event);
}

static void
tell_partial(McpGoogleAsrRecognition *self)
{
    McpHypothesis hypothesis = {
        .words = mcp_google_asr_transcript_get_best(self->utterance.transcript),
        .confidence = mcp_google_asr_transcript_get_stability(self->utterance.transcript),
        .grammar = -1};
    McpRecognitionEvent event = {
        .type = MCP_RECOGNITION_PARTIAL, .hypotheses = &hypothesis, .n_hypotheses = 1};

    tell(self, &event);
}

/* Where not all is understood the service is asked for the rest. */
static void
finish(McpGoogleAsrRecognition *self)
{
    if (mcp_google_asr_utterance_is_understood(&self->utterance))
        conclude(self, mcp_google_asr_audio_get_end(&self->utterance.audio));
    else
        mcp_google_asr_session_end(self->session);
}

/* What the present state calls for; after every frame and every answer. */
static void
decide(McpGoogleAsrRecognition *self)
{
    gint64 silence = 0;

    if (self->ended || mcp_google_asr_session_is_ending(self->session))
        return;
    silence = silence_of(self);
    if (!mcp_google_asr_utterance_has_speech(&self->utterance)) {
        if (mcp_tap_has_ended(self->tap))
            mcp_google_asr_session_end(self->session);
    } else if (is_too_long(self)) {
        /* Where the service has heard nothing so far it is asked whether it lives. */
        if (!self->utterance.heard)
            mcp_google_asr_session_end(self->session);
        else if (self->request->hotword)
            begin_anew(self, mcp_google_asr_audio_get_end(&self->utterance.audio));
        else
            tell_too_long(self);
    } else if ((self->matches && silence >= self->complete) || silence >= longest_pause(self)) {
        finish(self);
    }
}

/* ---- the service ---- */

static void
take_event(McpGoogleAsrRecognition *self, const McpGoogleAsrAnswer *answer)
{
    McpGoogleAsrUtterance *utterance = &self->utterance;
    guint64 position = mcp_google_asr_utterance_place(utterance, answer->event_time);

    switch (answer->event) {
    case MCP_GOOGLE_ASR_EVENT_SPEECH_BEGIN:
        utterance->quiet_from = G_MAXUINT64;
        hear(self, position);
        break;
    case MCP_GOOGLE_ASR_EVENT_SPEECH_END:
        utterance->quiet_from = position;
        break;
    case MCP_GOOGLE_ASR_EVENT_END_OF_UTTERANCE:
    case MCP_GOOGLE_ASR_EVENT_TIMEOUT:
        mcp_google_asr_session_end(self->session);
        break;
    case MCP_GOOGLE_ASR_EVENT_NONE:
    default:
        break;
    }
}

static void
take_results(McpGoogleAsrRecognition *self, GPtrArray *results)
{
    McpGoogleAsrGrammars grammars = grammars_of(self);

    if (!mcp_google_asr_transcript_take(self->utterance.transcript, results) ||
        *mcp_google_asr_transcript_get_best(self->utterance.transcript) == '\0')
        return;
    /* A model that tells of no speech. */
    hear(self, mcp_google_asr_utterance_place(&self->utterance, 0));
    if (self->ended)
        return;
    self->matches = mcp_google_asr_transcript_matches(self->utterance.transcript, &grammars);
    /* Of a hotword nothing is told before it was said. */
    if (!self->request->hotword)
        tell_partial(self);
}

static void
on_answer(const McpGoogleAsrAnswer *answer, guint64 begin, gpointer user_data)
{
    g_autoptr(McpGoogleAsrRecognition) self = g_object_ref(user_data);

    self->utterance.stream = begin;
    take_event(self, answer);
    if (!self->ended && answer->results->len > 0)
        take_results(self, answer->results);
    decide(self);
}

static void
on_anew(gpointer user_data)
{
    McpGoogleAsrRecognition *self = user_data;

    /* What was being said is sent again from its begin on. */
    self->matches = FALSE;
    mcp_google_asr_utterance_repeat(&self->utterance);
    forget(self);
}

static void
on_ended(const GError *error, guint64 next, gpointer user_data)
{
    g_autoptr(McpGoogleAsrRecognition) self = g_object_ref(user_data);

    if (error != NULL)
        fail(self, error, TRUE);
    else if (self->utterance.heard && is_too_long(self) && !self->request->hotword)
        tell_too_long(self);
    else if (self->utterance.heard)
        conclude(self, next);
    else
        begin_anew(self, next);
}

static void
on_tick(gpointer user_data)
{
    g_autoptr(McpGoogleAsrRecognition) self = g_object_ref(user_data);

    self->ticks++;
    decide(self);
    if (!self->ended && !mcp_google_asr_utterance_has_speech(&self->utterance) &&
        !mcp_google_asr_session_is_ending(self->session) && self->ticks >= AWAY &&
        now_of(self) - self->read_at >= IDLE)
        mcp_google_asr_session_drop(self->session);
}

static const McpGoogleAsrSessionEvents session_events = {on_answer, on_anew, on_ended, on_tick};

/* ---- the caller ---- */

static void
read_tap(McpGoogleAsrRecognition *self)
{
    McpTapFrame frame;
    gboolean any = FALSE;

    while (mcp_tap_read(self->tap, &frame)) {
        mcp_google_asr_audio_take(&self->utterance.audio, &frame);
        any = TRUE;
    }
    if (any) {
        self->read_at = now_of(self);
        self->ticks = 0;
        mcp_google_asr_session_pump(self->session);
    }
    if (self->ended)
        return;
    if (any)
        forget(self);
    decide(self);
}

static void
on_ready(McpTap *tap, gpointer user_data)
{
    g_autoptr(McpGoogleAsrRecognition) self = g_object_ref(user_data);

    read_tap(self);
}

/* ---- its begin ---- */

static gboolean
was_closed(GCancellable *cancellable, gpointer user_data)
{
    g_autoptr(McpGoogleAsrRecognition) self = g_object_ref(user_data);

    fail_literal(self, MCP_ERROR_CLOSED, "the service is being stopped", TRUE);
    return G_SOURCE_REMOVE;
}

static gboolean
on_first(gpointer user_data)
{
    g_autoptr(McpGoogleAsrRecognition) self = g_object_ref(user_data);

    clear_source(&self->first);
    if (self->refusal != NULL) {
        fail(self, self->refusal, TRUE);
        return G_SOURCE_REMOVE;
    }
    self->closing =
        g_cancellable_source_new(mcp_google_asr_recognizer_get_closing(self->recognizer));
    g_source_set_callback(self->closing, G_SOURCE_FUNC(was_closed), self, NULL);
    g_source_attach(self->closing, self->context);
    mcp_tap_set_ready(self->tap, on_ready, self);
    read_tap(self);
    return G_SOURCE_REMOVE;
}

/* A language without a region is that of the settings where it is the same language. */
static char *
choose_language(const McpRecognitionRequest *request, const McpGoogleAsrConfig *config)
{
    const char *language = request->language;
    gsize length = 0;

    for (guint i = 0; i < request->n_grammars && (language == NULL || *language == '\0'); i++)
        language = request->grammars[i].language;
    if (language == NULL || *language == '\0')
        return g_strdup(config->language);
    length = strlen(language);
    if (strpbrk(language, "-_") == NULL &&
        g_ascii_strncasecmp(language, config->language, length) == 0 &&
        config->language[length] == '-')
        return g_strdup(config->language);
    return g_strdup(language);
}

static gboolean
check_grammars(McpGoogleAsrRecognition *self, GError **error)
{
    const McpRecognitionRequest *request = self->request;

    if (self->engine == NULL || request->n_grammars == 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s",
                    self->engine == NULL ? "there is no grammar service"
                                         : "nothing is recognized without a grammar");
        return FALSE;
    }
    self->grammars = g_new0(McpGrammar *, request->n_grammars);
    for (guint i = 0; i < request->n_grammars; i++) {
        self->grammars[i] = request->grammars[i].grammar;
        if (mcp_grammar_get_mode(self->engine, self->grammars[i]) != MCP_GRAMMAR_VOICE) {
            g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "grammar %u is one of keys", i);
            return FALSE;
        }
    }
    return TRUE;
}

static void
fill_setup(McpGoogleAsrRecognition *self)
{
    const McpGoogleAsrConfig *config = self->config;
    const McpRecognitionRequest *request = self->request;

    self->language = choose_language(request, config);
    self->phrases = mcp_google_asr_phrases(self->engine, request, config->phrases);
    self->setup = (McpGoogleAsrSetup){
        .encoding = config->encoding,
        .rate = config->rate,
        .language = self->language,
        .alternatives = MAX(request->n_best, config->alternatives),
        .model = config->model,
        .use_enhanced = config->use_enhanced,
        .phrases = (const char *const *)self->phrases,
        .boost = config->boost,
        .single_utterance = config->single_utterance && !request->hotword,
        .speech_end = request->hotword ? 0 : longest_pause(self),
    };
}

static void
open_session(McpGoogleAsrRecognition *self)
{
    McpCall *call = self->request->call;
    McpGoogleAsrSessionParams params = {
        .recognizer = self->recognizer,
        .config = self->config,
        .setup = &self->setup,
        .audio = &self->utterance.audio,
        .call_id = call != NULL ? mcp_call_get_id(call) : NULL,
        .events = &session_events,
        .user_data = self,
    };

    fill_setup(self);
    self->session = mcp_google_asr_session_new(&params);
}

McpGoogleAsrRecognition *
mcp_google_asr_recognition_new(McpGoogleAsrRecognizer *recognizer,
                               const McpRecognitionRequest *request, McpRecognitionFunc func,
                               gpointer user_data)
{
    McpGoogleAsrRecognition *self = g_object_new(MCP_TYPE_GOOGLE_ASR_RECOGNITION, NULL);
    const McpGoogleAsrDeps *deps = mcp_google_asr_recognizer_get_deps(recognizer);

    self->recognizer = g_object_ref(recognizer);
    self->config = mcp_google_asr_recognizer_get_config(recognizer);
    self->engine = deps->find_grammars(deps->user_data);
    self->request = mcp_recognition_request_copy(request, self->engine);
    self->func = func;
    self->user_data = user_data;
    self->tap = g_object_ref(request->tap);
    self->complete = request->complete_timeout > 0 ? request->complete_timeout : COMPLETE;
    self->incomplete = request->incomplete_timeout > 0 ? request->incomplete_timeout : INCOMPLETE;
    self->max_speech = request->max_speech > 0 ? request->max_speech : MAX_SPEECH;
    self->read_at = now_of(self);
    mcp_google_asr_utterance_init(&self->utterance, self->config->rate, request->sensitivity);
    self->entered =
        check_grammars(self, &self->refusal) &&
        mcp_google_asr_recognizer_enter(recognizer, self->config->max_simultaneous, &self->refusal);
    if (self->entered)
        open_session(self);
    self->first = g_idle_source_new();
    g_source_set_priority(self->first, G_PRIORITY_DEFAULT);
    g_source_set_callback(self->first, on_first, self, NULL);
    g_source_attach(self->first, self->context);
    return self;
}

static void
stop(McpRecognition *recognition)
{
    let_go(MCP_GOOGLE_ASR_RECOGNITION(recognition), COUNT_STOPPED);
}

static void
recognition_iface_init(McpRecognitionInterface *iface)
{
    iface->stop = stop;
}

static void
mcp_google_asr_recognition_finalize(GObject *object)
{
    McpGoogleAsrRecognition *self = MCP_GOOGLE_ASR_RECOGNITION(object);

    let_go(self, COUNT_STOPPED);
    g_clear_error(&self->refusal);
    g_free(self->grammars);
    g_strfreev(self->phrases);
    g_free(self->language);
    mcp_recognition_request_free(self->request, self->engine);
    g_clear_object(&self->engine);
    mcp_google_asr_utterance_clear(&self->utterance);
    mcp_google_asr_config_unref(self->config);
    g_object_unref(self->recognizer);
    g_main_context_unref(self->context);
    MCP_LEDGER_FINALIZED(McpGoogleAsrRecognition);
    G_OBJECT_CLASS(mcp_google_asr_recognition_parent_class)->finalize(object);
}

static void
mcp_google_asr_recognition_class_init(McpGoogleAsrRecognitionClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_google_asr_recognition_finalize;
}

static void
mcp_google_asr_recognition_init(McpGoogleAsrRecognition *self)
{
    self->context = g_main_context_ref_thread_default();
    MCP_LEDGER_CREATED(McpGoogleAsrRecognition);
}
