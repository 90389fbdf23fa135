/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "ear.h"

#include "../codec/comfort_noise.h"

G_BEGIN_DECLS

/* What the parts of an ear share. Media worker. */

/** McpMediaEarListener: who hears. */
typedef struct {
    McpMediaHearFunc func;
    gpointer listener;
} McpMediaEarListener;

/** McpMediaEarNoise: the silence that goes on. */
typedef struct {
    gboolean active;
    gboolean hurries;
    gboolean skip;    /* nobody listened up to now */
    gint64 timestamp; /* of what is made next */
    gint64 arrival;   /* µs at which a packet of that would have come */
    gint64 until;     /* µs */
    McpMediaComfortNoise source;
} McpMediaEarNoise;

struct _McpMediaEar {
    McpMediaDecoder *decoder;
    guint rate;
    gboolean open;
    gboolean restarted; /* the next samples begin a new count */
    gboolean paused;    /* comfort noise came after the last audio */
    gboolean started;   /* what follows holds */
    guint32 next_sequence;
    gint64 next_timestamp; /* ticks of the RTP clock */
    gint64 base;           /* timestamp of position 0 */
    guint64 concealed;
    guint n_listeners;
    McpMediaEarListener listeners[MCP_MEDIA_LISTENERS];
    McpMediaPlayout *playout; /* nullable; the caller's */
    gint64 played;            /* when somebody took out of it */
    McpMediaEarNoise noise;
    McpMediaJitterBuffer packets;
};

/** mcp_media_ear_clock: ticks a second. */
static inline guint
mcp_media_ear_clock(const McpMediaEar *self)
{
    return mcp_media_decoder_get_format(self->decoder)->codec->clock_rate;
}

/** mcp_media_ear_to_samples: of the ear's rate. */
static inline gint64
mcp_media_ear_to_samples(const McpMediaEar *self, gint64 ticks)
{
    return ticks * self->rate / mcp_media_ear_clock(self);
}

/** MCP_MEDIA_EAR_NOISE_MS: a portion of noise. */
#define MCP_MEDIA_EAR_NOISE_MS 20

/** mcp_media_ear_tell: to the playout buffer and all listeners. */
void mcp_media_ear_tell(McpMediaEar *self, const gint16 *samples, guint n, gint64 timestamp,
                        gint64 arrival, gboolean concealed, gint64 now);

/** mcp_media_ear_make_noise: the next portion. FALSE: there is none any more. */
gboolean mcp_media_ear_make_noise(McpMediaEar *self, gint64 now);
/** mcp_media_ear_make_due_noise: what a packet that came @lag µs ago could have brought. */
void mcp_media_ear_make_due_noise(McpMediaEar *self, gint64 lag, gint64 now);
/**
 * mcp_media_ear_fill_up: noise up to what begins at @timestamp; where that lies far back, another
 * count begins.
 */
void mcp_media_ear_fill_up(McpMediaEar *self, gint64 timestamp, gint64 now);
/**
 * mcp_media_ear_begin_noise: as @payload says, from @timestamp on; what was made beyond that stays.
 */
void mcp_media_ear_begin_noise(McpMediaEar *self, const guint8 *payload, gsize length,
                               gint64 timestamp, gint64 arrival);

G_END_DECLS
