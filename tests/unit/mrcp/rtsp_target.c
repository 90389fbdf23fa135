/* SPDX-License-Identifier: Apache-2.0 */
/* URIs of servers of MRCPv1 and their resources; what SETUP agrees on. */
#include <mrcp_session/rtsp_target.h>

#include <mcp/error.h>
#include <string.h>

#define OFFER                                                                         \
    "v=0\r\no=- 7 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\n"                \
    "t=0 0\r\nm=audio 20000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n" \
    "a=sendonly\r\n"
#define ANSWER(connection, port)                                           \
    "v=0\r\no=- 1 1 IN IP4 198.51.100.9\r\ns=-\r\n" connection "t=0 0\r\n" \
    "m=audio " port " RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=recvonly\r\n"

static void
test_uris(void)
{
    static const struct {
        const char *target;
        const char *path; /* nullable */
        const char *host;
        guint port;
        gboolean tls;
        const char *uri;
    } rows[] = {
        {"rtsp://mrcp.example", NULL, "mrcp.example", 554, FALSE,
         "rtsp://mrcp.example/media/speechrecognizer"},
        {"rtsp://mrcp.example:1554/", NULL, "mrcp.example", 1554, FALSE,
         "rtsp://mrcp.example:1554/media/speechrecognizer"},
        {"rtsps://192.0.2.7/media//", NULL, "192.0.2.7", 322, TRUE,
         "rtsps://192.0.2.7/media/speechrecognizer"},
        {"rtsp://[2001:db8::7]:554/", "/asr", "2001:db8::7", 554, FALSE,
         "rtsp://[2001:db8::7]:554/asr"},
        {"rtsp://a.example/x?y=1#z", "recog/one", "a.example", 554, FALSE,
         "rtsp://a.example/x/recog/one"},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(McpMrcpRtspTarget) target = {0};
        g_autoptr(GError) error = NULL;
        g_autofree char *uri = NULL;

        g_assert_true(mcp_mrcp_rtsp_target_parse(rows[i].target, &target, &error));
        g_assert_no_error(error);
        g_assert_cmpstr(target.host, ==, rows[i].host);
        g_assert_cmpuint(target.port, ==, rows[i].port);
        g_assert_cmpint(target.tls, ==, rows[i].tls);
        uri = mcp_mrcp_rtsp_target_resource(&target, MCP_MRCP_SPEECHRECOG, rows[i].path);
        g_assert_cmpstr(uri, ==, rows[i].uri);
    }
}

static void
test_no_uris(void)
{
    static const char *const rows[] = {
        "", "sip:mrcp.example", "rtsp:", "//a/b", "rtsp://user@a.example/", "rtsp:///media"};

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        McpMrcpRtspTarget target = {0};
        g_autoptr(GError) error = NULL;

        g_assert_false(mcp_mrcp_rtsp_target_parse(rows[i], &target, &error));
        g_assert_error(error, MCP_ERROR, MCP_ERROR_INVALID);
    }
}

static void
test_move(void)
{
    static const struct {
        const char *location;
        const char *uri; /* NULL: refused */
    } rows[] = {
        {"rtsp://b.example:1554/media/speechrecognizer",
         "rtsp://b.example:1554/media/speechrecognizer"},
        {"rtsp://b.example/pool/media/speechrecognizer",
         "rtsp://b.example/pool/media/speechrecognizer"},
        {"rtsp://b.example", "rtsp://b.example/media/speechrecognizer"},
        {"http://b.example/", NULL},
    };
    g_auto(McpMrcpRtspTarget) from = {0};
    g_autofree char *old = NULL;

    g_assert_true(mcp_mrcp_rtsp_target_parse("rtsp://a.example/", &from, NULL));
    old = mcp_mrcp_rtsp_target_resource(&from, MCP_MRCP_SPEECHRECOG, NULL);
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_auto(McpMrcpRtspTarget) to = {0};
        g_autofree char *uri = NULL;

        g_assert_cmpint(mcp_mrcp_rtsp_target_move(&from, old, rows[i].location, &to, NULL), ==,
                        rows[i].uri != NULL);
        if (rows[i].uri == NULL)
            continue;
        uri = mcp_mrcp_rtsp_target_resource(&to, MCP_MRCP_SPEECHRECOG, NULL);
        g_assert_cmpstr(uri, ==, rows[i].uri);
    }
}

static McpSdp *
parse(const char *text)
{
    McpSdp *sdp = mcp_sdp_parse(text, strlen(text), NULL);

    g_assert_nonnull(sdp);
    return sdp;
}

static void
test_answers(void)
{
    static const struct {
        const char *transport;   /* nullable */
        const char *description; /* nullable */
        const char *address;     /* NULL: refused */
        guint port;
        guint payload_type;
    } rows[] = {
        {"RTP/AVP;unicast;client_port=20000-20001;server_port=4000-4001",
         ANSWER("c=IN IP4 192.0.2.7\r\n", "4000"), "192.0.2.7", 4000, 0},
        {"RTP/AVP;unicast;server_port=4002-4003", ANSWER("c=IN IP4 192.0.2.7\r\n", "0"),
         "192.0.2.7", 4002, 0},
        {NULL, ANSWER("c=IN IP4 192.0.2.7\r\n", "4004"), "192.0.2.7", 4004, 0},
        {"RTP/AVP;unicast;server_port=4006;source=192.0.2.8",
         ANSWER("c=IN IP4 0.0.0.0\r\n", "4006"), "192.0.2.8", 4006, 0},
        {"RTP/AVP;unicast;server_port=4008", ANSWER("", "4008"), "192.0.2.9", 4008, 0},
        {"RTP/AVP;unicast;server_port=4010", NULL, "192.0.2.9", 4010, 8},
        {"RTP/AVP;unicast", NULL, NULL, 0, 0},
        {"RTP/AVP/TCP;unicast;interleaved=0-1", ANSWER("", "4000"), NULL, 0, 0},
        {"RTP/AVP;unicast;server_port=4000", "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nt=0 0\r\n",
         NULL, 0, 0},
    };
    g_autoptr(McpSdp) offer = parse(OFFER);
    g_autoptr(McpMrcpRtsp) request = mcp_mrcp_rtsp_request_new("SETUP", "rtsp://a/", 1);
    g_autofree char *field = mcp_mrcp_rtsp_transport(offer);

    g_assert_cmpstr(field, ==, "RTP/AVP;unicast;client_port=20000-20001");
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(McpMrcpRtsp) response = mcp_mrcp_rtsp_response_new(request, 200, "OK");
        const char *text = rows[i].description != NULL ? rows[i].description : "";
        g_autoptr(GBytes) body = g_bytes_new(text, strlen(text));
        g_autoptr(GError) error = NULL;
        g_autoptr(McpSdp) answer = NULL;
        const McpSdpMedia *audio = NULL;

        if (rows[i].transport != NULL)
            mcp_mrcp_rtsp_set(response, "Transport", rows[i].transport);
        mcp_mrcp_rtsp_set_body(response, "application/sdp", body);
        answer = mcp_mrcp_rtsp_answer(response, offer, "192.0.2.9", &error);
        if (rows[i].address == NULL) {
            g_assert_null(answer);
            g_assert_error(error, MCP_ERROR, MCP_ERROR_MEDIA);
            continue;
        }
        g_assert_no_error(error);
        g_assert_cmpuint(mcp_sdp_get_n_media(answer), ==, 1);
        audio = mcp_sdp_get_media(answer, 0);
        g_assert_cmpuint(audio->port, ==, rows[i].port);
        g_assert_cmpstr(audio->address, ==, rows[i].address);
        g_assert_cmpuint(audio->formats[0].payload_type, ==, rows[i].payload_type);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mrcp/target/uris", test_uris);
    g_test_add_func("/mrcp/target/no-uris", test_no_uris);
    g_test_add_func("/mrcp/target/move", test_move);
    g_test_add_func("/mrcp/target/answers", test_answers);
    return g_test_run();
}
