/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of a journal in working order: sequence, limits, what is open, what is put aside. */
#include "support.h"

#include <errno.h>
#include <mcp/error.h>

#define LARGE (64 * 1024 * 1024)

static guint
nth(const GArray *numbers, guint index)
{
    g_assert_cmpuint(index, <, numbers->len);
    return g_array_index(numbers, guint, index);
}

static void
sync_journal(McpJournal *journal)
{
    GError *error = NULL;

    mcp_journal_sync(journal, &error);
    g_assert_no_error(error);
}

/* The consumer has the first @n of what can be read. */
static void
acknowledge(McpJournal *journal, guint n)
{
    g_autoptr(GArray) sequences = g_array_new(FALSE, FALSE, sizeof(guint64));
    GError *error = NULL;

    mcp_journal_rewind(journal);
    while (n > 0) {
        g_autoptr(GPtrArray) records = mcp_journal_read(journal, n, LARGE, NULL);

        g_assert_cmpuint(records->len, >, 0);
        for (guint i = 0; i < records->len; i++)
            g_array_append_val(sequences, ((McpSpoolRecord *)records->pdata[i])->sequence);
        n -= records->len;
    }
    mcp_journal_acknowledge(journal, (guint64 *)(gpointer)sequences->data, sequences->len);
    mcp_journal_save(journal, &error);
    g_assert_no_error(error);
}

static void
check_run(const GArray *numbers, guint first, guint count)
{
    g_assert_cmpuint(numbers->len, ==, count);
    for (guint i = 0; i < count; i++)
        g_assert_cmpuint(nth(numbers, i), ==, first + i);
}

static void
test_order(void)
{
    g_autoptr(McpFakeDisk) fake = mcp_fake_disk_new();
    McpJournal *journal = open_journal(fake, LARGE, FALSE);
    McpJournalCounts counts;
    g_autoptr(GArray) none = NULL;
    g_autoptr(GArray) all = NULL;
    g_autoptr(GArray) rest = NULL;

    /* As many as fit into one segment: what is in a full one is synced. */
    for (guint i = 0; i < 10; i++)
        g_assert_true(append_record(journal, i, 0, i * 7 % 900));
    none = read_numbers(journal);
    check_run(none, 0, 0);
    for (guint i = 10; i < 300; i++)
        g_assert_true(append_record(journal, i, 0, i * 7 % 900));
    sync_journal(journal);
    all = read_numbers(journal);
    check_run(all, 0, 300);
    acknowledge(journal, 120);
    mcp_journal_free(journal);
    journal = open_journal(fake, LARGE, FALSE);
    rest = read_numbers(journal);
    check_run(rest, 120, 180);
    mcp_journal_count(journal, &counts);
    g_assert_cmpuint(counts.pending, ==, 180);
    acknowledge(journal, 180);
    mcp_journal_count(journal, &counts);
    g_assert_cmpuint(counts.pending, ==, 0);
    g_assert_cmpuint(counts.segments, ==, 1); /* all that are done with are gone */
    mcp_journal_free(journal);
}

static void
test_large_records(void)
{
    g_autoptr(McpFakeDisk) fake = mcp_fake_disk_new();
    g_autoptr(McpJournal) journal = open_journal(fake, LARGE, FALSE);
    g_autoptr(GArray) all = NULL;

    for (guint i = 0; i < 6; i++)
        g_assert_true(append_record(journal, i, 0, i % 2 == 0 ? MCP_SPOOL_MAX_PAYLOAD : 10));
    sync_journal(journal);
    all = read_numbers(journal);
    check_run(all, 0, 6);
}

static void
test_drop_oldest(void)
{
    g_autoptr(McpFakeDisk) fake = mcp_fake_disk_new();
    g_autoptr(McpJournal) journal = open_journal(fake, 128 * 1024, TRUE);
    g_autoptr(GArray) left = NULL;
    McpJournalCounts counts;

    for (guint i = 0; i < 1000; i++) {
        g_assert_true(append_record(journal, i, 0, 400));
        mcp_journal_count(journal, &counts);
        g_assert_cmpint(counts.bytes, <=, 128 * 1024);
    }
    sync_journal(journal);
    left = read_numbers(journal);
    mcp_journal_count(journal, &counts);
    g_assert_cmpuint(counts.dropped, >, 0);
    g_assert_cmpuint(counts.dropped + counts.pending, ==, 1000);
    check_run(left, (guint)counts.dropped, (guint)counts.pending);
}

static void
test_full(void)
{
    g_autoptr(McpFakeDisk) fake = mcp_fake_disk_new();
    g_autoptr(McpJournal) journal = open_journal(fake, 128 * 1024, FALSE);
    g_autoptr(GPtrArray) records =
        g_ptr_array_new_with_free_func((GDestroyNotify)mcp_spool_record_unref);
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) all = NULL;
    g_autoptr(GArray) rest = NULL;
    McpJournalCounts counts;
    guint n = 0;

    while (append_record(journal, n, 0, 400))
        n++;
    g_ptr_array_add(records, make_record(n, 0, 400));
    g_assert_false(mcp_journal_append(journal, records, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_LIMIT);
    mcp_journal_count(journal, &counts);
    g_assert_cmpint(counts.bytes, >, 128 * 1024);
    g_assert_cmpuint(counts.dropped, ==, 0);
    sync_journal(journal);
    all = read_numbers(journal);
    check_run(all, 0, n);
    acknowledge(journal, n / 2);
    g_assert_true(append_record(journal, n, 0, 400));
    sync_journal(journal);
    rest = read_numbers(journal);
    check_run(rest, n / 2, n - n / 2 + 1);
}

static void
check_open(McpJournal *journal, const char *const *ids)
{
    g_autoptr(GPtrArray) open = mcp_journal_get_open(journal);
    guint n = g_strv_length((char **)ids);

    g_assert_cmpuint(open->len, ==, n);
    for (guint i = 0; i < n; i++)
        g_assert_cmpstr(((McpSpoolRecord *)open->pdata[i])->id, ==, ids[i]);
}

static void
test_open_records(void)
{
    g_autoptr(McpFakeDisk) fake = mcp_fake_disk_new();
    McpJournal *journal = open_journal(fake, LARGE, FALSE);
    g_autoptr(GArray) all = NULL;
    McpJournalCounts counts;

    g_assert_true(append_record(journal, 1, MCP_SPOOL_OPEN, 30));
    g_assert_true(append_record(journal, 2, MCP_SPOOL_OPEN, 30));
    g_assert_true(append_record(journal, 2, MCP_SPOOL_CLOSE, 30));
    for (guint i = 10; i < 200; i++)
        g_assert_true(append_record(journal, i, 0, 400));
    sync_journal(journal);
    all = read_numbers(journal);
    g_assert_cmpuint(all->len, ==, 191); /* what has begun is not for the consumer */
    acknowledge(journal, 191);
    mcp_journal_count(journal, &counts);
    g_assert_cmpuint(counts.segments, <=, 2);
    mcp_journal_free(journal);
    journal = open_journal(fake, LARGE, FALSE);
    check_open(journal, (const char *[]){"r1", NULL});
    g_assert_true(append_record(journal, 1, MCP_SPOOL_CLOSE, 30));
    sync_journal(journal);
    mcp_journal_free(journal);
    journal = open_journal(fake, LARGE, FALSE);
    check_open(journal, (const char *[]){NULL});
    mcp_journal_free(journal);
}

static void
test_lock(void)
{
    g_autoptr(McpFakeDisk) fake = mcp_fake_disk_new();
    McpJournal *first = open_journal(fake, LARGE, FALSE);
    g_autoptr(McpJournal) second = make_journal(fake, LARGE, FALSE);
    g_autoptr(GError) error = NULL;

    g_assert_false(mcp_journal_open(second, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_STATE);
    mcp_journal_free(first);
    g_assert_true(mcp_journal_open(second, NULL));
}

static void
test_quarantine(void)
{
    g_autoptr(McpFakeDisk) fake = mcp_fake_disk_new();
    McpJournal *journal = open_journal(fake, LARGE, FALSE);
    g_autoptr(GPtrArray) aside = NULL;
    g_autoptr(GArray) again = NULL;
    McpJournalCounts counts;

    for (guint i = 0; i < 4; i++)
        g_assert_true(append_record(journal, i, 0, 50));
    sync_journal(journal);
    for (guint i = 0; i < 2; i++) {
        g_autoptr(GPtrArray) one = mcp_journal_read(journal, 1, LARGE, NULL);

        g_assert_true(mcp_journal_quarantine(journal, one->pdata[0], "no such queue", NULL));
    }
    acknowledge(journal, 4);
    mcp_journal_free(journal);
    journal = open_journal(fake, LARGE, FALSE);
    aside = mcp_journal_export(journal, TRUE, 0, 10, NULL);
    g_assert_cmpuint(aside->len, ==, 2);
    g_assert_cmpstr(((McpSpoolRecord *)aside->pdata[0])->reason, ==, "no such queue");
    g_assert_cmpuint(number_of(aside->pdata[1]), ==, 1);
    g_assert_cmpint(mcp_journal_replay(journal, NULL), ==, 2);
    again = read_numbers(journal);
    check_run(again, 0, 2);
    mcp_journal_count(journal, &counts);
    g_assert_cmpuint(counts.aside, ==, 0);
    g_assert_cmpint(mcp_journal_replay(journal, NULL), ==, 0);
    mcp_journal_free(journal);
}

static void
test_export(void)
{
    g_autoptr(McpFakeDisk) fake = mcp_fake_disk_new();
    g_autoptr(McpJournal) journal = open_journal(fake, LARGE, FALSE);
    guint64 after = 0;
    guint next = 0;

    for (guint i = 0; i < 200; i++)
        g_assert_true(append_record(journal, i, 0, 400));
    sync_journal(journal);
    acknowledge(journal, 5);
    for (next = 5; next < 200;) {
        g_autoptr(GPtrArray) part = mcp_journal_export(journal, FALSE, after, 30, NULL);

        g_assert_cmpuint(part->len, >, 0);
        for (guint i = 0; i < part->len; i++)
            g_assert_cmpuint(number_of(part->pdata[i]), ==, next++);
        after = ((McpSpoolRecord *)part->pdata[part->len - 1])->sequence;
    }
    g_assert_cmpuint(next, ==, 200);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/journal/order", test_order);
    g_test_add_func("/journal/large-records", test_large_records);
    g_test_add_func("/journal/drop-oldest", test_drop_oldest);
    g_test_add_func("/journal/full", test_full);
    g_test_add_func("/journal/open-records", test_open_records);
    g_test_add_func("/journal/lock", test_lock);
    g_test_add_func("/journal/quarantine", test_quarantine);
    g_test_add_func("/journal/export", test_export);
    return g_test_run();
}
