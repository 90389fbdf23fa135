/* SPDX-License-Identifier: Apache-2.0 */
/* mcpctl vxml run: an application in the terminal; the transcript goes to the standard output. */
#include <stdio.h>
#include <string.h>

#include "text_call.h"
#include "text_dialler.h"
#include "tool.h"

static char *script_path;
static char *limit_text;
static gboolean show_all;
static gboolean text;

static const GOptionEntry options[] = {
    {"text", 0, 0, G_OPTION_ARG_NONE, &text, "As text, which is what there is: may be left out",
     NULL},
    {"script", 's', 0, G_OPTION_ARG_FILENAME, &script_path,
     "What the caller does, a line each: keys, with \",\" for a second of pause, words, #noinput, "
     "#hangup, #message TYPE WORDS; how a transfer goes: #transfer " MCP_VXML_TEXT_OUTCOMES
     " (default: typed)",
     "FILE"},
    {"limit", 0, 0, G_OPTION_ARG_STRING, &limit_text,
     "Virtual time after which it is given up (1h)", "TIME"},
    {"all", 'a', 0, G_OPTION_ARG_NONE, &show_all, "Also what was fetched, forms and items", NULL},
    {NULL},
};

typedef struct {
    FILE *input;
    gboolean typed;
} Console;

/* What a reader of the dialog alone does not ask for. */
static gboolean
is_detail(const char *kind)
{
    static const char *const details[] = {
        "fetch",    "form",     "item",    "match",  "no-match",   "no-input", "turn",
        "selected", "grammars", "handler", "result", "transition", "loaded"};

    for (guint i = 0; i < G_N_ELEMENTS(details); i++)
        if (strcmp(details[i], kind) == 0)
            return TRUE;
    return FALSE;
}

static void
tell(gint64 time, const char *kind, const char *words, gpointer user_data)
{
    if (!show_all && is_detail(kind))
        return;
    g_print("%9.3f  %-10s %s\n", (double)time / G_USEC_PER_SEC, kind, words);
}

/* Lines that begin with ";" are comments. */
static char *
ask(McpVxmlTextQuestion question, gpointer user_data)
{
    static const char *const prompts[] = {"input", "say", "#transfer"};
    Console *console = user_data;
    char *line = NULL;
    size_t size = 0;
    g_autofree char *copy = NULL;

    if (console->typed)
        g_printerr("%s> ", prompts[question]);
    do {
        if (getline(&line, &size, console->input) < 0) {
            free(line);
            return NULL;
        }
    } while (*line == ';');
    copy = g_strdup(line);
    free(line);
    return g_steal_pointer(&copy);
}

static McpVxmlToolExit
run_call(Console *console, const char *argument, gint64 limit)
{
    McpVxmlTextCallHooks hooks = {.tell = tell, .ask = ask, .user_data = console};
    g_autofree char *url = mcp_vxml_loader_to_url(argument);
    g_autoptr(McpVxmlLoader) loader = mcp_vxml_loader_new();
    g_autoptr(McpVxmlTextCall) call = mcp_vxml_text_call_new(loader, &hooks);
    const McpVxmlTextCallEnd *end;

    if (limit > 0)
        mcp_vxml_text_call_set_limit(call, limit);
    end = mcp_vxml_text_call_run(call, url);
    g_print("ended: %s%s%s%s\n", end->failed ? "failed, " : "", end->reason,
            end->result != NULL ? ", result " : "", end->result != NULL ? end->result : "");
    return end->failed ? MCP_VXML_TOOL_FAILED : MCP_VXML_TOOL_OK;
}

static McpVxmlToolExit
run(char **arguments, guint n_arguments)
{
    Console console = {stdin, script_path == NULL};
    McpVxmlToolExit status;
    gint64 limit = 0;

    if (n_arguments != 1 || (limit_text != NULL && !mcp_vxml_time(limit_text, &limit))) {
        mcp_vxml_tool_complain("usage: run [--script FILE] [--limit TIME] [--all] FILE|URL");
        return MCP_VXML_TOOL_USAGE;
    }
    if (script_path != NULL) {
        console.input = fopen(script_path, "re");
        if (console.input == NULL) {
            mcp_vxml_tool_complain("%s cannot be read", script_path);
            return MCP_VXML_TOOL_NOT_FOUND;
        }
    }
    status = run_call(&console, arguments[0], limit);
    if (script_path != NULL)
        fclose(console.input);
    return status;
}

const McpVxmlTool mcp_vxml_run_tool = {"run", "FILE|URL", "Runs an application in the terminal.",
                                       options, run};
