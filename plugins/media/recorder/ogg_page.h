/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/** McpMediaOggFlags: header_type_flag of a page (RFC 3533 §6). */
typedef enum {
    MCP_MEDIA_OGG_NONE = 0,
    MCP_MEDIA_OGG_FIRST = 2,
    MCP_MEDIA_OGG_LAST = 4,
} McpMediaOggFlags;

#define MCP_MEDIA_OGG_SEGMENTS 255

/** McpMediaOggPage: the page of a logical stream that is being filled. */
typedef struct {
    guint32 serial;
    guint32 number;
    guint n_segments;
    guint8 segments[MCP_MEDIA_OGG_SEGMENTS];
    GByteArray *body;
} McpMediaOggPage;

/** mcp_media_ogg_page_init: @serial: tells the streams of a file apart. */
void mcp_media_ogg_page_init(McpMediaOggPage *page, guint32 serial);
/** mcp_media_ogg_page_clear: frees what it holds. */
void mcp_media_ogg_page_clear(McpMediaOggPage *page);
/** mcp_media_ogg_page_put: a packet; FALSE: it does not fit, write the page first. */
gboolean mcp_media_ogg_page_put(McpMediaOggPage *page, const guint8 *packet, gsize length);
/** mcp_media_ogg_page_write: the page to the end of @out; the next one begins empty. */
void mcp_media_ogg_page_write(McpMediaOggPage *page, McpMediaOggFlags flags, guint64 granule,
                              GByteArray *out);

G_END_DECLS
