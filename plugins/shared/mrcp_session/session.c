/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What client sessions of both versions have in common: their leg, the time that they have, and
 * whom they tell. On the maker's context.
 */
#include "session_private.h"

#include <mcp/error.h>
#include <mcp/ledger.h>
#include <mcp/log.h>
#include <mcp/route.h>

MCP_LEDGER_DEFINE(McpMrcpSession);

static void
tell(McpMrcpSession *self, const McpMrcpSessionEvent *event)
{
    McpMrcpSessionFunc func = self->func;

    if (event->type == MCP_MRCP_SESSION_ENDED)
        self->func = NULL;
    if (func != NULL)
        func(self, event, self->user_data);
}

/* Nothing of it is left but the shell that whoever made it frees. */
static void
shut(McpMrcpSession *self)
{
    mcp_timer_clear(&self->timer);
    if (self->source != NULL)
        g_source_destroy(self->source);
    g_clear_pointer(&self->source, g_source_unref);
    if (self->own != NULL)
        self->klass->free(g_steal_pointer(&self->own));
    if (self->leg != NULL)
        mcp_leg_close(self->leg);
    g_clear_object(&self->leg);
}

void
mcp_mrcp_session_fail(McpMrcpSession *session, const GError *error)
{
    g_autoptr(GError) copy = g_error_copy(error);
    const McpMrcpSessionEvent event = {.type = MCP_MRCP_SESSION_ENDED, .error = copy};

    if (session->func == NULL)
        return;
    mcp_log_info("mrcp-session-ended", session->params.call_id, "%s: %s", session->params.server,
                 copy->message);
    shut(session);
    tell(session, &event);
}

static void
on_timeout(gpointer user_data)
{
    McpMrcpSession *self = user_data;
    g_autoptr(GError) error = g_error_new(MCP_ERROR, MCP_ERROR_TIMEOUT, "not ready after %d ms",
                                          (int)(self->params.timeout / 1000));

    mcp_mrcp_session_fail(self, error);
}

void
mcp_mrcp_session_is_ready(McpMrcpSession *session)
{
    const McpMrcpSessionEvent event = {.type = MCP_MRCP_SESSION_READY};

    mcp_timer_clear(&session->timer);
    session->ready = TRUE;
    mcp_leg_start(session->leg);
    tell(session, &event);
}

void
mcp_mrcp_session_take(McpMrcpSession *session, McpMrcpResource resource,
                      const McpMrcpMessage *message)
{
    const McpMrcpSessionEvent event = {
        .type = MCP_MRCP_SESSION_MESSAGE, .resource = resource, .message = message};

    tell(session, &event);
}

static gboolean
tell_failure(gpointer user_data)
{
    McpMrcpSession *self = user_data;

    g_clear_pointer(&self->source, g_source_unref);
    mcp_mrcp_session_fail(self, self->error);
    return G_SOURCE_REMOVE;
}

static void
begin(McpMrcpSession *self)
{
    g_autofree char *local = mcp_route_local_address(self->params.target);
    const McpLegParams params = {
        .call_id = self->params.call_id, .local_address = local, .codecs = self->params.codecs};

    self->leg = mcp_media_create_leg(self->services.media, &params, &self->error);
    if (self->leg != NULL)
        self->own = self->klass->begin(self, &self->error);
    if (self->own != NULL) {
        self->timer =
            mcp_clock_after(self->services.clock, NULL, self->params.timeout, on_timeout, self);
        return;
    }
    self->source = g_idle_source_new();
    g_source_set_callback(self->source, tell_failure, self, NULL);
    g_source_attach(self->source, g_main_context_get_thread_default());
}

McpMrcpSession *
mcp_mrcp_session_new(const McpMrcpServices *services, const McpMrcpSessionParams *params,
                     McpMrcpSessionFunc func, gpointer user_data)
{
    McpMrcpSession *session = g_new0(McpMrcpSession, 1);

    session->klass = params->version == MCP_MRCP_V1 ? &mcp_mrcp_session_v1 : &mcp_mrcp_session_v2;
    session->services = *services;
    mcp_mrcp_controls_ref(services->controls);
    g_object_ref(services->signalling);
    g_object_ref(services->media);
    g_object_ref(services->clock);
    session->params = *params;
    session->params.server = g_strdup(params->server);
    session->params.target = g_strdup(params->target);
    session->params.call_id = g_strdup(params->call_id);
    session->params.resources =
        g_memdup2(params->resources, params->n_resources * sizeof *params->resources);
    for (guint i = 0; i < MCP_MRCP_N_RESOURCES; i++)
        session->params.paths[i] = g_strdup(params->paths[i]);
    session->params.codecs = (const char *const *)g_strdupv((char **)params->codecs);
    session->params.tls = params->tls != NULL ? mcp_tls_context_ref(params->tls) : NULL;
    session->func = func;
    session->user_data = user_data;
    MCP_LEDGER_CREATED(McpMrcpSession);
    begin(session);
    return session;
}

void
mcp_mrcp_session_free(McpMrcpSession *session)
{
    if (session == NULL)
        return;
    session->func = NULL;
    shut(session);
    g_free((char *)session->params.server);
    g_free((char *)session->params.target);
    g_free((char *)session->params.call_id);
    g_free((McpMrcpResource *)session->params.resources);
    for (guint i = 0; i < MCP_MRCP_N_RESOURCES; i++)
        g_free((char *)session->params.paths[i]);
    g_strfreev((char **)session->params.codecs);
    g_clear_pointer(&session->params.tls, mcp_tls_context_unref);
    g_clear_error(&session->error);
    mcp_mrcp_controls_unref(session->services.controls);
    g_object_unref(session->services.signalling);
    g_object_unref(session->services.media);
    g_object_unref(session->services.clock);
    g_free(session);
    MCP_LEDGER_FINALIZED(McpMrcpSession);
}

McpLeg *
mcp_mrcp_session_get_leg(McpMrcpSession *session)
{
    return session->ready ? session->leg : NULL;
}

McpMrcpMessage *
mcp_mrcp_session_request(McpMrcpSession *session, McpMrcpResource resource, const char *method)
{
    guint32 id = session->own != NULL ? session->klass->next_id(session->own, resource) : 1;

    return mcp_mrcp_request_new(MCP_MRCP_V2, method, id);
}

void
mcp_mrcp_session_send(McpMrcpSession *session, McpMrcpResource resource, McpMrcpMessage *message)
{
    g_autoptr(McpMrcpMessage) own = message;

    if (session->own != NULL && session->ready)
        session->klass->send(session->own, resource, own);
}
