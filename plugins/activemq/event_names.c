/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events by the names that the reference platform's reporting knows. Any thread.
 */
#include <string.h>

#include "call_table.h"

/* "*": any. The first row that fits counts. */
typedef struct {
    McpEventType type;
    const char *what;
    const char *key; /* nullable: a field that it has */
    const char *name;
    const char *outgoing; /* nullable: its name of a call that was placed */
} Row;

static const Row rows[] = {
    {MCP_EVENT_CALL_ARRIVED, "*", NULL, "incall_initiated", "outcall_initiated"},
    {MCP_EVENT_CALL_ANSWERED, "*", NULL, "incall_begin", "outcall_begin"},
    {MCP_EVENT_CALL_REFUSED, "*", NULL, "incall_reject", "outcall_reject"},
    {MCP_EVENT_CALL_ENDED, "*", NULL, "incall_end", "outcall_end"},
    {MCP_EVENT_DIALOG, "page", NULL, "compile_done", NULL},
    {MCP_EVENT_DIALOG, "loaded", NULL, "root_appl", NULL},
    {MCP_EVENT_DIALOG, "form", NULL, "form_enter", NULL},
    {MCP_EVENT_DIALOG, "selected", NULL, "form_select", NULL},
    {MCP_EVENT_DIALOG, "item", NULL, "form_item", NULL},
    {MCP_EVENT_DIALOG, "grammars", NULL, "input_start", NULL},
    {MCP_EVENT_DIALOG, "result", NULL, "filled_result", NULL},
    {MCP_EVENT_DIALOG, "transition", NULL, "goto", NULL},
    {MCP_EVENT_DIALOG, "event", NULL, "event", NULL},
    {MCP_EVENT_DIALOG, "handler", NULL, "event_handler_enter", NULL},
    {MCP_EVENT_DIALOG, "log", NULL, "log", NULL},
    {MCP_EVENT_DIALOG, "report", NULL, "log", NULL},
    {MCP_EVENT_DIALOG, "subdialog", NULL, "subdialog_start", NULL},
    {MCP_EVENT_DIALOG, "object", NULL, "object_start", NULL},
    {MCP_EVENT_DIALOG, "message", NULL, "message_in", NULL},
    {MCP_EVENT_DIALOG, "message-sent", NULL, "message_out", NULL},
    /* What is done is told with the address or the result; what the page wants of it without. */
    {MCP_EVENT_DIALOG, "transfer", "to", "transfer_start", NULL},
    {MCP_EVENT_DIALOG, "transfer", NULL, "transfer_request", NULL},
    {MCP_EVENT_DIALOG, "transfer-answered", NULL, "transfer_connected", NULL},
    {MCP_EVENT_DIALOG, "transferred", "result", "transfer_end", NULL},
    {MCP_EVENT_DIALOG, "transferred", NULL, "transfer_result", NULL},
    {MCP_EVENT_DIALOG, "ended", NULL, "appl_end", NULL},
    {MCP_EVENT_DIALOG, "*", NULL, "dialog", NULL},
    {MCP_EVENT_PROMPT, "started", NULL, "prompt_play", NULL},
    {MCP_EVENT_PROMPT, "ended", NULL, "prompt_end", NULL},
    {MCP_EVENT_PROMPT, "synthesized", NULL, "tts_end", NULL},
    {MCP_EVENT_PROMPT, "*", NULL, "prompt", NULL},
    {MCP_EVENT_INPUT, "recognizing", NULL, "asr_open", NULL},
    {MCP_EVENT_INPUT, "recognized", NULL, "asr_close", NULL},
    {MCP_EVENT_INPUT, "match", NULL, "filled", NULL},
    {MCP_EVENT_INPUT, "no-match", NULL, "filled_nomatch", NULL},
    {MCP_EVENT_INPUT, "no-input", NULL, "filled_noinput", NULL},
    {MCP_EVENT_INPUT, "recorded", NULL, "filled_recording", NULL},
    {MCP_EVENT_INPUT, "turn", NULL, "input_end", NULL},
    {MCP_EVENT_INPUT, "*", NULL, "input", NULL},
    {MCP_EVENT_FETCH, "*", NULL, "fetch_end", NULL},
    {MCP_EVENT_RECORDING, "opened", NULL, "record_start", NULL},
    {MCP_EVENT_RECORDING, "callrec", NULL, "record_request", NULL},
    {MCP_EVENT_RECORDING, "refused", NULL, "record_reject", NULL},
    {MCP_EVENT_RECORDING, "*", NULL, "record_end", NULL},
};

static gboolean
fits(const Row *row, const McpEvent *event)
{
    return row->type == mcp_event_get_event_type(event) &&
           (*row->what == '*' || strcmp(row->what, mcp_event_get_what(event)) == 0) &&
           (row->key == NULL || mcp_event_has(event, row->key));
}

const char *
mcp_activemq_event_name(const McpEvent *event, gboolean outgoing)
{
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        if (fits(&rows[i], event))
            return outgoing && rows[i].outgoing != NULL ? rows[i].outgoing : rows[i].name;
    return NULL;
}
