/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of alerts, and how one becomes an event. Any thread.
 */
#include <mcp/alert.h>

static const McpAlertDef alerts[] = {
    {"media-failure", "A call has no audio from its far end.", 1},
    {"engine-down", "A speech engine or server does not answer.", 2},
    {"engine-up", "A speech engine or server answers again.", 3},
    {"peer-down", "A peer that calls or records depend on is out of reach.", 4},
    {"peer-up", "A peer that was out of reach is there again.", 5},
    {"spool-high", "A spool of records is nearly full.", 6},
    {"certificate-expiring", "A certificate in use is about to expire, or has expired.", 7},
    {"ports-exhausted", "No RTP port was free for a call.", 8},
    {"sessions-exhausted", "A call was refused as there are as many as there may be.", 9},
    {"crash-recovered", "Calls were cut off by a crash and have their records now.", 10},
    {"loop-stalled", "A loop that serves calls has not moved for two seconds.", 11},
};
G_STATIC_ASSERT(G_N_ELEMENTS(alerts) == MCP_ALERT_LAST);

const McpAlertDef *
mcp_alert_get_def(McpAlert alert)
{
    return &alerts[alert];
}

void
mcp_alert_raise(McpEvents *events, McpAlert alert, const char *call_id, const char *subject,
                const char *format, ...)
{
    g_autofree char *text = NULL;
    McpEvent *event = NULL;
    va_list args;

    if (!mcp_events_wanted(events, MCP_EVENT_ALERT))
        return;
    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    event = mcp_event_new(MCP_EVENT_ALERT, call_id, alerts[alert].name);
    mcp_event_set_string(event, "subject", subject);
    mcp_event_set_string(event, "text", text);
    mcp_events_publish(events, event);
}
