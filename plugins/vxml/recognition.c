/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speech as input (VoiceXML 2.0 §3.1, §4.1.5, §6.3.2): while the caller may speak a recognizer
 * listens to a tap of the leg; the leg itself tells speech from the rest, stops the prompt at once
 * and ends the wait for input. What the recognizer makes of it ends the input. On the call's shard.
 */
#include <mcp/error.h>
#include <mcp/log.h>
#include <string.h>

#include "collection_private.h"

/* Whoever spoke has been silent for this long, and for the page's own times, and the recognizer
 * has said nothing: it was no speech to it. */
#define VERDICT_AFTER (3 * G_USEC_PER_SEC)

static void
clear_recognition(McpVxmlCollection *collection)
{
    mcp_timer_clear(&collection->verdict_timer);
    if (collection->recognition != NULL)
        mcp_recognition_stop(collection->recognition);
    g_clear_object(&collection->recognition);
    if (collection->tap != NULL)
        mcp_tap_close(collection->tap);
    g_clear_object(&collection->tap);
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
take_no_match(McpVxmlSession *session, const McpRecognitionEvent *event)
{
    const char *words = event->n_hypotheses > 0 ? event->hypotheses[0].words : "";

    if (session->collection->hotword) {
        mcp_vxml_collection_go_on(session);
        return;
    }
    end_wait(session);
    mcp_vxml_collection_no_match(session, words);
}

/* An engine that runs the tags itself says which grammar it was. */
static gboolean
take_interpretation(McpVxmlSession *session, const McpHypothesis *hypothesis)
{
    McpVxmlCollection *collection = session->collection;
    McpGrammarResult result = {.index = (guint)hypothesis->grammar,
                               .utterance = (char *)hypothesis->words,
                               .interpretation = (char *)hypothesis->interpretation};

    if (hypothesis->interpretation == NULL || hypothesis->grammar < 0 ||
        (guint)hypothesis->grammar >= collection->spoken->len)
        return FALSE;
    end_wait(session);
    mcp_vxml_collection_match(session, &result, "voice", hypothesis->confidence);
    return TRUE;
}

static void
take_match(McpVxmlSession *session, const McpRecognitionEvent *event)
{
    const McpHypothesis *best = event->hypotheses;

    if (event->n_hypotheses == 0 || best->confidence < session->action->timing.speech.confidence) {
        take_no_match(session, event);
        return;
    }
    if (!take_interpretation(session, best))
        mcp_vxml_collection_hear(session, best->words, best->confidence);
}

static void
on_recognition(McpRecognition *recognition, const McpRecognitionEvent *event, gpointer user_data)
{
    g_autoptr(McpVxmlSession) session = g_object_ref(MCP_VXML_SESSION(user_data));
    g_autoptr(McpRecognition) self = g_object_ref(recognition);

    /* The input is over; its recording is still on its way. */
    if (session->collection->result != NULL)
        return;
    if (event->type >= MCP_RECOGNITION_MATCH)
        clear_recognition(session->collection);
    switch (event->type) {
    case MCP_RECOGNITION_MATCH:
        take_match(session, event);
        break;
    case MCP_RECOGNITION_NO_MATCH:
        take_no_match(session, event);
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

static void
fill_grammars(McpVxmlSession *session, McpRecognitionGrammar *out_grammars)
{
    McpVxmlCollection *collection = session->collection;

    for (guint i = 0; i < collection->spoken->len; i++) {
        guint place = g_array_index(collection->spoken_places, guint, i);
        const McpVxmlActiveGrammar *active = session->action->grammars->pdata[place];

        out_grammars[i] = (McpRecognitionGrammar){.grammar = collection->spoken->pdata[i],
                                                  .uri = active->uri,
                                                  .text = active->text,
                                                  .content_type = active->content_type,
                                                  .base = active->base,
                                                  .language = active->language};
    }
}

static void
begin(McpVxmlSession *session)
{
    McpVxmlCollection *collection = session->collection;
    const McpVxmlSpeechTuning *tuning = &session->action->timing.speech;
    g_autofree McpRecognitionGrammar *grammars =
        g_new0(McpRecognitionGrammar, collection->spoken->len);
    McpRecognitionRequest request = {
        .tap = collection->tap,
        .grammars = grammars,
        .n_grammars = collection->spoken->len,
        .hotword = collection->hotword,
        .n_best = tuning->n_best,
        .confidence = tuning->confidence,
        .sensitivity = tuning->sensitivity,
        .accuracy = tuning->accuracy,
        .complete_timeout = tuning->complete_timeout,
        .incomplete_timeout = tuning->incomplete_timeout,
        .max_speech = tuning->max_speech,
        .call = session->call,
    };

    fill_grammars(session, grammars);
    request.language = grammars[0].language;
    collection->recognition =
        mcp_recognizer_begin(session->services.recognizer, &request, on_recognition, session);
}

gboolean
mcp_vxml_recognition_wanted(McpVxmlSession *session)
{
    return session->services.recognizer != NULL && session->action->timing.voice &&
           session->collection->spoken->len > 0;
}

void
mcp_vxml_recognition_begin(McpVxmlSession *session)
{
    McpVxmlCollection *collection = session->collection;
    McpTapParams format;
    g_autoptr(GError) error = NULL;

    if (!mcp_vxml_recognition_wanted(session) || collection->recognition != NULL)
        return;
    mcp_recognizer_get_format(session->services.recognizer, &format);
    collection->tap = mcp_leg_tap(session->leg, &format, &error);
    if (collection->tap == NULL) {
        end_wait(session);
        fail(session, error);
        return;
    }
    begin(session);
}

static void
on_verdict(gpointer user_data)
{
    g_autoptr(McpVxmlSession) session = g_object_ref(MCP_VXML_SESSION(user_data));
    McpRecognitionEvent event = {.type = MCP_RECOGNITION_NO_MATCH};

    mcp_timer_clear(&session->collection->verdict_timer);
    take_no_match(session, &event);
}

void
mcp_vxml_recognition_event(McpVxmlSession *session, const McpLegEvent *event)
{
    McpVxmlCollection *collection = session->collection;
    const McpVxmlSpeechTuning *tuning = &session->action->timing.speech;

    mcp_timer_clear(&collection->verdict_timer);
    if (event->type != MCP_LEG_SPEECH_ENDED || collection->recognition == NULL ||
        collection->hotword)
        return;
    collection->verdict_timer =
        mcp_clock_after(session->services.clock, NULL,
                        VERDICT_AFTER + MAX(tuning->complete_timeout, tuning->incomplete_timeout),
                        on_verdict, session);
}
