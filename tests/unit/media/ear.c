/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ear without a network: order, gaps, digits between the audio, another codec, and listeners
 * that come and go.
 */
#include "ear/ear.h"

#include <sound/g711.h>
#include <string.h>

#define FRAME 160
#define FRAME_US 20000

typedef struct {
    McpMediaBlockPool pool;
    McpMediaEar *ear;
    gint64 now;
} Case;

/* What one listener heard. */
typedef struct {
    guint frames, concealed, restarts;
    guint64 samples;
    gint64 position; /* of the last one */
    gint16 first;    /* sample of the last one */
    gboolean in_order;
} Log;

static McpMediaFormat
format_of(McpMediaCodecId id)
{
    const McpMediaCodecOptions options = {.opus_rate = 16000, .opus_bitrate = 24000};
    McpMediaFormat format;

    mcp_media_format_init(&format, mcp_media_codec_get(id), &options);
    return format;
}

static void
hear(gpointer listener, const McpMediaHeard *heard, gint64 now)
{
    Log *log = listener;

    if (log->frames == 0)
        log->in_order = TRUE;
    if (log->frames > 0 && !heard->restart && heard->position < log->position)
        log->in_order = FALSE;
    log->frames++;
    log->concealed += heard->concealed;
    log->restarts += heard->restart;
    log->samples += heard->n;
    log->position = heard->position;
    log->first = heard->samples[0];
}

static void
case_open(Case *test, McpMediaCodecId id)
{
    const McpMediaFormat format = format_of(id);

    mcp_media_block_pool_init(&test->pool, sizeof(McpMediaJitterPacket), 8);
    test->ear = mcp_media_ear_new(&format, 0);
    mcp_media_ear_open(test->ear, &test->pool);
    test->now = 1000000;
}

static void
case_close(Case *test)
{
    mcp_media_ear_close(test->ear);
    mcp_media_ear_free(test->ear);
    mcp_media_block_pool_clear(&test->pool);
}

static void
send(Case *test, guint32 sequence)
{
    guint8 payload[FRAME];

    memset(payload, 0x90, sizeof payload);
    mcp_media_ear_take(test->ear, sequence, (gint64)sequence * FRAME, payload, sizeof payload, 5000,
                       test->now);
}

static void
step(Case *test)
{
    test->now += FRAME_US;
    mcp_media_ear_tick(test->ear, test->now);
}

static void
test_order(void)
{
    Case test;
    Log log = {0};

    case_open(&test, MCP_MEDIA_CODEC_PCMU);
    g_assert_true(mcp_media_ear_listen(test.ear, hear, &log));
    for (guint32 i = 0; i < 500; i++) {
        /* Pairs change places, some come twice. */
        send(&test, i ^ 1);
        if (i % 9 == 0)
            send(&test, i ^ 1);
        step(&test);
    }
    mcp_media_ear_unlisten(test.ear, &log, test.now);
    g_assert_true(log.in_order);
    g_assert_cmpuint(log.concealed, ==, 0);
    g_assert_cmpuint(log.restarts, ==, 1);
    /* The first pair came the wrong way round: its second half is too late. */
    g_assert_cmpuint(log.samples, ==, 499 * FRAME);
    case_close(&test);
}

/* A packet after a gap waits as long as the jitter says, then the gap is given up. */
static void
test_gap(void)
{
    Case test;
    Log log = {0};

    case_open(&test, MCP_MEDIA_CODEC_PCMU);
    mcp_media_ear_listen(test.ear, hear, &log);
    for (guint32 i = 0; i < 10; i++, step(&test))
        send(&test, i);
    g_assert_cmpuint(log.frames, ==, 10);
    send(&test, 11);
    step(&test);
    g_assert_cmpuint(log.frames, ==, 10);
    for (guint i = 0; i < 15; i++)
        step(&test);
    g_assert_cmpuint(log.samples, >=, 11 * FRAME);
    g_assert_cmpint(log.position, ==, 11 * FRAME);
    g_assert_cmpuint(mcp_media_ear_get_concealed(test.ear), ==, 1);
    /* Half a minute later: nobody makes that up. */
    mcp_media_ear_take(test.ear, 12, 240000, (const guint8 *)"\x90\x90", 2, 5000, test.now);
    g_assert_cmpint(log.position, ==, 240000);
    g_assert_cmpuint(mcp_media_ear_get_concealed(test.ear), ==, 1);
    case_close(&test);
}

/* Packets of a digit carry no audio, and are no loss. */
static void
test_digits(void)
{
    Case test;
    Log log = {0};

    case_open(&test, MCP_MEDIA_CODEC_AMR);
    mcp_media_ear_listen(test.ear, hear, &log);
    for (guint32 i = 0; i < 30; i++, step(&test)) {
        const guint8 payload[] = {0xf7, 0xc0};
        gboolean digit = i >= 10 && i < 14;

        mcp_media_ear_take(test.ear, i, (gint64)i * FRAME, payload, digit ? 0 : sizeof payload,
                           5000, test.now);
    }
    g_assert_cmpuint(log.concealed, ==, 0);
    g_assert_cmpuint(mcp_media_ear_get_concealed(test.ear), ==, 0);
    g_assert_cmpuint(log.samples, ==, 26 * FRAME);
    case_close(&test);
}

/* The rate is that of the first codec; what waits is heard before the other one. */
static void
test_codec_change(void)
{
    const McpMediaFormat wide = format_of(MCP_MEDIA_CODEC_L16_16000);
    Case test;
    Log log = {0};

    case_open(&test, MCP_MEDIA_CODEC_PCMU);
    mcp_media_ear_listen(test.ear, hear, &log);
    send(&test, 0);
    send(&test, 2);
    mcp_media_decoder_free(mcp_media_ear_set_decoder(
        test.ear, mcp_media_decoder_new(&wide, mcp_media_ear_get_rate(test.ear)), test.now));
    g_assert_cmpint(log.position, ==, 2 * FRAME);
    for (guint32 i = 100; i < 150; i++, step(&test)) {
        guint8 payload[640] = {0};

        mcp_media_ear_take(test.ear, i, (gint64)i * 320, payload, sizeof payload, 5000, test.now);
    }
    g_assert_cmpuint(log.restarts, ==, 2);
    g_assert_cmpint(log.position, ==, 49 * FRAME);
    g_assert_cmpint(ABS((gint64)log.samples - 52 * FRAME), <=, 2 * FRAME);
    case_close(&test);
}

static void
test_listeners(void)
{
    Case test;
    Log logs[MCP_MEDIA_LISTENERS + 1] = {0};

    case_open(&test, MCP_MEDIA_CODEC_PCMU);
    send(&test, 0);
    for (guint i = 0; i < MCP_MEDIA_LISTENERS; i++)
        g_assert_true(mcp_media_ear_listen(test.ear, hear, &logs[i]));
    g_assert_false(mcp_media_ear_listen(test.ear, hear, &logs[MCP_MEDIA_LISTENERS]));
    send(&test, 1);
    mcp_media_ear_unlisten(test.ear, &logs[3], test.now);
    mcp_media_ear_unlisten(test.ear, &logs[3], test.now);
    send(&test, 2);
    for (guint i = 0; i < MCP_MEDIA_LISTENERS; i++)
        g_assert_cmpuint(logs[i].frames, ==, i == 3 ? 1 : 2);
    mcp_media_ear_restart(test.ear, test.now);
    send(&test, 90000);
    g_assert_cmpuint(logs[0].restarts, ==, 2);
    g_assert_cmpint(logs[0].position, ==, 0);
    mcp_media_ear_close(test.ear);
    mcp_media_ear_unlisten(test.ear, &logs[0], test.now);
    case_close(&test);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/ear/order", test_order);
    g_test_add_func("/media/ear/gap", test_gap);
    g_test_add_func("/media/ear/digits", test_digits);
    g_test_add_func("/media/ear/codec-change", test_codec_change);
    g_test_add_func("/media/ear/listeners", test_listeners);
    return g_test_run();
}
