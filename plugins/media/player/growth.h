/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../codec/coder.h"
#include <mcp/audio.h>

G_BEGIN_DECLS

/**
 * McpMediaGrowth: audio that still grows, brought into a wire format piece by piece. What is there
 * stays where it is: one thread at a time works, any number read.
 */
typedef struct _McpMediaGrowth McpMediaGrowth;

/**
 * mcp_media_growth_new: (transfer full): of raw samples of @content_type. MCP_ERROR_INVALID: it is
 * none that can be played. Compute pool.
 */
McpMediaGrowth *mcp_media_growth_new(const char *content_type, const McpMediaFormat *format,
                                     GError **error);
/** mcp_media_growth_free: not on a media worker. */
void mcp_media_growth_free(McpMediaGrowth *growth);
/**
 * mcp_media_growth_work: takes what @watch has more than before.
 * @out_ended: nothing follows, or it went wrong
 *
 * Returns: FALSE with the error that ended it: the audio's own, MCP_ERROR_LIMIT. Compute pool.
 */
gboolean mcp_media_growth_work(McpMediaGrowth *growth, McpAudioWatch *watch, gboolean *out_ended,
                               GError **error);
/** mcp_media_growth_get_length: bytes, or coded frames, that are there. Lock-free. */
guint mcp_media_growth_get_length(McpMediaGrowth *growth);
/** mcp_media_growth_copy: @n bytes from @at on; they are there. Lock-free. */
void mcp_media_growth_copy(McpMediaGrowth *growth, gsize at, guint8 *out, gsize n);
/** mcp_media_growth_get_frame: (transfer none): coded frame @index; it is there. Lock-free. */
McpMediaFrame mcp_media_growth_get_frame(McpMediaGrowth *growth, guint index);
/** mcp_media_growth_get_size: bytes that it takes. */
gsize mcp_media_growth_get_size(McpMediaGrowth *growth);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMediaGrowth, mcp_media_growth_free)

G_END_DECLS
