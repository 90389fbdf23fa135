/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls over gRPC as such (plugins/shared/grpc): how they end, and that they can be left at any
 * time.
 */
#include "fixture.h"

#include <rpc_call.h>
#include <string.h>

#define LIST MCP_GOOGLE_METHOD("ListVoices")

typedef struct {
    gboolean done;
    guint messages;
    GBytes *answer;
    GError *error;
    McpRpcCall *call; /* to be closed by an event */
} Seen;

static McpRpcChannel *
open_channel(Fixture *fixture)
{
    g_autofree char *target = g_strdup_printf("127.0.0.1:%u", fixture->stand.plain);
    McpRpcChannelOptions options = {.target = target, .plaintext = TRUE};
    g_autoptr(GError) error = NULL;
    McpRpcChannel *channel = mcp_rpc_channel_new(fixture->deps.service.loop, &options, &error);

    g_assert_no_error(error);
    return channel;
}

static const char *const key[] = {"x-goog-api-key", "key-of-the-tests", NULL};

static void
on_unary(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Seen *seen = user_data;

    seen->answer = mcp_rpc_unary_finish(result, &seen->error);
    seen->done = TRUE;
}

static gboolean
is_done(gpointer user_data)
{
    return ((Seen *)user_data)->done;
}

static void
seen_clear(Seen *seen)
{
    g_clear_pointer(&seen->answer, g_bytes_unref);
    g_clear_error(&seen->error);
}

static void
call_unary(Fixture *fixture, const McpRpcRequest *request, GBytes *message, Seen *seen)
{
    McpRpcChannel *channel = open_channel(fixture);

    *seen = (Seen){0};
    mcp_rpc_unary_async(channel, request, message, NULL, on_unary, seen);
    /* The call goes on without our reference. */
    mcp_rpc_channel_unref(channel);
    stand_wait_until(&fixture->stand, is_done, seen);
}

static void
expect_end(Fixture *fixture, const McpRpcRequest *request, McpRpcError code)
{
    g_autoptr(GBytes) message = mcp_google_message_list_voices();
    Seen seen;

    call_unary(fixture, request, message, &seen);
    g_assert_error(seen.error, MCP_RPC_ERROR, (int)code);
    g_assert_true(g_str_has_prefix(seen.error->message, mcp_rpc_error_name((int)code)));
    seen_clear(&seen);
}

static void
test_ends(Fixture *fixture, gconstpointer unused)
{
    const char *illegal[] = {"authorization", "two\nlines", NULL};
    McpGoogleUtterance stall = {.text = "stall", .sample_rate = 8000};
    g_autoptr(GBytes) message = mcp_google_message_synthesize(&stall);
    McpRpcRequest request = {.method = LIST, .metadata = key};
    Seen seen;

    call_unary(fixture, &request, message, &seen);
    g_assert_no_error(seen.error);
    g_assert_cmpuint(g_bytes_get_size(seen.answer), >, 100);
    seen_clear(&seen);
    request.metadata = NULL;
    expect_end(fixture, &request, MCP_RPC_ERROR_UNAUTHENTICATED);
    request.metadata = illegal;
    expect_end(fixture, &request, MCP_RPC_ERROR_INTERNAL);
    request.metadata = key;
    request.method = MCP_GOOGLE_METHOD("NoSuchMethod");
    expect_end(fixture, &request, MCP_RPC_ERROR_UNIMPLEMENTED);
    request.method = MCP_GOOGLE_METHOD("SynthesizeSpeech");
    request.deadline = G_USEC_PER_SEC;
    call_unary(fixture, &request, message, &seen);
    g_assert_error(seen.error, MCP_RPC_ERROR, MCP_RPC_ERROR_DEADLINE_EXCEEDED);
    seen_clear(&seen);
}

static void
on_message(GBytes *message, gpointer user_data)
{
    Seen *seen = user_data;

    seen->messages++;
    if (seen->call != NULL)
        g_clear_pointer(&seen->call, mcp_rpc_call_close);
}

static void
on_closed(const GError *error, gpointer user_data)
{
    Seen *seen = user_data;

    g_assert_false(seen->done);
    seen->error = error != NULL ? g_error_copy(error) : NULL;
    seen->done = TRUE;
}

static const McpRpcEvents events = {on_message, on_closed};

static McpRpcCall *
open_stream(McpRpcChannel *channel, const char *text, Seen *seen)
{
    McpGoogleUtterance utterance = {.text = text, .sample_rate = 8000};
    McpRpcRequest request = {.method = MCP_GOOGLE_METHOD("StreamingSynthesize"), .metadata = key};
    g_autoptr(GBytes) first = mcp_google_message_stream_config(&utterance);
    g_autoptr(GBytes) second = mcp_google_message_stream_text(text);
    McpRpcCall *call = mcp_rpc_call_open(channel, &request, &events, seen);

    mcp_rpc_call_send(call, first, FALSE);
    mcp_rpc_call_send(call, second, TRUE);
    /* Too late: dropped. */
    mcp_rpc_call_send(call, second, TRUE);
    return call;
}

static void
test_stream(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(McpRpcChannel) channel = open_channel(fixture);
    const char *text = "of this there are as many pieces as it is long";
    Seen seen = {0};
    McpRpcCall *call = open_stream(channel, text, &seen);

    stand_wait_until(&fixture->stand, is_done, &seen);
    g_assert_no_error(seen.error);
    g_assert_cmpuint(seen.messages, ==, (strlen(text) * 160 + 1600) / 1601);
    mcp_rpc_call_close(call);
}

static gboolean
is_sent(gpointer user_data)
{
    return mcp_rpc_call_get_unsent(user_data) == 0;
}

/* What has not left is known, and a call can be ended without a message. */
static void
test_unsent(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(McpRpcChannel) channel = open_channel(fixture);
    McpGoogleUtterance utterance = {.text = "abc", .sample_rate = 8000};
    McpRpcRequest request = {.method = MCP_GOOGLE_METHOD("StreamingSynthesize"), .metadata = key};
    g_autoptr(GBytes) first = mcp_google_message_stream_config(&utterance);
    g_autoptr(GBytes) second = mcp_google_message_stream_text("abc");
    Seen seen = {0};
    McpRpcCall *call = mcp_rpc_call_open(channel, &request, &events, &seen);

    mcp_rpc_call_send(call, first, FALSE);
    mcp_rpc_call_send(call, second, FALSE);
    g_assert_cmpuint(mcp_rpc_call_get_unsent(call), ==,
                     g_bytes_get_size(first) + g_bytes_get_size(second));
    stand_wait_until(&fixture->stand, is_sent, call);
    g_assert_false(seen.done);
    mcp_rpc_call_end(call);
    mcp_rpc_call_end(call);
    stand_wait_until(&fixture->stand, is_done, &seen);
    g_assert_no_error(seen.error);
    g_assert_cmpuint(seen.messages, >, 0);
    stand_expect_last(&fixture->stand, "\"closed\": true");
    mcp_rpc_call_close(call);
}

/* Closed before anything has happened, after each turn of the loop, and out of an event. */
static void
test_close_anywhere(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(McpRpcChannel) channel = open_channel(fixture);
    McpRpcRequest request = {.method = LIST, .metadata = key};
    Seen seen = {0};

    mcp_rpc_call_close(mcp_rpc_call_open(channel, &request, &events, &seen));
    for (guint i = 0; i < 20; i++) {
        McpRpcCall *call = open_stream(channel, "some pieces of sound", &seen);

        for (guint turn = 0; turn < i && !seen.done; turn++)
            g_main_context_iteration(NULL, TRUE);
        mcp_rpc_call_close(call);
        seen_clear(&seen);
        seen = (Seen){0};
    }
    seen.call = open_stream(channel, "hold the rest", &seen);
    while (seen.messages == 0)
        g_main_context_iteration(NULL, TRUE);
    g_assert_null(seen.call);
    stand_wait_count(&fixture->stand, "active", 0);
    g_assert_cmpuint(seen.messages, ==, 1);
    g_assert_false(seen.done);
}

static void
test_unary_cancelled(Fixture *fixture, gconstpointer unused)
{
    g_autoptr(McpRpcChannel) channel = open_channel(fixture);
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    g_autoptr(GBytes) message = mcp_google_message_list_voices();
    McpRpcRequest request = {.method = LIST, .metadata = key};
    Seen seen = {0};

    g_cancellable_cancel(cancellable);
    mcp_rpc_unary_async(channel, &request, message, cancellable, on_unary, &seen);
    stand_wait_until(&fixture->stand, is_done, &seen);
    g_assert_error(seen.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    seen_clear(&seen);
}

static void
test_refused_channels(Fixture *fixture, gconstpointer unused)
{
    McpRpcChannelOptions options = {.target = "192.0.2.1:443", .plaintext = TRUE};
    g_autoptr(GError) error = NULL;

    g_assert_null(mcp_rpc_channel_new(fixture->deps.service.loop, &options, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_REFUSED);
}

#define ADD(name, func) \
    g_test_add("/grpc/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("ends", test_ends);
    ADD("stream", test_stream);
    ADD("unsent", test_unsent);
    ADD("close-anywhere", test_close_anywhere);
    ADD("unary-cancelled", test_unary_cancelled);
    ADD("refused-channels", test_refused_channels);
    return g_test_run();
}
