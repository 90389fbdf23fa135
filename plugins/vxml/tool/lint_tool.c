/* SPDX-License-Identifier: Apache-2.0 */
/* mcpctl vxml lint: options, pages, findings on the standard output. One thread. */
#include <string.h>

#include "lint.h"
#include "tool.h"

static char *form_name;
static char *level_name;

static const GOptionEntry options[] = {
    {"format", 'f', 0, G_OPTION_ARG_STRING, &form_name, "text (default), json or sarif", "FORM"},
    {"level", 'l', 0, G_OPTION_ARG_STRING, &level_name,
     "Show what is at least so grave: note (default), warning, error", "LEVEL"},
    {NULL},
};

static gboolean
parse_form(McpVxmlForm *out_form)
{
    static const char *const names[] = {"text", "json", "sarif"};

    *out_form = MCP_VXML_FORM_TEXT;
    for (guint i = 0; form_name != NULL; i++) {
        if (i == G_N_ELEMENTS(names))
            return FALSE;
        *out_form = (McpVxmlForm)i;
        if (strcmp(names[i], form_name) == 0)
            return TRUE;
    }
    return TRUE;
}

static McpVxmlToolExit
run(char **arguments, guint n_arguments)
{
    McpVxmlForm form;
    McpVxmlSeverity level = MCP_VXML_SEVERITY_NOTE;
    g_autoptr(McpVxmlLoader) loader = NULL;
    g_autoptr(McpVxmlLint) lint = NULL;
    g_autofree char *text = NULL;
    GPtrArray *findings;

    if (n_arguments == 0 || !parse_form(&form) ||
        (level_name != NULL && !mcp_vxml_severity_from_string(level_name, &level))) {
        mcp_vxml_tool_complain("usage: lint [--format text|json|sarif] [--level LEVEL] FILE|URL…");
        return MCP_VXML_TOOL_USAGE;
    }
    loader = mcp_vxml_loader_new();
    lint = mcp_vxml_lint_new(loader);
    for (guint i = 0; i < n_arguments; i++) {
        g_autoptr(GError) error = NULL;

        if (!mcp_vxml_lint_add_page(lint, arguments[i], &error)) {
            mcp_vxml_tool_complain("%s: %s", arguments[i], error->message);
            return MCP_VXML_TOOL_NOT_FOUND;
        }
    }
    findings = mcp_vxml_lint_run(lint);
    text = mcp_vxml_findings_write(findings, form, level);
    g_print("%s%s", text, form == MCP_VXML_FORM_TEXT ? "" : "\n");
    return mcp_vxml_findings_count(findings, MCP_VXML_SEVERITY_WARNING) > 0 ? MCP_VXML_TOOL_FAILED
                                                                            : MCP_VXML_TOOL_OK;
}

const McpVxmlTool mcp_vxml_lint_tool = {"lint", "FILE|URL…", "Looks for mistakes in pages.",
                                        options, run};
