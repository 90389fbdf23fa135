/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "packet.h"

G_BEGIN_DECLS

#define MCP_MEDIA_EVENT_BYTES 4
#define MCP_MEDIA_EVENTS_REMEMBERED 64
#define MCP_MEDIA_DIGITS_MAX 64

/** mcp_media_digit_from_event: 0-9 * # A-D for events 0-15, 0 for others (RFC 4733 §3.2). */
char mcp_media_digit_from_event(guint event);
/** mcp_media_digit_to_event: 0-15, or -1 for what is no digit. */
gint mcp_media_digit_to_event(char digit);

/**
 * McpMediaHeardEvent: one event of the other side, known by SSRC and RTP timestamp; some gateways
 * send events under an SSRC of their own.
 */
typedef struct {
    guint32 ssrc;
    guint32 timestamp;
    guint16 duration;
    guint8 event;
    guint8 ended;
} McpMediaHeardEvent;

/**
 * McpMediaEventReceiver: makes one digit of the many packets of a key press. An event is known by
 * its timestamp; neither the marker nor the first or last packet is relied upon.
 */
typedef struct {
    McpMediaHeardEvent heard[MCP_MEDIA_EVENTS_REMEMBERED];
    guint n, next;
    guint32 newest; /* timestamp */
    guint32 newest_ssrc;
    gboolean forgets;  /* there were more than are remembered */
    guint32 forgotten; /* timestamp of the newest one that is not remembered: older ones are old */
    guint32 forgotten_ssrc;
} McpMediaEventReceiver;

/** McpMediaHeardDigit: a digit found in a packet. */
typedef struct {
    char digit;
    guint32 timestamp;
    guint duration; /* RTP clock units, as far as known */
} McpMediaHeardDigit;

/**
 * mcp_media_event_receiver_take: a packet of telephone events (it may hold several, RFC 4733
 * §2.5.1.5).
 * @rate: RTP clock of the payload type
 * @out_digits: room for @max digits
 *
 * Returns: how many digits are new. Media worker.
 */
guint mcp_media_event_receiver_take(McpMediaEventReceiver *receiver,
                                    const McpMediaRtpPacket *packet, guint rate,
                                    McpMediaHeardDigit *out_digits, guint max);

/** McpMediaEventSender: sends a row of digits, packet by packet. */
typedef struct {
    char digits[MCP_MEDIA_DIGITS_MAX + 1];
    guint at;
    guint duration, gap, pause; /* RTP clock units */
    guint elapsed;              /* of the present digit, gap or pause */
    guint ends;                 /* end packets sent of the present digit */
    gboolean active;
    gboolean in_gap;
    guint32 timestamp; /* of the present event */
} McpMediaEventSender;

/** McpMediaEventAction: what is due now. */
typedef enum {
    MCP_MEDIA_EVENT_IDLE,   /* nothing is being sent */
    MCP_MEDIA_EVENT_PACKET, /* send the payload made */
    MCP_MEDIA_EVENT_SILENT, /* a gap or pause: send nothing */
    MCP_MEDIA_EVENT_DONE,   /* the last digit and its gap are over */
} McpMediaEventAction;

/** mcp_media_event_sender_start: @digits 0-9 * # A-D and p; durations in ms. FALSE: malformed. */
gboolean mcp_media_event_sender_start(McpMediaEventSender *sender, const char *digits,
                                      guint duration_ms, guint gap_ms, guint rate);
/**
 * mcp_media_event_sender_next: one packet time.
 * @now: RTP timestamp of this packet time
 * @step: RTP units of a packet time
 * @out: payload, MCP_MEDIA_EVENT_BYTES
 * @out_timestamp: timestamp of the packet
 * @out_marker: first packet of an event
 */
McpMediaEventAction mcp_media_event_sender_next(McpMediaEventSender *sender, guint32 now,
                                                guint step, guint8 *out, guint32 *out_timestamp,
                                                gboolean *out_marker);

G_END_DECLS
