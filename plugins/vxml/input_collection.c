/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Awaits input by keys while prompts play (VoiceXML 2.0 §4.1.5, §4.1.7, Appendix D): type-ahead,
 * barge-in, hotword, and the inter-digit and terminating time-outs, which run from the time of the
 * digit on the wire. Grammars of mode voice take words, whoever recognized them (recognition.c). On
 * the call's shard.
 */
#include <mcp/log.h>
#include <string.h>

#include "collection_private.h"
#include "session_loading.h"

static McpGrammarEngine *
engine_of(McpVxmlSession *session)
{
    return session->services.grammar;
}

void
mcp_vxml_collection_free(McpVxmlSession *session)
{
    McpVxmlCollection *collection = session->collection;

    if (collection == NULL)
        return;
    mcp_vxml_collection_forget(session);
    mcp_vxml_recognition_stop(session);
    session->collection = NULL;
    if (session->leg != NULL) {
        mcp_leg_disarm(session->leg);
        if (collection->playing && session->generation != 0)
            mcp_leg_stop(session->leg, session->generation);
    }
    session->generation = 0;
    mcp_timer_clear(&collection->timer);
    g_clear_pointer(&collection->groups, g_ptr_array_unref);
    if (collection->matcher != NULL)
        mcp_grammar_matcher_free(engine_of(session), collection->matcher);
    for (guint i = 0; i < collection->active->len; i++)
        mcp_grammar_unref(engine_of(session), collection->active->pdata[i]);
    mcp_vxml_speech_listener_free(collection->speech);
    g_ptr_array_unref(collection->active);
    g_array_unref(collection->places);
    /* They may be a PIN. */
    memset(collection->digits->str, 0, collection->digits->len);
    g_string_free(collection->digits, TRUE);
    g_free(collection);
}

void
mcp_vxml_flush_digits(McpVxmlSession *session)
{
    session->has_returned = FALSE;
    mcp_leg_flush_digits(session->leg);
}

static gboolean
take_digit(McpVxmlSession *session, McpDigit *out_digit)
{
    if (!session->has_returned)
        return mcp_leg_take_digit(session->leg, out_digit);
    session->has_returned = FALSE;
    *out_digit = session->returned;
    return TRUE;
}

/* ---- results ---- */

static void
give_match(McpVxmlSession *session)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpGrammarResult) result =
        mcp_grammar_matcher_result(engine_of(session), session->collection->matcher, &error);

    if (result == NULL) {
        /* The tags of the grammar went wrong (SISR), or a limit was hit. */
        mcp_vxml_session_fail(session, "error.semantic", "%s", error->message);
        return;
    }
    mcp_vxml_collection_keys(session, result);
}

/* ---- digits ---- */

static McpDtmfMatcher *
make_matcher(McpVxmlSession *session)
{
    GPtrArray *active = session->collection->active;

    if (active->len == 0)
        return NULL;
    return mcp_grammar_matcher_new(engine_of(session), (McpGrammar **)active->pdata, active->len);
}

static void
reset_matcher(McpVxmlSession *session)
{
    McpVxmlCollection *collection = session->collection;

    if (collection->matcher != NULL)
        mcp_grammar_matcher_free(engine_of(session), collection->matcher);
    collection->matcher = make_matcher(session);
    g_string_truncate(collection->digits, 0);
    collection->state = MCP_MATCH_PARTIAL;
    collection->complete = FALSE;
    mcp_timer_clear(&collection->timer);
}

static void arm(McpVxmlSession *session, guint64 generation, gboolean last);
static void play_next(McpVxmlSession *session);

/* §4.1.5.1: what does not match a hotword was not said. */
void
mcp_vxml_collection_go_on(McpVxmlSession *session)
{
    McpVxmlCollection *collection = session->collection;
    gboolean last = collection->next_group >= collection->groups->len;

    reset_matcher(session);
    if (!collection->playing && !last)
        play_next(session);
    else
        arm(session, session->generation, last);
}

/* The input so far is all: a match, or none. */
static void
conclude(McpVxmlSession *session)
{
    McpVxmlCollection *collection = session->collection;
    const McpHypothesis keyed = {.words = collection->digits->str, .confidence = 1};

    mcp_timer_clear(&collection->timer);
    if (collection->state == MCP_MATCH_MORE || collection->state == MCP_MATCH_COMPLETE)
        give_match(session);
    else if (collection->hotword)
        mcp_vxml_collection_go_on(session);
    else
        mcp_vxml_collection_no_match(session, &keyed, "dtmf", NULL);
}

static void
on_timer(gpointer user_data)
{
    McpVxmlSession *session = user_data;
    g_autoptr(McpVxmlSession) self = g_object_ref(session);

    if (session->collection != NULL)
        conclude(session);
}

static void
start_timer(McpVxmlSession *session, const McpDigit *digit, gint64 timeout)
{
    McpVxmlCollection *collection = session->collection;
    gint64 now = mcp_clock_now(session->services.clock);
    gint64 delay = digit->start + timeout - now;

    mcp_timer_clear(&collection->timer);
    collection->timer =
        mcp_clock_after(session->services.clock, NULL, CLAMP(delay, 0, timeout), on_timer, session);
}

/*
 * Whether the terminating character is one that the grammars want here; it is then an ordinary key.
 * Asked of a second matcher, since a key that does not match would spoil the first one's result.
 */
static gboolean
is_wanted(McpVxmlSession *session, char key)
{
    McpVxmlCollection *collection = session->collection;
    McpDtmfMatcher *probe = make_matcher(session);
    McpMatchState state;

    if (probe == NULL)
        return FALSE;
    for (gsize i = 0; i < collection->digits->len; i++)
        mcp_grammar_matcher_feed(engine_of(session), probe, collection->digits->str[i]);
    state = mcp_grammar_matcher_feed(engine_of(session), probe, key);
    mcp_grammar_matcher_free(engine_of(session), probe);
    return state != MCP_MATCH_NONE;
}

static void
take_term_char(McpVxmlSession *session)
{
    McpVxmlCollection *collection = session->collection;

    /* Alone it ends an input of nothing, which no grammar here takes. */
    if (collection->digits->len == 0)
        g_string_append_c(collection->digits, session->action->timing.term_char);
    conclude(session);
}

/* One digit; afterwards the collection may be over. */
static void
feed(McpVxmlSession *session, const McpDigit *digit)
{
    McpVxmlCollection *collection = session->collection;
    const McpVxmlInputTiming *timing = &session->action->timing;
    McpMatchState state = MCP_MATCH_NONE;

    if (collection->complete) {
        /* Appendix D: nothing more can follow; another key than the terminator begins anew. */
        session->has_returned = digit->digit != timing->term_char;
        session->returned = *digit;
        conclude(session);
        return;
    }
    if (digit->digit == timing->term_char && !is_wanted(session, digit->digit)) {
        take_term_char(session);
        return;
    }
    if (collection->matcher != NULL)
        state = mcp_grammar_matcher_feed(engine_of(session), collection->matcher, digit->digit);
    g_string_append_c(collection->digits, digit->digit);
    collection->state = state;
    switch (state) {
    case MCP_MATCH_COMPLETE:
        collection->complete = timing->term_timeout > 0 && timing->term_char != '\0';
        if (collection->complete)
            start_timer(session, digit, timing->term_timeout);
        else
            conclude(session);
        break;
    case MCP_MATCH_PARTIAL:
    case MCP_MATCH_MORE:
        start_timer(session, digit, timing->interdigit);
        break;
    case MCP_MATCH_NONE:
    default:
        conclude(session);
        break;
    }
}

static void
take_digits(McpVxmlSession *session)
{
    McpVxmlCollection *collection = session->collection;
    guint64 serial = session->serial;
    McpDigit digit;

    while (session->serial == serial && !session->ended && session->collection != NULL &&
           collection->result == NULL && take_digit(session, &digit)) {
        if (!session->action->timing.dtmf)
            continue;
        mcp_leg_disarm(session->leg);
        mcp_vxml_recognition_stop(session);
        if (collection->playing && !collection->hotword && session->generation != 0)
            mcp_leg_stop(session->leg, session->generation);
        feed(session, &digit);
    }
}

/* ---- prompts ---- */

static void
arm(McpVxmlSession *session, guint64 generation, gboolean last)
{
    McpVxmlCollection *collection = session->collection;
    gboolean keys = session->action->timing.dtmf;
    McpArm how = {.generation = generation, .digits = keys ? MCP_DIGITS_ALL : 0, .no_input = -1};

    gboolean may_speak = mcp_vxml_recognition_wanted(session) && !collection->hotword;

    if (collection->barge_in && !collection->hotword && keys)
        how.barge_in = MCP_BARGE_IN_DTMF;
    if (collection->barge_in && may_speak)
        how.barge_in = MCP_BARGE_IN_SPEECH;
    how.speech.listen = may_speak && (collection->barge_in || !collection->playing);
    how.speech.sensitivity = session->action->timing.speech.sensitivity;
    if (last)
        how.no_input = session->action->timing.timeout;
    mcp_leg_arm(session->leg, &how);
    if (collection->barge_in || !collection->playing)
        mcp_vxml_recognition_begin(session);
}

static void
play_next(McpVxmlSession *session)
{
    McpVxmlCollection *collection = session->collection;
    McpVxmlGroup *group;
    guint64 generation;

    group = collection->groups->pdata[collection->next_group++];
    collection->playing = TRUE;
    collection->barge_in = group->barge_in;
    collection->hotword = group->hotword;
    /* §4.1.5: what was keyed ahead of a prompt without barge-in is deleted. */
    if (!group->barge_in)
        mcp_vxml_flush_digits(session);
    generation = mcp_vxml_play_group(session, group);
    arm(session, generation, collection->next_group == collection->groups->len);
}

static void
begin(McpVxmlSession *session)
{
    McpVxmlCollection *collection = session->collection;
    McpVxmlGroup *first = collection->groups->len > 0 ? collection->groups->pdata[0] : NULL;
    guint64 serial = session->serial;

    collection->barge_in = TRUE;
    if (first != NULL)
        collection->hotword = first->hotword;
    if (first == NULL || first->barge_in) {
        take_digits(session);
        if (session->serial != serial || session->collection == NULL || collection->digits->len > 0)
            return;
    }
    if (first != NULL)
        play_next(session);
    else
        arm(session, 0, TRUE);
}

static void
begin_when_ready(McpVxmlSession *session)
{
    McpVxmlCollection *collection = session->collection;

    if (collection == NULL || !collection->compiled || collection->groups == NULL)
        return;
    reset_matcher(session);
    mcp_vxml_collection_keep(session);
    begin(session);
}

static void
on_compiled(McpVxmlSession *session, GPtrArray *compiled, const char *event, const char *message)
{
    McpVxmlCollection *collection = session->collection;

    if (collection == NULL)
        return;
    if (compiled == NULL) {
        const McpVxmlOutcome outcome = {
            .type = MCP_VXML_OUTCOME_EVENT, .event = event, .message = message, .unheard = TRUE};

        mcp_vxml_session_resume(session, &outcome);
        return;
    }
    for (guint i = 0; i < compiled->len; i++) {
        McpGrammar *grammar = compiled->pdata[i];

        if (grammar == NULL ||
            mcp_grammar_get_mode(engine_of(session), grammar) != MCP_GRAMMAR_DTMF)
            continue;
        g_ptr_array_add(collection->active, mcp_grammar_ref(engine_of(session), grammar));
        g_array_append_val(collection->places, i);
    }
    collection->speech = mcp_vxml_speech_listener_new(session, compiled);
    collection->compiled = TRUE;
    begin_when_ready(session);
}

static void
on_prepared(McpVxmlSession *session, GPtrArray *groups, const char *event, const char *message)
{
    McpVxmlCollection *collection = session->collection;

    if (collection == NULL) {
        g_clear_pointer(&groups, g_ptr_array_unref);
        return;
    }
    if (groups == NULL) {
        mcp_vxml_session_fail(session, event, "%s", message);
        return;
    }
    collection->groups = groups;
    begin_when_ready(session);
}

void
mcp_vxml_collect(McpVxmlSession *session)
{
    McpVxmlCollection *collection = g_new0(McpVxmlCollection, 1);
    const McpVxmlAction *action = session->action;
    guint64 serial = session->serial;

    collection->places = g_array_new(FALSE, FALSE, sizeof(guint));
    collection->active = g_ptr_array_new();
    collection->digits = g_string_new(NULL);
    session->collection = collection;
    g_clear_pointer(&session->mark, g_free);
    mcp_vxml_load_grammars(session, action->grammars, on_compiled);
    /* A grammar that fails at once has ended this action already. */
    if (session->serial == serial && session->collection != NULL)
        mcp_vxml_prepare_prompts(session, action->prompts, on_prepared);
}

/* ---- the leg ---- */

static void
on_played(McpVxmlSession *session, const McpLegEvent *event)
{
    McpVxmlCollection *collection = session->collection;

    if (event->generation != session->generation)
        return;
    session->generation = 0;
    collection->playing = FALSE;
    collection->silent_since = event->time;
    mcp_vxml_session_report_prompt(session, "ended", "how",
                                   event->stop == MCP_STOP_COMPLETED ? "completed" : "stopped");
    if (!collection->barge_in)
        mcp_vxml_flush_digits(session);
    if (event->stop == MCP_STOP_FAILED)
        mcp_vxml_session_fail(session, "error.noresource", "%s",
                              event->error != NULL ? event->error->message : "playing failed");
    else if (event->stop == MCP_STOP_COMPLETED && collection->digits->len == 0 &&
             collection->next_group < collection->groups->len)
        play_next(session);
    else if (event->stop == MCP_STOP_COMPLETED && collection->digits->len == 0 &&
             !collection->barge_in && mcp_vxml_recognition_wanted(session))
        arm(session, 0, TRUE); /* the caller may speak from here on */
    else if (event->stop == MCP_STOP_COMPLETED)
        mcp_vxml_recognition_quiet(session);
}

void
mcp_vxml_collection_event(McpVxmlSession *session, const McpLegEvent *event)
{
    McpVxmlCollection *collection = session->collection;

    if (collection == NULL || !collection->compiled || collection->groups == NULL)
        return;
    if (event->type == MCP_LEG_RECORDING_ENDED && collection->stream != NULL) {
        mcp_vxml_collection_kept(session, event->recording);
        return;
    }
    /* The input is over; its recording is still on its way. */
    if (collection->result != NULL)
        return;
    switch ((int)event->type) {
    case MCP_LEG_PLAYBACK_ENDED:
        on_played(session, event);
        break;
    case MCP_LEG_DIGIT:
        if (collection->playing && !collection->barge_in)
            break;
        collection->input_ended = event->time;
        take_digits(session);
        break;
    case MCP_LEG_SPEECH_STARTED:
    case MCP_LEG_SPEECH_ENDED:
        mcp_vxml_recognition_event(session, event);
        break;
    case MCP_LEG_NO_INPUT:
        if (collection->digits->len == 0)
            mcp_vxml_collection_no_input(session);
        break;
    default:
        break;
    }
}
