/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <graph/graph.h>

G_BEGIN_DECLS

/** McpMediaCodecId: the wire formats. Their order is that of the default preference. */
typedef enum {
    MCP_MEDIA_CODEC_PCMU,
    MCP_MEDIA_CODEC_PCMA,
    MCP_MEDIA_CODEC_G722,
    MCP_MEDIA_CODEC_OPUS,
    MCP_MEDIA_CODEC_L16_8000,
    MCP_MEDIA_CODEC_L16_16000,
    MCP_MEDIA_CODEC_GSM,
    MCP_MEDIA_CODEC_SPEEX_8000,
    MCP_MEDIA_CODEC_SPEEX_16000,
    MCP_MEDIA_CODEC_AMR,
    MCP_MEDIA_CODEC_AMR_OCTET,
    MCP_MEDIA_CODEC_AMR_WB,
    MCP_MEDIA_CODEC_AMR_WB_OCTET,
    MCP_MEDIA_CODEC_G729,
    MCP_MEDIA_N_CODECS,
} McpMediaCodecId;

/** McpMediaPacking: how the fmtp line of a codec is read, and frames stand in a payload. */
typedef enum {
    MCP_MEDIA_PACKING_PLAIN,     /* bytes or frames back to back */
    MCP_MEDIA_PACKING_OPUS,      /* RFC 7587 */
    MCP_MEDIA_PACKING_SPEEX,     /* RFC 5574: one frame a packet is sent */
    MCP_MEDIA_PACKING_AMR,       /* RFC 4867 §4.3, bandwidth-efficient */
    MCP_MEDIA_PACKING_AMR_OCTET, /* RFC 4867 §4.4, octet-aligned */
    MCP_MEDIA_PACKING_G729,      /* RFC 3551 §4.5.6: frames of 10 ms back to back */
} McpMediaPacking;

typedef struct _McpMediaCoderClass McpMediaCoderClass;

/**
 * McpMediaCodec: one wire format; static data. Audio of ours is mono. A payload is a row of bytes
 * that can be cut anywhere (@sample_bytes for each tick of the RTP clock), or of frames.
 */
typedef struct {
    McpMediaCodecId id;
    const char *encoding; /* as in a=rtpmap */
    const char *setting;  /* its name in the setting "codecs" */
    guint clock_rate;     /* of RTP timestamps */
    guint channels;       /* as in a=rtpmap */
    guint sample_rate;    /* Hz of the linear samples; Opus: unless a setting says otherwise */
    guint sample_bytes;   /* 0: frames */
    guint8 payload_type;  /* static one, or the dynamic one of our offers */
    guint8 silence;       /* byte that says nothing, where bytes can be cut */
    gboolean is_raw;      /* the bytes are samples in the encoding @raw */
    McpGraphEncoding raw;
    McpMediaPacking packing;
    const McpMediaCoderClass *coder;
    const char *plugin; /* nullable: that carries it out, by the codec contract */
} McpMediaCodec;

/** MCP_MEDIA_FRAME_MS: length of a coded frame, but where mcp_media_codec_has_short_frames(). */
#define MCP_MEDIA_FRAME_MS 20

/** mcp_media_codec_get: Any thread. */
const McpMediaCodec *mcp_media_codec_get(McpMediaCodecId id);
/**
 * mcp_media_codec_find: (nullable): by what a=rtpmap and a=fmtp say, case-insensitive.
 * @fmtp: (nullable): tells the two packings of AMR apart
 */
const McpMediaCodec *mcp_media_codec_find(const char *encoding, guint clock_rate, guint channels,
                                          const char *fmtp);
/** mcp_media_codec_find_setting: (nullable): by its name in the configuration. */
const McpMediaCodec *mcp_media_codec_find_setting(const char *name);
/** mcp_media_codec_names: (transfer full): all names of mcp_media_codec_find_setting(). */
char *mcp_media_codec_names(void);
/** MCP_MEDIA_NOISE_CLOCK: of comfort noise, payload type 13 (RFC 3389 §4). */
#define MCP_MEDIA_NOISE_CLOCK 8000
/** mcp_media_codec_takes_noise: whether silence in it may be comfort noise (RFC 3389 §5). */
gboolean mcp_media_codec_takes_noise(const McpMediaCodec *codec);
/** mcp_media_codec_has_short_frames: whether packets may hold an odd number of 10 ms. */
gboolean mcp_media_codec_has_short_frames(const McpMediaCodec *codec);
/** mcp_media_codec_is_framed: whether payloads consist of frames that cannot be cut. */
gboolean mcp_media_codec_is_framed(const McpMediaCodec *codec);

G_END_DECLS
