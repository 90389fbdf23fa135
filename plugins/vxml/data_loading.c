/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fetches what <data> names and parses it, in the compute pool above 50 KB. What goes wrong becomes
 * the standard's event (VoiceXML 2.1 §5). Where something is heard meanwhile, what came is kept
 * until that may end. On the call's shard.
 */
#include <string.h>

#include "session_loading.h"

#define BIG_DATA 51200

typedef struct {
    McpVxmlSession *session;
    guint64 serial;
} Ticket;

typedef struct {
    GBytes *bytes;
    char *url;
    char *charset;
    gsize max_bytes;
} Parse;

static void
parse_free(gpointer data)
{
    Parse *parse = data;

    g_bytes_unref(parse->bytes);
    g_free(parse->url);
    g_free(parse->charset);
    g_free(parse);
}

static gboolean
is_current(const Ticket *ticket)
{
    return !ticket->session->ended && ticket->session->serial == ticket->serial;
}

static void
ticket_free(Ticket *ticket)
{
    g_object_unref(ticket->session);
    g_free(ticket);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Ticket, ticket_free)

static void
run_parse(GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
    Parse *parse = data;
    McpXmlSource from = {.url = parse->url,
                         .charset = parse->charset,
                         .limits = {.max_bytes = parse->max_bytes},
                         .whole = TRUE};
    GError *error = NULL;
    McpXmlDocument *xml = mcp_xml_parse(parse->bytes, &from, NULL, &error);

    if (xml != NULL)
        g_task_return_pointer(task, xml, (GDestroyNotify)mcp_xml_document_unref);
    else
        g_task_return_error(task, error);
}

static void
resume(McpVxmlSession *session, McpXmlDocument *xml)
{
    McpVxmlOutcome outcome = {.type = MCP_VXML_OUTCOME_DATA, .xml = xml};

    mcp_vxml_session_resume(session, &outcome);
}

/* What is heard meanwhile is over. */
static void
on_heard(McpVxmlSession *session, McpVxmlDocument *document, McpVxmlDocument *root,
         const char *event, const char *message)
{
    g_autoptr(McpXmlDocument) xml = g_steal_pointer(&session->data);

    if (event != NULL)
        mcp_vxml_session_fail(session, event, "%s", message);
    else
        resume(session, xml);
}

static void
give(McpVxmlSession *session, McpXmlDocument *xml)
{
    if (session->wait == NULL) {
        resume(session, xml);
        return;
    }
    session->data = xml != NULL ? mcp_xml_document_ref(xml) : NULL;
    mcp_vxml_wait_arrived(session, NULL, NULL);
}

static void
fail(McpVxmlSession *session, const char *event, const char *message)
{
    if (session->wait == NULL)
        mcp_vxml_session_fail(session, event, "%s", message);
    else
        mcp_vxml_wait_arrived(session, event, message);
}

static void
on_parsed(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(Ticket) ticket = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(McpXmlDocument) xml = g_task_propagate_pointer(G_TASK(result), &error);

    if (!is_current(ticket))
        return;
    if (xml == NULL)
        fail(ticket->session, "error.badfetch", error->message);
    else
        give(ticket->session, xml);
}

/* Takes @ticket. */
static void
parse_data(Ticket *ticket, const McpFetchFacts *facts)
{
    McpVxmlServices *services = &ticket->session->services;
    Parse *parse = g_new0(Parse, 1);
    g_autoptr(GTask) task = g_task_new(NULL, NULL, on_parsed, ticket);

    parse->bytes = g_bytes_ref(facts->body);
    parse->url = g_strdup(facts->url);
    parse->charset = g_strdup(facts->charset);
    parse->max_bytes = services->config->max_page_bytes;
    g_task_set_task_data(task, parse, parse_free);
    if (services->compute != NULL && g_bytes_get_size(parse->bytes) > BIG_DATA)
        mcp_pool_run(services->compute, task, run_parse);
    else
        run_parse(task, NULL, parse, NULL);
}

static void
on_fetched(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autoptr(Ticket) ticket = user_data;
    McpVxmlSession *session = ticket->session;
    g_autoptr(GError) error = NULL;
    g_autoptr(McpFetchResponse) response =
        mcp_fetcher_fetch_finish(MCP_FETCHER(source), result, &error);
    const McpFetchFacts *facts = response != NULL ? mcp_fetch_response_get_facts(response) : NULL;
    g_autofree char *event = NULL;
    g_autofree char *message = NULL;

    if (!is_current(ticket))
        return;
    if (facts == NULL || facts->status < 200 || facts->status >= 300) {
        event = mcp_vxml_fetch_event(facts != NULL ? facts->status : 0, error);
        message = g_strconcat("data: ", facts != NULL ? facts->url : error->message, NULL);
        fail(session, event, message);
    } else if (session->action->want_content) {
        parse_data(g_steal_pointer(&ticket), facts);
    } else {
        give(session, NULL);
    }
}

void
mcp_vxml_load_data_with(McpVxmlSession *session, const McpVxmlFetch *how, GBytes *body)
{
    Ticket *ticket = g_new0(Ticket, 1);

    ticket->session = g_object_ref(session);
    ticket->serial = session->serial;
    mcp_vxml_fetch_resource(session, how, body, MCP_VXML_ACCEPT_DATA, on_fetched, ticket);
}

static void
on_form_failed(McpVxmlSession *session, McpVxmlDocument *document, McpVxmlDocument *root,
               const char *event, const char *message)
{
    fail(session, event, message);
}

static void
start(McpVxmlSession *session)
{
    const McpVxmlAction *action = session->action;

    if (session->services.fetcher == NULL)
        fail(session, "error.noresource", "no fetcher is running");
    else if (action->fetch.submission != NULL)
        mcp_vxml_submit_page(session, action, on_form_failed);
    else
        mcp_vxml_load_data_with(session, &action->fetch, NULL);
}

void
mcp_vxml_load_data(McpVxmlSession *session)
{
    if (session->action->fetch_audio != NULL)
        mcp_vxml_wait_with_audio(session, start, on_heard);
    else
        start(session);
}
