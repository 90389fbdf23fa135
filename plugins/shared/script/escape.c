/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way out of an engine that cannot be told to stop. Its compiler takes the memory that it asked
 * for as given and reads on past what it could not write, and it never looks at the clock: a run
 * that has used up what it was lent to end in order is left as it stands, by a long jump out of the
 * heap. The engine is in no state that could be trusted then; it is not entered again, and goes
 * with the session. Owner thread, within a run.
 */
#include <setjmp.h>

#include "engine.h"

struct _McpScriptEscape {
    jmp_buf out;
};

/* Nothing of this frame changes between the two returns of setjmp(). */
int
mcp_script_try(McpScript *script, McpScriptBody body, gpointer data)
{
    McpScriptEscape escape;
    McpScriptEscape *outer = script->escape;
    int result = -1;

    if (script->buried)
        return -1;
    if (setjmp(escape.out) != 0) {
        script->escape = outer;
        return -1;
    }
    script->escape = &escape;
    result = body(script, data);
    script->escape = outer;
    return result;
}

gboolean
mcp_script_can_escape(const McpScript *script)
{
    return script->escape != NULL;
}

void
mcp_script_escape(McpScript *script)
{
    script->buried = TRUE;
    longjmp(script->escape->out, 1);
}

void
mcp_script_drop(McpScript *script, JSValue value)
{
    if (!script->buried)
        JS_FreeValue(script->context, value);
}
