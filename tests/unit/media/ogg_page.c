/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of Ogg: the same bytes as ffmpeg's, lacing, numbers.
 */
#include "recorder/ogg_page.h"

#include <string.h>

/* The first page of a file that ffmpeg wrote. */
static const guint8 ffmpeg_page[] = {
    0x4f, 0x67, 0x67, 0x53, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x99, 0x88,
    0x60, 0xa9, 0x00, 0x00, 0x00, 0x00, 0xf4, 0x5c, 0x9b, 0xaa, 0x01, 0x13, 0x4f, 0x70, 0x75, 0x73,
    0x48, 0x65, 0x61, 0x64, 0x01, 0x01, 0x38, 0x01, 0x80, 0x3e, 0x00, 0x00, 0x00, 0x00, 0x00};

#define HEADER 27

static void
test_bytes(void)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    McpMediaOggPage page;

    mcp_media_ogg_page_init(&page, 0xa9608899);
    g_assert_true(
        mcp_media_ogg_page_put(&page, ffmpeg_page + HEADER + 1, sizeof ffmpeg_page - HEADER - 1));
    mcp_media_ogg_page_write(&page, MCP_MEDIA_OGG_FIRST, 0, out);
    g_assert_cmpmem(out->data, out->len, ffmpeg_page, sizeof ffmpeg_page);
    mcp_media_ogg_page_clear(&page);
}

static void
test_lacing(void)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    McpMediaOggPage page;
    guint8 packet[600];

    memset(packet, 7, sizeof packet);
    mcp_media_ogg_page_init(&page, 1);
    g_assert_true(mcp_media_ogg_page_put(&page, packet, 254));
    g_assert_true(mcp_media_ogg_page_put(&page, packet, 255));
    g_assert_true(mcp_media_ogg_page_put(&page, packet, 600));
    g_assert_true(mcp_media_ogg_page_put(&page, packet, 0));
    mcp_media_ogg_page_write(&page, MCP_MEDIA_OGG_NONE, 0x0102030405060708, out);
    g_assert_cmpuint(out->data[26], ==, 7);
    g_assert_cmpmem(out->data + HEADER, 7, "\xfe\xff\x00\xff\xff\x5a\x00", 7);
    g_assert_cmpmem(out->data + 6, 8, "\x08\x07\x06\x05\x04\x03\x02\x01", 8);
    g_assert_cmpuint(out->len, ==, HEADER + 7 + 254 + 255 + 600);
    /* The next page begins empty, and has the next number. */
    g_byte_array_set_size(out, 0);
    mcp_media_ogg_page_write(&page, MCP_MEDIA_OGG_LAST, 0, out);
    g_assert_cmpuint(out->len, ==, HEADER);
    g_assert_cmpuint(out->data[5], ==, 4);
    g_assert_cmpuint(out->data[18], ==, 1);
    mcp_media_ogg_page_clear(&page);
}

static void
test_full(void)
{
    McpMediaOggPage page;
    guint8 packet[510];
    guint n = 0;

    memset(packet, 0, sizeof packet);
    mcp_media_ogg_page_init(&page, 1);
    while (mcp_media_ogg_page_put(&page, packet, sizeof packet))
        n++;
    g_assert_cmpuint(n, ==, 85);
    g_assert_false(mcp_media_ogg_page_put(&page, packet, 1));
    mcp_media_ogg_page_clear(&page);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/ogg-page/bytes", test_bytes);
    g_test_add_func("/media/ogg-page/lacing", test_lacing);
    g_test_add_func("/media/ogg-page/full", test_full);
    return g_test_run();
}
