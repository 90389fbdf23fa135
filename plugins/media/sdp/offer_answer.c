/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Offer and answer of one audio stream (RFC 3264): versions, lines that stay, payload types that
 * never change their meaning, and the way back. On the leg's context.
 */
#include "negotiation.h"

#include "../rtp/source_lock.h"
#include "remote_line.h"
#include <mcp/error.h>
#include <string.h>

void
mcp_media_description_copy(McpMediaDescription *to, const McpMediaDescription *from)
{
    McpMediaSdes *sdes = mcp_media_sdes_ref(from->sdes);
    McpMediaDtlsLine *dtls = mcp_media_dtls_line_ref(from->dtls);
    char *mid = g_strdup(from->mid);

    g_clear_pointer(&to->sent, mcp_sdp_unref);
    mcp_media_sdes_unref(to->sdes);
    mcp_media_dtls_line_unref(to->dtls);
    g_free(to->mid);
    *to = *from;
    to->sdes = sdes;
    to->dtls = dtls;
    to->mid = mid;
    if (to->sent != NULL)
        mcp_sdp_ref(to->sent);
}

void
mcp_media_description_clear(McpMediaDescription *state)
{
    g_clear_pointer(&state->sent, mcp_sdp_unref);
    g_clear_pointer(&state->sdes, mcp_media_sdes_unref);
    g_clear_pointer(&state->dtls, mcp_media_dtls_line_unref);
    g_clear_pointer(&state->mid, g_free);
}

gboolean
mcp_media_transport_is_dtls(McpMediaTransport transport)
{
    return transport == MCP_MEDIA_TRANSPORT_DTLS_SAVP ||
           transport == MCP_MEDIA_TRANSPORT_DTLS_SAVPF;
}

gboolean
mcp_media_transport_is_secure(McpMediaTransport transport)
{
    return transport == MCP_MEDIA_TRANSPORT_SAVP || transport == MCP_MEDIA_TRANSPORT_SAVPF ||
           mcp_media_transport_is_dtls(transport);
}

const char *
mcp_media_transport_name(McpMediaTransport transport)
{
    static const char *const names[MCP_MEDIA_N_TRANSPORTS] = {
        "RTP/AVP", "RTP/AVPF", "RTP/SAVP", "RTP/SAVPF", "UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF",
    };

    return names[transport];
}

McpMediaNegotiation *
mcp_media_negotiation_new(const McpMediaLocal *local)
{
    McpMediaNegotiation *self = g_new0(McpMediaNegotiation, 1);

    self->local = *local;
    self->address = g_strdup(local->address);
    self->local.address = self->address;
    self->session_id = (guint64)g_random_int() << 16 | (g_random_int() & 0xffff);
    self->state.version = 1;
    memset(self->state.types, MCP_MEDIA_TYPE_UNSET, sizeof self->state.types);
    memset(self->state.event_types, MCP_MEDIA_TYPE_UNSET, sizeof self->state.event_types);
    self->state.agreement.send_event_type = -1;
    self->state.agreement.receive_event_type = -1;
    self->state.agreement.send_noise_type = -1;
    self->state.agreement.receive_noise_type = -1;
    self->state.noise_type = MCP_MEDIA_TYPE_UNSET;
    return self;
}

void
mcp_media_negotiation_free(McpMediaNegotiation *self)
{
    if (self == NULL)
        return;
    mcp_media_description_clear(&self->state);
    mcp_media_description_clear(&self->previous);
    if (self->ice != NULL)
        mcp_media_ice_lite_clear(self->ice);
    g_free(self->ice);
    g_free(self->address);
    g_free(self);
}

/* §8: the version counts changes; a description that says the same is the same. */
void
mcp_media_negotiation_publish(McpMediaNegotiation *self, McpMediaDescription *state,
                              McpMediaBuildFunc build, McpSdp *offer)
{
    g_autoptr(McpSdp) sdp = NULL;

    for (guint i = 0; i < 2; i++) {
        McpSdpBuilder *builder =
            mcp_sdp_builder_new(self->session_id, state->version, self->local.address);

        if (state->agreement.ice)
            mcp_sdp_builder_add_attribute(builder, "ice-lite", NULL);
        if (state->mid != NULL && state->agreement.ice) {
            g_autofree char *group = g_strdup_printf("BUNDLE %s", state->mid);

            mcp_sdp_builder_add_attribute(builder, "group", group);
        }
        build(self, builder, state, offer);
        g_clear_pointer(&sdp, mcp_sdp_unref);
        sdp = mcp_sdp_builder_finish(builder);
        if (state->sent == NULL || mcp_sdp_equal_but_origin(state->sent, sdp))
            break;
        if (i == 0)
            state->version++;
    }
    if (state->sent != NULL && mcp_sdp_equal_but_origin(state->sent, sdp))
        return;
    g_clear_pointer(&state->sent, mcp_sdp_unref);
    state->sent = g_steal_pointer(&sdp);
}

void
mcp_media_negotiation_commit(McpMediaNegotiation *self, McpMediaDescription *next)
{
    mcp_media_description_copy(&self->previous, &self->state);
    self->has_previous = TRUE;
    mcp_media_description_copy(&self->state, next);
    mcp_media_description_clear(next);
}

/* --- answering --- */

static void
build_answer(McpMediaNegotiation *self, McpSdpBuilder *builder, const McpMediaDescription *state,
             McpSdp *offer)
{
    for (guint i = 0; i < mcp_sdp_get_n_media(offer); i++) {
        if (state->agreement.active && i == state->line)
            mcp_media_own_line_answer(self, builder, state);
        else
            mcp_media_own_line_refuse(builder, mcp_sdp_get_media(offer, i));
    }
}

/* §8.2: in a session that runs, the other side may switch its stream off. */
static gboolean
is_switched_off(const McpMediaDescription *state, McpSdp *offer)
{
    if (state->sent == NULL || mcp_sdp_get_n_media(offer) == 0)
        return FALSE;
    for (guint i = 0; i < mcp_sdp_get_n_media(offer); i++)
        if (mcp_sdp_get_media(offer, i)->port != 0)
            return FALSE;
    return TRUE;
}

/* Keys by a=crypto, or what DTLS and ICE need to get them. */
static gboolean
take_protection(McpMediaNegotiation *self, McpSdp *offer, const McpSdpMedia *media,
                McpMediaDescription *next, McpMediaAgreement *agreed, GError **error)
{
    g_autoptr(McpMediaSdes) sdes = NULL;
    g_autoptr(McpMediaDtlsLine) dtls = NULL;

    if (mcp_media_transport_is_dtls(agreed->transport)) {
        dtls = mcp_media_dtls_line_read(next->dtls, offer, media, FALSE, error);
        if (dtls == NULL || !mcp_media_negotiation_take_ice(self, dtls, FALSE, error))
            return FALSE;
        agreed->protection = dtls->serial;
        mcp_media_dtls_line_unref(next->dtls);
        next->dtls = g_steal_pointer(&dtls);
        g_free(next->mid);
        next->mid = g_strdup(mcp_sdp_media_get_attribute(media, "mid"));
    } else if (mcp_media_transport_is_secure(agreed->transport)) {
        sdes = mcp_media_sdes_answer(next->sdes, media, &self->local.suites, error);
        if (sdes == NULL)
            return FALSE;
        agreed->protection = mcp_media_sdes_get_serial(sdes);
        mcp_media_sdes_unref(next->sdes);
        next->sdes = g_steal_pointer(&sdes);
    }
    return TRUE;
}

/* Takes line @index with its keys, or says (transfer full) why not. */
static gboolean
take_line(McpMediaNegotiation *self, McpSdp *offer, guint index, McpMediaDescription *next,
          char **out_why)
{
    const McpSdpMedia *media = mcp_sdp_get_media(offer, index);
    g_autoptr(GError) error = NULL;
    McpMediaAgreement agreed = {0};
    const char *reason = NULL;

    if (!mcp_media_remote_line_read(
            &self->local, media, mcp_media_negotiation_uses_ice(offer, media), &agreed, &reason)) {
        *out_why = g_strdup(reason);
        return FALSE;
    }
    if (!take_protection(self, offer, media, next, &agreed, &error)) {
        *out_why = g_strdup(error->message);
        return FALSE;
    }
    next->agreement = agreed;
    next->line = index;
    return TRUE;
}

static gboolean
choose_line(McpMediaNegotiation *self, McpSdp *offer, McpMediaDescription *next, GError **error)
{
    g_autofree char *why = g_strdup("no media line");

    for (guint i = 0; i < mcp_sdp_get_n_media(offer); i++) {
        g_autofree char *reason = NULL;

        if (take_line(self, offer, i, next, &reason))
            return TRUE;
        /* The fault of an audio line says more than that a video line is no audio. */
        if (i == 0 || g_ascii_strcasecmp(mcp_sdp_get_media(offer, i)->type, "audio") == 0) {
            g_free(why);
            why = g_steal_pointer(&reason);
        }
    }
    if (is_switched_off(&self->state, offer)) {
        next->agreement.active = FALSE;
        next->agreement.has_remote = FALSE;
        next->agreement.direction = MCP_SDP_INACTIVE;
        /* It must not have fewer lines than before (§8), but may have. */
        next->line = MIN(next->line, mcp_sdp_get_n_media(offer) - 1);
        return TRUE;
    }
    g_set_error(error, MCP_ERROR, MCP_ERROR_MEDIA, "no usable audio line in the offer: %s", why);
    return FALSE;
}

McpSdp *
mcp_media_negotiation_answer(McpMediaNegotiation *self, McpSdp *offer, GError **error)
{
    McpMediaDescription next = {0};

    mcp_media_description_copy(&next, &self->state);
    if (!choose_line(self, offer, &next, error)) {
        mcp_media_description_clear(&next);
        return NULL;
    }
    if (next.agreement.active) {
        const McpMediaAgreement *agreed = &next.agreement;

        next.types[agreed->codec->id] = agreed->receive_type;
        if (agreed->receive_event_type >= 0)
            next.event_types[mcp_media_event_clock(agreed->codec)] =
                (guint8)agreed->receive_event_type;
        if (agreed->receive_noise_type >= 0)
            next.noise_type = (guint8)agreed->receive_noise_type;
    }
    next.offered = FALSE;
    mcp_media_negotiation_publish(self, &next, build_answer, offer);
    mcp_media_negotiation_commit(self, &next);
    return mcp_sdp_ref(self->state.sent);
}

void
mcp_media_negotiation_rollback(McpMediaNegotiation *self)
{
    guint64 version = self->state.version;

    if (!self->has_previous)
        return;
    mcp_media_description_copy(&self->state, &self->previous);
    /* A version that was seen by the other side is not given to another description. */
    self->state.version = version;
    self->has_previous = FALSE;
}

const McpMediaAgreement *
mcp_media_negotiation_get(const McpMediaNegotiation *self)
{
    return &self->state.agreement;
}

const McpMediaSdes *
mcp_media_negotiation_get_sdes(const McpMediaNegotiation *self)
{
    return self->state.agreement.protection != 0 &&
                   !mcp_media_transport_is_dtls(self->state.agreement.transport)
               ? self->state.sdes
               : NULL;
}

const McpMediaDtlsLine *
mcp_media_negotiation_get_dtls(const McpMediaNegotiation *self)
{
    return self->state.agreement.protection != 0 &&
                   mcp_media_transport_is_dtls(self->state.agreement.transport)
               ? self->state.dtls
               : NULL;
}

McpMediaIceLite *
mcp_media_negotiation_get_ice(McpMediaNegotiation *self)
{
    return self->ice;
}

gboolean
mcp_media_agreement_equal(const McpMediaAgreement *a, const McpMediaAgreement *b)
{
    return a->active == b->active && a->codec == b->codec &&
           mcp_media_format_equal(&a->format, &b->format) && a->send_type == b->send_type &&
           a->receive_type == b->receive_type && a->send_event_type == b->send_event_type &&
           a->receive_event_type == b->receive_event_type &&
           a->send_noise_type == b->send_noise_type &&
           a->receive_noise_type == b->receive_noise_type && a->ptime == b->ptime &&
           a->direction == b->direction && a->rtcp_mux == b->rtcp_mux &&
           a->rtcp_reduced == b->rtcp_reduced && a->voip_metrics == b->voip_metrics &&
           a->ice == b->ice && a->transport == b->transport && a->protection == b->protection &&
           a->has_remote == b->has_remote &&
           (!a->has_remote || (mcp_media_address_equal(&a->remote, &b->remote) &&
                               mcp_media_address_equal(&a->remote_rtcp, &b->remote_rtcp)));
}
