/* SPDX-License-Identifier: Apache-2.0 */
/*
 * McpGoogleAsrStream: the setup and the audio go out, in messages that the service takes; answers
 * come in. Runs on the context of who opened it.
 */
#include "stream.h"

#include <sound/g711.h>
#include <string.h>

#define CHUNK_MS 100
/* A message of the service holds no more. */
#define MOST_MESSAGE 25000

struct _McpGoogleAsrStream {
    const McpGoogleAsrDeps *deps; /* of who opened it */
    McpGapiService *service;
    McpRpcChannel *channel;
    McpRpcCall *call;
    McpGoogleAsrEncoding encoding;
    gsize chunk;         /* bytes */
    GByteArray *waiting; /* for the rest of a message */
    gsize bytes;
    const McpGoogleAsrStreamEvents *events; /* NULL once it has ended or was closed */
    gpointer user_data;
};

static void
end(McpGoogleAsrStream *stream, const GError *error)
{
    const McpGoogleAsrStreamEvents *events = g_steal_pointer(&stream->events);

    if (events != NULL)
        events->ended(error, stream->user_data);
}

/* An answer that makes no sense is a failure of the service like any other. */
static void
end_with(McpGoogleAsrStream *stream, int code, const char *why)
{
    g_autoptr(GError) error = mcp_rpc_error_new(code, why, strlen(why));

    end(stream, error);
}

static void
got_message(GBytes *message, gpointer user_data)
{
    McpGoogleAsrStream *stream = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(McpGoogleAsrAnswer) answer = NULL;

    if (stream->events == NULL)
        return;
    answer = mcp_google_asr_message_read(message, &error);
    if (answer == NULL)
        end_with(stream, MCP_RPC_ERROR_INTERNAL, error->message);
    else if (answer->error != 0)
        end_with(stream, answer->error, answer->why);
    else
        stream->events->answer(answer, stream->user_data);
}

static void
got_end(const GError *error, gpointer user_data)
{
    end(user_data, error);
}

static const McpRpcEvents call_events = {got_message, got_end};

McpGoogleAsrStream *
mcp_google_asr_stream_open(const McpGoogleAsrDeps *deps, McpGapiService *service, char **metadata,
                           const McpGoogleAsrSetup *setup, gint64 deadline,
                           const McpGoogleAsrStreamEvents *events, gpointer user_data)
{
    McpGoogleAsrStream *stream = g_new0(McpGoogleAsrStream, 1);
    McpRpcRequest request = {.method = MCP_GOOGLE_ASR_METHOD,
                             .metadata = (const char *const *)metadata,
                             .deadline = deadline};
    g_autoptr(GBytes) first = mcp_google_asr_message_setup(setup);
    guint width = setup->encoding == MCP_GOOGLE_ASR_LINEAR16 ? 2 : 1;

    stream->deps = deps;
    stream->service = mcp_gapi_service_ref(service);
    stream->channel = mcp_gapi_service_lease(service);
    stream->encoding = setup->encoding;
    stream->chunk = (gsize)setup->rate * width * CHUNK_MS / 1000;
    stream->waiting = g_byte_array_new();
    stream->events = events;
    stream->user_data = user_data;
    stream->call = mcp_rpc_call_open(stream->channel, &request, &call_events, stream);
    mcp_rpc_call_send(stream->call, first, FALSE);
    mcp_google_asr_count(deps, MCP_GOOGLE_ASR_METRIC_STREAMS, 0, 1);
    return stream;
}

static void
send(McpGoogleAsrStream *stream, gsize least)
{
    gsize at = 0;

    while (stream->waiting->len - at >= least) {
        gsize length = MIN(stream->waiting->len - at, MOST_MESSAGE);
        g_autoptr(GBytes) message =
            mcp_google_asr_message_audio(stream->waiting->data + at, length);

        mcp_rpc_call_send(stream->call, message, FALSE);
        at += length;
    }
    g_byte_array_remove_range(stream->waiting, 0, (guint)at);
    mcp_google_asr_count(stream->deps, MCP_GOOGLE_ASR_METRIC_BYTES, 0, (gint64)at);
}

void
mcp_google_asr_stream_feed(McpGoogleAsrStream *stream, const gint16 *samples, gsize n)
{
    guint before = stream->waiting->len;

    if (stream->encoding == MCP_GOOGLE_ASR_MULAW) {
        g_byte_array_set_size(stream->waiting, before + (guint)n);
        mcp_sound_mulaw_encode(samples, (guint)n, stream->waiting->data + before);
    } else {
        g_byte_array_set_size(stream->waiting, before + (guint)n * 2);
        for (gsize i = 0; i < n; i++) {
            gint16 little = (gint16)GINT16_TO_LE(samples[i]);

            memcpy(stream->waiting->data + before + 2 * i, &little, 2);
        }
    }
    stream->bytes += stream->waiting->len - before;
    send(stream, stream->chunk);
}

void
mcp_google_asr_stream_end(McpGoogleAsrStream *stream)
{
    send(stream, 1);
    mcp_rpc_call_end(stream->call);
}

gsize
mcp_google_asr_stream_get_bytes(const McpGoogleAsrStream *stream)
{
    return stream->bytes;
}

gsize
mcp_google_asr_stream_get_unsent(const McpGoogleAsrStream *stream)
{
    return mcp_rpc_call_get_unsent(stream->call);
}

void
mcp_google_asr_stream_close(McpGoogleAsrStream *stream)
{
    stream->events = NULL;
    mcp_rpc_call_close(stream->call);
    mcp_gapi_service_give_back(stream->service, stream->channel);
    mcp_gapi_service_unref(stream->service);
    g_byte_array_unref(stream->waiting);
    g_free(stream);
}
