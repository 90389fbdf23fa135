/* SPDX-License-Identifier: Apache-2.0 */
/* Plays what is queued to its end, before <exit> and <disconnect>. On the call's shard. */
#include "session_loading.h"

static void
done(McpVxmlSession *session)
{
    McpVxmlOutcome outcome = {.type = MCP_VXML_OUTCOME_DONE};

    mcp_vxml_session_resume(session, &outcome);
}

McpVxmlGroup *
mcp_vxml_join_groups(GPtrArray *groups)
{
    McpVxmlGroup *all = groups->pdata[0];

    for (guint i = 1; i < groups->len; i++) {
        McpVxmlGroup *group = groups->pdata[i];

        /* They are handed over whole. */
        while (group->pieces->len > 0)
            g_ptr_array_add(all->pieces, g_ptr_array_steal_index(group->pieces, 0));
        for (guint j = 0; j < group->words->len; j++)
            g_ptr_array_add(all->words, g_strdup(group->words->pdata[j]));
    }
    return all;
}

static void
on_prepared(McpVxmlSession *session, GPtrArray *prepared, const char *event, const char *message)
{
    g_autoptr(GPtrArray) groups = prepared;

    if (groups == NULL) {
        mcp_vxml_session_fail(session, event, "%s", message);
        return;
    }
    if (groups->len == 0) {
        done(session);
        return;
    }
    /* Nothing is awaited, so nothing can interrupt: one list. */
    mcp_leg_disarm(session->leg);
    mcp_vxml_play_group(session, mcp_vxml_join_groups(groups));
}

void
mcp_vxml_play(McpVxmlSession *session)
{
    mcp_vxml_prepare_prompts(session, session->action->prompts, on_prepared);
}

void
mcp_vxml_play_event(McpVxmlSession *session, const McpLegEvent *event)
{
    if (event->type != MCP_LEG_PLAYBACK_ENDED || event->generation != session->generation)
        return;
    session->generation = 0;
    mcp_vxml_session_report_prompt(session, "ended", "how",
                                   event->stop == MCP_STOP_COMPLETED ? "completed" : "stopped");
    done(session);
}
