/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DTLS and ICE in offer and answer: what browsers and phones without ICE make of our offers, which
 * associations go on, restarts of ICE.
 */
#include "sdp/offer_answer.h"

#include <mcp/error.h>
#include <string.h>

#define HEAD "v=0\r\no=- 7 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n"
#define PRINT_A                                                \
    "sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:" \
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"
#define PRINT_B                                                \
    "sha-256 FF:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:" \
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"
/* What Chromium says in its order, less what is repeated. */
#define BROWSER_LINE                                                                          \
    "UDP/TLS/RTP/SAVPF 0 126\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n"              \
    "a=candidate:1 1 udp 2122194687 7f000001-aaaa-bbbb.local 40203 typ host generation 0\r\n" \
    "a=candidate:2 1 tcp 1518214911 192.0.2.2 9 typ host tcptype active generation 0\r\n"     \
    "a=end-of-candidates\r\na=ice-options:trickle\r\na=mid:0\r\n"                             \
    "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=sendrecv\r\n"                \
    "a=msid:a7f6838a c0414114\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=rtpmap:0 PCMU/8000\r\n"      \
    "a=rtpmap:126 telephone-event/8000\r\na=ssrc:126023521 cname:ekHZVVpZ0VlzcEeT\r\n"
#define ICE(ufrag) "a=ice-ufrag:" ufrag "\r\na=ice-pwd:nDAg5NPMe7h99P4kx" ufrag ufrag "\r\n"
#define KEYS(print, setup) "a=fingerprint:" print "\r\na=setup:" setup "\r\n"

static McpMediaNegotiation *
negotiation(void)
{
    const McpMediaLocal local = {
        .address = "192.0.2.1",
        .port = 20000,
        .ptime = 20,
        .codecs = {mcp_media_codec_get(MCP_MEDIA_CODEC_PCMU)},
        .n_codecs = 1,
        .protection = MCP_MEDIA_PROTECTION_REQUIRED,
        .fingerprint = PRINT_B,
    };

    return mcp_media_negotiation_new(&local);
}

static McpSdp *
sdp_of(const char *head, const char *body)
{
    g_autofree char *text = g_strconcat(head, body, NULL);
    g_autoptr(GError) error = NULL;
    McpSdp *sdp = mcp_sdp_parse(text, strlen(text), &error);

    g_assert_no_error(error);
    return sdp;
}

static McpSdp *
answer_of(McpMediaNegotiation *self, const char *body)
{
    g_autoptr(McpSdp) offer = sdp_of(HEAD, body);
    g_autoptr(GError) error = NULL;
    McpSdp *answer = mcp_media_negotiation_answer(self, offer, &error);

    g_assert_no_error(error);
    return answer;
}

static const char *
value_of(McpSdp *sdp, const char *name)
{
    return mcp_sdp_media_get_attribute(mcp_sdp_get_media(sdp, 0), name);
}

/* Our offer has all that a browser asks for. */
static void
test_offer(void)
{
    g_autoptr(McpMediaNegotiation) self = negotiation();
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSdp) offer = mcp_media_negotiation_offer(self, &error);

    g_assert_no_error(error);
    g_assert_cmpstr(mcp_sdp_get_media(offer, 0)->protocol, ==, "UDP/TLS/RTP/SAVP");
    g_assert_cmpstr(mcp_sdp_get_attribute(offer, "ice-lite"), ==, "");
    g_assert_cmpstr(mcp_sdp_get_attribute(offer, "group"), ==, "BUNDLE 0");
    g_assert_cmpstr(value_of(offer, "mid"), ==, "0");
    g_assert_cmpstr(value_of(offer, "setup"), ==, "actpass");
    g_assert_cmpstr(value_of(offer, "fingerprint"), ==, PRINT_B);
    g_assert_nonnull(value_of(offer, "ice-ufrag"));
    g_assert_nonnull(value_of(offer, "ice-pwd"));
    g_assert_nonnull(strstr(value_of(offer, "candidate"), "192.0.2.1 20000 typ host"));
    g_assert_nonnull(value_of(offer, "rtcp-mux"));
}

static void
check_answer(const char *head, const char *body, gboolean ice)
{
    g_autoptr(McpMediaNegotiation) self = negotiation();
    g_autoptr(McpSdp) offer = mcp_media_negotiation_offer(self, NULL);
    g_autoptr(McpSdp) answer = sdp_of(head, body);
    g_autoptr(McpSdp) again = NULL;
    g_autoptr(GError) error = NULL;
    const McpMediaAgreement *agreed = NULL;

    g_assert_true(mcp_media_negotiation_apply(self, answer, &error));
    g_assert_no_error(error);
    agreed = mcp_media_negotiation_get(self);
    g_assert_cmpint(agreed->ice, ==, ice);
    g_assert_cmpint(agreed->has_remote, ==, !ice);
    g_assert_cmpint(mcp_media_negotiation_get_dtls(self)->role, ==, MCP_MEDIA_DTLS_PASSIVE);
    g_assert_cmpuint(agreed->protection, !=, 0);
    /* A later offer goes on as was agreed. */
    again = mcp_media_negotiation_offer(self, &error);
    g_assert_no_error(error);
    g_assert_cmpint(value_of(again, "ice-ufrag") != NULL, ==, ice);
    if (ice)
        g_assert_cmpstr(value_of(again, "ice-ufrag"), ==, value_of(offer, "ice-ufrag"));
}

/* From a browser; from a phone that knows no ICE; from one that is as lite as we are. */
static void
test_answers(void)
{
    check_answer(HEAD, "m=audio 40203 " BROWSER_LINE ICE("aHfx") KEYS(PRINT_A, "active"), TRUE);
    check_answer(HEAD, "m=audio 9 " BROWSER_LINE ICE("aHfx") KEYS(PRINT_A, "active"), TRUE);
    check_answer(HEAD, "m=audio 4000 UDP/TLS/RTP/SAVP 0\r\na=rtcp-mux\r\n" KEYS(PRINT_A, "active"),
                 FALSE);
    check_answer(HEAD "a=ice-lite\r\n",
                 "m=audio 4000 UDP/TLS/RTP/SAVP 0\r\na=rtcp-mux\r\n" ICE("aHfx")
                     KEYS(PRINT_A, "active"),
                 FALSE);
}

static void
test_hostile_answer(void)
{
    g_autoptr(McpMediaNegotiation) self = negotiation();
    g_autoptr(McpSdp) offer = mcp_media_negotiation_offer(self, NULL);
    g_autoptr(McpSdp) answer =
        sdp_of(HEAD, "m=audio 9 " BROWSER_LINE
                     "a=ice-ufrag:ab\r\na=ice-pwd:short\r\n" KEYS(PRINT_A, "active"));
    g_autoptr(GError) error = NULL;

    g_assert_false(mcp_media_negotiation_apply(self, answer, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
}

/* A browser that offers video, too, in one bundle. */
static void
test_video(void)
{
    g_autoptr(McpMediaNegotiation) self = negotiation();
    g_autoptr(McpSdp) answer = answer_of(
        self,
        "a=group:BUNDLE 0 1\r\nm=audio 9 " BROWSER_LINE ICE("aHfx")
            KEYS(PRINT_A, "actpass") "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n" ICE("aHfx")
                KEYS(PRINT_A, "actpass") "a=mid:1\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\n");

    g_assert_cmpuint(mcp_sdp_get_n_media(answer), ==, 2);
    g_assert_cmpuint(mcp_sdp_get_media(answer, 0)->port, ==, 20000);
    g_assert_cmpuint(mcp_sdp_get_media(answer, 1)->port, ==, 0);
    g_assert_cmpstr(mcp_sdp_get_media(answer, 1)->type, ==, "video");
    g_assert_cmpstr(mcp_sdp_get_attribute(answer, "group"), ==, "BUNDLE 0");
    g_assert_cmpstr(value_of(answer, "setup"), ==, "passive");
}

#define OFFER(ufrag, print, more) "m=audio 9 " BROWSER_LINE ICE(ufrag) KEYS(print, "actpass") more

/* RFC 8445 §9: each restart changes both sides' credentials; RFC 8842 §5.1: and no more. */
static void
test_restart(void)
{
    static const char *const offers[] = {OFFER("aaaa", PRINT_A, ""), OFFER("bbbb", PRINT_A, ""),
                                         OFFER("cccc", PRINT_A, "")};
    g_autoptr(McpMediaNegotiation) self = negotiation();
    g_autoptr(McpSdp) answer = answer_of(self, offers[0]);
    g_autoptr(McpSdp) same = NULL;
    guint64 serial = mcp_media_negotiation_get(self)->protection;

    for (guint i = 1; i < G_N_ELEMENTS(offers); i++) {
        g_autoptr(McpSdp) next = answer_of(self, offers[i]);

        g_assert_cmpstr(value_of(next, "ice-ufrag"), !=, value_of(answer, "ice-ufrag"));
        g_assert_cmpstr(value_of(next, "ice-pwd"), !=, value_of(answer, "ice-pwd"));
        g_assert_cmpuint(mcp_media_negotiation_get(self)->protection, ==, serial);
        mcp_sdp_unref(answer);
        answer = g_steal_pointer(&next);
    }
    same = answer_of(self, offers[2]);
    g_assert_cmpstr(value_of(same, "ice-ufrag"), ==, value_of(answer, "ice-ufrag"));
}

/* RFC 8842 §4: what makes a new association. */
static void
test_associations(void)
{
    static const char *const offers[] = {
        OFFER("aaaa", PRINT_A, ""), OFFER("aaaa", PRINT_B, ""),
        OFFER("aaaa", PRINT_B, "a=tls-id:abc3de65cddef001be82\r\n"),
        OFFER("aaaa", PRINT_B, "a=tls-id:bbc3de65cddef001be82\r\n")};
    g_autoptr(McpMediaNegotiation) self = negotiation();
    guint64 last = 0;

    for (guint i = 0; i < G_N_ELEMENTS(offers); i++) {
        g_autoptr(McpSdp) first = answer_of(self, offers[i]);
        guint64 serial = mcp_media_negotiation_get(self)->protection;
        g_autoptr(McpSdp) again = answer_of(self, offers[i]);

        g_assert_cmpuint(serial, !=, last);
        g_assert_cmpuint(mcp_media_negotiation_get(self)->protection, ==, serial);
        last = serial;
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/dtls-offers/offer", test_offer);
    g_test_add_func("/media/dtls-offers/answers", test_answers);
    g_test_add_func("/media/dtls-offers/hostile-answer", test_hostile_answer);
    g_test_add_func("/media/dtls-offers/video", test_video);
    g_test_add_func("/media/dtls-offers/restart", test_restart);
    g_test_add_func("/media/dtls-offers/associations", test_associations);
    return g_test_run();
}
