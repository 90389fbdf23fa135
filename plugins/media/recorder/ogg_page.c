/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of Ogg (RFC 3533 §6). Packets end in the page that they begin in: ours are short. One
 * thread at a time.
 */
#include "ogg_page.h"

#include <string.h>

#define HEADER 27
#define CHECKSUM_AT 22
#define LACE 255
#define POLYNOMIAL 0x04c11db7u

void
mcp_media_ogg_page_init(McpMediaOggPage *page, guint32 serial)
{
    memset(page, 0, sizeof *page);
    page->serial = serial;
    page->body = g_byte_array_new();
}

void
mcp_media_ogg_page_clear(McpMediaOggPage *page)
{
    g_clear_pointer(&page->body, g_byte_array_unref);
}

gboolean
mcp_media_ogg_page_put(McpMediaOggPage *page, const guint8 *packet, gsize length)
{
    gsize needed = length / LACE + 1;

    if (page->n_segments + needed > MCP_MEDIA_OGG_SEGMENTS)
        return FALSE;
    for (gsize i = 0; i + 1 < needed; i++)
        page->segments[page->n_segments++] = LACE;
    page->segments[page->n_segments++] = (guint8)(length % LACE);
    g_byte_array_append(page->body, packet, (guint)length);
    return TRUE;
}

static void
put_le(guint8 *out, guint64 value, guint bytes)
{
    for (guint i = 0; i < bytes; i++)
        out[i] = (guint8)(value >> (8 * i));
}

/* The register starts at 0, nothing is reflected. */
static guint32
checksum(const guint8 *data, gsize length)
{
    guint32 sum = 0;

    for (gsize i = 0; i < length; i++) {
        sum ^= (guint32)data[i] << 24;
        for (guint bit = 0; bit < 8; bit++)
            sum = sum << 1 ^ ((sum & 0x80000000u) != 0 ? POLYNOMIAL : 0);
    }
    return sum;
}

void
mcp_media_ogg_page_write(McpMediaOggPage *page, McpMediaOggFlags flags, guint64 granule,
                         GByteArray *out)
{
    guint8 header[HEADER] = {'O', 'g', 'g', 'S', 0, (guint8)flags};
    guint start = out->len;

    put_le(header + 6, granule, 8);
    put_le(header + 14, page->serial, 4);
    put_le(header + 18, page->number++, 4);
    header[26] = (guint8)page->n_segments;
    g_byte_array_append(out, header, sizeof header);
    g_byte_array_append(out, page->segments, page->n_segments);
    g_byte_array_append(out, page->body->data, page->body->len);
    put_le(out->data + start + CHECKSUM_AT, checksum(out->data + start, out->len - start), 4);
    page->n_segments = 0;
    g_byte_array_set_size(page->body, 0);
}
