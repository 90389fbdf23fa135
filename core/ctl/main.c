/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mcpctl: the command line of the control API. Finds the command, reads its options, runs it. One
 * thread.
 */
#include "ctl/command.h"

#include <locale.h>
#include <string.h>

#include "ctl/external.h"

static const McpCtlCommand *const tables[] = {
    mcp_ctl_server_commands,    mcp_ctl_call_commands,  mcp_ctl_move_commands,
    mcp_ctl_place_commands,     mcp_ctl_room_commands,  mcp_ctl_speech_commands,
    mcp_ctl_diagnosis_commands, mcp_ctl_spool_commands, mcp_ctl_trace_commands,
};

static char *socket_path;
static char *output_form;

static const GOptionEntry common_options[] = {
    {"socket", 's', 0, G_OPTION_ARG_FILENAME, &socket_path,
     "Control socket (default: $MCP_CONTROL_SOCKET, else " MCP_CONTROL_SOCKET ")", "PATH"},
    {"output", 'o', 0, G_OPTION_ARG_STRING, &output_form, "text (default) or json", "FORM"},
    {NULL},
};

static void
print_commands(void)
{
    g_print("Usage: mcpctl [-s PATH] [-o json] COMMAND ...\n\n"
            "Looks into a running mcpd and steers it.\n\nCommands:\n");
    for (guint t = 0; t < G_N_ELEMENTS(tables); t++) {
        for (const McpCtlCommand *command = tables[t]; command->name != NULL; command++) {
            g_autofree char *usage = g_strdup_printf("%s %s", command->name, command->arguments);

            g_print("  %-22s %s\n", usage, command->summary);
        }
    }
    g_print("  %-22s %s\n", "vxml COMMAND",
            "Tools for authors of VoiceXML: lint, run, debug, "
            "reference; see mcpctl vxml --help.");
    g_print("\nmcpctl COMMAND --help tells the options of a command.\n"
            "Exit status: 0 done, 1 failed, 2 wrong usage, 3 mcpd cannot be reached, 4 no such "
            "call, room, member, engine or trace.\n");
}

/* How many of @words make up the name of @command, 0 when they do not. */
static guint
match(const McpCtlCommand *command, char **words, guint n_words)
{
    g_auto(GStrv) parts = g_strsplit(command->name, " ", -1);
    guint length = g_strv_length(parts);

    if (n_words < length)
        return 0;
    for (guint i = 0; i < length; i++) {
        if (strcmp(parts[i], words[i]) != 0)
            return 0;
    }
    return length;
}

static const McpCtlCommand *
find_command(char **words, guint n_words, guint *out_length)
{
    for (guint t = 0; t < G_N_ELEMENTS(tables); t++) {
        for (const McpCtlCommand *command = tables[t]; command->name != NULL; command++) {
            *out_length = match(command, words, n_words);
            if (*out_length > 0)
                return command;
        }
    }
    return NULL;
}

static McpCtlExit
complain(const char *text, const char *value)
{
    g_printerr("mcpctl: %s%s%s (try mcpctl --help)\n", text, value != NULL ? ": " : "",
               value != NULL ? value : "");
    return MCP_CTL_USAGE;
}

/* Options before the command are those common to all. */
static gboolean
parse_common(int *argc, char ***argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new("COMMAND ...");
    g_autoptr(GError) error = NULL;

    g_option_context_set_strict_posix(context, TRUE);
    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_set_ignore_unknown_options(context, TRUE);
    g_option_context_add_main_entries(context, common_options, NULL);
    if (g_option_context_parse(context, argc, argv, &error))
        return TRUE;
    complain(error->message, NULL);
    return FALSE;
}

static gboolean
parse_command(const McpCtlCommand *command, int *argc, char ***argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new(command->arguments);
    g_autofree char *program = g_strdup_printf("mcpctl %s", command->name);
    g_autoptr(GError) error = NULL;

    g_set_prgname(program);
    g_option_context_set_summary(context, command->summary);
    /* "-12" is an argument there; a real mistake is told when it is read as a number. */
    if (strstr(command->arguments, "DB") != NULL)
        g_option_context_set_ignore_unknown_options(context, TRUE);
    g_option_context_add_main_entries(context, common_options, NULL);
    if (command->options != NULL)
        g_option_context_add_main_entries(context, command->options, NULL);
    if (g_option_context_parse(context, argc, argv, &error))
        return TRUE;
    complain(error->message, NULL);
    return FALSE;
}

static McpCtlExit
run(const McpCtlCommand *command, int argc, char **argv)
{
    McpCtlContext context = {.args = argv + 1, .n_args = (guint)argc - 1};
    const char *from_environment = g_getenv("MCP_CONTROL_SOCKET");
    const char *path = socket_path != NULL        ? socket_path
                       : from_environment != NULL ? from_environment
                                                  : MCP_CONTROL_SOCKET;
    g_autoptr(McpCtlClient) client = NULL;

    if (output_form != NULL && strcmp(output_form, "json") != 0 && strcmp(output_form, "text") != 0)
        return complain("unknown output form", output_form);
    if (context.n_args < command->min_args || context.n_args > command->max_args) {
        g_printerr("Usage: mcpctl %s %s\n", command->name, command->arguments);
        return MCP_CTL_USAGE;
    }
    client = mcp_ctl_client_new(path);
    context.client = client;
    context.json = g_strcmp0(output_form, "json") == 0;
    return command->run(&context);
}

int
main(int argc, char **argv)
{
    const McpCtlCommand *command = NULL;
    g_autofree char *program = NULL;
    guint length = 0;
    McpCtlExit result = MCP_CTL_USAGE;
    g_auto(GStrv) words = NULL;
    char **rest = NULL;

    setlocale(LC_ALL, "");
    words = g_strdupv(argv);
    rest = g_memdup2(words, sizeof(char *) * (gsize)(argc + 1));
    if (!parse_common(&argc, &rest)) {
        g_free(rest);
        return MCP_CTL_USAGE;
    }
    if (argc < 2 || strcmp(rest[1], "--help") == 0 || strcmp(rest[1], "-h") == 0 ||
        strcmp(rest[1], "help") == 0) {
        print_commands();
        result = argc < 2 ? MCP_CTL_USAGE : MCP_CTL_OK;
    } else if (strcmp(rest[1], "--version") == 0) {
        g_print("mcpctl " MCP_VERSION "\n");
        result = MCP_CTL_OK;
    } else if ((program = mcp_ctl_find_external(rest[1])) != NULL) {
        mcp_ctl_run_external(program, rest + 1);
        result = MCP_CTL_FAILED;
    } else if ((command = find_command(rest + 1, (guint)argc - 1, &length)) == NULL) {
        result = complain("unknown command", rest[1]);
    } else {
        char **left = rest + length;

        argc -= (int)length;
        if (parse_command(command, &argc, &left))
            result = run(command, argc, left);
    }
    g_free(rest);
    g_free(socket_path);
    g_free(output_form);
    return result;
}
