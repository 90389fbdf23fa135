/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Offer and answer: single cases by the book, then thousands of random offers whose answers must
 * keep the rules of RFC 3264.
 */
#include "sdp/offer_answer.h"

#include "rtp/source_lock.h"
#include <mcp/error.h>
#include <string.h>

static McpMediaNegotiation *
negotiation(const char *address)
{
    static const McpMediaCodecId known[] = {MCP_MEDIA_CODEC_PCMU, MCP_MEDIA_CODEC_PCMA,
                                            MCP_MEDIA_CODEC_L16_8000, MCP_MEDIA_CODEC_L16_16000};
    McpMediaLocal local = {.address = address, .port = 20000, .ptime = 20};

    while (local.n_codecs < G_N_ELEMENTS(known)) {
        local.codecs[local.n_codecs] = mcp_media_codec_get(known[local.n_codecs]);
        local.n_codecs++;
    }
    return mcp_media_negotiation_new(&local);
}

static McpSdp *
sdp_of(const char *body)
{
    g_autofree char *text = g_strconcat("v=0\r\no=- 7 1 IN IP4 192.0.2.9\r\ns=-\r\n", body, NULL);
    g_autoptr(GError) error = NULL;
    McpSdp *sdp = mcp_sdp_parse(text, strlen(text), &error);

    g_assert_no_error(error);
    return sdp;
}

static McpSdp *
answer_to(McpMediaNegotiation *self, const char *body)
{
    g_autoptr(McpSdp) offer = sdp_of(body);
    g_autoptr(GError) error = NULL;
    McpSdp *answer = mcp_media_negotiation_answer(self, offer, &error);

    g_assert_no_error(error);
    return answer;
}

#define C4 "c=IN IP4 192.0.2.9\r\nt=0 0\r\n"

static void
test_simple(void)
{
    g_autoptr(McpMediaNegotiation) self = negotiation("192.0.2.1");
    g_autoptr(McpSdp) answer = answer_to(
        self, C4 "m=audio 4000 RTP/AVP 18 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
                 "a=ptime:30\r\n");
    g_autoptr(McpSdp) again = answer_to(
        self, C4 "m=audio 4000 RTP/AVP 18 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
                 "a=ptime:30\r\n");
    const McpMediaAgreement *agreed = mcp_media_negotiation_get(self);
    const McpSdpMedia *media = mcp_sdp_get_media(answer, 0);

    g_assert_cmpuint(media->port, ==, 20000);
    g_assert_cmpuint(media->n_formats, ==, 2);
    g_assert_cmpuint(media->formats[0].payload_type, ==, 8);
    g_assert_cmpuint(media->formats[1].payload_type, ==, 101);
    g_assert_cmpstr(media->formats[1].fmtp, ==, "0-15");
    g_assert_cmpuint(media->ptime, ==, 30);
    g_assert_cmpstr(agreed->codec->encoding, ==, "PCMA");
    g_assert_cmpuint(agreed->ptime, ==, 30);
    g_assert_cmpint(agreed->send_event_type, ==, 101);
    g_assert_cmpuint(mcp_media_address_get_port(&agreed->remote_rtcp), ==, 4001);
    /* The same offer: the same answer, word by word. */
    g_assert_cmpstr(mcp_sdp_get_text(again), ==, mcp_sdp_get_text(answer));
}

static void
test_lines(void)
{
    g_autoptr(McpMediaNegotiation) self = negotiation("192.0.2.1");
    g_autoptr(McpSdp) answer = answer_to(
        self, C4 "m=video 5000 RTP/AVP 96 97\r\na=rtpmap:96 H264/90000\r\na=rtpmap:97 VP8/90000\r\n"
                 "m=audio 4000 RTP/SAVP 0\r\nm=audio 4002 RTP/AVP 0\r\nm=audio 4004 RTP/AVP 8\r\n"
                 "m=application 9 TCP/MRCPv2 1\r\n");

    g_assert_cmpuint(mcp_sdp_get_n_media(answer), ==, 5);
    for (guint i = 0; i < 5; i++)
        g_assert_cmpuint(mcp_sdp_get_media(answer, i)->port, ==, i == 2 ? 20000 : 0);
    g_assert_cmpstr(mcp_sdp_get_media(answer, 0)->raw_formats[0], ==, "96");
    g_assert_cmpstr(mcp_sdp_get_media(answer, 0)->raw_formats[1], ==, "97");
    g_assert_cmpstr(mcp_sdp_get_media(answer, 1)->protocol, ==, "RTP/SAVP");
    g_assert_cmpstr(mcp_sdp_get_media(answer, 4)->protocol, ==, "TCP/MRCPv2");
}

static void
test_refusals(void)
{
    static const char *const bodies[] = {
        C4 "m=audio 4000 RTP/SAVP 0\r\n",
        C4 "m=audio 4000 RTP/AVP 18\r\n",
        C4 "m=audio 0 RTP/AVP 0\r\n",
        C4 "m=video 4000 RTP/AVP 0\r\n",
        "c=IN IP6 2001:db8::9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n",
        "c=IN IP4 host.example\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n",
        C4,
    };

    for (guint i = 0; i < G_N_ELEMENTS(bodies); i++) {
        g_autoptr(McpMediaNegotiation) self = negotiation("192.0.2.1");
        g_autoptr(McpSdp) offer = sdp_of(bodies[i]);
        g_autoptr(GError) error = NULL;

        g_assert_null(mcp_media_negotiation_answer(self, offer, &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_MEDIA);
        g_assert_false(mcp_media_negotiation_get(self)->active);
    }
}

static void
test_direction(void)
{
    static const struct {
        const char *body;
        McpSdpDirection wanted;
    } cases[] = {
        {C4 "m=audio 4000 RTP/AVP 0\r\n", MCP_SDP_SENDRECV},
        {C4 "m=audio 4000 RTP/AVP 0\r\na=sendonly\r\n", MCP_SDP_RECVONLY},
        {C4 "m=audio 4000 RTP/AVP 0\r\na=recvonly\r\n", MCP_SDP_SENDONLY},
        {C4 "a=inactive\r\nm=audio 4000 RTP/AVP 0\r\n", MCP_SDP_INACTIVE},
        {"c=IN IP4 0.0.0.0\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n", MCP_SDP_RECVONLY},
        {"c=IN IP4 0.0.0.0\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\na=sendonly\r\n", MCP_SDP_RECVONLY},
    };

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(McpMediaNegotiation) self = negotiation("192.0.2.1");
        g_autoptr(McpSdp) answer = answer_to(self, cases[i].body);

        g_assert_cmpint(mcp_sdp_get_media(answer, 0)->direction, ==, cases[i].wanted);
        g_assert_cmpint(mcp_media_negotiation_get(self)->direction, ==, cases[i].wanted);
        g_assert_cmpint(mcp_media_negotiation_get(self)->has_remote, ==,
                        strstr(cases[i].body, "0.0.0.0") == NULL);
    }
}

static void
test_versions(void)
{
    g_autoptr(McpMediaNegotiation) self = negotiation("192.0.2.1");
    g_autoptr(McpSdp) first = answer_to(self, C4 "m=audio 4000 RTP/AVP 0\r\n");
    g_autoptr(McpSdp) moved = answer_to(self, C4 "m=audio 4444 RTP/AVP 0\r\n");
    g_autoptr(McpSdp) hold = answer_to(self, C4 "m=audio 4444 RTP/AVP 0\r\na=sendonly\r\n");
    g_autoptr(McpSdp) off = answer_to(self, C4 "m=audio 0 RTP/AVP 0\r\n");
    g_autoptr(McpSdp) back = NULL;

    /* The other side moved, our description did not change. */
    g_assert_cmpuint(mcp_sdp_get_version(moved), ==, mcp_sdp_get_version(first));
    g_assert_cmpuint(mcp_sdp_get_version(hold), ==, mcp_sdp_get_version(first) + 1);
    g_assert_cmpuint(mcp_sdp_get_version(off), ==, mcp_sdp_get_version(first) + 2);
    g_assert_cmpuint(mcp_sdp_get_media(off, 0)->port, ==, 0);
    g_assert_false(mcp_media_negotiation_get(self)->active);
    mcp_media_negotiation_rollback(self);
    g_assert_true(mcp_media_negotiation_get(self)->active);
    g_assert_cmpint(mcp_media_negotiation_get(self)->direction, ==, MCP_SDP_RECVONLY);
    back = answer_to(self, C4 "m=audio 4444 RTP/AVP 0\r\n");
    g_assert_cmpuint(mcp_sdp_get_version(back), >, mcp_sdp_get_version(off));
}

static void
test_offer(void)
{
    g_autoptr(McpMediaNegotiation) self = negotiation("2001:db8::1");
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSdp) offer = mcp_media_negotiation_offer(self, &error);
    g_autoptr(McpSdp) again = NULL;
    g_autoptr(McpSdp) short_answer = sdp_of("c=IN IP6 2001:db8::9\r\nt=0 0\r\n");
    g_autoptr(McpSdp) answer =
        sdp_of("c=IN IP6 2001:db8::9\r\nt=0 0\r\nm=audio 5000 RTP/AVP 110 111\r\n"
               "a=rtpmap:110 L16/16000\r\na=rtpmap:111 telephone-event/16000\r\n");
    const McpMediaAgreement *agreed = NULL;

    g_assert_cmpuint(mcp_sdp_get_media(offer, 0)->n_formats, ==, 6);
    g_assert_false(mcp_media_negotiation_apply(self, short_answer, &error));
    g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_true(mcp_media_negotiation_apply(self, answer, &error));
    agreed = mcp_media_negotiation_get(self);
    /* RFC 3264 §5.1: each side sends with the other's numbers. */
    g_assert_cmpuint(agreed->send_type, ==, 110);
    g_assert_cmpuint(agreed->receive_type, ==, 97);
    g_assert_cmpint(agreed->send_event_type, ==, 111);
    g_assert_cmpint(agreed->receive_event_type, ==, 102);
    again = mcp_media_negotiation_offer(self, &error);
    g_assert_cmpstr(mcp_sdp_get_text(again), ==, mcp_sdp_get_text(offer));
}

/* A codec under the number of another: numbers of a session never change their meaning. */
static void
test_type_clash(void)
{
    g_autoptr(McpMediaNegotiation) self = negotiation("192.0.2.1");
    g_autoptr(McpSdp) answer =
        answer_to(self, C4 "m=audio 4000 RTP/AVP 101\r\na=rtpmap:101 L16/8000\r\n");
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSdp) offer = mcp_media_negotiation_offer(self, &error);
    const McpSdpMedia *media = mcp_sdp_get_media(offer, 0);
    guint seen[128] = {0};

    for (guint i = 0; i < media->n_formats; i++) {
        const McpSdpFormat *format = &media->formats[i];

        g_assert_cmpuint(seen[format->payload_type]++, ==, 0);
        if (format->payload_type == 101) {
            g_assert_cmpstr(format->encoding, ==, "L16");
            g_assert_cmpuint(format->clock_rate, ==, 8000);
        }
    }
    g_assert_cmpuint(seen[101], ==, 1);
}

static void
test_rtcp(void)
{
    g_autoptr(McpMediaNegotiation) mux = negotiation("192.0.2.1");
    g_autoptr(McpMediaNegotiation) attribute = negotiation("192.0.2.1");
    g_autoptr(McpSdp) one = answer_to(mux, C4 "m=audio 4000 RTP/AVP 0\r\na=rtcp-mux\r\n");
    g_autoptr(McpSdp) two =
        answer_to(attribute, C4 "m=audio 4000 RTP/AVP 0\r\na=rtcp:53020 IN IP4 192.0.2.77\r\n");
    char text[64];

    g_assert_nonnull(mcp_sdp_media_get_attribute(mcp_sdp_get_media(one, 0), "rtcp-mux"));
    g_assert_true(mcp_media_negotiation_get(mux)->rtcp_mux);
    g_assert_null(mcp_sdp_media_get_attribute(mcp_sdp_get_media(two, 0), "rtcp-mux"));
    mcp_media_address_print(&mcp_media_negotiation_get(attribute)->remote_rtcp, text, sizeof text);
    g_assert_cmpstr(text, ==, "192.0.2.77:53020");
}

/* --- properties --- */

static const char *const formats_pool[] = {
    "0", "8", "18", "9", "13", "96", "97", "98", "101", "120",
};
static const char *const maps_pool[] = {
    "",
    "a=rtpmap:96 L16/8000\r\n",
    "a=rtpmap:97 L16/16000/2\r\n",
    "a=rtpmap:98 opus/48000/2\r\n",
    "a=rtpmap:101 telephone-event/8000\r\n",
    "a=rtpmap:120 L16/16000\r\n",
    "a=fmtp:101 0-11\r\n",
    "a=rtpmap:0 PCMU/8000\r\n",
    "a=rtcp-mux\r\n",
    "a=ptime:10\r\n",
    "a=ptime:1000\r\n",
    "a=maxptime:20\r\n",
    "a=sendonly\r\n",
    "a=recvonly\r\n",
    "a=inactive\r\n",
    "a=rtcp:70000\r\n",
    "a=rtcp:9 IN IP6 ::1\r\n",
};

#define PICK(array) array[g_random_int_range(0, G_N_ELEMENTS(array))]

static McpSdp *
random_offer(void)
{
    static const char *const types[] = {"audio", "audio", "audio", "video", "application"};
    static const char *const protocols[] = {"RTP/AVP", "RTP/AVP", "RTP/AVP", "RTP/SAVP", "udp"};
    static const char *const hosts[] = {"IP4 192.0.2.9", "IP4 0.0.0.0", "IP6 2001:db8::2",
                                        "IP4 a.invalid", "IP4 192.0.2.10"};
    GString *text = g_string_new(NULL);
    guint n = (guint)g_random_int_range(1, 5);
    McpSdp *sdp = NULL;

    g_string_printf(text, "c=IN %s\r\nt=0 0\r\n", PICK(hosts));
    for (guint i = 0; i < n; i++) {
        g_string_append_printf(text, "m=%s %d %s", PICK(types),
                               g_random_int_range(0, 4) == 0 ? 0 : g_random_int_range(1, 65536),
                               PICK(protocols));
        for (gint k = g_random_int_range(1, 5); k > 0; k--)
            g_string_append_printf(text, " %s", PICK(formats_pool));
        g_string_append(text, "\r\n");
        if (g_random_int_range(0, 4) == 0)
            g_string_append_printf(text, "c=IN %s\r\n", PICK(hosts));
        for (gint k = g_random_int_range(0, 6); k > 0; k--)
            g_string_append(text, PICK(maps_pool));
    }
    sdp = sdp_of(text->str);
    g_string_free(text, TRUE);
    return sdp;
}

static gboolean
has_format(const McpSdpMedia *media, guint type)
{
    for (guint i = 0; i < media->n_formats; i++)
        if (media->formats[i].payload_type == type)
            return TRUE;
    return FALSE;
}

static void
check_line(const McpSdpMedia *offered, const McpSdpMedia *answered)
{
    g_assert_cmpstr(answered->type, ==, offered->type);
    g_assert_cmpstr(answered->protocol, ==, offered->protocol);
    if (offered->port == 0)
        g_assert_cmpuint(answered->port, ==, 0);
    if (answered->port == 0) {
        g_assert_true(g_strv_equal((const char *const *)answered->raw_formats,
                                   (const char *const *)offered->raw_formats));
        return;
    }
    for (guint i = 0; i < answered->n_formats; i++)
        g_assert_true(has_format(offered, answered->formats[i].payload_type));
    /* §6.1: we send only what the other side receives, and the other way round. */
    if ((offered->direction & MCP_SDP_RECVONLY) == 0)
        g_assert_cmpint(answered->direction & MCP_SDP_SENDONLY, ==, 0);
    if ((offered->direction & MCP_SDP_SENDONLY) == 0)
        g_assert_cmpint(answered->direction & MCP_SDP_RECVONLY, ==, 0);
    if (mcp_sdp_media_get_attribute(answered, "rtcp-mux") != NULL)
        g_assert_nonnull(mcp_sdp_media_get_attribute(offered, "rtcp-mux"));
}

static void
check_agreement(const McpMediaAgreement *agreed, const McpSdpMedia *offered)
{
    g_assert_true(agreed->active);
    g_assert_nonnull(agreed->codec);
    g_assert_cmpuint(agreed->ptime % 5, ==, 0);
    g_assert_cmpuint(agreed->ptime, >=, 10);
    g_assert_cmpuint(agreed->ptime, <=, 60);
    g_assert_true(has_format(offered, agreed->send_type));
    if (agreed->has_remote)
        g_assert_cmpuint(mcp_media_address_get_port(&agreed->remote), ==, offered->port);
    else
        g_assert_cmpint(agreed->direction & MCP_SDP_SENDONLY, ==, 0);
}

static void
test_properties(void)
{
    guint answered = 0;

    for (guint round = 0; round < 3000; round++) {
        g_autoptr(McpMediaNegotiation) self = negotiation("192.0.2.1");
        guint64 version = 0;
        g_autofree char *text = NULL;

        for (guint turn = 0; turn < 4; turn++) {
            g_autoptr(McpSdp) offer = random_offer();
            g_autoptr(GError) error = NULL;
            g_autoptr(McpSdp) answer = mcp_media_negotiation_answer(self, offer, &error);
            guint used = 0;

            if (answer == NULL) {
                g_assert_error(error, MCP_ERROR, MCP_ERROR_MEDIA);
                continue;
            }
            answered++;
            g_assert_cmpuint(mcp_sdp_get_n_media(answer), ==, mcp_sdp_get_n_media(offer));
            for (guint i = 0; i < mcp_sdp_get_n_media(answer); i++) {
                const McpSdpMedia *line = mcp_sdp_get_media(answer, i);

                check_line(mcp_sdp_get_media(offer, i), line);
                if (line->port != 0) {
                    check_agreement(mcp_media_negotiation_get(self), mcp_sdp_get_media(offer, i));
                    used++;
                }
            }
            g_assert_cmpuint(used, ==, mcp_media_negotiation_get(self)->active ? 1 : 0);
            /* §8: another text has a version of one more, the same text has the same. */
            if (text != NULL && strcmp(text, mcp_sdp_get_text(answer)) == 0)
                g_assert_cmpuint(mcp_sdp_get_version(answer), ==, version);
            else if (text != NULL)
                g_assert_cmpuint(mcp_sdp_get_version(answer), ==, version + 1);
            version = mcp_sdp_get_version(answer);
            g_free(text);
            text = g_strdup(mcp_sdp_get_text(answer));
        }
    }
    g_assert_cmpuint(answered, >, 1000);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/media/offer-answer/simple", test_simple);
    g_test_add_func("/media/offer-answer/lines", test_lines);
    g_test_add_func("/media/offer-answer/refusals", test_refusals);
    g_test_add_func("/media/offer-answer/direction", test_direction);
    g_test_add_func("/media/offer-answer/versions", test_versions);
    g_test_add_func("/media/offer-answer/offer", test_offer);
    g_test_add_func("/media/offer-answer/type-clash", test_type_clash);
    g_test_add_func("/media/offer-answer/rtcp", test_rtcp);
    g_test_add_func("/media/offer-answer/properties", test_properties);
    return g_test_run();
}
