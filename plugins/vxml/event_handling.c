/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events: which handler takes one (VoiceXML 2.0 §5.2.4), counters, and the platform's own handlers
 * (§5.2.5). Handlers run as if copied to where the event was thrown. On the machine's thread.
 */
#include <string.h>

#include "interpreter_input.h"
#include "interpreter_scopes.h"
#include "trace_notes.h"

static const char *
handled_names(const McpVxmlElement *handler)
{
    switch ((int)handler->kind) {
    case MCP_VXML_ERROR:
        return "error";
    case MCP_VXML_HELP:
        return "help";
    case MCP_VXML_NOINPUT:
        return "noinput";
    case MCP_VXML_NOMATCH:
        return "nomatch";
    default:
        return mcp_vxml_element_get(handler, "event");
    }
}

#define BLANKS " \t\r\n"

/* The name of the list that is @event or a prefix of it by whole tokens; "." takes all. Within
 * @names. */
static const char *
find_name(const char *names, const char *event, gsize *out_length)
{
    const char *name = names != NULL ? names + strspn(names, BLANKS) : ".";

    while (*name != '\0') {
        gsize length = strcspn(name, BLANKS);
        gboolean all = length == 1 && *name == '.';

        if (all || (strncmp(event, name, length) == 0 &&
                    (event[length] == '\0' || event[length] == '.'))) {
            *out_length = length;
            return name;
        }
        name += length;
        name += strspn(name, BLANKS);
    }
    return NULL;
}

gboolean
mcp_vxml_event_matches(const char *names, const char *event)
{
    gsize length;

    return find_name(names, event, &length) != NULL;
}

static void
count_up(GHashTable *counts, const char *name)
{
    guint count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, name));

    g_hash_table_insert(counts, g_strdup(name), GUINT_TO_POINTER(count + 1));
}

/* §5.2.2: the full name and each of its prefixes; "." for handlers of everything. */
static void
count_event(GHashTable *counts, const char *event)
{
    g_autofree char *name = g_strdup(event);
    char *dot;

    count_up(counts, ".");
    do {
        count_up(counts, name);
        dot = strrchr(name, '.');
        if (dot != NULL)
            *dot = '\0';
    } while (dot != NULL && *name != '\0');
}

typedef struct {
    const char *event;
    GHashTable *counts;
    const McpVxmlElement *best;
    gint64 best_count;
} Search;

static gboolean
condition_holds(McpVxmlInterpreter *interpreter, const McpVxmlElement *handler)
{
    gboolean holds = mcp_vxml_condition(interpreter, handler);

    /* A condition that fails must not hide the event that is being handled. */
    if (interpreter->event != NULL) {
        mcp_vxml_note(interpreter, MCP_EVENT_DIALOG, "cond-failed", handler, interpreter->message);
        g_clear_pointer(&interpreter->event, g_free);
        g_clear_pointer(&interpreter->message, g_free);
    }
    return holds;
}

static void
search_scope(McpVxmlInterpreter *interpreter, const McpVxmlElement *scope, Search *search)
{
    const McpVxmlElement *handler;

    for (handler = scope->first_handler; handler != NULL; handler = handler->next_alike) {
        g_autofree char *name = NULL;
        const char *found;
        const char *text;
        gsize length;
        gint64 count = 1;

        found = find_name(handled_names(handler), search->event, &length);
        if (found == NULL)
            continue;
        name = g_strndup(found, length);
        text = mcp_vxml_element_get(handler, "count");
        if (text != NULL)
            mcp_vxml_number(text, &count);
        if (count > GPOINTER_TO_UINT(g_hash_table_lookup(search->counts, name)))
            continue;
        /* Inner scopes and earlier ones come first, so only a higher count replaces. */
        if (search->best != NULL && count <= search->best_count)
            continue;
        if (!condition_holds(interpreter, handler))
            continue;
        search->best = handler;
        search->best_count = count;
    }
}

static const McpVxmlElement *
select_handler(McpVxmlInterpreter *interpreter, const char *event, GHashTable *counts)
{
    McpVxmlContext *context = interpreter->context;
    Search search = {event, counts, NULL, 0};

    if (context->current != NULL && context->current->element != context->dialog)
        search_scope(interpreter, context->current->element, &search);
    if (context->dialog != NULL)
        search_scope(interpreter, context->dialog, &search);
    if ((context->scopes & (MCP_VXML_SCOPE_DOCUMENT | MCP_VXML_SCOPE_DIALOG)) != 0 ||
        context->root == NULL)
        search_scope(interpreter, mcp_vxml_document_get_root(context->document), &search);
    if (context->root != NULL)
        search_scope(interpreter, mcp_vxml_document_get_root(context->root), &search);
    if (interpreter->setup.defaults != NULL)
        search_scope(interpreter, mcp_vxml_document_get_root(interpreter->setup.defaults), &search);
    return search.best;
}

static GHashTable *
counts_of(McpVxmlContext *context)
{
    if (context->current == NULL)
        return context->event_counts;
    if (context->current->event_counts == NULL)
        context->current->event_counts =
            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return context->current->event_counts;
}

static void
queue_platform_text(McpVxmlInterpreter *interpreter, const char *key)
{
    const char *text = interpreter->setup.properties != NULL
                           ? g_hash_table_lookup(interpreter->setup.properties, key)
                           : NULL;

    if (text != NULL && *text != '\0')
        mcp_vxml_queue_text(interpreter, text);
}

/* §5.2.5: what the platform does when the application has no handler. */
static void
handle_by_platform(McpVxmlInterpreter *interpreter, const char *event)
{
    McpVxmlContext *context = interpreter->context;
    gboolean help = mcp_vxml_event_matches("help", event);
    gboolean no_match = mcp_vxml_event_matches("nomatch", event);

    context->phase = MCP_VXML_PHASE_SELECT;
    context->in_handler = FALSE;
    context->quiet = FALSE;
    if (help || no_match) {
        queue_platform_text(interpreter, help ? "mcp.help" : "mcp.nomatch");
    } else if (mcp_vxml_event_matches("cancel externalmessage", event)) {
        context->quiet = TRUE;
    } else if (mcp_vxml_event_matches("connection.disconnect", event)) {
        mcp_vxml_set_end(interpreter, FALSE, "hangup", NULL, NULL);
    } else if (mcp_vxml_event_matches("exit", event)) {
        mcp_vxml_set_end(interpreter, FALSE, "exit", NULL, NULL);
    } else if (!mcp_vxml_event_matches("noinput maxspeechtimeout", event)) {
        queue_platform_text(interpreter, "mcp.error");
        mcp_vxml_set_end(interpreter, TRUE, event, NULL, NULL);
    }
}

static void
run_handler(McpVxmlInterpreter *interpreter, const McpVxmlElement *handler, const char *event,
            const char *message)
{
    McpVxmlContext *context = interpreter->context;

    context->phase = context->dialog != NULL ? MCP_VXML_PHASE_SELECT : MCP_VXML_PHASE_EXIT;
    context->in_handler = TRUE;
    context->reprompt = FALSE;
    mcp_vxml_push_content(interpreter, handler->first, TRUE);
    if (interpreter->event != NULL)
        return;
    mcp_script_set_string(context->script, NULL, "_event", event, NULL);
    if (message != NULL && *message != '\0')
        mcp_script_set_string(context->script, NULL, "_message", message, NULL);
    else
        mcp_script_set_undefined(context->script, NULL, "_message", NULL);
}

void
mcp_vxml_handle_event(McpVxmlInterpreter *interpreter)
{
    McpVxmlContext *context = interpreter->context;
    g_autofree char *event = g_steal_pointer(&interpreter->event);
    g_autofree char *message = g_steal_pointer(&interpreter->message);
    const McpVxmlElement *at =
        context->current != NULL ? context->current->element : context->dialog;
    g_autofree char *text = g_strdup_printf("%s%s%s", event, *message != '\0' ? ": " : "", message);
    const McpVxmlElement *handler;

    mcp_vxml_note(interpreter, MCP_EVENT_DIALOG, "event", at, text);
    interpreter->have_input = FALSE;
    mcp_vxml_clear_frames(interpreter);
    if (!mcp_vxml_count_transition(interpreter)) {
        /* Ended, or the limit's own event takes the place of this one. */
        if (interpreter->event == NULL)
            return;
        g_free(event);
        g_free(message);
        event = g_steal_pointer(&interpreter->event);
        message = g_steal_pointer(&interpreter->message);
    }
    count_event(counts_of(context), event);
    handler = select_handler(interpreter, event, counts_of(context));
    mcp_vxml_trace_handler(interpreter, handler, event);
    if (handler == NULL)
        handle_by_platform(interpreter, event);
    else
        run_handler(interpreter, handler, event, message);
}

gboolean
mcp_vxml_throw_element(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    g_autofree char *event = NULL;
    g_autofree char *message = NULL;

    if (!mcp_vxml_attribute_or_expr(interpreter, element, "event", "eventexpr", &event) ||
        !mcp_vxml_attribute_or_expr(interpreter, element, "message", "messageexpr", &message))
        return FALSE;
    return mcp_vxml_throw(interpreter, event, "%s", message != NULL ? message : "");
}
