/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What SETUP says of media (RFC 4463 §3.3, §6.1): which resource, and from where to where the audio
 * goes, by a description or by Transport alone. Pure functions.
 */
#include "rtsp_media.h"

#include <mrcp/description.h>
#include <string.h>

gboolean
mcp_mrcpd_rtsp_resource(const char *uri, McpMrcpResource *out_resource)
{
    g_autofree char *bare = g_strndup(uri, strcspn(uri, "?"));
    const char *slash = NULL;

    if (g_str_has_suffix(bare, "/"))
        bare[strlen(bare) - 1] = '\0';
    slash = strrchr(bare, '/');
    return slash != NULL && mcp_mrcp_resource_find(MCP_MRCP_V1, slash + 1, out_resource) &&
           *out_resource < MCP_MRCPD_RTSP_KINDS;
}

/* What a client without a description offers. */
static char *
plain_description(const char *address, guint port)
{
    return g_strdup_printf("v=0\r\no=- 0 0 IN IP%c %s\r\ns=-\r\nc=IN IP%c %s\r\nt=0 0\r\n"
                           "m=audio %u RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n",
                           strchr(address, ':') != NULL ? '6' : '4', address,
                           strchr(address, ':') != NULL ? '6' : '4', address, port);
}

/* The address of a description may be "any" (RFC 2326 §C.1.7); the port is that of Transport. */
static char *
adjust_description(const McpSdp *sdp, const char *address, guint port)
{
    g_auto(GStrv) lines = g_strsplit(mcp_sdp_get_text(sdp), "\r\n", -1);
    g_autoptr(GString) out = g_string_new(NULL);

    for (guint i = 0; lines[i] != NULL; i++) {
        const char *rest = lines[i];

        if (rest[0] == '\0')
            continue;
        if (g_str_has_prefix(rest, "c=") && strstr(rest, " 0.0.0.0") != NULL) {
            g_string_append_printf(out, "c=IN IP4 %s\r\n", address);
        } else if (g_str_has_prefix(rest, "m=audio ") && port != 0) {
            rest += strlen("m=audio ");
            g_string_append_printf(out, "m=audio %u%s\r\n", port, rest + strcspn(rest, " "));
        } else {
            g_string_append_printf(out, "%s\r\n", rest);
        }
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

McpSdp *
mcp_mrcpd_rtsp_audio(const McpMrcpRtsp *setup, const char *peer, guint *out_client_port,
                     guint *out_status)
{
    const char *value = mcp_mrcp_rtsp_get(setup, "Transport");
    g_auto(McpMrcpTransport) transport = {0};
    g_autoptr(McpSdp) sdp = NULL;
    g_autoptr(McpSdp) audio = NULL;
    g_autofree char *text = NULL;
    gsize length = 0;
    const char *data = setup->body != NULL ? g_bytes_get_data(setup->body, &length) : NULL;

    *out_status = 461;
    if (value == NULL || !mcp_mrcp_transport_parse(value, &transport) ||
        (transport.client_port == 0 && data == NULL))
        return NULL;
    *out_status = 400;
    if (data != NULL)
        sdp = mcp_sdp_parse(data, length, NULL);
    if (sdp != NULL)
        audio = mcp_mrcp_read_audio(sdp);
    if (data != NULL && audio == NULL)
        return NULL;
    *out_client_port = transport.client_port;
    text = audio != NULL ? adjust_description(audio, peer, transport.client_port)
                         : plain_description(peer, transport.client_port);
    return mcp_sdp_parse(text, strlen(text), NULL);
}

/* RFC 2326 §12.39 */
char *
mcp_mrcpd_rtsp_transport(guint client_port, const McpSdp *audio)
{
    guint port = mcp_sdp_get_media(audio, 0)->port;

    if (client_port == 0)
        return g_strdup_printf("RTP/AVP;unicast;server_port=%u-%u", port, port + 1);
    return g_strdup_printf("RTP/AVP;unicast;client_port=%u-%u;server_port=%u-%u", client_port,
                           client_port + 1, port, port + 1);
}

guint
mcp_mrcpd_rtsp_status(guint status)
{
    /* No codec in common. */
    if (status == 488)
        return 461;
    if (status == 480 || status == 487)
        return 503;
    return status >= 400 && status <= 505 ? status : 500;
}
