/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The turns of a call: each is told once, when the first packet of the prompt that answers it has
 * left, in the call's timeline, as an event and in a histogram. On the call's shard.
 */
#include "turn.h"

#include "session_private.h"
#include <string.h>

/* The order is that of the metric's label. */
static const char *const modes[] = {"dtmf", "voice"};

static gint64
milliseconds(gint64 from, gint64 to)
{
    return MAX(to - from, 0) / 1000;
}

/* @heard: 0: it is never answered. */
static void
tell(McpVxmlSession *session, const McpVxmlTurn *turn, gint64 heard)
{
    gint64 result = milliseconds(turn->input_ended, turn->decided);
    gint64 prompt = milliseconds(turn->input_ended, heard);

    if (session->call != NULL && heard != 0)
        mcp_call_note(session->call, "turn",
                      "%s: %s after %" G_GINT64_FORMAT " ms, prompt after %" G_GINT64_FORMAT " ms",
                      turn->mode, turn->result, result, prompt);
    else if (session->call != NULL)
        mcp_call_note(session->call, "turn", "%s: %s after %" G_GINT64_FORMAT " ms, no prompt",
                      turn->mode, turn->result, result);
    if (session->services.events != NULL &&
        mcp_events_wanted(session->services.events, MCP_EVENT_INPUT)) {
        McpEvent *event = mcp_event_new(MCP_EVENT_INPUT, mcp_vxml_session_call_id(session), "turn");

        mcp_event_set_string(event, "mode", turn->mode);
        mcp_event_set_string(event, "result", turn->result);
        mcp_event_set_int(event, "result_ms", result);
        if (heard != 0)
            mcp_event_set_int(event, "prompt_ms", prompt);
        mcp_events_publish(session->services.events, event);
    }
}

static void
count(McpVxmlSession *session, const McpVxmlTurn *turn, gint64 heard)
{
    guint label = strcmp(turn->mode, modes[1]) == 0 ? 1 : 0;

    if (session->services.metrics != NULL)
        mcp_metrics_observe_call(session->services.metrics, MCP_VXML_METRIC_TURN, label,
                                 (double)MAX(heard - turn->input_ended, 0) / G_USEC_PER_SEC,
                                 mcp_vxml_session_call_id(session));
}

void
mcp_vxml_turn_close(McpVxmlSession *session)
{
    const McpVxmlTurn turn = session->turn;

    session->turn.mode = NULL;
    if (turn.mode != NULL)
        tell(session, &turn, 0);
}

void
mcp_vxml_turn_begin(McpVxmlSession *session, const char *mode, const char *result, gint64 ended)
{
    gint64 now = mcp_clock_now(session->services.clock);

    mcp_vxml_turn_close(session);
    session->turn = (McpVxmlTurn){.mode = mode,
                                  .result = result,
                                  .input_ended = ended != 0 ? MIN(ended, now) : now,
                                  .decided = now};
}

gboolean
mcp_vxml_turn_is_open(const McpVxmlSession *session)
{
    return session->turn.mode != NULL;
}

gboolean
mcp_vxml_turn_event(McpVxmlSession *session, const McpLegEvent *event)
{
    const McpVxmlTurn turn = session->turn;

    if (event->type != MCP_LEG_MARK || g_strcmp0(event->mark, MCP_VXML_TURN_MARK) != 0)
        return FALSE;
    session->turn.mode = NULL;
    if (turn.mode != NULL) {
        tell(session, &turn, event->time);
        count(session, &turn, event->time);
    }
    return TRUE;
}
