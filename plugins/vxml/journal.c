/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a session tells: the call's timeline, typed events, log lines, counters - each thing once
 * to each. On the call's shard.
 */
#include <mcp/log.h>
#include <string.h>

#include "session_private.h"

/* Values of the label "kind" of the counter of events, in the order of the table. */
static guint
event_kind(const char *text)
{
    static const char *const kinds[] = {"noinput", "nomatch", "help", "error", "connection"};

    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_str_has_prefix(text, kinds[i]))
            return i;
    return G_N_ELEMENTS(kinds);
}

static void
publish(McpVxmlSession *session, McpEventType type, const char *what, const char *key,
        const char *text, const char *where)
{
    McpEvent *event;

    if (session->services.events == NULL || !mcp_events_wanted(session->services.events, type))
        return;
    event = mcp_event_new(type, mcp_vxml_session_call_id(session), what);
    mcp_event_set_string(event, key, text);
    if (where != NULL)
        mcp_event_set_string(event, "where", where);
    mcp_events_publish(session->services.events, event);
}

void
mcp_vxml_session_report(McpVxmlSession *session, McpEventType type, const char *what,
                        const char *key, const char *text)
{
    if (session->call != NULL)
        mcp_call_note(session->call, mcp_event_type_to_string(type), "%s, %s=%s", what, key, text);
    publish(session, type, what, key, text, NULL);
}

void
mcp_vxml_session_report_prompt(McpVxmlSession *session, const char *what, const char *key,
                               const char *text)
{
    if (session->call != NULL)
        mcp_call_note(session->call, "prompt", "%s: %s", what, text);
    publish(session, MCP_EVENT_PROMPT, what, key, text, NULL);
}

void
mcp_vxml_session_report_input(McpVxmlSession *session, const char *what, const char *digits)
{
    static const char *const labels[] = {"match", "no-match", "no-input"};

    for (guint i = 0; i < G_N_ELEMENTS(labels); i++)
        if (strcmp(labels[i], what) == 0)
            mcp_vxml_session_count(session, MCP_VXML_METRIC_INPUTS, i);
    mcp_vxml_session_report(session, MCP_EVENT_INPUT, what, "digits", digits);
}

static const char *
key_of(const McpVxmlNote *note)
{
    if (note->type == MCP_EVENT_PROMPT)
        return "text";
    if (strcmp(note->what, "event") == 0)
        return "event";
    if (strcmp(note->what, "page") == 0)
        return "url";
    if (strcmp(note->what, "form") == 0 || strcmp(note->what, "item") == 0)
        return "name";
    return "text";
}

/* The timeline's line: "page  http://…". Prompts stand there when they are said, not before. */
static void
note_in_timeline(McpVxmlSession *session, const McpVxmlNote *note)
{
    gboolean plain = note->type == MCP_EVENT_DIALOG;
    const char *kind = plain ? note->what : mcp_event_type_to_string(note->type);

    if (session->call != NULL && note->type != MCP_EVENT_PROMPT)
        mcp_call_note(session->call, kind, "%s%s%s%s%s%s", plain ? "" : note->what,
                      plain ? "" : ": ", note->text, note->where != NULL ? " (" : "",
                      note->where != NULL ? note->where : "", note->where != NULL ? ")" : "");
}

void
mcp_vxml_session_flush_notes(McpVxmlSession *session)
{
    g_autoptr(GPtrArray) notes = mcp_vxml_interpreter_take_notes(session->interpreter);

    for (guint i = 0; i < notes->len; i++) {
        McpVxmlNote *note = notes->pdata[i];

        note_in_timeline(session, note);
        if (strcmp(note->what, "log") == 0)
            mcp_log_info("vxml-log", mcp_vxml_session_call_id(session), "%s", note->text);
        if (strcmp(note->what, "event") == 0)
            mcp_vxml_session_count(session, MCP_VXML_METRIC_EVENTS, event_kind(note->text));
        publish(session, note->type, note->what, key_of(note), note->text, note->where);
    }
}
