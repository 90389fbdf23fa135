/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <mcp/peer.h>
#include <mcp/sdp.h>
#include <mcp/settings.h>

G_BEGIN_DECLS

/** McpHeader: a header or URI parameter. Lists are GPtrArray of these. */
typedef struct {
    char *name;
    char *value; /* NULL for a parameter without "=" */
} McpHeader;

/** mcp_header_new: (transfer full): copies both. */
McpHeader *mcp_header_new(const char *name, const char *value);
/** mcp_header_free: frees a header. */
void mcp_header_free(McpHeader *header);
/** mcp_headers_get: (nullable) (transfer none): value of the first header @name, any case. */
const char *mcp_headers_get(const GPtrArray *headers, const char *name);

/**
 * mcp_header_is_genesys: whether @name is a header of the reference platform (X-Genesys-*,
 * X-ISCC-CofId), which is echoed on every message of its dialog.
 */
gboolean mcp_header_is_genesys(const char *name);

/** McpReject: a final answer that refuses; everything but @status may be NULL or 0. */
typedef struct {
    guint status;       /* 300 to 699 */
    char *reason;       /* value of the Reason header (RFC 3326) */
    guint warning_code; /* 3xx; 0: no Warning header */
    char *warning_text;
    guint retry_after; /* seconds; 0: no header */
} McpReject;

/**
 * mcp_reject_new: (transfer full): @warning (nullable) becomes a Warning 399 (RFC 3261 §20.43),
 * @reason a Reason header text.
 */
McpReject *mcp_reject_new(guint status, const char *reason, const char *warning);
/** mcp_reject_copy: (transfer full). */
McpReject *mcp_reject_copy(const McpReject *reject);
/** mcp_reject_free: frees it. */
void mcp_reject_free(McpReject *reject);

/** McpInvite: what an INVITE said; immutable after it was handed to the core. */
typedef struct {
    gatomicrefcount refs;
    char *sip_call_id;
    char *request_uri;
    char *user; /* user part of the request-URI, unescaped; "" if none */
    char *host;
    GPtrArray *uri_parameters; /* McpHeader, in order, repeated ones kept, unescaped */
    char *from_uri;
    char *from_display; /* nullable */
    char *to_uri;
    GPtrArray *headers;   /* McpHeader: what the stack does not consume and the peer is believed */
    char *remote_address; /* "192.0.2.1:5060" or "[2001:db8::1]:5060" */
    char *local_address;
    char *transport; /* "udp", "tcp", "tls" */
    McpPeer *peer;
    McpSdp *offer;   /* nullable: an offerless INVITE */
    gboolean secure; /* came over TLS */
    /* Set by mcp_calls_examine(). */
    char *identity;        /* nullable: who is calling, where the peer is believed that */
    McpSettings *settings; /* nullable: of this call, where it sets any for itself */
} McpInvite;

/** mcp_invite_new: (transfer full): all members empty, lists made; filled by the caller. */
McpInvite *mcp_invite_new(void);
/** mcp_invite_has_audio: whether the offer has an audio line; an offerless INVITE has. */
gboolean mcp_invite_has_audio(const McpInvite *invite);
/** mcp_invite_ref: (transfer full). Any thread. */
McpInvite *mcp_invite_ref(McpInvite *invite);
/** mcp_invite_unref: Any thread. */
void mcp_invite_unref(McpInvite *invite);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpReject, mcp_reject_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpInvite, mcp_invite_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpHeader, mcp_header_free)

G_END_DECLS
