/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line of mcpd: its options, their help, and what is wrong with a wrong one. Main
 * thread, before anything runs.
 */
#include "mcpd/options.h"

static const char summary[] =
    "The voice server of the media control platform: answers SIP calls and runs VoiceXML "
    "applications on them.";

static const char description[] =
    "Configuration: FILE, then conf.d/*.conf beside it in name order, then the environment\n"
    "(MCP__SECTION__KEY=value). Signals: SIGHUP reloads, SIGTERM drains and ends, a second\n"
    "SIGTERM ends at once.\n\n"
    "Exit status: 0 ended as asked, 1 configuration or start failed, 2 wrong usage.\n\n"
    "See mcpd(8), mcpctl(1) and " MCP_SYSCONF_DIR "/mcp.conf.";

gboolean
mcpd_options_parse(int *argc, char ***argv, McpdOptions *options)
{
    const GOptionEntry entries[] = {
        {"config", 'c', 0, G_OPTION_ARG_FILENAME, &options->config,
         "Configuration file (default: " MCP_SYSCONF_DIR "/mcp.conf)", "FILE"},
        {"check-config", 0, 0, G_OPTION_ARG_NONE, &options->check,
         "Check the configuration, list every fault, and end", NULL},
        {"dump-config", 0, 0, G_OPTION_ARG_NONE, &options->dump,
         "Print all settings with their origins, secrets masked, and end", NULL},
        {"reference", 0, 0, G_OPTION_ARG_NONE, &options->reference,
         "Print the reference of all settings (Markdown), and end", NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &options->version, "Print the version, and end", NULL},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) error = NULL;

    g_option_context_add_main_entries(context, entries, NULL);
    g_option_context_set_summary(context, summary);
    g_option_context_set_description(context, description);
    if (!g_option_context_parse(context, argc, argv, &error)) {
        g_printerr("mcpd: %s (try mcpd --help)\n", error->message);
        return FALSE;
    }
    if (*argc > 1) {
        g_printerr("mcpd: unexpected argument \"%s\" (try mcpd --help)\n", (*argv)[1]);
        return FALSE;
    }
    if (options->config == NULL)
        options->config = g_strdup(MCP_SYSCONF_DIR "/mcp.conf");
    return TRUE;
}
