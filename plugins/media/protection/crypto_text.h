/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** McpMediaText: a part of a line; not terminated. */
typedef struct {
    const char *at;
    gsize length;
} McpMediaText;

/** mcp_media_text_next: cuts the part up to one of @separators off @rest; FALSE at the end. */
gboolean mcp_media_text_next(McpMediaText *rest, const char *separators, McpMediaText *out_part);
/** mcp_media_text_take_prefix: drops @prefix from the front of @text; FALSE: it has another. */
gboolean mcp_media_text_take_prefix(McpMediaText *text, const char *prefix);
/** mcp_media_text_is: whether @text is @word, in that spelling. */
gboolean mcp_media_text_is(McpMediaText text, const char *word);
/** mcp_media_text_to_number: decimal, no leading zeroes, at most @max; FALSE: something else. */
gboolean mcp_media_text_to_number(McpMediaText text, guint64 max, guint64 *out_number);

/**
 * mcp_media_text_to_big_endian: a positive decimal number as @length bytes, big endian.
 * Returns: FALSE when it is none, is zero, has leading zeroes or needs more bytes.
 */
gboolean mcp_media_text_to_big_endian(McpMediaText text, guint8 *out, gsize length);
/** mcp_media_text_from_big_endian: (transfer full): the number as decimal digits. */
char *mcp_media_text_from_big_endian(const guint8 *data, gsize length);

/**
 * mcp_media_text_decode_base64: strict: the alphabet of RFC 4648 §4, padding whole or left out (RFC
 * 4568 §6.1), no stray bits.
 * @out_length: bytes decoded, also when that is more than @max, of which none is written
 *
 * Returns: FALSE when @text is no base64.
 */
gboolean mcp_media_text_decode_base64(McpMediaText text, guint8 *out, gsize max, gsize *out_length);

G_END_DECLS
