/* SPDX-License-Identifier: Apache-2.0 */
/* Back-off and breaker: bounds of the waits, what opens and closes, the one try after a pause. */
#include <mcp/breaker.h>

static void
test_waits(void)
{
    McpBackoff backoff = {0};
    gint64 whole = 100;

    for (guint i = 0; i < 100; i++) {
        gint64 wait = mcp_backoff_next(&backoff, 100, 5000);

        g_assert_cmpint(wait, >=, whole / 2);
        g_assert_cmpint(wait, <=, whole);
        whole = MIN(whole * 2, 5000);
    }
    mcp_backoff_reset(&backoff);
    g_assert_cmpint(mcp_backoff_next(&backoff, 100, 5000), <=, 100);
}

static void
test_spread(void)
{
    gint64 least = G_MAXINT64;
    gint64 most = 0;

    for (guint i = 0; i < 1000; i++) {
        McpBackoff backoff = {0};
        gint64 wait = mcp_backoff_next(&backoff, 1000, 1000);

        least = MIN(least, wait);
        most = MAX(most, wait);
    }
    g_assert_cmpint(most - least, >, 250);
}

static void
test_opens(void)
{
    McpBreaker breaker = {0};

    g_assert_false(mcp_breaker_failed(&breaker, 1000, 3, 500));
    g_assert_false(mcp_breaker_failed(&breaker, 1000, 3, 500));
    mcp_breaker_succeeded(&breaker);
    g_assert_false(mcp_breaker_failed(&breaker, 1000, 3, 500));
    g_assert_false(mcp_breaker_failed(&breaker, 1000, 3, 500));
    g_assert_true(mcp_breaker_allows(&breaker, 1000));
    g_assert_true(mcp_breaker_failed(&breaker, 1000, 3, 500));
    g_assert_true(mcp_breaker_is_open(&breaker));
    g_assert_false(mcp_breaker_allows(&breaker, 1499));
}

static void
test_one_try(void)
{
    McpBreaker breaker = {0};

    g_assert_true(mcp_breaker_failed(&breaker, 1000, 1, 500));
    g_assert_true(mcp_breaker_allows(&breaker, 1500));
    g_assert_false(mcp_breaker_allows(&breaker, 1500));
    g_assert_true(mcp_breaker_failed(&breaker, 1600, 1, 500));
    g_assert_false(mcp_breaker_allows(&breaker, 2000));
    g_assert_true(mcp_breaker_allows(&breaker, 2100));
    mcp_breaker_succeeded(&breaker);
    g_assert_false(mcp_breaker_is_open(&breaker));
    g_assert_true(mcp_breaker_allows(&breaker, 2100));
    g_assert_true(mcp_breaker_allows(&breaker, 2100));
}

/* A try that tells nothing leaves the next one to somebody else. */
static void
test_unknown(void)
{
    McpBreaker breaker = {0};

    g_assert_true(mcp_breaker_failed(&breaker, 1000, 1, 500));
    g_assert_true(mcp_breaker_allows(&breaker, 1500));
    mcp_breaker_unknown(&breaker);
    g_assert_true(mcp_breaker_allows(&breaker, 1500));
    g_assert_true(mcp_breaker_is_open(&breaker));
}

/* What was let through before it opened does not lengthen the pause. */
static void
test_late_failures(void)
{
    McpBreaker breaker = {0};

    g_assert_true(mcp_breaker_failed(&breaker, 1000, 1, 500));
    g_assert_false(mcp_breaker_failed(&breaker, 1400, 1, 500));
    g_assert_true(mcp_breaker_allows(&breaker, 1500));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/backoff/waits", test_waits);
    g_test_add_func("/backoff/spread", test_spread);
    g_test_add_func("/breaker/opens", test_opens);
    g_test_add_func("/breaker/one-try", test_one_try);
    g_test_add_func("/breaker/unknown", test_unknown);
    g_test_add_func("/breaker/late-failures", test_late_failures);
    return g_test_run();
}
