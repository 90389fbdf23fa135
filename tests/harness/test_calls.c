/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a call through the real core, with fakes around it. */
#include "harness.h"

#include "call/call_private.h"

static const char services[] = "[sip.peer \"lab\"]\naddresses = 127.0.0.0/8\nservices = demo\n"
                               "[service \"demo\"]\nuser = demo\ndialog = fake\n"
                               "[service \"secret\"]\nuser = secret\ndialog = fake\n"
                               "[service \"lost\"]\nuser = lost\ndialog = absent\n";

static gboolean
no_calls(gpointer user_data)
{
    return mcp_calls_get_running(user_data) == 0;
}

static gboolean
has_record(gpointer user_data)
{
    g_autofree char *records = harness_read_records(user_data);

    return strstr(records, "\n") != NULL;
}

static void
wait_idle(Harness *harness)
{
    harness_wait(harness, no_calls, harness->core->calls, "calls to end");
}

static void
test_answer_and_bye(void)
{
    Harness *harness = harness_new(services);
    g_autoptr(FakeSession) session = fake_call_in(harness, "demo", "127.0.0.1");
    g_autofree char *records = NULL;

    fake_journal_wait(harness, fake_session_journal(session), "answer-sdp");
    fake_session_emit(session, MCP_SESSION_ACKED, 0, NULL, NULL);
    fake_journal_wait(harness, fake_dialog_journal(), "start");
    fake_session_emit(session, MCP_SESSION_ENDED, 0, "BYE", NULL);
    fake_journal_wait(harness, fake_dialog_journal(), "terminate");
    wait_idle(harness);
    fake_journal_wait(harness, fake_media_journal(), "close");
    harness_wait(harness, has_record, harness, "the record");
    records = harness_read_records(harness);
    g_assert_nonnull(strstr(records, "\"ended_by\":\"caller\",\"end_reason\":\"BYE\""));
    g_assert_nonnull(strstr(records, "\"page\":\"fake.vxml\""));
    g_assert_nonnull(strstr(records, "\"packets_sent\":42"));
    g_assert_nonnull(strstr(records, "\"value\":{\"choice\":1}"));
    harness_free(harness);
}

static void
test_dialog_hangs_up(void)
{
    Harness *harness = harness_new(services);
    g_autoptr(FakeSession) session = NULL;

    fake_plan.end_at_start = TRUE;
    session = fake_call_in(harness, "demo", "127.0.0.1");
    fake_journal_wait(harness, fake_session_journal(session), "answer-sdp");
    fake_session_emit(session, MCP_SESSION_ACKED, 0, NULL, NULL);
    fake_journal_wait(harness, fake_session_journal(session), "end");
    wait_idle(harness);
    harness_free(harness);
}

static void
test_offerless(void)
{
    Harness *harness = harness_new(services);
    g_autoptr(FakeSession) session = fake_call_in_with(harness, "demo", "127.0.0.1", NULL);

    fake_journal_wait(harness, fake_session_journal(session), "answer-sdp");
    fake_session_emit(session, MCP_SESSION_ACKED, 0, NULL,
                      "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                      "m=audio 4000 RTP/AVP 0\r\n");
    fake_journal_wait(harness, fake_media_journal(), "create-offer apply-answer");
    fake_journal_wait(harness, fake_dialog_journal(), "start");
    harness_free(harness);
}

static void
test_offerless_without_answer(void)
{
    Harness *harness = harness_new(services);
    g_autoptr(FakeSession) session = fake_call_in_with(harness, "demo", "127.0.0.1", NULL);

    fake_journal_wait(harness, fake_session_journal(session), "answer-sdp");
    fake_session_emit(session, MCP_SESSION_ACKED, 0, NULL, NULL);
    fake_journal_wait(harness, fake_session_journal(session), "end");
    wait_idle(harness);
    harness_free(harness);
}

typedef struct {
    const char *user;
    const char *address;
    FakePlan plan;
    const char *word;
} Refusal;

static void
test_refusals(void)
{
    static const Refusal refusals[] = {
        {"nobody", "127.0.0.1", {0}, "reject-404"},
        {"secret", "127.0.0.1", {0}, "reject-403"},
        {"demo", "192.0.2.7", {0}, "reject-403"},
        {"demo", "127.0.0.1", {.refuse_ports = TRUE}, "reject-503"},
        {"demo", "127.0.0.1", {.refuse_answer = TRUE}, "reject-488"},
        {"demo", "127.0.0.1", {.reject_status = 500}, "reject-500"},
    };
    Harness *harness = harness_new(services);

    for (guint i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autoptr(FakeSession) session = NULL;

        fake_plan = refusals[i].plan;
        session = fake_call_in(harness, refusals[i].user, refusals[i].address);
        fake_journal_wait(harness, fake_session_journal(session), refusals[i].word);
        wait_idle(harness);
    }
    harness_free(harness);
}

static void
test_cancel_while_preparing(void)
{
    Harness *harness = harness_new(services);
    g_autoptr(FakeSession) session = NULL;

    fake_plan.hold_prepare = TRUE;
    session = fake_call_in(harness, "demo", "127.0.0.1");
    fake_journal_wait(harness, fake_dialog_journal(), "held");
    fake_journal_wait(harness, fake_session_journal(session), "progress-180");
    fake_session_emit(session, MCP_SESSION_ENDED, 487, "CANCEL", NULL);
    wait_idle(harness);
    fake_release_prepare();
    harness_free(harness);
}

static void
test_no_ack(void)
{
    Harness *harness = harness_new(services);
    g_autoptr(FakeSession) session = fake_call_in(harness, "demo", "127.0.0.1");

    fake_journal_wait(harness, fake_session_journal(session), "answer-sdp");
    fake_session_emit(session, MCP_SESSION_ENDED, 408, "no ACK", NULL);
    wait_idle(harness);
    harness_free(harness);
}

static void
test_info_digit_and_reoffer(void)
{
    Harness *harness = harness_new(services);
    g_autoptr(FakeSession) session = fake_call_in(harness, "demo", "127.0.0.1");

    fake_journal_wait(harness, fake_session_journal(session), "answer-sdp");
    fake_session_emit(session, MCP_SESSION_ACKED, 0, NULL, NULL);
    fake_journal_wait(harness, fake_dialog_journal(), "start");
    fake_session_info(session, "application/dtmf-relay", "Signal=5\r\nDuration=160\r\n");
    fake_journal_wait(harness, fake_media_journal(), "digit-5-160");
    fake_session_info(session, "application/x-other", "hello");
    fake_journal_wait(harness, fake_dialog_journal(), "message");
    fake_session_emit(session, MCP_SESSION_OFFERED, 0, NULL,
                      "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                      "m=audio 4000 RTP/AVP 8\r\n");
    fake_journal_wait(harness, fake_session_journal(session), "answer-offer");
    harness_free(harness);
}

#define SDP(version, lines)                                                      \
    "v=0\r\no=- 1 " version " IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n" \
    "t=0 0\r\n" lines

/* The session that an SDP belongs to: its origin without the version. Returns: (transfer full). */
static char *
session_of(McpSdp *sdp)
{
    g_auto(GStrv) words = g_strsplit(mcp_sdp_get_origin(sdp), " ", -1);

    return g_strdup_printf("%s %s %s", words[0], words[1], words[5]);
}

static gboolean
has_line(FakeSession *session)
{
    g_autoptr(McpSdp) sdp = fake_session_sdp(session);

    return strstr(mcp_sdp_get_text(sdp), "m=application 1544 TCP/MRCPv2 1\r\n") != NULL;
}

#define CONTROL "m=audio 4000 RTP/AVP 8\r\nm=application 9 TCP/MRCPv2 1\r\n"

/* A dialog has lines of its own in every answer, or refuses an offer for them. */
static void
test_dialog_answers(void)
{
    static const char controlled[] = "[sip.peer \"lab\"]\naddresses = 127.0.0.0/8\n"
                                     "services = speech\n[service \"speech\"]\nmedia = mrcp\n"
                                     "dialog = fake\n";
    Harness *harness = harness_new(controlled);
    g_autoptr(FakeSession) session = NULL;
    g_autoptr(FakeSession) refused = NULL;
    g_autoptr(FakeSession) plain = NULL;

    fake_plan.add_line = TRUE;
    session = fake_call_in_with(harness, "any", "127.0.0.1", SDP("1", CONTROL));
    fake_journal_wait(harness, fake_session_journal(session), "answer-sdp");
    g_assert_true(has_line(session));
    fake_session_emit(session, MCP_SESSION_ACKED, 0, NULL, NULL);
    fake_journal_wait(harness, fake_dialog_journal(), "start");
    fake_session_emit(session, MCP_SESSION_OFFERED, 0, NULL, SDP("2", CONTROL));
    fake_journal_wait(harness, fake_session_journal(session), "answer-offer");
    g_assert_true(has_line(session));
    fake_plan.refuse_line = TRUE;
    fake_session_emit(session, MCP_SESSION_OFFERED, 0, NULL, NULL);
    fake_journal_wait(harness, fake_session_journal(session), "reject-offer-488");
    g_assert_true(fake_journal_has(fake_dialog_journal(), "refuse-none"));
    g_assert_true(fake_journal_has(fake_media_journal(), "rollback"));
    fake_session_emit(session, MCP_SESSION_ENDED, 0, "BYE", NULL);
    wait_idle(harness);
    refused = fake_call_in_with(harness, "any", "127.0.0.1", SDP("1", CONTROL));
    fake_journal_wait(harness, fake_session_journal(refused), "reject-488");
    plain = fake_call_in(harness, "any", "127.0.0.1");
    fake_journal_wait(harness, fake_session_journal(plain), "reject-404");
    wait_idle(harness);
    harness_free(harness);
}

/* RFC 5552 §2.3. */
static void
test_media_comes_later(void)
{
    static const char *const bare[] = {SDP("1", ""), SDP("1", "m=audio 0 RTP/AVP 0\r\n")};
    Harness *harness = harness_new(services);

    for (guint i = 0; i < G_N_ELEMENTS(bare); i++) {
        g_autoptr(FakeSession) session = NULL;
        g_autoptr(McpSdp) first = NULL;
        g_autoptr(McpSdp) then = NULL;
        g_autofree char *before = NULL;
        g_autofree char *after = NULL;

        fake_plan = (FakePlan){.no_media = TRUE, .end_on_terminate = TRUE};
        session = fake_call_in_with(harness, "demo", "127.0.0.1", bare[i]);
        fake_journal_wait(harness, fake_session_journal(session), "answer-sdp");
        first = fake_session_sdp(session);
        g_assert_cmpuint(mcp_sdp_get_n_media(first), ==, i);
        g_assert_false(mcp_call_has_media(first));
        fake_session_emit(session, MCP_SESSION_ACKED, 0, NULL, NULL);
        /* One that refreshes the session only. */
        fake_session_emit(session, MCP_SESSION_OFFERED, 0, NULL, bare[i]);
        fake_journal_wait(harness, fake_session_journal(session), "answer-sdp answer-offer");
        then = fake_session_sdp(session);
        g_assert_cmpstr(mcp_sdp_get_text(then), ==, mcp_sdp_get_text(first));
        g_clear_pointer(&then, mcp_sdp_unref);
        fake_session_emit(session, MCP_SESSION_OFFERED, 0, NULL,
                          SDP("2", "m=audio 4000 RTP/AVP 0\r\n"));
        fake_journal_wait(harness, fake_session_journal(session), "answer-offer answer-offer");
        then = fake_session_sdp(session);
        g_assert_true(mcp_call_has_media(then));
        before = session_of(first);
        after = session_of(then);
        g_assert_cmpstr(before, ==, after);
        g_assert_cmpuint(mcp_sdp_get_version(then), >, mcp_sdp_get_version(first));
        fake_journal_wait(harness, fake_media_journal(), i == 0 ? "answer start" : "close answer");
        fake_journal_wait(harness, fake_dialog_journal(),
                          i == 0 ? "prepare start" : "terminate prepare start");
        fake_session_emit(session, MCP_SESSION_ENDED, 0, "BYE", NULL);
        fake_journal_wait(harness, fake_dialog_journal(),
                          i == 0 ? "start terminate" : "start terminate prepare start terminate");
        wait_idle(harness);
    }
    harness_free(harness);
}

/* §2.3 again: the offer was ours, the ports of the answer are 0, and so the next offer. */
static void
test_offerless_media_comes_later(void)
{
    Harness *harness = harness_new(services);
    g_autoptr(FakeSession) session = fake_call_in_with(harness, "demo", "127.0.0.1", NULL);

    fake_plan.end_on_terminate = TRUE;
    fake_journal_wait(harness, fake_session_journal(session), "answer-sdp");
    fake_session_emit(session, MCP_SESSION_ACKED, 0, NULL, SDP("1", "m=audio 0 RTP/AVP 0\r\n"));
    fake_session_emit(session, MCP_SESSION_OFFERED, 0, NULL, NULL);
    fake_journal_wait(harness, fake_session_journal(session), "answer-sdp answer-offer");
    fake_journal_wait(harness, fake_media_journal(), "create-offer create-offer");
    fake_session_emit(session, MCP_SESSION_ACKED, 0, NULL, SDP("2", "m=audio 4000 RTP/AVP 0\r\n"));
    fake_journal_wait(harness, fake_media_journal(), "create-offer apply-answer start");
    fake_journal_wait(harness, fake_dialog_journal(), "prepare start");
    harness_free(harness);
}

/* What may happen to a session while it waits for media. */
static void
test_media_never_comes(void)
{
    Harness *harness = harness_new(services);
    const char *bare = SDP("1", "");

    for (guint i = 0; i < 2; i++) {
        g_autoptr(FakeSession) session = NULL;

        fake_plan = (FakePlan){.no_media = TRUE, .refuse_answer = TRUE};
        session = fake_call_in_with(harness, "demo", "127.0.0.1", bare);
        fake_journal_wait(harness, fake_session_journal(session), "answer-sdp");
        fake_session_emit(session, MCP_SESSION_ACKED, 0, NULL, NULL);
        fake_session_emit(session, MCP_SESSION_OFFERED, 0, NULL,
                          SDP("2", "m=audio 4000 RTP/AVP 99\r\n"));
        fake_journal_wait(harness, fake_session_journal(session), "reject-offer-488");
        if (i == 0)
            fake_session_emit(session, MCP_SESSION_ENDED, 0, "BYE", NULL);
        else
            mcp_calls_hangup_all(harness->core->calls, "test");
        wait_idle(harness);
        if (i == 1)
            fake_journal_wait(harness, fake_session_journal(session), "end");
    }
    g_assert_null(strstr(fake_dialog_journal()->words->str, "start"));
    harness_free(harness);
}

static void
test_place(void)
{
    Harness *harness = harness_new(services);
    McpPlaceRequest request = {.target = "sip:bob@127.0.0.1", .dialog = "fake"};
    g_autofree char *id = mcp_calls_place(harness->core->calls, &request, NULL);
    g_autoptr(FakeSession) session = NULL;

    g_assert_nonnull(id);
    fake_journal_wait(harness, fake_media_journal(), "create-offer");
    while ((session = fake_last_placed()) == NULL)
        g_main_context_iteration(NULL, FALSE);
    fake_session_emit(session, MCP_SESSION_ANSWERED, 200, NULL,
                      "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                      "m=audio 4000 RTP/AVP 0\r\n");
    fake_journal_wait(harness, fake_dialog_journal(), "start");
    fake_end_dialog("finished");
    fake_journal_wait(harness, fake_session_journal(session), "end");
    wait_idle(harness);
    harness_free(harness);
}

static void
test_place_busy(void)
{
    Harness *harness = harness_new(services);
    McpPlaceRequest request = {.target = "sip:bob@127.0.0.1", .dialog = "fake"};
    g_autofree char *id = mcp_calls_place(harness->core->calls, &request, NULL);
    g_autoptr(FakeSession) session = NULL;
    g_autofree char *records = NULL;

    while ((session = fake_last_placed()) == NULL)
        g_main_context_iteration(NULL, FALSE);
    fake_session_emit(session, MCP_SESSION_ENDED, 486, "Busy Here", NULL);
    wait_idle(harness);
    harness_wait(harness, has_record, harness, "the record");
    records = harness_read_records(harness);
    g_assert_nonnull(strstr(records, "\"status\":486"));
    harness_free(harness);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/calls/answer-and-bye", test_answer_and_bye);
    g_test_add_func("/calls/dialog-hangs-up", test_dialog_hangs_up);
    g_test_add_func("/calls/offerless", test_offerless);
    g_test_add_func("/calls/offerless-without-answer", test_offerless_without_answer);
    g_test_add_func("/calls/refusals", test_refusals);
    g_test_add_func("/calls/cancel-while-preparing", test_cancel_while_preparing);
    g_test_add_func("/calls/no-ack", test_no_ack);
    g_test_add_func("/calls/info-digit-and-reoffer", test_info_digit_and_reoffer);
    g_test_add_func("/calls/dialog-answers", test_dialog_answers);
    g_test_add_func("/calls/media-comes-later", test_media_comes_later);
    g_test_add_func("/calls/offerless-media-comes-later", test_offerless_media_comes_later);
    g_test_add_func("/calls/media-never-comes", test_media_never_comes);
    g_test_add_func("/calls/place", test_place);
    g_test_add_func("/calls/place-busy", test_place_busy);
    return g_test_run();
}
