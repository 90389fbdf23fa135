/* SPDX-License-Identifier: Apache-2.0 */
/* The harness's sessions, as a provider of the signalling suite: their other side is this file. */
#include "harness.h"
#include "signalling_suite.h"

static const char sdp[] = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"
                          "t=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";

static McpSignalling *
open_fake(void)
{
    return g_object_new(fake_signalling_desc.get_type(), NULL);
}

static void
close_fake(McpSignalling *signalling)
{
    g_autoptr(FakeSession) last = fake_last_placed();

    g_assert_finalize_object(signalling);
}

static McpSession *
arrive(void)
{
    return g_object_new(FAKE_TYPE_SESSION, NULL);
}

static const char *
get_target(void)
{
    return "sip:peer@127.0.0.1";
}

static void
remote(McpSession *session, SignallingAct act)
{
    static const struct {
        McpSessionEventType type;
        guint status;
        const char *sdp;
    } events[] = {
        [REMOTE_ACK] = {MCP_SESSION_ACKED, 0, NULL},
        [REMOTE_BYE] = {MCP_SESSION_ENDED, 200, NULL},
        [REMOTE_CANCEL] = {MCP_SESSION_ENDED, 487, NULL},
        [REMOTE_OFFER] = {MCP_SESSION_OFFERED, 0, sdp},
        [REMOTE_RING] = {MCP_SESSION_PROGRESS, 180, NULL},
        [REMOTE_ACCEPT] = {MCP_SESSION_ANSWERED, 200, sdp},
        [REMOTE_BUSY] = {MCP_SESSION_ENDED, 486, NULL},
        [REMOTE_AGREE] = {MCP_SESSION_REOFFER_DONE, 200, sdp},
        [REMOTE_REFUSE] = {MCP_SESSION_REOFFER_FAILED, 488, NULL},
        [REMOTE_COLLIDE] = {MCP_SESSION_REOFFER_FAILED, 491, NULL},
    };

    if (act == REMOTE_INFO) {
        fake_session_info(FAKE_SESSION(session), "text/plain", "hello");
        return;
    }
    if (act == REMOTE_TAKE) {
        g_assert_true(
            fake_journal_has(fake_session_journal(FAKE_SESSION(session)), "answer-offer"));
        return;
    }
    fake_session_emit(FAKE_SESSION(session), events[act].type, events[act].status, "remote",
                      events[act].sdp);
    if (act == REMOTE_COLLIDE)
        fake_session_emit(FAKE_SESSION(session), MCP_SESSION_REOFFER_DUE, 0, NULL, NULL);
}

const SignallingProvider signalling_provider = {
    .name = "fake",
    .open = open_fake,
    .close = close_fake,
    .arrive = arrive,
    .target = get_target,
    .remote = remote,
};
