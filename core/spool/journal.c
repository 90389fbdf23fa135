/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is written to a journal: records, how far the consumer is, what is put aside; and what is
 * removed. Blocks: one caller at a time, on the disk pool.
 */
#include "spool/journal.h"

#include "spool/checksum.h"
#include "spool/journal_private.h"

#include <mcp/error.h>
#include <string.h>

#define LEAST_SEGMENT (16 * 1024)
#define SLOT 32
#define REPLAY_RECORDS 256
#define REPLAY_BYTES (1024 * 1024)

static void
open_record_free(McpOpenRecord *open)
{
    mcp_spool_record_unref(open->record);
    g_free(open);
}

McpJournal *
mcp_journal_new(const McpJournalOptions *options)
{
    McpJournal *journal = g_new0(McpJournal, 1);

    journal->disk = options->disk;
    journal->folder = g_strdup(options->folder);
    journal->max_bytes = MAX(options->max_bytes, 4 * LEAST_SEGMENT);
    journal->segment_bytes = CLAMP(options->segment_bytes, LEAST_SEGMENT, journal->max_bytes / 4);
    journal->drop_oldest = options->drop_oldest;
    journal->lock = journal->cursor = journal->tail = -1;
    journal->segments = g_array_new(FALSE, TRUE, sizeof(McpSegment));
    journal->open =
        g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)open_record_free);
    if (!options->aside) {
        g_autofree char *folder = mcp_journal_path(journal, "quarantine");
        McpJournalOptions aside = *options;

        aside.folder = folder;
        aside.max_bytes = journal->max_bytes / 8;
        aside.drop_oldest = FALSE;
        aside.aside = TRUE;
        journal->quarantine = mcp_journal_new(&aside);
    }
    return journal;
}

void
mcp_journal_free(McpJournal *journal)
{
    const int files[] = {journal->tail, journal->cursor, journal->lock};

    for (guint i = 0; i < G_N_ELEMENTS(files); i++)
        if (files[i] >= 0)
            journal->disk->ops->close(journal->disk, files[i]);
    g_clear_pointer(&journal->quarantine, mcp_journal_free);
    g_array_unref(journal->segments);
    g_hash_table_unref(journal->open);
    g_free(journal->folder);
    g_free(journal);
}

char *
mcp_journal_path(const McpJournal *journal, const char *name)
{
    return g_build_filename(journal->folder, name, NULL);
}

gboolean
mcp_journal_fail(const McpJournal *journal, GError **error, const char *what, gint64 result)
{
    g_set_error(error, MCP_ERROR, MCP_ERROR_FAILED, "%s: %s: %s", journal->folder, what,
                g_strerror((int)-result));
    return FALSE;
}

gboolean
mcp_journal_write_all(McpJournal *journal, int file, gconstpointer data, gsize length,
                      gint64 offset, GError **error)
{
    gsize done = 0;

    while (done < length) {
        gint64 n = journal->disk->ops->write(journal->disk, file, (const char *)data + done,
                                             length - done, offset + (gint64)done);

        if (n <= 0)
            return mcp_journal_fail(journal, error, "write", n);
        done += (gsize)n;
    }
    return TRUE;
}

void
mcp_journal_note_open(McpJournal *journal, const McpSpoolRecord *record, guint64 segment)
{
    McpOpenRecord *open = NULL;

    if ((record->flags & (MCP_SPOOL_OPEN | MCP_SPOOL_CLOSE)) == 0)
        return;
    g_hash_table_remove(journal->open, record->id);
    if ((record->flags & MCP_SPOOL_OPEN) == 0)
        return;
    open = g_new(McpOpenRecord, 1);
    *open = (McpOpenRecord){mcp_spool_record_ref((McpSpoolRecord *)record), segment};
    g_hash_table_insert(journal->open, open->record->id, open);
}

static McpSegment *
last_segment(McpJournal *journal)
{
    guint n = journal->segments->len;

    return n > 0 ? &g_array_index(journal->segments, McpSegment, n - 1) : NULL;
}

static void
close_tail(McpJournal *journal)
{
    if (journal->tail >= 0)
        journal->disk->ops->close(journal->disk, journal->tail);
    journal->tail = -1;
}

static gboolean
remove_segment(McpJournal *journal, guint index, GError **error)
{
    const McpSegment *segment = &g_array_index(journal->segments, McpSegment, index);
    g_autofree char *name = mcp_segment_name(segment->first);
    g_autofree char *path = mcp_journal_path(journal, name);
    int result = journal->disk->ops->remove(journal->disk, path);

    if (result < 0 && result != -ENOENT)
        return mcp_journal_fail(journal, error, "remove", result);
    journal->counts.bytes -= segment->size;
    g_array_remove_index(journal->segments, index);
    /* None comes back without those after it: what they have closed would be open again. */
    result = journal->disk->ops->sync_folder(journal->disk, journal->folder);
    return result == 0 || mcp_journal_fail(journal, error, "sync", result);
}

static gboolean
write_header(McpJournal *journal, int file, guint64 first, GError **error)
{
    guint8 header[MCP_SEGMENT_HEADER];
    int result = journal->disk->ops->truncate(journal->disk, file, 0);

    if (result < 0)
        return mcp_journal_fail(journal, error, "truncate", result);
    mcp_segment_encode_header(header, journal->identity, first);
    if (!mcp_journal_write_all(journal, file, header, sizeof header, 0, error))
        return FALSE;
    result = journal->disk->ops->sync(journal->disk, file);
    if (result == 0)
        result = journal->disk->ops->sync_folder(journal->disk, journal->folder);
    return result == 0 || mcp_journal_fail(journal, error, "sync", result);
}

/* The next one, with a header that says what number goes on: it is never used again. */
static gboolean
begin_segment(McpJournal *journal, guint64 first, GError **error)
{
    const McpSegment *last = last_segment(journal);
    g_autofree char *name = mcp_segment_name(first);
    g_autofree char *path = mcp_journal_path(journal, name);
    McpSegment segment = {first, first - 1, MCP_SEGMENT_HEADER};
    int file = -1;

    if (journal->tail >= 0 && !mcp_journal_sync(journal, error))
        return FALSE;
    close_tail(journal);
    if (last != NULL && last->first == first &&
        !remove_segment(journal, journal->segments->len - 1, error))
        return FALSE;
    file = journal->disk->ops->open(journal->disk, path, TRUE);
    if (file < 0)
        return mcp_journal_fail(journal, error, name, file);
    if (!write_header(journal, file, first, error)) {
        journal->disk->ops->close(journal->disk, file);
        journal->renew_tail = TRUE;
        return FALSE;
    }
    journal->tail = file;
    journal->renew_tail = FALSE;
    journal->synced_size = segment.size;
    journal->counts.bytes += segment.size;
    g_array_append_val(journal->segments, segment);
    return TRUE;
}

/* Those in order that an earlier segment has are written again before it goes. */
static gboolean
carry_open(McpJournal *journal, guint64 segment, GError **error)
{
    g_autoptr(GPtrArray) records =
        g_ptr_array_new_with_free_func((GDestroyNotify)mcp_spool_record_unref);
    GHashTableIter iter;
    gpointer value = NULL;

    g_hash_table_iter_init(&iter, journal->open);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const McpOpenRecord *open = value;

        if (open->segment == segment)
            g_ptr_array_add(records, mcp_record_renew(open->record, open->record->flags, NULL));
    }
    if (records->len == 0 ||
        (mcp_journal_write_records(journal, records, error) && mcp_journal_sync(journal, error)))
        return TRUE;
    for (guint i = 0; i < records->len; i++) {
        const McpSpoolRecord *record = records->pdata[i];
        McpOpenRecord *open = g_hash_table_lookup(journal->open, record->id);

        if (open != NULL && open->record == record)
            open->segment = segment;
    }
    return FALSE;
}

static void
count_record(const McpRecordView *view, gint64 offset, gpointer user_data)
{
    guint64 *counted = user_data;

    if (mcp_record_is_for_consumer(view->flags) && view->sequence > counted[0])
        counted[1]++;
}

static void
ignore_damage(const guint8 *data, gsize length, gint64 offset, gpointer user_data)
{
}

/* For want of space, with what the consumer has not had of it. */
static gboolean
drop_segment(McpJournal *journal, GError **error)
{
    static const McpSegmentVisitor visitor = {count_record, ignore_damage};
    McpSegment segment = g_array_index(journal->segments, McpSegment, 0);
    guint64 counted[2] = {journal->acked, 0};
    g_autoptr(GBytes) bytes = mcp_journal_load(journal, &segment, NULL);

    if (bytes != NULL)
        mcp_segment_scan(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), journal->identity,
                         &visitor, counted);
    if (!carry_open(journal, segment.first, error) || !remove_segment(journal, 0, error))
        return FALSE;
    journal->counts.dropped += counted[1];
    journal->counts.pending -= MIN(counted[1], journal->counts.pending);
    return TRUE;
}

static gboolean
make_room(McpJournal *journal, gint64 need, GError **error)
{
    gint64 most = journal->max_bytes + (journal->drop_oldest ? 0 : journal->max_bytes / 8);

    while (journal->drop_oldest && journal->segments->len > 1 &&
           journal->counts.bytes + need > most)
        if (!drop_segment(journal, error))
            return FALSE;
    if (journal->drop_oldest || journal->counts.bytes + need <= most)
        return TRUE;
    g_set_error(error, MCP_ERROR, MCP_ERROR_LIMIT,
                "%s: full: %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " bytes", journal->folder,
                journal->counts.bytes, journal->max_bytes);
    return FALSE;
}

static void
records_written(McpJournal *journal, const GPtrArray *records)
{
    McpSegment *segment = last_segment(journal);

    for (guint i = 0; i < records->len; i++) {
        const McpSpoolRecord *record = records->pdata[i];

        segment->last = record->sequence;
        mcp_journal_note_open(journal, record, segment->first);
        if (mcp_record_is_for_consumer(record->flags)) {
            journal->counts.pending++;
            journal->unsynced++;
        }
    }
    journal->written = segment->last;
}

gboolean
mcp_journal_write_records(McpJournal *journal, const GPtrArray *records, GError **error)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    McpSegment *segment = last_segment(journal);
    guint64 before = journal->written;

    if (records->len == 0)
        return TRUE;
    for (guint i = 0; i < records->len; i++) {
        McpSpoolRecord *record = records->pdata[i];

        /* One that has its number already was not synced with it: nobody has seen it. */
        if (record->sequence <= before)
            record->sequence = journal->next++;
        before = record->sequence;
        mcp_record_encode(bytes, journal->identity, record);
    }
    if (segment == NULL || journal->tail < 0 || journal->renew_tail ||
        segment->size >= journal->segment_bytes) {
        if (!begin_segment(journal, ((McpSpoolRecord *)records->pdata[0])->sequence, error))
            return FALSE;
        segment = last_segment(journal);
    }
    if (!mcp_journal_write_all(journal, journal->tail, bytes->data, bytes->len, segment->size,
                               error)) {
        journal->disk->ops->truncate(journal->disk, journal->tail, segment->size);
        return FALSE;
    }
    segment->size += bytes->len;
    journal->counts.bytes += bytes->len;
    records_written(journal, records);
    return TRUE;
}

gboolean
mcp_journal_append(McpJournal *journal, const GPtrArray *records, GError **error)
{
    gint64 need = 0;

    if (records->len == 0)
        return TRUE;
    for (guint i = 0; i < records->len; i++)
        need += (gint64)mcp_record_size(records->pdata[i]);
    return make_room(journal, need, error) && mcp_journal_write_records(journal, records, error);
}

/* What the kernel has of what was not synced is as good as lost. */
static void
forget_unsynced(McpJournal *journal)
{
    McpSegment *segment = last_segment(journal);

    journal->disk->ops->truncate(journal->disk, journal->tail, journal->synced_size);
    close_tail(journal);
    journal->renew_tail = TRUE;
    journal->counts.bytes -= segment->size - journal->synced_size;
    journal->counts.pending -= MIN(journal->unsynced, journal->counts.pending);
    segment->size = journal->synced_size;
    segment->last = MAX(journal->synced, segment->first - 1);
    journal->written = journal->synced;
    journal->unsynced = 0;
}

gboolean
mcp_journal_sync(McpJournal *journal, GError **error)
{
    int result = 0;

    if (journal->synced == journal->written || journal->tail < 0)
        return TRUE;
    result = journal->disk->ops->sync(journal->disk, journal->tail);
    if (result < 0) {
        forget_unsynced(journal);
        return mcp_journal_fail(journal, error, "sync", result);
    }
    journal->synced = journal->written;
    journal->synced_size = last_segment(journal)->size;
    journal->unsynced = 0;
    return TRUE;
}

void
mcp_journal_rewind(McpJournal *journal)
{
    journal->reader = (McpReader){0, 0, journal->acked};
}

void
mcp_journal_acknowledge(McpJournal *journal, const guint64 *sequences, gsize n)
{
    const McpSegment *oldest =
        journal->segments->len > 0 ? &g_array_index(journal->segments, McpSegment, 0) : NULL;

    for (gsize i = 0; i < n; i++) {
        if (sequences[i] <= journal->acked)
            continue;
        journal->acked = sequences[i];
        /* Those of a segment that was dropped meanwhile were counted then. */
        if (oldest != NULL && sequences[i] >= oldest->first && journal->counts.pending > 0)
            journal->counts.pending--;
    }
}

static gboolean
write_cursor(McpJournal *journal, GError **error)
{
    guint8 slot[SLOT] = {0};
    const guint64 numbers[] = {GUINT64_TO_LE(journal->generation + 1),
                               GUINT64_TO_LE(journal->acked), GUINT64_TO_LE(journal->identity)};
    guint32 crc;

    memcpy(slot, numbers, sizeof numbers);
    crc = GUINT32_TO_LE(mcp_checksum(0, slot, SLOT - 4));
    memcpy(slot + SLOT - 4, &crc, 4);
    if (!mcp_journal_write_all(journal, journal->cursor, slot, SLOT,
                               (gint64)((journal->generation + 1) % 2) * SLOT, error))
        return FALSE;
    journal->generation++;
    journal->saved = journal->acked;
    return TRUE;
}

/* Whether the last one is full, and all in it is acknowledged. */
static gboolean
is_done_with(const McpJournal *journal)
{
    const McpSegment *last;

    if (journal->segments->len == 0)
        return FALSE;
    last = &g_array_index(journal->segments, McpSegment, journal->segments->len - 1);
    return last->size >= journal->segment_bytes && last->last <= journal->acked;
}

gboolean
mcp_journal_save(McpJournal *journal, GError **error)
{
    if (journal->saved != journal->acked && !write_cursor(journal, error))
        return FALSE;
    /* A full one makes way at once: there may be no room to begin the next one by a record. */
    if (is_done_with(journal) && !begin_segment(journal, journal->next, error))
        return FALSE;
    while (journal->segments->len > 1) {
        McpSegment segment = g_array_index(journal->segments, McpSegment, 0);

        if (segment.last > journal->acked)
            break;
        if (!carry_open(journal, segment.first, error) || !remove_segment(journal, 0, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
mcp_journal_quarantine(McpJournal *journal, const McpSpoolRecord *record, const char *reason,
                       GError **error)
{
    g_autoptr(GPtrArray) records =
        g_ptr_array_new_with_free_func((GDestroyNotify)mcp_spool_record_unref);
    guint flags = record->flags & ~(guint)(MCP_SPOOL_OPEN | MCP_SPOOL_CLOSE);

    g_ptr_array_add(records, mcp_record_renew(record, flags, reason));
    if (!mcp_journal_append(journal->quarantine, records, error) ||
        !mcp_journal_sync(journal->quarantine, error))
        return FALSE;
    journal->counts.quarantined++;
    return TRUE;
}

/* What was damaged stays aside. */
static gboolean
replay_some(McpJournal *journal, GPtrArray *records, gint64 *replayed, GError **error)
{
    McpJournal *aside = journal->quarantine;
    g_autoptr(GPtrArray) again =
        g_ptr_array_new_with_free_func((GDestroyNotify)mcp_spool_record_unref);
    g_autoptr(GPtrArray) stay =
        g_ptr_array_new_with_free_func((GDestroyNotify)mcp_spool_record_unref);
    g_autoptr(GArray) sequences = g_array_new(FALSE, FALSE, sizeof(guint64));

    for (guint i = 0; i < records->len; i++) {
        const McpSpoolRecord *record = records->pdata[i];

        g_array_append_val(sequences, record->sequence);
        if ((record->flags & MCP_RECORD_DAMAGED) != 0)
            g_ptr_array_add(stay, mcp_record_renew(record, record->flags, record->reason));
        else
            g_ptr_array_add(again, mcp_record_renew(record, record->flags, NULL));
    }
    /* What stays has room: it is there already, and what it was written to goes. */
    if (!mcp_journal_append(journal, again, error) || !mcp_journal_sync(journal, error) ||
        !mcp_journal_write_records(aside, stay, error) || !mcp_journal_sync(aside, error))
        return FALSE;
    *replayed += again->len;
    mcp_journal_acknowledge(aside, (const guint64 *)(gpointer)sequences->data, sequences->len);
    return mcp_journal_save(aside, error);
}

gint64
mcp_journal_replay(McpJournal *journal, GError **error)
{
    McpJournal *aside = journal->quarantine;
    guint64 last = aside->written;
    gint64 replayed = 0;

    mcp_journal_rewind(aside);
    while (aside->reader.after < last) {
        g_autoptr(GPtrArray) records = mcp_journal_read(aside, REPLAY_RECORDS, REPLAY_BYTES, error);

        while (records != NULL && records->len > 0 &&
               ((McpSpoolRecord *)records->pdata[records->len - 1])->sequence > last)
            g_ptr_array_remove_index(records, records->len - 1);
        if (records == NULL)
            return -1;
        if (records->len == 0)
            break;
        if (!replay_some(journal, records, &replayed, error))
            return -1;
    }
    return replayed;
}

void
mcp_journal_count(McpJournal *journal, McpJournalCounts *out_counts)
{
    *out_counts = journal->counts;
    out_counts->segments = journal->segments->len;
    out_counts->acked = journal->acked;
    out_counts->last = journal->written;
    out_counts->synced = journal->synced;
    if (journal->quarantine != NULL)
        out_counts->aside = journal->quarantine->counts.pending;
}
