/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Life and tick of a stream. What is not marked otherwise runs on the media worker.
 */
#include "stream_live.h"
#include "stream_private.h"
#include "stream_send.h"
#include "stream_tap.h"

#include <mcp/ledger.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpMediaStream);

/* --- events --- */

McpMediaEvent *
mcp_media_stream_event(McpMediaStream *stream, McpLegEventType type, gint64 now)
{
    McpMediaEvent *event = mcp_media_block_pool_take(mcp_media_worker_get_events(stream->worker));

    event->worker = stream->worker;
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

gboolean
mcp_media_stream_post_datagram(McpMediaStream *stream, McpMediaEventKind kind, gboolean sent,
                               const guint8 *data, gsize length,
                               const struct sockaddr_storage *address, gint64 now)
{
    McpMediaDatagram *datagram = NULL;
    McpMediaEvent *event = NULL;

    /* What is only shown may come late, and leaves room for what the leg lives by. */
    gboolean late = kind == MCP_MEDIA_EVENT_RTCP;

    if (length > MCP_MEDIA_DATAGRAM_DATA ||
        g_atomic_int_get(&stream->datagrams_waiting) >= MCP_MEDIA_DATAGRAMS_WAITING / (1 + late))
        return FALSE;
    g_atomic_int_inc(&stream->datagrams_waiting);
    datagram = mcp_media_block_pool_take(mcp_media_worker_get_packets(stream->worker));
    datagram->from = *address;
    datagram->length = length;
    memcpy(datagram->data, data, length);
    event = mcp_media_stream_event(stream, MCP_LEG_MEDIA_STARTED, now);
    event->kind = kind;
    event->datagram = datagram;
    event->sent = sent;
    if (late)
        mcp_media_mailbox_post_late(stream->mailbox, &event->link);
    else
        mcp_media_stream_post(stream, event);
    return TRUE;
}

void
mcp_media_event_free(McpMediaEvent *event)
{
    McpMediaWorker *worker = event->worker;

    if (event->datagram != NULL) {
        g_atomic_int_add(&event->stream->datagrams_waiting, -1);
        mcp_media_block_pool_give(mcp_media_worker_get_packets(worker), event->datagram);
    }
    mcp_media_block_pool_give(mcp_media_worker_get_events(worker), event);
}

/* --- the worker's calls --- */

static void
tick(McpMediaTicked *ticked, gint64 now)
{
    McpMediaStream *self = (McpMediaStream *)ticked;

    mcp_media_stream_send(self, now);
    mcp_media_stream_check_input(self, now);
    if (self->ear != NULL) {
        mcp_media_ear_tick(self->ear, now);
        atomic_store_explicit(&self->counters.concealed, mcp_media_ear_get_concealed(self->ear),
                              memory_order_relaxed);
    }
    if (self->live_ear != NULL)
        mcp_media_ear_tick(self->live_ear, now);
    if (self->progress != NULL)
        mcp_media_stream_check_watch(self, now);
    if (self->taps != NULL)
        mcp_media_stream_tick_taps(self, now);
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

void
mcp_media_stream_remove_now(McpMediaStream *stream, gint64 now)
{
    McpMediaEvent *event = NULL;

    if (stream->removed)
        return;
    stream->removed = TRUE;
    mcp_media_stream_end_list(stream, MCP_STOP_CLOSED, NULL, now);
    mcp_media_stream_end_recording(stream, MCP_STOP_CLOSED, 0, now);
    mcp_media_stream_end_taps(stream, now);
    if (stream->ear != NULL)
        mcp_media_ear_close(stream->ear);
    mcp_media_stream_end_live(stream);
    if (stream->started) {
        mcp_media_stream_report(stream, TRUE, now);
        mcp_media_worker_unwatch(stream->worker, stream->pair.rtp);
        mcp_media_worker_unwatch(stream->worker, stream->pair.rtcp);
        mcp_media_worker_remove(stream->worker, &stream->ticked);
    }
    event = mcp_media_stream_event(stream, MCP_LEG_PLAYBACK_ENDED, now);
    event->kind = MCP_MEDIA_EVENT_REMOVED;
    mcp_media_stream_post(stream, event);
}

static void
shutdown_stream(McpMediaTicked *ticked, gint64 now)
{
    mcp_media_stream_remove_now((McpMediaStream *)ticked, now);
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
    self->traces = params->traces;
    self->agreement.send_event_type = -1;
    self->agreement.receive_event_type = -1;
    self->agreement.send_noise_type = -1;
    self->agreement.receive_noise_type = -1;
    self->ssrc = g_random_int();
    /* RFC 4568 §6.4: so that the first wrap is not lost with the first packets. */
    self->sequence = (guint16)g_random_int_range(0, 1 << 15);
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
    mcp_media_ear_free(stream->live_ear);
    mcp_media_live_encoder_free(stream->live);
    mcp_media_stream_drop_taps(stream);
    mcp_media_member_unref(stream->member);
    mcp_media_bridge_unref(stream->bridge);
    mcp_media_srtp_free(stream->srtp);
    mcp_media_voice_free(stream->voice);
    mcp_media_mouth_free(stream->mouth);
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

gboolean
mcp_media_stream_get_rtcp_address(McpMediaStream *stream, gboolean mux,
                                  struct sockaddr_storage *out_address)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof address;

    if (getsockname(mux ? stream->pair.rtp : stream->pair.rtcp, (struct sockaddr *)&address,
                    &length) != 0)
        return FALSE;
    *out_address = address;
    return TRUE;
}
