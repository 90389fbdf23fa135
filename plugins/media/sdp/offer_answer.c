/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Offer and answer of one audio stream (RFC 3264): versions, lines that stay, payload types that
 * never change their meaning, and the way back. On the leg's context.
 */
#include "offer_answer.h"

#include "../rtp/source_lock.h"
#include "remote_line.h"
#include <mcp/error.h>
#include <string.h>

#define EVENT_RATES 3
#define TYPE_UNSET 0xff
#define DYNAMIC_FIRST 96
#define DYNAMIC_LAST 127

/* RFC 4733 §2.1: events share the clock of the audio. */
static const guint event_rates[EVENT_RATES] = {8000, 16000, 48000};
static const guint8 event_offers[EVENT_RATES] = {101, 102, 103};

/* What one description of ours means. Kept twice: in force, and before the last change. */
typedef struct {
    McpSdp *sent;     /* nullable */
    gboolean offered; /* @sent is an offer; it may be answered more than once (183, then 200) */
    guint line;       /* index of the audio line in @sent */
    guint64 version;
    guint8 types[MCP_MEDIA_N_CODECS]; /* payload types that we receive (§8.3.2), or TYPE_UNSET */
    guint8 event_types[EVENT_RATES];  /* by the place of their clock in event_rates */
    McpMediaAgreement agreement;
    McpMediaSdes *sdes;     /* nullable */
    McpMediaDtlsLine *dtls; /* nullable */
    char *mid;              /* nullable: of the line of audio (RFC 8843 §7) */
} State;

struct _McpMediaNegotiation {
    McpMediaLocal local;
    char *address;
    guint64 session_id;
    State state;
    State previous;
    gboolean has_previous;
    McpMediaIceLite *ice; /* nullable */
};

static void
state_copy(State *to, const State *from)
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

static void
state_clear(State *state)
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

static guint
event_index(const McpMediaCodec *codec)
{
    for (guint i = 1; i < EVENT_RATES; i++)
        if (codec->clock_rate == event_rates[i])
            return i;
    return 0;
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
    memset(self->state.types, TYPE_UNSET, sizeof self->state.types);
    memset(self->state.event_types, TYPE_UNSET, sizeof self->state.event_types);
    self->state.agreement.send_event_type = -1;
    self->state.agreement.receive_event_type = -1;
    return self;
}

void
mcp_media_negotiation_free(McpMediaNegotiation *self)
{
    if (self == NULL)
        return;
    state_clear(&self->state);
    state_clear(&self->previous);
    if (self->ice != NULL)
        mcp_media_ice_lite_clear(self->ice);
    g_free(self->ice);
    g_free(self->address);
    g_free(self);
}

/* --- writing --- */

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
static void
add_refused(McpSdpBuilder *builder, const McpSdpMedia *media)
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
add_dtls(McpMediaNegotiation *self, McpSdpBuilder *builder, const State *state, const char *setup)
{
    mcp_sdp_builder_add_media_attribute(builder, "fingerprint", self->local.fingerprint);
    mcp_sdp_builder_add_media_attribute(builder, "setup", setup);
    if (state->agreement.ice && self->ice != NULL)
        add_ice(self, builder);
    if (state->mid != NULL)
        mcp_sdp_builder_add_media_attribute(builder, "mid", state->mid);
}

static void
add_protection(McpMediaNegotiation *self, McpSdpBuilder *builder, const State *state,
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

static void
add_answer_line(McpMediaNegotiation *self, McpSdpBuilder *builder, const State *state)
{
    const McpMediaAgreement *agreed = &state->agreement;
    GString *formats = g_string_new(NULL);

    g_string_printf(formats, "%u", agreed->receive_type);
    if (agreed->receive_event_type >= 0)
        g_string_append_printf(formats, " %d", agreed->receive_event_type);
    mcp_sdp_builder_add_media(builder, "audio", self->local.port,
                              mcp_media_transport_name(agreed->transport), formats->str);
    g_string_free(formats, TRUE);
    add_protection(self, builder, state, FALSE);
    add_format(builder, agreed->receive_type, &agreed->format);
    if (agreed->receive_event_type >= 0)
        add_events(builder, (guint)agreed->receive_event_type, agreed->codec->clock_rate);
    add_tail(builder, agreed->ptime, agreed->direction, agreed->rtcp_mux);
    if (agreed->rtcp_reduced)
        mcp_sdp_builder_add_media_attribute(builder, "rtcp-rsize", NULL);
    if (agreed->voip_metrics)
        mcp_sdp_builder_add_media_attribute(builder, "rtcp-xr", "voip-metrics");
}

static gboolean
offers_rate(const McpMediaLocal *local, guint rate)
{
    for (guint i = 0; i < local->n_codecs && !local->no_events; i++)
        if (local->codecs[i]->clock_rate == rate)
            return TRUE;
    return FALSE;
}

static void
add_offer_line(McpMediaNegotiation *self, McpSdpBuilder *builder, const State *state)
{
    GString *formats = g_string_new(NULL);

    for (guint i = 0; i < self->local.n_codecs; i++)
        g_string_append_printf(formats, "%s%u", i > 0 ? " " : "",
                               state->types[self->local.codecs[i]->id]);
    for (guint i = 0; i < EVENT_RATES; i++)
        if (offers_rate(&self->local, event_rates[i]))
            g_string_append_printf(formats, " %u", state->event_types[i]);
    mcp_sdp_builder_add_media(builder, "audio", self->local.port,
                              mcp_media_transport_name(state->agreement.transport), formats->str);
    g_string_free(formats, TRUE);
    add_protection(self, builder, state, TRUE);
    for (guint i = 0; i < self->local.n_codecs; i++) {
        McpMediaFormat format;

        mcp_media_format_init(&format, self->local.codecs[i], &self->local.options);
        add_format(builder, state->types[format.codec->id], &format);
    }
    for (guint i = 0; i < EVENT_RATES; i++)
        if (offers_rate(&self->local, event_rates[i]))
            add_events(builder, state->event_types[i], event_rates[i]);
    add_tail(builder, self->local.ptime, MCP_SDP_SENDRECV, state->agreement.rtcp_mux);
}

typedef void (*BuildFunc)(McpMediaNegotiation *self, McpSdpBuilder *builder, const State *state,
                          McpSdp *offer);

/* §8: the version counts changes; a description that says the same is the same. */
static void
publish(McpMediaNegotiation *self, State *state, BuildFunc build, McpSdp *offer)
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

static void
commit(McpMediaNegotiation *self, State *next)
{
    state_copy(&self->previous, &self->state);
    self->has_previous = TRUE;
    state_copy(&self->state, next);
    state_clear(next);
}

/* --- answering --- */

static void
build_answer(McpMediaNegotiation *self, McpSdpBuilder *builder, const State *state, McpSdp *offer)
{
    for (guint i = 0; i < mcp_sdp_get_n_media(offer); i++) {
        if (state->agreement.active && i == state->line)
            add_answer_line(self, builder, state);
        else
            add_refused(builder, mcp_sdp_get_media(offer, i));
    }
}

/* §8.2: in a session that runs, the other side may switch its stream off. */
static gboolean
is_switched_off(const State *state, McpSdp *offer)
{
    if (state->sent == NULL || mcp_sdp_get_n_media(offer) == 0)
        return FALSE;
    for (guint i = 0; i < mcp_sdp_get_n_media(offer); i++)
        if (mcp_sdp_get_media(offer, i)->port != 0)
            return FALSE;
    return TRUE;
}

/*
 * RFC 8839: with DTLS alone; a phone that offers it beside plain RTP is served without. One that is
 * lite as we are makes no checks (RFC 8445 §6.1.1): c= and m= tell.
 */
static gboolean
uses_ice(const McpSdp *sdp, const McpSdpMedia *media)
{
    return g_ascii_strncasecmp(media->protocol, "UDP/TLS/", 8) == 0 &&
           mcp_sdp_get_attribute(sdp, "ice-lite") == NULL &&
           mcp_media_sdp_find(sdp, media, "ice-ufrag") != NULL &&
           mcp_media_sdp_find(sdp, media, "ice-pwd") != NULL;
}

/* Credentials of ours from the first time on. */
static gboolean
need_ice(McpMediaNegotiation *self, GError **error)
{
    if (self->ice != NULL)
        return TRUE;
    self->ice = g_new0(McpMediaIceLite, 1);
    return mcp_media_ice_lite_init(self->ice, error);
}

/* New ones of ours when the other side restarts, which it does by an offer. */
static gboolean
take_ice(McpMediaNegotiation *self, const McpMediaDtlsLine *line, gboolean is_answer,
         GError **error)
{
    gboolean restart = FALSE;

    if (line->ufrag == NULL)
        return TRUE;
    if (!need_ice(self, error) ||
        !mcp_media_ice_lite_set_remote(self->ice, line->ufrag, line->password, &restart, error))
        return FALSE;
    if (!restart || is_answer)
        return TRUE;
    return mcp_media_ice_lite_init(self->ice, error) &&
           mcp_media_ice_lite_set_remote(self->ice, line->ufrag, line->password, &restart, error);
}

/* Keys by a=crypto, or what DTLS and ICE need to get them. */
static gboolean
take_protection(McpMediaNegotiation *self, McpSdp *offer, const McpSdpMedia *media, State *next,
                McpMediaAgreement *agreed, GError **error)
{
    g_autoptr(McpMediaSdes) sdes = NULL;
    g_autoptr(McpMediaDtlsLine) dtls = NULL;

    if (mcp_media_transport_is_dtls(agreed->transport)) {
        dtls = mcp_media_dtls_line_read(next->dtls, offer, media, FALSE, error);
        if (dtls == NULL || !take_ice(self, dtls, FALSE, error))
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
take_line(McpMediaNegotiation *self, McpSdp *offer, guint index, State *next, char **out_why)
{
    const McpSdpMedia *media = mcp_sdp_get_media(offer, index);
    g_autoptr(GError) error = NULL;
    McpMediaAgreement agreed = {0};
    const char *reason = NULL;

    if (!mcp_media_remote_line_read(&self->local, media, uses_ice(offer, media), &agreed,
                                    &reason)) {
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
choose_line(McpMediaNegotiation *self, McpSdp *offer, State *next, GError **error)
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
    State next = {0};

    state_copy(&next, &self->state);
    if (!choose_line(self, offer, &next, error)) {
        state_clear(&next);
        return NULL;
    }
    if (next.agreement.active) {
        const McpMediaAgreement *agreed = &next.agreement;

        next.types[agreed->codec->id] = agreed->receive_type;
        if (agreed->receive_event_type >= 0)
            next.event_types[event_index(agreed->codec)] = (guint8)agreed->receive_event_type;
    }
    next.offered = FALSE;
    publish(self, &next, build_answer, offer);
    commit(self, &next);
    return mcp_sdp_ref(self->state.sent);
}

/* --- offering --- */

static gboolean
is_type_taken(const State *state, guint8 type)
{
    for (guint i = 0; i < MCP_MEDIA_N_CODECS; i++)
        if (state->types[i] == type)
            return TRUE;
    for (guint i = 0; i < EVENT_RATES; i++)
        if (state->event_types[i] == type)
            return TRUE;
    return FALSE;
}

static void
choose_type(const State *state, guint8 *slot, guint8 preferred)
{
    guint8 type = preferred;

    if (*slot != TYPE_UNSET)
        return;
    for (guint8 next = DYNAMIC_FIRST; is_type_taken(state, type) && next <= DYNAMIC_LAST; next++)
        type = next;
    *slot = type;
}

static void
build_offer(McpMediaNegotiation *self, McpSdpBuilder *builder, const State *state, McpSdp *offer)
{
    guint n = state->sent != NULL ? mcp_sdp_get_n_media(state->sent) : 1;

    for (guint i = 0; i < n; i++) {
        if (i == state->line)
            add_offer_line(self, builder, state);
        else
            add_refused(builder, mcp_sdp_get_media(state->sent, i));
    }
}

/*
 * The first offer of DTLS offers ICE as well: browsers take no other, and who knows nothing of ICE
 * finds us by c= and m= (RFC 8839 §4.2.5).
 */
static gboolean
offer_ice(McpMediaNegotiation *self, State *next, GError **error)
{
    if (!need_ice(self, error))
        return FALSE;
    next->agreement.ice = TRUE;
    if (next->mid == NULL)
        next->mid = g_strdup("0");
    return TRUE;
}

/* Encrypted if it has been so far, or has to be. */
static gboolean
offer_protection(McpMediaNegotiation *self, State *next, GError **error)
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
    State next = {0};

    state_copy(&next, &self->state);
    if (!offer_protection(self, &next, error)) {
        state_clear(&next);
        return NULL;
    }
    for (guint i = 0; i < self->local.n_codecs; i++) {
        const McpMediaCodec *codec = self->local.codecs[i];

        choose_type(&next, &next.types[codec->id], codec->payload_type);
    }
    for (guint i = 0; i < EVENT_RATES; i++)
        choose_type(&next, &next.event_types[i], event_offers[i]);
    next.offered = TRUE;
    publish(self, &next, build_offer, NULL);
    commit(self, &next);
    return mcp_sdp_ref(self->state.sent);
}

/* RFC 4568 §5.1.3: an answer has the transport of its offer, and a key. */
static gboolean
apply_protection(McpMediaNegotiation *self, McpSdp *answer, const McpSdpMedia *media,
                 McpMediaAgreement *agreed, GError **error)
{
    State *state = &self->state;
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
        if (agreed->ice && !take_ice(self, dtls, TRUE, error)) {
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
take_own_numbers(const State *state, McpMediaAgreement *agreed)
{
    agreed->receive_type = state->types[agreed->codec->id];
    if (agreed->receive_event_type >= 0)
        agreed->receive_event_type = state->event_types[event_index(agreed->codec)];
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
    State *state = &self->state;
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
                                    state->agreement.ice && uses_ice(answer, media), &agreed,
                                    &reason)) {
        g_set_error(error, MCP_ERROR, MCP_ERROR_MEDIA, "the answer is not usable: %s", reason);
        return FALSE;
    }
    if (!apply_protection(self, answer, media, &agreed, error))
        return FALSE;
    take_own_numbers(state, &agreed);
    state->agreement = agreed;
    self->has_previous = FALSE;
    return TRUE;
}

void
mcp_media_negotiation_rollback(McpMediaNegotiation *self)
{
    guint64 version = self->state.version;

    if (!self->has_previous)
        return;
    state_copy(&self->state, &self->previous);
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
           a->receive_event_type == b->receive_event_type && a->ptime == b->ptime &&
           a->direction == b->direction && a->rtcp_mux == b->rtcp_mux &&
           a->rtcp_reduced == b->rtcp_reduced && a->voip_metrics == b->voip_metrics &&
           a->ice == b->ice && a->transport == b->transport && a->protection == b->protection &&
           a->has_remote == b->has_remote &&
           (!a->has_remote || (mcp_media_address_equal(&a->remote, &b->remote) &&
                               mcp_media_address_equal(&a->remote_rtcp, &b->remote_rtcp)));
}
