/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What belongs to one call: its cookies and its part of the cache. Hangs on the call object, so it
 * goes when the call goes. On the call's context.
 */
#include "call_state.h"

static void
call_state_free(gpointer data)
{
    McpHttpCallState *state = data;

    if (state->has_private)
        mcp_http_cache_forget_call(mcp_http_fetcher_get_cache(state->fetcher), state->call_id);
    mcp_http_cookie_jar_free(state->jar);
    g_free(state->call_id);
    g_object_unref(state->fetcher);
    g_free(state);
}

McpHttpCallState *
mcp_http_call_state_get(McpHttpFetcher *fetcher, McpCall *call)
{
    McpHttpCallState *state = g_object_get_data(G_OBJECT(call), "mcp-http-call-state");

    if (state != NULL)
        return state;
    state = g_new0(McpHttpCallState, 1);
    state->fetcher = g_object_ref(fetcher);
    state->call_id = g_strdup(mcp_call_get_id(call));
    state->jar = mcp_http_cookie_jar_new();
    g_object_set_data_full(G_OBJECT(call), "mcp-http-call-state", state, call_state_free);
    return state;
}
