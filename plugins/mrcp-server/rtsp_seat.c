/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of a resource over RTSP (RFC 4463 §3.2): a request comes in an ANNOUNCE, its response
 * goes in the answer to that, events go in ANNOUNCEs of ours. Version 2 is spoken inside. Control
 * context.
 */
#include "rtsp_seat.h"

#include <mcp/error.h>
#include <mrcp/nlsml.h>
#include <mrcp/translate.h>
#include <string.h>

#define TYPE "application/mrcp"

void
mcp_mrcpd_seat_init(McpMrcpdSeat *seat)
{
    *seat = (McpMrcpdSeat){
        .asked = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)mcp_mrcp_rtsp_free)};
}

static void
leave_channel(McpMrcpdChannel *channel)
{
    mcp_mrcpd_channel_lose(channel);
    mcp_mrcpd_channel_unref(channel);
}

void
mcp_mrcpd_seat_clear(McpMrcpdSeat *seat, McpMrcpdSeatWrite write, gpointer user_data)
{
    GHashTableIter iter;
    gpointer request = NULL;

    g_hash_table_iter_init(&iter, seat->asked);
    while (write != NULL && g_hash_table_iter_next(&iter, NULL, &request))
        write(mcp_mrcp_rtsp_response_new(request, 454, "Session Not Found"), user_data);
    g_hash_table_remove_all(seat->asked);
    g_clear_pointer(&seat->uri, g_free);
    g_clear_pointer(&seat->channel, leave_channel);
}

void
mcp_mrcpd_seat_free(McpMrcpdSeat *seat)
{
    mcp_mrcpd_seat_clear(seat, NULL, NULL);
    g_hash_table_unref(seat->asked);
}

static void
set_message(McpMrcpRtsp *rtsp, const McpMrcpMessage *message)
{
    g_autoptr(GBytes) body = mcp_mrcp_message_encode(message);

    mcp_mrcp_rtsp_set_body(rtsp, TYPE, body);
}

/* --- requests --- */

/* MRCP refuses it; to RTSP all is well. */
static McpMrcpRtsp *
refuse(const McpMrcpRtsp *request, const McpMrcpMessage *message, guint status)
{
    g_autoptr(McpMrcpMessage) refusal =
        mcp_mrcp_response_new(MCP_MRCP_V1, message->id, status, MCP_MRCP_COMPLETE);
    McpMrcpRtsp *rtsp = mcp_mrcp_rtsp_response_new(request, 200, "OK");

    set_message(rtsp, refusal);
    return rtsp;
}

static McpMrcpMessage *
read_message(const McpMrcpRtsp *request, const McpMrcpLimits *limits, GError **error)
{
    gsize length = 0;
    const void *data = request->body != NULL ? g_bytes_get_data(request->body, &length) : "";
    g_autoptr(McpMrcpMessage) message =
        mcp_mrcp_message_parse(MCP_MRCP_V1, data, length, limits, error);

    if (message == NULL || message->kind == MCP_MRCP_REQUEST)
        return g_steal_pointer(&message);
    g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "a client sends requests");
    return NULL;
}

McpMrcpRtsp *
mcp_mrcpd_seat_take(McpMrcpdSeat *seat, const McpMrcpRtsp *request, const McpMrcpLimits *limits,
                    GError **error)
{
    const char *type = mcp_mrcp_rtsp_get(request, "Content-Type");
    g_autoptr(McpMrcpMessage) message = NULL;

    if (type == NULL || g_ascii_strcasecmp(type, TYPE) != 0)
        return mcp_mrcp_rtsp_response_new(request, 415, "Unsupported Media Type");
    message = read_message(request, limits, error);
    if (message == NULL)
        return mcp_mrcp_rtsp_response_new(request, 400, "Bad Request");
    if (!mcp_mrcp_message_translate(message, MCP_MRCP_V2,
                                    mcp_mrcpd_channel_get_resource(seat->channel), NULL))
        return refuse(request, message, 401);
    if (g_hash_table_contains(seat->asked, GUINT_TO_POINTER(message->id)))
        return refuse(request, message, 410);
    g_hash_table_insert(seat->asked, GUINT_TO_POINTER(message->id), mcp_mrcp_rtsp_copy(request));
    mcp_mrcpd_channel_deliver(seat->channel, g_steal_pointer(&message));
    return NULL;
}

/* --- responses and events --- */

static McpMrcpRtsp *
carry_response(McpMrcpdSeat *seat, const McpMrcpMessage *message)
{
    const McpMrcpRtsp *request = g_hash_table_lookup(seat->asked, GUINT_TO_POINTER(message->id));
    McpMrcpRtsp *rtsp = NULL;

    if (request == NULL)
        return NULL;
    rtsp = mcp_mrcp_rtsp_response_new(request, 200, "OK");
    set_message(rtsp, message);
    g_hash_table_remove(seat->asked, GUINT_TO_POINTER(message->id));
    return rtsp;
}

/* RFC 2326 §12.17: requests of ours have numbers of their own. */
static McpMrcpRtsp *
carry_event(const McpMrcpdSeat *seat, const McpMrcpMessage *message, const char *session,
            guint32 *cseq)
{
    McpMrcpRtsp *rtsp = mcp_mrcp_rtsp_request_new("ANNOUNCE", seat->uri, ++*cseq);

    mcp_mrcp_rtsp_set(rtsp, "Session", session);
    set_message(rtsp, message);
    return rtsp;
}

/* That a SPEAK leaves the queue is told in version 2 alone (RFC 6787 §8.13). */
static gboolean
says_nothing(const McpMrcpMessage *message)
{
    return message->kind == MCP_MRCP_EVENT && strcmp(message->name, "SPEECH-MARKER") == 0 &&
           mcp_mrcp_message_get(message, "Speech-Marker") == NULL;
}

McpMrcpRtsp *
mcp_mrcpd_seat_carry(McpMrcpdSeat *seat, McpMrcpMessage *message, const char *session,
                     guint32 *cseq)
{
    if (!mcp_mrcp_message_translate(message, MCP_MRCP_V1,
                                    mcp_mrcpd_channel_get_resource(seat->channel), NULL) ||
        says_nothing(message))
        return NULL;
    mcp_mrcp_nlsml_rewrite(message, MCP_MRCP_V1);
    return message->kind == MCP_MRCP_RESPONSE ? carry_response(seat, message)
                                              : carry_event(seat, message, session, cseq);
}
