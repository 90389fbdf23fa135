/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of a page and for it: out as INFO within the call or as a POST, in from INFO; what comes
 * while the machine is in the compute pool waits here. On the call's shard.
 */
#include <mcp/log.h>
#include <string.h>

#include "session_loading.h"

#define MAX_BYTES 65536
#define MAX_WAITING 32
#define FORM_TYPE "application/x-www-form-urlencoded"

/* ---- out ---- */

static gboolean
send_info(McpVxmlSession *session, const McpVxmlSend *send)
{
    g_autoptr(GBytes) body = g_bytes_new(send->content, strlen(send->content));
    McpSession *far = session->call != NULL ? mcp_call_get_session(session->call) : NULL;

    if (session->services.send_info != NULL)
        return session->services.send_info(session->services.send_info_data, send->content_type,
                                           body);
    if (far == NULL || !mcp_call_is_connected(session->call))
        return FALSE;
    mcp_session_send_info(far, send->content_type, body);
    return TRUE;
}

/* What becomes of a message that nobody waits for stands in the log. */
typedef struct {
    McpVxmlSession *session;
    gboolean async;
    guint64 serial; /* of the action that waits */
} Post;

static void
give_answer(Post *post, const char *event, const char *message)
{
    McpVxmlSession *session = post->session;
    McpVxmlOutcome done = {.type = MCP_VXML_OUTCOME_DONE};
    gboolean awaited = !post->async && post->serial == session->serial && !session->ended;

    if (event != NULL)
        mcp_log_info("vxml-send", mcp_vxml_session_call_id(session), "%s: %s", event, message);
    if (awaited && event != NULL)
        mcp_vxml_session_fail(session, event, "%s", message);
    else if (awaited)
        mcp_vxml_session_resume(session, &done);
    g_object_unref(session);
    g_free(post);
}

static void
on_posted(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpFetchResponse) response =
        mcp_fetcher_fetch_finish(MCP_FETCHER(source), result, &error);
    const McpFetchFacts *facts = response != NULL ? mcp_fetch_response_get_facts(response) : NULL;
    g_autofree char *event = NULL;
    g_autofree char *message = NULL;

    if (facts == NULL || facts->status < 200 || facts->status >= 300) {
        event = mcp_vxml_fetch_event(facts != NULL ? facts->status : 0, error);
        message = facts != NULL ? g_strdup_printf("http %u from %s", facts->status, facts->url)
                                : g_strdup(error->message);
    }
    give_answer(user_data, event, message);
}

static void
post_message(McpVxmlSession *session, const McpVxmlSend *send)
{
    g_autoptr(GBytes) body = g_bytes_new(send->content, strlen(send->content));
    McpFetchRequest request = {.url = send->url,
                               .method = "POST",
                               .content_type = send->content_type,
                               .body = body,
                               .timeout = send->timeout,
                               .max_age = -1,
                               .max_stale = -1,
                               .max_bytes = MAX_BYTES,
                               .call = session->call};
    Post *post = g_new0(Post, 1);

    post->session = g_object_ref(session);
    post->async = send->async;
    post->serial = session->serial;
    /* One that is not awaited outlives its action, and ends with the call. */
    mcp_fetcher_fetch_async(session->services.fetcher, &request,
                            send->async ? NULL : session->cancellable, on_posted, post);
}

/* From the main loop, so that a page that sends often does not deepen the stack each time. */
static void
on_sent(gpointer user_data)
{
    McpVxmlSession *session = user_data;
    McpVxmlOutcome done = {.type = MCP_VXML_OUTCOME_DONE};

    mcp_timer_clear(&session->message_timer);
    mcp_vxml_session_resume(session, &done);
}

void
mcp_vxml_send_message(McpVxmlSession *session)
{
    const McpVxmlSend *send = &session->action->send;
    gboolean async = send->async || send->url == NULL;

    mcp_vxml_session_report(session, MCP_EVENT_DIALOG, "message-sent", "content_type",
                            send->content_type);
    if (strlen(send->content) > MAX_BYTES) {
        mcp_vxml_session_fail(session, "error.badfetch", "a message has %d bytes at most",
                              MAX_BYTES);
        return;
    }
    if (send->url != NULL && session->services.fetcher == NULL) {
        mcp_vxml_session_fail(session, "error.noresource", "no fetcher is running");
        return;
    }
    if (send->url != NULL) {
        post_message(session, send);
    } else if (!send_info(session, send)) {
        mcp_vxml_session_fail(session, "error.badfetch", "the caller cannot be reached");
        return;
    }
    /* Signalling does not tell what became of an INFO: there is nothing to wait for. */
    if (async)
        session->message_timer =
            mcp_clock_after(session->services.clock, NULL, 0, on_sent, session);
}

/* ---- in ---- */

static void
on_received(McpVxmlSession *session, McpVxmlDocument *document, McpVxmlDocument *root,
            const char *event, const char *message)
{
    McpVxmlOutcome outcome = {.type = MCP_VXML_OUTCOME_MESSAGE};

    if (event != NULL)
        mcp_vxml_session_fail(session, event, "%s", message);
    else
        mcp_vxml_session_resume(session, &outcome);
}

static void
on_max_time(gpointer user_data)
{
    McpVxmlSession *session = user_data;
    g_autoptr(McpVxmlSession) self = g_object_ref(session);

    mcp_timer_clear(&session->message_timer);
    mcp_vxml_wait_arrived(session, "error.badfetch", "no message has come");
}

void
mcp_vxml_await_message(McpVxmlSession *session)
{
    gint64 max_time = session->action->max_time;

    if (max_time >= 0)
        session->message_timer =
            mcp_clock_after(session->services.clock, NULL, max_time, on_max_time, session);
    mcp_vxml_wait_with_audio(session, NULL, on_received);
}

static void
deliver(McpVxmlSession *session, const McpVxmlMessage *message)
{
    McpVxmlOutcome outcome = {.type = MCP_VXML_OUTCOME_MESSAGE};

    switch (mcp_vxml_interpreter_deliver(session->interpreter, message)) {
    case MCP_VXML_MESSAGE_DROPPED:
        mcp_log_info("vxml-message", mcp_vxml_session_call_id(session),
                     "message of %s dropped: the page wants none now", message->content_type);
        break;
    case MCP_VXML_MESSAGE_INTERRUPTS:
        mcp_timer_clear(&session->message_timer);
        if (session->wait != NULL) {
            mcp_vxml_wait_arrived(session, NULL, NULL);
        } else {
            g_cancellable_cancel(session->cancellable);
            mcp_vxml_session_resume(session, &outcome);
        }
        break;
    case MCP_VXML_MESSAGE_KEPT:
    default:
        break;
    }
}

/* The event that a message gives itself: in its type, or as a member of a form. */
static char *
event_name(const char *content_type, const char *content)
{
    const char *parameter = strstr(content_type, ";event=");
    g_autofree char *name = NULL;

    if (parameter != NULL) {
        parameter += strlen(";event=");
        name = g_strndup(parameter, strcspn(parameter, "; "));
    } else if (g_ascii_strncasecmp(content_type, FORM_TYPE, strlen(FORM_TYPE)) == 0 &&
               content != NULL) {
        g_auto(GStrv) pairs = g_strsplit(content, "&", -1);

        for (guint i = 0; pairs[i] != NULL && name == NULL; i++)
            if (g_str_has_prefix(pairs[i], "event="))
                name = g_uri_unescape_string(pairs[i] + strlen("event="), NULL);
    }
    return name != NULL && mcp_vxml_is_event_name(name) ? g_steal_pointer(&name) : NULL;
}

static void
message_free(gpointer data)
{
    McpVxmlMessage *message = data;

    g_free(message->content_type);
    g_free(message->content);
    g_free(message->event);
    g_free(message);
}

static McpVxmlMessage *
message_new(const char *content_type, GBytes *body)
{
    McpVxmlMessage *message = g_new0(McpVxmlMessage, 1);
    gsize length;
    const char *data = g_bytes_get_data(body, &length);

    message->content_type = g_strdup(content_type);
    if (length > 0 && g_utf8_validate(data, (gssize)length, NULL))
        message->content = g_strndup(data, length);
    message->unreadable = length > 0 && message->content == NULL;
    message->event = event_name(content_type, message->content);
    return message;
}

void
mcp_vxml_take_message(McpVxmlSession *session, const char *content_type, GBytes *body)
{
    McpVxmlMessage *message;

    mcp_vxml_session_report(session, MCP_EVENT_DIALOG, "message", "content_type", content_type);
    if (session->interpreter == NULL || session->ended || g_bytes_get_size(body) > MAX_BYTES ||
        session->messages.length >= MAX_WAITING) {
        mcp_log_info("vxml-message", mcp_vxml_session_call_id(session),
                     "message of %s with %" G_GSIZE_FORMAT " bytes dropped", content_type,
                     g_bytes_get_size(body));
        return;
    }
    message = message_new(content_type, body);
    g_queue_push_tail(&session->messages, message);
    mcp_vxml_deliver_messages(session);
}

void
mcp_vxml_deliver_messages(McpVxmlSession *session)
{
    while (!session->in_pool && !session->ended && session->action != NULL &&
           !g_queue_is_empty(&session->messages)) {
        McpVxmlMessage *message = g_queue_pop_head(&session->messages);

        deliver(session, message);
        message_free(message);
    }
}

void
mcp_vxml_messages_clear(McpVxmlSession *session)
{
    mcp_timer_clear(&session->message_timer);
    g_queue_clear_full(&session->messages, message_free);
}
