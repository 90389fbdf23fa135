/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session of MRCPv2 (RFC 6787 §4): one SIP dialog, whose answer names a control channel a
 * resource, which are opened then. On the session's context.
 */
#include "session_private.h"
#include <mcp/error.h>
#include <mrcp/description.h>
#include <string.h>

/* Of one who connects (RFC 4145 §4.1). */
#define PORT_ACTIVE 9

typedef struct {
    McpMrcpSession *session; /* nullable: it has ended */
    gint refs;               /* one more for the dialog's handler; one context */
    McpSession *dialog;      /* nullable */
    McpMrcpChannel *channels[MCP_MRCP_N_RESOURCES];
    McpMrcpLine *lines; /* as offered, for what is offered again; one a resource */
    guint n_lines;
    guint opening; /* channels whose connection is still on its way */
    gboolean answered;
} Own;

/* --- the end --- */

static void
own_unref(gpointer data)
{
    Own *own = data;

    if (--own->refs > 0)
        return;
    g_clear_object(&own->dialog);
    g_free(own->lines);
    g_free(own);
}

static void
end(gpointer data)
{
    Own *own = data;

    own->session = NULL;
    for (guint i = 0; i < MCP_MRCP_N_RESOURCES; i++)
        g_clear_pointer(&own->channels[i], mcp_mrcp_channel_close);
    if (own->dialog != NULL)
        mcp_session_end(own->dialog, NULL, NULL, NULL);
    own_unref(own);
}

static void fail(Own *own, McpError code, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void
fail(Own *own, McpError code, const char *format, ...)
{
    g_autoptr(GError) error = NULL;
    va_list arguments;

    va_start(arguments, format);
    error = g_error_new_valist(MCP_ERROR, (int)code, format, arguments);
    va_end(arguments);
    mcp_mrcp_session_fail(own->session, error);
}

/* --- channels --- */

static McpMrcpResource
resource_of(const Own *own, const McpMrcpChannel *channel)
{
    guint i = 0;

    while (i < MCP_MRCP_N_RESOURCES - 1 && own->channels[i] != channel)
        i++;
    return (McpMrcpResource)i;
}

static void
on_channel(McpMrcpChannel *channel, const McpMrcpMessage *message, const GError *error,
           gpointer user_data)
{
    Own *own = user_data;

    if (error != NULL)
        mcp_mrcp_session_fail(own->session, error);
    else if (message != NULL)
        mcp_mrcp_session_take(own->session, resource_of(own, channel), message);
    else if (own->opening > 0 && --own->opening == 0)
        mcp_mrcp_session_is_ready(own->session);
}

static void
open_channel(Own *own, McpMrcpResource resource, const McpMrcpLine *line)
{
    const McpMrcpSessionParams *params = &own->session->params;
    const McpStreamTarget target = {.address = line->address,
                                    .port = line->port,
                                    .tls = params->tls,
                                    .timeout = params->timeout};

    own->opening++;
    own->channels[resource] = mcp_mrcp_channel_open(own->session->services.controls,
                                                    params->shared ? params->server : NULL, &target,
                                                    line->existing, line->channel, on_channel, own);
}

/* A line is the answer to the one of ours in the same place (RFC 3264 §6). */
static gboolean
check_line(const Own *own, guint index, const McpMrcpLine *line, GError **error)
{
    const McpMrcpSessionParams *params = &own->session->params;
    const char *name = mcp_mrcp_resource_name(MCP_MRCP_V2, params->resources[index]);

    if (line->port == 0)
        g_set_error(error, MCP_ERROR, MCP_ERROR_REFUSED, "has no %s for us", name);
    else if (line->channel == NULL)
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "names no channel for %s", name);
    else if (line->tls != (params->tls != NULL))
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "answers with another transport");
    else if (line->address == NULL)
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "names no address for %s", name);
    else
        return TRUE;
    return FALSE;
}

static gboolean
check_lines(const Own *own, const GPtrArray *lines, GError **error)
{
    if (lines->len != own->n_lines) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "answers %u control channels with %u",
                    own->n_lines, lines->len);
        return FALSE;
    }
    for (guint i = 0; i < lines->len; i++)
        if (!check_line(own, i, lines->pdata[i], error))
            return FALSE;
    return TRUE;
}

/* --- the dialog --- */

static gboolean
take_audio(Own *own, McpSdp *answer, GError **error)
{
    g_autoptr(McpSdp) audio = mcp_mrcp_read_audio(answer);

    if (audio != NULL)
        return mcp_leg_apply_answer(own->session->leg, audio, error);
    g_set_error(error, MCP_ERROR, MCP_ERROR_MEDIA, "answers without audio");
    return FALSE;
}

static void
on_answered(Own *own, McpSdp *answer)
{
    g_autoptr(GPtrArray) lines = answer != NULL ? mcp_mrcp_read_lines(answer) : NULL;
    g_autoptr(GError) error = NULL;

    if (lines == NULL) {
        fail(own, MCP_ERROR_INVALID, "answers without a description");
        return;
    }
    if (!check_lines(own, lines, &error) || !take_audio(own, answer, &error)) {
        mcp_mrcp_session_fail(own->session, error);
        return;
    }
    own->answered = TRUE;
    for (guint i = 0; i < lines->len; i++)
        open_channel(own, own->session->params.resources[i], lines->pdata[i]);
}

/* Refreshes, and changes of the audio; the channels stay as they are. */
static void
on_offered(Own *own, McpSdp *offer)
{
    static const McpReject unacceptable = {.status = 488};
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSdp) audio = offer != NULL ? mcp_mrcp_read_audio(offer) : NULL;
    g_autoptr(McpSdp) answer = NULL;
    g_autoptr(McpSdp) whole = NULL;

    if (audio != NULL)
        answer = mcp_leg_answer(own->session->leg, audio, &error);
    if (answer != NULL)
        whole = mcp_mrcp_describe_like(offer, answer, own->lines, own->n_lines);
    if (whole != NULL)
        mcp_session_answer_offer(own->dialog, whole);
    else
        mcp_session_reject_offer(own->dialog, &unacceptable);
}

static void
on_ended(Own *own, const McpSessionEvent *event)
{
    const char *reason = event->reason != NULL ? event->reason : "";

    if (own->answered)
        fail(own, MCP_ERROR_CLOSED, "the server ended the session: %u %s", event->status, reason);
    else if (event->status == 408 || event->status == 487)
        fail(own, MCP_ERROR_TIMEOUT, "no answer to the INVITE: %u %s", event->status, reason);
    else
        fail(own,
             event->status == 488 || event->status == 415 ? MCP_ERROR_MEDIA : MCP_ERROR_REFUSED,
             "the INVITE was refused: %u %s", event->status, reason);
}

static void
on_dialog(McpSession *dialog, const McpSessionEvent *event, gpointer user_data)
{
    Own *own = user_data;

    if (own->session == NULL)
        return;
    switch (event->type) {
    case MCP_SESSION_ANSWERED:
        on_answered(own, event->sdp);
        break;
    case MCP_SESSION_OFFERED:
        on_offered(own, event->sdp);
        break;
    case MCP_SESSION_ENDED:
        on_ended(own, event);
        break;
    case MCP_SESSION_REFERRED:
        mcp_session_answer_refer(dialog, 603, NULL);
        break;
    case MCP_SESSION_PROGRESS:
    case MCP_SESSION_ACKED:
    case MCP_SESSION_REOFFER_DONE:
    case MCP_SESSION_REOFFER_FAILED:
    case MCP_SESSION_INFO:
    case MCP_SESSION_EARLY_ANSWER:
    case MCP_SESSION_REOFFER_DUE:
    case MCP_SESSION_REFER_PROGRESS:
    default:
        break;
    }
}

/* --- the class --- */

static McpSdp *
make_offer(Own *own, GError **error)
{
    McpMrcpSession *session = own->session;
    const McpMrcpSessionParams *params = &session->params;
    g_autoptr(McpSdp) audio = mcp_leg_create_offer(session->leg, error);
    gboolean existing =
        params->shared && mcp_mrcp_controls_has(session->services.controls, params->server);

    if (audio == NULL)
        return NULL;
    own->n_lines = params->n_resources;
    own->lines = g_new0(McpMrcpLine, own->n_lines);
    for (guint i = 0; i < own->n_lines; i++)
        own->lines[i] = (McpMrcpLine){
            .port = PORT_ACTIVE,
            .tls = params->tls != NULL,
            .active = TRUE,
            /* The first one opens what the others share. */
            .existing = existing || (params->shared && i > 0),
            .resource = (char *)mcp_mrcp_resource_name(MCP_MRCP_V2, params->resources[i]),
        };
    return mcp_mrcp_describe(audio, own->lines, own->n_lines, params->direction);
}

static gpointer
begin(McpMrcpSession *session, GError **error)
{
    g_autoptr(GMainContext) context = g_main_context_ref_thread_default();
    Own *own = g_new0(Own, 1);
    g_autoptr(McpSdp) offer = NULL;
    McpPlaceParams params = {
        .purpose = MCP_PURPOSE_ENGINE,
        .call_id = session->params.call_id,
        .target = session->params.target,
        .deadline = session->params.timeout,
    };

    own->session = session;
    own->refs = 1;
    offer = make_offer(own, error);
    params.offer = offer;
    if (offer != NULL)
        own->dialog = mcp_signalling_place(session->services.signalling, &params, error);
    if (own->dialog == NULL) {
        own_unref(own);
        return NULL;
    }
    own->refs++;
    mcp_session_set_handler(own->dialog, context, on_dialog, own, own_unref);
    return own;
}

static guint32
next_id(gpointer data, McpMrcpResource resource)
{
    Own *own = data;

    return own->channels[resource] != NULL ? mcp_mrcp_channel_next_id(own->channels[resource]) : 1;
}

static void
send(gpointer data, McpMrcpResource resource, McpMrcpMessage *message)
{
    Own *own = data;

    if (own->channels[resource] != NULL)
        mcp_mrcp_channel_send(own->channels[resource], message);
}

const McpMrcpSessionClass mcp_mrcp_session_v2 = {
    .begin = begin,
    .free = end,
    .next_id = next_id,
    .send = send,
};
