/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moves SIP messages over UDP sockets and TCP connections of one loop. A path is one socket: a UDP
 * socket of one local address, or one TCP connection to the server.
 */
#pragma once

#include "datagram.h"
#include "event_loop.h"
#include "sip_message.h"

G_BEGIN_DECLS

typedef struct _McpBenchSipTransport McpBenchSipTransport;

/* @from is the sender; @time_us the receive time, the kernel's where it gives one. */
typedef void (*McpBenchSipFunc)(const McpBenchSipMessage *message, guint path,
                                const struct sockaddr_in *from, gint64 time_us, gpointer user_data);

McpBenchSipTransport *mcp_bench_sip_transport_new(McpBenchLoop *loop, McpBenchSipFunc func,
                                                  gpointer user_data);
void mcp_bench_sip_transport_free(McpBenchSipTransport *transport);

/* Each adds a path; paths count from 0. */
gboolean mcp_bench_sip_transport_add_udp(McpBenchSipTransport *transport,
                                         const struct sockaddr_in *local, GError **error);
gboolean mcp_bench_sip_transport_add_tcp(McpBenchSipTransport *transport,
                                         const struct sockaddr_in *local,
                                         const struct sockaddr_in *remote, GError **error);

struct sockaddr_in mcp_bench_sip_transport_local(McpBenchSipTransport *transport, guint path);

/* Sends one message; a failure is counted, SIP's timers notice it. @to is for UDP paths. */
void mcp_bench_sip_transport_send(McpBenchSipTransport *transport, guint path,
                                  const struct sockaddr_in *to, const char *text, gsize length);

/* Datagrams and stream bytes that were no SIP messages, and sends that failed. */
guint64 mcp_bench_sip_transport_garbage(McpBenchSipTransport *transport);
guint64 mcp_bench_sip_transport_send_errors(McpBenchSipTransport *transport);

/*
 * Reads "sip:user@host[:port][;transport=udp|tcp]" into address and transport.
 */
gboolean mcp_bench_sip_parse_target(const char *uri, struct sockaddr_in *out_server,
                                    gboolean *out_tcp, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(McpBenchSipTransport, mcp_bench_sip_transport_free)

G_END_DECLS
