/* SPDX-License-Identifier: Apache-2.0 */
/* The SIP plugin in a real core with a peer on a UDP socket, as a provider of the suite. */
#include "signalling_suite.h"
#include "sip_server.h"

#include <string.h>

#define PATIENCE 5000 /* ms */

static SipServer *server;
static GSocket *peer;
static guint peer_port;
static char target[64];

/* The call at hand, as the peer sees it. */
static struct {
    char *invite; /* as sent or received */
    char *to;     /* with the tag of the platform */
    guint cseq;
    gboolean asked; /* the last re-INVITE had no offer */
} call;

static McpSignalling *
open_sip(void)
{
    server = sip_server_new();
    peer = peer_open(&peer_port);
    g_snprintf(target, sizeof target, "sip:peer@127.0.0.1:%u", peer_port);
    return sip_server_get_signalling(server);
}

static void
forget(void)
{
    g_clear_pointer(&call.invite, g_free);
    g_clear_pointer(&call.to, g_free);
    call.cseq = 1;
}

static void
close_sip(McpSignalling *signalling)
{
    forget();
    g_object_unref(peer);
    sip_server_end_all(server);
    sip_server_wait_idle(server);
    sip_server_free(server);
}

static McpSession *
arrive(void)
{
    forget();
    call.invite = peer_request("INVITE", "sip:bare@127.0.0.1", "Content-Type: application/sdp\r\n",
                               peer_sdp());
    peer_send(peer, peer_port, sip_server_port(server), call.invite);
    return sip_server_take(server);
}

static const char *
get_target(void)
{
    forget();
    return target;
}

/* (transfer full): the value of the line that begins with @name. */
static char *
line_of(const char *message, const char *name)
{
    const char *line = strstr(message, name);

    g_assert_nonnull(line);
    return g_strndup(line, strcspn(line, "\r"));
}

/* (transfer full): the next message of this call that begins with @start and is for @method. */
static char *
expect_message(const char *start, const char *method)
{
    for (;;) {
        g_autofree char *message = peer_read(peer, PATIENCE);
        g_autofree char *cseq = NULL;
        g_autofree char *id = NULL;

        g_assert_nonnull(message);
        cseq = line_of(message, "CSeq: ");
        id = line_of(call.invite != NULL ? call.invite : message, "Call-ID: ");
        if (g_str_has_prefix(message, start) && g_str_has_suffix(cseq, method) &&
            strstr(message, id) != NULL)
            return g_steal_pointer(&message);
        g_test_message("not waited for: %s", message);
    }
}

/* A request within the call; @same_branch for what goes with the INVITE itself. */
static void
send_request(const char *method, gboolean same_branch, const char *type, const char *body)
{
    g_autofree char *via = line_of(call.invite, "Via: ");
    g_autofree char *from = line_of(call.invite, "From: ");
    g_autofree char *id = line_of(call.invite, "Call-ID: ");
    g_autofree char *fresh =
        g_strdup_printf("Via: SIP/2.0/UDP 127.0.0.1:@LP@;branch=z9hG4bK%x;rport", g_random_int());
    g_autofree char *text = g_strdup_printf(
        "%s sip:bare@127.0.0.1 SIP/2.0\r\n%s\r\nMax-Forwards: 70\r\n%s\r\n%s\r\n%s\r\n"
        "CSeq: %u %s\r\nContact: <sip:test@127.0.0.1:@LP@>\r\n%sContent-Length: %u\r\n\r\n%s",
        method, same_branch ? via : fresh, from,
        call.to != NULL ? call.to : "To: <sip:server@127.0.0.1>", id, call.cseq, method, type,
        (guint)strlen(body), body);

    peer_send(peer, peer_port, sip_server_port(server), text);
}

static void
acknowledge(void)
{
    g_autofree char *answer = expect_message("SIP/2.0 200", "INVITE");

    call.to = line_of(answer, "To: ");
    send_request("ACK", FALSE, "", "");
}

static void
request_in_call(const char *method, const char *type, const char *body, gboolean wait)
{
    call.cseq++;
    send_request(method, FALSE, type, body);
    if (wait)
        g_free(expect_message("SIP/2.0 200", method));
}

/* To a placed session: the INVITE is read once, then answered with @status. */
static void
reply(const char *status, gboolean sdp)
{
    g_autofree char *answer = NULL;
    g_autofree char *text = NULL;

    if (call.invite == NULL)
        call.invite = expect_message("INVITE", "INVITE");
    answer = peer_answer(call.invite, sdp);
    text = g_strdup_printf("SIP/2.0 %s%s", status, answer + strlen("SIP/2.0 200 OK"));
    peer_send(peer, peer_port, sip_server_port(server), text);
}

/* To a re-INVITE of the platform, which is kept for its ACK. */
static void
reply_again(const char *status, gboolean sdp)
{
    g_autofree char *invite = expect_message("INVITE", "INVITE");
    g_autofree char *answer = peer_answer(invite, sdp);
    g_autofree char *text =
        g_strdup_printf("SIP/2.0 %s%s", status, answer + strlen("SIP/2.0 200 OK"));

    call.asked = strstr(invite, "application/sdp") == NULL;
    peer_send(peer, peer_port, sip_server_port(server), text);
    if (!sdp || !call.asked)
        g_free(expect_message("ACK", "ACK"));
    else /* Repeated until the ACK with our answer comes: no second offer. */
        peer_send(peer, peer_port, sip_server_port(server), text);
}

/* Ours goes on with the origin of the session, one version later (RFC 3264 §8). */
static void
take_answer(void)
{
    g_autofree char *ack = expect_message("ACK", "ACK");

    g_assert_nonnull(strstr(ack, "m=audio 41000"));
    g_assert_nonnull(strstr(ack, "\r\no=- 7 2 IN IP4 127.0.0.1\r\n"));
}

static void
remote(McpSession *session, SignallingAct act)
{
    g_autofree char *offer = NULL;

    switch (act) {
    case REMOTE_ACK:
        acknowledge();
        break;
    case REMOTE_BYE:
        request_in_call("BYE", "", "", TRUE);
        break;
    case REMOTE_CANCEL:
        send_request("CANCEL", TRUE, "", "");
        g_free(expect_message("SIP/2.0 487", "INVITE"));
        break;
    case REMOTE_INFO:
        request_in_call("INFO", "Content-Type: text/plain\r\n", "hello", TRUE);
        break;
    case REMOTE_OFFER:
        /* Another description: the one in force would be a mere refresh (RFC 4028). */
        offer = g_strconcat(peer_sdp(), "a=sendonly\r\n", NULL);
        request_in_call("INVITE", "Content-Type: application/sdp\r\n", offer, FALSE);
        break;
    case REMOTE_RING:
        reply("180 Ringing", FALSE);
        break;
    case REMOTE_ACCEPT:
        reply("200 OK", TRUE);
        break;
    case REMOTE_BUSY:
        reply("486 Busy Here", FALSE);
        break;
    case REMOTE_AGREE:
        reply_again("200 OK", TRUE);
        break;
    case REMOTE_REFUSE:
        reply_again("488 Not Acceptable Here", FALSE);
        break;
    case REMOTE_COLLIDE:
        reply_again("491 Request Pending", FALSE);
        break;
    case REMOTE_TAKE:
        take_answer();
        break;
    default:
        g_assert_not_reached();
    }
}

/* The platform itself. */
static const char *
get_answering(void)
{
    static char uri[64];

    g_snprintf(uri, sizeof uri, "sip:ping@127.0.0.1:%u", sip_server_port(server));
    return uri;
}

const SignallingProvider signalling_provider = {
    .name = "sip",
    .open = open_sip,
    .close = close_sip,
    .arrive = arrive,
    .target = get_target,
    .remote = remote,
    .answers = get_answering,
    .on_the_wire = TRUE,
};
