/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines that we write: of audio, and those that we refuse. Pure functions.
 */
#include "negotiation.h"

const guint mcp_media_event_clocks[MCP_MEDIA_EVENT_CLOCKS] = {8000, 16000, 48000};

guint
mcp_media_event_clock(const McpMediaCodec *codec)
{
    for (guint i = 1; i < MCP_MEDIA_EVENT_CLOCKS; i++)
        if (codec->clock_rate == mcp_media_event_clocks[i])
            return i;
    return 0;
}

static const char *
direction_name(McpSdpDirection direction)
{
    static const char *const names[] = {"inactive", "sendonly", "recvonly", "sendrecv"};

    return names[direction];
}

static void
add_rtpmap(McpSdpBuilder *builder, guint type, const char *encoding, guint rate, guint channels)
{
    g_autofree char *value = channels > 1
                                 ? g_strdup_printf("%u %s/%u/%u", type, encoding, rate, channels)
                                 : g_strdup_printf("%u %s/%u", type, encoding, rate);

    mcp_sdp_builder_add_media_attribute(builder, "rtpmap", value);
}

static void
add_fmtp(McpSdpBuilder *builder, guint type, const char *parameters)
{
    g_autofree char *value = g_strdup_printf("%u %s", type, parameters);

    mcp_sdp_builder_add_media_attribute(builder, "fmtp", value);
}

static void
add_format(McpSdpBuilder *builder, guint type, const McpMediaFormat *format)
{
    const McpMediaCodec *codec = format->codec;
    g_autofree char *parameters = mcp_media_format_write(format);

    add_rtpmap(builder, type, codec->encoding, codec->clock_rate, codec->channels);
    if (parameters != NULL)
        add_fmtp(builder, type, parameters);
}

static void
add_events(McpSdpBuilder *builder, guint type, guint rate)
{
    add_rtpmap(builder, type, "telephone-event", rate, 1);
    add_fmtp(builder, type, "0-15");
}

static void
add_tail(McpSdpBuilder *builder, guint ptime, McpSdpDirection direction, gboolean rtcp_mux)
{
    g_autofree char *value = g_strdup_printf("%u", ptime);

    mcp_sdp_builder_add_media_attribute(builder, "ptime", value);
    mcp_sdp_builder_add_media_attribute(builder, direction_name(direction), NULL);
    if (rtcp_mux)
        mcp_sdp_builder_add_media_attribute(builder, "rtcp-mux", NULL);
}

/* §6: a refused line keeps its place, type, transport and formats, with port 0. */
void
mcp_media_own_line_refuse(McpSdpBuilder *builder, const McpSdpMedia *media)
{
    g_autofree char *formats = g_strjoinv(" ", media->raw_formats);

    mcp_sdp_builder_add_media(builder, media->type, 0, media->protocol,
                              formats[0] != '\0' ? formats : "0");
}

/* RFC 8839 §5.1: where we are; the lines of ours need no more than that. */
static void
add_ice(McpMediaNegotiation *self, McpSdpBuilder *builder)
{
    g_autofree char *candidate =
        g_strdup_printf("1 1 udp %u %s %u typ host", mcp_media_ice_host_priority(0),
                        self->local.address, self->local.port);

    mcp_sdp_builder_add_media_attribute(builder, "ice-ufrag", self->ice->ufrag);
    mcp_sdp_builder_add_media_attribute(builder, "ice-pwd", self->ice->password);
    mcp_sdp_builder_add_media_attribute(builder, "candidate", candidate);
}

/* @setup: our role, or "actpass". */
static void
add_dtls(McpMediaNegotiation *self, McpSdpBuilder *builder, const McpMediaDescription *state,
         const char *setup)
{
    mcp_sdp_builder_add_media_attribute(builder, "fingerprint", self->local.fingerprint);
    mcp_sdp_builder_add_media_attribute(builder, "setup", setup);
    if (state->agreement.ice && self->ice != NULL)
        add_ice(self, builder);
    if (state->mid != NULL)
        mcp_sdp_builder_add_media_attribute(builder, "mid", state->mid);
}

static void
add_protection(McpMediaNegotiation *self, McpSdpBuilder *builder, const McpMediaDescription *state,
               gboolean is_offer)
{
    static const char *const roles[] = {
        [MCP_MEDIA_DTLS_PASSIVE] = "passive", [MCP_MEDIA_DTLS_ACTIVE] = "active"};

    if (mcp_media_transport_is_dtls(state->agreement.transport))
        /* RFC 8842 §5.2: an offer in an association that runs says actpass, too. */
        add_dtls(self, builder, state, is_offer ? "actpass" : roles[state->dtls->role]);
    else if (mcp_media_transport_is_secure(state->agreement.transport))
        mcp_media_sdes_write(state->sdes, is_offer, builder);
}

void
mcp_media_own_line_answer(McpMediaNegotiation *self, McpSdpBuilder *builder,
                          const McpMediaDescription *state)
{
    const McpMediaAgreement *agreed = &state->agreement;
    GString *formats = g_string_new(NULL);

    g_string_printf(formats, "%u", agreed->receive_type);
    if (agreed->receive_event_type >= 0)
        g_string_append_printf(formats, " %d", agreed->receive_event_type);
    if (agreed->receive_noise_type >= 0)
        g_string_append_printf(formats, " %d", agreed->receive_noise_type);
    mcp_sdp_builder_add_media(builder, "audio", self->local.port,
                              mcp_media_transport_name(agreed->transport), formats->str);
    g_string_free(formats, TRUE);
    add_protection(self, builder, state, FALSE);
    add_format(builder, agreed->receive_type, &agreed->format);
    if (agreed->receive_event_type >= 0)
        add_events(builder, (guint)agreed->receive_event_type, agreed->codec->clock_rate);
    if (agreed->receive_noise_type >= 0)
        add_rtpmap(builder, (guint)agreed->receive_noise_type, "CN", agreed->codec->clock_rate, 1);
    add_tail(builder, agreed->ptime, agreed->direction, agreed->rtcp_mux);
    if (agreed->rtcp_reduced)
        mcp_sdp_builder_add_media_attribute(builder, "rtcp-rsize", NULL);
    if (agreed->voip_metrics)
        mcp_sdp_builder_add_media_attribute(builder, "rtcp-xr", "voip-metrics");
}

gboolean
mcp_media_negotiation_offers_noise(const McpMediaNegotiation *self,
                                   const McpMediaDescription *state)
{
    const McpMediaLocal *local = &self->local;

    if (local->noise != MCP_MEDIA_NOISE_OFFER && state->agreement.receive_noise_type < 0)
        return FALSE;
    for (guint i = 0; i < local->n_codecs; i++)
        if (mcp_media_codec_takes_noise(local->codecs[i]))
            return TRUE;
    return FALSE;
}

static gboolean
offers_rate(const McpMediaLocal *local, guint rate)
{
    for (guint i = 0; i < local->n_codecs && !local->no_events; i++)
        if (local->codecs[i]->clock_rate == rate)
            return TRUE;
    return FALSE;
}

void
mcp_media_own_line_offer(McpMediaNegotiation *self, McpSdpBuilder *builder,
                         const McpMediaDescription *state)
{
    GString *formats = g_string_new(NULL);
    gboolean noise = mcp_media_negotiation_offers_noise(self, state);

    for (guint i = 0; i < self->local.n_codecs; i++)
        g_string_append_printf(formats, "%s%u", i > 0 ? " " : "",
                               state->types[self->local.codecs[i]->id]);
    for (guint i = 0; i < MCP_MEDIA_EVENT_CLOCKS; i++)
        if (offers_rate(&self->local, mcp_media_event_clocks[i]))
            g_string_append_printf(formats, " %u", state->event_types[i]);
    if (noise)
        g_string_append_printf(formats, " %u", state->noise_type);
    mcp_sdp_builder_add_media(builder, "audio", self->local.port,
                              mcp_media_transport_name(state->agreement.transport), formats->str);
    g_string_free(formats, TRUE);
    add_protection(self, builder, state, TRUE);
    for (guint i = 0; i < self->local.n_codecs; i++) {
        McpMediaFormat format;

        mcp_media_format_init(&format, self->local.codecs[i], &self->local.options);
        add_format(builder, state->types[format.codec->id], &format);
    }
    for (guint i = 0; i < MCP_MEDIA_EVENT_CLOCKS; i++)
        if (offers_rate(&self->local, mcp_media_event_clocks[i]))
            add_events(builder, state->event_types[i], mcp_media_event_clocks[i]);
    if (noise)
        add_rtpmap(builder, state->noise_type, "CN", MCP_MEDIA_NOISE_CLOCK, 1);
    add_tail(builder, self->local.ptime, MCP_SDP_SENDRECV, state->agreement.rtcp_mux);
}
