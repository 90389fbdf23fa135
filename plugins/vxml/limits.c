/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an application may cost: CPU time of a run, on the shard and in the pool, bytes that its
 * prompts and forms come to, grammars at once, lines that it tells. A limit gives error.semantic;
 * who goes on all the same is ended. On the machine's thread.
 */
#include <time.h>

#include "interpreter_private.h"

/* DESIGN §3.6: what takes longer belongs into the pool. */
#define SHARD_US 5000
/* In the pool: the event, then the end. */
#define RUN_US 500000
/* Runs that an application of which loops may be feared has to keep below LIGHT_US. */
#define LIGHT_RUNS 50
#define LIGHT_US 2000
/* Steps between two looks at the clock, which is a system call. */
#define STEPS 16

#define MAX_PROMPT_BYTES (1024 * 1024)
#define MAX_PROMPT_PIECES 20000
#define MAX_NOTES 5000

gint64
mcp_vxml_cpu_time(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * G_GINT64_CONSTANT(1000000) + now.tv_nsec / 1000;
}

static gboolean
look(McpVxmlInterpreter *interpreter)
{
    gint64 used = mcp_vxml_cpu_time() - interpreter->begun;

    if (interpreter->elsewhere)
        return used < RUN_US || interpreter->event != NULL;
    if (used < SHARD_US)
        return TRUE;
    interpreter->heavy = TRUE;
    mcp_vxml_set_action(interpreter, MCP_VXML_ACTION_COMPUTE);
    return TRUE;
}

void
mcp_vxml_watch(McpVxmlInterpreter *interpreter)
{
    if (interpreter->waiting || ++interpreter->steps % STEPS != 0 || look(interpreter))
        return;
    interpreter->overran = TRUE;
    if (!interpreter->warned) {
        interpreter->warned = TRUE;
        interpreter->begun = mcp_vxml_cpu_time();
        mcp_vxml_throw(interpreter, "error.semantic", "more than %d ms of computing in one go",
                       RUN_US / 1000);
    } else {
        mcp_vxml_set_end(interpreter, TRUE, "too much computing without input", NULL, NULL);
        interpreter->begun = mcp_vxml_cpu_time();
    }
}

void
mcp_vxml_watch_begin(McpVxmlInterpreter *interpreter, gboolean elsewhere)
{
    interpreter->begun = mcp_vxml_cpu_time();
    interpreter->elsewhere = elsewhere;
    interpreter->steps = 0;
}

void
mcp_vxml_watch_end(McpVxmlInterpreter *interpreter)
{
    gint64 used = mcp_vxml_cpu_time() - interpreter->begun;

    interpreter->light_runs = used < LIGHT_US ? interpreter->light_runs + 1 : 0;
}

static gboolean
is_demanding(const McpVxmlDocument *document)
{
    return document != NULL && mcp_vxml_document_is_demanding(document);
}

gboolean
mcp_vxml_interpreter_is_heavy(McpVxmlInterpreter *interpreter, const McpVxmlOutcome *outcome)
{
    McpVxmlContext *context = interpreter->context;
    gboolean feared;

    if (interpreter->heavy)
        return TRUE;
    for (McpVxmlContext *one = context; one != NULL; one = one->caller)
        if (mcp_script_is_heavy(one->script))
            return TRUE;
    /* What a fetched script does is known when it was run. */
    if (outcome != NULL && outcome->type == MCP_VXML_OUTCOME_SCRIPT)
        return TRUE;
    feared = context != NULL && (is_demanding(context->document) || is_demanding(context->root));
    if (outcome != NULL && outcome->type == MCP_VXML_OUTCOME_PAGE)
        feared |= is_demanding(outcome->document) || is_demanding(outcome->root);
    return feared && interpreter->light_runs < LIGHT_RUNS;
}

gboolean
mcp_vxml_interpreter_take_overrun(McpVxmlInterpreter *interpreter)
{
    gboolean overran = interpreter->overran;

    interpreter->overran = FALSE;
    return overran;
}

gboolean
mcp_vxml_spend_prompt(McpVxmlInterpreter *interpreter, gsize bytes)
{
    interpreter->prompt_bytes += bytes;
    interpreter->prompt_pieces++;
    if (interpreter->prompt_bytes <= MAX_PROMPT_BYTES &&
        interpreter->prompt_pieces <= MAX_PROMPT_PIECES)
        return TRUE;
    return mcp_vxml_throw(interpreter, "error.semantic",
                          "prompts of more than %d bytes or %d pieces are queued", MAX_PROMPT_BYTES,
                          MAX_PROMPT_PIECES);
}

void
mcp_vxml_prompts_gone(McpVxmlInterpreter *interpreter)
{
    interpreter->prompt_bytes = 0;
    interpreter->prompt_pieces = 0;
}

gboolean
mcp_vxml_check_size(McpVxmlInterpreter *interpreter, gsize bytes)
{
    if (bytes <= MCP_VXML_MAX_FORM)
        return TRUE;
    return mcp_vxml_throw(interpreter, "error.semantic", "values of more than %d bytes together",
                          MCP_VXML_MAX_FORM);
}

gboolean
mcp_vxml_may_note(McpVxmlInterpreter *interpreter)
{
    return interpreter->told++ < MAX_NOTES;
}
