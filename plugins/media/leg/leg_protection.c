/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of a leg: sessions by a=crypto, or a DTLS handshake on the RTP port, after the checks of ICE
 * if the other side makes them. On the call's context; the worker hands over what is no media.
 */
#include "leg_private.h"

#include "../protection/demultiplex.h"
#include <mcp/log.h>

static void on_timeout(gpointer data);

static void
send_datagram(const guint8 *data, gsize length, gpointer user_data)
{
    McpMediaLeg *self = user_data;

    if (self->dtls_to.ss_family != 0)
        mcp_media_stream_send_raw(self->stream, data, length, &self->dtls_to);
}

/* --- keys --- */

/* Sessions of the library take their time and memory here, not on the worker. */
static gboolean
make_sessions(McpMediaLeg *self, const McpMediaKeys *in, guint window, const McpMediaKeys *out,
              McpMediaStreamChange *change)
{
    g_autoptr(GError) error = NULL;

    change->inbound = mcp_media_srtp_session_new(MCP_MEDIA_SRTP_INBOUND, in, window, &error);
    if (change->inbound != NULL)
        change->outbound = mcp_media_srtp_session_new(MCP_MEDIA_SRTP_OUTBOUND, out, 0, &error);
    /* Without a session nothing passes: rather silence than audio in the clear. */
    if (error != NULL)
        mcp_log_warning("srtp-failed", self->call_id, "no audio: %s", error->message);
    return error == NULL;
}

static void
take_keys(McpMediaLeg *self)
{
    g_auto(McpMediaKeys) in = {0};
    g_auto(McpMediaKeys) out = {0};
    McpMediaStreamChange change = {0};
    g_autoptr(GError) error = NULL;

    if (!mcp_media_dtls_get_keys(self->dtls, &in, &out, &error)) {
        mcp_log_warning("dtls-failed", self->call_id, "no audio: %s", error->message);
        return;
    }
    make_sessions(self, &in, 0, &out, &change);
    mcp_log_info("dtls-connected", self->call_id, "audio is encrypted with %s",
                 mcp_media_suite_get_info(in.suite)->name);
    self->dtls_suite = in.suite;
    mcp_media_stream_set_keys(self->stream, change.inbound, change.outbound);
}

/* --- the handshake --- */

static void
schedule(McpMediaLeg *self)
{
    McpClock *clock = mcp_media_service_get_clock(self->service);
    gint64 timeout = mcp_media_dtls_get_timeout(self->dtls, mcp_clock_now(clock));

    mcp_timer_clear(&self->dtls_timer);
    if (timeout >= 0)
        self->dtls_timer =
            mcp_clock_after(clock, g_main_context_get_thread_default(), timeout, on_timeout, self);
}

/* What a call into the session has brought about. */
static void
follow(McpMediaLeg *self, McpMediaDtlsState before)
{
    McpMediaDtlsState now = mcp_media_dtls_get_state(self->dtls);

    if (now != before && now == MCP_MEDIA_DTLS_CONNECTED)
        take_keys(self);
    if (now != before && now == MCP_MEDIA_DTLS_FAILED)
        mcp_log_warning("dtls-failed", self->call_id, "no audio: %s",
                        mcp_media_dtls_get_reason(self->dtls));
    schedule(self);
}

static void
on_timeout(gpointer data)
{
    McpMediaLeg *self = data;
    McpMediaDtlsState before = mcp_media_dtls_get_state(self->dtls);

    mcp_media_dtls_handle_timeout(self->dtls,
                                  mcp_clock_now(mcp_media_service_get_clock(self->service)));
    follow(self, before);
}

/* We begin where that is our part and we know where to. */
static void
begin(McpMediaLeg *self, McpMediaDtlsRole role)
{
    if (role != MCP_MEDIA_DTLS_ACTIVE || self->dtls_to.ss_family == 0 ||
        mcp_media_dtls_get_state(self->dtls) != MCP_MEDIA_DTLS_IDLE)
        return;
    mcp_media_dtls_start(self->dtls, mcp_clock_now(mcp_media_service_get_clock(self->service)));
    follow(self, MCP_MEDIA_DTLS_IDLE);
}

static void
make_handshake(McpMediaLeg *self, const McpMediaAgreement *next)
{
    const McpMediaDtlsLine *line = mcp_media_negotiation_get_dtls(self->negotiation);
    const McpMediaSuites *suites = mcp_media_service_get_suites(self->service);
    const McpMediaDtlsConfig config = {
        .role = line->role,
        .suites = suites->suites,
        .n_suites = suites->n,
        .send = send_datagram,
        .user_data = self,
    };
    g_autoptr(GError) error = NULL;

    self->dtls =
        mcp_media_dtls_new(mcp_media_service_get_dtls_credentials(self->service), &config, &error);
    if (self->dtls == NULL ||
        !mcp_media_dtls_set_fingerprints(self->dtls, (const char *const *)line->fingerprints,
                                         g_strv_length(line->fingerprints), &error)) {
        mcp_log_warning("dtls-failed", self->call_id, "no audio: %s", error->message);
        g_clear_pointer(&self->dtls, mcp_media_dtls_free);
        return;
    }
    if (next->has_remote)
        self->dtls_to = next->remote;
    begin(self, line->role);
}

void
mcp_media_leg_drop_protection(McpMediaLeg *leg)
{
    mcp_timer_clear(&leg->dtls_timer);
    if (leg->dtls != NULL)
        mcp_media_dtls_close(leg->dtls);
    g_clear_pointer(&leg->dtls, mcp_media_dtls_free);
}

void
mcp_media_leg_make_protection(McpMediaLeg *leg, const McpMediaAgreement *next,
                              McpMediaStreamChange *change)
{
    const McpMediaSdes *sdes = mcp_media_negotiation_get_sdes(leg->negotiation);

    mcp_media_leg_drop_protection(leg);
    leg->dtls_suite = MCP_MEDIA_SUITE_NONE;
    change->srtp = mcp_media_srtp_new();
    if (sdes == NULL) {
        make_handshake(leg, next);
        return;
    }
    make_sessions(leg, &mcp_media_sdes_get_remote(sdes)->keys,
                  mcp_media_sdes_get_remote(sdes)->window, &mcp_media_sdes_get_own(sdes)->keys,
                  change);
}

/* --- what comes --- */

static void
take_stun(McpMediaLeg *self, const McpMediaDatagram *datagram)
{
    McpMediaIceLite *ice = mcp_media_negotiation_get_ice(self->negotiation);
    const McpMediaDtlsLine *line = mcp_media_negotiation_get_dtls(self->negotiation);
    McpMediaStunWriter response;
    McpMediaIceOutcome outcome = MCP_MEDIA_ICE_IGNORED;

    if (ice == NULL || line == NULL || !self->agreement.ice)
        return;
    outcome =
        mcp_media_ice_lite_take(ice, datagram->data, datagram->length, &datagram->from, &response);
    if (outcome == MCP_MEDIA_ICE_IGNORED)
        return;
    mcp_media_stream_send_raw(self->stream, response.data, response.length, &datagram->from);
    if (outcome != MCP_MEDIA_ICE_NOMINATED)
        return;
    if (!mcp_media_address_equal(&self->dtls_to, &ice->nominated))
        mcp_media_stream_set_remote(self->stream, &ice->nominated);
    self->dtls_to = ice->nominated;
    if (self->dtls != NULL)
        begin(self, line->role);
}

/*
 * An alert that anybody could send would end a handshake: where ICE has chosen, or a handshake is
 * on its way, one address counts. Before that who speaks is answered.
 */
static gboolean
is_partner(McpMediaLeg *self, const struct sockaddr_storage *from)
{
    const McpMediaDtlsLine *line = mcp_media_negotiation_get_dtls(self->negotiation);

    if (line != NULL && line->role == MCP_MEDIA_DTLS_PASSIVE && !self->agreement.ice &&
        mcp_media_dtls_get_state(self->dtls) == MCP_MEDIA_DTLS_IDLE)
        self->dtls_to = *from;
    return self->dtls_to.ss_family != 0 && mcp_media_address_equal(&self->dtls_to, from);
}

static void
take_dtls(McpMediaLeg *self, const McpMediaDatagram *datagram)
{
    McpMediaDtlsState before = MCP_MEDIA_DTLS_IDLE;

    if (self->dtls == NULL || !is_partner(self, &datagram->from))
        return;
    before = mcp_media_dtls_get_state(self->dtls);
    mcp_media_dtls_feed(self->dtls, datagram->data, datagram->length, &datagram->from,
                        mcp_clock_now(mcp_media_service_get_clock(self->service)));
    follow(self, before);
}

void
mcp_media_leg_take_datagram(McpMediaLeg *leg, const McpMediaDatagram *datagram)
{
    if (mcp_media_demultiplex(datagram->data, datagram->length) == MCP_MEDIA_DATAGRAM_STUN)
        take_stun(leg, datagram);
    else
        take_dtls(leg, datagram);
}
