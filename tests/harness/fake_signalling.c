/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fake signalling: sessions whose remote side is the test. Operations are noted; events go to the
 * handler's context as the contract says.
 */
#include "harness.h"

#include <mcp/error.h>
#include <string.h>

struct _FakeSession {
    GObject parent_instance;
    GMutex lock;
    FakeJournal journal;
    GMainContext *context;
    McpSessionFunc func;
    gpointer user_data;
    GDestroyNotify destroy;
    GQueue early; /* events before a handler was set */
    char *sdp;    /* answered last, under the lock */
    gboolean ended;
};

typedef struct {
    FakeSession *session; /* NULL while it waits in the session's own queue */
    McpSessionEvent event;
    char *reason;
    char *content_type;
    McpRefer *refer;
} Posted;

static void session_iface_init(McpSessionInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeSession, fake_session, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_SESSION, session_iface_init))

static FakeSession *last_placed;
static GMutex last_lock;

FakeSession *
fake_last_placed(void)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&last_lock);

    return last_placed != NULL ? g_steal_pointer(&last_placed) : NULL;
}

FakeJournal *
fake_session_journal(FakeSession *session)
{
    return &session->journal;
}

static void
posted_free(Posted *posted)
{
    g_clear_pointer(&posted->event.sdp, mcp_sdp_unref);
    g_clear_pointer(&posted->event.body, g_bytes_unref);
    g_free(posted->reason);
    g_free(posted->content_type);
    g_clear_pointer(&posted->refer, mcp_refer_free);
    g_clear_object(&posted->session);
    g_free(posted);
}

static gboolean
run_posted(gpointer data)
{
    Posted *posted = data;
    FakeSession *session = posted->session;

    session->func(MCP_SESSION(session), &posted->event, session->user_data);
    if (posted->event.type == MCP_SESSION_ENDED && session->destroy != NULL)
        session->destroy(session->user_data);
    return G_SOURCE_REMOVE;
}

static void
attach(FakeSession *session, Posted *posted)
{
    g_autoptr(GSource) source = g_idle_source_new();

    posted->session = g_object_ref(session);
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(source, run_posted, posted, (GDestroyNotify)posted_free);
    g_source_attach(source, session->context);
}

static void
post(FakeSession *session, Posted *posted)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&session->lock);

    if (session->ended) {
        posted_free(posted);
        return;
    }
    session->ended = posted->event.type == MCP_SESSION_ENDED;
    if (session->func == NULL)
        g_queue_push_tail(&session->early, posted);
    else
        attach(session, posted);
}

void
fake_session_emit(FakeSession *session, McpSessionEventType type, guint status, const char *reason,
                  const char *sdp)
{
    Posted *posted = g_new0(Posted, 1);

    posted->reason = g_strdup(reason);
    posted->event = (McpSessionEvent){.type = type, .status = status, .remote = TRUE};
    posted->event.reason = posted->reason;
    if (sdp != NULL)
        posted->event.sdp = mcp_sdp_parse(sdp, strlen(sdp), NULL);
    post(session, posted);
}

void
fake_session_info(FakeSession *session, const char *content_type, const char *body)
{
    Posted *posted = g_new0(Posted, 1);

    posted->content_type = g_strdup(content_type);
    posted->event = (McpSessionEvent){.type = MCP_SESSION_INFO};
    posted->event.content_type = posted->content_type;
    posted->event.body = g_bytes_new(body, strlen(body));
    post(session, posted);
}

void
fake_session_refer(FakeSession *session, const char *target)
{
    Posted *posted = g_new0(Posted, 1);

    posted->refer = mcp_refer_new(target, "call;to-tag=a;from-tag=b", "<sip:boss@example.com>");
    posted->event = (McpSessionEvent){.type = MCP_SESSION_REFERRED, .refer = posted->refer};
    post(session, posted);
}

static void
set_handler(McpSession *iface, GMainContext *context, McpSessionFunc func, gpointer user_data,
            GDestroyNotify destroy)
{
    FakeSession *session = FAKE_SESSION(iface);
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&session->lock);
    Posted *posted;

    session->context = g_main_context_ref(context);
    session->func = func;
    session->user_data = user_data;
    session->destroy = destroy;
    while ((posted = g_queue_pop_head(&session->early)) != NULL)
        attach(session, posted);
}

static void
emit_ended(McpSession *iface, guint status, const char *reason)
{
    Posted *posted = g_new0(Posted, 1);

    posted->reason = g_strdup(reason);
    posted->event = (McpSessionEvent){.type = MCP_SESSION_ENDED, .status = status};
    posted->event.reason = posted->reason;
    post(FAKE_SESSION(iface), posted);
}

static void
progress(McpSession *iface, guint status, McpSdp *sdp)
{
    fake_journal_add(&FAKE_SESSION(iface)->journal, "progress-%u", status);
}

static void
note_sdp(FakeSession *session, McpSdp *sdp)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&session->lock);

    g_free(session->sdp);
    session->sdp = sdp != NULL ? g_strdup(mcp_sdp_get_text(sdp)) : NULL;
}

McpSdp *
fake_session_sdp(FakeSession *session)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&session->lock);

    return session->sdp != NULL ? mcp_sdp_parse(session->sdp, strlen(session->sdp), NULL) : NULL;
}

static void
answer(McpSession *iface, McpSdp *sdp, const GPtrArray *headers)
{
    note_sdp(FAKE_SESSION(iface), sdp);
    fake_journal_add(&FAKE_SESSION(iface)->journal, "answer-%s", sdp != NULL ? "sdp" : "none");
}

static void
reject(McpSession *iface, const McpReject *refusal)
{
    fake_journal_add(&FAKE_SESSION(iface)->journal, "reject-%u%s", refusal->status,
                     refusal->retry_after > 0 ? "-retry" : "");
    emit_ended(iface, refusal->status, "rejected");
}

static void
answer_offer(McpSession *iface, McpSdp *sdp)
{
    note_sdp(FAKE_SESSION(iface), sdp);
    fake_journal_add(&FAKE_SESSION(iface)->journal, "answer-offer");
}

static void
reject_offer(McpSession *iface, const McpReject *refusal)
{
    fake_journal_add(&FAKE_SESSION(iface)->journal, "reject-offer-%u", refusal->status);
}

static void
end(McpSession *iface, const char *reason, const char *content_type, GBytes *body)
{
    fake_journal_add(&FAKE_SESSION(iface)->journal, "end");
    emit_ended(iface, 200, "bye answered");
}

static void
refer(McpSession *iface, const McpRefer *refer_)
{
    fake_journal_add(&FAKE_SESSION(iface)->journal, "refer-%s", refer_->target);
}

static void
refer_session(McpSession *iface, McpSession *other, const char *referred_by)
{
    fake_journal_add(&FAKE_SESSION(iface)->journal, "refer-session");
}

static void
answer_refer(McpSession *iface, guint status, const char *reason)
{
    fake_journal_add(&FAKE_SESSION(iface)->journal, "answer-refer-%u", status);
}

static void
notify_refer(McpSession *iface, guint status)
{
    fake_journal_add(&FAKE_SESSION(iface)->journal, "notify-%u", status);
}

static const char *
get_sip_call_id(McpSession *iface)
{
    return "fake-call-id";
}

static GPtrArray *
get_ladder(McpSession *iface)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)mcp_ladder_entry_free);
}

static void
session_iface_init(McpSessionInterface *iface)
{
    iface->set_handler = set_handler;
    iface->progress = progress;
    iface->answer = answer;
    iface->reject = reject;
    iface->answer_offer = answer_offer;
    iface->reject_offer = reject_offer;
    iface->end = end;
    iface->refer = refer;
    iface->refer_session = refer_session;
    iface->answer_refer = answer_refer;
    iface->notify_refer = notify_refer;
    iface->get_sip_call_id = get_sip_call_id;
    iface->get_ladder = get_ladder;
}

static void
fake_session_finalize(GObject *object)
{
    FakeSession *session = FAKE_SESSION(object);

    g_queue_clear_full(&session->early, (GDestroyNotify)posted_free);
    g_clear_pointer(&session->context, g_main_context_unref);
    g_free(session->sdp);
    g_mutex_clear(&session->lock);
    g_mutex_clear(&session->journal.lock);
    if (session->journal.words != NULL)
        g_string_free(session->journal.words, TRUE);
    G_OBJECT_CLASS(fake_session_parent_class)->finalize(object);
}

static void
fake_session_class_init(FakeSessionClass *klass)
{
    G_OBJECT_CLASS(klass)->finalize = fake_session_finalize;
}

static void
fake_session_init(FakeSession *session)
{
    g_mutex_init(&session->lock);
    g_mutex_init(&session->journal.lock);
    g_queue_init(&session->early);
}

static const char offer[] = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"
                            "t=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";

/* An INVITE from @address: @out_invite (transfer full). */
static FakeSession *
make_session(Harness *harness, const char *user, const char *address, const char *sdp,
             McpInvite **out_invite)
{
    FakeSession *session = g_object_new(FAKE_TYPE_SESSION, NULL);
    McpInvite *invite = mcp_invite_new();
    g_autoptr(GInetAddress) inet = g_inet_address_new_from_string(address);

    invite->sip_call_id = g_strdup("fake-call-id");
    invite->request_uri = g_strdup_printf("sip:%s@127.0.0.1", user);
    invite->user = g_strdup(user);
    invite->host = g_strdup("127.0.0.1");
    invite->from_uri = g_strdup("sip:alice@example.com");
    invite->to_uri = g_strdup(invite->request_uri);
    invite->remote_address = g_strdup_printf("%s:5060", address);
    invite->local_address = g_strdup("127.0.0.1:5060");
    invite->transport = g_strdup("udp");
    invite->peer = mcp_calls_match_peer(harness->core->calls, inet);
    if (sdp != NULL)
        invite->offer = mcp_sdp_parse(sdp, strlen(sdp), NULL);
    *out_invite = invite;
    return session;
}

FakeSession *
fake_call_in_with(Harness *harness, const char *user, const char *address, const char *sdp)
{
    g_autoptr(McpInvite) invite = NULL;
    FakeSession *session = make_session(harness, user, address, sdp, &invite);

    g_free(mcp_calls_offer(harness->core->calls, MCP_SESSION(session), invite));
    return session;
}

FakeSession *
fake_replace(Harness *harness, FakeSession *old, const char *address)
{
    g_autoptr(McpInvite) invite = NULL;
    FakeSession *session = make_session(harness, "demo", address, offer, &invite);

    mcp_calls_replace(harness->core->calls, MCP_SESSION(old), MCP_SESSION(session), invite);
    return session;
}

FakeSession *
fake_call_in(Harness *harness, const char *user, const char *address)
{
    return fake_call_in_with(harness, user, address, offer);
}

/* The plugin itself. */

#define FAKE_TYPE_SIGNALLING (fake_signalling_get_type())
G_DECLARE_FINAL_TYPE(FakeSignalling, fake_signalling, FAKE, SIGNALLING, GObject)

struct _FakeSignalling {
    GObject parent_instance;
};

static McpSession *
place(McpSignalling *self, const McpPlaceParams *params, GError **error)
{
    g_autoptr(GUri) uri = g_uri_parse(params->target, G_URI_FLAGS_NONE, NULL);
    FakeSession *session;
    FakeSession *before;

    if (uri == NULL || strcmp(g_uri_get_scheme(uri), "sip") != 0 ||
        strpbrk(params->target, " <>\"") != NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "%s is no sip: URI", params->target);
        return NULL;
    }
    /* It knows no redirects. */
    if (params->redirect_destroy != NULL)
        params->redirect_destroy(params->redirect_data);
    session = g_object_new(FAKE_TYPE_SESSION, NULL);
    fake_journal_add(&session->journal, "placed-%s", params->offer != NULL ? "offer" : "none");
    g_mutex_lock(&last_lock);
    before = last_placed;
    last_placed = g_object_ref(session);
    g_mutex_unlock(&last_lock);
    g_clear_object(&before);
    return MCP_SESSION(session);
}

static void
signalling_iface_init(McpSignallingInterface *iface)
{
    iface->place = place;
}

static void
start_async(McpPlugin *plugin, McpHost *host, GCancellable *cancellable,
            GAsyncReadyCallback callback, gpointer user_data)
{
    g_autoptr(GTask) task = g_task_new(plugin, cancellable, callback, user_data);

    mcp_host_publish(host, MCP_CONTRACT_SIGNALLING, "fake", G_OBJECT(plugin));
    g_task_return_boolean(task, TRUE);
}

static gboolean
start_finish(McpPlugin *plugin, GAsyncResult *result, GError **error)
{
    return g_task_propagate_boolean(G_TASK(result), error);
}

static void
plugin_iface_init(McpPluginInterface *iface)
{
    iface->start_async = start_async;
    iface->start_finish = start_finish;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(FakeSignalling, fake_signalling, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(MCP_TYPE_PLUGIN, plugin_iface_init)
                                  G_IMPLEMENT_INTERFACE(MCP_TYPE_SIGNALLING, signalling_iface_init))

static void
fake_signalling_class_init(FakeSignallingClass *klass)
{
}

static void
fake_signalling_init(FakeSignalling *self)
{
}

static const McpProvides provides[] = {{MCP_CONTRACT_SIGNALLING, 1, 0, "fake", 0}, {NULL}};

const McpPluginDesc fake_signalling_desc = {
    MCP_PLUGIN_HEAD,      .name = "fake-signalling",
    .version = "1",       .summary = "sessions for tests",
    .provides = provides, .get_type = fake_signalling_get_type,
};
