/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of journals on disks that fail: torn ends, power loss, damage, no space, failed syncs. */
#include "support.h"

#include <errno.h>
#include <mcp/error.h>
#include <string.h>

#define LARGE (64 * 1024 * 1024)
#define SMALL (256 * 1024)
#define FIRST FOLDER "/0000000000000001.seg"

static void
expect(const GArray *numbers, guint n)
{
    g_assert_cmpuint(numbers->len, ==, n);
    for (guint i = 0; i < n; i++)
        g_assert_cmpuint(g_array_index(numbers, guint, i), ==, i);
}

/* What was whole is there, what was cut is not, and it goes on. */
static void
cut_at(McpFakeDisk *whole, gsize length, const gsize *ends, guint n)
{
    g_autoptr(McpFakeDisk) fake = mcp_fake_disk_copy(whole);
    g_autoptr(GArray) left = NULL;
    g_autoptr(GArray) again = NULL;
    McpJournal *journal = NULL;
    McpJournalCounts counts;
    guint expected = 0;

    g_byte_array_set_size(mcp_fake_disk_peek(fake, FIRST), (guint)length);
    while (expected < n && ends[expected] <= length)
        expected++;
    journal = open_journal(fake, LARGE, FALSE);
    left = read_numbers(journal);
    expect(left, expected);
    g_assert_true(append_record(journal, expected, 0, 9));
    g_assert_true(mcp_journal_sync(journal, NULL));
    mcp_journal_free(journal);
    journal = open_journal(fake, LARGE, FALSE);
    again = read_numbers(journal);
    expect(again, expected + 1);
    mcp_journal_count(journal, &counts);
    /* No number is used twice, but where it cannot be seen that there was more. */
    if (length < 32 || (expected < n && length > (expected > 0 ? ends[expected - 1] : 32)))
        g_assert_cmpuint(counts.last, >, n);
    g_assert_cmpuint(counts.cut + counts.damaged + counts.aside, ==, 0);
    mcp_journal_free(journal);
}

static void
test_cut_everywhere(void)
{
    g_autoptr(McpFakeDisk) whole = mcp_fake_disk_new();
    McpJournal *journal = open_journal(whole, LARGE, FALSE);
    const GByteArray *file = NULL;
    gsize ends[8] = {0};

    for (guint i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_assert_true(append_record(journal, i, 0, i * 5));
        ends[i] = mcp_fake_disk_peek(whole, FIRST)->len;
    }
    g_assert_true(mcp_journal_sync(journal, NULL));
    mcp_journal_free(journal);
    file = mcp_fake_disk_peek(whole, FIRST);
    for (gsize length = 0; length < file->len; length++)
        cut_at(whole, length, ends, G_N_ELEMENTS(ends));
}

/* A run with a consumer, and what must be there after the power has gone at any time. */
typedef struct {
    McpFakeDisk *fake;
    GRand *rand;
    McpJournal *journal;
    guint written;       /* numbers below it were written */
    guint synced;        /* numbers below it are on the disk itself, or were lost */
    guint consumed;      /* numbers below it were acknowledged, or lost */
    GHashTable *kept;    /* numbers on the disk itself that the consumer has not acknowledged */
    GHashTable *numbers; /* sequence → number, of all that the consumer ever saw */
} Run;

static void
consume(Run *run)
{
    g_autoptr(GPtrArray) records = mcp_journal_read(run->journal, 20, LARGE, NULL);

    for (guint i = 0; i < records->len; i++) {
        const McpSpoolRecord *record = records->pdata[i];
        guint number = number_of(record);
        gpointer known = NULL;

        if (g_hash_table_lookup_extended(run->numbers, GSIZE_TO_POINTER(record->sequence), NULL,
                                         &known))
            g_assert_cmpuint(GPOINTER_TO_UINT(known), ==, number);
        g_hash_table_insert(run->numbers, GSIZE_TO_POINTER(record->sequence),
                            GUINT_TO_POINTER(number));
        mcp_journal_acknowledge(run->journal, &record->sequence, 1);
        g_hash_table_remove(run->kept, GUINT_TO_POINTER(number));
        run->consumed = MAX(run->consumed, number + 1);
    }
}

static void
sync_run(Run *run)
{
    g_assert_true(mcp_journal_sync(run->journal, NULL));
    for (; run->synced < run->written; run->synced++)
        if (run->synced >= run->consumed)
            g_hash_table_add(run->kept, GUINT_TO_POINTER(run->synced));
}

static void
step(Run *run)
{
    switch (g_rand_int_range(run->rand, 0, 6)) {
    case 0:
        sync_run(run);
        break;
    case 1:
        consume(run);
        break;
    case 2:
        g_assert_true(mcp_journal_save(run->journal, NULL));
        break;
    default:
        g_assert_true(append_record(run->journal, run->written++, 0,
                                    (gsize)g_rand_int_range(run->rand, 0, 3000)));
        break;
    }
}

/* Some more than was synced may be there; what the consumer has may come again. */
static void
lose_power(Run *run)
{
    g_autoptr(GArray) numbers = NULL;

    mcp_journal_free(run->journal);
    mcp_fake_disk_lose_power(run->fake, run->rand);
    run->journal = open_journal(run->fake, LARGE, FALSE);
    numbers = read_numbers(run->journal);
    for (guint i = 0; i < numbers->len; i++) {
        guint number = g_array_index(numbers, guint, i);

        if (i > 0)
            g_assert_cmpuint(number, >, g_array_index(numbers, guint, i - 1));
        g_hash_table_remove(run->kept, GUINT_TO_POINTER(number));
    }
    g_assert_cmpuint(g_hash_table_size(run->kept), ==, 0);
    for (guint i = 0; i < numbers->len; i++)
        g_hash_table_add(run->kept, GUINT_TO_POINTER(g_array_index(numbers, guint, i)));
    run->synced = run->written;
    mcp_journal_rewind(run->journal);
}

static void
test_power_loss(void)
{
    for (guint32 seed = 0; seed < 60; seed++) {
        g_autoptr(McpFakeDisk) fake = mcp_fake_disk_new();
        g_autoptr(GHashTable) numbers = g_hash_table_new(NULL, NULL);
        g_autoptr(GHashTable) kept = g_hash_table_new(NULL, NULL);
        GRand *rand = g_rand_new_with_seed(seed);
        Run run = {fake, rand, open_journal(fake, LARGE, FALSE), 0, 0, 0, kept, numbers};

        for (guint loss = 0; loss < 4; loss++) {
            gint32 steps = g_rand_int_range(rand, 1, 120);

            for (gint32 i = 0; i < steps; i++)
                step(&run);
            lose_power(&run);
        }
        mcp_journal_free(run.journal);
        g_rand_free(rand);
    }
}

static void
flip(GByteArray *file, GRand *rand, gsize least)
{
    gsize at = (gsize)g_rand_int_range(rand, (gint32)least, (gint32)file->len);

    file->data[at] ^= (guint8)g_rand_int_range(rand, 1, 256);
}

/* All records but those that were hit, in order, and the same once more. */
static void
check_damaged(McpFakeDisk *fake, guint n, guint flips)
{
    McpJournal *journal = open_journal(fake, LARGE, FALSE);
    g_autoptr(GArray) first = read_numbers(journal);
    g_autoptr(GArray) second = NULL;
    McpJournalCounts counts;
    guint64 aside = 0;

    g_assert_cmpuint(first->len + flips, >=, n);
    g_assert_cmpuint(first->len, <, n);
    mcp_journal_count(journal, &counts);
    g_assert_cmpuint(counts.damaged + counts.cut, >, 0);
    aside = counts.aside;
    mcp_journal_free(journal);
    journal = open_journal(fake, LARGE, FALSE);
    second = read_numbers(journal);
    g_assert_cmpuint(second->len, ==, first->len);
    g_assert_true(memcmp(first->data, second->data, first->len * sizeof(guint)) == 0);
    mcp_journal_count(journal, &counts);
    g_assert_cmpuint(counts.damaged, ==, 0);
    g_assert_cmpuint(counts.aside, ==, aside);
    mcp_journal_free(journal);
}

static void
test_damage(void)
{
    g_autoptr(McpFakeDisk) whole = mcp_fake_disk_new();
    McpJournal *journal = open_journal(whole, LARGE, FALSE);
    const guint n = 40;

    for (guint i = 0; i < n; i++)
        g_assert_true(append_record(journal, i, 0, 100 + i));
    g_assert_true(mcp_journal_sync(journal, NULL));
    mcp_journal_free(journal);
    for (guint32 seed = 0; seed < 300; seed++) {
        g_autoptr(McpFakeDisk) fake = mcp_fake_disk_copy(whole);
        GRand *rand = g_rand_new_with_seed(seed);
        guint flips = 1 + seed % 4;

        for (guint i = 0; i < flips; i++)
            flip(mcp_fake_disk_peek(fake, FIRST), rand, 32);
        check_damaged(fake, n, flips);
        g_rand_free(rand);
    }
}

/* A quarantine that damage has filled by half keeps nothing from being sent again, once. */
static void
test_replay_beside_damage(void)
{
    g_autoptr(McpFakeDisk) fake = mcp_fake_disk_new();
    McpJournal *journal = open_journal(fake, SMALL, FALSE);
    g_autoptr(GPtrArray) first = NULL;
    McpJournalCounts counts;

    g_assert_true(append_record(journal, 0, 0, 20000));
    g_assert_true(append_record(journal, 1, 0, 50));
    g_assert_true(mcp_journal_sync(journal, NULL));
    mcp_journal_free(journal);
    mcp_fake_disk_peek(fake, FIRST)->data[1000] ^= 0x55;
    journal = open_journal(fake, SMALL, FALSE);
    first = mcp_journal_read(journal, 1, SMALL, NULL);
    g_assert_true(mcp_journal_quarantine(journal, first->pdata[0], "no such queue", NULL));
    for (guint i = 0; i < 2; i++) {
        g_assert_cmpint(mcp_journal_replay(journal, NULL), ==, i == 0 ? 1 : 0);
        mcp_journal_count(journal, &counts);
        g_assert_cmpuint(counts.aside, ==, 1);
        g_assert_cmpuint(counts.pending, ==, 2);
    }
    mcp_journal_free(journal);
}

/* Damage to a header, the identity or the cursor costs no record. */
static void
test_damaged_heads(void)
{
    static const char *const files[] = {FIRST, FOLDER "/identity", FOLDER "/cursor"};

    for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(McpFakeDisk) fake = mcp_fake_disk_new();
        McpJournal *journal = open_journal(fake, LARGE, FALSE);
        guint64 identity = mcp_journal_get_identity(journal);
        g_autoptr(GArray) numbers = NULL;

        for (guint k = 0; k < 10; k++)
            g_assert_true(append_record(journal, k, 0, 50));
        g_assert_true(mcp_journal_sync(journal, NULL));
        mcp_journal_free(journal);
        if (mcp_fake_disk_peek(fake, files[i])->len > 0)
            mcp_fake_disk_peek(fake, files[i])->data[3] ^= 0x55;
        journal = open_journal(fake, LARGE, FALSE);
        g_assert_cmpuint(mcp_journal_get_identity(journal), ==, identity);
        numbers = read_numbers(journal);
        expect(numbers, 10);
        mcp_journal_free(journal);
    }
}

/* Damage while it is open is met by the reader. */
static void
test_damage_while_open(void)
{
    g_autoptr(McpFakeDisk) fake = mcp_fake_disk_new();
    g_autoptr(McpJournal) journal = open_journal(fake, LARGE, FALSE);
    g_autoptr(GArray) numbers = NULL;
    g_autoptr(GArray) again = NULL;
    g_autoptr(GPtrArray) aside = NULL;

    for (guint i = 0; i < 20; i++)
        g_assert_true(append_record(journal, i, 0, 100));
    g_assert_true(mcp_journal_sync(journal, NULL));
    mcp_fake_disk_peek(fake, FIRST)->data[900] ^= 1;
    numbers = read_numbers(journal);
    g_assert_cmpuint(numbers->len, ==, 19);
    again = read_numbers(journal);
    g_assert_cmpuint(again->len, ==, 19);
    aside = mcp_journal_export(journal, TRUE, 0, 10, NULL);
    g_assert_cmpuint(aside->len, ==, 1);
    /* It is no record that could be sent again. */
    g_assert_cmpint(mcp_journal_replay(journal, NULL), ==, 0);
    g_clear_pointer(&aside, g_ptr_array_unref);
    aside = mcp_journal_export(journal, TRUE, 0, 10, NULL);
    g_assert_cmpuint(aside->len, ==, 1);
}

static void
test_no_space(void)
{
    g_autoptr(McpFakeDisk) fake = mcp_fake_disk_new();
    McpJournal *journal = open_journal(fake, LARGE, FALSE);
    g_autoptr(GArray) numbers = NULL;
    guint n = 0;

    for (gsize limit = 5000; limit < 90000; limit += 3001) {
        g_autoptr(GPtrArray) batch =
            g_ptr_array_new_with_free_func((GDestroyNotify)mcp_spool_record_unref);
        g_autoptr(GError) error = NULL;

        mcp_fake_disk_limit(fake, limit);
        while (append_record(journal, n, 0, 333))
            n++;
        for (guint i = 0; i < 5; i++)
            g_ptr_array_add(batch, make_record(n + i, 0, 333));
        g_assert_false(mcp_journal_append(journal, batch, &error));
        g_assert_nonnull(strstr(error->message, g_strerror(ENOSPC)));
        /* A process that ends now finds no more and no less. */
        mcp_journal_sync(journal, NULL);
        mcp_journal_free(journal);
        journal = make_journal(fake, LARGE, FALSE);
        mcp_fake_disk_limit(fake, limit + 3001);
        g_assert_true(mcp_journal_open(journal, NULL));
    }
    mcp_fake_disk_limit(fake, 0);
    numbers = read_numbers(journal);
    expect(numbers, n);
    mcp_journal_free(journal);
}

static void
test_failing_sync(void)
{
    g_autoptr(McpFakeDisk) fake = mcp_fake_disk_new();
    McpJournal *journal = open_journal(fake, LARGE, FALSE);
    g_autoptr(GArray) numbers = NULL;
    g_autoptr(GArray) again = NULL;
    g_autoptr(GError) error = NULL;
    McpJournalCounts counts;

    for (guint i = 0; i < 3; i++)
        g_assert_true(append_record(journal, i, 0, 50));
    g_assert_true(mcp_journal_sync(journal, NULL));
    for (guint round = 0; round < 3; round++) {
        for (guint i = 3; i < 6; i++)
            g_assert_true(append_record(journal, i, 0, 50));
        mcp_fake_disk_fail(fake, 0, EIO);
        g_assert_false(mcp_journal_sync(journal, &error));
        g_assert_nonnull(strstr(error->message, g_strerror(EIO)));
        g_clear_error(&error);
        mcp_journal_count(journal, &counts);
        g_assert_cmpuint(counts.pending, ==, 3);
        g_assert_false(append_record(journal, 3, 0, 50)); /* a new segment is synced, too */
        mcp_fake_disk_fail(fake, 0, 0);
    }
    for (guint i = 3; i < 6; i++)
        g_assert_true(append_record(journal, i, 0, 50));
    g_assert_true(mcp_journal_sync(journal, NULL));
    numbers = read_numbers(journal);
    expect(numbers, 6);
    mcp_journal_free(journal);
    journal = open_journal(fake, LARGE, FALSE);
    again = read_numbers(journal);
    expect(again, 6);
    mcp_journal_free(journal);
}

static void
test_failing_open(void)
{
    g_autoptr(McpFakeDisk) fake = mcp_fake_disk_new();
    g_autoptr(McpJournal) journal = make_journal(fake, LARGE, FALSE);
    g_autoptr(GArray) numbers = NULL;

    mcp_fake_disk_fail(fake, EACCES, 0);
    g_assert_false(mcp_journal_open(journal, NULL));
    mcp_fake_disk_fail(fake, 0, EIO);
    g_assert_false(mcp_journal_open(journal, NULL));
    mcp_fake_disk_fail(fake, 0, 0);
    g_assert_true(mcp_journal_open(journal, NULL));
    g_assert_true(append_record(journal, 0, 0, 50));
    g_assert_true(mcp_journal_sync(journal, NULL));
    numbers = read_numbers(journal);
    expect(numbers, 1);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/journal/cut-everywhere", test_cut_everywhere);
    g_test_add_func("/journal/power-loss", test_power_loss);
    g_test_add_func("/journal/damage", test_damage);
    g_test_add_func("/journal/replay-beside-damage", test_replay_beside_damage);
    g_test_add_func("/journal/damaged-heads", test_damaged_heads);
    g_test_add_func("/journal/damage-while-open", test_damage_while_open);
    g_test_add_func("/journal/no-space", test_no_space);
    g_test_add_func("/journal/failing-sync", test_failing_sync);
    g_test_add_func("/journal/failing-open", test_failing_open);
    return g_test_run();
}
