/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions that change under a running call, through the real core with fakes around it. */
#include "harness.h"

static const char services[] = "[sip.peer \"lab\"]\naddresses = 127.0.0.0/8\nservices = demo\n"
                               "dial = sip:*@pbx.example.com\n"
                               "[sip.peer \"other\"]\naddresses = 192.0.2.0/24\nservices = more\n"
                               "[service \"demo\"]\nuser = demo\ndialog = fake\n"
                               "[service \"more\"]\nuser = more\ndialog = fake\n";

static const char answer_sdp[] = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
                                 "c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";

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

static FakeSession *
running_call(Harness *harness, const char *user)
{
    FakeSession *session = fake_call_in(harness, user, "127.0.0.1");

    fake_journal_wait(harness, fake_session_journal(session), "answer-sdp");
    fake_session_emit(session, MCP_SESSION_ACKED, 0, NULL, NULL);
    fake_journal_wait(harness, fake_dialog_journal(), "start");
    return session;
}

static gboolean
is_placed(gpointer user_data)
{
    FakeSession **slot = user_data;

    *slot = fake_last_placed();
    return *slot != NULL;
}

static FakeSession *
referred(Harness *harness, FakeSession *session)
{
    FakeSession *next = NULL;

    fake_session_refer(session, "sip:agent@pbx.example.com");
    fake_journal_wait(harness, fake_session_journal(session), "answer-refer-202");
    harness_wait(harness, is_placed, &next, "the placed session");
    return next;
}

/* The dialog goes on with the new session; the record names it. */
static void
test_referred(void)
{
    Harness *harness = harness_new(services);
    g_autoptr(FakeSession) session = running_call(harness, "demo");
    g_autoptr(FakeSession) next = referred(harness, session);
    g_autofree char *records = NULL;

    fake_session_emit(next, MCP_SESSION_PROGRESS, 180, NULL, NULL);
    fake_journal_wait(harness, fake_session_journal(session), "notify-180");
    fake_session_emit(next, MCP_SESSION_ANSWERED, 200, NULL, answer_sdp);
    fake_journal_wait(harness, fake_session_journal(session), "notify-200");
    fake_session_emit(session, MCP_SESSION_ENDED, 200, "BYE", NULL);
    fake_session_emit(next, MCP_SESSION_ENDED, 200, "BYE", NULL);
    fake_journal_wait(harness, fake_dialog_journal(), "terminate");
    harness_wait(harness, no_calls, harness->core->calls, "calls to end");
    harness_wait(harness, has_record, harness, "the record");
    records = harness_read_records(harness);
    g_assert_nonnull(strstr(records, "\"moved_to\":\"sip:agent@pbx.example.com\""));
    harness_free(harness);
}

/* The referrer hangs up as soon as its REFER is accepted. */
static void
test_referrer_leaves(void)
{
    Harness *harness = harness_new(services);
    g_autoptr(FakeSession) session = running_call(harness, "demo");
    g_autoptr(FakeSession) next = referred(harness, session);

    fake_session_emit(session, MCP_SESSION_ENDED, 200, "BYE", NULL);
    fake_session_emit(next, MCP_SESSION_ANSWERED, 200, NULL, answer_sdp);
    fake_journal_wait(harness, fake_media_journal(), "apply-answer");
    g_assert_cmpuint(mcp_calls_get_running(harness->core->calls), ==, 1);
    fake_session_emit(next, MCP_SESSION_ENDED, 200, "BYE", NULL);
    fake_journal_wait(harness, fake_dialog_journal(), "terminate");
    harness_wait(harness, no_calls, harness->core->calls, "calls to end");
    harness_free(harness);
}

/* The same, but the target is busy: nobody is left. */
static void
test_nobody_left(void)
{
    Harness *harness = harness_new(services);
    g_autoptr(FakeSession) session = running_call(harness, "demo");
    g_autoptr(FakeSession) next = referred(harness, session);

    fake_session_emit(session, MCP_SESSION_ENDED, 200, "BYE", NULL);
    fake_session_emit(next, MCP_SESSION_ENDED, 486, "Busy Here", NULL);
    fake_journal_wait(harness, fake_media_journal(), "rollback");
    fake_journal_wait(harness, fake_dialog_journal(), "terminate");
    harness_wait(harness, no_calls, harness->core->calls, "calls to end");
    harness_free(harness);
}

static void
test_target_busy(void)
{
    Harness *harness = harness_new(services);
    g_autoptr(FakeSession) session = running_call(harness, "demo");
    g_autoptr(FakeSession) next = referred(harness, session);

    fake_session_emit(next, MCP_SESSION_ENDED, 486, "Busy Here", NULL);
    fake_journal_wait(harness, fake_session_journal(session), "notify-486");
    fake_session_emit(session, MCP_SESSION_ENDED, 200, "BYE", NULL);
    fake_journal_wait(harness, fake_dialog_journal(), "terminate");
    harness_wait(harness, no_calls, harness->core->calls, "calls to end");
    harness_free(harness);
}

/* No right to have it dialled, whatever it looks like, also while draining. */
static void
test_unlisted(void)
{
    static const char *const targets[] = {
        "sip:agent@elsewhere.example.com", "tel:+4912345", "sip:x@evil.example;@pbx.example.com",
        "sip:x@evil.example?a=@pbx.example.com", "sip:x@evil.example@pbx.example.com"};
    Harness *harness = harness_new(services);
    g_autoptr(FakeSession) session = running_call(harness, "demo");
    g_autoptr(FakeSession) placed = NULL;

    for (guint i = 0; i < G_N_ELEMENTS(targets); i++)
        fake_session_refer(session, targets[i]);
    fake_journal_wait(harness, fake_session_journal(session),
                      "answer-refer-403 answer-refer-403 answer-refer-403 answer-refer-403 "
                      "answer-refer-403");
    mcp_core_drain(harness->core, 60 * G_USEC_PER_SEC);
    fake_session_refer(session, targets[0]);
    fake_journal_wait(harness, fake_session_journal(session),
                      "answer-refer-403 answer-refer-403 answer-refer-403 answer-refer-403 "
                      "answer-refer-403 answer-refer-403");
    placed = fake_last_placed();
    g_assert_null(placed);
    fake_session_emit(session, MCP_SESSION_ENDED, 200, "BYE", NULL);
    fake_journal_wait(harness, fake_dialog_journal(), "terminate");
    harness_free(harness);
}

/* An INVITE with Replaces, by the same peer and by one without the right. */
static void
test_replaced(void)
{
    Harness *harness = harness_new(services);
    g_autoptr(FakeSession) session = running_call(harness, "demo");
    g_autoptr(FakeSession) foreign = fake_replace(harness, session, "192.0.2.7");
    g_autoptr(FakeSession) next = NULL;

    fake_journal_wait(harness, fake_session_journal(foreign), "reject-403");
    next = fake_replace(harness, session, "127.0.0.2");
    fake_journal_wait(harness, fake_session_journal(next), "answer-sdp");
    fake_journal_wait(harness, fake_session_journal(session), "end");
    fake_session_emit(next, MCP_SESSION_ACKED, 0, NULL, NULL);
    g_assert_cmpuint(mcp_calls_get_running(harness->core->calls), ==, 1);
    fake_session_emit(next, MCP_SESSION_ENDED, 200, "BYE", NULL);
    fake_journal_wait(harness, fake_dialog_journal(), "terminate");
    harness_wait(harness, no_calls, harness->core->calls, "calls to end");
    harness_free(harness);
}

static void
on_transferred(guint status, const char *reason, gpointer user_data)
{
    *(guint *)user_data = status;
}

static gboolean
is_told(gpointer user_data)
{
    return *(guint *)user_data != 0;
}

static char *
first_call_id(Harness *harness)
{
    g_autoptr(McpJson) json = mcp_json_new();
    g_autofree char *text = NULL;
    const char *start = NULL;

    mcp_json_begin_object(json, NULL);
    mcp_calls_list(harness->core->calls, json);
    mcp_json_end_object(json);
    text = mcp_json_finish(g_steal_pointer(&json));
    start = strstr(text, "\"id\":\"");
    g_assert_nonnull(start);
    return g_strndup(start + 6, strcspn(start + 6, "\""));
}

/* Blind transfer by the operator: refused at first, then it works and the call ends. */
static void
test_transfer(void)
{
    Harness *harness = harness_new(services);
    g_autoptr(FakeSession) session = running_call(harness, "demo");
    g_autofree char *id = first_call_id(harness);
    guint status = 0;

    g_assert_false(
        mcp_calls_transfer(harness->core->calls, "nobody", "sip:a@b", on_transferred, &status));
    g_assert_true(mcp_calls_transfer(harness->core->calls, id, "sip:a@b", on_transferred, &status));
    fake_journal_wait(harness, fake_session_journal(session), "refer-sip:a@b");
    fake_session_emit(session, MCP_SESSION_REFER_PROGRESS, 603, "Decline", NULL);
    harness_wait(harness, is_told, &status, "the result");
    g_assert_cmpuint(status, ==, 603);
    status = 0;
    g_assert_true(mcp_calls_transfer(harness->core->calls, id, "sip:c@d", on_transferred, &status));
    fake_journal_wait(harness, fake_session_journal(session), "refer-sip:c@d");
    fake_session_emit(session, MCP_SESSION_REFER_PROGRESS, 100, "Trying", NULL);
    fake_session_emit(session, MCP_SESSION_REFER_PROGRESS, 200, "OK", NULL);
    harness_wait(harness, is_told, &status, "the result");
    g_assert_cmpuint(status, ==, 200);
    fake_journal_wait(harness, fake_session_journal(session), "end");
    fake_journal_wait(harness, fake_dialog_journal(), "terminate");
    harness_wait(harness, no_calls, harness->core->calls, "calls to end");
    harness_free(harness);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/transfers/referred", test_referred);
    g_test_add_func("/transfers/referrer-leaves", test_referrer_leaves);
    g_test_add_func("/transfers/nobody-left", test_nobody_left);
    g_test_add_func("/transfers/target-busy", test_target_busy);
    g_test_add_func("/transfers/unlisted", test_unlisted);
    g_test_add_func("/transfers/replaced", test_replaced);
    g_test_add_func("/transfers/operator", test_transfer);
    return g_test_run();
}
