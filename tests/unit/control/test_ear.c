/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ear: sound and silence of a WAV that arrives in pieces of any size.
 */
#include <ear.h>
#include <math.h>

#define RATE 8000

static GByteArray *
make_wav(guint loud_ms, guint quiet_ms)
{
    static const guint8 header[44] = {'R', 'I', 'F',  'F',  0,   0,   0,    0,    'W', 'A', 'V',
                                      'E', 'f', 'm',  't',  ' ', 16,  0,    0,    0,   1,   0,
                                      1,   0,   0x40, 0x1f, 0,   0,   0x80, 0x3e, 0,   0,   2,
                                      0,   16,  0,    'd',  'a', 't', 'a',  0,    0,   0,   0};
    GByteArray *wav = g_byte_array_new();

    g_byte_array_append(wav, header, sizeof(header));
    for (guint i = 0; i < (loud_ms + quiet_ms) * RATE / 1000; i++) {
        gint16 sample =
            i < loud_ms * RATE / 1000 ? (gint16)(3000 * sin(i * 440 * 2 * G_PI / RATE)) : 0;
        guint8 bytes[2] = {(guint8)sample, (guint8)((guint16)sample >> 8)};

        g_byte_array_append(wav, bytes, 2);
    }
    return wav;
}

static void
count(gpointer data)
{
    ++*(guint *)data;
}

static void
feed(McpEar *ear, const GByteArray *wav, guint piece)
{
    for (guint at = 0; at < wav->len; at += piece)
        g_assert_true(mcp_store_stream_append(MCP_STORE_STREAM(ear), wav->data + at,
                                              MIN(piece, wav->len - at)));
}

static void
test_pieces(void)
{
    const guint pieces[] = {1, 7, 320, 4096, 1000000};
    g_autoptr(GByteArray) wav = make_wav(500, 700);

    for (guint i = 0; i < G_N_ELEMENTS(pieces); i++) {
        guint told = 0;
        g_autoptr(McpEar) ear = mcp_ear_new(NULL, count, &told);
        McpHeard heard;

        feed(ear, wav, pieces[i]);
        mcp_ear_get_heard(ear, &heard);
        g_assert_cmpint(heard.position, ==, 1200 * 1000);
        g_assert_cmpint(heard.sound, ==, 500 * 1000);
        g_assert_cmpint(heard.silence, ==, 700 * 1000);
        while (g_main_context_iteration(NULL, FALSE))
            ;
        g_assert_cmpuint(told, ==, 1);
        g_assert_cmpuint(mcp_store_stream_get_length(MCP_STORE_STREAM(ear)), ==, wav->len);
        mcp_ear_detach(ear);
    }
}

static void
test_mark(void)
{
    g_autoptr(GByteArray) wav = make_wav(500, 700);
    guint told = 0;
    g_autoptr(McpEar) ear = mcp_ear_new(NULL, count, &told);
    McpHeard heard;

    /* Marked before it arrives: what lies before the mark does not count. */
    mcp_ear_mark(ear, 400 * 1000);
    feed(ear, wav, 320);
    mcp_ear_get_heard(ear, &heard);
    g_assert_cmpint(heard.sound, ==, 100 * 1000);
    g_assert_cmpint(heard.silence, ==, 700 * 1000);
    mcp_ear_detach(ear);
    while (g_main_context_iteration(NULL, FALSE))
        ;
    g_assert_cmpuint(told, ==, 0);
}

static void
test_garbage(void)
{
    guint told = 0;
    g_autoptr(McpEar) ear = mcp_ear_new(NULL, count, &told);
    g_autoptr(GByteArray) noise = g_byte_array_new();
    McpHeard heard;

    for (guint i = 0; i < 20000; i++) {
        guint8 byte = (guint8)(i * 7919 >> 3);

        g_byte_array_append(noise, &byte, 1);
    }
    feed(ear, noise, 1000);
    mcp_ear_get_heard(ear, &heard);
    g_assert_cmpint(heard.position, >=, 0);
    mcp_ear_detach(ear);
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/control/ear/pieces", test_pieces);
    g_test_add_func("/control/ear/mark", test_mark);
    g_test_add_func("/control/ear/garbage", test_garbage);
    return g_test_run();
}
