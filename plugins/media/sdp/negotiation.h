/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "offer_answer.h"

G_BEGIN_DECLS

/* What the parts of a negotiation share. On the leg's context. */

/** MCP_MEDIA_EVENT_CLOCKS: clocks that telephone events may have. */
#define MCP_MEDIA_EVENT_CLOCKS 3
#define MCP_MEDIA_TYPE_UNSET 0xff

/** mcp_media_event_clocks: RFC 4733 §2.1: events share the clock of the audio. */
extern const guint mcp_media_event_clocks[MCP_MEDIA_EVENT_CLOCKS];

/**
 * McpMediaDescription: what one description of ours means. Kept twice: in force, and before the
 * last change.
 */
typedef struct {
    McpSdp *sent;     /* nullable */
    gboolean offered; /* @sent is an offer; it may be answered more than once (183, then 200) */
    guint line;       /* index of the audio line in @sent */
    guint64 version;
    guint8 types
        [MCP_MEDIA_N_CODECS]; /* payload types that we receive (§8.3.2), or MCP_MEDIA_TYPE_UNSET */
    guint8 event_types
        [MCP_MEDIA_EVENT_CLOCKS]; /* by the place of their clock in mcp_media_event_clocks */
    guint8 noise_type;            /* CN, or MCP_MEDIA_TYPE_UNSET */
    McpMediaAgreement agreement;
    McpMediaSdes *sdes;     /* nullable */
    McpMediaDtlsLine *dtls; /* nullable */
    char *mid;              /* nullable: of the line of audio (RFC 8843 §7) */
} McpMediaDescription;

struct _McpMediaNegotiation {
    McpMediaLocal local;
    char *address;
    guint64 session_id;
    McpMediaDescription state;
    McpMediaDescription previous;
    gboolean has_previous;
    McpMediaIceLite *ice; /* nullable */
};

/** McpMediaBuildFunc: writes the lines of a description; @offer: (nullable): that it answers. */
typedef void (*McpMediaBuildFunc)(McpMediaNegotiation *self, McpSdpBuilder *builder,
                                  const McpMediaDescription *state, McpSdp *offer);

/** mcp_media_description_copy: what @to held is dropped. */
void mcp_media_description_copy(McpMediaDescription *to, const McpMediaDescription *from);
/** mcp_media_description_clear: drops what it holds. */
void mcp_media_description_clear(McpMediaDescription *state);
/** mcp_media_negotiation_publish: §8: the version counts changes; the same text is the same. */
void mcp_media_negotiation_publish(McpMediaNegotiation *self, McpMediaDescription *state,
                                   McpMediaBuildFunc build, McpSdp *offer);
/** mcp_media_negotiation_commit: @next is in force; the one before can be rolled back to. */
void mcp_media_negotiation_commit(McpMediaNegotiation *self, McpMediaDescription *next);
/** mcp_media_own_line_answer: our line of audio in an answer. */
void mcp_media_own_line_answer(McpMediaNegotiation *self, McpSdpBuilder *builder,
                               const McpMediaDescription *state);
/** mcp_media_own_line_offer: our line of audio in an offer. */
void mcp_media_own_line_offer(McpMediaNegotiation *self, McpSdpBuilder *builder,
                              const McpMediaDescription *state);
/** mcp_media_own_line_refuse: a line of the other side with port 0. */
void mcp_media_own_line_refuse(McpSdpBuilder *builder, const McpSdpMedia *media);
/** mcp_media_event_clock: place of the clock of @codec in mcp_media_event_clocks. */
guint mcp_media_event_clock(const McpMediaCodec *codec);
/** mcp_media_negotiation_offers_noise: beside codecs of its clock, if it is wanted or in use. */
gboolean mcp_media_negotiation_offers_noise(const McpMediaNegotiation *self,
                                            const McpMediaDescription *state);
/** mcp_media_negotiation_uses_ice: whether @media of @sdp can be found by ICE. */
gboolean mcp_media_negotiation_uses_ice(const McpSdp *sdp, const McpSdpMedia *media);
/** mcp_media_negotiation_need_ice: there is an agent from now on. */
gboolean mcp_media_negotiation_need_ice(McpMediaNegotiation *self, GError **error);
/** mcp_media_negotiation_take_ice: what the other side says of itself. */
gboolean mcp_media_negotiation_take_ice(McpMediaNegotiation *self, const McpMediaDtlsLine *line,
                                        gboolean is_answer, GError **error);

G_END_DECLS
