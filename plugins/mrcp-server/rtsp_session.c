/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session of the signalling contract over RTSP: what the core says is posted to the owner's
 * context, what the client does to that of the core's handler. Any thread.
 */
#include "rtsp_session.h"

#include <mcp/ledger.h>

MCP_LEDGER_DEFINE(McpMrcpdRtspSession);

struct _McpMrcpdRtspSession {
    GObject parent_instance;
    char *id;
    GMainContext *owner;
    McpMrcpdRtspEvents events; /* of the owner's context, as the next two */
    gpointer owner_data;
    gboolean answered;
    GMutex lock;           /* guards all below */
    GMainContext *context; /* nullable: no handler yet */
    McpSessionFunc func;
    gpointer user_data;
    GDestroyNotify destroy;
    GQueue early; /* Letter */
    gboolean ended;
};

/* To the core's handler, or to the owner. */
typedef struct {
    McpMrcpdRtspSession *session; /* nullable: in the queue */
    McpSessionEventType type;
    guint status;
    char *reason;
    McpSdp *sdp; /* nullable */
    gboolean remote;
} Letter;

static void session_iface_init(McpSessionInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(McpMrcpdRtspSession, mcp_mrcpd_rtsp_session, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_SESSION, session_iface_init))

static Letter *
letter_new(McpSessionEventType type, guint status, const char *reason, McpSdp *sdp)
{
    Letter *letter = g_new0(Letter, 1);

    letter->type = type;
    letter->status = status;
    letter->reason = g_strdup(reason);
    letter->sdp = sdp != NULL ? mcp_sdp_ref(sdp) : NULL;
    return letter;
}

static void
letter_free(gpointer data)
{
    Letter *letter = data;

    g_clear_pointer(&letter->sdp, mcp_sdp_unref);
    g_clear_object(&letter->session);
    g_free(letter->reason);
    g_free(letter);
}

static void
post(McpMrcpdRtspSession *self, GMainContext *context, GSourceFunc func, Letter *letter)
{
    g_autoptr(GSource) source = g_idle_source_new();

    letter->session = g_object_ref(self);
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, func, letter, letter_free);
    g_source_attach(source, context);
}

/* --- to the core --- */

static gboolean
tell_core(gpointer user_data)
{
    const Letter *letter = user_data;
    McpMrcpdRtspSession *self = letter->session;
    const McpSessionEvent event = {.type = letter->type,
                                   .status = letter->status,
                                   .reason = letter->reason,
                                   .sdp = letter->sdp,
                                   .remote = letter->remote};

    self->func(MCP_SESSION(self), &event, self->user_data);
    if (letter->type == MCP_SESSION_ENDED && self->destroy != NULL)
        self->destroy(self->user_data);
    return G_SOURCE_REMOVE;
}

/* Takes @letter. Nothing follows the end. */
static void
emit(McpMrcpdRtspSession *self, Letter *letter)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&self->lock);

    if (self->ended) {
        letter_free(letter);
        return;
    }
    self->ended = letter->type == MCP_SESSION_ENDED;
    if (self->context == NULL)
        g_queue_push_tail(&self->early, letter);
    else
        post(self, self->context, tell_core, letter);
}

static void
set_handler(McpSession *session, GMainContext *context, McpSessionFunc func, gpointer user_data,
            GDestroyNotify destroy)
{
    McpMrcpdRtspSession *self = MCP_MRCPD_RTSP_SESSION(session);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&self->lock);
    Letter *letter = NULL;

    self->context = g_main_context_ref(context);
    self->func = func;
    self->user_data = user_data;
    self->destroy = destroy;
    while ((letter = g_queue_pop_head(&self->early)) != NULL)
        post(self, self->context, tell_core, letter);
}

void
mcp_mrcpd_rtsp_session_offer(McpMrcpdRtspSession *session, McpSdp *sdp)
{
    emit(session, letter_new(MCP_SESSION_OFFERED, 0, NULL, sdp));
}

void
mcp_mrcpd_rtsp_session_end(McpMrcpdRtspSession *session, const char *reason)
{
    Letter *letter = letter_new(MCP_SESSION_ENDED, 200, reason, NULL);

    session->events = (McpMrcpdRtspEvents){NULL};
    letter->remote = TRUE;
    emit(session, letter);
}

/* --- to the owner --- */

static void
tell_answer(McpMrcpdRtspSession *self, const Letter *letter)
{
    if (self->events.answered != NULL)
        self->events.answered(self, letter->sdp, letter->status, letter->reason, self->owner_data);
}

/* As after an ACK: with RTSP there is nothing to wait for. */
static gboolean
on_answer(gpointer user_data)
{
    const Letter *letter = user_data;
    gboolean first = !letter->session->answered;

    letter->session->answered = TRUE;
    tell_answer(letter->session, letter);
    if (first)
        emit(letter->session, letter_new(MCP_SESSION_ACKED, 0, NULL, NULL));
    return G_SOURCE_REMOVE;
}

static gboolean
on_refusal(gpointer user_data)
{
    const Letter *letter = user_data;

    tell_answer(letter->session, letter);
    return G_SOURCE_REMOVE;
}

static gboolean
on_end(gpointer user_data)
{
    const Letter *letter = user_data;
    McpMrcpdRtspSession *self = letter->session;

    if (self->events.ended != NULL)
        self->events.ended(self, letter->reason, self->owner_data);
    return G_SOURCE_REMOVE;
}

static void
answer(McpSession *session, McpSdp *sdp, const GPtrArray *headers)
{
    McpMrcpdRtspSession *self = MCP_MRCPD_RTSP_SESSION(session);

    post(self, self->owner, on_answer, letter_new(MCP_SESSION_ANSWERED, 200, NULL, sdp));
}

static void
answer_offer(McpSession *session, McpSdp *sdp)
{
    answer(session, sdp, NULL);
}

static void
reject_offer(McpSession *session, const McpReject *refusal)
{
    McpMrcpdRtspSession *self = MCP_MRCPD_RTSP_SESSION(session);

    post(self, self->owner, on_refusal,
         letter_new(MCP_SESSION_ENDED, refusal->status, refusal->reason, NULL));
}

static void
reject(McpSession *session, const McpReject *refusal)
{
    reject_offer(session, refusal);
    emit(MCP_MRCPD_RTSP_SESSION(session),
         letter_new(MCP_SESSION_ENDED, refusal->status, refusal->reason, NULL));
}

static void
end(McpSession *session, const char *reason, const char *content_type, GBytes *body)
{
    McpMrcpdRtspSession *self = MCP_MRCPD_RTSP_SESSION(session);

    post(self, self->owner, on_end, letter_new(MCP_SESSION_ENDED, 0, reason, NULL));
    emit(self, letter_new(MCP_SESSION_ENDED, 0, reason, NULL));
}

/* A server of RTSP offers nothing, and sends nobody elsewhere. */
static void
offer(McpSession *session, McpSdp *sdp)
{
    emit(MCP_MRCPD_RTSP_SESSION(session),
         letter_new(MCP_SESSION_REOFFER_FAILED, 488, "RTSP has no offers of a server", NULL));
}

static void
refer(McpSession *session, const McpRefer *target)
{
    emit(MCP_MRCPD_RTSP_SESSION(session),
         letter_new(MCP_SESSION_REFER_PROGRESS, 501, "RTSP has no REFER", NULL));
}

static const char *
get_id(McpSession *session)
{
    return MCP_MRCPD_RTSP_SESSION(session)->id;
}

static void
session_iface_init(McpSessionInterface *iface)
{
    iface->set_handler = set_handler;
    iface->answer = answer;
    iface->reject = reject;
    iface->offer = offer;
    iface->answer_offer = answer_offer;
    iface->reject_offer = reject_offer;
    iface->end = end;
    iface->refer = refer;
    iface->get_sip_call_id = get_id;
}

const char *
mcp_mrcpd_rtsp_session_get_id(McpMrcpdRtspSession *session)
{
    return session->id;
}

McpMrcpdRtspSession *
mcp_mrcpd_rtsp_session_new(const char *id, GMainContext *context, const McpMrcpdRtspEvents *events,
                           gpointer user_data)
{
    McpMrcpdRtspSession *self = g_object_new(MCP_TYPE_MRCPD_RTSP_SESSION, NULL);

    self->id = g_strdup(id);
    self->owner = g_main_context_ref(context);
    self->events = *events;
    self->owner_data = user_data;
    return self;
}

static void
mcp_mrcpd_rtsp_session_finalize(GObject *object)
{
    McpMrcpdRtspSession *self = MCP_MRCPD_RTSP_SESSION(object);

    g_queue_clear_full(&self->early, letter_free);
    g_clear_pointer(&self->context, g_main_context_unref);
    g_main_context_unref(self->owner);
    g_mutex_clear(&self->lock);
    g_free(self->id);
    MCP_LEDGER_FINALIZED(McpMrcpdRtspSession);
    G_OBJECT_CLASS(mcp_mrcpd_rtsp_session_parent_class)->finalize(object);
}

static void
mcp_mrcpd_rtsp_session_class_init(McpMrcpdRtspSessionClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = mcp_mrcpd_rtsp_session_finalize;
}

static void
mcp_mrcpd_rtsp_session_init(McpMrcpdRtspSession *self)
{
    g_mutex_init(&self->lock);
    g_queue_init(&self->early);
    MCP_LEDGER_CREATED(McpMrcpdRtspSession);
}
