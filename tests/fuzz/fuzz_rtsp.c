/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzz target of RTSP as MRCPv1 uses it: the input as a stream in pieces of a size that its length
 * chooses; each message is written and read again, its Session and Transport are looked at, a
 * request gets a response, and what is an answer is one to SETUP. libFuzzer calls from one thread.
 */
#include <mrcp_session/rtsp_target.h>

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const McpMrcpLimits limits = {
    .max_line = 300, .max_head = 1000, .max_fields = 12, .max_body = 1000};

static void
write_again(const McpMrcpRtsp *rtsp)
{
    g_autoptr(GBytes) bytes = mcp_mrcp_rtsp_encode(rtsp);
    g_autoptr(McpMrcpRtspParser) parser = mcp_mrcp_rtsp_parser_new(NULL);
    g_autoptr(McpMrcpRtsp) again = NULL;
    g_autoptr(GBytes) same = NULL;

    mcp_mrcp_rtsp_parser_push(parser, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    again = mcp_mrcp_rtsp_parser_next(parser, NULL);
    if (again == NULL || !mcp_mrcp_rtsp_parser_is_idle(parser))
        __builtin_trap();
    same = mcp_mrcp_rtsp_encode(again);
    if (!g_bytes_equal(bytes, same))
        __builtin_trap();
}

/* What stands in it is a place for audio, or none with a reason. */
static void
take_set_up(const McpMrcpRtsp *rtsp)
{
    static const char offer[] = "v=0\r\no=- 7 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\n"
                                "t=0 0\r\nm=audio 20000 RTP/AVP 8 0\r\n";
    g_autoptr(McpSdp) offered = mcp_sdp_parse(offer, strlen(offer), NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(McpSdp) answer = mcp_mrcp_rtsp_answer(rtsp, offered, "192.0.2.9", &error);

    if ((answer == NULL) != (error != NULL) ||
        (answer != NULL &&
         (mcp_sdp_get_n_media(answer) != 1 || mcp_sdp_get_media(answer, 0)->port == 0 ||
          mcp_sdp_get_media(answer, 0)->address == NULL)))
        __builtin_trap();
}

/* Where a server may send whom. */
static void
take_location(const char *location)
{
    g_auto(McpMrcpRtspTarget) from = {0};
    g_auto(McpMrcpRtspTarget) to = {0};
    g_autofree char *uri = NULL;

    if (!mcp_mrcp_rtsp_target_parse("rtsp://192.0.2.1/", &from, NULL))
        __builtin_trap();
    uri = mcp_mrcp_rtsp_target_resource(&from, MCP_MRCP_SPEECHRECOG, NULL);
    if (mcp_mrcp_rtsp_target_move(&from, uri, location, &to, NULL) &&
        (to.host == NULL || to.port == 0 || to.port > G_MAXUINT16))
        __builtin_trap();
}

static void
look_at(const McpMrcpRtsp *rtsp)
{
    const char *value = mcp_mrcp_rtsp_get(rtsp, "Transport");
    g_auto(McpMrcpTransport) transport = {0};
    guint timeout = 0;
    g_autofree char *session = mcp_mrcp_rtsp_session(rtsp, &timeout);

    if (value != NULL && mcp_mrcp_transport_parse(value, &transport) &&
        (transport.client_port > G_MAXUINT16 || transport.server_port > G_MAXUINT16))
        __builtin_trap();
    write_again(rtsp);
    if (rtsp->method == NULL)
        take_set_up(rtsp);
    if (mcp_mrcp_rtsp_get(rtsp, "Location") != NULL)
        take_location(mcp_mrcp_rtsp_get(rtsp, "Location"));
    if (rtsp->method != NULL) {
        g_autoptr(McpMrcpRtsp) response = mcp_mrcp_rtsp_response_new(rtsp, 200, "OK");

        write_again(response);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(McpMrcpRtspParser) parser = mcp_mrcp_rtsp_parser_new(&limits);
    g_autoptr(GError) error = NULL;
    size_t piece = size % 7 * 40 + 1;

    for (size_t at = 0; at < size && error == NULL; at += piece) {
        McpMrcpRtsp *rtsp = NULL;

        mcp_mrcp_rtsp_parser_push(parser, data + at, MIN(piece, size - at));
        while ((rtsp = mcp_mrcp_rtsp_parser_next(parser, &error)) != NULL) {
            look_at(rtsp);
            mcp_mrcp_rtsp_free(rtsp);
        }
    }
    return 0;
}
