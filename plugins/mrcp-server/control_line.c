/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MRCPv2 on a connection (RFC 6787 §4.5, §5): requests go to the channels that they name, what
 * those send goes out. A channel is that connection's from which its first request came; others
 * are told that there is no such channel. Control context.
 */
#include "control_line.h"

#include <mcp/log.h>

typedef struct {
    McpMrcpdCarrier carrier; /* first */
    McpMrcpdConnection *connection;
    McpMrcpParser *parser;
    GPtrArray *channels; /* McpMrcpdChannel */
} Line;

static void
write_message(Line *line, McpMrcpMessage *message)
{
    g_autoptr(GBytes) bytes = mcp_mrcp_message_encode(message);

    mcp_mrcpd_connection_write(line->connection, bytes);
}

static void
carry(McpMrcpdCarrier *carrier, McpMrcpdChannel *channel, McpMrcpMessage *message)
{
    Line *line = (Line *)carrier;

    mcp_mrcp_message_set(message, "Channel-Identifier", mcp_mrcpd_channel_get_id(channel));
    if (message->kind == MCP_MRCP_RESPONSE)
        mcp_mrcpd_connection_answered(line->connection, 1);
    write_message(line, message);
}

static void
let_go(McpMrcpdCarrier *carrier, McpMrcpdChannel *channel)
{
    Line *line = (Line *)carrier;

    mcp_mrcpd_connection_answered(line->connection, mcp_mrcpd_channel_get_unanswered(channel));
    if (g_ptr_array_remove(line->channels, channel))
        mcp_mrcpd_connection_use(line->connection, -1);
}

/* RFC 6787 §5.4 */
static gboolean
refuse(Line *line, const McpMrcpMessage *message, guint status, const char *id, GError **error)
{
    g_autoptr(McpMrcpMessage) answer =
        mcp_mrcp_response_new(MCP_MRCP_V2, message->id, status, MCP_MRCP_COMPLETE);
    g_autofree char *text =
        g_strdup_printf("%s is refused with %u: %s%.80s", message->name, status,
                        id != NULL ? "not a channel of this connection: " : "it names no channel",
                        id != NULL ? id : "");

    if (id != NULL)
        mcp_mrcp_message_set(answer, "Channel-Identifier", id);
    write_message(line, answer);
    return mcp_mrcpd_connection_refused(line->connection, text, error);
}

static void
adopt(Line *line, McpMrcpdChannel *channel)
{
    if (g_ptr_array_find(line->channels, channel, NULL))
        return;
    g_ptr_array_add(line->channels, mcp_mrcpd_channel_ref(channel));
    mcp_mrcpd_connection_use(line->connection, 1);
    mcp_log_info("mrcp-channel", mcp_mrcpd_channel_get_call_id(channel), "channel %s is used by %s",
                 mcp_mrcpd_channel_get_id(channel),
                 mcp_mrcpd_connection_get_remote(line->connection));
}

/* Takes @message. */
static gboolean
take(Line *line, McpMrcpMessage *message, GError **error)
{
    g_autoptr(McpMrcpMessage) owned = message;
    const char *id = mcp_mrcp_message_get(message, "Channel-Identifier");
    g_autoptr(McpMrcpdChannel) channel = NULL;

    if (message->kind != MCP_MRCP_REQUEST)
        return mcp_mrcpd_connection_refused(line->connection, "a client sends requests", error);
    if (id == NULL)
        return refuse(line, message, 406, NULL, error);
    channel =
        mcp_mrcpd_channels_find(mcp_mrcpd_connection_get_services(line->connection)->channels, id);
    if (channel == NULL || !mcp_mrcpd_channel_attach(channel, &line->carrier))
        return refuse(line, message, 405, id, error);
    adopt(line, channel);
    if (!mcp_mrcpd_connection_asked(line->connection, error))
        return FALSE;
    mcp_mrcpd_channel_deliver(channel, g_steal_pointer(&owned));
    return TRUE;
}

static gboolean
received(gpointer state, const guint8 *data, gsize length, GError **error)
{
    Line *line = state;

    mcp_mrcp_parser_push(line->parser, data, length);
    for (;;) {
        g_autoptr(GError) local = NULL;
        McpMrcpMessage *message = mcp_mrcp_parser_next(line->parser, &local);

        if (local != NULL) {
            g_propagate_error(error, g_steal_pointer(&local));
            return FALSE;
        }
        if (message == NULL)
            return TRUE;
        if (!take(line, message, error))
            return FALSE;
    }
}

static gpointer
open_line(McpMrcpdConnection *connection)
{
    Line *line = g_new0(Line, 1);

    line->carrier = (McpMrcpdCarrier){carry, let_go};
    line->connection = connection;
    line->parser =
        mcp_mrcp_parser_new(MCP_MRCP_V2, &mcp_mrcpd_connection_get_services(connection)->limits);
    line->channels = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_mrcpd_channel_unref);
    return line;
}

/* RFC 6787 §4.6: the sessions of its channels end. */
static void
close_line(gpointer state)
{
    Line *line = state;

    for (guint i = 0; i < line->channels->len; i++)
        mcp_mrcpd_channel_lose(line->channels->pdata[i]);
    g_ptr_array_unref(line->channels);
    mcp_mrcp_parser_free(line->parser);
    g_free(line);
}

const McpMrcpdProtocol mcp_mrcpd_control_line = {open_line, received, close_line};
