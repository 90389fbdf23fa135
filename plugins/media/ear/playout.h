/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** MCP_MEDIA_PLAYOUT_DELAY_MS: what is waited at most where nobody says otherwise. */
#define MCP_MEDIA_PLAYOUT_DELAY_MS 200

/**
 * McpMediaPlayout: between what arrives when it likes and what is taken by the clock: samples of a
 * time line in, an even stream out, with a delay that follows how unevenly packets come. A delay
 * changes by whole periods of voice, in pauses by any amount, between talk spurts at once; while
 * nothing is wrong what is put comes out unchanged. Made and freed anywhere but on a media worker,
 * else used by one thread at a time; allocates nothing after it was made.
 */
typedef struct _McpMediaPlayout McpMediaPlayout;

/** McpMediaPlayed: what was taken; the most audible part of it counts. */
typedef enum {
    MCP_MEDIA_PLAYED_SILENCE,  /* the other side sends nothing: silence */
    MCP_MEDIA_PLAYED_UNDERRUN, /* it should have been there: made up, fading to silence */
    MCP_MEDIA_PLAYED_SAMPLES,  /* what was put */
} McpMediaPlayed;

/** McpMediaPlayoutFigures: since it was made; durations in samples. */
typedef struct {
    guint depth;       /* that are there now */
    guint delay_us;    /* later than the fastest packet could have been played, as of now */
    guint target_us;   /* the least that @delay_us should be */
    guint underruns;   /* times that samples came after they were needed */
    guint64 inserted;  /* put between, by repetition or waiting within a talk spurt */
    guint64 dropped;   /* left out, by acceleration or as more than could be kept */
    guint64 late;      /* came when their place had been filled already */
    guint64 concealed; /* made up here */
} McpMediaPlayoutFigures;

/**
 * mcp_media_playout_new: (transfer full):
 * @rate: 8000, 16000, 24000, 48000; others are treated as the nearest of these
 * @max_delay_ms: 20 … 1000; 0: MCP_MEDIA_PLAYOUT_DELAY_MS
 */
McpMediaPlayout *mcp_media_playout_new(guint rate, guint max_delay_ms);
/** mcp_media_playout_free: (nullable). */
void mcp_media_playout_free(McpMediaPlayout *playout);
/** mcp_media_playout_get_rate: samples a second. Any thread. */
guint mcp_media_playout_get_rate(const McpMediaPlayout *playout);

/**
 * mcp_media_playout_put: as an McpMediaHearFunc hears it.
 * @position: sample of the sender's time line that the first one is; where there are none it was
 *            silent, or packets were lost
 * @arrival_us: of the packet
 * @restart: @position says nothing about those before
 * @concealed: made up for a packet that was lost
 */
void mcp_media_playout_put(McpMediaPlayout *playout, const gint16 *samples, guint n,
                           gint64 position, gint64 arrival_us, gboolean restart,
                           gboolean concealed);
/**
 * mcp_media_playout_note_late: a packet that came when it was of no use any more: the delay adapts
 * to it.
 */
void mcp_media_playout_note_late(McpMediaPlayout *playout, gint64 position, gint64 arrival_us);
/**
 * mcp_media_playout_get_patience: µs that packets may still wait for one before them that is
 * missing; 0: the next @n samples are needed now.
 */
gint64 mcp_media_playout_get_patience(const McpMediaPlayout *playout, guint n);
/**
 * mcp_media_playout_take: the next @n samples, always.
 * @now_us: on the clock of the arrivals
 */
McpMediaPlayed mcp_media_playout_take(McpMediaPlayout *playout, gint16 *out, guint n,
                                      gint64 now_us);

/**
 * mcp_media_playout_drain: the next samples that are there, @n at most, at once; it is not taken
 * from after that.
 *
 * Returns: how many; 0: there are none.
 */
guint mcp_media_playout_drain(McpMediaPlayout *playout, gint16 *out, guint n);

/**
 * mcp_media_playout_mute_from: from sample @position of the time line on it is silent, until
 * mcp_media_playout_unmute(); what was taken already stays as it was.
 */
void mcp_media_playout_mute_from(McpMediaPlayout *playout, gint64 position);
/** mcp_media_playout_unmute: from sample @position on it can be heard again. */
void mcp_media_playout_unmute(McpMediaPlayout *playout, gint64 position);

/** mcp_media_playout_get_figures: */
void mcp_media_playout_get_figures(const McpMediaPlayout *playout,
                                   McpMediaPlayoutFigures *out_figures);

G_END_DECLS
