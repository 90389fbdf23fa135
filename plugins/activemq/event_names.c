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
    const char *name;
} Row;

static const Row rows[] = {
    {MCP_EVENT_CALL_ARRIVED, "incoming", "incall_initiated"},
    {MCP_EVENT_CALL_ARRIVED, "*", "outcall_initiated"},
    {MCP_EVENT_CALL_ANSWERED, "*", "incall_begin"},
    {MCP_EVENT_CALL_REFUSED, "*", "incall_reject"},
    {MCP_EVENT_CALL_ENDED, "*", "incall_end"},
    {MCP_EVENT_DIALOG, "page", "compile_done"},
    {MCP_EVENT_DIALOG, "loaded", "root_appl"},
    {MCP_EVENT_DIALOG, "form", "form_enter"},
    {MCP_EVENT_DIALOG, "item", "form_item"},
    {MCP_EVENT_DIALOG, "transition", "goto"},
    {MCP_EVENT_DIALOG, "event", "event"},
    {MCP_EVENT_DIALOG, "handler", "event_handler_enter"},
    {MCP_EVENT_DIALOG, "log", "log"},
    {MCP_EVENT_DIALOG, "report", "log"},
    {MCP_EVENT_DIALOG, "subdialog", "subdialog_start"},
    {MCP_EVENT_DIALOG, "grammars", "asr_open"},
    {MCP_EVENT_DIALOG, "transfer", "transfer_start"},
    {MCP_EVENT_DIALOG, "transfer-answered", "transfer_connected"},
    {MCP_EVENT_DIALOG, "transferred", "transfer_end"},
    {MCP_EVENT_DIALOG, "started", "appl_begin"},
    {MCP_EVENT_DIALOG, "ended", "appl_end"},
    {MCP_EVENT_PROMPT, "started", "prompt_play"},
    {MCP_EVENT_PROMPT, "*", "prompt"},
    {MCP_EVENT_INPUT, "digit", "input_digit"},
    {MCP_EVENT_INPUT, "match", "filled"},
    {MCP_EVENT_INPUT, "no-match", "filled_nomatch"},
    {MCP_EVENT_INPUT, "no-input", "filled_noinput"},
    {MCP_EVENT_INPUT, "turn", "input_end"},
    {MCP_EVENT_INPUT, "*", "input"},
    {MCP_EVENT_FETCH, "*", "fetch_end"},
    {MCP_EVENT_RECORDING, "opened", "record_start"},
    {MCP_EVENT_RECORDING, "*", "record_end"},
    {MCP_EVENT_DIALOG, "*", "dialog"},
};

const char *
mcp_activemq_event_name(const McpEvent *event)
{
    McpEventType type = mcp_event_get_event_type(event);
    const char *what = mcp_event_get_what(event);

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        if (rows[i].type == type && (*rows[i].what == '*' || strcmp(rows[i].what, what) == 0))
            return rows[i].name;
    return NULL;
}
