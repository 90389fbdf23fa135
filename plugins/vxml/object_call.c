/* SPDX-License-Identifier: Apache-2.0 */
/* Has a plugin do what <object> asks for; the leg is its own meanwhile. On the call's shard. */
#include <mcp/contract/object.h>
#include <mcp/error.h>

#include "session_private.h"

typedef struct {
    McpVxmlSession *session;
    guint64 serial;
} Ticket;

static void
on_invoked(GObject *source, GAsyncResult *result, gpointer user_data)
{
    g_autofree Ticket *ticket = user_data;
    g_autoptr(McpVxmlSession) session = ticket->session;
    g_autoptr(GError) error = NULL;
    g_autofree char *value =
        mcp_object_provider_invoke_finish(MCP_OBJECT_PROVIDER(source), result, &error);
    McpVxmlOutcome outcome = {.type = MCP_VXML_OUTCOME_OBJECT, .result = value};

    if (session->ended || session->serial != ticket->serial)
        return;
    if (session->leg != NULL)
        mcp_leg_set_handler(session->leg, mcp_vxml_session_leg_event, session);
    if (value != NULL)
        mcp_vxml_session_resume(session, &outcome);
    else if (g_error_matches(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED))
        mcp_vxml_session_fail(session, "error.unsupported.objectname", "%s", error->message);
    else if (g_error_matches(error, MCP_ERROR, MCP_ERROR_INVALID))
        mcp_vxml_session_fail(session, "error.semantic", "%s", error->message);
    else if (g_error_matches(error, MCP_ERROR, MCP_ERROR_REFUSED))
        mcp_vxml_session_fail(session, "error.noauthorization", "%s", error->message);
    else
        mcp_vxml_session_fail(session, "error.noresource", "%s", error->message);
}

void
mcp_vxml_invoke_object(McpVxmlSession *session)
{
    const McpVxmlObjectCall *call = &session->action->object;
    McpVxmlServices *services = &session->services;
    g_autoptr(GObject) provider = services->find_object != NULL
                                      ? services->find_object(call->classid, services->find_data)
                                      : NULL;
    McpObjectRequest request = {.classid = call->classid,
                                .codebase = call->codebase,
                                .codetype = call->codetype,
                                .data = call->data,
                                .type = call->type,
                                .archive = call->archive,
                                .parameters = call->parameters,
                                .leg = session->leg,
                                .call = session->call};
    Ticket *ticket;

    if (provider == NULL || !MCP_IS_OBJECT_PROVIDER(provider)) {
        mcp_vxml_session_fail(session, "error.unsupported.objectname", "\"%s\"", call->classid);
        return;
    }
    ticket = g_new0(Ticket, 1);
    ticket->session = g_object_ref(session);
    ticket->serial = session->serial;
    if (session->leg != NULL) {
        mcp_leg_disarm(session->leg);
        mcp_leg_set_handler(session->leg, NULL, NULL);
    }
    mcp_object_provider_invoke_async(MCP_OBJECT_PROVIDER(provider), &request, session->cancellable,
                                     on_invoked, ticket);
}
