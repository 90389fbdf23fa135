/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an earlier run has left, made good: a torn end is cut, damage put aside, and what had begun
 * is known again. Twice the same gives the same. Blocks: one caller at a time, on the disk pool.
 */
#include "spool/checksum.h"
#include "spool/journal_private.h"

#include <mcp/error.h>
#include <string.h>

#define IDENTITY 12
#define SLOT 32
#define SKIP (1u << 20)
#define MAX_SEGMENT (256 * 1024 * 1024)

/* Bytes of a segment that are no record. */
typedef struct {
    GBytes *bytes;
    gint64 offset;
} Damage;

typedef struct {
    McpJournal *journal;
    McpSegment *segment;
    GArray *damages; /* Damage */
} Scan;

static void
damage_clear(gpointer data)
{
    g_bytes_unref(((Damage *)data)->bytes);
}

static int
open_file(McpJournal *journal, const char *name, GError **error)
{
    g_autofree char *path = mcp_journal_path(journal, name);
    int file = journal->disk->ops->open(journal->disk, path, TRUE);

    if (file < 0)
        mcp_journal_fail(journal, error, name, file);
    return file;
}

static gboolean
take_lock(McpJournal *journal, GError **error)
{
    int result = 0;

    if (journal->lock >= 0)
        return TRUE;
    journal->lock = open_file(journal, "lock", error);
    if (journal->lock < 0)
        return FALSE;
    result = journal->disk->ops->lock(journal->disk, journal->lock);
    if (result == 0)
        return TRUE;
    journal->disk->ops->close(journal->disk, journal->lock);
    journal->lock = -1;
    if (result == -EWOULDBLOCK)
        g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "%s: in use by another process",
                    journal->folder);
    else
        mcp_journal_fail(journal, error, "lock", result);
    return FALSE;
}

static guint64
random_identity(void)
{
    return ((guint64)(g_random_int() >> 1) << 32 | g_random_int()) | 1;
}

/* Where the file is not there or damaged, the segments say. */
static guint64
identity_of_segments(McpJournal *journal, char **names)
{
    for (guint i = 0; names[i] != NULL; i++) {
        guint64 first = 0;
        guint64 identity = 0;
        guint8 header[MCP_SEGMENT_HEADER];
        gint64 n = 0;
        int file;

        if (!mcp_segment_parse_name(names[i], &first))
            continue;
        file = open_file(journal, names[i], NULL);
        if (file < 0)
            continue;
        n = journal->disk->ops->read(journal->disk, file, header, sizeof header, 0);
        journal->disk->ops->close(journal->disk, file);
        if (n == sizeof header &&
            mcp_segment_parse_header(header, sizeof header, &identity, &first))
            return identity;
    }
    return random_identity();
}

static gboolean
load_identity(McpJournal *journal, char **names, GError **error)
{
    int file = open_file(journal, "identity", error);
    guint8 text[IDENTITY] = {0};
    guint32 crc = 0;
    gboolean good = FALSE;

    if (file < 0)
        return FALSE;
    if (journal->disk->ops->read(journal->disk, file, text, IDENTITY, 0) == IDENTITY) {
        memcpy(&journal->identity, text, 8);
        memcpy(&crc, text + 8, 4);
        journal->identity = GUINT64_FROM_LE(journal->identity);
        good = journal->identity != 0 && GUINT32_FROM_LE(crc) == mcp_checksum(0, text, 8);
    }
    if (!good) {
        guint64 number = 0;

        journal->identity = identity_of_segments(journal, names);
        number = GUINT64_TO_LE(journal->identity);
        memcpy(text, &number, 8);
        crc = GUINT32_TO_LE(mcp_checksum(0, text, 8));
        memcpy(text + 8, &crc, 4);
        good = mcp_journal_write_all(journal, file, text, IDENTITY, 0, error);
        if (good && journal->disk->ops->sync(journal->disk, file) < 0)
            good = mcp_journal_fail(journal, error, "sync", -EIO);
    }
    journal->disk->ops->close(journal->disk, file);
    return good;
}

static void
take_slot(McpJournal *journal, const guint8 *slot)
{
    guint64 numbers[3];
    guint32 crc;

    memcpy(numbers, slot, sizeof numbers);
    memcpy(&crc, slot + SLOT - 4, 4);
    if (GUINT32_FROM_LE(crc) != mcp_checksum(0, slot, SLOT - 4) ||
        GUINT64_FROM_LE(numbers[2]) != journal->identity ||
        GUINT64_FROM_LE(numbers[0]) <= journal->generation)
        return;
    journal->generation = GUINT64_FROM_LE(numbers[0]);
    journal->acked = journal->saved = GUINT64_FROM_LE(numbers[1]);
}

static gboolean
load_cursor(McpJournal *journal, GError **error)
{
    guint8 slots[2 * SLOT] = {0};
    gint64 n = 0;

    if (journal->cursor < 0)
        journal->cursor = open_file(journal, "cursor", error);
    if (journal->cursor < 0)
        return FALSE;
    journal->generation = journal->acked = journal->saved = 0;
    n = journal->disk->ops->read(journal->disk, journal->cursor, slots, sizeof slots, 0);
    if (n < 0)
        return mcp_journal_fail(journal, error, "cursor", n);
    take_slot(journal, slots);
    take_slot(journal, slots + SLOT);
    return TRUE;
}

/* A quarantine that is full keeps nobody from going on. */
static gboolean
quarantine_bytes(McpJournal *journal, const McpSegment *segment, const guint8 *data, gsize length,
                 gint64 offset, GError **error)
{
    for (gsize at = 0; at < length; at += MCP_SPOOL_MAX_PAYLOAD) {
        gsize part = MIN(length - at, MCP_SPOOL_MAX_PAYLOAD);
        g_autofree char *id = g_strdup_printf("%016" G_GINT64_MODIFIER "x+%" G_GINT64_FORMAT,
                                              segment->first, offset + (gint64)at);
        g_autoptr(McpSpoolRecord) record = mcp_spool_record_new(
            MCP_RECORD_KIND_DAMAGED, MCP_RECORD_DAMAGED, id, 0, NULL, g_bytes_new(data + at, part));
        g_autoptr(GError) failure = NULL;

        if (!mcp_journal_quarantine(journal, record, "damaged on the disk", &failure) &&
            !g_error_matches(failure, MCP_ERROR, MCP_ERROR_LIMIT)) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return FALSE;
        }
    }
    return TRUE;
}

gboolean
mcp_journal_set_aside(McpJournal *journal, const McpSegment *segment, const guint8 *data,
                      gsize length, gint64 offset, GError **error)
{
    g_autofree char *name = mcp_segment_name(segment->first);
    guint8 filler[MCP_RECORD_HEADER];
    gboolean filled = FALSE;
    int file;

    journal->counts.damaged++;
    journal->mended = TRUE;
    if (journal->quarantine != NULL &&
        !quarantine_bytes(journal, segment, data, length, offset, error))
        return FALSE;
    if (length < MCP_RECORD_HEADER)
        return TRUE;
    file = open_file(journal, name, error);
    if (file < 0)
        return FALSE;
    mcp_record_encode_filler(filler, journal->identity, length);
    filled = mcp_journal_write_all(journal, file, filler, sizeof filler, offset, error);
    journal->disk->ops->close(journal->disk, file);
    return filled;
}

static void
found_record(const McpRecordView *view, gint64 offset, gpointer user_data)
{
    Scan *scan = user_data;
    McpJournal *journal = scan->journal;

    if ((view->flags & MCP_RECORD_FILLER) != 0 || view->sequence <= journal->written)
        return;
    journal->written = scan->segment->last = view->sequence;
    if (mcp_record_is_for_consumer(view->flags) && view->sequence > journal->acked)
        journal->counts.pending++;
    if ((view->flags & MCP_SPOOL_OPEN) != 0) {
        g_autoptr(McpSpoolRecord) record = mcp_record_from_view(view);

        mcp_journal_note_open(journal, record, scan->segment->first);
    } else if ((view->flags & MCP_SPOOL_CLOSE) != 0) {
        g_autofree char *id = g_strndup(view->id, view->id_length);

        g_hash_table_remove(journal->open, id);
    }
}

static void
found_damage(const guint8 *data, gsize length, gint64 offset, gpointer user_data)
{
    Scan *scan = user_data;
    Damage damage = {g_bytes_new(data, length), offset};

    g_array_append_val(scan->damages, damage);
}

static gboolean
mend(Scan *scan, GError **error)
{
    for (guint i = 0; i < scan->damages->len; i++) {
        const Damage *damage = &g_array_index(scan->damages, Damage, i);
        gsize length = 0;
        const guint8 *data = g_bytes_get_data(damage->bytes, &length);

        if (!mcp_journal_set_aside(scan->journal, scan->segment, data, length, damage->offset,
                                   error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
mend_header(McpJournal *journal, int file, const McpSegment *segment, GError **error)
{
    guint8 header[MCP_SEGMENT_HEADER];

    journal->counts.damaged++;
    mcp_segment_encode_header(header, journal->identity, segment->first);
    return mcp_journal_write_all(journal, file, header, sizeof header, 0, error);
}

/* What follows the last good record: the end of the last segment is torn, another's is damage. */
static gboolean
mend_end(Scan *scan, int file, const guint8 *data, gsize end, gsize length, gboolean last,
         GError **error)
{
    McpJournal *journal = scan->journal;
    int result = 0;

    scan->segment->size = (gint64)length;
    if (end >= length)
        return TRUE;
    if (!last && length - end >= MCP_RECORD_HEADER)
        return mcp_journal_set_aside(journal, scan->segment, data + end, length - end, (gint64)end,
                                     error);
    result = journal->disk->ops->truncate(journal->disk, file, (gint64)end);
    if (result < 0)
        return mcp_journal_fail(journal, error, "truncate", result);
    journal->counts.cut += length - end;
    journal->mended = TRUE;
    scan->segment->size = (gint64)end;
    return TRUE;
}

/* A file without a single record and without a header was being made, or is somebody else's. */
static gboolean
remove_file(McpJournal *journal, const McpSegment *segment, GBytes *bytes, GError **error)
{
    g_autofree char *name = mcp_segment_name(segment->first);
    g_autofree char *path = mcp_journal_path(journal, name);
    gsize length = 0;
    const guint8 *data = g_bytes_get_data(bytes, &length);
    int result = 0;

    journal->mended = TRUE;
    journal->written = MAX(journal->written, segment->first - 1);
    if (length > MCP_SEGMENT_HEADER) {
        journal->counts.damaged++;
        if (journal->quarantine != NULL &&
            !quarantine_bytes(journal, segment, data, length, 0, error))
            return FALSE;
    }
    result = journal->disk->ops->remove(journal->disk, path);
    return result == 0 || mcp_journal_fail(journal, error, "remove", result);
}

static gboolean
scan_bytes(McpJournal *journal, McpSegment *segment, int file, GBytes *bytes, gboolean last,
           GError **error)
{
    static const McpSegmentVisitor visitor = {found_record, found_damage};
    g_autoptr(GArray) damages = g_array_new(FALSE, FALSE, sizeof(Damage));
    Scan scan = {journal, segment, damages};
    gsize length = 0;
    const guint8 *data = g_bytes_get_data(bytes, &length);
    guint64 identity = 0;
    guint64 first = 0;
    gboolean headed = mcp_segment_parse_header(data, length, &identity, &first) &&
                      identity == journal->identity && first == segment->first;
    gsize end = 0;

    g_array_set_clear_func(damages, damage_clear);
    end = mcp_segment_scan(data, length, journal->identity, &visitor, &scan);
    if (!headed && end <= MCP_SEGMENT_HEADER)
        return remove_file(journal, segment, bytes, error);
    if ((!headed && !mend_header(journal, file, segment, error)) || !mend(&scan, error) ||
        !mend_end(&scan, file, data, end, length, last, error))
        return FALSE;
    journal->counts.bytes += segment->size;
    g_array_append_val(journal->segments, *segment);
    return TRUE;
}

static gboolean
scan_segment(McpJournal *journal, guint64 first, gboolean last, GError **error)
{
    McpSegment segment = {first, first - 1, 0};
    g_autofree char *name = mcp_segment_name(first);
    g_autoptr(GBytes) bytes = NULL;
    int file = open_file(journal, name, error);
    gboolean good = FALSE;

    if (file < 0)
        return FALSE;
    segment.size = journal->disk->ops->get_size(journal->disk, file);
    if (segment.size > MAX_SEGMENT)
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s: %s is no segment: too large",
                    journal->folder, name);
    else if (segment.size < 0)
        mcp_journal_fail(journal, error, name, segment.size);
    else
        bytes = mcp_journal_load(journal, &segment, error);
    good = bytes != NULL && scan_bytes(journal, &segment, file, bytes, last, error);
    journal->disk->ops->close(journal->disk, file);
    return good;
}

static gboolean
scan_all(McpJournal *journal, char **names, GError **error)
{
    g_autoptr(GArray) firsts = g_array_new(FALSE, FALSE, sizeof(guint64));

    for (guint i = 0; names[i] != NULL; i++) {
        guint64 first = 0;

        if (mcp_segment_parse_name(names[i], &first) && first > 0)
            g_array_append_val(firsts, first);
    }
    for (guint i = 0; i < firsts->len; i++)
        if (!scan_segment(journal, g_array_index(firsts, guint64, i), i + 1 == firsts->len, error))
            return FALSE;
    return TRUE;
}

/* What was found is as good as if it had just been written: and so it is synced. */
static gboolean
go_on(McpJournal *journal, GError **error)
{
    McpSegment *last = journal->segments->len > 0 ? &g_array_index(journal->segments, McpSegment,
                                                                   journal->segments->len - 1)
                                                  : NULL;
    guint64 least = MAX(journal->written, journal->acked);
    int result = 0;

    if (last != NULL) {
        g_autofree char *name = mcp_segment_name(last->first);

        least = MAX(least, last->first - 1);
        journal->tail = open_file(journal, name, error);
        if (journal->tail < 0)
            return FALSE;
        result = journal->disk->ops->sync(journal->disk, journal->tail);
        journal->synced_size = last->size;
    }
    if (result == 0)
        result = journal->disk->ops->sync_folder(journal->disk, journal->folder);
    if (result < 0)
        return mcp_journal_fail(journal, error, "sync", result);
    /* What is missing may have been told to the consumer: no number is used twice. */
    journal->next = least + 1 + (journal->mended ? SKIP : 0);
    journal->synced = journal->written;
    journal->renew_tail = FALSE;
    mcp_journal_rewind(journal);
    return TRUE;
}

static void
forget(McpJournal *journal)
{
    if (journal->tail >= 0)
        journal->disk->ops->close(journal->disk, journal->tail);
    journal->tail = -1;
    g_array_set_size(journal->segments, 0);
    g_hash_table_remove_all(journal->open);
    journal->counts.pending = 0;
    journal->counts.bytes = 0;
    journal->written = journal->synced = 0;
    journal->mended = FALSE;
}

gboolean
mcp_journal_open(McpJournal *journal, GError **error)
{
    g_auto(GStrv) names = NULL;
    int result = journal->disk->ops->make_folder(journal->disk, journal->folder);

    if (result < 0)
        return mcp_journal_fail(journal, error, "folder", result);
    forget(journal);
    if (!take_lock(journal, error))
        return FALSE;
    if (journal->quarantine != NULL && !mcp_journal_open(journal->quarantine, error))
        return FALSE;
    names = journal->disk->ops->list(journal->disk, journal->folder, &result);
    if (names == NULL)
        return mcp_journal_fail(journal, error, "folder", result);
    return load_identity(journal, names, error) && load_cursor(journal, error) &&
           scan_all(journal, names, error) && go_on(journal, error);
}

guint64
mcp_journal_get_identity(const McpJournal *journal)
{
    return journal->identity;
}

static int
compare_sequences(gconstpointer a, gconstpointer b)
{
    const McpSpoolRecord *first = *(const McpSpoolRecord *const *)a;
    const McpSpoolRecord *second = *(const McpSpoolRecord *const *)b;

    return first->sequence < second->sequence ? -1 : first->sequence > second->sequence;
}

GPtrArray *
mcp_journal_get_open(McpJournal *journal)
{
    GPtrArray *records = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_spool_record_unref);
    GHashTableIter iter;
    gpointer value = NULL;

    g_hash_table_iter_init(&iter, journal->open);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        g_ptr_array_add(records, mcp_spool_record_ref(((McpOpenRecord *)value)->record));
    g_ptr_array_sort(records, compare_sequences);
    return records;
}
