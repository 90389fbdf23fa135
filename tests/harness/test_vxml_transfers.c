/* SPDX-License-Identifier: Apache-2.0 */
/* <transfer> through the real core and the real interpreter, with fake signalling and media. */
#include "harness.h"

#include <glib/gstdio.h>
#include <string.h>

#define VXML(body) "<vxml version='2.1' xmlns='http://www.w3.org/2001/vxml'>" body "</vxml>"

static const char answer_sdp[] = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
                                 "c=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";

/* Each page tells by its result what came of it. */
#define PAGE(attributes)                                                                  \
    VXML("<form><transfer name='x' " attributes "><filled><exit expr=\"x + ''\"/>"        \
         "</filled></transfer><catch event='connection.disconnect'><exit expr='_event'/>" \
         "</catch><catch event='error'><exit expr='_event'/></catch></form>")

static const struct {
    const char *name;
    const char *text;
} pages[] = {
    {"bridge.vxml", PAGE("dest='sip:agent@pbx.example.com' bridge='true' aai='a b'")},
    {"number.vxml", PAGE("dest='tel:+49-30-1234' bridge='true'")},
    {"blind.vxml", PAGE("dest='sip:agent@pbx.example.com' type='blind'")},
    {"consult.vxml", PAGE("dest='sip:agent@pbx.example.com' type='consultation'")},
    {"far.vxml", PAGE("dest='sip:agent@other.example.com' bridge='true'")},
};

static char *folder;

static void
open_pages(void)
{
    folder = g_dir_make_tmp("mcp-pages-XXXXXX", NULL);
    for (guint i = 0; i < G_N_ELEMENTS(pages); i++) {
        g_autofree char *path = g_build_filename(folder, pages[i].name, NULL);

        g_assert_true(g_file_set_contents(path, pages[i].text, -1, NULL));
    }
}

static void
close_pages(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(pages); i++) {
        g_autofree char *path = g_build_filename(folder, pages[i].name, NULL);

        g_unlink(path);
    }
    g_rmdir(folder);
    g_free(folder);
}

static Harness *
open_harness(void)
{
    static const McpPluginDesc *const none[] = {NULL};
    g_autoptr(GString) config = g_string_new(NULL);

    g_string_append_printf(config,
                           "[http]\nfile_root = %s\n[vxml]\ngateway = pbx.example.com\n"
                           "[sip.peer \"lab\"]\naddresses = 127.0.0.0/8\nservices = *\n"
                           "dial = sip:*@pbx.example.com\n",
                           folder);
    for (guint i = 0; i < G_N_ELEMENTS(pages); i++) {
        g_autofree char *name = g_strndup(pages[i].name, strcspn(pages[i].name, "."));

        g_string_append_printf(config,
                               "[service \"%s\"]\nuser = %s\ndialog = vxml\npage = file://%s/%s\n",
                               name, name, folder, pages[i].name);
    }
    return harness_new_with(none, ", http, vxml", config->str);
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

/* Ends the harness once the call's record has @text. */
static void
finish(Harness *harness, const char *text)
{
    Wanted wanted = {harness, text};

    harness_wait(harness, is_recorded, &wanted, text);
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
    g_autoptr(FakeSession) session = call_in(harness, "bridge");
    g_autoptr(FakeSession) callee = placed(harness);

    fake_session_emit(callee, MCP_SESSION_ANSWERED, 200, NULL, answer_sdp);
    fake_journal_wait(harness, fake_media_journal(), "bridge");
    fake_session_info(session, "text/plain", "hello");
    fake_journal_wait(harness, fake_session_journal(callee), "info-text/plain");
    fake_session_emit(callee, MCP_SESSION_ENDED, 200, "BYE", NULL);
    fake_journal_wait(harness, fake_session_journal(session), "end");
    finish(harness, "far_end_disconnect");
}

static void
test_caller_hangs_up(void)
{
    Harness *harness = open_harness();
    g_autoptr(FakeSession) session = call_in(harness, "number");
    g_autoptr(FakeSession) callee = placed(harness);

    fake_session_emit(callee, MCP_SESSION_ANSWERED, 200, NULL, answer_sdp);
    fake_journal_wait(harness, fake_media_journal(), "bridge");
    fake_session_emit(session, MCP_SESSION_ENDED, 200, "BYE", NULL);
    fake_journal_wait(harness, fake_session_journal(callee), "end");
    finish(harness, "connection.disconnect.hangup");
}

static void
test_busy(void)
{
    Harness *harness = open_harness();
    g_autoptr(FakeSession) session = call_in(harness, "bridge");
    g_autoptr(FakeSession) callee = placed(harness);

    fake_session_emit(callee, MCP_SESSION_ENDED, 486, "Busy Here", NULL);
    fake_journal_wait(harness, fake_session_journal(session), "end");
    finish(harness, "busy");
}

static void
test_no_right(void)
{
    Harness *harness = open_harness();
    g_autoptr(FakeSession) session = call_in(harness, "far");

    fake_journal_wait(harness, fake_session_journal(session), "end");
    g_assert_null(fake_last_placed());
    finish(harness, "error.connection.noauthorization");
}

/* RFC 5552 §6.1: accepted is enough, whatever becomes of it. */
static void
test_blind(void)
{
    Harness *harness = open_harness();
    g_autoptr(FakeSession) session = call_in(harness, "blind");

    fake_journal_wait(harness, fake_session_journal(session), "refer-sip:agent@pbx.example.com");
    fake_session_emit(session, MCP_SESSION_REFER_PROGRESS, 100, "Trying", NULL);
    fake_journal_wait(harness, fake_session_journal(session), "end");
    finish(harness, "connection.disconnect.transfer");
}

static void
test_blind_refused(void)
{
    Harness *harness = open_harness();
    g_autoptr(FakeSession) session = call_in(harness, "blind");

    fake_journal_wait(harness, fake_session_journal(session), "refer-sip:agent@pbx.example.com");
    fake_session_emit(session, MCP_SESSION_REFER_PROGRESS, 405, "Method Not Allowed", NULL);
    fake_journal_wait(harness, fake_session_journal(session), "end");
    finish(harness, "error.unsupported.transfer.blind");
}

static void
consult(guint progress, guint final, const char *result)
{
    Harness *harness = open_harness();
    g_autoptr(FakeSession) session = call_in(harness, "consult");
    g_autoptr(FakeSession) callee = placed(harness);

    fake_session_emit(callee, MCP_SESSION_ANSWERED, 200, NULL, answer_sdp);
    fake_journal_wait(harness, fake_session_journal(session), "refer-session");
    if (progress != 0)
        fake_session_emit(session, MCP_SESSION_REFER_PROGRESS, progress, "Trying", NULL);
    fake_session_emit(session, MCP_SESSION_REFER_PROGRESS, final, "final", NULL);
    fake_journal_wait(harness, fake_session_journal(callee), "end");
    fake_journal_wait(harness, fake_session_journal(session), "end");
    finish(harness, result);
}

static void
test_consultation(void)
{
    consult(100, 200, "connection.disconnect.transfer");
    consult(100, 486, "unknown");
    consult(0, 603, "error.unsupported.transfer.consultation");
}

int
main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    open_pages();
    g_test_add_func("/vxml-transfers/bridge", test_bridge);
    g_test_add_func("/vxml-transfers/caller-hangs-up", test_caller_hangs_up);
    g_test_add_func("/vxml-transfers/busy", test_busy);
    g_test_add_func("/vxml-transfers/no-right", test_no_right);
    g_test_add_func("/vxml-transfers/blind", test_blind);
    g_test_add_func("/vxml-transfers/blind-refused", test_blind_refused);
    g_test_add_func("/vxml-transfers/consultation", test_consultation);
    status = g_test_run();
    close_pages();
    return status;
}
