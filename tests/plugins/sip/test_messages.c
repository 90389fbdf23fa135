/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single requests and the truthful codes that answer them; header text; settings and start errors.
 */
#include "config.h"
#include "header_text.h"
#include "sip_server.h"

#include <mcp/error.h>
#include <string.h>

static SipServer *server;

/* Expects a response that begins with @status and holds @part (nullable). */
static void
check(const char *request, const char *status, const char *part)
{
    g_autofree char *wanted = g_strdup_printf("SIP/2.0 %s ", status);
    g_autofree char *response =
        peer_exchange(sip_server_port(server), request, strlen(request), 5000);

    g_assert_nonnull(response);
    if (!g_str_has_prefix(response, wanted) || (part != NULL && strstr(response, part) == NULL))
        g_test_message("%s", response);
    g_assert_true(g_str_has_prefix(response, wanted));
    if (part != NULL)
        g_assert_nonnull(strstr(response, part));
}

static void
check_invite(const char *uri, const char *headers, const char *body, const char *status,
             const char *part)
{
    g_autofree char *request = peer_request("INVITE", uri, headers, body);

    check(request, status, part);
}

#define SDP_TYPE "Content-Type: application/sdp\r\n"
#define URI "sip:busy@127.0.0.1"

static void
test_options(void)
{
    g_autofree char *request = peer_request("OPTIONS", "sip:127.0.0.1", "", "");
    g_autofree char *required =
        peer_request("OPTIONS", "sip:127.0.0.1", "Require: nosuch, timer\r\n", "");

    check(request, "200", "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE");
    check(request, "200", "Accept: application/sdp");
    check(required, "420", "Unsupported: nosuch\r\n");
    sip_server_set_admission(server, 503, 17);
    check(request, "503", "Retry-After: 17");
    sip_server_set_admission(server, 0, 0);
}

typedef struct {
    guint status;
    GError *error;
    gboolean over;
} Pinged;

static void
on_pinged(GObject *source, GAsyncResult *result, gpointer user_data)
{
    Pinged *pinged = user_data;

    pinged->status = mcp_signalling_ping_finish(MCP_SIGNALLING(source), result, &pinged->error);
    pinged->over = TRUE;
}

static Pinged
ping(const char *target)
{
    Pinged pinged = {0};

    mcp_signalling_ping_async(sip_server_get_signalling(server), target, 20 * G_USEC_PER_SEC, NULL,
                              on_pinged, &pinged);
    while (!pinged.over)
        g_main_context_iteration(NULL, TRUE);
    return pinged;
}

/* OPTIONS of ours: one that takes no calls has said so; nobody is there to say anything. */
static void
test_ours(void)
{
    g_autofree char *here = g_strdup_printf("sip:ping@127.0.0.1:%u", sip_server_port(server));
    g_autofree char *nobody =
        g_strdup_printf("sip:ping@127.0.0.1:%u;transport=tcp", peer_free_port());
    Pinged pinged;

    sip_server_set_admission(server, 503, 17);
    pinged = ping(here);
    g_assert_no_error(pinged.error);
    g_assert_cmpuint(pinged.status, ==, 503);
    sip_server_set_admission(server, 0, 0);
    pinged = ping(here);
    g_assert_no_error(pinged.error);
    g_assert_cmpuint(pinged.status, ==, 200);
    pinged = ping(nobody);
    g_assert_error(pinged.error, MCP_ERROR, MCP_ERROR_FAILED);
    g_assert_cmpuint(pinged.status, ==, 0);
    g_clear_error(&pinged.error);
}

static void
test_methods(void)
{
    static const struct {
        const char *method;
        const char *status;
        const char *part;
    } rows[] = {
        {"REGISTER", "405", "Allow: INVITE"},
        {"SUBSCRIBE", "405", "Allow: INVITE"},
        {"MESSAGE", "405", "Allow: INVITE"},
        {"NEWMETHOD", "501", "Reason: SIP;cause=501"},
        {"BYE", "481", "Reason: SIP;cause=481"},
        {"INFO", "481", NULL},
        {"UPDATE", "481", NULL},
        {"PRACK", "481", NULL},
        {"CANCEL", "481", NULL},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *request = peer_request(rows[i].method, URI, "", "");

        check(request, rows[i].status, rows[i].part);
    }
}

static void
test_refused(void)
{
    check_invite(URI, SDP_TYPE, peer_sdp(), "486", "Reason: SIP;cause=486;text=\"busy here\"");
    check_invite(URI, SDP_TYPE, "v=1\r\n", "488", "Reason: SIP;cause=488");
    check_invite(URI, SDP_TYPE, "v=1\r\n", "488", "Warning: 399 ");
    sip_server_expect(server, "REFUSED 488 session description line 1");
    check_invite(URI, "Content-Type: text/plain\r\n", "hello", "415", "Accept: application/sdp");
    check_invite(URI, SDP_TYPE "Content-Encoding: gzip\r\n", peer_sdp(), "415", NULL);
    check_invite(URI, "Require: one, two\r\n" SDP_TYPE, peer_sdp(), "420", "Unsupported: one, two");
    check_invite("tel:+1234", SDP_TYPE, peer_sdp(), "416", "Reason: SIP;cause=416");
    check_invite("sip:busy@127.0.0.1;a=%00", SDP_TYPE, peer_sdp(), "400", NULL);
}

static void
test_optional_body(void)
{
    check_invite(URI,
                 "Content-Type: text/plain\r\nContent-Disposition: session;handling=optional\r\n",
                 "hello", "486", NULL);
    sip_server_expect(server, "busy INVITE udp no offer");
}

#define MIXED "Content-Type: multipart/mixed; boundary=\"b1\"\r\n"
#define SDP_PART "--b1\r\n" SDP_TYPE "\r\n"

static void
test_multipart(void)
{
    g_autofree char *beside = g_strdup_printf(
        "preamble\r\n--b1\r\nContent-Type: application/isup;version=itu-t92+\r\n\r\nx--b1y"
        "\r\n" SDP_PART "%s\r\n--b1--\r\n",
        peer_sdp());
    g_autofree char *required = g_strdup_printf(
        SDP_PART "%s\r\n--b1\r\nContent-Type: application/isup\r\n"
                 "Content-Disposition: signal; handling=required\r\n\r\nx\r\n--b1--",
        peer_sdp());
    g_autofree char *open = g_strdup_printf(SDP_PART "%s", peer_sdp());
    g_autofree char *encoded = g_strdup_printf(
        "--b1\r\n" SDP_TYPE "Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b1--");

    sip_server_forget(server);
    check_invite(URI, MIXED, beside, "486", NULL);
    sip_server_expect(server, "busy INVITE udp offer");
    sip_server_forget(server);
    check_invite(URI, MIXED, "--b1\r\n\r\nhello\r\n--b1--", "486", NULL);
    sip_server_expect(server, "busy INVITE udp no offer");
    check_invite(URI, MIXED, required, "415", "application/isup");
    check_invite(URI, MIXED, open, "488", "the last part does not end");
    check_invite(URI, MIXED, encoded, "488", "transfer encoding");
    check_invite(URI, "Content-Type: multipart/mixed\r\n", beside, "488", "no usable boundary");
    check_invite(URI, MIXED, SDP_PART "v=9\r\n--b1--", "488", "session description");
}

static void
test_stray_to_tag(void)
{
    g_autofree char *request = peer_request("INVITE", URI, SDP_TYPE, peer_sdp());
    g_auto(GStrv) parts = g_strsplit(request, "To: <sip:server@127.0.0.1>", 2);
    g_autofree char *tagged = g_strjoinv("To: <sip:server@127.0.0.1>;tag=unknown", parts);

    check(tagged, "481", NULL);
}

static void
test_foreign_maddr(void)
{
    g_autofree char *request = peer_request("OPTIONS", "sip:127.0.0.1", "", "");
    g_auto(GStrv) parts = g_strsplit(request, ";rport", 2);
    g_autofree char *reflected = g_strjoinv(";maddr=255.255.255.255;rport", parts);

    check(reflected, "200", NULL);
}

static void
test_reason_text(void)
{
    g_autofree char *plain = mcp_sip_reason_value(503, "no \"room\"\r\nX: 1");
    g_autofree char *ready = mcp_sip_reason_value(503, "Q.850;cause=16;text=\"bye\"");
    g_autofree char *text = mcp_sip_reason_text("SIP;cause=200;text=\"a \\\"b\\\"\"");
    g_autofree char *warning = mcp_sip_warning_value(399, "h", "a\nb");

    g_assert_cmpstr(plain, ==, "SIP;cause=503;text=\"no \\\"room\\\"  X: 1\"");
    g_assert_cmpstr(ready, ==, "Q.850;cause=16;text=\"bye\"");
    g_assert_cmpstr(text, ==, "a \"b\"");
    g_assert_cmpstr(warning, ==, "399 h \"a b\"");
}

static char *
line_of(const char *name, const char *value)
{
    g_autoptr(McpHeader) header = mcp_header_new(name, value);

    return mcp_sip_header_line(header);
}

static void
test_header_lines(void)
{
    g_autofree char *good = line_of("X-Genesys-CallUUID", "a\r\nVia: b");

    g_assert_cmpstr(good, ==, "X-Genesys-CallUUID: a  Via: b");
    g_assert_null(line_of("via", "x"));
    g_assert_null(line_of("a b", "x"));
    g_assert_null(line_of("", "x"));
}

/* The library would read behind the end of these (RFC 3261 §8.1.1.7 forbids them): refused. */
static void
test_short_branch(void)
{
    static const char *const branches[] = {"branch=", "branch=x", "branch=z9hG4b",
                                           "branch=z9hG4bK"};

    for (guint i = 0; i < G_N_ELEMENTS(branches); i++) {
        g_autofree char *request = peer_request("INVITE", URI, "", "");
        char *begin = strstr(request, "branch=");
        g_autofree char *rest = g_strdup(begin + strcspn(begin, ";\r"));
        g_autofree char *text =
            g_strdup_printf("%.*s%s%s", (int)(begin - request), request, branches[i], rest);
        g_autofree char *response = peer_exchange(sip_server_port(server), text, strlen(text), 500);

        g_test_message("%s: %s", branches[i], response != NULL ? response : "no answer");
        g_assert_true(response == NULL || g_str_has_prefix(response, "SIP/2.0 400 "));
        g_assert_true(peer_ping(sip_server_port(server)));
    }
}

static void
test_uri_parameters(void)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)mcp_header_free);

    g_assert_true(mcp_sip_uri_parameters("voicexml=http%3A//h/a%3Bb;maxage=1;maxage=2;lr", list));
    g_assert_cmpuint(list->len, ==, 4);
    g_assert_cmpstr(mcp_headers_get(list, "voicexml"), ==, "http://h/a;b");
    g_assert_cmpstr(((McpHeader *)list->pdata[2])->value, ==, "2");
    g_assert_null(((McpHeader *)list->pdata[3])->value);
    g_assert_false(mcp_sip_uri_parameters("a=%4", list));
    g_assert_false(mcp_sip_uri_parameters("a=%00", list));
    g_assert_false(mcp_sip_uri_parameters("%zz", list));
    for (guint i = 0; i < 200; i++)
        g_assert_true(mcp_sip_uri_parameters("a", list));
    g_assert_cmpuint(list->len, <=, 64);
}

static void
test_split_address(void)
{
    static const struct {
        const char *text;
        const char *host;
        guint port;
    } rows[] = {
        {"192.0.2.1", "192.0.2.1", 5060},
        {"192.0.2.1:6000", "192.0.2.1", 6000},
        {"[::1]:7", "::1", 7},
        {"[2001:db8::1]", "2001:db8::1", 5060},
        {"auto", "0.0.0.0", 5060},
        {"host:1", NULL, 0},
        {"192.0.2.1:0", NULL, 0},
        {"192.0.2.1:70000", NULL, 0},
        {"[::1", NULL, 0},
        {"[::1]x", NULL, 0},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *host = NULL;
        guint port = 0;
        gboolean valid = mcp_sip_split_address(rows[i].text, 5060, &host, &port);

        g_assert_true(valid == (rows[i].host != NULL));
        g_assert_cmpstr(host, ==, rows[i].host);
        g_assert_cmpuint(port, ==, rows[i].port);
    }
}

/* The 2xx to an INVITE is repeated until an ACK comes, and given up with a BYE. */
static void
test_repeated_200(void)
{
    guint own = 0;
    g_autoptr(GSocket) socket = peer_open(&own);
    g_autofree char *invite = peer_request("INVITE", "sip:answer@127.0.0.1", SDP_TYPE, peer_sdp());
    g_autofree char *bye_answer = NULL;
    guint answers = 0;

    peer_send(socket, own, sip_server_port(server), invite);
    while (bye_answer == NULL) {
        g_autofree char *message = peer_read(socket, 5000);

        g_assert_nonnull(message);
        if (g_str_has_prefix(message, "SIP/2.0 200 "))
            answers++;
        else if (g_str_has_prefix(message, "BYE "))
            bye_answer = peer_answer(message, FALSE);
    }
    peer_send(socket, own, sip_server_port(server), bye_answer);
    g_assert_cmpuint(answers, >=, 4);
    sip_server_expect(server, "answer ENDED 408 no ACK came");
    sip_server_wait_idle(server);
}

/* A repeated INVITE makes no second session. */
static void
test_repeated_invite(void)
{
    guint own = 0;
    g_autoptr(GSocket) socket = peer_open(&own);
    g_autofree char *invite = peer_request("INVITE", "sip:busy@127.0.0.1", SDP_TYPE, peer_sdp());
    guint answers = 0;

    sip_server_forget(server);
    for (guint i = 0; i < 3; i++)
        peer_send(socket, own, sip_server_port(server), invite);
    while (answers < 3) {
        g_autofree char *message = peer_read(socket, 5000);

        g_assert_nonnull(message);
        if (g_str_has_prefix(message, "SIP/2.0 486 "))
            answers++;
    }
    sip_server_wait_idle(server);
    g_assert_cmpuint(sip_server_count(server, "busy INVITE"), ==, 1);
}

/* Each 2xx to our INVITE gets an ACK (RFC 3261 §13.2.2.4). */
static void
test_repeated_ack(void)
{
    guint own = 0;
    g_autoptr(GSocket) socket = peer_open(&own);
    g_autofree char *target = g_strdup_printf("sip:peer@127.0.0.1:%u", own);
    g_autoptr(McpSession) session = sip_server_place(server, target, TRUE, 0);
    g_autofree char *invite = peer_read(socket, 5000);
    g_autofree char *answer = NULL;
    guint acks = 0;

    g_assert_true(g_str_has_prefix(invite, "INVITE "));
    answer = peer_answer(invite, TRUE);
    while (acks < 3) {
        g_autofree char *message = NULL;

        peer_send(socket, own, sip_server_port(server), answer);
        message = peer_read(socket, 5000);
        g_assert_nonnull(message);
        if (g_str_has_prefix(message, "ACK "))
            acks++;
    }
    mcp_session_end(session, NULL, NULL, NULL);
    for (gboolean ended = FALSE; !ended;) {
        g_autofree char *message = peer_read(socket, 5000);
        g_autofree char *ok = NULL;

        g_assert_nonnull(message);
        ended = g_str_has_prefix(message, "BYE ");
        ok = ended ? peer_answer(message, FALSE) : NULL;
        if (ended)
            peer_send(socket, own, sip_server_port(server), ok);
    }
    sip_server_wait_idle(server);
}

/* Many headers are kept within bounds; what exceeds the limit of a message is refused. */
static void
test_large(void)
{
    g_autoptr(GString) headers = g_string_new(SDP_TYPE);
    g_autofree char *body = g_strnfill(70000, 'x');
    g_autofree char *request = NULL;
    g_autofree char *many = NULL;
    g_autofree char *huge = NULL;

    for (guint i = 0; i < 450; i++)
        g_string_append_printf(headers, "X-Filler-%u: %040u\r\n", i, i);
    request = peer_request("INVITE", URI, headers->str, peer_sdp());
    check(request, "486", NULL);
    for (guint i = 0; i < 60; i++)
        g_string_append(headers, "X-Filler: x\r\n");
    many = peer_request("INVITE", URI, headers->str, peer_sdp());
    check(many, "413", NULL);
    huge = peer_request("INVITE", URI, SDP_TYPE, body);
    g_free(peer_exchange(sip_server_port(server), huge, strlen(huge), 0));
    g_assert_true(peer_ping(sip_server_port(server)));
}

static void
test_start_refused(void)
{
    static const struct {
        const char *config;
        const char *part;
    } rows[] = {
        {"[core]\nplugins = sip\n[sip.transport \"a\"]\ntransport = udp\n"
         "address = 127.0.0.1:@PORT@\n",
         "@PORT@/udp ([sip.transport \"a\"]): Address already in use"},
        {"[core]\nplugins = sip\n[sip.transport \"a\"]\ntransport = tcp\n"
         "address = 127.0.0.1:@PORT@\n",
         "@PORT@/tcp ([sip.transport \"a\"]): Address already in use"},
        {"[core]\nplugins = sip\n[sip.transport \"a\"]\ntransport = udp\n"
         "address = 198.51.100.77:5060\n",
         "198.51.100.77:5060/udp"},
        {"[core]\nplugins = sip\n", "no [sip.transport"},
        {"[core]\nplugins = sip\n[sip]\nidentity = bob\n[sip.transport \"a\"]\n"
         "transport = udp\naddress = 127.0.0.1:1\n",
         "identity = bob is no sip: URI"},
    };
    g_autofree char *port = g_strdup_printf("%u", sip_server_port(server));

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *message = sip_server_refusal(server, rows[i].config);
        g_autoptr(GString) part = g_string_new(rows[i].part);

        g_string_replace(part, "@PORT@", port, 0);
        g_test_message("%s", message);
        g_assert_nonnull(message);
        g_assert_nonnull(strstr(message, part->str));
    }
}

/* What is left open when the server stops is ended and released. */
static void
leave_open(void)
{
    static const char *const users[] = {"ring", "slow", "answer"};

    for (guint i = 0; i < G_N_ELEMENTS(users); i++) {
        g_autofree char *uri = g_strdup_printf("sip:%s@127.0.0.1", users[i]);
        g_autofree char *request = peer_request("INVITE", uri, SDP_TYPE, peer_sdp());
        g_autofree char *event = g_strdup_printf("%s INVITE", users[i]);

        sip_server_forget(server);
        g_free(peer_exchange(sip_server_port(server), request, strlen(request), 0));
        sip_server_expect(server, event);
    }
}

/* RFC 5389 §6: a binding request on the SIP port gets no mapped address, and SIP goes on. */
static void
test_stun(void)
{
    static const guint8 binding[20] = {0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3};
    guint own_port = 0;
    g_autoptr(GSocket) socket = peer_open(&own_port);
    g_autoptr(GInetAddress) host = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
    g_autoptr(GSocketAddress) to =
        g_inet_socket_address_new(host, (guint16)sip_server_port(server));
    char answer[512] = {0};

    g_assert_cmpint(g_socket_send_to(socket, to, (const char *)binding, sizeof binding, NULL, NULL),
                    ==, sizeof binding);
    g_assert_true(peer_ping(sip_server_port(server)));
    if ((g_socket_condition_check(socket, G_IO_IN) & G_IO_IN) != 0)
        g_assert_cmpint(g_socket_receive(socket, answer, sizeof answer, NULL, NULL), >, 0);
    /* 0x0101 would be a success. */
    g_assert_false(answer[0] == 1 && answer[1] == 1);
}

static void
expect_ringing(GSocket *socket, guint timeout)
{
    gint64 end = g_get_monotonic_time() + timeout * (gint64)G_TIME_SPAN_MILLISECOND;

    while (g_get_monotonic_time() < end) {
        g_autofree char *message = peer_read(socket, timeout);

        if (message != NULL && g_str_has_prefix(message, "SIP/2.0 180 "))
            return;
    }
    g_assert_not_reached();
}

/* RFC 3261 §13.3.1.1: once a minute, before a proxy's timer C ends the call. */
static void
test_progress_again(void)
{
    guint own_port = 0;
    g_autoptr(GSocket) socket = peer_open(&own_port);
    g_autofree char *invite = peer_request("INVITE", "sip:ring@127.0.0.1",
                                           "Content-Type: application/sdp\r\n", peer_sdp());

    peer_send(socket, own_port, sip_server_port(server), invite);
    expect_ringing(socket, 5000);
    expect_ringing(socket, 65000);
    sip_server_end_all(server);
    sip_server_wait_idle(server);
}

int
main(int argc, char **argv)
{
    int result = 0;

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/sip/reason-text", test_reason_text);
    g_test_add_func("/sip/header-lines", test_header_lines);
    g_test_add_func("/sip/short-branch", test_short_branch);
    g_test_add_func("/sip/stun", test_stun);
    g_test_add_func("/sip/uri-parameters", test_uri_parameters);
    g_test_add_func("/sip/split-address", test_split_address);
    g_test_add_func("/sip/options", test_options);
    g_test_add_func("/sip/options-of-ours", test_ours);
    g_test_add_func("/sip/methods", test_methods);
    g_test_add_func("/sip/refused", test_refused);
    g_test_add_func("/sip/optional-body", test_optional_body);
    g_test_add_func("/sip/multipart", test_multipart);
    g_test_add_func("/sip/stray-to-tag", test_stray_to_tag);
    g_test_add_func("/sip/foreign-maddr", test_foreign_maddr);
    g_test_add_func("/sip/repeated-200", test_repeated_200);
    g_test_add_func("/sip/repeated-invite", test_repeated_invite);
    g_test_add_func("/sip/repeated-ack", test_repeated_ack);
    g_test_add_func("/sip/large", test_large);
    if (g_strcmp0(g_getenv("MCP_TEST_TIER"), "full") == 0)
        g_test_add_func("/sip/progress-again", test_progress_again);
    g_test_add_func("/sip/start-refused", test_start_refused);
    server = sip_server_new();
    result = g_test_run();
    sip_server_wait_idle(server);
    leave_open();
    sip_server_free(server);
    return result;
}
