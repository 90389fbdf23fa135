/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What travels between the SIP context and the core: copies of events, the words of a BYE, header
 * lists. Values without a context of their own; any thread.
 */
#include "session_event.h"

McpSessionEvent *
mcp_sip_session_event_copy(const McpSessionEvent *event)
{
    McpSessionEvent *copy = g_new0(McpSessionEvent, 1);

    *copy = *event;
    copy->reason = g_strdup(event->reason);
    copy->content_type = g_strdup(event->content_type);
    if (event->sdp != NULL)
        mcp_sdp_ref(event->sdp);
    if (event->headers != NULL)
        g_ptr_array_ref((GPtrArray *)(gpointer)event->headers);
    if (event->body != NULL)
        g_bytes_ref(event->body);
    if (event->refer != NULL)
        copy->refer = mcp_refer_copy(event->refer);
    return copy;
}

void
mcp_sip_session_event_free(McpSessionEvent *event)
{
    g_free((gpointer)event->reason);
    g_free((gpointer)event->content_type);
    g_clear_pointer(&event->sdp, mcp_sdp_unref);
    if (event->headers != NULL)
        g_ptr_array_unref((GPtrArray *)(gpointer)event->headers);
    g_clear_pointer(&event->body, g_bytes_unref);
    g_clear_pointer((McpRefer **)(gpointer)&event->refer, mcp_refer_free);
    g_free(event);
}

McpSipFarewell *
mcp_sip_farewell_new(const char *reason, const char *content_type, GBytes *body)
{
    McpSipFarewell *farewell = g_new0(McpSipFarewell, 1);

    farewell->reason = g_strdup(reason);
    farewell->content_type = g_strdup(content_type);
    farewell->body = body != NULL ? g_bytes_ref(body) : NULL;
    return farewell;
}

void
mcp_sip_farewell_free(McpSipFarewell *farewell)
{
    g_free(farewell->reason);
    g_free(farewell->content_type);
    g_clear_pointer(&farewell->body, g_bytes_unref);
    g_free(farewell);
}

GPtrArray *
mcp_sip_headers_copy(const GPtrArray *headers)
{
    GPtrArray *copy = NULL;

    if (headers == NULL)
        return NULL;
    copy = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_header_free);
    for (guint i = 0; i < headers->len; i++) {
        const McpHeader *header = headers->pdata[i];

        g_ptr_array_add(copy, mcp_header_new(header->name, header->value));
    }
    return copy;
}
