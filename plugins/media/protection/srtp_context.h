/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "master_keys.h"

G_BEGIN_DECLS

/** Bytes behind a packet that protecting it may take: tag, index of RTCP, MKI. */
#define MCP_MEDIA_SRTP_TRAILER (16 + 4 + MCP_MEDIA_MKI_MAX)
/** The longest packet that is taken. */
#define MCP_MEDIA_SRTP_PACKET_MAX 2560
/** Sources (SSRCs) of the other side that are kept apart; the oldest gives way to another one. */
#define MCP_MEDIA_SRTP_SOURCES_MAX 32
#define MCP_MEDIA_SRTP_WINDOW 128

/** McpMediaSrtpResult: what became of a packet; all but OK: it is to be dropped. */
typedef enum {
    MCP_MEDIA_SRTP_OK,
    MCP_MEDIA_SRTP_AUTH_FAIL, /* not of this key, or changed on its way, or an unknown MKI */
    MCP_MEDIA_SRTP_REPLAY,    /* seen before, or older than the window */
    MCP_MEDIA_SRTP_MALFORMED, /* no packet at all, or too long */
    MCP_MEDIA_SRTP_EXPIRED,   /* the key has been used as often as it may be */
    MCP_MEDIA_SRTP_NO_KEY,    /* none is set for this direction */
    MCP_MEDIA_SRTP_NO_ROOM,   /* the buffer does not take the trailer */
} McpMediaSrtpResult;

/** McpMediaSrtpDirection: which way the packets of a key go. */
typedef enum {
    MCP_MEDIA_SRTP_INBOUND,
    MCP_MEDIA_SRTP_OUTBOUND,
} McpMediaSrtpDirection;

/**
 * McpMediaSrtpSession: one direction under one set of master keys. Made where there is time for it
 * (about 0.1 ms), handed to the worker, which only swaps it in.
 */
typedef struct _McpMediaSrtpSession McpMediaSrtpSession;

/**
 * mcp_media_srtp_start: starts the library, once a process; sessions do so themselves, the first
 * one then takes its time (some 100 ms). FALSE with MCP_ERROR_FAILED. Any thread.
 */
gboolean mcp_media_srtp_start(GError **error);
/**
 * mcp_media_srtp_session_new: (transfer full).
 * @keys: copied
 * @window: packets that may be late without being a replay, inbound; rounded into 64 to 4096, 0:
 *   MCP_MEDIA_SRTP_WINDOW
 *
 * Returns: (nullable): NULL with MCP_ERROR_INVALID for keys that are none, MCP_ERROR_FAILED when
 * the library fails. Any thread, not a media worker.
 */
McpMediaSrtpSession *mcp_media_srtp_session_new(McpMediaSrtpDirection direction,
                                                const McpMediaKeys *keys, guint window,
                                                GError **error);
/** mcp_media_srtp_session_free: (nullable). Any thread. */
void mcp_media_srtp_session_free(McpMediaSrtpSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMediaSrtpSession, mcp_media_srtp_session_free)

/**
 * McpMediaSrtp: the protection of one leg, both directions. It belongs to whoever holds it, one
 * thread at a time: the leg's context until the stream starts, then its media worker. Memory is
 * taken on the worker only when the other side begins another SSRC.
 */
typedef struct _McpMediaSrtp McpMediaSrtp;

/** mcp_media_srtp_new: (transfer full): without keys. */
McpMediaSrtp *mcp_media_srtp_new(void);
/** mcp_media_srtp_free: (nullable): with its sessions. */
void mcp_media_srtp_free(McpMediaSrtp *srtp);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMediaSrtp, mcp_media_srtp_free)

/**
 * mcp_media_srtp_replace: puts a session of its direction in place. One with the keys of the
 * present session changes nothing: roll-over counter and replay window go on. One with the keys
 * before them (an offer was turned down) brings those back with their state. With other keys the
 * counter begins at 0 (RFC 4568 §6.4), and inbound packets of the keys before are taken until some
 * under the new ones came (RFC 4568 §7.1.4).
 * @session: (transfer full)
 *
 * Returns: (transfer full) (nullable): the session that is not needed, to be freed elsewhere.
 */
McpMediaSrtpSession *mcp_media_srtp_replace(McpMediaSrtp *srtp, McpMediaSrtpSession *session);

/**
 * mcp_media_srtp_set: makes a session of @keys and puts it in place; makes none when they are those
 * of the present one. Parameters and errors: mcp_media_srtp_session_new(). Not on a media worker.
 */
gboolean mcp_media_srtp_set(McpMediaSrtp *srtp, McpMediaSrtpDirection direction,
                            const McpMediaKeys *keys, guint window, GError **error);

/**
 * mcp_media_srtp_protect_rtp: in place; no room is needed in front.
 * @data: aligned to four bytes
 * @length: of the packet, in and out
 * @capacity: of the buffer; @length + MCP_MEDIA_SRTP_TRAILER is always enough
 *
 * Returns: OK, or what is in the buffer must not be sent.
 */
McpMediaSrtpResult mcp_media_srtp_protect_rtp(McpMediaSrtp *srtp, guint8 *data, gsize *length,
                                              gsize capacity);
/** mcp_media_srtp_protect_rtcp: as mcp_media_srtp_protect_rtp(), for a compound RTCP packet. */
McpMediaSrtpResult mcp_media_srtp_protect_rtcp(McpMediaSrtp *srtp, guint8 *data, gsize *length,
                                               gsize capacity);
/**
 * mcp_media_srtp_unprotect_rtp: in place; @length shrinks. Any SSRC of the other side is taken.
 * @data: aligned to four bytes; of no use unless OK
 */
McpMediaSrtpResult mcp_media_srtp_unprotect_rtp(McpMediaSrtp *srtp, guint8 *data, gsize *length);
/** mcp_media_srtp_unprotect_rtcp: as mcp_media_srtp_unprotect_rtp(). */
McpMediaSrtpResult mcp_media_srtp_unprotect_rtcp(McpMediaSrtp *srtp, guint8 *data, gsize *length);

/**
 * mcp_media_srtp_get_roll_over: the roll-over counter of a source. For tests and the debug page.
 * Returns: FALSE when the source is not known in that direction.
 */
gboolean mcp_media_srtp_get_roll_over(McpMediaSrtp *srtp, McpMediaSrtpDirection direction,
                                      guint32 ssrc, guint32 *out_counter);

G_END_DECLS
