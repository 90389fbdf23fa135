/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "stun.h"

G_BEGIN_DECLS

/** Characters of what we make: 48 and 144 bits of chance, RFC 8445 §5.3 wants 24 and 128. */
#define MCP_MEDIA_ICE_UFRAG 8
#define MCP_MEDIA_ICE_PASSWORD 24
#define MCP_MEDIA_ICE_TEXT_MAX 256 /* RFC 8839 §5.4 */
#define MCP_MEDIA_ICE_CANDIDATES_MAX 8

/**
 * McpMediaIceLite: one component that answers connectivity checks and sends none (RFC 8445 §2.5).
 * It is always controlled. One thread at a time: the leg's context, then the media worker.
 *
 * @nominated: the address that media goes to, the newest with USE-CANDIDATE
 */
typedef struct {
    char ufrag[MCP_MEDIA_ICE_UFRAG + 1];
    char password[MCP_MEDIA_ICE_PASSWORD + 1];
    char remote_ufrag[MCP_MEDIA_ICE_TEXT_MAX + 1];
    char remote_password[MCP_MEDIA_ICE_TEXT_MAX + 1];
    struct sockaddr_storage nominated; /* valid when @has_nominated */
    gboolean has_nominated;
    guint64 checks;  /* answered with success */
    guint64 refused; /* answered with an error */
    guint64 ignored;
} McpMediaIceLite;

/** McpMediaIceOutcome: what a datagram of STUN was. */
typedef enum {
    MCP_MEDIA_ICE_IGNORED, /* no answer: malformed, no request, or not of who knows the password */
    MCP_MEDIA_ICE_REFUSED, /* an error is to be sent */
    MCP_MEDIA_ICE_CHECKED, /* success is to be sent; the source knows the password */
    MCP_MEDIA_ICE_NOMINATED, /* as CHECKED, and @nominated has changed or was confirmed */
} McpMediaIceOutcome;

/**
 * mcp_media_ice_lite_init: fresh ufrag and password; also for a restart (RFC 8445 §9): requests
 * with the old ones are then ignored.
 *
 * Returns: FALSE with MCP_ERROR_FAILED when the generator gives nothing.
 */
gboolean mcp_media_ice_lite_init(McpMediaIceLite *ice, GError **error);
/** mcp_media_ice_lite_clear: wipes the memory. */
void mcp_media_ice_lite_clear(McpMediaIceLite *ice);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(McpMediaIceLite, mcp_media_ice_lite_clear)

/**
 * mcp_media_ice_lite_set_remote: values of a=ice-ufrag and a=ice-pwd of the other side.
 * @out_restart: whether both differ from those before: it restarts ICE, and so must we (RFC 8839
 *   §4.4.1.1)
 *
 * Returns: FALSE with MCP_ERROR_INVALID for lengths or characters that RFC 8839 §5.4 forbids.
 */
gboolean mcp_media_ice_lite_set_remote(McpMediaIceLite *ice, const char *ufrag,
                                       const char *password, gboolean *out_restart, GError **error);

/**
 * mcp_media_ice_lite_take: a datagram that mcp_media_demultiplex() takes for STUN. Who does not
 * know the password gets no answer at all, so that nobody is reached through us.
 * @from: its source, where the answer goes
 * @out_response: filled unless IGNORED
 *
 * Takes no memory of its own; the library takes a little for each digest.
 */
McpMediaIceOutcome mcp_media_ice_lite_take(McpMediaIceLite *ice, const guint8 *data, gsize length,
                                           const struct sockaddr_storage *from,
                                           McpMediaStunWriter *out_response);

/** mcp_media_ice_append_session: the session's line, "a=ice-lite". */
void mcp_media_ice_append_session(GString *sdp);
/**
 * mcp_media_ice_lite_append_media: the lines of the media description: a=ice-ufrag, a=ice-pwd and a
 * host candidate of component 1 over UDP for each address (RFC 8839 §5.1), preferred ones first.
 */
void mcp_media_ice_lite_append_media(const McpMediaIceLite *ice,
                                     const struct sockaddr_storage *addresses, guint n,
                                     GString *sdp);
/** mcp_media_ice_host_priority: of the @index-th address of a host (RFC 8445 §5.1.2.1). */
guint32 mcp_media_ice_host_priority(guint index);

G_END_DECLS
