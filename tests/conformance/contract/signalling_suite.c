/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signalling contract (mcp/contract/signalling.h): which events a session reports, in which
 * order and on which context, how it ends, and that nothing comes after that.
 */
#include "signalling_suite.h"

#include "contract.h"

#include <string.h>

static McpSignalling *signalling;

/* What one session reported; user data of its handler. */
typedef struct {
    McpSession *session;
    GThread *thread;
    GString *words;
    guint events;
    guint ended;
    guint destroyed;
    guint status;
    gboolean remote;
} Log;

static void
on_event(McpSession *session, const McpSessionEvent *event, gpointer user_data)
{
    static const char *const names[] = {"progress", "answered", "acked", "offered", "done",
                                        "failed",   "info",     "ended", "early",   "due"};
    Log *log = user_data;

    g_assert_true(session == log->session);
    g_assert_true(g_thread_self() == log->thread);
    /* "last event" */
    g_assert_cmpuint(log->ended, ==, 0);
    g_assert_cmpuint(log->destroyed, ==, 0);
    log->events++;
    g_string_append_printf(log->words, "%s%s ", names[event->type],
                           event->sdp != NULL ? "-sdp" : "");
    if (event->type == MCP_SESSION_INFO)
        g_string_append_printf(log->words, "%s:%.*s ", event->content_type,
                               (int)g_bytes_get_size(event->body),
                               (const char *)g_bytes_get_data(event->body, NULL));
    if (event->type != MCP_SESSION_ENDED)
        return;
    log->ended++;
    log->status = event->status;
    log->remote = event->remote;
}

static void
on_destroy(gpointer user_data)
{
    Log *log = user_data;

    g_assert_true(g_thread_self() == log->thread);
    log->destroyed++;
}

static void
watch(Log *log, McpSession *session, GMainContext *context)
{
    *log = (Log){.session = session, .thread = g_thread_self(), .words = g_string_new(NULL)};
    mcp_session_set_handler(session, context, on_event, log, on_destroy);
}

static McpSession *
arrive(Log *log)
{
    McpSession *session = signalling_provider.arrive();

    watch(log, session, g_main_context_default());
    return session;
}

/* "@destroy runs after the last event"; no event and no other end comes after it. */
static void
finish(Log *log)
{
    McpSession *session = log->session;

    wait_count(&log->ended, 1, "ENDED");
    wait_count(&log->destroyed, 1, "the end of the handler");
    mcp_session_end(session, "again", NULL, NULL);
    settle(40);
    g_assert_cmpuint(log->ended, ==, 1);
    g_assert_cmpuint(log->destroyed, ==, 1);
    g_object_unref(session);
    g_string_free(log->words, TRUE);
}

static McpSdp *
make_sdp(guint version)
{
    McpSdpBuilder *builder = mcp_sdp_builder_new(7, version, "127.0.0.1");

    mcp_sdp_builder_add_media(builder, "audio", 41000, "RTP/AVP", "0");
    return mcp_sdp_builder_finish(builder);
}

static void
answer(McpSession *session)
{
    g_autoptr(McpSdp) sdp = make_sdp(1);

    mcp_session_progress(session, 180, NULL);
    mcp_session_answer(session, sdp, NULL);
}

/* "incoming: ACK came", "ENDED: @remote whether they did" */
static void
test_answered(void)
{
    Log log;
    McpSession *session = arrive(&log);

    answer(session);
    signalling_provider.remote(session, REMOTE_ACK);
    wait_count(&log.events, 1, "ACKED");
    g_assert_cmpstr(log.words->str, ==, "acked ");
    signalling_provider.remote(session, REMOTE_BYE);
    wait_count(&log.ended, 1, "ENDED");
    g_assert_true(log.remote);
    finish(&log);
}

/* "sends a final failure to an incoming session not yet answered" */
static void
test_rejected(void)
{
    g_autoptr(McpReject) reject = mcp_reject_new(486, "busy here", NULL);
    Log log;
    McpSession *session = arrive(&log);

    mcp_session_reject(session, reject);
    wait_count(&log.ended, 1, "ENDED");
    g_assert_cmpuint(log.status, ==, 486);
    g_assert_false(log.remote);
    g_assert_cmpstr(log.words->str, ==, "ended ");
    finish(&log);
}

static void
test_cancelled(void)
{
    Log log;
    McpSession *session = arrive(&log);

    mcp_session_progress(session, 180, NULL);
    signalling_provider.remote(session, REMOTE_CANCEL);
    wait_count(&log.ended, 1, "ENDED");
    g_assert_cmpuint(log.status, ==, 487);
    g_assert_true(log.remote);
    finish(&log);
}

/* "BYE, CANCEL or nothing, as the state asks … MCP_SESSION_ENDED follows" */
static void
test_end(void)
{
    Log log;
    McpSession *session = arrive(&log);

    answer(session);
    signalling_provider.remote(session, REMOTE_ACK);
    wait_count(&log.events, 1, "ACKED");
    mcp_session_end(session, "finished", NULL, NULL);
    wait_count(&log.ended, 1, "ENDED");
    g_assert_false(log.remote);
    finish(&log);
}

static void
test_end_unacked(void)
{
    Log log;
    McpSession *session = arrive(&log);

    answer(session);
    mcp_session_end(session, NULL, NULL, NULL);
    finish(&log);
}

static void
test_end_unanswered(void)
{
    Log log;
    McpSession *session = arrive(&log);

    mcp_session_end(session, NULL, NULL, NULL);
    finish(&log);
}

/* Whatever is asked of a session that has ended does nothing. */
static void
test_after_end(void)
{
    g_autoptr(McpReject) reject = mcp_reject_new(500, "late", NULL);
    g_autoptr(McpRefer) refer = mcp_refer_new("sip:carol@127.0.0.1", NULL, NULL);
    g_autoptr(McpSdp) sdp = make_sdp(2);
    g_autoptr(GBytes) body = g_bytes_new_static("x", 1);
    Log log;
    McpSession *session = arrive(&log);

    signalling_provider.remote(session, REMOTE_CANCEL);
    wait_count(&log.ended, 1, "ENDED");
    mcp_session_progress(session, 180, NULL);
    mcp_session_answer(session, sdp, NULL);
    mcp_session_reject(session, reject);
    mcp_session_offer(session, sdp);
    mcp_session_answer_offer(session, sdp);
    mcp_session_reject_offer(session, reject);
    mcp_session_send_info(session, "text/plain", body);
    mcp_session_refer(session, refer);
    mcp_session_answer_refer(session, 202, NULL);
    mcp_session_notify_refer(session, 200);
    finish(&log);
}

/* "INFO: @content_type, @body" */
static void
test_info(void)
{
    Log log;
    McpSession *session = arrive(&log);

    answer(session);
    signalling_provider.remote(session, REMOTE_ACK);
    signalling_provider.remote(session, REMOTE_INFO);
    wait_count(&log.events, 2, "INFO");
    g_assert_cmpstr(log.words->str, ==, "acked info text/plain:hello ");
    signalling_provider.remote(session, REMOTE_BYE);
    finish(&log);
}

/* "re-INVITE or UPDATE: @sdp"; refused, "the session goes on as before" */
static void
test_offered(void)
{
    g_autoptr(McpReject) reject = mcp_reject_new(488, "not now", NULL);
    g_autoptr(McpSdp) sdp = make_sdp(2);
    Log log;
    McpSession *session = arrive(&log);

    answer(session);
    signalling_provider.remote(session, REMOTE_ACK);
    signalling_provider.remote(session, REMOTE_OFFER);
    wait_count(&log.events, 2, "OFFERED");
    g_assert_cmpstr(log.words->str, ==, "acked offered-sdp ");
    mcp_session_reject_offer(session, reject);
    settle(60);
    g_assert_cmpuint(log.ended, ==, 0);
    signalling_provider.remote(session, REMOTE_INFO);
    wait_count(&log.events, 3, "INFO after a refused offer");
    mcp_session_end(session, NULL, NULL, NULL);
    finish(&log);
}

static McpSession *
arrive_confirmed(Log *log)
{
    McpSession *session = arrive(log);

    answer(session);
    signalling_provider.remote(session, REMOTE_ACK);
    wait_count(&log->events, 1, "ACKED");
    return session;
}

/* "answer to our mcp_session_offer(): @sdp" */
static void
test_offer(void)
{
    g_autoptr(McpSdp) sdp = make_sdp(2);
    Log log;
    McpSession *session = arrive_confirmed(&log);

    mcp_session_offer(session, sdp);
    signalling_provider.remote(session, REMOTE_AGREE);
    wait_count(&log.events, 2, "REOFFER_DONE");
    g_assert_cmpstr(log.words->str, ==, "acked done-sdp ");
    mcp_session_end(session, NULL, NULL, NULL);
    finish(&log);
}

/* "without to ask for their offer, which wants mcp_session_answer_offer()" */
static void
test_offer_asked_for(void)
{
    g_autoptr(McpSdp) sdp = make_sdp(2);
    Log log;
    McpSession *session = arrive_confirmed(&log);

    mcp_session_offer(session, NULL);
    signalling_provider.remote(session, REMOTE_AGREE);
    wait_count(&log.events, 2, "REOFFER_DONE");
    g_assert_cmpstr(log.words->str, ==, "acked done-sdp ");
    mcp_session_answer_offer(session, sdp);
    signalling_provider.remote(session, REMOTE_TAKE);
    signalling_provider.remote(session, REMOTE_INFO);
    wait_count(&log.events, 3, "INFO after the ACK");
    mcp_session_end(session, NULL, NULL, NULL);
    finish(&log);
}

/* "refuses an offer; one asked for: the session ends" */
static void
test_offer_asked_for_rejected(void)
{
    g_autoptr(McpReject) reject = mcp_reject_new(488, "not that", NULL);
    Log log;
    McpSession *session = arrive_confirmed(&log);

    mcp_session_offer(session, NULL);
    signalling_provider.remote(session, REMOTE_AGREE);
    wait_count(&log.events, 2, "REOFFER_DONE");
    mcp_session_reject_offer(session, reject);
    wait_count(&log.ended, 1, "ENDED");
    g_assert_false(log.remote);
    finish(&log);
}

/* A session that ends with their offer in hand. */
static void
test_offer_asked_for_ended(void)
{
    Log log;
    McpSession *session = arrive_confirmed(&log);

    mcp_session_offer(session, NULL);
    signalling_provider.remote(session, REMOTE_AGREE);
    wait_count(&log.events, 2, "REOFFER_DONE");
    mcp_session_end(session, NULL, NULL, NULL);
    finish(&log);
}

/* "REOFFER_FAILED: previous session stays in force", asked for or not */
static void
test_offer_refused(void)
{
    g_autoptr(McpSdp) sdp = make_sdp(2);
    McpSdp *offers[] = {sdp, NULL};

    for (guint i = 0; i < G_N_ELEMENTS(offers); i++) {
        Log log;
        McpSession *session = arrive_confirmed(&log);

        mcp_session_offer(session, offers[i]);
        signalling_provider.remote(session, REMOTE_REFUSE);
        wait_count(&log.events, 2, "REOFFER_FAILED");
        g_assert_cmpstr(log.words->str, ==, "acked failed ");
        signalling_provider.remote(session, REMOTE_INFO);
        wait_count(&log.events, 3, "INFO after a refused offer");
        mcp_session_end(session, NULL, NULL, NULL);
        finish(&log);
    }
}

/* "After a collision REOFFER_FAILED comes with 491, and REOFFER_DUE when the back-off is over" */
static void
test_offer_collides(void)
{
    g_autoptr(McpSdp) sdp = make_sdp(2);
    Log log;
    McpSession *session = arrive_confirmed(&log);

    mcp_session_offer(session, NULL);
    signalling_provider.remote(session, REMOTE_COLLIDE);
    wait_count(&log.events, 3, "REOFFER_DUE");
    g_assert_cmpstr(log.words->str, ==, "acked failed due ");
    mcp_session_offer(session, NULL);
    signalling_provider.remote(session, REMOTE_AGREE);
    wait_count(&log.events, 4, "REOFFER_DONE");
    mcp_session_answer_offer(session, sdp);
    signalling_provider.remote(session, REMOTE_TAKE);
    mcp_session_end(session, NULL, NULL, NULL);
    finish(&log);
}

static gpointer
watch_there(gpointer data)
{
    Log log;

    watch(&log, data, g_main_context_get_thread_default());
    wait_count(&log.ended, 1, "ENDED");
    g_assert_cmpstr(log.words->str, ==, "acked ended ");
    finish(&log);
    return NULL;
}

/* "events that came before are delivered first", "in order", "on @context" */
static void
test_late_handler(void)
{
    McpSession *session = signalling_provider.arrive();

    answer(session);
    signalling_provider.remote(session, REMOTE_ACK);
    signalling_provider.remote(session, REMOTE_BYE);
    in_thread(watch_there, session);
}

static gpointer
answer_there(gpointer data)
{
    answer(data);
    return NULL;
}

/* "Functions may be called on any thread" */
static void
test_any_thread(void)
{
    Log log;
    McpSession *session = arrive(&log);

    in_thread(answer_there, session);
    signalling_provider.remote(session, REMOTE_ACK);
    wait_count(&log.events, 1, "ACKED");
    signalling_provider.remote(session, REMOTE_BYE);
    finish(&log);
}

/* "GPtrArray of McpLadderEntry, the oldest first" */
static void
test_ladder(void)
{
    Log log;
    McpSession *session = arrive(&log);
    g_autofree char *id = g_strdup(mcp_session_get_sip_call_id(session));
    g_autoptr(GPtrArray) ladder = NULL;
    gint64 before = 0;

    g_assert_nonnull(id);
    answer(session);
    signalling_provider.remote(session, REMOTE_ACK);
    signalling_provider.remote(session, REMOTE_BYE);
    wait_count(&log.ended, 1, "ENDED");
    ladder = mcp_session_get_ladder(session);
    g_assert_nonnull(ladder);
    g_assert_cmpuint(ladder->len, >=, signalling_provider.on_the_wire ? 4 : 0);
    for (guint i = 0; i < ladder->len; i++) {
        const McpLadderEntry *entry = ladder->pdata[i];

        g_assert_cmpint(entry->wall, >=, before);
        g_assert_nonnull(entry->summary);
        before = entry->wall;
    }
    g_assert_cmpstr(mcp_session_get_sip_call_id(session), ==, id);
    finish(&log);
}

static McpSession *
place(const char *target, gint64 deadline, GError **error)
{
    g_autoptr(McpSdp) sdp = make_sdp(1);
    McpPlaceParams params = {.purpose = MCP_PURPOSE_CALLER,
                             .call_id = "test",
                             .target = target,
                             .offer = sdp,
                             .deadline = deadline};

    return mcp_signalling_place(signalling, &params, error);
}

static McpSession *
place_good(Log *log, gint64 deadline)
{
    g_autofree char *target = g_strdup(signalling_provider.target());
    g_autoptr(GError) error = NULL;
    McpSession *session = place(target, deadline, &error);

    g_assert_no_error(error);
    watch(log, session, g_main_context_default());
    return session;
}

/* "NULL when the target cannot be parsed or routed" */
static void
test_place_invalid(void)
{
    static const char *const targets[] = {"", "nobody", "http://127.0.0.1/", "sip:a b@127.0.0.1"};

    for (guint i = 0; i < G_N_ELEMENTS(targets); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(place(targets[i], G_USEC_PER_SEC, &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    }
}

/* "outgoing: 1xx with @status", "outgoing: 2xx; @sdp is answer" */
static void
test_placed(void)
{
    Log log;
    McpSession *session = place_good(&log, 5 * G_USEC_PER_SEC);

    signalling_provider.remote(session, REMOTE_RING);
    signalling_provider.remote(session, REMOTE_ACCEPT);
    wait_count(&log.events, 2, "ANSWERED");
    g_assert_cmpstr(log.words->str, ==, "progress answered-sdp ");
    mcp_session_end(session, NULL, NULL, NULL);
    finish(&log);
}

/* "Failures on the wire come as MCP_SESSION_ENDED." */
static void
test_placed_busy(void)
{
    Log log;
    McpSession *session = place_good(&log, 5 * G_USEC_PER_SEC);

    signalling_provider.remote(session, REMOTE_BUSY);
    wait_count(&log.ended, 1, "ENDED");
    g_assert_cmpuint(log.status, ==, 486);
    g_assert_true(log.remote);
    finish(&log);
}

/* "µs to a final answer; then CANCEL" */
static void
test_place_deadline(void)
{
    Log log;
    gint64 start = g_get_monotonic_time();

    place_good(&log, 200000);
    wait_count(&log.ended, 1, "ENDED");
    g_assert_cmpuint(log.status, ==, 408);
    g_assert_cmpint(g_get_monotonic_time() - start, >=, 150000);
    finish(&log);
}

typedef struct {
    guint over;
    guint status;
    GError *error;
} Pinged;

static void
on_pinged(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Pinged *pinged = user_data;

    pinged->status = mcp_signalling_ping_finish(MCP_SIGNALLING(source), result, &pinged->error);
    pinged->over++;
}

/* @code: MCP_ERROR that it ends with; else it is answered. */
static void
ping(const char *target, gint64 deadline, gint code)
{
    Pinged pinged = {0};

    mcp_signalling_ping_async(signalling, target, deadline, NULL, on_pinged, &pinged);
    g_assert_cmpuint(pinged.over, ==, 0);
    wait_count(&pinged.over, 1, "the end of OPTIONS");
    if (code < 0) {
        g_assert_no_error(pinged.error);
        g_assert_cmpuint(pinged.status, >=, 200);
    } else {
        g_assert_error(pinged.error, MCP_ERROR, code);
        g_assert_cmpuint(pinged.status, ==, 0);
    }
    g_clear_error(&pinged.error);
}

static void
test_ping(void)
{
    g_autoptr(GCancellable) cancellable = g_cancellable_new();
    Pinged pinged = {0};

    ping(signalling_provider.answers(), 30 * G_USEC_PER_SEC, -1);
    ping("nobody", 30 * G_USEC_PER_SEC, MCP_ERROR_INVALID);
    ping(signalling_provider.target(), 100000, MCP_ERROR_TIMEOUT);
    mcp_signalling_ping_async(signalling, signalling_provider.target(), 100000, cancellable,
                              on_pinged, &pinged);
    g_cancellable_cancel(cancellable);
    wait_count(&pinged.over, 1, "the end of OPTIONS");
    g_assert_error(pinged.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_clear_error(&pinged.error);
}

#define ADD(name, func) g_test_add_func("/signalling/" name, func)

int
main(int argc, char **argv)
{
    int result = 0;

    g_test_init(&argc, &argv, NULL);
    ADD("answered", test_answered);
    ADD("rejected", test_rejected);
    ADD("cancelled", test_cancelled);
    ADD("end", test_end);
    ADD("end-unacked", test_end_unacked);
    ADD("end-unanswered", test_end_unanswered);
    ADD("after-end", test_after_end);
    ADD("info", test_info);
    ADD("offered", test_offered);
    ADD("offer", test_offer);
    ADD("offer-asked-for", test_offer_asked_for);
    ADD("offer-asked-for-rejected", test_offer_asked_for_rejected);
    ADD("offer-asked-for-ended", test_offer_asked_for_ended);
    ADD("offer-refused", test_offer_refused);
    ADD("offer-collides", test_offer_collides);
    ADD("late-handler", test_late_handler);
    ADD("any-thread", test_any_thread);
    ADD("ladder", test_ladder);
    ADD("place-invalid", test_place_invalid);
    ADD("placed", test_placed);
    ADD("placed-busy", test_placed_busy);
    if (signalling_provider.on_the_wire)
        ADD("place-deadline", test_place_deadline);
    if (signalling_provider.answers != NULL)
        ADD("ping", test_ping);
    signalling = signalling_provider.open();
    result = g_test_run();
    signalling_provider.close(signalling);
    shard_end();
    return result;
}
