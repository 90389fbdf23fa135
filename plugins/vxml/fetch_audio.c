/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page or document is fetched and the caller hears something meanwhile (VoiceXML 2.0 §4.1.8,
 * §6.1.1): what is queued is played to its end, then, if the page is still not there after a delay,
 * a clip until it is, and for a minimum of time once it was begun. On the call's shard.
 */
#include <mcp/log.h>

#include "session_loading.h"

struct _McpVxmlWait {
    McpVxmlPageFunc func;
    McpTimer *timer;  /* of the delay, then of the minimum */
    GPtrArray *clip;  /* McpVxmlGroup; nullable */
    gboolean prompts; /* those queued before are not over */
    gboolean due;     /* the delay is over */
    gint64 begun;     /* monotonic µs: the clip is heard since; 0: it is not */
    gboolean arrived; /* all below is known */
    McpVxmlDocument *document;
    McpVxmlDocument *root;
    char *event; /* of the page, or of a prompt that failed before */
    char *message;
};

void
mcp_vxml_fetch_audio_free(McpVxmlSession *session)
{
    McpVxmlWait *wait = g_steal_pointer(&session->wait);

    if (wait == NULL)
        return;
    mcp_timer_clear(&wait->timer);
    g_clear_pointer(&wait->clip, g_ptr_array_unref);
    g_clear_pointer(&wait->document, mcp_vxml_document_unref);
    g_clear_pointer(&wait->root, mcp_vxml_document_unref);
    g_free(wait->event);
    g_free(wait->message);
    g_free(wait);
}

static void
stop_playing(McpVxmlSession *session)
{
    if (session->generation == 0)
        return;
    mcp_leg_stop(session->leg, session->generation);
    session->generation = 0;
    mcp_vxml_session_report_prompt(session, "ended", "how", "stopped");
}

/* The page is there, and nothing has to be heard any more. */
static void
finish(McpVxmlSession *session)
{
    McpVxmlWait *wait = session->wait;
    McpVxmlPageFunc func = wait->func;
    g_autoptr(McpVxmlDocument) document = g_steal_pointer(&wait->document);
    g_autoptr(McpVxmlDocument) root = g_steal_pointer(&wait->root);
    g_autofree char *event = g_steal_pointer(&wait->event);
    g_autofree char *message = g_steal_pointer(&wait->message);

    stop_playing(session);
    mcp_vxml_fetch_audio_free(session);
    /* The clip may still be on its way. */
    g_cancellable_cancel(session->cancellable);
    func(session, document, root, event, message);
}

static void
on_minimum(gpointer user_data)
{
    McpVxmlSession *session = user_data;
    g_autoptr(McpVxmlSession) self = g_object_ref(session);

    mcp_timer_clear(&session->wait->timer);
    finish(session);
}

static void
finish_when_heard(McpVxmlSession *session)
{
    McpVxmlWait *wait = session->wait;
    McpClock *clock = session->services.clock;
    gint64 left = wait->begun + session->action->fetch_audio_minimum - mcp_clock_now(clock);

    if (wait->prompts)
        return;
    mcp_timer_clear(&wait->timer);
    if (wait->begun != 0 && left > 0 && !session->hung_up)
        wait->timer = mcp_clock_after(clock, NULL, left, on_minimum, session);
    else
        finish(session);
}

/* ---- the clip ---- */

static void
play_when_due(McpVxmlSession *session)
{
    McpVxmlWait *wait = session->wait;

    if (!wait->due || wait->clip == NULL || wait->arrived || session->hung_up)
        return;
    mcp_leg_disarm(session->leg);
    if (mcp_vxml_play_group(session, wait->clip->pdata[0]) != 0)
        wait->begun = mcp_clock_now(session->services.clock);
}

static void
on_delay(gpointer user_data)
{
    McpVxmlSession *session = user_data;

    mcp_timer_clear(&session->wait->timer);
    session->wait->due = TRUE;
    play_when_due(session);
}

/* A clip that cannot be had is silence, as without one. */
static void
on_clip(McpVxmlSession *session, GPtrArray *groups, const char *event, const char *message)
{
    g_autoptr(GPtrArray) clip = groups;

    if (session->wait == NULL || clip == NULL || clip->len == 0)
        return;
    session->wait->clip = g_steal_pointer(&clip);
    play_when_due(session);
}

/* §6.3.2: the delay counts from where the caller begins to wait. */
static void
begin_clip(McpVxmlSession *session)
{
    const McpVxmlAction *action = session->action;

    session->wait->timer = mcp_clock_after(session->services.clock, NULL, action->fetch_audio_delay,
                                           on_delay, session);
    mcp_vxml_prepare_prompts(session, action->fetch_audio, on_clip);
}

/* ---- what was queued before ---- */

static void
prompts_over(McpVxmlSession *session)
{
    session->wait->prompts = FALSE;
    if (session->wait->arrived)
        finish(session);
    else if (!session->hung_up)
        begin_clip(session);
}

static void
on_prompts(McpVxmlSession *session, GPtrArray *prepared, const char *event, const char *message)
{
    g_autoptr(GPtrArray) groups = prepared;
    McpVxmlWait *wait = session->wait;

    if (wait == NULL || !wait->prompts)
        return;
    if (groups == NULL) {
        /* The page on its way is awaited all the same; its outcome is this one. */
        wait->event = g_strdup(event);
        wait->message = g_strdup(message);
    }
    if (groups == NULL || groups->len == 0) {
        prompts_over(session);
        return;
    }
    mcp_leg_disarm(session->leg);
    mcp_vxml_play_group(session, mcp_vxml_join_groups(groups));
}

/* ---- events ---- */

static void
on_page(McpVxmlSession *session, McpVxmlDocument *document, McpVxmlDocument *root,
        const char *event, const char *message)
{
    McpVxmlWait *wait = session->wait;

    if (wait == NULL)
        return;
    wait->document = document != NULL ? mcp_vxml_document_ref(document) : NULL;
    wait->root = root != NULL ? mcp_vxml_document_ref(root) : NULL;
    mcp_vxml_wait_arrived(session, event, message);
}

void
mcp_vxml_wait_arrived(McpVxmlSession *session, const char *event, const char *message)
{
    McpVxmlWait *wait = session->wait;

    if (wait == NULL)
        return;
    wait->arrived = TRUE;
    if (wait->event == NULL) {
        wait->event = g_strdup(event);
        wait->message = g_strdup(message);
    }
    finish_when_heard(session);
}

void
mcp_vxml_fetch_audio_event(McpVxmlSession *session, const McpLegEvent *event)
{
    McpVxmlWait *wait = session->wait;
    gboolean completed = event->stop == MCP_STOP_COMPLETED;

    if (wait == NULL || event->type != MCP_LEG_PLAYBACK_ENDED ||
        event->generation != session->generation)
        return;
    session->generation = 0;
    if (wait->begun != 0 && completed && !session->hung_up) {
        /* Until the page is there: the clip begins anew. */
        mcp_vxml_play_group(session, wait->clip->pdata[0]);
        return;
    }
    mcp_vxml_session_report_prompt(session, "ended", "how", completed ? "completed" : "stopped");
    if (wait->prompts)
        prompts_over(session);
}

void
mcp_vxml_fetch_audio_hangup(McpVxmlSession *session)
{
    if (session->wait == NULL)
        return;
    stop_playing(session);
    session->wait->prompts = FALSE;
    if (session->wait->arrived)
        finish(session);
}

static void
open_wait(McpVxmlSession *session, McpVxmlPageFunc func)
{
    const McpVxmlAction *action = session->action;

    session->wait = g_new0(McpVxmlWait, 1);
    session->wait->func = func;
    session->wait->prompts = action->prompts != NULL && action->prompts->len > 0;
}

static void
begin_wait(McpVxmlSession *session)
{
    const McpVxmlAction *action = session->action;

    if (session->wait->prompts)
        mcp_vxml_prepare_prompts(session, action->prompts, on_prompts);
    else if (!session->wait->arrived && action->fetch_audio != NULL)
        begin_clip(session);
}

void
mcp_vxml_wait_with_audio(McpVxmlSession *session, McpVxmlStartFunc start, McpVxmlPageFunc func)
{
    guint64 serial = session->serial;

    open_wait(session, func);
    if (start != NULL)
        start(session);
    /* A fetch that fails at once has ended this action already. */
    if (session->serial == serial && session->wait != NULL)
        begin_wait(session);
}

static void
start_page(McpVxmlSession *session)
{
    mcp_vxml_submit_page(session, session->action, on_page);
}

void
mcp_vxml_fetch_with_audio(McpVxmlSession *session, McpVxmlPageFunc func)
{
    mcp_vxml_wait_with_audio(session, start_page, func);
}
