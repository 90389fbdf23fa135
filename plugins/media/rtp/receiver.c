/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sequence, loss and jitter of one received stream (RFC 3550 A.1, A.3, A.8). Media worker.
 */
#include "receiver.h"

#include <math.h>

/* RFC 3550 A.1. A forward gap up to a minute of packets, a backward one up to two seconds. */
#define MAX_DROPOUT 3000
#define MAX_MISORDER 100
#define WINDOW_BITS 64

static void
restart(McpMediaReceiver *self, const McpMediaRtpPacket *packet)
{
    self->lost_before = mcp_media_receiver_get_lost(self);
    self->started = TRUE;
    self->ssrc = packet->ssrc;
    self->base = 0x10000u + packet->sequence;
    self->highest = self->base;
    self->window = 1;
    self->received = 1;
    self->expected_prior = 0;
    self->received_prior = 0;
    self->bad_set = FALSE;
    self->transit_set = FALSE;
    self->timestamp = packet->timestamp;
    self->first_timestamp = packet->timestamp;
}

static void
advance(McpMediaReceiver *self, guint16 distance)
{
    self->highest += distance;
    self->window = distance >= WINDOW_BITS ? 1 : self->window << distance | 1;
    self->received++;
    self->bad_set = FALSE;
    mcp_media_bursts_note(&self->bursts, distance - 1u);
}

static McpMediaArrival
take_old(McpMediaReceiver *self, guint behind, guint32 *out_sequence)
{
    *out_sequence = self->highest - behind;
    if (behind >= WINDOW_BITS) {
        self->invalid++;
        return MCP_MEDIA_ARRIVAL_INVALID;
    }
    if ((self->window >> behind & 1) != 0) {
        self->duplicates++;
        return MCP_MEDIA_ARRIVAL_DUPLICATE;
    }
    self->window |= G_GUINT64_CONSTANT(1) << behind;
    self->late++;
    /* Packets from before the first one were never expected. */
    if (*out_sequence >= self->base)
        self->received++;
    return MCP_MEDIA_ARRIVAL_LATE;
}

McpMediaArrival
mcp_media_receiver_take(McpMediaReceiver *receiver, const McpMediaRtpPacket *packet,
                        guint32 *out_sequence, gint64 *out_timestamp)
{
    guint16 ahead = (guint16)(packet->sequence - (guint16)receiver->highest);
    gint64 timestamp = 0;

    if (!receiver->started || packet->ssrc != receiver->ssrc) {
        restart(receiver, packet);
        *out_sequence = receiver->highest;
        *out_timestamp = receiver->timestamp;
        return MCP_MEDIA_ARRIVAL_RESTART;
    }
    timestamp = receiver->timestamp + (gint32)(packet->timestamp - (guint32)receiver->timestamp);
    *out_timestamp = timestamp;
    if (ahead != 0 && ahead < MAX_DROPOUT) {
        advance(receiver, ahead);
        receiver->timestamp = timestamp;
        *out_sequence = receiver->highest;
        return MCP_MEDIA_ARRIVAL_NEW;
    }
    if (ahead == 0 || ahead > 0x10000 - MAX_MISORDER)
        return take_old(receiver, (guint16)-ahead, out_sequence);
    if (receiver->bad_set && packet->sequence == receiver->bad) {
        restart(receiver, packet);
        *out_sequence = receiver->highest;
        *out_timestamp = receiver->timestamp;
        return MCP_MEDIA_ARRIVAL_RESTART;
    }
    receiver->bad = (guint16)(packet->sequence + 1);
    receiver->bad_set = TRUE;
    receiver->invalid++;
    *out_sequence = receiver->highest;
    return MCP_MEDIA_ARRIVAL_INVALID;
}

void
mcp_media_receiver_note_transit(McpMediaReceiver *receiver, gint64 arrival, gint64 timestamp)
{
    gint64 transit = arrival - timestamp;

    if (receiver->transit_set) {
        double distance = fabs((double)(transit - receiver->transit));

        receiver->jitter += (distance - receiver->jitter) / 16.0;
        receiver->jitter_max = MAX(receiver->jitter_max, receiver->jitter);
    }
    receiver->transit = transit;
    receiver->transit_set = TRUE;
}

guint64
mcp_media_receiver_get_lost(const McpMediaReceiver *receiver)
{
    guint64 expected = 0;

    if (!receiver->started)
        return receiver->lost_before;
    expected = (guint64)(receiver->highest - receiver->base) + 1;
    return receiver->lost_before +
           (expected > receiver->received ? expected - receiver->received : 0);
}

guint8
mcp_media_receiver_take_fraction(McpMediaReceiver *receiver)
{
    guint32 expected = receiver->highest - receiver->base + 1;
    guint32 received = (guint32)receiver->received;
    gint64 expected_interval = (gint64)expected - receiver->expected_prior;
    gint64 lost = expected_interval - ((gint64)received - receiver->received_prior);

    receiver->expected_prior = expected;
    receiver->received_prior = received;
    if (expected_interval <= 0 || lost <= 0)
        return 0;
    return (guint8)MIN((lost << 8) / expected_interval, 255);
}
