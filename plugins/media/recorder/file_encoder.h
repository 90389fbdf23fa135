/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct _McpMediaFileEncoder McpMediaFileEncoder;

/**
 * McpMediaFileEncoder: samples to the bytes of a compressed file. Base of each encoder; made and
 * freed on any thread but a media worker, used by one thread at a time, not a media worker.
 */
struct _McpMediaFileEncoder {
    /* @n frames, interleaved; what is done of the file is appended to @out */
    void (*take)(McpMediaFileEncoder *self, const gint16 *samples, guint n, GByteArray *out);
    /*
     * The end of the file. Returns: (transfer full) (nullable): bytes that stand at its beginning
     * in place of the first ones.
     */
    GBytes *(*finish)(McpMediaFileEncoder *self, GByteArray *out);
    void (*free)(McpMediaFileEncoder *self);
};

/**
 * mcp_media_opus_file_new: (transfer full) (nullable): Opus in Ogg (RFC 7845); NULL: out of memory.
 * @rate: 8000, 12000, 16000, 24000 or 48000
 * @channels: 1 or 2
 * @out: its headers
 */
McpMediaFileEncoder *mcp_media_opus_file_new(guint rate, guint channels, GByteArray *out);
/** mcp_media_mp3_file_new: (transfer full) (nullable): MPEG audio layer III. */
McpMediaFileEncoder *mcp_media_mp3_file_new(guint rate, guint channels);

G_END_DECLS
