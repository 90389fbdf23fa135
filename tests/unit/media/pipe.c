/* SPDX-License-Identifier: Apache-2.0 */
/* Records between two threads: order, wrapping, a reader that is too slow. */
#include "worker/pipe.h"
#include <string.h>

#define SIZE 1024

typedef struct {
    guint32 next;
    guint n;
    gsize last_length;
} Reader;

static void
read_record(gpointer owner, gconstpointer record, gsize length, gint64 now)
{
    Reader *reader = owner;
    guint32 number = 0;
    const guint8 *bytes = record;

    g_assert_cmpuint((guintptr)record % 8, ==, 0);
    memcpy(&number, record, sizeof number);
    g_assert_cmpuint(number, >=, reader->next);
    for (gsize i = sizeof number; i < length; i++)
        g_assert_cmpuint(bytes[i], ==, (guint8)(number + i));
    reader->next = number + 1;
    reader->n++;
    reader->last_length = length;
}

static gboolean
write_record(McpMediaPipe *pipe, guint32 number, gsize length)
{
    guint8 *record = mcp_media_pipe_reserve(pipe, length);

    if (record == NULL)
        return FALSE;
    memcpy(record, &number, sizeof number);
    for (gsize i = sizeof number; i < length; i++)
        record[i] = (guint8)(number + i);
    mcp_media_pipe_commit(pipe);
    return TRUE;
}

static void
test_order(void)
{
    Reader reader = {0};
    McpMediaPipe *pipe = mcp_media_pipe_new(SIZE, read_record, &reader);

    for (guint32 i = 0; i < 10000; i++) {
        g_assert_true(write_record(pipe, i, 4 + i * 7 % 200));
        if (i % 2 == 1)
            mcp_media_pipe_drain(pipe, 0);
    }
    mcp_media_pipe_drain(pipe, 0);
    g_assert_cmpuint(reader.n, ==, 10000);
    g_assert_cmpuint(mcp_media_pipe_get_dropped(pipe), ==, 0);
    mcp_media_pipe_free(pipe);
}

static void
test_full(void)
{
    Reader reader = {0};
    McpMediaPipe *pipe = mcp_media_pipe_new(SIZE, read_record, &reader);
    guint written = 0;

    g_assert_null(mcp_media_pipe_reserve(pipe, SIZE));
    g_assert_null(mcp_media_pipe_reserve(pipe, G_MAXUINT32));
    g_assert_null(mcp_media_pipe_reserve(pipe, G_MAXSIZE));
    for (guint32 i = 0; i < 100; i++)
        written += write_record(pipe, i, 100);
    g_assert_cmpuint(written, ==, SIZE / 112);
    mcp_media_pipe_drain(pipe, 0);
    g_assert_cmpuint(reader.n, ==, written);
    g_assert_cmpuint(mcp_media_pipe_get_dropped(pipe), ==, 3 + 100 - written);
    g_assert_true(write_record(pipe, 200, SIZE / 2 - 8));
    mcp_media_pipe_drain(pipe, 0);
    g_assert_cmpuint(reader.last_length, ==, SIZE / 2 - 8);
    mcp_media_pipe_free(pipe);
}

#define RECORDS 200000

static gpointer
write_all(gpointer data)
{
    for (guint32 i = 0; i < RECORDS; i++)
        write_record(data, i, 4 + i % 61);
    return NULL;
}

static void
test_threads(void)
{
    Reader reader = {0};
    McpMediaPipe *pipe = mcp_media_pipe_new(SIZE, read_record, &reader);
    GThread *writer = g_thread_new("writer", write_all, pipe);

    while (reader.n + mcp_media_pipe_get_dropped(pipe) < RECORDS)
        mcp_media_pipe_drain(pipe, 0);
    g_thread_join(writer);
    g_assert_cmpuint(reader.n, >, 0);
    mcp_media_pipe_free(pipe);
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/pipe/order", test_order);
    g_test_add_func("/media/pipe/full", test_full);
    g_test_add_func("/media/pipe/threads", test_threads);
    return g_test_run();
}
