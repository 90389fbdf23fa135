/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A debugger that is connected to mcpd. It has a thread of its own, in which the machine of its
 * call runs and, where the editor says so, stands still: shards hand runs over and never wait.
 */
#pragma once
#include <gio/gio.h>

#include "debug.h"
#include "debug_calls.h"

G_BEGIN_DECLS

/** McpVxmlDebugRunFunc: runs the machine of @task with that probe and finishes @task. */
typedef void (*McpVxmlDebugRunFunc)(GTask *task, McpVxmlProbeFunc probe, gpointer probe_data);

/** mcp_vxml_attachment_new: (transfer full) (nullable): DAP is spoken in @connection; NULL when the
 * process is out of descriptors. */
McpVxmlAttachment *mcp_vxml_attachment_new(GSocket *connection, McpVxmlDebugCalls *calls);
McpVxmlAttachment *mcp_vxml_attachment_ref(McpVxmlAttachment *attachment);
void mcp_vxml_attachment_unref(McpVxmlAttachment *attachment);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpVxmlAttachment, mcp_vxml_attachment_unref)

/** mcp_vxml_attachment_serve: the life of its thread: returns when the debugger, its call or the
 * platform is at the end. */
void mcp_vxml_attachment_serve(McpVxmlAttachment *attachment);
/**
 * mcp_vxml_attachment_run: hands a run of the machine over; FALSE when the debugger has gone, and
 * nothing was done. @task is referenced. Any thread.
 */
gboolean mcp_vxml_attachment_run(McpVxmlAttachment *attachment, GTask *task,
                                 McpVxmlDebugRunFunc func);
/**
 * mcp_vxml_attachment_hang_up: the caller is gone. The debugger is told and may go on stepping, as
 * long as final processing may take. Any thread.
 */
void mcp_vxml_attachment_hang_up(McpVxmlAttachment *attachment);
/**
 * mcp_vxml_attachment_end: the call is over: the debugger is told, and a machine that stands still
 * goes on at once. Any thread.
 */
void mcp_vxml_attachment_end(McpVxmlAttachment *attachment);
/** mcp_vxml_attachment_close: the debugger is cut off; its call goes on. Any thread. */
void mcp_vxml_attachment_close(McpVxmlAttachment *attachment);

G_END_DECLS
