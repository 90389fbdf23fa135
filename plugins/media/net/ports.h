/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <gio/gio.h>
#include <sys/socket.h>

G_BEGIN_DECLS

/** McpMediaPorts: hands out pairs of bound UDP sockets from a range of ports. Any thread. */
typedef struct _McpMediaPorts McpMediaPorts;

/** McpMediaPair: RTP on an even port, RTCP on the next one. */
typedef struct {
    int rtp;
    int rtcp;
    guint port; /* of RTP */
} McpMediaPair;

/** mcp_media_ports_parse: "FIRST..LAST"; FALSE with what is wrong with @range. */
gboolean mcp_media_ports_parse(const char *range, guint *out_first, guint *out_last,
                               GError **error);
/** mcp_media_ports_new: pairs lie wholly within @first…@last; @dscp marks outgoing packets. */
McpMediaPorts *mcp_media_ports_new(guint first, guint last, guint dscp);
/** mcp_media_ports_free: frees it; pairs taken stay open. */
void mcp_media_ports_free(McpMediaPorts *ports);
/**
 * mcp_media_ports_take: a pair bound to @address (port ignored). The search begins at a random port
 * and goes on from there, so that a port is used again as late as possible; one that somebody else
 * has is skipped. MCP_ERROR_LIMIT when all are taken.
 */
gboolean mcp_media_ports_take(McpMediaPorts *ports, const struct sockaddr_storage *address,
                              McpMediaPair *out_pair, GError **error);
/** mcp_media_ports_give: closes the sockets of @pair. */
void mcp_media_ports_give(McpMediaPorts *ports, McpMediaPair *pair);
/** mcp_media_ports_get_used: pairs out at present. */
guint mcp_media_ports_get_used(McpMediaPorts *ports);
/** mcp_media_ports_get_capacity: pairs that the range has. */
guint mcp_media_ports_get_capacity(McpMediaPorts *ports);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpMediaPorts, mcp_media_ports_free)

G_END_DECLS
