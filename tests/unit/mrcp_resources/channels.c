/* SPDX-License-Identifier: Apache-2.0 */
/* Channels between a resource and who carries its messages; here both live on one context. */
#include <mrcp_resources/channels.h>

#include <mcp/error.h>

typedef struct {
    McpMrcpdCarrier carrier; /* first */
    GString *log;
} Carrier;

static void
carry(McpMrcpdCarrier *carrier, McpMrcpdChannel *channel, McpMrcpMessage *message)
{
    g_string_append_printf(((Carrier *)carrier)->log, "carried-%u ", message->id);
}

static void
let_go(McpMrcpdCarrier *carrier, McpMrcpdChannel *channel)
{
    g_string_append(((Carrier *)carrier)->log, "left ");
}

static void
take(McpMrcpMessage *message, gpointer user_data)
{
    g_string_append_printf(user_data, message != NULL ? "took-%u " : "lost ",
                           message != NULL ? message->id : 0);
    g_clear_pointer(&message, mcp_mrcp_message_free);
}

static void
run(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

static void
assert_log(GString *log, const char *wanted)
{
    run();
    g_assert_cmpstr(log->str, ==, wanted);
    g_string_truncate(log, 0);
}

static McpMrcpMessage *
request(guint32 id)
{
    return mcp_mrcp_request_new(MCP_MRCP_V2, "STOP", id);
}

static McpMrcpMessage *
event(guint32 id)
{
    return mcp_mrcp_event_new(MCP_MRCP_V2, "SPEAK-COMPLETE", id, MCP_MRCP_COMPLETE);
}

static void
test_way(void)
{
    g_autoptr(GString) log = g_string_new(NULL);
    McpMrcpdChannels *channels = mcp_mrcpd_channels_new(g_main_context_default(), 2, NULL);
    McpMrcpdChannel *channel =
        mcp_mrcpd_channel_open(channels, MCP_MRCP_SPEECHSYNTH, "call", take, log, NULL);
    Carrier one = {{carry, let_go}, log};
    Carrier other = {{carry, let_go}, log};
    g_autoptr(McpMrcpdChannel) found = NULL;
    g_autofree char *upper = g_ascii_strup(mcp_mrcpd_channel_get_id(channel), -1);

    g_assert_true(g_str_has_suffix(mcp_mrcpd_channel_get_id(channel), "@speechsynth"));
    g_assert_cmpint(mcp_mrcpd_channel_get_resource(channel), ==, MCP_MRCP_SPEECHSYNTH);
    /* Nobody carries what is sent before. */
    mcp_mrcpd_channel_send(channel, event(1));
    assert_log(log, "");
    found = mcp_mrcpd_channels_find(channels, upper);
    g_assert_true(found == channel);
    g_assert_true(mcp_mrcpd_channel_attach(found, &one.carrier));
    g_assert_true(mcp_mrcpd_channel_attach(found, &one.carrier));
    g_assert_false(mcp_mrcpd_channel_attach(found, &other.carrier));
    mcp_mrcpd_channel_deliver(found, request(2));
    mcp_mrcpd_channel_send(channel, event(3));
    mcp_mrcpd_channel_send(channel, event(4));
    assert_log(log, "took-2 carried-3 carried-4 ");
    /* What is under way when it ends goes out, but comes in no more. */
    mcp_mrcpd_channel_deliver(found, request(5));
    mcp_mrcpd_channel_send(channel, event(6));
    mcp_mrcpd_channel_close(channel);
    assert_log(log, "carried-6 left ");
    g_assert_cmpuint(mcp_mrcpd_channel_get_unanswered(found), ==, 2);
    g_assert_null(mcp_mrcpd_channels_find(channels, upper));
    mcp_mrcpd_channels_unref(channels);
}

static void
test_lost(void)
{
    g_autoptr(GString) log = g_string_new(NULL);
    McpMrcpdChannels *channels = mcp_mrcpd_channels_new(g_main_context_default(), 1, NULL);
    McpMrcpdChannel *channel =
        mcp_mrcpd_channel_open(channels, MCP_MRCP_SPEECHRECOG, "call", take, log, NULL);
    Carrier one = {{carry, let_go}, log};
    Carrier next = {{carry, let_go}, log};
    g_autoptr(GError) error = NULL;

    g_assert_null(
        mcp_mrcpd_channel_open(channels, MCP_MRCP_SPEECHSYNTH, "call", take, log, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_LIMIT);
    g_assert_true(mcp_mrcpd_channel_attach(channel, &one.carrier));
    mcp_mrcpd_channel_lose(channel);
    mcp_mrcpd_channel_send(channel, event(1));
    assert_log(log, "lost ");
    g_assert_true(mcp_mrcpd_channel_attach(channel, &next.carrier));
    mcp_mrcpd_channel_close(channel);
    assert_log(log, "left ");
    mcp_mrcpd_channels_unref(channels);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mrcp-resources/channels/way", test_way);
    g_test_add_func("/mrcp-resources/channels/lost", test_lost);
    return g_test_run();
}
