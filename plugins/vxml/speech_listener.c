/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listens to words by a tap of the leg and a recognizer, and makes readings of what it heard: each
 * hypothesis by each grammar that takes it, in each way it can be read (VoiceXML 2.0 §5.1.5). On
 * the call's shard.
 */
#include "speech_listener.h"

#include "gated_tap.h"
#include <mcp/error.h>
#include <mcp/log.h>

struct _McpVxmlSpeechListener {
    McpVxmlSession *session; /* which owns it */
    GPtrArray *spoken;       /* McpGrammar of mode voice, referenced */
    GArray *places;          /* guint: index in the action's grammars */
    McpRecognition *recognition;
    McpTap *tap;
    McpVxmlGatedTap *gate; /* nullable: the recognizer gets everything */
    McpVxmlSpokenFunc func;
};

McpVxmlSpeechListener *
mcp_vxml_speech_listener_new(McpVxmlSession *session, GPtrArray *compiled)
{
    McpGrammarEngine *engine = session->services.grammar;
    g_autoptr(McpVxmlSpeechListener) listener = g_new0(McpVxmlSpeechListener, 1);

    listener->session = session;
    listener->spoken = g_ptr_array_new();
    listener->places = g_array_new(FALSE, FALSE, sizeof(guint));
    for (guint i = 0; i < compiled->len; i++) {
        McpGrammar *grammar = compiled->pdata[i];

        if (grammar == NULL || mcp_grammar_get_mode(engine, grammar) != MCP_GRAMMAR_VOICE)
            continue;
        g_ptr_array_add(listener->spoken, mcp_grammar_ref(engine, grammar));
        g_array_append_val(listener->places, i);
    }
    return listener->spoken->len > 0 ? g_steal_pointer(&listener) : NULL;
}

void
mcp_vxml_speech_listener_stop(McpVxmlSpeechListener *listener)
{
    if (listener == NULL)
        return;
    if (listener->recognition != NULL)
        mcp_recognition_stop(listener->recognition);
    g_clear_object(&listener->recognition);
    if (listener->tap != NULL)
        mcp_tap_close(listener->tap);
    g_clear_object(&listener->tap);
    g_clear_object(&listener->gate);
}

void
mcp_vxml_speech_listener_hear(McpVxmlSpeechListener *listener, gint64 since)
{
    if (listener != NULL && listener->gate != NULL)
        mcp_vxml_gated_tap_open(listener->gate, since);
}

void
mcp_vxml_speech_listener_free(McpVxmlSpeechListener *listener)
{
    if (listener == NULL)
        return;
    mcp_vxml_speech_listener_stop(listener);
    for (guint i = 0; i < listener->spoken->len; i++)
        mcp_grammar_unref(listener->session->services.grammar, listener->spoken->pdata[i]);
    g_ptr_array_unref(listener->spoken);
    g_array_unref(listener->places);
    g_free(listener);
}

gboolean
mcp_vxml_speech_listener_is_wanted(const McpVxmlSpeechListener *listener)
{
    return listener != NULL && listener->session->services.recognizer != NULL &&
           listener->session->action->timing.voice;
}

gboolean
mcp_vxml_speech_listener_is_on(const McpVxmlSpeechListener *listener)
{
    return listener != NULL && listener->recognition != NULL;
}

/* ---- the recognition ---- */

static void
fill_grammars(const McpVxmlSpeechListener *listener, McpRecognitionGrammar *out_grammars)
{
    for (guint i = 0; i < listener->spoken->len; i++) {
        guint place = g_array_index(listener->places, guint, i);
        const McpVxmlActiveGrammar *active = listener->session->action->grammars->pdata[place];

        out_grammars[i] = (McpRecognitionGrammar){.grammar = listener->spoken->pdata[i],
                                                  .uri = active->uri,
                                                  .text = active->text,
                                                  .content_type = active->content_type,
                                                  .base = active->base,
                                                  .language = active->language,
                                                  .weight = active->weight};
    }
}

gboolean
mcp_vxml_speech_listener_begin(McpVxmlSpeechListener *listener, gboolean hotword,
                               McpRecognitionFunc func, gpointer user_data, GError **error)
{
    McpVxmlSession *session = listener->session;
    const McpVxmlSpeechTuning *tuning = &session->action->timing.speech;
    g_autofree McpRecognitionGrammar *grammars =
        g_new0(McpRecognitionGrammar, listener->spoken->len);
    McpRecognitionRequest request = {
        .grammars = grammars,
        .n_grammars = listener->spoken->len,
        .hotword = hotword,
        .n_best = tuning->n_best,
        .confidence = tuning->confidence,
        .sensitivity = tuning->sensitivity,
        .accuracy = tuning->accuracy,
        .complete_timeout = tuning->complete_timeout,
        .incomplete_timeout = tuning->incomplete_timeout,
        .max_speech = tuning->max_speech,
        .parameters = tuning->engines.parameters,
        .call = session->call,
        .engines = tuning->engines.names,
    };
    McpTapParams format;

    mcp_recognizer_get_format(session->services.recognizer, &format);
    listener->tap = mcp_leg_tap(session->leg, &format, error);
    if (listener->tap == NULL)
        return FALSE;
    fill_grammars(listener, grammars);
    /* Frames that leave as packets are nowhere held back. */
    if (!hotword && format.rtp_to == NULL)
        listener->gate = mcp_vxml_gated_tap_new(listener->tap, format.buffer_ms);
    request.tap = listener->gate != NULL ? MCP_TAP(listener->gate) : listener->tap;
    request.language = grammars[0].language;
    listener->recognition =
        mcp_recognizer_begin(session->services.recognizer, &request, func, user_data);
    return TRUE;
}

/* ---- readings ---- */

/* An engine that runs the tags itself says which grammar it was. */
static gboolean
is_interpreted(const McpVxmlSpeechListener *listener, const McpHypothesis *hypothesis)
{
    return hypothesis->interpretation != NULL && hypothesis->grammar >= 0 &&
           (guint)hypothesis->grammar < listener->spoken->len;
}

static void
add_reading(const McpVxmlSpeechListener *listener, GPtrArray *readings, guint index,
            const char *utterance, const char *interpretation, double confidence)
{
    const McpVxmlReading reading = {.grammar = g_array_index(listener->places, guint, index),
                                    .utterance = (char *)utterance,
                                    .interpretation = (char *)interpretation,
                                    .confidence = confidence};

    mcp_vxml_readings_add(readings, &reading);
}

static gboolean
add_hypothesis(const McpVxmlSpeechListener *listener, GPtrArray *readings,
               const McpHypothesis *hypothesis, GError **error)
{
    const McpVxmlSession *session = listener->session;
    g_autoptr(GPtrArray) matches = NULL;

    if (is_interpreted(listener, hypothesis)) {
        add_reading(listener, readings, (guint)hypothesis->grammar, hypothesis->words,
                    hypothesis->interpretation, hypothesis->confidence);
        return TRUE;
    }
    matches = mcp_grammar_list_matches(
        session->services.grammar, (McpGrammar **)listener->spoken->pdata, listener->spoken->len,
        hypothesis->words, session->action->timing.speech.n_best, error);
    for (guint i = 0; matches != NULL && i < matches->len; i++) {
        const McpGrammarResult *match = matches->pdata[i];

        add_reading(listener, readings, match->index, match->utterance, match->interpretation,
                    hypothesis->confidence);
    }
    return matches != NULL;
}

/* §5.1.5: by confidence, then by the precedence of the grammars. */
static gint
compare_readings(gconstpointer a, gconstpointer b)
{
    const McpVxmlReading *one = *(const McpVxmlReading *const *)a;
    const McpVxmlReading *other = *(const McpVxmlReading *const *)b;

    if (one->confidence > other->confidence)
        return -1;
    if (one->confidence < other->confidence)
        return 1;
    return (one->grammar > other->grammar) - (one->grammar < other->grammar);
}

GPtrArray *
mcp_vxml_speech_listener_understand(const McpVxmlSpeechListener *listener,
                                    const McpHypothesis *hypotheses, guint n_hypotheses,
                                    GError **error)
{
    const McpVxmlSpeechTuning *tuning = &listener->session->action->timing.speech;
    g_autoptr(GPtrArray) readings = mcp_vxml_readings_new();

    for (guint i = 0; i < n_hypotheses; i++) {
        if (hypotheses[i].confidence < tuning->confidence)
            continue;
        if (!add_hypothesis(listener, readings, &hypotheses[i],
                            readings->len == 0 ? error : NULL) &&
            readings->len == 0)
            return NULL;
    }
    g_ptr_array_sort(readings, compare_readings);
    if (readings->len > tuning->n_best)
        g_ptr_array_set_size(readings, (gint)tuning->n_best);
    return g_steal_pointer(&readings);
}

/* ---- hotwords ---- */

static void begin_watch(McpVxmlSpeechListener *listener);

static void
do_without(const McpVxmlSpeechListener *listener, const GError *error)
{
    mcp_log_warning("vxml-recognition", mcp_vxml_session_call_id(listener->session),
                    "speech is not listened to any more: %s", error->message);
}

static void
take_hotword(McpVxmlSpeechListener *listener, const McpRecognitionEvent *event)
{
    McpVxmlSession *session = listener->session;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) readings = mcp_vxml_speech_listener_understand(
        listener, event->hypotheses, event->n_hypotheses, &error);

    if (readings == NULL) {
        mcp_vxml_session_fail(session, "error.semantic", "%s",
                              error != NULL ? error->message : "what was heard means nothing");
        return;
    }
    if (readings->len == 0) {
        begin_watch(listener);
        return;
    }
    mcp_vxml_session_report_input(session, "match",
                                  ((McpVxmlReading *)readings->pdata[0])->utterance);
    listener->func(session, readings);
}

static void
on_hotword(McpRecognition *recognition, const McpRecognitionEvent *event, gpointer user_data)
{
    McpVxmlSpeechListener *listener = user_data;
    g_autoptr(McpVxmlSession) session = g_object_ref(listener->session);
    g_autoptr(McpRecognition) self = g_object_ref(recognition);

    if (event->type < MCP_RECOGNITION_MATCH)
        return;
    mcp_vxml_speech_listener_stop(listener);
    if (event->type == MCP_RECOGNITION_MATCH)
        take_hotword(listener, event);
    else if (event->type == MCP_RECOGNITION_FAILED)
        do_without(listener, event->error);
    else
        begin_watch(listener);
}

static void
begin_watch(McpVxmlSpeechListener *listener)
{
    g_autoptr(GError) error = NULL;

    if (!mcp_vxml_speech_listener_begin(listener, TRUE, on_hotword, listener, &error))
        do_without(listener, error);
}

void
mcp_vxml_speech_listener_watch(McpVxmlSpeechListener *listener, McpVxmlSpokenFunc func)
{
    if (!mcp_vxml_speech_listener_is_wanted(listener) || mcp_vxml_speech_listener_is_on(listener))
        return;
    listener->func = func;
    begin_watch(listener);
}
