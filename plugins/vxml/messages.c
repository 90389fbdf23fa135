/* SPDX-License-Identifier: Apache-2.0 */
/*
 * <send> and <receive>, and messages from outside (the external communication module of the
 * VoiceXML 3.0 draft, as the big commercial platform has it for 2.1): a message becomes the event
 * externalmessage, waits for a <receive>, or is dropped, as the properties say. On the machine's
 * thread.
 */
#include <string.h>

#include "interpreter_scopes.h"

#define ENABLE "com.genesyslab.externalevents.enable"
#define QUEUE "com.genesyslab.externalevents.queue"
#define MAX_WAITING 32
#define FORM_TYPE "application/x-www-form-urlencoded"
#define EVENT "externalmessage"

static void
message_free(gpointer data)
{
    McpVxmlMessage *message = data;

    g_free(message->content_type);
    g_free(message->content);
    g_free(message->event);
    g_free(message);
}

GQueue *
mcp_vxml_messages_new(void)
{
    return g_queue_new();
}

void
mcp_vxml_messages_free(GQueue *messages)
{
    g_queue_free_full(messages, message_free);
}

void
mcp_vxml_send_clear(McpVxmlSend *send)
{
    g_clear_pointer(&send->url, g_free);
    g_clear_pointer(&send->content_type, g_free);
    g_clear_pointer(&send->content, g_free);
}

gboolean
mcp_vxml_is_event_name(const char *name)
{
    return g_ascii_isalpha(*name) &&
           name[strspn(name, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "._-")] == '\0';
}

/* ---- from outside ---- */

static char *
event_of(const McpVxmlMessage *message)
{
    /* What is no text cannot be shown to a page. */
    if (message->content == NULL && message->unreadable)
        return g_strdup("error.badfetch");
    return message->event != NULL ? g_strdup_printf(EVENT ".%s", message->event) : g_strdup(EVENT);
}

static gboolean
reflect(McpVxmlInterpreter *interpreter, const McpVxmlMessage *message)
{
    McpScript *script = interpreter->context->script;
    McpJson *json = mcp_json_new();
    g_autofree char *text = NULL;
    GError *error = NULL;
    gboolean ok;

    mcp_json_begin_object(json, NULL);
    mcp_json_string(json, "contenttype", message->content_type);
    /* A member that is not there is undefined, which JSON cannot say. */
    if (message->content != NULL)
        mcp_json_string(json, "content", message->content);
    if (message->event != NULL)
        mcp_json_string(json, "event", message->event);
    mcp_json_end_object(json);
    text = mcp_json_finish(json);
    ok = mcp_script_set_json(script, "application", "lastmessage$", text, &error);
    return mcp_vxml_check(interpreter, ok, &error);
}

/* Takes the oldest message; @received: by <receive>, so that it is no event unless it is faulty. */
static void
take_message(McpVxmlInterpreter *interpreter, gboolean received)
{
    McpVxmlMessage *message = g_queue_pop_head(interpreter->messages);
    g_autofree char *event = event_of(message);

    if (reflect(interpreter, message) &&
        (!received || (message->unreadable && message->content == NULL)))
        mcp_vxml_throw(interpreter, event, "%s", message->content_type);
    message_free(message);
}

static gboolean
are_events(McpVxmlInterpreter *interpreter)
{
    return mcp_vxml_property_bool(interpreter, ENABLE, FALSE);
}

McpVxmlDelivery
mcp_vxml_interpreter_deliver(McpVxmlInterpreter *interpreter, const McpVxmlMessage *message)
{
    McpVxmlPhase phase = interpreter->context->phase;
    McpVxmlActionType type = interpreter->action.type;
    gboolean ending = phase == MCP_VXML_PHASE_EXIT || phase == MCP_VXML_PHASE_HANGUP;
    gboolean received = interpreter->waiting && type == MCP_VXML_ACTION_RECEIVE;
    gboolean events = are_events(interpreter);
    McpVxmlMessage *copy;

    if (ending || (!received && !events && !mcp_vxml_property_bool(interpreter, QUEUE, FALSE)) ||
        g_queue_get_length(interpreter->messages) >= MAX_WAITING)
        return MCP_VXML_MESSAGE_DROPPED;
    copy = g_new0(McpVxmlMessage, 1);
    copy->content_type = g_strdup(message->content_type);
    copy->content = g_strdup(message->content);
    copy->event = g_strdup(message->event);
    copy->unreadable = message->unreadable;
    g_queue_push_tail(interpreter->messages, copy);
    if (received || (interpreter->waiting && events && type == MCP_VXML_ACTION_COLLECT))
        return MCP_VXML_MESSAGE_INTERRUPTS;
    return MCP_VXML_MESSAGE_KEPT;
}

void
mcp_vxml_resume_message(McpVxmlInterpreter *interpreter, McpVxmlActionType action)
{
    if (!g_queue_is_empty(interpreter->messages))
        take_message(interpreter, action == MCP_VXML_ACTION_RECEIVE);
}

gboolean
mcp_vxml_message_is_due(McpVxmlInterpreter *interpreter)
{
    if (g_queue_is_empty(interpreter->messages) || !are_events(interpreter))
        return FALSE;
    take_message(interpreter, FALSE);
    return TRUE;
}

/* ---- <receive> ---- */

static gboolean
read_max_time(McpVxmlInterpreter *interpreter, const McpVxmlElement *element, gint64 *out_time)
{
    g_autofree char *text = NULL;

    if (!mcp_vxml_attribute_or_expr(interpreter, element, "maxtime", "maxtimeexpr", &text))
        return FALSE;
    *out_time = 0;
    if (text == NULL)
        return TRUE;
    if (strcmp(text, "none") == 0) {
        *out_time = -1;
        return TRUE;
    }
    return mcp_vxml_time(text, out_time) ||
           mcp_vxml_throw(interpreter, "error.semantic", "maxtime \"%s\" of <receive>", text);
}

void
mcp_vxml_receive(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    g_autofree char *clip = NULL;
    gint64 max_time;

    if (!read_max_time(interpreter, element, &max_time) ||
        !mcp_vxml_attribute_or_expr(interpreter, element, "fetchaudio", "fetchaudioexpr", &clip) ||
        !mcp_vxml_count_transition(interpreter))
        return;
    if (!g_queue_is_empty(interpreter->messages)) {
        take_message(interpreter, TRUE);
        return;
    }
    if (max_time == 0) {
        mcp_vxml_throw(interpreter, "error.badfetch", "no message has come");
        return;
    }
    interpreter->action.max_time = max_time;
    mcp_vxml_fill_clip(interpreter, clip);
    mcp_vxml_set_action(interpreter, MCP_VXML_ACTION_RECEIVE);
}

/* ---- <send> ---- */

/* The far side of the call, or a web server; where a message may go is not the page's to widen. */
static gboolean
read_target(McpVxmlInterpreter *interpreter, const McpVxmlElement *element, McpVxmlSend *send)
{
    g_autofree char *target = NULL;
    g_autofree char *scheme = NULL;

    if (!mcp_vxml_attribute_or_expr(interpreter, element, "target", "targetexpr", &target))
        return FALSE;
    if (target == NULL || *target == '\0')
        return TRUE;
    scheme = g_uri_parse_scheme(target);
    if (g_strcmp0(scheme, "http") != 0 && g_strcmp0(scheme, "https") != 0)
        return mcp_vxml_throw(interpreter, "error.badfetch",
                              "<send> reaches the caller or http, not \"%s\"", target);
    send->url = g_steal_pointer(&target);
    return TRUE;
}

/* A media type is written into a header: one line of plain characters with a "/" in it. */
static gboolean
is_content_type(const char *type)
{
    for (const char *c = type; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            return FALSE;
    return strchr(type, '/') != NULL;
}

static gboolean
fill_form(McpVxmlInterpreter *interpreter, const char *names, const char *event, McpVxmlSend *send)
{
    McpVxmlSubmission *form = NULL;
    g_autoptr(McpVxmlSubmission) all = mcp_vxml_submission_new();
    GPtrArray *fields;

    if (!mcp_vxml_build_submission(interpreter, names != NULL ? names : "", &form))
        return FALSE;
    if (event != NULL)
        mcp_vxml_submission_add(all, "event", event);
    fields = mcp_vxml_submission_get_fields(form);
    for (guint i = 0; i < fields->len; i++) {
        const McpVxmlField *field = fields->pdata[i];

        mcp_vxml_submission_add(all, field->name, field->value);
    }
    mcp_vxml_submission_free(form);
    send->content = mcp_vxml_submission_to_urlencoded(all);
    send->content_type = g_strdup(FORM_TYPE);
    return TRUE;
}

static gboolean
fill_body(McpVxmlInterpreter *interpreter, const McpVxmlElement *element, const char *event,
          McpVxmlSend *send)
{
    g_autofree char *type = NULL;

    if (!mcp_vxml_attribute_or_expr(interpreter, element, "body", "bodyexpr", &send->content) ||
        !mcp_vxml_attribute_or_expr(interpreter, element, "contenttype", "contenttypeexpr", &type))
        return FALSE;
    if (type == NULL)
        type = g_strdup("text/plain");
    if (!is_content_type(type))
        return mcp_vxml_throw(interpreter, "error.badfetch", "contenttype \"%s\" of <send>", type);
    send->content_type =
        event != NULL ? g_strdup_printf("%s;event=%s", type, event) : g_steal_pointer(&type);
    return TRUE;
}

static gboolean
read_content(McpVxmlInterpreter *interpreter, const McpVxmlElement *element, McpVxmlSend *send)
{
    static const char *const bodies[] = {"body", "bodyexpr", NULL};
    const char *names = mcp_vxml_element_get(element, "namelist");
    g_autofree char *event = NULL;

    if (!mcp_vxml_attribute_or_expr(interpreter, element, "event", "eventexpr", &event))
        return FALSE;
    if (event != NULL && !mcp_vxml_is_event_name(event))
        return mcp_vxml_throw(interpreter, "error.badfetch", "event \"%s\" of <send>", event);
    if (mcp_vxml_element_count(element, bodies) > 0)
        return fill_body(interpreter, element, event, send);
    if (names == NULL && event == NULL)
        return mcp_vxml_throw(interpreter, "error.badfetch",
                              "<send> has no body, namelist or event");
    return fill_form(interpreter, names, event, send);
}

static gboolean
read_rules(McpVxmlInterpreter *interpreter, const McpVxmlElement *element, McpVxmlSend *send)
{
    g_autofree char *async = NULL;
    g_autofree char *timeout = NULL;

    if (!mcp_vxml_attribute_or_expr(interpreter, element, "async", "asyncexpr", &async) ||
        !mcp_vxml_attribute_or_expr(interpreter, element, "timeout", "timeoutexpr", &timeout))
        return FALSE;
    send->async = async == NULL || strcmp(async, "false") != 0;
    send->timeout = mcp_vxml_property_time(interpreter, "fetchtimeout", 0);
    return timeout == NULL || mcp_vxml_time(timeout, &send->timeout) ||
           mcp_vxml_throw(interpreter, "error.semantic", "timeout \"%s\" of <send>", timeout);
}

void
mcp_vxml_send(McpVxmlInterpreter *interpreter, const McpVxmlElement *element)
{
    McpVxmlSend *send = &interpreter->action.send;

    mcp_vxml_send_clear(send);
    if (read_target(interpreter, element, send) && read_rules(interpreter, element, send) &&
        read_content(interpreter, element, send) && mcp_vxml_count_transition(interpreter))
        mcp_vxml_set_action(interpreter, MCP_VXML_ACTION_SEND);
}
