/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../sdp/codec.h"
#include <mcp/audio.h>

G_BEGIN_DECLS

/**
 * mcp_media_encode: (transfer full): the payload of @audio in the wire format of @codec. Content
 * that is in that format already is not copied. Blocks: compute pool.
 */
GBytes *mcp_media_encode(McpAudio *audio, const McpMediaCodec *codec, GError **error);

G_END_DECLS
