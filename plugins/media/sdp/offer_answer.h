/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../codec/format.h"
#include "../protection/ice_lite.h"
#include "dtls_line.h"
#include "sdes.h"
#include <mcp/sdp.h>
#include <sys/socket.h>

G_BEGIN_DECLS

/** McpMediaTransport: the protocol of an m= line (RFC 3551, 4585, 3711, 5124, 5764). */
typedef enum {
    MCP_MEDIA_TRANSPORT_AVP,
    MCP_MEDIA_TRANSPORT_AVPF,
    MCP_MEDIA_TRANSPORT_SAVP,
    MCP_MEDIA_TRANSPORT_SAVPF,
    MCP_MEDIA_TRANSPORT_DTLS_SAVP,
    MCP_MEDIA_TRANSPORT_DTLS_SAVPF,
    MCP_MEDIA_N_TRANSPORTS,
} McpMediaTransport;

/** McpMediaProtectionMode: whether RTP is encrypted. */
typedef enum {
    MCP_MEDIA_PROTECTION_OFF,      /* lines that want it are refused */
    MCP_MEDIA_PROTECTION_OPTIONAL, /* taken where offered, not offered by us */
    MCP_MEDIA_PROTECTION_REQUIRED, /* lines without are refused */
} McpMediaProtectionMode;

/** McpMediaNoiseMode: whether comfort noise (RFC 3389) is agreed upon. */
typedef enum {
    MCP_MEDIA_NOISE_ANSWER, /* where it is offered to us */
    MCP_MEDIA_NOISE_OFFER,  /* and offered by us */
    MCP_MEDIA_NOISE_OFF,
} McpMediaNoiseMode;

/** McpMediaAgreement: what both sides agreed upon for the one audio stream. */
typedef struct {
    gboolean active; /* an audio line is in use */
    const McpMediaCodec *codec;
    McpMediaFormat format;                    /* of @codec, as we send it */
    guint8 send_type, receive_type;           /* payload types, may differ (RFC 3264 §5.1) */
    gint send_event_type, receive_event_type; /* telephone-event, -1 none */
    gint send_noise_type, receive_noise_type; /* CN (RFC 3389), -1 none */
    guint ptime;                              /* ms of the packets we send */
    McpSdpDirection direction;                /* ours */
    gboolean rtcp_mux;
    gboolean rtcp_reduced; /* RFC 5506 */
    gboolean voip_metrics; /* the other side wants them (RFC 3611 §5.1) */
    McpMediaTransport transport;
    gboolean ice;        /* where packets go is what ICE finds */
    guint64 protection;  /* serial of its keys, 0: not encrypted */
    gboolean has_remote; /* FALSE: nothing may be sent (hold by 0.0.0.0) */
    struct sockaddr_storage remote;
    struct sockaddr_storage remote_rtcp;
} McpMediaAgreement;

/** McpMediaLocal: what our side is and can; strings are copied. */
typedef struct {
    const char *address; /* literal that stands in the description */
    guint port;
    const McpMediaCodec *codecs[MCP_MEDIA_N_CODECS]; /* in order of preference */
    guint n_codecs;
    gboolean own_order; /* our preference counts, not that of the offer */
    McpMediaCodecOptions options;
    guint ptime;
    gboolean no_events; /* telephone-event is neither offered nor taken */
    McpMediaNoiseMode noise;
    McpMediaProtectionMode protection;
    const char *fingerprint; /* nullable: no DTLS; ours, static */
    gboolean sdes;           /* keys may stand in the description: nobody else reads it */
    McpMediaSuites suites;
} McpMediaLocal;

/**
 * McpMediaNegotiation: offer/answer of one leg (RFC 3264), one audio line. No state of the network
 * in it; belongs to the leg, on its context.
 */
typedef struct _McpMediaNegotiation McpMediaNegotiation;

/** mcp_media_negotiation_new: (transfer full). */
McpMediaNegotiation *mcp_media_negotiation_new(const McpMediaLocal *local);
/** mcp_media_negotiation_free: frees it. */
void mcp_media_negotiation_free(McpMediaNegotiation *self);
/** mcp_media_negotiation_offer: (transfer full): all codecs; lines refused before stay in place. */
McpSdp *mcp_media_negotiation_offer(McpMediaNegotiation *self, GError **error);
/**
 * mcp_media_negotiation_answer: (transfer full): takes the first usable audio line, refuses the
 * others; MCP_ERROR_MEDIA, and no change, when no line is usable.
 */
McpSdp *mcp_media_negotiation_answer(McpMediaNegotiation *self, McpSdp *offer, GError **error);
/** mcp_media_negotiation_apply: the answer to our last offer. */
gboolean mcp_media_negotiation_apply(McpMediaNegotiation *self, McpSdp *answer, GError **error);
/** mcp_media_negotiation_rollback: back to before the last offer or answer. */
void mcp_media_negotiation_rollback(McpMediaNegotiation *self);
/** mcp_media_negotiation_get: (transfer none): the agreement in force. */
const McpMediaAgreement *mcp_media_negotiation_get(const McpMediaNegotiation *self);
/** mcp_media_negotiation_get_sdes: (transfer none) (nullable): keys of the agreement in force. */
const McpMediaSdes *mcp_media_negotiation_get_sdes(const McpMediaNegotiation *self);
/** mcp_media_negotiation_get_dtls: (transfer none) (nullable): of the agreement in force. */
const McpMediaDtlsLine *mcp_media_negotiation_get_dtls(const McpMediaNegotiation *self);
/** mcp_media_negotiation_get_ice: (transfer none) (nullable): once the other side spoke of it. */
McpMediaIceLite *mcp_media_negotiation_get_ice(McpMediaNegotiation *self);
/** mcp_media_transport_is_dtls: whether keys come by DTLS. */
gboolean mcp_media_transport_is_dtls(McpMediaTransport transport);
/** mcp_media_transport_name: (transfer none): as in an m= line. */
const char *mcp_media_transport_name(McpMediaTransport transport);
/** mcp_media_transport_is_secure: whether the protocol is one of SRTP. */
gboolean mcp_media_transport_is_secure(McpMediaTransport transport);
/** mcp_media_agreement_equal: whether two say the same. */
gboolean mcp_media_agreement_equal(const McpMediaAgreement *a, const McpMediaAgreement *b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMediaNegotiation, mcp_media_negotiation_free)

G_END_DECLS
