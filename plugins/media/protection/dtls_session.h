/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "dtls_credentials.h"
#include "master_keys.h"

#include <sys/socket.h>

G_BEGIN_DECLS

/** Bytes of the longest datagram that is sent. */
#define MCP_MEDIA_DTLS_DATAGRAM 1200
/** Datagrams that a handshake may take before it has failed; also the longest one read. */
#define MCP_MEDIA_DTLS_DATAGRAMS_MAX 256
#define MCP_MEDIA_DTLS_INPUT_MAX 4096
/** How long a handshake may take once the other side has answered, in µs. */
#define MCP_MEDIA_DTLS_DEADLINE (30 * G_USEC_PER_SEC)

/** McpMediaDtlsRole: of a=setup (RFC 5763 §5). */
typedef enum {
    MCP_MEDIA_DTLS_PASSIVE, /* awaits the ClientHello */
    MCP_MEDIA_DTLS_ACTIVE,
} McpMediaDtlsRole;

/** McpMediaDtlsState: how far a session is. */
typedef enum {
    MCP_MEDIA_DTLS_IDLE, /* active: not started; passive: no ClientHello with a good cookie yet */
    MCP_MEDIA_DTLS_HANDSHAKE,
    MCP_MEDIA_DTLS_UNVERIFIED, /* done, but no fingerprint of the other side is known yet */
    MCP_MEDIA_DTLS_CONNECTED,  /* done, and the certificate is the one described: keys are there */
    MCP_MEDIA_DTLS_CLOSED,     /* the other side, or we, said so */
    MCP_MEDIA_DTLS_FAILED,     /* mcp_media_dtls_get_reason() */
} McpMediaDtlsState;

/**
 * McpMediaDtlsSend: a datagram for the other side. Called within the calls below; it may not free
 * or feed the session.
 */
typedef void (*McpMediaDtlsSend)(const guint8 *data, gsize length, gpointer user_data);

/** McpMediaDtlsConfig: what a session is made of. */
typedef struct {
    McpMediaDtlsRole role;
    const McpMediaSuite *suites; /* profiles offered or taken, preferred ones first */
    guint n_suites;
    guint retransmit_ms; /* first one, doubled each time; 0: 400 */
    McpMediaDtlsSend send;
    gpointer user_data;
} McpMediaDtlsConfig;

/**
 * McpMediaDtls: DTLS-SRTP with one peer (RFC 5763, 5764). The leg's context: a handshake costs
 * about a millisecond and takes memory, so that the worker hands these datagrams over.
 */
typedef struct _McpMediaDtls McpMediaDtls;

/**
 * mcp_media_dtls_new: (transfer full) (nullable): a passive session listens at once.
 * @config: copied
 *
 * Returns: NULL with MCP_ERROR_INVALID when no suite has a profile, MCP_ERROR_FAILED when the
 * library fails.
 */
McpMediaDtls *mcp_media_dtls_new(McpMediaDtlsCredentials *credentials,
                                 const McpMediaDtlsConfig *config, GError **error);
/** mcp_media_dtls_free: (nullable). */
void mcp_media_dtls_free(McpMediaDtls *dtls);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMediaDtls, mcp_media_dtls_free)

/**
 * mcp_media_dtls_set_fingerprints: the a=fingerprint values of the other side, before or after the
 * handshake; may end it. Those that cannot be read are left out.
 *
 * Returns: FALSE with MCP_ERROR_INVALID or MCP_ERROR_UNSUPPORTED when none can be used.
 */
gboolean mcp_media_dtls_set_fingerprints(McpMediaDtls *dtls, const char *const *values, guint n,
                                         GError **error);

/** mcp_media_dtls_start: sends the first ClientHello of an active session. @now monotonic µs. */
McpMediaDtlsState mcp_media_dtls_start(McpMediaDtls *dtls, gint64 now);

/**
 * mcp_media_dtls_feed: a datagram that mcp_media_demultiplex() takes for DTLS.
 * @from: whose it is; a passive session proves that it is reachable there before anything else
 *
 * Returns: the state after it.
 */
McpMediaDtlsState mcp_media_dtls_feed(McpMediaDtls *dtls, const guint8 *data, gsize length,
                                      const struct sockaddr_storage *from, gint64 now);

/**
 * mcp_media_dtls_get_timeout: µs from @now until mcp_media_dtls_handle_timeout() is due; -1: never.
 * Retransmissions are timed by the library on the system's clock, the deadline by @now.
 */
gint64 mcp_media_dtls_get_timeout(McpMediaDtls *dtls, gint64 now);
/** mcp_media_dtls_handle_timeout: sends again what is due, or gives up. May come early. */
McpMediaDtlsState mcp_media_dtls_handle_timeout(McpMediaDtls *dtls, gint64 now);

/** mcp_media_dtls_close: tells the other side, once. */
void mcp_media_dtls_close(McpMediaDtls *dtls);

/** mcp_media_dtls_get_state: as the last call returned it. */
McpMediaDtlsState mcp_media_dtls_get_state(const McpMediaDtls *dtls);
/** mcp_media_dtls_get_reason: (transfer none): why it failed; "" else. */
const char *mcp_media_dtls_get_reason(const McpMediaDtls *dtls);

/**
 * mcp_media_dtls_get_keys: the keys of a connected session (RFC 5764 §4.2).
 * @out_inbound, @out_outbound: the caller clears them; untouched on failure
 *
 * Returns: FALSE with MCP_ERROR_STATE before it is connected, MCP_ERROR_FAILED when the library
 * fails.
 */
gboolean mcp_media_dtls_get_keys(McpMediaDtls *dtls, McpMediaKeys *out_inbound,
                                 McpMediaKeys *out_outbound, GError **error);

G_END_DECLS
