/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RTCP of a stream: reports every five seconds, statistics out of the other side's. Media worker.
 */
#include "stream_private.h"
#include "stream_send.h"

#include "../rtp/quality.h"
#include "../rtp/rtcp.h"
#include <string.h>

/* RFC 3550 §6.2: five seconds, varied between half and one and a half (§6.3.1). */
#define REPORT_INTERVAL_US (5 * G_USEC_PER_SEC)

/* Port aside: RTCP may come from another one behind a NAT. */
static gboolean
is_same_host(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
    struct sockaddr_storage c = *b;

    mcp_media_address_set_port(&c, mcp_media_address_get_port(a));
    return mcp_media_address_equal(a, &c);
}

static void
note_block(McpMediaStream *self, const McpMediaRtcpReport *report, gint64 arrival)
{
    gint64 wall = arrival + mcp_media_worker_wall_offset(self->worker);
    guint32 passed = 0;

    atomic_store_explicit(&self->counters.remote_loss, report->fraction_lost, memory_order_relaxed);
    if (report->last_sr == 0)
        return;
    /* §6.4.1: A - LSR - DLSR, in 1/65536 s; more than a minute is no answer to a report of ours. */
    passed = mcp_media_rtcp_ntp_middle(wall) - report->last_sr - report->delay_since_sr;
    if (passed < 60u << 16)
        atomic_store_explicit(&self->counters.round_trip_us, (guint64)passed * G_USEC_PER_SEC >> 16,
                              memory_order_relaxed);
}

static void
note_one_way(McpMediaStream *self, const McpMediaRtcpReport *report, gint64 now)
{
    static const char *const what[] = {
        NULL,
        "the other side sends, nothing of it arrives here",
        "we send, nothing of it arrives at the other side",
    };
    McpMediaOneWayFinding found = mcp_media_one_way_note(
        &self->one_way, report,
        atomic_load_explicit(&self->counters.packets_received, memory_order_relaxed),
        atomic_load_explicit(&self->counters.packets_sent, memory_order_relaxed));
    McpMediaEvent *event = NULL;

    if (found == MCP_MEDIA_ONE_WAY_NONE || !self->agreement.active)
        return;
    event = mcp_media_stream_event(self, MCP_LEG_ONE_WAY, now);
    event->mark = what[found];
    event->remote = *mcp_media_source_lock_target(&self->lock);
    mcp_media_stream_post(self, event);
}

/* In the clear, for who watches; one who is swamped misses some. */
static void
show(McpMediaStream *self, gboolean sent, const guint8 *data, gsize length,
     const struct sockaddr_storage *other, gint64 now)
{
    if (self->traces != NULL && mcp_traces_watched(self->traces))
        mcp_media_stream_post_datagram(self, MCP_MEDIA_EVENT_RTCP, sent, data, length, other,
                                       now + mcp_media_worker_wall_offset(self->worker));
}

void
mcp_media_stream_receive_rtcp(McpMediaStream *stream, const guint8 *data, gsize length,
                              const struct sockaddr_storage *from, gint64 arrival)
{
    const struct sockaddr_storage *target = mcp_media_source_lock_target(&stream->lock);
    McpMediaRtcpReport report;

    if (target == NULL || !is_same_host(target, from)) {
        mcp_media_counter_add(&stream->counters.foreign, 1);
        return;
    }
    if (!mcp_media_rtcp_parse(data, length, stream->ssrc, stream->agreement.rtcp_reduced,
                              &report)) {
        mcp_media_counter_add(&stream->counters.invalid, 1);
        return;
    }
    show(stream, FALSE, data, length, from, arrival);
    stream->last_packet = arrival;
    stream->rtcp_source = *from;
    stream->has_rtcp_source = TRUE;
    if (report.has_sender) {
        stream->last_sr = report.ntp_middle;
        stream->last_sr_arrival = arrival;
    }
    if (report.has_block)
        note_block(stream, &report, arrival);
    note_one_way(stream, &report, arrival);
    if (report.has_voip && report.voip_mos >= 10 && report.voip_mos <= 50)
        atomic_store_explicit(&stream->counters.remote_mos, report.voip_mos * 10u,
                              memory_order_relaxed);
}

static void
fill_block(McpMediaStream *self, McpMediaRtcpSender *sender, gint64 now)
{
    McpMediaReceiver *receiver = &self->receiver;

    if (!receiver->started)
        return;
    sender->has_block = TRUE;
    sender->source = receiver->ssrc;
    sender->fraction_lost = mcp_media_receiver_take_fraction(receiver);
    sender->lost = (guint32)MIN(mcp_media_receiver_get_lost(receiver), 0x7fffff);
    sender->highest = receiver->highest;
    sender->jitter = (guint32)receiver->jitter;
    if (self->last_sr_arrival != 0) {
        sender->last_sr = self->last_sr;
        sender->delay_since_sr =
            (guint32)(((guint64)(now - self->last_sr_arrival) << 16) / G_USEC_PER_SEC);
    }
}

static guint8
to_256(guint64 part, guint64 whole)
{
    return whole > 0 ? (guint8)MIN(part * 256 / whole, 255) : 0;
}

/* What was received so far, as figures and as one of quality. */
static void
measure(McpMediaStream *self, McpMediaVoipMetrics *voip)
{
    const McpMediaReceiver *receiver = &self->receiver;
    guint rate = self->agreement.codec->clock_rate;
    guint64 lost = mcp_media_receiver_get_lost(receiver);
    guint64 expected = receiver->received + lost;
    guint64 round_trip =
        atomic_load_explicit(&self->counters.round_trip_us, memory_order_relaxed) / 1000;
    double jitter_ms = receiver->jitter * 1000 / rate;
    /* A packet's own length, and as much as its successors may come late. */
    double end_system = self->agreement.ptime + jitter_ms * 2;
    const McpMediaQualityInput input = {
        .codec = self->agreement.codec->id,
        .loss = expected > 0 ? (double)lost / (double)expected : 0,
        .delay_ms = (double)round_trip / 2 + end_system,
    };
    McpMediaQualityInput listening = input;
    double r = mcp_media_quality_r(&input);

    listening.delay_ms = 0;
    memset(voip, 0, sizeof *voip);
    voip->loss_rate = to_256(lost, expected);
    voip->discard_rate = to_256(receiver->late, expected);
    mcp_media_bursts_report(&receiver->bursts, self->agreement.ptime, &voip->bursts);
    voip->round_trip_ms = (guint16)MIN(round_trip, 65535);
    voip->end_system_ms = (guint16)MIN(end_system, 65535);
    voip->r = (guint8)r;
    voip->mos_cq = (guint8)(mcp_media_quality_mos(r) * 10 + 0.5);
    voip->mos_lq = (guint8)(mcp_media_quality_mos(mcp_media_quality_r(&listening)) * 10 + 0.5);
    voip->jitter_nominal_ms = (guint16)MIN(jitter_ms, 65535);
    voip->jitter_max_ms = (guint16)MIN(receiver->jitter_max * 1000 / rate, 65535);
    voip->jitter_limit_ms = voip->jitter_max_ms;
    atomic_store_explicit(&self->counters.mos, (guint64)(mcp_media_quality_mos(r) * 100),
                          memory_order_relaxed);
}

/* @length of @size bytes are the packet; they are encrypted where that is agreed upon. */
static void
send_packet(McpMediaStream *self, guint8 *packet, gsize length, gsize size,
            const struct sockaddr_storage *to, gint64 now)
{
    guint8 clear[MCP_MEDIA_RTCP_MAX];
    gsize clear_length = length;

    memcpy(clear, packet, length);
    if (mcp_media_stream_is_protected(self) &&
        mcp_media_srtp_protect_rtcp(self->srtp, packet, &length, size) != MCP_MEDIA_SRTP_OK)
        return;
    if (sendto(self->agreement.rtcp_mux ? self->pair.rtp : self->pair.rtcp, packet, length,
               MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)to,
               mcp_media_address_length(to)) >= 0)
        show(self, TRUE, clear, clear_length, to, now);
}

static void
send_report(McpMediaStream *self, gboolean bye, gint64 now)
{
    McpMediaVoipMetrics voip;
    _Alignas(8) guint8 packet[MCP_MEDIA_RTCP_MAX + MCP_MEDIA_SRTP_TRAILER];
    const McpMediaCounters *counters = &self->counters;
    guint64 sent = atomic_load_explicit(&counters->packets_sent, memory_order_relaxed);
    struct sockaddr_storage to = self->agreement.remote_rtcp;
    McpMediaRtcpSender sender = {
        .ssrc = self->ssrc,
        .cname = self->cname,
        .is_sender = sent > 0,
        .wall = now + mcp_media_worker_wall_offset(self->worker),
        .timestamp = mcp_media_stream_timestamp(self),
        .packets = (guint32)sent,
        .octets = (guint32)atomic_load_explicit(&counters->bytes_sent, memory_order_relaxed),
        .bye = bye,
    };
    gsize length = 0;

    if (self->has_rtcp_source)
        to = self->rtcp_source;
    else if (self->agreement.rtcp_mux)
        to = *mcp_media_source_lock_target(&self->lock);
    fill_block(self, &sender, now);
    if (self->receiver.started && self->agreement.codec != NULL) {
        measure(self, &voip);
        if (self->agreement.voip_metrics)
            sender.voip = &voip;
    }
    length = mcp_media_rtcp_write(&sender, packet);
    send_packet(self, packet, length, sizeof packet, &to, now);
}

void
mcp_media_stream_report(McpMediaStream *stream, gboolean bye, gint64 now)
{
    gint64 step = REPORT_INTERVAL_US / 2;

    if (!bye && now < stream->next_report)
        return;
    step += (gint64)((stream->ssrc ^ (guint32)now * 2654435761u) % REPORT_INTERVAL_US);
    /* The first one waits for half the interval, so that there is something to tell. */
    if (stream->next_report == 0 && !bye) {
        stream->next_report = now + step / 2;
        return;
    }
    stream->next_report = now + step;
    if (!stream->agreement.active || !stream->agreement.has_remote ||
        mcp_media_source_lock_target(&stream->lock) == NULL ||
        (stream->agreement.remote_rtcp.ss_family == 0 && !stream->agreement.rtcp_mux))
        return;
    send_report(stream, bye, now);
}
