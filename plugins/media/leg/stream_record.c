/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recording of a stream: its beep, its beginning, its pauses and its end. Media worker, but for
 * the functions that make a command.
 */
#include "stream_private.h"

static void
post_ended(McpMediaStream *self, McpMediaRecorder *recorder, McpStopReason reason, char digit,
           gint64 now)
{
    McpMediaEvent *event = mcp_media_stream_event(self, MCP_LEG_RECORDING_ENDED, now);

    if (self->ear != NULL)
        mcp_media_ear_unlisten(self->ear, recorder, now);
    if (self->mouth != NULL)
        mcp_media_mouth_unlisten(self->mouth, recorder);
    mcp_media_recorder_end(recorder, reason, digit, now);
    event->recorder = recorder;
    mcp_media_stream_post(self, event);
}

static void
return_beep(McpMediaStream *self, gint64 now)
{
    McpMediaEvent *event = NULL;

    if (self->beep == NULL)
        return;
    event = mcp_media_stream_event(self, MCP_LEG_PLAYBACK_ENDED, now);
    event->kind = MCP_MEDIA_EVENT_OLD_LIST;
    event->list = g_steal_pointer(&self->beep);
    mcp_media_stream_post(self, event);
}

static void
begin(McpMediaStream *self, gint64 now)
{
    McpMediaRecorder *recorder = self->recorder;

    mcp_media_recorder_begin(recorder, now);
    if ((mcp_media_recorder_needs_heard(recorder) &&
         !mcp_media_ear_listen(self->ear, mcp_media_recorder_hear, recorder)) ||
        (mcp_media_recorder_needs_sent(recorder) &&
         !mcp_media_mouth_listen(self->mouth, mcp_media_recorder_hear_sent, recorder)))
        mcp_media_stream_end_recording(self, MCP_STOP_FAILED, 0, now);
}

void
mcp_media_stream_apply_record(McpMediaStream *stream, McpMediaRecorder *recorder,
                              McpMediaPlayList *beep, gint64 now)
{
    stream->beep = beep;
    if (stream->removed) {
        return_beep(stream, now);
        post_ended(stream, recorder, MCP_STOP_CLOSED, 0, now);
        return;
    }
    stream->recorder = recorder;
    if (beep == NULL)
        begin(stream, now);
}

/* The beep waits for a prompt that still plays, the recording for the beep. */
static void
advance_beep(McpMediaStream *self, gint64 now)
{
    if (self->player.list != NULL)
        return;
    if (self->beep != NULL) {
        mcp_media_player_start(&self->player, g_steal_pointer(&self->beep));
        return;
    }
    begin(self, now);
}

void
mcp_media_stream_check_recording(McpMediaStream *stream, gint64 now)
{
    McpStopReason reason = MCP_STOP_COMPLETED;

    if (!mcp_media_recorder_has_begun(stream->recorder))
        advance_beep(stream, now);
    else if (mcp_media_recorder_tick(stream->recorder, now, &reason))
        mcp_media_stream_end_recording(stream, reason, 0, now);
}

void
mcp_media_stream_end_recording(McpMediaStream *stream, McpStopReason reason, char digit, gint64 now)
{
    if (stream->recorder == NULL)
        return;
    return_beep(stream, now);
    post_ended(stream, g_steal_pointer(&stream->recorder), reason, digit, now);
}

void
mcp_media_stream_note_sent(McpMediaStream *stream, const guint8 *payload, gsize length,
                           guint32 timestamp, gint64 now)
{
    if (stream->voice_listens)
        mcp_media_voice_note_sent(stream->voice, payload, length);
    if (stream->mouth != NULL)
        mcp_media_mouth_note(stream->mouth, payload, length, timestamp, now);
}

/* --- commands, made on the leg's context --- */

typedef struct {
    McpMediaCommand base;
    McpMediaStream *stream;
    McpMediaMouth *mouth;
    gboolean paused;
    McpRecordPause with;
} Command;

static Command *
command_new(McpMediaStream *stream, void (*run)(McpMediaCommand *, gint64))
{
    Command *command = g_new0(Command, 1);

    command->base.run = run;
    command->base.free = g_free;
    command->stream = stream;
    return command;
}

static void
run_open_mouth(McpMediaCommand *base, gint64 now)
{
    Command *command = (Command *)base;

    command->stream->mouth = command->mouth;
}

void
mcp_media_stream_open_mouth(McpMediaStream *stream, McpMediaMouth *mouth)
{
    Command *command = command_new(stream, run_open_mouth);

    command->mouth = mouth;
    mcp_media_worker_post(stream->worker, &command->base);
}

static void
run_pause(McpMediaCommand *base, gint64 now)
{
    Command *command = (Command *)base;

    if (command->stream->recorder != NULL)
        mcp_media_recorder_pause(command->stream->recorder, command->paused, command->with, now);
}

void
mcp_media_stream_pause_recording(McpMediaStream *stream, gboolean paused, McpRecordPause with)
{
    Command *command = command_new(stream, run_pause);

    command->paused = paused;
    command->with = with;
    mcp_media_worker_post(stream->worker, &command->base);
}
