/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Offers of ours, and the answers to them. On the leg's context.
 */
#include "negotiation.h"

#include "../rtp/source_lock.h"
#include "remote_line.h"
#include <mcp/error.h>

#define DYNAMIC_FIRST 96
#define DYNAMIC_LAST 127
#define NOISE_TYPE 13

static const guint8 event_offers[MCP_MEDIA_EVENT_CLOCKS] = {101, 102, 103};

static gboolean
is_type_taken(const McpMediaDescription *state, guint8 type)
{
    for (guint i = 0; i < MCP_MEDIA_N_CODECS; i++)
        if (state->types[i] == type)
            return TRUE;
    for (guint i = 0; i < MCP_MEDIA_EVENT_CLOCKS; i++)
        if (state->event_types[i] == type)
            return TRUE;
    return state->noise_type == type;
}

static void
choose_type(const McpMediaDescription *state, guint8 *slot, guint8 preferred)
{
    guint8 type = preferred;

    if (*slot != MCP_MEDIA_TYPE_UNSET)
        return;
    for (guint8 next = DYNAMIC_FIRST; is_type_taken(state, type) && next <= DYNAMIC_LAST; next++)
        type = next;
    *slot = type;
}

static void
build_offer(McpMediaNegotiation *self, McpSdpBuilder *builder, const McpMediaDescription *state,
            McpSdp *offer)
{
    guint n = state->sent != NULL ? mcp_sdp_get_n_media(state->sent) : 1;

    for (guint i = 0; i < n; i++) {
        if (i == state->line)
            mcp_media_own_line_offer(self, builder, state);
        else
            mcp_media_own_line_refuse(builder, mcp_sdp_get_media(state->sent, i));
    }
}

/*
 * The first offer of DTLS offers ICE as well: browsers take no other, and who knows nothing of ICE
 * finds us by c= and m= (RFC 8839 §4.2.5).
 */
static gboolean
offer_ice(McpMediaNegotiation *self, McpMediaDescription *next, GError **error)
{
    if (!mcp_media_negotiation_need_ice(self, error))
        return FALSE;
    next->agreement.ice = TRUE;
    if (next->mid == NULL)
        next->mid = g_strdup("0");
    return TRUE;
}

/* Encrypted if it has been so far, or has to be. */
static gboolean
offer_protection(McpMediaNegotiation *self, McpMediaDescription *next, GError **error)
{
    McpMediaSdes *sdes = NULL;
    gboolean begins = !next->agreement.active;

    if (begins && self->local.protection == MCP_MEDIA_PROTECTION_REQUIRED)
        next->agreement.transport = !self->local.sdes && self->local.fingerprint != NULL
                                        ? MCP_MEDIA_TRANSPORT_DTLS_SAVP
                                        : MCP_MEDIA_TRANSPORT_SAVP;
    if (mcp_media_transport_is_dtls(next->agreement.transport)) {
        next->agreement.rtcp_mux = TRUE;
        return !begins || offer_ice(self, next, error);
    }
    if (!mcp_media_transport_is_secure(next->agreement.transport))
        return TRUE;
    if (!self->local.sdes) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_MEDIA,
                    "[media] srtp is \"required\", keys may not be offered without TLS "
                    "([media] sdes_without_tls), and dtls_srtp is off");
        return FALSE;
    }
    sdes = mcp_media_sdes_offer(next->sdes, &self->local.suites, error);
    if (sdes == NULL)
        return FALSE;
    mcp_media_sdes_unref(next->sdes);
    next->sdes = sdes;
    return TRUE;
}

McpSdp *
mcp_media_negotiation_offer(McpMediaNegotiation *self, GError **error)
{
    McpMediaDescription next = {0};

    mcp_media_description_copy(&next, &self->state);
    if (!offer_protection(self, &next, error)) {
        mcp_media_description_clear(&next);
        return NULL;
    }
    for (guint i = 0; i < self->local.n_codecs; i++) {
        const McpMediaCodec *codec = self->local.codecs[i];

        choose_type(&next, &next.types[codec->id], codec->payload_type);
    }
    for (guint i = 0; i < MCP_MEDIA_EVENT_CLOCKS; i++)
        choose_type(&next, &next.event_types[i], event_offers[i]);
    if (mcp_media_negotiation_offers_noise(self, &next))
        choose_type(&next, &next.noise_type, NOISE_TYPE);
    next.offered = TRUE;
    mcp_media_negotiation_publish(self, &next, build_offer, NULL);
    mcp_media_negotiation_commit(self, &next);
    return mcp_sdp_ref(self->state.sent);
}

/* RFC 4568 §5.1.3: an answer has the transport of its offer, and a key. */
static gboolean
apply_protection(McpMediaNegotiation *self, McpSdp *answer, const McpSdpMedia *media,
                 McpMediaAgreement *agreed, GError **error)
{
    McpMediaDescription *state = &self->state;
    McpMediaSdes *sdes = NULL;

    if (mcp_media_transport_is_secure(agreed->transport) !=
            mcp_media_transport_is_secure(state->agreement.transport) ||
        mcp_media_transport_is_dtls(agreed->transport) !=
            mcp_media_transport_is_dtls(state->agreement.transport)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_MEDIA, "%s was offered, %s is answered",
                    mcp_media_transport_name(state->agreement.transport),
                    mcp_media_transport_name(agreed->transport));
        return FALSE;
    }
    if (!mcp_media_transport_is_secure(agreed->transport))
        return TRUE;
    if (mcp_media_transport_is_dtls(agreed->transport)) {
        McpMediaDtlsLine *dtls = mcp_media_dtls_line_read(state->dtls, answer, media, TRUE, error);

        if (dtls == NULL)
            return FALSE;
        if (agreed->ice && !mcp_media_negotiation_take_ice(self, dtls, TRUE, error)) {
            mcp_media_dtls_line_unref(dtls);
            return FALSE;
        }
        agreed->protection = dtls->serial;
        mcp_media_dtls_line_unref(state->dtls);
        state->dtls = dtls;
        return TRUE;
    }
    sdes = mcp_media_sdes_apply(state->sdes, media, error);
    if (sdes == NULL)
        return FALSE;
    agreed->protection = mcp_media_sdes_get_serial(sdes);
    mcp_media_sdes_unref(state->sdes);
    state->sdes = sdes;
    return TRUE;
}

/* §5.1: we receive on the types of our offer and send with those of the answer. */
static void
take_own_numbers(const McpMediaNegotiation *self, McpMediaAgreement *agreed)
{
    const McpMediaDescription *state = &self->state;

    agreed->receive_type = state->types[agreed->codec->id];
    if (agreed->receive_event_type >= 0)
        agreed->receive_event_type = state->event_types[mcp_media_event_clock(agreed->codec)];
    /* RFC 3264 §6.1: an answer has nothing that was not offered. */
    if (!mcp_media_negotiation_offers_noise(self, state))
        agreed->send_noise_type = -1;
    agreed->receive_noise_type = agreed->send_noise_type >= 0 ? state->noise_type : -1;
    /* RFC 5761 §5.1.1: shared ports hold only when both said so. */
    if (agreed->rtcp_mux && !state->agreement.rtcp_mux) {
        agreed->rtcp_mux = FALSE;
        agreed->remote_rtcp = agreed->remote;
        mcp_media_address_set_port(&agreed->remote_rtcp,
                                   mcp_media_address_get_port(&agreed->remote) + 1);
    }
}

gboolean
mcp_media_negotiation_apply(McpMediaNegotiation *self, McpSdp *answer, GError **error)
{
    McpMediaAgreement agreed = {0};
    McpMediaDescription *state = &self->state;
    const McpSdpMedia *media = NULL;
    const char *reason = NULL;

    if (!state->offered) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_STATE, "an answer came without an offer");
        return FALSE;
    }
    if (mcp_sdp_get_n_media(answer) != mcp_sdp_get_n_media(state->sent)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_INVALID, "the answer has %u media lines, not %u",
                    mcp_sdp_get_n_media(answer), mcp_sdp_get_n_media(state->sent));
        return FALSE;
    }
    media = mcp_sdp_get_media(answer, state->line);
    if (!mcp_media_remote_line_read(&self->local, media,
                                    state->agreement.ice &&
                                        mcp_media_negotiation_uses_ice(answer, media),
                                    &agreed, &reason)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_MEDIA, "the answer is not usable: %s", reason);
        return FALSE;
    }
    if (!apply_protection(self, answer, media, &agreed, error))
        return FALSE;
    take_own_numbers(self, &agreed);
    state->agreement = agreed;
    self->has_previous = FALSE;
    return TRUE;
}
