/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AMR and AMR-WB (RTP by RFC 4867), by opencore-amr and vo-amrwbenc, which take and give frames in
 * the storage format.
 */
#include "amr_payload.h"

#include <opencore-amrnb/interf_dec.h>
#include <opencore-amrnb/interf_enc.h>
#include <opencore-amrwb/dec_if.h>
#include <string.h>
#include <vo-amrwbenc/enc_if.h>

#define NARROW_SAMPLES 160
#define WIDE_SAMPLES 320
/* Type 15, quality good: nothing was received. */
#define NO_DATA 0x7c

typedef struct {
    void *state;
    gboolean wide;
    gboolean octet_aligned;
    guint8 mode;
    guint samples;
} Context;

static gboolean
is_wide(const McpMediaFormat *format)
{
    return format->codec->clock_rate == 16000;
}

static gboolean
is_octet_aligned(const McpMediaFormat *format)
{
    return format->codec->packing == MCP_MEDIA_PACKING_AMR_OCTET;
}

static Context *
context_new(const McpMediaFormat *format)
{
    Context *context = g_new0(Context, 1);

    context->wide = is_wide(format);
    context->octet_aligned = is_octet_aligned(format);
    context->mode = format->mode;
    context->samples = context->wide ? WIDE_SAMPLES : NARROW_SAMPLES;
    return context;
}

static gpointer
encoder_new(const McpMediaFormat *format)
{
    Context *context = context_new(format);

    context->state = context->wide ? E_IF_init() : Encoder_Interface_init(0);
    return context;
}

static void
encoder_free(gpointer encoder)
{
    Context *context = encoder;

    if (context->wide)
        E_IF_exit(context->state);
    else
        Encoder_Interface_exit(context->state);
    g_free(context);
}

static gsize
encode(gpointer encoder, const gint16 *samples, guint n, guint8 *out, gsize size)
{
    Context *context = encoder;
    int bytes = 0;

    if (n != context->samples || size < MCP_MEDIA_AMR_FRAME_MAX + 3)
        return 0;
    if (context->wide)
        bytes = E_IF_encode(context->state, context->mode, samples, out, 0);
    else
        bytes = Encoder_Interface_Encode(context->state, (enum Mode)context->mode, samples, out, 0);
    return bytes > 0 ? (gsize)bytes : 0;
}

static gsize
join(const McpMediaFormat *format, const McpMediaFrame *frames, guint n, guint8 *out, gsize size)
{
    return mcp_media_amr_write(frames, n, MCP_MEDIA_AMR_NO_REQUEST, is_wide(format),
                               is_octet_aligned(format), out, size);
}

static gpointer
decoder_new(const McpMediaFormat *format)
{
    Context *context = context_new(format);

    context->state = context->wide ? D_IF_init() : Decoder_Interface_init();
    return context;
}

static void
decoder_free(gpointer decoder)
{
    Context *context = decoder;

    if (context->wide)
        D_IF_exit(context->state);
    else
        Decoder_Interface_exit(context->state);
    g_free(context);
}

static void
decode_frame(Context *context, const guint8 *frame, gint16 *out)
{
    if (context->wide)
        D_IF_decode(context->state, frame, out, _good_frame);
    else
        Decoder_Interface_Decode(context->state, frame, out, 0);
}

static guint
decode(gpointer decoder, const guint8 *payload, gsize length, gint16 *out, guint max)
{
    Context *context = decoder;
    McpMediaAmrPayload parts;
    guint n = 0;

    memset(&parts, 0, sizeof parts);
    if (!mcp_media_amr_read(payload, length, context->wide, context->octet_aligned, &parts))
        return 0;
    for (guint i = 0; i < parts.n && n + context->samples <= max; i++) {
        decode_frame(context, parts.frames[i], out + n);
        n += context->samples;
    }
    return n;
}

/* The decoders fade out by themselves over frames without data. */
static guint
conceal(gpointer decoder, const guint8 *next, gsize length, gint16 *out, guint n)
{
    Context *context = decoder;
    const guint8 frame[MCP_MEDIA_AMR_FRAME_MAX] = {NO_DATA};
    guint made = 0;

    while (made + context->samples <= n) {
        decode_frame(context, frame, out + made);
        made += context->samples;
    }
    return made;
}

const McpMediaCoderClass mcp_media_coder_amr = {
    .encoder_new = encoder_new,
    .encoder_free = encoder_free,
    .encode = encode,
    .join = join,
    .decoder_new = decoder_new,
    .decoder_free = decoder_free,
    .decode = decode,
    .conceal = conceal,
};
