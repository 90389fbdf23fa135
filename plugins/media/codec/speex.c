/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speex (RFC 5574), by libspeex: narrow band at 8 kHz, wide band at 16 kHz. One frame a packet is
 * sent; what comes may hold several, since its frames do not end at a byte.
 */
#include "coder.h"

#include <speex/speex.h>

#define QUALITY 8
/* §3.2: 20 ms frames; more than these do not fit into a packet of ours. */
#define FRAMES_MAX 6
#define NARROW_MODES 9
#define WIDE_MODES 5
#define MODE_END 15

/* Bits of a frame by its mode, its own bits included: narrow band, and the layer of wide band. */
static const guint16 narrow_bits[NARROW_MODES] = {5, 43, 119, 160, 220, 300, 364, 492, 79};
static const guint16 wide_bits[WIDE_MODES] = {4, 36, 112, 192, 352};

typedef struct {
    void *state;
    SpeexBits bits;
    guint samples;
} Context;

static const SpeexMode *
mode_of(const McpMediaFormat *format)
{
    return speex_lib_get_mode(format->rate == 16000 ? SPEEX_MODEID_WB : SPEEX_MODEID_NB);
}

static gpointer
encoder_new(const McpMediaFormat *format)
{
    Context *context = g_new0(Context, 1);
    spx_int32_t quality = QUALITY;

    context->state = speex_encoder_init(mode_of(format));
    context->samples = mcp_media_format_frame_samples(format);
    speex_encoder_ctl(context->state, SPEEX_SET_QUALITY, &quality);
    speex_bits_init(&context->bits);
    return context;
}

static void
encoder_free(gpointer encoder)
{
    Context *context = encoder;

    speex_encoder_destroy(context->state);
    speex_bits_destroy(&context->bits);
    g_free(context);
}

static gsize
encode(gpointer encoder, const gint16 *samples, guint n, guint8 *out, gsize size)
{
    Context *context = encoder;
    gint16 frame[640];

    if (n != context->samples || n > G_N_ELEMENTS(frame))
        return 0;
    /* The library changes what it is given. */
    for (guint i = 0; i < n; i++)
        frame[i] = samples[i];
    speex_bits_reset(&context->bits);
    speex_encode_int(context->state, frame, &context->bits);
    if ((gsize)speex_bits_nbytes(&context->bits) > size)
        return 0;
    return (gsize)speex_bits_write(&context->bits, (char *)out, (int)size);
}

static gpointer
decoder_new(const McpMediaFormat *format)
{
    Context *context = g_new0(Context, 1);
    spx_int32_t enhance = 1;

    context->state = speex_decoder_init(mode_of(format));
    context->samples = mcp_media_format_frame_samples(format);
    speex_decoder_ctl(context->state, SPEEX_SET_ENH, &enhance);
    speex_bits_init(&context->bits);
    return context;
}

static void
decoder_free(gpointer decoder)
{
    Context *context = decoder;

    speex_decoder_destroy(context->state);
    speex_bits_destroy(&context->bits);
    g_free(context);
}

static guint
peek(const guint8 *payload, gsize at, guint n)
{
    guint value = 0;

    for (guint i = 0; i < n; i++, at++)
        value = value << 1 | (payload[at / 8] >> (7 - at % 8) & 1u);
    return value;
}

/* A layer of wide band at @at: its length, 0: none; FALSE: malformed. */
static gboolean
measure_layer(const guint8 *payload, gsize bits, gsize at, gsize *out_length)
{
    guint mode = 0;

    *out_length = 0;
    if (at + 4 > bits || peek(payload, at, 1) == 0)
        return TRUE;
    mode = peek(payload, at + 1, 3);
    if (mode >= WIDE_MODES)
        return FALSE;
    *out_length = wide_bits[mode];
    return TRUE;
}

/*
 * How many whole frames of modes that exist there are. The library reports every other one on the
 * standard error output: what a stranger sends must not get there.
 */
static guint
count_frames(const guint8 *payload, gsize length)
{
    const gsize bits = length * 8;
    gsize at = 0;

    for (guint n = 0; n < FRAMES_MAX; n++) {
        gsize layer = 0;
        guint mode = 0;

        if (at + 5 > bits || peek(payload, at, 1) != 0)
            return n;
        mode = peek(payload, at + 1, 4);
        if (mode >= NARROW_MODES)
            return mode == MODE_END ? n : 0;
        at += narrow_bits[mode];
        if (at > bits || !measure_layer(payload, bits, at, &layer) || at + layer > bits)
            return 0;
        at += layer;
    }
    return FRAMES_MAX;
}

static guint
decode(gpointer decoder, const guint8 *payload, gsize length, gint16 *out, guint max)
{
    Context *context = decoder;
    const guint frames = count_frames(payload, length);
    guint n = 0;

    if (frames == 0)
        return 0;
    speex_bits_read_from(&context->bits, (const char *)payload, (int)length);
    for (guint i = 0; i < frames && n + context->samples <= max; i++) {
        if (speex_decode_int(context->state, &context->bits, out + n) != 0)
            break;
        n += context->samples;
    }
    return n;
}

static guint
conceal(gpointer decoder, const guint8 *next, gsize length, gint16 *out, guint n)
{
    Context *context = decoder;
    guint made = 0;

    while (made + context->samples <= n && speex_decode_int(context->state, NULL, out + made) != -2)
        made += context->samples;
    return made;
}

const McpMediaCoderClass mcp_media_coder_speex = {
    .encoder_new = encoder_new,
    .encoder_free = encoder_free,
    .encode = encode,
    .decoder_new = decoder_new,
    .decoder_free = decoder_free,
    .decode = decode,
    .conceal = conceal,
};
