/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <graph/graph.h>

G_BEGIN_DECLS

/** McpMediaCodecId: the wire formats. Their order is that of the default preference. */
typedef enum {
    MCP_MEDIA_CODEC_PCMU,
    MCP_MEDIA_CODEC_PCMA,
    MCP_MEDIA_CODEC_L16_8000,
    MCP_MEDIA_CODEC_L16_16000,
    MCP_MEDIA_N_CODECS,
} McpMediaCodecId;

/** McpMediaCodec: one wire format; static data. All are mono and have a fixed rate of bytes. */
typedef struct {
    McpMediaCodecId id;
    const char *encoding; /* as in a=rtpmap */
    const char *setting;  /* its name in the setting "codecs" */
    guint clock_rate;
    guint sample_bytes;
    guint8 payload_type; /* static one, or the dynamic one of our offers */
    guint8 silence;      /* byte that says nothing */
    McpGraphEncoding graph;
} McpMediaCodec;

/** mcp_media_codec_get: Any thread. */
const McpMediaCodec *mcp_media_codec_get(McpMediaCodecId id);
/** mcp_media_codec_find: (nullable): by what a=rtpmap says, case-insensitive. */
const McpMediaCodec *mcp_media_codec_find(const char *encoding, guint clock_rate, guint channels);
/** mcp_media_codec_find_setting: (nullable): by its name in the configuration. */
const McpMediaCodec *mcp_media_codec_find_setting(const char *name);

G_END_DECLS
