/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two parties in one recording for an hour of media time: under loss, jitter and drift, through
 * holds, restarts and another codec, a mark of each stands where the clock says.
 */
#include "ear/mouth.h"
#include "recorder/recorder.h"
#include "test_stream.h"
#include <string.h>

#define FRAME 160
#define FRAME_US 20000
#define HOUR_FRAMES 180000
#define PENDING 64
#define MARK_EACH 500 /* packets: 10 s */
/* Sample of a packet; its beginning is blended with what was made up for a lost one before. */
#define MARK_AT 120
#define MARK_AFTER_US 15000
#define HEADER 44
#define TOLERANCE_MS 20
#define BEGAN 5000000

typedef struct {
    guint loss_percent;
    gint64 jitter; /* µs, uniform */
    gint ppm;      /* of the sender's clock */
    gboolean events;
    guint frames;
} Network;

typedef struct {
    gint64 arrival;
    gint64 timestamp;
    guint32 sequence;
    gboolean mark;
} Packet;

/* A mark that must be found, µs since the beginning. */
typedef struct {
    gint64 at;
    guint channel;
} Mark;

typedef struct {
    Network network;
    McpMediaBlockPool pool;
    McpPool *compute;
    McpClock *clock;
    TestStream *stream;
    McpMediaEar *ear;
    McpMediaMouth *mouth;
    McpMediaRecorder *recorder;
    GRand *chance;
    GArray *marks;
    Packet pending[PENDING];
    guint n_pending;
    gint64 now;
    guint32 sequence;
    gint64 timestamp;
    guint8 silence;
    guint8 loud;
} Case;

static void
case_open(Case *test, const Network *network)
{
    McpMediaFormat format;
    McpRecordParams params = {
        .format = MCP_RECORD_WAV_PCM, .no_input = -1, .source = MCP_RECORD_STEREO};

    memset(test, 0, sizeof *test);
    test->network = *network;
    mcp_media_format_init(&format, mcp_media_codec_get(MCP_MEDIA_CODEC_PCMU), NULL);
    mcp_media_block_pool_init(&test->pool, sizeof(McpMediaJitterPacket), 8);
    test->stream = test_stream_new();
    params.stream = MCP_STORE_STREAM(test->stream);
    test->compute = mcp_pool_new("compute", 1, 10);
    test->clock = mcp_clock_new();
    test->ear = mcp_media_ear_new(&format, 0);
    mcp_media_ear_open(test->ear, &test->pool);
    test->mouth = mcp_media_mouth_new(&format, 8000);
    test->recorder = mcp_media_recorder_new(&params, 8000, test->compute, test->clock);
    test->now = BEGAN;
    test->chance = g_rand_new_with_seed(1);
    test->marks = g_array_new(FALSE, FALSE, sizeof(Mark));
    test->silence = 0xff;
    test->loud = 0x80;
    mcp_media_recorder_begin(test->recorder, test->now);
    g_assert_true(mcp_media_ear_listen(test->ear, mcp_media_recorder_hear, test->recorder));
    g_assert_true(
        mcp_media_mouth_listen(test->mouth, mcp_media_recorder_hear_sent, test->recorder));
}

static void
note_sealed(gpointer user_data)
{
    *(gboolean *)user_data = TRUE;
}

static gint16
sample_at(Case *test, gint64 frame, guint channel)
{
    gsize at = HEADER + ((gsize)frame * 2 + channel) * 2;

    if (frame < 0 || at + 2 > test->stream->bytes->len)
        return 0;
    return (gint16)(test->stream->bytes->data[at] | test->stream->bytes->data[at + 1] << 8);
}

/* Returns: how far from where it should be the mark stands, in samples. */
static gint64
find_mark(Case *test, const Mark *mark)
{
    gint64 wanted = mark->at * 8 / 1000;
    gint64 best = G_MAXINT64;

    for (gint64 i = wanted - 800; i <= wanted + 800; i++)
        if (ABS(sample_at(test, i, mark->channel)) > 20000 && ABS(i - wanted) < ABS(best))
            best = i - wanted;
    return best;
}

static void
check_marks(Case *test, const McpMediaRecorderOutcome *outcome)
{
    gint64 wanted = test->now - BEGAN;
    gint64 extremes[2][2] = {{G_MAXINT64, G_MININT64}, {G_MAXINT64, G_MININT64}};

    g_assert_cmpint(ABS(outcome->duration - wanted), <=, FRAME_US + wanted / 2000);
    g_assert_cmpuint(outcome->channels, ==, 2);
    for (guint i = 0; i < test->marks->len; i++) {
        const Mark *mark = &g_array_index(test->marks, Mark, i);
        gint64 off = find_mark(test, mark);

        if (ABS(off) > TOLERANCE_MS * 8)
            g_test_message("channel %u, mark at %.3f s: off by %.3f ms", mark->channel,
                           (double)mark->at / 1e6, (double)off / 8);
        g_assert_cmpint(ABS(off), <=, TOLERANCE_MS * 8);
        extremes[mark->channel][0] = MIN(extremes[mark->channel][0], off);
        extremes[mark->channel][1] = MAX(extremes[mark->channel][1], off);
    }
    g_test_message("%u marks; heard off by %.2f to %.2f ms, sent by %.2f to %.2f ms",
                   test->marks->len, (double)extremes[0][0] / 8, (double)extremes[0][1] / 8,
                   (double)extremes[1][0] / 8, (double)extremes[1][1] / 8);
    /* Also the worst ones of both are no further from each other. */
    g_assert_cmpint(extremes[0][1] - extremes[1][0], <=, TOLERANCE_MS * 8);
    g_assert_cmpint(extremes[1][1] - extremes[0][0], <=, TOLERANCE_MS * 8);
}

static void
case_close(Case *test)
{
    McpMediaRecorderOutcome outcome;
    gboolean sealed = FALSE;

    mcp_media_ear_unlisten(test->ear, test->recorder, test->now);
    mcp_media_mouth_unlisten(test->mouth, test->recorder);
    mcp_media_recorder_end(test->recorder, MCP_STOP_COMMAND, 0, test->now);
    mcp_media_recorder_seal(test->recorder, note_sealed, &sealed);
    g_assert_true(sealed);
    mcp_media_recorder_get_outcome(test->recorder, &outcome);
    check_marks(test, &outcome);
    mcp_media_recorder_free(test->recorder);
    mcp_media_mouth_free(test->mouth);
    mcp_media_ear_close(test->ear);
    mcp_media_ear_free(test->ear);
    mcp_media_block_pool_clear(&test->pool);
    g_object_unref(test->compute);
    g_object_unref(test->clock);
    g_array_unref(test->marks);
    g_rand_free(test->chance);
    g_assert_finalize_object(test->stream);
}

/* --- the network --- */

static void
fill(Case *test, guint8 *payload, gboolean mark)
{
    memset(payload, test->silence, FRAME);
    if (mark)
        payload[MARK_AT] = test->loud;
}

/* The packet that is sent at @time of the sender's clock. */
static void
talk(Case *test, gint64 time, gboolean mark)
{
    const Network *network = &test->network;
    gint64 at = BEGAN + time + time * network->ppm / 1000000;
    gboolean lost = (guint)g_rand_int_range(test->chance, 0, 100) < network->loss_percent;
    Packet packet = {at, test->timestamp, test->sequence++, mark};

    test->timestamp += FRAME;
    if (network->jitter > 0)
        packet.arrival += g_rand_int_range(test->chance, 0, (gint32)network->jitter);
    if (lost || test->n_pending == PENDING)
        return;
    test->pending[test->n_pending++] = packet;
    if (mark) {
        const Mark expected = {at + MARK_AFTER_US - BEGAN, 0};

        g_array_append_val(test->marks, expected);
    }
}

static void
deliver(Case *test)
{
    while (TRUE) {
        guint first = 0;
        guint8 payload[FRAME];
        Packet packet;

        for (guint i = 1; i < test->n_pending; i++)
            if (test->pending[i].arrival < test->pending[first].arrival)
                first = i;
        if (test->n_pending == 0 || test->pending[first].arrival > test->now)
            return;
        packet = test->pending[first];
        test->pending[first] = test->pending[--test->n_pending];
        fill(test, payload, packet.mark);
        mcp_media_ear_take(test->ear, packet.sequence, packet.timestamp, payload, FRAME,
                           test->network.jitter / 3, packet.arrival);
    }
}

/* Prompts come and go; the worker is up to 3 ms late. */
static void
send(Case *test, guint i, gboolean mark)
{
    guint8 payload[FRAME];
    gint64 late = g_rand_int_range(test->chance, 0, 3000);

    if (i % 700 > 550)
        return;
    fill(test, payload, mark);
    mcp_media_mouth_note(test->mouth, payload, FRAME, 0xfffff000u + i * FRAME, test->now + late);
    if (mark) {
        const Mark expected = {test->now + MARK_AFTER_US - BEGAN, 1};

        g_array_append_val(test->marks, expected);
    }
}

static void
change_codec(Case *test)
{
    McpMediaFormat format;

    mcp_media_format_init(&format, mcp_media_codec_get(MCP_MEDIA_CODEC_PCMA), NULL);
    test->n_pending = 0;
    test->silence = 0xd5;
    test->loud = 0xaa;
    mcp_media_decoder_free(
        mcp_media_ear_set_decoder(test->ear, mcp_media_decoder_new(&format, 8000), test->now));
    mcp_media_decoder_free(
        mcp_media_mouth_set_decoder(test->mouth, mcp_media_decoder_new(&format, 8000)));
}

/* What befalls a call; TRUE: the sender is on hold. */
static gboolean
befall(Case *test, guint i)
{
    /* On hold for 30 s, the timestamps go on. */
    if (i > 30000 && i < 31500) {
        test->timestamp += FRAME;
        return TRUE;
    }
    /* On hold for 30 s, they stand still. */
    if (i > 60000 && i < 61500)
        return TRUE;
    /* Another sequence of packets. */
    if (i == 90000) {
        test->n_pending = 0;
        mcp_media_ear_restart(test->ear, test->now);
        test->sequence += 1000;
        test->timestamp = 77;
    }
    /* The timestamps jump by an hour, and back by half a second. */
    if (i == 105000)
        test->timestamp += 8000 * 3600;
    if (i == 110000)
        test->timestamp -= 4000;
    if (i == 120000)
        change_codec(test);
    return FALSE;
}

static void
run(const Network *network)
{
    Case test;

    case_open(&test, network);
    for (guint i = 1; i <= network->frames; i++) {
        McpStopReason reason;

        test.now += FRAME_US;
        /* Marks keep off what changes. */
        if (!network->events || !befall(&test, i))
            talk(&test, (gint64)i * FRAME_US, i % MARK_EACH == MARK_EACH / 2);
        send(&test, i, i % MARK_EACH == MARK_EACH / 2 + 7);
        deliver(&test);
        mcp_media_ear_tick(test.ear, test.now);
        g_assert_false(mcp_media_recorder_tick(test.recorder, test.now, &reason));
    }
    case_close(&test);
}

static void
test_plain(void)
{
    run(&(Network){.frames = 3000});
}

static void
test_jitter(void)
{
    run(&(Network){.frames = 15000, .jitter = 30000, .loss_percent = 5});
}

static void
test_slow(void)
{
    run(&(Network){
        .frames = HOUR_FRAMES, .jitter = 30000, .loss_percent = 15, .ppm = 100, .events = TRUE});
}

static void
test_fast(void)
{
    run(&(Network){
        .frames = HOUR_FRAMES, .jitter = 30000, .loss_percent = 15, .ppm = -100, .events = TRUE});
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/recording-alignment/plain", test_plain);
    g_test_add_func("/media/recording-alignment/jitter", test_jitter);
    g_test_add_func("/media/recording-alignment/slow-sender", test_slow);
    g_test_add_func("/media/recording-alignment/fast-sender", test_fast);
    return g_test_run();
}
