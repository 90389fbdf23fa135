/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recovery: a writer is killed amid its recordings; the next start completes them, and they miss at
 * most the last second. The program starts itself as the writer.
 */
#include "support.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <mcp/error.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#define RECORDINGS 5
#define FRAME 320 /* 20 ms of 16-bit audio at 8 kHz */
#define SECOND (50 * FRAME)

static const char *program;

typedef struct {
    McpStoreStream *streams[RECORDINGS];
    guint frames;
} Writer;

/* Says on its output, frame by frame, what it has handed over. */
static gboolean
write_frame(gpointer data)
{
    Writer *writer = data;
    guint8 frame[FRAME];

    memset(frame, (int)writer->frames, sizeof frame);
    for (guint i = 0; i < RECORDINGS; i++)
        mcp_store_stream_append(writer->streams[i], frame, sizeof frame);
    writer->frames++;
    return write(STDOUT_FILENO, ".", 1) == 1 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static int
run_writer(const char *folder)
{
    Fixture f = {.pool = mcp_pool_new("disk", 2, 100), .clock = mcp_clock_new()};
    Writer writer = {0};
    g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);

    f.config = (McpRecordingConfig){folder, 256 * 1024, 4 << 20, 500000, 0, 1 << 20};
    f.store = fixture_new_store(&f, NULL);
    for (guint i = 0; i < RECORDINGS; i++) {
        g_autofree char *name = g_strdup_printf("calls/r%u.wav", i);

        writer.streams[i] = open_object(&f, name, MCP_STORE_REQUIRED);
        mcp_store_stream_append(writer.streams[i], wav_head(), 44);
    }
    g_timeout_add(20, write_frame, &writer);
    g_main_loop_run(loop);
    return 0;
}

/* Returns: frames that the writer said it had handed over before it was killed. */
static guint
kill_writer(const char *folder, guint frames)
{
    g_autoptr(GSubprocess) child = NULL;
    g_autoptr(GError) error = NULL;
    GInputStream *output;
    guint seen = 0;
    char buffer[64];
    gssize n;

    child =
        g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error, program, "writer", folder, NULL);
    g_assert_no_error(error);
    output = g_subprocess_get_stdout_pipe(child);
    while (seen < frames) {
        n = g_input_stream_read(output, buffer, sizeof buffer, NULL, &error);
        g_assert_no_error(error);
        g_assert_cmpint(n, >, 0);
        seen += (guint)n;
    }
    g_subprocess_send_signal(child, SIGKILL);
    while ((n = g_input_stream_read(output, buffer, sizeof buffer, NULL, NULL)) > 0)
        seen += (guint)n;
    g_assert_true(g_subprocess_wait(child, NULL, NULL));
    return seen;
}

static void
check_wav(Fixture *f, const char *name, guint frames)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = read_back(f, name, &error);
    g_autofree char *path = g_build_filename(f->folder, name, NULL);
    g_autofree char *samples = NULL;
    const char *argv[] = {"soxi", "-s", path, NULL};
    const guint8 *data;
    gsize size;

    g_assert_no_error(error);
    data = g_bytes_get_data(bytes, &size);
    g_assert_cmpuint(size, >, 44);
    g_assert_cmpuint(size - 44 + SECOND, >=, frames * FRAME);
    g_assert_cmpuint(data[40] | data[41] << 8 | data[42] << 16, ==, size - 44);
    g_assert_cmpuint(data[4] | data[5] << 8 | data[6] << 16, ==, size - 8);
    g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &samples,
                               NULL, NULL, &error));
    g_assert_cmpuint(g_ascii_strtoull(samples, NULL, 10), ==, (size - 44) / 2);
}

static void
test_kill(Fixture *f, gconstpointer data)
{
    guint frames = kill_writer(f->folder, 110);
    g_autoptr(McpRecordingStore) next = NULL;
    g_autoptr(GError) error = NULL;

    g_assert_true(exists(f, "calls/r0.wav.part"));
    next = fixture_new_store(f, &error);
    g_assert_no_error(error);
    for (guint i = 0; i < RECORDINGS; i++) {
        g_autofree char *name = g_strdup_printf("calls/r%u.wav", i);
        g_autofree char *part = g_strconcat(name, ".part", NULL);

        g_assert_false(exists(f, part));
        check_wav(f, name, frames);
    }
    fixture_stop_store(next);
}

static void
put(Fixture *f, const char *name, gconstpointer data, gsize size)
{
    g_autofree char *path = g_build_filename(f->folder, name, NULL);

    g_assert_true(g_file_set_contents(path, data, (gssize)size, NULL));
}

static void
test_odd_files(Fixture *f, gconstpointer data)
{
    g_autoptr(McpRecordingStore) next = NULL;
    g_autofree char *held = g_build_filename(f->folder, "held.wav.part", NULL);
    guint8 wav[44 + 7];
    int fd;

    memset(wav, 0, sizeof wav);
    memcpy(wav, wav_head(), 44);
    put(f, "odd.wav.part", wav, sizeof wav); /* half a sample at its end */
    put(f, "head.wav.part", wav, 20);
    put(f, "empty.part", "", 0);
    put(f, "raw.part", "abc", 3);
    put(f, "taken.part", "new", 3);
    put(f, "taken", "old", 3);
    put(f, "held.wav.part", wav, sizeof wav);
    fd = open(held, O_RDWR | O_CLOEXEC);
    g_assert_cmpint(flock(fd, LOCK_EX), ==, 0);
    next = fixture_new_store(f, NULL);
    close(fd);
    g_assert_nonnull(next);
    {
        g_autoptr(GBytes) odd = read_back(f, "odd.wav", NULL);
        g_autoptr(GBytes) raw = read_back(f, "raw", NULL);
        g_autoptr(GBytes) taken = read_back(f, "taken", NULL);

        g_assert_cmpuint(g_bytes_get_size(odd), ==, 44 + 6);
        g_assert_cmpuint(g_bytes_get_size(raw), ==, 3);
        g_assert_cmpmem(g_bytes_get_data(taken, NULL), 3, "old", 3);
    }
    g_assert_true(exists(f, "head.wav"));
    g_assert_false(exists(f, "empty"));
    g_assert_false(exists(f, "empty.part"));
    g_assert_true(exists(f, "taken.part"));
    g_assert_true(exists(f, "held.wav.part"));
    fixture_stop_store(next);
}

int
main(int argc, char **argv)
{
    if (argc == 3 && g_str_equal(argv[1], "writer"))
        return run_writer(argv[2]);
    program = argv[0];
    g_test_init(&argc, &argv, NULL);
    g_test_add("/recording/kill", Fixture, NULL, fixture_set_up, test_kill, fixture_tear_down);
    g_test_add("/recording/odd-files", Fixture, NULL, fixture_set_up, test_odd_files,
               fixture_tear_down);
    return g_test_run();
}
