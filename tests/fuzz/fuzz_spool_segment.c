/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of segments: the input as one, as it is; and records of the input's making, of which
 * some bytes are changed. What is found lies in order and within the bytes, and what was not
 * touched is found. libFuzzer calls from one thread.
 */
#include "spool/segment.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define KEY 0x1122334455667788u

typedef struct {
    gint64 end;
    gsize length;
    guint records;
} Walk;

static void
take(Walk *walk, gint64 offset, gsize size)
{
    if (offset < walk->end || size == 0 || (gsize)offset + size > walk->length)
        __builtin_trap();
    walk->end = offset + (gint64)size;
}

static void
on_record(const McpRecordView *view, gint64 offset, gpointer user_data)
{
    Walk *walk = user_data;
    g_autoptr(McpSpoolRecord) record = NULL;

    take(walk, offset, view->size);
    walk->records++;
    if ((view->flags & MCP_RECORD_FILLER) != 0)
        return;
    record = mcp_record_from_view(view);
    if (g_bytes_get_size(record->payload) != view->payload_length || record->id == NULL)
        __builtin_trap();
}

static void
on_damage(const guint8 *data, gsize length, gint64 offset, gpointer user_data)
{
    take(user_data, offset, length);
}

static guint
scan(const guint8 *data, gsize length)
{
    static const McpSegmentVisitor visitor = {on_record, on_damage};
    Walk walk = {0, length, 0};
    guint64 identity = 0;
    guint64 first = 0;

    mcp_segment_parse_header(data, length, &identity, &first);
    if (mcp_segment_scan(data, length, KEY, &visitor, &walk) > length)
        __builtin_trap();
    return walk.records;
}

/* A record of up to 20 bytes of the input. */
static void
add(GByteArray *bytes, const uint8_t *data, size_t size, guint64 sequence)
{
    g_autoptr(McpSpoolRecord) record = mcp_spool_record_new(
        data[0] & 0x7f, data[0] % 16, "id", data[0], "label", g_bytes_new(data, MIN(size, 20)));

    record->sequence = sequence;
    mcp_record_encode(bytes, KEY, record);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    guint8 header[MCP_SEGMENT_HEADER];
    guint records = 0;
    guint hits = 0;

    scan(data, size);
    if (size < 40)
        return 0;
    mcp_segment_encode_header(header, KEY, 1);
    g_byte_array_append(bytes, header, sizeof header);
    for (size_t at = 0; at < size && records < 50; at += 20)
        add(bytes, data + at, size - at, ++records);
    if (scan(bytes->data, bytes->len) != records)
        __builtin_trap();
    if (data[1] % 4 == 0) {
        mcp_record_encode_filler(bytes->data + MCP_SEGMENT_HEADER, KEY, 63);
        scan(bytes->data, bytes->len);
    }
    for (size_t at = 2; at + 3 < size && hits < data[1] % 8u; at += 3, hits++) {
        gsize where = (gsize)(data[at] << 8 | data[at + 1]) % bytes->len;

        bytes->data[where] ^= data[at + 2];
    }
    if (scan(bytes->data, bytes->len) + hits < records)
        __builtin_trap();
    scan(bytes->data, data[0] % bytes->len);
    return 0;
}
