/* SPDX-License-Identifier: Apache-2.0 */
/* What the script tests share: a session with VoiceXML's scopes, and one-line evaluation. */
#pragma once

#include <string.h>
#include <time.h>

#include "script/script.h"
#include "script/variables.h"

static inline void
push(McpScript *script, const char *name)
{
    g_autoptr(GError) error = NULL;

    mcp_script_push_scope(script, name, g_strcmp0(name, "session") == 0, &error);
    g_assert_no_error(error);
}

static inline McpScript *
new_session(const McpScriptLimits *limits)
{
    McpScript *script = mcp_script_new(limits);

    g_assert_nonnull(script);
    push(script, "session");
    push(script, "application");
    push(script, "document");
    push(script, "dialog");
    return script;
}

static inline McpScriptCode *
code_of(McpScriptCodeKind kind, const char *source)
{
    return mcp_script_code_new(kind, source, "page.vxml", 10);
}

/* The expression's value by ToString, or "!CODE" for an error. */
static inline char *
eval_text(McpScript *script, const char *source)
{
    static const char *const NAMES[] = {"!TIMEOUT",   "!MEMORY", "!SYNTAX",
                                        "!REFERENCE", "!TYPE",   "!OTHER"};
    g_autoptr(McpScriptCode) code = code_of(MCP_SCRIPT_EXPRESSION, source);
    g_autoptr(GError) error = NULL;
    char *text = mcp_script_eval_string(script, code, &error);

    if (text != NULL)
        return text;
    g_test_message("%.120s: %s", source, error->message);
    return g_strdup(NAMES[error->code]);
}

#define assert_eval(script, source, wanted)                 \
    G_STMT_START                                            \
    {                                                       \
        g_autofree char *text_ = eval_text(script, source); \
        g_assert_cmpstr(text_, ==, wanted);                 \
    }                                                       \
    G_STMT_END

static inline gboolean
run_program(McpScript *script, const char *source, GError **error)
{
    g_autoptr(McpScriptCode) code = code_of(MCP_SCRIPT_PROGRAM, source);

    return mcp_script_run(script, code, error);
}

static inline void
run_ok(McpScript *script, const char *source)
{
    g_autoptr(GError) error = NULL;

    run_program(script, source, &error);
    g_assert_no_error(error);
}

static inline void
declare_ok(McpScript *script, const char *name, const char *source)
{
    g_autoptr(McpScriptCode) code = source != NULL ? code_of(MCP_SCRIPT_EXPRESSION, source) : NULL;
    g_autoptr(GError) error = NULL;

    mcp_script_declare(script, name, code, &error);
    g_assert_no_error(error);
}

static inline gboolean
assign(McpScript *script, const char *target, const char *source, GError **error)
{
    g_autoptr(McpScriptCode) code = code_of(MCP_SCRIPT_EXPRESSION, source);

    return mcp_script_assign(script, target, code, error);
}

static inline double
cpu_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}
