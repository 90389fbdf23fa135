/* SPDX-License-Identifier: Apache-2.0 */
/*
 * <record> (VoiceXML 2.0 §2.3.6): prompts first, then the leg writes into an object of the store,
 * while grammars listen to keys and words that end it; the variable names it. On the call's shard.
 */
#include <mcp/error.h>
#include <string.h>

#include "hotword_listener.h"
#include "session_loading.h"
#include "speech_listener.h"

/* RECORDING_ENDED is awaited so long once it was told to end; then the recording is lost. */
#define STOP_DEADLINE (2 * G_USEC_PER_SEC)

/* What has ended a recording, with memory of its own. */
typedef struct {
    guint grammar;
    char *utterance; /* nullable: a key that no grammar took */
    char *interpretation;
    const char *input_mode;
    double confidence;
    GPtrArray *readings; /* nullable */
    char term_char;
} Heard;

struct _McpVxmlRecorder {
    GPtrArray *groups;             /* McpVxmlGroup: nullable until prepared */
    McpVxmlHotwordListener *keys;  /* nullable: no grammar of mode DTMF */
    McpVxmlSpeechListener *speech; /* nullable: none of mode voice */
    Heard *heard;                  /* nullable: it ends, or has ended, by something else */
    gboolean compiled;
    guint next_group;
    McpStoreStream *stream;
    gboolean running; /* on the leg */
    gboolean hung_up;
    McpTimer *timer;
};

static void
heard_free(Heard *heard)
{
    g_free(heard->utterance);
    g_free(heard->interpretation);
    g_clear_pointer(&heard->readings, g_ptr_array_unref);
    g_free(heard);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Heard, heard_free)

void
mcp_vxml_record_free(McpVxmlSession *session)
{
    McpVxmlRecorder *recorder = g_steal_pointer(&session->recorder);

    if (recorder == NULL)
        return;
    if (recorder->running && session->leg != NULL)
        mcp_leg_stop_recording(session->leg);
    if (session->leg != NULL && session->generation != 0)
        mcp_leg_stop(session->leg, session->generation);
    session->generation = 0;
    mcp_timer_clear(&recorder->timer);
    g_clear_pointer(&recorder->keys, mcp_vxml_hotword_listener_free);
    g_clear_pointer(&recorder->speech, mcp_vxml_speech_listener_free);
    g_clear_pointer(&recorder->heard, heard_free);
    g_clear_pointer(&recorder->groups, g_ptr_array_unref);
    g_clear_object(&recorder->stream);
    g_free(recorder);
}

/* Store names are letters, digits and a few signs; call ids may be anything. */
static char *
object_name(McpVxmlSession *session, McpRecordFormat format)
{
    const char *id = mcp_vxml_session_call_id(session);
    g_autofree char *plain = g_strdup(id != NULL ? id : "call");

    g_strcanon(plain, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_", '_');
    return g_strdup_printf("vxml/%s/%u%s", plain, ++session->n_recordings,
                           mcp_record_format_get_suffix(format));
}

/* ---- what ends it ---- */

static void
on_stop_deadline(gpointer user_data)
{
    McpVxmlSession *session = user_data;

    mcp_vxml_session_fail(
        session, session->recorder->hung_up ? "connection.disconnect.hangup" : "error.noresource",
        "%s", "the recording did not end");
}

static void
stop_recording(McpVxmlSession *session)
{
    McpVxmlRecorder *recorder = session->recorder;

    mcp_vxml_speech_listener_stop(recorder->speech);
    mcp_timer_clear(&recorder->timer);
    recorder->timer =
        mcp_clock_after(session->services.clock, NULL, STOP_DEADLINE, on_stop_deadline, session);
    mcp_leg_stop_recording(session->leg);
}

static void
on_spoken(McpVxmlSession *session, GPtrArray *readings)
{
    const McpVxmlReading *best = readings->pdata[0];
    Heard *heard = g_new0(Heard, 1);

    heard->grammar = best->grammar;
    heard->utterance = g_strdup(best->utterance);
    heard->interpretation = g_strdup(best->interpretation);
    heard->input_mode = "voice";
    heard->confidence = best->confidence;
    heard->readings = g_ptr_array_ref(readings);
    session->recorder->heard = heard;
    stop_recording(session);
}

static void
take_match(McpVxmlSession *session, const McpGrammarResult *match, Heard *heard)
{
    mcp_vxml_session_report_input(session, "match", match->utterance);
    heard->grammar = match->index;
    heard->utterance = g_strdup(match->utterance);
    heard->interpretation = g_strdup(match->interpretation);
    heard->input_mode = "dtmf";
    heard->confidence = 1;
}

/* §2.3.6: with dtmfterm a key that no grammar wants ends it, too. */
static void
take_digit(McpVxmlSession *session, const McpDigit *digit)
{
    McpVxmlRecorder *recorder = session->recorder;
    gboolean term = session->action->recording.dtmf_term;
    g_autoptr(McpGrammarResult) match =
        mcp_vxml_hotword_listener_feed(recorder->keys, digit, session->action->timing.interdigit);

    if (match == NULL && (!term || mcp_vxml_hotword_listener_waits(recorder->keys)))
        return;
    recorder->heard = g_new0(Heard, 1);
    recorder->heard->term_char = term ? digit->digit : '\0';
    if (match != NULL)
        take_match(session, match, recorder->heard);
    stop_recording(session);
}

static void
take_digits(McpVxmlSession *session)
{
    McpVxmlRecorder *recorder = session->recorder;
    McpDigit digit;

    while (recorder->heard == NULL && !recorder->hung_up &&
           mcp_leg_take_digit(session->leg, &digit))
        take_digit(session, &digit);
}

/* ---- the recording ---- */

static void
start_recording(McpVxmlSession *session)
{
    McpVxmlRecorder *recorder = session->recorder;
    const McpVxmlRecording *how = &session->action->recording;
    g_autofree char *name = object_name(session, how->format);
    /* With grammars of keys it is theirs to say which key ends it. */
    guint32 end_digits = how->dtmf_term && recorder->keys == NULL ? MCP_DIGITS_ALL : 0;
    McpStoreObject object = {.name = name,
                             .content_type = mcp_record_format_get_type(how->format),
                             .call_id = mcp_vxml_session_call_id(session),
                             .policy = MCP_STORE_REQUIRED};
    McpRecordParams params = {.format = how->format,
                              .max_time = how->max_time,
                              .final_silence = how->final_silence,
                              .no_input = session->action->timing.timeout,
                              .end_digits = end_digits,
                              .beep = how->beep};
    g_autoptr(GError) error = NULL;

    mcp_leg_disarm(session->leg);
    mcp_vxml_flush_digits(session);
    recorder->stream = mcp_store_open(session->services.store, &object, &error);
    params.stream = recorder->stream;
    if (recorder->stream == NULL || !mcp_leg_record(session->leg, &params, &error)) {
        if (recorder->stream != NULL)
            mcp_store_stream_abort(recorder->stream);
        mcp_vxml_session_fail(session, "error.noresource", "%s", error->message);
        return;
    }
    recorder->running = TRUE;
    mcp_vxml_session_report(session, MCP_EVENT_RECORDING, "opened", "name", name);
    mcp_vxml_speech_listener_watch(recorder->speech, on_spoken);
}

static void
play_next(McpVxmlSession *session)
{
    McpVxmlRecorder *recorder = session->recorder;
    McpVxmlGroup *group;
    McpArm how = {.digits = MCP_DIGITS_ALL, .no_input = -1};

    if (recorder->next_group >= recorder->groups->len) {
        start_recording(session);
        return;
    }
    group = recorder->groups->pdata[recorder->next_group++];
    if (!group->barge_in)
        mcp_vxml_flush_digits(session);
    how.barge_in = group->barge_in ? MCP_BARGE_IN_DTMF : MCP_BARGE_IN_NONE;
    how.generation = mcp_vxml_play_group(session, group);
    mcp_leg_arm(session->leg, &how);
}

static void
on_prepared(McpVxmlSession *session, GPtrArray *groups, const char *event, const char *message)
{
    McpVxmlRecorder *recorder = session->recorder;

    if (recorder == NULL) {
        g_clear_pointer(&groups, g_ptr_array_unref);
        return;
    }
    if (groups == NULL) {
        mcp_vxml_session_fail(session, event, "%s", message);
        return;
    }
    recorder->groups = groups;
    if (recorder->compiled)
        play_next(session);
}

static void
on_compiled(McpVxmlSession *session, GPtrArray *compiled, const char *event, const char *message)
{
    McpVxmlRecorder *recorder = session->recorder;

    if (recorder == NULL)
        return;
    if (compiled == NULL) {
        const McpVxmlOutcome outcome = {
            .type = MCP_VXML_OUTCOME_EVENT, .event = event, .message = message, .unheard = TRUE};

        mcp_vxml_session_resume(session, &outcome);
        return;
    }
    if (session->action->timing.dtmf)
        recorder->keys = mcp_vxml_hotword_listener_new(session->services.grammar, compiled);
    recorder->speech = mcp_vxml_speech_listener_new(session, compiled);
    recorder->compiled = TRUE;
    if (recorder->groups != NULL)
        play_next(session);
}

void
mcp_vxml_record(McpVxmlSession *session)
{
    const McpVxmlAction *action = session->action;
    guint64 serial = session->serial;

    if (session->services.store == NULL) {
        mcp_vxml_session_fail(session, "error.noresource", "no store is running");
        return;
    }
    session->recorder = g_new0(McpVxmlRecorder, 1);
    mcp_vxml_load_grammars(session, action->grammars, on_compiled);
    /* A grammar that fails at once has ended this action already. */
    if (session->serial == serial && session->recorder != NULL)
        mcp_vxml_prepare_prompts(session, action->prompts, on_prepared);
}

static void
add_heard(McpVxmlOutcome *outcome, const Heard *heard)
{
    outcome->grammar = heard->grammar;
    outcome->utterance = heard->utterance;
    outcome->interpretation = heard->interpretation;
    outcome->input_mode = heard->input_mode;
    outcome->confidence = heard->confidence;
    outcome->readings = heard->readings;
    outcome->term_char = heard->term_char;
}

static void
give_recording(McpVxmlSession *session, const McpRecordingResult *result)
{
    /* Goes with the machine's answer, as the recorder does not. */
    g_autoptr(Heard) heard = g_steal_pointer(&session->recorder->heard);
    gboolean hung_up = session->recorder->hung_up || result->stop == MCP_STOP_CLOSED;
    McpRecordFormat format = session->action->recording.format;
    g_autofree char *name = g_strdup(result->name);
    g_autofree char *raw =
        g_strdup_printf("audio/L16;rate=%u;channels=%u", result->rate, result->channels);
    McpDigit digit;
    McpVxmlOutcome outcome = {
        .type = MCP_VXML_OUTCOME_RECORDED,
        .recording = name,
        .recording_type = format == MCP_RECORD_L16 ? raw : mcp_record_format_get_type(format),
        .duration = result->duration,
        .size = result->size,
        .term_char = result->digit,
        .max_time = result->max_time,
        .event = hung_up ? "connection.disconnect.hangup" : NULL};

    if (heard != NULL && !hung_up)
        add_heard(&outcome, heard);

    /* The key that ended it is not the beginning of the next input. */
    if (result->digit != '\0')
        mcp_leg_take_digit(session->leg, &digit);
    mcp_vxml_session_resume(session, &outcome);
}

static void
on_recorded(McpVxmlSession *session, const McpLegEvent *event)
{
    McpVxmlRecorder *recorder = session->recorder;
    const McpRecordingResult *result = event->recording;

    recorder->running = FALSE;
    if (result == NULL || result->stop == MCP_STOP_FAILED) {
        mcp_vxml_session_fail(
            session, recorder->hung_up ? "connection.disconnect.hangup" : "error.noresource", "%s",
            event->error != NULL ? event->error->message : "recording failed");
    } else if (result->stop == MCP_STOP_NO_INPUT && !recorder->hung_up) {
        mcp_vxml_session_report_input(session, "no-input", "");
        mcp_vxml_session_fail(session, "noinput", "%s", "");
    } else {
        give_recording(session, result);
    }
}

void
mcp_vxml_record_event(McpVxmlSession *session, const McpLegEvent *event)
{
    McpVxmlRecorder *recorder = session->recorder;

    if (recorder == NULL)
        return;
    if (event->type == MCP_LEG_RECORDING_ENDED && recorder->running) {
        on_recorded(session, event);
    } else if (event->type == MCP_LEG_DIGIT && recorder->running && recorder->keys != NULL) {
        take_digits(session);
    } else if (event->type == MCP_LEG_PLAYBACK_ENDED && event->generation == session->generation) {
        session->generation = 0;
        /* A key that stops one prompt stops those behind it too. */
        if (event->stop == MCP_STOP_DIGIT)
            recorder->next_group = recorder->groups->len;
        play_next(session);
    }
}

gboolean
mcp_vxml_record_stop(McpVxmlSession *session)
{
    McpVxmlRecorder *recorder = session->recorder;

    if (recorder == NULL || !recorder->running)
        return FALSE;
    recorder->hung_up = TRUE;
    stop_recording(session);
    return TRUE;
}
