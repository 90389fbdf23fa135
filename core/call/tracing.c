/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call as traces know it: by its id, its dialog, the numbers in its addresses and its peer. Any
 * thread: reads what is set before the call is shared.
 */
#include "call/call_private.h"

#include <string.h>

/* (transfer full): the user part of a sip: URI, "" without one; escapes stay. */
static char *
user_part(const char *uri)
{
    const char *begin = strchr(uri, ':');
    const char *at = strchr(uri, '@');

    if (begin == NULL || at == NULL || at < begin)
        return g_strdup("");
    begin++;
    return g_strndup(begin, MIN(strcspn(begin, ":;@"), (gsize)(at - begin)));
}

void
mcp_call_trace(McpCall *call, const char *dialog)
{
    g_autofree char *remote = user_part(call->remote_uri);
    g_autofree char *local = user_part(call->local_uri);
    const char *users[4] = {remote, local, NULL, NULL};
    McpTraceCall known = {.id = call->id, .dialog = dialog, .users = users};

    if (call->invite != NULL)
        users[2] = call->invite->user;
    if (call->peer != NULL)
        known.peer = mcp_peer_get_name(call->peer);
    mcp_traces_add_call(mcp_calls_get_core(call->calls)->traces, &known);
}
