/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dispatch of the contract of sessions: a function a slot, so that a provider which lacks one gives
 * MCP_ERROR_UNSUPPORTED and nobody touches a vtable. Runs on the caller's context.
 */
#include <mcp/contract/signalling.h>
#include <mcp/error.h>

G_DEFINE_INTERFACE(McpSession, mcp_session, G_TYPE_OBJECT)

static void
mcp_session_default_init(McpSessionInterface *iface)
{
}

void
mcp_session_set_handler(McpSession *session, GMainContext *context, McpSessionFunc func,
                        gpointer user_data, GDestroyNotify destroy)
{
    McpSessionInterface *iface = MCP_SESSION_GET_IFACE(session);

    if (iface->set_handler != NULL)
        iface->set_handler(session, context, func, user_data, destroy);
}

void
mcp_session_progress(McpSession *session, guint status, McpSdp *sdp)
{
    McpSessionInterface *iface = MCP_SESSION_GET_IFACE(session);

    if (iface->progress != NULL)
        iface->progress(session, status, sdp);
}

void
mcp_session_answer(McpSession *session, McpSdp *sdp, const GPtrArray *headers)
{
    McpSessionInterface *iface = MCP_SESSION_GET_IFACE(session);

    if (iface->answer != NULL)
        iface->answer(session, sdp, headers);
}

void
mcp_session_reject(McpSession *session, const McpReject *reject)
{
    McpSessionInterface *iface = MCP_SESSION_GET_IFACE(session);

    if (iface->reject != NULL)
        iface->reject(session, reject);
}

void
mcp_session_offer(McpSession *session, McpSdp *sdp)
{
    McpSessionInterface *iface = MCP_SESSION_GET_IFACE(session);

    if (iface->offer != NULL)
        iface->offer(session, sdp);
}

void
mcp_session_answer_offer(McpSession *session, McpSdp *sdp)
{
    McpSessionInterface *iface = MCP_SESSION_GET_IFACE(session);

    if (iface->answer_offer != NULL)
        iface->answer_offer(session, sdp);
}

void
mcp_session_reject_offer(McpSession *session, const McpReject *reject)
{
    McpSessionInterface *iface = MCP_SESSION_GET_IFACE(session);

    if (iface->reject_offer != NULL)
        iface->reject_offer(session, reject);
}

void
mcp_session_send_info(McpSession *session, const char *content_type, GBytes *body)
{
    McpSessionInterface *iface = MCP_SESSION_GET_IFACE(session);

    if (iface->send_info != NULL)
        iface->send_info(session, content_type, body);
}

void
mcp_session_end(McpSession *session, const char *reason, const char *content_type, GBytes *body)
{
    McpSessionInterface *iface = MCP_SESSION_GET_IFACE(session);

    if (iface->end != NULL)
        iface->end(session, reason, content_type, body);
}

GPtrArray *
mcp_session_get_ladder(McpSession *session)
{
    McpSessionInterface *iface = MCP_SESSION_GET_IFACE(session);

    if (iface->get_ladder == NULL)
        return g_ptr_array_new_with_free_func((GDestroyNotify)mcp_ladder_entry_free);
    return iface->get_ladder(session);
}

const char *
mcp_session_get_sip_call_id(McpSession *session)
{
    McpSessionInterface *iface = MCP_SESSION_GET_IFACE(session);

    if (iface->get_sip_call_id == NULL)
        return NULL;
    return iface->get_sip_call_id(session);
}

McpRefer *
mcp_refer_new(const char *target, const char *replaces, const char *referred_by)
{
    McpRefer *refer = g_new0(McpRefer, 1);

    refer->target = g_strdup(target);
    refer->replaces = g_strdup(replaces);
    refer->referred_by = g_strdup(referred_by);
    return refer;
}

McpRefer *
mcp_refer_copy(const McpRefer *refer)
{
    return mcp_refer_new(refer->target, refer->replaces, refer->referred_by);
}

void
mcp_refer_free(McpRefer *refer)
{
    g_free(refer->target);
    g_free(refer->replaces);
    g_free(refer->referred_by);
    g_free(refer);
}

void
mcp_session_refer(McpSession *session, const McpRefer *refer)
{
    McpSessionInterface *iface = MCP_SESSION_GET_IFACE(session);

    if (iface->refer != NULL)
        iface->refer(session, refer);
}

void
mcp_session_answer_refer(McpSession *session, guint status, const char *reason)
{
    McpSessionInterface *iface = MCP_SESSION_GET_IFACE(session);

    if (iface->answer_refer != NULL)
        iface->answer_refer(session, status, reason);
}

void
mcp_session_notify_refer(McpSession *session, guint status)
{
    McpSessionInterface *iface = MCP_SESSION_GET_IFACE(session);

    if (iface->notify_refer != NULL)
        iface->notify_refer(session, status);
}

void
mcp_session_refer_session(McpSession *session, McpSession *other, const char *referred_by)
{
    McpSessionInterface *iface = MCP_SESSION_GET_IFACE(session);

    if (iface->refer_session != NULL)
        iface->refer_session(session, other, referred_by);
}

G_DEFINE_INTERFACE(McpSignalling, mcp_signalling, G_TYPE_OBJECT)

static void
mcp_signalling_default_init(McpSignallingInterface *iface)
{
}

McpSession *
mcp_signalling_place(McpSignalling *signalling, const McpPlaceParams *params, GError **error)
{
    McpSignallingInterface *iface = MCP_SIGNALLING_GET_IFACE(signalling);

    if (iface->place == NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_UNSUPPORTED, "%s has no place",
                    G_OBJECT_TYPE_NAME(signalling));
        return NULL;
    }
    return iface->place(signalling, params, error);
}

void
mcp_signalling_explain_async(McpSignalling *signalling, const McpExplainParams *params,
                             GAsyncReadyCallback callback, gpointer user_data)
{
    McpSignallingInterface *iface = MCP_SIGNALLING_GET_IFACE(signalling);

    if (iface->explain_async == NULL) {
        g_task_report_new_error(signalling, callback, user_data, NULL, MCP_ERROR,
                                MCP_ERROR_UNSUPPORTED, "%s has no explain",
                                G_OBJECT_TYPE_NAME(signalling));
        return;
    }
    iface->explain_async(signalling, params, callback, user_data);
}

char *
mcp_signalling_explain_finish(McpSignalling *signalling, GAsyncResult *result, GError **error)
{
    McpSignallingInterface *iface = MCP_SIGNALLING_GET_IFACE(signalling);

    if (g_task_is_valid(result, signalling) && iface->explain_finish == NULL)
        return g_task_propagate_pointer(G_TASK(result), error);
    return iface->explain_finish(signalling, result, error);
}

void
mcp_signalling_ping_async(McpSignalling *signalling, const char *target, gint64 deadline,
                          GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
    McpSignallingInterface *iface = MCP_SIGNALLING_GET_IFACE(signalling);

    if (iface->ping_async == NULL) {
        g_task_report_new_error(signalling, callback, user_data, NULL, MCP_ERROR,
                                MCP_ERROR_UNSUPPORTED, "%s has no ping",
                                G_OBJECT_TYPE_NAME(signalling));
        return;
    }
    iface->ping_async(signalling, target, deadline, cancellable, callback, user_data);
}

guint
mcp_signalling_ping_finish(McpSignalling *signalling, GAsyncResult *result, GError **error)
{
    McpSignallingInterface *iface = MCP_SIGNALLING_GET_IFACE(signalling);

    if (g_task_is_valid(result, signalling) && iface->ping_finish == NULL) {
        gssize status = g_task_propagate_int(G_TASK(result), error);

        return status > 0 ? (guint)status : 0;
    }
    return iface->ping_finish(signalling, result, error);
}
