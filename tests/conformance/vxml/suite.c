/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs VoiceXML applications that judge themselves: each line of the standard input names a test,
 * its first page, and optionally what the caller does, the result, what must be heard ("@FILE":
 * the audio of a file), what a party does that is called, and what is done to it, tab-separated. Prints TAP. The verdict is the exit value: "pass" passes, or
 * what the line expects instead.
 */
#include <mcp/log.h>
#include <stdio.h>
#include <string.h>

#include "engine.h"
#include "session_run.h"

#define N_FIELDS 7

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

/* (transfer full): the words themselves; for "@FILE" what the audio of that file is called. */
static char *
wanted(const Suite *suite, const char *words)
{
    if (*words != '@')
        return g_strdup(words);
    for (guint i = 0; i < suite->folders->len; i++) {
        g_autofree char *path = g_build_filename(suite->folders->pdata[i], words + 1, NULL);
        g_autoptr(GBytes) bytes = NULL;
        char *data;
        gsize length;

        if (!g_file_get_contents(path, &data, &length, NULL))
            continue;
        bytes = g_bytes_new_take(data, length);
        return fake_audio_name(bytes);
    }
    return g_strdup_printf("(no file %s)", words + 1);
}

/* Words that must be heard in this order, separated by "|". */
static gboolean
heard_in_order(const Suite *suite, SessionRun *run, const char *list)
{
    g_auto(GStrv) words = g_strsplit(list, "|", -1);
    g_autoptr(GString) all = g_string_new(NULL);
    GPtrArray *heard = fake_leg_get_heard(run->leg);
    const char *from;

    for (guint i = 0; i < heard->len; i++)
        g_string_append_printf(all, "%s\n", (char *)heard->pdata[i]);
    from = all->str;
    for (guint i = 0; words[i] != NULL; i++) {
        g_autofree char *text = wanted(suite, words[i]);

        from = strstr(from, text);
        if (from == NULL)
            return FALSE;
        from += strlen(text);
    }
    return TRUE;
}

/* What was done to others, "dial URI|join|hang-up", all of it. */
static gboolean
done_in_order(SessionRun *run, const char *list)
{
    g_auto(GStrv) words = g_strsplit(list, "|", -1);
    GPtrArray *log = fake_dialler_get_log(run->dialler);

    if (g_strv_length(words) != log->len)
        return FALSE;
    for (guint i = 0; i < log->len; i++)
        if (strcmp(words[i], log->pdata[i]) != 0)
            return FALSE;
    return TRUE;
}

static gboolean
judge(const Suite *suite, SessionRun *run, char **fields)
{
    const char *expected = *fields[3] != '\0' ? fields[3] : "\"pass\"";
    const char *heard = fields[4];

    if (*fields[6] != '\0' && !done_in_order(run, fields[6]))
        return FALSE;
    if (*heard != '\0' && !heard_in_order(suite, run, heard))
        return FALSE;
    return g_strcmp0(run->result != NULL ? run->result : "-", expected) == 0;
}

static void
run_one(Suite *suite, char **fields)
{
    const char *name = fields[0];
    const char *caller = fields[2];
    g_autoptr(SessionRun) run = session_run_new();
    gint64 start = g_get_monotonic_time();
    gboolean ok;

    use_engine(run, suite->pool);
    run->speech = TRUE;
    for (guint i = 0; i < suite->folders->len; i++)
        fake_fetcher_add_folder(run->fetcher, suite->folders->pdata[i]);
    if (*caller != '\0')
        session_run_script(run, caller);
    else
        session_run_obey(run);
    session_run_far(run, fields[5]);
    session_run(run, fields[1]);
    ok = judge(suite, run, fields);
    if (!ok)
        suite->failures++;
    printf("%sok %u - %s # %d ms\n", ok ? "" : "not ", ++suite->number, name,
           (int)((g_get_monotonic_time() - start) / 1000));
    if (!ok || g_getenv("VXML_SUITE_VERBOSE") != NULL) {
        GPtrArray *said = fake_leg_get_heard(run->leg);

        printf("# %s: ended by %s, result %s\n", name, run->reason,
               run->result != NULL ? run->result : "none");
        for (guint i = 0; i < said->len; i++)
            printf("#   heard: %s\n", (char *)said->pdata[i]);
        for (guint i = 0; i < fake_dialler_get_log(run->dialler)->len; i++)
            printf("#   done: %s\n", (char *)fake_dialler_get_log(run->dialler)->pdata[i]);
    }
    fflush(stdout);
}

static void
run_all(Suite *suite)
{
    char line[4096];

    while (fgets(line, sizeof line, stdin) != NULL) {
        g_auto(GStrv) given = g_strsplit(g_strchomp(line), "\t", N_FIELDS);
        char empty[] = "";
        char *fields[N_FIELDS] = {empty, empty, empty, empty, empty, empty, empty};

        for (guint i = 0; i < N_FIELDS && given[i] != NULL; i++)
            fields[i] = given[i];
        if (*fields[0] != '\0')
            run_one(suite, fields);
    }
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
