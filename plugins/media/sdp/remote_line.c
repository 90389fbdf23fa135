/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads one m= line of the other side: codec in common, digits, addresses, direction, packet time.
 * Pure functions.
 */
#include "remote_line.h"

#include "../rtp/source_lock.h"
#include <string.h>

#define PTIME_MIN 10
#define PTIME_MAX 60
#define PTIME_STEP 5

static gboolean
is_offered_here(const McpMediaLocal *local, const McpMediaCodec *codec)
{
    for (guint i = 0; i < local->n_codecs; i++)
        if (local->codecs[i] == codec)
            return TRUE;
    return FALSE;
}

/* How much we like a codec, 0 most; those that are alike stay in the order of the offer. */
static guint
rank(const McpMediaLocal *local, const McpMediaCodec *codec)
{
    guint place = 0;

    while (local->own_order && local->codecs[place] != codec)
        place++;
    return place;
}

/* RFC 3264 §6.1: the order of the offer is the preference of the other side. */
static gboolean
read_codec(const McpMediaLocal *local, const McpSdpMedia *media, McpMediaAgreement *agreement)
{
    for (guint i = 0; i < media->n_formats; i++) {
        const McpSdpFormat *format = &media->formats[i];
        const McpMediaCodec *codec = NULL;
        McpMediaFormat wanted;

        if (format->encoding != NULL)
            codec = mcp_media_codec_find(format->encoding, format->clock_rate, format->channels,
                                         format->fmtp);
        if (codec == NULL || !is_offered_here(local, codec) ||
            (agreement->codec != NULL && rank(local, codec) >= rank(local, agreement->codec)))
            continue;
        mcp_media_format_init(&wanted, codec, &local->options);
        if (mcp_media_format_read(&wanted, format->fmtp)) {
            agreement->codec = codec;
            agreement->format = wanted;
            agreement->send_type = format->payload_type;
            agreement->receive_type = format->payload_type;
        }
    }
    return agreement->codec != NULL;
}

/* RFC 4733 §2.1: events share the RTP clock of the audio that they stand in for. */
static void
read_events(const McpMediaLocal *local, const McpSdpMedia *media, McpMediaAgreement *agreement)
{
    agreement->send_event_type = -1;
    agreement->receive_event_type = -1;
    for (guint i = 0; i < media->n_formats && !local->no_events; i++) {
        const McpSdpFormat *format = &media->formats[i];

        if (format->encoding != NULL &&
            g_ascii_strcasecmp(format->encoding, "telephone-event") == 0 &&
            format->clock_rate == agreement->codec->clock_rate) {
            agreement->send_event_type = format->payload_type;
            agreement->receive_event_type = format->payload_type;
            return;
        }
    }
}

/* RFC 3389 §5.1: beside a codec of its clock; never a codec of its own. */
static void
read_noise(const McpMediaLocal *local, const McpSdpMedia *media, McpMediaAgreement *agreement)
{
    agreement->send_noise_type = -1;
    agreement->receive_noise_type = -1;
    if (local->noise == MCP_MEDIA_NOISE_OFF || !mcp_media_codec_takes_noise(agreement->codec))
        return;
    for (guint i = 0; i < media->n_formats; i++) {
        const McpSdpFormat *format = &media->formats[i];

        if (format->encoding == NULL || g_ascii_strcasecmp(format->encoding, "CN") != 0 ||
            format->clock_rate != MCP_MEDIA_NOISE_CLOCK || format->channels > 1)
            continue;
        agreement->send_noise_type = format->payload_type;
        agreement->receive_noise_type = format->payload_type;
        return;
    }
}

/* RFC 4566 §6: a wish. What frames cannot make of it is the next time below that they can. */
static guint
choose_ptime(const McpMediaLocal *local, const McpSdpMedia *media, const McpMediaCodec *codec)
{
    guint ptime = media->ptime != 0 ? media->ptime : local->ptime;
    guint step = PTIME_STEP;
    guint min = PTIME_MIN;

    if (mcp_media_codec_is_framed(codec)) {
        step = mcp_media_codec_has_short_frames(codec) ? PTIME_MIN : MCP_MEDIA_FRAME_MS;
        min = step;
    }
    if (codec->packing == MCP_MEDIA_PACKING_SPEEX)
        return MCP_MEDIA_FRAME_MS;
    if (media->maxptime != 0)
        ptime = MIN(ptime, media->maxptime);
    ptime -= ptime % step;
    /* Frames of 10 and 20 ms do not share a packet: 30 and 50 ms are three and five of 10. */
    return CLAMP(ptime, min, PTIME_MAX);
}

static McpSdpDirection
mirror(McpSdpDirection direction)
{
    if (direction == MCP_SDP_SENDONLY)
        return MCP_SDP_RECVONLY;
    return direction == MCP_SDP_RECVONLY ? MCP_SDP_SENDONLY : direction;
}

/* RFC 3264 §8.4 for the old hold; RFC 6157 §5.2 has a name under .invalid for IPv6. */
static gboolean
is_hold_address(const char *address)
{
    return strcmp(address, "0.0.0.0") == 0 || strcmp(address, "::") == 0 ||
           g_str_has_suffix(address, ".invalid");
}

/* RFC 3605: "PORT [IN IP4|IP6 ADDRESS]". */
static void
read_rtcp(const McpSdpMedia *media, McpMediaAgreement *agreement)
{
    const char *value = mcp_sdp_media_get_attribute(media, "rtcp");
    g_auto(GStrv) words = NULL;
    struct sockaddr_storage address;
    guint64 port = 0;

    agreement->remote_rtcp = agreement->remote;
    if (agreement->rtcp_mux)
        return;
    mcp_media_address_set_port(&agreement->remote_rtcp, media->port + 1);
    if (value == NULL)
        return;
    words = g_strsplit(value, " ", 5);
    if (words[0] == NULL || !g_ascii_string_to_unsigned(words[0], 10, 1, 65535, &port, NULL))
        return;
    mcp_media_address_set_port(&agreement->remote_rtcp, (guint)port);
    if (g_strv_length(words) == 4 && strcmp(words[1], "IN") == 0 &&
        mcp_media_address_set(&address, words[3], (guint)port) &&
        address.ss_family == agreement->remote.ss_family)
        agreement->remote_rtcp = address;
}

static gboolean
read_address(const McpMediaLocal *local, const McpSdpMedia *media, gboolean ice,
             McpMediaAgreement *agreement)
{
    struct sockaddr_storage own;

    agreement->ice = ice;
    if (ice)
        return TRUE;
    if (media->address == NULL)
        return FALSE;
    if (is_hold_address(media->address)) {
        agreement->direction &= ~MCP_SDP_SENDONLY;
        return TRUE;
    }
    if (!mcp_media_address_set(&agreement->remote, media->address, media->port) ||
        !mcp_media_address_set(&own, local->address, local->port) ||
        own.ss_family != agreement->remote.ss_family)
        return FALSE;
    agreement->has_remote = TRUE;
    read_rtcp(media, agreement);
    return TRUE;
}

static gboolean
read_transport(const McpSdpMedia *media, McpMediaAgreement *agreement)
{
    for (guint i = 0; i < MCP_MEDIA_N_TRANSPORTS; i++) {
        const char *name = mcp_media_transport_name((McpMediaTransport)i);

        if (g_ascii_strcasecmp(media->protocol, name) == 0) {
            agreement->transport = (McpMediaTransport)i;
            return TRUE;
        }
    }
    return FALSE;
}

/* (nullable): what speaks against the protection of the line, or its lack. */
static const char *
judge_protection(const McpMediaLocal *local, McpMediaTransport transport)
{
    if (!mcp_media_transport_is_secure(transport))
        return local->protection == MCP_MEDIA_PROTECTION_REQUIRED
                   ? "not encrypted, and [media] srtp is \"required\""
                   : NULL;
    if (local->protection == MCP_MEDIA_PROTECTION_OFF)
        return "encrypted, and [media] srtp is \"off\"";
    if (mcp_media_transport_is_dtls(transport))
        return local->fingerprint != NULL ? NULL : "DTLS-SRTP, and [media] dtls_srtp is off";
    return local->sdes ? NULL : "keys (a=crypto) that came without TLS ([media] sdes_without_tls)";
}

/* RFC 3611 §5.1: "rtcp-xr:" and formats, "voip-metrics" one of them. */
static gboolean
wants_voip_metrics(const McpSdpMedia *media)
{
    const char *value = mcp_sdp_media_get_attribute(media, "rtcp-xr");

    return value != NULL && strstr(value, "voip-metrics") != NULL;
}

gboolean
mcp_media_remote_line_read(const McpMediaLocal *local, const McpSdpMedia *media, gboolean ice,
                           McpMediaAgreement *out_agreement, const char **out_reason)
{
    McpMediaAgreement agreement = {.active = TRUE};

    *out_reason = NULL;
    if (g_ascii_strcasecmp(media->type, "audio") != 0)
        *out_reason = "not audio";
    else if (!read_transport(media, &agreement))
        *out_reason = "transport is none of RTP/AVP, RTP/AVPF, RTP/SAVP, RTP/SAVPF, "
                      "UDP/TLS/RTP/SAVP, UDP/TLS/RTP/SAVPF";
    else if (media->port == 0 || media->port > 65535)
        *out_reason = "no port";
    else if (!read_codec(local, media, &agreement))
        *out_reason = "no codec in common";
    else
        *out_reason = judge_protection(local, agreement.transport);
    if (*out_reason != NULL)
        return FALSE;
    read_events(local, media, &agreement);
    read_noise(local, media, &agreement);
    agreement.ptime = choose_ptime(local, media, agreement.codec);
    mcp_media_format_set_ptime(&agreement.format, agreement.ptime);
    agreement.direction = mirror(media->direction);
    agreement.rtcp_mux = mcp_sdp_media_get_attribute(media, "rtcp-mux") != NULL;
    agreement.rtcp_reduced = mcp_sdp_media_get_attribute(media, "rtcp-rsize") != NULL;
    agreement.voip_metrics = wants_voip_metrics(media);
    if (!read_address(local, media, ice, &agreement)) {
        *out_reason = "no address of our family";
        return FALSE;
    }
    *out_agreement = agreement;
    return TRUE;
}
