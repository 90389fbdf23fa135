/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of what a leg does with payloads: the first byte chooses a codec, then packets, each
 * behind four bytes (kind, steps of sequence and timestamp, length), are heard through jitter
 * buffer, decoder and concealment by listeners that come and go, in the middle of which the codec
 * may change. Whatever comes, time does not run backwards and no frame is longer than there is
 * room.
 */
#include "ear/ear.h"

#include "codec/amr_payload.h"
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const McpMediaCodecOptions options = {.opus_rate = 16000, .opus_bitrate = 24000};

typedef struct {
    McpMediaBlockPool pool;
    McpMediaEar *ear;
    gint64 position;
    gint64 now;
    guint32 sequence;
    gint64 timestamp;
} Leg;

static void
hear(gpointer listener, const McpMediaHeard *heard, gint64 now)
{
    Leg *leg = listener;
    volatile gint16 sum = 0;

    if (heard->n == 0 || heard->n > MCP_MEDIA_SAMPLES_MAX ||
        (heard->rate != 8000 && heard->rate != 16000))
        __builtin_trap();
    /* Each sample is there. */
    for (guint i = 0; i < heard->n; i++)
        sum = (gint16)(sum ^ heard->samples[i]);
    leg->position = heard->position;
}

static McpMediaFormat
format_of(guint8 byte)
{
    McpMediaFormat format;

    mcp_media_format_init(&format, mcp_media_codec_get(byte % MCP_MEDIA_N_CODECS), &options);
    return format;
}

static void
change_codec(Leg *leg, guint8 byte)
{
    const McpMediaFormat format = format_of(byte);

    mcp_media_decoder_free(mcp_media_ear_set_decoder(
        leg->ear, mcp_media_decoder_new(&format, mcp_media_ear_get_rate(leg->ear)), leg->now));
}

/* What was read of a payload of AMR is read again from what is written of it. */
static void
check_amr(const uint8_t *data, size_t size, gboolean wide, gboolean octets)
{
    McpMediaAmrPayload payload;
    McpMediaAmrPayload again;
    McpMediaFrame frames[MCP_MEDIA_FRAMES_MAX];
    guint8 out[MCP_MEDIA_CODED_MAX];
    gsize length = 0;

    memset(&payload, 0, sizeof payload);
    memset(&again, 0, sizeof again);
    if (!mcp_media_amr_read(data, size, wide, octets, &payload))
        return;
    for (guint i = 0; i < payload.n; i++) {
        frames[i].data = payload.frames[i];
        frames[i].length = sizeof payload.frames[i];
    }
    length = mcp_media_amr_write(frames, payload.n, payload.request, wide, octets, out, sizeof out);
    if (length == 0 || length > size || !mcp_media_amr_read(out, length, wide, octets, &again) ||
        again.n != payload.n || again.request != payload.request ||
        memcmp(again.frames, payload.frames, payload.n * sizeof payload.frames[0]) != 0)
        __builtin_trap();
}

/* Returns: bytes used. */
static size_t
take(Leg *leg, const uint8_t *data, size_t size)
{
    size_t length = MIN((size_t)data[3] * (data[0] & 0x10 ? 8 : 1), size - 4);

    switch (data[0] & 0xf) {
    case 0:
        mcp_media_ear_restart(leg->ear, leg->now);
        break;
    case 1:
        mcp_media_ear_unlisten(leg->ear, leg, leg->now);
        mcp_media_ear_listen(leg->ear, hear, leg);
        break;
    case 2:
        change_codec(leg, data[1]);
        break;
    default:
        break;
    }
    check_amr(data + 4, length, data[1] & 1, data[1] & 2);
    leg->sequence += (guint32)(int8_t)data[1];
    leg->timestamp += (gint64)(int8_t)data[2] * 40;
    leg->now += 20000;
    if ((data[0] & 0xf) == 3)
        mcp_media_ear_take_noise(leg->ear, leg->sequence, leg->timestamp, data + 4, length,
                                 leg->now);
    else
        mcp_media_ear_take(leg->ear, leg->sequence, leg->timestamp, data + 4, length, data[2] * 200,
                           leg->now);
    mcp_media_ear_tick(leg->ear, leg->now);
    return 4 + length;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Leg leg = {.sequence = 70000, .timestamp = 1 << 20};
    McpMediaFormat format;

    if (size == 0)
        return 0;
    format = format_of(data[0]);
    mcp_media_block_pool_init(&leg.pool, sizeof(McpMediaJitterPacket), 8);
    leg.ear = mcp_media_ear_new(&format, 0);
    mcp_media_ear_open(leg.ear, &leg.pool);
    mcp_media_ear_listen(leg.ear, hear, &leg);
    data++;
    size--;
    while (size > 4) {
        size_t used = take(&leg, data, size);

        data += used;
        size -= used;
    }
    mcp_media_ear_close(leg.ear);
    mcp_media_ear_free(leg.ear);
    mcp_media_block_pool_clear(&leg.pool);
    return 0;
}
