/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * McpSdp: one immutable session description (RFC 4566). Shared by reference between threads.
 * Lines unknown to the platform are kept in place, so that a description can be written back.
 */
typedef struct _McpSdp McpSdp;

/** McpSdpDirection: a=sendrecv and its fellows, seen from whoever wrote the description. */
typedef enum {
    MCP_SDP_INACTIVE = 0,
    MCP_SDP_SENDONLY = 1,
    MCP_SDP_RECVONLY = 2,
    MCP_SDP_SENDRECV = 3,
} McpSdpDirection;

/** McpSdpFormat: one payload type of a media line; static ones of RFC 3551 are filled in. */
typedef struct {
    guint8 payload_type;
    char *encoding; /* "PCMU", as written */
    guint clock_rate;
    guint channels; /* 1 unless said */
    char *fmtp;     /* nullable */
} McpSdpFormat;

/** McpSdpAttribute: an a= line; @value is NULL for a property attribute. */
typedef struct {
    char *name;
    char *value;
} McpSdpAttribute;

/** McpSdpMedia: one m= line with what belongs to it. */
typedef struct {
    char *type; /* "audio" */
    guint port;
    char *protocol;              /* "RTP/AVP" */
    char *address;               /* nullable: own c= line or the session's */
    gboolean ipv6;               /* family of @address */
    McpSdpDirection direction;   /* own, else the session's, else sendrecv */
    guint ptime;                 /* ms, 0 unless said */
    guint maxptime;              /* ms, 0 unless said */
    char **raw_formats;          /* the fmt list as it stands, NULL-terminated */
    const McpSdpFormat *formats; /* RTP payload types in order of preference */
    guint n_formats;
    const McpSdpAttribute *attributes; /* all a= lines of this media line, in order */
    guint n_attributes;
} McpSdpMedia;

/**
 * mcp_sdp_parse:
 * @text: bytes from the wire, need not be NUL-terminated
 * @length: their number; at most 64 KiB
 *
 * Tolerates LF alone and a missing last line end. Returns: (transfer full): the description, or
 * NULL
 * with MCP_ERROR_INVALID naming line number and fault. Any thread.
 */
McpSdp *mcp_sdp_parse(const char *text, gsize length, GError **error);
/** mcp_sdp_ref: (transfer full). Any thread. */
McpSdp *mcp_sdp_ref(McpSdp *sdp);
/** mcp_sdp_unref: Any thread. */
void mcp_sdp_unref(McpSdp *sdp);
/** mcp_sdp_get_text: (transfer none): the description as it is sent, CRLF line ends. */
const char *mcp_sdp_get_text(const McpSdp *sdp);
/** mcp_sdp_get_origin: (transfer none): value of the o= line. */
const char *mcp_sdp_get_origin(const McpSdp *sdp);
/** mcp_sdp_get_version: sess-version of the o= line. */
guint64 mcp_sdp_get_version(const McpSdp *sdp);
/** mcp_sdp_get_n_media: number of m= lines. */
guint mcp_sdp_get_n_media(const McpSdp *sdp);
/** mcp_sdp_get_media: (transfer none): line @index, 0 ≤ @index < n. */
const McpSdpMedia *mcp_sdp_get_media(const McpSdp *sdp, guint index);
/**
 * mcp_sdp_media_get_attribute: (nullable) (transfer none): value of the first a=@name ("" for a
 * property).
 */
const char *mcp_sdp_media_get_attribute(const McpSdpMedia *media, const char *name);
/** mcp_sdp_get_attribute: (nullable) (transfer none): session-level a=@name. */
const char *mcp_sdp_get_attribute(const McpSdp *sdp, const char *name);
/** mcp_sdp_equal_but_origin: whether two descriptions say the same, o= and s= aside. */
gboolean mcp_sdp_equal_but_origin(const McpSdp *a, const McpSdp *b);
/**
 * mcp_sdp_continue: (transfer full): @sdp, which may have been made elsewhere, as what follows
 * @before in its session (RFC 3264 §8): with the origin of @before, a new version if it says
 * something new, and no m= line lost (those missing are refused). As an answer it has the lines of
 * @offer (nullable), no more and no less. @sdp itself if it is all that already. Any thread.
 */
McpSdp *mcp_sdp_continue(McpSdp *sdp, const McpSdp *before, const McpSdp *offer);

/** McpSdpBuilder: writes a description; one caller. */
typedef struct _McpSdpBuilder McpSdpBuilder;

/**
 * mcp_sdp_builder_new:
 * @session_id: numeric sess-id, kept for the life of the dialog
 * @version: sess-version, one more for each change (RFC 3264 §8)
 * @address: IPv4 or IPv6 literal for o= and c=
 */
McpSdpBuilder *mcp_sdp_builder_new(guint64 session_id, guint64 version, const char *address);
/** mcp_sdp_builder_add_attribute: a session-level a= line; @value NULL for a property. */
void mcp_sdp_builder_add_attribute(McpSdpBuilder *builder, const char *name, const char *value);
/** mcp_sdp_builder_add_media: opens an m= line; @formats as in the fmt list, blank-separated. */
void mcp_sdp_builder_add_media(McpSdpBuilder *builder, const char *type, guint port,
                               const char *protocol, const char *formats);
/** mcp_sdp_builder_add_media_attribute: an a= line of the last m= line. */
void mcp_sdp_builder_add_media_attribute(McpSdpBuilder *builder, const char *name,
                                         const char *value);
/** mcp_sdp_builder_finish: (transfer full): frees the builder. */
McpSdp *mcp_sdp_builder_finish(McpSdpBuilder *builder);
/** mcp_sdp_builder_free: frees a builder that was not finished. */
void mcp_sdp_builder_free(McpSdpBuilder *builder);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpSdp, mcp_sdp_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpSdpBuilder, mcp_sdp_builder_free)

G_END_DECLS
