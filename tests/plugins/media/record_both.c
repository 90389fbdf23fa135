/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both sides of one call in a recording: loss, three holds, another codec and a pause, and still a
 * mark of either side stands where it passed the wire, by the kernel's clock.
 */
#include "fixture.h"

#include "codec/coder.h"
#include <math.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define FRAME_US 20000
#define FRAME_MAX 320
#define LOSS_PERCENT 15
#define HEADER 44
/* A mark is a packet of a tone, once a second, and not near to what changes. */
#define MARK_EACH 50
#define CLEAR_FRAMES 15
#define MARK_HZ 1000
#define MARK_PEAK 12000
#define MARK_FOUND 5000
#define SEARCH_US 100000
#define TOLERANCE_US 20000
#define PROMPT_SECONDS 60

/* A portion of the call. */
typedef struct {
    guint frames;
    const char *direction; /* of the peer's offer */
    gboolean wide;         /* G.722, else PCMU */
    gboolean sends;
    gboolean clock_runs; /* its timestamps go on, also when it sends nothing */
    gboolean paused;
} Phase;

static const Phase phases[] = {
    {200, "sendrecv", FALSE, TRUE, TRUE, FALSE}, {60, "sendonly", FALSE, TRUE, TRUE, FALSE},
    {100, "sendrecv", FALSE, TRUE, TRUE, FALSE}, {60, "inactive", FALSE, FALSE, TRUE, FALSE},
    {100, "sendrecv", FALSE, TRUE, TRUE, FALSE}, {150, "sendrecv", TRUE, TRUE, TRUE, FALSE},
    {60, "sendonly", TRUE, FALSE, FALSE, FALSE}, {150, "sendrecv", TRUE, TRUE, TRUE, FALSE},
    {500, "sendrecv", TRUE, TRUE, TRUE, TRUE},   {250, "sendrecv", TRUE, TRUE, TRUE, FALSE},
};

/* What passed the wire, monotonic µs. */
typedef struct {
    gint64 time;
    guint channel;
    gboolean in_pause;
} Mark;

typedef struct {
    Platform platform;
    Peer peer;
    Seen seen;
    McpLeg *leg;
    TestStream *stream;
    GArray *marks;
    GRand *chance;
    McpMediaEncoder *encoders[2];
    McpMediaDecoder *decoders[2];
    guint frame; /* of the call */
    gint64 started;
    gboolean was_loud;
    gint64 paused_from, paused_to;
    const Phase *phase;
} Case;

static void
format_of(gboolean wide, McpMediaFormat *out_format)
{
    mcp_media_format_init(
        out_format, mcp_media_codec_get(wide ? MCP_MEDIA_CODEC_G722 : MCP_MEDIA_CODEC_PCMU), NULL);
}

static void
fill_tone(gint16 *samples, guint n, guint rate)
{
    for (guint i = 0; i < n; i++)
        samples[i] = (gint16)(MARK_PEAK * sin(2 * G_PI * MARK_HZ * i / rate));
}

/* A mark at the beginning of each second, silence else. */
static McpAudio *
make_prompt(void)
{
    const guint n = 8000 * PROMPT_SECONDS;
    g_autofree gint16 *samples = g_new0(gint16, n);
    g_autoptr(GBytes) bytes = NULL;

    for (guint at = 0; at < n; at += 8000)
        fill_tone(samples + at, 160, 8000);
    for (guint i = 0; i < n; i++)
        samples[i] = (gint16)GUINT16_TO_BE((guint16)samples[i]);
    bytes = g_bytes_new(samples, (gsize)n * 2);
    return mcp_audio_new(bytes, "audio/L16;rate=8000", NULL);
}

static void
case_open(Case *test)
{
    const int on = 1;
    McpRecordParams params = {
        .format = MCP_RECORD_WAV_PCM, .no_input = -1, .source = MCP_RECORD_STEREO};
    g_autoptr(GError) error = NULL;

    memset(test, 0, sizeof *test);
    platform_open(&test->platform);
    peer_open(&test->peer);
    setsockopt(test->peer.fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    test->leg = peer_connect(&test->peer, &test->platform, "0", "a=ptime:20\r\n");
    mcp_leg_set_handler(test->leg, seen_handler, &test->seen);
    test->stream = test_stream_new();
    test->marks = g_array_new(FALSE, FALSE, sizeof(Mark));
    test->chance = g_rand_new_with_seed(3);
    for (guint wide = 0; wide < 2; wide++) {
        McpMediaFormat format;

        format_of(wide != 0, &format);
        test->encoders[wide] = mcp_media_encoder_new(&format);
        test->decoders[wide] = mcp_media_decoder_new(&format, 8000);
    }
    params.stream = MCP_STORE_STREAM(test->stream);
    g_assert_true(mcp_leg_record(test->leg, &params, &error));
    test->started = g_get_monotonic_time();
}

static void
case_close(Case *test)
{
    close_leg(&test->platform, test->leg);
    peer_close(&test->peer);
    platform_close(&test->platform);
    g_assert_finalize_object(test->stream);
    g_array_unref(test->marks);
    g_rand_free(test->chance);
    for (guint wide = 0; wide < 2; wide++) {
        mcp_media_encoder_free(test->encoders[wide]);
        mcp_media_decoder_free(test->decoders[wide]);
    }
    seen_clear(&test->seen);
}

/* --- the call --- */

static void
add_mark(Case *test, gint64 time, guint channel)
{
    const Mark mark = {time, channel, test->phase->paused};

    g_array_append_val(test->marks, mark);
}

static void
hear_packet(Case *test, const guint8 *data, gsize length, gint64 time)
{
    McpMediaRtpPacket packet;
    gint16 samples[MCP_MEDIA_SAMPLES_MAX];
    gint peak = 0;
    guint n = 0;

    if (!mcp_media_rtp_parse(data, length, &packet))
        return;
    n = mcp_media_decoder_take(test->decoders[packet.payload_type == 9], packet.payload,
                               packet.length, samples);
    for (guint i = 0; i < n; i++)
        peak = MAX(peak, ABS(samples[i]));
    if (peak > MARK_FOUND && !test->was_loud)
        add_mark(test, time, 1);
    test->was_loud = peak > MARK_FOUND;
}

/* All that has come, with the kernel's stamps. */
static void
hear(Case *test)
{
    guint8 data[2048];
    char control[CMSG_SPACE(sizeof(struct timespec))];
    struct iovec vector = {data, sizeof data};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control};
    gssize length = 0;

    while (message.msg_controllen = sizeof control,
           (length = recvmsg(test->peer.fd, &message, MSG_DONTWAIT)) >= 0) {
        gint64 offset = g_get_real_time() - g_get_monotonic_time();
        struct cmsghdr *part = CMSG_FIRSTHDR(&message);
        struct timespec stamp;

        g_assert_nonnull(part);
        memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
        hear_packet(test, data, (gsize)length,
                    (gint64)stamp.tv_sec * G_USEC_PER_SEC + stamp.tv_nsec / 1000 - offset);
    }
}

/* The frame that is due; what comes in the pause is all loud. */
static void
say(Case *test, guint frame, guint left)
{
    const Phase *phase = test->phase;
    guint n = phase->wide ? 320 : 160;
    gboolean mark = frame % MARK_EACH == 0 && frame >= CLEAR_FRAMES && left >= CLEAR_FRAMES;
    gint16 samples[FRAME_MAX] = {0};
    guint8 payload[FRAME_MAX];
    gsize length = 0;

    if (mark || phase->paused)
        fill_tone(samples, n, n * 50);
    length =
        mcp_media_encoder_take(test->encoders[phase->wide], samples, n, payload, sizeof payload);
    if (phase->sends && !mark && g_rand_int_range(test->chance, 0, 100) < LOSS_PERCENT)
        test->peer.sequence++;
    else if (phase->sends)
        peer_send(&test->peer, phase->wide ? 9 : 0, FALSE, test->peer.timestamp, payload, length);
    if (phase->sends && mark)
        add_mark(test, g_get_monotonic_time(), 0);
    if (phase->sends || phase->clock_runs)
        test->peer.timestamp += 160;
}

static void
begin_phase(Case *test, const Phase *phase)
{
    g_autofree char *lines = g_strdup_printf("a=ptime:20\r\na=%s\r\n", phase->direction);
    g_autoptr(McpSdp) offer = peer_offer(&test->peer, phase->wide ? "9" : "0", lines);
    g_autoptr(McpSdp) answer = NULL;
    gboolean was_paused = test->phase != NULL && test->phase->paused;
    g_autoptr(GError) error = NULL;

    answer = mcp_leg_answer(test->leg, offer, &error);
    g_assert_no_error(error);
    if (phase->paused != was_paused)
        g_assert_true(
            mcp_leg_pause_recording(test->leg, phase->paused, MCP_RECORD_PAUSE_SILENCE, &error));
    if (phase->paused)
        test->paused_from = g_get_monotonic_time();
    if (was_paused)
        test->paused_to = g_get_monotonic_time();
    test->phase = phase;
}

static void
run_phase(Case *test, const Phase *phase)
{
    begin_phase(test, phase);
    for (guint i = 0; i < phase->frames; i++) {
        test->frame++;
        while (g_get_monotonic_time() < test->started + (gint64)test->frame * FRAME_US) {
            g_main_context_iteration(NULL, FALSE);
            hear(test);
            g_poll(NULL, 0, 1);
        }
        say(test, i, phase->frames - i);
    }
}

/* --- the file --- */

static gint
sample_at(Case *test, gint64 place, guint channel)
{
    gsize at = HEADER + ((gsize)place * 2 + channel) * 2;

    if (place < 0 || at + 2 > test->stream->bytes->len)
        return 0;
    return ABS((gint16)(test->stream->bytes->data[at] | test->stream->bytes->data[at + 1] << 8));
}

/* Returns: µs from where the mark should be to where it is. */
static gint64
find_mark(Case *test, const Mark *mark)
{
    gint64 wanted = mark->time - test->started;

    for (gint64 us = wanted - SEARCH_US; us < wanted + SEARCH_US; us += 125)
        if (sample_at(test, us * 8 / 1000, mark->channel) > MARK_FOUND)
            return us - wanted;
    g_test_message("no mark at %.3f s, channel %u", (double)wanted / 1e6, mark->channel);
    return G_MAXINT64;
}

static void
check_marks(Case *test)
{
    gint64 least[2] = {G_MAXINT64, G_MAXINT64};
    gint64 most[2] = {G_MININT64, G_MININT64};
    guint n[2] = {0, 0};

    for (guint i = 0; i < test->marks->len; i++) {
        const Mark *mark = &g_array_index(test->marks, Mark, i);
        gint64 off = 0;

        if (mark->in_pause || ABS(mark->time - test->paused_to) < 2 * FRAME_US)
            continue;
        off = find_mark(test, mark);
        g_assert_cmpint(ABS(off), <, SEARCH_US);
        least[mark->channel] = MIN(least[mark->channel], off);
        most[mark->channel] = MAX(most[mark->channel], off);
        n[mark->channel]++;
    }
    g_test_message("%u marks heard: off by %.1f to %.1f ms; %u sent: %.1f to %.1f ms", n[0],
                   (double)least[0] / 1000, (double)most[0] / 1000, n[1], (double)least[1] / 1000,
                   (double)most[1] / 1000);
    g_assert_cmpuint(n[0], >=, 10);
    g_assert_cmpuint(n[1], >=, 10);
    g_assert_cmpint(MAX(most[0], most[1]) - MIN(least[0], least[1]), <=, TOLERANCE_US);
}

/*
 * Not a frame of the ten seconds; 10 ms are left for the command on its way to the worker, and the
 * last packet before it is kept.
 */
static void
check_pause(Case *test)
{
    gint64 from = (test->paused_from - test->started + 10000 + FRAME_US) * 8 / 1000;
    gint64 to = (test->paused_to - test->started) * 8 / 1000;

    for (gint64 place = from; place < to; place++) {
        g_assert_cmpint(sample_at(test, place, 0), <, 100);
        g_assert_cmpint(sample_at(test, place, 1), <, 100);
    }
}

static void
test_both(void)
{
    g_autoptr(McpAudio) prompt = make_prompt();
    const McpPlayItem item = {.kind = MCP_PLAY_AUDIO, .audio = prompt};
    McpLegStatistics statistics;
    gint64 wanted = 0;
    Case test;

    case_open(&test);
    mcp_leg_play(test.leg, &item, 1);
    for (guint i = 0; i < G_N_ELEMENTS(phases); i++)
        run_phase(&test, &phases[i]);
    mcp_leg_stop_recording(test.leg);
    wanted = g_get_monotonic_time() - test.started;
    wait_until(&test.seen.recordings, 1, 3);
    g_assert_cmpint(test.seen.recording.stop, ==, MCP_STOP_COMMAND);
    g_assert_cmpuint(test.seen.recording.channels, ==, 2);
    g_assert_cmpuint(test.seen.recording.rate, ==, 8000);
    g_test_message("%.3f s recorded of %.3f", (double)test.seen.recording.duration / 1e6,
                   (double)wanted / 1e6);
    g_assert_cmpint(ABS(test.seen.recording.duration - wanted), <=, 20000 + wanted / 2000);
    mcp_leg_get_statistics(test.leg, &statistics);
    g_assert_cmpuint(statistics.packets_lost, >, 50);
    check_marks(&test);
    check_pause(&test);
    case_close(&test);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/record-both/call", test_both);
    return g_test_run();
}
