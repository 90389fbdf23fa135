/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dialog of a placed call: its steps one after the other, what is expected of the other side
 * measured by an ear on the leg. On the call's shard.
 */
#include "script.h"

#include <mcp/contract/store.h>
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <mcp/log.h>

#include "audio_files.h"
#include "ear.h"
#include "steps.h"

#define DEFAULT_TIMEOUT (2 * G_TIME_SPAN_MINUTE)
#define DIGIT_MS 100
#define GAP_MS 80
/* How long the end waits for the recording to be complete. */
#define RECORDING_GRACE (3 * G_TIME_SPAN_SECOND)
/* Recorders hand over in batches: what was sent before a step may be heard so much later. */
#define EAR_CHECK (100 * G_TIME_SPAN_MILLISECOND)
#define EAR_LAG (1500 * G_TIME_SPAN_MILLISECOND)

MCP_LEDGER_DEFINE(McpControlScript);

struct _McpControlScript {
    GObject parent_instance;
    McpHost *host;
    McpCall *call;
    McpSteps *steps;
    gint64 timeout;
    char *record; /* nullable: object name */
    McpLeg *leg;  /* while started */
    McpDialogEndFunc end_func;
    gpointer end_data;
    McpEar *ear; /* while recording */
    gint64 ear_started;
    guint present;       /* index of the running step */
    gint64 step_started; /* monotonic µs */
    guint64 generation;  /* of PLAY */
    GString *digits;     /* received during EXPECT_DIGITS */
    McpTimer *step_timer;
    McpTimer *ear_timer;
    McpTimer *all_timer;
    McpTimer *end_timer;
    McpJson *results;    /* {"ok":…, "steps":[… open */
    char *failure;       /* nullable */
    char *heard;         /* name of the committed recording */
    gboolean terminated; /* the other side hung up */
    gboolean ending;
    gboolean ended;
};

static void mcp_control_script_iface_init(McpDialogInterface *iface);
static void run_step(McpControlScript *self);
static void finish(McpControlScript *self);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpControlScript, mcp_control_script, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_DIALOG, mcp_control_script_iface_init))

static gint64
now_of(McpControlScript *self)
{
    return mcp_clock_now(mcp_host_get_clock(self->host));
}

static McpTimer *
after(McpControlScript *self, gint64 delay, McpTimerFunc func)
{
    return mcp_clock_after(mcp_host_get_clock(self->host), mcp_call_get_context(self->call),
                           MAX(delay, 0), func, self);
}

static McpStep *
present_step(McpControlScript *self)
{
    return self->present < self->steps->steps->len
               ? g_ptr_array_index(self->steps->steps, self->present)
               : NULL;
}

static void
publish_step(McpControlScript *self, const McpStep *step, const char *what, const char *detail)
{
    McpEvents *events = mcp_host_get_events(self->host);
    McpEvent *event = NULL;

    if (!mcp_events_wanted(events, MCP_EVENT_DIALOG))
        return;
    event = mcp_event_new(MCP_EVENT_DIALOG, mcp_call_get_id(self->call), what);
    mcp_event_set_int(event, "number", self->present + 1);
    mcp_event_set_string(event, "step", step->label);
    if (detail != NULL)
        mcp_event_set_string(event, "detail", detail);
    mcp_event_set_int(event, "duration_ms", (now_of(self) - self->step_started) / 1000);
    mcp_events_publish(events, event);
}

static void
write_result(McpControlScript *self, const McpStep *step, gboolean ok, const char *detail)
{
    mcp_json_begin_object(self->results, NULL);
    mcp_json_string(self->results, "step", step->label);
    mcp_json_bool(self->results, "ok", ok);
    mcp_json_int(self->results, "duration_ms", (now_of(self) - self->step_started) / 1000);
    if (detail != NULL)
        mcp_json_string(self->results, "detail", detail);
    mcp_json_end_object(self->results);
}

static void
clear_step(McpControlScript *self)
{
    mcp_timer_clear(&self->step_timer);
    mcp_timer_clear(&self->ear_timer);
    self->generation = 0;
}

static void
pass(McpControlScript *self, const char *detail)
{
    const McpStep *step = present_step(self);

    clear_step(self);
    write_result(self, step, TRUE, detail);
    publish_step(self, step, "step-passed", detail);
    mcp_call_note(self->call, "script", "%s: passed%s%s", step->label, detail != NULL ? ", " : "",
                  detail != NULL ? detail : "");
    self->present++;
    run_step(self);
}

static void
fail(McpControlScript *self, const char *detail)
{
    const McpStep *step = present_step(self);

    clear_step(self);
    if (step != NULL) {
        write_result(self, step, FALSE, detail);
        publish_step(self, step, "step-failed", detail);
        mcp_call_note(self->call, "script", "%s: failed, %s", step->label, detail);
        self->failure = g_strdup_printf("step %u (%s): %s", self->present + 1, step->label, detail);
    } else {
        self->failure = g_strdup(detail);
    }
    finish(self);
}

static void
on_step_timeout(gpointer data)
{
    McpControlScript *self = data;
    const McpStep *step = present_step(self);
    g_autofree char *detail = NULL;
    McpHeard heard = {0};

    if (step->kind == MCP_STEP_WAIT) {
        pass(self, NULL);
        return;
    }
    if (self->ear != NULL &&
        (step->kind == MCP_STEP_EXPECT_AUDIO || step->kind == MCP_STEP_EXPECT_SILENCE)) {
        mcp_ear_get_heard(self->ear, &heard);
        detail = g_strdup_printf("not within %d ms (sound %d ms, silence %d ms)",
                                 (int)(step->timeout / 1000), (int)(heard.sound / 1000),
                                 (int)(heard.silence / 1000));
    } else {
        detail = g_strdup_printf("not within %d ms", (int)(step->timeout / 1000));
    }
    fail(self, detail);
}

static void
on_all_timeout(gpointer data)
{
    fail(data, "the time for all steps is over");
}

/* Whether what was heard since the step began is what it expects. */
static void
check_ear(McpControlScript *self)
{
    const McpStep *step = present_step(self);
    McpHeard heard;
    g_autofree char *detail = NULL;
    gint64 unheard = 0;

    if (self->ending || self->ear == NULL || step == NULL)
        return;
    mcp_ear_get_heard(self->ear, &heard);
    if (step->kind == MCP_STEP_EXPECT_AUDIO && heard.sound >= step->length) {
        detail = g_strdup_printf("heard sound of %d ms", (int)(heard.sound / 1000));
        pass(self, detail);
        return;
    }
    if (step->kind != MCP_STEP_EXPECT_SILENCE)
        return;
    /* A side that sends no packets at all is silent too, once the recorder's lag is over. */
    unheard = now_of(self) - self->ear_started - heard.position - EAR_LAG;
    if (heard.silence + MAX(unheard, 0) >= step->length)
        pass(self, NULL);
}

static void
on_ear(gpointer data)
{
    check_ear(data);
}

static void
on_ear_timer(gpointer data)
{
    McpControlScript *self = data;

    mcp_timer_clear(&self->ear_timer);
    self->ear_timer = after(self, EAR_CHECK, on_ear_timer);
    check_ear(self);
}

static void
begin_play(McpControlScript *self, const McpStep *step)
{
    McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = step->audio};

    self->generation = mcp_leg_play(self->leg, &item, 1);
}

static void
begin_listening(McpControlScript *self, const McpStep *step)
{
    if (self->ear == NULL) {
        fail(self, "nothing can be heard on this call");
        return;
    }
    mcp_ear_mark(self->ear, now_of(self) - self->ear_started);
    self->ear_timer = after(self, EAR_CHECK, on_ear_timer);
    self->step_timer = after(self, step->timeout, on_step_timeout);
}

static void
begin_send(McpControlScript *self, const McpStep *step)
{
    g_autoptr(GError) error = NULL;
    gint64 bound = step->timeout + (gint64)strlen(step->text) * G_TIME_SPAN_SECOND;

    if (!mcp_leg_send_digits(self->leg, step->text, DIGIT_MS, GAP_MS, &error))
        fail(self, error->message);
    else
        self->step_timer = after(self, bound, on_step_timeout);
}

static void
take_digits(McpControlScript *self)
{
    const McpStep *step = present_step(self);
    McpDigit digit;

    if (self->ending || step == NULL || step->kind != MCP_STEP_EXPECT_DIGITS)
        return;
    while (mcp_leg_take_digit(self->leg, &digit))
        g_string_append_c(self->digits, digit.digit);
    if (self->digits->len < strlen(step->text))
        return;
    if (g_ascii_strcasecmp(self->digits->str, step->text) == 0)
        pass(self, self->digits->str);
    else
        fail(self, self->digits->str);
}

static void
begin_progress(McpControlScript *self, const McpStep *step)
{
    const McpProgressParams params = {.country = step->country};
    g_autoptr(GError) error = NULL;

    if (!mcp_leg_watch_progress(self->leg, &params, &error))
        fail(self, error->message);
    else
        self->step_timer = after(self, step->timeout, on_step_timeout);
}

/* Ringing is no verdict, a beep belongs to one that was told. */
static void
take_progress(McpControlScript *self, const McpProgressReport *report)
{
    const McpStep *step = present_step(self);
    g_autofree char *detail =
        g_strdup_printf("%s%s%s: %s", report->verdict, *report->detail != '\0' ? " " : "",
                        report->detail, report->evidence);

    if (strcmp(report->verdict, "ringing") == 0 || strcmp(report->verdict, "beep") == 0)
        return;
    mcp_leg_watch_progress(self->leg, NULL, NULL);
    if (step->text == NULL || strcmp(step->text, report->verdict) == 0)
        pass(self, detail);
    else
        fail(self, detail);
}

static void
expect_status(McpControlScript *self, const McpStep *step)
{
    g_autofree char *detail = NULL;

    if (step->status == 200) {
        pass(self, NULL);
        return;
    }
    detail = g_strdup_printf("answered with 200, not %u", step->status);
    fail(self, detail);
}

static void
hang_up(McpControlScript *self, const McpStep *step)
{
    write_result(self, step, TRUE, NULL);
    publish_step(self, step, "step-passed", NULL);
    self->present = self->steps->steps->len;
    finish(self);
}

static void
run_step(McpControlScript *self)
{
    const McpStep *step = present_step(self);

    if (step == NULL) {
        finish(self);
        return;
    }
    self->step_started = now_of(self);
    publish_step(self, step, "step", NULL);
    if (self->terminated && step->kind != MCP_STEP_HANGUP) {
        fail(self, "the call has ended");
        return;
    }
    switch (step->kind) {
    case MCP_STEP_SEND:
        begin_send(self, step);
        break;
    case MCP_STEP_WAIT:
        self->step_timer = after(self, step->length, on_step_timeout);
        break;
    case MCP_STEP_PLAY:
        begin_play(self, step);
        break;
    case MCP_STEP_HANGUP:
        hang_up(self, step);
        break;
    case MCP_STEP_EXPECT_ANSWERED:
        pass(self, NULL);
        break;
    case MCP_STEP_EXPECT_STATUS:
        expect_status(self, step);
        break;
    case MCP_STEP_EXPECT_AUDIO:
    case MCP_STEP_EXPECT_SILENCE:
        begin_listening(self, step);
        break;
    case MCP_STEP_EXPECT_DIGITS:
        g_string_truncate(self->digits, 0);
        self->step_timer = after(self, step->timeout, on_step_timeout);
        take_digits(self);
        break;
    case MCP_STEP_EXPECT_HANGUP:
        self->step_timer = after(self, step->timeout, on_step_timeout);
        break;
    case MCP_STEP_EXPECT_PROGRESS:
        begin_progress(self, step);
        break;
    }
}

/* The last word: result and end function, once. */
static void
conclude(McpControlScript *self)
{
    McpDialogEnd end = {0};
    g_autofree char *result = NULL;

    if (self->ended)
        return;
    self->ended = TRUE;
    mcp_timer_clear(&self->end_timer);
    if (self->ear != NULL)
        mcp_ear_detach(self->ear);
    mcp_leg_set_handler(self->leg, NULL, NULL);
    mcp_json_end_array(self->results);
    mcp_json_bool(self->results, "ok", self->failure == NULL);
    if (self->failure != NULL)
        mcp_json_string(self->results, "failure", self->failure);
    if (self->heard != NULL)
        mcp_json_string(self->results, "recording", self->heard);
    mcp_json_end_object(self->results);
    result = mcp_json_finish(g_steal_pointer(&self->results));
    end.failed = self->failure != NULL;
    end.reason = self->failure != NULL ? self->failure : "script done";
    end.result = result;
    g_clear_object(&self->leg);
    self->end_func(MCP_DIALOG(self), &end, self->end_data);
}

static void
on_end_timeout(gpointer data)
{
    conclude(data);
}

/* The steps are over; the recording is completed first. */
static void
finish(McpControlScript *self)
{
    if (self->ending)
        return;
    self->ending = TRUE;
    clear_step(self);
    mcp_timer_clear(&self->all_timer);
    self->end_timer = after(self, self->ear != NULL ? RECORDING_GRACE : 0, on_end_timeout);
    if (self->ear != NULL)
        mcp_leg_stop_recording(self->leg);
}

static void
on_recording_ended(McpControlScript *self, const McpLegEvent *event)
{
    if (event->error != NULL)
        mcp_log_warning("script-recording", mcp_call_get_id(self->call), "recording failed: %s",
                        event->error->message);
    else if (self->record != NULL)
        self->heard = g_strdup(self->record);
    mcp_ear_detach(self->ear);
    g_clear_object(&self->ear);
    if (self->ending)
        conclude(self);
}

static void
on_leg_event(McpLeg *leg, const McpLegEvent *event, gpointer data)
{
    g_autoptr(McpControlScript) self = g_object_ref(data);
    const McpStep *step = present_step(self);

    if (event->type == MCP_LEG_RECORDING_ENDED && self->ear != NULL) {
        on_recording_ended(self, event);
        return;
    }
    if (self->ending || step == NULL)
        return;
    if (event->type == MCP_LEG_DIGITS_SENT && step->kind == MCP_STEP_SEND)
        pass(self, NULL);
    else if (event->type == MCP_LEG_DIGIT)
        take_digits(self);
    else if (event->type == MCP_LEG_PROGRESS && step->kind == MCP_STEP_EXPECT_PROGRESS)
        take_progress(self, event->progress);
    else if (event->type == MCP_LEG_PLAYBACK_ENDED && step->kind == MCP_STEP_PLAY &&
             event->generation == self->generation) {
        if (event->error != NULL)
            fail(self, event->error->message);
        else
            pass(self, NULL);
    }
}

static gboolean
listens(McpControlScript *self)
{
    for (guint i = 0; i < self->steps->steps->len; i++) {
        const McpStep *step = g_ptr_array_index(self->steps->steps, i);

        if (step->kind == MCP_STEP_EXPECT_AUDIO || step->kind == MCP_STEP_EXPECT_SILENCE)
            return TRUE;
    }
    return self->record != NULL;
}

static McpStoreStream *
open_recording(McpControlScript *self, GError **error)
{
    g_autoptr(McpStore) store = mcp_host_lookup(self->host, MCP_CONTRACT_STORE, NULL);
    McpStoreObject object = {
        .name = self->record,
        .content_type = "audio/x-wav",
        .call_id = mcp_call_get_id(self->call),
        .policy = MCP_STORE_REQUIRED,
    };

    if (store == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "no store service is running");
        return NULL;
    }
    return mcp_store_open(store, &object, error);
}

static gboolean
start_ear(McpControlScript *self, GError **error)
{
    g_autoptr(McpStoreStream) inner = NULL;
    McpRecordParams params = {.format = MCP_RECORD_WAV_PCM, .no_input = -1};

    if (!listens(self))
        return TRUE;
    if (self->record != NULL) {
        inner = open_recording(self, error);
        if (inner == NULL)
            return FALSE;
    }
    self->ear = mcp_ear_new(inner, on_ear, self);
    self->ear_started = now_of(self);
    params.stream = MCP_STORE_STREAM(self->ear);
    if (mcp_leg_record(self->leg, &params, error))
        return TRUE;
    mcp_ear_detach(self->ear);
    g_clear_object(&self->ear);
    if (inner != NULL)
        mcp_store_stream_abort(inner);
    return FALSE;
}

static void
mcp_control_script_start(McpDialog *dialog, McpLeg *leg, McpDialogEndFunc func, gpointer user_data)
{
    McpControlScript *self = MCP_CONTROL_SCRIPT(dialog);
    g_autoptr(GError) error = NULL;

    self->leg = g_object_ref(leg);
    self->end_func = func;
    self->end_data = user_data;
    mcp_leg_set_handler(leg, on_leg_event, self);
    self->all_timer = after(self, self->timeout, on_all_timeout);
    if (start_ear(self, &error)) {
        run_step(self);
    } else {
        self->step_started = now_of(self);
        fail(self, error->message);
    }
}

static void
mcp_control_script_terminate(McpDialog *dialog, const char *reason)
{
    McpControlScript *self = MCP_CONTROL_SCRIPT(dialog);
    const McpStep *step = present_step(self);

    if (self->ending || self->leg == NULL)
        return;
    self->terminated = TRUE;
    if (step != NULL && step->kind == MCP_STEP_EXPECT_HANGUP) {
        pass(self, reason);
        return;
    }
    {
        g_autofree char *detail = g_strdup_printf("the call ended: %s", reason);

        fail(self, detail);
    }
}

static void
on_files_read(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(GTask) task = data;
    GError *error = NULL;

    if (mcp_audio_files_finish(result, &error))
        g_task_return_boolean(task, TRUE);
    else
        g_task_return_error(task, error);
}

static void
mcp_control_script_prepare_async(McpDialog *dialog, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data)
{
    McpControlScript *self = MCP_CONTROL_SCRIPT(dialog);
    GTask *task = g_task_new(self, cancellable, callback, user_data);

    mcp_audio_files_read_async(mcp_host_get_pool(self->host, MCP_POOL_DISK), self->steps,
                               cancellable, on_files_read, task);
}

static gboolean
mcp_control_script_prepare_finish(McpDialog *dialog, GAsyncResult *result,
                                  McpDialogMedia *out_media, McpReject **out_reject)
{
    g_autoptr(GError) error = NULL;

    if (!g_task_propagate_boolean(G_TASK(result), &error)) {
        *out_reject = mcp_reject_new(500, error->message, error->message);
        return FALSE;
    }
    *out_media = MCP_DIALOG_MEDIA_AUDIO;
    return TRUE;
}

static void
mcp_control_script_describe(McpDialog *dialog, McpJson *json)
{
    McpControlScript *self = MCP_CONTROL_SCRIPT(dialog);
    const McpStep *step = present_step(self);

    mcp_json_int(json, "step", self->present + 1);
    mcp_json_int(json, "steps", self->steps->steps->len);
    mcp_json_string(json, "doing", step != NULL ? step->label : "ending");
}

static void
mcp_control_script_iface_init(McpDialogInterface *iface)
{
    iface->prepare_async = mcp_control_script_prepare_async;
    iface->prepare_finish = mcp_control_script_prepare_finish;
    iface->start = mcp_control_script_start;
    iface->terminate = mcp_control_script_terminate;
    iface->describe = mcp_control_script_describe;
}

static void
mcp_control_script_finalize(GObject *object)
{
    McpControlScript *self = MCP_CONTROL_SCRIPT(object);

    clear_step(self);
    mcp_timer_clear(&self->all_timer);
    mcp_timer_clear(&self->end_timer);
    if (self->ear != NULL)
        mcp_ear_detach(self->ear);
    g_clear_object(&self->ear);
    g_clear_object(&self->leg);
    g_clear_pointer(&self->results, mcp_json_free);
    g_clear_pointer(&self->steps, mcp_steps_free);
    g_string_free(self->digits, TRUE);
    g_free(self->record);
    g_free(self->failure);
    g_free(self->heard);
    g_clear_object(&self->host);
    MCP_LEDGER_FINALIZED(McpControlScript);
    G_OBJECT_CLASS(mcp_control_script_parent_class)->finalize(object);
}

static void
mcp_control_script_class_init(McpControlScriptClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_control_script_finalize;
}

static void
mcp_control_script_init(McpControlScript *self)
{
    MCP_LEDGER_CREATED(McpControlScript);
    self->digits = g_string_new(NULL);
    self->timeout = DEFAULT_TIMEOUT;
    self->results = mcp_json_new();
    mcp_json_begin_object(self->results, NULL);
    mcp_json_begin_array(self->results, "steps");
}

McpDialog *
mcp_control_script_new(McpHost *host, McpCall *call, GError **error)
{
    const char *text = mcp_call_get_parameter(call, "steps");
    const char *timeout = mcp_call_get_parameter(call, "timeout");
    g_autoptr(McpSteps) steps = mcp_steps_parse(text != NULL ? text : "[]", error);
    McpControlScript *self = NULL;

    if (steps == NULL)
        return NULL;
    self = g_object_new(MCP_TYPE_CONTROL_SCRIPT, NULL);
    self->host = g_object_ref(host);
    self->call = call;
    self->steps = g_steal_pointer(&steps);
    self->record = g_strdup(mcp_call_get_parameter(call, "record"));
    if (timeout != NULL)
        mcp_steps_parse_duration(timeout, &self->timeout);
    return MCP_DIALOG(self);
}
