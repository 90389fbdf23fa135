/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two legs of the service talk to each other, and many at once: offers of ours, digits out and in,
 * recordings of what the other one plays.
 */
#include "legs.h"

#include "player/container.h"
#include <mcp/error.h>
#include <mcp/json.h>
#include <string.h>

static void
test_digits(void)
{
    Pair pair;
    g_autoptr(GError) error = NULL;

    platform_open(&pair.platform);
    pair_connect(&pair, "127.0.0.1");
    g_assert_true(mcp_leg_send_digits(pair.caller, "12p3#", 80, 60, &error));
    g_assert_true(mcp_leg_send_digits(pair.callee, "*D", 80, 60, &error));
    g_assert_false(mcp_leg_send_digits(pair.callee, "hello", 80, 60, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_false(mcp_leg_send_digits(
        pair.callee, "111111111111111111111111111111111111111111111111111111111111111", 80, 60,
        &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_LIMIT);
    g_clear_error(&error);
    wait_until(&pair.caller_seen.digits_sent, 1, 5);
    wait_until(&pair.callee_seen.digits_sent, 1, 5);
    wait_until(&pair.callee_seen.digits, 4, 5);
    wait_until(&pair.caller_seen.digits, 2, 5);
    g_assert_cmpstr(pair.callee_seen.digit_text, ==, "123#");
    g_assert_cmpstr(pair.caller_seen.digit_text, ==, "*D");
    pair_disconnect(&pair);
    platform_close(&pair.platform);
}

static void
check_description(McpLeg *leg, const char *path)
{
    McpJson *json = mcp_json_new();
    g_autofree char *text = NULL;

    mcp_json_begin_object(json, NULL);
    mcp_leg_describe(leg, json);
    mcp_json_end_object(json);
    text = mcp_json_finish(json);
    g_assert_nonnull(strstr(text, path));
    g_assert_nonnull(strstr(text, "digraph"));
}

static void
test_record_other(void)
{
    Pair pair;
    TestStream *stream = test_stream_new();
    const McpRecordParams params = {
        .stream = MCP_STORE_STREAM(stream), .format = MCP_RECORD_WAV_MULAW, .no_input = -1};
    g_autoptr(McpAudio) audio = raw_mulaw(8000, 9);
    const guint8 *played = g_bytes_get_data(mcp_audio_get_bytes(audio), NULL);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};
    g_autoptr(GError) error = NULL;
    McpMediaContent content;
    gboolean begun = FALSE;
    guint same = 0;
    gsize at = 0;
    gsize first = 0;

    platform_open(&pair.platform);
    pair_connect(&pair, "127.0.0.1");
    check_description(pair.callee, "\"plain\"");
    g_assert_true(mcp_leg_record(pair.callee, &params, &error));
    /* Begun when its header is there. */
    while (!begun) {
        g_autoptr(GByteArray) header = test_stream_copy(stream);

        begun = header->len > 0;
        g_main_context_iteration(NULL, FALSE);
    }
    check_description(pair.callee, "recorder wav-mulaw");
    mcp_leg_play(pair.caller, &item, 1);
    wait_until(&pair.caller_seen.ended, 1, 5);
    mcp_leg_play(pair.caller, &item, 1);
    wait_until(&pair.caller_seen.ended, 2, 5);
    mcp_leg_stop_recording(pair.callee);
    wait_until(&pair.callee_seen.recordings, 1, 5);
    g_assert_true(
        mcp_media_container_parse(stream->bytes->data, stream->bytes->len, NULL, &content, &error));
    g_assert_cmpuint(content.length, >=, 15500);
    /* Decoded and encoded again, μ-law is what it was (two zeros aside). */
    while (at + 8000 <= content.length && content.data[at] == 0xff)
        at++;
    /* One that begins with the first packet may begin amid its first samples. */
    while (first < 160 && memcmp(content.data + at, played + first, 16) != 0)
        first++;
    for (guint i = 0; i < 7500; i++)
        same += content.data[at + i] == played[first + i] || played[first + i] == 0x7f;
    g_assert_cmpuint(same, >, 7400);
    pair_disconnect(&pair);
    platform_close(&pair.platform);
    g_assert_finalize_object(stream);
}

static void
test_many(void)
{
    enum { PAIRS = 25 };
    Platform platform;
    static Pair pairs[PAIRS];
    g_autoptr(McpAudio) audio = raw_mulaw(8000, 9);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};

    platform_open(&platform);
    for (guint i = 0; i < PAIRS; i++) {
        pairs[i].platform = platform;
        pair_connect(&pairs[i], "127.0.0.1");
        mcp_leg_play(pairs[i].caller, &item, 1);
        mcp_leg_play(pairs[i].callee, &item, 1);
    }
    for (guint i = 0; i < PAIRS; i++) {
        McpLegStatistics statistics;

        wait_until(&pairs[i].caller_seen.ended, 1, 10);
        wait_until(&pairs[i].callee_seen.ended, 1, 10);
        mcp_leg_get_statistics(pairs[i].caller, &statistics);
        g_assert_cmpuint(statistics.packets_sent, ==, 50);
        g_assert_cmpuint(statistics.packets_lost, ==, 0);
        g_assert_cmpuint(statistics.packets_received, >=, 48);
    }
    for (guint i = 0; i < PAIRS; i++)
        pair_disconnect(&pairs[i]);
    platform_close(&platform);
}

static void
test_ipv6(void)
{
    Pair pair;
    g_autoptr(McpAudio) audio = raw_mulaw(1600, 9);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};
    McpLegStatistics statistics;

    if (!g_file_test("/proc/net/if_inet6", G_FILE_TEST_EXISTS)) {
        g_test_skip("no IPv6");
        return;
    }
    platform_open(&pair.platform);
    pair_connect(&pair, "::1");
    mcp_leg_play(pair.caller, &item, 1);
    wait_until(&pair.callee_seen.started, 1, 5);
    wait_until(&pair.caller_seen.ended, 1, 5);
    mcp_leg_get_statistics(pair.callee, &statistics);
    g_assert_true(g_str_has_prefix(statistics.remote, "[::1]:"));
    pair_disconnect(&pair);
    platform_close(&pair.platform);
}

/* Legs that nobody closed, and a service that stops under them. */
static void
test_shutdown(void)
{
    Pair pair;
    g_autoptr(McpAudio) audio = raw_mulaw(80000, 9);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};

    platform_open(&pair.platform);
    pair_connect(&pair, "127.0.0.1");
    mcp_leg_play(pair.caller, &item, 1);
    mcp_leg_play(pair.callee, &item, 1);
    mcp_media_service_stop(pair.platform.service);
    wait_until(&pair.caller_seen.ended, 1, 5);
    g_assert_cmpint(pair.caller_seen.stop, ==, MCP_STOP_CLOSED);
    /* After the workers' end commands still do what is left to do. */
    mcp_leg_play(pair.caller, &item, 1);
    wait_until(&pair.caller_seen.ended, 2, 5);
    mcp_leg_close(pair.caller);
    mcp_leg_play(pair.caller, &item, 1);
    wait_until(&pair.caller_seen.ended, 3, 5);
    g_object_unref(pair.caller);
    g_object_unref(pair.callee);
    platform_close(&pair.platform);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/pair/digits", test_digits);
    g_test_add_func("/media/pair/record-other", test_record_other);
    g_test_add_func("/media/pair/many", test_many);
    g_test_add_func("/media/pair/ipv6", test_ipv6);
    g_test_add_func("/media/pair/shutdown", test_shutdown);
    return g_test_run();
}
