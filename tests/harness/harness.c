/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boots the core with fakes and waits for things. Main thread.
 */
#include "harness.h"

#include "util/log.h"

#include <glib/gstdio.h>
#include <mcp/ledger.h>

#define DEADLINE (10 * G_USEC_PER_SEC)

static const char base_config[] = "[core]\nplugins = fake-signalling, fake-media, fake-dialog%s\n"
                                  "shards = 2\nlog_level = error\n%s"
                                  "[records]\nfile = records.jsonl\n%s";

static gboolean
is_true(gpointer user_data)
{
    return *(gboolean *)user_data;
}

static void
wake(gpointer user_data)
{
}

/* One round of the control context; what other threads bring about needs no event here. */
static void
run_a_moment(Harness *harness)
{
    g_autoptr(McpTimer) timer = mcp_clock_after(harness->clock, NULL, 1000, wake, NULL);

    g_main_context_iteration(NULL, TRUE);
}

void
harness_wait(Harness *harness, HarnessCondition condition, gpointer user_data, const char *what)
{
    gint64 end = g_get_monotonic_time() + DEADLINE;

    while (!condition(user_data)) {
        if (g_get_monotonic_time() > end)
            g_error("deadline passed while waiting for %s", what);
        run_a_moment(harness);
    }
}

void
harness_write_config(Harness *harness, const char *extra)
{
    g_autofree char *text =
        g_strdup_printf(base_config, harness->plugins, harness->core_lines, extra);

    g_assert_true(g_file_set_contents(harness->config, text, -1, NULL));
}

static void
on_started(McpCore *core, const GError *error, gpointer user_data)
{
    Harness *harness = user_data;

    harness->started = TRUE;
    harness->error = error != NULL ? g_error_copy(error) : NULL;
}

static void
on_flag(McpCore *core, const GError *error, gpointer user_data)
{
    *(gboolean *)user_data = TRUE;
}

/* The plugins as they were built, for those that are loaded. */
static char *
core_lines(const McpPluginDesc *const *more)
{
    const char *build = g_getenv("MCP_BUILD_ROOT");

    return more != NULL && build != NULL ? g_strdup_printf("plugin_path = %s/plugins\n", build)
                                         : g_strdup("");
}

static Harness *
boot(const McpPluginDesc *const *more, const char *plugins, const char *extra, McpClock *clock)
{
    Harness *harness = g_new0(Harness, 1);
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    McpCoreOptions options = {0};

    mcp_log_set_output(MCP_LOG_OUTPUT_HUMAN);
    fake_plan = (FakePlan){.end_on_terminate = TRUE};
    harness->clock = mcp_clock_new();
    harness->plugins = g_strdup(plugins);
    harness->core_lines = core_lines(more);
    harness->folder = g_dir_make_tmp("mcp-harness-XXXXXX", NULL);
    harness->config = g_build_filename(harness->folder, "mcp.conf", NULL);
    harness_write_config(harness, extra);
    options.source.file = harness->config;
    options.clock = clock;
    harness->core = mcp_core_new(&options);
    mcp_core_add_static(harness->core, &fake_signalling_desc);
    mcp_core_add_static(harness->core, &fake_media_desc);
    mcp_core_add_static(harness->core, &fake_dialog_desc);
    for (guint i = 0; more != NULL && more[i] != NULL; i++)
        mcp_core_add_static(harness->core, more[i]);
    if (!mcp_core_configure(harness->core, errors))
        g_error("configure: %s", (char *)g_ptr_array_index(errors, 0));
    mcp_core_on_drained(harness->core, on_flag, &harness->drained);
    mcp_core_start(harness->core, on_started, harness);
    harness_wait(harness, is_true, &harness->started, "start");
    g_assert_no_error(harness->error);
    return harness;
}

Harness *
harness_new(const char *extra)
{
    return boot(NULL, "", extra, NULL);
}

Harness *
harness_new_with(const McpPluginDesc *const *more, const char *plugins, const char *extra)
{
    return boot(more, plugins, extra, NULL);
}

Harness *
harness_new_virtual(const char *extra)
{
    g_autoptr(McpClock) clock = mcp_clock_new_virtual();

    return boot(NULL, "", extra, clock);
}

static void
check_ledger(const char *type, int live, gpointer user_data)
{
    if (live != 0)
        g_error("%d objects of type %s are left", live, type);
}

void
harness_free(Harness *harness)
{
    g_autofree char *records = g_build_filename(harness->folder, "records.jsonl", NULL);

    mcp_core_stop(harness->core, on_flag, &harness->stopped);
    harness_wait(harness, is_true, &harness->stopped, "stop");
    mcp_core_free(harness->core);
    g_object_unref(harness->clock);
    while (g_main_context_iteration(NULL, FALSE))
        ;
    mcp_ledger_foreach(check_ledger, NULL);
    g_unlink(records);
    g_unlink(harness->config);
    g_rmdir(harness->folder);
    g_free(harness->folder);
    g_free(harness->config);
    g_free(harness->plugins);
    g_free(harness->core_lines);
    g_free(harness);
}

char *
harness_read_records(Harness *harness)
{
    g_autofree char *file = g_build_filename(harness->folder, "records.jsonl", NULL);
    char *text = NULL;

    g_file_get_contents(file, &text, NULL, NULL);
    return text != NULL ? text : g_strdup("");
}

void
fake_journal_add(FakeJournal *journal, const char *format, ...)
{
    va_list args;

    g_mutex_lock(&journal->lock);
    if (journal->words == NULL)
        journal->words = g_string_new(NULL);
    va_start(args, format);
    g_string_append_vprintf(journal->words, format, args);
    va_end(args);
    g_string_append_c(journal->words, ' ');
    g_mutex_unlock(&journal->lock);
}

typedef struct {
    FakeJournal *journal;
    const char *words;
} Contains;

static gboolean
contains(gpointer user_data)
{
    Contains *wanted = user_data;
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&wanted->journal->lock);

    return wanted->journal->words != NULL &&
           strstr(wanted->journal->words->str, wanted->words) != NULL;
}

gboolean
fake_journal_has(FakeJournal *journal, const char *words)
{
    Contains wanted = {journal, words};

    return contains(&wanted);
}

void
fake_journal_wait(Harness *harness, FakeJournal *journal, const char *words)
{
    Contains wanted = {journal, words};

    harness_wait(harness, contains, &wanted, words);
}
