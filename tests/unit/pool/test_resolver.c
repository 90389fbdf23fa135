/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resolver against a system that answers, refuses and hangs: shared look-ups, cache, deadline,
 * bound of threads, shedding.
 */
#include <pool/resolver.h>

static GMutex lock;
static GCond released;
static gboolean hanging;
static guint asked;
static guint inside;
static guint most_inside;

static GList *
fake_query(const char *name, GResolverNameLookupFlags flags, GError **error)
{
    GList *list = NULL;

    g_mutex_lock(&lock);
    asked++;
    inside++;
    most_inside = MAX(most_inside, inside);
    while (hanging)
        g_cond_wait(&released, &lock);
    inside--;
    g_mutex_unlock(&lock);
    if (g_str_has_prefix(name, "absent"))
        g_set_error(error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "no %s", name);
    else
        list = g_list_append(NULL, g_inet_address_new_from_string("192.0.2.1"));
    return list;
}

static void
set_hanging(gboolean value)
{
    g_mutex_lock(&lock);
    hanging = value;
    asked = 0;
    most_inside = 0;
    g_cond_broadcast(&released);
    g_mutex_unlock(&lock);
}

typedef struct {
    guint done;
    guint found;
    guint timed_out;
    guint shed;
    guint absent;
} Seen;

static void
on_found(GObject *source, GAsyncResult *result, gpointer data)
{
    Seen *seen = data;
    g_autoptr(GError) error = NULL;
    GList *list = g_resolver_lookup_by_name_finish(G_RESOLVER(source), result, &error);

    seen->done++;
    seen->found += list != NULL;
    seen->timed_out += g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
    seen->shed += g_error_matches(error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_TEMPORARY_FAILURE);
    seen->absent += g_error_matches(error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND);
    g_resolver_free_addresses(list);
}

static void
ask(GResolver *resolver, const char *name, Seen *seen)
{
    g_resolver_lookup_by_name_async(resolver, name, NULL, on_found, seen);
}

static void
wait_for(Seen *seen, guint count)
{
    while (seen->done < count)
        g_main_context_iteration(NULL, TRUE);
}

static void
test_shared_and_cached(void)
{
    g_autoptr(McpClock) clock = mcp_clock_new_virtual();
    g_autoptr(GResolver) resolver = mcp_resolver_new_with_query(clock, fake_query);
    Seen seen = {0};

    set_hanging(TRUE);
    for (guint i = 0; i < 100; i++)
        ask(resolver, "a.test", &seen);
    g_mutex_lock(&lock);
    hanging = FALSE;
    g_cond_broadcast(&released);
    g_mutex_unlock(&lock);
    wait_for(&seen, 100);
    g_assert_cmpuint(seen.found, ==, 100);
    ask(resolver, "a.test", &seen);
    wait_for(&seen, 101);
    g_assert_cmpuint(asked, ==, 1);
    mcp_clock_advance(clock, 31 * G_TIME_SPAN_SECOND);
    ask(resolver, "a.test", &seen);
    wait_for(&seen, 102);
    g_assert_cmpuint(asked, ==, 2);
}

static void
test_absent(void)
{
    g_autoptr(McpClock) clock = mcp_clock_new_virtual();
    g_autoptr(GResolver) resolver = mcp_resolver_new_with_query(clock, fake_query);
    g_autoptr(GError) error = NULL;
    Seen seen = {0};

    set_hanging(FALSE);
    ask(resolver, "absent.test", &seen);
    wait_for(&seen, 1);
    ask(resolver, "absent.test", &seen);
    wait_for(&seen, 2);
    g_assert_cmpuint(seen.absent, ==, 2);
    g_assert_cmpuint(asked, ==, 1);
    g_assert_null(g_resolver_lookup_by_name(resolver, "absent2.test", NULL, &error));
    g_assert_error(error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND);
    mcp_clock_advance(clock, 6 * G_TIME_SPAN_SECOND);
    ask(resolver, "absent.test", &seen);
    wait_for(&seen, 3);
    g_assert_cmpuint(asked, ==, 3);
}

static void
test_hanging(void)
{
    enum { COUNT = 300 };
    g_autoptr(McpClock) clock = mcp_clock_new_virtual();
    g_autoptr(GResolver) resolver = mcp_resolver_new_with_query(clock, fake_query);
    Seen seen = {0};

    set_hanging(TRUE);
    for (guint i = 0; i < COUNT; i++) {
        g_autofree char *name = g_strdup_printf("n%u.test", i);

        ask(resolver, name, &seen);
    }
    while (g_main_context_iteration(NULL, FALSE))
        ;
    g_assert_cmpuint(seen.shed, ==, COUNT - 256);
    g_assert_cmpuint(seen.done, ==, seen.shed);
    mcp_clock_advance(clock, 2 * G_TIME_SPAN_SECOND);
    wait_for(&seen, COUNT);
    g_assert_cmpuint(seen.timed_out, ==, 256);
    g_mutex_lock(&lock);
    g_assert_cmpuint(most_inside, <=, MCP_RESOLVER_THREADS);
    hanging = FALSE;
    g_cond_broadcast(&released);
    g_mutex_unlock(&lock);
    /* What hung comes back and serves those who ask next. */
    ask(resolver, "n0.test", &seen);
    wait_for(&seen, COUNT + 1);
    g_assert_cmpuint(seen.found, ==, 1);
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

static void
test_system(void)
{
    g_autoptr(McpClock) clock = mcp_clock_new();
    g_autoptr(GResolver) resolver = mcp_resolver_new(clock);
    g_autoptr(GError) error = NULL;
    GList *list = g_resolver_lookup_by_name(resolver, "localhost", NULL, &error);

    g_assert_no_error(error);
    g_assert_nonnull(list);
    g_resolver_free_addresses(list);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/resolver/shared", test_shared_and_cached);
    g_test_add_func("/resolver/absent", test_absent);
    g_test_add_func("/resolver/hanging", test_hanging);
    g_test_add_func("/resolver/system", test_system);
    return g_test_run();
}
