/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speech as input (VoiceXML 2.0 §3.1, §4.1.5, §6.3.2): while the caller may speak a recognizer
 * listens to a tap of the leg; the leg itself tells speech from the rest, the echo of the prompt
 * among it, stops the prompt at once and ends the wait for input. Only then the recognizer gets to
 * hear, and what it makes of it ends the input. On the call's shard.
 */
#include <mcp/error.h>
#include <mcp/log.h>
#include <string.h>

#include "collection_private.h"

/* The recognizer gets this much from before the leg found speech, so that no sound is missing. */
#define LEAD (300 * G_TIME_SPAN_MILLISECOND)

/* Whoever spoke has been silent for this long, and for the page's own times, and the recognizer
 * has said nothing: it was no speech to it. */
#define VERDICT_AFTER (3 * G_USEC_PER_SEC)

static void
clear_recognition(McpVxmlCollection *collection)
{
    mcp_timer_clear(&collection->verdict_timer);
    mcp_vxml_speech_listener_stop(collection->speech);
}

void
mcp_vxml_recognition_stop(McpVxmlSession *session)
{
    if (session->collection != NULL)
        clear_recognition(session->collection);
}

static const char *
event_of(const GError *error)
{
    if (g_error_matches(error, MCP_ERROR, MCP_ERROR_INVALID))
        return "error.badfetch";
    if (g_error_matches(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED))
        return "error.unsupported.format";
    return "error.noresource";
}

static void
fail(McpVxmlSession *session, const GError *error)
{
    mcp_log_warning("vxml-recognition", mcp_vxml_session_call_id(session),
                    "speech could not be recognized: %s", error->message);
    mcp_vxml_session_fail(session, event_of(error), "%s", error->message);
}

/* The prompt, and the wait for keys, are over. */
static void
end_wait(McpVxmlSession *session)
{
    clear_recognition(session->collection);
    mcp_leg_disarm(session->leg);
    if (session->collection->playing && session->generation != 0)
        mcp_leg_stop(session->leg, session->generation);
}

static void
take_no_match(McpVxmlSession *session, const McpHypothesis *hypotheses, guint n_hypotheses)
{
    static const McpHypothesis NOTHING = {.words = ""};
    g_autoptr(GPtrArray) readings = mcp_vxml_readings_new();

    if (session->collection->hotword) {
        mcp_vxml_collection_go_on(session);
        return;
    }
    /* §5.1.5: what is told of a nomatch is ours to say: what was heard, and no meaning. */
    for (guint i = 0; i < MIN(n_hypotheses, session->action->timing.speech.n_best); i++) {
        const McpVxmlReading heard = {.utterance = (char *)hypotheses[i].words,
                                      .confidence = hypotheses[i].confidence};

        mcp_vxml_readings_add(readings, &heard);
    }
    end_wait(session);
    mcp_vxml_collection_no_match(session, n_hypotheses > 0 ? hypotheses : &NOTHING, "voice",
                                 readings);
}

void
mcp_vxml_recognition_take(McpVxmlSession *session, const McpHypothesis *hypotheses,
                          guint n_hypotheses)
{
    McpVxmlCollection *collection = session->collection;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) readings = NULL;

    if (collection->speech != NULL)
        readings = mcp_vxml_speech_listener_understand(collection->speech, hypotheses, n_hypotheses,
                                                       &error);
    if (error != NULL) {
        mcp_vxml_session_fail(session, "error.semantic", "%s", error->message);
        return;
    }
    if (readings == NULL || readings->len == 0) {
        take_no_match(session, hypotheses, n_hypotheses);
        return;
    }
    end_wait(session);
    mcp_vxml_collection_words(session, readings);
}

static void
on_recognition(McpRecognition *recognition, const McpRecognitionEvent *event, gpointer user_data)
{
    g_autoptr(McpVxmlSession) session = g_object_ref(MCP_VXML_SESSION(user_data));
    g_autoptr(McpRecognition) self = g_object_ref(recognition);

    /* The input is over; its recording is still on its way. */
    if (session->collection->result != NULL)
        return;
    if (event->type >= MCP_RECOGNITION_MATCH) {
        clear_recognition(session->collection);
        if (event->time != 0)
            session->collection->input_ended = event->time;
    }
    switch (event->type) {
    case MCP_RECOGNITION_MATCH:
        mcp_vxml_recognition_take(session, event->hypotheses, event->n_hypotheses);
        break;
    case MCP_RECOGNITION_NO_MATCH:
        take_no_match(session, event->hypotheses, event->n_hypotheses);
        break;
    case MCP_RECOGNITION_TOO_LONG:
        end_wait(session);
        mcp_vxml_session_fail(session, "maxspeechtimeout", "%s", "");
        break;
    case MCP_RECOGNITION_FAILED:
        end_wait(session);
        fail(session, event->error);
        break;
    case MCP_RECOGNITION_SPEECH:
    case MCP_RECOGNITION_PARTIAL:
    default:
        break;
    }
}

gboolean
mcp_vxml_recognition_wanted(McpVxmlSession *session)
{
    return mcp_vxml_speech_listener_is_wanted(session->collection->speech);
}

void
mcp_vxml_recognition_begin(McpVxmlSession *session)
{
    McpVxmlCollection *collection = session->collection;
    g_autoptr(GError) error = NULL;

    if (!mcp_vxml_recognition_wanted(session) || mcp_vxml_speech_listener_is_on(collection->speech))
        return;
    if (!mcp_vxml_speech_listener_begin(collection->speech, collection->hotword, on_recognition,
                                        session, &error)) {
        end_wait(session);
        fail(session, error);
    } else if (!collection->playing) {
        mcp_vxml_recognition_quiet(session);
    }
}

void
mcp_vxml_recognition_quiet(McpVxmlSession *session)
{
    /* All of it: who answers at once is not cut off, though the end of an echo comes with it. */
    mcp_vxml_speech_listener_hear(session->collection->speech, session->collection->silent_since);
}

static void
on_verdict(gpointer user_data)
{
    g_autoptr(McpVxmlSession) session = g_object_ref(MCP_VXML_SESSION(user_data));

    mcp_timer_clear(&session->collection->verdict_timer);
    take_no_match(session, NULL, 0);
}

void
mcp_vxml_recognition_event(McpVxmlSession *session, const McpLegEvent *event)
{
    McpVxmlCollection *collection = session->collection;
    const McpVxmlSpeechTuning *tuning = &session->action->timing.speech;

    mcp_timer_clear(&collection->verdict_timer);
    if (event->type == MCP_LEG_SPEECH_STARTED) {
        mcp_vxml_speech_listener_hear(collection->speech, event->time - LEAD);
        return;
    }
    if (collection->hotword || !mcp_vxml_speech_listener_is_on(collection->speech))
        return;
    collection->input_ended = event->time;
    collection->verdict_timer =
        mcp_clock_after(session->services.clock, NULL,
                        VERDICT_AFTER + MAX(tuning->complete_timeout, tuning->incomplete_timeout),
                        on_verdict, session);
}
