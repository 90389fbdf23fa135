/* SPDX-License-Identifier: Apache-2.0 */
/* The dialogs "conference" and "bridge" through the real core with fakes around it. */
#include "harness.h"

#include <string.h>

static const char services[] =
    "[sip.peer \"lab\"]\naddresses = 127.0.0.0/8\nservices = *\ndial = sip:*@pbx.example.com\n"
    "[service \"den\"]\nuser = den*\ndialog = conference\nparameters = max_members=2, tones=no\n"
    "[service \"guest\"]\nuser = guest\ndialog = conference\n"
    "parameters = room=led, wait_for_moderator=yes, tones=no\n"
    "[service \"host\"]\nuser = host\ndialog = conference\n"
    "parameters = room=led, role=moderator, end_with_moderator=yes, tones=no\n"
    "[service \"desk\"]\nuser = desk\ndialog = bridge\n"
    "parameters = target=sip:agent@pbx.example.com\n"
    "[service \"far\"]\nuser = far\ndialog = bridge\n"
    "parameters = target=sip:agent@other.example.com\n";

static const char answer_sdp[] = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
                                 "c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";

static Harness *
open_harness(void)
{
    static const McpPluginDesc *const none[] = {NULL};

    return harness_new_with(none, ", conference", services);
}

static gboolean
no_calls(gpointer user_data)
{
    return mcp_calls_get_running(user_data) == 0;
}

typedef struct {
    Harness *harness;
    const char *text;
} Wanted;

static gboolean
is_recorded(gpointer user_data)
{
    const Wanted *wanted = user_data;
    g_autofree char *records = harness_read_records(wanted->harness);

    return strstr(records, wanted->text) != NULL;
}

/* Until a record has @text. */
static void
expect_record(Harness *harness, const char *text)
{
    Wanted wanted = {harness, text};

    harness_wait(harness, is_recorded, &wanted, text);
}

static void
finish(Harness *harness)
{
    harness_wait(harness, no_calls, harness->core->calls, "calls to end");
    harness_free(harness);
}

static FakeSession *
call_in(Harness *harness, const char *user)
{
    FakeSession *session = fake_call_in(harness, user, "127.0.0.1");

    fake_journal_wait(harness, fake_session_journal(session), "answer-sdp");
    fake_session_emit(session, MCP_SESSION_ACKED, 0, NULL, NULL);
    return session;
}

static void
hang_up(FakeSession *session)
{
    fake_session_emit(session, MCP_SESSION_ENDED, 200, "BYE", NULL);
}

/* --- rooms --- */

static void
test_member(void)
{
    Harness *harness = open_harness();
    g_autoptr(FakeSession) session = call_in(harness, "den1");

    fake_journal_wait(harness, fake_media_journal(), "room-den1 join-talker-open");
    fake_session_info(session, "application/dtmf-relay", "Signal=*\r\nDuration=100\r\n");
    fake_journal_wait(harness, fake_media_journal(), "digit-*-100");
    hang_up(session);
    fake_journal_wait(harness, fake_media_journal(), "leave");
    expect_record(harness, "\"room\":\"den1\",\"role\":\"talker\"");
    expect_record(harness, "\"peak\":\"1\"");
    finish(harness);
}

/* A seat is taken before the answer, and is free again after the call. */
static void
test_full(void)
{
    Harness *harness = open_harness();
    g_autoptr(FakeSession) first = call_in(harness, "den");
    g_autoptr(FakeSession) second = call_in(harness, "den");
    g_autoptr(FakeSession) third = fake_call_in(harness, "den", "127.0.0.1");
    g_autoptr(FakeSession) fourth = NULL;

    fake_journal_wait(harness, fake_session_journal(third), "reject-486");
    hang_up(first);
    hang_up(second);
    harness_wait(harness, no_calls, harness->core->calls, "calls to end");
    fourth = call_in(harness, "den");
    hang_up(fourth);
    expect_record(harness, "the room \\\"den\\\" is full: 2 members");
    finish(harness);
}

/* Media may know of members that came by another way. */
static void
test_full_elsewhere(void)
{
    Harness *harness = open_harness();
    g_autoptr(FakeSession) session = NULL;

    fake_plan.refuse_room = TRUE;
    session = call_in(harness, "den");
    fake_journal_wait(harness, fake_session_journal(session), "end");
    expect_record(harness, "\"end_reason\":\"the room \\\"den\\\" is full\"");
    finish(harness);
}

static void
test_moderator(void)
{
    Harness *harness = open_harness();
    g_autoptr(FakeSession) guest = call_in(harness, "guest");
    g_autoptr(FakeSession) host = NULL;

    fake_journal_wait(harness, fake_media_journal(), "join-talker-muted-deaf");
    host = call_in(harness, "host");
    fake_journal_wait(harness, fake_media_journal(), "change-open-+0");
    fake_journal_wait(harness, fake_media_journal(), "join-moderator-open");
    hang_up(host);
    fake_journal_wait(harness, fake_session_journal(guest), "end");
    expect_record(harness, "\"end_reason\":\"the moderator has left\"");
    finish(harness);
}

/* --- bridges --- */

static gboolean
is_placed(gpointer user_data)
{
    FakeSession **slot = user_data;

    *slot = fake_last_placed();
    return *slot != NULL;
}

static FakeSession *
placed(Harness *harness)
{
    FakeSession *session = NULL;

    harness_wait(harness, is_placed, &session, "the callee's session");
    return session;
}

static void
test_bridge(void)
{
    Harness *harness = open_harness();
    g_autoptr(FakeSession) session = call_in(harness, "desk");
    g_autoptr(FakeSession) callee = placed(harness);

    fake_session_emit(callee, MCP_SESSION_PROGRESS, 180, NULL, NULL);
    fake_journal_wait(harness, fake_media_journal(), "play-2");
    fake_session_emit(callee, MCP_SESSION_ANSWERED, 200, NULL, answer_sdp);
    fake_journal_wait(harness, fake_media_journal(), "apply-answer start stop bridge");
    fake_session_emit(callee, MCP_SESSION_OFFERED, 0, NULL, answer_sdp);
    fake_journal_wait(harness, fake_session_journal(callee), "answer-offer");
    fake_session_refer(callee, "sip:else@pbx.example.com");
    fake_journal_wait(harness, fake_session_journal(callee), "answer-refer-603");
    fake_session_info(callee, "text/plain", "hello");
    fake_journal_wait(harness, fake_session_journal(session), "info-text/plain");
    fake_session_info(session, "text/plain", "hello");
    fake_journal_wait(harness, fake_session_journal(callee), "info-text/plain");
    hang_up(session);
    fake_journal_wait(harness, fake_session_journal(callee), "end");
    expect_record(harness, "\"target\":\"sip:agent@pbx.example.com\",\"status\":\"200\"");
    finish(harness);
}

static void
test_callee_hangs_up(void)
{
    Harness *harness = open_harness();
    g_autoptr(FakeSession) session = call_in(harness, "desk");
    g_autoptr(FakeSession) callee = placed(harness);

    fake_session_emit(callee, MCP_SESSION_ANSWERED, 200, NULL, answer_sdp);
    fake_journal_wait(harness, fake_media_journal(), "bridge");
    hang_up(callee);
    fake_journal_wait(harness, fake_session_journal(session), "end");
    expect_record(harness, "\"end_reason\":\"callee: BYE\"");
    finish(harness);
}

static void
test_busy(void)
{
    Harness *harness = open_harness();
    g_autoptr(FakeSession) session = call_in(harness, "desk");
    g_autoptr(FakeSession) callee = placed(harness);

    fake_session_emit(callee, MCP_SESSION_ENDED, 486, "Busy Here", NULL);
    fake_journal_wait(harness, fake_session_journal(session), "end");
    expect_record(harness, "\"end_reason\":\"callee: 486 Busy Here\"");
    expect_record(harness, "\"status\":\"486\",\"seconds\":\"0.0\"");
    finish(harness);
}

/* An answer without media cannot be bridged: both ends are hung up. */
static void
test_no_answer(void)
{
    Harness *harness = open_harness();
    g_autoptr(FakeSession) session = call_in(harness, "desk");
    g_autoptr(FakeSession) callee = placed(harness);

    fake_session_emit(callee, MCP_SESSION_ANSWERED, 200, NULL, NULL);
    fake_journal_wait(harness, fake_session_journal(callee), "end");
    fake_journal_wait(harness, fake_session_journal(session), "end");
    expect_record(harness, "no media description");
    finish(harness);
}

static void
test_refused(void)
{
    Harness *harness = open_harness();
    g_autoptr(FakeSession) session = fake_call_in(harness, "far", "127.0.0.1");

    fake_journal_wait(harness, fake_session_journal(session), "reject-403");
    finish(harness);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/conference/member", test_member);
    g_test_add_func("/conference/full", test_full);
    g_test_add_func("/conference/full-elsewhere", test_full_elsewhere);
    g_test_add_func("/conference/moderator", test_moderator);
    g_test_add_func("/bridge/bridge", test_bridge);
    g_test_add_func("/bridge/callee-hangs-up", test_callee_hangs_up);
    g_test_add_func("/bridge/busy", test_busy);
    g_test_add_func("/bridge/no-answer", test_no_answer);
    g_test_add_func("/bridge/refused", test_refused);
    return g_test_run();
}
