/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpGoogleStream: StreamingSynthesize: the configuration and the text go out, samples come in; a
 * sample that two messages share is put together. Runs on the context of who opened it.
 */
#include "stream.h"

#include "linear16.h"

struct _McpGoogleStream {
    McpRpcCall *call;
    const McpGoogleStreamEvents *events; /* NULL once it has ended or was closed */
    gpointer user_data;
    GByteArray *rest; /* less than a sample */
};

static void
end(McpGoogleStream *stream, const GError *error)
{
    const McpGoogleStreamEvents *events = g_steal_pointer(&stream->events);

    if (events != NULL)
        events->ended(error, stream->user_data);
}

static void
hand_on(McpGoogleStream *stream, GBytes *samples)
{
    GByteArray *swapped = g_byte_array_new();
    g_autoptr(GBytes) bytes = NULL;
    gsize whole = 0;

    g_byte_array_append(stream->rest, g_bytes_get_data(samples, NULL),
                        (guint)g_bytes_get_size(samples));
    whole = stream->rest->len & ~(gsize)1;
    mcp_google_linear16_append(swapped, stream->rest->data, whole);
    g_byte_array_remove_range(stream->rest, 0, (guint)whole);
    bytes = g_byte_array_free_to_bytes(swapped);
    if (whole > 0)
        stream->events->chunk(bytes, stream->user_data);
}

static void
got_message(GBytes *message, gpointer user_data)
{
    McpGoogleStream *stream = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) samples = NULL;

    if (stream->events == NULL)
        return;
    samples = mcp_google_message_read_chunk(message, &error);
    if (samples == NULL)
        end(stream, error);
    else if (g_bytes_get_size(samples) > 0)
        hand_on(stream, samples);
}

static void
got_end(const GError *error, gpointer user_data)
{
    end(user_data, error);
}

static const McpRpcEvents call_events = {got_message, got_end};

McpGoogleStream *
mcp_google_stream_open(McpRpcChannel *channel, const McpRpcRequest *request,
                       const McpGoogleUtterance *utterance, const McpGoogleStreamEvents *events,
                       gpointer user_data)
{
    McpGoogleStream *stream = g_new0(McpGoogleStream, 1);
    g_autoptr(GBytes) config = mcp_google_message_stream_config(utterance);
    g_autoptr(GBytes) text = mcp_google_message_stream_text(utterance->text);

    stream->events = events;
    stream->user_data = user_data;
    stream->rest = g_byte_array_new();
    stream->call = mcp_rpc_call_open(channel, request, &call_events, stream);
    mcp_rpc_call_send(stream->call, config, FALSE);
    mcp_rpc_call_send(stream->call, text, TRUE);
    return stream;
}

void
mcp_google_stream_close(McpGoogleStream *stream)
{
    stream->events = NULL;
    g_clear_pointer(&stream->call, mcp_rpc_call_close);
    g_byte_array_unref(stream->rest);
    g_free(stream);
}
