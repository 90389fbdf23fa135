/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a journal in windows, so that no more of it is in memory than the consumer asks for.
 * Blocks: one caller at a time, on the disk pool.
 */
#include "spool/journal_private.h"

#include <mcp/error.h>
#include <string.h>

#define CHUNK (256 * 1024)
#define LARGE_CHUNK (4 * 1024 * 1024) /* more than any record takes */
#define MAX_SEGMENT (256 * 1024 * 1024)

/* What is asked for, and what is there of it. */
typedef struct {
    McpReader *reader;
    guint max_records;
    gsize max_bytes;
    gsize bytes;
    GPtrArray *records;
} Window;

McpSegment *
mcp_journal_find_segment(McpJournal *journal, guint64 first)
{
    for (guint i = 0; i < journal->segments->len; i++) {
        McpSegment *segment = &g_array_index(journal->segments, McpSegment, i);

        if (segment->first >= first)
            return segment;
    }
    return NULL;
}

/* Up to @length bytes of a segment at @offset. */
static GBytes *
load_part(McpJournal *journal, guint64 first, gint64 offset, gsize length, GError **error)
{
    g_autofree char *name = mcp_segment_name(first);
    g_autofree char *path = mcp_journal_path(journal, name);
    g_autofree guint8 *data = NULL;
    gint64 n;
    int file = journal->disk->ops->open(journal->disk, path, FALSE);

    if (file < 0) {
        mcp_journal_fail(journal, error, name, file);
        return NULL;
    }
    data = g_malloc(length);
    n = journal->disk->ops->read(journal->disk, file, data, length, offset);
    journal->disk->ops->close(journal->disk, file);
    if (n < 0) {
        mcp_journal_fail(journal, error, name, n);
        return NULL;
    }
    return g_bytes_new_take(g_steal_pointer(&data), (gsize)n);
}

GBytes *
mcp_journal_load(McpJournal *journal, const McpSegment *segment, GError **error)
{
    return load_part(journal, segment->first, 0, (gsize)MIN(segment->size, MAX_SEGMENT), error);
}

static gboolean
is_full(const Window *window)
{
    return window->records->len >= window->max_records || window->bytes >= window->max_bytes;
}

/* TRUE: it was passed; FALSE: it is not to be read yet. */
static gboolean
take_record(McpJournal *journal, Window *window, const McpRecordView *view)
{
    McpReader *reader = window->reader;
    gboolean filler = (view->flags & MCP_RECORD_FILLER) != 0;

    if (!filler && view->sequence > journal->synced)
        return FALSE;
    reader->offset += (gint64)view->size;
    if (filler || view->sequence <= reader->after)
        return TRUE;
    reader->after = view->sequence;
    if (!mcp_record_is_for_consumer(view->flags))
        return TRUE;
    g_ptr_array_add(window->records, mcp_record_from_view(view));
    window->bytes += view->size;
    return TRUE;
}

/* What stands there is no record, or a filler longer than any: the whole segment is looked at. */
static gboolean
pass_damage(McpJournal *journal, Window *window, const McpSegment *segment, GError **error)
{
    g_autoptr(GBytes) bytes = mcp_journal_load(journal, segment, error);
    gsize at = (gsize)window->reader->offset;
    gsize length = 0;
    gsize next = 0;
    const guint8 *data = NULL;
    McpRecordView view;

    if (bytes == NULL)
        return FALSE;
    data = g_bytes_get_data(bytes, &length);
    if (at >= length) {
        window->reader->offset = segment->size;
        return TRUE;
    }
    if (mcp_record_parse(data + at, length - at, journal->identity, &view) == MCP_RECORD_GOOD)
        return take_record(journal, window, &view);
    next = mcp_record_find(data, length, at + 1, journal->identity);
    if (!mcp_journal_set_aside(journal, segment, data + at, next - at, (gint64)at, error))
        return FALSE;
    window->reader->offset = (gint64)next;
    return TRUE;
}

/* FALSE with @error unset: there is no more to read yet. */
static gboolean
read_part(McpJournal *journal, Window *window, const McpSegment *segment, gsize chunk,
          GError **error)
{
    gsize left = (gsize)(segment->size - window->reader->offset);
    g_autoptr(GBytes) bytes =
        load_part(journal, segment->first, window->reader->offset, MIN(left, chunk), error);
    gsize length = 0;
    gsize at = 0;
    const guint8 *data = bytes != NULL ? g_bytes_get_data(bytes, &length) : NULL;

    if (bytes == NULL)
        return FALSE;
    while (at < length && !is_full(window)) {
        McpRecordView view;
        McpRecordParse parse = mcp_record_parse(data + at, length - at, journal->identity, &view);

        if (parse == MCP_RECORD_SHORT && at > 0)
            return TRUE;
        if (parse == MCP_RECORD_SHORT && length < left && chunk < LARGE_CHUNK)
            return read_part(journal, window, segment, LARGE_CHUNK, error);
        if (parse != MCP_RECORD_GOOD)
            return pass_damage(journal, window, segment, error);
        if (!take_record(journal, window, &view))
            return FALSE;
        at += view.size;
    }
    return length > 0 || pass_damage(journal, window, segment, error);
}

/* To the next segment, where this one is at its end; FALSE at the end of all. */
static gboolean
next_segment(McpJournal *journal, McpReader *reader, McpSegment *out_segment)
{
    const McpSegment *segment = mcp_journal_find_segment(journal, reader->segment);

    if (segment != NULL && segment->first == reader->segment && reader->offset >= segment->size) {
        const McpSegment *next = mcp_journal_find_segment(journal, segment->first + 1);

        if (next == NULL)
            return FALSE;
        segment = next;
    }
    if (segment == NULL)
        return FALSE;
    if (segment->first != reader->segment || reader->offset < MCP_SEGMENT_HEADER) {
        reader->segment = segment->first;
        reader->offset = MCP_SEGMENT_HEADER;
    }
    *out_segment = *segment;
    return TRUE;
}

GPtrArray *
mcp_journal_read_from(McpJournal *journal, McpReader *reader, guint max_records, gsize max_bytes,
                      GError **error)
{
    g_autoptr(GPtrArray) records =
        g_ptr_array_new_with_free_func((GDestroyNotify)mcp_spool_record_unref);
    Window window = {reader, max_records, max_bytes, 0, records};
    g_autoptr(GError) failure = NULL;
    McpSegment segment;

    while (!is_full(&window) && next_segment(journal, reader, &segment)) {
        /* Nothing but its header. */
        if (reader->offset >= segment.size)
            continue;
        if (!read_part(journal, &window, &segment, CHUNK, &failure))
            break;
    }
    if (failure != NULL && records->len == 0) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return NULL;
    }
    return g_steal_pointer(&records);
}

GPtrArray *
mcp_journal_read(McpJournal *journal, guint max_records, gsize max_bytes, GError **error)
{
    return mcp_journal_read_from(journal, &journal->reader, max_records, max_bytes, error);
}

GPtrArray *
mcp_journal_export(McpJournal *journal, gboolean quarantine, guint64 after, guint max_records,
                   GError **error)
{
    McpJournal *from = quarantine ? journal->quarantine : journal;
    McpReader reader = {0, 0, MAX(after, from->acked)};

    for (guint i = 0; i < from->segments->len; i++) {
        const McpSegment *segment = &g_array_index(from->segments, McpSegment, i);

        if (segment->first <= reader.after)
            reader.segment = segment->first;
    }
    return mcp_journal_read_from(from, &reader, max_records, 1024 * 1024, error);
}
