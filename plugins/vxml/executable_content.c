/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Executable content (VoiceXML 2.0 §5.3): lists of siblings as frames on a stack of our own, so
 * that a script that must be fetched suspends them and nesting costs no C stack. On the machine's
 * thread.
 */
#include <string.h>

#include "debug.h"
#include "interpreter_input.h"
#include "interpreter_scopes.h"

/* DESIGN: scripts above this size run in the compute pool. */
#define BIG_SCRIPT 16384

static void
push_frame(McpVxmlInterpreter *interpreter, const McpVxmlElement *first, gboolean scope,
           gboolean initial)
{
    McpVxmlFrame frame = {.next = first, .scope = scope, .initial = initial};
    GError *error = NULL;

    if (scope &&
        !mcp_vxml_check(interpreter,
                        mcp_script_push_scope(interpreter->context->script, NULL, FALSE, &error),
                        &error))
        return;
    g_array_append_val(interpreter->frames, frame);
}

void
mcp_vxml_push_content(McpVxmlInterpreter *interpreter, const McpVxmlElement *first, gboolean scope)
{
    push_frame(interpreter, first, scope, FALSE);
}

void
mcp_vxml_push_initial(McpVxmlInterpreter *interpreter, const McpVxmlElement *first)
{
    push_frame(interpreter, first, FALSE, TRUE);
}

static void
pop_frame(McpVxmlInterpreter *interpreter)
{
    McpVxmlFrame *frame =
        &g_array_index(interpreter->frames, McpVxmlFrame, interpreter->frames->len - 1);

    if (frame->scope)
        mcp_script_pop_scope(interpreter->context->script);
    g_clear_pointer(&frame->items, mcp_script_items_free);
    g_array_set_size(interpreter->frames, interpreter->frames->len - 1);
}

void
mcp_vxml_clear_frames(McpVxmlInterpreter *interpreter)
{
    while (interpreter->frames->len > 0)
        pop_frame(interpreter);
}

/* ---- variables ---- */

/* §5.1: a name as ECMAScript has them, without a scope before it. */
static gboolean
is_plain_name(const char *name)
{
    if (*name == '\0' || g_ascii_isdigit(*name))
        return FALSE;
    for (; *name != '\0'; name++)
        if ((guchar)*name < 128 && !g_ascii_isalnum(*name) && *name != '_' && *name != '$')
            return FALSE;
    return TRUE;
}

gboolean
mcp_vxml_declare(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    McpVxmlContext *context = interpreter->context;
    const char *name = mcp_vxml_element_get(element, "name");
    McpScriptCode *code = mcp_vxml_element_code(element, "expr");
    McpScriptData *parameter = NULL;
    GError *error = NULL;

    /* §2.3.4: what <param> brings takes the place of the <var>'s own value. */
    if (context->parameters != NULL && element->parent == context->dialog)
        parameter = g_hash_table_lookup(context->parameters, name);
    if (parameter != NULL) {
        gboolean ok = mcp_script_import(context->script, NULL, name, parameter, &error);

        g_hash_table_remove(context->parameters, name);
        return mcp_vxml_check(interpreter, ok, &error);
    }
    if (!is_plain_name(name))
        return mcp_vxml_throw(interpreter, "error.semantic", "<var> cannot declare \"%s\"", name);
    return mcp_vxml_check(interpreter, mcp_script_declare(context->script, name, code, &error),
                          &error);
}

static void
assign(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    const char *name = mcp_vxml_element_get(element, "name");
    GError *error = NULL;

    if (g_str_has_prefix(name, "session.")) {
        mcp_vxml_throw(interpreter, "error.semantic", "%s is read-only", name);
        return;
    }
    mcp_vxml_check(interpreter,
                   mcp_script_assign(interpreter->context->script, name,
                                     mcp_vxml_element_code(element, "expr"), &error),
                   &error);
}

/* Compiled once by a session, as the expressions of pages are. */
static McpScriptCode *
undefined(void)
{
    static gsize once = 0;
    static McpScriptCode *code = NULL; /* written before once is */

    if (g_once_init_enter(&once)) {
        code = mcp_script_code_new(MCP_SCRIPT_EXPRESSION, "void 0", "clear", 1);
        g_once_init_leave(&once, 1);
    }
    return code;
}

static void
clear_one(McpVxmlInterpreter *interpreter, const char *name)
{
    McpVxmlContext *context = interpreter->context;
    const char *plain = g_str_has_prefix(name, "dialog.") ? name + strlen("dialog.") : name;
    McpVxmlItem *item = mcp_vxml_context_find_item(context, plain);
    GError *error = NULL;

    if (item != NULL) {
        /* §5.3.3: the item is as new, so that its first prompt comes again. */
        item->prompt_count = 1;
        g_clear_pointer(&item->event_counts, g_hash_table_unref);
    }
    mcp_vxml_check(interpreter, mcp_script_assign(context->script, name, undefined(), &error),
                   &error);
}

static void
clear(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    McpVxmlContext *context = interpreter->context;
    const char *names = mcp_vxml_element_get(element, "namelist");
    g_auto(GStrv) list = NULL;

    if (names == NULL) {
        for (guint i = 0; i < context->items->len && interpreter->event == NULL; i++)
            clear_one(interpreter, ((McpVxmlItem *)context->items->pdata[i])->name);
        return;
    }
    list = g_strsplit_set(names, " \t\r\n", -1);
    for (guint i = 0; list[i] != NULL && interpreter->event == NULL; i++)
        if (*list[i] != '\0')
            clear_one(interpreter, list[i]);
}

/* ---- flow ---- */

static const McpVxmlElement *
next_branch(const McpVxmlElement *element)
{
    while (element != NULL && element->kind != MCP_VXML_ELSEIF && element->kind != MCP_VXML_ELSE)
        element = element->next;
    return element;
}

static void
run_if(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    const McpVxmlElement *branch = element;
    const McpVxmlElement *first = element->first;

    while (branch != NULL) {
        gboolean taken = mcp_vxml_condition(interpreter, branch);

        if (interpreter->event != NULL)
            return;
        if (taken) {
            mcp_vxml_push_content(interpreter, first, FALSE);
            return;
        }
        branch = next_branch(first);
        first = branch != NULL ? branch->next : NULL;
    }
}

static void
run_foreach(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    McpVxmlFrame frame = {.loop = element, .next = NULL};
    GError *error = NULL;

    frame.items = mcp_script_eval_items(interpreter->context->script,
                                        mcp_vxml_element_code(element, "array"), &error);
    if (!mcp_vxml_check(interpreter, frame.items != NULL, &error))
        return;
    g_array_append_val(interpreter->frames, frame);
}

static void
next_round(McpVxmlInterpreter *interpreter, McpVxmlFrame *frame)
{
    const char *name = mcp_vxml_element_get(frame->loop, "item");
    GError *error = NULL;

    if (frame->position >= mcp_script_items_length(frame->items)) {
        pop_frame(interpreter);
        return;
    }
    frame->next = frame->loop->first;
    mcp_vxml_check(interpreter,
                   mcp_script_items_store(frame->items, frame->position++, name, &error), &error);
}

gboolean
mcp_vxml_run_script(McpVxmlInterpreter *interpreter, McpScriptCode *code)
{
    GError *error = NULL;

    return mcp_vxml_check(interpreter, mcp_script_run(interpreter->context->script, code, &error),
                          &error);
}

/* FALSE when the script has to be run elsewhere or fetched first: it stays the next element. */
static void
run_script_element(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    g_autofree char *url = NULL;

    if (element->content != NULL) {
        mcp_vxml_run_script(interpreter, element->content);
        return;
    }
    if (!mcp_vxml_attribute_or_expr(interpreter, element, "src", "srcexpr", &url))
        return;
    mcp_vxml_fill_fetch(interpreter, element, "script", &interpreter->action.fetch);
    if (mcp_vxml_set_request(interpreter, element, url, NULL))
        mcp_vxml_set_action(interpreter, MCP_VXML_ACTION_SCRIPT);
}

static gboolean
must_move(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    return element->kind == MCP_VXML_SCRIPT && element->content != NULL &&
           !interpreter->big_script_allowed && !interpreter->elsewhere &&
           mcp_script_code_size(element->content) > BIG_SCRIPT;
}

static void
run_element(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    if (!mcp_vxml_supports(interpreter, element))
        return;
    switch ((int)element->kind) {
    case MCP_VXML_VAR:
        mcp_vxml_declare(interpreter, element);
        break;
    case MCP_VXML_ASSIGN:
        assign(interpreter, element);
        break;
    case MCP_VXML_CLEAR:
        clear(interpreter, element);
        break;
    case MCP_VXML_IF:
        run_if(interpreter, element);
        break;
    case MCP_VXML_FOREACH:
        run_foreach(interpreter, element);
        break;
    case MCP_VXML_SCRIPT:
        run_script_element(interpreter, element);
        break;
    case MCP_VXML_DATA:
        mcp_vxml_run_data(interpreter, element);
        break;
    case MCP_VXML_LOG:
        mcp_vxml_log(interpreter, element);
        break;
    case MCP_VXML_PROMPT:
        mcp_vxml_queue_prompt(interpreter, element);
        break;
    case MCP_VXML_REPROMPT:
        interpreter->context->reprompt = TRUE;
        break;
    case MCP_VXML_THROW:
        mcp_vxml_throw_element(interpreter, element);
        break;
    case MCP_VXML_GOTO:
        mcp_vxml_goto(interpreter, element);
        break;
    case MCP_VXML_SUBMIT:
        mcp_vxml_submit(interpreter, element);
        break;
    case MCP_VXML_RETURN:
        mcp_vxml_return(interpreter, element);
        break;
    case MCP_VXML_EXIT:
        mcp_vxml_exit(interpreter, element);
        break;
    case MCP_VXML_SEND:
        mcp_vxml_send(interpreter, element);
        break;
    case MCP_VXML_RECEIVE:
        mcp_vxml_receive(interpreter, element);
        break;
    case MCP_VXML_DISCONNECT:
        mcp_vxml_disconnect(interpreter, element);
        break;
    default:
        mcp_vxml_throw(interpreter, "error.unsupported", "<%s> in line %u",
                       mcp_vxml_element_get_name(element), element->line);
        g_free(interpreter->event);
        interpreter->event =
            g_strdup_printf("error.unsupported.%s", mcp_vxml_element_get_name(element));
        break;
    }
}

static gboolean
is_initial(const McpVxmlElement *element)
{
    return element->kind == MCP_VXML_VAR || element->kind == MCP_VXML_SCRIPT ||
           element->kind == MCP_VXML_DATA || element->kind == MCP_VXML_EXTENSION;
}

void
mcp_vxml_run_content(McpVxmlInterpreter *interpreter)
{
    McpVxmlFrame *frame =
        &g_array_index(interpreter->frames, McpVxmlFrame, interpreter->frames->len - 1);
    const McpVxmlElement *element = frame->next;
    gboolean end =
        element == NULL || element->kind == MCP_VXML_ELSE || element->kind == MCP_VXML_ELSEIF;

    interpreter->work++;
    if (interpreter->work % 1024 == 0 && !mcp_vxml_count_transition(interpreter))
        return;
    if (end && frame->loop != NULL) {
        next_round(interpreter, frame);
        return;
    }
    if (end) {
        pop_frame(interpreter);
        return;
    }
    if (must_move(interpreter, element)) {
        mcp_vxml_set_action(interpreter, MCP_VXML_ACTION_COMPUTE);
        return;
    }
    if (interpreter->probe != NULL && (!frame->initial || is_initial(element)))
        mcp_vxml_debug_probe(interpreter, element, FALSE);
    if (!frame->initial && mcp_vxml_element_is_speech(element)) {
        mcp_vxml_queue_run(interpreter, element, &frame->next);
        return;
    }
    frame->next = element->next;
    if (frame->initial && mcp_vxml_element_is_item(element))
        mcp_vxml_init_item(interpreter, element);
    else if (!frame->initial || is_initial(element))
        run_element(interpreter, element);
}
