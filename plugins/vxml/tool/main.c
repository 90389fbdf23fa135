/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mcpctl-vxml: what mcpctl vxml runs: tools for authors that need no running mcpd. Finds the
 * subcommand and reads its options. One thread.
 */
#include <locale.h>
#include <mcp/log.h>
#include <string.h>

#include "tool.h"

static const McpVxmlTool *const tools[] = {&mcp_vxml_lint_tool, &mcp_vxml_run_tool,
                                           &mcp_vxml_debug_tool, &mcp_vxml_reference_tool};

void
mcp_vxml_tool_complain(const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_printerr("mcpctl vxml: %s\n", text);
}

static void
print_tools(void)
{
    g_print("Usage: mcpctl vxml COMMAND ...\n\nTools for authors of VoiceXML.\n\nCommands:\n");
    for (guint i = 0; i < G_N_ELEMENTS(tools); i++)
        g_print("  %-9s %-24s %s\n", tools[i]->name, tools[i]->arguments, tools[i]->summary);
    g_print("\nmcpctl vxml COMMAND --help tells the options of a command.\n"
            "Exit status: 0 done, 1 failed or mistakes found, 2 wrong usage, 4 no such page.\n");
}

static McpVxmlToolExit
run(const McpVxmlTool *tool, int argc, char **argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new(tool->arguments);
    g_autofree char *program = g_strdup_printf("mcpctl vxml %s", tool->name);
    g_autoptr(GError) error = NULL;

    g_set_prgname(program);
    g_option_context_set_summary(context, tool->summary);
    if (tool->options != NULL)
        g_option_context_add_main_entries(context, tool->options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error)) {
        mcp_vxml_tool_complain("%s", error->message);
        return MCP_VXML_TOOL_USAGE;
    }
    return tool->run(argv + 1, (guint)argc - 1);
}

int
main(int argc, char **argv)
{
    g_auto(GStrv) words = NULL;
    g_autofree char **rest = NULL;

    setlocale(LC_ALL, "");
    mcp_log_set_level(MCP_LOG_ERROR);
    words = g_strdupv(argv);
    rest = g_memdup2(words, sizeof(char *) * (gsize)(argc + 1));
    for (guint i = 0; argc > 1 && i < G_N_ELEMENTS(tools); i++)
        if (strcmp(rest[1], tools[i]->name) == 0)
            return (int)run(tools[i], argc - 1, rest + 1);
    if (argc > 1 && (strcmp(rest[1], "--help") == 0 || strcmp(rest[1], "help") == 0)) {
        print_tools();
        return MCP_VXML_TOOL_OK;
    }
    if (argc > 1)
        mcp_vxml_tool_complain("unknown command: %s", rest[1]);
    print_tools();
    return MCP_VXML_TOOL_USAGE;
}
