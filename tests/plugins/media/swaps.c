/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A swept tone through many swaps between the plain path and listeners that come and go: of what is
 * heard, of what is sent, of what a bridge passes. Every sample is there once and in its place.
 */
#include "fixture.h"

#include "sweep.h"
#include "test_stream.h"
#include <mcp/contract/tap.h>
#include <sound/g711.h>
#include <string.h>

#define EVENTS "a=rtpmap:101 telephone-event/8000\r\n"
#define FRAME 160
#define FRAME_US 20000
/* Whoever was later than that, the sender or the platform, had too little of the machine: what is
 * missing after 120 ms is made up, which no swap is to blame for. */
#define LATE_US 60000
/* Between two packets: a worker that comes so late has missed a tick, which is not made up for. */
#define MISSED_US 30000
#define ATTEMPTS 8
#define FRAMES_A_SWAP 3
/* A room makes up what comes a few ms late, and catches up: only a calm machine is without that. */
#define SWAPS_A_CALL 20
#define LATE_ROOM_US 2000
/* What is left out by catching up, samples a swap on average: a swap that loses loses a packet. */
#define CAUGHT_UP 4
/* Calls of a hundred that must be without fault where nobody here was late; workers may be. */
#define WHOLE_PERCENT 80
/* One call with a fault says little: then so many calm ones are looked at, of so many in all. */
#define CALM_CALLS 12
#define CALLS_MAX 30
/* After the last packet, until all of it is in the taps. */
#define REST_MS 400

static guint
swaps(void)
{
    return g_strcmp0(g_getenv("MCP_TEST_TIER"), "full") == 0 ? 1000 : 100;
}

/* --- listeners that come and go --- */

typedef struct {
    Platform *platform;
    Peer *peer; /* of the leg */
    McpLeg *leg;
    Seen *seen;
    McpTapSource tapped;
    McpRecordSource recorded;
    McpTap *tap;        /* nullable: the one that comes and goes */
    TestStream *stream; /* nullable: of the recording that comes and goes */
    guint recordings;   /* begun */
    guint done;
} Listeners;

static McpTap *
open_tap(McpLeg *leg, McpTapSource source)
{
    const McpTapParams params = {.source = source, .buffer_ms = 60000};
    g_autoptr(GError) error = NULL;
    McpTap *tap = mcp_leg_tap(leg, &params, &error);

    g_assert_no_error(error);
    return tap;
}

static void
swap_tap(Listeners *self)
{
    if (self->tap == NULL)
        self->tap = open_tap(self->leg, self->tapped);
    else
        g_clear_object(&self->tap);
}

static void
swap_speech(Listeners *self, gboolean on)
{
    const McpArm arm = {
        .no_input = -1, .speech = {.listen = TRUE, .sensitivity = 0.5}, .digits = 0};

    if (on)
        mcp_leg_arm(self->leg, &arm);
    else
        mcp_leg_disarm(self->leg);
}

/* Digits are looked for in the audio where no events are agreed upon. */
static void
swap_tones(Listeners *self, gboolean on)
{
    g_autoptr(McpSdp) offer = peer_offer(self->peer, on ? "0" : "0 101", on ? "" : EVENTS);
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSdp) answer = mcp_leg_answer(self->leg, offer, &error);

    g_assert_no_error(error);
}

static void
swap_progress(Listeners *self, gboolean on)
{
    const McpProgressParams params = {.early = TRUE};
    g_autoptr(GError) error = NULL;

    g_assert_true(mcp_leg_watch_progress(self->leg, on ? &params : NULL, &error));
    g_assert_no_error(error);
}

/* A busy worker takes no new recording; one that is being finished is in the way of the next. */
static void
swap_recording(Listeners *self, gboolean on)
{
    McpRecordParams params = {
        .format = MCP_RECORD_WAV_PCM, .no_input = -1, .source = self->recorded};

    if (!on) {
        mcp_leg_stop_recording(self->leg);
        return;
    }
    if (self->recordings > self->seen->recordings)
        return;
    g_clear_object(&self->stream);
    self->stream = test_stream_new();
    params.stream = MCP_STORE_STREAM(self->stream);
    if (mcp_leg_record(self->leg, &params, NULL))
        self->recordings++;
}

static void
swap(Listeners *self)
{
    switch (self->done++ % 10) {
    case 0:
    case 4:
        swap_tap(self);
        break;
    case 1:
    case 6:
        swap_speech(self, self->done % 10 == 2);
        break;
    case 2:
    case 7:
        swap_tones(self, self->done % 10 == 3);
        break;
    case 3:
    case 8:
        swap_recording(self, self->done % 10 == 4);
        break;
    default:
        swap_progress(self, self->done % 10 == 6);
    }
}

static void
listeners_end(Listeners *self)
{
    g_clear_object(&self->tap);
    swap_speech(self, FALSE);
    swap_progress(self, FALSE);
    mcp_leg_stop_recording(self->leg);
    wait_until(&self->seen->recordings, self->recordings, 5);
    g_clear_object(&self->stream);
    g_test_message("%u swaps, %u recordings among them", self->done, self->recordings);
}

/* --- what came --- */

static void
read_tap(McpTap *tap, GArray *samples)
{
    McpTapFrame frame;

    while (mcp_tap_read(tap, &frame)) {
        g_assert_cmpuint(frame.dropped, ==, 0);
        g_array_append_vals(samples, frame.data, (guint)(frame.length / 2));
    }
}

static gboolean
is_whole(const GArray *samples, guint64 sent, gboolean alaw, const char *what)
{
    SweepFound found = {0};

    sweep_find((const gint16 *)samples->data, samples->len, sent, alaw, &found);
    g_test_message("%s: %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                   " samples in place, %u lost, %u doubled, %u put in, %u changed",
                   what, found.matched, sent, found.lost, found.doubled, found.put_in,
                   found.changed);
    return found.matched == sent && found.lost + found.doubled + found.put_in + found.changed == 0;
}

/* What a peer gets, packet by packet. */
typedef struct {
    GArray *samples;
    guint packets, gaps, breaks;
    gint64 last_arrival, longest; /* µs; between two packets */
    guint16 next_sequence;
    guint32 next_timestamp;
} Received;

static void
note_packet(Received *self, const McpMediaRtpPacket *packet)
{
    gint64 now = g_get_monotonic_time();
    gint16 samples[FRAME];

    g_assert_true(packet->payload_type == 0 || packet->payload_type == 8);
    g_assert_cmpuint(packet->length, ==, FRAME);
    if (self->packets++ > 0) {
        self->longest = MAX(self->longest, now - self->last_arrival);
        self->gaps += (guint16)(packet->sequence - self->next_sequence);
        self->breaks += packet->timestamp != self->next_timestamp;
    }
    self->last_arrival = now;
    self->next_sequence = (guint16)(packet->sequence + 1);
    self->next_timestamp = packet->timestamp + FRAME;
    if (packet->payload_type == 0)
        mcp_sound_mulaw_decode(packet->payload, FRAME, samples);
    else
        mcp_sound_alaw_decode(packet->payload, FRAME, samples);
    g_array_append_vals(self->samples, samples, FRAME);
}

static gboolean
receive(Peer *peer, guint ms, Received *received)
{
    McpMediaRtpPacket packet;
    guint8 datagram[2048];

    if (!peer_receive(peer, ms, &packet, datagram, sizeof datagram))
        return FALSE;
    note_packet(received, &packet);
    return TRUE;
}

/* --- what is said --- */

/* Until @time, µs; what comes meanwhile at @peer is noted. */
static void
pass_time(gint64 time, Peer *peer, Received *received)
{
    GPollFD socket = {.fd = received == NULL ? -1 : peer->fd, .events = G_IO_IN};

    while (g_get_monotonic_time() < time) {
        while (g_main_context_iteration(NULL, FALSE))
            continue;
        if (g_poll(&socket, 1, 1) > 0)
            receive(peer, 1, received);
    }
}

/* How late it is, µs. */
static gint64
say(Peer *peer, guint frame, gint64 start)
{
    guint8 payload[FRAME];
    gint64 due = start + (gint64)frame * FRAME_US;

    sweep_mulaw((guint64)frame * FRAME, FRAME, payload);
    peer_send(peer, 0, frame == 0, peer->timestamp, payload, FRAME);
    peer->timestamp += FRAME;
    return g_get_monotonic_time() - due;
}

/* --- the cases --- */

typedef enum {
    WHOLE,
    BROKEN,
    DISTURBED, /* the machine was too busy to tell */
} Verdict;

static Verdict
judge(gboolean whole, gboolean in_time)
{
    if (whole)
        return WHOLE;
    return in_time ? BROKEN : DISTURBED;
}

static void
check(Verdict (*run)(void))
{
    Verdict verdict = DISTURBED;

    for (guint i = 0; i < ATTEMPTS && verdict == DISTURBED; i++)
        verdict = run();
    if (verdict == DISTURBED)
        g_test_message("the machine was too busy in each of %u attempts", ATTEMPTS);
    g_assert_cmpint(verdict, ==, WHOLE);
}

/* One tap hears all, whoever listens beside it. */
static Verdict
hear(void)
{
    Platform platform;
    Peer peer;
    Seen seen = {0};
    Listeners listeners = {.platform = &platform, .peer = &peer, .seen = &seen};
    GArray *samples = g_array_new(FALSE, FALSE, sizeof(gint16));
    McpTap *tap = NULL;
    gint64 start = 0;
    guint n = swaps();
    gboolean in_time = TRUE;
    gboolean whole = FALSE;

    platform_open(&platform);
    peer_open(&peer);
    listeners.leg = peer_connect(&peer, &platform, "0 101", EVENTS);
    mcp_leg_set_handler(listeners.leg, seen_handler, &seen);
    tap = open_tap(listeners.leg, MCP_TAP_HEARD);
    start = g_get_monotonic_time();
    for (guint frame = 0; frame < n + 10 && in_time; frame++) {
        in_time = say(&peer, frame, start) < LATE_US;
        if (frame >= 5 && frame < n + 5)
            swap(&listeners);
        pass_time(start + (gint64)(frame + 1) * FRAME_US, NULL, NULL);
        read_tap(tap, samples);
    }
    pass_time(g_get_monotonic_time() + REST_MS * 1000, NULL, NULL);
    read_tap(tap, samples);
    whole = is_whole(samples, (guint64)(n + 10) * FRAME, FALSE, "heard");
    listeners_end(&listeners);
    close_leg(&platform, listeners.leg);
    g_assert_finalize_object(tap);
    peer_close(&peer);
    platform_close(&platform);
    seen_clear(&seen);
    g_array_unref(samples);
    return judge(whole, in_time);
}

static void
test_heard(void)
{
    check(hear);
}

static McpAudio *
sweep_audio(guint n)
{
    guint8 *data = g_malloc(n);
    g_autoptr(GBytes) bytes = NULL;

    sweep_mulaw(0, n, data);
    bytes = g_bytes_new_take(data, n);
    return mcp_audio_new(bytes, "audio/basic", NULL);
}

/* A prompt, while what is sent is tapped and recorded; the peer and a tap get all of it. */
static Verdict
send_prompt(void)
{
    Platform platform;
    Peer peer;
    Seen seen = {0};
    Listeners listeners = {.platform = &platform,
                           .peer = &peer,
                           .seen = &seen,
                           .tapped = MCP_TAP_SENT,
                           .recorded = MCP_RECORD_STEREO};
    guint frames = swaps() + 10;
    Received received = {.samples = g_array_new(FALSE, FALSE, sizeof(gint16))};
    GArray *samples = g_array_new(FALSE, FALSE, sizeof(gint16));
    g_autoptr(McpAudio) audio = sweep_audio(frames * FRAME);
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = audio};
    McpTap *tap = NULL;
    gboolean whole = FALSE;
    gboolean tapped = FALSE;

    platform_open(&platform);
    peer_open(&peer);
    listeners.leg = peer_connect(&peer, &platform, "0 101", EVENTS);
    mcp_leg_set_handler(listeners.leg, seen_handler, &seen);
    tap = open_tap(listeners.leg, MCP_TAP_SENT);
    mcp_leg_play(listeners.leg, &item, 1);
    while (received.packets < frames && receive(&peer, 3000, &received)) {
        if (received.packets > 5 && received.packets <= swaps() + 5)
            swap(&listeners);
        read_tap(tap, samples);
    }
    wait_until(&seen.ended, 1, 5);
    pass_time(g_get_monotonic_time() + REST_MS * 1000, NULL, NULL);
    read_tap(tap, samples);
    g_test_message("%u packets, %u sequence numbers missing, %u breaks in time", received.packets,
                   received.gaps, received.breaks);
    whole = is_whole(received.samples, (guint64)frames * FRAME, FALSE, "sent");
    tapped = is_whole(samples, (guint64)frames * FRAME, FALSE, "sent, by a tap");
    g_assert_true(whole);
    g_assert_cmpuint(received.gaps, ==, 0);
    listeners_end(&listeners);
    close_leg(&platform, listeners.leg);
    g_assert_finalize_object(tap);
    peer_close(&peer);
    platform_close(&platform);
    seen_clear(&seen);
    g_array_unref(samples);
    g_array_unref(received.samples);
    return judge(tapped && received.breaks == 0, received.longest < MISSED_US);
}

static void
test_sent(void)
{
    check(send_prompt);
}

/* --- bridges --- */

typedef struct {
    Platform platform;
    Peer peers[2];
    McpLeg *legs[2];
    Seen seen[2];
    Received received; /* by the second one */
} Bridge;

static void
bridge_open(Bridge *bridge)
{
    g_autoptr(GError) error = NULL;

    memset(bridge, 0, sizeof *bridge);
    bridge->received.samples = g_array_new(FALSE, FALSE, sizeof(gint16));
    platform_open(&bridge->platform);
    for (guint i = 0; i < 2; i++) {
        peer_open(&bridge->peers[i]);
        bridge->peers[i].call_id = i == 0 ? "a" : "b";
        bridge->legs[i] = peer_connect(&bridge->peers[i], &bridge->platform, "0 101", EVENTS);
        mcp_leg_set_handler(bridge->legs[i], seen_handler, &bridge->seen[i]);
    }
    g_assert_true(mcp_leg_bridge(bridge->legs[0], bridge->legs[1], &error));
    g_assert_no_error(error);
}

static void
bridge_close(Bridge *bridge)
{
    for (guint i = 0; i < 2; i++) {
        close_leg(&bridge->platform, bridge->legs[i]);
        peer_close(&bridge->peers[i]);
        seen_clear(&bridge->seen[i]);
    }
    platform_close(&bridge->platform);
    g_array_unref(bridge->received.samples);
}

/* Listeners of both legs come and go; packets pass as they are. */
static void
test_relayed(void)
{
    Bridge bridge;
    Listeners listeners[2];
    guint n = swaps();
    gint64 start = 0;

    bridge_open(&bridge);
    for (guint i = 0; i < 2; i++)
        listeners[i] = (Listeners){.platform = &bridge.platform,
                                   .peer = &bridge.peers[i],
                                   .leg = bridge.legs[i],
                                   .seen = &bridge.seen[i],
                                   .tapped = MCP_TAP_STEREO,
                                   .recorded = MCP_RECORD_STEREO};
    start = g_get_monotonic_time();
    for (guint frame = 0; frame < n + 10; frame++) {
        say(&bridge.peers[0], frame, start);
        if (frame >= 5 && frame < n + 5)
            swap(&listeners[frame % 2]);
        pass_time(start + (gint64)(frame + 1) * FRAME_US, &bridge.peers[1], &bridge.received);
    }
    while (receive(&bridge.peers[1], REST_MS, &bridge.received))
        continue;
    g_assert_true(is_whole(bridge.received.samples, (guint64)(n + 10) * FRAME, FALSE, "relayed"));
    g_assert_cmpuint(bridge.received.gaps + bridge.received.breaks, ==, 0);
    listeners_end(&listeners[0]);
    listeners_end(&listeners[1]);
    bridge_close(&bridge);
}

static void
offer_codec(Bridge *bridge, gboolean alaw)
{
    g_autoptr(McpSdp) offer = peer_offer(&bridge->peers[1], alaw ? "8 101" : "0 101", EVENTS);
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSdp) answer = mcp_leg_answer(bridge->legs[1], offer, &error);

    g_assert_no_error(error);
}

typedef struct {
    guint calls, calm;       /* calls; those in which nobody here was late */
    guint whole, calm_whole; /* … without a fault */
    guint swaps;
    guint judged;     /* swaps in calls in which nobody was late by more than a room waits */
    guint wrong;      /* samples lost or doubled in these */
    SweepFound found; /* in all of them */
} Changes;

static void
add_call(Changes *changes, const Bridge *bridge, guint frames, gint64 latest)
{
    GArray *samples = bridge->received.samples;
    gboolean calm = latest < LATE_ROOM_US && bridge->received.longest < LATE_US;
    gboolean whole = FALSE;
    SweepFound found;

    sweep_as_alaw((gint16 *)samples->data, samples->len);
    sweep_find((const gint16 *)samples->data, samples->len, (guint64)frames * FRAME, TRUE, &found);
    whole = found.matched == (guint64)frames * FRAME && bridge->received.breaks == 0 &&
            found.lost + found.doubled + found.put_in + found.changed == 0;
    changes->calls++;
    changes->swaps += SWAPS_A_CALL;
    changes->calm += calm;
    changes->whole += whole;
    changes->calm_whole += calm && whole;
    if (latest < LATE_US && bridge->received.longest < LATE_US) {
        changes->judged += SWAPS_A_CALL;
        changes->wrong += found.lost + found.doubled;
    }
    changes->found.lost += found.lost;
    changes->found.doubled += found.doubled;
    changes->found.put_in += found.put_in;
    changes->found.changed += found.changed;
}

/* The second leg has another codec, and the first one's again: a room comes and goes. */
static void
change_codec(Changes *changes)
{
    const guint frames = (SWAPS_A_CALL + 2) * FRAMES_A_SWAP;
    Bridge bridge;
    gint64 start = 0;
    gint64 latest = 0;
    guint done = 0;

    bridge_open(&bridge);
    start = g_get_monotonic_time();
    for (guint frame = 0; frame < frames; frame++) {
        gint64 late = say(&bridge.peers[0], frame, start);

        latest = MAX(latest, late);
        if (frame % FRAMES_A_SWAP == FRAMES_A_SWAP - 1 && done < SWAPS_A_CALL)
            offer_codec(&bridge, done++ % 2 == 0);
        pass_time(start + (gint64)(frame + 1) * FRAME_US, &bridge.peers[1], &bridge.received);
    }
    while (receive(&bridge.peers[1], 100, &bridge.received))
        continue;
    g_assert_cmpuint(bridge.received.gaps, ==, 0);
    add_call(changes, &bridge, frames, latest);
    bridge_close(&bridge);
}

static gboolean
is_unclear(const Changes *changes)
{
    return changes->calm_whole < changes->calm && changes->calm < CALM_CALLS &&
           changes->calls < CALLS_MAX;
}

static void
test_codec(void)
{
    Changes changes = {0};

    while (changes.swaps < swaps() || is_unclear(&changes))
        change_codec(&changes);
    g_test_message("%u swaps in %u calls, %u of them without a fault; %u calm calls, %u without a "
                   "fault; samples in all: %u lost, %u doubled, %u put in, %u changed; %u lost "
                   "or doubled in %u swaps that were in time",
                   changes.swaps, changes.calls, changes.whole, changes.calm, changes.calm_whole,
                   changes.found.lost, changes.found.doubled, changes.found.put_in,
                   changes.found.changed, changes.wrong, changes.judged);
    g_assert_cmpuint(changes.wrong, <=, CAUGHT_UP * changes.judged);
    g_assert_cmpuint(changes.calm_whole * 100, >=, changes.calm * WHOLE_PERCENT);
}

int
main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/swaps/heard", test_heard);
    g_test_add_func("/media/swaps/sent", test_sent);
    g_test_add_func("/media/swaps/relayed", test_relayed);
    g_test_add_func("/media/swaps/codec", test_codec);
    return g_test_run();
}
