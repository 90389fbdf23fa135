/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands to a stream: each is made on the leg's context, and its run_… function runs on the media
 * worker. What a command took the place of is freed with it, not on the worker.
 */
#include "stream_live.h"
#include "stream_private.h"
#include "stream_send.h"

#include <errno.h>
#include <string.h>

#define DEFAULT_PERIOD (20000 / MCP_MEDIA_SLOT_US)

typedef struct {
    McpMediaCommand base;
    McpMediaStream *stream;
    McpMediaAgreement agreement;
    McpMediaPlayList *list;
    McpMediaRecorder *recorder;
    McpMediaEar *ear;
    McpMediaVoice *voice;
    McpMediaDtmfTones *tones;
    McpMediaCallProgress *progress; /* … after the command the one before */
    McpMediaStreamChange change;    /* … after the command what it took the place of */
    guint64 number;                 /* generation, or digits seen */
    McpArm arm;
    gboolean queued;
    char digits[MCP_MEDIA_DIGITS_MAX + 1];
    guint duration_ms;
    guint gap_ms;
} Command;

static void
command_free(gpointer data)
{
    Command *command = data;

    mcp_media_decoder_free(command->change.decoder);
    mcp_media_decoder_free(command->change.sent);
    mcp_media_decoder_free(command->change.live_decoder);
    mcp_media_live_encoder_free(command->change.live);
    mcp_media_decoder_free(command->change.mouth);
    g_free(command->progress);
    mcp_media_srtp_session_free(command->change.inbound);
    mcp_media_srtp_session_free(command->change.outbound);
    mcp_media_srtp_free(command->change.srtp);
    g_free(command);
}

static Command *
command_new(McpMediaStream *stream, void (*run)(McpMediaCommand *, gint64))
{
    Command *command = g_new0(Command, 1);

    command->base.run = run;
    command->base.free = command_free;
    command->stream = stream;
    return command;
}

static void
post(Command *command)
{
    mcp_media_worker_post(command->stream->worker, &command->base);
}

static guint
period_of(const McpMediaAgreement *agreement)
{
    guint period = agreement->ptime * 1000 / MCP_MEDIA_SLOT_US;

    return period > 0 && period < MCP_MEDIA_SLOTS_MAX ? period : DEFAULT_PERIOD;
}

/* What was never sent ends now, not at the tick to come. */
static void
note_nothing_sent(McpMediaStream *self)
{
    self->sent_until = mcp_media_stream_timestamp_at(self, mcp_media_worker_get_slot(self->worker));
}

static void
run_start(McpMediaCommand *base, gint64 now)
{
    McpMediaStream *self = ((Command *)base)->stream;

    if (self->started || self->removed)
        return;
    self->started = TRUE;
    self->last_packet = now;
    mcp_media_worker_add(self->worker, &self->ticked, period_of(&self->agreement));
    self->base_slot = self->ticked.due;
    note_nothing_sent(self);
    mcp_media_worker_watch(self->worker, &self->ticked, self->pair.rtp, MCP_MEDIA_SOCKET_RTP);
    mcp_media_worker_watch(self->worker, &self->ticked, self->pair.rtcp, MCP_MEDIA_SOCKET_RTCP);
}

void
mcp_media_stream_start(McpMediaStream *stream)
{
    post(command_new(stream, run_start));
}

static void
return_list(McpMediaStream *self, McpMediaPlayList *list, gint64 now)
{
    McpMediaEvent *event = mcp_media_stream_event(self, MCP_LEG_PLAYBACK_ENDED, now);

    event->kind = MCP_MEDIA_EVENT_OLD_LIST;
    event->list = list;
    mcp_media_stream_post(self, event);
}

static void
convert_list(McpMediaStream *self, McpMediaPlayList *list, const McpMediaFormat *to, gint64 now)
{
    McpMediaPlayList *playing = self->player.list;
    const McpMediaFormat *from = self->agreement.codec != NULL ? &self->agreement.format : to;

    if (playing != NULL && playing->generation == list->generation)
        list = mcp_media_player_convert(&self->player, list, from, to);
    return_list(self, list, now);
}

static void
protect(McpMediaStream *self, McpMediaStreamChange *change)
{
    if (self->srtp == NULL)
        self->srtp = g_steal_pointer(&change->srtp);
    if (change->inbound != NULL)
        change->inbound = mcp_media_srtp_replace(self->srtp, change->inbound);
    if (change->outbound != NULL) {
        change->outbound = mcp_media_srtp_replace(self->srtp, change->outbound);
        self->keyed = TRUE;
    }
}

static void
apply_remote(McpMediaStream *self, const struct sockaddr_storage *remote)
{
    self->agreement.remote = *remote;
    self->agreement.remote_rtcp = *remote;
    self->agreement.has_remote = TRUE;
    mcp_media_source_lock_set(&self->lock, remote, FALSE);
}

static void
run_agree(McpMediaCommand *base, gint64 now)
{
    Command *command = (Command *)base;
    McpMediaStream *self = command->stream;
    const McpMediaAgreement *next = &command->agreement;
    gboolean receives = (next->direction & MCP_SDP_RECVONLY) != 0;
    gboolean first = self->agreement.codec == NULL;

    if (command->change.list != NULL)
        convert_list(self, g_steal_pointer(&command->change.list), &next->format, now);
    if (command->change.decoder != NULL && self->ear != NULL)
        command->change.decoder =
            mcp_media_ear_set_decoder(self->ear, command->change.decoder, now);
    if (command->change.sent != NULL && self->voice != NULL)
        command->change.sent = mcp_media_voice_set_decoder(self->voice, command->change.sent);
    mcp_media_stream_change_live(self, &command->change, now);
    if (command->change.mouth != NULL && self->mouth != NULL)
        command->change.mouth = mcp_media_mouth_set_decoder(self->mouth, command->change.mouth);
    /* Keys of DTLS come later; until then a play list stands still. */
    if (next->protection != self->agreement.protection)
        self->keyed = FALSE;
    protect(self, &command->change);
    if (next->codec != self->agreement.codec && next->codec != NULL) {
        guint before = self->agreement.codec != NULL ? self->agreement.codec->clock_rate : 0;

        mcp_media_stream_rebase(self);
        self->relay.started = FALSE;
        self->live_talking = FALSE;
        if (next->codec->clock_rate != before)
            self->sent_until = self->timestamp_base;
    }
    /* After a hold the time without packets begins anew. */
    if (receives && (self->agreement.direction & MCP_SDP_RECVONLY) == 0)
        self->last_packet = now;
    mcp_media_source_lock_set(&self->lock, next->has_remote ? &next->remote : NULL,
                              self->symmetric);
    if (!mcp_media_agreement_equal(&self->agreement, next))
        self->has_rtcp_source = FALSE;
    self->agreement = *next;
    if (first)
        note_nothing_sent(self);
    if (!receives || next->receive_noise_type < 0)
        mcp_media_stream_end_noise(self);
    if (next->ice && self->nominated.ss_family != 0)
        apply_remote(self, &self->nominated);
    mcp_media_stream_update_tones(self, now);
    if (self->started)
        mcp_media_worker_set_period(self->worker, &self->ticked, period_of(next));
}

void
mcp_media_stream_agree(McpMediaStream *stream, const McpMediaAgreement *agreement,
                       const McpMediaStreamChange *change)
{
    Command *command = command_new(stream, run_agree);

    command->agreement = *agreement;
    command->change = *change;
    post(command);
}

static void
run_set_keys(McpMediaCommand *base, gint64 now)
{
    Command *command = (Command *)base;

    if (command->stream->srtp != NULL)
        protect(command->stream, &command->change);
}

void
mcp_media_stream_set_keys(McpMediaStream *stream, McpMediaSrtpSession *inbound,
                          McpMediaSrtpSession *outbound)
{
    Command *command = command_new(stream, run_set_keys);

    command->change.inbound = inbound;
    command->change.outbound = outbound;
    post(command);
}

static void
run_set_remote(McpMediaCommand *base, gint64 now)
{
    Command *command = (Command *)base;
    McpMediaStream *self = command->stream;

    self->nominated = command->agreement.remote;
    if (self->agreement.ice)
        apply_remote(self, &self->nominated);
}

void
mcp_media_stream_set_remote(McpMediaStream *stream, const struct sockaddr_storage *remote)
{
    Command *command = command_new(stream, run_set_remote);

    command->agreement.remote = *remote;
    post(command);
}

void
mcp_media_stream_send_raw(McpMediaStream *stream, const guint8 *data, gsize length,
                          const struct sockaddr_storage *to)
{
    if (sendto(stream->pair.rtp, data, length, MSG_DONTWAIT | MSG_NOSIGNAL,
               (const struct sockaddr *)to, mcp_media_address_length(to)) < 0)
        g_debug("sendto: %s", g_strerror(errno));
}

static void
run_open_ear(McpMediaCommand *base, gint64 now)
{
    Command *command = (Command *)base;
    McpMediaStream *self = command->stream;

    self->ear = command->ear;
    if (!self->removed)
        mcp_media_ear_open(self->ear, mcp_media_worker_get_packets(self->worker));
}

void
mcp_media_stream_open_ear(McpMediaStream *stream, McpMediaEar *ear)
{
    Command *command = command_new(stream, run_open_ear);

    command->ear = ear;
    post(command);
}

static void
run_open_voice(McpMediaCommand *base, gint64 now)
{
    Command *command = (Command *)base;

    command->stream->voice = command->voice;
}

void
mcp_media_stream_open_voice(McpMediaStream *stream, McpMediaVoice *voice)
{
    Command *command = command_new(stream, run_open_voice);

    command->voice = voice;
    post(command);
}

static void
run_open_tones(McpMediaCommand *base, gint64 now)
{
    Command *command = (Command *)base;

    command->stream->tones = command->tones;
    mcp_media_stream_update_tones(command->stream, now);
}

void
mcp_media_stream_open_tones(McpMediaStream *stream, McpMediaDtmfTones *tones)
{
    Command *command = command_new(stream, run_open_tones);

    command->tones = tones;
    post(command);
}

static void
run_watch(McpMediaCommand *base, gint64 now)
{
    Command *command = (Command *)base;

    command->progress = mcp_media_stream_apply_watch(command->stream, command->progress, now);
}

void
mcp_media_stream_watch(McpMediaStream *stream, McpMediaCallProgress *progress)
{
    Command *command = command_new(stream, run_watch);

    command->progress = progress;
    post(command);
}

/*
 * Who waits for the first packet does not wait for the stream's own tick: the phase follows. Within
 * what was sent last it stays, so that RTP time goes on without a gap.
 */
static void
begin_soon(McpMediaStream *self)
{
    guint64 next = mcp_media_worker_get_slot(self->worker) + 1;

    if (!self->sending_digits &&
        !mcp_media_stream_is_within_sent(self, mcp_media_stream_timestamp_at(self, next)))
        mcp_media_worker_advance(self->worker, &self->ticked);
}

static void
run_play(McpMediaCommand *base, gint64 now)
{
    Command *command = (Command *)base;
    McpMediaStream *self = command->stream;

    mcp_media_stream_end_list(self, MCP_STOP_COMMAND, NULL, now);
    mcp_media_player_start(&self->player, command->list);
    if (self->removed)
        mcp_media_stream_end_list(self, MCP_STOP_CLOSED, NULL, now);
    else
        begin_soon(self);
}

void
mcp_media_stream_play(McpMediaStream *stream, McpMediaPlayList *list)
{
    Command *command = command_new(stream, run_play);

    command->list = list;
    post(command);
}

static void
run_stop(McpMediaCommand *base, gint64 now)
{
    Command *command = (Command *)base;
    McpMediaStream *self = command->stream;

    if (self->player.list != NULL && self->player.list->generation == command->number)
        mcp_media_stream_end_list(self, MCP_STOP_COMMAND, NULL, now);
}

void
mcp_media_stream_stop(McpMediaStream *stream, guint64 generation)
{
    Command *command = command_new(stream, run_stop);

    command->number = generation;
    post(command);
}

static void
run_arm(McpMediaCommand *base, gint64 now)
{
    Command *command = (Command *)base;

    mcp_media_stream_apply_arm(command->stream, &command->arm, command->number, command->queued,
                               now);
}

void
mcp_media_stream_arm(McpMediaStream *stream, const McpArm *arm, guint64 digits_seen,
                     gboolean queued)
{
    Command *command = command_new(stream, run_arm);

    command->arm = *arm;
    command->number = digits_seen;
    command->queued = queued;
    post(command);
}

static void
run_disarm(McpMediaCommand *base, gint64 now)
{
    McpMediaStream *self = ((Command *)base)->stream;

    self->armed = FALSE;
    self->no_input_at = 0;
    mcp_media_stream_listen_for_speech(self, NULL, now);
}

void
mcp_media_stream_disarm(McpMediaStream *stream)
{
    post(command_new(stream, run_disarm));
}

static void
run_put_digit(McpMediaCommand *base, gint64 now)
{
    Command *command = (Command *)base;
    McpMediaReceiver *receiver = &command->stream->receiver;
    const McpDigit digit = {
        .digit = command->digits[0],
        .source = MCP_DIGIT_INFO,
        .start = now,
        .duration_ms = command->duration_ms,
        .media_time = (guint64)(receiver->timestamp - receiver->first_timestamp),
    };

    mcp_media_stream_digit(command->stream, &digit, now);
}

void
mcp_media_stream_put_digit(McpMediaStream *stream, char digit, guint duration_ms)
{
    Command *command = command_new(stream, run_put_digit);

    command->digits[0] = digit;
    command->duration_ms = duration_ms;
    post(command);
}

static void
run_send_digits(McpMediaCommand *base, gint64 now)
{
    Command *command = (Command *)base;
    McpMediaStream *self = command->stream;
    guint rate = self->agreement.codec != NULL ? self->agreement.codec->clock_rate : 8000;

    /* Digits that are still going out are followed by the new ones. */
    if (self->digits_out.active && self->digits_out.at < strlen(self->digits_out.digits)) {
        g_strlcat(self->digits_out.digits, command->digits, sizeof self->digits_out.digits);
        return;
    }
    self->sending_digits = mcp_media_event_sender_start(
        &self->digits_out, command->digits, command->duration_ms, command->gap_ms, rate);
}

void
mcp_media_stream_send_digits(McpMediaStream *stream, const char *digits, guint duration_ms,
                             guint gap_ms)
{
    Command *command = command_new(stream, run_send_digits);

    g_strlcpy(command->digits, digits, sizeof command->digits);
    command->duration_ms = duration_ms;
    command->gap_ms = gap_ms;
    post(command);
}

static void
run_record(McpMediaCommand *base, gint64 now)
{
    Command *command = (Command *)base;

    mcp_media_stream_apply_record(command->stream, command->recorder, command->list, now);
}

void
mcp_media_stream_record(McpMediaStream *stream, McpMediaRecorder *recorder, McpMediaPlayList *beep)
{
    Command *command = command_new(stream, run_record);

    command->recorder = recorder;
    command->list = beep;
    post(command);
}

static void
run_stop_recording(McpMediaCommand *base, gint64 now)
{
    mcp_media_stream_end_recording(((Command *)base)->stream, MCP_STOP_COMMAND, 0, now);
}

void
mcp_media_stream_stop_recording(McpMediaStream *stream)
{
    post(command_new(stream, run_stop_recording));
}

static void
run_remove(McpMediaCommand *base, gint64 now)
{
    mcp_media_stream_remove_now(((Command *)base)->stream, now);
}

void
mcp_media_stream_remove(McpMediaStream *stream)
{
    post(command_new(stream, run_remove));
}
