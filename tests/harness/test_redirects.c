/* SPDX-License-Identifier: Apache-2.0 */
/* Two calls whose media flow past us, through the real core with fakes around it. */
#include "harness.h"

static const char services[] = "[sip.peer \"lab\"]\naddresses = 127.0.0.0/8\nservices = demo\n"
                               "dial = *\n"
                               "[service \"demo\"]\nuser = demo\ndialog = fake\n";

/* What the sides of a pair say of themselves; ours has port 4002. */
#define SDP(port)                                                                            \
    "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio " port \
    " RTP/AVP 0\r\n"

static const char sdp_a[] = SDP("5000");
static const char sdp_b[] = SDP("6000");
static const char sdp_held[] = SDP("5000") "a=sendonly\r\n";
static const char sdp_none[] = SDP("0");

/* Two running calls, and what the redirect of the first to the second came to. */
typedef struct {
    Harness *harness;
    FakeSession *a;
    FakeSession *b;
    guint status;
} Pair;

static gboolean
no_calls(gpointer user_data)
{
    return mcp_calls_get_running(user_data) == 0;
}

static gboolean
one_call(gpointer user_data)
{
    return mcp_calls_get_running(user_data) == 1;
}

static gboolean
is_told(gpointer user_data)
{
    return *(guint *)user_data != 0;
}

static void
on_redirected(guint status, const char *reason, gpointer user_data)
{
    g_assert_nonnull(reason);
    g_assert_cmpuint(*(guint *)user_data, ==, 0);
    *(guint *)user_data = status;
}

static FakeSession *
running_call(Harness *harness, const char *started)
{
    FakeSession *session = fake_call_in(harness, "demo", "127.0.0.1");

    fake_journal_wait(harness, fake_session_journal(session), "answer-sdp");
    fake_session_emit(session, MCP_SESSION_ACKED, 0, NULL, NULL);
    fake_journal_wait(harness, fake_dialog_journal(), started);
    return session;
}

static Pair *
open_on(Harness *harness)
{
    Pair *pair = g_new0(Pair, 1);

    pair->harness = harness;
    pair->a = running_call(harness, "start");
    pair->b = running_call(harness, "start prepare start");
    return pair;
}

static gboolean
redirect(Pair *pair, guint *status)
{
    return mcp_calls_redirect(pair->harness->core->calls, fake_session_call_id(pair->a),
                              fake_session_call_id(pair->b), on_redirected, status);
}

static void
wait_for(Pair *pair, FakeSession *session, const char *words)
{
    fake_journal_wait(pair->harness, fake_session_journal(session), words);
}

static void
expect_sdp(FakeSession *session, const char *text)
{
    g_autoptr(McpSdp) sdp = fake_session_sdp(session);

    g_assert_cmpstr(mcp_sdp_get_text(sdp), ==, text);
}

/* Its media come to us again. */
static void
expect_ours(FakeSession *session)
{
    g_autoptr(McpSdp) sdp = fake_session_sdp(session);

    g_assert_cmpuint(mcp_sdp_get_media(sdp, 0)->port, ==, 4002);
}

/* The first call is asked for its offer. */
static Pair *
begin(Harness *harness)
{
    Pair *pair = open_on(harness);

    g_assert_true(redirect(pair, &pair->status));
    wait_for(pair, pair->a, "answer-sdp ask");
    return pair;
}

/* The second one has it. */
static Pair *
half_way(Harness *harness)
{
    Pair *pair = begin(harness);

    fake_session_emit(pair->a, MCP_SESSION_REOFFER_DONE, 200, NULL, sdp_a);
    wait_for(pair, pair->b, "answer-sdp offer");
    expect_sdp(pair->b, sdp_a);
    return pair;
}

static void
expect_status(Pair *pair, guint status)
{
    harness_wait(pair->harness, is_told, &pair->status, "the result");
    g_assert_cmpuint(pair->status, ==, status);
}

/* Both have agreed: dialogs are over, legs closed, both calls still there. */
static Pair *
joined(Harness *harness)
{
    Pair *pair = half_way(harness);

    fake_session_emit(pair->b, MCP_SESSION_REOFFER_DONE, 200, NULL, sdp_b);
    wait_for(pair, pair->a, "ask answer-offer");
    expect_sdp(pair->a, sdp_b);
    expect_status(pair, 200);
    fake_journal_wait(harness, fake_dialog_journal(), "terminate terminate");
    fake_journal_wait(harness, fake_media_journal(), "close close");
    g_assert_cmpuint(mcp_calls_get_running(harness->core->calls), ==, 2);
    return pair;
}

static void
close_pair(Pair *pair)
{
    harness_wait(pair->harness, no_calls, pair->harness->core->calls, "calls to end");
    g_object_unref(pair->a);
    g_object_unref(pair->b);
    harness_free(pair->harness);
    g_free(pair);
}

static void
say_goodbye(FakeSession *session)
{
    fake_session_emit(session, MCP_SESSION_ENDED, 200, "BYE", NULL);
}

/* Both calls go on as they were, with dialogs and legs of their own. */
static void
expect_as_before(Pair *pair)
{
    g_assert_cmpuint(mcp_calls_get_running(pair->harness->core->calls), ==, 2);
    g_assert_false(fake_journal_has(fake_dialog_journal(), "terminate"));
    g_assert_false(fake_journal_has(fake_media_journal(), "close"));
    say_goodbye(pair->a);
    say_goodbye(pair->b);
    close_pair(pair);
}

static gboolean
has_records(gpointer user_data)
{
    g_autofree char *records = harness_read_records(user_data);
    const char *first = strchr(records, '\n');

    return first != NULL && strchr(first + 1, '\n') != NULL;
}

/* Each record names the other call; who ended the pair is in the second one's reason. */
static void
expect_records(Pair *pair)
{
    g_autofree char *to_a =
        g_strdup_printf("\"redirected_to\":\"%s\"", fake_session_call_id(pair->a));
    g_autofree char *to_b =
        g_strdup_printf("\"redirected_to\":\"%s\"", fake_session_call_id(pair->b));
    g_autofree char *why = g_strdup_printf("\"end_reason\":\"redirected call %s ended: BYE\"",
                                           fake_session_call_id(pair->b));
    g_autofree char *records = NULL;

    harness_wait(pair->harness, has_records, pair->harness, "both records");
    records = harness_read_records(pair->harness);
    g_assert_nonnull(strstr(records, to_a));
    g_assert_nonnull(strstr(records, to_b));
    g_assert_nonnull(strstr(records, why));
    g_assert_nonnull(strstr(records, "\"redirected\":\""));
    g_assert_null(strstr(records, "terminated"));
}

static void
test_joined(void)
{
    Pair *pair = joined(harness_new(services));

    say_goodbye(pair->b);
    wait_for(pair, pair->a, "end");
    harness_wait(pair->harness, no_calls, pair->harness->core->calls, "calls to end");
    expect_records(pair);
    close_pair(pair);
}

/* Hold by the first, then by the second: each goes to the other side, and its answer back. */
static void
test_passed_on(void)
{
    Pair *pair = joined(harness_new(services));

    fake_session_emit(pair->a, MCP_SESSION_OFFERED, 0, NULL, sdp_held);
    wait_for(pair, pair->b, "offer offer");
    expect_sdp(pair->b, sdp_held);
    fake_session_emit(pair->b, MCP_SESSION_REOFFER_DONE, 200, NULL, sdp_b);
    wait_for(pair, pair->a, "answer-offer answer-offer");
    fake_session_emit(pair->b, MCP_SESSION_OFFERED, 0, NULL, sdp_b);
    wait_for(pair, pair->a, "answer-offer answer-offer offer");
    fake_session_emit(pair->a, MCP_SESSION_REOFFER_DONE, 200, NULL, sdp_a);
    wait_for(pair, pair->b, "offer offer answer-offer");
    fake_session_info(pair->a, "application/dtmf-relay", "Signal=1");
    wait_for(pair, pair->b, "info-application/dtmf-relay");
    say_goodbye(pair->a);
    wait_for(pair, pair->b, "end");
    close_pair(pair);
}

/* A re-INVITE without an offer: the other side makes it, and the answer of the ACK goes back. */
static void
test_passed_on_offerless(void)
{
    Pair *pair = joined(harness_new(services));

    fake_session_emit(pair->b, MCP_SESSION_OFFERED, 0, NULL, NULL);
    wait_for(pair, pair->a, "answer-offer ask");
    fake_session_emit(pair->a, MCP_SESSION_REOFFER_DONE, 200, NULL, sdp_a);
    wait_for(pair, pair->b, "offer answer-offer");
    fake_session_emit(pair->b, MCP_SESSION_ACKED, 0, NULL, sdp_b);
    wait_for(pair, pair->a, "answer-offer ask answer-offer");
    expect_sdp(pair->a, sdp_b);
    fake_session_emit(pair->b, MCP_SESSION_OFFERED, 0, NULL, NULL);
    wait_for(pair, pair->a, "ask answer-offer ask answer-offer ask");
    fake_session_emit(pair->a, MCP_SESSION_REOFFER_FAILED, 488, NULL, NULL);
    wait_for(pair, pair->b, "reject-offer-488");
    say_goodbye(pair->a);
    close_pair(pair);
}

/* Refused by the other side: the pair stays; what concerns one dialog alone becomes 504. */
static void
test_passed_on_refused(void)
{
    static const guint statuses[][2] = {{488, 488}, {603, 603}, {487, 504}, {407, 504}, {399, 500}};
    Pair *pair = joined(harness_new(services));
    g_autoptr(GString) asked = g_string_new("offer");
    g_autoptr(GString) heard = g_string_new("answer-offer");

    for (guint i = 0; i < G_N_ELEMENTS(statuses); i++) {
        g_string_append_printf(heard, " reject-offer-%u", statuses[i][1]);
        g_string_append(asked, " offer");
        fake_session_emit(pair->a, MCP_SESSION_OFFERED, 0, NULL, sdp_held);
        wait_for(pair, pair->b, asked->str);
        fake_session_emit(pair->b, MCP_SESSION_REOFFER_FAILED, statuses[i][0], "no", NULL);
        wait_for(pair, pair->a, heard->str);
    }
    g_assert_cmpuint(mcp_calls_get_running(pair->harness->core->calls), ==, 2);
    say_goodbye(pair->a);
    close_pair(pair);
}

/* Both sides offer at once: one hears 491, the other one's offer is sent again. */
static void
test_passed_on_collision(void)
{
    Pair *pair = joined(harness_new(services));

    fake_session_emit(pair->a, MCP_SESSION_OFFERED, 0, NULL, sdp_held);
    wait_for(pair, pair->b, "offer offer");
    fake_session_emit(pair->b, MCP_SESSION_OFFERED, 0, NULL, sdp_b);
    wait_for(pair, pair->b, "offer offer reject-offer-491");
    fake_session_emit(pair->b, MCP_SESSION_REOFFER_FAILED, 491, NULL, NULL);
    fake_session_emit(pair->b, MCP_SESSION_REOFFER_DUE, 0, NULL, NULL);
    wait_for(pair, pair->b, "reject-offer-491 offer");
    fake_session_emit(pair->b, MCP_SESSION_REOFFER_DONE, 200, NULL, sdp_b);
    wait_for(pair, pair->a, "answer-offer answer-offer");
    say_goodbye(pair->b);
    close_pair(pair);
}

/* An answer that nobody waits for: both sides are made to agree again. */
static void
test_late_answer(void)
{
    Pair *pair = joined(harness_new(services));

    fake_session_emit(pair->b, MCP_SESSION_REOFFER_DONE, 200, NULL, sdp_b);
    wait_for(pair, pair->b, "offer ask");
    fake_session_emit(pair->b, MCP_SESSION_REOFFER_DONE, 200, NULL, sdp_b);
    wait_for(pair, pair->a, "answer-offer offer");
    fake_session_emit(pair->a, MCP_SESSION_REOFFER_DONE, 200, NULL, sdp_a);
    wait_for(pair, pair->b, "offer ask answer-offer");
    say_goodbye(pair->b);
    close_pair(pair);
}

/* One side ends while an offer is under way to it, and while one of its own is. */
static void
test_passed_on_ended(void)
{
    for (guint i = 0; i < 2; i++) {
        Pair *pair = joined(harness_new(services));

        fake_session_emit(pair->a, MCP_SESSION_OFFERED, 0, NULL, sdp_held);
        wait_for(pair, pair->b, "offer offer");
        say_goodbye(i == 0 ? pair->a : pair->b);
        wait_for(pair, i == 0 ? pair->b : pair->a, "end");
        close_pair(pair);
    }
}

/* The operator hangs up one of a pair; nobody transfers or redirects it meanwhile. */
static void
test_hung_up(void)
{
    Pair *pair = joined(harness_new(services));
    McpCalls *calls = pair->harness->core->calls;
    guint status = 0;

    g_assert_true(redirect(pair, &status));
    harness_wait(pair->harness, is_told, &status, "the second result");
    g_assert_cmpuint(status, ==, 491);
    fake_session_refer(pair->a, "sip:agent@pbx.example.com");
    wait_for(pair, pair->a, "answer-refer-480");
    g_assert_true(mcp_calls_hangup(calls, fake_session_call_id(pair->a), "hung up by operator"));
    wait_for(pair, pair->a, "end");
    wait_for(pair, pair->b, "end");
    close_pair(pair);
}

/* A pair holds a drain up like other calls, and ends with its deadline. */
static void
test_drained(void)
{
    Pair *pair = joined(harness_new_virtual(services));

    mcp_core_drain(pair->harness->core, 60 * G_USEC_PER_SEC);
    mcp_clock_advance(pair->harness->core->clock, 59 * G_USEC_PER_SEC);
    g_assert_false(pair->harness->drained);
    mcp_clock_advance(pair->harness->core->clock, 2 * G_USEC_PER_SEC);
    harness_wait(pair->harness, is_told, &pair->harness->drained, "the end of the drain");
    g_assert_cmpuint(mcp_calls_get_running(pair->harness->core->calls), ==, 2);
    harness_free(pair->harness);
    g_assert_true(fake_journal_has(fake_session_journal(pair->a), "end"));
    g_assert_true(fake_journal_has(fake_session_journal(pair->b), "end"));
    g_object_unref(pair->a);
    g_object_unref(pair->b);
    g_free(pair);
}

/* The first call will not be asked. */
static void
test_first_refuses(void)
{
    Pair *pair = begin(harness_new(services));

    fake_session_emit(pair->a, MCP_SESSION_REOFFER_FAILED, 488, "Not Acceptable Here", NULL);
    expect_status(pair, 488);
    g_assert_false(fake_journal_has(fake_session_journal(pair->b), "offer"));
    expect_as_before(pair);
}

/* The second call refuses: the first one's offer is answered by its own leg. */
static void
test_second_refuses(void)
{
    Pair *pair = half_way(harness_new(services));

    fake_session_emit(pair->b, MCP_SESSION_REOFFER_FAILED, 488, "Not Acceptable Here", NULL);
    expect_status(pair, 488);
    wait_for(pair, pair->a, "ask answer-offer");
    expect_ours(pair->a);
    expect_as_before(pair);
}

/* Its own leg cannot answer either: the session cannot go on. */
static void
test_cannot_go_back(void)
{
    Pair *pair = half_way(harness_new(services));

    fake_plan.refuse_answer = TRUE;
    fake_session_emit(pair->b, MCP_SESSION_REOFFER_FAILED, 488, "Not Acceptable Here", NULL);
    expect_status(pair, 488);
    wait_for(pair, pair->a, "ask reject-offer-488");
    harness_wait(pair->harness, one_call, pair->harness->core->calls, "the first call to end");
    say_goodbye(pair->b);
    close_pair(pair);
}

/* The second call answers without media: both get their own again. */
static void
test_no_media(void)
{
    Pair *pair = half_way(harness_new(services));

    fake_session_emit(pair->b, MCP_SESSION_REOFFER_DONE, 200, NULL, sdp_none);
    expect_status(pair, 488);
    wait_for(pair, pair->a, "ask answer-offer");
    wait_for(pair, pair->b, "offer offer");
    expect_ours(pair->b);
    fake_session_emit(pair->b, MCP_SESSION_REOFFER_FAILED, 491, NULL, NULL);
    fake_session_emit(pair->b, MCP_SESSION_REOFFER_DUE, 0, NULL, NULL);
    wait_for(pair, pair->b, "offer offer offer");
    fake_session_emit(pair->b, MCP_SESSION_REOFFER_DONE, 200, NULL, sdp_b);
    fake_journal_wait(pair->harness, fake_media_journal(), "apply-answer");
    expect_as_before(pair);
}

/* Who does not take our media back is hung up; the other call goes on. */
static void
test_not_taken_back(void)
{
    Pair *pair = half_way(harness_new(services));

    fake_session_emit(pair->b, MCP_SESSION_REOFFER_DONE, 200, NULL, sdp_none);
    wait_for(pair, pair->b, "offer offer");
    fake_session_emit(pair->b, MCP_SESSION_REOFFER_FAILED, 488, NULL, NULL);
    wait_for(pair, pair->b, "offer offer end");
    harness_wait(pair->harness, one_call, pair->harness->core->calls, "the second call to end");
    say_goodbye(pair->a);
    close_pair(pair);
}

/* The first call ends while it is asked; the second one notices nothing. */
static void
test_first_ends_asked(void)
{
    Pair *pair = begin(harness_new(services));

    say_goodbye(pair->a);
    expect_status(pair, 487);
    harness_wait(pair->harness, one_call, pair->harness->core->calls, "the first call to end");
    g_assert_false(fake_journal_has(fake_session_journal(pair->b), "offer"));
    say_goodbye(pair->b);
    close_pair(pair);
}

/* The second call ends meanwhile: the first one's offer still has to be answered. */
static void
test_second_ends_asked(void)
{
    Pair *pair = begin(harness_new(services));

    say_goodbye(pair->b);
    expect_status(pair, 487);
    fake_session_emit(pair->a, MCP_SESSION_REOFFER_DONE, 200, NULL, sdp_a);
    wait_for(pair, pair->a, "ask answer-offer");
    harness_wait(pair->harness, one_call, pair->harness->core->calls, "the second call to end");
    say_goodbye(pair->a);
    close_pair(pair);
}

/* The first call ends while the second is offered its media: that one gets ours again. */
static void
test_first_ends_offered(void)
{
    for (guint agrees = 0; agrees < 2; agrees++) {
        Pair *pair = half_way(harness_new(services));

        say_goodbye(pair->a);
        expect_status(pair, 487);
        if (agrees) {
            fake_session_emit(pair->b, MCP_SESSION_REOFFER_DONE, 200, NULL, sdp_b);
            wait_for(pair, pair->b, "offer offer");
            fake_session_emit(pair->b, MCP_SESSION_REOFFER_DONE, 200, NULL, sdp_b);
            fake_journal_wait(pair->harness, fake_media_journal(), "apply-answer");
        } else {
            fake_session_emit(pair->b, MCP_SESSION_REOFFER_FAILED, 488, NULL, NULL);
        }
        harness_wait(pair->harness, one_call, pair->harness->core->calls, "the first call to end");
        say_goodbye(pair->b);
        close_pair(pair);
    }
}

static void
test_second_ends_offered(void)
{
    Pair *pair = half_way(harness_new(services));

    say_goodbye(pair->b);
    expect_status(pair, 487);
    wait_for(pair, pair->a, "ask answer-offer");
    harness_wait(pair->harness, one_call, pair->harness->core->calls, "the second call to end");
    say_goodbye(pair->a);
    close_pair(pair);
}

/* The operator gives either call up at each step. */
static void
test_hung_up_meanwhile(void)
{
    for (guint i = 0; i < 4; i++) {
        Pair *pair = i < 2 ? begin(harness_new(services)) : half_way(harness_new(services));
        FakeSession *gone = i % 2 == 0 ? pair->a : pair->b;
        FakeSession *other = i % 2 == 0 ? pair->b : pair->a;

        g_assert_true(mcp_calls_hangup(pair->harness->core->calls, fake_session_call_id(gone),
                                       "hung up by operator"));
        wait_for(pair, gone, "end");
        expect_status(pair, 487);
        harness_wait(pair->harness, one_call, pair->harness->core->calls, "one call to end");
        say_goodbye(other);
        close_pair(pair);
    }
}

/* Collisions: both are asked again after the back-off; four times is too often. */
static void
test_collisions(void)
{
    Pair *pair = begin(harness_new(services));

    fake_session_emit(pair->a, MCP_SESSION_REOFFER_FAILED, 491, NULL, NULL);
    /* A re-INVITE of its own is what collided: its leg answers. */
    fake_session_emit(pair->a, MCP_SESSION_OFFERED, 0, NULL, sdp_a);
    wait_for(pair, pair->a, "ask answer-offer");
    fake_session_emit(pair->a, MCP_SESSION_REOFFER_DUE, 0, NULL, NULL);
    wait_for(pair, pair->a, "ask answer-offer ask");
    fake_session_emit(pair->a, MCP_SESSION_REOFFER_DONE, 200, NULL, sdp_a);
    wait_for(pair, pair->b, "answer-sdp offer");
    for (guint i = 0; i < 4; i++) {
        fake_session_emit(pair->b, MCP_SESSION_REOFFER_FAILED, 491, "Request Pending", NULL);
        fake_session_emit(pair->b, MCP_SESSION_REOFFER_DUE, 0, NULL, NULL);
    }
    wait_for(pair, pair->b, "offer offer offer offer");
    expect_status(pair, 491);
    wait_for(pair, pair->a, "ask answer-offer ask answer-offer");
    expect_as_before(pair);
}

/* What cannot be: no such call, itself, a call that is being moved. */
static void
test_refused(void)
{
    Pair *pair = begin(harness_new(services));
    McpCalls *calls = pair->harness->core->calls;
    const char *id = fake_session_call_id(pair->a);
    guint statuses[3] = {0};

    g_assert_false(mcp_calls_redirect(calls, id, "nobody", on_redirected, &statuses[0]));
    g_assert_false(mcp_calls_redirect(calls, "nobody", id, on_redirected, &statuses[0]));
    g_assert_true(mcp_calls_redirect(calls, id, id, on_redirected, &statuses[0]));
    g_assert_true(redirect(pair, &statuses[1]));
    g_assert_true(mcp_calls_transfer(calls, id, "sip:a@b", on_redirected, &statuses[2]));
    for (guint i = 0; i < G_N_ELEMENTS(statuses); i++)
        harness_wait(pair->harness, is_told, &statuses[i], "a refusal");
    g_assert_cmpuint(statuses[0], ==, 482);
    g_assert_cmpuint(statuses[1], ==, 491);
    g_assert_cmpuint(statuses[2], ==, 491);
    fake_session_refer(pair->b, "sip:agent@pbx.example.com");
    wait_for(pair, pair->b, "answer-refer-491");
    fake_session_emit(pair->a, MCP_SESSION_REOFFER_FAILED, 488, NULL, NULL);
    expect_status(pair, 488);
    /* Nothing of it is left. */
    pair->status = 0;
    g_assert_true(redirect(pair, &pair->status));
    wait_for(pair, pair->a, "ask ask");
    fake_session_emit(pair->a, MCP_SESSION_REOFFER_FAILED, 488, NULL, NULL);
    expect_status(pair, 488);
    expect_as_before(pair);
}

/* The second of both has begun to be redirected elsewhere, from the other end. */
static void
test_crossing(void)
{
    Pair *pair = open_on(harness_new(services));
    McpCalls *calls = pair->harness->core->calls;
    guint back = 0;

    g_assert_true(redirect(pair, &pair->status));
    g_assert_true(mcp_calls_redirect(calls, fake_session_call_id(pair->b),
                                     fake_session_call_id(pair->a), on_redirected, &back));
    while (pair->status == 0 && back == 0) {
        /* Whoever came through is refused. */
        if (fake_journal_has(fake_session_journal(pair->a), "ask"))
            fake_session_emit(pair->a, MCP_SESSION_REOFFER_FAILED, 488, NULL, NULL);
        if (fake_journal_has(fake_session_journal(pair->b), "ask"))
            fake_session_emit(pair->b, MCP_SESSION_REOFFER_FAILED, 488, NULL, NULL);
        g_main_context_iteration(NULL, TRUE);
    }
    if (fake_journal_has(fake_session_journal(pair->a), "ask"))
        fake_session_emit(pair->a, MCP_SESSION_REOFFER_FAILED, 488, NULL, NULL);
    if (fake_journal_has(fake_session_journal(pair->b), "ask"))
        fake_session_emit(pair->b, MCP_SESSION_REOFFER_FAILED, 488, NULL, NULL);
    harness_wait(pair->harness, is_told, &pair->status, "the result");
    harness_wait(pair->harness, is_told, &back, "the result of the other way");
    g_assert_true(pair->status == 491 || back == 491);
    expect_as_before(pair);
}

/* Until the first call is let go and is asked. */
static void
redirect_again(Pair *pair, const char *words)
{
    while (!fake_journal_has(fake_session_journal(pair->a), words)) {
        pair->status = 0;
        g_assert_true(redirect(pair, &pair->status));
        while (pair->status == 0 && !fake_journal_has(fake_session_journal(pair->a), words))
            g_main_context_iteration(NULL, FALSE);
    }
}

/* No answer: of the first, which then offers late, and of the second, which then answers late. */
static void
test_overdue(void)
{
    Pair *pair = begin(harness_new_virtual(services));
    guint status = 0;

    mcp_clock_advance(pair->harness->core->clock, 16 * G_USEC_PER_SEC);
    expect_status(pair, 504);
    fake_session_emit(pair->a, MCP_SESSION_REOFFER_DONE, 200, NULL, sdp_a);
    wait_for(pair, pair->a, "ask answer-offer");
    redirect_again(pair, "ask answer-offer ask");
    fake_session_emit(pair->a, MCP_SESSION_REOFFER_DONE, 200, NULL, sdp_a);
    wait_for(pair, pair->b, "answer-sdp offer");
    mcp_clock_advance(pair->harness->core->clock, 16 * G_USEC_PER_SEC);
    expect_status(pair, 504);
    wait_for(pair, pair->a, "ask answer-offer ask answer-offer");
    g_assert_true(redirect(pair, &status));
    harness_wait(pair->harness, is_told, &status, "the refusal");
    g_assert_cmpuint(status, ==, 491);
    fake_session_emit(pair->b, MCP_SESSION_REOFFER_DONE, 200, NULL, sdp_b);
    wait_for(pair, pair->b, "offer offer");
    expect_as_before(pair);
}

/* Of a pair that stands: the one who offered hears 504. */
static void
test_overdue_later(void)
{
    Pair *pair = joined(harness_new_virtual(services));

    fake_session_emit(pair->b, MCP_SESSION_OFFERED, 0, NULL, sdp_held);
    wait_for(pair, pair->a, "answer-offer offer");
    mcp_clock_advance(pair->harness->core->clock, 16 * G_USEC_PER_SEC);
    wait_for(pair, pair->b, "reject-offer-504");
    fake_session_emit(pair->a, MCP_SESSION_REOFFER_FAILED, 487, NULL, NULL);
    say_goodbye(pair->a);
    wait_for(pair, pair->b, "end");
    close_pair(pair);
}

/* A dialog that will not end gives its leg back all the same; the call goes on. */
static void
test_stuck_dialogs(void)
{
    Pair *pair = half_way(harness_new_virtual(services));

    fake_plan.end_on_terminate = FALSE;
    fake_session_emit(pair->b, MCP_SESSION_REOFFER_DONE, 200, NULL, sdp_b);
    fake_journal_wait(pair->harness, fake_dialog_journal(), "terminate terminate");
    g_assert_false(fake_journal_has(fake_media_journal(), "close"));
    mcp_clock_advance(pair->harness->core->clock, 16 * G_USEC_PER_SEC);
    fake_journal_wait(pair->harness, fake_media_journal(), "close close");
    g_assert_cmpuint(mcp_calls_get_running(pair->harness->core->calls), ==, 2);
    say_goodbye(pair->a);
    close_pair(pair);
}

/* The maximum duration of one call ends both. */
static void
test_max_duration(void)
{
    Pair *pair = joined(harness_new_virtual(services));

    mcp_clock_advance(pair->harness->core->clock, (gint64)24 * 3600 * G_USEC_PER_SEC);
    wait_for(pair, pair->a, "end");
    wait_for(pair, pair->b, "end");
    close_pair(pair);
}

#define ADD(name, func) g_test_add_func("/redirects/" name, func)

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD("joined", test_joined);
    ADD("passed-on", test_passed_on);
    ADD("passed-on-offerless", test_passed_on_offerless);
    ADD("passed-on-refused", test_passed_on_refused);
    ADD("passed-on-collision", test_passed_on_collision);
    ADD("passed-on-ended", test_passed_on_ended);
    ADD("late-answer", test_late_answer);
    ADD("hung-up", test_hung_up);
    ADD("drained", test_drained);
    ADD("first-refuses", test_first_refuses);
    ADD("second-refuses", test_second_refuses);
    ADD("cannot-go-back", test_cannot_go_back);
    ADD("no-media", test_no_media);
    ADD("not-taken-back", test_not_taken_back);
    ADD("first-ends-asked", test_first_ends_asked);
    ADD("second-ends-asked", test_second_ends_asked);
    ADD("first-ends-offered", test_first_ends_offered);
    ADD("second-ends-offered", test_second_ends_offered);
    ADD("hung-up-meanwhile", test_hung_up_meanwhile);
    ADD("collisions", test_collisions);
    ADD("refused", test_refused);
    ADD("crossing", test_crossing);
    ADD("overdue", test_overdue);
    ADD("overdue-later", test_overdue_later);
    ADD("stuck-dialogs", test_stuck_dialogs);
    ADD("max-duration", test_max_duration);
    return g_test_run();
}
