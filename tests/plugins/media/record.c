/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recording what a real peer sends: length under loss, silence, digits, time limits, beep, failing
 * stores, and the header that a killed process leaves.
 */
#include "fixture.h"

#include "player/container.h"
#include <math.h>
#include <mcp/error.h>
#include <string.h>

#define FORMATS "0 101"
#define LINES "a=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n"

typedef struct {
    Platform platform;
    Peer peer;
    Seen seen;
    McpLeg *leg;
    TestStream *stream;
} Case;

static void
case_open(Case *test, const McpRecordParams *wanted)
{
    McpRecordParams params = *wanted;
    g_autoptr(GError) error = NULL;

    memset(test, 0, sizeof *test);
    platform_open(&test->platform);
    peer_open(&test->peer);
    test->leg = peer_connect(&test->peer, &test->platform, FORMATS, LINES);
    mcp_leg_set_handler(test->leg, seen_handler, &test->seen);
    test->stream = test_stream_new();
    params.stream = MCP_STORE_STREAM(test->stream);
    g_assert_true(mcp_leg_record(test->leg, &params, &error));
    g_assert_false(mcp_leg_record(test->leg, &params, &error));
}

static void
case_close(Case *test)
{
    if (test->leg != NULL)
        close_leg(&test->platform, test->leg);
    peer_close(&test->peer);
    platform_close(&test->platform);
    g_assert_finalize_object(test->stream);
    seen_clear(&test->seen);
}

/* One packet every 20 ms: a tone of 400 Hz in μ-law while @loud, silence else. */
static void
talk(Case *test, guint packets, gboolean loud, guint lose_every)
{
    gint64 start = g_get_monotonic_time();
    guint8 payload[160];

    for (guint i = 0; i < packets; i++) {
        for (guint k = 0; k < sizeof payload; k++)
            payload[k] = loud ? (k / 10 % 2 == 0 ? 0x90 : 0x10) : 0xff;
        if (lose_every != 0 && i % lose_every == lose_every / 2)
            test->peer.sequence++;
        else
            peer_send(&test->peer, 0, FALSE, test->peer.timestamp, payload, sizeof payload);
        test->peer.timestamp += 160;
        while (g_get_monotonic_time() < start + (gint64)(i + 1) * 20000) {
            g_main_context_iteration(NULL, FALSE);
            g_poll(NULL, 0, 1);
        }
    }
}

static McpMediaContent
content_of(Case *test, const char *type)
{
    McpMediaContent content;
    g_autoptr(GError) error = NULL;

    g_assert_true(mcp_media_container_parse(test->stream->bytes->data, test->stream->bytes->len,
                                            type, &content, &error));
    g_assert_no_error(error);
    return content;
}

static void
test_loss(void)
{
    const McpRecordParams params = {.format = MCP_RECORD_WAV_PCM, .no_input = -1};
    Case test;
    McpMediaContent content;
    McpLegStatistics statistics;
    gint64 wanted = 100 * 20000;

    case_open(&test, &params);
    talk(&test, 100, TRUE, 10);
    mcp_leg_stop_recording(test.leg);
    wait_until(&test.seen.recordings, 1, 3);
    content = content_of(&test, NULL);
    g_assert_true(test.stream->committed);
    g_assert_cmpint(test.seen.recording.stop, ==, MCP_STOP_COMMAND);
    g_assert_cmpint(content.format.encoding, ==, MCP_GRAPH_S16LE);
    g_assert_cmpuint(content.format.rate, ==, 8000);
    /* The first packets may come before the graph is there. */
    g_assert_cmpint(ABS(test.seen.recording.duration - wanted), <, 100000);
    g_assert_cmpuint(content.length, ==, (gsize)test.seen.recording.duration * 2 * 8 / 1000);
    mcp_leg_get_statistics(test.leg, &statistics);
    g_assert_cmpuint(statistics.packets_lost, ==, 10);
    g_assert_cmpuint(statistics.packets_received, ==, 90);
    case_close(&test);
}

static void
test_wire_formats(void)
{
    static const McpRecordFormat formats[] = {MCP_RECORD_WAV_MULAW, MCP_RECORD_WAV_ALAW,
                                              MCP_RECORD_MULAW, MCP_RECORD_ALAW};

    for (guint i = 0; i < G_N_ELEMENTS(formats); i++) {
        const McpRecordParams params = {.format = formats[i], .no_input = -1, .max_time = 300000};
        Case test;
        McpMediaContent content;

        case_open(&test, &params);
        talk(&test, 25, TRUE, 0);
        wait_until(&test.seen.recordings, 1, 3);
        g_assert_cmpint(test.seen.recording.stop, ==, MCP_STOP_MAX_TIME);
        g_assert_true(test.seen.recording.max_time);
        content = content_of(&test, mcp_record_format_get_type(formats[i]));
        g_assert_cmpuint(content.length, ==, 2400);
        g_assert_cmpint(content.format.encoding, ==, i % 2 == 0 ? MCP_GRAPH_MULAW : MCP_GRAPH_ALAW);
        g_assert_cmpint(test.stream->bytes->len == 2400, ==, i >= 2);
        case_close(&test);
    }
}

static void
test_final_silence(void)
{
    const McpRecordParams params = {
        .format = MCP_RECORD_WAV_PCM, .no_input = 3000000, .final_silence = 300000};
    Case test;

    case_open(&test, &params);
    talk(&test, 10, FALSE, 0);
    talk(&test, 20, TRUE, 0);
    talk(&test, 25, FALSE, 0);
    wait_until(&test.seen.recordings, 1, 3);
    g_assert_cmpint(test.seen.recording.stop, ==, MCP_STOP_SILENCE);
    g_assert_cmpint(ABS(test.seen.recording.duration - 900000), <, 120000);
    case_close(&test);
}

/* Nobody speaks, and not even packets come: time passes all the same. */
static void
test_no_input(void)
{
    const McpRecordParams params = {
        .format = MCP_RECORD_WAV_PCM, .no_input = 400000, .final_silence = 300000};
    Case test;

    case_open(&test, &params);
    wait_until(&test.seen.recordings, 1, 3);
    g_assert_cmpint(test.seen.recording.stop, ==, MCP_STOP_NO_INPUT);
    g_assert_cmpint(test.seen.recording.duration, >=, 400000);
    case_close(&test);
}

static void
test_digit(void)
{
    const McpRecordParams params = {
        .format = MCP_RECORD_WAV_PCM, .no_input = -1, .end_digits = 1 << 11, .beep = TRUE};
    Case test;
    McpMediaRtpPacket packet;
    guint8 data[2048];
    McpDigit digit;
    guint tone = 0;

    case_open(&test, &params);
    while (tone < 12 && peer_receive(&test.peer, 1000, &packet, data, sizeof data))
        tone++;
    g_assert_cmpuint(tone, ==, 12);
    talk(&test, 25, TRUE, 0);
    peer_send_digit(&test.peer, 101, '1', 6, 0);
    wait_until(&test.seen.digits, 1, 2);
    peer_send_digit(&test.peer, 101, '#', 6, 0);
    wait_until(&test.seen.recordings, 1, 3);
    g_assert_cmpint(test.seen.recording.stop, ==, MCP_STOP_DIGIT);
    g_assert_cmpint(test.seen.recording.digit, ==, '#');
    /* The digit that ended it is consumed by it. */
    g_assert_true(mcp_leg_take_digit(test.leg, &digit));
    g_assert_cmpint(digit.digit, ==, '1');
    g_assert_false(mcp_leg_take_digit(test.leg, &digit));
    case_close(&test);
}

static void
test_full_store(void)
{
    const McpRecordParams params = {.format = MCP_RECORD_WAV_PCM, .no_input = -1};
    Case test;

    case_open(&test, &params);
    talk(&test, 10, TRUE, 0);
    test_stream_set_full(test.stream);
    talk(&test, 5, TRUE, 0);
    wait_until(&test.seen.recordings, 1, 3);
    g_assert_cmpint(test.seen.recording.stop, ==, MCP_STOP_FAILED);
    g_assert_nonnull(test.seen.error);
    case_close(&test);
}

static void
test_closed(void)
{
    const McpRecordParams params = {.format = MCP_RECORD_WAV_PCM, .no_input = -1};
    Case test;
    McpMediaContent content;
    g_autoptr(GByteArray) left = NULL;
    g_autoptr(GError) error = NULL;

    case_open(&test, &params);
    talk(&test, 20, TRUE, 0);
    /* What is there now is what a killed process leaves: it opens, to the end of the bytes. */
    left = test_stream_copy(test.stream);
    g_assert_true(mcp_media_container_parse(left->data, left->len, NULL, &content, &error));
    g_assert_cmpuint(content.length, >, 4000);
    g_assert_cmpuint(content.length, ==, left->len - 44);
    close_leg(&test.platform, g_steal_pointer(&test.leg));
    wait_until(&test.seen.recordings, 1, 3);
    g_assert_cmpint(test.seen.recording.stop, ==, MCP_STOP_CLOSED);
    g_assert_true(test.stream->committed);
    case_close(&test);
}

/* --- encoded beside the worker --- */

/* Whether the last page of Ogg is marked as such (RFC 3533 §6). */
static gboolean
ends_in_last_page(const GByteArray *bytes)
{
    for (guint at = bytes->len; at-- > 0;)
        if (bytes->len - at > 27 && memcmp(bytes->data + at, "OggS", 4) == 0)
            return (bytes->data[at + 5] & 4) != 0;
    return FALSE;
}

static void
test_opus(void)
{
    const McpRecordParams params = {.format = MCP_RECORD_OGG_OPUS,
                                    .no_input = -1,
                                    .max_time = 1500000,
                                    .source = MCP_RECORD_STEREO};
    Case test;

    case_open(&test, &params);
    talk(&test, 80, TRUE, 10);
    wait_until(&test.seen.recordings, 1, 5);
    g_assert_cmpint(test.seen.recording.stop, ==, MCP_STOP_MAX_TIME);
    g_assert_cmpint(test.seen.recording.duration, ==, 1500000);
    g_assert_cmpuint(test.seen.recording.channels, ==, 2);
    g_assert_cmpuint(test.seen.recording.dropped, ==, 0);
    g_assert_cmpuint(test.seen.recording.size, ==, test.stream->bytes->len);
    g_assert_true(test.stream->committed);
    g_assert_true(ends_in_last_page(test.stream->bytes));
    case_close(&test);
}

/* The leg is closed while it records: the file is complete all the same. */
static void
test_closed_while_encoding(void)
{
    static const McpRecordFormat formats[] = {MCP_RECORD_OGG_OPUS, MCP_RECORD_MP3};

    for (guint i = 0; i < G_N_ELEMENTS(formats); i++) {
        const McpRecordParams params = {.format = formats[i], .no_input = -1};
        Case test;

        case_open(&test, &params);
        talk(&test, 30, TRUE, 0);
        close_leg(&test.platform, g_steal_pointer(&test.leg));
        wait_until(&test.seen.recordings, 1, 5);
        g_assert_cmpint(test.seen.recording.stop, ==, MCP_STOP_CLOSED);
        g_assert_true(test.stream->committed);
        g_assert_cmpint(test.seen.recording.duration, >, 550000);
        g_assert_cmpuint(test.stream->bytes->len, >, 1000);
        if (formats[i] == MCP_RECORD_OGG_OPUS)
            g_assert_true(ends_in_last_page(test.stream->bytes));
        case_close(&test);
    }
}

static void
test_full_store_while_encoding(void)
{
    const McpRecordParams params = {.format = MCP_RECORD_MP3, .no_input = -1};
    Case test;

    case_open(&test, &params);
    talk(&test, 20, TRUE, 0);
    test_stream_set_full(test.stream);
    talk(&test, 40, TRUE, 0);
    wait_until(&test.seen.recordings, 1, 5);
    g_assert_cmpint(test.seen.recording.stop, ==, MCP_STOP_FAILED);
    g_assert_nonnull(test.seen.error);
    case_close(&test);
}

static void
test_pause_of_nothing(void)
{
    const McpRecordParams params = {.format = MCP_RECORD_L16, .no_input = -1, .max_time = 100000};
    g_autoptr(GError) error = NULL;
    Case test;

    case_open(&test, &params);
    g_assert_true(mcp_leg_pause_recording(test.leg, TRUE, MCP_RECORD_PAUSE_TONE, &error));
    wait_until(&test.seen.recordings, 1, 5);
    g_assert_cmpuint(test.stream->bytes->len, ==, 1600);
    g_assert_false(mcp_leg_pause_recording(test.leg, FALSE, MCP_RECORD_PAUSE_TONE, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_STATE);
    case_close(&test);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/record/loss", test_loss);
    g_test_add_func("/media/record/wire-formats", test_wire_formats);
    g_test_add_func("/media/record/final-silence", test_final_silence);
    g_test_add_func("/media/record/no-input", test_no_input);
    g_test_add_func("/media/record/digit", test_digit);
    g_test_add_func("/media/record/full-store", test_full_store);
    g_test_add_func("/media/record/closed", test_closed);
    g_test_add_func("/media/record/opus", test_opus);
    g_test_add_func("/media/record/closed-while-encoding", test_closed_while_encoding);
    g_test_add_func("/media/record/full-store-while-encoding", test_full_store_while_encoding);
    g_test_add_func("/media/record/pause-of-nothing", test_pause_of_nothing);
    return g_test_run();
}
