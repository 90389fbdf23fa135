/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptions with control channels: made, answered and read. */
#include <mrcp/description.h>

#include <string.h>

#define LEG                                                                         \
    "v=0\r\no=- 7 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\n"              \
    "t=0 0\r\nm=audio 20000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n" \
    "a=sendrecv\r\n"

static McpSdp *
parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    McpSdp *sdp = mcp_sdp_parse(text, strlen(text), &error);

    g_assert_no_error(error);
    return sdp;
}

static void
test_offer(void)
{
    static const McpMrcpLine lines[] = {
        {.port = 9, .active = TRUE, .resource = (char *)"speechrecog"},
        {.port = 9,
         .active = TRUE,
         .existing = TRUE,
         .tls = TRUE,
         .resource = (char *)"speechsynth"},
    };
    g_autoptr(McpSdp) leg = parse(LEG);
    g_autoptr(McpSdp) offer = mcp_mrcp_describe(leg, lines, 2, MCP_SDP_SENDONLY);
    const McpSdpMedia *audio = NULL;

    g_assert_cmpuint(mcp_sdp_get_n_media(offer), ==, 3);
    g_assert_nonnull(strstr(mcp_sdp_get_text(offer),
                            "m=application 9 TCP/MRCPv2 1\r\na=setup:active\r\n"
                            "a=connection:new\r\na=resource:speechrecog\r\na=cmid:1\r\n"
                            "m=application 9 TCP/TLS/MRCPv2 1\r\na=setup:active\r\n"
                            "a=connection:existing\r\na=resource:speechsynth\r\na=cmid:1\r\n"
                            "m=audio 20000"));
    audio = mcp_sdp_get_media(offer, 2);
    g_assert_cmpint(audio->direction, ==, MCP_SDP_SENDONLY);
    g_assert_cmpstr(mcp_sdp_media_get_attribute(audio, "mid"), ==, "1");
    g_assert_null(strstr(mcp_sdp_get_text(offer), "sendrecv"));
}

/* Where nothing but the audio is described, it needs no name. */
static void
test_audio_alone(void)
{
    g_autoptr(McpSdp) leg = parse(LEG);
    g_autoptr(McpSdp) offer = mcp_mrcp_describe(leg, NULL, 0, MCP_SDP_RECVONLY);

    g_assert_cmpuint(mcp_sdp_get_n_media(offer), ==, 1);
    g_assert_cmpint(mcp_sdp_get_media(offer, 0)->direction, ==, MCP_SDP_RECVONLY);
    g_assert_null(mcp_sdp_media_get_attribute(mcp_sdp_get_media(offer, 0), "mid"));
}

static void
test_read(void)
{
    g_autoptr(McpSdp) answer =
        parse("v=0\r\no=- 1 1 IN IP4 198.51.100.9\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n"
              "m=application 1544 TCP/MRCPv2 1\r\na=setup:passive\r\na=connection:new\r\n"
              "a=channel:32AECB23433802@speechrecog\r\na=cmid:1\r\n"
              "m=application 1545 TCP/TLS/MRCPv2 1\r\nc=IN IP6 2001:db8::7\r\na=setup:passive\r\n"
              "a=connection:existing\r\na=channel:44@speechsynth\r\n"
              "m=application 0 TCP/MRCPv2 1\r\nm=application 5 UDP/BFCP *\r\n"
              "m=audio 4000 RTP/AVP 0\r\na=recvonly\r\na=mid:1\r\nm=video 0 RTP/AVP 31\r\n");
    g_autoptr(GPtrArray) lines = mcp_mrcp_read_lines(answer);
    g_autoptr(McpSdp) audio = mcp_mrcp_read_audio(answer);
    g_autoptr(McpSdp) none = parse("v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nt=0 0\r\n"
                                   "m=application 9 TCP/MRCPv2 1\r\n");
    const McpMrcpLine *line = lines->pdata[0];

    g_assert_cmpuint(lines->len, ==, 3);
    g_assert_cmpuint(line->port, ==, 1544);
    /* Never the address of o=. */
    g_assert_cmpstr(line->address, ==, "192.0.2.7");
    g_assert_cmpstr(line->channel, ==, "32AECB23433802@speechrecog");
    g_assert_cmpstr(line->resource, ==, "speechrecog");
    g_assert_false(line->tls || line->active || line->existing);
    line = lines->pdata[1];
    g_assert_cmpstr(line->address, ==, "2001:db8::7");
    g_assert_true(line->tls && line->existing);
    line = lines->pdata[2];
    g_assert_cmpuint(line->port, ==, 0);
    g_assert_cmpuint(mcp_sdp_get_n_media(audio), ==, 1);
    g_assert_cmpuint(mcp_sdp_get_media(audio, 0)->port, ==, 4000);
    g_assert_cmpint(mcp_sdp_get_media(audio, 0)->direction, ==, MCP_SDP_RECVONLY);
    g_assert_null(mcp_mrcp_read_audio(none));
}

/* Lines in the offer's order; what is not ours, or too much, is refused. */
static void
test_answer(void)
{
    g_autoptr(McpSdp) offer =
        parse("v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n"
              "m=audio 4000 RTP/AVP 0 8\r\na=sendonly\r\na=mid:a7\r\n"
              "m=application 9 TCP/MRCPv2 1\r\na=setup:active\r\na=connection:new\r\n"
              "a=resource:speechrecog\r\na=cmid:a7\r\n"
              "m=application 9 TCP/MRCPv2 1\r\na=setup:active\r\na=resource:recorder\r\n"
              "m=video 4002 RTP/AVP 31 32\r\nm=audio 4004 RTP/AVP 0\r\n");
    static const McpMrcpLine lines[] = {{.port = 1544,
                                         .address = (char *)"2001:db8::1",
                                         .channel = (char *)"1@speechrecog",
                                         .fingerprint = (char *)"SHA-256 AB:CD"},
                                        {.port = 0}};
    g_autoptr(McpSdp) leg = parse(LEG);
    g_autoptr(McpSdp) answer = mcp_mrcp_describe_like(offer, leg, lines, 2);
    g_autoptr(GPtrArray) read = mcp_mrcp_read_lines(answer);
    const McpMrcpLine *line = read->pdata[0];

    g_assert_cmpuint(mcp_sdp_get_n_media(answer), ==, 5);
    g_assert_cmpuint(mcp_sdp_get_media(answer, 0)->port, ==, 20000);
    g_assert_cmpstr(mcp_sdp_media_get_attribute(mcp_sdp_get_media(answer, 0), "mid"), ==, "a7");
    g_assert_cmpuint(mcp_sdp_get_media(answer, 3)->port, ==, 0);
    g_assert_cmpstr(mcp_sdp_get_media(answer, 3)->raw_formats[1], ==, "32");
    g_assert_cmpuint(mcp_sdp_get_media(answer, 4)->port, ==, 0);
    g_assert_cmpuint(read->len, ==, 2);
    g_assert_cmpstr(line->channel, ==, "1@speechrecog");
    /* It belongs to the audio line that the offer says. */
    g_assert_cmpstr(line->cmid, ==, "a7");
    g_assert_cmpstr(line->fingerprint, ==, "SHA-256 AB:CD");
    g_assert_cmpstr(line->address, ==, "2001:db8::1");
    g_assert_false(line->active);
    line = read->pdata[1];
    g_assert_cmpuint(line->port, ==, 0);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mrcp/description/offer", test_offer);
    g_test_add_func("/mrcp/description/audio-alone", test_audio_alone);
    g_test_add_func("/mrcp/description/read", test_read);
    g_test_add_func("/mrcp/description/answer", test_answer);
    return g_test_run();
}
