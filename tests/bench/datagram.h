/* SPDX-License-Identifier: Apache-2.0 */
/*
 * UDP sockets of the bench programs, and receiving from them in batches with the kernel's receive
 * time. An inbox belongs to one thread.
 */
#pragma once

#include <gio/gio.h>
#include <netinet/in.h>

G_BEGIN_DECLS

#define MCP_BENCH_BATCH 64

typedef struct _McpBenchInbox McpBenchInbox;

typedef struct {
    const char *data;
    gsize length;
    struct sockaddr_in from;
    gint64 time_ns; /* kernel receive time on the monotonic clock */
} McpBenchDatagram;

/* @size is the largest datagram kept whole, in bytes. */
McpBenchInbox *mcp_bench_inbox_new(gsize size);
void mcp_bench_inbox_free(McpBenchInbox *inbox);

/* Takes at most MCP_BENCH_BATCH datagrams, valid until the next call. Returns how many. */
guint mcp_bench_inbox_receive(McpBenchInbox *inbox, int fd);
const McpBenchDatagram *mcp_bench_inbox_at(const McpBenchInbox *inbox, guint i);
/* Datagrams that the kernel dropped at @inbox's sockets because they were full (SO_RXQ_OVFL). */
guint64 mcp_bench_inbox_drops(const McpBenchInbox *inbox);

/*
 * A non-blocking UDP socket with receive time stamps, bound to @local (port 0: any).
 * @receive_buffer is in bytes; the system's limit is passed where the process may.
 * Returns: the descriptor, or -1
 */
int mcp_bench_udp_open(const struct sockaddr_in *local, int receive_buffer, GError **error);

/* The address @fd is bound to. */
struct sockaddr_in mcp_bench_local_address(int fd);

/* IPv4 @host (name or number) and @port. */
gboolean mcp_bench_resolve(const char *host, guint16 port, struct sockaddr_in *out_address,
                           GError **error);
/* Dotted form of @address. Returns: (transfer full) */
char *mcp_bench_address_string(const struct sockaddr_in *address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpBenchInbox, mcp_bench_inbox_free)

G_END_DECLS
