/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target of expressions and scripts of pages: one line is a path to a variable and a value to
 * be set, the rest is run as an expression and as a program, its result copied to another session.
 * Limits end what would not. libFuzzer calls from one thread. */
#include <stdint.h>
#include <string.h>

#include "script/script.h"
#include "script/variables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const scopes[] = {"session", "application", "document", "dialog"};

static McpScript *
session_new(void)
{
    McpScriptLimits limits = {.run_us = 3000, .window_us = 2000000, .memory = 4 << 20};
    McpScript *script = mcp_script_new(&limits);

    for (guint i = 0; script != NULL && i < G_N_ELEMENTS(scopes); i++)
        if (!mcp_script_push_scope(script, scopes[i], i == 0, NULL))
            __builtin_trap();
    return script;
}

/* A variable from outside, by path: as forms, results and messages are set. */
static void
set(McpScript *script, const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", 2);
    const char *path = words[0] != NULL ? words[0] : "";
    const char *value = words[0] != NULL && words[1] != NULL ? words[1] : "";
    g_auto(McpScriptValue) read = {0};

    if (mcp_script_set_json(script, "application", path, value, NULL))
        mcp_script_get(script, "application", path, &read, NULL);
    mcp_script_set_string(script, "session", path, value, NULL);
    mcp_script_remove(script, "application", path);
}

static void
run(McpScript *script, McpScript *other, const char *text)
{
    g_autoptr(McpScriptCode) code = mcp_script_code_new(MCP_SCRIPT_EXPRESSION, text, "page", 3);
    g_autoptr(McpScriptCode) program = mcp_script_code_new(MCP_SCRIPT_PROGRAM, text, NULL, 1);
    g_auto(McpScriptValue) value = {0};
    g_autoptr(McpScriptData) data = NULL;
    g_autoptr(McpScriptItems) items = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *string = NULL;
    gboolean truth;
    double number;

    if (!mcp_script_eval(script, code, &value, &error) && error == NULL)
        __builtin_trap();
    string = mcp_script_eval_string(script, code, NULL);
    mcp_script_eval_boolean(script, code, &truth, NULL);
    mcp_script_eval_number(script, code, &number, NULL);
    mcp_script_declare(script, "x", code, NULL);
    mcp_script_assign(script, "dialog.x", code, NULL);
    data = mcp_script_export(script, code, NULL);
    if (data != NULL)
        mcp_script_import(other, NULL, "y.z", data, NULL);
    items = mcp_script_eval_items(script, code, NULL);
    for (guint i = 0; items != NULL && i < MIN(mcp_script_items_length(items), 4); i++)
        mcp_script_items_store(items, i, "item", NULL);
    mcp_script_run(script, program, NULL);
    mcp_script_is_declared(script, NULL, "x");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    char *end = strchr(text, '\n');
    g_autoptr(McpScript) script = NULL;
    g_autoptr(McpScript) other = NULL;

    if (size > 4096 || !g_utf8_validate(text, -1, NULL))
        return 0;
    script = session_new();
    other = session_new();
    if (script == NULL || other == NULL)
        return 0;
    if (end != NULL)
        *end = '\0';
    set(script, text);
    mcp_script_push_scope(script, NULL, FALSE, NULL);
    run(script, other, end != NULL ? end + 1 : text);
    mcp_script_pop_scope(script);
    /* Whatever was run, the session answers the next page. */
    set(other, "a.b {\"c\":[1]}");
    return 0;
}
