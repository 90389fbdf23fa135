/* SPDX-License-Identifier: Apache-2.0 */
/* A table under a lock, which is held for looking up alone. Any thread. */
#include "debug_calls.h"

#include <mcp/error.h>

#include "attachment.h"

struct _McpVxmlDebugCalls {
    gatomicrefcount refs;
    GMutex lock;       /* guards the table and the members of its calls */
    GHashTable *table; /* char* id, of the call → McpVxmlDebugCall, not owned */
};

struct _McpVxmlDebugCall {
    McpVxmlDebugCalls *calls;
    char *id;
    McpVxmlAttachment *attachment; /* nullable */
    gboolean hung_up;
};

McpVxmlDebugCalls *
mcp_vxml_debug_calls_new(void)
{
    McpVxmlDebugCalls *calls = g_new0(McpVxmlDebugCalls, 1);

    g_atomic_ref_count_init(&calls->refs);
    g_mutex_init(&calls->lock);
    calls->table = g_hash_table_new(g_str_hash, g_str_equal);
    return calls;
}

McpVxmlDebugCalls *
mcp_vxml_debug_calls_ref(McpVxmlDebugCalls *calls)
{
    g_atomic_ref_count_inc(&calls->refs);
    return calls;
}

void
mcp_vxml_debug_calls_unref(McpVxmlDebugCalls *calls)
{
    if (!g_atomic_ref_count_dec(&calls->refs))
        return;
    g_hash_table_unref(calls->table);
    g_mutex_clear(&calls->lock);
    g_free(calls);
}

gboolean
mcp_vxml_debug_calls_attach(McpVxmlDebugCalls *calls, const char *id, McpVxmlAttachment *attachment,
                            GError **error)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&calls->lock);
    McpVxmlDebugCall *call = g_hash_table_lookup(calls->table, id);

    if (call == NULL)
        g_set_error(error, MCP_ERROR, MCP_ERROR_NOT_FOUND, "no VoiceXML call %s is running", id);
    else if (call->hung_up)
        g_set_error(error, MCP_ERROR, MCP_ERROR_CLOSED, "call %s hangs up", id);
    else if (call->attachment != NULL)
        g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "call %s is being debugged already", id);
    else
        call->attachment = mcp_vxml_attachment_ref(attachment);
    return call != NULL && call->attachment == attachment;
}

void
mcp_vxml_debug_calls_detach(McpVxmlDebugCalls *calls, const char *id, McpVxmlAttachment *attachment)
{
    McpVxmlAttachment *gone = NULL;
    McpVxmlDebugCall *call;

    g_mutex_lock(&calls->lock);
    call = g_hash_table_lookup(calls->table, id);
    if (call != NULL && call->attachment == attachment)
        gone = g_steal_pointer(&call->attachment);
    g_mutex_unlock(&calls->lock);
    g_clear_pointer(&gone, mcp_vxml_attachment_unref);
}

McpVxmlDebugCall *
mcp_vxml_debug_call_new(McpVxmlDebugCalls *calls, const char *id)
{
    McpVxmlDebugCall *call = g_new0(McpVxmlDebugCall, 1);

    call->calls = mcp_vxml_debug_calls_ref(calls);
    call->id = g_strdup(id);
    g_mutex_lock(&calls->lock);
    g_hash_table_replace(calls->table, call->id, call);
    g_mutex_unlock(&calls->lock);
    return call;
}

void
mcp_vxml_debug_call_free(McpVxmlDebugCall *call)
{
    McpVxmlDebugCalls *calls = call->calls;

    g_mutex_lock(&calls->lock);
    /* A call has one dialog after the other; the next may stand there already. */
    if (g_hash_table_lookup(calls->table, call->id) == call)
        g_hash_table_remove(calls->table, call->id);
    g_mutex_unlock(&calls->lock);
    if (call->attachment != NULL) {
        mcp_vxml_attachment_end(call->attachment);
        mcp_vxml_attachment_unref(call->attachment);
    }
    g_free(call->id);
    g_free(call);
    mcp_vxml_debug_calls_unref(calls);
}

McpVxmlAttachment *
mcp_vxml_debug_call_get(McpVxmlDebugCall *call)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&call->calls->lock);

    return call->attachment != NULL ? mcp_vxml_attachment_ref(call->attachment) : NULL;
}

void
mcp_vxml_debug_call_hang_up(McpVxmlDebugCall *call)
{
    g_autoptr(McpVxmlAttachment) attachment = NULL;

    g_mutex_lock(&call->calls->lock);
    call->hung_up = TRUE;
    g_mutex_unlock(&call->calls->lock);
    attachment = mcp_vxml_debug_call_get(call);
    if (attachment != NULL)
        mcp_vxml_attachment_hang_up(attachment);
}
