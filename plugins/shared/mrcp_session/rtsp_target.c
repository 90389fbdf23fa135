/* SPDX-License-Identifier: Apache-2.0 */
/*
 * URIs of servers of MRCPv1 and their resources (RFC 4463 §2.2), and the ports and the description
 * that SETUP agrees on (RFC 2326 §12.39). Pure functions.
 */
#include "rtsp_target.h"

#include <mcp/error.h>
#include <mrcp/description.h>
#include <string.h>

#define PORT_RTSP 554
#define PORT_RTSPS 322
#define FOLDER "media"

/* --- URIs --- */

void
mcp_mrcp_rtsp_target_clear(McpMrcpRtspTarget *target)
{
    g_clear_pointer(&target->host, g_free);
    g_clear_pointer(&target->uri, g_free);
}

gboolean
mcp_mrcp_rtsp_target_parse(const char *uri, McpMrcpRtspTarget *out_target, GError **error)
{
    g_autoptr(GUri) parsed = g_uri_parse(uri, G_URI_FLAGS_ENCODED, NULL);
    const char *scheme = parsed != NULL ? g_uri_get_scheme(parsed) : "";
    const char *host = parsed != NULL ? g_uri_get_host(parsed) : NULL;
    gboolean tls = strcmp(scheme, "rtsps") == 0;
    gsize length = strcspn(uri, "?#");

    if ((!tls && strcmp(scheme, "rtsp") != 0) || host == NULL || host[0] == '\0' ||
        g_uri_get_userinfo(parsed) != NULL) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "'%.80s' is no rtsp: URI of a server",
                    uri);
        return FALSE;
    }
    while (length > 0 && uri[length - 1] == '/')
        length--;
    *out_target = (McpMrcpRtspTarget){
        .host = g_strdup(host),
        .port = g_uri_get_port(parsed) > 0 ? (guint)g_uri_get_port(parsed)
                                           : (tls ? PORT_RTSPS : PORT_RTSP),
        .uri = g_strndup(uri, length),
        .has_path = strspn(g_uri_get_path(parsed), "/") < strlen(g_uri_get_path(parsed)),
        .tls = tls,
    };
    return TRUE;
}

char *
mcp_mrcp_rtsp_target_resource(const McpMrcpRtspTarget *target, McpMrcpResource resource,
                              const char *path)
{
    if (path != NULL)
        return g_strdup_printf("%s/%s", target->uri, path + strspn(path, "/"));
    return g_strdup_printf(target->has_path ? "%s/%s" : "%s/" FOLDER "/%s", target->uri,
                           mcp_mrcp_resource_name(MCP_MRCP_V1, resource));
}

gboolean
mcp_mrcp_rtsp_target_move(const McpMrcpRtspTarget *target, const char *uri, const char *location,
                          McpMrcpRtspTarget *out_target, GError **error)
{
    const char *path = uri + strlen(target->uri);
    g_autofree char *base = NULL;

    if (!g_str_has_suffix(location, path))
        return mcp_mrcp_rtsp_target_parse(location, out_target, error);
    base = g_strndup(location, strlen(location) - strlen(path));
    if (!mcp_mrcp_rtsp_target_parse(base, out_target, error))
        return FALSE;
    /* The resources are below it as they were. */
    out_target->has_path = target->has_path;
    return TRUE;
}

/* --- what SETUP agrees on --- */

static const McpSdpMedia *
audio_of(McpSdp *sdp)
{
    for (guint i = 0; i < mcp_sdp_get_n_media(sdp); i++)
        if (strcmp(mcp_sdp_get_media(sdp, i)->type, "audio") == 0)
            return mcp_sdp_get_media(sdp, i);
    return NULL;
}

char *
mcp_mrcp_rtsp_transport(McpSdp *offer)
{
    const McpSdpMedia *audio = audio_of(offer);
    guint port = audio != NULL ? audio->port : 0;

    return g_strdup_printf("RTP/AVP;unicast;client_port=%u-%u", port, port + 1);
}

static gboolean
is_address(const char *address)
{
    return address != NULL && strcmp(address, "0.0.0.0") != 0 && strcmp(address, "::") != 0 &&
           g_hostname_is_ip_address(address);
}

/* A server that describes nothing does as offered, with the codec that is preferred. */
static McpSdp *
describe(McpSdp *offer, guint port, const char *address)
{
    const McpSdpMedia *audio = audio_of(offer);
    McpSdpBuilder *builder = mcp_sdp_builder_new(1, 1, address);
    g_autofree char *map = NULL;
    const McpSdpFormat *format = &audio->formats[0];

    mcp_sdp_builder_add_media(builder, "audio", port, "RTP/AVP", audio->raw_formats[0]);
    map = g_strdup_printf("%u %s/%u", format->payload_type, format->encoding, format->clock_rate);
    mcp_sdp_builder_add_media_attribute(builder, "rtpmap", map);
    return mcp_sdp_builder_finish(builder);
}

/* @sdp with another port and address of its audio. */
static McpSdp *
place(McpSdp *sdp, guint port, const char *address, GError **error)
{
    g_auto(GStrv) lines = g_strsplit(mcp_sdp_get_text(sdp), "\r\n", -1);
    g_autoptr(GString) out = g_string_new(NULL);

    for (guint i = 0; lines[i] != NULL; i++) {
        if (g_str_has_prefix(lines[i], "m=audio ")) {
            const char *rest = strchr(lines[i] + strlen("m=audio "), ' ');

            g_string_append_printf(out, "m=audio %u%s\r\n", port, rest != NULL ? rest : "");
            g_string_append_printf(out, "c=IN IP%c %s\r\n",
                                   strchr(address, ':') != NULL ? '6' : '4', address);
        } else if (lines[i][0] != '\0' && !g_str_has_prefix(lines[i], "c=")) {
            g_string_append_printf(out, "%s\r\n", lines[i]);
        }
    }
    return mcp_sdp_parse(out->str, out->len, error);
}

static McpSdp *
read_description(const McpMrcpRtsp *response, GError **error)
{
    gsize length = 0;
    const char *text = g_bytes_get_data(response->body, &length);
    g_autoptr(McpSdp) sdp = mcp_sdp_parse(text, length, error);
    McpSdp *audio = NULL;

    if (sdp == NULL)
        return NULL;
    audio = mcp_mrcp_read_audio(sdp);
    if (audio == NULL)
        g_set_error(error, MCP_ERROR, MCP_ERROR_MEDIA, "answers without audio");
    return audio;
}

McpSdp *
mcp_mrcp_rtsp_answer(const McpMrcpRtsp *response, McpSdp *offer, const char *remote, GError **error)
{
    const char *field = mcp_mrcp_rtsp_get(response, "Transport");
    g_auto(McpMrcpTransport) transport = {0};
    g_autoptr(McpSdp) answer = NULL;
    const McpSdpMedia *audio = NULL;
    const char *address = NULL;
    guint port = 0;

    if (field != NULL && !mcp_mrcp_transport_parse(field, &transport)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_MEDIA, "answers with the transport '%.80s'", field);
        return NULL;
    }
    if (response->body != NULL && g_bytes_get_size(response->body) > 0) {
        answer = read_description(response, error);
        if (answer == NULL)
            return NULL;
        audio = audio_of(answer);
        address = audio->address;
        port = audio->port;
    }
    /* What is agreed on in RTSP counts (RFC 2326 §C.1.5): some describe no port. */
    port = transport.server_port != 0 ? transport.server_port : port;
    if (!is_address(address))
        address = is_address(transport.source) ? transport.source : remote;
    if (port == 0) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_MEDIA, "names no port for the audio");
        return NULL;
    }
    return answer != NULL ? place(answer, port, address, error) : describe(offer, port, address);
}
