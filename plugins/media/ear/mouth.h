/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "ear.h"

G_BEGIN_DECLS

/**
 * McpMediaMouth: makes samples again of what a leg sends, for whoever listens to it (a recorder):
 * the counterpart of the ear. Made and freed on the leg's context, all else on its media worker.
 * While nobody listens nothing is decoded. Its time line is that of our RTP timestamps; "arrival"
 * is when a packet left.
 */
typedef struct _McpMediaMouth McpMediaMouth;

/** mcp_media_mouth_new: (transfer full): @rate: Hz of what listeners get. */
McpMediaMouth *mcp_media_mouth_new(const McpMediaFormat *format, guint rate);
/** mcp_media_mouth_free: frees it. */
void mcp_media_mouth_free(McpMediaMouth *mouth);
/** mcp_media_mouth_listen: @func hears from the next packet on; FALSE: no place is left. */
gboolean mcp_media_mouth_listen(McpMediaMouth *mouth, McpMediaHearFunc func, gpointer listener);
/** mcp_media_mouth_unlisten: @listener hears no more. */
void mcp_media_mouth_unlisten(McpMediaMouth *mouth, gpointer listener);
/**
 * mcp_media_mouth_note: a payload of audio that leaves @now.
 * @timestamp: of its RTP packet
 */
void mcp_media_mouth_note(McpMediaMouth *mouth, const guint8 *payload, gsize length,
                          guint32 timestamp, gint64 now);
/**
 * mcp_media_mouth_set_decoder: another codec from now on. @decoder: (transfer full)
 *
 * Returns: (transfer full): the one before.
 */
McpMediaDecoder *mcp_media_mouth_set_decoder(McpMediaMouth *mouth, McpMediaDecoder *decoder);

G_END_DECLS
