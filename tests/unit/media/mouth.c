/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mouth without a network: time line, listeners, another codec.
 */
#include "ear/mouth.h"

#include <string.h>

#define FRAME 160

typedef struct {
    guint frames;
    guint restarts;
    guint n;
    gint64 position;
    gint64 arrival;
    gint16 first;
} Log;

static void
listen(gpointer listener, const McpMediaHeard *heard, gint64 now)
{
    Log *log = listener;

    log->frames++;
    log->restarts += heard->restart ? 1 : 0;
    log->n = heard->n;
    log->position = heard->position;
    log->arrival = heard->arrival;
    log->first = heard->samples[0];
    g_assert_false(heard->concealed);
}

static McpMediaMouth *
mouth_new(McpMediaCodecId codec, guint rate)
{
    McpMediaFormat format;

    mcp_media_format_init(&format, mcp_media_codec_get(codec), NULL);
    return mcp_media_mouth_new(&format, rate);
}

static void
note(McpMediaMouth *mouth, guint8 byte, guint32 timestamp, gint64 now)
{
    guint8 payload[FRAME];

    memset(payload, byte, sizeof payload);
    mcp_media_mouth_note(mouth, payload, sizeof payload, timestamp, now);
}

/* Nothing sent for a while, and a clock that wraps. */
static void
test_time_line(void)
{
    McpMediaMouth *mouth = mouth_new(MCP_MEDIA_CODEC_PCMU, 16000);
    Log log = {0};

    note(mouth, 0x80, 1, 1);
    g_assert_true(mcp_media_mouth_listen(mouth, listen, &log));
    note(mouth, 0x80, 0xffffff00u, 20000);
    g_assert_cmpuint(log.restarts, ==, 1);
    g_assert_cmpint(log.position, ==, 0);
    g_assert_cmpuint(log.n, ==, 320);
    note(mouth, 0x80, 0xffffff00u + FRAME, 40000);
    g_assert_cmpint(log.position, ==, 320);
    note(mouth, 0x80, 0xffffff00u + 100 * FRAME, 2020000);
    g_assert_cmpint(log.position, ==, 32000);
    g_assert_cmpint(log.arrival, ==, 2020000);
    g_assert_cmpuint(log.restarts, ==, 1);
    mcp_media_mouth_free(mouth);
}

static void
test_listeners(void)
{
    McpMediaMouth *mouth = mouth_new(MCP_MEDIA_CODEC_PCMU, 8000);
    Log logs[MCP_MEDIA_LISTENERS + 1] = {0};

    for (guint i = 0; i < MCP_MEDIA_LISTENERS; i++)
        g_assert_true(mcp_media_mouth_listen(mouth, listen, &logs[i]));
    g_assert_false(mcp_media_mouth_listen(mouth, listen, &logs[MCP_MEDIA_LISTENERS]));
    note(mouth, 0x80, 0, 0);
    mcp_media_mouth_unlisten(mouth, &logs[2]);
    mcp_media_mouth_unlisten(mouth, &logs[2]);
    note(mouth, 0x80, FRAME, 20000);
    for (guint i = 0; i < MCP_MEDIA_LISTENERS; i++)
        g_assert_cmpuint(logs[i].frames, ==, i == 2 ? 1 : 2);
    for (guint i = 0; i < MCP_MEDIA_LISTENERS; i++)
        mcp_media_mouth_unlisten(mouth, &logs[i]);
    note(mouth, 0x80, 2 * FRAME, 40000);
    g_assert_cmpuint(logs[0].frames, ==, 2);
    /* What was not heard in between does not count. */
    g_assert_true(mcp_media_mouth_listen(mouth, listen, &logs[0]));
    note(mouth, 0x80, 9 * FRAME, 180000);
    g_assert_cmpint(logs[0].position, ==, 0);
    g_assert_cmpuint(logs[0].restarts, ==, 2);
    mcp_media_mouth_free(mouth);
}

static void
test_codec(void)
{
    McpMediaMouth *mouth = mouth_new(MCP_MEDIA_CODEC_PCMU, 8000);
    McpMediaFormat format;
    Log log = {0};

    g_assert_true(mcp_media_mouth_listen(mouth, listen, &log));
    note(mouth, 0x80, 0, 0);
    g_assert_cmpint(log.first, ==, 32124);
    mcp_media_format_init(&format, mcp_media_codec_get(MCP_MEDIA_CODEC_PCMA), NULL);
    mcp_media_decoder_free(
        mcp_media_mouth_set_decoder(mouth, mcp_media_decoder_new(&format, 8000)));
    note(mouth, 0xaa, 5 * FRAME, 100000);
    g_assert_cmpint(log.first, ==, 32256);
    g_assert_cmpuint(log.restarts, ==, 2);
    /* What cannot be decoded is nothing. */
    mcp_media_mouth_note(mouth, NULL, 0, 6 * FRAME, 120000);
    g_assert_cmpuint(log.frames, ==, 2);
    mcp_media_mouth_free(mouth);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/mouth/time-line", test_time_line);
    g_test_add_func("/media/mouth/listeners", test_listeners);
    g_test_add_func("/media/mouth/codec", test_codec);
    return g_test_run();
}
