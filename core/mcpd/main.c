/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server process: command line, start, signals, end. The main thread is the control context.
 */
#include "mcpd/notify.h"
#include "mcpd/options.h"
#include "pool/resolver.h"
#include "server/core.h"
#include "util/log.h"

#include <glib-unix.h>
#include <malloc.h>
#include <mcp/log.h>
#include <signal.h>
#include <unistd.h>

typedef struct {
    McpCore *core;
    GMainLoop *loop;
    int exit_code;
    gboolean started;
    gboolean stopping;
} Server;

static void
on_stopped(McpCore *core, const GError *error, gpointer user_data)
{
    Server *server = user_data;

    g_main_loop_quit(server->loop);
}

static void
stop(Server *server)
{
    if (server->stopping)
        return;
    server->stopping = TRUE;
    mcp_notify("STOPPING=1");
    mcp_core_stop(server->core, on_stopped, server);
}

static void
on_drained(McpCore *core, const GError *error, gpointer user_data)
{
    stop(user_data);
}

static gboolean
on_terminate(gpointer user_data)
{
    Server *server = user_data;

    if (!server->started) {
        g_main_loop_quit(server->loop);
    } else if (g_atomic_int_get(&server->core->draining)) {
        mcp_log_warning("terminate", NULL, "second signal: ending at once");
        stop(server);
    } else {
        mcp_notify("STATUS=draining");
        mcp_core_drain(server->core, 0);
    }
    return G_SOURCE_CONTINUE;
}

static void
on_reloaded(const GError *error, gpointer user_data)
{
    mcp_notify("READY=1\nSTATUS=%s", error == NULL ? "running" : "running, reload refused");
}

static gboolean
on_hangup(gpointer user_data)
{
    Server *server = user_data;

    if (!server->started)
        return G_SOURCE_CONTINUE;
    mcp_notify("RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, mcp_clock_now(server->core->clock));
    mcp_core_reload(server->core, on_reloaded, server);
    return G_SOURCE_CONTINUE;
}

static void
feed_watchdog(void)
{
    mcp_notify("WATCHDOG=1");
}

static void
on_started(McpCore *core, const GError *error, gpointer user_data)
{
    Server *server = user_data;
    guint expected;
    guint actual;

    if (error != NULL) {
        mcp_log_error("start-failed", NULL, "%s", error->message);
        server->exit_code = 1;
        g_main_loop_quit(server->loop);
        return;
    }
    server->started = TRUE;
    mcp_core_count_threads(core, &expected, &actual);
    mcp_log_info("started", NULL, "mcpd %s runs: pid %d, %u plugins, at most %u threads",
                 MCP_VERSION, (int)getpid(), core->units->len, expected);
    mcp_notify("READY=1\nSTATUS=running");
    mcp_core_feed(core, mcp_notify_watchdog_interval(), feed_watchdog);
}

static void
print_errors(const GPtrArray *errors)
{
    for (guint i = 0; i < errors->len; i++)
        g_printerr("%s\n", (const char *)g_ptr_array_index(errors, i));
}

/* --check-config, --dump-config, --reference. Returns: exit status. */
static int
print_and_end(McpCore *core, const McpdOptions *options, gboolean valid)
{
    g_autofree char *text = NULL;

    if (options->reference)
        text = mcp_schema_write_reference(core->schema);
    else if (valid && options->dump)
        text = mcp_settings_dump(core->settings);
    else if (valid)
        text = g_strdup_printf("%s: no faults\n", options->config);
    if (text != NULL)
        g_print("%s", text);
    return valid || options->reference ? 0 : 1;
}

/*
 * Calls come and go on several threads, each with an arena of its own: without slack at its end
 * each call would have the kernel grow and shrink it. What is beyond that is still given back.
 */
static void
tune_allocator(void)
{
    mallopt(M_TOP_PAD, 512 * 1024);
    mallopt(M_TRIM_THRESHOLD, 2 * 1024 * 1024);
}

static void
run(Server *server)
{
    guint signals[] = {
        g_unix_signal_add(SIGTERM, on_terminate, server),
        g_unix_signal_add(SIGINT, on_terminate, server),
        g_unix_signal_add(SIGHUP, on_hangup, server),
    };
    g_autoptr(GResolver) resolver = mcp_resolver_new(server->core->clock);

    signal(SIGPIPE, SIG_IGN);
    g_resolver_set_default(resolver);
    server->loop = g_main_loop_new(NULL, FALSE);
    mcp_core_on_drained(server->core, on_drained, server);
    mcp_core_start(server->core, on_started, server);
    g_main_loop_run(server->loop);
    for (guint i = 0; i < G_N_ELEMENTS(signals); i++)
        g_source_remove(signals[i]);
    g_main_loop_unref(server->loop);
    mcp_log_info("ended", NULL, "mcpd has ended");
}

int
main(int argc, char **argv)
{
    McpdOptions options = {0};
    g_autofree char *folder = NULL;
    g_autofree char *drop_ins = NULL;
    g_autoptr(GPtrArray) errors = g_ptr_array_new_with_free_func(g_free);
    McpCoreOptions core_options = {0};
    Server server = {0};
    gboolean valid;

    if (!mcpd_options_parse(&argc, &argv, &options))
        return 2;
    if (options.version) {
        g_print("mcpd %s\n", MCP_VERSION);
        g_free(options.config);
        return 0;
    }
    tune_allocator();
    mcp_log_install_writer();
    folder = g_path_get_dirname(options.config);
    drop_ins = g_build_filename(folder, "conf.d", NULL);
    core_options.source.file = options.config;
    core_options.source.drop_ins = drop_ins;
    core_options.local = options.reference;
    core_options.strict = options.check || options.dump;
    core_options.source.environ = (const char *const *)environ;
    server.core = mcp_core_new(&core_options);
    valid = mcp_core_configure(server.core, errors);
    if (!options.reference)
        print_errors(errors);
    if (options.check || options.dump || options.reference)
        server.exit_code = print_and_end(server.core, &options, valid);
    else if (valid)
        run(&server);
    else
        server.exit_code = 1;
    mcp_core_free(server.core);
    g_free(options.config);
    return server.exit_code;
}
