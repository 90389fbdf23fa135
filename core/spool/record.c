/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record: shared by reference in memory, and as bytes with a checksum in a file. The checksum is
 * keyed with the spool's identity, so that what is written by somebody else, or stands in a
 * payload, is never taken for a record. Any thread.
 */
#include "spool/record.h"

#include "spool/checksum.h"

#include <mcp/ledger.h>
#include <string.h>

#define MARK 0x5243504du /* "MPCR" */
#define KNOWN_FLAGS                                                             \
    (MCP_SPOOL_OPEN | MCP_SPOOL_CLOSE | MCP_SPOOL_DEFLATED | MCP_SPOOL_FRAMED | \
     MCP_RECORD_FILLER | MCP_RECORD_DAMAGED)
#define MAX_REASON 1024
/* Places looked at one after the other before the rest of a file is given up. */
#define MAX_TRIES 4096

MCP_LEDGER_DEFINE(McpSpoolRecord);

typedef struct {
    McpSpoolRecord record; /* first: what others see */
    gatomicrefcount refs;
} Shared;

static McpSpoolRecord *
record_alloc(void)
{
    Shared *shared = g_new0(Shared, 1);

    g_atomic_ref_count_init(&shared->refs);
    MCP_LEDGER_CREATED(McpSpoolRecord);
    return &shared->record;
}

McpSpoolRecord *
mcp_spool_record_new(guint8 kind, guint flags, const char *id, gint64 wall, const char *label,
                     GBytes *payload)
{
    McpSpoolRecord *record = record_alloc();

    record->kind = kind;
    record->flags = (guint16)flags;
    record->wall = wall;
    record->id = g_strdup(id);
    record->label = g_strdup(label != NULL ? label : "");
    record->reason = g_strdup("");
    record->payload = payload;
    return record;
}

McpSpoolRecord *
mcp_spool_record_ref(McpSpoolRecord *record)
{
    g_atomic_ref_count_inc(&((Shared *)record)->refs);
    return record;
}

void
mcp_spool_record_unref(McpSpoolRecord *record)
{
    if (!g_atomic_ref_count_dec(&((Shared *)record)->refs))
        return;
    g_free(record->id);
    g_free(record->label);
    g_free(record->reason);
    g_bytes_unref(record->payload);
    g_free(record);
    MCP_LEDGER_FINALIZED(McpSpoolRecord);
}

gboolean
mcp_record_fits(const McpSpoolRecord *record)
{
    gsize id = strlen(record->id);

    return id > 0 && id <= MCP_SPOOL_MAX_ID && strlen(record->label) <= MCP_SPOOL_MAX_LABEL &&
           g_bytes_get_size(record->payload) <= MCP_SPOOL_MAX_PAYLOAD;
}

gsize
mcp_record_size(const McpSpoolRecord *record)
{
    return MCP_RECORD_HEADER + strlen(record->id) + strlen(record->label) + strlen(record->reason) +
           g_bytes_get_size(record->payload);
}

static void
put_16(guint8 *at, guint16 value)
{
    value = GUINT16_TO_LE(value);
    memcpy(at, &value, sizeof value);
}

static void
put_32(guint8 *at, guint32 value)
{
    value = GUINT32_TO_LE(value);
    memcpy(at, &value, sizeof value);
}

static void
put_64(guint8 *at, guint64 value)
{
    value = GUINT64_TO_LE(value);
    memcpy(at, &value, sizeof value);
}

static guint16
get_16(const guint8 *at)
{
    guint16 value;

    memcpy(&value, at, sizeof value);
    return GUINT16_FROM_LE(value);
}

static guint32
get_32(const guint8 *at)
{
    guint32 value;

    memcpy(&value, at, sizeof value);
    return GUINT32_FROM_LE(value);
}

static guint64
get_64(const guint8 *at)
{
    guint64 value;

    memcpy(&value, at, sizeof value);
    return GUINT64_FROM_LE(value);
}

/* From behind the checksum on; of a filler the header alone. */
static guint32
checksum_of(const guint8 *header, gsize length, guint64 key)
{
    guint8 seed[8];

    put_64(seed, key);
    return mcp_checksum(mcp_checksum(0, seed, sizeof seed), header + 8, length - 8);
}

void
mcp_record_encode(GByteArray *out, guint64 key, const McpSpoolRecord *record)
{
    guint8 header[MCP_RECORD_HEADER] = {0};
    gsize id = strlen(record->id);
    gsize label = strlen(record->label);
    gsize reason = strlen(record->reason);
    gsize payload = 0;
    const guint8 *data = g_bytes_get_data(record->payload, &payload);
    guint start = out->len;

    put_32(header, MARK);
    put_32(header + 8, (guint32)(id + label + reason + payload));
    put_16(header + 12, (guint16)label);
    put_16(header + 14, (guint16)reason);
    put_64(header + 16, record->sequence);
    put_64(header + 24, (guint64)record->wall);
    header[32] = (guint8)id;
    header[33] = record->kind;
    put_16(header + 34, record->flags);
    g_byte_array_append(out, header, sizeof header);
    g_byte_array_append(out, (const guint8 *)record->id, (guint)id);
    g_byte_array_append(out, (const guint8 *)record->label, (guint)label);
    g_byte_array_append(out, (const guint8 *)record->reason, (guint)reason);
    if (payload > 0)
        g_byte_array_append(out, data, (guint)payload);
    put_32(out->data + start + 4, checksum_of(out->data + start, out->len - start, key));
}

void
mcp_record_encode_filler(guint8 *out, guint64 key, gsize size)
{
    memset(out, 0, MCP_RECORD_HEADER);
    put_32(out, MARK);
    put_32(out + 8, (guint32)(size - MCP_RECORD_HEADER));
    put_16(out + 34, MCP_RECORD_FILLER);
    put_32(out + 4, checksum_of(out, MCP_RECORD_HEADER, key));
}

/* Whether the lengths can be those of a record. */
static gboolean
is_plausible(const McpRecordView *view, gsize body)
{
    gsize text = view->id_length + view->label_length + view->reason_length;

    if ((view->flags & ~KNOWN_FLAGS) != 0)
        return FALSE;
    if ((view->flags & MCP_RECORD_FILLER) != 0)
        return text == 0;
    return view->id_length > 0 && view->label_length <= MCP_SPOOL_MAX_LABEL &&
           view->reason_length <= MAX_REASON && body >= text &&
           body - text <= MCP_SPOOL_MAX_PAYLOAD;
}

McpRecordParse
mcp_record_parse(const guint8 *data, gsize length, guint64 key, McpRecordView *out_view)
{
    McpRecordView view = {0};
    gsize body = 0;
    gsize checked = 0;

    if (length < MCP_RECORD_HEADER)
        return MCP_RECORD_SHORT;
    if (get_32(data) != MARK)
        return MCP_RECORD_BAD;
    body = get_32(data + 8);
    view.label_length = get_16(data + 12);
    view.reason_length = get_16(data + 14);
    view.sequence = get_64(data + 16);
    view.wall = (gint64)get_64(data + 24);
    view.id_length = data[32];
    view.kind = data[33];
    view.flags = get_16(data + 34);
    view.size = MCP_RECORD_HEADER + body;
    if (!is_plausible(&view, body))
        return MCP_RECORD_BAD;
    if (view.size > length)
        return MCP_RECORD_SHORT;
    checked = (view.flags & MCP_RECORD_FILLER) != 0 ? MCP_RECORD_HEADER : view.size;
    if (checksum_of(data, checked, key) != get_32(data + 4))
        return MCP_RECORD_BAD;
    view.id = (const char *)data + MCP_RECORD_HEADER;
    view.label = view.id + view.id_length;
    view.reason = view.label + view.label_length;
    view.payload = (const guint8 *)view.reason + view.reason_length;
    view.payload_length = body - view.id_length - view.label_length - view.reason_length;
    *out_view = view;
    return MCP_RECORD_GOOD;
}

gsize
mcp_record_find(const guint8 *data, gsize length, gsize from, guint64 key)
{
    const guint32 mark = GUINT32_TO_LE(MARK);
    McpRecordView view;

    for (guint tries = 0; from < length && tries < MAX_TRIES; tries++) {
        const guint8 *at = memmem(data + from, length - from, &mark, sizeof mark);

        if (at == NULL)
            break;
        from = (gsize)(at - data);
        if (mcp_record_parse(at, length - from, key, &view) == MCP_RECORD_GOOD)
            return from;
        from++;
    }
    return length;
}

static char *
text_of(const char *text, guint length)
{
    g_autofree char *raw = g_strndup(text, length);

    return g_utf8_make_valid(raw, -1);
}

McpSpoolRecord *
mcp_record_from_view(const McpRecordView *view)
{
    McpSpoolRecord *record = record_alloc();

    record->sequence = view->sequence;
    record->wall = view->wall;
    record->kind = view->kind;
    record->flags = view->flags;
    record->id = text_of(view->id, view->id_length);
    record->label = text_of(view->label, view->label_length);
    record->reason = text_of(view->reason, view->reason_length);
    record->payload = g_bytes_new(view->payload, view->payload_length);
    return record;
}

McpSpoolRecord *
mcp_record_renew(const McpSpoolRecord *record, guint flags, const char *reason)
{
    McpSpoolRecord *copy = record_alloc();
    g_autofree char *valid = g_utf8_make_valid(reason != NULL ? reason : "", -1);

    copy->wall = record->wall;
    copy->kind = record->kind;
    copy->flags = (guint16)flags;
    copy->id = g_strdup(record->id);
    copy->label = g_strdup(record->label);
    copy->reason = g_strndup(valid, MIN(strlen(valid), MAX_REASON));
    copy->payload = g_bytes_ref(record->payload);
    return copy;
}

gboolean
mcp_record_is_for_consumer(guint flags)
{
    return (flags & (MCP_SPOOL_OPEN | MCP_RECORD_FILLER)) == 0;
}
