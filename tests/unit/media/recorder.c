/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recorder's time line without a network: hours pass in milliseconds.
 */
#include "recorder/recorder.h"

#include "player/container.h"
#include "test_stream.h"
#include <string.h>

#define FRAME 160
#define FRAME_US 20000

typedef struct {
    McpMediaBlockPool pool;
    McpPool *compute;
    McpClock *clock;
    TestStream *stream;
    McpMediaEar *ear;
    McpMediaRecorder *recorder;
    gint64 now;
} Case;

static void
case_open(Case *test, const McpRecordParams *wanted)
{
    McpMediaFormat format;
    McpRecordParams params = *wanted;

    mcp_media_format_init(&format, mcp_media_codec_get(MCP_MEDIA_CODEC_PCMU), NULL);
    mcp_media_block_pool_init(&test->pool, sizeof(McpMediaJitterPacket), 8);
    test->stream = test_stream_new();
    params.stream = MCP_STORE_STREAM(test->stream);
    test->ear = mcp_media_ear_new(&format);
    mcp_media_ear_open(test->ear, &test->pool);
    test->compute = mcp_pool_new("compute", 1, 10);
    test->clock = mcp_clock_new();
    test->recorder = mcp_media_recorder_new(&params, mcp_media_ear_get_rate(test->ear),
                                            test->compute, test->clock);
    test->now = 1000000;
    mcp_media_recorder_begin(test->recorder, test->now);
    g_assert_true(mcp_media_ear_listen(test->ear, mcp_media_recorder_hear, test->recorder));
}

static void
note_sealed(gpointer user_data)
{
    *(gboolean *)user_data = TRUE;
}

static gint64
case_close(Case *test, McpStopReason stop)
{
    McpMediaRecorderOutcome outcome;
    McpMediaContent content;
    gboolean sealed = FALSE;
    g_autoptr(GError) error = NULL;

    mcp_media_ear_unlisten(test->ear, test->recorder, test->now);
    mcp_media_recorder_end(test->recorder, stop, 0, test->now);
    mcp_media_recorder_seal(test->recorder, note_sealed, &sealed);
    g_assert_true(sealed);
    mcp_media_recorder_get_outcome(test->recorder, &outcome);
    g_assert_false(outcome.failed);
    g_assert_true(mcp_media_container_parse(test->stream->bytes->data, test->stream->bytes->len,
                                            NULL, &content, &error));
    g_assert_cmpuint(content.length / 2, ==, (gsize)outcome.duration * 8 / 1000);
    mcp_media_recorder_free(test->recorder);
    g_object_unref(test->compute);
    g_object_unref(test->clock);
    mcp_media_ear_close(test->ear);
    mcp_media_ear_free(test->ear);
    mcp_media_block_pool_clear(&test->pool);
    g_assert_finalize_object(test->stream);
    return outcome.duration;
}

static void
expect_duration(Case *test, McpStopReason stop, gint64 wanted, gint64 tolerance)
{
    gint64 duration = case_close(test, stop);

    g_assert_cmpint(duration, >=, wanted - tolerance);
    g_assert_cmpint(duration, <=, wanted + tolerance);
}

static void
frame(Case *test, guint32 sequence, gint64 timestamp, gboolean loud)
{
    guint8 payload[FRAME];

    memset(payload, 0xff, sizeof payload);
    for (guint i = 0; loud && i < FRAME; i++)
        payload[i] = i / 8 % 2 == 0 ? 0x90 : 0x10;
    mcp_media_ear_take(test->ear, sequence, timestamp, payload, sizeof payload, 5000, test->now);
}

static gboolean
tick(Case *test, McpStopReason *reason)
{
    test->now += FRAME_US;
    mcp_media_ear_tick(test->ear, test->now);
    return mcp_media_recorder_tick(test->recorder, test->now, reason);
}

/* Loss, reordering and doubles: the length is that of the media. */
static void
test_network(void)
{
    const McpRecordParams params = {.format = MCP_RECORD_WAV_PCM, .no_input = -1};
    McpStopReason reason;
    Case test;

    case_open(&test, &params);
    for (guint32 i = 0; i < 3000; i++) {
        guint32 sequence = i % 7 == 3 ? i + 1 : i % 7 == 4 ? i - 1 : i;

        if (i % 10 != 5)
            frame(&test, sequence, (gint64)sequence * FRAME, TRUE);
        if (i % 11 == 0)
            frame(&test, sequence, (gint64)sequence * FRAME, TRUE);
        g_assert_false(tick(&test, &reason));
    }
    expect_duration(&test, MCP_STOP_COMMAND, 60 * G_USEC_PER_SEC, 2 * FRAME_US);
}

/* The other side is silent by sending nothing: its pauses have their length. */
static void
test_pauses(void)
{
    const McpRecordParams params = {.format = MCP_RECORD_WAV_PCM, .no_input = -1};
    McpStopReason reason;
    Case test;
    guint32 sequence = 0;

    case_open(&test, &params);
    for (guint i = 0; i < 1000; i++) {
        if (i / 100 % 2 == 0)
            frame(&test, sequence++, (gint64)i * FRAME, TRUE);
        g_assert_false(tick(&test, &reason));
    }
    /* The last pause is filled but for the time that a late packet may take. */
    expect_duration(&test, MCP_STOP_COMMAND, 20 * G_USEC_PER_SEC, 400000);
}

/* Another source with other numbers, and a clock that jumps by hours. */
static void
test_restart(void)
{
    const McpRecordParams params = {.format = MCP_RECORD_WAV_PCM, .no_input = -1};
    McpStopReason reason;
    Case test;

    case_open(&test, &params);
    for (guint32 i = 0; i < 500; i++) {
        gint64 timestamp = (gint64)i * FRAME;

        if (i == 200)
            mcp_media_ear_restart(test.ear, test.now);
        if (i >= 200)
            timestamp += 1000000000;
        if (i >= 400)
            timestamp -= 500000000;
        frame(&test, i + (i >= 200 ? 70000 : 0), timestamp, TRUE);
        g_assert_false(tick(&test, &reason));
    }
    expect_duration(&test, MCP_STOP_COMMAND, 10 * G_USEC_PER_SEC, 100000);
}

static void
test_limits(void)
{
    const McpRecordParams params = {
        .format = MCP_RECORD_WAV_PCM, .no_input = 5000000, .max_time = G_TIME_SPAN_HOUR};
    McpStopReason reason = MCP_STOP_COMPLETED;
    Case test;
    guint32 i = 0;

    case_open(&test, &params);
    do
        frame(&test, i, (gint64)i * FRAME, i < 20);
    while (++i < 200000 && !tick(&test, &reason));
    g_assert_cmpint(reason, ==, MCP_STOP_MAX_TIME);
    g_assert_cmpint(case_close(&test, reason), ==, G_TIME_SPAN_HOUR);
    case_open(&test, &params);
    for (i = 0; !tick(&test, &reason); i++)
        frame(&test, i, (gint64)i * FRAME, FALSE);
    g_assert_cmpint(reason, ==, MCP_STOP_NO_INPUT);
    expect_duration(&test, reason, 5000000, 2 * FRAME_US);
}

/* Noise of a line is no speech, a word is; its end counts. */
static void
test_final_silence(void)
{
    const McpRecordParams params = {
        .format = MCP_RECORD_WAV_PCM, .no_input = 30000000, .final_silence = 2000000};
    McpStopReason reason = MCP_STOP_COMPLETED;
    Case test;
    guint32 i = 0;

    case_open(&test, &params);
    while (!tick(&test, &reason) && i < 1000) {
        frame(&test, i, (gint64)i * FRAME, (i >= 100 && i < 150) || (i >= 200 && i < 220));
        i++;
    }
    g_assert_cmpint(reason, ==, MCP_STOP_SILENCE);
    expect_duration(&test, reason, (220 * FRAME_US + 2000000), 60000);
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;

    g_test_init(&argc, &argv, NULL);
    g_assert_true(mcp_graph_setup(&error));
    g_test_add_func("/media/recorder/network", test_network);
    g_test_add_func("/media/recorder/pauses", test_pauses);
    g_test_add_func("/media/recorder/restart", test_restart);
    g_test_add_func("/media/recorder/limits", test_limits);
    g_test_add_func("/media/recorder/final-silence", test_final_silence);
    return g_test_run();
}
