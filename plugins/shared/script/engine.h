/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The session as the files of this folder see it. script.c owns its life and limits, template.c
 * makes engines, code.c compiles and runs, scope.c is the chain of scopes, variables.c reads and
 * writes from outside, described.c sets objects that have a text, dom.c documents, transfer.c keeps
 * and copies values, host.c lends functions to code, fault.c turns exceptions into errors, guard.c
 * and heap.c stop the engine's loops that do not look at the clock, escape.c leaves those that
 * cannot be stopped.
 */
#pragma once

#include <quickjs/quickjs.h>

#include "script.h"
#include "variables.h"

#define MCP_SCRIPT_BUCKETS 8
/* What code is wrapped in asks for the innermost scope by these names. */
#define MCP_SCRIPT_SCOPE_NAME "__mcp_scope__"
#define MCP_SCRIPT_PROGRAM_SCOPE_NAME "__mcp_program_scope__"

/* A scope lives as long as its view, which closures and inner scopes hold. */
typedef struct _Scope Scope;
struct _Scope {
    McpScript *script;
    Scope *parent;
    JSAtom name;
    JSAtom alias;
    gboolean read_only;
    JSValue store;       /* plain object with the variables */
    JSValue parent_view; /* keeps parent */
};

typedef struct {
    McpScriptFunction function;
    gpointer data;
} HostFunction;

/** MCP_SCRIPT_SMALL_CELLS: blocks of fewer cells of 16 bytes are cut from slabs. */
#define MCP_SCRIPT_SMALL_CELLS 33

typedef struct _McpScriptEscape McpScriptEscape;

struct _McpScript {
    gatomicrefcount ref_count;
    GThread *owner;
    JSRuntime *runtime;
    JSContext *context;
    McpScriptLimits limits;
    GHashTable *compiled;   /* McpScriptCode -> Compiled */
    GArray *functions;      /* of HostFunction */
    JSValue eval;           /* the engine's own, whatever a page does to its name */
    McpScriptCode *program; /* the newest, which the engine calls "<input>" */
    JSValue view;           /* of the innermost scope, or undefined */
    guint depth;

    guint nesting; /* of enter and leave */
    guint allocations;
    struct _McpScriptLarge *large; /* heap.c: large blocks, slabs, free small blocks by size */
    struct _McpScriptSlab *slabs;
    char *slab_free;
    char *slab_end;
    char *spare; /* a large block of a slab that was freed */
    char *spare_end;
    void *free_small[MCP_SCRIPT_SMALL_CELLS];
    gboolean in_one_piece;   /* large blocks are cut from the slab, too */
    guint64 random;          /* state of Math.random() */
    gint64 start_ns;         /* of the run, by the thread's own clock */
    gint64 start_time_ns;    /* the same by the monotonic one */
    gint64 deadline_ns;      /* by the thread's own clock */
    gboolean interrupted;    /* the run is to end */
    gboolean starved;        /* for want of memory, not of time */
    guint n_lent;            /* blocks given to a run that is to end, since it last looked */
    McpScriptEscape *escape; /* (nullable): where the heap may jump to */
    gboolean buried;         /* an engine that was left amid its work: not to be entered again */
    gsize buried_size;       /* of its heap */
    gboolean heavy;
    gboolean uncounted; /* by window and heavy */
    gboolean dead;      /* its job queue could not be emptied */
    gint64 bucket_at;   /* in quarters of a second */
    gint64 bucket_ns[MCP_SCRIPT_BUCKETS];
};

extern const McpScriptLimits mcp_script_default_limits;

/* Gives the session an engine; FALSE when there is no memory for it. */
gboolean mcp_script_copy_engine(McpScript *script);
int mcp_script_on_interrupt(JSRuntime *runtime, void *data);

extern const JSMallocFunctions mcp_script_heap;
/* The first piece of a heap, @size bytes, from which blocks are cut next. Returns: (nullable). */
void *mcp_script_heap_reserve(McpScript *script, gsize size);
/* Frees all that the engine holds; nothing of it may be used afterwards. */
void mcp_script_heap_release(McpScript *script);

/* Work on the engine that may run code of the page: -1 with an exception pending. What it takes
 * from GLib stands in @data, so that its caller can give it back. */
typedef int (*McpScriptBody)(McpScript *script, gpointer data);
/* Runs @body; -1 also when the heap left it (then script->buried). */
int mcp_script_try(McpScript *script, McpScriptBody body, gpointer data);
gboolean mcp_script_can_escape(const McpScript *script);
/* Buries the engine and makes the innermost mcp_script_try() return. */
G_NORETURN void mcp_script_escape(McpScript *script);
/* Frees @value, if the engine is still there to do it. */
void mcp_script_drop(McpScript *script, JSValue value);

/* Sets interrupted when the run's time is over. */
void mcp_script_look_at_clock(McpScript *script);

/* Starts a run: the clock ticks and the stack is this thread's. FALSE when no time is left. */
gboolean mcp_script_enter(McpScript *script, GError **error);
/* Runs pending jobs and ends the run; FALSE when they overran. @failed: an error is set already. */
gboolean mcp_script_leave(McpScript *script, gboolean failed, GError **error);

/* Ends a run of which @result < 0 says that an exception is pending. */
gboolean mcp_script_finish(McpScript *script, int result, GError **error);

/* Why a run was stopped: out of time, or of memory. */
void mcp_script_set_stopped(const McpScript *script, GError **error);
/* Takes the pending exception. */
void mcp_script_take_exception(McpScript *script, GError **error);

gboolean mcp_script_scope_init(McpScript *script);
gboolean mcp_script_is_scope_object(JSValueConst object);
Scope *mcp_script_innermost(McpScript *script);
Scope *mcp_script_find_scope(McpScript *script, JSAtom name);
/* -1 with an exception, 0 or 1. */
int mcp_script_scope_has(Scope *scope, JSAtom name);
/* Moves what `var` and function declarations left on the global object into the innermost scope. */
int mcp_script_hoist(McpScript *script);

const char *mcp_script_code_file(const McpScriptCode *code);
GHashTable *mcp_script_compiled_table(void);
void mcp_script_forget_compiled(McpScript *script);

/* The value of @code, an exception value on failure. Only between enter and leave. */
JSValue mcp_script_evaluate(McpScript *script, McpScriptCode *code);

/* FALSE with an exception pending. */
gboolean mcp_script_to_value(McpScript *script, JSValueConst from, McpScriptValue *out_value);

/* Sets what @make gives, as mcp_script_set() does. */
typedef JSValue (*McpScriptMaker)(JSContext *context, gconstpointer data);
gboolean mcp_script_set_made(McpScript *script, const char *scope, const char *path,
                             McpScriptMaker make, gconstpointer data, GError **error);

/* FALSE when there is no memory for it. */
gboolean mcp_script_install_guards(JSContext *context);
