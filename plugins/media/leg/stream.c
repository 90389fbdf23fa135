/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Life, tick and commands of a stream. Commands are made on the leg's context and run on the media
 * worker; all else here that is not marked otherwise runs on the worker.
 */
#include "stream_private.h"

#include <mcp/ledger.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpMediaStream);

#define DEFAULT_PERIOD (20000 / MCP_MEDIA_SLOT_US)

/* --- events --- */

McpMediaEvent *
mcp_media_stream_event(McpMediaStream *stream, McpLegEventType type, gint64 now)
{
    McpMediaEvent *event = mcp_media_block_pool_take(mcp_media_worker_get_events(stream->worker));

    event->stream = stream;
    event->leg_type = type;
    event->time = now;
    return event;
}

void
mcp_media_stream_post(McpMediaStream *stream, McpMediaEvent *event)
{
    mcp_media_mailbox_post(stream->mailbox, &event->link);
}

void
mcp_media_event_free(McpMediaEvent *event)
{
    mcp_media_block_pool_give(mcp_media_worker_get_events(event->stream->worker), event);
}

/* --- the worker's calls --- */

static void
tick(McpMediaTicked *ticked, gint64 now)
{
    McpMediaStream *self = (McpMediaStream *)ticked;

    mcp_media_stream_send(self, now);
    mcp_media_stream_check_input(self, now);
    if (self->ear != NULL)
        mcp_media_ear_tick(self->ear, now);
    if (self->recorder != NULL)
        mcp_media_stream_check_recording(self, now);
    mcp_media_stream_report(self, FALSE, now);
    mcp_media_stream_check_media(self, now);
}

static void
receive(McpMediaTicked *ticked, McpMediaSocket which, gint64 now)
{
    mcp_media_stream_receive((McpMediaStream *)ticked, which, now);
}

static void
remove_now(McpMediaStream *self, gint64 now)
{
    McpMediaEvent *event = NULL;

    if (self->removed)
        return;
    self->removed = TRUE;
    mcp_media_stream_end_list(self, MCP_STOP_CLOSED, NULL, now);
    mcp_media_stream_end_recording(self, MCP_STOP_CLOSED, 0, now);
    if (self->ear != NULL)
        mcp_media_ear_close(self->ear);
    if (self->started) {
        mcp_media_stream_report(self, TRUE, now);
        mcp_media_worker_unwatch(self->worker, self->pair.rtp);
        mcp_media_worker_unwatch(self->worker, self->pair.rtcp);
        mcp_media_worker_remove(self->worker, &self->ticked);
    }
    event = mcp_media_stream_event(self, MCP_LEG_PLAYBACK_ENDED, now);
    event->kind = MCP_MEDIA_EVENT_REMOVED;
    mcp_media_stream_post(self, event);
}

static void
shutdown_stream(McpMediaTicked *ticked, gint64 now)
{
    remove_now((McpMediaStream *)ticked, now);
}

static const McpMediaTickedClass stream_class = {tick, receive, shutdown_stream};

/* --- life, on the leg's context --- */

McpMediaStream *
mcp_media_stream_new(const McpMediaStreamParams *params, gpointer leg)
{
    McpMediaStream *self = g_new0(McpMediaStream, 1);

    MCP_LEDGER_CREATED(McpMediaStream);
    self->ticked.klass = &stream_class;
    /* One reference is the leg's, the other the worker's until MCP_MEDIA_EVENT_REMOVED. */
    self->refs = 2;
    self->leg = leg;
    self->worker = mcp_media_worker_ref(params->worker);
    mcp_media_worker_place(self->worker, 1);
    self->mailbox = mcp_media_mailbox_ref(params->mailbox);
    self->owner = g_object_ref(params->owner);
    self->ports = params->ports;
    self->pair = params->pair;
    self->no_media_timeout = params->no_media_timeout;
    self->symmetric = params->symmetric;
    self->tones_always = params->tones_always;
    self->agreement.send_event_type = -1;
    self->agreement.receive_event_type = -1;
    self->ssrc = g_random_int();
    self->sequence = (guint16)g_random_int();
    self->timestamp_base = g_random_int();
    g_snprintf(self->cname, sizeof self->cname, "%08x%08x@mcp", g_random_int(), g_random_int());
    return self;
}

McpMediaStream *
mcp_media_stream_ref(McpMediaStream *stream)
{
    stream->refs++;
    return stream;
}

void
mcp_media_stream_unref(McpMediaStream *stream)
{
    if (--stream->refs > 0)
        return;
    mcp_media_ports_give(stream->ports, &stream->pair);
    mcp_media_worker_place(stream->worker, -1);
    mcp_media_worker_unref(stream->worker);
    mcp_media_mailbox_unref(stream->mailbox);
    g_object_unref(stream->owner);
    mcp_media_ear_free(stream->ear);
    mcp_media_srtp_free(stream->srtp);
    mcp_media_voice_free(stream->voice);
    g_free(stream->tones);
    g_free(stream->progress);
    g_free(stream);
    MCP_LEDGER_FINALIZED(McpMediaStream);
}

gpointer
mcp_media_stream_get_leg(McpMediaStream *stream)
{
    return stream->leg;
}

void
mcp_media_stream_forget_leg(McpMediaStream *stream)
{
    stream->leg = NULL;
}

const McpMediaCounters *
mcp_media_stream_get_counters(McpMediaStream *stream)
{
    return &stream->counters;
}

McpMediaWorker *
mcp_media_stream_get_worker(McpMediaStream *stream)
{
    return stream->worker;
}

McpMediaMailbox *
mcp_media_stream_get_mailbox(McpMediaStream *stream)
{
    return stream->mailbox;
}

guint
mcp_media_stream_get_port(McpMediaStream *stream)
{
    return stream->pair.port;
}

/* --- commands --- */

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
    if (change->outbound != NULL)
        change->outbound = mcp_media_srtp_replace(self->srtp, change->outbound);
}

static void
run_agree(McpMediaCommand *base, gint64 now)
{
    Command *command = (Command *)base;
    McpMediaStream *self = command->stream;
    const McpMediaAgreement *next = &command->agreement;
    gboolean receives = (next->direction & MCP_SDP_RECVONLY) != 0;

    if (command->change.list != NULL)
        convert_list(self, g_steal_pointer(&command->change.list), &next->format, now);
    if (command->change.decoder != NULL && self->ear != NULL)
        command->change.decoder =
            mcp_media_ear_set_decoder(self->ear, command->change.decoder, now);
    if (command->change.sent != NULL && self->voice != NULL)
        command->change.sent = mcp_media_voice_set_decoder(self->voice, command->change.sent);
    protect(self, &command->change);
    if (next->codec != self->agreement.codec && next->codec != NULL)
        mcp_media_stream_rebase(self);
    /* After a hold the time without packets begins anew. */
    if (receives && (self->agreement.direction & MCP_SDP_RECVONLY) == 0)
        self->last_packet = now;
    mcp_media_source_lock_set(&self->lock, next->has_remote ? &next->remote : NULL,
                              self->symmetric);
    if (!mcp_media_agreement_equal(&self->agreement, next))
        self->has_rtcp_source = FALSE;
    self->agreement = *next;
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

static void
run_play(McpMediaCommand *base, gint64 now)
{
    Command *command = (Command *)base;
    McpMediaStream *self = command->stream;

    mcp_media_stream_end_list(self, MCP_STOP_COMMAND, NULL, now);
    mcp_media_player_start(&self->player, command->list);
    if (self->removed)
        mcp_media_stream_end_list(self, MCP_STOP_CLOSED, NULL, now);
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
    remove_now(((Command *)base)->stream, now);
}

void
mcp_media_stream_remove(McpMediaStream *stream)
{
    post(command_new(stream, run_remove));
}
