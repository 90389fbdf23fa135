/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "instances.h"
#include "notification.h"

G_BEGIN_DECLS

/**
 * McpSnmpReadFunc: the variable of the name, or with @next the first one after it, or of it if
 * @inclusive, and its value. NULL: there is none.
 */
typedef const McpSnmpInstance *(*McpSnmpReadFunc)(const McpSnmpOid *oid, gsize length,
                                                  gboolean next, gboolean inclusive,
                                                  McpSnmpValue *out_value, gpointer user_data);

/*
 * The session with the master. The library keeps its state in the process, not in an object: all
 * of it belongs to the one thread that called mcp_snmp_session_start().
 */

/** mcp_snmp_session_start: from now on requests are answered by @read. No file is read. */
void mcp_snmp_session_start(McpSnmpReadFunc read, gpointer user_data);
/** mcp_snmp_session_end: @read is not called any more; the session is closed. */
void mcp_snmp_session_end(void);
/** mcp_snmp_session_open: with the master at a literal @address; blocks for 2 s at most. */
gboolean mcp_snmp_session_open(const char *address, GError **error);
/** mcp_snmp_session_is_open: FALSE once the master has gone. */
gboolean mcp_snmp_session_is_open(void);
/** mcp_snmp_session_run: serves until @wake can be read, or @timeout µs are over, or sooner. */
void mcp_snmp_session_run(int wake, gint64 timeout);
/** mcp_snmp_session_ping: closes the session unless the master answers within a second. */
gboolean mcp_snmp_session_ping(void);
/** mcp_snmp_session_notify: sends it; to be called while the session is open. */
void mcp_snmp_session_notify(const McpSnmpNotification *notification);

G_END_DECLS
