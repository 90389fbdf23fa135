/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a recording of two chirps for record_formats.py, in media time.
 * usage: record_tool FORMAT SOURCE RATE MILLISECONDS FILE
 * FILE is the recording, FILE.part what a process killed in the middle leaves, FILE.pcm what was
 * said: 16 bit little endian, interleaved as in the recording.
 */
#include "recorder/recorder.h"
#include "test_stream.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES_A_SECOND 50
#define FRAME_MAX 960
#define FRAME_US (G_USEC_PER_SEC / FRAMES_A_SECOND)
#define DRAIN_FRAMES 13
#define PEAK 8000

typedef struct {
    McpPool *pool; /* of one thread */
    McpClock *clock;
    TestStream *stream;
    McpMediaRecorder *recorder;
    McpRecordSource source;
    guint rate;
    guint frames;
    gint64 began;
    GByteArray *said;
    GByteArray *part;
} Tool;

static gint
index_of(const char *const *names, const char *name)
{
    for (gint i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    g_printerr("\"%s\" is not known\n", name);
    exit(2);
}

/* A tone that rises from 300 Hz, or falls to it, within 2 s, again and again. */
static gint16
chirp(guint64 i, guint rate, gboolean falls)
{
    double t = fmod((double)i / rate, 2.0);
    double top = 0.3 * rate;
    double slope = (top - 300) / 2;
    double phase = falls ? top * t - slope * t * t / 2 : 300 * t + slope * t * t / 2;

    return (gint16)(PEAK * sin(2 * G_PI * phase));
}

static void
note_said(Tool *self, gint16 heard, gint16 sent)
{
    gint16 both[2] = {heard, sent};

    if (self->source == MCP_RECORD_SENT)
        both[0] = sent;
    if (self->source == MCP_RECORD_MIXED)
        both[0] = (gint16)(heard + sent);
    g_byte_array_append(self->said, (const guint8 *)both,
                        self->source == MCP_RECORD_STEREO ? sizeof both : sizeof *both);
}

static void
say_frame(Tool *self, guint frame)
{
    guint n = self->rate / FRAMES_A_SECOND;
    gint16 heard[FRAME_MAX];
    gint16 sent[FRAME_MAX];
    gint64 now = self->began + (gint64)frame * FRAME_US;
    McpMediaHeard what = {.samples = heard,
                          .n = n,
                          .rate = self->rate,
                          .position = (gint64)frame * n,
                          .arrival = now,
                          .restart = frame == 0};
    McpStopReason reason;

    for (guint i = 0; i < n; i++) {
        heard[i] = chirp((guint64)frame * n + i, self->rate, FALSE);
        sent[i] = chirp((guint64)frame * n + i, self->rate, TRUE);
        note_said(self, heard[i], sent[i]);
    }
    if (mcp_media_recorder_needs_heard(self->recorder))
        mcp_media_recorder_hear(self->recorder, &what, now);
    what.samples = sent;
    if (mcp_media_recorder_needs_sent(self->recorder))
        mcp_media_recorder_hear_sent(self->recorder, &what, now);
    if (mcp_media_recorder_tick(self->recorder, now, &reason)) {
        g_printerr("the recording ended by itself (%d)\n", reason);
        exit(1);
    }
}

static void
note_turn(GObject *source, GAsyncResult *result, gpointer user_data)
{
    *(gboolean *)user_data = TRUE;
}

static void
take_turn(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    g_task_return_boolean(task, TRUE);
}

/* The pool has one thread: what was waiting is done when a job behind it is. */
static void
settle(McpPool *pool)
{
    gboolean done = FALSE;
    g_autoptr(GTask) task = g_task_new(NULL, NULL, note_turn, &done);

    mcp_pool_run(pool, task, take_turn);
    while (!done)
        g_main_context_iteration(NULL, TRUE);
}

static void
run(Tool *self)
{
    for (guint frame = 0; frame < self->frames; frame++) {
        say_frame(self, frame);
        mcp_clock_advance(self->clock, FRAME_US);
        while (g_main_context_iteration(NULL, FALSE))
            continue;
        /* The job has its turn before the ring is full. */
        if (frame % DRAIN_FRAMES == 0)
            settle(self->pool);
        if (frame == self->frames / 2)
            self->part = test_stream_copy(self->stream);
    }
}

static void
note_sealed(gpointer user_data)
{
    *(gboolean *)user_data = TRUE;
}

static void
finish(Tool *self, const char *path)
{
    McpMediaRecorderOutcome outcome;
    gboolean sealed = FALSE;
    g_autofree char *part = g_strconcat(path, ".part", NULL);
    g_autofree char *said = g_strconcat(path, ".pcm", NULL);

    mcp_media_recorder_end(self->recorder, MCP_STOP_COMMAND, 0,
                           self->began + (gint64)self->frames * FRAME_US);
    mcp_media_recorder_seal(self->recorder, note_sealed, &sealed);
    while (!sealed)
        g_main_context_iteration(NULL, TRUE);
    mcp_media_recorder_get_outcome(self->recorder, &outcome);
    if (outcome.failed || outcome.dropped > 0) {
        g_printerr("failed, or %" G_GUINT64_FORMAT " frames dropped\n", outcome.dropped);
        exit(1);
    }
    if (!g_file_set_contents(path, (const char *)self->stream->bytes->data,
                             self->stream->bytes->len, NULL) ||
        !g_file_set_contents(part, (const char *)self->part->data, self->part->len, NULL) ||
        !g_file_set_contents(said, (const char *)self->said->data, self->said->len, NULL)) {
        g_printerr("%s cannot be written\n", path);
        exit(1);
    }
    g_print("%" G_GINT64_FORMAT " %u %u\n", outcome.duration, outcome.rate, outcome.channels);
}

int
main(int argc, char **argv)
{
    static const char *const formats[] = {"wav-pcm",  "wav-mulaw", "wav-alaw", "l16",
                                          "ogg-opus", "mp3",       NULL};
    static const char *const sources[] = {"heard", "sent", "mixed", "stereo", NULL};
    g_autoptr(McpPool) pool = mcp_pool_new("compute", 1, 10);
    McpRecordParams params = {.no_input = -1};
    Tool tool = {0};

    if (argc != 6) {
        g_printerr("usage: record_tool FORMAT SOURCE RATE MILLISECONDS FILE\n");
        return 2;
    }
    params.format = (McpRecordFormat)index_of(formats, argv[1]);
    params.source = (McpRecordSource)index_of(sources, argv[2]);
    tool.source = params.source;
    tool.rate = (guint)atoi(argv[3]);
    tool.frames = (guint)atoi(argv[4]) * FRAMES_A_SECOND / 1000;
    tool.pool = pool;
    tool.clock = mcp_clock_new_virtual();
    tool.stream = test_stream_new();
    tool.said = g_byte_array_new();
    tool.began = mcp_clock_now(tool.clock);
    params.stream = MCP_STORE_STREAM(tool.stream);
    tool.recorder = mcp_media_recorder_new(&params, tool.rate, pool, tool.clock);
    if (tool.recorder == NULL) {
        g_printerr("no encoder at %u Hz\n", tool.rate);
        return 1;
    }
    mcp_media_recorder_begin(tool.recorder, tool.began);
    run(&tool);
    finish(&tool, argv[5]);
    mcp_media_recorder_free(tool.recorder);
    g_object_unref(tool.stream);
    g_object_unref(tool.clock);
    g_byte_array_unref(tool.said);
    g_byte_array_unref(tool.part);
    return 0;
}
