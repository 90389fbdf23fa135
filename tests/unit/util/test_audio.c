/* SPDX-License-Identifier: Apache-2.0 */
/* Audio that grows: who is told of what, and when nobody wants it any more. */
#include <mcp/audio.h>
#include <mcp/error.h>
#include <string.h>

#define PIECES 2000

static void
count(gpointer user_data)
{
    g_atomic_int_inc((gint *)user_data);
}

static void
assert_read(McpAudioWatch *watch, gsize from, const char *text, gboolean ended)
{
    gboolean really = !ended;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = mcp_audio_watch_read(watch, from, &really, &error);
    gsize length = 0;
    const char *data = g_bytes_get_data(bytes, &length);

    g_assert_cmpmem(data, length, text, strlen(text));
    g_assert_cmpint(really, ==, ended);
    g_assert_no_error(error);
}

static void
test_growing(void)
{
    McpAudio *audio = NULL;
    McpAudioProducer *producer = mcp_audio_producer_new("audio/basic", "a", 10, &audio);
    gint calls = 0;
    McpAudioWatch *watch = mcp_audio_watch_new(audio, count, &calls, NULL);

    g_assert_cmpstr(mcp_audio_get_id(audio), ==, "a");
    g_assert_false(mcp_audio_is_private(audio));
    g_assert_true(mcp_audio_is_growing(audio));
    assert_read(watch, 0, "", FALSE);
    g_assert_true(mcp_audio_producer_append(producer, "hello", 5));
    g_assert_cmpint(calls, ==, 1);
    assert_read(watch, 0, "hello", FALSE);
    assert_read(watch, 3, "lo", FALSE);
    assert_read(watch, 9, "", FALSE);
    g_assert_cmpuint(g_bytes_get_size(mcp_audio_get_bytes(audio)), ==, 0);
    /* Past its limit nothing is taken. */
    g_assert_false(mcp_audio_producer_append(producer, "worlds", 6));
    g_assert_true(mcp_audio_producer_append(producer, "world", 5));
    mcp_audio_producer_finish(producer, NULL);
    mcp_audio_producer_finish(producer, NULL);
    g_assert_cmpint(calls, ==, 3);
    g_assert_false(mcp_audio_producer_append(producer, "", 0));
    assert_read(watch, 8, "ld", TRUE);
    g_assert_false(mcp_audio_is_growing(audio));
    g_assert_cmpuint(g_bytes_get_size(mcp_audio_get_bytes(audio)), ==, 10);
    mcp_audio_watch_free(watch);
    mcp_audio_unref(audio);
    mcp_audio_producer_free(producer);
}

static void
test_bad_end(void)
{
    McpAudio *audio = NULL;
    McpAudioProducer *producer = mcp_audio_producer_new("audio/basic", NULL, 10, &audio);
    McpAudio *other = NULL;
    McpAudioProducer *second = mcp_audio_producer_new("audio/basic", NULL, 10, &other);
    gint calls = 0;
    McpAudioWatch *watch = mcp_audio_watch_new(audio, count, &calls, NULL);
    gboolean ended = FALSE;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = NULL;

    g_assert_true(mcp_audio_is_private(audio));
    g_assert_cmpstr(mcp_audio_get_id(audio), !=, mcp_audio_get_id(other));
    /* A producer that goes without a word leaves an error. */
    mcp_audio_producer_free(producer);
    g_assert_cmpint(calls, ==, 1);
    bytes = mcp_audio_watch_read(watch, 0, &ended, &error);
    g_assert_true(ended);
    g_assert_error(error, MCP_ERROR, MCP_ERROR_CLOSED);
    mcp_audio_watch_free(watch);
    mcp_audio_unref(audio);
    mcp_audio_unref(other);
    mcp_audio_producer_free(second);
}

/* Watches do not keep it wanted; who is told is told once, and not after its end. */
static void
test_abandoned(void)
{
    McpAudio *audio = NULL;
    McpAudioProducer *producer = mcp_audio_producer_new("audio/basic", NULL, 10, &audio);
    gint abandoned = 0;
    gint gone = 0;
    gint grown = 0;
    gint dropped = 0;
    McpAudioWatch *watch = mcp_audio_watch_new(audio, count, &grown, NULL);
    McpAudioWatch *silent = mcp_audio_watch_new(audio, count, &dropped, NULL);

    mcp_audio_producer_on_abandoned(producer, count, &abandoned, NULL);
    mcp_audio_watch_free(silent);
    mcp_audio_unref(mcp_audio_ref(audio));
    g_assert_cmpint(abandoned, ==, 0);
    mcp_audio_unref(audio);
    g_assert_cmpint(abandoned, ==, 1);
    /* What was made already may still be taken. */
    g_assert_true(mcp_audio_producer_append(producer, "x", 1));
    assert_read(watch, 0, "x", FALSE);
    mcp_audio_producer_free(producer);
    g_assert_cmpint(grown, ==, 2);
    g_assert_cmpint(dropped, ==, 0);
    mcp_audio_watch_free(watch);

    producer = mcp_audio_producer_new("audio/basic", NULL, 10, &audio);
    mcp_audio_producer_on_abandoned(producer, count, &abandoned, NULL);
    mcp_audio_producer_finish(producer, NULL);
    mcp_audio_unref(audio);
    g_assert_cmpint(abandoned, ==, 1);
    mcp_audio_producer_free(producer);

    producer = mcp_audio_producer_new("audio/basic", NULL, 10, &audio);
    mcp_audio_producer_on_abandoned(producer, count, &gone, count);
    mcp_audio_producer_free(producer);
    g_assert_cmpint(gone, ==, 1);
    mcp_audio_unref(audio);
    g_assert_cmpint(gone, ==, 1);
}

static gpointer
make(gpointer data)
{
    McpAudioProducer *producer = data;

    for (guint i = 0; i < PIECES; i++) {
        const guint8 piece[3] = {(guint8)i, (guint8)(i >> 8), 7};

        g_assert_true(mcp_audio_producer_append(producer, piece, sizeof piece));
    }
    mcp_audio_producer_finish(producer, NULL);
    return NULL;
}

/* One thread appends while others come, read and go. */
static void
test_threads(void)
{
    McpAudio *audio = NULL;
    McpAudioProducer *producer =
        mcp_audio_producer_new("audio/basic", NULL, PIECES * sizeof(guint8[3]), &audio);
    GThread *thread = g_thread_new("maker", make, producer);
    gboolean ended = FALSE;
    gsize at = 0;

    while (!ended) {
        gint calls = 0;
        McpAudioWatch *watch = mcp_audio_watch_new(audio, count, &calls, NULL);
        g_autoptr(GBytes) bytes = mcp_audio_watch_read(watch, at, &ended, NULL);
        gsize length = 0;
        const guint8 *data = g_bytes_get_data(bytes, &length);

        for (gsize i = 0; i < length; i++, at++) {
            guint piece = (guint)(at / 3);

            g_assert_cmpuint(data[i], ==,
                             at % 3 == 0   ? (guint8)piece
                             : at % 3 == 1 ? (guint8)(piece >> 8)
                                           : 7);
        }
        mcp_audio_watch_free(watch);
    }
    g_assert_cmpuint(at, ==, PIECES * 3);
    g_thread_join(thread);
    mcp_audio_producer_free(producer);
    mcp_audio_unref(audio);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/audio/growing", test_growing);
    g_test_add_func("/audio/bad-end", test_bad_end);
    g_test_add_func("/audio/abandoned", test_abandoned);
    g_test_add_func("/audio/threads", test_threads);
    return g_test_run();
}
