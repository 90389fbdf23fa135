/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ECMAScript for one session: an engine of its own with limits on CPU time, memory and stack, and
 * the nested variable scopes of VoiceXML. A script is used by one thread at a time; moving it to
 * another is told by mcp_script_adopt_thread(). Code is compiled from text only.
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * McpScriptError:
 * @MCP_SCRIPT_ERROR_TIMEOUT: a run, or the session in its window, took too much CPU time
 * @MCP_SCRIPT_ERROR_MEMORY: heap or stack exhausted
 * @MCP_SCRIPT_ERROR_SYNTAX: does not parse
 * @MCP_SCRIPT_ERROR_REFERENCE: reads or assigns a variable that is not declared
 * @MCP_SCRIPT_ERROR_TYPE: wrong type, or a read-only variable
 * @MCP_SCRIPT_ERROR_OTHER: anything else that was thrown
 */
typedef enum {
    MCP_SCRIPT_ERROR_TIMEOUT,
    MCP_SCRIPT_ERROR_MEMORY,
    MCP_SCRIPT_ERROR_SYNTAX,
    MCP_SCRIPT_ERROR_REFERENCE,
    MCP_SCRIPT_ERROR_TYPE,
    MCP_SCRIPT_ERROR_OTHER,
} McpScriptError;

#define MCP_SCRIPT_ERROR (mcp_script_error_quark())
GQuark mcp_script_error_quark(void);

typedef struct _McpScript McpScript;
typedef struct _McpScriptCode McpScriptCode;

/**
 * McpScriptLimits: zero in a field means its default.
 * @run_us: CPU time of one run, microseconds (100,000)
 * @window_us: CPU time of all runs within any two seconds (250,000)
 * @heavy_us: CPU time of a run above which mcp_script_is_heavy() turns true (5,000)
 * @memory: heap, bytes (12 MiB)
 * @stack: bytes (256 KiB)
 * @now: (nullable): monotonic microseconds by which the two seconds are counted
 * @now_data: given to @now
 */
typedef struct {
    gint64 run_us;
    gint64 window_us;
    gint64 heavy_us;
    gsize memory;
    gsize stack;
    gint64 (*now)(gpointer now_data);
    gpointer now_data;
} McpScriptLimits;

typedef enum {
    MCP_SCRIPT_UNDEFINED,
    MCP_SCRIPT_NULL,
    MCP_SCRIPT_BOOLEAN,
    MCP_SCRIPT_NUMBER,
    MCP_SCRIPT_STRING,
    MCP_SCRIPT_ARRAY,
    MCP_SCRIPT_OBJECT,
    MCP_SCRIPT_FUNCTION,
} McpScriptKind;

/**
 * McpScriptValue: a value outside the engine.
 * @text: UTF-8; of a string its characters, of an array or object its JSON, else NULL
 * @length: bytes of @text (a string may contain zero characters)
 */
typedef struct {
    McpScriptKind kind;
    gboolean boolean;
    double number;
    char *text;
    gsize length;
} McpScriptValue;

void mcp_script_value_clear(McpScriptValue *value);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(McpScriptValue, mcp_script_value_clear)

typedef enum {
    MCP_SCRIPT_EXPRESSION,
    MCP_SCRIPT_PROGRAM,
} McpScriptCodeKind;

/**
 * mcp_script_code_new:
 * @kind: one expression, or statements
 * @source: UTF-8
 * @file: (nullable): name in error messages
 * @line: of the first character of @source in @file, from 1
 *
 * Text to be compiled once by each session that runs it. Immutable; belongs to a page and is shared
 * by sessions of all threads.
 */
McpScriptCode *mcp_script_code_new(McpScriptCodeKind kind, const char *source, const char *file,
                                   guint line);
McpScriptCode *mcp_script_code_ref(McpScriptCode *code);
void mcp_script_code_unref(McpScriptCode *code);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpScriptCode, mcp_script_code_unref)

/** mcp_script_code_size: Returns: bytes of source; over 16 KB it is run in the compute pool. */
gsize mcp_script_code_size(const McpScriptCode *code);

/**
 * mcp_script_new:
 * @limits: (nullable): NULL for the defaults
 *
 * Returns: (transfer full) (nullable): a session without a scope, owned by the calling thread; NULL
 * when @limits leave no memory for an engine.
 */
McpScript *mcp_script_new(const McpScriptLimits *limits);
McpScript *mcp_script_ref(McpScript *script);
void mcp_script_unref(McpScript *script);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpScript, mcp_script_unref)

/** mcp_script_adopt_thread: from now on the calling thread uses @script, alone. */
void mcp_script_adopt_thread(McpScript *script);

/** mcp_script_is_heavy: Returns: whether a run ever took more than heavy_us. */
gboolean mcp_script_is_heavy(const McpScript *script);
/** mcp_script_set_uncounted: what runs meanwhile has run_us, and takes nothing of the window. */
void mcp_script_set_uncounted(McpScript *script, gboolean uncounted);
/** mcp_script_memory: Returns: bytes of the heap in use. */
gsize mcp_script_memory(McpScript *script);

/** mcp_script_engine_version: Returns: name and version of the engine, read from itself. */
const char *mcp_script_engine_version(void);

/** mcp_script_push_scope: opens a scope inside the present one. @name: (nullable): such as
 * "session" or "document", under which it is then reached; NULL for an anonymous scope.
 * @read_only: its variables are set by mcp_script_set() alone, assigning them is a TYPE error. */
gboolean mcp_script_push_scope(McpScript *script, const char *name, gboolean read_only,
                               GError **error);

/** mcp_script_alias_scope: gives the innermost scope a second name: the document that is its own
 * application root is reached as "application" too. */
void mcp_script_alias_scope(McpScript *script, const char *name);

/** mcp_script_pop_scope: closes the innermost scope; functions that were defined in it keep it. */
void mcp_script_pop_scope(McpScript *script);

guint mcp_script_scope_depth(const McpScript *script);

/** mcp_script_is_name: Returns: whether @name can name a variable (no reserved word, no scope). */
gboolean mcp_script_is_name(const char *name);

/**
 * mcp_script_eval:
 * @out_value: (out): what the code's last expression gave; an array or object as JSON, in which
 *   functions and undefined members are left out and cycles are a TYPE error
 *
 * Runs @code in the innermost scope. `var` and function declarations of a program land there;
 * `let`, `const` and `class` at its top belong to the program alone. Assigning a variable that is
 * not declared is a REFERENCE error.
 */
gboolean mcp_script_eval(McpScript *script, McpScriptCode *code, McpScriptValue *out_value,
                         GError **error);

/** mcp_script_run: as mcp_script_eval() without a result. */
gboolean mcp_script_run(McpScript *script, McpScriptCode *code, GError **error);

/** mcp_script_eval_boolean: the value as by ECMAScript's ToBoolean. */
gboolean mcp_script_eval_boolean(McpScript *script, McpScriptCode *code, gboolean *out_value,
                                 GError **error);

/** mcp_script_eval_string: the value as by ToString. Returns: (transfer full) (nullable). */
char *mcp_script_eval_string(McpScript *script, McpScriptCode *code, GError **error);

/** mcp_script_eval_number: the value as by ToNumber. */
gboolean mcp_script_eval_number(McpScript *script, McpScriptCode *code, double *out_value,
                                GError **error);

/** mcp_script_declare: declares @name in the innermost scope with the value of @code (nullable);
 * without @code a variable that exists keeps its value. */
gboolean mcp_script_declare(McpScript *script, const char *name, McpScriptCode *code,
                            GError **error);

/** mcp_script_assign: assigns to a declared variable or to a member of one: "x", "dialog.x",
 * "a.b[2].c". */
gboolean mcp_script_assign(McpScript *script, const char *target, McpScriptCode *code,
                           GError **error);

/** McpScriptFunction: @arguments: (array length=n): as by ToString. Returns: (transfer full)
 * (nullable): the result; NULL is undefined, or with @error set an exception. Must not call into
 * the script. */
typedef char *(*McpScriptFunction)(guint n, const char *const *arguments, gpointer data,
                                   GError **error);

/** mcp_script_add_function: makes @function callable from code as @name. */
gboolean mcp_script_add_function(McpScript *script, const char *name, McpScriptFunction function,
                                 gpointer data, GError **error);

/** mcp_script_has_template: whether engines are copied; else each is made, ten times as slowly. */
gboolean mcp_script_has_template(void);

G_END_DECLS
