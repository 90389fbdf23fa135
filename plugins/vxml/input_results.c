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
    g_clear_pointer(&result->readings, g_ptr_array_unref);
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
    g_autoptr(GPtrArray) readings =
        outcome.readings != NULL ? g_ptr_array_ref(outcome.readings) : NULL;

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
    if (outcome->readings != NULL)
        g_ptr_array_ref(outcome->readings);
    mcp_timer_clear(&collection->timer);
    collection->stop_timer =
        mcp_clock_after(session->services.clock, NULL, STOP_DEADLINE, on_stop_deadline, session);
    mcp_leg_disarm(session->leg);
    mcp_leg_stop_recording(session->leg);
}

/* ---- results ---- */

/* @outcome: what was said or keyed, to which time and recording are added. */
static void
give_match(McpVxmlSession *session, McpVxmlOutcome outcome)
{
    McpVxmlCollection *collection = session->collection;
    gint64 until = collection->silent_since != 0 ? collection->silent_since
                                                 : mcp_clock_now(session->services.clock);

    outcome.type = MCP_VXML_OUTCOME_MATCH;
    outcome.mark = session->mark;
    outcome.mark_time = MAX(until - session->mark_at, 0);
    if (collection->stream != NULL)
        await_recording(session, &outcome);
    else
        resume_with(session, outcome);
}

void
mcp_vxml_collection_keys(McpVxmlSession *session, const McpGrammarResult *match)
{
    McpVxmlCollection *collection = session->collection;
    McpVxmlOutcome outcome = {.grammar = g_array_index(collection->places, guint, match->index),
                              .utterance = match->utterance,
                              .interpretation = match->interpretation,
                              .input_mode = "dtmf",
                              .confidence = 1};

    mcp_vxml_session_report_input(session, "match", collection->digits->str);
    mcp_vxml_turn_begin(session, "dtmf", "match", collection->input_ended);
    give_match(session, outcome);
}

void
mcp_vxml_collection_words(McpVxmlSession *session, GPtrArray *readings)
{
    const McpVxmlReading *best = readings->pdata[0];
    McpVxmlOutcome outcome = {.grammar = best->grammar,
                              .utterance = best->utterance,
                              .interpretation = best->interpretation,
                              .input_mode = "voice",
                              .confidence = best->confidence,
                              .readings = readings};

    mcp_vxml_session_report_input(session, "match", best->utterance);
    mcp_vxml_turn_begin(session, "voice", "match", session->collection->input_ended);
    give_match(session, outcome);
}

void
mcp_vxml_collection_no_match(McpVxmlSession *session, const McpHypothesis *best,
                             const char *input_mode, GPtrArray *readings)
{
    g_autofree char *message = g_strdup(mcp_vxml_session_shown(session, best->words));
    g_autofree char *utterance = g_strdup(best->words); /* the keys go with the collection */
    const McpVxmlOutcome outcome = {.type = MCP_VXML_OUTCOME_EVENT,
                                    .event = "nomatch",
                                    .message = message,
                                    .utterance = utterance,
                                    .input_mode = input_mode,
                                    .confidence = best->confidence,
                                    .readings = readings};

    mcp_vxml_session_report_input(session, "no-match", best->words);
    mcp_vxml_turn_begin(session, input_mode, "no-match", session->collection->input_ended);
    /* What was keyed behind it belongs to the input that failed. */
    mcp_vxml_flush_digits(session);
    mcp_vxml_session_resume(session, &outcome);
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
    const McpHypothesis heard = {.words = words, .confidence = confidence, .grammar = -1};

    if (takes_words(session))
        mcp_vxml_recognition_take(session, &heard, 1);
}
