/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "playout.h"

#include "../codec/concealment.h"
#include "playout_delay.h"
#include "time_scale.h"
#include <mcp/ledger.h>

G_BEGIN_DECLS

/** MCP_MEDIA_PLAYOUT_RECENT_MS: what was given last, for concealment. */
#define MCP_MEDIA_PLAYOUT_RECENT_MS 60
/** MCP_MEDIA_PLAYOUT_STARTS: packets whose beginning is remembered. */
#define MCP_MEDIA_PLAYOUT_STARTS 8
/** MCP_MEDIA_PLAYOUT_CHUNK_MS: samples that are made in one go. */
#define MCP_MEDIA_PLAYOUT_CHUNK_MS 20

/** What a sample of the ring is. */
enum {
    MCP_MEDIA_PLAYOUT_MISSING,
    MCP_MEDIA_PLAYOUT_REAL,
    MCP_MEDIA_PLAYOUT_CONCEALED,
};

struct _McpMediaPlayout {
    guint rate;
    gint64 max_delay; /* µs */
    guint capacity;   /* samples of the ring; what was played stays until it is overwritten */
    gint16 *ring;     /* owned */
    guint8 *kinds;    /* owned: one a sample */
    gint64 read;      /* place of the next sample */
    gint64 end;       /* after the last one; what is missing before it stays missing */
    gint64 shift;     /* from the sender's position to a place */
    gint64 epoch;     /* arrival of the first packet: all times are counted from it */
    gboolean started; /* something was put */
    gboolean running; /* within a talk spurt */
    gboolean joined;  /* @read follows on what was played */
    gint64 waited;    /* samples that a talk spurt was held back */
    guint lead;       /* samples of silence before a talk spurt within this take */
    gint64 made_up;   /* samples given in place of those at @read, which may yet come */
    McpMediaPlayoutDelay delay;

    McpMediaFloor clock; /* µs from samples taken to the take */
    gboolean late;       /* the last takes were far behind it */
    gint64 late_since;   /* since when, µs */
    gint64 late_least;   /* of these */
    gint64 taken;        /* samples, since something was put */
    guint window;        /* samples of a take */
    guint packet;        /* samples of the last packet */
    gint64 starts[MCP_MEDIA_PLAYOUT_STARTS];
    guint next_start;
    gint64 next_change;   /* @taken before which the delay is left alone */
    gint64 last_underrun; /* @taken */
    gfloat loudness;      /* energy of a sample, of the last seconds */

    gint64 mute_from; /* places */
    gint64 mute_to;

    gint16 *recent; /* owned: a ring */
    guint recent_size;
    guint recent_at;
    gboolean recent_quiet; /* a pause went before what is made up */
    McpMediaConcealment concealment;
    McpMediaPlayoutFigures figures;
};

/** mcp_media_playout_us: duration of @samples, µs. */
static inline gint64
mcp_media_playout_us(const McpMediaPlayout *self, gint64 samples)
{
    return samples * 1000 / (self->rate / 1000);
}

/** mcp_media_playout_index: of a place in the ring. */
static inline guint
mcp_media_playout_index(const McpMediaPlayout *self, gint64 place)
{
    gint64 at = place % self->capacity;

    return (guint)(at < 0 ? at + self->capacity : at);
}

/** mcp_media_playout_idle: samples after which nothing is silence. */
gint64 mcp_media_playout_idle(const McpMediaPlayout *self);
/** mcp_media_playout_delay_at: µs that sample @place would be late when it is given next. */
gint64 mcp_media_playout_delay_at(const McpMediaPlayout *self, gint64 place);
/** mcp_media_playout_is_complete: whether all samples are there, from @from to before @to. */
gboolean mcp_media_playout_is_complete(const McpMediaPlayout *self, gint64 from, gint64 to);
/** mcp_media_playout_fetch: samples as they are heard. */
void mcp_media_playout_fetch(const McpMediaPlayout *self, gint64 place, gint16 *out, guint n);
/**
 * mcp_media_playout_adapt: where the delay should be another one: gives @n samples that end with
 * a longer or shorter one. FALSE: nothing was given.
 */
gboolean mcp_media_playout_adapt(McpMediaPlayout *self, gint16 *out, guint n);

G_END_DECLS
