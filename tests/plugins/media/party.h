/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "codec/coder.h"
#include "fixture.h"

G_BEGIN_DECLS

/** PARTY_SECONDS: what a party remembers of what it heard. */
#define PARTY_SECONDS 30

/** Party: somebody with a leg, who says a tone of one pitch in real time and hears what comes. */
typedef struct {
    Peer peer;
    McpLeg *leg;
    Seen seen;
    char name[16];
    guint type; /* payload type that it speaks and hears */
    McpMediaEncoder *encoder;
    McpMediaDecoder *decoder;
    double pitch;        /* Hz; 0: it says nothing */
    double second_pitch; /* Hz; 0: none */
    double phase, second_phase;
    gint16 amplitude;
    gint64 due;    /* µs */
    gint16 *heard; /* at 8000 Hz, in the order of arrival */
    guint n_heard;
    guint packets;
    guint events; /* packets of telephone events */
    guint gaps;   /* sequence numbers that did not come */
    guint16 next_sequence;
    guint32 next_timestamp;
    guint breaks; /* packets without marker whose timestamp does not follow */
    gint64 last_arrival;
    gint64 longest_gap; /* µs between two packets */
} Party;

/** party_open: connects; @formats and @lines as for peer_offer(). */
void party_open(Party *party, Platform *platform, const char *name, const char *formats,
                const char *lines);
void party_close(Party *party, Platform *platform);
/** parties_talk: all speak and hear for @ms. */
void parties_talk(Party *parties, guint n, guint ms);
/** party_forget: what was heard so far. */
void party_forget(Party *party);
/** party_level: amplitude of @pitch in the last @ms that were heard. */
double party_level(const Party *party, double pitch, guint ms);

G_END_DECLS
