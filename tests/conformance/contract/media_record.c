/* SPDX-License-Identifier: Apache-2.0 */
/* The recordings of the media contract (mcp/contract/recording.h): how they end and what they are.
 */
#include "contract.h"
#include "media_log.h"

typedef struct {
    MediaLog log;
    McpLeg *leg;
    McpStoreStream *stream;
} Recording;

static void
begin(Recording *recording, McpRecordParams params)
{
    g_autoptr(GError) error = NULL;

    recording->leg = media_log_connect(&recording->log);
    recording->stream = media_provider.stream();
    recording->log.stream = recording->stream;
    if (params.no_input >= 0 && media_provider.hush != NULL)
        media_provider.hush(recording->leg);
    params.stream = recording->stream;
    params.format = MCP_RECORD_WAV_PCM;
    g_assert_true(mcp_leg_record(recording->leg, &params, &error));
    g_assert_no_error(error);
}

/* "RECORDING_ENDED follows", once. */
static void
expect(Recording *recording, McpStopReason stop)
{
    MediaLog *log = &recording->log;

    wait_count(&log->recordings, 1, "RECORDING_ENDED");
    g_assert_cmpint(log->recording.stop, ==, stop);
    g_assert_cmpstr(log->recording.name, ==, mcp_store_stream_get_name(recording->stream));
    settle(60);
    g_assert_cmpuint(log->recordings, ==, 1);
}

static void
end(Recording *recording)
{
    media_log_drop(&recording->log);
    g_object_unref(recording->stream);
}

static void
test_stop(void)
{
    Recording recording;

    begin(&recording, (McpRecordParams){.no_input = -1});
    settle(100);
    if (media_provider.speak != NULL)
        media_provider.speak(recording.leg);
    settle(40);
    mcp_leg_stop_recording(recording.leg);
    expect(&recording, MCP_STOP_COMMAND);
    g_assert_true(media_provider.committed(recording.stream));
    g_assert_cmpuint(recording.log.recording.size, >, 0);
    mcp_leg_stop_recording(recording.leg);
    settle(40);
    g_assert_cmpuint(recording.log.recordings, ==, 1);
    end(&recording);
}

static void
test_stop_at_once(void)
{
    Recording recording;

    begin(&recording, (McpRecordParams){.no_input = -1});
    mcp_leg_stop_recording(recording.leg);
    expect(&recording, MCP_STOP_COMMAND);
    end(&recording);
}

/* "starts the one recording of a leg" */
static void
test_one(void)
{
    Recording recording;
    McpRecordParams second = {.no_input = -1};
    g_autoptr(McpStoreStream) stream = media_provider.stream();
    g_autoptr(GError) error = NULL;

    begin(&recording, (McpRecordParams){.no_input = -1});
    second.stream = stream;
    g_assert_false(mcp_leg_record(recording.leg, &second, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_STATE);
    mcp_leg_stop_recording(recording.leg);
    expect(&recording, MCP_STOP_COMMAND);
    end(&recording);
}

/* "FALSE with MCP_ERROR_STATE when the leg does not record" */
static void
test_pause(void)
{
    Recording recording;
    g_autoptr(GError) error = NULL;

    begin(&recording, (McpRecordParams){.no_input = -1});
    g_assert_true(mcp_leg_pause_recording(recording.leg, TRUE, MCP_RECORD_PAUSE_SILENCE, &error));
    g_assert_true(mcp_leg_pause_recording(recording.leg, TRUE, MCP_RECORD_PAUSE_CUT, &error));
    g_assert_true(mcp_leg_pause_recording(recording.leg, FALSE, MCP_RECORD_PAUSE_CUT, &error));
    g_assert_no_error(error);
    mcp_leg_stop_recording(recording.leg);
    expect(&recording, MCP_STOP_COMMAND);
    g_assert_false(mcp_leg_pause_recording(recording.leg, TRUE, MCP_RECORD_PAUSE_SILENCE, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_STATE);
    end(&recording);
}

/* "Silence ends no recording meanwhile" */
static void
test_pause_holds(void)
{
    Recording recording;
    g_autoptr(GError) error = NULL;

    begin(&recording, (McpRecordParams){.no_input = 100000});
    g_assert_true(mcp_leg_pause_recording(recording.leg, TRUE, MCP_RECORD_PAUSE_SILENCE, &error));
    settle(300);
    g_assert_cmpuint(recording.log.recordings, ==, 0);
    g_assert_true(mcp_leg_pause_recording(recording.leg, FALSE, MCP_RECORD_PAUSE_SILENCE, &error));
    expect(&recording, MCP_STOP_NO_INPUT);
    end(&recording);
}

/* "heard left, sent right" */
static void
test_sources(void)
{
    for (McpRecordSource source = MCP_RECORD_HEARD; source <= MCP_RECORD_STEREO; source++) {
        Recording recording;

        begin(&recording, (McpRecordParams){.no_input = -1, .source = source});
        settle(100);
        mcp_leg_stop_recording(recording.leg);
        expect(&recording, MCP_STOP_COMMAND);
        g_assert_cmpuint(recording.log.recording.channels, ==, source == MCP_RECORD_STEREO ? 2 : 1);
        g_assert_cmpuint(recording.log.recording.rate, >=, 8000);
        g_assert_cmpuint(recording.log.recording.dropped, ==, 0);
        end(&recording);
    }
}

/* "mask of digits that end it" */
static void
test_digit(void)
{
    Recording recording;

    begin(&recording, (McpRecordParams){.no_input = -1, .end_digits = 1 << 11});
    media_provider.press(recording.leg, '1');
    settle(60);
    g_assert_cmpuint(recording.log.recordings, ==, 0);
    media_provider.press(recording.leg, '#');
    expect(&recording, MCP_STOP_DIGIT);
    g_assert_cmpint(recording.log.recording.digit, ==, '#');
    end(&recording);
}

/* "µs without speech from the start that end it" */
static void
test_no_input(void)
{
    Recording recording;

    begin(&recording, (McpRecordParams){.no_input = 100000});
    expect(&recording, MCP_STOP_NO_INPUT);
    end(&recording);
}

/* "ended by the time limit" */
static void
test_max_time(void)
{
    Recording recording;

    begin(&recording, (McpRecordParams){.no_input = -1, .max_time = 100000});
    if (media_provider.speak != NULL)
        media_provider.speak(recording.leg);
    expect(&recording, MCP_STOP_MAX_TIME);
    g_assert_true(recording.log.recording.max_time);
    end(&recording);
}

/* "recordings end, … RECORDING_ENDED still come" */
static void
test_close(void)
{
    Recording recording;

    begin(&recording, (McpRecordParams){.no_input = -1});
    if (MCP_LEG_GET_IFACE(recording.leg)->close != NULL) {
        mcp_leg_close(recording.leg);
        expect(&recording, MCP_STOP_CLOSED);
    } else {
        mcp_leg_stop_recording(recording.leg);
        expect(&recording, MCP_STOP_COMMAND);
    }
    end(&recording);
}

void
media_record_add(void)
{
    g_test_add_func("/media/record/stop", test_stop);
    g_test_add_func("/media/record/stop-at-once", test_stop_at_once);
    g_test_add_func("/media/record/one", test_one);
    g_test_add_func("/media/record/pause", test_pause);
    g_test_add_func("/media/record/pause-holds", test_pause_holds);
    g_test_add_func("/media/record/sources", test_sources);
    g_test_add_func("/media/record/digit", test_digit);
    g_test_add_func("/media/record/no-input", test_no_input);
    g_test_add_func("/media/record/max-time", test_max_time);
    g_test_add_func("/media/record/close", test_close);
}
