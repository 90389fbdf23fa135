/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An alert as SNMP sends it. Any thread.
 */
#include "notification.h"

#include "layout.h"

#include <string.h>

/* RFC 2579: a DisplayString is ASCII without control characters, 255 octets at most. */
static char *
display_string(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text != NULL ? text : "", -1);
    g_autofree char *ascii = g_str_to_ascii(valid, "C");

    if (strlen(ascii) > MCP_SNMP_TEXT_MAX)
        ascii[MCP_SNMP_TEXT_MAX] = '\0';
    for (char *at = ascii; *at != '\0'; at++) {
        if (!g_ascii_isprint(*at))
            *at = '?';
    }
    return g_steal_pointer(&ascii);
}

McpSnmpNotification *
mcp_snmp_notification_new(const McpEvent *event)
{
    const char *what = mcp_event_get_what(event);
    McpSnmpNotification *notification = NULL;
    guint alert = 0;

    while (alert < MCP_ALERT_LAST && strcmp(mcp_alert_get_def(alert)->name, what) != 0)
        alert++;
    if (alert == MCP_ALERT_LAST)
        return NULL;
    notification = g_new0(McpSnmpNotification, 1);
    notification->alert = alert;
    notification->subject = display_string(mcp_event_get_string(event, "subject"));
    notification->text = display_string(mcp_event_get_string(event, "text"));
    notification->call_id = display_string(mcp_event_get_call_id(event));
    return notification;
}

void
mcp_snmp_notification_free(McpSnmpNotification *notification)
{
    g_free(notification->subject);
    g_free(notification->text);
    g_free(notification->call_id);
    g_free(notification);
}
