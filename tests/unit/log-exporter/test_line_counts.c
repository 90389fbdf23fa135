/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of counters of log lines: what is told apart, their limit, many threads; and observers of
 * the log that come and go while others write. */
#include <line_counts.h>
#include <util/log.h>

typedef struct {
    gint64 lines;
    gint64 other;
    guint series;
} Sum;

static void
sum_up(const char *plugin, const char *id, McpLogLevel level, gint64 count, gpointer user_data)
{
    Sum *sum = user_data;

    sum->lines += count;
    if (g_str_equal(plugin, MCP_LINE_COUNTS_OTHER) && g_str_equal(id, MCP_LINE_COUNTS_OTHER))
        sum->other += count;
    else
        sum->series++;
}

static Sum
sum_of(McpLineCounts *counts)
{
    Sum sum = {0};

    mcp_line_counts_foreach(counts, sum_up, &sum);
    return sum;
}

static void
test_told_apart(void)
{
    McpLineCounts *counts = mcp_line_counts_new(10);
    g_autofree char *copy = g_strdup("a");
    Sum sum;

    mcp_line_counts_add(counts, MCP_LOG_INFO, "p", "a");
    mcp_line_counts_add(counts, MCP_LOG_INFO, "p", copy);
    mcp_line_counts_add(counts, MCP_LOG_ERROR, "p", "a");
    mcp_line_counts_add(counts, MCP_LOG_INFO, "q", "a");
    mcp_line_counts_add(counts, MCP_LOG_INFO, "p", "b");
    sum = sum_of(counts);
    g_assert_cmpint(sum.lines, ==, 5);
    g_assert_cmpuint(sum.series, ==, 4);
    g_assert_cmpint(sum.other, ==, 0);
    mcp_line_counts_free(counts);
}

static void
test_limit(void)
{
    McpLineCounts *counts = mcp_line_counts_new(10);
    Sum sum;

    for (guint i = 0; i < 10000; i++) {
        g_autofree char *id = g_strdup_printf("id-%u", i);

        mcp_line_counts_add(counts, (McpLogLevel)(i % MCP_LINE_COUNTS_LEVELS), "p", id);
    }
    mcp_line_counts_add(counts, MCP_LOG_ERROR, "p", "id-0");
    sum = sum_of(counts);
    g_assert_cmpint(sum.lines, ==, 10001);
    g_assert_cmpuint(sum.series, ==, 10);
    g_assert_cmpint(sum.other, ==, 9990);
    mcp_line_counts_free(counts);
}

#define THREADS 4
#define ROUNDS 5000

static gpointer
count_many(gpointer data)
{
    for (guint i = 0; i < ROUNDS; i++) {
        g_autofree char *id = g_strdup_printf("id-%u", i % 50);

        mcp_line_counts_add(data, MCP_LOG_INFO, "p", id);
    }
    return NULL;
}

static void
test_threads(void)
{
    McpLineCounts *counts = mcp_line_counts_new(100);
    GThread *threads[THREADS];
    Sum sum;

    for (guint i = 0; i < THREADS; i++)
        threads[i] = g_thread_new("counter", count_many, counts);
    for (guint i = 0; i < THREADS; i++)
        g_thread_join(threads[i]);
    sum = sum_of(counts);
    g_assert_cmpint(sum.lines, ==, THREADS * ROUNDS);
    g_assert_cmpuint(sum.series, ==, 50);
    g_assert_cmpint(sum.other, ==, 0);
    mcp_line_counts_free(counts);
}

typedef struct {
    gint lines; /* atomic */
    gint here;  /* atomic: the observer may be called */
} Watched;

static void
watch(McpLogLevel level, const char *plugin, const char *id, const char *call_id, const char *text,
      gpointer user_data)
{
    Watched *watched = user_data;

    g_assert_cmpint(g_atomic_int_get(&watched->here), ==, 1);
    g_atomic_int_inc(&watched->lines);
}

static gpointer
write_lines(gpointer data)
{
    gint *stop = data;

    while (g_atomic_int_get(stop) == 0)
        mcp_log_message(MCP_LOG_INFO, "mcp-test", "test", NULL, "a line");
    return NULL;
}

static void
test_observers(void)
{
    gint stop = 0;
    Watched watched[2] = {0};
    GThread *thread = NULL;
    guint places[8];

    mcp_log_set_output(MCP_LOG_OUTPUT_JSON);
    thread = g_thread_new("writer", write_lines, &stop);
    for (guint round = 0; round < 50; round++) {
        Watched *one = &watched[round % 2];
        gint before = g_atomic_int_get(&one->lines);
        guint number = 0;

        g_atomic_int_set(&one->here, 1);
        number = mcp_log_add_observer(watch, one);
        g_assert_cmpuint(number, >, 0);
        while (g_atomic_int_get(&one->lines) == before)
            g_thread_yield();
        mcp_log_remove_observer(number);
        g_atomic_int_set(&one->here, 0);
    }
    g_atomic_int_set(&stop, 1);
    g_thread_join(thread);
    g_atomic_int_set(&watched[0].here, 1);
    for (guint i = 0; i < G_N_ELEMENTS(places); i++)
        places[i] = mcp_log_add_observer(watch, &watched[0]);
    g_assert_cmpuint(mcp_log_add_observer(watch, &watched[0]), ==, 0);
    for (guint i = 0; i < G_N_ELEMENTS(places); i++)
        mcp_log_remove_observer(places[i]);
    mcp_log_remove_observer(places[0]);
    mcp_log_remove_observer(0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/log-exporter/told-apart", test_told_apart);
    g_test_add_func("/log-exporter/limit", test_limit);
    g_test_add_func("/log-exporter/threads", test_threads);
    g_test_add_func("/log-exporter/observers", test_observers);
    return g_test_run();
}
