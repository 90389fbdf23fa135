/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "ear/ear.h"

G_BEGIN_DECLS

/** Network: a sender, the way from it, and somebody who takes; a virtual clock. */
typedef struct {
    guint rate;
    guint packet_ms;
    guint take_ms;
    guint seconds;    /* whole packets fit into them */
    guint take_at_us; /* of the first take; packets without jitter arrive at multiples of theirs */
    gdouble drift;    /* ppm by which the sender is too slow */
    gdouble jitter;   /* ms: standard deviation, of what a packet comes later than the fastest */
    gdouble loss;     /* share */
    gdouble swap;     /* share of packets that come 30 ms later than in time */
    guint talk_ms;    /* 0: all the time; silence is not sent */
    guint pause_ms;
    gboolean direct;  /* without an ear: lost is lost */
    guint stall_at;   /* ms; 0: never: packets of 150 ms come together */
    guint restart_at; /* ms; 0: never: all positions are others from then on */
    guint away_at;    /* ms; 0: never: nobody takes for 2 s */
    guint busy_at;    /* ms; 0: never: who takes is stopped for 300 ms, then makes up for it */
    gint16 (*signal)(gint64 n, guint rate);
} Network;

/** Received: what came out. */
typedef struct {
    gint16 *in; /* what was to be heard, silence where nothing was sent */
    guint n_in;
    gint16 *out;
    guint8 *played; /* McpMediaPlayed of each sample */
    guint n_out;
    gint64 out_at;    /* µs of the first take, from when the first packet was sent */
    gint64 delay_max; /* µs, by the figures, after the first 2 s */
    gint64 delay_end;
    guint underruns_early; /* within the first 2 s */
    McpMediaPlayoutFigures figures;
} Received;

/** network_run: (transfer full): the same in each run. */
Received *network_run(const Network *network);
/** received_free: */
void received_free(Received *received);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Received, received_free)

G_END_DECLS
