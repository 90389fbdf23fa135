/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs VoiceXML applications that judge themselves: each line of the standard input names a test,
 * its first page, and what the test says about itself as "key=value" (expectations.h; caller: what
 * the caller does; far: what a party does that is called; serve: how pages answer; without: a
 * service that is not running, "store"; known: why it fails today), tab-separated. Prints TAP. The
 * verdict is the exit value: "pass" passes, or what the line expects instead. A test that is known
 * to fail is a failure when it passes.
 */
#include <mcp/log.h>
#include <stdio.h>
#include <string.h>

#include "engine.h"
#include "expectations.h"
#include "session_run.h"

typedef struct {
    GPtrArray *folders;
    McpPool *pool;
    guint number;
    guint failures;
} Suite;

static McpFetcher *
find_fetcher(gpointer user_data)
{
    return MCP_FETCHER(g_object_ref(((SessionRun *)user_data)->fetcher));
}

/* The platform's own grammar engine. */
static void
use_engine(SessionRun *run, McpPool *pool)
{
    McpGrammarConfig config = {.cache = 1 << 20, .max_size = 1 << 20, .max_documents = 8};
    McpCompilerDeps deps = {
        .compute = pool, .clock = run->clock, .find_fetcher = find_fetcher, .user_data = run};

    g_object_unref(run->grammar);
    run->grammar = MCP_GRAMMAR_ENGINE(mcp_srgs_engine_new(&config, &deps));
}

static void
tell(SessionRun *run, const char *name, const char *why)
{
    static const char *const titles[] = {"heard", "asked", "done", "told"};
    GPtrArray *lists[] = {fake_leg_get_heard(run->leg), fake_fetcher_get_requests(run->fetcher),
                          fake_dialler_get_log(run->dialler),
                          g_getenv("VXML_SUITE_VERBOSE") != NULL ? run->told : NULL};

    printf("# %s: ended by %s, result %s\n", name, run->reason,
           run->result != NULL ? run->result : "none");
    printf("#   %s\n", why != NULL ? why : "as it should be");
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
        for (guint j = 0; lists[i] != NULL && j < lists[i]->len; j++)
            printf("#   %s: %s\n", titles[i], (char *)lists[i]->pdata[j]);
}

/* A test of a known fault is as it should be while it fails. */
static void
report(Suite *suite, const Test *test, SessionRun *run, const char *why, gint64 start)
{
    const char *known = test_get(test, "known");
    gboolean good = (why == NULL) == (*known == '\0');

    suite->number++;
    suite->failures += good ? 0 : 1;
    printf("%sok %u - %s # ", good ? "" : "not ", suite->number, test->name);
    if (*known != '\0' && good)
        printf("known fault: %s\n", known);
    else
        printf("%d ms\n", (int)((g_get_monotonic_time() - start) / 1000));
    if (!good && why == NULL)
        printf("# %s is no known fault any more: it passes\n", test->name);
    if (!good || g_getenv("VXML_SUITE_VERBOSE") != NULL)
        tell(run, test->name, why);
    fflush(stdout);
}

static void
run_one(Suite *suite, const Test *test)
{
    const char *caller = test_get(test, "caller");
    g_autoptr(SessionRun) run = session_run_new();
    gint64 start = g_get_monotonic_time();
    g_autofree char *why = NULL;

    use_engine(run, suite->pool);
    run->recognizer = fake_recognizer_new();
    for (guint i = 0; i < suite->folders->len; i++)
        fake_fetcher_add_folder(run->fetcher, suite->folders->pdata[i]);
    expectations_serve(run, test_get(test, "serve"));
    if (*caller != '\0')
        session_run_script(run, caller);
    else
        session_run_obey(run);
    session_run_far(run, test_get(test, "far"));
    run->without = test_get(test, "without");
    session_run(run, test->page);
    why = expectations_failed(test, run, suite->folders);
    report(suite, test, run, why, start);
}

static void
run_line(Suite *suite, char *line)
{
    g_auto(GStrv) given = g_strsplit(g_strchomp(line), "\t", -1);
    Test test;

    if (g_strv_length(given) < 2)
        return;
    test.name = given[0];
    test.page = given[1];
    test.said = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 2; given[i] != NULL; i++) {
        char *value = strchr(given[i], '=');

        if (value == NULL)
            continue;
        *value++ = '\0';
        g_hash_table_insert(test.said, given[i], value);
    }
    run_one(suite, &test);
    g_hash_table_unref(test.said);
}

static void
run_all(Suite *suite)
{
    char line[4096];

    while (fgets(line, sizeof line, stdin) != NULL)
        run_line(suite, line);
    printf("1..%u\n", suite->number);
}

int
main(int argc, char **argv)
{
    Suite suite = {.folders = g_ptr_array_new(), .pool = mcp_pool_new("compute", 1, 8)};

    mcp_log_set_level(g_getenv("VXML_SUITE_VERBOSE") != NULL ? MCP_LOG_DEBUG : MCP_LOG_ERROR);
    for (int i = 1; i < argc; i++)
        g_ptr_array_add(suite.folders, argv[i]);
    run_all(&suite);
    g_ptr_array_unref(suite.folders);
    g_object_unref(suite.pool);
    return suite.failures == 0 ? 0 : 1;
}
