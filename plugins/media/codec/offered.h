/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "coder.h"
#include <mcp/contract/codec.h>

G_BEGIN_DECLS

/** mcp_media_coder_offered: of codecs whose arithmetic another plugin brings. */
extern const McpMediaCoderClass mcp_media_coder_offered;

/**
 * mcp_media_offered_set: who carries out @codec from now on; encoders and decoders that exist keep
 * theirs. Control context.
 * @provider: (nullable) (transfer none)
 */
void mcp_media_offered_set(const McpMediaCodec *codec, McpCodec *provider);
/** mcp_media_codec_is_usable: FALSE: nobody carries it out. Any thread. */
gboolean mcp_media_codec_is_usable(const McpMediaCodec *codec);

G_END_DECLS
