/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody at the other end of a leg, who talks and listens in real time.
 */
#include "party.h"

#include "leg/leg.h"
#include <math.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define RATE 8000
#define PARTIES_MAX 16
#define FRAME_US 20000
#define AMPLITUDE 4000
/* Samples, 50 ms. */
#define WINDOW 400

void
party_open(Party *party, Platform *platform, const char *name, const char *formats,
           const char *lines)
{
    const McpMediaFormat *format = NULL;

    memset(party, 0, sizeof *party);
    g_strlcpy(party->name, name, sizeof party->name);
    peer_open(&party->peer);
    party->peer.call_id = party->name;
    party->leg = peer_connect(&party->peer, platform, formats, lines);
    mcp_leg_set_handler(party->leg, seen_handler, &party->seen);
    format = mcp_media_leg_get_format(MCP_MEDIA_LEG(party->leg));
    party->type = (guint)g_ascii_strtoull(formats, NULL, 10);
    party->encoder = mcp_media_encoder_new(format);
    party->decoder = mcp_media_decoder_new(format, RATE);
    party->amplitude = AMPLITUDE;
    party->heard = g_new(gint16, PARTY_SECONDS * RATE);
}

void
party_close(Party *party, Platform *platform)
{
    close_leg(platform, party->leg);
    peer_close(&party->peer);
    seen_clear(&party->seen);
    mcp_media_encoder_free(party->encoder);
    mcp_media_decoder_free(party->decoder);
    g_free(party->heard);
}

static void
say(Party *self)
{
    const McpMediaFormat *format = mcp_media_encoder_get_format(self->encoder);
    guint n = format->rate / 50;
    gint16 samples[960];
    guint8 payload[MCP_MEDIA_CODED_MAX];
    McpMediaFrame frame = {.data = payload};
    guint8 joined[MCP_MEDIA_CODED_MAX];
    gsize length = 0;

    for (guint i = 0; i < n; i++) {
        samples[i] = (gint16)(self->amplitude * (sin(self->phase) + sin(self->second_phase)));
        self->second_phase += 2 * G_PI * self->second_pitch / format->rate;
        self->phase += 2 * G_PI * self->pitch / format->rate;
    }
    frame.length = mcp_media_encoder_take(self->encoder, samples, n, payload, sizeof payload);
    length = mcp_media_join(format, &frame, 1, joined, sizeof joined);
    peer_send(&self->peer, self->type, FALSE, self->peer.timestamp, joined, length);
    self->peer.timestamp += format->codec->clock_rate / 50;
}

static void
note_packet(Party *self, const McpMediaRtpPacket *packet)
{
    const McpMediaFormat *format = mcp_media_encoder_get_format(self->encoder);
    gint64 now = g_get_monotonic_time();

    if (self->packets > 0) {
        self->gaps += (guint16)(packet->sequence - self->next_sequence);
        self->breaks += !packet->marker && packet->timestamp != self->next_timestamp;
        self->longest_gap = MAX(self->longest_gap, now - self->last_arrival);
    }
    self->packets++;
    self->last_arrival = now;
    self->next_sequence = (guint16)(packet->sequence + 1);
    self->next_timestamp = packet->timestamp + format->codec->clock_rate / 50;
}

static void
hear(Party *self)
{
    guint8 datagram[2048];
    gint16 samples[MCP_MEDIA_SAMPLES_MAX];
    gssize length = 0;

    while ((length = recv(self->peer.fd, datagram, sizeof datagram, MSG_DONTWAIT)) > 0) {
        McpMediaRtpPacket packet;
        guint n = 0;

        g_assert_true(mcp_media_rtp_parse(datagram, (gsize)length, &packet));
        if (packet.payload_type != self->type) {
            self->events++;
            self->next_sequence = (guint16)(packet.sequence + 1);
            continue;
        }
        note_packet(self, &packet);
        n = mcp_media_decoder_take(self->decoder, packet.payload, packet.length, samples);
        n = MIN(n, PARTY_SECONDS * RATE - self->n_heard);
        memcpy(self->heard + self->n_heard, samples, n * sizeof *samples);
        self->n_heard += n;
    }
}

/* A packet, or the next moment at which somebody may have to speak. */
static void
wait(const Party *parties, guint n)
{
    struct pollfd fds[PARTIES_MAX];

    for (guint i = 0; i < n; i++)
        fds[i] = (struct pollfd){.fd = parties[i].peer.fd, .events = POLLIN};
    poll(fds, n, 1);
}

void
parties_talk(Party *parties, guint n, guint ms)
{
    gint64 now = g_get_monotonic_time();
    gint64 end = now + (gint64)ms * 1000;

    g_assert_cmpuint(n, <=, PARTIES_MAX);
    /* They do not speak in step. */
    for (guint i = 0; i < n; i++)
        parties[i].due = now + FRAME_US * (gint64)i / n;
    while ((now = g_get_monotonic_time()) < end) {
        while (g_main_context_iteration(NULL, FALSE))
            continue;
        for (guint i = 0; i < n; i++) {
            if (now >= parties[i].due) {
                parties[i].due += FRAME_US;
                if (parties[i].pitch > 0)
                    say(&parties[i]);
            }
            hear(&parties[i]);
        }
        wait(parties, n);
    }
}

void
party_forget(Party *party)
{
    party->n_heard = 0;
    party->packets = 0;
    party->gaps = 0;
    party->breaks = 0;
    party->events = 0;
    party->longest_gap = 0;
}

static double
level_of(const gint16 *samples, guint n, double pitch)
{
    double re = 0;
    double im = 0;

    for (guint i = 0; i < n; i++) {
        double window = 1 - cos(2 * G_PI * i / n);

        re += window * samples[i] * cos(2 * G_PI * pitch * i / RATE);
        im += window * samples[i] * sin(2 * G_PI * pitch * i / RATE);
    }
    return 2 * sqrt(re * re + im * im) / n;
}

/* In short windows: a tone whose time was stretched somewhere is as loud as before. */
double
party_level(const Party *party, double pitch, guint ms)
{
    guint n = MIN(ms * RATE / 1000, party->n_heard);
    const gint16 *samples = party->heard + party->n_heard - n;
    guint windows = n / WINDOW;
    double sum = 0;

    for (guint i = 0; i < windows; i++)
        sum += level_of(samples + i * WINDOW, WINDOW, pitch);
    return windows > 0 ? sum / windows : 0;
}
