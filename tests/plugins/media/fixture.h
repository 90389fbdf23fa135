/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "rtp/packet.h"
#include "service.h"
#include "test_stream.h"
#include <mcp/contract/leg.h>

G_BEGIN_DECLS

/** Platform: a media service with two workers on loopback. */
typedef struct {
    McpPool *pool;
    McpClock *clock;
    McpMediaService *service;
} Platform;

void platform_open(Platform *platform);
/** platform_open_with: @no_media: µs after which silence is reported. */
void platform_open_with(Platform *platform, gint64 no_media);
/** platform_open_changed: @change may change the settings before the service is made. */
void platform_open_changed(Platform *platform, void (*change)(McpMediaConfig *config));
void platform_close(Platform *platform);

/** Seen: what one leg reported. */
typedef struct {
    guint ended, marks, digits, no_input, recordings, digits_sent, no_media, started;
    guint speech_started, speech_ended, progress, left, one_way;
    gint64 speech_at;
    McpDigitSource digit_source;
    char *verdicts; /* of progress, each with a blank behind it */
    guint64 generation;
    McpStopReason stop;
    gint64 position;
    gint64 ended_at;
    char digit_text[128];
    gint64 last_digit_at;
    McpRecordingResult recording;
    char *error;
} Seen;

void seen_handler(McpLeg *leg, const McpLegEvent *event, gpointer user_data);
void seen_clear(Seen *seen);

/** Peer: a test endpoint with one UDP socket for RTP and one for RTCP. */
typedef struct {
    const char *call_id; /* nullable: of its leg; set after peer_open() */
    int fd, rtcp;
    guint port;
    guint leg_port;
    guint16 sequence;
    guint32 timestamp;
    guint32 ssrc;
} Peer;

void peer_open(Peer *peer);
void peer_close(Peer *peer);
/** peer_offer: SDP of an offer with @formats ("0 101") and further lines. */
McpSdp *peer_offer(Peer *peer, const char *formats, const char *lines);
/** peer_connect: offers, takes the answer, starts the leg. */
McpLeg *peer_connect(Peer *peer, Platform *platform, const char *formats, const char *lines);
/** peer_send: one packet of @type; advances the sequence. */
void peer_send(Peer *peer, guint type, gboolean marker, guint32 timestamp, gconstpointer payload,
               gsize length);
/** peer_send_raw: any datagram to the leg's RTP port. */
void peer_send_raw(Peer *peer, const guint8 *data, gsize length);
/** peer_send_digit: a whole key press, @lost bit n: its packet n does not leave. */
void peer_send_digit(Peer *peer, guint type, char digit, guint packets, guint32 lost);
/** peer_receive: one packet within @timeout_ms while the context runs; FALSE when none came. */
gboolean peer_receive(Peer *peer, guint timeout_ms, McpMediaRtpPacket *out_packet,
                      guint8 *out_datagram, gsize size);

/** wait_until: runs the context until @counter is at least @wanted; aborts after @seconds. */
void wait_until(const guint *counter, guint wanted, guint seconds);
/** close_leg: closes, drops, and waits until its ports are free again. */
void close_leg(Platform *platform, McpLeg *leg);

/** raw_mulaw: (transfer full): @n bytes of μ-law that differ from place to place. */
McpAudio *raw_mulaw(guint n, guint seed);

/** flite_samples: (transfer full): @text spoken by flite's voice kal at 8000 Hz. */
gint16 *flite_samples(const char *text, gsize *out_n);
/** peer_send_samples: @n samples of μ-law, a packet every 20 ms while the context runs. */
void peer_send_samples(Peer *peer, const gint16 *samples, gsize n);

G_END_DECLS
