/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calls that a debugger can attach to, and who is attached. A session enters itself on its
 * shard; debuggers look for it on threads of their own.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** McpVxmlDebugCalls: all of the plugin's. Any thread. */
typedef struct _McpVxmlDebugCalls McpVxmlDebugCalls;
/** McpVxmlDebugCall: one of them; belongs to its session. The call's shard. */
typedef struct _McpVxmlDebugCall McpVxmlDebugCall;
typedef struct _McpVxmlAttachment McpVxmlAttachment;

McpVxmlDebugCalls *mcp_vxml_debug_calls_new(void);
McpVxmlDebugCalls *mcp_vxml_debug_calls_ref(McpVxmlDebugCalls *calls);
void mcp_vxml_debug_calls_unref(McpVxmlDebugCalls *calls);

/**
 * mcp_vxml_debug_calls_attach: from now on the machine of the call @id runs with @attachment; FALSE
 * when there is no such call, it hangs up, or somebody else is attached. Any thread.
 */
gboolean mcp_vxml_debug_calls_attach(McpVxmlDebugCalls *calls, const char *id,
                                     McpVxmlAttachment *attachment, GError **error);
/** mcp_vxml_debug_calls_detach: the call @id goes on without @attachment. Any thread. */
void mcp_vxml_debug_calls_detach(McpVxmlDebugCalls *calls, const char *id,
                                 McpVxmlAttachment *attachment);

/** mcp_vxml_debug_call_new: (transfer full): a call that debuggers find as @id. */
McpVxmlDebugCall *mcp_vxml_debug_call_new(McpVxmlDebugCalls *calls, const char *id);
/** mcp_vxml_debug_call_free: the call is over; who is attached is told. */
void mcp_vxml_debug_call_free(McpVxmlDebugCall *call);
/** mcp_vxml_debug_call_hang_up: the caller is gone; who is attached is told. */
void mcp_vxml_debug_call_hang_up(McpVxmlDebugCall *call);
/** mcp_vxml_debug_call_get: (transfer full) (nullable): who is attached. */
McpVxmlAttachment *mcp_vxml_debug_call_get(McpVxmlDebugCall *call);

G_END_DECLS
