/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of what a leg does with datagrams: a row of them, each behind a byte of length, goes
 * through header, sequence, telephone events, jitter buffer and RTCP, as on a media worker.
 */
#include "rtp/jitter_buffer.h"
#include "rtp/packet.h"
#include "rtp/receiver.h"
#include "rtp/rtcp.h"
#include "rtp/telephone_event.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
    McpMediaReceiver receiver;
    McpMediaEventReceiver events;
    McpMediaJitterBuffer buffer;
    McpMediaBlockPool pool;
    gint64 now;
    gint64 last; /* extended sequence that left the buffer */
} Leg;

static void
drain(Leg *leg, gboolean force)
{
    McpMediaJitterPacket *packet = NULL;

    while ((packet = mcp_media_jitter_buffer_pop(&leg->buffer, leg->now, force)) != NULL) {
        if (leg->last >= 0 && (gint32)(packet->sequence - (guint32)leg->last) <= 0)
            __builtin_trap();
        leg->last = packet->sequence;
        mcp_media_block_pool_give(&leg->pool, packet);
    }
}

static void
take_media(Leg *leg, const McpMediaRtpPacket *packet)
{
    McpMediaHeardDigit digits[4];
    guint32 sequence = 0;
    gint64 timestamp = 0;
    McpMediaArrival arrival =
        mcp_media_receiver_take(&leg->receiver, packet, &sequence, &timestamp);

    if (packet->payload_type == 101 &&
        mcp_media_event_receiver_take(&leg->events, packet, 8000, digits, 4) > 4)
        __builtin_trap();
    if (arrival == MCP_MEDIA_ARRIVAL_RESTART) {
        drain(leg, TRUE);
        mcp_media_jitter_buffer_clear(&leg->buffer);
        leg->last = -1;
    }
    mcp_media_receiver_note_transit(&leg->receiver, leg->now / 125, timestamp);
    mcp_media_jitter_buffer_set_jitter(&leg->buffer, (gint64)leg->receiver.jitter * 125);
    if (!mcp_media_jitter_buffer_put(&leg->buffer, sequence, timestamp, leg->now, packet->payload,
                                     packet->length, FALSE))
        drain(leg, TRUE);
    drain(leg, FALSE);
}

static void
answer(Leg *leg, const McpMediaRtcpReport *report)
{
    const McpMediaRtcpSender sender = {
        .ssrc = report->ssrc,
        .cname = "fuzz@mcp",
        .is_sender = report->has_sender,
        .has_block = report->has_block,
        .source = leg->receiver.ssrc,
        .fraction_lost =
            leg->receiver.started ? mcp_media_receiver_take_fraction(&leg->receiver) : 0,
        .lost = (guint32)mcp_media_receiver_get_lost(&leg->receiver),
        .bye = report->bye,
    };
    McpMediaRtcpReport again;
    guint8 data[MCP_MEDIA_RTCP_MAX];
    gsize length = mcp_media_rtcp_write(&sender, data);

    if (!mcp_media_rtcp_parse(data, length, sender.source, FALSE, &again) ||
        again.bye != sender.bye || again.has_block != sender.has_block ||
        again.has_sender != sender.is_sender)
        __builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Leg leg = {.last = -1};
    McpMediaRtpPacket packet;
    McpMediaRtcpReport report;

    mcp_media_block_pool_init(&leg.pool, sizeof(McpMediaJitterPacket), 4);
    mcp_media_jitter_buffer_init(&leg.buffer, &leg.pool);
    while (size > 0) {
        size_t length = MIN((size_t)data[0], size - 1);

        if (mcp_media_rtp_is_rtcp(data + 1, length)) {
            if (mcp_media_rtcp_parse(data + 1, length, leg.receiver.ssrc, TRUE, &report))
                answer(&leg, &report);
        } else if (mcp_media_rtp_parse(data + 1, length, &packet)) {
            take_media(&leg, &packet);
        }
        leg.now += 20000;
        data += length + 1;
        size -= length + 1;
    }
    drain(&leg, TRUE);
    mcp_media_jitter_buffer_clear(&leg.buffer);
    mcp_media_block_pool_clear(&leg.pool);
    return 0;
}
