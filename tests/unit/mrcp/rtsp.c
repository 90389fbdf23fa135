/* SPDX-License-Identifier: Apache-2.0 */
/* RTSP as MRCPv1 uses it: messages of both sides, the Transport field, what is refused. */
#include <mrcp/rtsp.h>

#include <mcp/error.h>
#include <string.h>

typedef struct {
    const char *text;
    const char *says;
} Case;

static McpMrcpRtsp *
read_one(const char *text, GError **error)
{
    g_autoptr(McpMrcpRtspParser) parser = mcp_mrcp_rtsp_parser_new(NULL);
    McpMrcpRtsp *rtsp = NULL;

    mcp_mrcp_rtsp_parser_push(parser, text, strlen(text));
    rtsp = mcp_mrcp_rtsp_parser_next(parser, error);
    g_assert_true(rtsp == NULL || mcp_mrcp_rtsp_parser_is_idle(parser));
    return rtsp;
}

static char *
write_one(const McpMrcpRtsp *rtsp)
{
    g_autoptr(GBytes) bytes = mcp_mrcp_rtsp_encode(rtsp);

    return g_strndup(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static void
test_write(void)
{
    g_autoptr(McpMrcpRtsp) request =
        mcp_mrcp_rtsp_request_new("ANNOUNCE", "rtsp://h/media/speechrecognizer", 12);
    g_autoptr(GBytes) body = g_bytes_new_static("STOP 1 MRCP/1.0\r\n\r\n", 19);
    g_autoptr(McpMrcpRtsp) response = NULL;
    g_autofree char *first = NULL;
    g_autofree char *second = NULL;

    mcp_mrcp_rtsp_set(request, "Session", "a37f;timeout=5");
    mcp_mrcp_rtsp_set_body(request, "application/mrcp", body);
    response = mcp_mrcp_rtsp_response_new(request, 200, "OK");
    first = write_one(request);
    second = write_one(response);
    g_assert_cmpstr(first, ==,
                    "ANNOUNCE rtsp://h/media/speechrecognizer RTSP/1.0\r\nCSeq: 12\r\n"
                    "Session: a37f;timeout=5\r\nContent-Type: application/mrcp\r\n"
                    "Content-Length: 19\r\n\r\nSTOP 1 MRCP/1.0\r\n\r\n");
    g_assert_cmpstr(second, ==, "RTSP/1.0 200 OK\r\nCSeq: 12\r\nSession: a37f\r\n\r\n");
}

static void
test_read(void)
{
    static const char *const methods[] = {"SETUP",    "ANNOUNCE", "DESCRIBE",
                                          "TEARDOWN", "OPTIONS",  "GET_PARAMETER"};
    g_autoptr(GError) error = NULL;
    g_autoptr(McpMrcpRtsp) response = read_one(
        "\r\nrtsp/1.0  454\tSession Not  Found\ncseq : 7\nContent-Length: 2\n\nab", &error);
    g_autoptr(McpMrcpRtsp) bare = read_one("RTSP/1.0 200\nCSeq: 7\n\n", NULL);
    guint32 cseq = 0;

    g_assert_no_error(error);
    g_assert_null(response->method);
    g_assert_cmpuint(response->status, ==, 454);
    g_assert_cmpstr(response->reason, ==, "Session Not Found");
    g_assert_true(mcp_mrcp_rtsp_cseq(response, &cseq));
    g_assert_cmpuint(cseq, ==, 7);
    g_assert_cmpmem(g_bytes_get_data(response->body, NULL), g_bytes_get_size(response->body), "ab",
                    2);
    g_assert_cmpstr(bare->reason, ==, "");
    for (guint i = 0; i < G_N_ELEMENTS(methods); i++) {
        g_autofree char *text =
            g_strdup_printf("%s rtsp://h:554/x RTSP/1.0\r\nCSeq: %u\r\n\r\n", methods[i], i);
        g_autoptr(McpMrcpRtsp) request = read_one(text, &error);
        g_autofree char *again = NULL;

        g_assert_no_error(error);
        again = write_one(request);
        g_assert_cmpstr(request->method, ==, methods[i]);
        g_assert_cmpstr(again, ==, text);
    }
}

static void
test_session(void)
{
    static const struct {
        const char *value;
        const char *id;
        guint timeout;
    } cases[] = {{"abc", "abc", 60},
                 {"abc;timeout=30", "abc", 30},
                 {"abc ; x=1; timeout=9", "abc", 9},
                 {"abc;timeout=x", "abc", 60},
                 {"", NULL, 0},
                 {";timeout=4", NULL, 0}};

    for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(McpMrcpRtsp) rtsp = mcp_mrcp_rtsp_request_new("OPTIONS", "*", 1);
        g_autofree char *id = NULL;
        guint timeout = 0;

        mcp_mrcp_rtsp_set(rtsp, "session", cases[i].value);
        id = mcp_mrcp_rtsp_session(rtsp, &timeout);
        g_assert_cmpstr(id, ==, cases[i].id);
        g_assert_cmpuint(timeout, ==, cases[i].timeout);
    }
}

static void
test_transport(void)
{
    g_auto(McpMrcpTransport) first = {0};
    g_auto(McpMrcpTransport) second = {0};
    g_auto(McpMrcpTransport) none = {0};

    g_assert_true(mcp_mrcp_transport_parse(
        "RTP/AVP;unicast;client_port=14000-14001;server_port=15004-15005", &first));
    g_assert_cmpuint(first.client_port, ==, 14000);
    g_assert_cmpuint(first.server_port, ==, 15004);
    g_assert_null(first.destination);
    g_assert_true(mcp_mrcp_transport_parse("RTP/AVP/TCP;interleaved=0-1, RTP/AVP;multicast,"
                                           " rtp/avp/udp ; unicast; Source=192.0.2.1;"
                                           "destination=192.0.2.2;client_port=x;server_port=70000",
                                           &second));
    g_assert_cmpuint(second.client_port, ==, 0);
    g_assert_cmpuint(second.server_port, ==, 0);
    g_assert_cmpstr(second.source, ==, "192.0.2.1");
    g_assert_cmpstr(second.destination, ==, "192.0.2.2");
    g_assert_false(mcp_mrcp_transport_parse("RTP/AVP/TCP;unicast", &none));
    g_assert_false(mcp_mrcp_transport_parse("", &none));
}

static const Case refused[] = {
    {"$\001\002\003", "interleaved"},
    {"\r\n$\001\002\003", "interleaved"},
    {"$\n\nOPTIONS * RTSP/1.0\n\n", "interleaved"},
    {"GET / HTTP/1.1\n\n", "no method, URI and RTSP/1.0"},
    {"OPTIONS * RTSP/2.0\nCSeq: 1\n\n", "no method, URI and RTSP/1.0"},
    {"OPTIONS RTSP/1.0\nCSeq: 1\n\n", "no method, URI and RTSP/1.0"},
    {"OPT:IONS * RTSP/1.0\nCSeq: 1\n\n", "method 'OPT:IONS'"},
    {"OPTIONS \xff RTSP/1.0\nCSeq: 1\n\n", "URI"},
    {"OPTIONS * RTSP/1.0\n\n", "no CSeq"},
    {"OPTIONS * RTSP/1.0\nCSeq: x\n\n", "no CSeq"},
    {"RTSP/1.0 20 OK\nCSeq: 1\n\n", "status code"},
    {"RTSP/1.0 \nCSeq: 1\n\n", "status code"},
    {"RTSP/1.0 200 OK\nCSeq: 1\nContent-Length: x\n\n", "'x' is no number"},
    {"RTSP/1.0 200 OK\nCSeq: 1\nContent-Length: 9999999\n\n", "are allowed"},
};

static void
test_refused(void)
{
    for (guint i = 0; i < G_N_ELEMENTS(refused); i++) {
        g_autoptr(GError) error = NULL;

        g_assert_null(read_one(refused[i].text, &error));
        g_assert_nonnull(error);
        if (strstr(error->message, refused[i].says) == NULL)
            g_error("'%s' says '%s'", refused[i].text, error->message);
    }
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mrcp/rtsp/write", test_write);
    g_test_add_func("/mrcp/rtsp/read", test_read);
    g_test_add_func("/mrcp/rtsp/session", test_session);
    g_test_add_func("/mrcp/rtsp/transport", test_transport);
    g_test_add_func("/mrcp/rtsp/refused", test_refused);
    return g_test_run();
}
