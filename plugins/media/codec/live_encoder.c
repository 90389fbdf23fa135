/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Samples of a mix or a bridge into packets. One thread at a time, mostly a media worker.
 */
#include "live_encoder.h"

#include <mcp/ledger.h>
#include <speex/speex_resampler.h>
#include <string.h>

MCP_LEDGER_DEFINE(McpMediaLiveEncoder);

#define RESAMPLER_QUALITY 4
/* A packet of 60 ms and one part of 20 ms at 48 kHz. */
#define PTIME_MAX 120
#define SAMPLES_MAX (48 * (PTIME_MAX + 20))
#define FRAME_BYTES_MAX 512

struct _McpMediaLiveEncoder {
    McpMediaEncoder *encoder;
    McpMediaFormat format;
    SpeexResamplerState *resampler; /* nullable */
    guint rate;
    guint packet; /* samples of a packet, at the format's rate */
    guint ticks;
    guint n;
    guint size; /* of samples */
    gint16 samples[];
};

McpMediaLiveEncoder *
mcp_media_live_encoder_new(const McpMediaFormat *format, guint rate, guint ptime)
{
    guint size = format->rate * (MIN(ptime, PTIME_MAX) + 40) / 1000;
    McpMediaLiveEncoder *self = g_malloc0(sizeof *self + size * sizeof self->samples[0]);

    MCP_LEDGER_CREATED(McpMediaLiveEncoder);
    self->encoder = mcp_media_encoder_new(format);
    self->format = *format;
    self->rate = rate;
    self->size = size;
    self->packet = format->rate * MIN(ptime, PTIME_MAX) / 1000;
    self->ticks = format->codec->clock_rate * MIN(ptime, PTIME_MAX) / 1000;
    if (rate != format->rate)
        self->resampler = speex_resampler_init(1, rate, format->rate, RESAMPLER_QUALITY, NULL);
    return self;
}

void
mcp_media_live_encoder_free(McpMediaLiveEncoder *live)
{
    if (live == NULL)
        return;
    mcp_media_encoder_free(live->encoder);
    if (live->resampler != NULL)
        speex_resampler_destroy(live->resampler);
    g_free(live);
    MCP_LEDGER_FINALIZED(McpMediaLiveEncoder);
}

guint
mcp_media_live_encoder_get_rate(const McpMediaLiveEncoder *live)
{
    return live->rate;
}

guint
mcp_media_live_encoder_get_ticks(const McpMediaLiveEncoder *live)
{
    return live->ticks;
}

gboolean
mcp_media_live_encoder_is_shareable(const McpMediaLiveEncoder *live, guint n)
{
    return live->format.codec->coder->encoder_new == NULL && live->resampler == NULL &&
           live->n == 0 && live->packet == n;
}

void
mcp_media_live_encoder_reset(McpMediaLiveEncoder *live)
{
    live->n = 0;
}

void
mcp_media_live_encoder_put(McpMediaLiveEncoder *live, const gint16 *samples, guint n)
{
    guint room = live->size - live->n;
    spx_uint32_t used = n;
    spx_uint32_t made = room;

    if (live->resampler != NULL) {
        speex_resampler_process_int(live->resampler, 0, samples, &used, live->samples + live->n,
                                    &made);
        live->n += made;
        return;
    }
    n = MIN(n, room);
    memcpy(live->samples + live->n, samples, n * sizeof *samples);
    live->n += n;
}

/* Frames of their own, put into one payload. */
static gsize
encode_frames(McpMediaLiveEncoder *self, guint frame, guint8 *out)
{
    guint8 bytes[MCP_MEDIA_FRAMES_MAX][FRAME_BYTES_MAX];
    McpMediaFrame frames[MCP_MEDIA_FRAMES_MAX];
    guint n = MIN(self->packet / frame, MCP_MEDIA_FRAMES_MAX);

    for (guint i = 0; i < n; i++) {
        frames[i].data = bytes[i];
        frames[i].length = mcp_media_encoder_take(self->encoder, self->samples + i * frame, frame,
                                                  bytes[i], FRAME_BYTES_MAX);
        if (frames[i].length == 0)
            return 0;
    }
    return mcp_media_join(&self->format, frames, n, out, MCP_MEDIA_CODED_MAX);
}

gboolean
mcp_media_live_encoder_next(McpMediaLiveEncoder *live, guint8 *out, gsize *out_length)
{
    guint frame = live->packet;

    if (live->n < live->packet)
        return FALSE;
    if (mcp_media_codec_is_framed(live->format.codec))
        frame = mcp_media_format_frame_samples(&live->format);
    if (mcp_media_codec_is_framed(live->format.codec) && frame > 0 && live->packet >= frame)
        *out_length = encode_frames(live, frame, out);
    else
        *out_length = mcp_media_encoder_take(live->encoder, live->samples, live->packet, out,
                                             MCP_MEDIA_CODED_MAX);
    live->n -= live->packet;
    memmove(live->samples, live->samples + live->packet, live->n * sizeof live->samples[0]);
    return TRUE;
}
