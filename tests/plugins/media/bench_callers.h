/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the benches of the media plugin share: many callers behind one socket, in the clear or by
 * SRTP, each with a leg of its own, and a thread in which they speak and hear.
 */
#pragma once
#include "fixture.h"
#include "protection/srtp_context.h"

G_BEGIN_DECLS

/** BENCH_PHASES: packet times begin in so many phases, 1 ms apart. */
#define BENCH_PHASES 20
#define BENCH_FRAME 160 /* samples, 20 ms */
#define BENCH_EVENTS "a=rtpmap:101 telephone-event/8000\r\n"

/** BenchCaller: one far end. Its sending state belongs to whoever sends. */
typedef struct {
    McpLeg *leg; /* nullable */
    guint port;  /* of the leg */
    guint type;  /* payload type that it speaks */
    guint16 sequence;
    guint32 timestamp;
    McpMediaSrtp *srtp; /* nullable: what it sends is protected by it */
    char *crypto;       /* nullable: line of its offer */
} BenchCaller;

/** BenchCallers: @by_port has the index of a caller plus one, by the leg's port. */
typedef struct {
    int fd;
    guint port;
    guint n;
    BenchCaller *callers;
    guint by_port[G_MAXUINT16 + 1];
} BenchCallers;

/** BenchPacket: what a caller hears; @time in ns, the kernel's, of CLOCK_REALTIME. */
typedef struct {
    guint caller;
    gint64 time;
    const guint8 *data; /* the datagram */
    gsize length;
} BenchPacket;

/** BenchHeardFunc: a caller hears @packet. */
typedef void (*BenchHeardFunc)(const BenchPacket *packet, gpointer user_data);
/** BenchSpeakFunc: @caller speaks its next packet. */
typedef void (*BenchSpeakFunc)(BenchCallers *callers, guint caller, gpointer user_data);

/** bench_suite: of a name as in SDP, "clear" for none; ends the program when there is none. */
McpMediaSuite bench_suite(const char *name);
/** bench_now: ns of CLOCK_REALTIME, which the kernel stamps packets with. Any thread. */
gint64 bench_now(void);
/** bench_argument: number @i of the command line, or @otherwise. */
guint bench_argument(int argc, char **argv, int i, guint otherwise);

/** bench_callers_open: (transfer full): @n callers with keys for @suite, without legs. */
BenchCallers *bench_callers_open(guint n, McpMediaSuite suite);
/** bench_callers_close: closes the legs; the context has to run for them to end. */
void bench_callers_close(BenchCallers *self);
/** bench_callers_free: drops the legs. */
void bench_callers_free(BenchCallers *self);
/**
 * bench_callers_connect: the leg of @caller, of the thread-default context.
 * @formats: of the m-line, the first one is spoken
 */
void bench_callers_connect(BenchCallers *self, guint caller, Platform *platform,
                           const char *formats, const char *lines);
/** bench_callers_send: one packet of @caller; its timestamp stays. */
void bench_callers_send(BenchCallers *self, guint caller, guint type, gboolean marker,
                        gconstpointer payload, gsize length);
/** bench_callers_speak: one packet of audio of @caller, and on by its 20 ms. */
void bench_callers_speak(BenchCallers *self, guint caller, const guint8 *payload);
/** bench_callers_hear: everything that is there. */
void bench_callers_hear(BenchCallers *self, BenchHeardFunc heard, gpointer user_data);

/** BenchTraffic: a thread of its own, which calls both functions. */
typedef struct {
    BenchCallers *callers;
    BenchSpeakFunc speak;
    BenchHeardFunc heard;
    gpointer user_data;
    GThread *thread;
    gint over; /* atomic */
} BenchTraffic;

/** bench_traffic_run: in this thread until @over is set: each caller speaks every 20 ms. */
void bench_traffic_run(BenchTraffic *self);
/** bench_traffic_start: the same in a thread of its own. */
void bench_traffic_start(BenchTraffic *self);
/** bench_traffic_stop: and waits for it. */
void bench_traffic_stop(BenchTraffic *self);

/** bench_run_for: runs the thread-default context. */
void bench_run_for(guint ms);

G_END_DECLS
