/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes on within a session, with SIPp on the other side: session timers (RFC 4028), reliable
 * provisional responses (RFC 3262), UPDATE (RFC 3311), forks; over UDP and TCP.
 */
#include "peer_rows.h"

static SipServer *server;

static const PeerRow callers[] = {
    {"timer-us-update-udp", "timer_us_update", "answer", "u1", {"answer ENDED 200 remote BYE"}},
    {"timer-us-update-tcp", "timer_us_update", "answer", "t1", {"answer ENDED 200 remote BYE"}},
    {"timer-us-invite-udp", "timer_us_invite", "answer", "u1", {"answer ENDED 200 remote BYE"}},
    {"timer-us-invite-tcp", "timer_us_invite", "answer", "t1", {"answer ENDED 200 remote BYE"}},
    {"timer-them-update-udp", "timer_them_update", "answer", "u1", {"answer ENDED 200 remote BYE"}},
    {"timer-them-update-tcp", "timer_them_update", "answer", "t1", {"answer ENDED 200 remote BYE"}},
    {"timer-small-udp", "timer_small", "answer", "u1", {"answer ENDED 200 remote BYE"}},
    {"timer-small-tcp", "timer_small", "answer", "t1", {"answer ENDED 200 remote BYE"}},
    {"timer-them-invite-udp",
     "timer_them_invite",
     "answer",
     "u1",
     {"answer ACKED", "answer ENDED 200 remote BYE"}},
    {"timer-them-invite-tcp",
     "timer_them_invite",
     "answer",
     "t1",
     {"answer ACKED", "answer ENDED 200 remote BYE"}},
    {"timer-expired-udp",
     "timer_expired",
     "answer",
     "u1",
     {"answer ENDED 408 session timer expired", "answer LAST 200 OK (BYE)"}},
    {"timer-expired-tcp",
     "timer_expired",
     "answer",
     "t1",
     {"answer ENDED 408 session timer expired", "answer LAST 200 OK (BYE)"}},
    {"reliable-udp",
     "reliable",
     "patient",
     "u1",
     {"patient OFFERED 0 sdp", "patient ACKED 0", "patient ENDED 200 remote BYE"}},
    {"reliable-tcp",
     "reliable",
     "patient",
     "t1",
     {"patient OFFERED 0 sdp", "patient ACKED 0", "patient ENDED 200 remote BYE"}},
    {"reliable-offerless-udp",
     "reliable_offerless",
     "early",
     "u1",
     {"early EARLY_ANSWER 0 sdp", "early ACKED 0", "early ENDED 200 remote BYE"}},
    {"reliable-offerless-tcp",
     "reliable_offerless",
     "early",
     "t1",
     {"early EARLY_ANSWER 0 sdp", "early ACKED 0", "early ENDED 200 remote BYE"}},
    {"reliable-lost-udp", "reliable_lost", "patient", "u1", {"patient ENDED 504 no PRACK came"}},
    {"refer-udp",
     "refer",
     "answer",
     "u1",
     {"answer TARGET sip:target@192.0.2.1 a@b;to-tag=1;from-tag=2 <sip:boss@192.0.2.2>",
      "answer ENDED 200 remote BYE"}},
    {"refer-tcp",
     "refer",
     "answer",
     "t1",
     {"answer TARGET sip:target@192.0.2.1 a@b;to-tag=1;from-tag=2 <sip:boss@192.0.2.2>",
      "answer ENDED 200 remote BYE"}},
    {"refer-silent-udp",
     "refer_silent",
     "answer",
     "u1",
     {"answer TARGET sip:target@192.0.2.1 - -", "answer ENDED 200 remote BYE"}},
    {"refer-silent-tcp",
     "refer_silent",
     "answer",
     "t1",
     {"answer TARGET sip:target@192.0.2.1 - -", "answer ENDED 200 remote BYE"}},
    {"refer-bad-udp",
     "refer_bad",
     "answer",
     "u1",
     {"answer TARGET sip:forbidden@192.0.2.1", "answer ENDED 200 remote BYE"}},
    {"refer-bad-tcp",
     "refer_bad",
     "answer",
     "t1",
     {"answer TARGET sip:forbidden@192.0.2.1", "answer ENDED 200 remote BYE"}},
    {"refer-ours-udp",
     "refer_ours",
     "transfer",
     "u1",
     {"transfer REFER_PROGRESS 100", "transfer REFER_PROGRESS 180", "transfer REFER_PROGRESS 200",
      "transfer ENDED 200 remote BYE"}},
    {"refer-ours-tcp",
     "refer_ours",
     "transfer",
     "t1",
     {"transfer REFER_PROGRESS 100", "transfer REFER_PROGRESS 180", "transfer REFER_PROGRESS 200",
      "transfer ENDED 200 remote BYE"}},
    {"refer-ours-refused-udp",
     "refer_ours_refused",
     "transfer",
     "u1",
     {"transfer REFER_PROGRESS 603", "transfer ENDED 200 remote BYE"}},
    {"refer-ours-refused-tcp",
     "refer_ours_refused",
     "transfer",
     "t1",
     {"transfer REFER_PROGRESS 603", "transfer ENDED 200 remote BYE"}},
    {"replaces-unknown-udp", "replaces_unknown", "answer", "u1", {"REFUSED 481"}},
    {"replaces-unknown-tcp", "replaces_unknown", "answer", "t1", {"REFUSED 481"}},
};

static const PeerRow callees[] = {
    {"uas-reliable-udp",
     "uas_reliable",
     "placed",
     "u1",
     {"placed ANSWERED 200 sdp", "placed ENDED 200 remote BYE"}},
    {"uas-reliable-tcp",
     "uas_reliable",
     "placed",
     "t1",
     {"placed ANSWERED 200 sdp", "placed ENDED 200 remote BYE"}},
    {"uas-interval-udp",
     "uas_interval",
     "placed",
     "u1",
     {"placed ANSWERED 200 sdp", "placed ENDED 200 remote BYE"}},
    {"uas-interval-tcp",
     "uas_interval",
     "placed",
     "t1",
     {"placed ANSWERED 200 sdp", "placed ENDED 200 remote BYE"}},
    {"uas-timer-us-udp",
     "uas_timer_us",
     "placed",
     "u1",
     {"placed ANSWERED 200 sdp", "placed ENDED 200 remote BYE"}},
    {"uas-timer-us-tcp",
     "uas_timer_us",
     "placed",
     "t1",
     {"placed ANSWERED 200 sdp", "placed ENDED 200 remote BYE"}},
    {"uas-timer-them-udp",
     "uas_timer_them",
     "placed",
     "u1",
     {"placed ANSWERED 200 sdp", "placed ENDED 200 remote BYE"}},
    {"uas-timer-them-tcp",
     "uas_timer_them",
     "placed",
     "t1",
     {"placed ANSWERED 200 sdp", "placed ENDED 200 remote BYE"}},
    {"uas-forked-udp",
     "uas_forked",
     "placed",
     "u1",
     {"placed ANSWERED 200 sdp", "placed ENDED 200 remote BYE"}},
    {"uas-forked-tcp",
     "uas_forked",
     "placed",
     "t1",
     {"placed ANSWERED 200 sdp", "placed ENDED 200 remote BYE"}},
    {"uas-reliable-offer-udp",
     "uas_reliable_offer",
     "offerless",
     "u1",
     {"offerless PROGRESS 183 sdp", "offerless ANSWERED 200 sdp",
      "offerless ENDED 200 remote BYE"}},
    {"uas-reliable-offer-tcp",
     "uas_reliable_offer",
     "offerless",
     "t1",
     {"offerless PROGRESS 183 sdp", "offerless ANSWERED 200 sdp",
      "offerless ENDED 200 remote BYE"}},
};

/* A refresh that repeats the description is none of the core's business. */
static void
test_unnoticed(void)
{
    static const PeerRow row = {
        "unnoticed", "timer_them_invite", "answer", "u1", {"answer ENDED 200 remote BYE"}};
    g_autofree char *errors = peer_error_file();
    g_autofree char *remote = g_strdup_printf("127.0.0.1:%u", sip_server_port(server));
    g_autoptr(GSubprocess) peer = NULL;

    sip_server_forget(server);
    peer = peer_start(&row, peer_free_port(), errors, remote);
    peer_finish(peer, &row, errors);
    peer_check_events(&row);
    g_assert_false(sip_server_has(server, "answer OFFERED"));
    unlink(errors);
}

int
main(int argc, char **argv)
{
    int result = 0;

    g_test_init(&argc, &argv, NULL);
    peer_rows_add_callers(callers, G_N_ELEMENTS(callers));
    peer_rows_add_callees(callees, G_N_ELEMENTS(callees));
    g_test_add_func("/sip/timer-unnoticed", test_unnoticed);
    server = sip_server_new();
    peer_rows_set_server(server);
    result = g_test_run();
    sip_server_free(server);
    return result;
}
