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

/* @note: nullable: where it comes from. */
static void
publish(McpVxmlSession *session, McpEventType type, const char *what, const char *key,
        const char *text, const McpVxmlNote *note)
{
    McpEvent *event;

    if (session->services.events == NULL || !mcp_events_wanted(session->services.events, type))
        return;
    event = mcp_event_new(type, mcp_vxml_session_call_id(session), what);
    mcp_event_set_string(event, key, text);
    if (note != NULL && note->where != NULL)
        mcp_event_set_string(event, "where", note->where);
    if (note != NULL && note->label != NULL)
        mcp_event_set_string(event, "label", note->label);
    mcp_events_publish(session->services.events, event);
}

void
mcp_vxml_session_report(McpVxmlSession *session, McpEventType type, const char *what,
                        const char *key, const char *text)
{
    g_autofree char *told = mcp_vxml_secrets_redact(session->secrets, text);

    if (session->call != NULL)
        mcp_call_note(session->call, mcp_event_type_to_string(type), "%s, %s=%s", what, key, told);
    publish(session, type, what, key, told, NULL);
}

void
mcp_vxml_session_report_prompt(McpVxmlSession *session, const char *what, const char *key,
                               const char *text)
{
    g_autofree char *told = mcp_vxml_secrets_redact(session->secrets, text);

    if (session->call != NULL)
        mcp_call_note(session->call, "prompt", "%s: %s", what, told);
    publish(session, MCP_EVENT_PROMPT, what, key, told, NULL);
}

const char *
mcp_vxml_session_shown(McpVxmlSession *session, const char *input)
{
    return session->action != NULL && session->action->private && *input != '\0' ? MCP_VXML_PRIVATE
                                                                                 : input;
}

void
mcp_vxml_session_report_input(McpVxmlSession *session, const char *what, const char *digits)
{
    static const char *const labels[] = {"match", "no-match", "no-input"};

    for (guint i = 0; i < G_N_ELEMENTS(labels); i++)
        if (strcmp(labels[i], what) == 0)
            mcp_vxml_session_count(session, MCP_VXML_METRIC_INPUTS, i);
    mcp_vxml_session_report(session, MCP_EVENT_INPUT, what, "digits",
                            mcp_vxml_session_shown(session, digits));
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

/* ---- reports of the page: <log label="com.genesyslab.…"> ---- */

/* What one page may put into the record of a call. */
#define MAX_LABELS 32
#define MAX_REPORT 4096

static void
string_free(gpointer data)
{
    g_string_free(data, TRUE);
}

GHashTable *
mcp_vxml_reports_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, string_free);
}

/* One field of the record a label, one line of it a report. */
static void
report(McpVxmlSession *session, const McpVxmlNote *note)
{
    GString *all = g_hash_table_lookup(session->reports, note->label);

    mcp_log_info("vxml-report", mcp_vxml_session_call_id(session), "%s: %s", note->label,
                 note->text);
    if (all == NULL && g_hash_table_size(session->reports) < MAX_LABELS) {
        all = g_string_new(NULL);
        g_hash_table_insert(session->reports, g_strdup(note->label), all);
    }
    if (all == NULL || all->len + strlen(note->text) > MAX_REPORT)
        return;
    if (all->len > 0)
        g_string_append_c(all, '\n');
    g_string_append(all, note->text);
    if (session->call != NULL)
        mcp_call_set_record_field(session->call, note->label, all->str);
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
        if (strcmp(note->what, "report") == 0)
            report(session, note);
        publish(session, note->type, note->what, key_of(note), note->text, note);
        if (strcmp(note->what, "callrec") == 0)
            mcp_vxml_order_call_recording(session, note->text);
    }
}
