/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an a=fmtp line makes of a codec: Opus (RFC 7587 §6.1), AMR (RFC 4867 §8), G.729 (RFC 4856
 * §2.1.9). Pure functions.
 */
#include "format.h"

#include "fmtp.h"
#include <string.h>

#define AMR_MODES 8
#define AMR_WB_MODES 9
/* 12.65 kbit/s is the lowest mode that speech at 16 kHz is made for. */
#define AMR_WB_DEFAULT 2
#define OPUS_BITRATE_MIN 6000
#define OPUS_BITRATE_MAX 510000
/* What coded prompts of one variant may differ in: mode, rate and length of a frame. */
#define VARIANT_SHIFT 8

static gboolean
is_amr(const McpMediaCodec *codec)
{
    return codec->packing == MCP_MEDIA_PACKING_AMR || codec->packing == MCP_MEDIA_PACKING_AMR_OCTET;
}

static guint
amr_modes(const McpMediaCodec *codec)
{
    return codec->clock_rate == 16000 ? AMR_WB_MODES : AMR_MODES;
}

/* The best mode of a set; all: the usual one. */
static guint8
choose_mode(const McpMediaCodec *codec, guint16 modes)
{
    guint best = codec->clock_rate == 16000 ? AMR_WB_DEFAULT : AMR_MODES - 1;

    if (modes == 0)
        return (guint8)best;
    for (guint i = 0; i < amr_modes(codec); i++)
        if ((modes >> i & 1) != 0)
            best = i;
    return (guint8)best;
}

void
mcp_media_format_init(McpMediaFormat *format, const McpMediaCodec *codec,
                      const McpMediaCodecOptions *options)
{
    memset(format, 0, sizeof *format);
    format->codec = codec;
    if (codec == NULL)
        return;
    format->rate = codec->sample_rate;
    format->frame_ms = MCP_MEDIA_FRAME_MS;
    if (is_amr(codec))
        format->mode = choose_mode(codec, 0);
    if (codec->packing != MCP_MEDIA_PACKING_OPUS)
        return;
    format->rate = options->opus_rate;
    format->bitrate = options->opus_bitrate;
    format->complexity = options->opus_complexity;
    format->fec = options->opus_fec;
    format->dtx = options->opus_dtx;
}

/* --- reading --- */

static void
read_opus(McpMediaFormat *format, const char *fmtp)
{
    format->bitrate =
        MIN(format->bitrate, mcp_media_fmtp_get_uint(fmtp, "maxaveragebitrate", OPUS_BITRATE_MIN,
                                                     OPUS_BITRATE_MAX, OPUS_BITRATE_MAX));
    /* All three are what the receiver prefers; we do what we are set to, if it may be. */
    format->fec = format->fec && mcp_media_fmtp_get_uint(fmtp, "useinbandfec", 0, 1, 0) == 1;
    format->dtx = format->dtx && mcp_media_fmtp_get_uint(fmtp, "usedtx", 0, 1, 0) == 1;
    format->cbr = mcp_media_fmtp_get_uint(fmtp, "cbr", 0, 1, 0) == 1;
}

/* RFC 4867 §8.1: "0,2,5,7". FALSE: no mode that exists. */
static gboolean
read_modes(McpMediaFormat *format, const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", AMR_WB_MODES + 1);

    format->modes = 0;
    for (guint i = 0; parts[i] != NULL; i++) {
        guint64 mode = 0;

        if (!g_ascii_string_to_unsigned(g_strstrip(parts[i]), 10, 0, amr_modes(format->codec) - 1,
                                        &mode, NULL))
            return FALSE;
        format->modes |= (guint16)(1u << mode);
    }
    format->mode = choose_mode(format->codec, format->modes);
    return format->modes != 0;
}

static gboolean
read_amr(McpMediaFormat *format, const char *fmtp)
{
    g_autofree char *modes = mcp_media_fmtp_get(fmtp, "mode-set");
    g_autofree char *interleaving = mcp_media_fmtp_get(fmtp, "interleaving");

    if (interleaving != NULL || mcp_media_fmtp_get_uint(fmtp, "crc", 0, 1, 0) == 1 ||
        mcp_media_fmtp_get_uint(fmtp, "robust-sorting", 0, 1, 0) == 1)
        return FALSE;
    return modes == NULL || read_modes(format, modes);
}

gboolean
mcp_media_format_read(McpMediaFormat *format, const char *fmtp)
{
    if (format->codec->packing == MCP_MEDIA_PACKING_OPUS)
        read_opus(format, fmtp);
    return !is_amr(format->codec) || read_amr(format, fmtp);
}

/* --- writing --- */

static char *
write_amr(const McpMediaFormat *format)
{
    GString *text = g_string_new(NULL);

    if (format->codec->packing == MCP_MEDIA_PACKING_AMR_OCTET)
        g_string_append(text, "octet-align=1");
    if (format->modes != 0)
        g_string_append(text, text->len > 0 ? "; mode-set=" : "mode-set=");
    for (guint i = 0, n = 0; i < amr_modes(format->codec); i++)
        if ((format->modes >> i & 1) != 0)
            g_string_append_printf(text, "%s%u", n++ > 0 ? "," : "", i);
    return g_string_free(text, text->len == 0);
}

char *
mcp_media_format_write(const McpMediaFormat *format)
{
    if (format->codec->packing == MCP_MEDIA_PACKING_OPUS)
        return g_strdup_printf("maxplaybackrate=%u; sprop-maxcapturerate=%u; useinbandfec=1",
                               format->rate, format->rate);
    /* RFC 7261 §3.1: its silence is not for us to send; what comes is understood all the same. */
    if (format->codec->packing == MCP_MEDIA_PACKING_G729)
        return g_strdup("annexb=no");
    return is_amr(format->codec) ? write_amr(format) : NULL;
}

/* --- shape --- */

void
mcp_media_format_set_ptime(McpMediaFormat *format, guint ptime)
{
    format->frame_ms = MCP_MEDIA_FRAME_MS;
    if (format->codec != NULL && mcp_media_codec_has_short_frames(format->codec) &&
        ptime % MCP_MEDIA_FRAME_MS != 0)
        format->frame_ms = MCP_MEDIA_FRAME_MS / 2;
}

guint32
mcp_media_format_variant(const McpMediaFormat *format)
{
    if (format->codec->packing == MCP_MEDIA_PACKING_OPUS)
        return (format->bitrate / 100) << VARIANT_SHIFT | (format->cbr ? 0x80u : 0) |
               (format->fec ? 0x40u : 0) | format->frame_ms;
    if (format->codec->packing == MCP_MEDIA_PACKING_G729)
        return format->frame_ms;
    return format->mode;
}

guint
mcp_media_format_frame_samples(const McpMediaFormat *format)
{
    return format->rate * format->frame_ms / 1000;
}

guint
mcp_media_format_frame_ticks(const McpMediaFormat *format)
{
    return format->codec->clock_rate * format->frame_ms / 1000;
}

gboolean
mcp_media_format_equal(const McpMediaFormat *a, const McpMediaFormat *b)
{
    return a->codec == b->codec && a->rate == b->rate && a->frame_ms == b->frame_ms &&
           a->bitrate == b->bitrate && a->complexity == b->complexity && a->fec == b->fec &&
           a->dtx == b->dtx && a->cbr == b->cbr && a->modes == b->modes && a->mode == b->mode;
}
