/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <sys/socket.h>

G_BEGIN_DECLS

/**
 * McpMediaSourceLock: where a leg's packets come from and go to. Until it is locked, packets of
 * the address in the SDP lock it at once, a source that sends a few packets in a row, numbered one
 * after the other, locks it else (symmetric RTP behind a NAT); no more than those few are taken on
 * trust. A source that is not locked to is foreign. The address in the SDP, should it show up
 * later, wins over a learned one.
 */
typedef struct {
    struct sockaddr_storage signalled;
    struct sockaddr_storage source;    /* valid when @locked */
    struct sockaddr_storage candidate; /* valid when @candidate_packets > 0 */
    guint32 candidate_ssrc;
    guint16 candidate_sequence;
    guint candidate_packets;
    guint trusted; /* packets of candidates that were taken */
    gboolean has_signalled;
    gboolean locked;
    gboolean learning; /* other sources than the signalled one may be taken */
} McpMediaSourceLock;

/** McpMediaSourceVerdict: what to do with a packet. */
typedef enum {
    MCP_MEDIA_SOURCE_ACCEPT,
    MCP_MEDIA_SOURCE_LOCKED, /* accept; this packet has just locked or moved the lock */
    MCP_MEDIA_SOURCE_FOREIGN,
} McpMediaSourceVerdict;

/** mcp_media_source_lock_set: another remote description; NULL: none known. */
void mcp_media_source_lock_set(McpMediaSourceLock *lock, const struct sockaddr_storage *signalled,
                               gboolean learning);
/** mcp_media_source_lock_check: judges one valid RTP packet. Media worker. */
McpMediaSourceVerdict mcp_media_source_lock_check(McpMediaSourceLock *lock,
                                                  const struct sockaddr_storage *from, guint32 ssrc,
                                                  guint16 sequence);
/** mcp_media_source_lock_target: (nullable): where to send. */
const struct sockaddr_storage *mcp_media_source_lock_target(const McpMediaSourceLock *lock);

/** mcp_media_address_equal: same family, address and port. */
gboolean mcp_media_address_equal(const struct sockaddr_storage *a,
                                 const struct sockaddr_storage *b);
/** mcp_media_address_length: length of the address proper. */
socklen_t mcp_media_address_length(const struct sockaddr_storage *address);
/** mcp_media_address_set: from a literal; FALSE when @text is none. */
gboolean mcp_media_address_set(struct sockaddr_storage *out_address, const char *text, guint port);
/** mcp_media_address_get_port: host order. */
guint mcp_media_address_get_port(const struct sockaddr_storage *address);
/** mcp_media_address_set_port: host order. */
void mcp_media_address_set_port(struct sockaddr_storage *address, guint port);
/** mcp_media_address_print: "1.2.3.4:5" or "[::1]:5" into @out. */
void mcp_media_address_print(const struct sockaddr_storage *address, char *out, gsize size);

G_END_DECLS
