/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** McpLegStatistics: RFC 3550 figures of one leg. */
typedef struct {
    guint64 packets_sent, bytes_sent;
    guint64 packets_received, bytes_received;
    guint64 packets_lost, packets_late, packets_duplicate, packets_invalid;
    guint64 packets_foreign; /* from a source that the leg is not locked to */
    double jitter_ms, jitter_max_ms;
    double round_trip_ms; /* from RTCP, 0 unknown */
    double remote_loss;   /* fraction that the other side reports, 0…1 */
    double mos;           /* estimate for what we hear (ITU-T G.107), 1…4.5, 0 unknown */
    double remote_mos;    /* what the other side says of what it hears, 0 unknown */
    guint64 packets_unauthentic, packets_replayed; /* dropped by SRTP */
    guint64 packets_concealed;                     /* made up while samples were needed */
    guint digits_received;
    guint64 prompt_underruns;
    const char *codec; /* "PCMU" */
    char local[64], remote[64];
    gint64 first_packet;    /* monotonic µs, 0: none came */
    const char *encryption; /* "none", "handshake" or the SRTP suite; nullable: nothing is agreed */
} McpLegStatistics;

G_END_DECLS
