/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of a segment: header, records, and what is left of records. Any thread.
 */
#include "spool/segment.h"

#include "spool/checksum.h"

#include <string.h>

static const char magic[8] = {'M', 'C', 'P', 'S', 'P', 'O', 'L', '1'};

void
mcp_segment_encode_header(guint8 *out, guint64 identity, guint64 first)
{
    guint32 crc;

    memset(out, 0, MCP_SEGMENT_HEADER);
    memcpy(out, magic, sizeof magic);
    identity = GUINT64_TO_LE(identity);
    first = GUINT64_TO_LE(first);
    memcpy(out + 8, &identity, 8);
    memcpy(out + 16, &first, 8);
    crc = GUINT32_TO_LE(mcp_checksum(0, out, 28));
    memcpy(out + 28, &crc, 4);
}

gboolean
mcp_segment_parse_header(const guint8 *data, gsize length, guint64 *out_identity,
                         guint64 *out_first)
{
    guint32 crc;

    if (length < MCP_SEGMENT_HEADER || memcmp(data, magic, sizeof magic) != 0)
        return FALSE;
    memcpy(&crc, data + 28, 4);
    if (GUINT32_FROM_LE(crc) != mcp_checksum(0, data, 28))
        return FALSE;
    memcpy(out_identity, data + 8, 8);
    memcpy(out_first, data + 16, 8);
    *out_identity = GUINT64_FROM_LE(*out_identity);
    *out_first = GUINT64_FROM_LE(*out_first);
    return TRUE;
}

gsize
mcp_segment_scan(const guint8 *data, gsize length, guint64 key, const McpSegmentVisitor *visitor,
                 gpointer user_data)
{
    gsize at = MCP_SEGMENT_HEADER;
    gsize end = MIN(at, length);

    while (at < length) {
        McpRecordView view;

        if (mcp_record_parse(data + at, length - at, key, &view) != MCP_RECORD_GOOD) {
            gsize next = mcp_record_find(data, length, at + 1, key);

            if (next == length)
                break;
            visitor->damage(data + at, next - at, (gint64)at, user_data);
            at = next;
            continue;
        }
        visitor->record(&view, (gint64)at, user_data);
        at += view.size;
        end = at;
    }
    return end;
}

char *
mcp_segment_name(guint64 first)
{
    return g_strdup_printf("%016" G_GINT64_MODIFIER "x.seg", first);
}

gboolean
mcp_segment_parse_name(const char *name, guint64 *out_first)
{
    char *end = NULL;

    if (strlen(name) != 20 || strcmp(name + 16, ".seg") != 0 || !g_ascii_isxdigit(*name))
        return FALSE;
    *out_first = g_ascii_strtoull(name, &end, 16);
    return end == name + 16;
}
