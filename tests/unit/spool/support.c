/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of journals share: records that know what is in them. One thread.
 */
#include "support.h"

#include <stdlib.h>
#include <string.h>

McpJournal *
make_journal(McpFakeDisk *fake, gint64 max_bytes, gboolean drop_oldest)
{
    const McpJournalOptions options = {
        .disk = mcp_fake_disk_get(fake),
        .folder = FOLDER,
        .max_bytes = max_bytes,
        .segment_bytes = 16 * 1024,
        .drop_oldest = drop_oldest,
    };

    return mcp_journal_new(&options);
}

McpJournal *
open_journal(McpFakeDisk *fake, gint64 max_bytes, gboolean drop_oldest)
{
    McpJournal *journal = make_journal(fake, max_bytes, drop_oldest);
    GError *error = NULL;

    mcp_journal_open(journal, &error);
    g_assert_no_error(error);
    return journal;
}

static guint8
byte_of(guint number, gsize at)
{
    return (guint8)(number * 31 + at * 7);
}

McpSpoolRecord *
make_record(guint number, guint flags, gsize size)
{
    g_autofree char *id = g_strdup_printf("r%u", number);
    guint8 *bytes = g_malloc(size + 1);

    for (gsize i = 0; i < size; i++)
        bytes[i] = byte_of(number, i);
    return mcp_spool_record_new(1, flags, id, 1000 + number, "label",
                                g_bytes_new_take(bytes, size));
}

gboolean
append_record(McpJournal *journal, guint number, guint flags, gsize size)
{
    g_autoptr(GPtrArray) records =
        g_ptr_array_new_with_free_func((GDestroyNotify)mcp_spool_record_unref);

    g_ptr_array_add(records, make_record(number, flags, size));
    return mcp_journal_append(journal, records, NULL);
}

guint
number_of(const McpSpoolRecord *record)
{
    guint number = (guint)strtoul(record->id + 1, NULL, 10);
    gsize length = 0;
    const guint8 *bytes = g_bytes_get_data(record->payload, &length);

    for (gsize i = 0; i < length; i++)
        g_assert_cmpuint(bytes[i], ==, byte_of(number, i));
    g_assert_cmpint(record->wall, ==, 1000 + number);
    g_assert_cmpstr(record->label, ==, "label");
    return number;
}

GArray *
read_numbers(McpJournal *journal)
{
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(guint));
    guint64 before = 0;
    gboolean more = TRUE;

    mcp_journal_rewind(journal);
    while (more) {
        GError *error = NULL;
        g_autoptr(GPtrArray) records = mcp_journal_read(journal, 7, 5000, &error);

        g_assert_no_error(error);
        more = records->len > 0;
        for (guint i = 0; i < records->len; i++) {
            const McpSpoolRecord *record = records->pdata[i];
            guint number = number_of(record);

            g_assert_cmpuint(record->sequence, >, before);
            before = record->sequence;
            g_array_append_val(numbers, number);
        }
    }
    return numbers;
}
