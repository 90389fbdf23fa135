/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The receiving side of one RTP stream. No locks: one thread receives.
 */
#include "rtp_receive.h"

#include "speech.h"

#include <string.h>

#define MAX_MISORDER 100             /* RFC 3550 appendix A.1 */
#define MAX_DROPOUT 3000             /* RFC 3550 appendix A.1 */
#define LONGEST_PAUSE (50 * 60 * 60) /* packets; more is no pause but another clock */
#define LONGEST_RECORDING 3600       /* seconds */

void
mcp_bench_rtp_receive_init(McpBenchRtpReceive *receive, const McpBenchCodec *codec)
{
    memset(receive, 0, sizeof *receive);
    receive->codec = codec;
    if (codec->id != MCP_BENCH_PCMU)
        receive->decoder = mcp_bench_decoder_new(codec);
}

void
mcp_bench_rtp_receive_clear(McpBenchRtpReceive *receive)
{
    g_clear_pointer(&receive->arrivals, g_array_unref);
    g_clear_pointer(&receive->recording, g_array_unref);
    g_clear_pointer(&receive->decoder, mcp_bench_decoder_free);
}

static void
decode_from_now(McpBenchRtpReceive *receive)
{
    if (receive->decoder == NULL)
        receive->decoder = mcp_bench_decoder_new(receive->codec);
}

void
mcp_bench_rtp_receive_record(McpBenchRtpReceive *receive)
{
    decode_from_now(receive);
    if (receive->recording == NULL)
        receive->recording = g_array_new(FALSE, TRUE, sizeof(gint16));
}

void
mcp_bench_rtp_receive_listen(McpBenchRtpReceive *receive, McpBenchHeardFunc heard,
                             gpointer user_data)
{
    decode_from_now(receive);
    receive->heard = heard;
    receive->heard_data = user_data;
}

void
mcp_bench_rtp_receive_measure(McpBenchRtpReceive *receive, gint64 from_ns, gint64 until_ns)
{
    receive->from_ns = from_ns;
    receive->until_ns = until_ns;
    if (receive->arrivals == NULL)
        receive->arrivals = g_array_new(FALSE, FALSE, sizeof(McpBenchArrival));
}

static guint16
read_u16(const guint8 *at)
{
    return (guint16)(at[0] << 8 | at[1]);
}

static guint32
read_u32(const guint8 *at)
{
    return (guint32)at[0] << 24 | (guint32)at[1] << 16 | (guint32)at[2] << 8 | at[3];
}

/* Length of header, CSRC list and extension (RFC 3550 §5.1, §5.3.1); 0 when it does not fit. */
static gsize
header_length(const guint8 *data, gsize length)
{
    gsize size = MCP_BENCH_RTP_HEADER + (gsize)(data[0] & 0x0f) * 4;
    if ((data[0] & 0x10) != 0) {
        if (size + 4 > length)
            return 0;
        size += 4 + (gsize)read_u16(data + size + 2) * 4;
    }
    return size <= length ? size : 0;
}

static void
restart(McpBenchRtpReceive *receive, guint32 ssrc, guint16 sequence, gint64 time_ns)
{
    if (receive->packets > 0) {
        gint64 gap = time_ns - receive->last_ns + MCP_BENCH_PERIOD_NS / 2;
        receive->restarts++;
        receive->index += MAX(gap / MCP_BENCH_PERIOD_NS, 1);
    } else {
        receive->first_ns = time_ns;
    }
    receive->ssrc = ssrc;
    receive->highest = sequence;
    receive->seen = 1;
    receive->audio_sequence = sequence;
    receive->audio_timestamp = 0;
}

/*
 * Packets of silence that the sender declared by letting its timestamp run ahead of its sequence
 * numbers since the last audio packet.
 */
static gint64
declared_pause(McpBenchRtpReceive *receive, guint16 sequence, guint32 timestamp)
{
    guint32 ticks = timestamp - receive->audio_timestamp;
    guint16 steps = (guint16)(sequence - receive->audio_sequence);
    gint64 pause = (gint64)(ticks / receive->codec->step) - steps;
    return pause > 0 && pause < LONGEST_PAUSE ? pause : 0;
}

/* Returns the packet's index, or -1 for a duplicate. */
static gint64
place_of(McpBenchRtpReceive *receive, guint16 sequence, guint32 timestamp, gboolean audio)
{
    gint16 distance = (gint16)(sequence - receive->highest);
    if (distance > 0) {
        gint64 pause = audio ? declared_pause(receive, sequence, timestamp) : 0;
        receive->pauses += pause > 0;
        receive->lost += (guint64)distance - 1;
        receive->seen = distance < 64 ? receive->seen << distance | 1 : 1;
        receive->highest = sequence;
        receive->index += distance + pause;
        return receive->index;
    }
    guint back = (guint)-distance;
    if (back >= 64 || (receive->seen >> back & 1) != 0) {
        receive->duplicates++;
        return -1;
    }
    receive->seen |= (guint64)1 << back;
    receive->reordered++;
    receive->lost -= MIN(receive->lost, 1);
    return receive->index - back;
}

static void
record(McpBenchRtpReceive *receive, const gint16 *samples, guint n, gint64 index)
{
    gsize at = (gsize)index * receive->codec->samples;
    if (at + n > (gsize)LONGEST_RECORDING * receive->codec->sample_rate)
        return;
    if (receive->recording->len < at + n)
        g_array_set_size(receive->recording, (guint)(at + n));
    memcpy(&g_array_index(receive->recording, gint16, at), samples, n * sizeof *samples);
}

static void
take_audio(McpBenchRtpReceive *receive, const guint8 *payload, gsize length, gint64 time_ns,
           gint64 index, gboolean newest)
{
    gint16 samples[MCP_BENCH_SAMPLES_MAX];
    guint n = 0;
    guint level = 0;
    receive->audio++;
    if (receive->decoder != NULL) {
        n = mcp_bench_decoder_take(receive->decoder, payload, length, samples);
        level = mcp_bench_level(samples, n);
    } else {
        level = mcp_bench_mulaw_level(payload, length);
    }
    if (level >= MCP_BENCH_SOUND_LEVEL)
        receive->sound++;
    if (receive->recording != NULL && n > 0)
        record(receive, samples, n, index);
    if (receive->heard == NULL || !newest)
        return;
    McpBenchHeard heard = {.time_ns = time_ns, .index = index, .samples = samples, .n = n};
    receive->heard(&heard, receive->heard_data);
}

void
mcp_bench_rtp_receive_packet(McpBenchRtpReceive *receive, const guint8 *data, gsize length,
                             gint64 time_ns)
{
    gsize header = 0;
    if (length >= MCP_BENCH_RTP_HEADER && data[0] >> 6 == 2) {
        if (data[1] >= 192 && data[1] <= 223) /* RTCP on the same port, RFC 5761 §4 */
            return;
        header = header_length(data, length);
    }
    if (header == 0) {
        receive->malformed++;
        return;
    }
    gboolean audio = (data[1] & 0x7f) == receive->codec->payload_type;
    guint16 sequence = read_u16(data + 2);
    guint32 timestamp = read_u32(data + 4);
    guint32 ssrc = read_u32(data + 8);
    gint distance = (gint16)(sequence - receive->highest);
    gint64 index = 0;
    if (receive->packets == 0 || ssrc != receive->ssrc || distance > MAX_DROPOUT ||
        distance < -MAX_MISORDER) {
        restart(receive, ssrc, sequence, time_ns);
        index = receive->index;
    } else {
        index = place_of(receive, sequence, timestamp, audio);
        if (index < 0)
            return;
    }
    receive->packets++;
    receive->last_ns = time_ns;
    if (audio) {
        gboolean newest = sequence == receive->highest;
        if (newest) {
            receive->audio_sequence = sequence;
            receive->audio_timestamp = timestamp;
        }
        take_audio(receive, data + header, length - header, time_ns, index, newest);
    }
    if (receive->arrivals != NULL && time_ns >= receive->from_ns && time_ns < receive->until_ns) {
        McpBenchArrival arrival = {.time_ns = time_ns, .index = index};
        g_array_append_val(receive->arrivals, arrival);
    }
}

void
mcp_bench_rtp_header(guint8 *out, gboolean marker, guint8 payload_type, guint16 sequence,
                     guint32 timestamp, guint32 ssrc)
{
    const guint32 words[2] = {GUINT32_TO_BE(timestamp), GUINT32_TO_BE(ssrc)};
    out[0] = 0x80;
    out[1] = (guint8)((marker ? 0x80 : 0) | payload_type);
    out[2] = (guint8)(sequence >> 8);
    out[3] = (guint8)sequence;
    memcpy(out + 4, words, sizeof words);
}
