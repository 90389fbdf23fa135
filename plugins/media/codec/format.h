/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "codec.h"

G_BEGIN_DECLS

/** McpMediaCodecOptions: what the settings say about codecs. */
typedef struct {
    guint opus_rate;       /* Hz of the linear samples: 8000, 12000, 16000, 24000, 48000 */
    guint opus_bitrate;    /* bits a second */
    guint opus_complexity; /* 0…10 */
    gboolean opus_fec;     /* in-band error correction is sent where the other side takes it */
    gboolean opus_dtx;     /* silence is not sent where the other side prefers that */
} McpMediaCodecOptions;

/** McpMediaFormat: a codec, and what its a=fmtp line and our settings make of it. */
typedef struct {
    const McpMediaCodec *codec; /* nullable: none agreed upon */
    guint rate;                 /* Hz of the linear samples */
    guint frame_ms;             /* of one coded frame */
    guint bitrate;              /* Opus */
    guint complexity;           /* Opus */
    gboolean fec;               /* Opus: the other side takes in-band error correction */
    gboolean dtx;               /* Opus: the other side prefers that silence is not sent */
    gboolean cbr;               /* Opus: the other side prefers a constant rate */
    guint16 modes;              /* AMR: mask of modes that may be used, 0: all */
    guint8 mode;                /* AMR: the mode that is sent */
} McpMediaFormat;

/** mcp_media_format_init: @codec as our settings want it. */
void mcp_media_format_init(McpMediaFormat *format, const McpMediaCodec *codec,
                           const McpMediaCodecOptions *options);
/**
 * mcp_media_format_read: what the a=fmtp line of the other side asks for.
 * @fmtp: (nullable)
 *
 * Returns: FALSE when it wants what we cannot do (AMR with CRC, interleaving, robust sorting or
 * without a mode that exists); unknown parameters are ignored. Any thread.
 */
gboolean mcp_media_format_read(McpMediaFormat *format, const char *fmtp);
/** mcp_media_format_write: (transfer full) (nullable): value of our a=fmtp line. */
char *mcp_media_format_write(const McpMediaFormat *format);
/** mcp_media_format_set_ptime: frames fit into packets of @ptime ms from now on. */
void mcp_media_format_set_ptime(McpMediaFormat *format, guint ptime);
/** mcp_media_format_variant: formats of one codec and variant have the same coded frames. */
guint32 mcp_media_format_variant(const McpMediaFormat *format);
/** mcp_media_format_frame_samples: linear samples of a coded frame. */
guint mcp_media_format_frame_samples(const McpMediaFormat *format);
/** mcp_media_format_frame_ticks: ticks of the RTP clock of a coded frame. */
guint mcp_media_format_frame_ticks(const McpMediaFormat *format);
/** mcp_media_format_equal: whether two say the same. */
gboolean mcp_media_format_equal(const McpMediaFormat *a, const McpMediaFormat *b);

G_END_DECLS
