/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <mcp/contract/codec.h>

G_BEGIN_DECLS

/** MCP_G729_FRAME_SAMPLES: 10 ms at 8000 Hz (RFC 3551 §4.5.6). */
#define MCP_G729_FRAME_SAMPLES 80
/** MCP_G729_FRAME_BYTES: of a frame of speech. */
#define MCP_G729_FRAME_BYTES 10
/** MCP_G729_SID_BYTES: of a frame that describes silence (Annex B). */
#define MCP_G729_SID_BYTES 2

#define MCP_TYPE_G729_CODEC (mcp_g729_codec_get_type())
G_DECLARE_FINAL_TYPE(McpG729Codec, mcp_g729_codec, MCP, G729_CODEC, GObject)

/** mcp_g729_codec_new: (transfer full): a provider of the codec contract. Any thread. */
McpG729Codec *mcp_g729_codec_new(void);

G_END_DECLS
