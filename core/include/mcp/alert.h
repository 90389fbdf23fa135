/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/event.h>

G_BEGIN_DECLS

/** McpAlert: what an operator must act on, or need not any more. */
typedef enum {
    MCP_ALERT_MEDIA_FAILURE, /* subject: the far end's address */
    MCP_ALERT_ENGINE_DOWN,   /* subject: the engine or speech server, as of the next */
    MCP_ALERT_ENGINE_UP,
    MCP_ALERT_PEER_DOWN, /* subject: the peer's name or address, as of the next */
    MCP_ALERT_PEER_UP,
    MCP_ALERT_SPOOL_HIGH,           /* subject: the spool */
    MCP_ALERT_CERTIFICATE_EXPIRING, /* subject: the set of credentials, or the file */
    MCP_ALERT_PORTS_EXHAUSTED,      /* subject: the range */
    MCP_ALERT_SESSIONS_EXHAUSTED,   /* subject: the limit that was reached */
    MCP_ALERT_CRASH_RECOVERED,      /* subject: the spool */
    MCP_ALERT_LOOP_STALLED,         /* subject: the loop */
    MCP_ALERT_LAST,
} McpAlert;

/** McpAlertDef: one row of the table of alerts; the single source of traps and documentation. */
typedef struct {
    const char *name; /* "engine-down" */
    const char *help; /* one sentence */
    guint oid;        /* sub-identifier below the notifications, never re-used */
} McpAlertDef;

/** mcp_alert_get_def: (transfer none): of @alert. Any thread. */
const McpAlertDef *mcp_alert_get_def(McpAlert alert);

/**
 * mcp_alert_raise:
 * @call_id: (nullable): the call it is about
 * @subject: whom or what it is about
 * @format: one sentence with the reason, as in the log
 *
 * Publishes a MCP_EVENT_ALERT named as the alert, with its subject and text. To be raised where the
 * state changes, not each time that it is met. Writes no log line: who raises it does. Any thread.
 */
void mcp_alert_raise(McpEvents *events, McpAlert alert, const char *call_id, const char *subject,
                     const char *format, ...) G_GNUC_PRINTF(5, 6);

G_END_DECLS
