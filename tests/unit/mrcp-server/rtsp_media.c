/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of what SETUP says of resources and media. */
#include "rtsp_media.h"

#include <string.h>

#define SDP(lines) "v=0\r\no=x 1 1 IN IP4 192.0.2.1\r\ns=-\r\n" lines

static McpMrcpRtsp *
setup(const char *transport, const char *body)
{
    McpMrcpRtsp *rtsp = mcp_mrcp_rtsp_request_new("SETUP", "rtsp://h/media/speechrecognizer", 1);
    g_autoptr(GBytes) bytes = body != NULL ? g_bytes_new(body, strlen(body)) : NULL;

    if (transport != NULL)
        mcp_mrcp_rtsp_set(rtsp, "Transport", transport);
    if (bytes != NULL)
        mcp_mrcp_rtsp_set_body(rtsp, "application/sdp", bytes);
    return rtsp;
}

static void
test_resource(void)
{
    static const char *const others[] = {"speechrecognizer",
                                         "rtsp://h/",
                                         "*",
                                         "rtsp://h/recorder",
                                         "rtsp://h/speechrecognizer/x",
                                         ""};
    McpMrcpResource kind = MCP_MRCP_RECORDER;

    g_assert_true(mcp_mrcpd_rtsp_resource("rtsp://h:1554/media/SpeechSynthesizer", &kind));
    g_assert_cmpint(kind, ==, MCP_MRCP_SPEECHSYNTH);
    g_assert_true(mcp_mrcpd_rtsp_resource("rtsp://h/a/b/speechrecognizer/?c=d/e", &kind));
    g_assert_cmpint(kind, ==, MCP_MRCP_SPEECHRECOG);
    for (guint i = 0; i < G_N_ELEMENTS(others); i++)
        g_assert_false(mcp_mrcpd_rtsp_resource(others[i], &kind));
}

static const McpSdpMedia *
audio_of(const char *transport, const char *body, guint wanted_port, McpSdp **out_sdp)
{
    g_autoptr(McpMrcpRtsp) request = setup(transport, body);
    guint port = 0;
    guint status = 0;

    *out_sdp = mcp_mrcpd_rtsp_audio(request, "192.0.2.7", &port, &status);
    g_assert_nonnull(*out_sdp);
    g_assert_cmpuint(port, ==, wanted_port);
    return mcp_sdp_get_media(*out_sdp, 0);
}

/* Without a description the client is where it connected from, and has G.711. */
static void
test_plain(void)
{
    g_autoptr(McpSdp) sdp = NULL;
    const McpSdpMedia *audio = audio_of("RTP/AVP;unicast;client_port=4000-4001", NULL, 4000, &sdp);

    g_assert_cmpuint(audio->port, ==, 4000);
    g_assert_cmpstr(audio->address, ==, "192.0.2.7");
    g_assert_cmpuint(audio->n_formats, ==, 3);
    g_assert_cmpstr(audio->formats[0].encoding, ==, "PCMU");
}

/* The port is that of Transport, the address that of the description, if it has one. */
static void
test_described(void)
{
    g_autoptr(McpSdp) any = NULL;
    g_autoptr(McpSdp) own = NULL;
    const McpSdpMedia *audio = audio_of(
        "RTP/AVP;unicast;client_port=4000-4001",
        SDP("c=IN IP4 0.0.0.0\r\nt=0 0\r\nm=audio 0 RTP/AVP 8 0\r\na=sendonly\r\n"), 4000, &any);

    g_assert_cmpuint(audio->port, ==, 4000);
    g_assert_cmpstr(audio->address, ==, "192.0.2.7");
    g_assert_cmpstr(audio->formats[0].encoding, ==, "PCMA");
    g_assert_cmpint(audio->direction, ==, MCP_SDP_SENDONLY);
    audio = audio_of("RTP/AVP;unicast",
                     SDP("c=IN IP4 192.0.2.9\r\nt=0 0\r\nm=video 1 RTP/AVP 31\r\n"
                         "m=audio 4002 RTP/AVP 0\r\n"),
                     0, &own);
    g_assert_cmpuint(mcp_sdp_get_n_media(own), ==, 1);
    g_assert_cmpuint(audio->port, ==, 4002);
    g_assert_cmpstr(audio->address, ==, "192.0.2.9");
}

static void
test_refused(void)
{
    static const struct {
        const char *transport;
        const char *body;
        guint status;
    } rows[] = {
        {NULL, NULL, 461},
        {"RTP/AVP/TCP;interleaved=0-1", NULL, 461},
        {"RTP/AVP;multicast;client_port=4000-4001", NULL, 461},
        {"RTP/AVP;unicast", NULL, 461},
        {"RTP/AVP;unicast;client_port=4000-4001", "hello", 400},
        {"RTP/AVP;unicast;client_port=4000-4001",
         SDP("c=IN IP4 192.0.2.9\r\nt=0 0\r\nm=video 1 RTP/AVP 31\r\n"), 400},
    };

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(McpMrcpRtsp) request = setup(rows[i].transport, rows[i].body);
        guint port = 0;
        guint status = 0;

        g_assert_null(mcp_mrcpd_rtsp_audio(request, "192.0.2.7", &port, &status));
        g_assert_cmpuint(status, ==, rows[i].status);
    }
}

static void
test_transport(void)
{
    static const char text[] = SDP("c=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n");
    g_autoptr(McpSdp) audio = mcp_sdp_parse(text, strlen(text), NULL);
    g_autofree char *both = mcp_mrcpd_rtsp_transport(4000, audio);
    g_autofree char *own = mcp_mrcpd_rtsp_transport(0, audio);

    g_assert_cmpstr(both, ==, "RTP/AVP;unicast;client_port=4000-4001;server_port=5000-5001");
    g_assert_cmpstr(own, ==, "RTP/AVP;unicast;server_port=5000-5001");
}

static void
test_status(void)
{
    static const guint rows[][2] = {{488, 461}, {480, 503}, {487, 503}, {403, 403},
                                    {404, 404}, {503, 503}, {603, 500}, {302, 500}};

    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        g_assert_cmpuint(mcp_mrcpd_rtsp_status(rows[i][0]), ==, rows[i][1]);
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mrcp-server/rtsp-media/resource", test_resource);
    g_test_add_func("/mrcp-server/rtsp-media/plain", test_plain);
    g_test_add_func("/mrcp-server/rtsp-media/described", test_described);
    g_test_add_func("/mrcp-server/rtsp-media/refused", test_refused);
    g_test_add_func("/mrcp-server/rtsp-media/transport", test_transport);
    g_test_add_func("/mrcp-server/rtsp-media/status", test_status);
    return g_test_run();
}
