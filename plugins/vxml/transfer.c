/* SPDX-License-Identifier: Apache-2.0 */
/*
 * <transfer> (VoiceXML 2.0 §2.3.7, 2.1 §7) as RFC 5552 §6 has it over SIP: blind by REFER, bridge
 * by a second session whose leg is joined with the caller's, consultation by a second session and a
 * REFER with Replaces. On the call's shard.
 */
#include "callee/tone.h"
#include "hotword_listener.h"
#include "session_loading.h"
#include "speech_listener.h"
#include "transfer_rules.h"

#define RING_PITCH 425
#define RING_MS 1000
#define RING_PAUSE (4 * G_USEC_PER_SEC) /* ITU-T E.180: 1 s of tone, 4 s of silence */
/* That a bridge was left may come before the word of why. */
#define LEFT_GRACE (200 * 1000)

struct _McpVxmlTransferRun {
    GPtrArray *groups;                /* McpVxmlGroup: nullable until prepared */
    GPtrArray *clip;                  /* McpVxmlGroup: transferaudio; nullable */
    McpVxmlHotwordListener *listener; /* nullable: no grammar of mode DTMF */
    McpVxmlSpeechListener *speech;    /* nullable: none of mode voice */
    GObject *party;                   /* nullable: who is called */
    char *target;
    gboolean compiled;
    gboolean clip_awaited; /* its fetch is under way */
    gboolean early;        /* the party may be heard before it answers */
    gboolean prompts;      /* are playing */
    gboolean placed;       /* called, or referred to */
    gboolean joined;
    gint64 answered; /* monotonic µs; 0: not yet */
    McpTimer *timer; /* of maxtime, or after the bridge was left */
};

/* What an answer of the dialler belongs to: the run may be over by then. */
typedef struct {
    McpVxmlSession *session;
    guint64 serial;
} Ticket;

static McpVxmlTransferType
type_of(McpVxmlSession *session)
{
    return session->action->transfer.type;
}

void
mcp_vxml_transfer_free(McpVxmlSession *session)
{
    McpVxmlTransferRun *run = g_steal_pointer(&session->transfer);

    if (run == NULL)
        return;
    mcp_timer_clear(&run->timer);
    mcp_vxml_speech_listener_free(run->speech);
    if (session->leg != NULL) {
        if (session->generation != 0)
            mcp_leg_stop(session->leg, session->generation);
        if (run->joined)
            mcp_leg_leave(session->leg);
    }
    session->generation = 0;
    if (run->party != NULL)
        session->services.dialler->hang_up(run->party, "the transfer is over");
    g_clear_object(&run->party);
    g_clear_pointer(&run->groups, g_ptr_array_unref);
    g_clear_pointer(&run->clip, g_ptr_array_unref);
    g_clear_pointer(&run->listener, mcp_vxml_hotword_listener_free);
    g_free(run->target);
    g_free(run);
}

/* ---- results ---- */

static void
give_heard(McpVxmlSession *session, const char *result, McpVxmlOutcome outcome)
{
    McpVxmlTransferRun *run = session->transfer;
    gint64 now = mcp_clock_now(session->services.clock);

    outcome.type = MCP_VXML_OUTCOME_TRANSFERRED;
    outcome.result = result;
    outcome.duration = run->answered != 0 ? now - run->answered : 0;
    mcp_vxml_session_report(session, MCP_EVENT_DIALOG, "transferred", "result", result);
    mcp_vxml_session_resume(session, &outcome);
}

static void
give(McpVxmlSession *session, const char *result)
{
    give_heard(session, result, (McpVxmlOutcome){0});
}

/* §2.3.7.2: what a grammar takes ends the transfer. */
static void
give_keys(McpVxmlSession *session, const McpGrammarResult *match)
{
    const McpVxmlOutcome outcome = {.utterance = match->utterance,
                                    .interpretation = match->interpretation,
                                    .input_mode = "dtmf",
                                    .confidence = 1};

    mcp_vxml_session_report_input(session, "match", match->utterance);
    give_heard(session, "near_end_disconnect", outcome);
}

static void
on_spoken(McpVxmlSession *session, GPtrArray *readings)
{
    const McpVxmlReading *best = readings->pdata[0];
    const McpVxmlOutcome outcome = {.utterance = best->utterance,
                                    .interpretation = best->interpretation,
                                    .input_mode = "voice",
                                    .confidence = best->confidence,
                                    .readings = readings};

    give_heard(session, "near_end_disconnect", outcome);
}

static void
fail_unsupported(McpVxmlSession *session, guint status)
{
    g_autofree char *event = g_strdup_printf("error.unsupported.transfer.%s",
                                             mcp_vxml_transfer_type_name(type_of(session)));

    mcp_vxml_session_fail(session, event, "status %u", status);
}

static void
give_refusal(McpVxmlSession *session, guint status, const char *reason)
{
    g_autofree char *event = NULL;
    const char *result = mcp_vxml_transfer_refusal(type_of(session), status, &event);

    if (result != NULL)
        give(session, result);
    else
        mcp_vxml_session_fail(session, event, "%u %s", status, reason);
}

/* ---- what the caller hears until then ---- */

static void
play_meanwhile(McpVxmlSession *session)
{
    g_autoptr(McpAudio) tone = NULL;

    if (session->transfer->clip != NULL) {
        mcp_vxml_play_group(session, session->transfer->clip->pdata[0]);
        return;
    }
    tone = mcp_tone_new(RING_PITCH, RING_MS);
    {
        const McpPlayItem items[] = {{.kind = MCP_PLAY_AUDIO, .audio = tone},
                                     {.kind = MCP_PLAY_SILENCE, .duration = RING_PAUSE}};

        session->generation = mcp_leg_play(session->leg, items, G_N_ELEMENTS(items));
    }
}

static void
stop_playing(McpVxmlSession *session)
{
    guint64 generation = session->generation;

    session->generation = 0;
    if (generation != 0)
        mcp_leg_stop(session->leg, generation);
}

/* ---- the other party ---- */

static gboolean
join(McpVxmlSession *session)
{
    McpVxmlTransferRun *run = session->transfer;
    g_autoptr(GError) error = NULL;

    stop_playing(session);
    if (run->joined)
        return TRUE;
    run->joined = session->services.dialler->join(run->party, session->leg, &error);
    if (!run->joined)
        mcp_vxml_session_fail(session, "error.connection.noresource", "%s", error->message);
    return run->joined;
}

/* RFC 5552 §6.2: unless the page has something to be heard. */
static void
join_early(McpVxmlSession *session)
{
    McpVxmlTransferRun *run = session->transfer;

    if (run->early && run->answered == 0 && run->clip == NULL && !run->clip_awaited)
        join(session);
}

static void
on_max_time(gpointer user_data)
{
    McpVxmlSession *session = user_data;
    g_autoptr(McpVxmlSession) self = g_object_ref(session);

    mcp_timer_clear(&session->transfer->timer);
    give(session, "maxtime_disconnect");
}

static void
on_left(gpointer user_data)
{
    McpVxmlSession *session = user_data;
    g_autoptr(McpVxmlSession) self = g_object_ref(session);

    mcp_timer_clear(&session->transfer->timer);
    give(session, "network_disconnect");
}

/* The caller has been taken over; what the page does now is final processing. */
static void
give_away(McpVxmlSession *session)
{
    g_autoptr(McpVxmlSession) self = g_object_ref(session);
    const McpVxmlDialler *dialler = session->services.dialler;

    mcp_vxml_session_report(session, MCP_EVENT_DIALOG, "transferred", "result", "away");
    mcp_vxml_session_fail(session, "connection.disconnect.transfer", "%s", "transferred");
    if (!session->ended)
        dialler->leave(session->services.dialler_data, "transferred");
}

static void
on_referred(gboolean accepted, guint status, const char *reason, gpointer user_data)
{
    g_autofree Ticket *ticket = user_data;
    g_autoptr(McpVxmlSession) session = ticket->session;

    if (session->ended || session->serial != ticket->serial || session->transfer == NULL)
        return;
    if (status < 300) {
        give_away(session);
    } else if (!accepted && type_of(session) == MCP_VXML_TRANSFER_CONSULTATION) {
        fail_unsupported(session, status);
    } else if (accepted) {
        give(session, "unknown");
    } else if (status == 403) {
        mcp_vxml_session_fail(session, "error.connection.noauthorization", "%s", reason);
    } else if (status == 404 || status == 405) {
        give_refusal(session, status, reason);
    } else if (status == 503) {
        mcp_vxml_session_fail(session, "error.connection.noresource", "%u %s", status, reason);
    } else {
        /* RFC 5552 §6.1: nobody answered the REFER. */
        give(session, status == 408 ? "network_busy" : "unknown");
    }
}

static void
refer(McpVxmlSession *session, GObject *party)
{
    Ticket *ticket = g_new0(Ticket, 1);

    ticket->session = g_object_ref(session);
    ticket->serial = session->serial;
    session->services.dialler->refer(session->services.dialler_data, session->transfer->target,
                                     party, on_referred, ticket);
}

static void
on_answered(McpVxmlSession *session)
{
    McpVxmlTransferRun *run = session->transfer;
    gint64 max_time = session->action->transfer.max_time;

    run->answered = mcp_clock_now(session->services.clock);
    mcp_vxml_session_report(session, MCP_EVENT_DIALOG, "transfer-answered", "to", run->target);
    if (type_of(session) == MCP_VXML_TRANSFER_CONSULTATION) {
        refer(session, run->party);
        return;
    }
    if (join(session) && max_time > 0)
        run->timer = mcp_clock_after(session->services.clock, NULL, max_time, on_max_time, session);
}

static void
on_party_ended(McpVxmlSession *session, const McpCalleeEvent *event)
{
    McpVxmlTransferRun *run = session->transfer;

    /* A party that was put through leaves us; the word of the caller decides (§6.3). */
    if (run->answered != 0 && type_of(session) == MCP_VXML_TRANSFER_CONSULTATION)
        return;
    if (run->answered != 0) {
        give(session, event->local ? "network_disconnect" : "far_end_disconnect");
    } else if (event->local) {
        g_autofree char *name = g_strdup_printf("error.connection.protocol.%u", event->status);

        mcp_vxml_session_fail(session, name, "%s", event->reason);
    } else {
        give_refusal(session, event->status, event->reason);
    }
}

static void
on_party(const McpCalleeEvent *event, gpointer user_data)
{
    g_autoptr(McpVxmlSession) session = g_object_ref(MCP_VXML_SESSION(user_data));
    McpVxmlTransferRun *run = session->transfer;
    gboolean bridge = run != NULL && type_of(session) == MCP_VXML_TRANSFER_BRIDGE;

    if (run == NULL)
        return;
    switch (event->type) {
    case MCP_CALLEE_RINGING:
        if (!run->joined && session->generation == 0)
            play_meanwhile(session);
        break;
    case MCP_CALLEE_EARLY:
        run->early = bridge;
        join_early(session);
        break;
    case MCP_CALLEE_ANSWERED:
        on_answered(session);
        break;
    case MCP_CALLEE_INFO:
        session->services.dialler->send_caller_info(session->services.dialler_data,
                                                    event->content_type, event->body);
        break;
    case MCP_CALLEE_ENDED:
    default:
        on_party_ended(session, event);
        break;
    }
}

static void
dial(McpVxmlSession *session)
{
    McpVxmlTransferRun *run = session->transfer;
    const McpVxmlTransfer *transfer = &session->action->transfer;
    McpCalleeParams params = {.media = session->services.media,
                              .ring_timeout = transfer->connect_timeout >= 0
                                                  ? transfer->connect_timeout
                                                  : session->services.config->connect_timeout};
    g_autoptr(GError) error = NULL;

    params.target = run->target;
    run->party = session->services.dialler->dial(session->services.dialler_data, &params, on_party,
                                                 session, &error);
    if (run->party == NULL)
        mcp_vxml_session_fail(session, mcp_vxml_transfer_dial_event(error), "%s", error->message);
    else if (run->clip != NULL)
        play_meanwhile(session);
}

static void
place(McpVxmlSession *session)
{
    McpVxmlTransferRun *run = session->transfer;
    const char *event = NULL;
    g_autoptr(GError) error = NULL;

    run->placed = TRUE;
    if (session->services.dialler == NULL) {
        mcp_vxml_session_fail(session, "error.connection.noresource", "nobody can be called");
        return;
    }
    run->target = mcp_vxml_transfer_target(&session->action->transfer,
                                           session->services.config->gateway, &event, &error);
    if (run->target == NULL) {
        mcp_vxml_session_fail(session, event, "%s", error->message);
        return;
    }
    mcp_vxml_session_report(session, MCP_EVENT_DIALOG, "transfer", "to", run->target);
    if (type_of(session) == MCP_VXML_TRANSFER_BLIND)
        refer(session, NULL);
    else
        dial(session);
    /* A call that failed at once has ended the run. */
    if (session->transfer == run && run->party != NULL)
        mcp_vxml_speech_listener_watch(run->speech, on_spoken);
}

/* ---- before ---- */

static void
begin_when_ready(McpVxmlSession *session)
{
    McpVxmlTransferRun *run = session->transfer;
    McpVxmlGroup *all;

    if (run == NULL || !run->compiled || run->groups == NULL)
        return;
    mcp_leg_disarm(session->leg);
    if (run->groups->len == 0) {
        place(session);
        return;
    }
    all = mcp_vxml_join_groups(run->groups);
    run->prompts = TRUE;
    if (!all->barge_in)
        mcp_vxml_flush_digits(session);
    mcp_vxml_play_group(session, all);
}

static void
on_compiled(McpVxmlSession *session, GPtrArray *compiled, const char *event, const char *message)
{
    McpVxmlTransferRun *run = session->transfer;

    if (run == NULL)
        return;
    if (compiled == NULL) {
        mcp_vxml_session_fail(session, event, "%s", message);
        return;
    }
    run->listener = mcp_vxml_hotword_listener_new(session->services.grammar, compiled);
    run->speech = mcp_vxml_speech_listener_new(session, compiled);
    run->compiled = TRUE;
    begin_when_ready(session);
}

static void
on_prepared(McpVxmlSession *session, GPtrArray *groups, const char *event, const char *message)
{
    if (session->transfer == NULL) {
        g_clear_pointer(&groups, g_ptr_array_unref);
        return;
    }
    if (groups == NULL) {
        mcp_vxml_session_fail(session, event, "%s", message);
        return;
    }
    session->transfer->groups = groups;
    begin_when_ready(session);
}

/* §2.3.7.1: audio that cannot be had is ignored. */
static void
on_clip(McpVxmlSession *session, GPtrArray *groups, const char *event, const char *message)
{
    g_autoptr(GPtrArray) clip = groups;
    McpVxmlTransferRun *run = session->transfer;

    if (run == NULL)
        return;
    run->clip_awaited = FALSE;
    if (clip == NULL || clip->len == 0) {
        join_early(session);
        return;
    }
    run->clip = g_steal_pointer(&clip);
    if (run->placed && run->party != NULL && run->answered == 0 && !run->joined) {
        stop_playing(session);
        play_meanwhile(session);
    }
}

void
mcp_vxml_transfer(McpVxmlSession *session)
{
    const McpVxmlAction *action = session->action;
    GPtrArray *audio = action->transfer.audio;
    guint64 serial = session->serial;

    session->transfer = g_new0(McpVxmlTransferRun, 1);
    if (audio != NULL && action->transfer.type != MCP_VXML_TRANSFER_BLIND) {
        session->transfer->clip_awaited = TRUE;
        mcp_vxml_prepare_prompts(session, audio, on_clip);
    }
    mcp_vxml_load_grammars(session, action->grammars, on_compiled);
    /* A grammar that fails at once has ended this action already. */
    if (session->serial == serial && session->transfer != NULL)
        mcp_vxml_prepare_prompts(session, action->prompts, on_prepared);
}

/* ---- the leg ---- */

static void
take_digits(McpVxmlSession *session)
{
    McpVxmlTransferRun *run = session->transfer;
    McpDigit digit;

    while (mcp_leg_take_digit(session->leg, &digit)) {
        g_autoptr(McpGrammarResult) match = NULL;

        /* Those in media have passed through; others were told to our leg alone. */
        if (run->joined && digit.source == MCP_DIGIT_INFO)
            session->services.dialler->press(run->party, &digit);
        if (run->listener == NULL || !session->action->timing.dtmf)
            continue;
        match = mcp_vxml_hotword_listener_feed(run->listener, &digit,
                                               session->action->timing.interdigit);
        if (match != NULL) {
            give_keys(session, match);
            return;
        }
    }
}

static void
on_played(McpVxmlSession *session, const McpLegEvent *event)
{
    McpVxmlTransferRun *run = session->transfer;

    if (event->generation != session->generation)
        return;
    session->generation = 0;
    if (run->prompts) {
        run->prompts = FALSE;
        mcp_vxml_session_report_prompt(session, "ended", "how", "completed");
        place(session);
    } else if (event->stop == MCP_STOP_COMPLETED && !run->joined &&
               (run->answered == 0 || type_of(session) == MCP_VXML_TRANSFER_CONSULTATION)) {
        play_meanwhile(session);
    }
}

void
mcp_vxml_transfer_event(McpVxmlSession *session, const McpLegEvent *event)
{
    McpVxmlTransferRun *run = session->transfer;

    if (run == NULL || !run->compiled || run->groups == NULL)
        return;
    if (event->type == MCP_LEG_DIGIT) {
        take_digits(session);
    } else if (event->type == MCP_LEG_PLAYBACK_ENDED) {
        on_played(session, event);
    } else if (event->type == MCP_LEG_LEFT && run->joined) {
        mcp_timer_clear(&run->timer);
        run->timer = mcp_clock_after(session->services.clock, NULL, LEFT_GRACE, on_left, session);
    }
}

gboolean
mcp_vxml_transfer_message(McpVxmlSession *session, const char *content_type, GBytes *body)
{
    McpVxmlTransferRun *run = session->transfer;

    if (run == NULL || !run->joined)
        return FALSE;
    session->services.dialler->send_info(run->party, content_type, body);
    return TRUE;
}
