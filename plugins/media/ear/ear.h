/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../codec/coder.h"
#include "../rtp/jitter_buffer.h"
#include "playout.h"

G_BEGIN_DECLS

/** McpMediaHeard: linear samples of the other side, in order; valid during the call. */
typedef struct {
    const gint16 *samples;
    guint n;
    guint rate;         /* Hz, the same for the life of an ear */
    gint64 position;    /* sample of the ear's time line that the first one is */
    gint64 arrival;     /* monotonic µs of the packet */
    gboolean restart;   /* @position says nothing about those before */
    gboolean concealed; /* made up for a packet that did not come */
    gboolean noise;     /* made up in a silence; @arrival is as good as that of its packet */
} McpMediaHeard;

/** McpMediaHearFunc: takes what is heard. Media worker. */
typedef void (*McpMediaHearFunc)(gpointer listener, const McpMediaHeard *heard, gint64 now);

/** MCP_MEDIA_NOISE_MAX: µs that noise goes on without an update. */
#define MCP_MEDIA_NOISE_MAX (30 * G_USEC_PER_SEC)
/** MCP_MEDIA_LISTENERS: listeners of an ear at most. */
#define MCP_MEDIA_LISTENERS 8

/**
 * McpMediaEar: makes samples of a leg's packets for whoever needs them: order, decoder,
 * concealment. Made and freed on the leg's context, all else on its media worker. While nobody
 * listens nothing is decoded.
 */
typedef struct _McpMediaEar McpMediaEar;

/** mcp_media_ear_new: (transfer full): @rate: Hz; 0: 8000 or 16000, as fits @format best. */
McpMediaEar *mcp_media_ear_new(const McpMediaFormat *format, guint rate);
/** mcp_media_ear_free: after mcp_media_ear_close(). */
void mcp_media_ear_free(McpMediaEar *ear);
/** mcp_media_ear_get_rate: Hz. Any thread. */
guint mcp_media_ear_get_rate(const McpMediaEar *ear);

/** mcp_media_ear_open: @pool: blocks for packets that wait. */
void mcp_media_ear_open(McpMediaEar *ear, McpMediaBlockPool *pool);
/** mcp_media_ear_close: gives all blocks back. */
void mcp_media_ear_close(McpMediaEar *ear);
/** mcp_media_ear_listen: @func hears from the next packet on; FALSE: no place is left. */
gboolean mcp_media_ear_listen(McpMediaEar *ear, McpMediaHearFunc func, gpointer listener);
/** mcp_media_ear_unlisten: what waits is heard first. */
void mcp_media_ear_unlisten(McpMediaEar *ear, gpointer listener, gint64 now);
/**
 * mcp_media_ear_set_playout: all that is heard from now on is put into @playout, until NULL is set.
 * @playout: (nullable): of the ear's rate; the caller's
 */
void mcp_media_ear_set_playout(McpMediaEar *ear, McpMediaPlayout *playout, gint64 now);
/**
 * mcp_media_ear_play: takes from the playout buffer. A packet that is missing is waited for just as
 * long as its samples are not needed, then it is concealed by the decoder, or from the copy in the
 * packet after it. Without a playout buffer: silence.
 */
McpMediaPlayed mcp_media_ear_play(McpMediaEar *ear, gint16 *out, guint n, gint64 now);
/**
 * mcp_media_ear_set_decoder: another codec, after what waits was heard. @decoder: (transfer full)
 *
 * Returns: (transfer full): the one before.
 */
McpMediaDecoder *mcp_media_ear_set_decoder(McpMediaEar *ear, McpMediaDecoder *decoder, gint64 now);
/**
 * mcp_media_ear_take: a packet; without payload: one that carries no audio but was not lost.
 * @sequence, @timestamp: extended
 * @jitter: µs
 */
void mcp_media_ear_take(McpMediaEar *ear, guint32 sequence, gint64 timestamp, const guint8 *payload,
                        gsize length, gint64 jitter, gint64 now);
/**
 * mcp_media_ear_take_noise: a packet of comfort noise (RFC 3389): from its timestamp on noise is
 * heard, until the next packet of audio, or for MCP_MEDIA_NOISE_MAX.
 * @payload: one that mcp_media_sid_read() takes
 */
void mcp_media_ear_take_noise(McpMediaEar *ear, guint32 sequence, gint64 timestamp,
                              const guint8 *payload, gsize length, gint64 now);
/** mcp_media_ear_end_noise: nothing is heard any more until a packet comes. */
void mcp_media_ear_end_noise(McpMediaEar *ear);
/** mcp_media_ear_hurry: noise is told in its time: a playout buffer elsewhere waits for it. */
void mcp_media_ear_hurry(McpMediaEar *ear);
/** mcp_media_ear_restart: the other side began a new sequence of packets. */
void mcp_media_ear_restart(McpMediaEar *ear, gint64 now);
/** mcp_media_ear_tick: gaps that were waited for long enough are given up. */
void mcp_media_ear_tick(McpMediaEar *ear, gint64 now);
/** mcp_media_ear_get_concealed: packets made up so far. */
guint64 mcp_media_ear_get_concealed(const McpMediaEar *ear);

G_END_DECLS
