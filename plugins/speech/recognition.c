/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One recognition: reads the tap, finds speech and pauses, and has the engine look at the whole
 * utterance in every pause. What it hears then is the result if the pause lasts long enough, and a
 * guess if it does not. All on the context that began it; only looks run on the recognizer's
 * threads, and know nothing of the recognition.
 */
#include "recognition.h"
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <string.h>

#define RATE MCP_SPHINX_RATE
/* A pause in which it is worth while to look. */
#define PAUSE (250 * G_TIME_SPAN_MILLISECOND)
#define COMPLETE (600 * G_TIME_SPAN_MILLISECOND)
#define INCOMPLETE (1200 * G_TIME_SPAN_MILLISECOND)
#define MAX_SPEECH (20 * G_TIME_SPAN_SECOND)
/* Kept from before speech was noticed. */
#define LEAD (RATE * 3 / 10)
/* Looked at after its end, however late the look is. */
#define TAIL (RATE / 4)

/* Places in MCP_SPEECH_RESULTS. */
enum { COUNT_MATCH, COUNT_NO_MATCH, COUNT_TOO_LONG, COUNT_FAILED, COUNT_STOPPED };

/* Work for the engine: the grammars, or a look at the audio. Data of its task. */
typedef struct {
    McpSphinxRecognition *owner; /* nullable: gone; touched on its context only */
    McpSphinxEngine *engine;
    McpVocabularySource *source; /* nullable: it is a look */
    McpVocabulary *vocabulary;   /* of a look */
    gint16 *samples;
    gsize n;
    gsize spoken;
    guint64 last; /* end of the speech looked at */
} Job;

struct _McpSphinxRecognition {
    GObject parent_instance;
    McpRecognitionFunc func;
    gpointer user_data;
    McpTap *tap;
    gboolean hotword;
    double confidence;
    gint64 complete;
    gint64 incomplete;
    gint64 max_speech;

    GMainContext *context;
    GSource *first; /* nullable: before it nothing is told */
    GError *refusal;
    McpSphinxEngine *engine;
    McpPool *pool;
    McpClock *clock;
    McpTimer *timer; /* watches for frames that stay away */
    GCancellable *cancellable;
    gboolean entered;
    gboolean ended;

    McpEndpoint endpoint;
    GArray *audio;   /* gint16, up to the endpoint's position */
    gint64 read_at;  /* when a frame came last */
    gint64 time;     /* of the endpoint's position; 0: unknown */
    gboolean silent; /* no frames come any more */

    McpVocabulary *vocabulary; /* nullable: not ready */
    Job *job;                  /* nullable; of the pool */
    GPtrArray *heard;          /* nullable: of the last look */
    guint64 heard_last;        /* what it was a look at */
};

MCP_LEDGER_DEFINE(McpSphinxRecognition);

static void recognition_iface_init(McpRecognitionInterface *iface);
static void consider(McpSphinxRecognition *self);
static void read_tap(McpSphinxRecognition *self);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpSphinxRecognition, mcp_sphinx_recognition, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_RECOGNITION, recognition_iface_init))

/* ---- its end ---- */

static void
let_go(McpSphinxRecognition *self, guint count)
{
    if (self->ended)
        return;
    self->ended = TRUE;
    if (self->first != NULL)
        g_source_destroy(self->first);
    g_clear_pointer(&self->first, g_source_unref);
    mcp_timer_clear(&self->timer);
    if (self->job != NULL)
        self->job->owner = NULL;
    self->job = NULL;
    g_cancellable_cancel(self->cancellable);
    if (self->tap != NULL)
        mcp_tap_set_ready(self->tap, NULL, NULL);
    g_clear_object(&self->tap);
    if (self->entered)
        mcp_sphinx_engine_leave(self->engine, count);
    else if (self->engine != NULL)
        mcp_sphinx_engine_count(self->engine, count);
}

static void
tell(McpSphinxRecognition *self, const McpRecognitionEvent *event)
{
    g_autoptr(McpRecognition) kept = g_object_ref(MCP_RECOGNITION(self));

    self->func(kept, event, self->user_data);
}

static void
fail(McpSphinxRecognition *self, const GError *error, gboolean elsewhere)
{
    McpRecognitionEvent event = {
        .type = MCP_RECOGNITION_FAILED, .error = error, .elsewhere = elsewhere};

    let_go(self, COUNT_FAILED);
    tell(self, &event);
}

/* Monotonic time of a position, as the frames have it. */
static gint64
time_of(const McpSphinxRecognition *self, guint64 position)
{
    if (self->time == 0)
        return 0;
    return self->time - (gint64)((self->endpoint.position - position) * G_USEC_PER_SEC / RATE);
}

static void
tell_heard(McpSphinxRecognition *self, McpRecognitionEventType type, guint n)
{
    g_autoptr(GPtrArray) heard = g_ptr_array_ref(self->heard);
    g_autofree McpHypothesis *list = g_new0(McpHypothesis, n + 1);
    McpRecognitionEvent event = {.type = type, .hypotheses = list, .n_hypotheses = n};

    for (guint i = 0; i < n; i++) {
        const McpHeard *one = heard->pdata[i];

        list[i] = (McpHypothesis){.words = one->words,
                                  .confidence = one->confidence,
                                  .grammar = self->vocabulary->networks->len == 1 ? 0 : -1};
    }
    if (type != MCP_RECOGNITION_PARTIAL) {
        event.time = time_of(self, self->endpoint.last);
        let_go(self, type == MCP_RECOGNITION_MATCH ? COUNT_MATCH : COUNT_NO_MATCH);
    }
    tell(self, &event);
}

static void
tell_too_long(McpSphinxRecognition *self)
{
    McpRecognitionEvent event = {.type = MCP_RECOGNITION_TOO_LONG,
                                 .time = time_of(self, self->endpoint.position)};

    let_go(self, COUNT_TOO_LONG);
    tell(self, &event);
}

/* ---- work for the engine ---- */

static void
job_free(gpointer data)
{
    Job *job = data;

    g_clear_pointer(&job->source, mcp_vocabulary_source_free);
    g_clear_pointer(&job->vocabulary, mcp_vocabulary_unref);
    mcp_sphinx_engine_unref(job->engine);
    g_free(job->samples);
    g_free(job);
}

/* Recognizer's threads. */
static void
run_job(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    Job *job = data;
    GError *error = NULL;
    gpointer result;

    if (job->source != NULL)
        result = mcp_sphinx_engine_prepare(job->engine, job->source, &error);
    else
        result = mcp_sphinx_engine_decode(job->engine, job->vocabulary, job->samples, job->n,
                                          job->spoken, &error);
    if (result == NULL)
        g_task_return_error(task, error);
    else
        g_task_return_pointer(task, result,
                              job->source != NULL ? (GDestroyNotify)mcp_vocabulary_unref
                                                  : (GDestroyNotify)g_ptr_array_unref);
}

static gboolean
has_match(const McpSphinxRecognition *self)
{
    return self->heard->len > 0 &&
           ((McpHeard *)self->heard->pdata[0])->confidence >= self->confidence;
}

static void
take_result(McpSphinxRecognition *self, const Job *job, gpointer result)
{
    if (job->source != NULL) {
        self->vocabulary = result;
        return;
    }
    g_clear_pointer(&self->heard, g_ptr_array_unref);
    self->heard = result;
    self->heard_last = job->last;
    /* Of a hotword nothing is told before it was said. */
    if (self->heard->len > 0 && !self->hotword)
        tell_heard(self, MCP_RECOGNITION_PARTIAL, 1);
}

static void
on_job(GObject *source, GAsyncResult *result, gpointer user_data)
{
    GTask *task = G_TASK(result);
    Job *job = g_task_get_task_data(task);
    g_autoptr(McpSphinxRecognition) self = NULL;
    g_autoptr(GError) error = NULL;
    gpointer value = NULL;

    if (job->owner == NULL)
        return;
    self = g_object_ref(job->owner);
    self->job = NULL;
    value = g_task_propagate_pointer(task, &error);
    if (value == NULL) {
        fail(self, error, TRUE);
        return;
    }
    take_result(self, job, value);
    consider(self);
    if (!self->ended)
        read_tap(self);
}

static void
run(McpSphinxRecognition *self, McpVocabularySource *source)
{
    g_autoptr(GTask) task = g_task_new(NULL, self->cancellable, on_job, NULL);
    Job *job = g_new0(Job, 1);
    guint64 surplus = self->endpoint.position - self->endpoint.last;

    g_task_set_source_tag(task, run);
    job->owner = self;
    job->engine = mcp_sphinx_engine_ref(self->engine);
    job->source = source;
    job->last = self->endpoint.last;
    if (source == NULL) {
        job->vocabulary = mcp_vocabulary_ref(self->vocabulary);
        job->n =
            self->audio->len - MIN(self->audio->len, surplus > TAIL ? (guint)(surplus - TAIL) : 0);
        job->spoken = self->endpoint.spoken;
        job->samples = g_memdup2(self->audio->data, job->n * sizeof(gint16));
    }
    g_task_set_task_data(task, job, job_free);
    self->job = job;
    mcp_pool_run(self->pool, task, run_job);
}

/* ---- speech and pauses ---- */

/* The next utterance is another one: what was said was not the hotword. */
static void
begin_anew(McpSphinxRecognition *self)
{
    mcp_endpoint_restart(&self->endpoint);
    g_array_set_size(self->audio, 0);
    g_clear_pointer(&self->heard, g_ptr_array_unref);
}

static void
end_without_match(McpSphinxRecognition *self)
{
    if (!self->hotword) {
        tell_heard(self, MCP_RECOGNITION_NO_MATCH, self->heard->len);
        return;
    }
    begin_anew(self);
    consider(self);
}

/* Speech that was looked at up to its present end. */
static void
decide(McpSphinxRecognition *self, gint64 silence)
{
    if (has_match(self) && silence >= self->complete)
        tell_heard(self, MCP_RECOGNITION_MATCH, 1);
    else if (silence >= MAX(self->incomplete, self->complete))
        end_without_match(self);
}

static void
end_of_audio(McpSphinxRecognition *self)
{
    g_autoptr(GError) error =
        g_error_new(MCP_ERROR, MCP_ERROR_CLOSED, "the audio has ended before anything was said");

    fail(self, error, FALSE);
}

static gboolean
is_too_long(const McpSphinxRecognition *self)
{
    guint64 length = self->endpoint.last - self->endpoint.onset;

    return (gint64)(length * G_USEC_PER_SEC / RATE) >= self->max_speech;
}

/* What the present state calls for; after every frame and every answer of the engine. */
static void
consider(McpSphinxRecognition *self)
{
    gint64 silence = self->silent ? G_MAXINT64 : mcp_endpoint_silence(&self->endpoint);

    if (self->ended)
        return;
    if (!self->endpoint.speaking) {
        if (self->silent && mcp_tap_has_ended(self->tap))
            end_of_audio(self);
        return;
    }
    if (is_too_long(self)) {
        if (self->hotword)
            begin_anew(self);
        else
            tell_too_long(self);
    } else if (self->heard != NULL && self->heard_last == self->endpoint.last) {
        decide(self, silence);
    } else if (silence >= MIN(PAUSE, self->complete) && self->job == NULL &&
               self->vocabulary != NULL) {
        run(self, NULL);
    }
}

static void
tell_speech(McpSphinxRecognition *self)
{
    McpRecognitionEvent event = {.type = MCP_RECOGNITION_SPEECH,
                                 .time = time_of(self, self->endpoint.onset)};

    tell(self, &event);
}

static void
take_frame(McpSphinxRecognition *self, const McpTapFrame *frame)
{
    gsize n = frame->length / sizeof(gint16);
    gboolean spoke = self->endpoint.speaking;
    guint at = self->audio->len;

    g_array_set_size(self->audio, at + (guint)n);
    memcpy(self->audio->data + at * sizeof(gint16), frame->data, n * sizeof(gint16));
    mcp_endpoint_feed(&self->endpoint, &g_array_index(self->audio, gint16, at), n);
    self->time = frame->time > 0 ? frame->time + (gint64)(n * G_USEC_PER_SEC / RATE) : 0;
    if (self->endpoint.speaking && !spoke)
        tell_speech(self);
    else if (!self->endpoint.speaking && self->audio->len > LEAD)
        g_array_remove_range(self->audio, 0, self->audio->len - LEAD);
}

/* What was said is over, but the engine has not looked yet: what comes now is not part of it, and
 * waits in the tap. */
static gboolean
is_over(const McpSphinxRecognition *self)
{
    return self->endpoint.speaking &&
           mcp_endpoint_silence(&self->endpoint) >= MAX(self->incomplete, self->complete);
}

static void
read_tap(McpSphinxRecognition *self)
{
    McpTapFrame frame;

    while (!self->ended && !is_over(self) && mcp_tap_read(self->tap, &frame)) {
        self->read_at = mcp_clock_now(self->clock);
        self->silent = FALSE;
        take_frame(self, &frame);
        consider(self);
    }
    if (self->ended || !mcp_tap_has_ended(self->tap))
        return;
    self->silent = TRUE;
    consider(self);
}

static void
on_ready(McpTap *tap, gpointer user_data)
{
    g_autoptr(McpSphinxRecognition) self = g_object_ref(MCP_SPHINX_RECOGNITION(user_data));

    read_tap(self);
}

/* A sender that is silent may send nothing at all (RFC 3389 §4). */
static void
on_timer(gpointer user_data)
{
    g_autoptr(McpSphinxRecognition) self = g_object_ref(MCP_SPHINX_RECOGNITION(user_data));
    gint64 away = mcp_clock_now(self->clock) - self->read_at;
    gint64 longest = MAX(self->incomplete, self->complete);

    mcp_timer_clear(&self->timer);
    if (away >= longest) {
        self->silent = TRUE;
        away = 0;
        consider(self);
    }
    if (!self->ended)
        self->timer = mcp_clock_after(self->clock, self->context, longest - away, on_timer, self);
}

/* ---- its begin ---- */

static gboolean
on_first(gpointer user_data)
{
    g_autoptr(McpSphinxRecognition) self = g_object_ref(MCP_SPHINX_RECOGNITION(user_data));

    g_clear_pointer(&self->first, g_source_unref);
    if (self->refusal != NULL) {
        fail(self, self->refusal, TRUE);
        return G_SOURCE_REMOVE;
    }
    mcp_tap_set_ready(self->tap, on_ready, self);
    read_tap(self);
    return G_SOURCE_REMOVE;
}

static gint64
or_else(gint64 time, gint64 otherwise)
{
    return time > 0 ? time : otherwise;
}

McpSphinxRecognition *
mcp_sphinx_recognition_new(const McpRecognitionRequest *request, McpRecognitionFunc func,
                           gpointer user_data)
{
    McpSphinxRecognition *self = g_object_new(MCP_TYPE_SPHINX_RECOGNITION, NULL);

    self->func = func;
    self->user_data = user_data;
    self->tap = g_object_ref(request->tap);
    self->hotword = request->hotword;
    self->confidence = request->confidence;
    self->complete = or_else(request->complete_timeout, COMPLETE);
    self->incomplete = or_else(request->incomplete_timeout, INCOMPLETE);
    self->max_speech = or_else(request->max_speech, MAX_SPEECH);
    mcp_endpoint_init(&self->endpoint, RATE, request->sensitivity);
    return self;
}

static void
attach_first(McpSphinxRecognition *self)
{
    self->first = g_idle_source_new();
    g_source_set_priority(self->first, G_PRIORITY_DEFAULT);
    g_source_set_callback(self->first, on_first, self, NULL);
    g_source_attach(self->first, self->context);
}

void
mcp_sphinx_recognition_refuse(McpSphinxRecognition *self, McpSphinxEngine *engine,
                              const GError *error)
{
    self->engine = mcp_sphinx_engine_ref(engine);
    self->refusal = g_error_copy(error);
    attach_first(self);
}

void
mcp_sphinx_recognition_start(McpSphinxRecognition *self, McpSphinxEngine *engine, McpPool *pool,
                             McpClock *clock, McpVocabularySource *source)
{
    self->engine = mcp_sphinx_engine_ref(engine);
    self->pool = g_object_ref(pool);
    self->clock = g_object_ref(clock);
    self->read_at = mcp_clock_now(clock);
    self->entered = mcp_sphinx_engine_enter(engine, &self->refusal);
    attach_first(self);
    if (!self->entered) {
        mcp_vocabulary_source_free(source);
        return;
    }
    self->timer = mcp_clock_after(clock, self->context, MAX(self->incomplete, self->complete),
                                  on_timer, self);
    run(self, source);
}

static void
stop(McpRecognition *recognition)
{
    let_go(MCP_SPHINX_RECOGNITION(recognition), COUNT_STOPPED);
}

static void
recognition_iface_init(McpRecognitionInterface *iface)
{
    iface->stop = stop;
}

static void
mcp_sphinx_recognition_finalize(GObject *object)
{
    McpSphinxRecognition *self = MCP_SPHINX_RECOGNITION(object);

    let_go(self, COUNT_STOPPED);
    g_clear_error(&self->refusal);
    g_clear_pointer(&self->heard, g_ptr_array_unref);
    g_clear_pointer(&self->vocabulary, mcp_vocabulary_unref);
    g_clear_pointer(&self->engine, mcp_sphinx_engine_unref);
    g_clear_object(&self->pool);
    g_clear_object(&self->clock);
    g_array_unref(self->audio);
    g_object_unref(self->cancellable);
    g_main_context_unref(self->context);
    MCP_LEDGER_FINALIZED(McpSphinxRecognition);
    G_OBJECT_CLASS(mcp_sphinx_recognition_parent_class)->finalize(object);
}

static void
mcp_sphinx_recognition_class_init(McpSphinxRecognitionClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_sphinx_recognition_finalize;
}

static void
mcp_sphinx_recognition_init(McpSphinxRecognition *self)
{
    self->context = g_main_context_ref_thread_default();
    self->cancellable = g_cancellable_new();
    self->audio = g_array_new(FALSE, FALSE, sizeof(gint16));
    MCP_LEDGER_CREATED(McpSphinxRecognition);
}
