/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bench's SIP and SDP syntax, and the keys of "mcp-load call".
 */
#include "../../bench/sip_message.h"

#include "../../bench/single_call.h"
#include "../../bench/sip_transport.h"

#include <string.h>

static const char response[] = "SIP/2.0 200 OK\r\n"
                               "v: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1\r\n"
                               "f: <sip:load@127.0.0.1>;tag=a\r\n"
                               "t: \"A ; b\" <sip:play@host;x=y>\r\n ;tag=b7\r\n"
                               "i: 7.x@127.0.0.1\r\n"
                               "CSEQ: 31 INVITE\r\n"
                               "Record-Route: <sip:p1;lr>\r\n"
                               "record-route: <sip:p2;lr>\r\n"
                               "m: <sip:server@127.0.0.1:5070>;expires=3\r\n"
                               "l: 5\r\n\r\nhello and more";

static void
test_parse_response(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(McpBenchSipMessage) message = mcp_bench_sip_parse(response, strlen(response), &error);
    g_assert_no_error(error);
    g_assert_false(message->is_request);
    g_assert_cmpuint(message->status, ==, 200);
    g_assert_cmpstr(message->reason, ==, "OK");
    g_assert_cmpstr(message->method, ==, "INVITE");
    g_assert_cmpuint(message->cseq, ==, 31);
    g_assert_cmpstr(mcp_bench_sip_header(message, "Call-ID"), ==, "7.x@127.0.0.1");
    g_assert_cmpstr(mcp_bench_sip_header_at(message, "Record-Route", 1), ==, "<sip:p2;lr>");
    g_assert_null(mcp_bench_sip_header_at(message, "Record-Route", 2));
    g_assert_cmpuint(message->body_length, ==, 5);
    g_autofree char *tag = mcp_bench_sip_parameter(mcp_bench_sip_header(message, "To"), "tag");
    g_assert_cmpstr(tag, ==, "b7");
    g_autofree char *uri = mcp_bench_sip_uri_of(mcp_bench_sip_header(message, "Contact"));
    g_assert_cmpstr(uri, ==, "sip:server@127.0.0.1:5070");
    g_assert_null(mcp_bench_sip_parameter(mcp_bench_sip_header(message, "To"), "x"));
}

static void
test_respond(void)
{
    const char request[] = "BYE sip:load@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=1\r\n"
                           "Via: SIP/2.0/UDP b;branch=2\r\nFrom: <sip:s>;tag=s\r\n"
                           "To: <sip:load>\r\nCall-ID: 1\r\nCSeq: 2 BYE\r\n\r\n";
    g_autoptr(McpBenchSipMessage) message = mcp_bench_sip_parse(request, strlen(request), NULL);
    g_assert_nonnull(message);
    g_assert_true(message->is_request);
    g_assert_cmpstr(message->method, ==, "BYE");
    g_assert_cmpstr(message->request_uri, ==, "sip:load@127.0.0.1");
    g_autoptr(GString) text = g_string_new(NULL);
    mcp_bench_sip_append_response(text, message, "200 OK", "t", "X: y\r\n", "ab");
    g_autoptr(McpBenchSipMessage) back = mcp_bench_sip_parse(text->str, text->len, NULL);
    g_assert_nonnull(back);
    g_assert_cmpstr(mcp_bench_sip_header_at(back, "Via", 1), ==, "SIP/2.0/UDP b;branch=2");
    g_assert_cmpstr(mcp_bench_sip_header(back, "To"), ==, "<sip:load>;tag=t");
    g_assert_cmpstr(mcp_bench_sip_header(back, "X"), ==, "y");
    g_assert_cmpuint(back->body_length, ==, 2);
    g_assert_cmpint(mcp_bench_sip_frame(text->str, text->len), ==, (gssize)text->len);
}

static void
test_refuse(void)
{
    static const char *const wrong[] = {
        "",
        "\r\n\r\n",
        "SIP/2.0 99 Low\r\nCSeq: 1 INVITE\r\n\r\n",
        "SIP/2.0 700 High\r\nCSeq: 1 INVITE\r\n\r\n",
        "INVITE\r\nCSeq: 1 INVITE\r\n\r\n",
        "INVITE sip:a SIP/3.0\r\nCSeq: 1 INVITE\r\n\r\n",
        "INVITE sip:a SIP/2.0\r\n\r\n",
        "INVITE sip:a SIP/2.0\r\nno colon\r\nCSeq: 1 INVITE\r\n\r\n",
        "INVITE sip:a SIP/2.0\r\nCSeq: x INVITE\r\n\r\n",
    };
    for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(mcp_bench_sip_parse(wrong[i], strlen(wrong[i]), &error));
        g_assert_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
    }
}

/* Any cut and any changed byte of a good message is read or refused, without a report. */
static void
test_mutations(void)
{
    gsize length = strlen(response);
    g_autoptr(GRand) rand = g_rand_new_with_seed(5);
    for (gsize cut = 0; cut < length; cut++) {
        g_autoptr(McpBenchSipMessage) message = mcp_bench_sip_parse(response, cut, NULL);
        g_assert_true(message == NULL || message->n_headers > 0);
    }
    for (guint i = 0; i < 20000; i++) {
        g_autofree char *text = g_strdup(response);
        text[g_rand_int_range(rand, 0, (gint32)length)] = (char)g_rand_int(rand);
        g_autoptr(McpBenchSipMessage) message = mcp_bench_sip_parse(text, length, NULL);
        mcp_bench_sip_frame(text, length);
        const char *to = message != NULL ? mcp_bench_sip_header(message, "To") : NULL;
        if (to != NULL)
            g_free(mcp_bench_sip_parameter(to, "tag"));
    }
}

static void
test_frame(void)
{
    const char two[] = "\r\n\r\nBYE sip:a SIP/2.0\r\nContent-Length : 3\r\n\r\nabcBYE";
    gsize length = strlen(two);
    g_assert_cmpint(mcp_bench_sip_frame(two, length), ==, (gssize)length - 3);
    g_assert_cmpint(mcp_bench_sip_frame(two, length - 4), ==, 0);
    g_assert_cmpint(mcp_bench_sip_frame(two, 10), ==, 0);
    g_autofree char *endless = g_strnfill(70000, 'x');
    g_assert_cmpint(mcp_bench_sip_frame(endless, 70000), ==, -1);
}

static void
test_sdp(void)
{
    const char other[] = "v=0\r\nc=IN IP4 10.0.0.1\r\nm=video 9 RTP/AVP 31\r\nc=IN IP4 10.0.0.2\r\n"
                         "m=audio 4002 RTP/AVP 8 96\r\nc=IN IP4 10.0.0.3\r\n"
                         "a=rtpmap:96 telephone-event/8000\r\nm=audio 5000 RTP/AVP 0\r\n";
    McpBenchSdpAudio audio;
    g_autofree char *ours =
        mcp_bench_sdp_new("127.0.1.9", 4000, 4001, mcp_bench_codec_get(MCP_BENCH_PCMU), 101);
    g_assert_true(mcp_bench_sdp_parse(ours, strlen(ours), &audio, NULL));
    g_assert_cmpstr(audio.address, ==, "127.0.1.9");
    g_assert_cmpuint(audio.port, ==, 4000);
    g_assert_cmpint(audio.payload_type, ==, 0);
    g_assert_cmpint(audio.event_type, ==, 101);
    g_autofree char *opus =
        mcp_bench_sdp_new("127.0.1.9", 4000, 4001, mcp_bench_codec_get(MCP_BENCH_OPUS), 101);
    g_assert_nonnull(strstr(opus, " RTP/AVP 111 101\r\na=rtpmap:111 opus/48000/2\r\n"));
    g_assert_nonnull(strstr(opus, "a=rtpmap:101 telephone-event/48000\r\n"));
    g_assert_true(mcp_bench_sdp_parse(opus, strlen(opus), &audio, NULL));
    g_assert_cmpint(audio.payload_type, ==, 111);
    g_assert_cmpint(audio.event_type, ==, 101);
    g_autofree char *third = mcp_bench_sip_target_of("sip:room{}@127.0.0.1", 3);
    g_assert_cmpstr(third, ==, "sip:room3@127.0.0.1");
    g_assert_true(mcp_bench_sdp_parse(other, strlen(other), &audio, NULL));
    g_assert_cmpstr(audio.address, ==, "10.0.0.3");
    g_assert_cmpuint(audio.port, ==, 4002);
    g_assert_cmpint(audio.event_type, ==, 96);
    g_assert_false(mcp_bench_sdp_parse("v=0\r\n", 5, &audio, NULL));
    const char off[] = "c=IN IP4 10.0.0.1\r\nm=audio 0 RTP/AVP 0\r\n";
    g_assert_false(mcp_bench_sdp_parse(off, strlen(off), &audio, NULL));
}

static void
test_target(void)
{
    struct sockaddr_in server;
    gboolean tcp = FALSE;
    g_assert_true(
        mcp_bench_sip_parse_target("sip:play@127.0.0.1:5070;transport=tcp", &server, &tcp, NULL));
    g_assert_true(tcp);
    g_assert_cmpuint(ntohs(server.sin_port), ==, 5070);
    g_assert_true(mcp_bench_sip_parse_target("sip:127.0.0.1", &server, &tcp, NULL));
    g_assert_false(tcp);
    g_assert_cmpuint(ntohs(server.sin_port), ==, 5060);
    g_assert_false(mcp_bench_sip_parse_target("http://127.0.0.1", &server, &tcp, NULL));
    g_assert_false(mcp_bench_sip_parse_target("sip:a@127.0.0.1:99999", &server, &tcp, NULL));
}

static void
test_digits(void)
{
    g_autoptr(GArray) digits = mcp_load_parse_digits("1,*d", "2,4.5", NULL);
    g_assert_nonnull(digits);
    g_assert_cmpuint(digits->len, ==, 3);
    g_assert_cmpuint(g_array_index(digits, McpLoadDigit, 0).at_packet, ==, 100);
    g_assert_cmpuint(g_array_index(digits, McpLoadDigit, 1).event, ==, 10);
    g_assert_cmpuint(g_array_index(digits, McpLoadDigit, 2).event, ==, 15);
    g_assert_cmpuint(g_array_index(digits, McpLoadDigit, 2).at_packet, ==, 250);
    g_assert_null(mcp_load_parse_digits("1x", NULL, NULL));
    g_assert_null(mcp_load_parse_digits("12", "2,2.1", NULL));
    g_assert_null(mcp_load_parse_digits("1", "soon", NULL));
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/bench/sip/parse-response", test_parse_response);
    g_test_add_func("/bench/sip/respond", test_respond);
    g_test_add_func("/bench/sip/refuse", test_refuse);
    g_test_add_func("/bench/sip/mutations", test_mutations);
    g_test_add_func("/bench/sip/frame", test_frame);
    g_test_add_func("/bench/sip/sdp", test_sdp);
    g_test_add_func("/bench/sip/target", test_target);
    g_test_add_func("/bench/call/digits", test_digits);
    return g_test_run();
}
