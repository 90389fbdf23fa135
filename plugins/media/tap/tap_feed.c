/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames of a tap. Media worker, but for making, reading and freeing.
 */
#include "tap_feed.h"

#include "../rtp/packet.h"
#include "../rtp/source_lock.h"
#include <errno.h>
#include <fcntl.h>
#include <mcp/error.h>
#include <mcp/ledger.h>
#include <sound/g711.h>
#include <string.h>
#include <unistd.h>

MCP_LEDGER_DEFINE(McpMediaTapFeed);

#define DEFAULT_RATE 8000
#define DEFAULT_FRAME_MS 20
#define DEFAULT_BUFFER_MS 1000
#define BUFFER_MS_MIN 100
#define BUFFER_MS_MAX 60000
#define FRAME_MS_MIN 10
#define FRAME_MS_MAX 100
/* So that no packet is cut into pieces on its way. */
#define RTP_PAYLOAD_MAX 1400
#define RESAMPLER_QUALITY 4
/* Of the linear samples of one frame: 100 ms at 48 kHz in two channels. */
#define FRAME_SAMPLES_MAX (48 * FRAME_MS_MAX * 2)

/* Stands before the bytes of a frame in the ring. */
typedef struct {
    guint64 position;
    gint64 time;
    guint64 dropped;
} FrameHeader;

/* --- parameters --- */

static gboolean
complete(McpTapParams *params, GError **error)
{
    if (params->rate == 0)
        params->rate = DEFAULT_RATE;
    if (params->frame_ms == 0)
        params->frame_ms = DEFAULT_FRAME_MS;
    if (params->buffer_ms == 0)
        params->buffer_ms = DEFAULT_BUFFER_MS;
    if (params->rate != 8000 && params->rate != 16000 && params->rate != 24000 &&
        params->rate != 48000)
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "the rate of a tap is 8000, 16000, 24000 or 48000, not %u", params->rate);
    else if (params->frame_ms < FRAME_MS_MIN || params->frame_ms > FRAME_MS_MAX)
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "frames of a tap are %u to %u ms, not %u",
                    FRAME_MS_MIN, FRAME_MS_MAX, params->frame_ms);
    else if (params->buffer_ms < BUFFER_MS_MIN || params->buffer_ms > BUFFER_MS_MAX)
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "the buffer of a tap is %u to %u ms, not %u", BUFFER_MS_MIN, BUFFER_MS_MAX,
                    params->buffer_ms);
    else
        return TRUE;
    return FALSE;
}

static gsize
frame_bytes(const McpMediaTapFeed *self)
{
    gboolean wide = self->params.encoding == MCP_TAP_S16 || self->params.encoding == MCP_TAP_L16;

    return (gsize)self->frame_out * self->channels * (wide ? 2 : 1);
}

static gboolean
open_socket(McpMediaTapFeed *self, const char *to, GError **error)
{
    g_autoptr(GSocketConnectable) where = g_network_address_parse(to, 0, NULL);
    struct sockaddr_storage address;

    if (where == NULL || g_network_address_get_port(G_NETWORK_ADDRESS(where)) == 0 ||
        !mcp_media_address_set(&address, g_network_address_get_hostname(G_NETWORK_ADDRESS(where)),
                               g_network_address_get_port(G_NETWORK_ADDRESS(where)))) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "\"%s\" is no address with a port", to);
        return FALSE;
    }
    if (self->params.encoding == MCP_TAP_S16 || frame_bytes(self) > RTP_PAYLOAD_MAX) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID,
                    "frames of a tap to RTP are L16, µ-law or A-law of %u bytes at most",
                    RTP_PAYLOAD_MAX);
        return FALSE;
    }
    self->socket = socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (self->socket >= 0 && connect(self->socket, (const struct sockaddr *)&address,
                                     mcp_media_address_length(&address)) == 0)
        return TRUE;
    g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "cannot send to \"%s\": %s", to,
                g_strerror(errno));
    return FALSE;
}

/* --- frames --- */

static gsize
encode(const McpMediaTapFeed *self, const gint16 *samples, guint n, guint8 *out)
{
    switch (self->params.encoding) {
    case MCP_TAP_MULAW:
        mcp_sound_mulaw_encode(samples, n, out);
        return n;
    case MCP_TAP_ALAW:
        mcp_sound_alaw_encode(samples, n, out);
        return n;
    case MCP_TAP_L16:
        for (guint i = 0; i < n; i++) {
            out[2 * i] = (guint8)((guint16)samples[i] >> 8);
            out[2 * i + 1] = (guint8)samples[i];
        }
        return 2 * (gsize)n;
    case MCP_TAP_S16:
    default:
        memcpy(out, samples, n * sizeof *samples);
        return n * sizeof *samples;
    }
}

static void
count(_Atomic guint64 *counter)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
                          memory_order_relaxed);
}

static gboolean
send_frame(McpMediaTapFeed *self)
{
    guint8 datagram[MCP_MEDIA_RTP_HEADER + RTP_PAYLOAD_MAX];
    const McpMediaRtpPacket packet = {
        .payload_type = self->params.rtp_type,
        .marker = self->position == 0,
        .sequence = self->sequence++,
        .timestamp = self->timestamp,
        .ssrc = self->ssrc,
    };
    gsize length = 0;

    self->timestamp += self->frame_out;
    mcp_media_rtp_write(datagram, &packet);
    length =
        encode(self, self->out, self->frame_out * self->channels, datagram + MCP_MEDIA_RTP_HEADER);
    return send(self->socket, datagram, MCP_MEDIA_RTP_HEADER + length,
                MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

static gboolean
put_frame(McpMediaTapFeed *self)
{
    FrameHeader *header = mcp_media_pipe_reserve(self->pipe, sizeof *header + frame_bytes(self));

    if (header == NULL)
        return FALSE;
    header->position = self->position;
    header->time = self->began + (gint64)(self->position * G_USEC_PER_SEC / self->params.rate);
    header->dropped = self->dropped_before;
    encode(self, self->out, self->frame_out * self->channels, (guint8 *)(header + 1));
    mcp_media_pipe_commit(self->pipe);
    self->dropped_before = 0;
    return TRUE;
}

static void
emit(McpMediaTapFeed *self)
{
    guint n = self->frame_out * self->channels;
    gboolean taken = self->pipe != NULL ? put_frame(self) : send_frame(self);

    count(taken ? &self->frames : &self->dropped);
    self->dropped_before += !taken;
    self->position += self->frame_out;
    self->n_out -= n;
    memmove(self->out, self->out + n, self->n_out * sizeof *self->out);
}

static void
combine(const McpMediaTapFeed *self, gint16 *out)
{
    gint16 heard[FRAME_SAMPLES_MAX / 2] = {0};
    gint16 sent[FRAME_SAMPLES_MAX / 2] = {0};

    if (self->heard != NULL)
        mcp_media_tap_track_take(self->heard, heard, self->frame_in);
    if (self->sent != NULL)
        mcp_media_tap_track_take(self->sent, sent, self->frame_in);
    for (guint i = 0; i < self->frame_in; i++) {
        if (self->channels == 2) {
            out[2 * i] = heard[i];
            out[2 * i + 1] = sent[i];
        } else {
            out[i] = (gint16)CLAMP(heard[i] + sent[i], G_MININT16, G_MAXINT16);
        }
    }
}

/* A frame of what is heard, at the tap's rate. */
static void
convert(McpMediaTapFeed *self)
{
    gint16 frame[FRAME_SAMPLES_MAX];
    spx_uint32_t used = self->frame_in;
    spx_uint32_t made = self->frame_out + 1;

    combine(self, self->resampler != NULL ? frame : self->out + self->n_out);
    if (self->resampler != NULL)
        speex_resampler_process_interleaved_int(self->resampler, frame, &used,
                                                self->out + self->n_out, &made);
    else
        made = self->frame_in;
    self->n_out += made * self->channels;
}

static gboolean
has_frame(const McpMediaTapFeed *self)
{
    return (self->heard == NULL || mcp_media_tap_track_waiting(self->heard) >= self->frame_in) &&
           (self->sent == NULL || mcp_media_tap_track_waiting(self->sent) >= self->frame_in);
}

gboolean
mcp_media_tap_feed_tick(McpMediaTapFeed *feed, gint64 now)
{
    gboolean made = FALSE;

    if (feed->heard != NULL)
        mcp_media_tap_track_tick(feed->heard, now);
    if (feed->sent != NULL)
        mcp_media_tap_track_tick(feed->sent, now);
    while (has_frame(feed)) {
        convert(feed);
        while (feed->n_out >= feed->frame_out * feed->channels) {
            emit(feed);
            made = TRUE;
        }
    }
    return made && feed->pipe != NULL &&
           g_atomic_int_compare_and_exchange(&feed->wanted, TRUE, FALSE);
}

void
mcp_media_tap_feed_begin(McpMediaTapFeed *feed, gint64 now)
{
    feed->began = now;
    if (feed->heard != NULL)
        mcp_media_tap_track_begin(feed->heard, now);
    if (feed->sent != NULL)
        mcp_media_tap_track_begin(feed->sent, now);
}

/* --- the consumer --- */

gboolean
mcp_media_tap_feed_read(McpMediaTapFeed *feed, McpTapFrame *out_frame)
{
    const FrameHeader *header = NULL;
    gsize length = 0;

    if (feed->pipe == NULL)
        return FALSE;
    mcp_media_pipe_next(feed->pipe);
    header = mcp_media_pipe_peek(feed->pipe, &length);
    if (header == NULL) {
        /* What comes between the look and the wish would find nobody to tell. */
        g_atomic_int_set(&feed->wanted, TRUE);
        header = mcp_media_pipe_peek(feed->pipe, &length);
    }
    if (header == NULL)
        return FALSE;
    out_frame->data = (const guint8 *)(header + 1);
    out_frame->length = length - sizeof *header;
    out_frame->position = header->position;
    out_frame->time = header->time;
    out_frame->dropped = header->dropped;
    return TRUE;
}

/* --- life --- */

static guint
pipe_size(const McpMediaTapFeed *self)
{
    gsize frame = frame_bytes(self) + sizeof(FrameHeader) + 16;
    gsize wanted = frame * MAX(self->params.buffer_ms / self->params.frame_ms, 4);
    guint size = 1024;

    while (size < wanted)
        size *= 2;
    return size;
}

McpMediaTapFeed *
mcp_media_tap_feed_new(const McpTapParams *params, guint rate, GError **error)
{
    McpMediaTapFeed *self = g_new0(McpMediaTapFeed, 1);

    MCP_LEDGER_CREATED(McpMediaTapFeed);
    self->refs = 1;
    self->socket = -1;
    self->params = *params;
    self->params.rtp_to = NULL;
    self->rate_in = rate;
    self->channels = params->source == MCP_TAP_STEREO ? 2 : 1;
    self->wanted = TRUE;
    if (!complete(&self->params, error)) {
        mcp_media_tap_feed_unref(self);
        return NULL;
    }
    self->frame_in = rate * self->params.frame_ms / 1000;
    self->frame_out = self->params.rate * self->params.frame_ms / 1000;
    if (params->rtp_to != NULL && !open_socket(self, params->rtp_to, error)) {
        mcp_media_tap_feed_unref(self);
        return NULL;
    }
    if (params->rtp_to == NULL)
        self->pipe = mcp_media_pipe_new(pipe_size(self), NULL, NULL);
    if (params->source != MCP_TAP_SENT)
        self->heard = mcp_media_tap_track_new(rate);
    if (params->source != MCP_TAP_HEARD)
        self->sent = mcp_media_tap_track_new(rate);
    if (self->params.rate != rate)
        self->resampler =
            speex_resampler_init(self->channels, rate, self->params.rate, RESAMPLER_QUALITY, NULL);
    self->out = g_new0(gint16, (gsize)2 * (self->frame_out + 1) * self->channels + self->frame_in);
    self->sequence = (guint16)g_random_int();
    self->timestamp = g_random_int();
    self->ssrc = g_random_int();
    return self;
}

McpMediaTapFeed *
mcp_media_tap_feed_ref(McpMediaTapFeed *feed)
{
    g_atomic_int_inc(&feed->refs);
    return feed;
}

void
mcp_media_tap_feed_unref(McpMediaTapFeed *feed)
{
    if (feed == NULL || !g_atomic_int_dec_and_test(&feed->refs))
        return;
    mcp_media_tap_track_free(feed->heard);
    mcp_media_tap_track_free(feed->sent);
    mcp_media_pipe_free(feed->pipe);
    if (feed->resampler != NULL)
        speex_resampler_destroy(feed->resampler);
    if (feed->socket >= 0)
        close(feed->socket);
    g_free(feed->out);
    g_free(feed);
    MCP_LEDGER_FINALIZED(McpMediaTapFeed);
}
