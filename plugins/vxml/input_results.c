/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What input comes to: a match of keys or words, none, or silence; with the mark that was reached
 * and, if the page wants it, a recording of what was said (VoiceXML 2.1 §4, §6). On the call's
 * shard.
 */
#include <mcp/error.h>
#include <mcp/log.h>
#include <string.h>

#include "collection_private.h"

/* RECORDING_ENDED is awaited so long; then there is none. */
#define STOP_DEADLINE (2 * G_USEC_PER_SEC)

/* ---- utterances that are kept ---- */

/* Names of the store are letters, digits and a few signs; call ids may be anything. */
static char *
object_name(McpVxmlSession *session, McpRecordFormat format)
{
    const char *id = mcp_vxml_session_call_id(session);
    g_autofree char *plain = g_strdup(id != NULL ? id : "call");

    g_strcanon(plain, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_", '_');
    return g_strdup_printf("vxml/%s/utterance-%u%s", plain, ++session->n_recordings,
                           mcp_record_format_get_suffix(format));
}

void
mcp_vxml_collection_keep(McpVxmlSession *session)
{
    McpVxmlCollection *collection = session->collection;
    McpRecordFormat format = session->action->recording.format;
    g_autofree char *name = NULL;
    g_autoptr(GError) error = NULL;
    McpStoreObject object = {.content_type = mcp_record_format_get_type(format),
                             .call_id = mcp_vxml_session_call_id(session),
                             .policy = MCP_STORE_BEST_EFFORT};
    McpRecordParams params = {.format = format, .no_input = -1};

    /* What must not be told is not kept. */
    if (!session->action->record_utterance || session->action->private ||
        session->services.store == NULL || collection->stream != NULL)
        return;
    name = object_name(session, format);
    object.name = name;
    collection->stream = mcp_store_open(session->services.store, &object, &error);
    params.stream = collection->stream;
    if (collection->stream != NULL && mcp_leg_record(session->leg, &params, &error))
        return;
    /* The input counts for more than its recording. */
    mcp_log_info("vxml-utterance", mcp_vxml_session_call_id(session), "not kept: %s",
                 error->message);
    if (collection->stream != NULL)
        mcp_store_stream_abort(collection->stream);
    g_clear_object(&collection->stream);
}

static void
clear_result(McpVxmlCollection *collection)
{
    McpVxmlOutcome *result = g_steal_pointer(&collection->result);

    if (result == NULL)
        return;
    g_free((char *)result->utterance);
    g_free((char *)result->interpretation);
    g_free(result);
}

void
mcp_vxml_collection_forget(McpVxmlSession *session)
{
    McpVxmlCollection *collection = session->collection;

    mcp_timer_clear(&collection->stop_timer);
    clear_result(collection);
    if (collection->stream != NULL && session->leg != NULL)
        mcp_leg_stop_recording(session->leg);
    g_clear_object(&collection->stream);
    g_clear_pointer(&collection->kept, g_free);
}

static void
add_recording(McpVxmlSession *session, McpVxmlOutcome *outcome)
{
    const McpVxmlCollection *collection = session->collection;

    if (collection->kept == NULL)
        return;
    outcome->recording = collection->kept;
    outcome->recording_type = mcp_record_format_get_type(session->action->recording.format);
    outcome->duration = collection->kept_duration;
    outcome->size = collection->kept_size;
}

/* What the outcome points to goes with the collection, once the machine has copied it. */
static void
resume_with(McpVxmlSession *session, McpVxmlOutcome outcome)
{
    McpVxmlCollection *collection = session->collection;
    g_autofree char *kept = NULL;
    g_autofree char *utterance = g_strdup(outcome.utterance);
    g_autofree char *interpretation = g_strdup(outcome.interpretation);

    add_recording(session, &outcome);
    kept = g_steal_pointer(&collection->kept);
    outcome.utterance = utterance;
    outcome.interpretation = interpretation;
    mcp_vxml_session_resume(session, &outcome);
}

void
mcp_vxml_collection_kept(McpVxmlSession *session, const McpRecordingResult *recording)
{
    McpVxmlCollection *collection = session->collection;
    const char *name =
        collection->stream != NULL ? mcp_store_stream_get_name(collection->stream) : NULL;

    /* The one of an input before may end only now. */
    if (recording != NULL && g_strcmp0(recording->name, name) != 0)
        return;
    if (recording != NULL && recording->stop != MCP_STOP_FAILED) {
        g_free(collection->kept);
        collection->kept = g_strdup(name);
        collection->kept_duration = recording->duration;
        collection->kept_size = recording->size;
    }
    g_clear_object(&collection->stream);
    if (collection->result != NULL)
        resume_with(session, *collection->result);
}

static void
on_stop_deadline(gpointer user_data)
{
    g_autoptr(McpVxmlSession) session = g_object_ref(MCP_VXML_SESSION(user_data));

    mcp_timer_clear(&session->collection->stop_timer);
    mcp_vxml_collection_kept(session, NULL);
}

static void
await_recording(McpVxmlSession *session, const McpVxmlOutcome *outcome)
{
    McpVxmlCollection *collection = session->collection;

    collection->result = g_memdup2(outcome, sizeof *outcome);
    collection->result->utterance = g_strdup(outcome->utterance);
    collection->result->interpretation = g_strdup(outcome->interpretation);
    mcp_timer_clear(&collection->timer);
    collection->stop_timer =
        mcp_clock_after(session->services.clock, NULL, STOP_DEADLINE, on_stop_deadline, session);
    mcp_leg_disarm(session->leg);
    mcp_leg_stop_recording(session->leg);
}

/* ---- results ---- */

void
mcp_vxml_collection_match(McpVxmlSession *session, const McpGrammarResult *match,
                          const char *input_mode, double confidence)
{
    McpVxmlCollection *collection = session->collection;
    gboolean voice = strcmp(input_mode, "voice") == 0;
    GArray *places = voice ? collection->spoken_places : collection->places;
    gint64 until = collection->silent_since != 0 ? collection->silent_since
                                                 : mcp_clock_now(session->services.clock);
    McpVxmlOutcome outcome = {.type = MCP_VXML_OUTCOME_MATCH,
                              .grammar = g_array_index(places, guint, match->index),
                              .utterance = match->utterance,
                              .interpretation = match->interpretation,
                              .input_mode = input_mode,
                              .confidence = confidence,
                              .mark = session->mark,
                              .mark_time = MAX(until - session->mark_at, 0)};

    mcp_vxml_session_report_input(session, "match",
                                  voice ? match->utterance : collection->digits->str);
    if (collection->stream != NULL)
        await_recording(session, &outcome);
    else
        resume_with(session, outcome);
}

void
mcp_vxml_collection_no_match(McpVxmlSession *session, const char *what)
{
    mcp_vxml_session_report_input(session, "no-match", what);
    /* What was keyed behind it belongs to the input that failed. */
    mcp_vxml_flush_digits(session);
    mcp_vxml_session_fail(session, "nomatch", "%s", mcp_vxml_session_shown(session, what));
}

void
mcp_vxml_collection_no_input(McpVxmlSession *session)
{
    mcp_vxml_session_report_input(session, "no-input", "");
    mcp_vxml_session_fail(session, "noinput", "%s", "");
}

/* ---- words ---- */

static gboolean
takes_words(McpVxmlSession *session)
{
    McpVxmlCollection *collection = session->collection;

    if (!collection->compiled || collection->groups == NULL || collection->result != NULL)
        return FALSE;
    return session->action->timing.voice && (!collection->playing || collection->barge_in);
}

void
mcp_vxml_collection_hear(McpVxmlSession *session, const char *words, double confidence)
{
    McpVxmlCollection *collection = session->collection;
    McpGrammarEngine *engine = session->services.grammar;
    g_autoptr(GError) error = NULL;
    g_autoptr(McpGrammarResult) match = NULL;

    if (!takes_words(session))
        return;
    if (collection->spoken->len > 0)
        match = mcp_grammar_match_words(engine, (McpGrammar **)collection->spoken->pdata,
                                        collection->spoken->len, words, &error);
    if (error != NULL && !g_error_matches(error, MCP_ERROR, MCP_ERROR_STATE)) {
        mcp_vxml_session_fail(session, "error.semantic", "%s", error->message);
        return;
    }
    if (match == NULL && collection->hotword) {
        mcp_vxml_collection_go_on(session);
        return;
    }
    mcp_vxml_recognition_stop(session);
    mcp_leg_disarm(session->leg);
    if (collection->playing && session->generation != 0)
        mcp_leg_stop(session->leg, session->generation);
    if (match != NULL)
        mcp_vxml_collection_match(session, match, "voice", confidence);
    else
        mcp_vxml_collection_no_match(session, words);
}
