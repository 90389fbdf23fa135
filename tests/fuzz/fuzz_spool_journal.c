/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of journals: the input says what is written to one, on a disk in memory, and what of
 * its files is changed, cut or lost afterwards. It opens all the same, gives its records in order,
 * takes more, and finds nothing to mend the next time. libFuzzer calls from one thread.
 */
#include "spool/journal.h"

#include "fake_disk.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FOLDER "/spool"
#define MAX_RECORDS 64
#define MAX_HITS 16
#define ASIDE (1u << 0)
#define NO_SPACE (1u << 1)
#define NO_SYNC (1u << 2)
#define DROP (1u << 3)

typedef struct {
    const uint8_t *data;
    size_t size;
    McpFakeDisk *fake;
    guint what;
} Case;

static guint
take(Case *self)
{
    if (self->size == 0)
        return 0;
    self->size--;
    return *self->data++;
}

static McpJournal *
make(Case *self)
{
    const McpJournalOptions options = {
        .disk = mcp_fake_disk_get(self->fake),
        .folder = FOLDER,
        .max_bytes = (self->what & DROP) != 0 ? 64 * 1024 : 256 * 1024,
        .segment_bytes = 16 * 1024,
        .drop_oldest = (self->what & DROP) != 0,
    };

    return mcp_journal_new(&options);
}

/* TRUE when it was taken. */
static gboolean
append(McpJournal *journal, guint number, guint flags, gsize size)
{
    g_autofree char *id = g_strdup_printf("r%u", number);
    g_autoptr(GPtrArray) records =
        g_ptr_array_new_with_free_func((GDestroyNotify)mcp_spool_record_unref);

    g_ptr_array_add(records, mcp_spool_record_new(1, flags, id, number, "label",
                                                  g_bytes_new_take(g_malloc0(size + 1), size)));
    return mcp_journal_append(journal, records, NULL);
}

/* Some of what was written is with the consumer, and one is put aside. */
static void
consume(Case *self, McpJournal *journal)
{
    g_autoptr(GPtrArray) records = mcp_journal_read(journal, take(self) % 32 + 1, 100000, NULL);
    const McpSpoolRecord *last = NULL;

    if (records == NULL || records->len == 0)
        return;
    last = records->pdata[records->len - 1];
    if ((self->what & ASIDE) != 0)
        mcp_journal_quarantine(journal, last, "for its own sake", NULL);
    mcp_journal_acknowledge(journal, &last->sequence, 1);
    mcp_journal_save(journal, NULL);
}

static void
fill(Case *self)
{
    McpJournal *journal = make(self);
    guint n = take(self) % MAX_RECORDS;

    if (!mcp_journal_open(journal, NULL))
        __builtin_trap();
    for (guint i = 0; i < n; i++) {
        guint how = take(self);

        append(journal, how % 8, how % 3, (gsize)take(self) * 9);
        if (how % 5 == 0)
            mcp_journal_sync(journal, NULL);
        if (how % 7 == 0)
            consume(self, journal);
    }
    mcp_journal_sync(journal, NULL);
    mcp_journal_free(journal);
}

/* A byte, or all from it on. */
static void
hit(Case *self, char **names)
{
    guint n = g_strv_length(names);
    g_autofree char *path = g_build_filename(FOLDER, names[take(self) % n], NULL);
    GByteArray *bytes = mcp_fake_disk_peek(self->fake, path);
    guint at = take(self) << 8 | take(self);
    guint with = take(self);

    if (bytes == NULL || bytes->len == 0)
        return;
    at %= bytes->len;
    if (with == 0)
        g_byte_array_set_size(bytes, at);
    else
        bytes->data[at] ^= (guint8)with;
}

static void
damage(Case *self)
{
    McpDisk *disk = mcp_fake_disk_get(self->fake);
    int error = 0;
    g_auto(GStrv) names = disk->ops->list(disk, FOLDER, &error);

    for (guint i = 0; names != NULL && *names != NULL && i < MAX_HITS && self->size > 0; i++)
        hit(self, names);
}

/* All of them, in order; how many. */
static guint
read_all(McpJournal *journal)
{
    guint64 before = 0;
    guint n = 0;

    mcp_journal_rewind(journal);
    for (;;) {
        g_autoptr(GPtrArray) records = mcp_journal_read(journal, 10, 50000, NULL);

        if (records == NULL)
            __builtin_trap();
        for (guint i = 0; i < records->len; i++) {
            const McpSpoolRecord *record = records->pdata[i];

            if (record->sequence <= before)
                __builtin_trap();
            before = record->sequence;
        }
        n += records->len;
        if (records->len == 0)
            return n;
    }
}

/* With a disk that does not work at first, if the input says so. */
static void
open_again(Case *self, McpJournal *journal, McpJournalCounts *out_counts)
{
    g_autoptr(GPtrArray) open = NULL;

    if ((self->what & NO_SPACE) != 0)
        mcp_fake_disk_limit(self->fake, 1);
    if ((self->what & NO_SYNC) != 0)
        mcp_fake_disk_fail(self->fake, 0, EIO);
    mcp_journal_open(journal, NULL);
    mcp_fake_disk_limit(self->fake, 0);
    mcp_fake_disk_fail(self->fake, 0, 0);
    if (!mcp_journal_open(journal, NULL))
        __builtin_trap();
    mcp_journal_count(journal, out_counts);
    open = mcp_journal_get_open(journal);
}

static void
use(McpJournal *journal, guint64 pending)
{
    g_autoptr(GPtrArray) waiting = NULL;
    g_autoptr(GPtrArray) aside = NULL;
    guint n = read_all(journal);

    if (n != pending)
        __builtin_trap();
    waiting = mcp_journal_export(journal, FALSE, 0, 100, NULL);
    aside = mcp_journal_export(journal, TRUE, 0, 100, NULL);
    if (waiting == NULL || aside == NULL || mcp_journal_replay(journal, NULL) < 0)
        __builtin_trap();
    if (append(journal, 99, 0, 9) && mcp_journal_sync(journal, NULL) && read_all(journal) == 0)
        __builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Case self = {.data = data, .size = size, .fake = mcp_fake_disk_new()};
    McpJournal *journal = NULL;
    McpJournalCounts counts;

    self.what = take(&self);
    fill(&self);
    damage(&self);
    journal = make(&self);
    open_again(&self, journal, &counts);
    use(journal, counts.pending);
    mcp_journal_free(journal);
    self.what &= DROP;
    journal = make(&self);
    open_again(&self, journal, &counts);
    if (counts.damaged + counts.cut > 0)
        __builtin_trap();
    mcp_journal_free(journal);
    mcp_fake_disk_free(self.fake);
    return 0;
}
