/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recorder's time line without a network: hours pass in milliseconds.
 */
#include "recorder/recorder.h"

#include "player/container.h"
#include "recorder/writer.h"
#include "test_stream.h"
#include <math.h>
#include <sound/g711.h>
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
    test->ear = mcp_media_ear_new(&format, 0);
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

/* --- more than speech and silence --- */

static void
frame_of(Case *test, guint32 sequence, const gint16 *samples)
{
    guint8 payload[FRAME];

    mcp_sound_mulaw_encode(samples, FRAME, payload);
    mcp_media_ear_take(test->ear, sequence, (gint64)sequence * FRAME, payload, sizeof payload, 5000,
                       test->now);
}

/* The noise of a street, a breath of 400 ms each 3 s, from @loud to @soft. */
static void
noise(GRand *chance, guint32 i, gint loud, gint breath, gint16 *out)
{
    gdouble swell = i % 150 < 20 ? sin(G_PI * (i % 150) / 20.0) : 0;

    for (guint k = 0; k < FRAME; k++) {
        gdouble sum = g_rand_double_range(chance, -1, 1) + g_rand_double_range(chance, -1, 1);

        out[k] = (gint16)(sum * (loud + breath * swell));
    }
}

/* Noise, however loud, and breath are nobody's speech; the plain level would take them for it. */
static void
test_noise(void)
{
    static const struct {
        gint loud;
        gint breath;
    } rows[] = {{1500, 0}, {20, 1500}, {300, 1200}};

    for (guint row = 0; row < G_N_ELEMENTS(rows); row++) {
        const McpRecordParams params = {
            .format = MCP_RECORD_WAV_PCM, .no_input = 10000000, .final_silence = 2000000};
        g_autoptr(GRand) chance = g_rand_new_with_seed(row);
        McpStopReason reason = MCP_STOP_COMPLETED;
        Case test;
        guint32 i = 0;

        case_open(&test, &params);
        while (!tick(&test, &reason) && i < 2000) {
            gint16 samples[FRAME];

            noise(chance, i, rows[row].loud, rows[row].breath, samples);
            frame_of(&test, i++, samples);
        }
        g_assert_cmpint(reason, ==, MCP_STOP_NO_INPUT);
        expect_duration(&test, reason, 10000000, 2 * FRAME_US);
    }
}

/* A voice over the noise is found, and its end too. */
static void
test_voice_over_noise(void)
{
    const McpRecordParams params = {
        .format = MCP_RECORD_WAV_PCM, .no_input = 10000000, .final_silence = 2000000};
    g_autoptr(GRand) chance = g_rand_new_with_seed(7);
    McpStopReason reason = MCP_STOP_COMPLETED;
    Case test;
    guint32 i = 0;

    case_open(&test, &params);
    while (!tick(&test, &reason) && i < 2000) {
        gint16 samples[FRAME];

        noise(chance, i, 250, 600, samples);
        /* Syllables of 200 ms, with a pitch of 125 Hz and its harmonics. */
        for (guint k = 0; k < FRAME && i >= 200 && i < 350 && i % 14 < 10; k++)
            for (guint h = 1; h < 9; h++)
                samples[k] +=
                    (gint16)(1500 / h * sin(2 * G_PI * 125 * h * (i * (gdouble)FRAME + k) / 8000));
        frame_of(&test, i++, samples);
    }
    g_assert_cmpint(reason, ==, MCP_STOP_SILENCE);
    expect_duration(&test, reason, 350 * FRAME_US + 2000000, 300000);
}

/* --- pauses --- */

static gint
peak_between(Case *test, gint64 from, gint64 to)
{
    gint peak = 0;

    for (gint64 i = from * 8 / 1000; i < to * 8 / 1000; i++) {
        gsize at = 44 + (gsize)i * 2;

        if (at + 2 <= test->stream->bytes->len)
            peak = MAX(peak, ABS((gint16)(test->stream->bytes->data[at] |
                                          test->stream->bytes->data[at + 1] << 8)));
    }
    return peak;
}

/* Frames @first to @last are loud; the pause lasts from 4 s to 14 s. */
static void
run_pause(Case *test, McpRecordPause with, guint32 first, guint32 last)
{
    const McpRecordParams params = {.format = MCP_RECORD_WAV_PCM, .no_input = -1};
    McpStopReason reason;

    case_open(test, &params);
    for (guint32 i = 0; i < 1000; i++) {
        if (i == 200)
            mcp_media_recorder_pause(test->recorder, TRUE, with, test->now);
        if (i == 700)
            mcp_media_recorder_pause(test->recorder, FALSE, with, test->now);
        /* Loss, and packets that come late: the last one of the pause after its end. */
        if (i % 10 != 5 && i % 10 != 9)
            frame(test, i, (gint64)i * FRAME, i >= first && i <= last);
        test->now += FRAME_US * 3 / 4;
        if (i > 0 && i % 10 == 0)
            frame(test, i - 1, (gint64)(i - 1) * FRAME, i - 1 >= first && i - 1 <= last);
        test->now -= FRAME_US * 3 / 4;
        g_assert_false(tick(test, &reason));
    }
    mcp_media_recorder_end(test->recorder, MCP_STOP_COMMAND, 0, test->now);
}

/* Of what came in the pause nothing is in the file, of what came before it all. */
static void
test_pause_silence(void)
{
    Case test;

    run_pause(&test, MCP_RECORD_PAUSE_SILENCE, 200, 699);
    g_assert_cmpint(peak_between(&test, 0, 20000000), <, 20);
    g_assert_cmpint(case_close(&test, MCP_STOP_COMMAND), ==, 20000000);
    run_pause(&test, MCP_RECORD_PAUSE_SILENCE, 150, 199);
    g_assert_cmpint(peak_between(&test, 3900000, 3990000), >, 10000);
    g_assert_cmpint(peak_between(&test, 4000000, 20000000), <, 20);
    case_close(&test, MCP_STOP_COMMAND);
    run_pause(&test, MCP_RECORD_PAUSE_SILENCE, 702, 1000);
    g_assert_cmpint(peak_between(&test, 0, 14000000), <, 20);
    g_assert_cmpint(peak_between(&test, 14060000, 14100000), >, 10000);
    case_close(&test, MCP_STOP_COMMAND);
}

static void
test_pause_tone(void)
{
    Case test;

    run_pause(&test, MCP_RECORD_PAUSE_TONE, 200, 699);
    g_assert_cmpint(peak_between(&test, 0, 3990000), <, 20);
    g_assert_cmpint(peak_between(&test, 4050000, 4150000), >, 3500);
    g_assert_cmpint(peak_between(&test, 4240000, 20000000), <, 20);
    g_assert_cmpint(case_close(&test, MCP_STOP_COMMAND), ==, 20000000);
}

static void
test_pause_cut(void)
{
    Case test;
    gint64 duration = 0;

    run_pause(&test, MCP_RECORD_PAUSE_CUT, 200, 699);
    g_assert_cmpint(peak_between(&test, 0, 20000000), <, 20);
    duration = case_close(&test, MCP_STOP_COMMAND);
    g_assert_cmpint(ABS(duration - 10000000), <=, FRAME_US);
}

/* A hundred pauses within a second: rather too little is recorded. */
static void
test_pause_flood(void)
{
    const McpRecordParams params = {.format = MCP_RECORD_WAV_PCM, .no_input = -1};
    Case test;
    McpStopReason reason;

    case_open(&test, &params);
    for (guint32 i = 0; i < 100; i++) {
        for (guint k = 0; k < 20; k++)
            mcp_media_recorder_pause(test.recorder, k % 2 == 0, (McpRecordPause)(k % 3),
                                     test.now + k * 500);
        mcp_media_recorder_pause(test.recorder, TRUE, MCP_RECORD_PAUSE_SILENCE, test.now + 10500);
        frame(&test, i, (gint64)i * FRAME, TRUE);
        g_assert_false(tick(&test, &reason));
    }
    mcp_media_recorder_end(test.recorder, MCP_STOP_COMMAND, 0, test.now);
    g_assert_cmpint(peak_between(&test, 100000, 2000000), <, 5000);
    case_close(&test, MCP_STOP_COMMAND);
}

/* Silence ends no recording in a pause; the time of the pause does not count as silence. */
static void
test_pause_and_silence(void)
{
    const McpRecordParams params = {
        .format = MCP_RECORD_WAV_PCM, .no_input = 3000000, .final_silence = 2000000};
    McpStopReason reason = MCP_STOP_COMPLETED;
    Case test;
    guint32 i = 0;

    case_open(&test, &params);
    mcp_media_recorder_pause(test.recorder, TRUE, MCP_RECORD_PAUSE_SILENCE, test.now);
    while (!tick(&test, &reason) && i < 2000) {
        frame(&test, i, (gint64)i * FRAME, FALSE);
        if (++i == 500)
            mcp_media_recorder_pause(test.recorder, FALSE, MCP_RECORD_PAUSE_SILENCE, test.now);
    }
    g_assert_cmpint(reason, ==, MCP_STOP_NO_INPUT);
    expect_duration(&test, reason, 500 * FRAME_US + 3000000, 3 * FRAME_US);
}

/* --- what is sent --- */

static void
test_mixed(void)
{
    const McpRecordParams params = {
        .format = MCP_RECORD_WAV_PCM, .no_input = -1, .source = MCP_RECORD_MIXED};
    McpStopReason reason;
    Case test;

    case_open(&test, &params);
    for (guint32 i = 0; i < 200; i++) {
        gint16 samples[FRAME];
        const McpMediaHeard sent = {.samples = samples,
                                    .n = FRAME,
                                    .rate = 8000,
                                    .position = (gint64)i * FRAME,
                                    .arrival = test.now,
                                    .restart = i == 0};

        for (guint k = 0; k < FRAME; k++)
            samples[k] = k / 8 % 2 == 0 ? 30000 : -30000;
        frame(&test, i, (gint64)i * FRAME, i >= 100);
        mcp_media_recorder_hear_sent(test.recorder, &sent, test.now);
        g_assert_false(tick(&test, &reason));
    }
    mcp_media_recorder_end(test.recorder, MCP_STOP_COMMAND, 0, test.now);
    g_assert_cmpint(peak_between(&test, 200000, 1900000), ==, 30000);
    /* Added up it is more than a sample holds: it stays at its end, and does not wrap. */
    g_assert_cmpint(peak_between(&test, 2100000, 3900000), >=, G_MAXINT16);
    g_assert_cmpint(case_close(&test, MCP_STOP_COMMAND), ==, 4000000);
}

/* --- audio/basic is 8 kHz, whatever the leg speaks --- */

static guint
rising(const guint8 *data, gsize length)
{
    gint16 samples[2];
    guint count = 0;

    for (gsize i = 1; i < length; i++) {
        mcp_sound_mulaw_decode(data + i - 1, 2, samples);
        count += samples[0] < 0 && samples[1] >= 0;
    }
    return count;
}

static void
test_basic(void)
{
    g_autoptr(TestStream) stream = test_stream_new();
    McpMediaEncodeParams params = {
        .stream = MCP_STORE_STREAM(stream), .rate = 16000, .channels = 1};
    McpMediaRecordWriter *writer = mcp_media_record_writer_new(&params, MCP_RECORD_MULAW);
    gboolean sealed = FALSE;
    gint16 tone[16000];

    for (guint i = 0; i < G_N_ELEMENTS(tone); i++)
        tone[i] = (gint16)(8000 * sin(2 * G_PI * 1000 * i / 16000.0));
    g_assert_nonnull(writer);
    for (guint i = 0; i < 50; i++)
        mcp_media_record_writer_put(writer, tone + i * 320, 320);
    mcp_media_record_writer_finish(writer, note_sealed, &sealed);
    g_assert_true(sealed);
    mcp_media_record_writer_free(writer);
    g_assert_cmpuint(stream->bytes->len, <=, 8000);
    g_assert_cmpuint(stream->bytes->len, >=, 7960);
    g_assert_cmpuint(rising(stream->bytes->data, stream->bytes->len), >=, 990);
    g_assert_cmpuint(rising(stream->bytes->data, stream->bytes->len), <=, 1000);
    params.channels = 2;
    g_assert_null(mcp_media_record_writer_new(&params, MCP_RECORD_ALAW));
}

/* --- names --- */

static void
test_types(void)
{
    static const struct {
        const char *type;
        gint format; /* -1: none */
    } rows[] = {
        {"audio/x-wav", MCP_RECORD_WAV_PCM},
        {"Audio/WAV", MCP_RECORD_WAV_PCM},
        {" audio/vnd.wave ; codec=7", MCP_RECORD_WAV_MULAW},
        {"audio/wav;codec=mulaw", MCP_RECORD_WAV_MULAW},
        {"audio/x-wav;codec=\"ALAW\"", MCP_RECORD_WAV_ALAW},
        {"audio/x-wav;codec=g729", -1},
        {"audio/L16;rate=8000", MCP_RECORD_L16},
        {"audio/ogg", MCP_RECORD_OGG_OPUS},
        {"audio/ogg; codecs=opus", MCP_RECORD_OGG_OPUS},
        {"audio/ogg; codecs=vorbis", -1},
        {"audio/opus", MCP_RECORD_OGG_OPUS},
        {"audio/mpeg", MCP_RECORD_MP3},
        {"audio/basic", MCP_RECORD_MULAW},
        {"audio/x-alaw-basic", MCP_RECORD_ALAW},
        {"video/mpeg", -1},
        {"", -1},
        {";;=", -1},
        {"audio/x-wav;=;codec", MCP_RECORD_WAV_PCM},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        McpRecordFormat format = MCP_RECORD_WAV_PCM;
        gboolean known = mcp_record_format_from_type(rows[i].type, &format);

        if (known != (rows[i].format >= 0) || (known && (gint)format != rows[i].format))
            g_error("\"%s\" is taken for %d (%d)", rows[i].type, format, known);
    }
    for (McpRecordFormat format = MCP_RECORD_WAV_PCM; format <= MCP_RECORD_ALAW; format++) {
        McpRecordFormat again = MCP_RECORD_WAV_PCM;

        g_assert_true(mcp_record_format_from_type(mcp_record_format_get_type(format), &again));
        g_assert_cmpstr(mcp_record_format_get_suffix(again), ==,
                        mcp_record_format_get_suffix(format));
    }
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
    g_test_add_func("/media/recorder/noise", test_noise);
    g_test_add_func("/media/recorder/voice-over-noise", test_voice_over_noise);
    g_test_add_func("/media/recorder/pause-silence", test_pause_silence);
    g_test_add_func("/media/recorder/pause-tone", test_pause_tone);
    g_test_add_func("/media/recorder/pause-cut", test_pause_cut);
    g_test_add_func("/media/recorder/pause-flood", test_pause_flood);
    g_test_add_func("/media/recorder/pause-and-silence", test_pause_and_silence);
    g_test_add_func("/media/recorder/mixed", test_mixed);
    g_test_add_func("/media/recorder/basic", test_basic);
    g_test_add_func("/media/recorder/types", test_types);
    return g_test_run();
}
