/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a stream sends of a room, and hears for it. Its RTP clock is that of the worker's slots, as
 * for prompts; while live audio flows, packets follow each other without a gap in time. Media
 * worker, but for the commands.
 */
#include "stream_live.h"

#include "../room/member.h"
#include "../room/mix.h"
#include "stream_private.h"
#include "stream_send.h"
#include <string.h>

/* --- sending --- */

/* Live audio ended just now, or what waited in a room was sent ahead of time when that ended: what
 * goes on now is not begun with the silence of a room that waits for its first packets. */
static gboolean
goes_on(const McpMediaStream *self)
{
    guint32 now = mcp_media_stream_timestamp_at(self, mcp_media_worker_get_slot(self->worker));

    return self->live_sent && mcp_media_stream_follow_sent(self, now) == self->sent_until;
}

/*
 * FALSE: a prompt or digits are heard instead, nobody is there, or it is the silence before what
 * goes on.
 */
static gboolean
may_speak(McpMediaStream *self, const gint16 *samples, guint n)
{
    if (self->live == NULL)
        return FALSE;
    if (!self->live_talking && goes_on(self) && mcp_media_mix_is_silent(samples, n))
        return FALSE;
    if (mcp_media_stream_can_send(self) && !self->sending_digits && self->player.list == NULL)
        return TRUE;
    self->live_talking = FALSE;
    mcp_media_live_encoder_reset(self->live);
    return FALSE;
}

static void
send_payload(McpMediaStream *self, guint8 *datagram, gsize length, gint64 now)
{
    guint32 expected = mcp_media_stream_timestamp_at(self, mcp_media_worker_get_slot(self->worker));
    guint ticks = mcp_media_live_encoder_get_ticks(self->live);

    if (!self->live_talking || !mcp_media_stream_is_near(self, self->live_timestamp, expected)) {
        self->live_talking = FALSE;
        self->live_timestamp = mcp_media_stream_follow_sent(self, expected);
    }
    if (length > 0) {
        mcp_media_stream_note_sent(self, datagram + MCP_MEDIA_RTP_HEADER, length,
                                   self->live_timestamp, now);
        mcp_media_stream_send_packet(self, datagram,
                                     &(McpMediaSend){.length = length,
                                                     .type = self->agreement.send_type,
                                                     .marker = !self->live_talking,
                                                     .timestamp = self->live_timestamp,
                                                     .sequence = self->sequence++});
    }
    /* After a pause of DTX the next packet begins a talk spurt. */
    self->live_talking = length > 0;
    self->silence_due = self->silence_due || length > 0;
    self->live_sent = TRUE;
    self->live_timestamp += ticks;
    self->sent_until = self->live_timestamp;
}

void
mcp_media_stream_send_live(McpMediaStream *stream, const gint16 *samples, guint n, gint64 now)
{
    _Alignas(8) guint8 datagram[MCP_MEDIA_DATAGRAM_MAX + MCP_MEDIA_SRTP_TRAILER];
    gsize length = 0;

    if (!may_speak(stream, samples, n))
        return;
    mcp_media_live_encoder_put(stream->live, samples, n);
    while (mcp_media_live_encoder_next(stream->live, datagram + MCP_MEDIA_RTP_HEADER, &length))
        send_payload(stream, datagram, length, now);
}

void
mcp_media_stream_send_shared(McpMediaStream *stream, const gint16 *samples, guint n,
                             McpMediaSharedCoding *shared, gint64 now)
{
    _Alignas(8) guint8 datagram[MCP_MEDIA_DATAGRAM_MAX + MCP_MEDIA_SRTP_TRAILER];
    guint at = 0;

    if (!may_speak(stream, samples, n))
        return;
    while (at < shared->n && shared->codings[at].codec != stream->agreement.codec)
        at++;
    if (at == MCP_MEDIA_SHARED_CODECS || !mcp_media_live_encoder_is_shareable(stream->live, n)) {
        mcp_media_stream_send_live(stream, samples, n, now);
        return;
    }
    if (at == shared->n) {
        mcp_media_live_encoder_put(stream->live, samples, n);
        mcp_media_live_encoder_next(stream->live, shared->codings[at].payload,
                                    &shared->codings[at].length);
        shared->codings[at].codec = stream->agreement.codec;
        shared->n++;
    }
    memcpy(datagram + MCP_MEDIA_RTP_HEADER, shared->codings[at].payload,
           shared->codings[at].length);
    send_payload(stream, datagram, shared->codings[at].length, now);
}

McpMediaPlayed
mcp_media_stream_hear_live(McpMediaStream *stream, gint16 *out, guint n, gint64 now)
{
    return mcp_media_ear_play(stream->live_ear, out, n, now);
}

/* --- membership --- */

static void
detach_member(McpMediaStream *self)
{
    if (self->live_ear != NULL)
        mcp_media_ear_close(self->live_ear);
    if (self->member == NULL || self->member->stream != self)
        return;
    self->member->stream = NULL;
    if (self->member->remote)
        mcp_media_worker_detach_pipe(self->worker, self->member->to_stream);
}

static void
detach_bridge(McpMediaStream *self)
{
    if (self->bridge == NULL)
        return;
    self->bridge->ends[self->bridge_end] = NULL;
    if (self->bridge->is_remote)
        mcp_media_worker_detach_pipe(self->worker, self->bridge->pipes[self->bridge_end]);
}

void
mcp_media_stream_end_live(McpMediaStream *stream)
{
    detach_member(stream);
    detach_bridge(stream);
}

void
mcp_media_stream_change_live(McpMediaStream *stream, McpMediaStreamChange *change, gint64 now)
{
    McpMediaLiveEncoder *before = stream->live;

    if (change->live_decoder != NULL && stream->live_ear != NULL)
        change->live_decoder =
            mcp_media_ear_set_decoder(stream->live_ear, change->live_decoder, now);
    if (change->live == NULL || before == NULL)
        return;
    stream->live = change->live;
    change->live = before;
}

/* --- commands --- */

typedef struct {
    McpMediaCommand base;
    McpMediaStream *stream; /* or, for others, that of @member */
    McpMediaMember *member;
    McpMediaEar *ear;
    McpMediaLiveEncoder *encoder;
    McpMediaBridge *bridge;
    guint end;
    gboolean passes;
} LiveCommand;

/* What the command took the place of goes with it. */
static void
live_command_free(gpointer data)
{
    LiveCommand *command = data;

    mcp_media_ear_free(command->ear);
    mcp_media_live_encoder_free(command->encoder);
    mcp_media_member_unref(command->member);
    mcp_media_bridge_unref(command->bridge);
    g_free(command);
}

static LiveCommand *
live_command_new(McpMediaStream *stream, void (*run)(McpMediaCommand *, gint64))
{
    LiveCommand *command = g_new0(LiveCommand, 1);

    command->base.run = run;
    command->base.free = live_command_free;
    command->stream = stream;
    return command;
}

static void
swap_live(McpMediaStream *self, LiveCommand *command)
{
    McpMediaMember *member = self->member;
    McpMediaEar *ear = self->live_ear;
    McpMediaLiveEncoder *encoder = self->live;

    self->member = command->member;
    self->live_ear = command->ear;
    self->live = command->encoder;
    command->member = member;
    command->ear = ear;
    command->encoder = encoder;
    self->live_talking = FALSE;
}

static void
run_join(McpMediaCommand *base, gint64 now)
{
    LiveCommand *command = (LiveCommand *)base;
    McpMediaStream *self = command->stream;

    detach_member(self);
    swap_live(self, command);
    if (self->removed)
        return;
    self->member->stream = self;
    mcp_media_ear_open(self->live_ear, mcp_media_worker_get_packets(self->worker));
    if (self->member->remote || self->member->tones != NULL)
        mcp_media_ear_listen(self->live_ear, mcp_media_member_hear, self->member);
    if (!self->member->remote)
        mcp_media_ear_set_playout(self->live_ear, self->member->playout, now);
    else
        mcp_media_worker_attach_pipe(self->worker, self->member->to_stream);
    if (self->member->remote)
        mcp_media_ear_hurry(self->live_ear);
}

void
mcp_media_stream_join(McpMediaStream *stream, McpMediaMember *member, McpMediaEar *ear,
                      McpMediaLiveEncoder *encoder)
{
    LiveCommand *command = live_command_new(stream, run_join);

    command->member = member;
    command->ear = ear;
    command->encoder = encoder;
    mcp_media_worker_post(mcp_media_stream_get_worker(stream), &command->base);
}

static void
run_leave(McpMediaCommand *base, gint64 now)
{
    LiveCommand *command = (LiveCommand *)base;

    detach_member(command->stream);
    swap_live(command->stream, command);
}

void
mcp_media_stream_leave(McpMediaStream *stream)
{
    LiveCommand *command = live_command_new(stream, run_leave);

    mcp_media_worker_post(mcp_media_stream_get_worker(stream), &command->base);
}

static void
run_expel(McpMediaCommand *base, gint64 now)
{
    McpMediaStream *self = ((LiveCommand *)base)->member->stream;

    if (self == NULL)
        return;
    detach_member(self);
    mcp_media_stream_post(self, mcp_media_stream_event(self, MCP_LEG_LEFT, now));
}

void
mcp_media_member_expel(McpMediaMember *member)
{
    LiveCommand *command = live_command_new(NULL, run_expel);

    command->member = mcp_media_member_ref(member);
    mcp_media_worker_post(member->worker, &command->base);
}

static void
run_bridge(McpMediaCommand *base, gint64 now)
{
    LiveCommand *command = (LiveCommand *)base;
    McpMediaStream *self = command->stream;
    McpMediaBridge *before = self->bridge;

    detach_bridge(self);
    self->bridge = command->bridge;
    self->bridge_end = command->end;
    self->relay.started = FALSE;
    command->bridge = before;
    if (self->removed || self->bridge == NULL)
        return;
    self->bridge->ends[self->bridge_end] = self;
    if (self->bridge->is_remote)
        mcp_media_worker_attach_pipe(self->worker, self->bridge->pipes[self->bridge_end]);
}

void
mcp_media_stream_bridge(McpMediaStream *stream, McpMediaBridge *bridge, guint end)
{
    LiveCommand *command = live_command_new(stream, run_bridge);

    command->bridge = bridge;
    command->end = end;
    mcp_media_worker_post(mcp_media_stream_get_worker(stream), &command->base);
}

static void
run_pass_audio(McpMediaCommand *base, gint64 now)
{
    LiveCommand *command = (LiveCommand *)base;
    McpMediaStream *self = command->stream;

    /* A room has counted on meanwhile. */
    if (self->passes_audio != command->passes)
        self->relay.started = FALSE;
    self->passes_audio = command->passes;
}

void
mcp_media_stream_pass_audio(McpMediaStream *stream, gboolean passes)
{
    LiveCommand *command = live_command_new(stream, run_pass_audio);

    command->passes = passes;
    mcp_media_worker_post(mcp_media_stream_get_worker(stream), &command->base);
}

void
mcp_media_stream_unbridge(McpMediaStream *stream)
{
    mcp_media_stream_bridge(stream, NULL, 0);
}
