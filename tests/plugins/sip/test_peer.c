/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions with SIPp on the other side: setting up, failing, crossing, ending.
 */
#include "peer_rows.h"

#include <string.h>

static SipServer *server;

static const PeerRow callers[] = {
    {"basic-udp",
     "basic",
     "answer",
     "u1",
     {"answer INVITE udp offer", "answer ACKED", "answer ENDED 200 remote BYE"}},
    {"basic-tcp",
     "basic",
     "answer",
     "t1",
     {"answer INVITE tcp offer", "answer ACKED", "answer ENDED 200 remote BYE"}},
    {"basic-ipv6",
     "basic",
     "answer",
     "u6",
     {"answer INVITE udp offer", "answer ACKED", "answer ENDED 200 remote BYE"}},
    {"offerless-udp",
     "offerless",
     "answer",
     "u1",
     {"answer INVITE udp no offer", "answer ACKED 0 sdp", "answer ENDED 200 remote BYE"}},
    {"offerless-tcp",
     "offerless",
     "answer",
     "t1",
     {"answer INVITE tcp no offer", "answer ACKED 0 sdp", "answer ENDED 200 remote BYE"}},
    {"offerless-no-answer", "offerless_no_answer", "answer", "u1", {"answer ENDED 488 no usable"}},
    {"reinvite-udp",
     "reinvite",
     "answer",
     "u1",
     {"answer OFFERED 0 sdp", "answer OFFERED 0 ", "answer ACKED 0 sdp",
      "answer ENDED 200 remote BYE"}},
    {"reinvite-tcp",
     "reinvite",
     "answer",
     "t1",
     {"answer OFFERED 0 sdp", "answer OFFERED 0 ", "answer ACKED 0 sdp",
      "answer ENDED 200 remote BYE"}},
    {"reinvite-refused",
     "reinvite_refused",
     "stubborn",
     "u1",
     {"stubborn OFFERED 0 sdp", "stubborn ENDED 200 remote BYE"}},
    {"reinvite-bad", "reinvite_bad", "answer", "u1", {"answer ENDED 200 remote BYE"}},
    {"cancel-udp", "cancel", "ring", "u1", {"ring ENDED 487 remote cancelled"}},
    {"cancel-tcp", "cancel", "ring", "t1", {"ring ENDED 487 remote cancelled"}},
    {"cancel-late", "cancel_late", "answer", "u1", {"answer ENDED 200 remote BYE"}},
    {"lost-ack", "lost_ack", "answer", "u1", {"answer ENDED 408 no ACK came"}},
    {"late-ack", "late_ack", "answer", "u1", {"answer ACKED", "answer ENDED 200 remote BYE"}},
    {"bye-unacked", "bye_unacked", "answer", "u1", {"answer ENDED 200 remote BYE"}},
    {"hangup-udp",
     "hangup",
     "hangup",
     "u1",
     {"hangup ACKED", "hangup ENDED 200 finished", "hangup LAST 200 OK (BYE)"}},
    {"hangup-tcp", "hangup", "hangup", "t1", {"hangup ACKED", "hangup ENDED 200 finished"}},
    {"hangup-ipv6", "hangup_bare", "hangup", "u6", {"hangup ACKED", "hangup ENDED 200 finished"}},
    {"rush", "rush", "rush", "u1", {"rush ENDED 200 "}},
    {"crossing", "crossing", "hangup", "u1", {"hangup ENDED 200 finished"}},
    {"info",
     "info",
     "info",
     "u1",
     {"info INFO 0 application/dtmf-relay", "info ENDED 200 remote BYE"}},
    {"reoffer",
     "reoffer",
     "reoffer",
     "u1",
     {"reoffer REOFFER_DONE 200 sdp", "reoffer ENDED 200 remote BYE"}},
    {"glare-udp",
     "glare",
     "reoffer",
     "u1",
     {"reoffer REOFFER_FAILED 491", "reoffer REOFFER_DUE", "reoffer ENDED 200 remote BYE"}},
    {"glare-tcp",
     "glare",
     "reoffer",
     "t1",
     {"reoffer REOFFER_FAILED 491", "reoffer REOFFER_DUE", "reoffer ENDED 200 remote BYE"}},
    {"lost-dialog", "lost_dialog", "reoffer", "u1", {"reoffer ENDED 481"}},
    {"busy", "busy", "busy", "u1", {"busy ENDED 486 busy here"}},
    {"early", "early", "early", "u1", {"early ENDED 200 remote BYE"}},
};

static const PeerRow callees[] = {
    {"place-bye-udp",
     "uas_bye",
     "placed",
     "u1",
     {"placed ANSWERED 200 sdp", "placed ENDED 200 remote BYE"}},
    {"place-bye-tcp",
     "uas_bye",
     "placed",
     "t1",
     {"placed ANSWERED 200 sdp", "placed ENDED 200 remote BYE"}},
    {"place-bye-ipv6",
     "uas_bye",
     "placed",
     "u6",
     {"placed ANSWERED 200 sdp", "placed ENDED 200 remote BYE"}},
    {"place-busy", "uas_busy", "placed", "u1", {"placed ENDED 486 remote Busy Here"}},
};

/* As above, but the test hangs up once the first event has come. */
static const PeerRow hung_up[] = {
    {"place-end",
     "uas_answer",
     "placed",
     "u1",
     {"placed ANSWERED 200 sdp", "placed PROGRESS 180", "placed ENDED 200",
      "placed LAST 200 OK (BYE)"}},
    {"place-cancel",
     "uas_ring",
     "placed",
     "u1",
     {"placed PROGRESS 180", "placed ENDED 487 enough", "placed LAST ACK"}},
    {"place-cancel-late",
     "uas_late",
     "placed",
     "u1",
     {"placed PROGRESS 180", "placed ENDED 487 enough"}},
    {"place-offerless",
     "uas_offer",
     "offerless",
     "u1",
     {"offerless ANSWERED 200 sdp", "offerless ENDED 200"}},
};

/* Nobody answers: the deadline cancels; nobody is there at all: the transaction gives up. */
static void
test_no_answer(void)
{
    static const PeerRow row = {
        "no-answer", "uas_ring", "placed", "u1", {"placed ENDED 408 no answer"}};
    g_autofree char *errors = peer_error_file();
    guint port = peer_free_port();
    g_autofree char *target = g_strdup_printf("sip:x@127.0.0.1:%u", port);
    g_autoptr(GSubprocess) peer = peer_start(&row, port, errors, "127.0.0.1");
    g_autoptr(McpSession) session = NULL;

    sip_server_forget(server);
    peer_wait_taken(port);
    session = sip_server_place(server, target, TRUE, G_USEC_PER_SEC / 5);
    peer_finish(peer, &row, errors);
    peer_check_events(&row);
    unlink(errors);
}

static void
test_nobody(void)
{
    g_autofree char *target = g_strdup_printf("sip:x@127.0.0.1:%u", peer_free_port());
    g_autoptr(McpSession) session = NULL;

    sip_server_forget(server);
    session = sip_server_place(server, target, TRUE, 10 * G_USEC_PER_SEC);
    sip_server_expect(server, "placed ENDED ");
    sip_server_wait_idle(server);
}

static void
test_ladder(void)
{
    static const PeerRow row = {"ladder", "uas_answer", "placed", "u1", {NULL}};
    g_autofree char *errors = peer_error_file();
    guint port = peer_free_port();
    g_autoptr(GSubprocess) peer = peer_start(&row, port, errors, "127.0.0.1");
    g_autoptr(McpSession) session = NULL;
    g_autoptr(GPtrArray) ladder = NULL;
    g_autoptr(GString) text = g_string_new(NULL);

    sip_server_forget(server);
    peer_wait_taken(port);
    session = peer_place(&row, port);
    sip_server_expect(server, "placed ANSWERED");
    mcp_session_end(session, NULL, NULL, NULL);
    peer_finish(peer, &row, errors);
    sip_server_wait_idle(server);
    ladder = mcp_session_get_ladder(session);
    for (guint i = 0; i < ladder->len; i++) {
        const McpLadderEntry *entry = ladder->pdata[i];

        g_string_append_printf(text, "%s%.6s ", entry->sent ? ">" : "<", entry->summary);
    }
    if (strstr(text->str, "<100") != NULL)
        g_string_replace(text, "<100 Tr ", "", 1);
    g_assert_cmpstr(text->str, ==, ">INVITE <180 Ri <200 OK >ACK >BYE <200 OK ");
    unlink(errors);
}

int
main(int argc, char **argv)
{
    int result = 0;

    g_test_init(&argc, &argv, NULL);
    peer_rows_add_callers(callers, G_N_ELEMENTS(callers));
    peer_rows_add_callees(callees, G_N_ELEMENTS(callees));
    peer_rows_add_hung_up(hung_up, G_N_ELEMENTS(hung_up));
    g_test_add_func("/sip/place-no-answer", test_no_answer);
    g_test_add_func("/sip/place-nobody", test_nobody);
    g_test_add_func("/sip/ladder", test_ladder);
    server = sip_server_new();
    peer_rows_set_server(server);
    result = g_test_run();
    sip_server_free(server);
    return result;
}
